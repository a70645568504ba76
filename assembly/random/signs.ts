// Random signs (Rademacher numbers), one from each bit of Philox.
import { LANES, signBit, splat } from "../lanes";
import { philox } from "./philox";

// @ts-ignore: decorator
@inline const BATCH: i32 = 32;
const WORDS = memory.data(512, 16);

/** In each lane, the bit of a word that it takes its sign from. */
const BITS_F64 = memory.data<u64>([1, 2], 16);
const BITS_F32 = memory.data<u32>([1, 2, 4, 8], 16);

/** ±1 by the lowest bits of a word: −1 where a bit is set. */
// @ts-ignore: decorator
@inline
function signs(word: u32, own: v128, one: v128, bit: v128): v128 {
  const set =
    sizeof<real>() == 8
      ? v128.eq<i64>(v128.and(i64x2.splat(word), own), own)
      : v128.eq<i32>(v128.and(i32x4.splat(word), own), own);
  return v128.or(one, v128.and(set, bit));
}

/**
 * x ← independent ±1; entries 128i … 128i + 127 come from Philox at the counter (i, high, stream, top). Only the
 * `length` elements are written, no padding.
 */
export function randomSigns(
  length: i32, high: u32, stream: u32, top: u32, seedLow: u32, seedHigh: u32, x: usize,
): void {
  const own = v128.load(sizeof<real>() == 8 ? BITS_F64 : BITS_F32);
  const one = splat(1);
  const bit = signBit();
  const blocks = (length + 127) >> 7;
  const end = x + (<usize>length) * sizeof<real>();
  const whole = end & ~15;
  for (let first = 0; first < blocks; first += BATCH) {
    const batch = min(BATCH, blocks - first);
    philox(batch, first, high, stream, top, seedLow, seedHigh, WORDS);
    for (let word = WORDS, last = WORDS + 16 * batch; word < last && x < end; word += 4) {
      let bits = load<u32>(word);
      const wordEnd = min(x + 32 * sizeof<real>(), end);
      const stop = min(wordEnd, whole);
      for (; x < stop; x += 16, bits >>= LANES) v128.store(x, signs(bits, own, one, bit));
      // What is left of the last register, which is not a whole one.
      for (; x < wordEnd; x += sizeof<real>(), bits >>= 1) {
        const sign: i32 = 1 - 2 * <i32>(bits & 1);
        store<real>(x, <real>sign);
      }
    }
  }
}
