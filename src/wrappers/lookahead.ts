import { count, share } from "../rules/options.ts";
import { defineWrapper } from "./wrapper.ts";

/**
 * Lookahead: after every k steps of the rule the slow weights φ go a part of the way to where it came, and it goes on
 * from there: φ ← φ + α(x − φ), x ← φ. The rule keeps its state.
 *
 * @param options.steps - k, a whole number ≥ 1, default 5; may be a schedule
 * @param options.rate - α in [0, 1], default 0.5; at 1 nothing is changed; may be a schedule
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { chain, createOptimizer, lookahead, sgd } from "thalweg";
 * const rule = chain(sgd({ learningRate: 1 }), lookahead({ steps: 2, rate: 0.5 }));
 * const optimizer = createOptimizer(rule, [0]);
 * optimizer.gradient.set([-4]);
 * optimizer.step();
 * optimizer.parameters; // [4]
 * optimizer.step();
 * optimizer.parameters; // [4]: halfway from 0 to 8
 * ```
 *
 * Source: Zhang, Lucas, Hinton, Ba, "Lookahead optimizer: k steps forward, 1 step back", NeurIPS 2019, algorithm 1.
 */
export const lookahead = defineWrapper({
  name: "lookahead",
  summary: "goes back a part of the way after every few steps",
  source: "Zhang et al. 2019, algorithm 1",
  place: "after",
  options: { steps: count(5, 1), rate: share(0.5) },
  slots: () => ["slow"],
  carries: [0],
  start({ xView, slotViews }) {
    slotViews[0].set(xView);
  },
  after({ kernels, count, x, xView, slots, slotViews, carried }, { steps, rate }) {
    if (++carried[0] < steps) return;
    carried[0] = 0;
    kernels.combine(count, 1 - rate, slots[0], rate, x, slots[0]);
    xView.set(slotViews[0]);
  },
});
