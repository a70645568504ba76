import { checkNumber, checkNumberOption, checkVector } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { exp, log, log1p } from "../core/scalar.ts";

/**
 * Steps of gradient descent at the optimal constant step until the slowest mode has shrunk by
 * `tolerance`: ln(1/tolerance) / ln((M + m)/(M − m)), rounded up.
 *
 * @param curvature.lambdaMax - M ≥ m
 * @param curvature.smallestPositive - m > 0; at 0 the answer is ∞
 * @param tolerance - in (0, 1), default 1e-6
 * @returns a whole number ≥ 1, or ∞
 * @throws TypeError or RangeError naming the argument that is out of its domain
 *
 * @example
 * ```ts
 * import { curvature, predictedSteps, quadratic } from "thalweg";
 * predictedSteps(curvature(quadratic({ diagonal: [10, 1] }))); // 69
 * predictedSteps({ lambdaMax: 10, smallestPositive: 1 }, 0.01); // 23
 * ```
 *
 * Source: Polyak, "Introduction to optimization", 1987, §1.4, theorem 3.
 */
export function predictedSteps(
  curvature: { readonly lambdaMax: number; readonly smallestPositive: number },
  tolerance = 1e-6,
): number {
  if (typeof curvature !== "object" || curvature === null) {
    throw new TypeError(
      `predictedSteps: curvature must be { lambdaMax, smallestPositive }, got ${describe(curvature)}`,
    );
  }
  const { lambdaMax, smallestPositive } = curvature;
  checkNumber("predictedSteps", "curvature.lambdaMax", lambdaMax, "(−∞, ∞)", Number.isFinite);
  checkNumber("predictedSteps", "curvature.smallestPositive", smallestPositive, "[0, lambdaMax]", (m) => {
    return m === 0 || (m > 0 && m <= lambdaMax);
  });
  checkNumberOption("predictedSteps", "tolerance", tolerance, "(0, 1)", (t) => t > 0 && t < 1);
  if (smallestPositive === 0) return Infinity;
  const inverse = smallestPositive / lambdaMax;
  if (inverse >= 1) return 1;
  // ln((1 + 1/κ)/(1 − 1/κ)): exact also where κ is 10¹² and the rate rounds to 1.
  return Math.ceil(-log(tolerance) / (log1p(inverse) - log1p(-inverse)));
}

/**
 * The factor a step by which a sequence of norms shrinks in the long run: the geometric mean over
 * its last part, from where 1 − `part` of it has passed.
 *
 * @param norms - positive (the last may be 0), oldest first, at least two
 * @param part - the last part of the sequence, in (0, 1], default 0.5
 * @returns the factor: below 1 where the norms fall, 0 where the last one is 0
 * @throws TypeError or RangeError naming the argument that is out of its domain
 *
 * @example
 * ```ts
 * import { observedRate } from "thalweg";
 * observedRate([8, 4, 2, 1]); // 0.5
 * ```
 *
 * Source: Ortega and Rheinboldt, "Iterative solution of nonlinear equations in several variables", 1970,
 * §9.2: the root-convergence factor, of a finite sequence.
 */
export function observedRate(norms: ArrayLike<number>, part = 0.5): number {
  checkNumberOption("observedRate", "part", part, "(0, 1]", (v) => v > 0 && v <= 1);
  checkVector("observedRate", "norms", norms);
  if (norms.length < 2)
    throw new RangeError(`observedRate: norms must have at least 2 entries, got ${norms.length}`);
  const last = norms.length - 1;
  const first = Math.min(last - 1, Math.floor(last * (1 - part)));
  for (const t of [first, last]) {
    checkNumber("observedRate", `norms[${t}]`, norms[t], t === last ? "[0, ∞)" : "(0, ∞)", (norm) => {
      return norm > 0 || (t === last && norm === 0);
    });
  }
  if (norms[last] === 0) return 0;
  return exp(log(norms[last] / norms[first]) / (last - first));
}
