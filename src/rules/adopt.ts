import { pow } from "../core/scalar.ts";
import {
  alsoCalled,
  flag,
  fraction,
  nonNegative,
  nonNegativeOrInfinite,
  type OptionsAtStep,
  rate,
} from "./options.ts";
import { defineRule } from "./rule.ts";

const options = {
  learningRate: rate(1e-3),
  beta1: fraction(0.9),
  beta2: fraction(0.9999),
  epsilon: nonNegative(1e-6),
  clip: alsoCalled(nonNegativeOrInfinite(1), "clip_lambda", "clip_value_fn", "clipValue"),
  clipExponent: nonNegative(0.25),
  weightDecay: nonNegative(0),
  maximize: flag(false),
};

/** 1/cₜ: the first step that moves is the second. */
const inverseClip = (t: number, { clip, clipExponent }: OptionsAtStep<typeof options>): number =>
  1 / (clip * pow(t - 1, clipExponent));

/**
 * ADOPT: Adam that divides each gradient by the second moment of those before it, and averages the quotients, so that it
 * converges with any β₂.
 *
 * v ← g² at the first step, which moves nothing; then m ← β₁m + (1−β₁)·clip(g/max(√v, ε), −cₜ, cₜ), x ← x − η(m + λx),
 * v ← β₂v + (1−β₂)g², with cₜ = clip·(t−1)^clipExponent.
 *
 * @param options.learningRate - η ≥ 0, default 0.001
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.9999
 * @param options.epsilon - ≥ 0, default 0.000001: the least that a gradient is divided by
 * @param options.clip - ≥ 0 or ∞, default 1: the factor of cₜ; ∞ for no clipping, which is the paper's first form
 * @param options.clipExponent - ≥ 0, default 0.25: the exponent of cₜ; at 0 `clip` is the bound itself, which may be a schedule
 * @param options.weightDecay - λ ≥ 0, decoupled, times the learning rate; default 0
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { adopt, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: adopt({ learningRate: 0.1 }), start: [3], steps: 3000 }).x; // ≈ [0]
 * ```
 *
 * Source: Taniguchi et al., "ADOPT: modified Adam can converge with any β₂ with the optimal rate", NeurIPS 2024, with
 * the clipping of its later versions. The steps count from the first gradient here, as in the authors' code and Optax. The
 * authors' code has L2 unless it is told to decouple; that comes from chaining the wrapper `weightDecay` before it. Optax has no decay; it can look ahead (nesterov), which is not had here.
 */
export const adopt = defineRule({
  name: "adopt",
  summary: "Adam that divides by the second moment of the gradients before",
  formula: "m ← β₁m + (1−β₁)·clip(g/max(√v, ε), cₜ), x ← x − η(m + λx), v ← β₂v + (1−β₂)g², cₜ = (t−1)^¼",
  use: "Adam does not converge, or only with a β₂ that has to be tuned",
  source: "Taniguchi et al. 2024",
  options,
  slots: (): ("m" | "v")[] => ["m", "v"],
  kernel: () => "adopt",
  scalars(out, o, { t }) {
    const first = t === 1;
    out[0] = first ? 0 : o.maximize ? -o.learningRate : o.learningRate;
    out[1] = first ? 0 : o.learningRate * o.weightDecay;
    out[2] = o.beta1;
    out[3] = first ? 0 : 1 - o.beta1;
    out[4] = first ? 0 : o.beta2;
    out[5] = first ? 1 : 1 - o.beta2;
    // Divided by ∞ the first gradient leaves no trace in m, however large it is.
    out[6] = first ? Infinity : o.epsilon;
    out[7] = first ? 0 : inverseClip(t, o);
  },
  textbook(s, o, divide) {
    if (s.t === 1) return { x: s.x, m: s.m, v: s.g ** 2 };
    // clip(g/d, −c, c) = g/max(d, |g|/c).
    const least = Math.abs(s.g) * inverseClip(s.t, o);
    const m = o.beta1 * s.m + (1 - o.beta1) * divide(s.g, Math.max(Math.sqrt(s.v), o.epsilon, least));
    const step = (o.maximize ? -o.learningRate : o.learningRate) * m;
    const v = o.beta2 * s.v + (1 - o.beta2) * s.g ** 2;
    return { x: s.x - (step + o.learningRate * o.weightDecay * s.x), m, v };
  },
});
