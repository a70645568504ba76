import { rate } from "./options.ts";
import { writeOverNorm } from "./over-norm.ts";
import { defineRule } from "./rule.ts";

/**
 * Normalised gradient descent: steps of length η, whatever the gradient's length.
 *
 * x ← x − ηg/‖g‖, the norm taken over all parameters; at ‖g‖ = 0 nothing moves. With a constant
 * learning rate it never settles.
 *
 * @param options.learningRate - η ≥ 0, the length of a step, default 0.01
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, normalizedGradient, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: normalizedGradient({ learningRate: 0.1 }), start: [3], steps: 20 }).x; // ≈ [1]
 * ```
 *
 * Source: Shor, "Minimization methods for non-differentiable functions", 1985, chapter 2.
 */
export const normalizedGradient = defineRule({
  name: "normalizedGradient",
  summary: "a step of fixed length against the gradient",
  formula: "x ← x − ηg/‖g‖",
  use: "the gradient's size says nothing, as on a plateau; let the rate fall",
  source: "Shor 1985, chapter 2",
  options: { learningRate: rate(0.01) },
  slots: () => [],
  measures: { gradientNorm: { norm: "g" } },
  kernel: () => "gradientDescentScaled",
  scalars(out, o, { measured: { gradientNorm } }) {
    writeOverNorm(out, 0, o.learningRate, gradientNorm);
    out[2] = 0;
  },
  textbook: (s, o, divide) => ({ x: s.x - o.learningRate * divide(s.g, s.gradientNorm) }),
});
