// Objectives of the form 1/n Σ ℓ(aᵢ·w, yᵢ) + l2/2 ‖w‖²: least squares and logistic regression.
// The data are read from memory once an evaluation: a chunk of rows gives its products, the link
// turns them into losses and residuals, and the same chunk, still in cache, gives Aᵀr.
import { bytes, mulAdd, splat, sumLanes } from "../lanes";
import { exp, log1p } from "../math";
import { dot } from "../vector/reduce";
import { multiply } from "../vector/combine";
import { addTransposed, foldInto, matrixTimesVector } from "../vector/matrix";
import { CHUNK, GRADIENT, VALUE, finish } from "./common";

/** The data in the workspace, as src/objectives/linear.ts lays them out. */
// @ts-ignore: decorator
@unmanaged
class LinearData {
  /** Rows without padding; matrix, targets and weights have rows of zeros up to a multiple of four. */
  rows: i32;
  stride: i32;
  matrix: usize;
  /** One per row: y of least squares, ±1 of logistic regression; 0 on rows of padding. */
  targets: usize;
  /** One per row: D of products with AᵀDA, at the linearized point. */
  weights: usize;
  /** CHUNK elements. */
  chunk: usize;
  /** `stride` elements, zero between calls. */
  partial: usize;
  /** `stride` elements of f64. */
  total: usize;
}

// @ts-ignore: decorator
@inline const LEAST_SQUARES: i32 = 0;
// @ts-ignore: decorator
@inline const LOGISTIC: i32 = 1;
// The products AᵀA v and AᵀDA v run through the same pass.
// @ts-ignore: decorator
@inline const GRAM: i32 = 2;
// @ts-ignore: decorator
@inline const WEIGHTED_GRAM: i32 = 3;

/**
 * Turns a chunk's products z into dℓ/dz, or for Gram matrices into Dz, and returns the sum of the
 * losses (if asked).
 */
// @ts-ignore: decorator
@inline
function link(model: i32, losses: bool, count: i32, z: usize, targets: usize): f64 {
  if (model == GRAM) return 0;
  const zero = splat(0), one = splat(1), half = splat(0.5);
  const size = bytes(count);
  let loss = zero;
  for (let i: usize = 0; i < size; i += 16) {
    const target = v128.load(targets + i);
    const product = v128.load(z + i);
    if (model == WEIGHTED_GRAM) {
      v128.store(z + i, v128.mul<real>(target, product));
    } else if (model == LEAST_SQUARES) {
      const residual = v128.sub<real>(product, target);
      if (losses) loss = mulAdd(v128.mul<real>(half, residual), residual, loss);
      v128.store(z + i, residual);
    } else {
      const margin = v128.mul<real>(target, product);
      const e = exp(v128.neg<real>(v128.abs<real>(margin)));
      if (losses) {
        const softplus = v128.add<real>(v128.pmax<real>(v128.neg<real>(margin), zero), log1p(e));
        loss = v128.add<real>(loss, v128.and(softplus, v128.ne<real>(target, zero)));
      }
      const numerator = v128.bitselect(e, one, v128.ge<real>(margin, zero));
      const sigmoid = v128.div<real>(numerator, v128.add<real>(one, e));
      v128.store(z + i, v128.neg<real>(v128.mul<real>(target, sigmoid)));
    }
  }
  return sumLanes(loss);
}

// @ts-ignore: decorator
@inline
function evaluate(model: i32, want: i32, data: LinearData, share: f64, l2: f64, w: usize, g: usize): f64 {
  const rows = (data.rows + 3) & ~3, stride = data.stride, pitch = bytes(stride), z = data.chunk;
  let block = data.matrix;
  let loss: f64 = 0;
  if (want & GRADIENT) memory.fill(data.total, 0, (<usize>stride) << 3);
  for (let from = 0; from < rows; from += CHUNK) {
    const count = min(CHUNK, rows - from);
    const targets = (model == WEIGHTED_GRAM ? data.weights : data.targets) + bytes(from);
    matrixTimesVector(count, stride, block, w, z);
    if (want & VALUE) loss += link(model, true, count, z, targets);
    else link(model, false, count, z, targets);
    if (want & GRADIENT) {
      addTransposed(count, stride, block, z, data.partial);
      foldInto(stride, data.partial, data.total);
    }
    block += (<usize>count) * pitch;
  }
  if (want & GRADIENT) finish(stride, share, data.total, l2, w, g);
  return want & VALUE ? share * loss + 0.5 * l2 * dot(stride, w, w) : 0;
}

/** 1/(2n) ‖Aw − y‖² + l2/2 ‖w‖²; `share` is 1/n. `want` & 1: returns the value; & 2: writes the gradient to `g`. */
export function leastSquares(want: i32, data: usize, share: f64, l2: f64, w: usize, g: usize): f64 {
  return evaluate(LEAST_SQUARES, want, changetype<LinearData>(data), share, l2, w, g);
}

/** 1/n Σ log(1 + exp(−sᵢ aᵢ·w)) + l2/2 ‖w‖²; arguments as of `leastSquares`. */
export function logisticRegression(want: i32, data: usize, share: f64, l2: f64, w: usize, g: usize): f64 {
  return evaluate(LOGISTIC, want, changetype<LinearData>(data), share, l2, w, g);
}

/** Keeps each row's ℓ″ = p(1 − p) at `w` for `gramProduct`. */
export function logisticWeights(address: usize, w: usize): void {
  const data = changetype<LinearData>(address);
  const one = splat(1);
  const rows = (data.rows + 3) & ~3;
  matrixTimesVector(rows, data.stride, data.matrix, w, data.weights);
  for (let p = data.weights, end = p + bytes(rows); p < end; p += 16) {
    const e = exp(v128.neg<real>(v128.abs<real>(v128.load(p))));
    const inverse = v128.div<real>(one, v128.add<real>(one, e));
    v128.store(p, v128.mul<real>(v128.mul<real>(e, inverse), inverse));
  }
}

/** Keeps each row's (dℓ/dz)² at `w`. */
// @ts-ignore: decorator
@inline
function keepSquares(model: i32, data: LinearData, w: usize): void {
  const rows = (data.rows + 3) & ~3, weights = data.weights;
  matrixTimesVector(rows, data.stride, data.matrix, w, weights);
  link(model, false, rows, weights, data.targets);
  multiply(rows, weights, weights, weights);
}

/** Keeps each row's squared residual at `w` for `gramProduct`. */
export function leastSquaresSquares(data: usize, w: usize): void {
  keepSquares(LEAST_SQUARES, changetype<LinearData>(data), w);
}

/** Keeps each row's squared error (p − y)² at `w` for `gramProduct`. */
export function logisticSquares(data: usize, w: usize): void {
  keepSquares(LOGISTIC, changetype<LinearData>(data), w);
}

/** product ← share·AᵀDA v + l2·v, where D holds the rows' weights, or is the identity. */
export function gramProduct(
  weighted: bool, address: usize, share: f64, l2: f64, v: usize, product: usize,
): void {
  const data = changetype<LinearData>(address);
  if (weighted) evaluate(WEIGHTED_GRAM, GRADIENT, data, share, l2, v, product);
  else evaluate(GRAM, GRADIENT, data, share, l2, v, product);
}
