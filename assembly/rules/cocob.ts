// COCOB-Backprop: a gambler for each parameter bets on the sign of the coming gradient, and x is where its bet lies.
import { bytes, larger, mulAdd, ratio, scalar, splat } from "../lanes";

const EXPONENT_F64 = memory.data<u64>([0x7ff0000000000000], 16);
const EXPONENT_F32 = memory.data<u32>([0x7f800000], 16);
const LARGEST_F64 = memory.data<u64>([0x7fe0000000000000], 16);
const LARGEST_F32 = memory.data<u32>([0x7f000000], 16);

/** A power of two that scales `a` > 0 to about 1 without rounding; for 0 and denormal numbers the largest there is. */
// @ts-ignore: decorator
@inline
function unit(a: v128, exponent: v128, largest: v128): v128 {
  const own = v128.and(a, exponent);
  return sizeof<real>() == 8 ? v128.sub<i64>(largest, own) : v128.sub<i32>(largest, own);
}

export function cocob(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const alpha = scalar(scalars, 1);
  const exponent = v128.load_splat<real>(sizeof<real>() == 8 ? EXPONENT_F64 : EXPONENT_F32);
  const most = v128.load_splat<real>(sizeof<real>() == 8 ? LARGEST_F64 : LARGEST_F32);
  const zero = splat(0);
  const size = bytes(n);
  const start = state;
  const sum = start + size;
  const largest = sum + size;
  const total = largest + size;
  const reward = total + size;
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const gradient = v128.load(g + i);
    const first = v128.load(start + i);
    const away = v128.sub<real>(parameter, first);
    const magnitude = v128.abs<real>(gradient);
    const top = larger(v128.load(largest + i), magnitude);
    const absolute = v128.add<real>(v128.load(total + i), magnitude);
    const won = larger(v128.sub<real>(v128.load(reward + i), v128.mul<real>(away, gradient)), zero);
    const outcome = v128.sub<real>(v128.load(sum + i), gradient);
    v128.store(largest + i, top);
    v128.store(total + i, absolute);
    v128.store(reward + i, won);
    v128.store(sum + i, outcome);
    // θ(L + R)/(L·max(G + L, αL)) with each of its factors in units of L: none over- or underflows, with one division.
    const scale = unit(top, exponent, most);
    const scaled = v128.mul<real>(top, scale);
    const wealth = v128.mul<real>(v128.add<real>(top, won), scale);
    const stake = v128.mul<real>(larger(v128.add<real>(absolute, top), v128.mul<real>(alpha, top)), scale);
    const bet = ratio(
      v128.mul<real>(v128.mul<real>(outcome, scale), wealth),
      v128.mul<real>(scaled, stake),
      zero,
    );
    const way = v128.sub<real>(v128.add<real>(first, bet), parameter);
    v128.store(x + i, mulAdd(rate, way, parameter));
  }
}
