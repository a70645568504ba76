/** A square matrix, row by row in one array. */
export type SquareMatrix = Float64Array;

/**
 * The lower triangular L with LLᵀ = A (Cholesky); undefined where A is not positive definite to rounding.
 *
 * @param order - rows of A
 */
export function cholesky(matrix: SquareMatrix, order: number): SquareMatrix | undefined {
  const lower = new Float64Array(order * order);
  for (let i = 0; i < order; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * order + j];
      for (let k = 0; k < j; k++) rest -= lower[i * order + k] * lower[j * order + k];
      if (i > j) lower[i * order + j] = rest / lower[j * order + j];
      else if (rest > Number.EPSILON * matrix[i * order + i]) lower[i * order + i] = Math.sqrt(rest);
      else return undefined;
    }
  }
  return lower;
}

/** The inverse of a lower triangular matrix. */
export function invertLower(lower: SquareMatrix, order: number): SquareMatrix {
  const inverse = new Float64Array(order * order);
  for (let j = 0; j < order; j++) {
    for (let i = j; i < order; i++) {
      let rest = i === j ? 1 : 0;
      for (let k = j; k < i; k++) rest -= lower[i * order + k] * inverse[k * order + j];
      inverse[i * order + j] = rest / lower[i * order + i];
    }
  }
  return inverse;
}
