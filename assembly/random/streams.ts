// Normal numbers of many streams at once, four streams in the 32-bit lanes of a register: what `philox` and Box–Muller's
// transform give each of them by itself, so that no stream's numbers depend on which others are drawn beside it.
import { bytes } from "../lanes";
import { log } from "../math";
import { cosPi, sinPi } from "../circular";

/** Streams that are drawn together. */
// @ts-ignore: decorator
@inline export const STREAMS: i32 = 16;
/** Numbers of each stream that are drawn together: a multiple of those of a block. */
// @ts-ignore: decorator
@inline export const DRAWN: i32 = 32;
/** Numbers that a stream has from one block of Philox: of 53 random bits each in f64, of 31 and 24 in f32. */
// @ts-ignore: decorator
@inline export const PER_BLOCK: i32 = sizeof<real>() == 8 ? 2 : 4;
/** Bytes from a stream's number to its next one. */
// @ts-ignore: decorator
@inline export const ROW: usize = <usize>STREAMS * sizeof<real>();

/** Philox's multipliers, and the keys of its ten rounds. */
const MULTIPLIERS = memory.data<u32>([0xd2511f53, 0xcd9e8d57], 16);
const KEYS = memory.data(80, 16);
/** Two blocks of each of four streams: a register a word. */
const WORDS = memory.data(128, 16);
/** −2; then what makes uniform numbers and half turns of words: 2⁻⁵³, 2²⁶, 2⁻⁵² and 1, or 2⁻³¹, 2⁻³² and 2⁻²³. */
const SCALES_F64 = memory.data<f64>([-2.0, 1.1102230246251565e-16, 67108864.0, 2.220446049250313e-16, 1.0], 16);
const SCALES_F32 = memory.data<f32>([-2.0, 4.656612873077393e-10, 2.3283064365386963e-10, 1.1920928955078125e-7], 16);

// @ts-ignore: decorator
@inline
function scale(index: i32): v128 {
  return v128.load_splat<real>((sizeof<real>() == 8 ? SCALES_F64 : SCALES_F32) + bytes(index));
}

/** Sets the key of the streams that are drawn from now on. */
export function setStreamKey(seedLow: u32, seedHigh: u32): void {
  for (let key = KEYS, last = KEYS + 80; key < last; key += 8) {
    store<u32>(key, seedLow);
    store<u32>(key, seedHigh, 4);
    seedLow += 0x9e3779b9;
    seedHigh += 0xbb67ae85;
  }
}

/** The lower (of 64) bits of products of which two lie in `a` and two in `b`. */
// @ts-ignore: decorator
@inline
function lowWords(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 2, 4, 6);
}

// @ts-ignore: decorator
@inline
function highWords(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 1, 3, 5, 7);
}

/** Writes to WORDS the words at the counters (block, 0, stream, top) and (block + 1, 0, stream, top) of four streams: either waits for itself. */
// @ts-ignore: decorator
@inline
function philoxOfFour(block: v128, following: v128, stream: v128, top: v128): void {
  let c0 = block, c1 = i64x2.splat(0), c2 = stream, c3 = top;
  let d0 = following, d1 = c1, d2 = stream, d3 = top;
  for (let key = KEYS, last = KEYS + 80; key < last; key += 8) {
    const a = v128.load32_splat(MULTIPLIERS), b = v128.load32_splat(MULTIPLIERS, 4);
    const k0 = v128.load32_splat(key), k1 = v128.load32_splat(key, 4);
    const firstLow = i64x2.extmul_low_i32x4_u(c0, a), firstHigh = i64x2.extmul_high_i32x4_u(c0, a);
    const secondLow = i64x2.extmul_low_i32x4_u(c2, b), secondHigh = i64x2.extmul_high_i32x4_u(c2, b);
    const thirdLow = i64x2.extmul_low_i32x4_u(d0, a), thirdHigh = i64x2.extmul_high_i32x4_u(d0, a);
    const fourthLow = i64x2.extmul_low_i32x4_u(d2, b), fourthHigh = i64x2.extmul_high_i32x4_u(d2, b);
    c0 = v128.xor(v128.xor(highWords(secondLow, secondHigh), c1), k0);
    c2 = v128.xor(v128.xor(highWords(firstLow, firstHigh), c3), k1);
    c1 = lowWords(secondLow, secondHigh);
    c3 = lowWords(firstLow, firstHigh);
    d0 = v128.xor(v128.xor(highWords(fourthLow, fourthHigh), d1), k0);
    d2 = v128.xor(v128.xor(highWords(thirdLow, thirdHigh), d3), k1);
    d1 = lowWords(fourthLow, fourthHigh);
    d3 = lowWords(thirdLow, thirdHigh);
  }
  v128.store(WORDS, c0);
  v128.store(WORDS, c1, 16);
  v128.store(WORDS, c2, 32);
  v128.store(WORDS, c3, 48);
  v128.store(WORDS, d0, 64);
  v128.store(WORDS, d1, 80);
  v128.store(WORDS, d2, 96);
  v128.store(WORDS, d3, 112);
}

/** Uniform in [0, 1): the 53 upper bits of the two lower lanes of two words, as an integer. */
// @ts-ignore: decorator
@inline
function integerOf(first: v128, second: v128): v128 {
  const upper = f64x2.convert_low_i32x4_s(v128.shr<u32>(first, 5));
  return f64x2.add(f64x2.mul(upper, scale(2)), f64x2.convert_low_i32x4_s(v128.shr<u32>(second, 6)));
}

/** Two numbers of two streams, from the lower lanes of four words. */
// @ts-ignore: decorator
@inline
function pairOfWide(w0: v128, w1: v128, w2: v128, w3: v128, out: usize): void {
  const u = v128.sub<real>(scale(4), v128.mul<real>(integerOf(w0, w1), scale(1)));
  pair(u, v128.mul<real>(integerOf(w2, w3), scale(3)), out);
}

/** Two numbers of four streams, from two words. */
// @ts-ignore: decorator
@inline
function pairOfNarrow(w0: v128, w1: v128, out: usize): void {
  const u = v128.add<real>(v128.mul<real>(f32x4.convert_i32x4_s(v128.shr<u32>(w0, 1)), scale(1)), scale(2));
  pair(u, v128.mul<real>(f32x4.convert_i32x4_s(v128.shr<u32>(w1, 8)), scale(3)), out);
}

/** Box and Muller's transform of u in (0, 1] and an angle in half turns. */
// @ts-ignore: decorator
@inline
function pair(u: v128, turn: v128, out: usize): void {
  const radius = v128.sqrt<real>(v128.mul<real>(scale(0), log(u)));
  v128.store(out, v128.mul<real>(radius, cosPi(turn)));
  v128.store(out + ROW, v128.mul<real>(radius, sinPi(turn)));
}

/**
 * Writes the next DRAWN standard normal numbers of STREAMS streams, one row of STREAMS after the other. The 32-bit words at
 * `streams` say which streams they are, those at `blocks` how many blocks each has used.
 */
export function drawStreams(streams: usize, blocks: usize, top: u32, out: usize): void {
  const third = i32x4.splat(top), one = i32x4.splat(1);
  for (let lane = 0; lane < STREAMS; lane += 4) {
    const at = (<usize>lane) << 2;
    const stream = v128.load(streams + at);
    let block = v128.load(blocks + at);
    let to = out + bytes(lane);
    for (let drawn = 0; drawn < DRAWN; drawn += 2 * PER_BLOCK) {
      const following = v128.add<i32>(block, one);
      philoxOfFour(block, following, stream, third);
      for (let words = WORDS, last = WORDS + 128; words < last; words += 64) {
        const w0 = v128.load(words), w1 = v128.load(words, 16), w2 = v128.load(words, 32), w3 = v128.load(words, 48);
        if (sizeof<real>() == 8) {
          pairOfWide(w0, w1, w2, w3, to);
          const v0 = v128.shuffle<i64>(w0, w0, 1, 0), v1 = v128.shuffle<i64>(w1, w1, 1, 0);
          const v2 = v128.shuffle<i64>(w2, w2, 1, 0), v3 = v128.shuffle<i64>(w3, w3, 1, 0);
          pairOfWide(v0, v1, v2, v3, to + 16);
        } else {
          pairOfNarrow(w0, w1, to);
          pairOfNarrow(w2, w3, to + 2 * ROW);
        }
        to += <usize>PER_BLOCK * ROW;
      }
      block = v128.add<i32>(following, one);
    }
  }
}
