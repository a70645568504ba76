// Reductions of whole blocks. Eight independent accumulators hide the latency of addition; each
// RUN is folded into an f64 total, so that the error does not grow with the length.
import { LANES, RUN, addFour, bytes, inFours, mulAdd, splat, sumLanes } from "../lanes";

/** A register of a vector, or of the difference of two that lie `toB` apart. */
// @ts-ignore: decorator
@inline
function operand(differs: bool, p: usize, toB: usize): v128 {
  const a = v128.load(p);
  return differs ? v128.sub<real>(a, v128.load(p + toB)) : a;
}

/** Σ of products; `first` and `second` say which factors are differences, and where the second vector of each lies. */
// @ts-ignore: decorator
@inline
function sumOfProducts(first: bool, second: bool, n: i32, x: usize, fromX: usize, y: usize, fromY: usize): f64 {
  const end = x + bytes(n);
  const toB = fromX - x, toY = y - x, toD = fromY - y;
  let total: f64 = 0;
  for (let p = x; p < end; ) {
    const stop = min(p + RUN, end);
    const stopEight = p + ((stop - p) & ~127);
    let a = splat(0), b = splat(0), c = splat(0), d = splat(0);
    let e = splat(0), f = splat(0), g = splat(0), h = splat(0);
    for (; p < stopEight; p += 128) {
      const q = p + toY;
      a = mulAdd(operand(first, p, toB), operand(second, q, toD), a);
      b = mulAdd(operand(first, p + 16, toB), operand(second, q + 16, toD), b);
      c = mulAdd(operand(first, p + 32, toB), operand(second, q + 32, toD), c);
      d = mulAdd(operand(first, p + 48, toB), operand(second, q + 48, toD), d);
      e = mulAdd(operand(first, p + 64, toB), operand(second, q + 64, toD), e);
      f = mulAdd(operand(first, p + 80, toB), operand(second, q + 80, toD), f);
      g = mulAdd(operand(first, p + 96, toB), operand(second, q + 96, toD), g);
      h = mulAdd(operand(first, p + 112, toB), operand(second, q + 112, toD), h);
    }
    for (; p < stop; p += 16) a = mulAdd(operand(first, p, toB), operand(second, p + toY, toD), a);
    total += sumLanes(v128.add<real>(addFour(a, b, c, d), addFour(e, f, g, h)));
  }
  return total;
}

// Products of f32 are summed in f32 as long as the sum says that none of them has left its range, and else in f64,
// which holds them all.
// @ts-ignore: decorator
@inline
function innerProduct(first: bool, second: bool, n: i32, x: usize, fromX: usize, y: usize, fromY: usize): f64 {
  const total = sumOfProducts(first, second, n, x, fromX, y, fromY);
  if (sizeof<real>() == 8 || isSafe(Math.abs(total))) return total;
  if (total == 0 && (largest(first, n, x, fromX) == 0 || largest(second, n, y, fromY) == 0)) return 0;
  const end = x + bytes(n), toB = fromX - x, toY = y - x, toD = fromY - y;
  let wide: f64 = 0;
  for (let p = x; p < end; p += sizeof<real>()) wide += element(first, p, toB) * element(second, p + toY, toD);
  return wide;
}

/** Σ xᵢyᵢ. */
export function dot(n: i32, x: usize, y: usize): f64 {
  return innerProduct(false, false, n, x, x, y, y);
}

/** Σ (aᵢ − bᵢ)yᵢ. */
export function dotOfDifference(n: i32, a: usize, b: usize, y: usize): f64 {
  return innerProduct(true, false, n, a, b, y, y);
}

/** Σ (aᵢ − bᵢ)(cᵢ − dᵢ). */
export function dotOfDifferences(n: i32, a: usize, b: usize, c: usize, d: usize): f64 {
  return innerProduct(true, true, n, a, b, c, d);
}

/** Σ |xᵢ|. */
export function absoluteSum(n: i32, x: usize): f64 {
  return addUp(true, n, x);
}

/** Σ xᵢ. */
export function sum(n: i32, x: usize): f64 {
  return addUp(false, n, x);
}

// @ts-ignore: decorator
@inline
function term(absolute: bool, p: usize): v128 {
  const value = v128.load(p);
  return absolute ? v128.abs<real>(value) : value;
}

// @ts-ignore: decorator
@inline
function addUp(absolute: bool, n: i32, x: usize): f64 {
  const end = x + bytes(n);
  let total: f64 = 0;
  for (let p = x; p < end; ) {
    const stop = min(p + RUN, end);
    const stopFour = p + ((stop - p) & ~63);
    let a = splat(0), b = splat(0), c = splat(0), d = splat(0);
    for (; p < stopFour; p += 64) {
      a = v128.add<real>(a, term(absolute, p));
      b = v128.add<real>(b, term(absolute, p + 16));
      c = v128.add<real>(c, term(absolute, p + 32));
      d = v128.add<real>(d, term(absolute, p + 48));
    }
    for (; p < stop; p += 16) a = v128.add<real>(a, term(absolute, p));
    total += sumLanes(addFour(a, b, c, d));
  }
  return total;
}

/** max |xᵢ|; NaN where any xᵢ is NaN. */
export function maxAbs(n: i32, x: usize): f64 {
  return largest(false, n, x, x);
}

// @ts-ignore: decorator
@inline
function largest(differs: bool, n: i32, x: usize, y: usize): f64 {
  const size = bytes(n);
  const end = x + size, toY = y - x;
  let a = splat(0), b = splat(0), c = splat(0), d = splat(0);
  for (const fours = x + inFours(size); x < fours; x += 64) {
    a = v128.max<real>(a, v128.abs<real>(operand(differs, x, toY)));
    b = v128.max<real>(b, v128.abs<real>(operand(differs, x + 16, toY)));
    c = v128.max<real>(c, v128.abs<real>(operand(differs, x + 32, toY)));
    d = v128.max<real>(d, v128.abs<real>(operand(differs, x + 48, toY)));
  }
  for (; x < end; x += 16) a = v128.max<real>(a, v128.abs<real>(operand(differs, x, toY)));
  a = v128.max<real>(v128.max<real>(a, b), v128.max<real>(c, d));
  let most: f64 = 0;
  // Through memory-free extraction a lane index must be constant; two or four are enumerated.
  for (let lane = 0; lane < LANES; lane++) most = max(most, extract(a, lane));
  return most;
}

// @ts-ignore: decorator
@inline
function extract(a: v128, lane: i32): f64 {
  if (sizeof<real>() == 8) {
    return lane == 0 ? f64x2.extract_lane(a, 0) : f64x2.extract_lane(a, 1);
  }
  if (lane == 0) return <f64>f32x4.extract_lane(a, 0);
  if (lane == 1) return <f64>f32x4.extract_lane(a, 1);
  return lane == 2 ? <f64>f32x4.extract_lane(a, 2) : <f64>f32x4.extract_lane(a, 3);
}

// Σx² computed in `real` is trusted between these: below, squares lose digits to underflow;
// above, they overflow.
// @ts-ignore: decorator
@inline const SAFE_LOW: f64 = sizeof<real>() == 8 ? 1e-280 : 1e-28;
// @ts-ignore: decorator
@inline const SAFE_HIGH: f64 = sizeof<real>() == 8 ? 1e300 : 1e36;

/** √Σ xᵢ², without overflow or underflow on the way; NaN or ∞ where x holds one. */
export function norm(n: i32, x: usize): f64 {
  const squares = sumOfProducts(false, false, n, x, x, x, x);
  return isSafe(squares) ? Math.sqrt(squares) : scaledNorm(false, n, x, x);
}

/** √Σ (xᵢ − yᵢ)², likewise. */
export function distance(n: i32, x: usize, y: usize): f64 {
  const squares = sumOfProducts(true, true, n, x, y, x, y);
  return isSafe(squares) ? Math.sqrt(squares) : scaledNorm(true, n, x, y);
}

// @ts-ignore: decorator
@inline
function isSafe(squares: f64): bool {
  return squares >= SAFE_LOW && squares <= SAFE_HIGH;
}

// @ts-ignore: decorator
@inline
function element(differs: bool, p: usize, toY: usize): f64 {
  const x = <f64>load<real>(p);
  return differs ? x - <f64>load<real>(p + toY) : x;
}

// @ts-ignore: decorator
@inline
function scaledNorm(differs: bool, n: i32, x: usize, y: usize): f64 {
  if (largest(differs, n, x, y) == 0) return 0;
  const end = x + bytes(n), toY = y - x;
  let unit: f64 = 0;
  for (let p = x; p < end; p += sizeof<real>()) unit = max(unit, Math.abs(element(differs, p, toY)));
  if (!(unit > 0) || unit == Infinity) return unit;
  let total: f64 = 0;
  for (let p = x; p < end; p += sizeof<real>()) {
    const scaled = element(differs, p, toY) / unit;
    total += scaled * scaled;
  }
  return unit * Math.sqrt(total);
}
