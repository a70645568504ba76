import { checkNumberOption } from "../core/check.ts";
import { exp, log, log1p } from "../core/scalar.ts";

/**
 * Steps of gradient descent at the optimal constant step until the slowest mode has shrunk by
 * `tolerance`: ln(1/tolerance) / ln((M + m)/(M − m)), rounded up.
 *
 * @param curvature.lambdaMax - M ≥ m
 * @param curvature.smallestPositive - m > 0; at 0 the answer is ∞
 * @param tolerance - in (0, 1), default 1e-6
 *
 * @example
 * ```ts
 * import { predictedSteps } from "thalweg";
 * predictedSteps({ lambdaMax: 10, smallestPositive: 1 }); // 69
 * ```
 */
export function predictedSteps(
  { lambdaMax, smallestPositive }: { readonly lambdaMax: number; readonly smallestPositive: number },
  tolerance = 1e-6,
): number {
  checkNumberOption("predictedSteps", "tolerance", tolerance, "(0, 1)", (t) => t > 0 && t < 1);
  if (!(smallestPositive > 0)) return Infinity;
  const inverse = smallestPositive / lambdaMax;
  if (inverse >= 1) return 1;
  // ln((1 + 1/κ)/(1 − 1/κ)): exact also where κ is 10¹² and the rate rounds to 1.
  return Math.ceil(-log(tolerance) / (log1p(inverse) - log1p(-inverse)));
}

/**
 * The factor a step by which a sequence of norms shrinks in the long run: the geometric mean over
 * its last part, from where 1 − `part` of it has passed.
 *
 * @param norms - positive, oldest first, at least two
 * @param part - the last part of the sequence, in (0, 1], default 0.5
 */
export function observedRate(norms: ArrayLike<number>, part = 0.5): number {
  checkNumberOption("observedRate", "part", part, "(0, 1]", (v) => v > 0 && v <= 1);
  if (norms.length < 2)
    throw new RangeError(`observedRate: norms must have at least 2 entries, got ${norms.length}`);
  const last = norms.length - 1;
  const first = Math.min(last - 1, Math.floor(last * (1 - part)));
  if (norms[last] === 0) return 0;
  return exp(log(norms[last] / norms[first]) / (last - first));
}
