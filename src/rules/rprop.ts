import { describe } from "../core/describe.ts";
import { alsoCalled, enlarging, flag, fraction, nonNegative, positive, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

/**
 * Resilient propagation: each parameter has a step size of its own, which grows while its gradient keeps its sign.
 *
 * Δ ← Δ·η⁺ where g has the sign of the last gradient, Δ·η⁻ where the opposite, within [Δmin, Δmax]; x ← x − sign(g)·Δ, but
 * where the sign has turned x stays, and the coming step knows no last gradient. Only the signs of gradients matter, so
 * that it is for whole data sets, not for mini-batches.
 *
 * @param options.learningRate - the first step size, ≥ 0, default 0.01; of a schedule the value at the first step
 * @param options.etaPlus - η⁺ > 1, default 1.2
 * @param options.etaMinus - η⁻ in [0, 1), default 0.5
 * @param options.smallestStep - Δmin ≥ 0, default 1e-6
 * @param options.largestStep - Δmax > 0, default 50
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain;
 * RangeError where smallestStep is above largestStep
 *
 * @example
 * ```ts
 * import { minimize, quadratic, rprop } from "thalweg";
 * const valley = quadratic({ diagonal: [1e-3, 1, 1e6] }); // the scales do not matter
 * minimize(valley, { rule: rprop(), start: [3, -2, 1], steps: 300 }).x; // ≈ [0, 0, 0]
 * ```
 *
 * Source: Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning: the RPROP algorithm", 1993, in
 * the form of torch.optim.Rprop, which is iRprop− of Igel and Hüsken, "Improving the Rprop learning algorithm", 2000:
 * no step is taken back. The slot keeps the sign of the last gradient; PyTorch multiplies the gradients themselves,
 * so that where their product underflows it takes them for neither alike nor opposite. A sign of a gradient that is not finite is NaN
 * here, and ±1 there. Optax takes the step of the gradient before (its first moves nothing), and none where the sign has just turned; and
 * it does not bound the step sizes until a sign is known.
 */
export const rprop = defineRule({
  name: "rprop",
  summary: "step sizes of their own, by the signs of successive gradients",
  formula: "Δ ← Δ·η⁺ or Δ·η⁻ as g keeps its sign or turns, x ← x − sign(g)·Δ",
  use: "gradients are exact and their sizes mean little",
  source: "Riedmiller & Braun 1993; Igel & Hüsken 2000; torch.optim.Rprop",
  options: {
    learningRate: rate(0.01),
    etaPlus: alsoCalled(enlarging(1.2), "etas", "eta_plus"),
    etaMinus: alsoCalled(fraction(0.5), "eta_minus"),
    smallestStep: alsoCalled(nonNegative(1e-6), "step_sizes", "stepSizes", "minStep", "step_size_min"),
    largestStep: alsoCalled(positive(50), "maxStep", "step_size_max"),
    maximize: flag(false),
  },
  validate({ smallestStep, largestStep }, owner) {
    if (typeof smallestStep === "number" && typeof largestStep === "number" && smallestStep > largestStep) {
      throw new RangeError(
        `${owner}: smallestStep must be at most largestStep ${describe(largestStep)}, got ${describe(smallestStep)}`,
      );
    }
  },
  slots: (): ("previous" | "size")[] => ["previous", "size"],
  // Times the learning rate at the first step.
  initial: () => ({ size: 1 }),
  linear: false,
  kernel: () => "rprop",
  scalars(out, o, { t }) {
    out[0] = t === 1 ? o.learningRate : 1;
    out[1] = o.maximize ? -1 : 1;
    out[2] = o.etaPlus;
    out[3] = o.etaMinus;
    out[4] = o.smallestStep;
    out[5] = o.largestStep;
    out[6] = 1;
  },
  textbook(s, o, divide) {
    const gradient = o.maximize ? -s.g : s.g;
    const agreement = gradient * s.previous;
    const factor = agreement > 0 ? o.etaPlus : agreement < 0 ? o.etaMinus : 1;
    const scaled = (s.t === 1 ? s.size * o.learningRate : s.size) * factor;
    const size = Math.min(Math.max(scaled, o.smallestStep), o.largestStep);
    const previous = agreement < 0 ? 0 : divide(gradient, Math.abs(gradient));
    return { x: s.x - previous * size, previous, size };
  },
});
