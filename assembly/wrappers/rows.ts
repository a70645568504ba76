// What is done to each row of a block by itself. Rows begin anywhere, not on whole registers: they are
// read element by element, in f64, with four accumulators.

// @ts-ignore: decorator
@inline const SIZE: usize = sizeof<real>();

// @ts-ignore: decorator
@inline
function at(p: usize): f64 {
  return <f64>load<real>(p);
}

// @ts-ignore: decorator
@inline
function sumRow(p: usize, end: usize): f64 {
  let a: f64 = 0, b: f64 = 0, c: f64 = 0, d: f64 = 0;
  for (const fours = p + ((end - p) & ~(4 * SIZE - 1)); p < fours; p += 4 * SIZE) {
    a += at(p);
    b += at(p + SIZE);
    c += at(p + 2 * SIZE);
    d += at(p + 3 * SIZE);
  }
  for (; p < end; p += SIZE) a += at(p);
  return a + b + (c + d);
}

/** ‖row‖₂, each entry divided by `unit` first. */
// @ts-ignore: decorator
@inline
function scaledNorm(p: usize, end: usize, unit: f64): f64 {
  let a: f64 = 0, b: f64 = 0, c: f64 = 0, d: f64 = 0;
  for (const fours = p + ((end - p) & ~(4 * SIZE - 1)); p < fours; p += 4 * SIZE) {
    const p0 = at(p) / unit, p1 = at(p + SIZE) / unit, p2 = at(p + 2 * SIZE) / unit, p3 = at(p + 3 * SIZE) / unit;
    a += p0 * p0;
    b += p1 * p1;
    c += p2 * p2;
    d += p3 * p3;
  }
  for (; p < end; p += SIZE) {
    const value = at(p) / unit;
    a += value * value;
  }
  return unit * Math.sqrt(a + b + (c + d));
}

/** ‖row‖₂, without overflow or underflow on the way where the entries are f64. */
function rowNorm(p: usize, end: usize): f64 {
  const norm = scaledNorm(p, end, 1);
  if (SIZE == 4 || (norm >= 1e-140 && norm <= 1e150)) return norm;
  let largest: f64 = 0;
  for (let q = p; q < end; q += SIZE) largest = max(largest, abs(at(q)));
  return largest > 0 && largest < Infinity ? scaledNorm(p, end, largest) : largest;
}

/**
 * Scales each row of g down to the norm ratio·max(‖row of x‖₂, epsilon). A row that holds NaN or ∞ does not
 * become finite. Returns how many rows were clipped.
 */
export function clipRows(rows: i32, width: i32, ratio: f64, epsilon: f64, x: usize, g: usize): f64 {
  const bytes = (<usize>width) * SIZE;
  let clipped: f64 = 0;
  for (let row = 0; row < rows; row++, x += bytes, g += bytes) {
    const limit = ratio * max(rowNorm(x, x + bytes), epsilon);
    const size = rowNorm(g, g + bytes);
    if (!(size > limit)) continue;
    clipped++;
    const factor = limit / size;
    for (let p = g, end = g + bytes; p < end; p += SIZE) store<real>(p, <real>(at(p) * factor));
  }
  return clipped;
}

/** Subtracts from each row its mean. */
export function centralizeRows(rows: i32, width: i32, g: usize): void {
  const bytes = (<usize>width) * SIZE;
  for (let row = 0; row < rows; row++, g += bytes) {
    const mean = sumRow(g, g + bytes) / width;
    for (let p = g, end = g + bytes; p < end; p += SIZE) store<real>(p, <real>(at(p) - mean));
  }
}

/**
 * Replaces each row by the point nearest to it whose entries are ≥ 0 and sum to `total`: max(x − τ, 0), with τ
 * found by Michelot's passes (1986), each of which leaves out the entries that τ has reached. Entries are
 * taken relative to the largest, which therefore always stays in, however large. A row that holds NaN or
 * ∞ becomes NaN.
 */
export function projectRowsOntoSimplex(rows: i32, width: i32, total: f64, x: usize): void {
  const bytes = (<usize>width) * SIZE;
  for (let row = 0; row < rows; row++, x += bytes) {
    const end = x + bytes;
    let largest = at(x);
    for (let p = x; p < end; p += SIZE) largest = max(largest, at(p));
    let threshold = -Infinity;
    let active = width + 1;
    for (;;) {
      let sum: f64 = 0;
      let count = 0;
      for (let p = x; p < end; p += SIZE) {
        const value = at(p) - largest;
        if (value > threshold) {
          sum += value;
          count++;
        }
      }
      if (count == 0 || count >= active) break;
      active = count;
      threshold = (sum - total) / count;
    }
    for (let p = x; p < end; p += SIZE) store<real>(p, <real>max(at(p) - largest - threshold, 0));
  }
}
