import { positive } from "../rules/options.ts";
import { clipCounts, clippedFraction, countClip, partFraction } from "./clip.ts";
import { defineWrapper } from "./wrapper.ts";

/**
 * Adaptive gradient clipping: scales each row of the gradient down where it is large against the row of parameters
 * that it is to change, ‖g_row‖ ≤ ratio · max(‖x_row‖, ε). The first axis of a block is its rows (one for each
 * output); a block of one axis, such as biases, is one row. Reports `clippedFraction` (of the steps, those in
 * which a row was scaled) and `clippedRows` (of all rows in all steps).
 *
 * @param options.ratio - λ > 0, default 0.01; may be a schedule
 * @param options.epsilon - ε > 0, default 1e-3: lets rows of zeros leave
 * @param options.blocks - work on these named blocks only: a name, a pattern with *, a RegExp, or a list of these
 * @param options.except - leave these named blocks alone
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { adaptiveClip, chain, createOptimizer, sgd } from "thalweg";
 * const rule = chain(adaptiveClip({ ratio: 0.1 }), sgd({ learningRate: 1 }));
 * const optimizer = createOptimizer(rule, { w: { shape: [2, 2], values: [3, 4, 30, 40] } });
 * optimizer.gradient.w.set([6, 8, 3, 4]);
 * optimizer.step(); // the first row is longer than 0.1 · 5, the second is no longer than 0.1 · 50
 * optimizer.parameters.w; // ≈ [2.7, 3.6, 27, 36]
 * ```
 *
 * Source: Brock, De, Smith, Simonyan, "High-performance large-scale image recognition without normalization",
 * ICML 2021, equation 3. The paper leaves the last layer out: use `except`.
 */
export const adaptiveClip = defineWrapper({
  name: "adaptiveClip",
  summary: "scales rows of the gradient down to a share of their parameters' norm",
  source: "Brock et al. 2021, equation 3",
  place: "before",
  masked: true,
  options: { ratio: positive(0.01), epsilon: positive(1e-3) },
  ...clipCounts,
  report: (carried) => ({ ...clippedFraction(carried), clippedRows: partFraction(carried) }),
  before({ kernels, blocks, carried }, { ratio, epsilon }) {
    let clipped = 0;
    let total = 0;
    for (let i = 0; i < blocks.length; i++) {
      const { shape, length, x, gradient } = blocks[i];
      const rows = shape.length > 1 ? shape[0] : 1;
      clipped += kernels.clipRows(rows, length / rows, ratio, epsilon, x, gradient);
      total += rows;
    }
    countClip(carried, clipped, total);
    return true;
  },
});
