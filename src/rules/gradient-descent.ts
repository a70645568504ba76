import { rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * Gradient descent: a step against the gradient, proportional to it.
 *
 * x ← x − ηg. On a quadratic it converges exactly when 0 < η < 2/λmax.
 *
 * @param options.learningRate - η ≥ 0, default 0.01
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { gradientDescent, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: gradientDescent({ learningRate: 0.1 }), start: [3], steps: 200 }).x; // ≈ [0]
 * ```
 *
 * Source: Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées", 1847.
 */
export const gradientDescent = defineRule({
  name: "gradientDescent",
  summary: "a step against the gradient",
  formula: "x ← x − ηg",
  use: "the curvature is known and moderate: its limit is 2/λmax, its best rate 2/(λmax + λmin)",
  source: "Cauchy 1847",
  options: { learningRate: rate(0.01) },
  slots: () => [],
  sparse: () => true,
  kernel: () => "gradientDescent",
  scalars(out, o) {
    out[0] = o.learningRate;
  },
  textbook: ({ x, g }, o) => ({ x: x - o.learningRate * g }),
});
