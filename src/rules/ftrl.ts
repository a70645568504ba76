import { pow } from "../core/scalar.ts";
import type { Schedule } from "../schedules/schedule.ts";
import { alsoCalled, constant, nonNegative, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

const options = {
  learningRate: rate(1e-3),
  beta: nonNegative(0),
  l1: alsoCalled(nonNegative(0), "l1_regularization_strength", "lambda1", "lambda_1"),
  l2: alsoCalled(nonNegative(0), "l2_regularization_strength", "lambda2", "lambda_2"),
  power: alsoCalled(nonNegative(0.5), "learning_rate_power", "learningRatePower", "lr_power"),
  initialAccumulator: constant(nonNegative(0.1)),
  weightDecay: alsoCalled(
    nonNegative(0),
    "l2_shrinkage_regularization_strength",
    "l2Shrinkage",
    "weight_decay",
  ),
};

const isZero = (value: number | Schedule): boolean => value === 0;

function kernel({ l1, power }: { readonly l1: number | Schedule; readonly power: number | Schedule }) {
  if (power === 0.5) return isZero(l1) ? "ftrl" : "ftrlSparse";
  return isZero(l1) ? "ftrlPowered" : "ftrlSparsePowered";
}

/**
 * FTRL-Proximal: follow the regularised leader; Adagrad's rates, and an L1 term that makes parameters exactly 0.
 *
 * n ← n + g², z ← z + g − σx with σ the change of (β + nᵖ)/η, x ← 0 where |z| ≤ l1, else −(z − l1·sign(z))/((β + nᵖ)/η + l2).
 * The z before the first step is the one whose x is the start, so that a start that is not 0 counts, and parameters without
 * gradients stay. That is the same as the step that is taken here, which keeps no z but where x is 0:
 * x ← x − ηg/(β + nᵖ + η·l2) as long as x keeps its sign; and x = 0 until −z has left [−l1, l1].
 *
 * l1 and l2 are of the sum of all losses, not of each: they weigh less as gradients gather. `weightDecay` is of each loss.
 *
 * @param options.learningRate - η ≥ 0, default 0.001
 * @param options.beta - β ≥ 0, default 0; the paper takes 1
 * @param options.l1 - λ₁ ≥ 0, default 0
 * @param options.l2 - λ₂ ≥ 0, default 0
 * @param options.power - p ≥ 0, default 0.5; at 0 the rate does not fall, and other powers than 0.5 take a slower kernel
 * @param options.initialAccumulator - n before the first step, ≥ 0, default 0.1; a number, no schedule
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x, but not to its square in n; default 0
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { createOptimizer, ftrl } from "thalweg";
 * const optimizer = createOptimizer(ftrl({ learningRate: 0.5, l1: 0.4 }), [0, 0]);
 * optimizer.gradient.set([0.3, -0.5]);
 * optimizer.step();
 * optimizer.parameters; // ≈ [0, 0.0845]: the first gradient is within l1
 * optimizer.dispose();
 * ```
 *
 * Source: McMahan et al., "Ad click prediction: a view from the trenches", KDD 2013, algorithm 1, with the power, the first accumulator
 * and the shrinkage of tf.keras.optimizers.Ftrl. Keras' learning_rate_power is −p, its l2_regularization_strength half of
 * `l2` and its l2_shrinkage_regularization_strength half of `weightDecay`. The paper and Keras begin with z = 0, which
 * forgets a start that is not 0 but for σx; and where the learning rate changes, Keras takes the change of nᵖ by the new
 * one, so that x moves without a gradient.
 */
export const ftrl = defineRule({
  name: "ftrl",
  summary: "the regularised leader: Adagrad's rates, and exact zeros by L1",
  formula: "n ← n + g², z ← z + g − σx, x ← −(z − λ₁·sign(z))/((β + √n)/η + λ₂), 0 where |z| ≤ λ₁",
  use: "features are many and sparse, and most weights shall be exactly 0",
  source: "McMahan et al. 2013, algorithm 1; Keras Ftrl",
  options,
  slots: (o): ("sum" | "rest")[] => (isZero(o.l1) ? ["sum"] : ["sum", "rest"]),
  initial: (o) => ({ sum: o.initialAccumulator }),
  linear: (o) => isZero(o.l1),
  sparse: (o) => isZero(o.weightDecay),
  kernel,
  scalars(out, o) {
    out[0] = o.learningRate;
    out[1] = o.weightDecay;
    out[2] = o.beta + o.learningRate * o.l2;
    out[3] = o.l1;
    out[4] = o.learningRate * o.l1;
    out[5] = o.learningRate > 0 ? 1 / o.learningRate : 0;
    out[6] = o.power;
  },
  textbook(s, o, divide) {
    const gradient = s.g + o.weightDecay * s.x;
    const sum = s.sum + s.g ** 2;
    const root = o.power === 0.5 ? Math.sqrt(sum) : pow(sum, o.power);
    const weight = o.beta + root + o.learningRate * o.l2;
    // −z with the gradient is weight·x/η + pull; where x is not 0 its part beyond the weight is ±l1, else what was kept of it.
    const pull = o.l1 * Math.sign(s.x) + (s.rest ?? 0) - gradient;
    const reach = weight * s.x + o.learningRate * pull;
    const isZeroed = o.l1 > 0 && weight > 0 && Math.abs(reach) <= o.learningRate * o.l1;
    const excess = o.learningRate * (pull - o.l1 * Math.sign(reach));
    const x = isZeroed ? 0 : s.x + divide(excess, weight);
    const weighted = o.learningRate > 0 ? (weight * s.x) / o.learningRate : 0;
    return { x, sum, rest: x === 0 ? weighted + pull : 0 };
  },
});
