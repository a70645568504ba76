import { type ArrayInput, readArray } from "../core/array-input.ts";
import { checkKeys, checkNumber } from "../core/check.ts";
import type { Numbers } from "../core/precision.ts";
import { readSquare } from "../core/square-matrix.ts";
import { type FactorShape, factorDimension, readFactorShape } from "../objectives/factored.ts";

/** W₁ and W₂ as functions of row and column. */
interface Factors {
  readonly shape: FactorShape;
  first(k: number, j: number): number;
  second(i: number, k: number): number;
}

function readFactors(owner: string, given: unknown, w: unknown): Factors {
  checkKeys(`${owner}: shape`, given, ["rows", "columns", "inner"]);
  const shape = readFactorShape(`${owner}: shape`, given as FactorShape);
  const { values } = readArray(owner, "w", w);
  const dimension = factorDimension(shape);
  if (values.length !== dimension) {
    const { rows, columns, inner } = shape;
    throw new RangeError(
      `${owner}: w must have ${inner} × (${columns} + ${rows}) = ${dimension} entries, got ${values.length}`,
    );
  }
  return view(shape, values);
}

function view(shape: FactorShape, values: Numbers): Factors {
  const { columns, inner } = shape;
  const behind = inner * columns;
  return {
    shape,
    first: (k, j) => values[k * columns + j],
    second: (i, k) => values[behind + i * inner + k],
  };
}

/** Σ of so many terms. */
function sum(terms: number, term: (k: number) => number): number {
  let total = 0;
  for (let k = 0; k < terms; k++) total += term(k);
  return total;
}

const matrixOf = (rows: number, columns: number, entry: (i: number, j: number) => number): Float64Array[] =>
  Array.from({ length: rows }, (_, i) => Float64Array.from({ length: columns }, (__, j) => entry(i, j)));

/**
 * The matrix W₂W₁ that the parameters of {@link matrixSensing} or {@link matrixCompletion} stand for.
 *
 * @param shape - rows, columns and inner: the `shape` of the objective
 * @param w - W₁ row by row, then W₂ row by row
 * @returns its rows
 * @throws TypeError or RangeError naming the argument that is wrong
 *
 * @example
 * ```ts
 * import { factorProduct } from "thalweg";
 * // W₁ = (1 2), W₂ = (3 4)ᵀ
 * factorProduct({ rows: 2, columns: 2, inner: 1 }, [1, 2, 3, 4]); // [[3, 6], [4, 8]]
 * ```
 *
 * Source: Baldi and Hornik, "Neural networks and principal component analysis", Neural Networks 2, 1989: two layers that are linear.
 */
export function factorProduct(shape: FactorShape, w: ArrayInput): Float64Array[] {
  const { first, second, shape: read } = readFactors("factorProduct", shape, w);
  const { rows, columns, inner } = read;
  return matrixOf(rows, columns, (i, j) => sum(inner, (k) => second(i, k) * first(k, j)));
}

/** How far two factors are from being balanced. */
export interface Balancedness {
  /** The rows of W₁W₁ᵀ − W₂ᵀW₂, inner × inner and symmetric. */
  readonly difference: readonly Float64Array[];
  /** Its Frobenius norm: 0 where they are balanced. */
  readonly norm: number;
}

/**
 * How far two factors are from being balanced: W₁W₁ᵀ − W₂ᵀW₂. The gradient flow of any function of W₂W₁ keeps it as it is; a step
 * of gradient descent changes it by η²(∇₁∇₁ᵀ − ∇₂ᵀ∇₂), and no more.
 *
 * @param shape - rows, columns and inner: the `shape` of the objective
 * @param w - W₁ row by row, then W₂ row by row
 * @returns the difference and its norm
 * @throws TypeError or RangeError naming the argument that is wrong
 *
 * @example
 * ```ts
 * import { balancedness } from "thalweg";
 * balancedness({ rows: 1, columns: 1, inner: 1 }, [3, 2]).norm; // 5: 3² − 2²
 * balancedness({ rows: 2, columns: 2, inner: 1 }, [3, 4, 0, 5]).norm; // 0
 * ```
 *
 * Source: Arora, Cohen, Hazan, "On the optimization of deep networks: implicit acceleration by overparameterization", ICML 2018,
 * theorem 1; Du, Hu, Lee, "Algorithmic regularization in learning deep homogeneous models", NeurIPS 2018.
 */
export function balancedness(shape: FactorShape, w: ArrayInput): Balancedness {
  const { first, second, shape: read } = readFactors("balancedness", shape, w);
  const { rows, columns, inner } = read;
  const difference = matrixOf(
    inner,
    inner,
    (k, l) => sum(columns, (j) => first(k, j) * first(l, j)) - sum(rows, (i) => second(i, k) * second(i, l)),
  );
  const squares = difference.reduce((all, row) => all + sum(inner, (l) => row[l] * row[l]), 0);
  return { difference, norm: Math.sqrt(squares) };
}

/** Solves S·X = B for the columns of B, by elimination with pivots; undefined where S has no inverse. */
function solve(order: number, matrix: Numbers, right: readonly Float64Array[]): Float64Array[] | undefined {
  const rows = matrixOf(order, order, (i, j) => matrix[i * order + j]);
  const x = right.map((row) => row.slice());
  for (let k = 0; k < order; k++) {
    let pivot = k;
    for (let i = k + 1; i < order; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[pivot][k])) pivot = i;
    if (rows[pivot][k] === 0) return undefined;
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    [x[k], x[pivot]] = [x[pivot], x[k]];
    for (let i = 0; i < order; i++) {
      if (i === k) continue;
      const factor = rows[i][k] / rows[k][k];
      if (factor === 0) continue;
      for (let j = k; j < order; j++) rows[i][j] -= factor * rows[k][j];
      for (let j = 0; j < x[i].length; j++) x[i][j] -= factor * x[k][j];
    }
  }
  return x.map((row, k) => row.map((value) => value / rows[k][k]));
}

/**
 * The same matrix by other factors: (W₂S, S⁻¹W₁). Every function of W₂W₁ has the same value there, but another gradient and another
 * curvature: where all entries are seen, its largest eigenvalue at a minimum is (‖W₁‖₂² + ‖W₂‖₂²)/n, which is least where the
 * factors are balanced.
 *
 * @param shape - rows, columns and inner: the `shape` of the objective
 * @param w - W₁ row by row, then W₂ row by row
 * @param by - S: a number other than 0, or an inner × inner matrix that has an inverse
 * @returns the parameters of the other factors
 * @throws TypeError or RangeError naming the argument that is wrong; RangeError where S has no inverse, or what it makes
 * of the factors is too large
 *
 * @example
 * ```ts
 * import { exchangeFactors, factorProduct } from "thalweg";
 * const shape = { rows: 1, columns: 1, inner: 1 };
 * exchangeFactors(shape, [2, 3], 2); // [1, 6]
 * factorProduct(shape, [1, 6]); // [[6]]
 * ```
 *
 * Source: Dinh, Pascanu, Bengio, Bengio, "Sharp minima can generalize for deep nets", ICML 2017, for what it does to curvature.
 */
export function exchangeFactors(shape: FactorShape, w: ArrayInput, by: number | ArrayInput): Float64Array {
  const owner = "exchangeFactors";
  const { first, second, shape: read } = readFactors(owner, shape, w);
  const { rows, columns, inner } = read;
  if (typeof by === "number") checkNumber(owner, "by", by, "the finite numbers", Number.isFinite);
  const matrix =
    typeof by === "number"
      ? Float64Array.from({ length: inner * inner }, (_, k) => (k % (inner + 1) === 0 ? by : 0))
      : readSquare(owner, "by", by).values;
  if (matrix.length !== inner * inner) {
    throw new RangeError(`${owner}: by must be ${inner} × ${inner}, got ${matrix.length} entries`);
  }
  const others = solve(inner, matrix, matrixOf(inner, columns, first));
  if (!others) throw new RangeError(`${owner}: by must have an inverse`);
  const seconds = matrixOf(rows, inner, (i, k) => sum(inner, (l) => second(i, l) * matrix[l * inner + k]));
  const found = Float64Array.from([...others, ...seconds].flatMap((row) => Array.from(row)));
  if (found.every(Number.isFinite)) return found;
  throw new RangeError(`${owner}: by must leave factors of finite numbers: what it makes of w is beyond f64`);
}
