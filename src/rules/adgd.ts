import { flag, limit, nonNegative, positive } from "./options.ts";
import { defineRule } from "./rule.ts";
import { firstRate, type SecantSlot, secantMeasures } from "./secant.ts";
import { writeRate } from "./write-rate.ts";

/** The largest rate that the curvature L of the last step allows. */
function boundOf(inverseCurvature: number, rate: number, isFirst: boolean, improved: boolean): number {
  if (!improved) return inverseCurvature / 2;
  if (isFirst) return inverseCurvature / Math.SQRT2;
  const ratio = rate / inverseCurvature;
  return rate / Math.sqrt(Math.max(2 * ratio * ratio - 1, 0));
}

/**
 * Adaptive gradient descent without descent: the rate grows slowly, and stays below half the inverse of the curvature that the
 * last step met.
 *
 * λ ← min(√(1 + θ)·λ, ‖x − x′‖/(2‖g − g′‖)), θ ← λ/λ′, x ← x − ηλg, where λ′, x′ and g′ are those of the step before.
 *
 * For full gradients of convex functions, whose curvature need not be bounded: it converges wherever gradient descent would
 * with a rate that suits the place it is at. The first step has the length firstStep·(1 + ‖x‖), just to measure. For an L2
 * penalty chain `weightDecay` ahead of it.
 *
 * @param options.learningRate - η ≥ 0, a factor of λ, default 1
 * @param options.improved - the bounds of 2023: λ ← min(√(2/3 + θ)·λ, λ/√(2λ²L² − 1)) with L = ‖g − g′‖/‖x − x′‖, the second only
 * where the root is real; default false
 * @param options.firstStep - length of the first step against 1 + ‖x‖: > 0, default 0.0001
 * @param options.maxRate - λ is at most this: > 0 or Infinity, default ∞
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { adgd, minimize } from "thalweg";
 * // The curvature of x⁴/4 takes every value.
 * const { value } = minimize(
 *   { value: ([x]) => x ** 4 / 4, gradient: ([x], g) => void (g[0] = x ** 3) },
 *   { rule: adgd(), start: [100], steps: 200 },
 * );
 * value; // < 1e-9
 * ```
 *
 * Source: Malitsky and Mishchenko, "Adaptive gradient descent without descent", ICML 2020, algorithm 1; improved: the same,
 * "Adaptive proximal gradient method for convex optimization", NeurIPS 2024 (arXiv 2308.02261), algorithm 2.
 * Departures: the first rate, which the papers leave open, follows from firstStep; the second paper searches for one
 * that is not too short, here the second step takes 1/(√2·L), the bound of its algorithm 1, instead.
 */
export const adgd = defineRule({
  name: "adgd",
  summary: "a rate that grows slowly and stays below the curvature it meets",
  formula: "x ← x − λg, λ = min(√(1 + θ)·λ′, ‖x − x′‖/(2‖g − g′‖)), θ = λ/λ′",
  use: "gradients are exact and the function is convex, its curvature unknown or unbounded",
  source: "Malitsky & Mishchenko 2020, algorithm 1; improved: 2023, algorithm 2",
  options: {
    learningRate: nonNegative(1),
    improved: flag(false),
    firstStep: positive(1e-4),
    maxRate: limit(Infinity),
  },
  slots: (): SecantSlot[] => ["before", "gradientBefore"],
  linear: false,
  measures: (() => {
    const { product, ...norms } = secantMeasures;
    return norms;
  })(),
  // λ and θ, which is ∞ until there have been two steps; and what became of λ.
  carries: [0, Infinity, 0],
  advance(o, { measured: { stepNorm, changeNorm, norm, gradientNorm }, carried }) {
    const [rate, theta] = carried;
    if (rate === 0) carried[0] = Math.min(firstRate(o.firstStep, norm, gradientNorm), o.maxRate);
    else if (stepNorm !== 0) {
      const isFirst = theta === Infinity;
      const bound = changeNorm === 0 ? Infinity : boundOf(stepNorm / changeNorm, rate, isFirst, o.improved);
      // A function that is linear so far bounds nothing: the rate grows all the same by a factor, not beyond all bounds.
      const growth = isFirst ? (bound === Infinity ? 1 : Infinity) : theta;
      const grown = Math.sqrt((o.improved ? 2 / 3 : 1) + growth) * rate;
      carried[0] = Math.min(grown, bound, o.maxRate, Number.MAX_VALUE);
      carried[1] = carried[0] / rate;
    }
    carried[2] = o.learningRate * carried[0];
  },
  effectiveRate: (_, { carried }) => carried[2],
  kernel: () => "secantDescent",
  scalars: (out, _, { carried }) => writeRate(out, carried[2]),
  textbook: (s) => ({ x: s.x - s.carried[2] * s.g, before: s.x, gradientBefore: s.g }),
});
