import { log1p, tanh } from "../core/scalar.ts";
import { studentSize } from "../core/student.ts";

/** ln(x + √(x² + 1)) for x ≥ 0. */
const asinh = (x: number): number => log1p(x + (x * x) / (1 + Math.sqrt(x * x + 1)));

/**
 * How far λmax may lie above the largest Ritz value θ of m Lanczos steps from a direction drawn uniformly from the
 * sphere: with probability 1 − `failure`, λmax − θ ≤ ε·(λmax − λmin), where ε is what this returns,
 *
 *   ε = tanh²(asinh(√(n − 1)/t)/(2m − 1)),   P(|T| < t) = failure for Student's T with n − 1 degrees of freedom.
 *
 * Let λmin = 0 and λmax = 1 (Lanczos knows neither shifts nor scales), let b be the start's components along the
 * eigenvectors, b₁ along that of λmax, and c = 1 − ε. θ is the largest quotient Σ b²ₖ p(λₖ)² λₖ / Σ b²ₖ p(λₖ)² over all
 * polynomials p of degree m − 1, so that θ < c implies Σ b²ₖ p(λₖ)² (λₖ − c) < 0 for every one. Take the p for which
 * s·p = T₂ₘ₋₁(s), Chebyshev's odd polynomial, where s² = (c − λ)/c. For λ in [0, c] that is s in [0, 1], and
 * p² (c − λ) = c·T² ≤ c; eigenvalues between c and 1 add nothing negative; and at λ = 1, s = i·y with y² = ε/(1 − ε), so
 * that p² (1 − c) = c·sinh²((2m − 1)·asinh y). What is left is b₁² sinh²((2m − 1)·asinh y) < Σₖ₌₂ b²ₖ, that is,
 * √(n − 1)·|b₁|/√(Σₖ₌₂ b²ₖ) < √(n − 1)/sinh(…), whose left side is |T|. With m = 1 and a Hessian of rank one
 * nothing is given away: the probability is then exact.
 *
 * Kuczyński and Woźniakowski, "Estimating the largest eigenvalue by the power and Lanczos algorithms with a random
 * start", SIAM J. Matrix Anal. Appl. 13, 1992, theorem 4.2, has the same argument and 1.648·√n·e^{−(2m−1)√ε} for the
 * probability, which this is never above.
 *
 * @param dimension - n ≥ 2
 * @param steps - m ≥ 1
 * @param failure - in (0, 1)
 * @returns ε in (0, 1)
 */
export function krylovMiss(dimension: number, steps: number, failure: number): number {
  const odds = Math.sqrt(dimension - 1) / studentSize(failure, dimension - 1);
  return tanh(asinh(odds) / (2 * steps - 1)) ** 2;
}

/** What λmax may be at most, from the extreme Ritz values and the part of the spread that they may miss. */
export function boundFrom(top: number, bottom: number, floor: number | undefined, missed: number): number {
  if (missed === 0) return top;
  if (floor !== undefined) return floor + Math.max(0, top - floor) / (1 - missed);
  // Both ends miss at most ε of the whole spread, which is therefore at most 1/(1 − 2ε) of the spread that was seen.
  return missed < 0.5 ? top + (missed / (1 - 2 * missed)) * (top - bottom) : Infinity;
}
