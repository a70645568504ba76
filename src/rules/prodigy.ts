import { adamCorrection, decayOf, distanceOptions } from "./d-adaptation.ts";
import { alsoCalled, flag, fraction, nonNegative, type OptionsAtStep, positive, share } from "./options.ts";
import { defineRule, type StepContext } from "./rule.ts";

const options = {
  learningRate: nonNegative(1),
  ...distanceOptions,
  distanceFactor: alsoCalled(positive(1), "d_coef", "dCoef", "estim_lr_coef"),
  beta1: fraction(0.9),
  beta2: fraction(0.999),
  // √0.999, as the paper's √β₂ is.
  beta3: share(0.999499874937461),
  epsilon: nonNegative(1e-8),
  biasCorrection: alsoCalled(flag(false), "use_bias_correction", "bias_correction"),
  safeguardWarmup: alsoCalled(flag(false), "safeguard_warmup"),
  weightDecay: nonNegative(0),
  decoupled: alsoCalled(flag(true), "decouple"),
};

/** What the step does with the gradient, as a part of s: d·η/d₀, or without the rate's factors. */
const weightOf = (o: OptionsAtStep<typeof options>, d: number, rate: number) =>
  (d / o.initialDistance) * (o.safeguardWarmup ? d : rate);

/** d, the largest estimate, n and η of a step. */
function adapt(
  o: OptionsAtStep<typeof options>,
  { t, measured: { sum, drift, pull = 0 }, carried }: StepContext<"sum" | "drift" | "pull">,
): void {
  const d0 = o.initialDistance;
  let [d, largest, n, last] = carried;
  if (t === 1) d = largest = d0;
  else if (last !== 0 && sum !== 0) {
    // What the last step measured raises d at this one: that is where it is needed.
    const found = (o.distanceFactor * n) / sum;
    if (d === d0) d = Math.max(d, found);
    largest = Math.max(largest, found);
    d = Math.min(largest, d * o.growthRate);
  }
  const correction = o.biasCorrection ? adamCorrection(carried, 4, o.beta1, o.beta2) : 1;
  const rate = d * o.learningRate * correction;
  carried[0] = d;
  carried[1] = largest;
  carried[2] = o.beta3 * n + (d / d0) * rate * (drift + decayOf(o).coupled * pull);
  carried[3] = rate;
}

/**
 * Prodigy: Adam whose rate is a lower bound d on the distance to the minimum, learned faster than by D-Adaptation.
 *
 * η = γd (with biasCorrection × √(1−β₂ᵗ)/(1−β₁ᵗ)), n ← β₃n + (d/d₀)η⟨g, x₀ − x⟩, s ← β₃s + (d/d₀)ηg,
 * m ← β₁m + (1−β₁)dg, v ← β₂v + (1−β₂)d²g², x ← x − η(m/(√v + dε) + λx), d ← max(d, min(distanceFactor·n/‖s‖₁, growthRate·d)).
 *
 * On convex functions d never exceeds distanceFactor × max |x₀ − x*|. The first growth of d is not held back by growthRate.
 *
 * @param options.learningRate - γ ≥ 0, a factor of the rate, default 1
 * @param options.initialDistance - d₀ > 0, far below the true distance; default 0.000001; a number, no schedule
 * @param options.growthRate - by which d may grow in a step: ≥ 1 or Infinity, default ∞; 1.02 makes a slow start
 * @param options.distanceFactor - > 0, default 1: the authors' first choice where the rate has to be tuned, from 0.5 to 2
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.beta3 - memory of n and s: in [0, 1], default 0.999499874937461, the root of 0.999
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @param options.biasCorrection - correct the moments as Adam does, default false
 * @param options.safeguardWarmup - leave γ and the correction out of s, for schedules that start low; default false
 * @param options.weightDecay - λ ≥ 0, default 0: η·λ·x is taken off the parameters, unless it is not decoupled
 * @param options.decoupled - false adds λx to the gradient instead (L2), default true
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, prodigy, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: prodigy(), start: [3], steps: 1000 }).x; // ≈ [0]
 * ```
 *
 * Source: Mishchenko and Defazio, "Prodigy: an expeditiously adaptive parameter-free learner", ICML 2024 (arXiv 2306.06101),
 * algorithm 4, in the form of the authors' code (`Prodigy`: d0, d_coef, growth_rate, beta3, safeguard_warmup, decouple).
 * Departures: β₃ is a number of its own, where theirs follows β₂ unless it is given; and ε is multiplied by
 * the d of this step, as in the paper, where their code and Optax take the next one. Optax always corrects the bias
 * (`biasCorrection: true`).
 */
export const prodigy = defineRule({
  name: "prodigy",
  summary: "a lower bound on the distance to the minimum, learned fast, as the rate of Adam",
  formula: "η = γd, m ← β₁m + (1−β₁)dg, v ← β₂v + (1−β₂)d²g², x ← x − ηm/(√v + dε), d ← max(d, n/‖s‖₁)",
  use: "you would take AdamW and cannot tune its rate",
  source: "Mishchenko & Defazio 2023, algorithm 4",
  options,
  slots: (): ("m" | "v" | "s" | "start")[] => ["m", "v", "s", "start"],
  initial: () => ({ start: "parameters" }),
  linear: false,
  measures: (o) => ({
    sum: { absoluteSum: "s" },
    drift: { dot: [["start", "x"], "g"] },
    ...(o.weightDecay === 0 || o.decoupled ? {} : { pull: { dot: [["start", "x"], "x"] as const } }),
  }),
  // d, the largest estimate so far, n and η; β₁ᵗ and β₂ᵗ.
  carries: [0, 0, 0, 0, 1, 0, 1, 0],
  advance: adapt,
  effectiveRate: (_, { carried }) => carried[3],
  kernel: () => "prodigy",
  scalars(out, o, { carried }) {
    const { coupled, apart } = decayOf(o);
    const [d, , , rate] = carried;
    out[0] = coupled;
    out[1] = o.beta1;
    out[2] = (1 - o.beta1) * d;
    out[3] = o.beta2;
    out[4] = (1 - o.beta2) * d * d;
    out[5] = o.beta3;
    out[6] = weightOf(o, d, rate);
    out[7] = d * o.epsilon;
    out[8] = rate;
    out[9] = rate * apart;
  },
  textbook(s, o, divide) {
    const { coupled, apart } = decayOf(o);
    const [d, , , rate] = s.carried;
    const gradient = s.g + coupled * s.x;
    const m = o.beta1 * s.m + (1 - o.beta1) * d * gradient;
    const v = o.beta2 * s.v + (1 - o.beta2) * d ** 2 * gradient ** 2;
    return {
      x: s.x - rate * (divide(m, Math.sqrt(v) + d * o.epsilon) + apart * s.x),
      m,
      v,
      s: o.beta3 * s.s + weightOf(o, d, rate) * gradient,
      start: s.start,
    };
  },
});
