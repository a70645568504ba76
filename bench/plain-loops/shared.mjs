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

/** Σ aᵢbᵢ, in four sums: one would wait for each addition before the next. */
export function dot(a, b) {
  const n = a.length;
  const fours = n & ~3;
  let p = 0;
  let q = 0;
  let r = 0;
  let s = 0;
  let i = 0;
  for (; i < fours; i += 4) {
    p += a[i] * b[i];
    q += a[i + 1] * b[i + 1];
    r += a[i + 2] * b[i + 2];
    s += a[i + 3] * b[i + 3];
  }
  for (; i < n; i++) p += a[i] * b[i];
  return p + q + (r + s);
}

/** Σ (aᵢ − bᵢ)cᵢ, likewise. */
export function dotOfDifference(a, b, c) {
  const n = a.length;
  const fours = n & ~3;
  let p = 0;
  let q = 0;
  let r = 0;
  let s = 0;
  let i = 0;
  for (; i < fours; i += 4) {
    p += (a[i] - b[i]) * c[i];
    q += (a[i + 1] - b[i + 1]) * c[i + 1];
    r += (a[i + 2] - b[i + 2]) * c[i + 2];
    s += (a[i + 3] - b[i + 3]) * c[i + 3];
  }
  for (; i < n; i++) p += (a[i] - b[i]) * c[i];
  return p + q + (r + s);
}

/** Σ (aᵢ − bᵢ)², likewise. */
export function squaredDistance(a, b) {
  const n = a.length;
  const evens = n & ~1;
  let p = 0;
  let q = 0;
  let i = 0;
  for (; i < evens; i += 2) {
    const d = a[i] - b[i];
    const e = a[i + 1] - b[i + 1];
    p += d * d;
    q += e * e;
  }
  for (; i < n; i++) p += (a[i] - b[i]) ** 2;
  return p + q;
}

/** x ← x − rate·g. */
export function descend(x, g, rate) {
  const n = x.length;
  for (let i = 0; i < n; i++) x[i] -= rate * g[i];
}
