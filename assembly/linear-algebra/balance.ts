// Balancing: a similarity by a permutation and by powers of two, after which rows and columns of a general matrix are
// of like size, and eigenvalues that can be read off stand on the diagonal.
import { at, put } from "./entries";

// @ts-ignore: decorator
@inline const RADIX: f64 = 2;
/** A scaling that gains less than this is left alone. */
// @ts-ignore: decorator
@inline const WORTHWHILE: f64 = 0.95;

/** Exchanges rows i and j and columns i and j. */
function exchange(n: i32, pitch: usize, a: usize, i: i32, j: i32): void {
  if (i == j) return;
  for (let k = 0; k < n; k++) {
    const held = at(a, pitch, i, k);
    put(a, pitch, i, k, at(a, pitch, j, k));
    put(a, pitch, j, k, held);
  }
  for (let k = 0; k < n; k++) {
    const held = at(a, pitch, k, i);
    put(a, pitch, k, i, at(a, pitch, k, j));
    put(a, pitch, k, j, held);
  }
}

/** Whether row `i` is zero between the columns low and high but for its diagonal. */
function rowIsAlone(pitch: usize, a: usize, i: i32, low: i32, high: i32): bool {
  for (let j = low; j <= high; j++) if (j != i && at(a, pitch, i, j) != 0) return false;
  return true;
}

function columnIsAlone(pitch: usize, a: usize, j: i32, low: i32, high: i32): bool {
  for (let i = low; i <= high; i++) if (i != j && at(a, pitch, i, j) != 0) return false;
  return true;
}

/**
 * Balances the n × n matrix in place: A ← D⁻¹PᵀAPD, P a permutation and D of powers of two, both exact. Afterwards A is
 * upper triangular outside of the rows and columns low … high (from 0, inclusive), which are written to `range` as two i32.
 *
 * Parlett and Reinsch, "Balancing a matrix for calculation of eigenvalues and eigenvectors", Numerische Mathematik 13,
 * 1969; with 2-norms, which cannot spoil what is well scaled: James, Langou, Lowery, "On matrix balancing and
 * eigenvector computation", arXiv 1401.5766.
 */
export function balance(n: i32, pitch: usize, a: usize, range: usize): void {
  let low = 0, high = n - 1;
  for (let i = high; i >= low; ) {
    if (!rowIsAlone(pitch, a, i, low, high)) i--;
    else {
      exchange(n, pitch, a, i, high);
      if (high == low) break;
      i = --high;
    }
  }
  for (let j = low; j <= high; ) {
    if (!columnIsAlone(pitch, a, j, low, high)) j++;
    else {
      exchange(n, pitch, a, j, low);
      if (high == low) break;
      j = ++low;
    }
  }
  store<i32>(range, low);
  store<i32>(range, high, 4);
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = low; i <= high; i++) {
      let column: f64 = 0, row: f64 = 0;
      for (let k = low; k <= high; k++) {
        const down = at(a, pitch, k, i), across = at(a, pitch, i, k);
        column += down * down;
        row += across * across;
      }
      if (column == 0 || row == 0) continue;
      column = Math.sqrt(column);
      row = Math.sqrt(row);
      const size = column + row;
      let factor: f64 = 1;
      for (; column < row / RADIX; row /= RADIX) {
        factor *= RADIX;
        column *= RADIX;
      }
      for (; column >= row * RADIX; row *= RADIX) {
        factor /= RADIX;
        column /= RADIX;
      }
      if (column + row >= WORTHWHILE * size) continue;
      changed = true;
      for (let k = 0; k < n; k++) put(a, pitch, i, k, at(a, pitch, i, k) / factor);
      for (let k = 0; k < n; k++) put(a, pitch, k, i, at(a, pitch, k, i) * factor);
    }
  }
}
