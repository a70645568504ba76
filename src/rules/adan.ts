import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { biasCorrection, epsilonRoot } from "./conventions.ts";
import { alsoCalled, flag, fraction, nonNegative, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * Adan: Nesterov's momentum without a second gradient, from averages of the gradient and of its changes, over the root
 * of the mean square of the gradient taken ahead.
 *
 * d = g − gₜ₋₁ (0 at the first step), m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)d, n ← β₃n + (1−β₃)(g + β₂d)²,
 * x ← (x − η(m̂ + β₂v̂)/(√n̂ + ε))/(1 + ηλ) with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ), n̂ = n/(1−β₃ᵗ).
 *
 * @param options.learningRate - η ≥ 0, default 0.001
 * @param options.beta1 - in [0, 1), default 0.98; the paper's β₁ is 1 less this, and so are the other two
 * @param options.beta2 - in [0, 1), default 0.92
 * @param options.beta3 - in [0, 1), default 0.99
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @param options.epsilonRoot - ε ≥ 0 inside the root, √(n̂ + ε), default 0 (Optax's eps_root, there 1e-8)
 * @param options.biasCorrection - divide m, v and n by 1−βᵗ, as the authors' code and Optax do, default true; false is the
 * paper's form
 * @param options.complementWeight - weigh changes by 1−β₂ in place of β₂, as Optax does, default false
 * @param options.weightDecay - λ ≥ 0, by the proximal step (1 + ηλ)⁻¹, default 0
 * @param options.proximal - false for x ← (1−ηλ)x before the step, as AdamW's (the authors' no_prox, and Optax); default true
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { adan, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: adan({ learningRate: 0.1 }), start: [3], steps: 2000 }).x; // ≈ [0]
 * ```
 *
 * Source: Xie et al., "Adan: adaptive Nesterov momentum algorithm for faster optimizing deep models", IEEE TPAMI 2024,
 * algorithm 1, in the form of the authors' code: with bias corrections, and without the paper's restart condition, which the code
 * leaves out. The paper's coefficients are 1 − β: 0.02, 0.08, 0.01. There changes are weighed by 1 − 0.08, which is β₂ here; Optax writes
 * 1 − β₂ for its β₂ of 0.92, and so weighs them by 0.08.
 */
export const adan = defineRule({
  name: "adan",
  summary: "Nesterov's momentum from the gradient and its changes",
  formula: "m of g, v of d = g − gₜ₋₁, n of (g + β₂d)² averaged, x ← (x − η(m̂ + β₂v̂)/(√n̂ + ε))/(1 + ηλ)",
  use: "you train a large network, on large batches, with a large rate",
  source: "Xie et al. 2024, algorithm 1",
  options: {
    learningRate: rate(1e-3),
    beta1: fraction(0.98),
    beta2: fraction(0.92),
    beta3: alsoCalled(fraction(0.99), "beta_3", "b3"),
    epsilon: nonNegative(1e-8),
    epsilonRoot: epsilonRoot(),
    biasCorrection: biasCorrection(true),
    complementWeight: flag(false),
    weightDecay: nonNegative(0),
    proximal: alsoCalled(flag(true), "no_prox"),
    maximize: flag(false),
  },
  slots: (): ("m" | "v" | "n" | "previous")[] => ["m", "v", "n", "previous"],
  carries: [1, 0, 1, 0, 1, 0],
  kernel: () => "adan",
  scalars(out, o, { t, carried }) {
    const power1 = multiplyRunning(carried, 0, o.beta1);
    const power2 = multiplyRunning(carried, 2, o.beta2);
    const power3 = multiplyRunning(carried, 4, o.beta3);
    const ahead = o.complementWeight ? 1 - o.beta2 : o.beta2;
    const correction3 = o.biasCorrection ? 1 - power3 : 1;
    const decay = o.learningRate * o.weightDecay;
    // (x − step)/(1 + ηλ) is x − (step + ηλx)/(1 + ηλ).
    const share = o.proximal ? 1 / (1 + decay) : 1;
    const rate = share * (o.maximize ? -o.learningRate : o.learningRate);
    out[0] = o.biasCorrection ? rate / (1 - power1) : rate;
    out[1] = (o.biasCorrection ? rate / (1 - power2) : rate) * ahead;
    out[2] = share * decay;
    out[3] = o.beta1;
    out[4] = 1 - o.beta1;
    out[5] = o.beta2;
    out[6] = 1 - o.beta2;
    out[7] = o.beta3;
    out[8] = 1 - o.beta3;
    out[9] = 1 / Math.sqrt(correction3);
    out[10] = o.epsilonRoot * correction3;
    out[11] = o.epsilon;
    out[12] = ahead;
    out[13] = t === 1 ? 0 : 1;
  },
  textbook(s, o, divide) {
    const rate = o.maximize ? -o.learningRate : o.learningRate;
    const corrected = (moment: number, beta: number) =>
      o.biasCorrection ? moment / (1 - pow(beta, s.t)) : moment;
    const ahead = o.complementWeight ? 1 - o.beta2 : o.beta2;
    const change = s.t === 1 ? 0 : s.g - s.previous;
    const m = o.beta1 * s.m + (1 - o.beta1) * s.g;
    const v = o.beta2 * s.v + (1 - o.beta2) * change;
    const n = o.beta3 * s.n + (1 - o.beta3) * (s.g + ahead * change) ** 2;
    const along = corrected(m, o.beta1) + ahead * corrected(v, o.beta2);
    const step = rate * divide(along, Math.sqrt(corrected(n, o.beta3) + o.epsilonRoot) + o.epsilon);
    const decay = o.learningRate * o.weightDecay;
    const x = o.proximal ? (s.x - step) / (1 + decay) : s.x - (step + decay * s.x);
    return { x, m, v, n, previous: s.g };
  },
});
