// What the objectives on rows of data share.
import { bytes, mulAdd, splat } from "../lanes";

/** Rows that are processed together: their features stay in the first cache between A w and Aᵀr. */
// @ts-ignore: decorator
@inline export const CHUNK: i32 = 32;

/** Bits of `want`: what an evaluation computes. */
// @ts-ignore: decorator
@inline export const VALUE: i32 = 1;
// @ts-ignore: decorator
@inline export const GRADIENT: i32 = 2;

/** out ← share·total + l2·w, where `total` is a block of f64. */
// @ts-ignore: decorator
@inline
export function finish(count: i32, share: f64, total: usize, l2: f64, w: usize, out: usize): void {
  const factor = f64x2.splat(share);
  const decay = splat(l2);
  const size = bytes(count);
  let t = total;
  for (let i: usize = 0; i < size; i += 16) {
    let mean = f64x2.mul(v128.load(t), factor);
    t += 16;
    if (sizeof<real>() == 4) {
      const high = f32x4.demote_f64x2_zero(f64x2.mul(v128.load(t), factor));
      mean = v128.shuffle<i64>(f32x4.demote_f64x2_zero(mean), high, 0, 2);
      t += 16;
    }
    v128.store(out + i, mulAdd(decay, v128.load(w + i), mean));
  }
}
