import { epsilonRoot } from "./conventions.ts";
import { flag, fraction, nonNegative, type OptionsAtStep, rate } from "./options.ts";
import { writeOverNorm } from "./over-norm.ts";
import { defineRule } from "./rule.ts";

const options = {
  learningRate: rate(0.01),
  beta1: fraction(0.95),
  beta2: fraction(0.98),
  epsilon: nonNegative(1e-8),
  epsilonRoot: epsilonRoot(),
  weightDecay: nonNegative(0),
  averaged: flag(false),
  maximize: flag(false),
};

/** The share of the normalised gradient that the momentum takes. */
const taken = (o: OptionsAtStep<typeof options>) => (o.averaged ? 1 - o.beta1 : 1);

/**
 * NovoGrad: momentum of gradients that are normalised block by block, with one second moment per block.
 *
 * v ← β₂v + (1−β₂)‖g‖² with the norm of a block (at the first step v = ‖g‖²), m ← β₁m + (g/(√v + ε) + weightDecay·x),
 * x ← x − ηm.
 *
 * @param options.learningRate - η ≥ 0, default 0.01
 * @param options.beta1 - in [0, 1), default 0.95 (Optax: 0.9)
 * @param options.beta2 - in [0, 1), default 0.98 (Optax: 0.25)
 * @param options.epsilon - ε ≥ 0, default 1e-8 (Optax: 1e-6)
 * @param options.epsilonRoot - ε ≥ 0 inside the root, √(v + ε), default 0 (Optax's eps_root)
 * @param options.weightDecay - ≥ 0, added to the normalised gradient as weightDecay·x; default 0
 * @param options.averaged - take 1 − β₁ of what is new into m, as an average does; default false (Apex's grad_averaging)
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { createOptimizer, novograd } from "thalweg";
 * const optimizer = createOptimizer(novograd({ learningRate: 0.1 }), [1, 1]);
 * optimizer.gradient.set([30, -40]); // of length 50
 * optimizer.step();
 * optimizer.parameters; // ≈ [0.94, 1.08]
 * optimizer.dispose();
 * ```
 *
 * Source: Ginsburg et al., "Stochastic gradient methods with layer-wise adaptive moments for training of deep networks",
 * arXiv 1905.11286, algorithm 1, whose coefficients are the defaults. Optax is the same with other ones, which are named above.
 */
export const novograd = defineRule({
  name: "novograd",
  summary: "momentum of gradients normalised block by block",
  formula: "v ← β₂v + (1−β₂)‖g‖², m ← β₁m + g/(√v + ε) + λx, x ← x − ηm",
  use: "you want Adam's robustness with half of its memory",
  source: "Ginsburg et al. 2019, algorithm 1",
  options,
  slots: (): "m"[] => ["m"],
  scope: () => "block",
  measures: { gradientNorm: { norm: "g" } },
  carries: [0],
  advance(o, { t, carried, measured: { gradientNorm } }) {
    const square = gradientNorm ** 2;
    carried[0] = t === 1 ? square : o.beta2 * carried[0] + (1 - o.beta2) * square;
  },
  kernel: () => "normedMomentum",
  scalars(out, o, { carried }) {
    out[0] = o.learningRate;
    out[1] = o.beta1;
    writeOverNorm(out, 2, taken(o), Math.sqrt(carried[0] + o.epsilonRoot) + o.epsilon);
    if (o.maximize) out[3] = -out[3];
    out[4] = taken(o) * o.weightDecay;
  },
  textbook(s, o, divide) {
    const gradient = o.maximize ? -s.g : s.g;
    const unit = divide(gradient, Math.sqrt(s.carried[0] + o.epsilonRoot) + o.epsilon);
    const m = o.beta1 * s.m + taken(o) * (unit + o.weightDecay * s.x);
    return { x: s.x - o.learningRate * m, m };
  },
});
