// Eigenvalues of an upper Hessenberg matrix by Francis' QR iteration with implicit double shifts.
import { at, hypotenuse, put, putEntry } from "./entries";

/** Steps that one eigenvalue may take, in all; two or three are usual. */
const STEPS = 300;
/** After so many steps without an eigenvalue a shift from elsewhere breaks a cycle. */
const PATIENCE = 10;

// @ts-ignore: decorator
@inline const TINY: f64 = 2.2250738585072014e-308 / 2.220446049250313e-16;

// The two eigenvalues of the last 2 × 2 matrix that was looked at.
let realA: f64 = 0, imaginaryA: f64 = 0, realB: f64 = 0, imaginaryB: f64 = 0;

/**
 * Eigenvalues of (a b; c d), with small relative errors also where they nearly coincide: what is not clearly real is
 * first turned until both diagonal entries are the same (Bai and Demmel, "On swapping diagonal blocks in real Schur
 * form", Linear Algebra and its Applications 186, 1993).
 */
function two(a: f64, b: f64, c: f64, d: f64): void {
  imaginaryA = imaginaryB = 0;
  realA = a;
  realB = d;
  if (b == 0 || c == 0) return;
  const half = 0.5 * (a - d);
  const large = max(Math.abs(b), Math.abs(c));
  const small = b < 0 == c < 0 ? min(Math.abs(b), Math.abs(c)) : -min(Math.abs(b), Math.abs(c));
  const scale = max(Math.abs(half), large);
  const discriminant = (half / scale) * half + (large / scale) * small;
  if (discriminant >= 4 * f64.EPSILON) {
    const root = Math.sqrt(scale) * Math.sqrt(discriminant);
    const step = half + (half < 0 ? -root : root);
    realA = d + step;
    realB = d - (large / step) * small;
    return;
  }
  const sum = b + c;
  const length = hypotenuse(sum, a - d);
  const cosine = length == 0 ? 1 : Math.sqrt(0.5 * (1 + Math.abs(sum) / length));
  const sine = length == 0 ? 0 : (sum < 0 ? half : -half) / (length * cosine);
  const aa = a * cosine + b * sine, bb = b * cosine - a * sine;
  const cc = c * cosine + d * sine, dd = d * cosine - c * sine;
  const turnedB = bb * cosine + dd * sine, turnedC = cc * cosine - aa * sine;
  realA = realB = 0.5 * (aa * cosine + cc * sine + (dd * cosine - bb * sine));
  const root = Math.sqrt(Math.abs(turnedB)) * Math.sqrt(Math.abs(turnedC));
  if (turnedB == 0 || turnedC == 0 || turnedB < 0 == turnedC < 0) {
    realA += root;
    realB -= root;
  } else {
    imaginaryA = root;
    imaginaryB = -root;
  }
}

/** Whether the subdiagonal entry of row k is zero to rounding, judged also by its mirror image (Ahues and Tisseur 1997). */
function isNegligible(pitch: usize, h: usize, k: i32, low: i32, high: i32): bool {
  const below = Math.abs(at(h, pitch, k, k - 1));
  if (below <= TINY) return true;
  const upper = at(h, pitch, k - 1, k - 1), lower = at(h, pitch, k, k);
  let around = Math.abs(upper) + Math.abs(lower);
  if (around == 0) {
    if (k - 2 >= low) around += Math.abs(at(h, pitch, k - 1, k - 2));
    if (k + 1 <= high) around += Math.abs(at(h, pitch, k + 1, k));
  }
  if (below > f64.EPSILON * around) return false;
  const above = Math.abs(at(h, pitch, k - 1, k));
  const corner = Math.abs(lower), apart = Math.abs(upper - lower);
  const large = max(below, above), small = min(below, above);
  const wide = max(corner, apart), narrow = min(corner, apart);
  const sum = wide + large;
  return small * (large / sum) <= max(TINY, f64.EPSILON * (narrow * (wide / sum)));
}

/** Rows k, k + 1 and (where `three`) k + 2 ← themselves minus (1, v, u) times their product with (t, tv, tu), in columns from … to. */
// @ts-ignore: decorator
@inline
function reflectRows(three: bool, row: usize, pitch: usize, from: i32, to: i32, t: f64, v: f64, u: f64): void {
  const first = f64x2.splat(t), second = f64x2.splat(t * v), third = f64x2.splat(t * u);
  const vs = f64x2.splat(v), us = f64x2.splat(u);
  let p = row + ((<usize>from) << 3);
  const last = row + ((<usize>to) << 3);
  for (; p < last; p += 16) {
    const q = p + pitch, r = q + pitch;
    const x = v128.load(p), y = v128.load(q);
    let sum = f64x2.add(f64x2.mul(first, x), f64x2.mul(second, y));
    if (three) sum = f64x2.add(sum, f64x2.mul(third, v128.load(r)));
    v128.store(p, f64x2.sub(x, sum));
    v128.store(q, f64x2.sub(y, f64x2.mul(sum, vs)));
    if (three) v128.store(r, f64x2.sub(v128.load(r), f64x2.mul(sum, us)));
  }
  if (p > last) return;
  const q = p + pitch, r = q + pitch;
  const x = load<f64>(p), y = load<f64>(q);
  let sum = t * x + t * v * y;
  if (three) sum += t * u * load<f64>(r);
  store<f64>(p, x - sum);
  store<f64>(q, y - sum * v);
  if (three) store<f64>(r, load<f64>(r) - sum * u);
}

/** The same for columns k, k + 1 and k + 2, in rows from … to. */
// @ts-ignore: decorator
@inline
function reflectColumns(three: bool, column: usize, pitch: usize, from: i32, to: i32, t: f64, v: f64, u: f64): void {
  const tv = t * v, tu = t * u;
  const end = column + (<usize>(to + 1)) * pitch;
  for (let p = column + (<usize>from) * pitch; p < end; p += pitch) {
    const x = load<f64>(p), y = load<f64>(p, 8);
    let sum = t * x + tv * y;
    if (three) sum += tu * load<f64>(p, 16);
    store<f64>(p, x - sum);
    store<f64>(p, y - sum * v, 8);
    if (three) store<f64>(p, load<f64>(p, 16) - sum * u, 16);
  }
}

/**
 * The eigenvalues of the n × n upper Hessenberg matrix, to `real` and `imaginary` (n f64 each); the two of a complex
 * pair lie one behind the other, the one with the positive imaginary part first. Outside of the rows low … high the
 * matrix is upper triangular. It is overwritten.
 *
 * Returns the number of eigenvalues that did not converge: 0 unless an entry was not finite.
 *
 * Francis, "The QR transformation", The Computer Journal 4, 1961–62; Golub and Van Loan, "Matrix computations", §7.5.
 */
export function hessenbergEigen(
  n: i32, pitch: usize, h: usize, low: i32, high: i32, real: usize, imaginary: usize,
): i32 {
  memory.fill(imaginary, 0, (<usize>n) << 3);
  for (let i = 0; i < n; i++) putEntry(real, i, at(h, pitch, i, i));
  let i = high;
  while (i > low) {
    let l = low;
    let step = 0;
    for (; ; step++) {
      if (step == STEPS) return i - low + 1;
      let k = i;
      while (k > l && !isNegligible(pitch, h, k, low, high)) k--;
      l = k;
      if (l > low) put(h, pitch, l, l - 1, 0);
      if (l >= i - 1) break;
      sweep(pitch, h, l, i, step);
    }
    if (l == i) {
      putEntry(real, i, at(h, pitch, i, i));
    } else {
      two(at(h, pitch, l, l), at(h, pitch, l, i), at(h, pitch, i, l), at(h, pitch, i, i));
      putEntry(real, l, realA);
      putEntry(imaginary, l, imaginaryA);
      putEntry(real, i, realB);
      putEntry(imaginary, i, imaginaryB);
    }
    i = l - 1;
  }
  if (i == low) putEntry(real, i, at(h, pitch, i, i));
  return 0;
}

/** One QR step with two shifts, on the rows and columns l … i, at least three. */
function sweep(pitch: usize, h: usize, l: i32, i: i32, step: i32): void {
  if (step % PATIENCE == PATIENCE - 1) {
    // The shifts that Francis' own step would take have led in a circle: others, of a like size.
    const atTop = (step / PATIENCE) % 2 == 0;
    const edge = atTop
      ? Math.abs(at(h, pitch, l + 1, l)) + Math.abs(at(h, pitch, l + 2, l + 1))
      : Math.abs(at(h, pitch, i, i - 1)) + Math.abs(at(h, pitch, i - 1, i - 2));
    const corner = 0.75 * edge + (atTop ? at(h, pitch, l, l) : at(h, pitch, i, i));
    two(corner, -0.4375 * edge, edge, corner);
  } else {
    two(at(h, pitch, i - 1, i - 1), at(h, pitch, i - 1, i), at(h, pitch, i, i - 1), at(h, pitch, i, i));
    if (imaginaryA == 0) {
      // Of two real shifts the one nearer to the corner, twice.
      const corner = at(h, pitch, i, i);
      if (Math.abs(realA - corner) <= Math.abs(realB - corner)) realB = realA;
      else realA = realB;
    }
  }
  // The first column of (H − aI)(H − bI), from the lowest row that two small subdiagonal entries allow to begin at.
  let v: f64 = 0, u: f64 = 0, head: f64 = 0;
  let m = i - 2;
  for (; ; m--) {
    const own = at(h, pitch, m, m);
    const below = at(h, pitch, m + 1, m);
    const scale = Math.abs(own - realB) + Math.abs(imaginaryB) + Math.abs(below);
    const part = below / scale;
    head = part * at(h, pitch, m, m + 1) + (own - realA) * ((own - realB) / scale) - imaginaryA * (imaginaryB / scale);
    v = part * (own + at(h, pitch, m + 1, m + 1) - realA - realB);
    u = part * at(h, pitch, m + 2, m + 1);
    const size = Math.abs(head) + Math.abs(v) + Math.abs(u);
    head /= size;
    v /= size;
    u /= size;
    if (m == l) break;
    const around = Math.abs(at(h, pitch, m - 1, m - 1)) + Math.abs(own) + Math.abs(at(h, pitch, m + 1, m + 1));
    if (Math.abs(at(h, pitch, m, m - 1)) * (Math.abs(v) + Math.abs(u)) <= f64.EPSILON * Math.abs(head) * around) break;
  }
  for (let k = m; k < i; k++) {
    const three = k + 2 <= i;
    if (k > m) {
      head = at(h, pitch, k, k - 1);
      v = at(h, pitch, k + 1, k - 1);
      u = three ? at(h, pitch, k + 2, k - 1) : 0;
    } else if (!three) u = 0;
    const largest = max(Math.abs(v), Math.abs(u));
    if (largest == 0) {
      if (k > m) continue;
      // What is to be chased away is not there: the bulge is nothing.
      return;
    }
    const scale = max(largest, Math.abs(head));
    const a = head / scale, b = v / scale, c = u / scale;
    const size = Math.sqrt(a * a + b * b + c * c);
    const turned = a > 0 ? -size : size;
    const t = (turned - a) / turned;
    v = b / (a - turned);
    u = c / (a - turned);
    if (k > m) {
      put(h, pitch, k, k - 1, turned * scale);
      put(h, pitch, k + 1, k - 1, 0);
      if (three) put(h, pitch, k + 2, k - 1, 0);
    } else if (m > l) put(h, pitch, k, k - 1, at(h, pitch, k, k - 1) * (1 - t));
    const row = h + (<usize>k) * pitch, column = h + ((<usize>k) << 3);
    const to = min(k + 3, i);
    if (three) {
      reflectRows(true, row, pitch, k, i, t, v, u);
      reflectColumns(true, column, pitch, l, to, t, v, u);
    } else {
      reflectRows(false, row, pitch, k, i, t, v, u);
      reflectColumns(false, column, pitch, l, to, t, v, u);
    }
  }
}
