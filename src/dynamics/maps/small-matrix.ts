// Determinants and linear systems of the few rows that a state has.

/**
 * Gaussian elimination with row pivots, in place, on the first n columns of n rows.
 *
 * @returns the determinant of those columns
 */
function eliminate(rows: number[][]): number {
  let product = 1;
  for (let k = 0; k < rows.length; k++) {
    let pivot = k;
    for (let i = k + 1; i < rows.length; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[pivot][k])) pivot = i;
    if (pivot !== k) {
      [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
      product = -product;
    }
    product *= rows[k][k];
    // A column of zeros: there is nothing to eliminate, nor to divide by.
    if (rows[k][k] === 0) continue;
    for (let i = k + 1; i < rows.length; i++) {
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j < rows[i].length; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  return product;
}

/** det(A + shift·I). */
export const determinant = (matrix: readonly (readonly number[])[], shift: number): number =>
  eliminate(matrix.map((row, i) => row.map((entry, j) => (i === j ? entry + shift : entry))));

/** The x with (A − I)x = right; not finite where there is none. */
export function solveShifted(matrix: readonly (readonly number[])[], right: ArrayLike<number>): number[] {
  const rows = matrix.map((row, i) => [...row.map((entry, j) => (i === j ? entry - 1 : entry)), right[i]]);
  eliminate(rows);
  const n = rows.length;
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let rest = rows[i][n];
    for (let j = i + 1; j < n; j++) rest -= rows[i][j] * x[j];
    x[i] = rest / rows[i][i];
  }
  return x;
}
