// Products of row-major matrices of T (f32 or f64). Rows and columns are padded with zeros to whole panels, so that there is
// no tail: see `panelled`. Four rows by two registers a block: eight independent sums, two loads and four splats a turn.

/** Bytes of a row of a panel: two registers. */
// @ts-ignore: decorator
@inline export const PANEL: usize = 32;

/** Rows of a panel at most: 16 KiB, which the first cache holds; a longer sum is taken in runs, as reductions are. */
// @ts-ignore: decorator
@inline export const DEPTH: i32 = 512;

/** Bytes that a product needs for its panel. */
// @ts-ignore: decorator
@inline export const PANEL_BYTES: usize = 16_384;

/** `count` elements rounded up to whole panels: 4 of f64, 8 of f32. */
// @ts-ignore: decorator
@inline
export function panelled<T>(count: i32): i32 {
  const width: i32 = 32 / sizeof<T>();
  return (count + width - 1) & -width;
}

/** Bytes of `count` elements of T. */
// @ts-ignore: decorator
@inline
export function bytesOf<T>(count: i32): usize {
  return (<usize>count) * sizeof<T>();
}

// @ts-ignore: decorator
@inline
function mulAdd<T>(a: v128, b: v128, c: v128): v128 {
  return v128.add<T>(v128.mul<T>(a, b), c);
}

/** Copies `depth` rows of a panel's columns, from `from` on: they lie `pitch` apart. */
function packRows<T>(depth: i32, from: usize, pitch: usize, panel: usize): void {
  for (const end = panel + (<usize>depth) * PANEL; panel < end; panel += PANEL) {
    v128.store(panel, v128.load(from));
    v128.store(panel, v128.load(from, 16), 16);
    from += pitch;
  }
}

/** The same of a transposed matrix: the panel's columns are rows of `from`. */
function packColumns<T>(depth: i32, from: usize, pitch: usize, panel: usize): void {
  const length = bytesOf<T>(depth);
  for (let column: usize = 0; column < PANEL; column += sizeof<T>()) {
    let to = panel + column;
    for (let p = from, end = from + length; p < end; p += sizeof<T>()) {
      store<T>(to, load<T>(p));
      to += PANEL;
    }
    from += pitch;
  }
}

/** Four rows of C at a panel's columns: their products with the panel, added to what is there unless it is the first run. */
// @ts-ignore: decorator
@inline
function fourRows<T>(first: bool, depth: i32, a: usize, pitch: usize, panel: usize, c: usize, cPitch: usize): void {
  const c1 = c + cPitch, c2 = c1 + cPitch, c3 = c2 + cPitch;
  let s00 = v128.splat<T>(<T>0), s01 = s00, s10 = s00, s11 = s00;
  let s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  const a1 = a + pitch, a2 = a1 + pitch, a3 = a2 + pitch;
  for (let k: usize = 0, end = bytesOf<T>(depth); k < end; k += sizeof<T>()) {
    const b0 = v128.load(panel), b1 = v128.load(panel, 16);
    panel += PANEL;
    const r0 = v128.load_splat<T>(a + k);
    s00 = mulAdd<T>(r0, b0, s00);
    s01 = mulAdd<T>(r0, b1, s01);
    const r1 = v128.load_splat<T>(a1 + k);
    s10 = mulAdd<T>(r1, b0, s10);
    s11 = mulAdd<T>(r1, b1, s11);
    const r2 = v128.load_splat<T>(a2 + k);
    s20 = mulAdd<T>(r2, b0, s20);
    s21 = mulAdd<T>(r2, b1, s21);
    const r3 = v128.load_splat<T>(a3 + k);
    s30 = mulAdd<T>(r3, b0, s30);
    s31 = mulAdd<T>(r3, b1, s31);
  }
  if (!first) {
    s00 = v128.add<T>(s00, v128.load(c));
    s01 = v128.add<T>(s01, v128.load(c, 16));
    s10 = v128.add<T>(s10, v128.load(c1));
    s11 = v128.add<T>(s11, v128.load(c1, 16));
    s20 = v128.add<T>(s20, v128.load(c2));
    s21 = v128.add<T>(s21, v128.load(c2, 16));
    s30 = v128.add<T>(s30, v128.load(c3));
    s31 = v128.add<T>(s31, v128.load(c3, 16));
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

/**
 * C ← A·B, or A·Bᵀ; where `symmetric` says that C will be, only what lies below the diagonal is worked out, and mirrored. A is
 * rows × depth, B is depth × columns (transposed: columns × depth), C is rows × columns, every side in whole panels. `panel`
 * is room for PANEL_BYTES. C may be neither A nor B.
 */
// @ts-ignore: decorator
@inline
function multiply<T>(
  transposed: bool, symmetric: bool, rows: i32, depth: i32, columns: i32, a: usize, b: usize, c: usize, panel: usize,
): void {
  const aPitch = bytesOf<T>(depth), cPitch = bytesOf<T>(columns);
  const bPitch = transposed ? aPitch : cPitch;
  const width: i32 = 32 / sizeof<T>();
  for (let j = 0; j < columns; j += width) {
    for (let from = 0; from < depth; from += DEPTH) {
      const some = min(depth - from, DEPTH);
      if (transposed) packColumns<T>(some, b + (<usize>j) * bPitch + bytesOf<T>(from), bPitch, panel);
      else packRows<T>(some, b + (<usize>from) * bPitch + bytesOf<T>(j), bPitch, panel);
      for (let i = symmetric ? j : 0; i < rows; i += 4) {
        const row = a + (<usize>i) * aPitch + bytesOf<T>(from);
        const to = c + (<usize>i) * cPitch + bytesOf<T>(j);
        if (from == 0) fourRows<T>(true, some, row, aPitch, panel, to, cPitch);
        else fourRows<T>(false, some, row, aPitch, panel, to, cPitch);
      }
    }
  }
  if (symmetric) mirror<T>(rows, c);
}

/** Copies what lies below the diagonal above it. */
function mirror<T>(order: i32, c: usize): void {
  const pitch = bytesOf<T>(order);
  for (let i = 1; i < order; i++) {
    let to = c + bytesOf<T>(i);
    for (let p = c + (<usize>i) * pitch, end = p + bytesOf<T>(i); p < end; p += sizeof<T>()) {
      store<T>(to, load<T>(p));
      to += pitch;
    }
  }
}

/** C ← A·B. */
export function multiplyPlain<T>(rows: i32, depth: i32, columns: i32, a: usize, b: usize, c: usize, panel: usize): void {
  multiply<T>(false, false, rows, depth, columns, a, b, c, panel);
}

/** C ← A·Bᵀ. */
export function multiplyTransposed<T>(rows: i32, depth: i32, columns: i32, a: usize, b: usize, c: usize, panel: usize): void {
  multiply<T>(true, false, rows, depth, columns, a, b, c, panel);
}

/** C ← A·B where that is symmetric, as it is for two polynomials of one symmetric matrix. */
export function multiplySymmetric<T>(order: i32, depth: i32, a: usize, b: usize, c: usize, panel: usize): void {
  multiply<T>(false, true, order, depth, order, a, b, c, panel);
}

/** C ← A·Aᵀ. */
export function gramOf<T>(rows: i32, depth: i32, a: usize, c: usize, panel: usize): void {
  multiply<T>(true, true, rows, depth, rows, a, a, c, panel);
}

export function matrixProduct(rows: i32, depth: i32, columns: i32, a: usize, b: usize, c: usize, panel: usize): void {
  multiplyPlain<real>(rows, depth, columns, a, b, c, panel);
}

export function matrixProductTransposed(
  rows: i32, depth: i32, columns: i32, a: usize, b: usize, c: usize, panel: usize,
): void {
  multiplyTransposed<real>(rows, depth, columns, a, b, c, panel);
}

export function gram(rows: i32, depth: i32, a: usize, c: usize, panel: usize): void {
  gramOf<real>(rows, depth, a, c, panel);
}
