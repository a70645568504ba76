import { Sum } from "./sum.ts";

/** A power of two that brings numbers up to `largest` to where their squares neither over- nor underflow. */
function safePower(largest: number): number {
  if (largest === 0) return 1;
  let power = 1;
  while (largest * power > 2 ** 400) power *= 2 ** -100;
  while (largest * power < 2 ** -400) power *= 2 ** 100;
  return power;
}

/**
 * Mean and population standard deviation (ddof 0) of the finite numbers at(0) … at(count − 1), to about
 * one unit in the last place also where the mean is much the larger. The deviation is 0 if all are
 * the same.
 *
 * Two passes; the deviations' own mean, which would be 0 had the mean not been rounded, is taken out of
 * the variance (Chan, Golub, LeVeque, "Algorithms for computing the sample variance", 1983).
 */
export function moments(count: number, at: (i: number) => number): { mean: number; deviation: number } {
  const first = at(0);
  let largest = 0;
  let constant = true;
  for (let i = 0; i < count; i++) {
    largest = Math.max(largest, Math.abs(at(i)));
    constant &&= at(i) === first;
  }
  if (constant) return { mean: first, deviation: 0 };
  const power = safePower(largest);
  const total = new Sum();
  for (let i = 0; i < count; i++) total.add(at(i) * power);
  const mean = total.value / count;
  const deviations = new Sum();
  const squares = new Sum();
  for (let i = 0; i < count; i++) {
    const deviation = at(i) * power - mean;
    deviations.add(deviation);
    squares.add(deviation * deviation);
  }
  const variance = (squares.value - (deviations.value * deviations.value) / count) / count;
  return { mean: mean / power, deviation: Math.sqrt(variance) / power };
}
