import { Workspace } from "../core/workspace.ts";
import { readSymmetric, type SymmetricMatrix } from "../objectives/symmetric-matrix.ts";

/** What {@link symmetricEigen} found. */
export interface SymmetricEigen {
  /** All eigenvalues, in falling order. */
  readonly values: Float64Array;
  /** A unit eigenvector for each, in the same order; they are orthogonal to one another. */
  readonly vectors: readonly Float64Array[];
}

/**
 * All eigenvalues and eigenvectors of a symmetric matrix: A = Σ λₖvₖvₖᵀ, by Jacobi's rotations in f64.
 *
 * Values and vectors have errors of some n·2⁻⁵²·‖A‖. On a positive definite matrix they are better than that: each
 * eigenvalue has a relative error of some n·2⁻⁵²·κ(D⁻¹AD⁻¹) with D² the diagonal of A, so that the small eigenvalues of
 * badly scaled matrices are as exact as the large ones. It takes n³ operations some twenty times over, and room for two
 * matrices: a second for n = 512. For the extreme eigenvalues of what is larger, or is known by its products alone, see
 * {@link curvature}.
 *
 * @param matrix - d rows of d, a row-major array of d², a d × d array of another library, or `{ diagonal }`
 * @returns values and vectors
 * @throws TypeError or RangeError naming the entry that is no finite number, or that differs from its mirror image by
 * more than rounding
 *
 * @example
 * ```ts
 * import { symmetricEigen } from "thalweg";
 * const { values, vectors } = symmetricEigen([[2, 1], [1, 2]]);
 * values; // ≈ [3, 1]
 * vectors[0].map(Math.abs); // ≈ [0.707, 0.707]
 * symmetricEigen([[1e12, 1e5], [1e5, 1]]).values[1]; // ≈ 0.99: to the last digits, where 1e12·2⁻⁵² is 2e-4
 * ```
 *
 * Source: Hestenes 1958; Veselić and Hari, "A note on a one-sided Jacobi algorithm", 1989; for the accuracy Demmel and
 * Veselić, "Jacobi's method is more accurate than QR", 1992. Indefinite matrices are shifted to be definite first, and
 * have the accuracy of the first sentence.
 */
export function symmetricEigen(matrix: SymmetricMatrix): SymmetricEigen {
  const checked = readSymmetric("symmetricEigen", matrix);
  const { dimension: n } = checked;
  const stride = Math.ceil(n / 4) * 4;
  const square = { length: stride * stride, kind: "f64" as const };
  const workspace = new Workspace(
    [
      { name: "matrix", ...square },
      { name: "vectors", ...square },
      { name: "values", length: stride, kind: "f64" },
      { name: "scratch", length: stride, kind: "f64" },
    ],
    "f64",
  );
  try {
    const entries = workspace.f64("matrix");
    if (checked.diagonal) {
      const diagonal = new Float64Array(n);
      checked.copyInto(diagonal, n);
      for (let i = 0; i < n; i++) entries[i * stride + i] = diagonal[i];
    } else checked.copyInto(entries, stride);
    const [at, vectorsAt, valuesAt, scratchAt] = ["matrix", "vectors", "values", "scratch"].map((name) =>
      workspace.pointer(name),
    );
    if (workspace.kernels.symmetricEigen(n, at, valuesAt, vectorsAt, scratchAt) === 0) {
      throw new Error("symmetricEigen: the rotations did not converge");
    }
    const rows = workspace.f64("vectors");
    return {
      values: workspace.f64("values").slice(0, n),
      vectors: Array.from({ length: n }, (_, k) => rows.slice(k * stride, k * stride + n)),
    };
  } finally {
    workspace.dispose();
  }
}
