import { defineWrapper } from "./wrapper.ts";

/** The factor that makes up for what is left out is at most this. */
const MOST = 1000;

/**
 * Cautious updates: of the rule's step u only the entries that go against the gradient are taken (u·g < 0), scaled so
 * that the step keeps its size: by the block's entries over those that are taken, at most 1000. Reports
 * `keptFraction`, of all entries in all steps.
 *
 * @param options.blocks - work on these named blocks only: a name, a pattern with *, a RegExp, or a list of these
 * @param options.except - leave these named blocks alone
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { cautious, chain, createOptimizer, momentum } from "thalweg";
 * const rule = chain(momentum({ learningRate: 1, beta: 0.5 }), cautious());
 * const optimizer = createOptimizer(rule, [0, 0]);
 * optimizer.gradient.set([-4, -4]);
 * optimizer.step();
 * optimizer.parameters; // [2, 2]
 * optimizer.gradient.set([1, -2]); // momentum would go on by 0.5 and 2: the first entry up the slope
 * optimizer.step();
 * optimizer.parameters; // [2, 6]
 * ```
 *
 * Source: Liang, Chen, Liu, Liu, "Cautious optimizers: improving training with one line of code", 2024, algorithm 1.
 * Departures: the paper divides by the number of entries taken plus 1; here, as in its authors' code, by that
 * number, at least a thousandth of all, so that a step that goes down everywhere is left as it is. And a decay
 * within the rule (as in adamw) counts as a part of its step; `weightDecay` does not.
 */
export const cautious = defineWrapper({
  name: "cautious",
  summary: "takes only the entries of a step that go against the gradient",
  source: "Liang et al. 2024, algorithm 1",
  place: "after",
  masked: true,
  readsGradient: true,
  options: {},
  slots: () => ["before"],
  carries: [0, 0],
  report: ([entries, kept]) => ({ keptFraction: entries === 0 ? 1 : kept / entries }),
  beforeStep({ xView, slotViews }) {
    slotViews[0].set(xView);
  },
  after({ kernels, blocks, slots, elementBytes, carried }) {
    for (let i = 0; i < blocks.length; i++) {
      const { count, length, offset, x, gradient } = blocks[i];
      const before = slots[0] + offset * elementBytes;
      carried[0] += length;
      carried[1] += kernels.keepDescending(count, length, MOST, before, gradient, x);
    }
  },
});
