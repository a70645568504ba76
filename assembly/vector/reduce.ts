// Reductions of whole blocks. Eight independent accumulators hide the latency of addition; each
// RUN is folded into an f64 total, so that the error does not grow with the length.
import { LANES, RUN, addFour, bytes, mulAdd, splat, sumLanes } from "../lanes";

/** Σ xᵢyᵢ. */
export function dot(n: i32, x: usize, y: usize): f64 {
  const end = x + bytes(n);
  const toY = y - x;
  let total: f64 = 0;
  for (let p = x; p < end; ) {
    const stop = min(p + RUN, end);
    const stopEight = p + ((stop - p) & ~127);
    let a = splat(0), b = splat(0), c = splat(0), d = splat(0);
    let e = splat(0), f = splat(0), g = splat(0), h = splat(0);
    for (; p < stopEight; p += 128) {
      const q = p + toY;
      a = mulAdd(v128.load(p), v128.load(q), a);
      b = mulAdd(v128.load(p, 16), v128.load(q, 16), b);
      c = mulAdd(v128.load(p, 32), v128.load(q, 32), c);
      d = mulAdd(v128.load(p, 48), v128.load(q, 48), d);
      e = mulAdd(v128.load(p, 64), v128.load(q, 64), e);
      f = mulAdd(v128.load(p, 80), v128.load(q, 80), f);
      g = mulAdd(v128.load(p, 96), v128.load(q, 96), g);
      h = mulAdd(v128.load(p, 112), v128.load(q, 112), h);
    }
    for (; p < stop; p += 16) a = mulAdd(v128.load(p), v128.load(p + toY), a);
    total += sumLanes(v128.add<real>(addFour(a, b, c, d), addFour(e, f, g, h)));
  }
  return total;
}

/** Σ xᵢ. */
export function sum(n: i32, x: usize): f64 {
  const end = x + bytes(n);
  let total: f64 = 0;
  for (let p = x; p < end; ) {
    const stop = min(p + RUN, end);
    const stopFour = p + ((stop - p) & ~63);
    let a = splat(0), b = splat(0), c = splat(0), d = splat(0);
    for (; p < stopFour; p += 64) {
      a = v128.add<real>(a, v128.load(p));
      b = v128.add<real>(b, v128.load(p, 16));
      c = v128.add<real>(c, v128.load(p, 32));
      d = v128.add<real>(d, v128.load(p, 48));
    }
    for (; p < stop; p += 16) a = v128.add<real>(a, v128.load(p));
    total += sumLanes(addFour(a, b, c, d));
  }
  return total;
}

/** max |xᵢ|; NaN where any xᵢ is NaN. */
export function maxAbs(n: i32, x: usize): f64 {
  const end = x + bytes(n);
  let a = splat(0);
  for (let p = x; p < end; p += 16) a = v128.max<real>(a, v128.abs<real>(v128.load(p)));
  let largest: f64 = 0;
  for (let lane = 0; lane < LANES; lane++) {
    // Through memory-free extraction a lane index must be constant; two or four are enumerated.
    largest = max(largest, extract(a, lane));
  }
  return largest;
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
  const squares = dot(n, x, x);
  if (squares >= SAFE_LOW && squares <= SAFE_HIGH) return Math.sqrt(squares);
  const largest = maxAbs(n, x);
  if (!(largest > 0) || largest == Infinity) return largest;
  const end = x + bytes(n);
  let total: f64 = 0;
  for (let p = x; p < end; p += sizeof<real>()) {
    const scaled = <f64>load<real>(p) / largest;
    total += scaled * scaled;
  }
  return largest * Math.sqrt(total);
}
