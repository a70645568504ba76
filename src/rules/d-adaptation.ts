import { multiplyRunning } from "../core/running-product.ts";
import {
  alsoCalled,
  constant,
  flag,
  fraction,
  growth,
  nonNegative,
  type OptionsAtStep,
  positive,
} from "./options.ts";
import { defineRule, type StepContext } from "./rule.ts";
import { writeRate } from "./write-rate.ts";

/** Options of the estimate that rules of this kind share. */
export const distanceOptions = {
  initialDistance: constant(alsoCalled(positive(1e-6), "d0", "initial_d")),
  growthRate: alsoCalled(growth(Infinity), "growth_rate"),
};

const sgdOptions = { learningRate: nonNegative(1), ...distanceOptions, momentum: fraction(0) };

/**
 * SGD with D-Adaptation: a lower bound on the distance to the minimum is learned on the way, and the rate is that over ‖g₀‖.
 *
 * η = γd/‖g₀‖, n ← n + η⟨g, s⟩, s ← s + ηg, d ← max(d, min(2n/‖s‖, growthRate·d)), x ← μx + (1−μ)(x₀ − s), where g₀
 * is the first gradient that is not 0.
 *
 * On convex functions n/‖s‖ is at most ‖x₀ − x*‖, so that d never exceeds twice that distance (it is taken twice, as the authors do).
 * For an L2 penalty chain `weightDecay` ahead of it.
 *
 * @param options.learningRate - γ ≥ 0, a factor of the rate, default 1
 * @param options.initialDistance - d at first: > 0, far below the true distance; default 0.000001; a number, no schedule
 * @param options.growthRate - by which d may grow in a step: ≥ 1 or Infinity, default ∞; 1.02 makes a slow start
 * @param options.momentum - μ in [0, 1), default 0
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { dAdaptSgd, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: dAdaptSgd(), start: [3], steps: 500 }).x; // ≈ [0]
 * ```
 *
 * Source: Defazio and Mishchenko, "Learning-rate-free learning by D-Adaptation", ICML 2023, algorithm 4, in the form of the
 * authors' code, version 3 (`DAdaptSGD`: d0, growth_rate). Departures: ‖g₀‖ is of the gradient with its
 * decay, if one is chained ahead, and of the first that is not 0.
 */
export const dAdaptSgd = defineRule({
  name: "dAdaptSgd",
  summary: "a learned lower bound on the distance to the minimum as the rate of SGD",
  formula: "s ← s + ηg, η = γd/‖g₀‖, d ← max(d, 2Σ η⟨g, s⟩/‖s‖), x ← μx + (1−μ)(x₀ − s)",
  use: "you would take SGD and cannot tune its rate",
  source: "Defazio & Mishchenko 2023, algorithm 4",
  options: sgdOptions,
  slots: (): ("s" | "start")[] => ["s", "start"],
  initial: () => ({ start: "parameters" }),
  linear: false,
  measures: {
    sumNorm: { norm: "s" },
    slope: { dot: ["g", "s"] },
    gradientNorm: { norm: "g", when: (_, carried) => carried[2] === 0 },
  },
  // d, n, ‖g₀‖ and η.
  carries: [0, 0, 0, 0],
  advance(o, { t, measured: { sumNorm, slope, gradientNorm }, carried }) {
    const [d, n, firstNorm, last] = carried;
    // What the last step measured raises d at this one: that is where it is needed.
    const found = last === 0 || sumNorm === 0 ? 0 : (2 * n) / sumNorm;
    const distance = t === 1 ? o.initialDistance : Math.max(d, Math.min(found, o.growthRate * d));
    const unit = firstNorm === 0 ? gradientNorm : firstNorm;
    const rate = unit === 0 ? 0 : Math.min((o.learningRate * distance) / unit, Number.MAX_VALUE);
    carried[0] = distance;
    carried[1] = n + rate * slope;
    carried[2] = unit;
    carried[3] = rate;
  },
  effectiveRate: (_, { carried }) => carried[3],
  kernel: () => "dAdaptSgd",
  scalars(out, o, { carried }) {
    writeRate(out, carried[3]);
    out[2] = 1 - o.momentum;
  },
  textbook(s, o) {
    const sum = s.s + s.carried[3] * s.g;
    return { x: o.momentum * s.x + (1 - o.momentum) * (s.start - sum), s: sum, start: s.start };
  },
});

const adamOptions = {
  learningRate: nonNegative(1),
  ...distanceOptions,
  beta1: fraction(0.9),
  beta2: fraction(0.999),
  epsilon: nonNegative(1e-8),
  biasCorrection: alsoCalled(flag(false), "use_bias_correction", "bias_correction"),
  weightDecay: nonNegative(0),
  decoupled: alsoCalled(flag(false), "decouple"),
};

/** √(1 − β₂ᵗ)/(1 − β₁ᵗ), from running products that are carried from `at` on. */
export function adamCorrection(carried: Float64Array, at: number, beta1: number, beta2: number): number {
  const first = multiplyRunning(carried, at, beta1);
  const second = multiplyRunning(carried, at + 2, beta2);
  return Math.sqrt(1 - second) / (1 - first);
}

/** The pull of weight decay that is a part of the gradient, and that which is not. */
export const decayOf = ({ weightDecay, decoupled }: { weightDecay: number; decoupled: boolean }) =>
  decoupled ? { coupled: 0, apart: weightDecay } : { coupled: weightDecay, apart: 0 };

type AdamMeasure = "sum" | "slope" | "pull";

/** n/(1 − √β₂), d and η of a step of {@link dAdaptAdam}. */
function adaptAdam(
  o: OptionsAtStep<typeof adamOptions>,
  { t, measured: { sum, slope, pull = 0 }, carried }: StepContext<AdamMeasure>,
): void {
  const [d, n, last] = carried;
  const found = last === 0 || sum === 0 ? 0 : n / sum;
  const distance = t === 1 ? o.initialDistance : Math.max(d, Math.min(found, o.growthRate * d));
  const correction = o.biasCorrection ? adamCorrection(carried, 3, o.beta1, o.beta2) : 1;
  const rate = distance * o.learningRate * correction;
  const { coupled } = decayOf(o);
  carried[0] = distance;
  carried[1] = Math.sqrt(o.beta2) * n + rate * (slope + coupled * pull);
  carried[2] = rate;
}

/**
 * Adam with D-Adaptation: a lower bound d on the distance to the minimum is learned on the way, and is the rate.
 *
 * η = γd (with biasCorrection × √(1−β₂ᵗ)/(1−β₁ᵗ)), n ← √β₂·n + (1−√β₂)η⟨g, s/(√v + ε)⟩, m ← β₁m + (1−β₁)ηg,
 * v ← β₂v + (1−β₂)g², s ← √β₂·s + (1−√β₂)ηg, d ← max(d, min(n/((1−√β₂)‖s‖₁), growthRate·d)), x ← x − m/(√v + ε).
 *
 * @param options.learningRate - γ ≥ 0, a factor of the rate, default 1
 * @param options.initialDistance - d at first: > 0, far below the true distance; default 0.000001; a number, no schedule
 * @param options.growthRate - by which d may grow in a step: ≥ 1 or Infinity, default ∞; 1.02 makes a slow start
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @param options.biasCorrection - correct the moments as Adam does, default false
 * @param options.weightDecay - ≥ 0, default 0: added to the gradient as weightDecay·x (L2), unless it is decoupled
 * @param options.decoupled - take the decay off the parameters as η·weightDecay·x instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { dAdaptAdam, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: dAdaptAdam(), start: [3], steps: 2000 }).x; // ≈ [0]
 * ```
 *
 * Source: Defazio and Mishchenko, "Learning-rate-free learning by D-Adaptation", ICML 2023, algorithm 5, in the form of the
 * authors' code, version 3 (`DAdaptAdam`: d0, growth_rate, use_bias_correction, decouple). Their `layer_scale` is left out.
 */
export const dAdaptAdam = defineRule({
  name: "dAdaptAdam",
  summary: "a learned lower bound on the distance to the minimum as the rate of Adam",
  formula: "η = γd, m ← β₁m + (1−β₁)ηg, v ← β₂v + (1−β₂)g², x ← x − m/(√v + ε), d ← max(d, n/((1−√β₂)‖s‖₁))",
  use: "you would take Adam and cannot tune its rate",
  source: "Defazio & Mishchenko 2023, algorithm 5",
  options: adamOptions,
  slots: (): ("m" | "v" | "s" | "q")[] => ["m", "v", "s", "q"],
  linear: false,
  measures: (o) => ({
    sum: { absoluteSum: "s" },
    slope: { dot: ["g", "q"] },
    ...(o.weightDecay === 0 || o.decoupled ? {} : { pull: { dot: ["x", "q"] as const } }),
  }),
  // d, n/(1 − √β₂) and η; β₁ᵗ and β₂ᵗ.
  carries: [0, 0, 0, 1, 0, 1, 0],
  advance: adaptAdam,
  effectiveRate: (_, { carried }) => carried[2],
  kernel: () => "dAdaptAdam",
  scalars(out, o, { carried }) {
    const { coupled, apart } = decayOf(o);
    const rate = carried[2];
    const beta3 = Math.sqrt(o.beta2);
    out[0] = coupled;
    out[1] = o.beta1;
    out[2] = (1 - o.beta1) * rate;
    out[3] = o.beta2;
    out[4] = 1 - o.beta2;
    out[5] = beta3;
    out[6] = (1 - beta3) * rate;
    out[7] = o.epsilon;
    out[8] = rate * apart;
  },
  textbook(s, o, divide) {
    const { coupled, apart } = decayOf(o);
    const rate = s.carried[2];
    const beta3 = Math.sqrt(o.beta2);
    const gradient = s.g + coupled * s.x;
    const m = o.beta1 * s.m + (1 - o.beta1) * rate * gradient;
    const v = o.beta2 * s.v + (1 - o.beta2) * gradient ** 2;
    const sum = beta3 * s.s + (1 - beta3) * rate * gradient;
    const root = Math.sqrt(v) + o.epsilon;
    return { x: s.x - (divide(m, root) + rate * apart * s.x), m, v, s: sum, q: divide(sum, root) };
  },
});
