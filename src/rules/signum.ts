import { flag, fraction, nonNegative, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * Signum: every parameter moves by η, against the sign of a moving average of its gradient.
 *
 * m ← μm + (1−μ)g, x ← x − η(sign(m) + weightDecay·x), with sign(0) = 0; a gradient that is not finite makes its parameter NaN.
 *
 * @param options.learningRate - η ≥ 0, default 0.01
 * @param options.momentum - μ in [0, 1), default 0.9; at 0 it is {@link signDescent}
 * @param options.weightDecay - ≥ 0, the share of x that is taken off per unit of learning rate; default 0
 * @param options.decoupled - false adds weightDecay·x to the gradient instead (L2), where the sign takes away how much it was;
 * default true
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, quadratic, signum } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: signum({ learningRate: 0.001 }), start: [3], steps: 5000 }).x; // ≈ [0]
 * ```
 *
 * Source: Bernstein, Wang, Azizzadenesheli, Anandkumar, "signSGD: compressed optimisation for non-convex problems", ICML 2018,
 * algorithm 2. MXNet's Signum has both kinds of decay, as wd (L2) and wd_lh (decoupled); PyTorch has no Signum.
 */
export const signum = defineRule({
  name: "signum",
  summary: "the sign of momentum: steps of a fixed size in every parameter",
  formula: "m ← μm + (1−μ)g, x ← x − η(sign(m) + λx)",
  use: "scales differ wildly and gradients are noisy, or gradients are sent as bits",
  source: "Bernstein et al. 2018, algorithm 2",
  options: {
    learningRate: rate(0.01),
    momentum: fraction(0.9),
    weightDecay: nonNegative(0),
    decoupled: flag(true),
    maximize: flag(false),
  },
  slots: (): "m"[] => ["m"],
  kernel: () => "signum",
  scalars(out, o) {
    out[0] = o.learningRate;
    out[1] = o.decoupled ? o.learningRate * o.weightDecay : 0;
    out[2] = o.maximize ? -1 : 1;
    out[3] = o.decoupled ? 0 : o.weightDecay;
    out[4] = o.momentum;
    out[5] = 1 - o.momentum;
  },
  textbook(s, o, divide) {
    const gradient = (o.maximize ? -s.g : s.g) + (o.decoupled ? 0 : o.weightDecay * s.x);
    const m = o.momentum * s.m + (1 - o.momentum) * gradient;
    const decay = o.decoupled ? o.weightDecay * s.x : 0;
    return { x: s.x - o.learningRate * (divide(m, Math.abs(m)) + decay), m };
  },
});
