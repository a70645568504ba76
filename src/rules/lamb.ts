import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { epsilonRoot } from "./conventions.ts";
import { flag, fraction, nonNegative, type OptionsAtStep, rate } from "./options.ts";
import { hasRatio, writeOverNorm } from "./over-norm.ts";
import { defineRule } from "./rule.ts";

const options = {
  learningRate: rate(1e-3),
  beta1: fraction(0.9),
  beta2: fraction(0.999),
  epsilon: nonNegative(1e-6),
  epsilonRoot: epsilonRoot(),
  weightDecay: nonNegative(0),
  biasCorrection: flag(true),
  trustAtMostOne: flag(false),
  maximize: flag(false),
};

type LambSlot = "update" | "m" | "v";

/** What the trust ratio multiplies the step's length by, as if ‖u‖ were 1: ‖x‖, or ‖u‖ where the ratio is 1. */
function trusted(
  { trustAtMostOne }: OptionsAtStep<typeof options>,
  parameterNorm: number,
  updateNorm: number,
): number {
  if (!hasRatio(parameterNorm, updateNorm)) return updateNorm;
  return trustAtMostOne ? Math.min(parameterNorm, updateNorm) : parameterNorm;
}

/**
 * LAMB: the step of Adam, made as long as a share of each block's parameters.
 *
 * m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², u = m̂/(√v̂ + ε) + weightDecay·x, x ← x − η·(‖x‖/‖u‖)·u with the norms of a
 * block, m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ). The ratio is 1 where ‖x‖ or ‖u‖ is 0.
 *
 * @param options.learningRate - η ≥ 0: the relative length of a step; default 0.001
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0, default 1e-6 (Keras: 1e-7)
 * @param options.epsilonRoot - ε ≥ 0 inside the root, √(v̂ + ε), default 0 (Optax's eps_root)
 * @param options.weightDecay - λ ≥ 0, part of the update whose length is adjusted; default 0
 * @param options.biasCorrection - divide the moments by 1 − βᵗ, default true (the authors' TensorFlow code does not)
 * @param options.trustAtMostOne - never lengthen Adam's step: a ratio of at most 1, default false
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { createOptimizer, lamb } from "thalweg";
 * const optimizer = createOptimizer(lamb({ learningRate: 0.1, epsilon: 0 }), [3, 4]);
 * optimizer.gradient.set([1, -1]); // Adam's first step is along the signs, ‖u‖ = √2, and ‖x‖ = 5
 * optimizer.step();
 * optimizer.parameters; // ≈ [2.646, 4.354]
 * optimizer.dispose();
 * ```
 *
 * Source: You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", ICLR 2020, algorithm 2,
 * with φ(z) = z. Optax is the same, and so is Keras, whose weight decay acts on the parameters ahead of the step (chain
 * `weightDecay` with `decoupled: true` ahead of it); timm has `trust_clip` for trustAtMostOne, and other ports bound ‖x‖ by 10.
 */
export const lamb = defineRule({
  name: "lamb",
  summary: "Adam's step at a share of each block's length",
  formula: "u = m̂/(√v̂ + ε) + λx, x ← x − η·(‖x‖/‖u‖)·u per block",
  use: "you train on large batches, and blocks differ in scale",
  source: "You et al. 2020, algorithm 2",
  options,
  slots: (): LambSlot[] => ["update", "m", "v"],
  transient: ["update"],
  scope: () => "block",
  carries: [1, 0, 1, 0],
  prepare: {
    kernel: () => "lambUpdate",
    scalars(out, o, { carried }) {
      const correction1 = 1 - multiplyRunning(carried, 0, o.beta1);
      const correction2 = 1 - multiplyRunning(carried, 2, o.beta2);
      out[0] = o.maximize ? -1 : 1;
      out[1] = o.weightDecay;
      out[2] = o.beta1;
      out[3] = 1 - o.beta1;
      out[4] = o.beta2;
      out[5] = 1 - o.beta2;
      out[6] = o.biasCorrection ? 1 / correction1 : 1;
      out[7] = o.biasCorrection ? 1 / Math.sqrt(correction2) : 1;
      out[8] = o.epsilon;
      out[9] = o.biasCorrection ? o.epsilonRoot * correction2 : o.epsilonRoot;
    },
    textbook(s, o, divide) {
      const gradient = o.maximize ? -s.g : s.g;
      const m = o.beta1 * s.m + (1 - o.beta1) * gradient;
      const v = o.beta2 * s.v + (1 - o.beta2) * gradient ** 2;
      const mHat = o.biasCorrection ? m / (1 - pow(o.beta1, s.t)) : m;
      const vHat = o.biasCorrection ? v / (1 - pow(o.beta2, s.t)) : v;
      return {
        update: divide(mHat, Math.sqrt(vHat + o.epsilonRoot) + o.epsilon) + o.weightDecay * s.x,
        m,
        v,
      };
    },
  },
  measures: { parameterNorm: { norm: "x" }, updateNorm: { norm: "update" } },
  kernel: () => "lambStep",
  scalars(out, o, { measured: { parameterNorm, updateNorm } }) {
    writeOverNorm(out, 0, o.learningRate * trusted(o, parameterNorm, updateNorm), updateNorm);
  },
  textbook(s, o, divide) {
    const { update, m, v } = s;
    const length = o.learningRate * trusted(o, s.parameterNorm, s.updateNorm);
    return { x: s.x - length * divide(update, s.updateNorm), update, m, v };
  },
});
