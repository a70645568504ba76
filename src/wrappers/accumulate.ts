import { count } from "../rules/options.ts";
import { defineWrapper } from "./wrapper.ts";

/**
 * Gradient accumulation: the rule steps at every k-th call only, on the mean of the k gradients. Wrappers ahead of it
 * work on each of these, wrappers behind it on their mean; those behind the rule wait with the rule.
 *
 * @param options.steps - k, a whole number ≥ 1, default 1; may be a schedule of the rule's steps
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { accumulate, chain, createOptimizer, sgd } from "thalweg";
 * const optimizer = createOptimizer(chain(accumulate({ steps: 2 }), sgd({ learningRate: 1 })), [0]);
 * optimizer.gradient.set([3]);
 * optimizer.step();
 * optimizer.parameters; // [0]
 * optimizer.gradient.set([5]);
 * optimizer.step();
 * optimizer.parameters; // [-4]
 * ```
 *
 * Source: Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017, section 3.
 */
export const accumulate = defineWrapper({
  name: "accumulate",
  summary: "steps on the mean of several gradients",
  source: "Goyal et al. 2017, section 3",
  place: "before",
  options: { steps: count(1, 1) },
  slots: () => ["sum"],
  carries: [0],
  before({ kernels, count, gradient, gradientView, slots, slotViews, carried }, { steps }) {
    carried[0]++;
    kernels.axpy(count, 1, gradient, slots[0]);
    if (carried[0] < steps) return false;
    gradientView.set(slotViews[0]);
    kernels.divide(count, carried[0], gradient);
    slotViews[0].fill(0);
    carried[0] = 0;
    return true;
  },
});
