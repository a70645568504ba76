// Softmax regression: mean cross-entropy + l2/2 ‖W‖². W is (columns × classes), row-major.
// Rows are taken in chunks as in linear.ts. Both products, A·W and Aᵀ·R, run through one block of
// four rows × two registers, whose eight sums stay in registers.
import { LANES, bytes, mulAdd, splat, sumLanes } from "../lanes";
import { exp } from "../math";
import { dot } from "../vector/reduce";
import { foldInto } from "../vector/matrix";
import { CHUNK, GRADIENT, VALUE } from "./common";

/** The data in the workspace, as src/objectives/softmax.ts lays them out. */
// @ts-ignore: decorator
@unmanaged
class SoftmaxData {
  /** Rows without padding; the matrix has rows of zeros up to a multiple of four. */
  rows: i32;
  columns: i32;
  /** Columns rounded up to a multiple of four. */
  stride: i32;
  classes: i32;
  /** Classes rounded up to whole registers. */
  width: i32;
  matrix: usize;
  /** The class of each row, u32. */
  labels: usize;
  /** rows × width: each row's probabilities at the linearized point, or its residuals p − y. */
  probabilities: usize;
  /** `width` elements: 0 for a class, −∞ for padding. */
  bias: usize;
  /** stride × width: W with its rows padded. */
  weights: usize;
  /** CHUNK × width. */
  chunk: usize;
  /** stride × width, zero between calls. */
  partial: usize;
  /** stride × width of f64. */
  total: usize;
}

/** Terms of a sum of products in `real` before it is folded: bounds the rounding error of f32. */
// @ts-ignore: decorator
@inline const SEGMENT: i32 = 256;

/** C ← C + A·B for 4 rows of C and 1 or 2 registers; entry (i, t) of A lies at a + i·rowStep + t·termStep. */
// @ts-ignore: decorator
@inline
function block(
  registers: i32, terms: i32, a: usize, rowStep: usize, termStep: usize, b: usize, c: usize, pitch: usize,
): void {
  const c1 = c + pitch, c2 = c1 + pitch, c3 = c2 + pitch;
  let s0 = v128.load(c), s1 = v128.load(c1), s2 = v128.load(c2), s3 = v128.load(c3);
  let t0 = splat(0), t1 = t0, t2 = t0, t3 = t0;
  if (registers == 2) {
    t0 = v128.load(c, 16);
    t1 = v128.load(c1, 16);
    t2 = v128.load(c2, 16);
    t3 = v128.load(c3, 16);
  }
  const twice = rowStep << 1;
  for (let end = b + (<usize>terms) * pitch; b < end; b += pitch) {
    const first = v128.load(b);
    const second = registers == 2 ? v128.load(b, 16) : first;
    const below = a + twice;
    const a0 = v128.load_splat<real>(a);
    s0 = mulAdd(a0, first, s0);
    if (registers == 2) t0 = mulAdd(a0, second, t0);
    const a1 = v128.load_splat<real>(a + rowStep);
    s1 = mulAdd(a1, first, s1);
    if (registers == 2) t1 = mulAdd(a1, second, t1);
    const a2 = v128.load_splat<real>(below);
    s2 = mulAdd(a2, first, s2);
    if (registers == 2) t2 = mulAdd(a2, second, t2);
    const a3 = v128.load_splat<real>(below + rowStep);
    s3 = mulAdd(a3, first, s3);
    if (registers == 2) t3 = mulAdd(a3, second, t3);
    a += termStep;
  }
  v128.store(c, s0);
  v128.store(c1, s1);
  v128.store(c2, s2);
  v128.store(c3, s3);
  if (registers == 2) {
    v128.store(c, t0, 16);
    v128.store(c1, t1, 16);
    v128.store(c2, t2, 16);
    v128.store(c3, t3, 16);
  }
}

/** C ← C + A·B for `rows` rows of C (a multiple of four) of `pitch` bytes. */
function addProduct(
  rows: i32, terms: i32, a: usize, rowStep: usize, termStep: usize, b: usize, c: usize, pitch: usize,
): void {
  const pairs = pitch & ~31;
  for (let i = 0; i < rows; i += 4) {
    let column: usize = 0;
    for (; column < pairs; column += 32) {
      block(2, terms, a, rowStep, termStep, b + column, c + column, pitch);
    }
    if (column < pitch) block(1, terms, a, rowStep, termStep, b + column, c + column, pitch);
    a += rowStep << 2;
    c += pitch << 2;
  }
}

/** z ← A·W for the chunk of rows at `rows`. */
function scores(data: SoftmaxData, count: i32, rows: usize): void {
  const pitch = bytes(data.width), rowStep = bytes(data.stride), columns = data.columns;
  memory.fill(data.chunk, 0, (<usize>count) * pitch);
  for (let from = 0; from < columns; from += SEGMENT) {
    const terms = min(SEGMENT, columns - from);
    const weights = data.weights + (<usize>from) * pitch;
    addProduct(count, terms, rows + bytes(from), rowStep, sizeof<real>(), weights, data.chunk, pitch);
  }
}

/** total ← total + Aᵀ·R for the chunk of rows at `rows`, whose residuals R lie in the chunk. */
function accumulate(data: SoftmaxData, count: i32, rows: usize): void {
  const pitch = bytes(data.width), termStep = bytes(data.stride);
  addProduct(data.stride, count, rows, sizeof<real>(), termStep, data.chunk, data.partial, pitch);
  foldInto(data.stride * data.width, data.partial, data.total);
}

/** Copies W (columns × classes) into rows of whole registers. */
function spread(data: SoftmaxData, w: usize): void {
  const columns = data.columns, size = bytes(data.classes), pitch = bytes(data.width);
  let to = data.weights;
  for (let j = 0; j < columns; j++) {
    memory.copy(to, w, size);
    w += size;
    to += pitch;
  }
}

/** out ← share·total + l2·w, from rows of whole registers back to rows of `classes`. */
function gather(data: SoftmaxData, share: f64, l2: f64, w: usize, out: usize): void {
  const columns = data.columns, size = bytes(data.classes), width = (<usize>data.width) << 3;
  let row = data.total;
  for (let j = 0; j < columns; j++) {
    let from = row;
    for (const end = out + size; out < end; out += sizeof<real>()) {
      store<real>(out, <real>(share * load<f64>(from) + l2 * <f64>load<real>(w)));
      w += sizeof<real>();
      from += 8;
    }
    row += width;
  }
}

/** The largest lane, in every lane. */
// @ts-ignore: decorator
@inline
function largestLane(a: v128): v128 {
  if (sizeof<real>() == 8) return v128.max<real>(a, v128.shuffle<i64>(a, a, 1, 0));
  const pairs = v128.max<real>(a, v128.shuffle<i32>(a, a, 1, 0, 3, 2));
  return v128.max<real>(pairs, v128.shuffle<i32>(pairs, pairs, 2, 3, 0, 1));
}

/** The largest score of a row, in every lane. */
// @ts-ignore: decorator
@inline
function topScore(row: usize, size: usize, bias: usize): v128 {
  let top = v128.add<real>(v128.load(row), v128.load(bias));
  for (let i: usize = 16; i < size; i += 16) {
    top = v128.max<real>(top, v128.add<real>(v128.load(row + i), v128.load(bias + i)));
  }
  return largestLane(top);
}

/** Turns a row of scores into probabilities, and returns Σ exp(score − top). */
// @ts-ignore: decorator
@inline
function normalize(row: usize, size: usize, bias: usize, top: v128): f64 {
  let sum = splat(0);
  for (let i: usize = 0; i < size; i += 16) {
    const e = exp(v128.sub<real>(v128.add<real>(v128.load(row + i), v128.load(bias + i)), top));
    v128.store(row + i, e);
    sum = v128.add<real>(sum, e);
  }
  const total = sumLanes(sum);
  const inverse = splat(1 / total);
  for (let i: usize = 0; i < size; i += 16) {
    v128.store(row + i, v128.mul<real>(v128.load(row + i), inverse));
  }
  return total;
}

/** Mean cross-entropy + l2/2 ‖W‖²; `share` is 1/n. `want` & 1: returns the value; & 2: writes the gradient to `g`. */
export function softmaxRegression(want: i32, address: usize, share: f64, l2: f64, w: usize, g: usize): f64 {
  const data = changetype<SoftmaxData>(address);
  const rows = data.rows, pitch = bytes(data.width), rowStep = bytes(data.stride);
  const parameters = data.columns * data.classes;
  spread(data, w);
  if (want & GRADIENT) memory.fill(data.total, 0, (<usize>(data.stride * data.width)) << 3);
  let loss: f64 = 0;
  let features = data.matrix;
  let label = data.labels;
  for (let from = 0; from < rows; from += CHUNK) {
    const count = min(CHUNK, rows - from);
    const padded = (count + 3) & ~3;
    scores(data, padded, features);
    let row = data.chunk;
    let chunkLoss: f64 = 0;
    for (let i = 0; i < count; i++) {
      const target = row + bytes(load<i32>(label));
      const top = topScore(row, pitch, data.bias);
      const gap = <f64>v128.extract_lane<real>(top, 0) - <f64>load<real>(target);
      const sum = normalize(row, pitch, data.bias, top);
      if (want & VALUE) chunkLoss += gap + NativeMath.log(sum);
      store<real>(target, load<real>(target) - 1);
      label += 4;
      row += pitch;
    }
    loss += chunkLoss;
    if (want & GRADIENT) accumulate(data, padded, features);
    features += (<usize>padded) * rowStep;
  }
  if (want & GRADIENT) gather(data, share, l2, w, g);
  if (!(want & VALUE)) return 0;
  return share * loss + 0.5 * l2 * dot((parameters + LANES - 1) & ~(LANES - 1), w, w);
}

/** Keeps each row's probabilities at `w`, less 1 at its label if `residual`. */
// @ts-ignore: decorator
@inline
function keepRows(residual: bool, data: SoftmaxData, w: usize): void {
  const rows = data.rows, pitch = bytes(data.width), rowStep = bytes(data.stride);
  spread(data, w);
  let features = data.matrix;
  let probabilities = data.probabilities;
  let label = data.labels;
  for (let from = 0; from < rows; from += CHUNK) {
    const count = min(CHUNK, rows - from);
    const padded = (count + 3) & ~3;
    scores(data, padded, features);
    for (let row = data.chunk, end = row + (<usize>count) * pitch; row < end; row += pitch) {
      normalize(row, pitch, data.bias, topScore(row, pitch, data.bias));
      if (residual) {
        const target = row + bytes(load<i32>(label));
        store<real>(target, load<real>(target) - 1);
        label += 4;
      }
    }
    memory.copy(probabilities, data.chunk, (<usize>count) * pitch);
    probabilities += (<usize>count) * pitch;
    features += (<usize>padded) * rowStep;
  }
}

/** Keeps each row's probabilities at `w` for `softmaxProduct`. */
export function softmaxProbabilities(data: usize, w: usize): void {
  keepRows(false, changetype<SoftmaxData>(data), w);
}

/** Keeps each row's residuals p − y at `w` for `softmaxOuterProduct`. */
export function softmaxResiduals(data: usize, w: usize): void {
  keepRows(true, changetype<SoftmaxData>(data), w);
}

/** product ← share·Σ a(Ru)ᵀ + l2·v over the rows a, with u = Vᵀa: R is rrᵀ of its residuals if `outer`, else diag(p) − ppᵀ. */
// @ts-ignore: decorator
@inline
function rowsProduct(outer: bool, data: SoftmaxData, share: f64, l2: f64, v: usize, product: usize): void {
  const rows = data.rows, pitch = bytes(data.width), rowStep = bytes(data.stride);
  spread(data, v);
  memory.fill(data.total, 0, (<usize>(data.stride * data.width)) << 3);
  let features = data.matrix;
  let p = data.probabilities;
  for (let from = 0; from < rows; from += CHUNK) {
    const count = min(CHUNK, rows - from);
    const padded = (count + 3) & ~3;
    scores(data, padded, features);
    for (let row = data.chunk, end = row + (<usize>count) * pitch; row < end; row += pitch) {
      let sum = splat(0);
      for (let i: usize = 0; i < pitch; i += 16) sum = mulAdd(v128.load(p + i), v128.load(row + i), sum);
      const mean = splat(sumLanes(sum));
      for (let i: usize = 0; i < pitch; i += 16) {
        const factor = outer ? mean : v128.sub<real>(v128.load(row + i), mean);
        v128.store(row + i, v128.mul<real>(v128.load(p + i), factor));
      }
      p += pitch;
    }
    accumulate(data, padded, features);
    features += (<usize>padded) * rowStep;
  }
  gather(data, share, l2, v, product);
}

/** product ← Hessian·v: per row, with u = Vᵀa, the residual is p ∘ (u − p·u). */
export function softmaxProduct(data: usize, share: f64, l2: f64, v: usize, product: usize): void {
  rowsProduct(false, changetype<SoftmaxData>(data), share, l2, v, product);
}

/** product ← (share·Σ gᵢgᵢᵀ + l2·I)v over the rows' gradients: per row, with u = Vᵀa, the residual is r(r·u). */
export function softmaxOuterProduct(data: usize, share: f64, l2: f64, v: usize, product: usize): void {
  rowsProduct(true, changetype<SoftmaxData>(data), share, l2, v, product);
}
