import { fraction, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * Momentum as a moving average of the gradient.
 *
 * v ← βv + (1−β)g, x ← x − ηv. The same path as {@link sgd}'s momentum at the learning rate η(1−β)
 * but for sgd's first step, which takes the whole gradient into its buffer.
 *
 * @param options.learningRate - η ≥ 0, default 0.01
 * @param options.beta - β in [0, 1), default 0.9
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, momentum, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: momentum({ learningRate: 0.1 }), start: [3], steps: 1000 }).x; // ≈ [0]
 * ```
 *
 * Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964, with the
 * average normalised as in the first moment of Kingma and Ba, ICLR 2015.
 */
export const momentum = defineRule({
  name: "momentum",
  summary: "a step along a moving average of the gradient",
  formula: "v ← βv + (1−β)g, x ← x − ηv",
  use: "you want momentum whose rate does not change its meaning with β",
  source: "Polyak 1964, as a moving average",
  options: { learningRate: rate(0.01), beta: fraction(0.9) },
  slots: (): "v"[] => ["v"],
  kernel: () => "momentum",
  scalars(out, o) {
    out[0] = o.learningRate;
    out[3] = o.beta;
    out[4] = 1 - o.beta;
  },
  textbook(s, o) {
    const v = o.beta * s.v + (1 - o.beta) * s.g;
    return { x: s.x - o.learningRate * v, v };
  },
});
