import { rate } from "./options.ts";
import { hasRatio, writeOverNorm } from "./over-norm.ts";
import { defineRule } from "./rule.ts";

/**
 * Fromage: each block turns by the same angle, and keeps its length.
 *
 * x ← (x − η·(‖x‖/‖g‖)·g)/√(1 + η²), with the norms of a block. Where ‖x‖ is 0 the ratio is 1, and where ‖g‖ is 0 nothing
 * moves.
 *
 * A step orthogonal to x leaves ‖x‖ as it was: without the division it would grow by √(1 + η²) each time.
 *
 * @param options.learningRate - η ≥ 0: the tangent of the largest angle, default 0.01
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { createOptimizer, fromage } from "thalweg";
 * const optimizer = createOptimizer(fromage({ learningRate: 0.75 }), [4, 0]);
 * optimizer.gradient.set([0, -9]);
 * optimizer.step();
 * optimizer.parameters; // [3.2, 2.4]
 * optimizer.dispose();
 * ```
 *
 * Source: Bernstein, Vahdat, Yue, Liu, "On the distance between two neural networks and the stability of learning",
 * NeurIPS 2020, algorithm 1, whose code shrinks a block without a gradient all the same, step by step to 0; Optax puts
 * 1e-6 under both norms.
 */
export const fromage = defineRule({
  name: "fromage",
  summary: "each block turns by the same angle and keeps its length",
  formula: "x ← (x − η·(‖x‖/‖g‖)·g)/√(1 + η²) per block",
  use: "you want one rate that fits networks of any depth",
  source: "Bernstein et al. 2020, algorithm 1",
  options: { learningRate: rate(0.01) },
  slots: () => [],
  scope: () => "block",
  measures: { parameterNorm: { norm: "x" }, gradientNorm: { norm: "g" } },
  kernel: () => "fromage",
  scalars(out, o, { measured: { parameterNorm, gradientNorm } }) {
    const square = o.learningRate ** 2;
    const shrink = 1 / Math.sqrt(1 + square);
    const length = hasRatio(parameterNorm, gradientNorm) ? parameterNorm : gradientNorm;
    writeOverNorm(out, 0, shrink * o.learningRate * length, gradientNorm);
    // 1 − shrink, without cancellation.
    out[2] = gradientNorm === 0 ? 0 : (square * shrink) / (1 / shrink + 1);
  },
  textbook(s, o, divide) {
    if (s.gradientNorm === 0) return { x: s.x };
    const length = hasRatio(s.parameterNorm, s.gradientNorm) ? s.parameterNorm : s.gradientNorm;
    const turned = s.x - o.learningRate * length * divide(s.g, s.gradientNorm);
    return { x: turned / Math.sqrt(1 + o.learningRate ** 2) };
  },
});
