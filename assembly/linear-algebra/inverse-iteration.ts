// Eigenvectors of an upper Hessenberg matrix to known eigenvalues, from the right and from the left. Complex numbers
// lie as pairs (real, imaginary), one a register.
import { at } from "./entries";

const SIGNS = memory.data<f64>([-1, 1], 16);

// @ts-ignore: decorator
@inline
function swap(z: v128): v128 {
  return v128.shuffle<i64>(z, z, 1, 0);
}

// @ts-ignore: decorator
@inline
function realOf(z: v128): v128 {
  return v128.shuffle<i64>(z, z, 0, 0);
}

// @ts-ignore: decorator
@inline
function imaginaryOf(z: v128): v128 {
  return v128.shuffle<i64>(z, z, 1, 1);
}

/** The conjugate; `signs` is (−1, 1). */
// @ts-ignore: decorator
@inline
function conjugate(z: v128, signs: v128): v128 {
  return f64x2.neg(f64x2.mul(z, signs));
}

/** a·b. */
// @ts-ignore: decorator
@inline
function times(a: v128, b: v128, signs: v128): v128 {
  return f64x2.add(f64x2.mul(realOf(a), b), f64x2.mul(f64x2.mul(imaginaryOf(a), signs), swap(b)));
}

// @ts-ignore: decorator
@inline
function squareOf(z: v128): f64 {
  const x = f64x2.extract_lane(z, 0), y = f64x2.extract_lane(z, 1);
  return x * x + y * y;
}

/** a/b, for b of a size whose square neither over- nor underflows. */
// @ts-ignore: decorator
@inline
function quotient(a: v128, b: v128, signs: v128): v128 {
  const c = times(a, conjugate(b, signs), signs);
  return f64x2.div(c, f64x2.splat(squareOf(b)));
}

/** A solution that grows beyond this is scaled down on the way: with a Jordan block of size k it grows like ε⁻ᵏ. */
// @ts-ignore: decorator
@inline const LARGE: f64 = 1e100;

// @ts-ignore: decorator
@inline const GOLDEN: f64 = 0.6180339887498949;

function scaleBy(n: i32, factor: f64, x: usize): void {
  const by = f64x2.splat(factor);
  for (let p = x, end = x + ((<usize>n) << 4); p < end; p += 16) v128.store(p, f64x2.mul(v128.load(p), by));
}

function lengthOf(n: i32, x: usize): f64 {
  let squares = f64x2.splat(0);
  for (let p = x, end = x + ((<usize>n) << 4); p < end; p += 16) {
    squares = f64x2.add(squares, f64x2.mul(v128.load(p), v128.load(p)));
  }
  return Math.sqrt(f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1));
}

/** A vector of length 1 that is orthogonal to none that a structured matrix is likely to have. */
function start(n: i32, x: usize): void {
  for (let i = 0; i < n; i++) {
    const turn = GOLDEN * (i + 1);
    v128.store(x + ((<usize>i) << 4), f64x2.replace_lane(f64x2.splat(0), 0, 0.5 + turn - Math.floor(turn)));
  }
  scaleBy(n, 1 / lengthOf(n, x), x);
}

/** target[j] ← target[j] − m·row[j] for `count` complex numbers. */
// @ts-ignore: decorator
@inline
function subtractMultiple(target: usize, m: v128, row: usize, count: i32): void {
  const signs = v128.load(SIGNS);
  const direct = realOf(m), crossed = f64x2.mul(imaginaryOf(m), signs);
  for (let i: usize = 0, size = (<usize>count) << 4; i < size; i += 16) {
    const z = v128.load(row + i);
    const product = f64x2.add(f64x2.mul(direct, z), f64x2.mul(crossed, swap(z)));
    v128.store(target + i, f64x2.sub(v128.load(target + i), product));
  }
}

/**
 * H − μI = LU with row exchanges: row k of U lies at `lu` + k·n complex numbers, the multiplier of step k and whether
 * it exchanged its two rows (1 or 0) at `steps`, 32 bytes each. A pivot that is zero becomes `least`.
 */
function factor(n: i32, pitch: usize, h: usize, mu: v128, least: f64, lu: usize, steps: usize): void {
  const signs = v128.load(SIGNS);
  const row = (<usize>n) << 4;
  copyRow(n, h, 0, lu);
  v128.store(lu, f64x2.sub(v128.load(lu), mu));
  for (let k = 0; k < n; k++) {
    const own = lu + (<usize>k) * row + ((<usize>k) << 4);
    if (k == n - 1) {
      if (squareOf(v128.load(own)) < least * least) v128.store(own, f64x2.replace_lane(f64x2.splat(0), 0, least));
      return;
    }
    const next = own + row;
    copyRow(n, h + (<usize>(k + 1)) * pitch, k, next);
    v128.store(next, f64x2.sub(v128.load(next, 16), mu), 16);
    const step = steps + ((<usize>k) << 5);
    const exchanges = squareOf(v128.load(next)) > squareOf(v128.load(own));
    store<i32>(step, exchanges ? 1 : 0, 16);
    if (exchanges) {
      for (let p = own, q = next, end = own + ((<usize>(n - k)) << 4); p < end; p += 16, q += 16) {
        const held = v128.load(p);
        v128.store(p, v128.load(q));
        v128.store(q, held);
      }
    } else if (squareOf(v128.load(own)) < least * least) {
      v128.store(own, f64x2.replace_lane(f64x2.splat(0), 0, least));
    }
    const multiplier = quotient(v128.load(next), v128.load(own), signs);
    v128.store(step, multiplier);
    subtractMultiple(next + 16, multiplier, own + 16, n - k - 1);
  }
}

/** Entries from..n of a real row, as complex numbers from `target` on. */
function copyRow(n: i32, row: usize, from: i32, target: usize): void {
  for (let j = from; j < n; j++, target += 16) {
    v128.store(target, f64x2.replace_lane(f64x2.splat(0), 0, at(row, 0, 0, j)));
  }
}

/** Keeps a solution from overflowing; returns the factor that it was scaled by. */
// @ts-ignore: decorator
@inline
function keepSmall(n: i32, entry: v128, x: usize): f64 {
  const square = squareOf(entry);
  if (square <= LARGE * LARGE) return 1;
  const by = 1 / Math.sqrt(square);
  scaleBy(n, by, x);
  return by;
}

/** x ← (H − μI)⁻¹x, scaled to length 1; returns ‖(H − μI)x‖ of the outcome. */
function solveRight(n: i32, lu: usize, steps: usize, x: usize): f64 {
  const signs = v128.load(SIGNS);
  const row = (<usize>n) << 4;
  let scale: f64 = 1;
  for (let k = 0; k + 1 < n; k++) {
    const step = steps + ((<usize>k) << 5);
    const p = x + ((<usize>k) << 4);
    let upper = v128.load(p), lower = v128.load(p, 16);
    if (load<i32>(step, 16)) {
      const held = upper;
      upper = lower;
      lower = held;
    }
    v128.store(p, upper);
    v128.store(p, f64x2.sub(lower, times(v128.load(step), upper, signs)), 16);
  }
  for (let k = n - 1; k >= 0; k--) {
    const own = lu + (<usize>k) * row + ((<usize>k) << 4);
    const p = x + ((<usize>k) << 4);
    let sum = v128.load(p);
    for (let i: usize = 16, size = (<usize>(n - k)) << 4; i < size; i += 16) {
      sum = f64x2.sub(sum, times(v128.load(own + i), v128.load(p + i), signs));
    }
    const entry = quotient(sum, v128.load(own), signs);
    v128.store(p, entry);
    scale *= keepSmall(n, entry, x);
  }
  const length = lengthOf(n, x);
  scaleBy(n, 1 / length, x);
  return scale / length;
}

/** y ← (H − μI)⁻ᴴy, scaled to length 1. */
function solveLeft(n: i32, lu: usize, steps: usize, y: usize): void {
  const signs = v128.load(SIGNS);
  const row = (<usize>n) << 4;
  for (let k = 0; k < n; k++) {
    const own = lu + (<usize>k) * row + ((<usize>k) << 4);
    const p = y + ((<usize>k) << 4);
    let entry = quotient(v128.load(p), conjugate(v128.load(own), signs), signs);
    v128.store(p, entry);
    if (keepSmall(n, entry, y) != 1) entry = v128.load(p);
    for (let i: usize = 16, size = (<usize>(n - k)) << 4; i < size; i += 16) {
      const product = times(conjugate(v128.load(own + i), signs), entry, signs);
      v128.store(p + i, f64x2.sub(v128.load(p + i), product));
    }
  }
  for (let k = n - 2; k >= 0; k--) {
    const step = steps + ((<usize>k) << 5);
    const p = y + ((<usize>k) << 4);
    const lower = v128.load(p, 16);
    const upper = f64x2.sub(v128.load(p), times(conjugate(v128.load(step), signs), lower, signs));
    const exchanges = load<i32>(step, 16) != 0;
    v128.store(p, exchanges ? lower : upper);
    v128.store(p, exchanges ? upper : lower, 16);
  }
  scaleBy(n, 1 / lengthOf(n, y), y);
}

/**
 * How well the upper Hessenberg matrix H determines its eigenvalue μ: writes |yᴴx| of unit eigenvectors from the left
 * and from the right, and the residual ‖Hx − μx‖, to `out`. A change of H by δ moves the eigenvalue by δ/|yᴴx|, to first
 * order. `least` is a pivot's least size, ε‖H‖; `scratch` takes n² + 4n pairs of f64.
 *
 * Wilkinson, "The algebraic eigenvalue problem", 1965, chapter 2; Peters and Wilkinson, "Inverse iteration,
 * ill-conditioned equations and Newton's method", SIAM Review 21, 1979.
 */
export function eigenvalueCondition(
  n: i32, pitch: usize, h: usize, real: f64, imaginary: f64, least: f64, scratch: usize, out: usize,
): void {
  const size = (<usize>n) << 4;
  const lu = scratch, steps = lu + (<usize>n) * size;
  const x = steps + 2 * size, y = x + size;
  factor(n, pitch, h, f64x2.replace_lane(f64x2.splat(real), 1, imaginary), least, lu, steps);
  start(n, x);
  start(n, y);
  // Once: where an eigenvalue is ill-conditioned a second round would only lose what the first has found.
  const residual = solveRight(n, lu, steps, x);
  solveLeft(n, lu, steps, y);
  const signs = v128.load(SIGNS);
  let product = f64x2.splat(0);
  for (let i: usize = 0; i < size; i += 16) {
    product = f64x2.add(product, times(conjugate(v128.load(y + i), signs), v128.load(x + i), signs));
  }
  store<f64>(out, Math.sqrt(squareOf(product)));
  store<f64>(out, residual, 8);
}
