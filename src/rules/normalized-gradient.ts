import { rate } from "./options.ts";
import { defineRule } from "./rule.ts";

// 2⁻¹²⁶ and 2¹²⁶: between them a number and its inverse are normal in f32 too.
const SMALLEST = 1.1754943508222875e-38;
const LARGEST = 8.507059173023462e37;

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
    // Scaled by 1/near first: η/‖g‖ alone overflows where g is tiny.
    const near = Math.min(Math.max(gradientNorm, SMALLEST), LARGEST);
    // A norm that is NaN goes with the gradient, where the kernel keeps it out of the padding.
    const unknown = Number.isNaN(gradientNorm);
    out[0] = unknown || gradientNorm === 0 ? 0 : o.learningRate * (near / gradientNorm);
    out[1] = unknown ? Number.NaN : 1 / near;
    out[2] = 0;
  },
  textbook: (s, o, divide) => ({ x: s.x - o.learningRate * divide(s.g, s.gradientNorm) }),
});
