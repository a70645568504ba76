import { type ForeignArray, readArray } from "./array-input.ts";
import type { Numbers } from "./precision.ts";

/** A square matrix: n rows of n, a row-major array of n², or another library's n × n array. */
export type SquareMatrix = ArrayLike<Numbers> | Numbers | ForeignArray;

/** A square matrix that was read: n² finite numbers in row-major order. */
export interface ReadMatrix {
  readonly order: number;
  readonly values: Numbers;
}

/**
 * Reads a square matrix in any form of {@link SquareMatrix}.
 *
 * @throws TypeError or RangeError naming the entry, or the shape where it is not square
 */
export function readSquare(owner: string, name: string, matrix: unknown): ReadMatrix {
  const { values, shape } = readArray(owner, name, matrix);
  const flat = shape.length === 1;
  const order = flat ? Math.round(Math.sqrt(values.length)) : shape[0];
  if (flat && order * order !== values.length) {
    throw new RangeError(`${owner}: ${name} must have n² entries in row-major order, got ${values.length}`);
  }
  if (!flat && (shape.length > 2 || shape[0] !== shape[1])) {
    throw new RangeError(`${owner}: ${name} must be square, got ${shape.join(" × ")} entries`);
  }
  return { order, values };
}
