import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { alsoCalled, constant, count, fraction, nonNegative, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * AdaHessian: Adam's first moment over the root mean square of the Hessian's diagonal.
 *
 * m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)D², x ← x − η(m̂/((√v̂)ᵏ + ε) + weightDecay·x) with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).
 * D is z ∘ Hz for random signs z (Hutchinson's estimate of the diagonal, anew at every step), averaged over probes and
 * over runs of `averageOver` parameters that follow one another in a block: the 9 entries of a 3 × 3 filter, say. The
 * Hessian comes from the problem, or from differences of its gradients; in a loop of your own give
 * `step({ hessianVectorProduct })`. The same seed takes the same signs.
 *
 * @param options.learningRate - η ≥ 0, default 0.15
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0, default 1e-4; at 0 a parameter whose gradients were all 0 stays
 * @param options.power - k ≥ 0, the Hessian's power, default 1: Newton's step; at 0 it is momentum; others take a slower kernel
 * @param options.averageOver - parameters whose estimates are averaged, a whole number ≥ 1, default 1; a number, no schedule
 * @param options.weightDecay - ≥ 0, the share of x that is taken off per unit of learning rate; default 0
 * @param options.probes - products with the Hessian to an estimate, a whole number ≥ 1, default 1; a number, no schedule
 * @param options.seed - of the signs, a whole number ≥ 0, default 0; a number, no schedule
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { adaHessian, minimize, quadratic } from "thalweg";
 * const valley = quadratic({ diagonal: [1, 1e6] }); // one rate fits both curvatures
 * minimize(valley, { rule: adaHessian(), start: [3, -2], steps: 500 }).x; // ≈ [0, 0]
 * ```
 *
 * Source: Yao, Gholami, Shen, Mustafa, Keutzer, Mahoney, "ADAHESSIAN: an adaptive second order optimizer for machine
 * learning", AAAI 2021, algorithm 1 with its spatial averaging, and the defaults of the authors' code. That
 * averages |z ∘ Hz|, the paper and this z ∘ Hz, in which entries of both signs cancel; and it averages over runs of a size for each
 * number of axes.
 */
export const adaHessian = defineRule({
  name: "adaHessian",
  summary: "Adam over the root mean square of the Hessian's diagonal",
  formula: "m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)D², x ← x − η(m̂/((√v̂)ᵏ + ε) + λx)",
  use: "curvatures differ by orders of magnitude and products with the Hessian are to be had",
  source: "Yao et al. 2021, algorithm 1",
  options: {
    learningRate: rate(0.15),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    epsilon: nonNegative(1e-4),
    power: alsoCalled(nonNegative(1), "hessian_power", "hessianPower", "k"),
    averageOver: alsoCalled(
      constant(count(1, 1)),
      "spatial_average_block_size",
      "blockSize",
      "average_conv_kernel",
    ),
    weightDecay: nonNegative(0),
    probes: alsoCalled(constant(count(1, 1)), "samples", "n_samples"),
    seed: constant(count(0, 0)),
  },
  slots: (): ("m" | "v")[] => ["m", "v"],
  carries: [1, 0, 1, 0],
  needs: { hessianDiagonal: (_, o) => o.probes, diagonalRun: (o) => o.averageOver },
  kernel: ({ power }) => (power === 1 ? "adaHessian" : "adaHessianPowered"),
  scalars(out, o, { carried }) {
    const correction1 = 1 - multiplyRunning(carried, 0, o.beta1);
    const correction2 = 1 - multiplyRunning(carried, 2, o.beta2);
    out[0] = o.learningRate / correction1;
    out[1] = o.learningRate * o.weightDecay;
    out[2] = o.beta1;
    out[3] = 1 - o.beta1;
    out[4] = o.beta2;
    out[5] = 1 - o.beta2;
    out[6] = 1 / Math.sqrt(correction2);
    out[7] = o.epsilon;
    out[8] = o.power;
  },
  textbook(s, o, divide) {
    const m = o.beta1 * s.m + (1 - o.beta1) * s.g;
    const v = o.beta2 * s.v + (1 - o.beta2) * s.h ** 2;
    const mHat = m / (1 - pow(o.beta1, s.t));
    const root = Math.sqrt(v / (1 - pow(o.beta2, s.t)));
    const step = divide(mHat, pow(root, o.power) + o.epsilon);
    return { x: s.x - o.learningRate * (step + o.weightDecay * s.x), m, v };
  },
});
