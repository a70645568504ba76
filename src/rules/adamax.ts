import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { effectiveGradient } from "./effective-gradient.ts";
import { flag, fraction, nonNegative, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * AdaMax: Adam with the largest gradient of the near past in place of the root of the second moment.
 *
 * m ← β₁m + (1−β₁)g, u ← max(β₂u, |g| + ε), x ← x − η·m̂/u with m̂ = m/(1−β₁ᵗ).
 *
 * No step is longer than about η. u stays 0, not ε, while all gradients are 0.
 *
 * @param options.learningRate - η ≥ 0, default 0.002
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @param options.epsilonOutside - add ε to u = max(β₂u, |g|), as Keras does, default false
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2); default 0
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { adamax, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: adamax({ learningRate: 0.1 }), start: [3], steps: 2000 }).x; // ≈ [0]
 * ```
 *
 * Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 2, which has no ε (`epsilon: 0`).
 * PyTorch and Optax add it to |g| inside the maximum, which is the default here; Keras adds it to u (`epsilonOutside: true`,
 * with 1e-7). Optax' adamaxw is the wrapper `weightDecay` with `decoupled: true`, chained ahead of it.
 */
export const adamax = defineRule({
  name: "adamax",
  summary: "Adam with the largest gradient of the near past below the first moment",
  formula: "m ← β₁m + (1−β₁)g, u ← max(β₂u, |g| + ε), x ← x − η·m̂/u",
  use: "gradients are sparse or have rare outliers, which should keep steps short for long",
  source: "Kingma & Ba 2015, algorithm 2; torch.optim.Adamax",
  options: {
    learningRate: rate(2e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    epsilon: nonNegative(1e-8),
    epsilonOutside: flag(false),
    weightDecay: nonNegative(0),
    maximize: flag(false),
  },
  slots: (): ("m" | "u")[] => ["m", "u"],
  carries: [1, 0],
  kernel: () => "adamax",
  scalars(out, o, { carried }) {
    out[0] = o.learningRate / (1 - multiplyRunning(carried, 0, o.beta1));
    out[1] = o.maximize ? -1 : 1;
    out[2] = o.weightDecay;
    out[3] = o.beta1;
    out[4] = 1 - o.beta1;
    out[5] = o.beta2;
    out[6] = o.epsilonOutside ? 0 : o.epsilon;
    out[7] = o.epsilonOutside ? o.epsilon : 0;
  },
  textbook(s, o, divide) {
    const gradient = effectiveGradient(s, o);
    const m = o.beta1 * s.m + (1 - o.beta1) * gradient;
    const [inside, outside] = o.epsilonOutside ? [0, o.epsilon] : [o.epsilon, 0];
    const asleep = s.u === 0 && gradient === 0;
    const u = asleep ? 0 : Math.max(o.beta2 * s.u, Math.abs(gradient) + inside);
    const mHat = m / (1 - pow(o.beta1, s.t));
    return { x: s.x - o.learningRate * divide(mHat, u + outside), m, u };
  },
});
