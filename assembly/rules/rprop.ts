// Resilient propagation: step sizes of their own, longer where the gradient keeps its sign and shorter where it turns.
import { bytes, inFours, larger, scalar, signBit, signed, splat } from "../lanes";

// @ts-ignore: decorator
@inline
function update(
  x: usize, g: usize, previous: usize, size: usize,
  first: v128, sign: v128, longer: v128, shorter: v128, least: v128, most: v128, bit: v128, one: v128, zero: v128,
): void {
  const gradient = v128.mul<real>(sign, v128.load(g));
  const agreement = v128.mul<real>(gradient, v128.load(previous));
  const turned = v128.lt<real>(agreement, zero);
  const factor = v128.bitselect(
    shorter,
    v128.bitselect(longer, one, v128.gt<real>(agreement, zero)),
    turned,
  );
  const before = v128.load(size);
  const scaled = v128.mul<real>(v128.mul<real>(before, first), factor);
  const bounded = v128.pmin<real>(larger(scaled, least), most);
  // What has no size is padding.
  const length = v128.and(bounded, v128.ne<real>(before, zero));
  v128.store(size, length);
  const direction = v128.andnot(signed(one, gradient, bit, zero), turned);
  v128.store(previous, direction);
  v128.store(x, v128.sub<real>(v128.load(x), v128.mul<real>(direction, length)));
}

export function rprop(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const first = scalar(scalars, 0);
  const sign = scalar(scalars, 1);
  const longer = scalar(scalars, 2);
  const shorter = scalar(scalars, 3);
  const least = scalar(scalars, 4);
  const most = scalar(scalars, 5);
  const one = scalar(scalars, 6);
  const bit = signBit();
  const zero = splat(0);
  const size = bytes(n);
  const end = x + size;
  let sizes = state + size;
  for (const fours = x + inFours(size); x < fours; x += 64, g += 64, state += 64, sizes += 64) {
    update(x, g, state, sizes, first, sign, longer, shorter, least, most, bit, one, zero);
    update(x + 16, g + 16, state + 16, sizes + 16, first, sign, longer, shorter, least, most, bit, one, zero);
    update(x + 32, g + 32, state + 32, sizes + 32, first, sign, longer, shorter, least, most, bit, one, zero);
    update(x + 48, g + 48, state + 48, sizes + 48, first, sign, longer, shorter, least, most, bit, one, zero);
  }
  for (; x < end; x += 16, g += 16, state += 16, sizes += 16) {
    update(x, g, state, sizes, first, sign, longer, shorter, least, most, bit, one, zero);
  }
}
