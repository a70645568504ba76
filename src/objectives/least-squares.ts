import type { ForeignArray } from "../core/array-input.ts";
import type { Numbers } from "../core/precision.ts";
import { dataObjective } from "./data.ts";
import {
  checkRange,
  type DataOptions,
  type Features,
  type FeatureTable,
  readDataOptions,
  readFeatures,
  readTargets,
} from "./features.ts";
import { BoundLinear, type LinearModel, linearMemory } from "./linear.ts";
import type { Objective } from "./objective.ts";

/** Least squares on checked features; without targets they are all 0. */
export function leastSquaresOn(table: FeatureTable, l2: number, targets?: Numbers): Objective {
  let largest = 0;
  for (let i = 0; targets && i < targets.length; i++) largest = Math.max(largest, Math.abs(targets[i]));
  const model: LinearModel = {
    kernel: "leastSquares",
    table,
    l2,
    largestTarget: largest,
    copyTargets(block) {
      if (targets) block.set(targets);
    },
  };
  return dataObjective({
    facts: {
      name: "leastSquares",
      dimension: table.columns,
      quadratic: true,
      convex: true,
      curvatureFloor: l2,
    },
    rows: table.rows,
    l2,
    memory: (precision, form) => linearMemory(model, precision, form),
    bind(workspace, form) {
      table.checkRange(workspace.precision);
      checkRange("leastSquares", "targets", largest, workspace.precision);
      return new BoundLinear(model, workspace, form);
    },
  });
}

/**
 * Linear least squares: 1/(2n) ‖Aw − y‖² + l2/2 ‖w‖², for n rows of A.
 *
 * @param features - n rows of equal length, a row-major array with `options.columns`, or an array of
 * another library (ndarray, tensor, `toArray()`) of n × d; kept by reference and copied in once per run
 * @param targets - y, one finite number a row
 * @param options.columns - features per row, for a row-major array
 * @param options.l2 - ≥ 0, default 0
 * @param options.intercept - append a column of ones, last, penalised as the others; default false
 * @returns an objective of one weight a column, in the order of a row, the intercept's last
 * @throws TypeError or RangeError naming the row and column of a bad entry, counted from 0
 *
 * @example
 * ```ts
 * import { curvature, leastSquares, minimize } from "thalweg";
 * const line = leastSquares([[1], [2], [3]], [2.1, 3.9, 6.2], { intercept: true }); // w = [slope, offset]
 * curvature(line).speedLimit; // 0.3605…
 * minimize(line, {}).x; // ≈ [2.05, -0.0333]
 * ```
 *
 * Source: Golub and Van Loan, "Matrix computations", §5.3; the penalty: Hoerl and Kennard, "Ridge
 * regression", Technometrics 12, 1970.
 */
export function leastSquares(
  features: Features,
  targets: Numbers | ForeignArray,
  options: DataOptions = {},
): Objective {
  const { columns, l2, intercept } = readDataOptions("leastSquares", options);
  const table = readFeatures("leastSquares", features, columns, intercept);
  return leastSquaresOn(table, l2, readTargets("leastSquares", targets, table.rows));
}
