// Random signs (Rademacher numbers), one from each bit of Philox.
import { philox } from "./philox";

// @ts-ignore: decorator
@inline const BATCH: i32 = 32;
const WORDS = memory.data(512, 16);

/**
 * x ← independent ±1; entries 128i … 128i + 127 come from Philox at the counter (i, high, stream, top). Only the
 * `length` elements are written, no padding.
 */
export function randomSigns(
  length: i32, high: u32, stream: u32, top: u32, seedLow: u32, seedHigh: u32, x: usize,
): void {
  const blocks = (length + 127) >> 7;
  const end = x + (<usize>length) * sizeof<real>();
  for (let first = 0; first < blocks; first += BATCH) {
    const batch = min(BATCH, blocks - first);
    philox(batch, first, high, stream, top, seedLow, seedHigh, WORDS);
    for (let word = WORDS, last = WORDS + 16 * batch; word < last; word += 4) {
      let bits = load<u32>(word);
      for (let bit = 0; bit < 32 && x < end; bit++) {
        const sign: i32 = 1 - 2 * <i32>(bits & 1);
        store<real>(x, <real>sign);
        bits >>= 1;
        x += sizeof<real>();
      }
    }
  }
}
