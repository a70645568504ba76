import { type ArrayInput, readArray } from "../core/array-input.ts";
import { checkCount, checkKeys, checkVector } from "../core/check.ts";
import { describe, nearest } from "../core/describe.ts";
import type { Numbers } from "../core/precision.ts";
import { readNumber } from "./cells.ts";
import type { FeatureTable } from "./dataset.ts";
import { moments } from "./moments.ts";
import { Sum } from "./sum.ts";

/**
 * How features are rescaled: not at all, each column to mean 0 and standard deviation 1, or all
 * divided by one number (16 for pixels that go from 0 to 16).
 */
export type Scale = "none" | "standard" | { readonly divide: number };

/** A rescaling (x − mean) / scale of every column. Plain JSON, to be saved with a model. */
export interface Scaling {
  /** What was asked for. */
  readonly kind: Scale;
  /** The columns' names, in the order of a row. */
  readonly columns: readonly string[];
  /** What is taken off each column, in its own unit. */
  readonly means: readonly number[];
  /** What each column is divided by then, in its own unit; never 0. */
  readonly scales: readonly number[];
  /** Columns whose values are all the same; "standard" leaves them as they are. */
  readonly constantColumns: readonly string[];
}

/** How coefficients are laid out. */
export interface CoefficientLayout {
  /** Outputs of the model: 1 for a regression or two classes, k for a softmax of k classes. Default 1. */
  readonly outputs?: number;
  /** Whether a last row holds the intercepts. Default true. */
  readonly intercept?: boolean;
}

function checkScale(owner: string, kind: Scale): void {
  if (kind === "none" || kind === "standard") return;
  if (typeof kind !== "object" || kind === null || !Object.hasOwn(kind, "divide")) {
    throw new TypeError(
      `${owner}: the kind must be "none", "standard" or { divide: number }, got ${describe(kind)}`,
    );
  }
  checkKeys(owner, kind, ["divide"]);
  const { divide } = kind;
  if (typeof divide !== "number" || !Number.isFinite(divide) || divide === 0) {
    throw new RangeError(`${owner}: divide must be a finite number other than 0, got ${describe(divide)}`);
  }
}

/**
 * Measures how to rescale the columns of a table. The standard deviation is the population's (ddof 0),
 * accurate to the last digits also where the mean is much larger.
 *
 * @param table - rows under named columns, such as a dataset
 * @param kind - "none", "standard" or `{ divide }` by a finite number other than 0
 * @throws TypeError or RangeError if the kind is unknown, divides by 0, or the features are not finite
 *
 * @example
 * ```ts
 * import { curvature, leastSquares } from "thalweg";
 * import { applyScaling, parseCsv, scaling } from "thalweg/data";
 * const train = parseCsv("grams,y\n1000,1\n3000,2\n2000,3\n", { target: "y", task: "regression" });
 * const scale = scaling(train, "standard");
 * scale.means; // [2000]
 * const features = applyScaling(scale, train.features);
 * curvature(leastSquares(features, train.targets, { columns: 1 })).lambdaMax; // 1
 * ```
 *
 * Source: Chan, Golub, LeVeque, "Algorithms for computing the sample variance", The American
 * Statistician 37, 1983.
 */
export function scaling(table: FeatureTable, kind: Scale): Scaling {
  checkScale("scaling", kind);
  const { columns, rows, features } = table;
  const width = columns.length;
  checkVector("scaling", "features", features, rows * width);
  const means = new Array<number>(width).fill(0);
  const scales = new Array<number>(width).fill(typeof kind === "object" ? kind.divide : 1);
  const constantColumns: string[] = [];
  for (let j = 0; j < width; j++) {
    const { mean, deviation } = moments(rows, (i) => features[i * width + j]);
    if (deviation === 0) constantColumns.push(columns[j]);
    else if (kind === "standard") {
      means[j] = mean;
      scales[j] = deviation;
    }
  }
  return { kind, columns: [...columns], means, scales, constantColumns };
}

function checkScaling(owner: string, { means, scales }: Scaling): void {
  checkVector(owner, "scaling.means", means);
  checkVector(owner, "scaling.scales", scales, means.length);
  const zero = scales.indexOf(0);
  if (zero >= 0) throw new RangeError(`${owner}: scaling.scales[${zero}] must not be 0`);
}

/**
 * Rescales a row-major table to (x − mean) / scale, column by column, into a new array.
 *
 * @param scaling - what {@link scaling} measured, or JSON.parse of it
 * @param input - the features: whole rows of as many columns as the scaling has; no rows at all are fine
 * @throws TypeError or RangeError if the features are no whole rows, not finite, or leave the range of
 * numbers when rescaled
 *
 * @example
 * ```ts
 * import { applyScaling, scaling } from "thalweg/data";
 * const train = { columns: ["grams"], rows: 2, features: Float64Array.of(1000, 3000) };
 * applyScaling(scaling(train, "standard"), [2000, 4000]); // [0, 2]
 * ```
 */
export function applyScaling(scaling: Scaling, input: ArrayInput): Float64Array {
  checkScaling("applyScaling", scaling);
  const { columns, means, scales } = scaling;
  const width = means.length;
  const none = input instanceof Float64Array && input.length === 0;
  const features = none ? input : readArray("applyScaling", "features", input).values;
  if (features.length % width !== 0) {
    throw new RangeError(
      `applyScaling: features must be whole rows of ${width} columns, got ${features.length} numbers`,
    );
  }
  const scaled = new Float64Array(features.length);
  for (let i = 0; i < scaled.length; i++) {
    const j = i % width;
    scaled[i] = (features[i] - means[j]) / scales[j];
    if (!Number.isFinite(scaled[i])) {
      throw new RangeError(
        `applyScaling: ${describe(columns[j])} = ${features[i]} leaves the range of numbers when rescaled`,
      );
    }
  }
  return scaled;
}

/**
 * Turns the coefficients of a model of rescaled features into those of the same model in the data's
 * own units: w / scale, and the intercept less Σ w · mean / scale.
 *
 * @param scaling - what the features were rescaled by
 * @param x - (d + 1) × outputs numbers, row-major, the intercepts last (d × outputs without intercept)
 * @param options.outputs - outputs of the model: 1 for a regression or two classes (default), k for a softmax of k classes
 * @param options.intercept - whether the last row holds the intercepts, default true
 * @returns as many coefficients in the same layout: row j belongs to scaling.columns[j]
 * @throws TypeError or RangeError if the number of coefficients is wrong, or without intercept but with means to absorb
 *
 * @example
 * ```ts
 * import { scaling, unscaleCoefficients } from "thalweg/data";
 * const train = { columns: ["grams"], rows: 2, features: Float64Array.of(1000, 3000) };
 * // z = (grams − 2000) / 1000, so that 5z + 7 is 0.005 grams − 3
 * unscaleCoefficients(scaling(train, "standard"), [5, 7]); // [0.005, -3]
 * ```
 */
export function unscaleCoefficients(
  scaling: Scaling,
  x: Numbers,
  options: CoefficientLayout = {},
): Float64Array {
  const owner = "unscaleCoefficients";
  checkScaling(owner, scaling);
  checkKeys(owner, options, ["outputs", "intercept"]);
  const { outputs = 1, intercept = true } = options;
  checkCount(owner, "outputs", outputs, 1);
  if (typeof intercept !== "boolean") {
    throw new TypeError(`${owner}: intercept must be true or false, got ${describe(intercept)}`);
  }
  const { means, scales } = scaling;
  const width = means.length;
  checkVector(owner, "x", x, (intercept ? width + 1 : width) * outputs);
  if (!intercept && means.some((mean) => mean !== 0)) {
    throw new RangeError(
      `${owner}: a model without intercept cannot absorb the means of a "standard" scaling`,
    );
  }
  const raw = new Float64Array(x.length);
  for (let k = 0; k < outputs; k++) {
    const shifted = new Sum();
    if (intercept) shifted.add(x[width * outputs + k]);
    for (let j = 0; j < width; j++) {
      const weight = x[j * outputs + k] / scales[j];
      raw[j * outputs + k] = weight;
      shifted.add(-weight * means[j]);
    }
    if (intercept) raw[width * outputs + k] = shifted.value;
  }
  return raw;
}

/**
 * Reads a scale as written on a command line: "none", "standard" or "divide:16".
 *
 * @param text - the scale
 * @throws RangeError if it is none of these, or divides by 0
 *
 * @example
 * ```ts
 * import { parseScale } from "thalweg/data";
 * parseScale("divide:16"); // { divide: 16 }
 * ```
 */
export function parseScale(text: string): Scale {
  if (text === "none" || text === "standard") return text;
  if (typeof text === "string" && text.startsWith("divide:")) {
    const divide = readNumber(text.slice("divide:".length).trim());
    if (typeof divide === "number" && divide !== 0) return { divide };
    throw new RangeError(
      `parseScale: divide: must be followed by a finite number other than 0, as in divide:16, got ${describe(text)}`,
    );
  }
  const near = typeof text === "string" ? nearest(text, ["none", "standard"]) : undefined;
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  throw new RangeError(
    `parseScale: the scale must be none, standard or divide:<number>, got ${describe(text)}${hint}`,
  );
}
