// Products with row-major matrices. A matrix has `rows` rows (a multiple of four; the layout adds
// rows of zeros) of `stride` elements (whole registers). Four rows a block: each element of the
// vector is loaded once for four rows, and the four sums are independent.
import { RUN, bytes, mulAdd, splat, sumLanes } from "../lanes";

/** z ← A x. */
export function matrixTimesVector(rows: i32, stride: i32, matrix: usize, x: usize, z: usize): void {
  const pitch = bytes(stride);
  let row = matrix;
  for (let i = 0; i < rows; i += 4) {
    let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0;
    for (let from: usize = 0; from < pitch; from += RUN) {
      const to = min(from + RUN, pitch);
      let a0 = splat(0), a1 = splat(0), a2 = splat(0), a3 = splat(0);
      for (let j = from; j < to; j += 16) {
        const vector = v128.load(x + j);
        const p = row + j;
        a0 = mulAdd(v128.load(p), vector, a0);
        a1 = mulAdd(v128.load(p + pitch), vector, a1);
        a2 = mulAdd(v128.load(p + 2 * pitch), vector, a2);
        a3 = mulAdd(v128.load(p + 3 * pitch), vector, a3);
      }
      s0 += sumLanes(a0);
      s1 += sumLanes(a1);
      s2 += sumLanes(a2);
      s3 += sumLanes(a3);
    }
    const out = z + bytes(i);
    store<real>(out, <real>s0);
    store<real>(out + sizeof<real>(), <real>s1);
    store<real>(out + 2 * sizeof<real>(), <real>s2);
    store<real>(out + 3 * sizeof<real>(), <real>s3);
    row += 4 * pitch;
  }
}

/** x ← x + Aᵀ r. */
export function addTransposed(rows: i32, stride: i32, matrix: usize, r: usize, x: usize): void {
  const pitch = bytes(stride);
  let row = matrix;
  for (let i = 0; i < rows; i += 4) {
    const at = r + bytes(i);
    const r0 = v128.load_splat<real>(at);
    const r1 = v128.load_splat<real>(at + sizeof<real>());
    const r2 = v128.load_splat<real>(at + 2 * sizeof<real>());
    const r3 = v128.load_splat<real>(at + 3 * sizeof<real>());
    for (let j: usize = 0; j < pitch; j += 16) {
      const p = row + j;
      const low = mulAdd(r0, v128.load(p), v128.mul<real>(r1, v128.load(p + pitch)));
      const high = mulAdd(r2, v128.load(p + 2 * pitch), v128.mul<real>(r3, v128.load(p + 3 * pitch)));
      v128.store(x + j, v128.add<real>(v128.load(x + j), v128.add<real>(low, high)));
    }
    row += 4 * pitch;
  }
}

/** t ← t + p, where t is a block of f64 and p a block of `real`: closes a run of `addTransposed`, and clears p. */
export function foldInto(n: i32, partial: usize, total: usize): void {
  const end = partial + bytes(n);
  let t = total;
  for (let p = partial; p < end; p += 16) {
    const values = v128.load(p);
    if (sizeof<real>() == 8) {
      v128.store(t, f64x2.add(v128.load(t), values));
      t += 16;
    } else {
      const high = v128.shuffle<f32>(values, values, 2, 3, 2, 3);
      v128.store(t, f64x2.add(v128.load(t), f64x2.promote_low_f32x4(values)));
      v128.store(t, f64x2.add(v128.load(t, 16), f64x2.promote_low_f32x4(high)), 16);
      t += 32;
    }
    v128.store(p, splat(0));
  }
}
