import { type ForeignArray, isForeignArray, isList, readArray } from "../core/array-input.ts";
import { checkCount, checkFlag, checkKeys, checkTolerance } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { machineEpsilon, type Numbers, type Precision, type RealArray } from "../core/precision.ts";

/**
 * Features of a data objective: rows of equal length, one row-major array (and `columns`), or an array
 * of another library's making, whose shape tells the columns.
 */
export type Features = ArrayLike<Numbers> | Numbers | ForeignArray;

/** Options that every data objective takes. */
export interface DataOptions {
  /** Features per row, an integer ≥ 1: needed with a flat row-major array, else the length of a row. */
  readonly columns?: number;
  /** Weight of the penalty l2/2 ‖w‖², ≥ 0, default 0. */
  readonly l2?: number;
  /** Append a column of ones, last; its weight is penalised as the others are. Default false. */
  readonly intercept?: boolean;
}

/** Checked features, kept by reference. */
export interface FeatureTable {
  readonly rows: number;
  /** With the intercept's column of ones, if there is one. */
  readonly columns: number;
  /** Σ aᵢⱼ²/n, the trace of AᵀA/n. */
  readonly trace: number;
  /** The largest ‖aᵢ‖₂. */
  readonly longestRow: number;
  /** Copies the features into rows of `stride` elements. */
  copyInto(target: RealArray, stride: number): void;
  /** Throws if a feature is too large for `precision`. */
  checkRange(precision: Precision): void;
}

/** Checks the names and values of a data objective's options, and fills in the defaults. */
export function readDataOptions(
  owner: string,
  options: DataOptions,
  extra: readonly string[] = [],
): { readonly columns: number | undefined; readonly l2: number; readonly intercept: boolean } {
  checkKeys(owner, options, ["columns", "l2", "intercept", ...extra]);
  const { columns, l2 = 0, intercept = false } = options;
  checkTolerance(owner, "l2", l2);
  checkCount(owner, "columns", columns, 1);
  checkFlag(owner, "intercept", intercept);
  return { columns, l2, intercept };
}

/** `count` rounded up to a multiple of four: matrix kernels take four rows at a time. */
export const fourfold = (count: number): number => Math.ceil(count / 4) * 4;

/** Throws unless an element is a finite number; `what` and `where` end the sentence. */
export function checkFinite(
  owner: string,
  what: string,
  value: unknown,
  where: () => string,
): asserts value is number {
  if (typeof value !== "number") {
    throw new TypeError(`${owner}: ${what} must be finite numbers, got ${describe(value)} in ${where()}`);
  }
  if (!Number.isFinite(value)) {
    throw new RangeError(`${owner}: ${what} must be finite numbers, got ${value} in ${where()}`);
  }
}

/** One finite number a row, from any form of array; not copied where they already lie in order. */
export function readTargets(owner: string, input: unknown, rows: number): Numbers {
  const values = isForeignArray(input) ? readArray(owner, "targets", input).values : input;
  checkLength(owner, "targets", values, rows);
  for (let i = 0; i < rows; i++) checkFinite(owner, "targets", values[i], () => `row ${i}`);
  return values as Numbers;
}

/** Throws unless `values` is an array with an entry a row. */
export function checkLength(
  owner: string,
  what: string,
  values: unknown,
  rows: number,
): asserts values is ArrayLike<unknown> {
  if (!isList(values)) {
    throw new TypeError(`${owner}: ${what} must be an array of ${rows}, got ${describe(values)}`);
  }
  if (values.length !== rows) {
    throw new RangeError(`${owner}: ${rows} rows of features need ${rows} ${what}, got ${values.length}`);
  }
}

/** Largest magnitude that rounds to a finite f32. */
const F32_LIMIT = 3.4028235677973366e38;

/** Throws if copying finite numbers of this magnitude into `precision` would make them infinite. */
export function checkRange(owner: string, what: string, largest: number, precision: Precision): void {
  if (precision === "f32" && largest >= F32_LIMIT) {
    throw new RangeError(`${owner}: ${what} reach ${largest}, beyond what f32 holds; use precision "f64"`);
  }
}

/**
 * A bound, relative to ‖v‖, on what rounding does to the product Σ ℓ″(aᵢ·w)(aᵢ·v)aᵢ/n + l2·v, where ℓ″ ≤
 * `scale`: relative errors of the features, of aᵢ·v and of the sum over rows, each weighed by
 * ‖aᵢ‖²; and the change of ℓ″ when aᵢ·w is off by ε‖aᵢ‖‖w‖ (|ℓ‴| ≤ scale for both kinds of model).
 */
export function productRounding(
  table: Pick<FeatureTable, "rows" | "columns" | "trace" | "longestRow">,
  precision: Precision,
  scale: number,
  weightNorm: number,
  l2: number,
): number {
  const terms = 4 + Math.sqrt(table.columns) / 2 + table.longestRow * weightNorm;
  const folds = Math.sqrt(table.rows / 32);
  const rows = scale * table.trace * (machineEpsilon[precision] * terms + machineEpsilon.f64 * folds);
  return rows + 2 * machineEpsilon[precision] * l2;
}

/**
 * Checks features, and keeps them by reference.
 *
 * @throws TypeError if they are no arrays or hold anything but numbers; RangeError if they are
 * empty, of unequal length, or hold NaN or ∞ (rows and columns in messages count from 0)
 */
export function readFeatures(
  owner: string,
  features: unknown,
  columns: number | undefined,
  intercept: boolean,
): FeatureTable {
  if (isForeignArray(features)) {
    const { values, shape } = readArray(owner, "features", features);
    return readFeatures(owner, values, columnsOf(owner, shape, columns), intercept);
  }
  if (!isList(features)) {
    throw new TypeError(
      `${owner}: features must be an array of rows, or a row-major array with columns, got ${describe(features)}`,
    );
  }
  if (features.length === 0) throw new RangeError(`${owner}: features must hold at least one row, got none`);
  const flat = ArrayBuffer.isView(features) || typeof features[0] === "number";
  const shape = flat ? flatShape(owner, features, columns) : rowsShape(owner, features, columns);
  const entries = features as ArrayLike<number>;
  const at = flat
    ? (i: number, j: number): unknown => entries[i * shape.width + j]
    : (i: number, j: number): unknown => (features as ArrayLike<Numbers>)[i][j];

  const { rows, width } = shape;
  let squares = 0;
  let longest = 0;
  let largest = intercept ? 1 : 0;
  for (let i = 0; i < rows; i++) {
    let row = intercept ? 1 : 0;
    for (let j = 0; j < width; j++) {
      const value = at(i, j);
      checkFinite(owner, "features", value, () => `row ${i}, column ${j}`);
      row += value * value;
      largest = Math.max(largest, Math.abs(value));
    }
    squares += row;
    longest = Math.max(longest, row);
  }
  return {
    rows,
    columns: width + (intercept ? 1 : 0),
    trace: squares / rows,
    longestRow: Math.sqrt(longest),
    checkRange: (precision) => checkRange(owner, "features", largest, precision),
    copyInto(target, stride) {
      for (let i = 0; i < rows; i++) {
        const to = i * stride;
        for (let j = 0; j < width; j++) target[to + j] = at(i, j) as number;
        if (intercept) target[to + width] = 1;
      }
    },
  };
}

/** The columns of a shape: of rows and columns, or of one axis that `columns` divides. */
function columnsOf(owner: string, shape: readonly number[], columns: number | undefined): number | undefined {
  if (shape.length === 1) return columns;
  if (shape.length > 2) {
    throw new RangeError(`${owner}: features must have rows and columns, got the shape ${shape.join(" × ")}`);
  }
  if (columns !== undefined && columns !== shape[1]) {
    throw new RangeError(`${owner}: columns is ${columns}, but features have the shape ${shape.join(" × ")}`);
  }
  return shape[1];
}

function flatShape(owner: string, features: ArrayLike<unknown>, columns: number | undefined) {
  if (columns === undefined) {
    throw new TypeError(`${owner}: row-major features need the option columns (the features of a row)`);
  }
  if (features.length % columns !== 0) {
    throw new RangeError(`${owner}: ${features.length} features do not fill rows of ${columns} columns`);
  }
  return { rows: features.length / columns, width: columns };
}

function rowsShape(owner: string, features: ArrayLike<unknown>, columns: number | undefined) {
  const rows = features.length;
  for (let i = 0; i < rows; i++) {
    const row = features[i];
    if (!isList(row)) {
      throw new TypeError(`${owner}: features must be an array of rows, got ${describe(row)} as row ${i}`);
    }
    const expected = columns ?? (features[0] as ArrayLike<unknown>).length;
    if (row.length !== expected) {
      throw new RangeError(`${owner}: every row must have ${expected} features, row ${i} has ${row.length}`);
    }
    if (expected === 0) throw new RangeError(`${owner}: rows must have at least one feature, row 0 has none`);
  }
  return { rows, width: (features[0] as ArrayLike<unknown>).length };
}
