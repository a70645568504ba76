// Reduction of a general matrix to upper Hessenberg form, by Householder reflections.
import { at, entry, put, putEntry } from "./entries";

/** u ← u + c·v, for `size` bytes (whole registers). */
// @ts-ignore: decorator
@inline
function addMultiple(u: usize, c: f64, v: usize, size: usize): void {
  const factor = f64x2.splat(c);
  for (let i: usize = 0; i < size; i += 16) {
    v128.store(u + i, f64x2.add(v128.load(u + i), f64x2.mul(factor, v128.load(v + i))));
  }
}

/** Σ uᵢvᵢ over `size` bytes (whole registers). */
// @ts-ignore: decorator
@inline
function product(u: usize, v: usize, size: usize): f64 {
  let a = f64x2.splat(0), b = a, c = a, d = a;
  let i: usize = 0;
  for (const fours = size & ~63; i < fours; i += 64) {
    a = f64x2.add(a, f64x2.mul(v128.load(u + i), v128.load(v + i)));
    b = f64x2.add(b, f64x2.mul(v128.load(u + i, 16), v128.load(v + i, 16)));
    c = f64x2.add(c, f64x2.mul(v128.load(u + i, 32), v128.load(v + i, 32)));
    d = f64x2.add(d, f64x2.mul(v128.load(u + i, 48), v128.load(v + i, 48)));
  }
  for (; i < size; i += 16) a = f64x2.add(a, f64x2.mul(v128.load(u + i), v128.load(v + i)));
  const sum = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/**
 * A ← QᵀAQ, zero below its first subdiagonal, Q orthogonal. Rows and columns outside of low … high are triangular already
 * (see `balance`). `scratch` takes 2·pitch bytes.
 *
 * Golub and Van Loan, "Matrix computations", algorithm 7.4.2.
 */
export function toHessenberg(n: i32, pitch: usize, a: usize, low: i32, high: i32, scratch: usize): void {
  const v = scratch, w = scratch + pitch;
  for (let k = low; k + 2 <= high; k++) {
    const first = k + 1;
    let largest: f64 = 0;
    for (let i = first + 1; i <= high; i++) largest = max(largest, Math.abs(at(a, pitch, i, k)));
    if (largest == 0) continue;
    largest = max(largest, Math.abs(at(a, pitch, first, k)));
    memory.fill(v, 0, pitch);
    let squares: f64 = 0;
    for (let i = first; i <= high; i++) {
      const scaled = at(a, pitch, i, k) / largest;
      putEntry(v, i, scaled);
      squares += scaled * scaled;
    }
    const head = entry(v, first);
    const size = Math.sqrt(squares);
    const turned = head > 0 ? -size : size;
    // The reflection I − vvᵀ/half takes the column to `turned` times the first unit vector.
    putEntry(v, first, head - turned);
    const half = squares - head * turned;
    put(a, pitch, first, k, turned * largest);
    for (let i = first + 1; i <= high; i++) put(a, pitch, i, k, 0);
    // Whole registers from the one that holds column k + 1; column k, should it lie there, must not be touched again.
    const from: usize = (<usize>(first & ~1)) << 3;
    const kept = first & 1;
    memory.fill(w, 0, pitch);
    for (let i = first; i <= high; i++) {
      addMultiple(w + from, entry(v, i), a + (<usize>i) * pitch + from, pitch - from);
    }
    if (kept) putEntry(w, k, 0);
    for (let i = first; i <= high; i++) {
      addMultiple(a + (<usize>i) * pitch + from, -entry(v, i) / half, w + from, pitch - from);
    }
    for (let i = 0; i <= high; i++) {
      const row = a + (<usize>i) * pitch + from;
      addMultiple(row, -product(row, v + from, pitch - from) / half, v + from, pitch - from);
    }
  }
}
