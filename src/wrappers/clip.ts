import { positive } from "../rules/options.ts";
import { defineWrapper } from "./wrapper.ts";

/** Carried by clipping wrappers: the steps so far, and those in which something was clipped. */
export const clipCounts = {
  carries: [0, 0],
  report: ([steps, clipped]: Float64Array) => ({ clippedFraction: steps === 0 ? 0 : clipped / steps }),
};

/** Counts a step, and whether something was clipped in it. */
export function countClip(carried: Float64Array, clipped: boolean): void {
  carried[0]++;
  if (clipped) carried[1]++;
}

/**
 * Scales the whole gradient down to a norm: g ← g · min(1, norm/‖g‖₂), over all blocks together.
 *
 * @param options.norm - > 0, default 1; may be a schedule
 *
 * @example
 * ```ts
 * import { chain, clipByGlobalNorm, createOptimizer, sgd } from "thalweg";
 * const optimizer = createOptimizer(chain(clipByGlobalNorm({ norm: 1 }), sgd({ learningRate: 1 })), [0, 0]);
 * optimizer.gradient.set([30, 40]);
 * optimizer.step();
 * optimizer.parameters; // ≈ [-0.6, -0.8]
 * ```
 *
 * Source: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", ICML 2013, algorithm 1.
 */
export const clipByGlobalNorm = defineWrapper({
  name: "clipByGlobalNorm",
  summary: "scales the whole gradient down to a norm",
  source: "Pascanu et al. 2013, algorithm 1",
  place: "before",
  options: { norm: positive(1) },
  ...clipCounts,
  before({ kernels, count, gradient, carried }, { norm }) {
    const size = kernels.norm(count, gradient);
    const clipped = size > norm;
    if (clipped) kernels.scale(count, norm / size, gradient);
    countClip(carried, clipped);
    return true;
  },
});
