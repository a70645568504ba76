import { effectiveGradient } from "./effective-gradient.ts";
import { flag, nonNegative, rate, share } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * Adadelta: steps of the size of the last steps, scaled by the gradients, so that they have the parameters' units and no
 * learning rate needs to be set.
 *
 * g ← g + weightDecay·x, v ← ρv + (1−ρ)g², δ = √(u + ε)/√(v + ε)·g, u ← ρu + (1−ρ)δ², x ← x − ηδ.
 *
 * The first steps have a size of about √ε: a larger ε starts faster.
 *
 * @param options.learningRate - η ≥ 0, default 1; the paper has none
 * @param options.decay - ρ in [0, 1], default 0.9 (PyTorch's and Keras' rho)
 * @param options.epsilon - ε ≥ 0, default 1e-6; at 0 nothing ever moves
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2); default 0
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { adadelta, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: adadelta({ epsilon: 1e-4 }), start: [3], steps: 2000 }).x; // ≈ [0]
 * ```
 *
 * Source: Zeiler, "ADADELTA: an adaptive learning rate method", arXiv 1212.5701, algorithm 1, in the form of
 * torch.optim.Adadelta, which Optax and Keras share. The paper's ρ is 0.95, as is Keras', which multiplies by a learning rate of
 * 0.001 and has an ε of 1e-7.
 */
export const adadelta = defineRule({
  name: "adadelta",
  summary: "steps of the size of the last steps, scaled by the gradients",
  formula: "v ← ρv + (1−ρ)g², δ = √(u + ε)/√(v + ε)·g, u ← ρu + (1−ρ)δ², x ← x − ηδ",
  use: "you have no rate to begin with and can afford a slow start",
  source: "Zeiler 2012, algorithm 1; torch.optim.Adadelta",
  options: {
    learningRate: rate(1),
    decay: share(0.9),
    epsilon: nonNegative(1e-6),
    weightDecay: nonNegative(0),
    maximize: flag(false),
  },
  slots: (): ("v" | "u")[] => ["v", "u"],
  kernel: () => "adadelta",
  scalars(out, o) {
    out[0] = o.learningRate;
    out[1] = o.maximize ? -1 : 1;
    out[2] = o.weightDecay;
    out[3] = o.decay;
    out[4] = 1 - o.decay;
    out[5] = o.epsilon;
  },
  textbook(s, o, divide) {
    const gradient = effectiveGradient(s, o);
    const v = o.decay * s.v + (1 - o.decay) * gradient ** 2;
    const length = Math.sqrt(s.u + o.epsilon);
    const delta = length === 0 ? 0 : divide(gradient, Math.sqrt(v + o.epsilon) / length);
    const u = o.decay * s.u + (1 - o.decay) * delta ** 2;
    return { x: s.x - o.learningRate * delta, v, u };
  },
});
