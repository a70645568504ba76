import type { RealArray } from "../core/precision.ts";
import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { alsoCalled, count, flag, fraction, nonNegative, type OptionsAtStep, rate } from "./options.ts";
import { defineRule, type StepContext } from "./rule.ts";

const options = {
  weightDecay: nonNegative(0),
  decayAtZ: flag(false),
  warmupSteps: alsoCalled(count(0, 0), "warmup_steps", "warmup"),
  averagePower: alsoCalled(nonNegative(0), "r"),
  weightPower: alsoCalled(nonNegative(2), "weight_lr_power", "weightLrPower"),
};

interface AnyStep extends OptionsAtStep<typeof options> {
  readonly learningRate: number;
}

/** γ at step t: the learning rate, which rises over the first steps. */
const rateAt = (t: number, { learningRate, warmupSteps }: AnyStep) =>
  t < warmupSteps ? learningRate * (t / warmupSteps) : learningRate;

/** Renews the sum of the weights of the average, the largest rate so far, and the share that the coming z takes. */
function takeShare(o: AnyStep, { t, carried }: StepContext<never>): void {
  const largest = Math.max(carried[1], rateAt(t, o));
  const weight = pow(t, o.averagePower) * pow(largest, o.weightPower);
  carried[0] += weight;
  carried[1] = largest;
  carried[2] = carried[0] === 0 ? 0 : weight / carried[0];
}

const shared = {
  initial: () => ({ z: "parameters", average: "parameters" }) as const,
  result: "average",
  // Sum of weights, largest rate, and the share of z in x̄, which is all of it at the first step; β₂ᵗ, for the rule that has one.
  carries: [0, 0, 1, 1, 0],
  advance: takeShare,
  effectiveRate: (o: AnyStep, { t }: StepContext<never>) => rateAt(Math.max(t, 1), o),
} as const;

/** The scalars that both kernels take. */
function writeScalars(out: RealArray, o: AnyStep, beta: number, { t, carried }: StepContext<never>): void {
  out[0] = rateAt(t, o);
  out[1] = beta;
  out[2] = carried[2];
  out[3] = o.decayAtZ ? 0 : o.weightDecay;
  out[4] = o.decayAtZ ? o.weightDecay : 0;
}

/** A step along a direction: the new y, z and average. */
function move(
  s: { readonly x: number; readonly z: number; readonly average: number; readonly t: number },
  direction: number,
  o: AnyStep,
  beta: number,
  carried: Float64Array,
) {
  const share = carried[2];
  const z = s.z - rateAt(s.t, o) * (direction + o.weightDecay * (o.decayAtZ ? s.z : s.x));
  const average = (1 - share) * s.average + share * z;
  return { x: (1 - beta) * z + beta * average, z, average };
}

/**
 * Schedule-Free SGD: in place of momentum and of a schedule that ends somewhere, the gradient is taken between the iterate z and its
 * average.
 *
 * z ← z − γ(g(y) + λy), x̄ ← (1 − c)x̄ + cz, y = (1 − β)z + βx̄, with c = w/Σw, w = tʳ·(max γ)ᵖ: the weights of the average.
 *
 * `parameters` is y, where the gradient is wanted; the answer is x̄, as `averaged()` and in `minimize`'s `x`. The speed limit is that of
 * the first step, 2/λmax; once the average has settled it is 2/((1 − β)λmax), which a warm-up leads to.
 *
 * @param options.learningRate - γ ≥ 0, default 1
 * @param options.beta - β in [0, 1), default 0.9; at 0 the gradient is taken at z (Polyak–Ruppert averaging)
 * @param options.weightDecay - λ ≥ 0, default 0
 * @param options.decayAtZ - decay z by itself instead of y, default false
 * @param options.warmupSteps - over which γ rises: a whole number ≥ 0, default 0
 * @param options.averagePower - r ≥ 0, default 0; above it later iterates weigh more
 * @param options.weightPower - p ≥ 0, default 2; at 0 a warm-up weighs as much as the rest
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, quadratic, scheduleFreeSgd } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: scheduleFreeSgd(), start: [3], steps: 200 }).x; // ≈ [0]
 * ```
 *
 * Source: Defazio, Yang, Mehta, Mishchenko, Khaled, Cutkosky, "The road less scheduled", NeurIPS 2024, equations 1 to 3, with the weights
 * of the authors' code (`SGDScheduleFree`: momentum for β, warmup_steps, r, weight_lr_power), which keeps y and z only and
 * works out x̄ when it is asked for; here all three are kept. Optax has the defaults r = 0 and p = 2 alone; in a warm-up its steps take the
 * rate of the step before, the first one 0, and its weights that of the step itself.
 */
export const scheduleFreeSgd = defineRule({
  ...shared,
  name: "scheduleFreeSgd",
  summary: "the gradient between SGD's iterate and its average",
  formula: "z ← z − γ(g(y) + λy), x̄ ← (1−c)x̄ + cz, y = (1−β)z + βx̄",
  use: "you train on batches and do not know when you will stop",
  source: "Defazio et al. 2024, equations 1–3",
  options: { learningRate: rate(1), beta: fraction(0.9), ...options },
  slots: (): ("z" | "average")[] => ["z", "average"],
  kernel: () => "scheduleFreeSgd",
  scalars: (out, o, context) => writeScalars(out, o, o.beta, context),
  textbook: (s, o) => move(s, s.g, o, o.beta, s.carried),
});

/**
 * Schedule-Free AdamW: {@link scheduleFreeSgd} along the gradient over the root of its second moment; β₁ lies between iterate and average.
 *
 * v ← β₂v + (1−β₂)g², z ← z − γ(g/(√v̂ + ε) + λy), x̄ ← (1 − c)x̄ + cz, y = (1 − β₁)z + β₁x̄, with v̂ = v/(1−β₂ᵗ), c = w/Σw,
 * w = tʳ·(max γ)ᵖ.
 *
 * `parameters` is y, where the gradient is wanted; the answer is x̄, as `averaged()` and in `minimize`'s `x`.
 *
 * @param options.learningRate - γ ≥ 0, default 0.0025
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @param options.weightDecay - λ ≥ 0, default 0
 * @param options.decayAtZ - decay z by itself instead of y, default false
 * @param options.warmupSteps - over which γ rises: a whole number ≥ 0, default 0
 * @param options.averagePower - r ≥ 0, default 0; above it later iterates weigh more
 * @param options.weightPower - p ≥ 0, default 2; at 0 a warm-up weighs as much as the rest
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, quadratic, scheduleFreeAdamw } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: scheduleFreeAdamw({ learningRate: 0.5 }), start: [3], steps: 500 }).x; // ≈ [0]
 * ```
 *
 * Source: Defazio, Yang, Mehta, Mishchenko, Khaled, Cutkosky, "The road less scheduled", NeurIPS 2024, algorithm 1, in the form of the
 * authors' code since version 1.3 (`AdamWScheduleFree`). In the paper the correction √(1−β₂ᵗ) is a part of γ, and so of the
 * decay and of the weights. Keras is `weightPower: 0`, with a decay that acts on y ahead of the step; Optax as told of
 * {@link scheduleFreeSgd}.
 */
export const scheduleFreeAdamw = defineRule({
  ...shared,
  name: "scheduleFreeAdamw",
  summary: "the gradient between the iterate and its average, over the root of its second moment",
  formula: "z ← z − γ(g(y)/(√v̂ + ε) + λy), x̄ ← (1−c)x̄ + cz, y = (1−β₁)z + β₁x̄",
  use: "you would take AdamW and do not know when you will stop",
  source: "Defazio et al. 2024, algorithm 1",
  options: {
    learningRate: rate(0.0025),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    epsilon: nonNegative(1e-8),
    ...options,
  },
  slots: (): ("z" | "average" | "v")[] => ["z", "average", "v"],
  kernel: () => "scheduleFreeAdamw",
  scalars(out, o, context) {
    writeScalars(out, o, o.beta1, context);
    out[5] = o.beta2;
    out[6] = 1 - o.beta2;
    out[7] = 1 / Math.sqrt(1 - multiplyRunning(context.carried, 3, o.beta2));
    out[8] = o.epsilon;
  },
  textbook(s, o, divide) {
    const v = o.beta2 * s.v + (1 - o.beta2) * s.g ** 2;
    const direction = divide(s.g, Math.sqrt(v / (1 - pow(o.beta2, s.t))) + o.epsilon);
    return { ...move(s, direction, o, o.beta1, s.carried), v };
  },
});
