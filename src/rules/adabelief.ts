import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { epsilonRoot } from "./conventions.ts";
import { alsoCalled, flag, fraction, nonNegative, rate } from "./options.ts";
import { rectification } from "./rectification.ts";
import { defineRule } from "./rule.ts";

/** What ρₜ has to exceed where the step is rectified. */
const THRESHOLD = 5;

/**
 * AdaBelief: Adam that divides by how far gradients lie from what the first moment foresees: long steps where they
 * agree, short ones where they do not.
 *
 * m ← β₁m + (1−β₁)g, s ← β₂s + (1−β₂)(g − m)² + ε, x ← x − η(m̂/(√ŝ + ε) + λx) with m̂ = m/(1−β₁ᵗ), ŝ = s/(1−β₂ᵗ).
 *
 * The slot `s` is without the ε that each step adds; what they come to, ε(1−β₂ᵗ)/(1−β₂), is added under the root.
 *
 * @param options.learningRate - η ≥ 0, default 0.001
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0 outside the root, default 1e-16
 * @param options.epsilonRoot - ε ≥ 0 that each step adds to s, default 1e-16 (Optax's eps_root; one ε for both in the paper)
 * @param options.rectified - begin as RAdam does, with steps ηm̂ until ρₜ > 5 and then shortened by its factor; default false
 * @param options.weightDecay - λ ≥ 0, decoupled, times the learning rate; default 0
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { adabelief, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: adabelief({ learningRate: 0.1 }), start: [3], steps: 2000 }).x; // ≈ [0]
 * ```
 *
 * Source: Zhuang et al., "AdaBelief optimizer: adapting stepsizes by the belief in observed gradients", NeurIPS 2020,
 * algorithm 2, with the decoupled weight decay of the authors' code. The paper's ε is 1e-8; the authors' code and Optax have 1e-16.
 * The authors' package rectifies by default (`rectified: true`), Optax does not. Optax can also look ahead (nesterov), which is not had here. L2 comes from chaining the wrapper
 * `weightDecay` before it.
 */
export const adabelief = defineRule({
  name: "adabelief",
  summary: "Adam that divides by how far gradients lie from what was foreseen",
  formula: "m as Adam's, s ← β₂s + (1−β₂)(g − m)² + ε, x ← x − η(m̂/(√ŝ + ε) + λx)",
  use: "you want Adam's speed and steps that grow where gradients agree",
  source: "Zhuang et al. 2020, algorithm 2",
  options: {
    learningRate: rate(1e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    epsilon: nonNegative(1e-16),
    epsilonRoot: epsilonRoot(1e-16),
    rectified: alsoCalled(flag(false), "rectify"),
    weightDecay: nonNegative(0),
    maximize: flag(false),
  },
  slots: (): ("m" | "s")[] => ["m", "s"],
  // β₁ᵗ and β₂ᵗ, each in two numbers, and the ε that steps have added to s.
  carries: [1, 0, 1, 0, 0],
  kernel: () => "adabelief",
  scalars(out, o, { t, carried }) {
    const correction1 = 1 - multiplyRunning(carried, 0, o.beta1);
    const power2 = multiplyRunning(carried, 2, o.beta2);
    carried[4] = o.beta2 * carried[4] + o.epsilonRoot;
    const factor = o.rectified ? rectification(t, o.beta2, THRESHOLD) : 1;
    const size = (o.learningRate * (factor > 0 ? factor : 1)) / correction1;
    out[0] = o.maximize ? -size : size;
    out[1] = o.learningRate * o.weightDecay;
    out[2] = o.beta1;
    out[3] = 1 - o.beta1;
    out[4] = o.beta2;
    out[5] = 1 - o.beta2;
    // Unrectified, the kernel divides by 0·√s + 1.
    out[6] = factor > 0 ? 1 / Math.sqrt(1 - power2) : 0;
    out[7] = carried[4];
    out[8] = factor > 0 ? o.epsilon : 1;
  },
  textbook(state, o, divide) {
    const { x, g, t } = state;
    const rate = o.maximize ? -o.learningRate : o.learningRate;
    const m = o.beta1 * state.m + (1 - o.beta1) * g;
    const s = o.beta2 * state.s + (1 - o.beta2) * (g - m) ** 2;
    const power = pow(o.beta2, t);
    const added = (o.epsilonRoot * (1 - power)) / (1 - o.beta2);
    const sHat = (s + added) / (1 - power);
    const mHat = m / (1 - pow(o.beta1, t));
    const factor = o.rectified ? rectification(t, o.beta2, THRESHOLD) : 1;
    const step = factor > 0 ? factor * divide(mHat, Math.sqrt(sHat) + o.epsilon) : mHat;
    return { x: x - (rate * step + o.learningRate * o.weightDecay * x), m, s };
  },
});
