import { describe } from "../core/describe.ts";
import type { Numbers } from "../core/precision.ts";

/** An array of numbers with a shape of its own, as ndarray holds it. */
export interface NdArray {
  /** The numbers, in any order that `stride` and `offset` can tell. */
  readonly data: Numbers;
  /** The length of each axis: integers ≥ 1. */
  readonly shape: readonly number[];
  /** Entries from one index of each axis to the next: integers; default row-major. */
  readonly stride?: readonly number[];
  /** The entry that the first number lies at, default 0. */
  readonly offset?: number;
}

/**
 * What is taken for an array: typed arrays and arrays of numbers, rows of equal length, ndarray's
 * `{ data, shape, stride, offset }`, and anything with `toArray()` or `dataSync()`.
 */
export type ArrayInput =
  | Numbers
  | readonly Numbers[]
  | NdArray
  | { toArray(): unknown }
  | { dataSync(): Numbers; readonly shape?: readonly number[] };

/** Numbers in row-major order, and their shape. */
export interface ShapedArray {
  readonly values: Numbers;
  readonly shape: readonly number[];
}

const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

const isNumbers = (input: unknown): input is Numbers =>
  ArrayBuffer.isView(input) && !(input instanceof DataView) && !isBigInts(input);

const isBigInts = (input: unknown) => input instanceof BigInt64Array || input instanceof BigUint64Array;

const has = (input: unknown, key: string): boolean =>
  typeof input === "object" &&
  input !== null &&
  typeof (input as Record<string, unknown>)[key] === "function";

/** Whether an object is an array in one of the forms of {@link ArrayInput}, not a record of blocks. */
export function isArrayInput(input: unknown): input is ArrayInput {
  if (Array.isArray(input) || isNumbers(input)) return true;
  return isNdArray(input) || has(input, "toArray") || has(input, "dataSync");
}

function isNdArray(input: unknown): input is NdArray {
  if (typeof input !== "object" || input === null) return false;
  const { data, shape } = input as Partial<NdArray>;
  return (Array.isArray(data) || isNumbers(data)) && Array.isArray(shape);
}

/** Throws unless a shape is a list of positive integers, of `length` elements in all. */
export function checkShape(
  owner: string,
  name: string,
  shape: unknown,
  length: number,
): asserts shape is readonly number[] {
  if (!Array.isArray(shape) || !shape.every((side) => Number.isSafeInteger(side) && side > 0)) {
    throw new TypeError(
      `${owner}: ${name}.shape must be an array of positive integers, got ${describe(shape)}`,
    );
  }
  if (size(shape) !== length) {
    throw new RangeError(
      `${owner}: ${name} must have ${shape.join(" × ")} = ${size(shape)} entries, got ${length}`,
    );
  }
}

/**
 * Reads an array in any of the forms of {@link ArrayInput}; its numbers are not copied where they
 * already lie in order. Every entry is checked to be a finite number.
 *
 * @throws TypeError or RangeError naming the entry
 */
export function readArray(owner: string, name: string, input: unknown): ShapedArray {
  const { values, shape } = flatten(owner, name, input);
  if (values.length === 0) throw new RangeError(`${owner}: ${name} must not be empty`);
  for (let i = 0; i < values.length; i++) {
    const entry: unknown = values[i];
    if (typeof entry !== "number") {
      throw new TypeError(`${owner}: ${name}[${i}] must be a number, got ${describe(entry)}`);
    }
    if (!Number.isFinite(entry)) throw new RangeError(`${owner}: ${name}[${i}] must be finite, got ${entry}`);
  }
  return { values, shape };
}

function flatten(owner: string, name: string, input: unknown): ShapedArray {
  if (isNumbers(input)) return { values: input, shape: [input.length] };
  if (Array.isArray(input)) return flattenRows(owner, name, input);
  if (isNdArray(input)) return flattenNd(owner, name, input);
  if (has(input, "dataSync")) {
    const { shape } = input as { shape?: unknown };
    const values: unknown = (input as { dataSync(): unknown }).dataSync();
    const flat = flatten(owner, `${name}.dataSync()`, values);
    if (shape === undefined || (Array.isArray(shape) && shape.length === 0)) return flat;
    checkShape(owner, name, shape, flat.values.length);
    return { values: flat.values, shape };
  }
  if (has(input, "toArray")) {
    const array: unknown = (input as { toArray(): unknown }).toArray();
    if (Array.isArray(array) || isNumbers(array)) return flatten(owner, `${name}.toArray()`, array);
  }
  throw new TypeError(`${owner}: ${name} must be an array of numbers, got ${describe(input)}`);
}

function flattenRows(owner: string, name: string, rows: readonly unknown[]): ShapedArray {
  const isRow = (row: unknown) => Array.isArray(row) || isNumbers(row);
  if (!isRow(rows[0])) return { values: rows as unknown as Numbers, shape: [rows.length] };
  const parts = rows.map((row, i) => {
    if (!isRow(row))
      throw new TypeError(`${owner}: ${name}[${i}] must be a row of numbers, got ${describe(row)}`);
    return flatten(owner, `${name}[${i}]`, row);
  });
  const { shape } = parts[0];
  const width = parts[0].values.length;
  parts.forEach((part, i) => {
    if (part.values.length !== width) {
      throw new RangeError(
        `${owner}: ${name}[${i}] must have ${width} entries as the first row has, got ${part.values.length}`,
      );
    }
  });
  return { values: parts.flatMap((part) => Array.from(part.values)), shape: [rows.length, ...shape] };
}

function flattenNd(owner: string, name: string, input: NdArray): ShapedArray {
  const { data, shape, stride, offset = 0 } = input;
  const length = size(shape);
  checkShape(owner, name, shape, length);
  const strides = stride ?? shape.map((_, axis) => size(shape.slice(axis + 1)));
  if (
    strides.length !== shape.length ||
    !strides.every(Number.isSafeInteger) ||
    !Number.isSafeInteger(offset)
  ) {
    throw new TypeError(`${owner}: ${name}.stride and offset must be integers, one stride an axis`);
  }
  const values = new Array<number>(length);
  for (let i = 0; i < length; i++) {
    let rest = i;
    let at = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]) * strides[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    if (!(at >= 0 && at < data.length)) {
      throw new RangeError(
        `${owner}: ${name} reaches entry ${at} of ${data.length} by its shape, stride and offset`,
      );
    }
    values[i] = data[at];
  }
  return { values, shape };
}
