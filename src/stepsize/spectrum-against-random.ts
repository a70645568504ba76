import { checkCount, checkKeys } from "../core/check.ts";
import { formatNumber } from "../core/format.ts";
import { exp, log } from "../core/scalar.ts";
import { completeSpectrum } from "../curvature/complete-spectrum.ts";
import { type Features, readFeatures } from "../objectives/features.ts";
import { leastSquares } from "../objectives/least-squares.ts";
import { type MarchenkoPastur, marchenkoPastur } from "./marchenko-pastur.ts";
import { type LambdaMaxPrediction, predict } from "./predict-lambda-max.ts";

/** Options of {@link spectrumAgainstRandom}. */
export interface SpectrumAgainstRandomOptions {
  /** Features per row, an integer ≥ 1: needed with a flat row-major array, else the length of a row. */
  readonly columns?: number;
  /** Of the prediction: in (0, 1 − 1e-9], default 0.95. */
  readonly confidence?: number;
  /** Excess kurtosis of an entry, for the prediction: ≥ −2, default 0. */
  readonly kurtosis?: number;
  /** Whether the mean of each column was taken off the data, as standardising does; default false. */
  readonly centered?: boolean;
}

/** How the spectrum of data differs from that of independent entries of the same shape and variance. */
export interface SpectrumAgainstRandom {
  /** n. */
  readonly rows: number;
  /** d. */
  readonly columns: number;
  /** The mean square of an entry: the mean of the eigenvalues. */
  readonly variance: number;
  /** The d eigenvalues of AᵀA/n, in falling order. */
  readonly spectrum: Float64Array;
  /** The largest of them. */
  readonly lambdaMax: number;
  /** The law that they would follow if the entries were independent. */
  readonly law: MarchenkoPastur;
  /** Where the largest would lie. */
  readonly predicted: LambdaMaxPrediction;
  /** Whether λmax lies within the predicted interval. */
  readonly withinPrediction: boolean;
  /** λmax over the upper end of the prediction: by how much a step from the shape alone would be too long. */
  readonly excess: number;
  /** Eigenvalues above the upper end of the prediction: directions that chance does not explain. */
  readonly outliers: number;
  /** The share of the variance along these directions. */
  readonly outlierShare: number;
  /** exp of the entropy of the eigenvalues' shares: d where all are equal, 1 where one has everything. */
  readonly effectiveRank: number;
  /** The same of the law, for independent entries of this shape. */
  readonly randomEffectiveRank: number;
  /** The largest distance between the share of eigenvalues at most x and the law's (Kolmogorov and Smirnov). */
  readonly distance: number;
  /** One or two sentences: what the step would have been, and what it may be. */
  readonly message: string;
}

/** Points at which the law is read for its effective rank. */
const POINTS = 512;

/** exp(−Σ s·ln s) of shares that sum to 1, each standing for a number of eigenvalues. */
function effectiveRank(values: Float64Array, each: number): number {
  let total = 0;
  for (const value of values) total += Math.max(0, value);
  let entropy = 0;
  for (const value of values) {
    const share = value / total;
    if (share > 0) entropy -= share * log(share / each);
  }
  return exp(entropy);
}

/** The largest distance between the empirical distribution of falling values and a law. */
function kolmogorov(values: Float64Array, { cdf, atomAtZero }: MarchenkoPastur): number {
  const count = values.length;
  let zeros = 0;
  let largest = 0;
  values.forEach((value, i) => {
    if (value <= 0) {
      zeros++;
      return;
    }
    const below = cdf(value);
    for (const atMost of [count - i, count - i - 1]) {
      largest = Math.max(largest, Math.abs(atMost / count - below));
    }
  });
  return Math.max(largest, Math.abs(zeros / count - atomAtZero));
}

/**
 * The eigenvalues of AᵀA/n of data, against those of independent entries of the same shape and variance: what
 * Marchenko and Pastur's law, which knows neither rows nor columns, leaves unexplained. Real features are correlated, and a
 * step chosen from the shape alone is then too long by `excess`; the directions in which they are carry most of the
 * variance, and the rest follows the law of a smaller variance.
 *
 * @param features - n rows of equal length, a row-major array with `options.columns`, or an array of another library
 * (ndarray, tensor, `toArray()`); standardise them first, or the largest column is all that is seen
 * @param options.columns - features per row, for a row-major array
 * @param options.confidence - of the prediction, in (0, 1 − 1e-9], default 0.95
 * @param options.kurtosis - excess kurtosis of an entry, ≥ −2, default 0
 * @param options.centered - whether the mean of each column was taken off the data, default false
 * @returns the spectrum, the prediction, and what the one has more than the other: see {@link SpectrumAgainstRandom}
 * @throws TypeError or RangeError naming the row and column of a bad entry, or the option that is wrong; RangeError
 * where all entries are 0
 *
 * @example
 * ```ts
 * import { Random, spectrumAgainstRandom } from "thalweg";
 * const random = new Random(1);
 * const independent = Array.from({ length: 300 }, () => Array.from({ length: 30 }, () => random.normal()));
 * spectrumAgainstRandom(independent).withinPrediction; // true
 * const correlated = independent.map((row) => row.map((entry) => entry + row[0]));
 * const found = spectrumAgainstRandom(correlated);
 * found.outliers; // 1
 * found.excess; // > 8
 * ```
 *
 * Source: Marchenko and Pastur 1967; Johnstone 2001; effective rank: Roy and Vetterli, "The effective rank: a measure
 * of effective dimensionality", EUSIPCO 2007.
 */
export function spectrumAgainstRandom(
  features: Features,
  options: SpectrumAgainstRandomOptions = {},
): SpectrumAgainstRandom {
  const owner = "spectrumAgainstRandom";
  checkKeys(owner, options, ["columns", "confidence", "kurtosis", "centered"]);
  checkCount(owner, "columns", options.columns, 1);
  const table = readFeatures(owner, features, options.columns, false);
  const { rows, columns } = table;
  const variance = table.trace / columns;
  if (!(variance > 0)) throw new RangeError(`${owner}: features must not all be 0`);
  const predicted = predict(owner, { ...options, rows, columns, variance });
  const law = marchenkoPastur({ aspectRatio: columns / (options.centered ? rows - 1 : rows), variance });
  const spectrum = eigenvalues(owner, table);
  const lambdaMax = spectrum[0];
  const outliers = spectrum.filter((value) => value > predicted.upper);
  const outlierShare = outliers.reduce((sum, value) => sum + value, 0) / table.trace;
  const ofLaw = Float64Array.from({ length: POINTS }, (_, k) => law.quantile((k + 0.5) / POINTS));
  const found = {
    rows,
    columns,
    variance,
    spectrum,
    lambdaMax,
    law,
    predicted,
    withinPrediction: lambdaMax >= predicted.lower && lambdaMax <= predicted.upper,
    excess: lambdaMax / predicted.upper,
    outliers: outliers.length,
    outlierShare,
    effectiveRank: effectiveRank(spectrum, 1),
    randomEffectiveRank: effectiveRank(ofLaw, columns / POINTS),
    distance: kolmogorov(spectrum, law),
  };
  return { ...found, message: sentence(found) };
}

/** AᵀA and AAᵀ have the same eigenvalues but zeros: those of the smaller one are computed. */
function eigenvalues(
  owner: string,
  { rows, columns, copyInto }: ReturnType<typeof readFeatures>,
): Float64Array {
  const matrix = new Float64Array(rows * columns);
  copyInto(matrix, columns);
  if (columns <= rows) {
    return completeSpectrum(owner, leastSquares(matrix, new Float64Array(rows), { columns }));
  }
  const transposed = matrix.map((_, k) => matrix[(k % rows) * columns + Math.floor(k / rows)]);
  const found = completeSpectrum(
    owner,
    leastSquares(transposed, new Float64Array(columns), { columns: rows }),
  );
  const all = new Float64Array(columns);
  all.set(found.map((value) => (value * columns) / rows));
  return all;
}

function sentence(f: Omit<SpectrumAgainstRandom, "message">): string {
  const text = (value: number) => formatNumber(value, 4);
  const { predicted, lambdaMax, outliers, columns } = f;
  const between = `${text(predicted.lower)} and ${text(predicted.upper)}`;
  const random = "independent entries of this shape";
  if (f.withinPrediction) {
    return `λmax = ${text(lambdaMax)} lies between ${between}, as for ${random}: nothing in these data shortens the step.`;
  }
  if (outliers === 0) {
    return `λmax = ${text(lambdaMax)} lies below ${text(predicted.lower)}, where ${random} have it seldom: the step may be longer than the shape tells.`;
  }
  const directions = outliers === 1 ? "1 direction carries" : `${outliers} of ${columns} directions carry`;
  return (
    `λmax = ${text(lambdaMax)}, where ${random} have it between ${between}: ` +
    `${directions} ${formatNumber(100 * f.outlierShare)}% of the variance, and the step may be ${text(2 / lambdaMax)} instead of ${text(predicted.speedLimit)}.`
  );
}
