import type { ArrayInput } from "../core/array-input.ts";
import { checkKeys } from "../core/check.ts";
import type { Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { atPoint } from "../parameters/at-point.ts";
import { cholesky, invertLower } from "./cholesky.ts";
import { eachColumn } from "./columns.ts";
import { checkFisherOptions, type FisherOptions, withFisher } from "./fisher.ts";

/** Options of {@link standardErrors}. */
export interface StandardErrorsOptions extends FisherOptions {
  /** The fitted parameters: one array. */
  readonly at: ArrayInput;
}

/**
 * The standard errors of fitted parameters: √((nF)⁻¹)ᵢᵢ, with the Fisher information F at the fit and n rows of data. What statistics
 * packages print beside the coefficients of a logistic model.
 *
 * Of least squares they are those of noise with the standard deviation 1: multiply by that of yours.
 *
 * @param problem - as {@link fisher} takes it; one with Fisher products already is taken as it is
 * @param options.at - the fitted parameters: one array
 * @param options.kind - the Fisher information: "exact" (default) or "empirical"
 * @param options.penalty - add l2·I to it; default false
 * @returns one a parameter
 * @throws TypeError or RangeError naming the argument that is wrong; RangeError where the information is singular or not finite
 *
 * @example
 * ```ts
 * import { leastSquares, standardErrors } from "thalweg";
 * const mean = leastSquares([[1], [1], [1], [1]], [2, 3, 5, 6]);
 * standardErrors(mean, { at: [4] }); // [0.5]: 1/√4
 * ```
 *
 * Source: McCullagh and Nelder, "Generalized linear models", 1989, §4.4.
 */
export function standardErrors(
  problem: Objective | UserProblem,
  options: StandardErrorsOptions,
): Float64Array {
  const owner = "standardErrors";
  checkKeys(owner, options, ["at", "kind", "penalty"]);
  checkFisherOptions(owner, options);
  if (options.at === undefined) throw new TypeError(`${owner}: at is needed, the fitted parameters`);
  const { objective: plain, point } = atPoint(owner, problem, "at", options.at);
  const objective = withFisher(owner, plain, options);
  const { dimension, rows = 1 } = objective;
  const matrix = new Float64Array(dimension * dimension);
  eachColumn(objective, point, "f64", (column, j) => matrix.set(column, j * dimension));
  if (!matrix.every(Number.isFinite)) {
    throw new RangeError(`${owner}: the Fisher information at this point is not finite`);
  }
  // At a diagonal of 1, so that features in different units do not look singular.
  const scales = Float64Array.from(
    { length: dimension },
    (_, i) => 1 / Math.sqrt(matrix[i * (dimension + 1)]),
  );
  const lower = cholesky(
    matrix.map((entry, at) => entry * scales[Math.floor(at / dimension)] * scales[at % dimension]),
    dimension,
  );
  if (!lower) {
    throw new RangeError(
      `${owner}: the Fisher information at this point is singular, so that some parameters have no standard error; add the penalty, or leave columns out`,
    );
  }
  const inverse = invertLower(lower, dimension);
  return scales.map((scale, i) => {
    let squares = 0;
    for (let k = i; k < dimension; k++) squares += inverse[k * dimension + i] ** 2;
    return scale * Math.sqrt(squares / rows);
  });
}
