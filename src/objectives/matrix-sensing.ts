import { type ArrayInput, readArray } from "../core/array-input.ts";
import { checkKeys } from "../core/check.ts";
import type { RealArray } from "../core/precision.ts";
import {
  type FactoredObjective,
  type FactorShape,
  factored,
  productPitch,
  readFactorShape,
} from "./factored.ts";
import { type FeatureTable, readFeatures, readTargets } from "./features.ts";
import { leastSquaresOn } from "./least-squares.ts";

/** What {@link matrixSensing} takes. */
export interface MatrixSensing {
  /** The n matrices Aᵢ: each rows × columns, as rows or row by row; or all in one array. Kept by reference. */
  readonly measurements: ArrayInput;
  /** yᵢ, a finite number a measurement. */
  readonly targets: ArrayInput;
  /** Rows of the matrix: an integer ≥ 1. */
  readonly rows: number;
  /** Columns of the matrix: an integer ≥ 1. */
  readonly columns: number;
  /** Columns of W₂ and rows of W₁: an integer ≥ 1; default the least of rows and columns, which every matrix can be written with. */
  readonly inner?: number;
}

/** Measurements as rows of features of X, whose rows lie `pitch` apart. */
function spread(table: FeatureTable, { rows, columns }: FactorShape, pitch: number): FeatureTable {
  return {
    ...table,
    columns: rows * pitch,
    copyInto(target: RealArray, stride: number) {
      table.copyInto(target, stride);
      if (pitch === columns) return;
      for (let i = 0; i < table.rows; i++) {
        const at = i * stride;
        // From the last row on, so that none is written over before it has moved.
        for (let row = rows - 1; row > 0; row--) {
          const from = at + row * columns;
          target.copyWithin(at + row * pitch, from, from + columns);
        }
        for (let row = 0; row < rows; row++)
          target.fill(0, at + row * pitch + columns, at + (row + 1) * pitch);
      }
    },
  };
}

/**
 * Matrix sensing by a two-layer linear network: 1/(2n) Σ (⟨Aᵢ, W₂W₁⟩ − yᵢ)², ⟨A, X⟩ = Σ aⱼₖxⱼₖ.
 *
 * The parameters are W₁ (inner × columns), row by row, then W₂ (rows × inner), row by row; `shape` says so, and
 * {@link factorProduct} gives the matrix. With fewer measurements than entries many matrices have value 0. Which of them gradient
 * descent comes to depends on where it starts: from small weights, on one whose nuclear norm is small.
 *
 * @param problem - the measurements, the targets, the shape: see {@link MatrixSensing}
 * @returns an objective of inner·(columns + rows) weights
 * @throws TypeError or RangeError naming the argument that is wrong
 *
 * @example
 * ```ts
 * import { factorProduct, gradientDescent, matrixSensing, minimize } from "thalweg";
 * // The diagonal's sum, and one entry.
 * const problem = matrixSensing({
 *   measurements: [[[1, 0], [0, 1]], [[0, 1], [0, 0]]],
 *   targets: [2, 1],
 *   rows: 2,
 *   columns: 2,
 * });
 * problem.dimension; // 8
 * const start = [1e-3, 2e-3, -1e-3, 1e-3, 2e-3, 1e-3, 1e-3, -1e-3];
 * const { x, value } = minimize(problem, { rule: gradientDescent({ learningRate: 0.1 }), start, steps: 20_000 });
 * value; // < 1e-12
 * const [[a, b], [c, d]] = factorProduct(problem.shape, x);
 * a + d; // ≈ 2
 * b; // ≈ 1
 * ```
 *
 * Source: Gunasekar, Woodworth, Bhojanapalli, Neyshabur, Srebro, "Implicit regularization in matrix factorization", NeurIPS 2017;
 * Recht, Fazel, Parrilo, "Guaranteed minimum-rank solutions of linear matrix equations via nuclear norm minimization", SIAM Review
 * 52, 2010, for the measurements.
 */
export function matrixSensing(problem: MatrixSensing): FactoredObjective {
  const owner = "matrixSensing";
  checkKeys(owner, problem, ["measurements", "targets", "rows", "columns", "inner"]);
  const shape = readFactorShape(owner, problem);
  const { values, shape: given } = readArray(owner, "measurements", problem.measurements);
  const entries = shape.rows * shape.columns;
  const each = given.length === 3 ? `${shape.rows},${shape.columns}` : `${entries}`;
  if (given.length > 1 ? given.slice(1).join() !== each : values.length % entries !== 0) {
    throw new RangeError(
      `${owner}: measurements must be matrices of ${shape.rows} × ${shape.columns}, got ${given.join(" × ")} numbers`,
    );
  }
  const table = readFeatures(owner, values, entries, false);
  const { values: targets } = readArray(owner, "targets", problem.targets);
  const pitch = productPitch(shape);
  const inner = leastSquaresOn(spread(table, shape, pitch), 0, readTargets(owner, targets, table.rows));
  return factored(owner, inner, shape);
}
