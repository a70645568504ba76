import { exp, log } from "./scalar.ts";

const ROOT_TWO_PI = 2.5066282746310002;

/** From here on the continued fraction of the tail is shorter than the series of the middle. */
const TAIL = 2.5;
/** Levels of the fraction: at TAIL the next one changes nothing. */
const LEVELS = 60;

/** The density of the standard normal distribution. */
export const normalDensity = (z: number): number => exp(-0.5 * z * z) / ROOT_TWO_PI;

/**
 * The probability that a standard normal number is at most z, with a relative error of a few units in the last
 * place in the lower tail too: ½ + φ(z)·(z + z³/3 + z⁵/(3·5) + …) in the middle, and in the tails φ(z) times
 * Laplace's continued fraction 1/(|z| + 1/(|z| + 2/(|z| + 3/(|z| + …)))).
 *
 * Abramowitz and Stegun, "Handbook of mathematical functions", 26.2.11 and 26.2.14.
 */
export function normalCdf(z: number): number {
  const size = Math.abs(z);
  if (size < TAIL) {
    let term = z;
    let sum = z;
    for (let k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    return 0.5 + normalDensity(z) * sum;
  }
  let fraction = size;
  for (let k = LEVELS; k > 0; k--) fraction = size + k / fraction;
  const tail = normalDensity(z) / fraction;
  return z < 0 ? tail : 1 - tail;
}

/**
 * The number that a standard normal one is at most with probability p in (0, 1): Newton's method on the logarithm of
 * the tail, which is concave, so that it cannot overshoot twice.
 */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  let z = p < 0.1 ? -Math.sqrt(-2 * log(p)) : (p - 0.5) * ROOT_TWO_PI;
  for (let turn = 0; turn < 40; turn++) {
    const below = normalCdf(z);
    const step = (log(below / p) * below) / normalDensity(z);
    z -= step;
    if (Math.abs(step) <= 1e-15 * Math.abs(z)) break;
  }
  return z;
}
