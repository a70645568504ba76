/** The header of a sealed file begins with these bytes, with the checksum's digits between them. */
export const opening = '{"__metadata__":{"checksum":"';
export const closing = '","';

const DIGITS = 32;
/** The seal follows the 8 bytes of the header's length. */
const SEAL_START = 8;
/** The seal is whole words, so that what the checksum covers is whole words too. */
export const SEAL_END = SEAL_START + opening.length + DIGITS + closing.length;

const text = new TextEncoder();
const openingBytes = text.encode(opening);
const closingBytes = text.encode(closing);
const digitsStart = SEAL_START + opening.length;

/** xxHash32's first two primes. */
const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;

/** One word into a lane. A bijection of the lane and, for each lane, of the word. */
function round(lane: number, word: number): number {
  const sum = (lane + Math.imul(word, PRIME_2)) | 0;
  return Math.imul((sum << 13) | (sum >>> 19), PRIME_1);
}

/** Spreads every bit of a lane over all of it; MurmurHash3's finalizer, a bijection. */
function spread(lane: number): string {
  let h = lane;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0).toString(16).padStart(8, "0");
}

/**
 * 128 bits over the words of a file but for its seal: four lanes of 32 bits in turn, each of xxHash32's
 * rounds. No lane's result is folded into another's, and every step is a bijection, so that a change
 * within one word (any flipped bit) always changes the checksum. It is no protection from intent.
 *
 * @returns 32 hexadecimal digits
 */
function checksum(file: Uint8Array): string {
  const words = new Uint32Array(file.buffer, file.byteOffset, file.length / 4);
  let a = round(1, words[0]);
  let b = round(2, words[1]);
  let c = round(3, words.length);
  let d = 4;
  const start = SEAL_END / 4;
  const whole = start + ((words.length - start) & ~3);
  for (let i = start; i < whole; i += 4) {
    a = round(a, words[i]);
    b = round(b, words[i + 1]);
    c = round(c, words[i + 2]);
    d = round(d, words[i + 3]);
  }
  const rest = words.length - whole;
  if (rest > 0) a = round(a, words[whole]);
  if (rest > 1) b = round(b, words[whole + 1]);
  if (rest > 2) c = round(c, words[whole + 2]);
  return spread(a) + spread(b) + spread(c) + spread(d);
}

/** Writes the checksum of a file into its header; the file is whole words and lies on a word. */
export function seal(file: Uint8Array): void {
  text.encodeInto(checksum(file), file.subarray(digitsStart, digitsStart + DIGITS));
}

/** Whether a header begins as a sealed file's does. */
export const hasSeal = (file: Uint8Array): boolean =>
  openingBytes.every((byte, i) => file[SEAL_START + i] === byte) &&
  closingBytes.every((byte, i) => file[digitsStart + DIGITS + i] === byte);

/** Whether a file with a seal is as it was when it was sealed. */
export function isIntact(file: Uint8Array): boolean {
  const expected = checksum(file);
  for (let i = 0; i < DIGITS; i++) if (file[digitsStart + i] !== expected.charCodeAt(i)) return false;
  return true;
}
