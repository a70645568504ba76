// The shared SIMD vocabulary of the kernels. `real` is f32 or f64, bound by asconfig.json.
//
// Contract of every kernel: pointers lie on 16 bytes, element counts are whole registers (the
// layout pads each block with zeros), so there is no scalar tail; and a kernel that is given
// zeros in the padding leaves zeros there.

/** Elements of one register. */
// @ts-ignore: decorator
@inline export const LANES: i32 = 16 / sizeof<real>();

/**
 * Bytes that one run of accumulators may take in before it is folded into an f64 total: it bounds
 * the rounding error of f32 sums by a constant, however long the block.
 */
// @ts-ignore: decorator
@inline export const RUN: usize = 4096;

/** Bytes of `count` elements. */
// @ts-ignore: decorator
@inline
export function bytes(count: i32): usize {
  return (<usize>count) * sizeof<real>();
}

/** `count` elements rounded up to whole registers. */
// @ts-ignore: decorator
@inline
export function wholeRegisters(count: i32): i32 {
  return (count + LANES - 1) & -LANES;
}

/** A register whose lanes all hold `value`. */
// @ts-ignore: decorator
@inline
export function splat(value: f64): v128 {
  return v128.splat<real>(<real>value);
}

/**
 * Entry `index` of a table of `real` scalars, in every lane. A load, unlike a splat, stays where it
 * is written: V8 moves pure operations that only a loop's body uses into the loop, and made Adam
 * three times slower with ten splats an iteration.
 */
// @ts-ignore: decorator
@inline
export function scalar(table: usize, index: i32): v128 {
  return v128.load_splat<real>(table + bytes(index));
}

const HELD = memory.data(16, 16);

/** As `splat`, through memory: for a factor used in a loop, see `scalar`. */
// @ts-ignore: decorator
@inline
export function held(value: f64): v128 {
  store<real>(HELD, <real>value);
  return v128.load_splat<real>(HELD);
}

/** a·b + c, rounded twice (no fused instruction exists in deterministic SIMD). */
// @ts-ignore: decorator
@inline
export function mulAdd(a: v128, b: v128, c: v128): v128 {
  return v128.add<real>(v128.mul<real>(a, b), c);
}

/** a + share·(b − a): a where the two are equal, to the last bit. */
// @ts-ignore: decorator
@inline
export function between(a: v128, b: v128, share: v128): v128 {
  return mulAdd(share, v128.sub<real>(b, a), a);
}

/** numerator / denominator where the numerator is not zero, else 0: so that 0/0 in padding, or in a sleeping parameter at ε = 0, moves nothing. */
// @ts-ignore: decorator
@inline
export function ratio(numerator: v128, denominator: v128, zero: v128): v128 {
  return v128.and(v128.div<real>(numerator, denominator), v128.ne<real>(numerator, zero));
}

const SIGN_BIT_F64 = memory.data<f64>([-0.0], 16);
const SIGN_BIT_F32 = memory.data<f32>([-0.0], 16);

/** The bit of the sign in every lane: a load, see `scalar`. */
// @ts-ignore: decorator
@inline
export function signBit(): v128 {
  return v128.load_splat<real>(sizeof<real>() == 8 ? SIGN_BIT_F64 : SIGN_BIT_F32);
}

/** −size, 0 or size (≥ 0) by the sign of each lane of `a`; NaN where that is not finite, as a/|a| would be. */
// @ts-ignore: decorator
@inline
export function signed(size: v128, a: v128, bit: v128, zero: v128): v128 {
  const step = v128.and(v128.or(v128.and(a, bit), size), v128.ne<real>(a, zero));
  return v128.add<real>(step, v128.sub<real>(a, a));
}

const FIRST_BYTES = memory.data<i32>([-1, -1, -1, -1, 0, 0, 0, 0], 16);

/**
 * Ones in the first `size` bytes of a register, zeros behind: for the end of a row that begins anywhere. What lies behind it is
 * loaded, and stored as it was; it belongs to the next row, or to the blocks that follow those of the parameters.
 */
// @ts-ignore: decorator
@inline
export function firstBytes(size: usize): v128 {
  return v128.load(FIRST_BYTES + 16 - size);
}

/** The larger of two, and `a` where one is NaN: one instruction, where `max` takes six. */
// @ts-ignore: decorator
@inline
export function larger(a: v128, b: v128): v128 {
  return v128.pmax<real>(a, b);
}

/** Bytes that a loop of four registers a turn covers; the rest goes one by one. */
// @ts-ignore: decorator
@inline
export function inFours(size: usize): usize {
  return size & ~63;
}

/** The sum of a register's lanes, in f64. */
// @ts-ignore: decorator
@inline
export function sumLanes(a: v128): f64 {
  if (sizeof<real>() == 8) {
    return <f64>v128.extract_lane<real>(a, 0) + <f64>v128.extract_lane<real>(a, 1);
  }
  return (
    <f64>f32x4.extract_lane(a, 0) + <f64>f32x4.extract_lane(a, 1) +
    (<f64>f32x4.extract_lane(a, 2) + <f64>f32x4.extract_lane(a, 3))
  );
}

/** The sum of four registers, lane by lane. */
// @ts-ignore: decorator
@inline
export function addFour(a: v128, b: v128, c: v128, d: v128): v128 {
  return v128.add<real>(v128.add<real>(a, b), v128.add<real>(c, d));
}

/** Integer counters, one a lane, each one higher where the mask holds: its lanes are −1 there. */
// @ts-ignore: decorator
@inline
export function countLanes(counts: v128, mask: v128): v128 {
  return sizeof<real>() == 8 ? v128.sub<i64>(counts, mask) : v128.sub<i32>(counts, mask);
}

/** The sum of the counters. */
// @ts-ignore: decorator
@inline
export function countedLanes(counts: v128): f64 {
  if (sizeof<real>() == 8) return <f64>(i64x2.extract_lane(counts, 0) + i64x2.extract_lane(counts, 1));
  return (
    <f64>i32x4.extract_lane(counts, 0) + <f64>i32x4.extract_lane(counts, 1) +
    (<f64>i32x4.extract_lane(counts, 2) + <f64>i32x4.extract_lane(counts, 3))
  );
}
