// ½xᵀAx − bᵀx + c, with A dense or diagonal.
import { RUN, bytes, mulAdd, splat, sumLanes } from "../lanes";
import { multiply } from "../vector/combine";
import { matrixTimesVector } from "../vector/matrix";
import { GRADIENT, VALUE } from "./common";

/** The data in the workspace, as src/objectives/quadratic.ts lays them out. */
// @ts-ignore: decorator
@unmanaged
class QuadraticData {
  /** Rows rounded up to a multiple of four; 0 when A is diagonal. */
  rows: i32;
  /** Parameters rounded up to whole registers. */
  stride: i32;
  /** A, or its diagonal. */
  matrix: usize;
  linear: usize;
  /** max(rows, stride) elements. */
  scratch: usize;
}

// @ts-ignore: decorator
@inline
function multiplyInto(data: QuadraticData, v: usize): void {
  if (data.rows) matrixTimesVector(data.rows, data.stride, data.matrix, v, data.scratch);
  else multiply(data.stride, data.matrix, v, data.scratch);
}

/** ½xᵀAx − bᵀx + constant. `want` & 1: returns the value; & 2: writes the gradient to `g`. */
export function quadratic(want: i32, address: usize, constant: f64, x: usize, g: usize): f64 {
  const data = changetype<QuadraticData>(address);
  const b = data.linear, q = data.scratch, size = bytes(data.stride);
  multiplyInto(data, x);
  if (want & GRADIENT) {
    for (let i: usize = 0; i < size; i += 16) {
      v128.store(g + i, v128.sub<real>(v128.load(q + i), v128.load(b + i)));
    }
  }
  if (!(want & VALUE)) return 0;
  const half = splat(0.5);
  let value: f64 = constant;
  for (let from: usize = 0; from < size; from += RUN) {
    const to = min(from + RUN, size);
    let sum = splat(0);
    for (let i = from; i < to; i += 16) {
      const slope = v128.sub<real>(v128.mul<real>(half, v128.load(q + i)), v128.load(b + i));
      sum = mulAdd(v128.load(x + i), slope, sum);
    }
    value += sumLanes(sum);
  }
  return value;
}

/** product ← A v. */
export function quadraticProduct(address: usize, v: usize, product: usize): void {
  const data = changetype<QuadraticData>(address);
  multiplyInto(data, v);
  memory.copy(product, data.scratch, bytes(data.stride));
}
