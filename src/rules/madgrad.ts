import { cbrt } from "../core/scalar.ts";
import { flag, fraction, nonNegative, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * MADGRAD: dual averaging whose denominator is a cube root, with the parameters a moving average of where it leads.
 *
 * λ = η√t, s ← s + λg, v ← v + λg², z = x₀ − s/(∛v + ε), x ← μx + (1−μ)z. Gradients count the more the later they come.
 * What it divides by grows like √t, so that its limit is one on the Hessian divided by (∛v + ε)/√t.
 *
 * @param options.learningRate - η ≥ 0, default 0.01
 * @param options.momentum - μ in [0, 1), default 0.9; 1 − c of the paper
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2); default 0
 * @param options.decoupled - take η·weightDecay·x off x instead, which z knows nothing of; default false
 * @param options.epsilon - ε ≥ 0, default 1e-6; at 0 a parameter whose gradients were all 0 stays
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { madgrad, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: madgrad({ learningRate: 0.1 }), start: [3], steps: 2000 }).x; // ≈ [0]
 * ```
 *
 * Source: Defazio and Jelassi, "Adaptivity without compromise: a momentumized, adaptive, dual averaged gradient method for
 * stochastic optimization", JMLR 23 (2022), algorithm 1, with the defaults of the authors' madgrad and its two kinds of decay.
 * That adds ε to the learning rate too, as does Optax (add it to yours), and works out x₀ from x where the momentum is 0, so that a decoupled decay adds up there.
 */
export const madgrad = defineRule({
  name: "madgrad",
  summary: "dual averaging over a cube root, with momentum",
  formula: "s ← s + η√t·g, v ← v + η√t·g², x ← μx + (1−μ)(x₀ − s/(∛v + ε))",
  use: "Adam generalises worse than SGD, or gradients are sparse",
  source: "Defazio & Jelassi 2022, algorithm 1",
  options: {
    learningRate: rate(0.01),
    momentum: fraction(0.9),
    weightDecay: nonNegative(0),
    decoupled: flag(false),
    epsilon: nonNegative(1e-6),
  },
  slots: (): ("start" | "s" | "v")[] => ["start", "s", "v"],
  initial: () => ({ start: "parameters" }),
  kernel: () => "madgrad",
  scalars(out, o, { t }) {
    out[0] = o.learningRate * Math.sqrt(t);
    out[1] = o.decoupled ? 0 : o.weightDecay;
    out[2] = o.decoupled ? o.learningRate * o.weightDecay : 0;
    out[3] = 1 - o.momentum;
    out[4] = o.epsilon;
  },
  textbook(state, o, divide) {
    const gradient = state.g + (o.decoupled ? 0 : o.weightDecay * state.x);
    const grown = Math.sqrt(state.t);
    const weight = o.learningRate * grown;
    const s = state.s + weight * gradient;
    const v = state.v + weight * gradient ** 2;
    // Both in units of √t: the quotient that stays of one size.
    const point = state.start - divide(s / grown, (cbrt(v) + o.epsilon) / grown);
    const decay = o.decoupled ? o.learningRate * o.weightDecay * state.x : 0;
    const x = o.momentum * state.x + (1 - o.momentum) * point - decay;
    return { x, start: state.start, s, v };
  },
});
