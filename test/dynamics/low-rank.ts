import type { Random } from "../../src/core/random.ts";
import { nuclearNorm } from "../../src/curvature/singular-values.ts";
import type { Matrix } from "./nuclear-optimum.ts";

export const normals = (random: Random, count: number): Float64Array =>
  Float64Array.from({ length: count }, () => random.normal());

/** A random matrix of a rank, of nuclear norm 1: normal factors, the second the first's transpose where it is to be symmetric. */
export function lowRank(
  random: Random,
  rows: number,
  columns: number,
  rank: number,
  symmetric = false,
): Matrix {
  const left = normals(random, rows * rank);
  const right = symmetric ? left : normals(random, columns * rank);
  const product = Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (__, j) => {
      let sum = 0;
      for (let k = 0; k < rank; k++) sum += left[i * rank + k] * right[j * rank + k];
      return sum;
    }),
  );
  const norm = nuclearNorm(product);
  return product.map((row) => row.map((entry) => entry / norm));
}

/** ⟨A, X⟩. */
export const inner = (a: Matrix, x: Matrix): number =>
  a.reduce((sum, row, i) => sum + row.reduce((part, entry, j) => part + entry * x[i][j], 0), 0);

/** Matrices of normal entries, made symmetric if need be. */
export const gaussian = (
  random: Random,
  count: number,
  rows: number,
  columns: number,
  symmetric = false,
): Matrix[] =>
  Array.from({ length: count }, () => {
    const a = Array.from({ length: rows }, () => Array.from(normals(random, columns)));
    return symmetric ? a.map((row, i) => row.map((entry, j) => (entry + a[j][i]) / 2)) : a;
  });

/** Some of the places of a matrix, in random order. */
export function somePlaces(
  random: Random,
  count: number,
  rows: number,
  columns: number,
): [i: number, j: number][] {
  const order = Uint32Array.from({ length: rows * columns }, (_, at) => at);
  random.shuffle(order);
  return Array.from(order.subarray(0, count), (at) => [Math.floor(at / columns), at % columns]);
}
