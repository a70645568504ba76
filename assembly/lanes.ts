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

/** A register whose lanes all hold `value`. */
// @ts-ignore: decorator
@inline
export function splat(value: f64): v128 {
  return v128.splat<real>(<real>value);
}

/** Entry `index` of a table of f64 scalars, in every lane. */
// @ts-ignore: decorator
@inline
export function scalar(table: usize, index: i32): v128 {
  return splat(load<f64>(table + ((<usize>index) << 3)));
}

/** a·b + c, rounded twice (no fused instruction exists in deterministic SIMD). */
// @ts-ignore: decorator
@inline
export function mulAdd(a: v128, b: v128, c: v128): v128 {
  return v128.add<real>(v128.mul<real>(a, b), c);
}

/** numerator / denominator where the numerator is not zero, else 0: so that 0/0 in padding, or in a sleeping parameter at ε = 0, moves nothing. */
// @ts-ignore: decorator
@inline
export function ratio(numerator: v128, denominator: v128, zero: v128): v128 {
  return v128.and(v128.div<real>(numerator, denominator), v128.ne<real>(numerator, zero));
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
