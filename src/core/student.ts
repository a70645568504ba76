import { normalQuantile } from "./normal.ts";
import { rootBetween } from "./root.ts";
import { exp, log } from "./scalar.ts";

const HALF_LOG_PI = 0.5723649429247001;

/** From here on the asymptotic series of the ratio of gamma functions is exact to the last bits. */
const LARGE = 20;

/** ln Γ(y + ½) − ln Γ(y) for y > 0: the asymptotic series, reached by Γ(y + 1) = yΓ(y) where y is small. */
function logGammaRatio(y: number): number {
  let product = 1;
  let at = y;
  for (; at < LARGE; at++) product *= at / (at + 0.5);
  const square = 1 / (at * at);
  const series = (-1 / 8 + square * (1 / 192 + square * (-1 / 640 + (square * 17) / 14336))) / at;
  return 0.5 * log(at) + series + log(product);
}

/**
 * The regularised incomplete beta function I_x(½, b) by its continued fraction where that converges fast, below
 * x = 1.5/(b + 2.5); `complement` is 1 − x, without the rounding that a subtraction would have.
 *
 * DLMF 8.17.22.
 */
function betaFraction(x: number, complement: number, a: number, b: number): number {
  const tiny = 1e-300;
  const front = exp(a * log(x) + b * log(complement) + logGammaRatio(Math.max(a, b)) - HALF_LOG_PI - log(a));
  let c = 1;
  let d = 1 / clear(1 - ((a + b) * x) / (a + 1), tiny);
  let value = d;
  for (let m = 1; m < 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    const before = value;
    for (const coefficient of [even, odd]) {
      d = 1 / clear(1 + coefficient * d, tiny);
      c = clear(1 + coefficient / c, tiny);
      value *= c * d;
    }
    if (Math.abs(value - before) <= 1e-16 * Math.abs(value)) break;
  }
  return front * value;
}

const clear = (value: number, tiny: number) => (Math.abs(value) < tiny ? tiny : value);

/** The two sides of |t| for ν degrees of freedom: the probabilities that it is below `size`, and above. */
function sides(size: number, degrees: number): { readonly inside: number; readonly outside: number } {
  if (size === 0) return { inside: 0, outside: 1 };
  const square = size * size;
  const x = square / (degrees + square);
  const complement = degrees / (degrees + square);
  const b = degrees / 2;
  if (x < 1.5 / (b + 2.5)) {
    const inside = betaFraction(x, complement, 0.5, b);
    return { inside, outside: 1 - inside };
  }
  const outside = betaFraction(complement, x, b, 0.5);
  return { inside: 1 - outside, outside };
}

/**
 * The size that |t| stays below with a probability in (0, 1): the half-width, in standard errors, of a two-sided
 * interval.
 *
 * @param degrees - ν ≥ 1
 */
export function studentSize(probability: number, degrees: number): number {
  // On the logarithm of the smaller side the function is nearly straight.
  const small = probability < 0.5;
  const target = log(small ? probability : 1 - probability);
  const distance = (logSize: number) => {
    const { inside, outside } = sides(exp(logSize), degrees);
    return small ? log(inside) - target : target - log(outside);
  };
  // Every density of the family lies below the normal one at 0, and its tails between the normal and Cauchy's.
  const lowest = small ? 1.25 * probability : normalQuantile(0.5 + probability / 2);
  const highest = small ? 2.1 * probability : 0.64 / (1 - probability);
  return exp(rootBetween(distance, log(lowest) - 1e-9, log(highest)));
}
