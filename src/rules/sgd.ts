import { describe } from "../core/describe.ts";
import { rateInside } from "./conventions.ts";
import { effectiveGradient } from "./effective-gradient.ts";
import { flag, fraction, nonNegative, type Options, type OptionsAtStep, rate, share } from "./options.ts";
import { defineRule } from "./rule.ts";

const options = {
  learningRate: rate(1e-3),
  momentum: fraction(0),
  dampening: share(0),
  dampenFirst: flag(false),
  nesterov: flag(false),
  rateInside: rateInside(),
  weightDecay: nonNegative(0),
  maximize: flag(false),
};

function kernel({ momentum, nesterov, rateInside, weightDecay, maximize }: Options<typeof options>) {
  if (nesterov) return "nesterov";
  const plain = weightDecay === 0 && !maximize && !rateInside;
  if (momentum === 0) return plain ? "gradientDescent" : "gradientDescentScaled";
  return plain ? "momentum" : "momentumDecayed";
}

/** The share of the gradient that the buffer takes: all at the first step unless that is dampened too, and where nothing is kept. */
const taken = (t: number, o: OptionsAtStep<typeof options>) =>
  (t === 1 && !o.dampenFirst) || o.momentum === 0 ? 1 : 1 - o.dampening;

/**
 * Stochastic gradient descent with the momentum of PyTorch: heavy ball, dampened, or Nesterov's.
 *
 * g ← g + weightDecay·x, b ← μb + (1−dampening)g, x ← x − ηb; with Nesterov x ← x − η(g + μb).
 * At the first step b = g, undampened. Without momentum x ← x − ηg, and there is no b. With `rateInside` the buffer
 * takes in steps: b ← μb + η(1−dampening)g, x ← x − b; with Nesterov x ← x − (ηg + μb).
 *
 * The learning rate stands outside the buffer: when it changes, all that was gathered follows at once. In {@link heavyBall} and
 * {@link nesterov} it stands inside, as in Keras, and what is under way keeps the rate that it was taken with; at a constant rate the
 * paths are the same. In Nesterov's form x is the look-ahead point, where the gradient is wanted.
 *
 * @param options.learningRate - η ≥ 0, default 0.001
 * @param options.momentum - μ in [0, 1), default 0
 * @param options.dampening - in [0, 1], default 0
 * @param options.dampenFirst - dampen the first gradient too, as b = 0 before it says, default false; with a dampening of μ
 * that is a moving average
 * @param options.nesterov - look ahead along the momentum, default false; needs momentum and no dampening
 * @param options.rateInside - multiply by η before the buffer, as Keras does, and not behind it; default false; it matters
 * where η changes
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2); default 0
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain;
 * RangeError where nesterov is asked for without momentum or with dampening
 *
 * @example
 * ```ts
 * import { minimize, quadratic, sgd } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: sgd({ learningRate: 0.1, momentum: 0.5 }), start: [3], steps: 200 }).x; // ≈ [0]
 * ```
 *
 * Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964; Sutskever,
 * Martens, Dahl, Hinton, "On the importance of initialization and momentum in deep learning", ICML 2013;
 * in the form of torch.optim.SGD, in which the learning rate stands outside the buffer, as in Optax. Keras has it inside,
 * and no dampening (`rateInside: true`). PyTorch allows a momentum of 1 and more, and any dampening; here both
 * are bounded.
 */
export const sgd = defineRule({
  name: "sgd",
  summary: "gradient descent with PyTorch's momentum",
  formula: "b ← μb + (1−d)g, x ← x − ηb (Nesterov: x ← x − η(g + μb))",
  use: "you train on mini-batches and can tune a rate, or want PyTorch's form",
  source: "Polyak 1964; Sutskever et al. 2013; torch.optim.SGD",
  options,
  validate({ momentum, dampening, nesterov }, owner) {
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new RangeError(
        `${owner}: nesterov needs momentum above 0 and dampening 0, ` +
          `got momentum ${describe(momentum)} and dampening ${describe(dampening)}`,
      );
    }
  },
  slots: (o): "buffer"[] => (o.momentum === 0 ? [] : ["buffer"]),
  sparse: (o) => o.momentum === 0 && o.weightDecay === 0,
  kernel,
  scalars(out, o, { t }) {
    const into = o.rateInside ? o.learningRate : 1;
    out[0] = o.rateInside ? 1 : o.learningRate;
    out[1] = o.maximize ? -into : into;
    out[2] = into * o.weightDecay;
    out[3] = o.momentum;
    out[4] = taken(t, o);
  },
  textbook(s, o) {
    const gradient = (o.rateInside ? o.learningRate : 1) * effectiveGradient(s, o);
    const kept = o.momentum === 0 ? 0 : o.momentum * s.buffer;
    const buffer = kept + taken(s.t, o) * gradient;
    const step = o.nesterov ? gradient + o.momentum * buffer : buffer;
    return { x: s.x - (o.rateInside ? 1 : o.learningRate) * step, buffer };
  },
});
