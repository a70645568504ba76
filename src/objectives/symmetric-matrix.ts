import {
  type ArrayInput,
  type ForeignArray,
  isForeignArray,
  isList,
  readArray,
} from "../core/array-input.ts";
import { checkKeys } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { machineEpsilon, type Numbers, type RealArray } from "../core/precision.ts";
import { checkFinite } from "./features.ts";

/** A symmetric matrix: d rows of d, a row-major array of d², another library's d × d array, or only its diagonal. */
export type SymmetricMatrix = ArrayLike<Numbers> | Numbers | ForeignArray | { readonly diagonal: ArrayInput };

/** A symmetric matrix that was checked, and what is known of it. */
export interface CheckedMatrix {
  readonly dimension: number;
  readonly diagonal: boolean;
  /** A provable lower bound of the spectrum. */
  readonly floor: number;
  /** ‖A‖∞, which no eigenvalue exceeds in magnitude. */
  readonly norm: number;
  readonly largest: number;
  copyInto(target: RealArray, stride: number): void;
}

/** The largest magnitude of some numbers. */
export function largestOf(values: Numbers): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}

function readDiagonal(owner: string, matrix: { readonly diagonal: unknown }): CheckedMatrix {
  checkKeys(`${owner}: matrix`, matrix, ["diagonal"]);
  const { values: diagonal } = readArray(owner, "matrix.diagonal", matrix.diagonal);
  let floor = Infinity;
  for (let i = 0; i < diagonal.length; i++) floor = Math.min(floor, diagonal[i]);
  const largest = largestOf(diagonal);
  return {
    dimension: diagonal.length,
    diagonal: true,
    floor,
    norm: largest,
    largest,
    copyInto: (target) => target.set(diagonal),
  };
}

/** The order of a square matrix given as rows or as one row-major array. */
function orderOf(owner: string, matrix: ArrayLike<unknown>): { order: number; flat: boolean } {
  const flat = ArrayBuffer.isView(matrix) || typeof matrix[0] === "number";
  const order = flat ? Math.round(Math.sqrt(matrix.length)) : matrix.length;
  if (order === 0) throw new RangeError(`${owner}: matrix must not be empty`);
  if (flat && order * order !== matrix.length) {
    throw new RangeError(`${owner}: a row-major matrix needs d² entries, got ${matrix.length}`);
  }
  for (let i = 0; !flat && i < order; i++) {
    const row = matrix[i];
    if (!isList(row)) {
      throw new TypeError(`${owner}: matrix must hold rows of numbers, got ${describe(row)} as row ${i}`);
    }
    if (row.length !== order) {
      throw new RangeError(
        `${owner}: a matrix of ${order} rows must have ${order} columns, row ${i} has ${row.length}`,
      );
    }
  }
  return { order, flat };
}

function readDense(owner: string, matrix: ArrayLike<unknown>): CheckedMatrix {
  const { order, flat } = orderOf(owner, matrix);
  const entry = flat
    ? (i: number, j: number) => (matrix as Numbers)[i * order + j]
    : (i: number, j: number) => (matrix as ArrayLike<Numbers>)[i][j];
  let largest = 0;
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < order; j++) {
      const value = entry(i, j);
      checkFinite(owner, "matrix entries", value, () => `row ${i}, column ${j}`);
      largest = Math.max(largest, Math.abs(value));
    }
  }
  const first = flat ? matrix : matrix[0];
  const epsilon = machineEpsilon[first instanceof Float32Array ? "f32" : "f64"];
  const tolerance = 8 * order * epsilon * largest;
  // Gershgorin: every eigenvalue lies within a row's off-diagonal sum of its diagonal entry.
  let floor = Infinity;
  let norm = 0;
  for (let i = 0; i < order; i++) {
    let around = 0;
    for (let j = 0; j < order; j++) {
      const above = entry(i, j);
      const below = entry(j, i);
      if (Math.abs(above - below) > tolerance) {
        throw new RangeError(
          `${owner}: matrix must be symmetric, got ${above} in row ${i}, column ${j} but ${below} in row ${j}, column ${i}`,
        );
      }
      if (i !== j) around += Math.abs(above);
    }
    floor = Math.min(floor, entry(i, i) - around);
    norm = Math.max(norm, Math.abs(entry(i, i)) + around);
  }
  return {
    dimension: order,
    diagonal: false,
    floor,
    norm,
    largest,
    copyInto(target, stride) {
      for (let i = 0; i < order; i++) {
        for (let j = 0; j < order; j++) target[i * stride + j] = 0.5 * entry(i, j) + 0.5 * entry(j, i);
      }
    },
  };
}

/**
 * Reads a symmetric matrix in any of the forms of {@link SymmetricMatrix}.
 *
 * @throws TypeError or RangeError naming the entry that is no finite number, or that differs from its mirror image by more than
 * rounding
 */
export function readSymmetric(owner: string, matrix: unknown): CheckedMatrix {
  if (isList(matrix)) return readDense(owner, matrix);
  if (isForeignArray(matrix)) {
    const { values, shape } = readArray(owner, "matrix", matrix);
    if (shape.length > 2 || (shape.length === 2 && shape[0] !== shape[1])) {
      throw new RangeError(`${owner}: matrix must be square, got the shape ${shape.join(" × ")}`);
    }
    return readDense(owner, values);
  }
  if (typeof matrix !== "object" || matrix === null || !("diagonal" in matrix)) {
    throw new TypeError(
      `${owner}: matrix must be rows, a row-major array, or { diagonal }, got ${describe(matrix)}`,
    );
  }
  return readDiagonal(owner, matrix as { diagonal: unknown });
}
