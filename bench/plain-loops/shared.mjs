// What the plain loops share.

const DENORMAL_SOON = 1e-200;

/** The next power of a coefficient; 0 before it is denormal, since denormal numbers cost a hundred cycles each. */
export function nextPower(power, coefficient) {
  const next = power * coefficient;
  return next < DENORMAL_SOON ? 0 : next;
}

/** Slots like `x`, all zero. */
export const zeros = (x) => new x.constructor(x.length);

/** Fills `probe` with random signs, 32 from each word of a generator with a state of 32 bits (Marsaglia's xorshift). */
export function randomSigns(probe, seed) {
  let word = (seed * 2654435761 + 88675123) | 0 || 1;
  for (let i = 0; i < probe.length; i += 32) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    const end = Math.min(i + 32, probe.length);
    for (let j = i, bits = word; j < end; j++, bits >>>= 1) probe[j] = 1 - 2 * (bits & 1);
  }
}
