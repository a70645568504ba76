// Normal numbers by Box and Muller's transform, two from each block of Philox.
import { philox } from "./philox";

// @ts-ignore: decorator
@inline const BATCH: i32 = 32;
const WORDS = memory.data(512, 16);
// @ts-ignore: decorator
@inline const TWO_PI: f64 = 6.283185307179586;

/** Uniform in [0, 1), from the 53 upper bits of two words. */
// @ts-ignore: decorator
@inline
function uniform(words: usize): f64 {
  return (<f64>(load<u32>(words) >>> 5) * 67108864 + <f64>(load<u32>(words, 4) >>> 6)) / 9007199254740992;
}

// @ts-ignore: decorator
@inline
function add(p: usize, value: f64): void {
  store<real>(p, <real>(<f64>load<real>(p) + value));
}

/**
 * x ← x + deviation·z with independent standard normal z; entries 2i and 2i + 1 come from Philox at the counter
 * (i, high, stream, top). Only the `length` elements are touched, no padding.
 */
export function addNormals(
  length: i32, deviation: f64, high: u32, stream: u32, top: u32, seedLow: u32, seedHigh: u32, x: usize,
): void {
  const pairs = (length + 1) >> 1;
  const end = x + (<usize>length) * sizeof<real>();
  for (let first = 0; first < pairs; first += BATCH) {
    const blocks = min(BATCH, pairs - first);
    philox(blocks, first, high, stream, top, seedLow, seedHigh, WORDS);
    for (let words = WORDS, last = WORDS + 16 * blocks; words < last; words += 16) {
      const radius = deviation * Math.sqrt(-2 * NativeMath.log(1 - uniform(words)));
      NativeMath.sincos(TWO_PI * uniform(words + 8));
      add(x, radius * NativeMath.sincos_cos);
      x += sizeof<real>();
      if (x == end) break;
      add(x, radius * NativeMath.sincos_sin);
      x += sizeof<real>();
    }
  }
}
