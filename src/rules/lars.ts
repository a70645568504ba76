import { describe } from "../core/describe.ts";
import { effectiveGradient } from "./effective-gradient.ts";
import { flag, fraction, nonNegative, positive, rate } from "./options.ts";
import { hasRatio, writeOverNorm } from "./over-norm.ts";
import { defineRule } from "./rule.ts";

/**
 * LARS: momentum whose rate is, for each block, a share of its length over its gradient's.
 *
 * γ = η·c·‖x‖/(‖g‖ + weightDecay·‖x‖ + ε), b ← μb + γ(g + weightDecay·x), x ← x − b, with the norms of a block; γ = ηc
 * where ‖x‖ or ‖g‖ is 0. With Nesterov x ← x − (μb + γ(g + weightDecay·x)).
 *
 * @param options.learningRate - η ≥ 0, default 0.1
 * @param options.momentum - μ in [0, 1), default 0.9
 * @param options.trustCoefficient - c > 0: how far a block trusts its gradient, default 0.001
 * @param options.epsilon - ε ≥ 0, added to the denominator; default 0
 * @param options.nesterov - look ahead along the momentum, default false; needs momentum
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x; default 0
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain; RangeError
 * where nesterov is asked for without momentum
 *
 * @example
 * ```ts
 * import { createOptimizer, lars } from "thalweg";
 * const optimizer = createOptimizer(lars({ learningRate: 1, trustCoefficient: 0.1 }), [3, 4]);
 * optimizer.gradient.set([0, 200]); // a tenth of ‖x‖ = 5, whatever the gradient's length
 * optimizer.step();
 * optimizer.parameters; // [3, 3.5]
 * optimizer.dispose();
 * ```
 *
 * Source: You, Gitman, Ginsburg, "Large batch training of convolutional networks", arXiv 1708.03888, algorithm 1; the
 * learning rate stands inside the buffer, as there and in Optax. Optax divides by ‖g + weightDecay·x‖ in place of the sum
 * of the two norms, which Apex's LARC has too: that is the wrapper `weightDecay`, chained ahead of it; both step from a block of zeros with the whole η, which is a thousand times
 * what its next steps are.
 */
export const lars = defineRule({
  name: "lars",
  summary: "momentum with a rate for each block, by its length over its gradient's",
  formula: "γ = ηc‖x‖/(‖g‖ + λ‖x‖ + ε), b ← μb + γ(g + λx), x ← x − b",
  use: "you train convolutional networks on large batches",
  source: "You, Gitman & Ginsburg 2017, algorithm 1",
  options: {
    learningRate: rate(0.1),
    momentum: fraction(0.9),
    trustCoefficient: positive(1e-3),
    epsilon: nonNegative(0),
    nesterov: flag(false),
    weightDecay: nonNegative(0),
    maximize: flag(false),
  },
  validate({ momentum, nesterov }, owner) {
    if (nesterov && momentum === 0) {
      throw new RangeError(`${owner}: nesterov needs momentum above 0, got momentum ${describe(momentum)}`);
    }
  },
  slots: (): "buffer"[] => ["buffer"],
  scope: () => "block",
  measures: { parameterNorm: { norm: "x" }, gradientNorm: { norm: "g" } },
  kernel: (o) => (o.nesterov ? "normedNesterov" : "normedMomentum"),
  scalars(out, o, { measured: { parameterNorm, gradientNorm } }) {
    const trusted = hasRatio(parameterNorm, gradientNorm);
    const length = o.learningRate * o.trustCoefficient * (trusted ? parameterNorm : 1);
    const divisor = trusted ? gradientNorm + o.weightDecay * parameterNorm + o.epsilon : 1;
    out[0] = 1;
    out[1] = o.momentum;
    writeOverNorm(out, 2, length, divisor);
    out[4] = (length * o.weightDecay) / divisor;
    if (o.maximize) out[3] = -out[3];
  },
  textbook(s, o, divide) {
    const trusted = hasRatio(s.parameterNorm, s.gradientNorm);
    const length = o.learningRate * o.trustCoefficient * (trusted ? s.parameterNorm : 1);
    const divisor = trusted ? s.gradientNorm + o.weightDecay * s.parameterNorm + o.epsilon : 1;
    const taken = length * divide(effectiveGradient(s, o), divisor);
    const buffer = o.momentum * s.buffer + taken;
    return { x: s.x - (o.nesterov ? o.momentum * buffer + taken : buffer), buffer };
  },
});
