import type { PlainMatrix } from "./plain-matrix.ts";

/** Sweeps of a matrix whose entries are finite: six to ten are usual. */
const SWEEPS = 60;

/** Eigenvalues in falling order, and the unit eigenvectors as rows in that order. */
export interface PlainEigen {
  readonly values: Float64Array;
  readonly vectors: PlainMatrix;
}

/** The rotation by whose angle entry (p, q) becomes 0, as cosine and sine. */
function angle(first: number, second: number, between: number): readonly [cosine: number, sine: number] {
  const zeta = (second - first) / (2 * between);
  const tangent = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const cosine = 1 / Math.sqrt(1 + tangent * tangent);
  return [cosine, cosine * tangent];
}

/** (aₖ, bₖ) ← (c·aₖ − s·bₖ, s·aₖ + c·bₖ), `count` pairs that lie `step` apart. */
function turn(
  entries: Float64Array,
  a: number,
  b: number,
  step: number,
  count: number,
  c: number,
  s: number,
): void {
  for (let k = 0; k < count; k++) {
    const [u, v] = [entries[a + k * step], entries[b + k * step]];
    entries[a + k * step] = c * u - s * v;
    entries[b + k * step] = s * u + c * v;
  }
}

/**
 * The eigenvalues of a symmetric matrix by Jacobi's rotations, pair by pair (Golub and Van Loan, "Matrix computations", §8.5), for
 * textbooks. NaN everywhere where an entry is not finite.
 */
export function plainEigen({ rows: n, entries }: PlainMatrix): PlainEigen {
  const a = entries.slice();
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  const isFinite = a.every(Number.isFinite);
  let rotated = isFinite;
  for (let sweep = 0; rotated && sweep < SWEEPS; sweep++) {
    rotated = false;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const between = a[p * n + q];
        const [first, second] = [a[p * n + p], a[q * n + q]];
        const size = Math.sqrt(Math.abs(first)) * Math.sqrt(Math.abs(second));
        if (between === 0 || Math.abs(between) <= 1e-17 * size) continue;
        rotated = true;
        const [c, s] = angle(first, second, between);
        turn(a, p * n, q * n, 1, n, c, s);
        turn(a, p, q, n, n, c, s);
        a[p * n + q] = a[q * n + p] = 0;
        turn(vectors, p * n, q * n, 1, n, c, s);
      }
    }
  }
  const values = Float64Array.from({ length: n }, (_, i) => (isFinite ? a[i * n + i] : Number.NaN));
  const order = Array.from(values, (_, i) => i).sort((i, j) => values[j] - values[i]);
  return {
    values: Float64Array.from(order, (i) => values[i]),
    vectors: {
      rows: n,
      columns: n,
      entries: Float64Array.from({ length: n * n }, (_, k) =>
        isFinite ? vectors[order[Math.floor(k / n)] * n + (k % n)] : Number.NaN,
      ),
    },
  };
}
