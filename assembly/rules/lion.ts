// Lion: c = β₁m + (1−β₁)g, x ← x − η(sign(c) + λx), m ← β₂m + (1−β₂)g.
import { bytes, inFours, mulAdd, scalar, signBit, signed, splat } from "../lanes";

// @ts-ignore: decorator
@inline
function update(
  x: usize, g: usize, m: usize,
  rate: v128, shrink: v128, beta1: v128, beta1Take: v128, beta2: v128, beta2Take: v128,
  bit: v128, zero: v128,
): void {
  const parameter = v128.load(x);
  const gradient = v128.load(g);
  const average = v128.load(m);
  v128.store(m, mulAdd(beta2, average, v128.mul<real>(beta2Take, gradient)));
  const blend = mulAdd(beta1, average, v128.mul<real>(beta1Take, gradient));
  const step = mulAdd(shrink, parameter, signed(rate, blend, bit, zero));
  v128.store(x, v128.sub<real>(parameter, step));
}

// Four registers a turn: 0.85 of the time of one, in cache.
export function lion(n: i32, x: usize, g: usize, m: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const shrink = scalar(scalars, 1);
  const beta1 = scalar(scalars, 2);
  const beta1Take = scalar(scalars, 3);
  const beta2 = scalar(scalars, 4);
  const beta2Take = scalar(scalars, 5);
  const bit = signBit();
  const zero = splat(0);
  const size = bytes(n);
  const end = x + size;
  for (const fours = x + inFours(size); x < fours; x += 64, g += 64, m += 64) {
    update(x, g, m, rate, shrink, beta1, beta1Take, beta2, beta2Take, bit, zero);
    update(x + 16, g + 16, m + 16, rate, shrink, beta1, beta1Take, beta2, beta2Take, bit, zero);
    update(x + 32, g + 32, m + 32, rate, shrink, beta1, beta1Take, beta2, beta2Take, bit, zero);
    update(x + 48, g + 48, m + 48, rate, shrink, beta1, beta1Take, beta2, beta2Take, bit, zero);
  }
  for (; x < end; x += 16, g += 16, m += 16) {
    update(x, g, m, rate, shrink, beta1, beta1Take, beta2, beta2Take, bit, zero);
  }
}
