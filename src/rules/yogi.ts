import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { biasCorrection, epsilonRoot } from "./conventions.ts";
import { alsoCalled, constant, flag, fraction, nonNegative, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * Yogi: Adam whose second moment moves by (1−β₂)g² at most, so that the effective rate rises slowly once large gradients
 * are over.
 *
 * m ← β₁m + (1−β₁)g, v ← v − (1−β₂)·sign(v − g²)·g², x ← x − η(m̂/(√v̂ + ε) + λx) with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).
 *
 * @param options.learningRate - η ≥ 0, default 0.01
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0, default 0.001; at 0 a parameter whose gradients were all 0 stays
 * @param options.epsilonRoot - ε ≥ 0 inside the root, √(v̂ + ε), default 0 (Optax's eps_root)
 * @param options.initialAccumulator - v before the first step, ≥ 0, default 0.000001; a number, no schedule
 * @param options.initialMoment - m before the first step, ≥ 0, default 0; in Optax it is v's; a number, no schedule
 * @param options.biasCorrection - divide m by 1−β₁ᵗ and v by 1−β₂ᵗ, as Optax and TensorFlow Addons do, default true;
 * false is the paper's form
 * @param options.weightDecay - λ ≥ 0, decoupled, times the learning rate; default 0
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, quadratic, yogi } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: yogi({ learningRate: 0.1 }), start: [3], steps: 2000 }).x; // ≈ [0]
 * ```
 *
 * Source: Zaheer et al., "Adaptive methods for nonconvex optimization", NeurIPS 2018, algorithm 2, which has neither weight decay
 * nor bias corrections; the first accumulator is Optax's and TensorFlow Addons'. Optax begins with m = 1e-6 too
 * (`initialMoment: 1e-6`), so that a parameter without a gradient moves at first; here m begins at 0, as in the paper.
 */
export const yogi = defineRule({
  name: "yogi",
  summary: "Adam whose second moment moves by no more than each new square",
  formula: "m as Adam's, v ← v − (1−β₂)·sign(v − g²)·g², x ← x − η(m̂/(√v̂ + ε) + λx)",
  use: "gradients are rare and large, and Adam's rate shoots up between them",
  source: "Zaheer et al. 2018, algorithm 2",
  options: {
    learningRate: rate(0.01),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    epsilon: nonNegative(1e-3),
    epsilonRoot: epsilonRoot(),
    initialAccumulator: alsoCalled(
      constant(nonNegative(1e-6)),
      "initial_accumulator_value",
      "initial_accumulator",
    ),
    initialMoment: constant(nonNegative(0)),
    biasCorrection: biasCorrection(true),
    weightDecay: nonNegative(0),
    maximize: flag(false),
  },
  slots: (): ("m" | "v")[] => ["m", "v"],
  initial: (o) => ({ m: o.initialMoment, v: o.initialAccumulator }),
  carries: [1, 0, 1, 0],
  kernel: () => "yogi",
  scalars(out, o, { carried }) {
    const power1 = multiplyRunning(carried, 0, o.beta1);
    const power2 = multiplyRunning(carried, 2, o.beta2);
    const correction2 = o.biasCorrection ? 1 - power2 : 1;
    const size = o.biasCorrection ? o.learningRate / (1 - power1) : o.learningRate;
    out[0] = o.maximize ? -size : size;
    out[1] = o.learningRate * o.weightDecay;
    out[2] = o.beta1;
    out[3] = 1 - o.beta1;
    out[4] = 1 - o.beta2;
    out[5] = 1 / Math.sqrt(correction2);
    out[6] = o.epsilonRoot * correction2;
    out[7] = o.epsilon;
  },
  textbook(s, o, divide) {
    const rate = o.maximize ? -o.learningRate : o.learningRate;
    const m = o.beta1 * s.m + (1 - o.beta1) * s.g;
    const v = s.v - (1 - o.beta2) * Math.sign(s.v - s.g ** 2) * s.g ** 2;
    const mHat = o.biasCorrection ? m / (1 - pow(o.beta1, s.t)) : m;
    const vHat = o.biasCorrection ? v / (1 - pow(o.beta2, s.t)) : v;
    const step = rate * divide(mHat, Math.sqrt(vHat + o.epsilonRoot) + o.epsilon);
    return { x: s.x - (step + o.learningRate * o.weightDecay * s.x), m, v };
  },
});
