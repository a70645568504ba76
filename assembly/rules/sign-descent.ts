// Sign descent: x ← x − η·sign(g); and of a moving average of the gradient, with weight decay in it or beside it.
import { bytes, inFours, mulAdd, scalar, signBit, signed, splat } from "../lanes";

// @ts-ignore: decorator
@inline
function update(x: usize, g: usize, rate: v128, bit: v128, zero: v128): void {
  v128.store(x, v128.sub<real>(v128.load(x), signed(rate, v128.load(g), bit, zero)));
}

// Four registers a turn: 0.7 of the time of one, in cache.
export function signDescent(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const bit = signBit();
  const zero = splat(0);
  const size = bytes(n);
  const end = x + size;
  for (const fours = x + inFours(size); x < fours; x += 64, g += 64) {
    update(x, g, rate, bit, zero);
    update(x + 16, g + 16, rate, bit, zero);
    update(x + 32, g + 32, rate, bit, zero);
    update(x + 48, g + 48, rate, bit, zero);
  }
  for (; x < end; x += 16, g += 16) update(x, g, rate, bit, zero);
}

// @ts-ignore: decorator
@inline
function averagedUpdate(
  x: usize, g: usize, m: usize,
  rate: v128, shrink: v128, sign: v128, decay: v128, keep: v128, take: v128, bit: v128, zero: v128,
): void {
  const parameter = v128.load(x);
  const gradient = mulAdd(decay, parameter, v128.mul<real>(sign, v128.load(g)));
  const average = mulAdd(keep, v128.load(m), v128.mul<real>(take, gradient));
  v128.store(m, average);
  const step = mulAdd(shrink, parameter, signed(rate, average, bit, zero));
  v128.store(x, v128.sub<real>(parameter, step));
}

export function signum(n: i32, x: usize, g: usize, m: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const shrink = scalar(scalars, 1);
  const sign = scalar(scalars, 2);
  const decay = scalar(scalars, 3);
  const keep = scalar(scalars, 4);
  const take = scalar(scalars, 5);
  const bit = signBit();
  const zero = splat(0);
  const size = bytes(n);
  const end = x + size;
  for (const fours = x + inFours(size); x < fours; x += 64, g += 64, m += 64) {
    averagedUpdate(x, g, m, rate, shrink, sign, decay, keep, take, bit, zero);
    averagedUpdate(x + 16, g + 16, m + 16, rate, shrink, sign, decay, keep, take, bit, zero);
    averagedUpdate(x + 32, g + 32, m + 32, rate, shrink, sign, decay, keep, take, bit, zero);
    averagedUpdate(x + 48, g + 48, m + 48, rate, shrink, sign, decay, keep, take, bit, zero);
  }
  for (; x < end; x += 16, g += 16, m += 16) {
    averagedUpdate(x, g, m, rate, shrink, sign, decay, keep, take, bit, zero);
  }
}
