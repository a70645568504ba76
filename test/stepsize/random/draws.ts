// Draws of random matrices, whole and by their spectra.
import type { Random } from "../../../src/core/random.ts";
import { curvature } from "../../../src/curvature/curvature.ts";
import { leastSquares } from "../../../src/objectives/least-squares.ts";

/** A number of the χ² distribution (Marsaglia and Tsang 2000, for the Gamma distribution of shape k/2 ≥ ½). */
export function chiSquare(random: Random, degrees: number): number {
  if (degrees === 1) return random.normal() ** 2;
  const d = degrees / 2 - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < x * x * 0.5 + d * (1 - v + Math.log(v))) return 2 * d * v;
  }
}

/** The largest eigenvalue of a symmetric tridiagonal matrix, by bisection on Sturm's sequence. */
export function largestOfTridiagonal(diagonal: ArrayLike<number>, off: ArrayLike<number>): number {
  let low = -Infinity;
  let high = -Infinity;
  for (let i = 0; i < diagonal.length; i++) {
    const around = Math.abs(off[i - 1] ?? 0) + Math.abs(off[i] ?? 0);
    low = Math.max(low, diagonal[i]);
    high = Math.max(high, diagonal[i] + around);
  }
  const anyAbove = (x: number): boolean => {
    let q = x - diagonal[0];
    for (let i = 1; i < diagonal.length; i++) {
      if (q <= 0) return true;
      q = x - diagonal[i] - (off[i - 1] * off[i - 1]) / q;
    }
    return q <= 0;
  };
  while (high - low > 1e-9 * high) {
    const middle = (low + high) / 2;
    if (anyAbove(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * λmax of AᵀA for n × d normal entries, without A: BBᵀ has the same spectrum for a bidiagonal B of independent χ
 * numbers (Dumitriu and Edelman, "Matrix models for beta ensembles", J. Math. Phys. 43, 2002).
 */
export function largestWishart(random: Random, rows: number, columns: number): number {
  const small = Math.min(rows, columns);
  const large = Math.max(rows, columns);
  const diagonal = new Float64Array(small);
  const off = new Float64Array(small - 1);
  let beside = 0;
  for (let i = 0; i < small; i++) {
    const square = chiSquare(random, large - i);
    diagonal[i] = square + beside;
    if (i === small - 1) break;
    beside = chiSquare(random, small - 1 - i);
    off[i] = Math.sqrt(square * beside);
  }
  return small === 1 ? diagonal[0] : largestOfTridiagonal(diagonal, off);
}

/** λmax of AᵀA/n of a whole matrix of such entries. */
export function largestOfData(rows: number, columns: number, entry: () => number): number {
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < data.length; i++) data[i] = entry();
  return curvature(leastSquares(data, new Float64Array(rows), { columns })).lambdaMax;
}

/** Entries of mean 0, variance 1 and another excess kurtosis than 0. */
export const entries = {
  signs: { kurtosis: -2, draw: (random: Random) => (random.uint32() & 1 ? 1 : -1) },
  uniform: { kurtosis: -1.2, draw: (random: Random) => Math.sqrt(12) * (random.uniform() - 0.5) },
  laplace: {
    kurtosis: 3,
    draw: (random: Random) => {
      const u = random.uniform() - 0.5;
      return (-Math.sign(u) * Math.log(1 - 2 * Math.abs(u))) / Math.SQRT2;
    },
  },
} as const;
