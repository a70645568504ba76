// What methods of several stages ask for: sums of many blocks in one pass, and the size of an error by a tolerance.
import { RUN, bytes, held, larger, mulAdd, ratio, splat, sumLanes } from "../lanes";

// @ts-ignore: decorator
@inline
function weight(weights: usize, k: i32, terms: i32): v128 {
  return k < terms ? held(load<f64>(weights + ((<usize>k) << 3))) : splat(0);
}

/** The sum of `terms` blocks, a number that is known when this is compiled: everything but the blocks stays in registers. */
// @ts-ignore: decorator
@inline
function sum(terms: i32, size: usize, weights: usize, blocks: usize, x: usize, out: usize): void {
  const a = weight(weights, 0, terms), b = weight(weights, 1, terms), c = weight(weights, 2, terms);
  const d = weight(weights, 3, terms), e = weight(weights, 4, terms), f = weight(weights, 5, terms);
  const g = weight(weights, 6, terms);
  for (let i: usize = 0; i < size; i += 16) {
    let p = blocks + i;
    let total = mulAdd(a, v128.load(p), v128.load(x + i));
    if (terms > 1) total = mulAdd(b, v128.load((p += size)), total);
    if (terms > 2) total = mulAdd(c, v128.load((p += size)), total);
    if (terms > 3) total = mulAdd(d, v128.load((p += size)), total);
    if (terms > 4) total = mulAdd(e, v128.load((p += size)), total);
    if (terms > 5) total = mulAdd(f, v128.load((p += size)), total);
    if (terms > 6) total = mulAdd(g, v128.load((p += size)), total);
    v128.store(out + i, total);
  }
}

/**
 * out ← x + Σ wₖbₖ over 1 to 7 blocks of n elements, one behind the other at `blocks`, with f64 weights at `weights`;
 * without x where that is 0.
 */
export function weightedSum(n: i32, terms: i32, weights: usize, blocks: usize, x: usize, out: usize): void {
  const size = bytes(n);
  if (!x) {
    memory.fill(out, 0, size);
    x = out;
  }
  switch (terms) {
    case 1: return sum(1, size, weights, blocks, x, out);
    case 2: return sum(2, size, weights, blocks, x, out);
    case 3: return sum(3, size, weights, blocks, x, out);
    case 4: return sum(4, size, weights, blocks, x, out);
    case 5: return sum(5, size, weights, blocks, x, out);
    case 6: return sum(6, size, weights, blocks, x, out);
    default: return sum(7, size, weights, blocks, x, out);
  }
}

/** Σ (eᵢ / (absolute + relative·max(|xᵢ|, |yᵢ|)))². Bound by its divisions, so that one sum is enough. */
export function scaledSquares(n: i32, e: usize, x: usize, y: usize, absolute: f64, relative: f64): f64 {
  const size = bytes(n);
  const floor = held(absolute);
  const share = held(relative);
  const zero = splat(0);
  let total: f64 = 0;
  for (let from: usize = 0; from < size; from += RUN) {
    const to = min(from + RUN, size);
    let sum = zero;
    for (let i = from; i < to; i += 16) {
      const extent = larger(v128.abs<real>(v128.load(x + i)), v128.abs<real>(v128.load(y + i)));
      const scaled = ratio(v128.load(e + i), mulAdd(share, extent, floor), zero);
      sum = mulAdd(scaled, scaled, sum);
    }
    total += sumLanes(sum);
  }
  return total;
}
