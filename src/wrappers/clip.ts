import type { Kernels, Pointer } from "../core/kernels.ts";
import { positive } from "../rules/options.ts";
import { defineWrapper, type WrapperReport } from "./wrapper.ts";

/**
 * Carried by clipping wrappers: the steps so far, those in which something was clipped, the parts that were looked
 * at, and those that were clipped.
 */
export const clipCounts = { carries: [0, 0, 0, 0] };

/** Counts a step in which `clipped` of `parts` were clipped. */
export function countClip(carried: Float64Array, clipped: number, parts: number): void {
  carried[0]++;
  if (clipped > 0) carried[1]++;
  carried[2] += parts;
  carried[3] += clipped;
}

/** The fraction of steps in which something was clipped. */
export const clippedFraction = ([steps, clipped]: Float64Array): WrapperReport => ({
  clippedFraction: steps === 0 ? 0 : clipped / steps,
});

/** The fraction of the parts that were clipped. */
export const partFraction = ([, , parts, clipped]: Float64Array): number =>
  parts === 0 ? 0 : clipped / parts;

/** Scales a vector down to a norm and says whether it was longer. One that holds NaN or ∞ does not become finite. */
export function scaleDown(kernels: Kernels, count: number, at: Pointer, norm: number): boolean {
  let size = kernels.norm(count, at);
  if (!(size > norm)) return false;
  if (size === Infinity) {
    const largest = kernels.maxAbs(count, at);
    if (largest < Infinity) {
      kernels.divide(count, largest, at);
      size = kernels.norm(count, at);
    }
  }
  kernels.scale(count, norm / size, at);
  return true;
}

/**
 * Cuts every entry of the gradient off at a value: g ← min(max(g, −value), value). NaN stays NaN. Reports
 * `clippedFraction` (of the steps, those in which an entry was cut) and `clippedEntries` (of all entries in all steps).
 *
 * @param options.value - > 0, default 1; may be a schedule
 * @param options.blocks - work on these named blocks only: a name, a pattern with *, a RegExp, or a list of these
 * @param options.except - leave these named blocks alone
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { chain, clipByValue, createOptimizer, sgd } from "thalweg";
 * const optimizer = createOptimizer(chain(clipByValue({ value: 5 }), sgd({ learningRate: 1 })), [0, 0]);
 * optimizer.gradient.set([30, -4]);
 * optimizer.step();
 * optimizer.parameters; // [-5, 4]
 * optimizer.report(); // { "clipByValue.clippedFraction": 1, "clipByValue.clippedEntries": 0.5 }
 * ```
 *
 * Source: Mikolov, "Statistical language models based on neural networks", PhD thesis, Brno 2012, section 3.2.2.
 */
export const clipByValue = defineWrapper({
  name: "clipByValue",
  summary: "cuts every entry of the gradient off at a value",
  source: "Mikolov 2012, section 3.2.2",
  place: "before",
  masked: true,
  options: { value: positive(1) },
  ...clipCounts,
  report: (carried) => ({ ...clippedFraction(carried), clippedEntries: partFraction(carried) }),
  before({ kernels, blocks, carried }, { value }) {
    let clipped = 0;
    let entries = 0;
    for (let i = 0; i < blocks.length; i++) {
      const { count, length, gradient } = blocks[i];
      clipped += kernels.clamp(count, -value, value, gradient);
      entries += length;
    }
    countClip(carried, clipped, entries);
    return true;
  },
});

/**
 * Scales the gradient of each block down to a norm by itself: g ← g · min(1, norm/‖g‖₂). Reports
 * `clippedFraction` (of the steps, those in which a block was scaled) and `clippedBlocks` (of all blocks in all steps).
 *
 * @param options.norm - > 0, default 1; may be a schedule
 * @param options.blocks - work on these named blocks only: a name, a pattern with *, a RegExp, or a list of these
 * @param options.except - leave these named blocks alone
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { chain, clipByNorm, createOptimizer, sgd } from "thalweg";
 * const rule = chain(clipByNorm({ norm: 1 }), sgd({ learningRate: 1 }));
 * const optimizer = createOptimizer(rule, { w: [0, 0], b: [0] });
 * optimizer.gradient.w.set([30, 40]);
 * optimizer.gradient.b.set([0.5]);
 * optimizer.step();
 * optimizer.parameters.w; // ≈ [-0.6, -0.8]
 * optimizer.parameters.b; // [-0.5]
 * ```
 *
 * Source: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", ICML 2013,
 * algorithm 1, block by block.
 */
export const clipByNorm = defineWrapper({
  name: "clipByNorm",
  summary: "scales the gradient of each block down to a norm",
  source: "Pascanu et al. 2013, algorithm 1, block by block",
  place: "before",
  masked: true,
  options: { norm: positive(1) },
  ...clipCounts,
  report: (carried) => ({ ...clippedFraction(carried), clippedBlocks: partFraction(carried) }),
  before({ kernels, blocks, carried }, { norm }) {
    let clipped = 0;
    for (let i = 0; i < blocks.length; i++) {
      const { count, gradient } = blocks[i];
      if (scaleDown(kernels, count, gradient, norm)) clipped++;
    }
    countClip(carried, clipped, blocks.length);
    return true;
  },
});

/**
 * Scales the whole gradient down to a norm: g ← g · min(1, norm/‖g‖₂), over all blocks together. Reports
 * `clippedFraction`, of the steps.
 *
 * @param options.norm - > 0, default 1; may be a schedule
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
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
  report: clippedFraction,
  before({ kernels, count, gradient, carried }, { norm }) {
    countClip(carried, scaleDown(kernels, count, gradient, norm) ? 1 : 0, 1);
    return true;
  },
});
