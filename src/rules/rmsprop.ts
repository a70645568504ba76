import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { biasCorrection, epsilonRoot, rateInside } from "./conventions.ts";
import { effectiveGradient } from "./effective-gradient.ts";
import { alsoCalled, constant, flag, fraction, nonNegative, type Options, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

const options = {
  learningRate: rate(0.01),
  decay: fraction(0.99),
  epsilon: nonNegative(1e-8),
  epsilonRoot: epsilonRoot(),
  initialAccumulator: alsoCalled(constant(nonNegative(0)), "initial_scale", "initial_accumulator_value"),
  biasCorrection: biasCorrection(false),
  momentum: fraction(0),
  rateInside: rateInside(),
  centered: flag(false),
  weightDecay: nonNegative(0),
  maximize: flag(false),
};

type RmspropSlot = "v" | "mean" | "buffer";

/** The kernel for the plain form, or the general one for ε inside the root, corrections, and the rate inside the buffer. */
function kernel(o: Options<typeof options>) {
  const general = o.epsilonRoot !== 0 || o.biasCorrection || o.rateInside;
  const form = `rmsprop${o.centered ? "Centered" : ""}${o.momentum === 0 ? "" : "Momentum"}` as const;
  return general ? (`${form}General` as const) : form;
}

/**
 * RMSProp: the gradient over the root of a moving average of its squares.
 *
 * g ← g + weightDecay·x, v ← ρv + (1−ρ)g², x ← x − ηg/(√v + ε).
 * Centred: ḡ ← ρḡ + (1−ρ)g, and the variance max(v − ḡ², 0) in place of v under the root.
 * With momentum: b ← μb + g/(√v + ε), x ← x − ηb; with `rateInside` b ← μb + ηg/(√v + ε), x ← x − b.
 *
 * @param options.learningRate - η ≥ 0, default 0.01
 * @param options.decay - ρ in [0, 1), default 0.99 (PyTorch's alpha)
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradient is 0 stays
 * @param options.epsilonRoot - ε ≥ 0 inside the root, √(v + ε), default 0
 * @param options.initialAccumulator - v before the first step, ≥ 0, default 0; a number, no schedule
 * @param options.biasCorrection - divide v by 1−ρᵗ, default false; not with centered
 * @param options.momentum - μ in [0, 1), default 0
 * @param options.rateInside - multiply by η before the momentum's buffer, and not behind it; default false; it matters where
 * η changes
 * @param options.centered - divide by the standard deviation, default false
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2); default 0
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain;
 * RangeError where biasCorrection is asked for with centered
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
 * and the step NaN; here it is at least 0. Keras, TensorFlow and Optax have ε inside the root alone and the rate inside the buffer:
 * `epsilonRoot: 1e-7, epsilon: 0, rateInside: true` (Optax's 1e-8), with a ρ of 0.9; TensorFlow 1 began with an accumulator of
 * 1, Optax can (initial_scale), and it can correct the bias too; with centered that is refused here, since the corrected variance of
 * the first gradient alone is 0. Optax can also look ahead along the momentum (nesterov), which is not had here.
 */
export const rmsprop = defineRule({
  name: "rmsprop",
  summary: "the gradient over the root of its mean square",
  formula: "v ← ρv + (1−ρ)g², b ← μb + g/(√v + ε), x ← x − ηb (centred: v − ḡ² for v)",
  use: "scales differ and drift, as in recurrent networks",
  source: "Tieleman & Hinton 2012; Graves 2013; torch.optim.RMSprop",
  options,
  validate({ centered, biasCorrection }, owner) {
    if (centered && biasCorrection) {
      throw new RangeError(
        `${owner}: biasCorrection does not go with centered: the corrected variance of one gradient is 0`,
      );
    }
  },
  slots(o): RmspropSlot[] {
    const slots: RmspropSlot[] = ["v"];
    if (o.centered) slots.push("mean");
    if (o.momentum !== 0) slots.push("buffer");
    return slots;
  },
  initial: (o) => ({ v: o.initialAccumulator }),
  carries: [1, 0],
  kernel,
  scalars(out, o, { carried }) {
    out[0] = o.rateInside ? 1 : o.learningRate;
    out[1] = o.maximize ? -1 : 1;
    out[2] = o.weightDecay;
    out[3] = o.decay;
    out[4] = 1 - o.decay;
    out[5] = o.epsilon;
    out[6] = o.momentum;
    out[7] = o.epsilonRoot;
    out[8] = o.biasCorrection ? 1 / (1 - multiplyRunning(carried, 0, o.decay)) : 1;
    out[9] = o.rateInside ? o.learningRate : 1;
  },
  textbook(s, o, divide) {
    const gradient = effectiveGradient(s, o);
    const v = o.decay * s.v + (1 - o.decay) * gradient ** 2;
    const mean = o.centered ? o.decay * s.mean + (1 - o.decay) * gradient : 0;
    const correction = o.biasCorrection ? 1 - pow(o.decay, s.t) : 1;
    const variance = o.centered ? Math.max(v - mean ** 2, 0) : v / correction;
    const root = Math.sqrt(variance + o.epsilonRoot) + o.epsilon;
    const kept = o.momentum === 0 ? 0 : o.momentum * s.buffer;
    const buffer = kept + (o.rateInside ? o.learningRate : 1) * divide(gradient, root);
    return { x: s.x - (o.rateInside ? 1 : o.learningRate) * buffer, v, mean, buffer };
  },
});
