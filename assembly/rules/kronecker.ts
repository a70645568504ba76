// What Shampoo and SOAP share: the statistics GGᵀ and GᵀG that they keep of a block's two sides.
import { bytes, wholeRegisters } from "../lanes";
import { pad, unpad } from "../linear-algebra/padding";
import { gramOf, panelled } from "../linear-algebra/product";
import { symmetricEigen } from "../linear-algebra/symmetric-eigen";
import { combine } from "../vector/combine";

// @ts-ignore: decorator
@inline
export function number(scalars: usize, index: i32): f64 {
  return <f64>load<real>(scalars + bytes(index));
}

/**
 * S ← keep·S + take·AAᵀ, where S lies as a slot does and A, `order` × `depth`, is padded. `square` takes a padded
 * square, `flat` one without padding.
 */
export function renewGram(
  order: i32, depth: i32, a: usize, statistic: usize, keep: f64, take: f64,
  square: usize, flat: usize, panel: usize,
): void {
  const count = wholeRegisters(order * order);
  gramOf<real>(panelled<real>(order), panelled<real>(depth), a, square, panel);
  memory.fill(flat, 0, bytes(count));
  unpad<real>(order, order, square, flat);
  combine(count, keep, statistic, take, flat, statistic);
}

/** The eigenvalues and eigenvectors of a statistic, in f64; `matrix` and `vectors` take padded squares, `numbers` twice `order`. */
export function eigenOf(order: i32, statistic: usize, matrix: usize, vectors: usize, numbers: usize): bool {
  pad<f64>(order, order, statistic, matrix);
  return symmetricEigen(order, matrix, numbers, vectors, numbers + ((<usize>order) << 3));
}
