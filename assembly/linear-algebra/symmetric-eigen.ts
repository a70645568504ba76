// Eigenvalues and eigenvectors of symmetric matrices, in f64 in both binaries.
//
// A = LLᵀ by Cholesky with pivoting, then one-sided Jacobi on the columns of L (Hestenes 1958; Veselić and Hari 1989): rotations
// that make the columns of LV orthogonal leave √λ times the eigenvectors, and no V is kept. On positive definite matrices every
// eigenvalue is found to a relative accuracy that scaling of rows and columns cannot spoil (Demmel and Veselić 1992), where
// methods that reduce to tridiagonal form lose the small beside the large. An indefinite matrix is shifted first.

/** Sweeps over all pairs; six to ten are usual. */
const SWEEPS = 40;

// @ts-ignore: decorator
@inline
function at(table: usize, i: i32): f64 {
  return load<f64>(table + ((<usize>i) << 3));
}

// @ts-ignore: decorator
@inline
function put(table: usize, i: i32, value: f64): void {
  store<f64>(table + ((<usize>i) << 3), value);
}

// @ts-ignore: decorator
@inline
function mulAdd(a: v128, b: v128, c: v128): v128 {
  return f64x2.add(f64x2.mul(a, b), c);
}

// @ts-ignore: decorator
@inline
function sumOf(a: v128): f64 {
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
}

/** Σ uᵢvᵢ over `pitch` bytes, a multiple of 32. */
// @ts-ignore: decorator
@inline
function inner(u: usize, v: usize, pitch: usize): f64 {
  const four = pitch & ~63;
  let a = f64x2.splat(0), b = a, c = a, d = a;
  const toV = v - u, end = u + pitch;
  let p = u;
  for (const stop = u + four; p < stop; p += 64) {
    const q = p + toV;
    a = mulAdd(v128.load(p), v128.load(q), a);
    b = mulAdd(v128.load(p, 16), v128.load(q, 16), b);
    c = mulAdd(v128.load(p, 32), v128.load(q, 32), c);
    d = mulAdd(v128.load(p, 48), v128.load(q, 48), d);
  }
  if (p < end) {
    const q = p + toV;
    a = mulAdd(v128.load(p), v128.load(q), a);
    b = mulAdd(v128.load(p, 16), v128.load(q, 16), b);
  }
  return sumOf(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)));
}

/** (u, v) ← (cu − sv, su + cv). */
// @ts-ignore: decorator
@inline
function rotate(u: usize, v: usize, pitch: usize, c: f64, s: f64): void {
  const cosine = f64x2.splat(c), sine = f64x2.splat(s);
  const toV = v - u;
  for (let p = u, end = u + pitch; p < end; p += 32) {
    const q = p + toV;
    const a = v128.load(p), b = v128.load(q);
    const d = v128.load(p, 16), e = v128.load(q, 16);
    v128.store(p, f64x2.sub(f64x2.mul(cosine, a), f64x2.mul(sine, b)));
    v128.store(q, f64x2.add(f64x2.mul(sine, a), f64x2.mul(cosine, b)));
    v128.store(p, f64x2.sub(f64x2.mul(cosine, d), f64x2.mul(sine, e)), 16);
    v128.store(q, f64x2.add(f64x2.mul(sine, d), f64x2.mul(cosine, e)), 16);
  }
}

/** v ← v − f·u. */
// @ts-ignore: decorator
@inline
function subtract(u: usize, v: usize, pitch: usize, f: f64): void {
  const factor = f64x2.splat(f);
  const toV = v - u;
  for (let p = u, end = u + pitch; p < end; p += 32) {
    const q = p + toV;
    v128.store(q, f64x2.sub(v128.load(q), f64x2.mul(factor, v128.load(p))));
    v128.store(q, f64x2.sub(v128.load(q, 16), f64x2.mul(factor, v128.load(p, 16))), 16);
  }
}

/** v ← v − Σ fᵢuᵢ of four rows, `pitch` apart. */
// @ts-ignore: decorator
@inline
function subtractFour(u: usize, v: usize, pitch: usize, column: usize): void {
  const u1 = u + pitch, u2 = u1 + pitch, u3 = u2 + pitch;
  const f0 = v128.load64_splat(u + column), f1 = v128.load64_splat(u1 + column);
  const f2 = v128.load64_splat(u2 + column), f3 = v128.load64_splat(u3 + column);
  for (let i: usize = 0; i < pitch; i += 16) {
    const low = mulAdd(f0, v128.load(u + i), f64x2.mul(f1, v128.load(u1 + i)));
    const high = mulAdd(f2, v128.load(u2 + i), f64x2.mul(f3, v128.load(u3 + i)));
    v128.store(v + i, f64x2.sub(v128.load(v + i), f64x2.add(low, high)));
  }
}

/** u ← f·u. */
// @ts-ignore: decorator
@inline
function scaleRow(u: usize, pitch: usize, f: f64): void {
  const factor = f64x2.splat(f);
  for (let p = u, end = u + pitch; p < end; p += 16) v128.store(p, f64x2.mul(v128.load(p), factor));
}

/** Exchanges two rows. */
// @ts-ignore: decorator
@inline
function exchange(u: usize, v: usize, pitch: usize): void {
  const toV = v - u;
  for (let p = u, end = u + pitch; p < end; p += 16) {
    const kept = v128.load(p);
    v128.store(p, v128.load(p + toV));
    v128.store(p + toV, kept);
  }
}

/** The largest power of two that is at most `value` > 0: a factor that rounds nothing. */
function powerBelow(value: f64): f64 {
  // Denormal numbers have no exponent of their own.
  if (value < 2.2250738585072014e-308) return 2.2250738585072014e-308;
  return reinterpret<f64>(reinterpret<u64>(value) & 0x7ff0000000000000);
}

/** max |aᵢⱼ|; NaN where an entry is NaN. */
function largestEntry(n: i32, pitch: usize, a: usize): f64 {
  let largest = f64x2.splat(0);
  for (let p = a, end = a + (<usize>n) * pitch; p < end; p += 16) {
    largest = f64x2.max(largest, f64x2.abs(v128.load(p)));
  }
  return max(f64x2.extract_lane(largest, 0), f64x2.extract_lane(largest, 1));
}

/** What has to be added to the diagonal so that no eigenvalue is negative, by Gershgorin's circles. */
function depth(n: i32, pitch: usize, a: usize): f64 {
  let most: f64 = 0;
  for (let i = 0; i < n; i++) {
    const row = a + (<usize>i) * pitch;
    let around = f64x2.splat(0);
    for (let p = row, end = row + pitch; p < end; p += 16) around = f64x2.add(around, f64x2.abs(v128.load(p)));
    const diagonal = at(row, i);
    most = max(most, sumOf(around) - Math.abs(diagonal) - diagonal);
  }
  return most;
}

/** vᵀAv: of an eigenvector that is off by δ, an eigenvalue that is off by δ². */
function rayleigh(n: i32, pitch: usize, a: usize, v: usize): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) sum += at(v, i) * inner(a + (<usize>i) * pitch, v, pitch);
  return sum;
}

/**
 * The rows of `factor` ← the columns of L in A + shift·I = LLᵀ, the largest diagonal entry first. `rest` takes n f64. Returns
 * the rank, the rows behind which are zero, or −1 where A + shift·I has an eigenvalue below what rounding explains.
 */
function cholesky(n: i32, pitch: usize, a: usize, shift: f64, factor: usize, rest: usize): i32 {
  let largest: f64 = 0;
  for (let i = 0; i < n; i++) {
    const entry = load<f64>(a + (<usize>i) * pitch + ((<usize>i) << 3)) + shift;
    put(rest, i, entry);
    largest = max(largest, entry);
  }
  memory.fill(factor, 0, (<usize>n) * pitch);
  const rounding = <f64>n * f64.EPSILON;
  for (let rank = 0; rank < n; rank++) {
    let pivot = -1;
    let most: f64 = 0;
    for (let i = 0; i < n; i++) {
      const left = at(rest, i);
      // What is left of an entry may be its rounding alone.
      const own = load<f64>(a + (<usize>i) * pitch + ((<usize>i) << 3)) + shift;
      if (left > most && left > rounding * own) {
        most = left;
        pivot = i;
      }
    }
    const row = factor + (<usize>rank) * pitch;
    if (pivot < 0) {
      return isNothing(n, pitch, a, shift, factor, rank, rest, row, 4 * rounding * largest) ? rank : -1;
    }
    remainder(pivot, pitch, a, shift, factor, rank, row);
    for (let i = 0; i < n; i++) if (at(rest, i) == -Infinity) put(row, i, 0);
    put(row, pivot, most);
    scaleRow(row, pitch, 1 / Math.sqrt(most));
    for (let i = 0; i < n; i++) {
      const entry = at(row, i);
      put(rest, i, at(rest, i) - entry * entry);
    }
    put(rest, pivot, -Infinity);
  }
  return n;
}

/** `row` ← row i of A + shift·I less what the first `rank` rows of the factor make of it. */
function remainder(i: i32, pitch: usize, a: usize, shift: f64, factor: usize, rank: i32, row: usize): void {
  const column = (<usize>i) << 3;
  memory.copy(row, a + (<usize>i) * pitch, pitch);
  store<f64>(row + column, load<f64>(row + column) + shift);
  let k = 0;
  for (; k + 4 <= rank; k += 4) subtractFour(factor + (<usize>k) * pitch, row, pitch, column);
  for (; k < rank; k++) {
    const u = factor + (<usize>k) * pitch;
    subtract(u, row, pitch, load<f64>(u + column));
  }
}

/** Whether nothing but rounding is left of the rows without a pivot. Clears `row` again. */
function isNothing(
  n: i32, pitch: usize, a: usize, shift: f64, factor: usize, rank: i32, rest: usize, row: usize, rounding: f64,
): bool {
  let nothing = true;
  for (let i = 0; i < n && nothing; i++) {
    if (at(rest, i) == -Infinity) continue;
    remainder(i, pitch, a, shift, factor, rank, row);
    for (let j = 0; j < n; j++) {
      if (at(rest, j) != -Infinity && Math.abs(at(row, j)) > rounding) nothing = false;
    }
  }
  memory.fill(row, 0, pitch);
  return nothing;
}

/**
 * Rotates the first `rank` rows of `rows` until each is orthogonal to all others, to within rounding of their lengths; the longer
 * row of a pair comes first. `squares` takes n f64. Returns whether they are.
 */
function orthogonalizeRows(n: i32, rank: i32, pitch: usize, rows: usize, squares: usize): bool {
  const tolerance = Math.sqrt(<f64>n) * f64.EPSILON;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let rotations = 0;
    for (let p = 0; p < rank; p++) {
      const u = rows + (<usize>p) * pitch;
      put(squares, p, inner(u, u, pitch));
    }
    for (let p = 0; p < rank - 1; p++) {
      const u = rows + (<usize>p) * pitch;
      for (let q = p + 1; q < rank; q++) {
        const v = rows + (<usize>q) * pitch;
        const product = inner(u, v, pitch);
        let first = at(squares, p), second = at(squares, q);
        const isSmall = Math.abs(product) <= tolerance * Math.sqrt(first) * Math.sqrt(second);
        if (first < second) {
          exchange(u, v, pitch);
          const kept = first;
          first = second;
          second = kept;
        } else if (isSmall) continue;
        if (!isSmall) {
          rotations++;
          const zeta = (second - first) / (2 * product);
          const tangent = (zeta > 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
          const c = 1 / Math.sqrt(1 + tangent * tangent);
          rotate(u, v, pitch, c, c * tangent);
          first -= tangent * product;
          second += tangent * product;
        }
        put(squares, p, first);
        put(squares, q, max(second, 0));
      }
    }
    if (rotations == 0) return true;
  }
  return false;
}

/** Fills rows from `rank` on with unit vectors orthogonal to all before: those of the axes that lie farthest from their span. */
function complete(n: i32, rank: i32, pitch: usize, rows: usize, covered: usize): void {
  for (let j = 0; j < n; j++) put(covered, j, 0);
  for (let i = 0; i < rank; i++) cover(n, rows + (<usize>i) * pitch, covered);
  for (let i = rank; i < n; i++) {
    let axis = 0;
    for (let j = 1; j < n; j++) if (at(covered, j) < at(covered, axis)) axis = j;
    const row = rows + (<usize>i) * pitch;
    memory.fill(row, 0, pitch);
    put(row, axis, 1);
    // Twice is enough (Giraud, Langou, Rozložník 2005).
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < i; k++) {
        const u = rows + (<usize>k) * pitch;
        subtract(u, row, pitch, inner(u, row, pitch));
      }
      scaleRow(row, pitch, 1 / Math.sqrt(inner(row, row, pitch)));
    }
    cover(n, row, covered);
  }
}

/** Adds the squares of a row's entries. */
function cover(n: i32, row: usize, covered: usize): void {
  for (let j = 0; j < n; j++) put(covered, j, at(covered, j) + at(row, j) * at(row, j));
}

/** Sorts the values, with their rows, in falling order. */
function sortFalling(n: i32, pitch: usize, values: usize, rows: usize): void {
  for (let i = 0; i < n - 1; i++) {
    let largest = i;
    for (let j = i + 1; j < n; j++) if (at(values, j) > at(values, largest)) largest = j;
    if (largest == i) continue;
    exchange(rows + (<usize>i) * pitch, rows + (<usize>largest) * pitch, pitch);
    const kept = at(values, i);
    put(values, i, at(values, largest));
    put(values, largest, kept);
  }
}

/**
 * The eigenvalues of a symmetric matrix, in falling order, and its unit eigenvectors as the rows of `vectors`.
 *
 * Rows of `matrix` and `vectors` have n f64 and zeros up to a multiple of four, and there are as many; the matrix is scaled
 * by a power of two. `values` and `scratch` take n f64. Returns whether they were found: false where an entry is not finite, which
 * leaves `values` and `vectors` as they are.
 */
export function symmetricEigen(n: i32, matrix: usize, values: usize, vectors: usize, scratch: usize): bool {
  const pitch = (<usize>((n + 3) & ~3)) << 3;
  const largest = largestEntry(n, pitch, matrix);
  if (!(largest < Infinity)) return false;
  if (largest == 0) {
    memory.fill(vectors, 0, pitch * (pitch >> 3));
    for (let i = 0; i < n; i++) put(values, i, 0);
    complete(n, 0, pitch, vectors, scratch);
    return true;
  }
  const unit = powerBelow(largest);
  for (let i = 0; i < n; i++) scaleRow(matrix + (<usize>i) * pitch, pitch, 1 / unit);
  memory.fill(vectors, 0, pitch * (pitch >> 3));
  let shift: f64 = 0;
  let rank = cholesky(n, pitch, matrix, 0, vectors, values);
  if (rank < 0) {
    shift = depth(n, pitch, matrix);
    rank = cholesky(n, pitch, matrix, shift, vectors, values);
  }
  const converged = orthogonalizeRows(n, rank, pitch, vectors, values);
  let found = 0;
  for (; found < rank; found++) {
    const row = vectors + (<usize>found) * pitch;
    const square = inner(row, row, pitch);
    if (square == 0) break;
    put(values, found, square * unit);
    scaleRow(row, pitch, 1 / Math.sqrt(square));
  }
  for (let i = found; i < n; i++) put(values, i, 0);
  complete(n, found, pitch, vectors, scratch);
  if (shift != 0) {
    for (let i = 0; i < n; i++) put(values, i, rayleigh(n, pitch, matrix, vectors + (<usize>i) * pitch) * unit);
  }
  sortFalling(n, pitch, values, vectors);
  return converged;
}
