import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { rateInside } from "./conventions.ts";
import { flag, fraction, nonNegative, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * LaProp: momentum of gradients that were each divided by their root mean square, where Adam divides the momentum. So
 * β₁ and β₂ may have any values together.
 *
 * v ← β₂v + (1−β₂)g², m ← β₁m + (1−β₁)g/(√v̂ + ε), x ← x − η(m̂ + λx) with v̂ = v/(1−β₂ᵗ), m̂ = m/(1−β₁ᵗ). With `rateInside`
 * m ← β₁m + (1−β₁)ηg/(√v̂ + ε), x ← x − (m·η/η̄ + ηλx), where η̄ is the average of the rates so far, by β₁ too: η(1−β₁ᵗ) where η stays.
 *
 * No step is longer than η/√(1−β₂), whatever β₁ is; Adam's have no such bound where β₁² > β₂.
 *
 * @param options.learningRate - η ≥ 0, default 0.0004
 * @param options.beta1 - in [0, 1), default 0.9 (the paper's µ)
 * @param options.beta2 - in [0, 1), default 0.999 (the paper's ν)
 * @param options.epsilon - ε ≥ 0, default 1e-15; at 0 a parameter whose gradients were all 0 stays
 * @param options.rateInside - multiply by η before the momentum's average, as the authors' code does, default false; it matters
 * where η changes
 * @param options.weightDecay - λ ≥ 0, decoupled, times the learning rate; default 0
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { laprop, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: laprop({ learningRate: 0.1 }), start: [3], steps: 2000 }).x; // ≈ [0]
 * ```
 *
 * Source: Ziyin, Wang, Ueda, "LaProp: separating momentum and adaptivity in Adam", arXiv 2002.04839, algorithm 1. The defaults are those
 * of the authors' code, which takes its weight decay off after the step, and not before it.
 */
export const laprop = defineRule({
  name: "laprop",
  summary: "momentum of gradients that are scaled one by one",
  formula: "v ← β₂v + (1−β₂)g², m ← β₁m + (1−β₁)g/(√v̂ + ε), x ← x − η(m̂ + λx)",
  use: "the loss is noisy, and Adam is unstable with the momentum that you want",
  source: "Ziyin, Wang & Ueda 2020, algorithm 1",
  options: {
    learningRate: rate(4e-4),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    epsilon: nonNegative(1e-15),
    rateInside: rateInside(),
    weightDecay: nonNegative(0),
    maximize: flag(false),
  },
  slots: (): ("m" | "v")[] => ["m", "v"],
  // β₁ᵗ and β₂ᵗ, each in two numbers, and the average of the rates.
  carries: [1, 0, 1, 0, 0],
  kernel: () => "laprop",
  scalars(out, o, { carried }) {
    const power1 = multiplyRunning(carried, 0, o.beta1);
    const power2 = multiplyRunning(carried, 2, o.beta2);
    carried[4] = o.beta1 * carried[4] + (1 - o.beta1) * o.learningRate;
    const outside = o.learningRate / (o.rateInside ? carried[4] : 1 - power1);
    // Where all rates were 0 so is m.
    const rate = Number.isFinite(outside) ? outside : 0;
    out[0] = o.maximize ? -rate : rate;
    out[1] = o.learningRate * o.weightDecay;
    out[2] = o.beta1;
    out[3] = (1 - o.beta1) * (o.rateInside ? o.learningRate : 1);
    out[4] = o.beta2;
    out[5] = 1 - o.beta2;
    out[6] = 1 / Math.sqrt(1 - power2);
    out[7] = o.epsilon;
  },
  textbook(s, o, divide) {
    const inside = o.rateInside ? o.learningRate : 1;
    const v = o.beta2 * s.v + (1 - o.beta2) * s.g ** 2;
    const quotient = divide(s.g, Math.sqrt(v / (1 - pow(o.beta2, s.t))) + o.epsilon);
    const m = o.beta1 * s.m + (1 - o.beta1) * inside * quotient;
    const outside = o.rateInside ? 1 : o.learningRate;
    const step = ((o.maximize ? -outside : outside) * m) / (1 - pow(o.beta1, s.t));
    return { x: s.x - (step + o.learningRate * o.weightDecay * s.x), m, v };
  },
});
