// What Lanczos asks of the core besides the Hessian–vector product.
import { scale } from "../vector/combine";
import { addTransposed, matrixTimesVector } from "../vector/matrix";
import { bytes, held } from "../lanes";

/**
 * v ← v − Qᵀ(Qv), twice, for the `rows` orthonormal rows of Q (a multiple of four; rows not yet in
 * use are zero): classical Gram–Schmidt, which is as good as modified once repeated (Giraud,
 * Langou, Rozložník 2005), in two matrix products. `scratch` takes `rows` elements.
 */
export function orthogonalize(rows: i32, stride: i32, basis: usize, v: usize, scratch: usize): void {
  for (let pass = 0; pass < 2; pass++) {
    matrixTimesVector(rows, stride, basis, v, scratch);
    scale(rows, -1, scratch);
    addTransposed(rows, stride, basis, scratch, v);
  }
}

/** x ← x / divisor: exact where a multiplication by the reciprocal would round twice. */
export function divide(n: i32, divisor: f64, x: usize): void {
  const by = held(divisor);
  for (let p = x, end = x + bytes(n); p < end; p += 16) {
    v128.store(p, v128.div<real>(v128.load(p), by));
  }
}
