import { rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * Sign descent: every parameter moves by η, against the sign of its gradient.
 *
 * x ← x − η·sign(g), with sign(0) = 0; a gradient that is not finite makes its parameter NaN.
 *
 * @param options.learningRate - η ≥ 0, default 0.01
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, quadratic, signDescent } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: signDescent({ learningRate: 0.1 }), start: [3], steps: 20 }).x; // ≈ [1]
 * ```
 *
 * Source: Bernstein, Wang, Azizzadenesheli, Anandkumar, "signSGD: compressed optimisation for
 * non-convex problems", ICML 2018, algorithm 1.
 */
export const signDescent = defineRule({
  name: "signDescent",
  summary: "a step of fixed size in every parameter",
  formula: "x ← x − η·sign(g)",
  use: "the coordinates' scales differ wildly, or steps have to be bounded",
  source: "Bernstein et al. 2018, algorithm 1",
  options: { learningRate: rate(0.01) },
  slots: () => [],
  sparse: () => true,
  kernel: () => "signDescent",
  scalars(out, o) {
    out[0] = o.learningRate;
  },
  textbook: ({ x, g }, o, divide) => ({ x: x - o.learningRate * divide(g, Math.abs(g)) }),
});
