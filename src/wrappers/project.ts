import type { RealArray } from "../core/precision.ts";
import { bound, positive } from "../rules/options.ts";
import { defineWrapper, type WrappedBlock, type WrapperContext } from "./wrapper.ts";

function clearPadding(view: RealArray, { offset, length, count }: WrappedBlock): void {
  for (let i = offset + length; i < offset + count; i++) view[i] = 0;
}

/** ‖x‖₂ of the blocks together. */
function normOfBlocks({ kernels, blocks }: WrapperContext): number {
  let largest = 0;
  let squares = 0;
  for (let i = 0; i < blocks.length; i++) {
    const size = kernels.norm(blocks[i].count, blocks[i].x);
    if (size > largest) {
      squares = 1 + squares * (largest / size) ** 2;
      largest = size;
    } else if (size !== 0) squares += (size / largest) ** 2;
  }
  return largest * Math.sqrt(squares);
}

/**
 * Projects the parameters onto a box after each step: x ← min(max(x, lower), upper). The start is left as it was given.
 *
 * @param options.lower - a number or -Infinity, default -∞; may be a schedule
 * @param options.upper - a number ≥ lower or Infinity, default ∞; may be a schedule
 * @param options.blocks - work on these named blocks only: a name, a pattern with *, a RegExp, or a list of these
 * @param options.except - leave these named blocks alone
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain;
 * RangeError if lower exceeds upper
 *
 * @example
 * ```ts
 * import { minimize, chain, gradientDescent, projectBox, quadratic } from "thalweg";
 * const bowl = quadratic([[1, 0], [0, 1]], [-2, 2]); // the minimum is at (-2, 2)
 * const rule = chain(gradientDescent({ learningRate: 0.5 }), projectBox({ lower: 0 }));
 * minimize(bowl, { rule, steps: 100 }).x; // ≈ [0, 2]
 * ```
 *
 * Source: Goldstein, "Convex programming in Hilbert space", Bull. AMS 70, 1964 (gradient projection).
 */
export const projectBox = defineWrapper({
  name: "projectBox",
  summary: "keeps every parameter between bounds",
  source: "Goldstein 1964",
  place: "after",
  masked: true,
  options: { lower: bound(-Infinity), upper: bound(Infinity) },
  validate({ lower, upper }, owner) {
    if (typeof lower === "number" && typeof upper === "number" && lower > upper) {
      throw new RangeError(`${owner}: lower must not exceed upper, got ${lower} and ${upper}`);
    }
  },
  after({ kernels, blocks, xView }, { lower, upper }) {
    for (let i = 0; i < blocks.length; i++) {
      kernels.clamp(blocks[i].count, lower, upper, blocks[i].x);
      clearPadding(xView, blocks[i]);
    }
  },
});

/**
 * Projects the parameters onto a ball about 0 after each step: x ← x · min(1, radius/‖x‖₂), all blocks together. The
 * start is left as it was given.
 *
 * @param options.radius - > 0, default 1; may be a schedule
 * @param options.blocks - work on these named blocks only: a name, a pattern with *, a RegExp, or a list of these
 * @param options.except - leave these named blocks alone
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { chain, createOptimizer, projectBall, sgd } from "thalweg";
 * const rule = chain(sgd({ learningRate: 1 }), projectBall({ radius: 1 }));
 * const optimizer = createOptimizer(rule, [0, 0]);
 * optimizer.gradient.set([-30, -40]);
 * optimizer.step();
 * optimizer.parameters; // ≈ [0.6, 0.8]
 * ```
 *
 * Source: Goldstein, "Convex programming in Hilbert space", Bull. AMS 70, 1964 (gradient projection).
 */
export const projectBall = defineWrapper({
  name: "projectBall",
  summary: "keeps the parameters in a ball about 0",
  source: "Goldstein 1964",
  place: "after",
  masked: true,
  options: { radius: positive(1) },
  after(context, { radius }) {
    const { kernels, blocks } = context;
    const size = normOfBlocks(context);
    if (!(size > radius)) return;
    for (let i = 0; i < blocks.length; i++) kernels.scale(blocks[i].count, radius / size, blocks[i].x);
  },
});

/**
 * Projects each row of the parameters onto a simplex after each step: to the nearest point whose entries are ≥ 0 and sum
 * to `total`, max(x − τ, 0). Rows run along the last axis; a block of one axis is one row. The start is left
 * as it was given.
 *
 * @param options.total - > 0, default 1; may be a schedule
 * @param options.blocks - work on these named blocks only: a name, a pattern with *, a RegExp, or a list of these
 * @param options.except - leave these named blocks alone
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { chain, createOptimizer, projectSimplex, sgd } from "thalweg";
 * const optimizer = createOptimizer(chain(sgd({ learningRate: 1 }), projectSimplex()), [0, 0, 0]);
 * optimizer.gradient.set([-1, -0.5, 2]);
 * optimizer.step(); // from (1, 0.5, -2)
 * optimizer.parameters; // [0.75, 0.25, 0]
 * ```
 *
 * Source: Michelot, "A finite algorithm for finding the projection of a point onto the canonical simplex of Rⁿ", J. Optim.
 * Theory Appl. 50, 1986.
 */
export const projectSimplex = defineWrapper({
  name: "projectSimplex",
  summary: "keeps each row of the parameters on a simplex",
  source: "Michelot 1986",
  place: "after",
  masked: true,
  options: { total: positive(1) },
  after({ kernels, blocks }, { total }) {
    for (let i = 0; i < blocks.length; i++) {
      const { shape, length, x } = blocks[i];
      const width = shape[shape.length - 1];
      kernels.projectRowsOntoSimplex(length / width, width, total, x);
    }
  },
});
