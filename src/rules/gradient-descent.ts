import { rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * Gradient descent: a step against the gradient, proportional to it.
 *
 * x ← x − ηg. On a quadratic it converges exactly when 0 < η < 2/λmax.
 *
 * @param options.learningRate - η ≥ 0, default 0.01
 *
 * @example
 * ```ts
 * import { gradientDescent, minimize } from "thalweg";
 * const bowl = { value: ([x]) => x * x, gradient: ([x], g) => { g[0] = 2 * x; } };
 * minimize(bowl, { rule: gradientDescent({ learningRate: 0.1 }), start: [3], steps: 200 }).x; // ≈ [0]
 * ```
 *
 * Source: Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées", 1847.
 */
export const gradientDescent = defineRule({
  name: "gradientDescent",
  summary: "a step against the gradient",
  formula: "x ← x − ηg",
  source: "Cauchy 1847",
  options: { learningRate: rate(0.01) },
  slots: () => [],
  kernel: () => "gradientDescent",
  scalars(out, o) {
    out[0] = o.learningRate;
  },
  textbook: ({ x, g }, o) => ({ x: x - o.learningRate * g }),
});
