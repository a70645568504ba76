import type { ArrayInput } from "../core/array-input.ts";
import { checkKeys, checkPrecision } from "../core/check.ts";
import type { Precision } from "../core/precision.ts";
import type { Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { atPoint, type Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import { eachColumn } from "./columns.ts";

/** Options of {@link hessianDiagonal}. */
export interface HessianDiagonalOptions<P = ArrayInput> {
  /** The point: one array, or named blocks; zeros if left out where the dimension is known. */
  readonly at?: P;
  /** Of the products: "f64" (default) or "f32". */
  readonly precision?: Precision;
}

/**
 * The diagonal of the Hessian at a point, each entry by a product with a unit vector: exact where the products are.
 *
 * @param problem - an objective such as `leastSquares(…)`, or `{ value, gradient }` of your own; without
 * `hessianVectorProduct` differences of gradients are used
 * @param options - where to look (`at`), in which `precision`
 * @returns one number a parameter; of named blocks, one behind the other
 * @throws TypeError or RangeError naming the argument that is wrong; RangeError where a product is not finite
 *
 * @example
 * ```ts
 * import { hessianDiagonal, quadratic } from "thalweg";
 * hessianDiagonal(quadratic([[10, 3], [3, 2]])); // [10, 2]
 * ```
 *
 * Source: Nocedal and Wright, "Numerical optimization", 2006, §7.1, for products by differences of gradients.
 */
export function hessianDiagonal(
  problem: Objective | UserProblem,
  options?: HessianDiagonalOptions,
): Float64Array;
export function hessianDiagonal<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: HessianDiagonalOptions<P>,
): Float64Array;
export function hessianDiagonal(
  problem: Problem,
  options: HessianDiagonalOptions<ParametersInput> = {},
): Float64Array {
  const owner = "hessianDiagonal";
  checkKeys(owner, options, ["at", "precision"]);
  const { precision = "f64" } = options;
  checkPrecision(owner, precision);
  const { objective, point } = atPoint(owner, problem, "at", options.at);
  const diagonal = new Float64Array(objective.dimension);
  eachColumn(objective, point, precision, (column, j) => {
    diagonal[j] = column[j];
  });
  if (!diagonal.every(Number.isFinite)) {
    throw new RangeError(`${owner}: a Hessian–vector product at this point is not finite`);
  }
  return diagonal;
}
