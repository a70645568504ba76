import { defineWrapper } from "./wrapper.ts";

/**
 * Gradient centralisation: subtracts from each row of the gradient its mean, in blocks of two axes or more. The first
 * axis is the rows (one for each output), the mean is taken over all others; blocks of one axis stay.
 *
 * @param options.blocks - work on these named blocks only: a name, a pattern with *, a RegExp, or a list of these
 * @param options.except - leave these named blocks alone
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { centralizeGradient, chain, createOptimizer, sgd } from "thalweg";
 * const rule = chain(centralizeGradient(), sgd({ learningRate: 1 }));
 * const optimizer = createOptimizer(rule, { w: { shape: [2, 2], values: [0, 0, 0, 0] } });
 * optimizer.gradient.w.set([1, 3, 10, 20]);
 * optimizer.step();
 * optimizer.parameters.w; // [1, -1, 5, -5]
 * ```
 *
 * Source: Yong, Huang, Hua, Zhang, "Gradient centralization: a new optimization technique for deep neural networks",
 * ECCV 2020, equation 1.
 */
export const centralizeGradient = defineWrapper({
  name: "centralizeGradient",
  summary: "subtracts the mean of each row of the gradient",
  source: "Yong et al. 2020, equation 1",
  place: "before",
  masked: true,
  options: {},
  before({ kernels, blocks }) {
    for (let i = 0; i < blocks.length; i++) {
      const { shape, length, gradient } = blocks[i];
      if (shape.length > 1) kernels.centralizeRows(shape[0], length / shape[0], gradient);
    }
    return true;
  },
});
