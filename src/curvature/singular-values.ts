import { type ArrayInput, readArray } from "../core/array-input.ts";
import { machineEpsilon } from "../core/precision.ts";
import { powerOfTwoBelow } from "../objectives/differences.ts";

/** Sweeps over all pairs; six to ten are usual. */
const SWEEPS = 60;

/** The rows of a matrix, or its columns where these are fewer, divided by a power of two near the largest entry. */
function readLines(
  owner: string,
  matrix: unknown,
): { readonly lines: Float64Array[]; readonly scale: number } {
  const { values, shape } = readArray(owner, "matrix", matrix);
  if (shape.length !== 2) {
    throw new RangeError(`${owner}: matrix must have rows and columns, got the shape ${shape.join(" × ")}`);
  }
  const [rows, columns] = shape;
  let largest = 0;
  for (let k = 0; k < values.length; k++) largest = Math.max(largest, Math.abs(values[k]));
  const scale = largest > 0 ? powerOfTwoBelow(largest) : 1;
  const entry = (i: number, j: number) => values[i * columns + j] / scale;
  const lines =
    rows <= columns
      ? Array.from({ length: rows }, (_, i) => Float64Array.from({ length: columns }, (__, j) => entry(i, j)))
      : Array.from({ length: columns }, (_, j) =>
          Float64Array.from({ length: rows }, (__, i) => entry(i, j)),
        );
  return { lines, scale };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/** Turns two lines in their plane so that they are orthogonal; false where they are already. */
function rotate(a: Float64Array, b: Float64Array): boolean {
  const [aa, bb, ab] = [dot(a, a), dot(b, b), dot(a, b)];
  if (!(Math.abs(ab) > machineEpsilon.f64 * Math.sqrt(aa) * Math.sqrt(bb))) return false;
  const zeta = (bb - aa) / (2 * ab);
  const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = c * t;
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [a[k], b[k]];
    a[k] = c * x - s * y;
    b[k] = s * x + c * y;
  }
  return true;
}

/**
 * The singular values of a matrix, by one-sided Jacobi rotations: rows (or columns, where these are fewer) are turned in pairs until
 * they are orthogonal; their lengths are the singular values. Small ones keep their digits beside large ones where rows differ in
 * size alone.
 *
 * @param matrix - rows of equal length, or another library's array of rows × columns; finite numbers
 * @returns all of them, in falling order: as many as there are rows or columns, whichever are fewer
 * @throws TypeError or RangeError naming the entry that is no finite number, or the shape where that is none of a matrix
 *
 * @example
 * ```ts
 * import { singularValues } from "thalweg";
 * singularValues([[3, 0], [4, 5]]); // ≈ [6.708, 2.236]: √45 and √5
 * singularValues([[1, 2, 3]]); // ≈ [3.742]
 * ```
 *
 * Source: Hestenes, "Inversion of matrices by biorthogonalization and related results", 1958; Demmel and Veselić, "Jacobi's method
 * is more accurate than QR", 1992.
 */
export function singularValues(matrix: ArrayInput): Float64Array {
  const { lines, scale } = readLines("singularValues", matrix);
  let turned = true;
  for (let sweep = 0; turned && sweep < SWEEPS; sweep++) {
    turned = false;
    for (let i = 0; i < lines.length; i++) {
      for (let j = i + 1; j < lines.length; j++) turned = rotate(lines[i], lines[j]) || turned;
    }
  }
  const lengths = Float64Array.from(lines, (line) => scale * Math.sqrt(dot(line, line)));
  return lengths.sort().reverse();
}

/**
 * The nuclear norm ‖X‖* of a matrix, the sum of its singular values: the convex function that is nearest to its rank.
 *
 * @param matrix - rows of equal length, or another library's array of rows × columns; finite numbers
 * @throws TypeError or RangeError naming the entry that is no finite number, or the shape where that is none of a matrix
 *
 * @example
 * ```ts
 * import { nuclearNorm } from "thalweg";
 * nuclearNorm([[2, 0], [0, -1]]); // 3
 * nuclearNorm([[1, 1], [1, 1]]); // 2: of rank 1
 * ```
 *
 * Source: Fazel, "Matrix rank minimization with applications", 2002.
 */
export function nuclearNorm(matrix: ArrayInput): number {
  return singularValues(matrix).reduce((sum, value) => sum + value, 0);
}
