import { flag, nonNegative } from "../rules/options.ts";
import { defineWrapper } from "./wrapper.ts";

/**
 * Weight decay around any rule: g ← g + λx, so that the rule sees the gradient of the penalty λ/2 ‖x‖² too (L2);
 * or decoupled, x ← x − ηλx right before the rule's step, with η the learning rate that the rule takes at this
 * step (each group's own; of rules that work it out, the last one's), and no more than all of x. Decoupled it acts only where
 * the rule steps, wherever it stands in the chain.
 *
 * @param options.weightDecay - λ ≥ 0, default 0.01; may be a schedule
 * @param options.decoupled - take it off the parameters, not into the gradient; default false
 * @param options.blocks - work on these named blocks only: a name, a pattern with *, a RegExp, or a list of these
 * @param options.except - leave these named blocks alone
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { adam, chain, createOptimizer, weightDecay } from "thalweg";
 * const decay = weightDecay({ weightDecay: 0.5, decoupled: true, except: "bias" });
 * const optimizer = createOptimizer(chain(decay, adam({ learningRate: 0.1 })), { w: [2], bias: [2] });
 * optimizer.step(); // the gradients are 0, so that only the decay acts
 * optimizer.parameters.w; // [1.9]
 * optimizer.parameters.bias; // [2]
 * ```
 *
 * Source: Krogh and Hertz, "A simple weight decay can improve generalization", NIPS 1991; decoupled: Loshchilov and
 * Hutter, "Decoupled weight decay regularization", ICLR 2019, with the decay multiplied by the learning rate as
 * PyTorch does.
 */
export const weightDecay = defineWrapper({
  name: "weightDecay",
  summary: "shrinks the parameters, by the gradient or decoupled from it",
  source: "Krogh & Hertz 1991; decoupled: Loshchilov & Hutter 2019",
  place: "before",
  masked: true,
  options: { weightDecay: nonNegative(0.01), decoupled: flag(false) },
  before({ kernels, blocks }, { weightDecay, decoupled }) {
    if (decoupled || weightDecay === 0) return true;
    for (let i = 0; i < blocks.length; i++) {
      const { count, x, gradient } = blocks[i];
      kernels.axpy(count, weightDecay, x, gradient);
    }
    return true;
  },
  beforeStep({ kernels, blocks }, { weightDecay, decoupled }) {
    if (!decoupled || weightDecay === 0) return;
    for (let i = 0; i < blocks.length; i++) {
      const block = blocks[i];
      kernels.scale(block.count, Math.max(1 - block.learningRate * weightDecay, 0), block.x);
    }
  },
});
