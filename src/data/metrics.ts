import { checkVector } from "../core/check.ts";
import type { Numbers } from "../core/precision.ts";
import { moments } from "./moments.ts";

function checkLengths(owner: string, predicted: ArrayLike<unknown>, actual: ArrayLike<unknown>): void {
  if (predicted.length !== actual.length) {
    throw new RangeError(
      `${owner}: predicted and actual must have the same length, got ${predicted.length} and ${actual.length}`,
    );
  }
  if (actual.length === 0) throw new RangeError(`${owner}: predicted and actual must not be empty`);
}

/**
 * The share of predictions that are equal to what is: 0 … 1.
 *
 * @param predicted - class indices or labels
 * @param actual - as many, of the same kind
 * @throws RangeError if the lengths differ or are 0
 *
 * @example
 * ```ts
 * import { accuracy } from "thalweg/data";
 * accuracy([0, 1, 1, 2], [0, 1, 2, 2]); // 0.75
 * ```
 */
export function accuracy(predicted: ArrayLike<string | number>, actual: ArrayLike<string | number>): number {
  checkLengths("accuracy", predicted, actual);
  let equal = 0;
  for (let i = 0; i < actual.length; i++) if (predicted[i] === actual[i]) equal++;
  return equal / actual.length;
}

/**
 * The share of the variance that predictions explain, R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)²: 1 is perfect, 0 is
 * no better than the mean, below 0 is worse. It is null where it is not defined: if all actual values are
 * the same, or a prediction is not finite.
 *
 * @param predicted - ŷ, one number a row
 * @param actual - y, as many, all finite
 * @throws TypeError or RangeError if the lengths differ or are 0, or an actual value is not finite
 *
 * @example
 * ```ts
 * import { rSquared } from "thalweg/data";
 * rSquared([1, 2, 3], [1, 2, 4]); // 0.7857…
 * rSquared([1, 2, 3], [4, 4, 4]); // null
 * ```
 *
 * Source: Kvålseth, "Cautionary note about R²", The American Statistician 39, 1985, equation 1.
 */
export function rSquared(predicted: Numbers, actual: Numbers): number | null {
  checkLengths("rSquared", predicted, actual);
  checkVector("rSquared", "actual", actual);
  const { deviation } = moments(actual.length, (i) => actual[i]);
  if (deviation === 0) return null;
  let residual = 0;
  for (let i = 0; i < actual.length; i++) {
    if (!Number.isFinite(predicted[i])) return null;
    // In units of the deviation, the squares of good predictions neither over- nor underflow.
    residual += ((actual[i] - predicted[i]) / deviation) ** 2;
  }
  return 1 - residual / actual.length;
}
