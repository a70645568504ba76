import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { biasCorrection } from "./conventions.ts";
import { alsoCalled, constant, count, flag, fraction, nonNegative, positive, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/** Whether step t takes a new estimate: the first, and every `interval` steps from there. */
const isDue = (t: number, { interval }: { readonly interval: number }) => (t - 1) % interval === 0;

/**
 * Sophia: momentum over an estimate of the Hessian's diagonal, renewed now and then, no parameter moving by more than η.
 *
 * m ← β₁m + (1−β₁)g, every k steps h ← β₂h + (1−β₂)ĥ, x ← x − η(clip(m/max(γh, ε), 1) + weightDecay·x), where ĥ = z ∘ Hz
 * for random signs z (Hutchinson's estimate), averaged over probes. Where h is not positive the step is one of the sign
 * of m. The Hessian comes from the problem, or from differences of its gradients; in a loop of your own give
 * `step({ hessianVectorProduct })` when `optimizer.needs` says so. The same seed takes the same signs.
 *
 * @param options.learningRate - η ≥ 0, default 0.001
 * @param options.beta1 - in [0, 1), default 0.965
 * @param options.beta2 - in [0, 1), default 0.99
 * @param options.gamma - γ > 0, the part of h that it divides by, default 0.01: the smaller, the more steps are clipped
 * @param options.epsilon - ε ≥ 0, default 1e-8
 * @param options.biasCorrection - divide m by 1−β₁ᵗ, as Optax does, default false
 * @param options.delayed - take a new h from the next step on, as Optax does, so that the first steps go by the sign of
 * m; default false
 * @param options.weightDecay - ≥ 0, the share of x that is taken off per unit of learning rate; default 1e-4
 * @param options.interval - k, the steps from one estimate to the next, a whole number ≥ 1, default 10; a number, no schedule
 * @param options.probes - products with the Hessian to an estimate, a whole number ≥ 1, default 1; a number, no schedule
 * @param options.seed - of the signs, a whole number ≥ 0, default 0; a number, no schedule
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { cosine, minimize, sophia } from "thalweg";
 * const valley = { value: (x: ArrayLike<number>) => x[0] ** 4 + 50 * x[1] ** 2 }; // its derivatives are taken by differences
 * const rule = sophia({ learningRate: cosine({ from: 0.05, steps: 1000 }) });
 * minimize(valley, { rule, start: [2, 1], steps: 1000 }).value; // < 1e-3
 * ```
 *
 * Source: Liu, Li, Hall, Liang, Ma, "Sophia: a scalable stochastic second-order optimizer for language model pre-training",
 * ICLR 2024, algorithm 3 with the estimator of algorithm 1 (Sophia-H); the first version of the paper (2023) writes clip(m/max(h, ε), ρ)
 * instead, which is the same with γ = ρ and η for ηρ. The defaults are those of Optax' contrib.sophia, which
 * is `biasCorrection: true, delayed: true`; the paper has ε = 1e-12 and decays by 0.2. The Gauss–Newton–Bartlett estimator (Sophia-G) needs
 * labels that are sampled from the model, which no objective here gives.
 */
export const sophia = defineRule({
  name: "sophia",
  summary: "momentum over the curvature's diagonal, clipped",
  formula: "m ← β₁m + (1−β₁)g, h ← β₂h + (1−β₂)ĥ, x ← x − η(clip(m/max(γh, ε), 1) + λx)",
  use: "curvatures differ widely and products with the Hessian are to be had",
  source: "Liu et al. 2024, algorithms 1 and 3",
  options: {
    learningRate: rate(1e-3),
    beta1: fraction(0.965),
    beta2: fraction(0.99),
    gamma: alsoCalled(positive(0.01), "rho"),
    epsilon: nonNegative(1e-8),
    biasCorrection: biasCorrection(false),
    delayed: flag(false),
    weightDecay: nonNegative(1e-4),
    interval: alsoCalled(constant(count(10, 1)), "k", "update_interval", "updateInterval"),
    probes: alsoCalled(constant(count(1, 1)), "samples", "n_samples"),
    seed: constant(count(0, 0)),
  },
  slots: (): ("m" | "curvature")[] => ["m", "curvature"],
  needs: { hessianDiagonal: (t, o) => (isDue(t, o) ? o.probes : 0) },
  carries: [1, 0],
  kernel: (o) => (o.delayed ? "sophiaDelayed" : "sophia"),
  scalars(out, o, { t, carried }) {
    const correction = o.biasCorrection ? 1 - multiplyRunning(carried, 0, o.beta1) : 1;
    out[0] = o.learningRate;
    out[1] = o.learningRate * o.weightDecay;
    out[2] = o.beta1;
    out[3] = 1 - o.beta1;
    out[4] = isDue(t, o) ? o.beta2 : 1;
    out[5] = isDue(t, o) ? 1 - o.beta2 : 0;
    // clip(m/cd, 1) with the correction c is m over the larger of cd and |m|.
    out[6] = correction * o.gamma;
    out[7] = correction * o.epsilon;
  },
  textbook(s, o, divide) {
    const m = o.beta1 * s.m + (1 - o.beta1) * s.g;
    const curvature = isDue(s.t, o) ? o.beta2 * s.curvature + (1 - o.beta2) * s.h : s.curvature;
    const mHat = o.biasCorrection ? m / (1 - pow(o.beta1, s.t)) : m;
    const known = o.delayed ? s.curvature : curvature;
    // clip(m/d, 1) is m over the larger of d and |m|.
    const step = divide(mHat, Math.max(o.gamma * known, o.epsilon, Math.abs(mHat)));
    return { x: s.x - o.learningRate * (step + o.weightDecay * s.x), m, curvature };
  },
});
