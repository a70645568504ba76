import { flag, fraction, nonNegative, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * Lion: every parameter moves by η, against the sign of a blend of momentum and gradient.
 *
 * c = β₁m + (1−β₁)g, x ← x − η(sign(c) + weightDecay·x), m ← β₂m + (1−β₂)g.
 *
 * @param options.learningRate - η ≥ 0, default 0.0001
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.99
 * @param options.weightDecay - decoupled, times the learning rate, ≥ 0, default 0
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { lion, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: lion({ learningRate: 0.001 }), start: [3], steps: 5000 }).x; // ≈ [0]
 * ```
 *
 * Source: Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023, algorithm 2.
 */
export const lion = defineRule({
  name: "lion",
  summary: "the sign of momentum and gradient blended",
  formula: "c = β₁m + (1−β₁)g, x ← x − η(sign(c) + λx), m ← β₂m + (1−β₂)g",
  use: "you train a large network and want one slot where Adam has two",
  source: "Chen et al. 2023, algorithm 2",
  options: {
    learningRate: rate(1e-4),
    beta1: fraction(0.9),
    beta2: fraction(0.99),
    weightDecay: nonNegative(0),
    maximize: flag(false),
  },
  slots: (): "m"[] => ["m"],
  kernel: () => "lion",
  scalars(out, o) {
    const sign = o.maximize ? -1 : 1;
    out[0] = o.learningRate;
    out[1] = o.learningRate * o.weightDecay;
    out[2] = o.beta1;
    out[3] = sign * (1 - o.beta1);
    out[4] = o.beta2;
    out[5] = sign * (1 - o.beta2);
  },
  textbook(s, o, divide) {
    const gradient = o.maximize ? -s.g : s.g;
    const c = o.beta1 * s.m + (1 - o.beta1) * gradient;
    const m = o.beta2 * s.m + (1 - o.beta2) * gradient;
    return { x: s.x - o.learningRate * (divide(c, Math.abs(c)) + o.weightDecay * s.x), m };
  },
});
