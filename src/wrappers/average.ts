import { fraction } from "../rules/options.ts";
import { defineWrapper } from "./wrapper.ts";

/**
 * An exponential moving average of the parameters: a ← decay·a + (1 − decay)·x after each step, starting from
 * the first parameters. See `optimizer.averaged()` and `minimize`'s `averaged`.
 *
 * @param options.decay - in [0, 1), default 0.999; may be a schedule
 *
 * @example
 * ```ts
 * import { chain, createOptimizer, ema, sgd } from "thalweg";
 * const optimizer = createOptimizer(chain(sgd({ learningRate: 1 }), ema({ decay: 0.5 })), [4]);
 * optimizer.gradient.set([2]);
 * optimizer.step();
 * optimizer.averaged(); // [3]
 * ```
 *
 * Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992, with
 * exponential weights.
 */
export const ema = defineWrapper({
  name: "ema",
  summary: "exponential moving average of the parameters",
  source: "Polyak & Juditsky 1992, exponentially weighted",
  place: "after",
  options: { decay: fraction(0.999) },
  slots: () => ["average"],
  averagedSlot: 0,
  start({ xView, slotViews }) {
    slotViews[0].set(xView);
  },
  after({ kernels, count, x, slots }, { decay }) {
    kernels.combine(count, decay, slots[0], 1 - decay, x, slots[0]);
  },
});
