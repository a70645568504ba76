import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { alsoCalled, finite, flag, fraction, nonNegative } from "./options.ts";
import { defineRule, type StepContext } from "./rule.ts";

const lowerBound = alsoCalled(finite(0), "lb", "fStar", "f_star", "fstar", "f_min");
const estimateBound = alsoCalled(flag(false), "use_fstar", "useFstar", "adapt_lower_bound");

/** An averaged linear model of the function, at x. */
interface Model {
  /** The average of the values. */
  readonly value: number;
  /** By how much the model has changed from where its gradients were taken to x. */
  readonly change: number;
  /** ⟨m, x⟩, where there is a decay. */
  readonly averageDot: number;
  /** ⟨m, direction⟩. */
  readonly slope: number;
  /** The sum of the weights of the averages. */
  readonly weights: number;
}

/** The options that decide how far a step goes. */
interface Reach {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly lowerBound: number;
  readonly estimateBound: boolean;
}

/**
 * τ: how far along the averaged direction the model, with its decay, reaches the bound, at most η over the weights; and what the bound is
 * at the next step, if it is estimated.
 */
function reach(o: Reach, model: Model, last: number): readonly [length: number, bound: number] {
  const { value, change, averageDot, slope, weights } = model;
  const { lowerBound, estimateBound } = o;
  const decay = o.learningRate * o.weightDecay;
  const above = (1 + decay) * (value + change) - decay * averageDot;
  let bound = estimateBound ? last : lowerBound;
  // An estimate that the model does not reach was too high.
  if (estimateBound && above < (1 + decay) * weights * bound) {
    bound = Math.max(above / (2 * (1 + decay) * weights), lowerBound);
  }
  const height = Math.max(above - (1 + decay) * weights * bound, 0);
  const length = Math.min(o.learningRate / weights, height === 0 ? 0 : height / slope);
  return [length, Math.max((value + change - (length * slope) / 2) / weights, lowerBound)];
}

/**
 * What the model measures besides: ⟨g, x − x′⟩ and ⟨m, x − x′⟩ since the last step. With them its change c = ⟨m, x⟩ − Σ w⟨g, x⟩ is βc +
 * ⟨m, x − x′⟩ − (1−β)⟨g, x − x′⟩, and nothing cancels far from the origin.
 */
const driftMeasures = {
  gradientDrift: { dot: [["x", "before"], "g"] },
  averageDrift: { dot: [["x", "before"], "m"] },
} as const;

type ModelMeasure = keyof typeof driftMeasures | "slope" | "averageNorm" | "averageDot";

const averageDot = { averageDot: { dot: ["m", "x"] } } as const;

/** What the decay takes of x and leaves of the step, where it is proximal: x ← (x − step)/(1 + ηλ). */
function proximally({ learningRate, weightDecay }: { learningRate: number; weightDecay: number }) {
  const decay = learningRate * weightDecay;
  return { taken: decay / (1 + decay), left: 1 / (1 + decay) };
}

/** Whether a step takes value and gradient whole. */
const takesWhole = (t: number, biasCorrection: boolean) => t === 1 && !biasCorrection;

/**
 * MoMo: momentum whose step goes as far as an averaged linear model of the function needs to reach a lower bound, and the learning rate
 * at most.
 *
 * m ← βm + (1−β)g, f̄ ← βf̄ + (1−β)f, e ← βe + (1−β)⟨g, x⟩, τ = min(η/ρ, max(f̄ − ρf* + ⟨m, x⟩ − e, 0)/‖m‖²), x ← x − τm.
 *
 * The first step takes f, g and ⟨g, x⟩ whole, and ρ = 1; with biasCorrection all averages begin at 0 and ρ = 1 − βᵗ. It takes the
 * objective's value: `optimizer.step({ value })`.
 *
 * @param options.learningRate - η ≥ 0, what τ is at most, default 1
 * @param options.beta - β in [0, 1), default 0.9
 * @param options.biasCorrection - begin the averages at 0 and divide by the sum of their weights, default false
 * @param options.lowerBound - f*, below which the function never falls: any finite number, default 0
 * @param options.estimateBound - learn f* on the way, not below lowerBound (it may be too high for a while); default false
 * @param options.weightDecay - λ ≥ 0, default 0: proximal, x ← (x − τm)/(1 + ηλ), with τ from the model of the penalised function
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, momo, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: momo(), start: [3], steps: 200 }).x; // ≈ [0]
 * ```
 *
 * Source: Schaipp, Ohana, Eickenberg, Defazio, Gower, "MoMo: momentum models for adaptive learning rates", ICML 2024 (arXiv
 * 2305.07583), algorithm 1, with its estimate of f* and its weight decay; in the form of the authors' code
 * (`Momo`: lb, use_fstar, bias_correction). Optax is the same without decay; with one its step is not divided by 1 + ηλ.
 */
export const momo = defineRule({
  name: "momo",
  summary: "momentum whose step reaches a lower bound of the averaged model",
  formula: "m ← βm + (1−β)g, x ← x − τm, τ = min(η, max(f̄ − f* + ⟨m, x⟩ − e, 0)/‖m‖²)",
  use: "you train with momentum and know a lower bound of the loss, such as 0",
  source: "Schaipp et al. 2024, algorithm 1",
  options: {
    learningRate: nonNegative(1),
    beta: fraction(0.9),
    biasCorrection: alsoCalled(flag(false), "bias_correction"),
    lowerBound,
    estimateBound,
    weightDecay: nonNegative(0),
  },
  slots: (): ("m" | "before")[] => ["m", "before"],
  initial: () => ({ before: "parameters" }),
  linear: false,
  needs: { value: true },
  prepare: {
    kernel: () => "momoAverage",
    scalars(out, o, { t }) {
      const whole = takesWhole(t, o.biasCorrection);
      out[0] = whole ? 0 : o.beta;
      out[1] = whole ? 1 : 1 - o.beta;
    },
    textbook: (s, o) => ({
      m: takesWhole(s.t, o.biasCorrection) ? s.g : o.beta * s.m + (1 - o.beta) * s.g,
    }),
  },
  measures: (o) => ({
    ...driftMeasures,
    averageNorm: { norm: "m" },
    ...(o.weightDecay === 0 ? {} : averageDot),
  }),
  // f̄, the model's change, τ and the bound; βᵗ.
  carries: [0, 0, 0, 0, 1, 0],
  advance(o, { t, value, measured, carried }: StepContext<ModelMeasure>) {
    const [lastValue, lastChange, , lastBound] = carried;
    const whole = takesWhole(t, o.biasCorrection);
    const rest = 1 - o.beta;
    const { gradientDrift, averageDrift, averageNorm, averageDot = 0 } = measured;
    const power = multiplyRunning(carried, 4, o.beta);
    const model = {
      value: whole ? value : o.beta * lastValue + rest * value,
      change: o.beta * lastChange + averageDrift - rest * gradientDrift,
      averageDot,
      slope: averageNorm ** 2,
      weights: o.biasCorrection ? 1 - power : 1,
    };
    const [length, bound] = reach(o, model, t === 1 ? o.lowerBound : lastBound);
    carried[0] = model.value;
    carried[1] = model.change;
    carried[2] = length;
    carried[3] = bound;
  },
  remedy: "a lowerBound nearer to the least value, or a lower learningRate, which bounds them",
  effectiveRate: (_, { carried }) => carried[2],
  kernel: () => "momoStep",
  scalars(out, o, { carried }) {
    const { taken, left } = proximally(o);
    out[0] = taken;
    out[1] = left * carried[2];
  },
  textbook: (s, o) => ({
    x: (s.x - s.carried[2] * s.m) / (1 + o.learningRate * o.weightDecay),
    m: s.m,
    before: s.x,
  }),
});

/**
 * MoMo-Adam: {@link momo} along Adam's direction.
 *
 * m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², D = √(v/(1−β₂ᵗ)) + ε, f̄ and e as MoMo's with β₁ from 0,
 * τ = min(η/ρ, max(f̄ − ρf* + ⟨m, x⟩ − e, 0)/⟨m, m/D⟩) with ρ = 1−β₁ᵗ, x ← x − τ·m/D.
 *
 * It takes the objective's value: `optimizer.step({ value })`.
 *
 * @param options.learningRate - η ≥ 0, what τ is at most, default 0.01
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @param options.lowerBound - f*, below which the function never falls: any finite number, default 0
 * @param options.estimateBound - learn f* on the way, not below lowerBound (it may be too high for a while); default false
 * @param options.weightDecay - λ ≥ 0, default 0
 * @param options.proximal - decay as x ← (x − τ·m/D)/(1 + ηλ), default true; else as AdamW, x ← (1 − ηλ)x − τ·m/D
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, momoAdam, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: momoAdam({ learningRate: 1 }), start: [3], steps: 200 }).x; // ≈ [0]
 * ```
 *
 * Source: Schaipp, Ohana, Eickenberg, Defazio, Gower, "MoMo: momentum models for adaptive learning rates", ICML 2024 (arXiv
 * 2305.07583), algorithm 2, with its estimate of f* and its weight decay; in the form of the authors' code
 * (`MomoAdam`: lb, use_fstar, divide). Optax is the same without decay; with one its step is not divided by 1 + ηλ.
 */
export const momoAdam = defineRule({
  name: "momoAdam",
  summary: "Adam whose step reaches a lower bound of the averaged model",
  formula: "x ← x − τ·m/D, D = √v̂ + ε, τ = min(η/ρ, max(f̄ − ρf* + ⟨m, x⟩ − e, 0)/⟨m, m/D⟩)",
  use: "you train with Adam and know a lower bound of the loss, such as 0",
  source: "Schaipp et al. 2024, algorithm 2",
  options: {
    learningRate: nonNegative(0.01),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    epsilon: nonNegative(1e-8),
    lowerBound,
    estimateBound,
    weightDecay: nonNegative(0),
    proximal: alsoCalled(flag(true), "divide"),
  },
  slots: (): ("direction" | "before" | "m" | "v")[] => ["direction", "before", "m", "v"],
  initial: () => ({ before: "parameters" }),
  transient: ["direction"],
  linear: false,
  needs: { value: true },
  prepare: {
    kernel: () => "momoAdamAverage",
    scalars(out, o, { carried }) {
      out[0] = o.beta1;
      out[1] = 1 - o.beta1;
      out[2] = o.beta2;
      out[3] = 1 - o.beta2;
      out[4] = 1 / Math.sqrt(1 - multiplyRunning(carried, 6, o.beta2));
      out[5] = o.epsilon;
    },
    textbook(s, o, divide) {
      const m = o.beta1 * s.m + (1 - o.beta1) * s.g;
      const v = o.beta2 * s.v + (1 - o.beta2) * s.g ** 2;
      return { m, v, direction: divide(m, Math.sqrt(v / (1 - pow(o.beta2, s.t))) + o.epsilon) };
    },
  },
  measures: (o) => ({
    ...driftMeasures,
    slope: { dot: ["m", "direction"] },
    ...(o.weightDecay === 0 ? {} : averageDot),
  }),
  // f̄, the model's change, τ and the bound; β₁ᵗ and β₂ᵗ.
  carries: [0, 0, 0, 0, 1, 0, 1, 0],
  advance(o, { t, value, measured, carried }: StepContext<ModelMeasure>) {
    const [lastValue, lastChange, , lastBound] = carried;
    const rest = 1 - o.beta1;
    const { gradientDrift, averageDrift, slope, averageDot = 0 } = measured;
    const model = {
      value: o.beta1 * lastValue + rest * value,
      change: o.beta1 * lastChange + averageDrift - rest * gradientDrift,
      averageDot,
      slope,
      weights: 1 - multiplyRunning(carried, 4, o.beta1),
    };
    const [length, bound] = reach(o, model, t === 1 ? o.lowerBound : lastBound);
    carried[0] = model.value;
    carried[1] = model.change;
    carried[2] = length;
    carried[3] = bound;
  },
  remedy: "a lowerBound nearer to the least value, or a lower learningRate, which bounds them",
  effectiveRate: (_, { carried }) => carried[2],
  kernel: () => "momoStep",
  scalars(out, o, { carried }) {
    const { taken, left } = proximally(o);
    out[0] = o.proximal ? taken : o.learningRate * o.weightDecay;
    out[1] = o.proximal ? left * carried[2] : carried[2];
  },
  textbook(s, o) {
    const step = s.carried[2] * s.direction;
    const decay = o.learningRate * o.weightDecay;
    const x = o.proximal ? (s.x - step) / (1 + decay) : (1 - decay) * s.x - step;
    return { x, direction: s.direction, before: s.x, m: s.m, v: s.v };
  },
});
