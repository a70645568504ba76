import { flag, fraction, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * Nesterov's momentum: the gradient is taken ahead, where the momentum leads.
 *
 * v ← μv − ηg, x ← x + μv − ηg. The parameters are the look-ahead point, where the gradient is wanted; the point that it
 * looks ahead from is x − μv, and both come together at the minimum. The slot holds μv. With `sequence` the momentum is
 * Nesterov's own, for convex functions: μ = (tₖ − 1)/tₖ₊₁ with t₁ = 1, tₖ₊₁ = (1 + √(1 + 4tₖ²))/2, as in FISTA. Then, with
 * η ≤ 1/λmax, f(x − μv) − f* ≤ 2‖x₀ − x*‖²/(η(k + 1)²) after k steps.
 *
 * The learning rate stands inside the velocity: when it changes, what is under way keeps the rate that it was taken with. In
 * PyTorch's form, {@link sgd} with nesterov: true, it stands outside; at a constant rate, but for rounding, both take the
 * same path. On a mode λ it is stable for η < (2 + 2μ)/(λ(1 + 2μ)).
 *
 * @param options.learningRate - η ≥ 0, default 0.01
 * @param options.momentum - μ in [0, 1), default 0.9; not used where `sequence` is true
 * @param options.sequence - take Nesterov's own momentum, which begins at 0 and goes to 1; default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, nesterov, quadratic } from "thalweg";
 * const valley = quadratic({ diagonal: [1, 100] });
 * const rule = nesterov({ learningRate: 0.01, momentum: 0.8 });
 * minimize(valley, { rule, start: [1, 1], steps: 300 }).x; // ≈ [0, 0]
 * minimize(valley, { rule: nesterov({ learningRate: 0.01, sequence: true }), start: [1, 1], steps: 500 }).value; // < 1e-5
 * ```
 *
 * Source: Nesterov, "A method of solving a convex programming problem with convergence rate O(1/k²)", 1983; Sutskever,
 * Martens, Dahl, Hinton, "On the importance of initialization and momentum in deep learning", ICML 2013, equations 3 and 4,
 * told of the look-ahead point as in tf.keras.optimizers.SGD; the sequence and its bound: Beck and Teboulle, "A fast
 * iterative shrinkage-thresholding algorithm", SIAM J. Imaging Sciences 2 (2009), equations 4.1 to 4.3 and theorem 4.4. Where
 * the momentum follows a schedule, the velocity that a step ends with is multiplied by the momentum of that step, once, so that x
 * stays the look-ahead point; Keras multiplies it by that of the next step when it goes on.
 */
export const nesterov = defineRule({
  name: "nesterov",
  summary: "momentum whose gradient is taken where it leads",
  formula: "v ← μv − ηg, x ← x + μv − ηg",
  use: "the function is convex and smooth, or you want Keras' form of Nesterov's momentum",
  source: "Nesterov 1983; Sutskever et al. 2013; Beck & Teboulle 2009; Keras SGD",
  options: { learningRate: rate(0.01), momentum: fraction(0.9), sequence: flag(false) },
  slots: (): "ahead"[] => ["ahead"],
  // tₖ, and the momentum that follows from it: 1 in the long run.
  carries: [1, 1],
  advance(o, { carried }) {
    if (!o.sequence) return;
    const next = (1 + Math.sqrt(1 + 4 * carried[0] ** 2)) / 2;
    carried[1] = (carried[0] - 1) / next;
    carried[0] = next;
  },
  kernel: () => "lookAhead",
  scalars(out, o, { carried }) {
    out[0] = o.learningRate;
    out[1] = o.sequence ? carried[1] : o.momentum;
  },
  textbook(s, o) {
    const momentum = o.sequence ? s.carried[1] : o.momentum;
    const v = s.ahead - o.learningRate * s.g;
    const ahead = momentum * v;
    return { x: s.x + ahead - o.learningRate * s.g, ahead };
  },
});
