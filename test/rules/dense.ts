import { Random } from "../../src/core/random.ts";

/** A matrix as rows, for derivations in tests. */
export type Dense = readonly (readonly number[])[];

export const dense = (rows: number, columns: number, entry: (i: number, j: number) => number): number[][] =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => entry(i, j)));

export const fromFlat = (values: ArrayLike<number>, columns: number): number[][] =>
  dense(values.length / columns, columns, (i, j) => values[i * columns + j]);

export const product = (a: Dense, b: Dense): number[][] =>
  dense(a.length, b[0].length, (i, j) => a[i].reduce((sum, x, k) => sum + x * b[k][j], 0));

export const turned = (a: Dense): number[][] => dense(a[0].length, a.length, (i, j) => a[j][i]);

export const plus = (a: Dense, b: Dense, factor = 1): number[][] =>
  a.map((row, i) => row.map((x, j) => x + factor * b[i][j]));

export const identity = (n: number): number[][] => dense(n, n, (i, j) => (i === j ? 1 : 0));

export const normals = (rows: number, columns: number, seed: number): number[][] => {
  const random = new Random(seed);
  return dense(rows, columns, () => random.normal());
};

/**
 * The singular values of a matrix with at least as many columns as rows, and its singular vectors: A = Σ σₖuₖvₖᵀ, with the uₖ as rows of
 * `left` and the vₖ as rows of `right`. By rotating the rows of A until they are orthogonal.
 */
export function svd(a: Dense): { left: number[][]; values: number[]; right: number[][] } {
  const rows = a.map((row) => [...row]);
  const left = identity(a.length);
  const dot = (u: readonly number[], v: readonly number[]) => u.reduce((sum, x, k) => sum + x * v[k], 0);
  const turn = (m: number[][], p: number, q: number, angle: number) => {
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const [u, v] = [m[p], m[q]];
    m[p] = u.map((x, k) => c * x + s * v[k]);
    m[q] = v.map((x, k) => c * x - s * u[k]);
  };
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < rows.length; p++) {
      for (let q = p + 1; q < rows.length; q++) {
        const angle =
          Math.atan2(2 * dot(rows[p], rows[q]), dot(rows[p], rows[p]) - dot(rows[q], rows[q])) / 2;
        turn(rows, p, q, angle);
        turn(left, p, q, angle);
      }
    }
  }
  const values = rows.map((row) => Math.sqrt(dot(row, row)));
  return { left, values, right: rows.map((row, k) => row.map((x) => x / values[k])) };
}

/** Σ f(σₖ)uₖvₖᵀ. */
export const fromSvd = (
  { left, values, right }: ReturnType<typeof svd>,
  f: (value: number) => number,
): number[][] =>
  product(
    turned(left),
    right.map((row, k) => row.map((x) => f(values[k]) * x)),
  );

/** The largest difference of two matrices, relative to the largest entry of the second. */
export function apart(a: Dense, b: Dense): number {
  const size = Math.max(...b.flat().map(Math.abs));
  return Math.max(...a.flatMap((row, i) => row.map((x, j) => Math.abs(x - b[i][j])))) / size;
}
