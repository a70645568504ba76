import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { decoupledDecay, epsilonHat, epsilonRoot } from "./conventions.ts";
import { effectiveGradient } from "./effective-gradient.ts";
import { alsoCalled, flag, fraction, type NumberOption, nonNegative, rate } from "./options.ts";
import { rectification } from "./rectification.ts";
import { defineRule, unrounded } from "./rule.ts";

/** Where rectification begins: it has no meaning up to 4. */
const threshold = (value: number): NumberOption => ({
  kind: "number",
  default: value,
  domain: "[4, ∞)",
  contains: (v) => Number.isFinite(v) && v >= 4,
});

/**
 * RAdam: Adam that begins with plain momentum, until enough gradients are known to trust their second moment, and then
 * shortens its steps by what the second moment still lacks.
 *
 * m and v as Adam's, ρₜ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ) with ρ∞ = 2/(1−β₂) − 1. Where ρₜ > 5: x ← x − η·rₜ·m̂/(√v̂ + ε) with
 * rₜ = √((ρₜ−4)(ρₜ−2)ρ∞/((ρ∞−4)(ρ∞−2)ρₜ)), else x ← x − η·m̂; m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).
 *
 * At β₂ = 0.999 it divides from step 6 on; where β₂ is at most 2/3 never. The first steps have the size of the gradient.
 *
 * @param options.learningRate - η ≥ 0, default 0.001
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @param options.epsilonRoot - ε ≥ 0 inside the root, √(v̂ + ε), default 0 (Optax's eps_root)
 * @param options.epsilonHat - put ε beside √v, before its correction, as PyTorch and the authors' code do; default true; false is
 * Optax's form
 * @param options.threshold - in [4, ∞), default 5: what ρₜ has to exceed; the paper has 4
 * @param options.skipUnrectified - take no step until then (the authors' code with degenerated_to_sgd=False), default false
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2), default 0
 * @param options.decoupledDecay - x ← (1 − η·weightDecay)x before the step, and not into the gradient; default false
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, quadratic, radam } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: radam({ learningRate: 0.1 }), start: [3], steps: 2000 }).x; // ≈ [0]
 * ```
 *
 * Source: Liu et al., "On the variance of the adaptive learning rate and beyond", ICLR 2020, algorithm 2, in the form of
 * torch.optim.RAdam. The paper has no ε and rectifies from ρₜ > 4 on; PyTorch, Optax and the authors' code wait for 5 (the latter two
 * take 5 itself in). Optax can also look ahead (nesterov), which is not had here.
 */
export const radam = defineRule({
  name: "radam",
  summary: "Adam that begins as momentum and trusts the second moment by degrees",
  formula: "m and v as Adam's, x ← x − η·rₜ·m̂/(√v̂ + ε) where ρₜ > 5, else x ← x − η·m̂",
  use: "Adam's first steps go astray and you want no warm-up to tune",
  source: "Liu et al. 2020, algorithm 2; torch.optim.RAdam",
  options: {
    learningRate: rate(1e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    epsilon: nonNegative(1e-8),
    epsilonRoot: epsilonRoot(),
    epsilonHat: epsilonHat(true),
    threshold: alsoCalled(threshold(5), "sma_threshold", "n_sma_threshold"),
    skipUnrectified: flag(false),
    weightDecay: nonNegative(0),
    decoupledDecay: decoupledDecay(false),
    maximize: flag(false),
  },
  slots: (): ("m" | "v")[] => ["m", "v"],
  carries: [1, 0, 1, 0],
  kernel(o) {
    if (o.epsilonRoot !== 0) return "adamGeneral";
    return (o.decoupledDecay || o.weightDecay === 0) && !o.maximize ? "adam" : "adamDecayed";
  },
  scalars(out, o, { t, carried }) {
    const correction1 = 1 - multiplyRunning(carried, 0, o.beta1);
    const power2 = multiplyRunning(carried, 2, o.beta2);
    const factor = rectification(t, o.beta2, o.threshold);
    const rootScale = 1 / Math.sqrt(1 - power2);
    const size = factor > 0 ? factor : o.skipUnrectified ? 0 : 1;
    out[0] = o.maximize ? -1 : 1;
    out[1] = o.decoupledDecay ? 0 : o.weightDecay;
    out[2] = o.decoupledDecay ? 1 - o.learningRate * o.weightDecay : 1;
    out[3] = o.beta1;
    out[4] = 1 - o.beta1;
    out[5] = o.beta2;
    out[6] = 1 - o.beta2;
    out[7] = (o.learningRate * size) / correction1;
    // Unrectified, the kernel divides by 0·√v + 1.
    out[8] = factor > 0 ? rootScale : 0;
    out[9] = factor > 0 ? (o.epsilonHat ? o.epsilon * rootScale : o.epsilon) : 1;
    out[10] = o.epsilonRoot * (1 - power2);
    out[11] = 1;
  },
  textbook(s, o, divide, store = unrounded) {
    const gradient = effectiveGradient(s, o.decoupledDecay ? { ...o, weightDecay: 0 } : o);
    const x = o.decoupledDecay ? store((1 - o.learningRate * o.weightDecay) * s.x) : s.x;
    const m = o.beta1 * s.m + (1 - o.beta1) * gradient;
    const v = o.beta2 * s.v + (1 - o.beta2) * gradient ** 2;
    const mHat = m / (1 - pow(o.beta1, s.t));
    const power = pow(o.beta2, s.t);
    const factor = rectification(s.t, o.beta2, o.threshold);
    if (factor === 0) return { x: o.skipUnrectified ? x : x - o.learningRate * mHat, m, v };
    const epsilon = o.epsilonHat ? o.epsilon / Math.sqrt(1 - power) : o.epsilon;
    const root = Math.sqrt(v / (1 - power) + o.epsilonRoot) + epsilon;
    return { x: x - o.learningRate * factor * divide(mHat, root), m, v };
  },
});
