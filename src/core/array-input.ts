import { describe } from "./describe.ts";
import type { Numbers } from "./precision.ts";

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

/** Rows of equal length, of numbers or of rows in turn. */
export type NestedNumbers = readonly (Numbers | NestedNumbers)[];

/**
 * What is taken for an array: typed arrays and arrays of numbers, rows of equal length, ndarray's
 * `{ data, shape, stride, offset }`, and anything with `toArray()` or `dataSync()`.
 */
export type ArrayInput = Numbers | NestedNumbers | ForeignArray;

/** An array of another library's making, which knows its shape or converts itself. */
export type ForeignArray =
  | NdArray
  | { toArray(): unknown }
  | { dataSync(): ArrayLike<unknown>; readonly shape?: readonly number[] };

/** Numbers in row-major order, and their shape. */
export interface ShapedArray {
  readonly values: Numbers;
  readonly shape: readonly number[];
}

/** Arrays and what they convert to may nest this deep. */
const MAX_DEPTH = 16;
/** More entries than any memory holds: 4 GiB of f32. */
const MAX_ENTRIES = 2 ** 30;

const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

/** Typed arrays of any kind; a DataView has no length. */
const isTyped = (input: unknown): input is Numbers => ArrayBuffer.isView(input) && "length" in input;

/** Whether a value is an array or a typed array, whose elements may be anything. */
export const isList = (input: unknown): input is ArrayLike<unknown> => Array.isArray(input) || isTyped(input);

const has = (input: unknown, key: string): boolean =>
  typeof input === "object" &&
  input !== null &&
  typeof (input as Record<string, unknown>)[key] === "function";

/** Whether an object is an array in one of the forms of {@link ArrayInput}, not a record of blocks. */
export function isArrayInput(input: unknown): input is ArrayInput {
  return isList(input) || isForeignArray(input);
}

/** Whether an object is a {@link ForeignArray}. */
export function isForeignArray(input: unknown): input is ForeignArray {
  return !isList(input) && (isNdArray(input) || has(input, "toArray") || has(input, "dataSync"));
}

function isNdArray(input: unknown): input is NdArray {
  if (typeof input !== "object" || input === null) return false;
  const { data, shape } = input as Partial<NdArray>;
  return isList(data) && Array.isArray(shape);
}

/** Throws unless a shape is a list of positive integers, of `length` elements in all. */
export function checkShape(
  owner: string,
  name: string,
  shape: unknown,
  length?: number,
): asserts shape is readonly number[] {
  // Array.from fills holes, which `every` would skip.
  if (!Array.isArray(shape) || !Array.from(shape).every((side) => Number.isSafeInteger(side) && side > 0)) {
    throw new TypeError(
      `${owner}: ${name}.shape must be an array of positive integers, got ${describe(shape)}`,
    );
  }
  const entries = size(shape);
  if (length !== undefined && entries !== length) {
    throw new RangeError(
      `${owner}: ${name} must have ${shape.join(" × ")} = ${entries} entries, got ${length}`,
    );
  }
  if (entries > MAX_ENTRIES) {
    throw new RangeError(`${owner}: ${name} has ${shape.join(" × ")} entries, more than a memory holds`);
  }
}

function checkEntry(owner: string, name: string, i: number, entry: unknown): asserts entry is number {
  if (typeof entry !== "number") {
    throw new TypeError(`${owner}: ${name}[${i}] must be a number, got ${describe(entry)}`);
  }
  if (!Number.isFinite(entry)) throw new RangeError(`${owner}: ${name}[${i}] must be finite, got ${entry}`);
}

/**
 * Reads an array in any of the forms of {@link ArrayInput}; its numbers are not copied where they
 * already lie in order. Every entry is checked to be a finite number.
 *
 * @throws TypeError or RangeError naming the entry
 */
export function readArray(owner: string, name: string, input: unknown): ShapedArray {
  return flatten(owner, name, input, 0);
}

/**
 * The entries of an array in any form but rows, whatever they are.
 *
 * @throws TypeError if it is no array
 */
export function readList(owner: string, name: string, input: unknown): ArrayLike<unknown> {
  if (isList(input)) return input;
  if (isNdArray(input)) return flattenNd(owner, name, input).values;
  const converted: unknown = has(input, "dataSync")
    ? (input as { dataSync(): unknown }).dataSync()
    : has(input, "toArray")
      ? (input as { toArray(): unknown }).toArray()
      : undefined;
  if (isList(converted)) return converted;
  throw new TypeError(`${owner}: ${name} must be an array, got ${describe(input)}`);
}

function flatten(owner: string, name: string, input: unknown, depth: number): ShapedArray {
  if (depth > MAX_DEPTH) throw new RangeError(`${owner}: ${name} nests more than ${MAX_DEPTH} deep`);
  if (isList(input)) {
    if (input.length === 0) throw new RangeError(`${owner}: ${name} must not be empty`);
    if (Array.isArray(input) && isList(input[0])) return flattenRows(owner, name, input, depth);
    for (let i = 0; i < input.length; i++) checkEntry(owner, name, i, input[i]);
    return { values: input as Numbers, shape: [input.length] };
  }
  if (isNdArray(input)) return flattenNd(owner, name, input);
  if (has(input, "dataSync")) {
    const { shape } = input as { shape?: unknown };
    const values: unknown = (input as { dataSync(): unknown }).dataSync();
    const flat = flatten(owner, `${name}.dataSync()`, values, depth + 1);
    if (shape === undefined || (Array.isArray(shape) && shape.length === 0)) return flat;
    checkShape(owner, name, shape, flat.values.length);
    return { values: flat.values, shape: [...shape] };
  }
  if (has(input, "toArray")) {
    const array: unknown = (input as { toArray(): unknown }).toArray();
    if (isList(array)) return flatten(owner, `${name}.toArray()`, array, depth + 1);
  }
  throw new TypeError(`${owner}: ${name} must be an array of numbers, got ${describe(input)}`);
}

/** Room for numbers: what was single precision stays so, which says how far they may be rounded. */
const room = (length: number, single: boolean) =>
  single ? new Float32Array(length) : new Float64Array(length);

function flattenRows(owner: string, name: string, rows: readonly unknown[], depth: number): ShapedArray {
  // Array.from fills holes, which `map` would skip.
  const parts = Array.from(rows, (row, i) => {
    if (!isList(row))
      throw new TypeError(`${owner}: ${name}[${i}] must be a row of numbers, got ${describe(row)}`);
    return flatten(owner, `${name}[${i}]`, row, depth + 1);
  });
  const { shape, values: first } = parts[0];
  const width = first.length;
  const values = room(
    rows.length * width,
    parts.every((part) => part.values instanceof Float32Array),
  );
  parts.forEach((part, i) => {
    if (part.shape.join() !== shape.join()) {
      throw new RangeError(
        `${owner}: ${name}[${i}] must have ${shape.join(" × ")} entries as the first row has, got ${part.shape.join(" × ")}`,
      );
    }
    values.set(part.values, i * width);
  });
  return { values, shape: [rows.length, ...shape] };
}

function flattenNd(owner: string, name: string, input: NdArray): ShapedArray {
  const { data, shape, stride, offset = 0 } = input;
  checkShape(owner, name, shape);
  const rowMajor = shape.map((_, axis) => size(shape.slice(axis + 1)));
  const strides = stride === undefined ? rowMajor : stride;
  if (
    !Array.isArray(strides) ||
    strides.length !== shape.length ||
    !Array.from(strides).every(Number.isSafeInteger) ||
    !Number.isSafeInteger(offset)
  ) {
    throw new TypeError(
      `${owner}: ${name}.stride and offset must be integers, one stride an axis, got ${describe(stride)} and ${describe(offset)}`,
    );
  }
  let first = offset;
  let last = offset;
  strides.forEach((step: number, axis: number) => {
    const reach = step * (shape[axis] - 1);
    if (reach < 0) first += reach;
    else last += reach;
  });
  if (first < 0 || last >= data.length) {
    throw new RangeError(
      `${owner}: ${name} reaches entry ${first < 0 ? first : last} of ${data.length} by its shape, stride and offset`,
    );
  }
  const length = size(shape);
  const entries = `${name}.data`;
  const sides = shape.length === 0 ? [1] : [...shape];
  const inOrder = strides.every((step: number, axis: number) => shape[axis] === 1 || step === rowMajor[axis]);
  if (inOrder && (data instanceof Float64Array || data instanceof Float32Array)) {
    const values = data.subarray(offset, offset + length);
    for (let i = 0; i < length; i++) checkEntry(owner, entries, offset + i, values[i]);
    return { values, shape: sides };
  }
  const values = room(length, data instanceof Float32Array);
  const index = new Array<number>(shape.length).fill(0);
  let at = offset;
  for (let i = 0; i < length; i++) {
    const entry: unknown = data[at];
    checkEntry(owner, entries, at, entry);
    values[i] = entry;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return { values, shape: sides };
}
