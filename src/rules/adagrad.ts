import { epsilonRoot } from "./conventions.ts";
import { effectiveGradient } from "./effective-gradient.ts";
import { constant, flag, nonNegative, type OptionsAtStep, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

const options = {
  learningRate: rate(0.01),
  learningRateDecay: nonNegative(0),
  initialAccumulator: constant(nonNegative(0)),
  epsilon: nonNegative(1e-10),
  epsilonRoot: epsilonRoot(),
  weightDecay: nonNegative(0),
  maximize: flag(false),
};

const decayedRate = (t: number, o: OptionsAtStep<typeof options>) =>
  o.learningRate / (1 + (t - 1) * o.learningRateDecay);

/**
 * Adagrad: each parameter's rate falls with the squares of its gradients so far.
 *
 * g ← g + weightDecay·x, s ← s + g², x ← x − ηₜg/(√s + ε) with ηₜ = η/(1 + (t−1)·learningRateDecay).
 *
 * @param options.learningRate - η ≥ 0, default 0.01
 * @param options.learningRateDecay - ≥ 0, default 0
 * @param options.initialAccumulator - s before the first step, ≥ 0, default 0; a number, no schedule
 * @param options.epsilon - ε ≥ 0, default 1e-10; at 0 a parameter whose gradient is 0 stays
 * @param options.epsilonRoot - ε ≥ 0 inside the root, √(s + ε), default 0
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2); default 0
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { adagrad, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: adagrad({ learningRate: 1 }), start: [3], steps: 200 }).x; // ≈ [0]
 * ```
 *
 * Source: Duchi, Hazan, Singer, "Adaptive subgradient methods for online learning and stochastic
 * optimization", JMLR 12 (2011), figure 1 (diagonal form), with the rate's decay and the first
 * accumulator of torch.optim.Adagrad. Keras and Optax begin with an accumulator of 0.1 and have their ε, 1e-7, inside the root
 * alone: `initialAccumulator: 0.1, epsilonRoot: 1e-7, epsilon: 0`.
 */
export const adagrad = defineRule({
  name: "adagrad",
  summary: "rates that fall with the squares of the gradients so far",
  formula: "s ← s + g², x ← x − ηₜg/(√s + ε), ηₜ = η/(1 + (t−1)·decay)",
  use: "gradients are sparse, as of embeddings and bags of words",
  source: "Duchi, Hazan & Singer 2011; torch.optim.Adagrad",
  options,
  slots: (): "sum"[] => ["sum"],
  initial: (o) => ({ sum: o.initialAccumulator }),
  sparse: (o) => o.weightDecay === 0,
  kernel: (o) => (o.epsilonRoot === 0 ? "adagrad" : "adagradRooted"),
  scalars(out, o, { t }) {
    out[0] = decayedRate(t, o);
    out[1] = o.maximize ? -1 : 1;
    out[2] = o.weightDecay;
    out[3] = o.epsilon;
    out[4] = o.epsilonRoot;
  },
  textbook(s, o, divide) {
    const gradient = effectiveGradient(s, o);
    const sum = s.sum + gradient ** 2;
    const root = Math.sqrt(sum + o.epsilonRoot) + o.epsilon;
    return { x: s.x - decayedRate(s.t, o) * divide(gradient, root), sum };
  },
});
