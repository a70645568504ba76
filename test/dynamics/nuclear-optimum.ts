// The convex problem min ‖X‖* over 𝒜(X) = y, by Douglas–Rachford splitting in plain numbers: nothing of the library is used.

/** A matrix as rows. */
export type Matrix = number[][];

const transpose = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]));
const multiply = (a: Matrix, b: Matrix): Matrix => {
  const turned = transpose(b);
  return a.map((row) => turned.map((column) => row.reduce((sum, x, k) => sum + x * column[k], 0)));
};
const inner = (a: Matrix, b: Matrix): number =>
  a.reduce((sum, row, i) => sum + row.reduce((part, x, j) => part + x * b[i][j], 0), 0);
const combine = (p: number, a: Matrix, q: number, b: Matrix): Matrix =>
  a.map((row, i) => row.map((x, j) => p * x + q * b[i][j]));

/** σ and the right singular vectors as columns, from Jacobi's rotations of the symmetric matrix AᵀA. */
function svd(a: Matrix): { readonly values: number[]; readonly right: Matrix } {
  const s = multiply(transpose(a), a);
  const n = s.length;
  const v = s.map((row, i) => row.map((_, j) => Number(i === j)));
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        off = Math.max(off, Math.abs(s[p][q]));
        if (Math.abs(s[p][q]) < 1e-300) continue;
        const theta = (s[q][q] - s[p][p]) / (2 * s[p][q]);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const d = t * c;
        for (let k = 0; k < n; k++) {
          [s[k][p], s[k][q]] = [c * s[k][p] - d * s[k][q], d * s[k][p] + c * s[k][q]];
          [v[k][p], v[k][q]] = [c * v[k][p] - d * v[k][q], d * v[k][p] + c * v[k][q]];
        }
        for (let k = 0; k < n; k++)
          [s[p][k], s[q][k]] = [c * s[p][k] - d * s[q][k], d * s[p][k] + c * s[q][k]];
      }
    }
    if (off < 1e-18) break;
  }
  return { values: s.map((row, i) => Math.sqrt(Math.max(0, row[i]))), right: v };
}

const nuclear = (a: Matrix): number => svd(a).values.reduce((sum, value) => sum + value, 0);
const spectral = (a: Matrix): number => Math.max(...svd(a).values);

/** Every singular value less by γ, or 0. */
function shrink(a: Matrix, gamma: number): Matrix {
  const { values, right } = svd(a);
  const kept = values.map((value) => (value > gamma ? 1 - gamma / value : 0));
  return multiply(
    a,
    right.map((row) => right.map((other) => row.reduce((sum, x, k) => sum + kept[k] * x * other[k], 0))),
  );
}

/** Solves a symmetric positive definite system, by elimination. */
function solver(matrix: Matrix): (right: readonly number[]) => number[] {
  const n = matrix.length;
  const lower = matrix.map((row) => row.map(() => 0));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i][j];
      for (let k = 0; k < j; k++) sum -= lower[i][k] * lower[j][k];
      lower[i][j] = i === j ? Math.sqrt(sum) : sum / lower[j][j];
    }
  }
  return (right) => {
    const x = right.slice();
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) x[i] -= lower[i][k] * x[k];
      x[i] /= lower[i][i];
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) x[i] -= lower[k][i] * x[k];
      x[i] /= lower[i][i];
    }
    return x;
  };
}

/** What the splitting found: a feasible matrix, its nuclear norm, and a number that no feasible matrix lies below. */
export interface NuclearOptimum {
  readonly matrix: Matrix;
  readonly upper: number;
  readonly lower: number;
}

/**
 * The least nuclear norm of all matrices with ⟨Aᵢ, X⟩ = yᵢ, with a proof: D = (X − Z)/γ is a combination of the Aᵢ, so that ⟨D, X⟩
 * is the same for all feasible X, and ‖X‖* ≥ ⟨D, X⟩/‖D‖₂.
 */
export function nuclearOptimum(
  measurements: readonly Matrix[],
  targets: readonly number[],
  steps: number,
): NuclearOptimum {
  const solve = solver(measurements.map((a) => measurements.map((b) => inner(a, b))));
  const project = (z: Matrix): Matrix => {
    const weights = solve(measurements.map((a, i) => targets[i] - inner(a, z)));
    return z.map((row, i) =>
      row.map((x, j) => measurements.reduce((sum, a, k) => sum + weights[k] * a[i][j], x)),
    );
  };
  let z = measurements[0].map((row) => row.map(() => 0));
  let x = project(z);
  const gamma = 0.1 * spectral(x);
  for (let step = 0; step < steps; step++) {
    x = project(z);
    z = combine(1, z, 1, combine(1, shrink(combine(2, x, -1, z), gamma), -1, x));
  }
  x = project(z);
  const dual = combine(1 / gamma, x, -1 / gamma, z);
  return { matrix: x, upper: nuclear(x), lower: inner(dual, x) / Math.max(1, spectral(dual)) };
}
