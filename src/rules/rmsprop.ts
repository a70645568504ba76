import { effectiveGradient } from "./effective-gradient.ts";
import { flag, fraction, nonNegative, type Options, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

const options = {
  learningRate: rate(0.01),
  decay: fraction(0.99),
  epsilon: nonNegative(1e-8),
  momentum: fraction(0),
  centered: flag(false),
  weightDecay: nonNegative(0),
  maximize: flag(false),
};

type RmspropSlot = "v" | "mean" | "buffer";

function kernel({ centered, momentum }: Options<typeof options>) {
  if (momentum === 0) return centered ? "rmspropCentered" : "rmsprop";
  return centered ? "rmspropCenteredMomentum" : "rmspropMomentum";
}

/**
 * RMSProp: the gradient over the root of a moving average of its squares.
 *
 * g ← g + weightDecay·x, v ← ρv + (1−ρ)g², x ← x − ηg/(√v + ε).
 * Centred: ḡ ← ρḡ + (1−ρ)g, and the variance max(v − ḡ², 0) in place of v under the root.
 * With momentum: b ← μb + g/(√v + ε), x ← x − ηb.
 *
 * @param options.learningRate - η ≥ 0, default 0.01
 * @param options.decay - ρ in [0, 1), default 0.99 (PyTorch's alpha)
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradient is 0 stays
 * @param options.momentum - μ in [0, 1), default 0
 * @param options.centered - divide by the standard deviation, default false
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2); default 0
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, quadratic, rmsprop } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: rmsprop({ learningRate: 0.01 }), start: [3], steps: 2000 }).x; // ≈ [0]
 * ```
 *
 * Source: Tieleman and Hinton, "Lecture 6.5: rmsprop", Coursera 2012; centred: Graves, "Generating
 * sequences with recurrent neural networks", 2013, equations 38–41; in the form of
 * torch.optim.RMSprop. PyTorch takes the root of v − ḡ² as it is, which rounding can make negative
 * and the step NaN; here it is at least 0.
 */
export const rmsprop = defineRule({
  name: "rmsprop",
  summary: "the gradient over the root of its mean square",
  formula: "v ← ρv + (1−ρ)g², b ← μb + g/(√v + ε), x ← x − ηb (centred: v − ḡ² for v)",
  use: "scales differ and drift, as in recurrent networks",
  source: "Tieleman & Hinton 2012; Graves 2013; torch.optim.RMSprop",
  options,
  slots(o): RmspropSlot[] {
    const slots: RmspropSlot[] = ["v"];
    if (o.centered) slots.push("mean");
    if (o.momentum !== 0) slots.push("buffer");
    return slots;
  },
  kernel,
  scalars(out, o) {
    out[0] = o.learningRate;
    out[1] = o.maximize ? -1 : 1;
    out[2] = o.weightDecay;
    out[3] = o.decay;
    out[4] = 1 - o.decay;
    out[5] = o.epsilon;
    out[6] = o.momentum;
  },
  textbook(s, o, divide) {
    const gradient = effectiveGradient(s, o);
    const v = o.decay * s.v + (1 - o.decay) * gradient ** 2;
    const mean = o.centered ? o.decay * s.mean + (1 - o.decay) * gradient : 0;
    const variance = o.centered ? Math.max(v - mean ** 2, 0) : v;
    const kept = o.momentum === 0 ? 0 : o.momentum * s.buffer;
    const buffer = kept + divide(gradient, Math.sqrt(variance) + o.epsilon);
    return { x: s.x - o.learningRate * buffer, v, mean, buffer };
  },
});
