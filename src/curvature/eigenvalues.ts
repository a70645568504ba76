import { machineEpsilon, type Numbers } from "../core/precision.ts";
import { pow } from "../core/scalar.ts";
import { type ReadMatrix, readSquare, type SquareMatrix } from "../core/square-matrix.ts";
import { Workspace } from "../core/workspace.ts";
import { euclideanNorm, powerOfTwoBelow } from "../objectives/differences.ts";

/** The eigenvalues of a matrix; entry i of each array belongs to the i-th of them. */
export interface Eigenvalues {
  /** Real parts, falling; of a complex pair the one with the positive imaginary part comes first. */
  readonly real: Float64Array;
  /** Imaginary parts; 0 for those that are real. */
  readonly imaginary: Float64Array;
  /** How far from it, to first order in the rounding, an eigenvalue of the matrix may be. */
  readonly errorBounds: Float64Array;
}

/** Roundings of the reduction and the iteration, in units of ε√n‖A‖. */
const ROUNDINGS = 8;

/**
 * All eigenvalues of a general real matrix: balanced, reduced to Hessenberg form, and iterated by Francis' QR
 * algorithm, 10n³ operations or so. Each comes with an error bound: what rounding does to the matrix, divided by |yᴴx|
 * of its unit eigenvectors from both sides. Where a matrix is far from normal the bounds are large, and mean it.
 *
 * @param matrix - A: n rows of n, a row-major array of n², or an n × n array of another library (ndarray, tensor, `toArray()`)
 * @returns real and imaginary parts in the order of falling real parts, and error bounds
 * @throws TypeError or RangeError naming the entry that is no finite number, or the shape that is not square
 *
 * @example
 * ```ts
 * import { eigenvalues } from "thalweg";
 * const { real, imaginary } = eigenvalues([[0.6, -0.8], [0.8, 0.6]]); // a rotation
 * real; // ≈ [0.6, 0.6]
 * imaginary; // ≈ [0.8, -0.8]
 * ```
 *
 * Source: Francis, "The QR transformation", The Computer Journal 4, 1961–62; balancing: Parlett and Reinsch 1969;
 * condition numbers: Wilkinson, "The algebraic eigenvalue problem", 1965, chapter 2.
 */
export function eigenvalues(matrix: SquareMatrix): Eigenvalues {
  return eigenvaluesOf("eigenvalues", readSquare("eigenvalues", "matrix", matrix));
}

/**
 * Henrici's bound on what a change of size δ does to any eigenvalue: max(θ, θ^1/n), θ = δ Σₖ ‖N‖ᵏ over k < n, where ‖N‖ is
 * the matrix's departure from normality, ‖N‖² = ‖A‖² − Σ|λ|². It holds also where eigenvectors coincide.
 *
 * Henrici, "Bounds for iterates, inverses, spectral variation and fields of values of non-normal matrices", Numerische
 * Mathematik 4, 1962; Golub and Van Loan, "Matrix computations", theorem 7.2.3.
 */
function henrici(n: number, change: number, size: number, real: Numbers, imaginary: Numbers): number {
  let departure = size * size;
  for (let i = 0; i < n; i++) departure -= real[i] * real[i] + imaginary[i] * imaginary[i];
  const strict = Math.sqrt(Math.max(departure, change * size));
  let theta = 0;
  for (let k = 0, power = change; k < n && theta < size; k++, power *= strict) theta += power;
  return Math.max(theta, pow(theta, 1 / n));
}

/** The eigenvalues of a matrix that was read. */
export function eigenvaluesOf(owner: string, { order, values }: ReadMatrix): Eigenvalues {
  const stride = order + (order % 2);
  const pitch = 8 * stride;
  const workspace = new Workspace(
    [
      { name: "matrix", length: order * stride, kind: "f64" },
      { name: "iterated", length: order * stride, kind: "f64" },
      { name: "range", length: 2, kind: "u32" },
      { name: "real", length: order, kind: "f64" },
      { name: "imaginary", length: order, kind: "f64" },
      { name: "condition", length: 2, kind: "f64" },
      { name: "scratch", length: 2 * (order * order + 4 * order), kind: "f64" },
    ],
    "f64",
  );
  try {
    const { kernels } = workspace;
    const a = workspace.f64("matrix");
    // Divided by a power of two, exactly, so that no square on the way over- or underflows.
    let largest = 0;
    for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
    const unit = powerOfTwoBelow(largest);
    for (let i = 0; i < order; i++) {
      for (let j = 0; j < order; j++) a[i * stride + j] = values[i * order + j] / unit;
    }
    const [at, iterated, scratch, out] = ["matrix", "iterated", "scratch", "condition"].map((name) =>
      workspace.pointer(name),
    );
    kernels.balance(order, pitch, at, workspace.pointer("range"));
    const [low, high] = workspace.u32("range");
    kernels.toHessenberg(order, pitch, at, low, high, scratch);
    workspace.f64("iterated").set(a);
    const [realAt, imaginaryAt] = [workspace.pointer("real"), workspace.pointer("imaginary")];
    if (kernels.hessenbergEigen(order, pitch, iterated, low, high, realAt, imaginaryAt) > 0) {
      throw new Error(`${owner}: the QR iteration did not converge`);
    }
    const real = workspace.f64("real");
    const imaginary = workspace.f64("imaginary");
    const size = euclideanNorm(a);
    const least = machineEpsilon.f64 * Math.max(size, 1);
    const rounding = ROUNDINGS * machineEpsilon.f64 * Math.sqrt(order) * size;
    const most = Math.min(2 * size, henrici(order, rounding, size, real, imaginary));
    const [condition, bounds] = [workspace.f64("condition"), new Float64Array(order)];
    for (let i = 0; i < order; i++) {
      if (imaginary[i] < 0) {
        bounds[i] = bounds[i - 1];
        continue;
      }
      kernels.eigenvalueCondition(order, pitch, at, real[i], imaginary[i], least, scratch, out);
      const [cosine, residual] = condition;
      bounds[i] = Math.min(Math.max(rounding, residual) / cosine, most);
    }
    const sorted = Array.from(real, (_, i) => i).sort(
      (i, j) =>
        real[j] - real[i] || Math.abs(imaginary[j]) - Math.abs(imaginary[i]) || imaginary[j] - imaginary[i],
    );
    const pick = (from: Float64Array) => Float64Array.from(sorted, (i) => unit * from[i]);
    return { real: pick(real), imaginary: pick(imaginary), errorBounds: pick(bounds) };
  } finally {
    workspace.dispose();
  }
}
