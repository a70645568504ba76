import { multiplyRunning } from "../core/running-product.ts";
import { exp, log, pow } from "../core/scalar.ts";
import { epsilonRoot } from "./conventions.ts";
import {
  alsoCalled,
  constant,
  count,
  flag,
  fraction,
  nonNegative,
  type OptionsAtStep,
  rate,
} from "./options.ts";
import { defineRule } from "./rule.ts";

const options = {
  learningRate: rate(1e-3),
  beta1: fraction(0.9),
  beta2: fraction(0.999),
  beta3: alsoCalled(fraction(0.9999), "beta_3", "b3"),
  alpha: alsoCalled(nonNegative(5), "a"),
  alphaWarmup: alsoCalled(constant(count(0, 0)), "alpha_warmup", "t_alpha"),
  beta3Warmup: alsoCalled(constant(count(0, 0)), "beta3_warmup", "t_beta3"),
  epsilon: nonNegative(1e-8),
  epsilonRoot: epsilonRoot(),
  weightDecay: nonNegative(0),
  maximize: flag(false),
};

type AdemamixStep = OptionsAtStep<typeof options>;

/** α at step t: along a straight line up to it. */
const alphaAt = (t: number, { alpha, alphaWarmup }: AdemamixStep): number =>
  t < alphaWarmup ? (t * alpha) / alphaWarmup : alpha;

/** β₃ at step t: from β₁ on so that 1/ln β, and with it the half-life, goes along a straight line. */
function beta3At(t: number, { beta1, beta3, beta3Warmup }: AdemamixStep): number {
  if (t >= beta3Warmup) return beta3;
  const share = t / beta3Warmup;
  return Math.min(exp(1 / ((1 - share) / log(beta1) + share / log(beta3))), beta3);
}

/**
 * AdEMAMix: Adam along a mixture of two averages of the gradient, one that forgets fast and one that remembers thousands
 * of steps.
 *
 * m₁ ← β₁m₁ + (1−β₁)g, m₂ ← β₃m₂ + (1−β₃)g, v ← β₂v + (1−β₂)g², x ← x − η((m̂₁ + αm₂)/(√v̂ + ε) + λx) with m̂₁ = m₁/(1−β₁ᵗ),
 * v̂ = v/(1−β₂ᵗ); m₂ is not corrected, so that it comes in slowly.
 *
 * With a warm-up of T steps α is αt/T up to then, and β₃ is exp(ln β₁·ln β₃/((1−t/T)·ln β₃ + (t/T)·ln β₁)), which lets
 * its half-life grow in proportion to t. The paper warms both up over the whole run.
 *
 * @param options.learningRate - η ≥ 0, default 0.001
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.beta3 - in [0, 1), default 0.9999
 * @param options.alpha - α ≥ 0, default 5; at 0 the rule is AdamW with decay in the same assignment
 * @param options.alphaWarmup - a whole number ≥ 0, default 0: the steps that α takes to grow; no schedule
 * @param options.beta3Warmup - a whole number ≥ 0, default 0: the steps that β₃ takes to grow from β₁; no schedule
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @param options.epsilonRoot - ε ≥ 0 inside the root, √(v̂ + ε), default 0 (Optax's eps_root)
 * @param options.weightDecay - λ ≥ 0, decoupled, times the learning rate; default 0
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { ademamix, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * const rule = ademamix({ learningRate: 0.01, beta3: 0.99 });
 * minimize(bowl, { rule, start: [3], steps: 5000 }).x; // ≈ [0]
 * ```
 *
 * Source: Pagliardini, Ablin, Grangier, "The AdEMAMix optimizer: better, faster, older", ICLR 2025, algorithm 1. The authors' code has an α of 2
 * by default, Optax 5; Optax takes schedules for α and β₃ in place of the warm-ups, as both options do here.
 */
export const ademamix = defineRule({
  name: "ademamix",
  summary: "Adam along a fast and a slow average of the gradient",
  formula: "m₁, m₂ and v averages of g by β₁, β₃ and of g² by β₂, x ← x − η((m̂₁ + αm₂)/(√v̂ + ε) + λx)",
  use: "the run is long and gradients of thousands of steps ago still tell something",
  source: "Pagliardini, Ablin & Grangier 2025, algorithm 1",
  options,
  slots: (): ("m1" | "m2" | "v")[] => ["m1", "m2", "v"],
  carries: [1, 0, 1, 0],
  kernel: () => "ademamix",
  scalars(out, o, { t, carried }) {
    const correction1 = 1 - multiplyRunning(carried, 0, o.beta1);
    const correction2 = 1 - multiplyRunning(carried, 2, o.beta2);
    const beta3 = beta3At(t, o);
    const rate = o.maximize ? -o.learningRate : o.learningRate;
    out[0] = rate / correction1;
    out[1] = rate * alphaAt(t, o);
    out[2] = o.learningRate * o.weightDecay;
    out[3] = o.beta1;
    out[4] = 1 - o.beta1;
    out[5] = o.beta2;
    out[6] = 1 - o.beta2;
    out[7] = beta3;
    out[8] = 1 - beta3;
    out[9] = 1 / Math.sqrt(correction2);
    out[10] = o.epsilonRoot * correction2;
    out[11] = o.epsilon;
  },
  textbook(s, o, divide) {
    const rate = o.maximize ? -o.learningRate : o.learningRate;
    const beta3 = beta3At(s.t, o);
    const m1 = o.beta1 * s.m1 + (1 - o.beta1) * s.g;
    const m2 = beta3 * s.m2 + (1 - beta3) * s.g;
    const v = o.beta2 * s.v + (1 - o.beta2) * s.g ** 2;
    const mHat = m1 / (1 - pow(o.beta1, s.t));
    const vHat = v / (1 - pow(o.beta2, s.t));
    const step = rate * divide(mHat + alphaAt(s.t, o) * m2, Math.sqrt(vHat + o.epsilonRoot) + o.epsilon);
    return { x: s.x - (step + o.learningRate * o.weightDecay * s.x), m1, m2, v };
  },
});
