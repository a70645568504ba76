/** The powers of z in (zI − A)⁻¹ = adjugate(z)/polynomial(z), lowest first. */
export interface Resolvent {
  /** det(zI − A), the last coefficient 1. */
  readonly polynomial: number[];
  /** The matrices of the adjugate, one a power. */
  readonly adjugate: number[][][];
}

/**
 * The resolvent of a matrix, by the algorithm of Faddeev and LeVerrier. Meant for the few rows that a rule has on one mode.
 */
export function resolvent(matrix: readonly (readonly number[])[]): Resolvent {
  const n = matrix.length;
  const polynomial = new Array<number>(n + 1).fill(0);
  polynomial[n] = 1;
  const adjugate = new Array<number[][]>(n);
  let m = matrix.map((row) => row.map(() => 0));
  for (let k = 1; k <= n; k++) {
    // M ← A·M + c·I, the next coefficient is −trace(A·M)/k.
    const previous = polynomial[n - k + 1];
    m = matrix.map((row, i) =>
      row.map((_, j) => row.reduce((sum, a, l) => sum + a * m[l][j], 0) + (i === j ? previous : 0)),
    );
    adjugate[n - k] = m;
    let trace = 0;
    for (let i = 0; i < n; i++) for (let l = 0; l < n; l++) trace += matrix[i][l] * m[l][i];
    polynomial[n - k] = -trace / k;
  }
  return { polynomial, adjugate };
}

/** The coefficients of det(zI − A), lowest power first, the last of them 1. */
export const characteristicPolynomial = (matrix: readonly (readonly number[])[]): number[] =>
  resolvent(matrix).polynomial;

/** Whether all roots lie strictly within the circle of a radius about 0 (Schur–Cohn recursion). */
export function rootsWithin(coefficients: readonly number[], radius: number): boolean {
  let scale = 1;
  let a = coefficients.map((c) => {
    const scaled = c * scale;
    scale *= radius;
    return scaled;
  });
  while (a.length > 1) {
    const n = a.length - 1;
    const first = a[0];
    const last = a[n];
    if (!(Math.abs(first) < Math.abs(last))) return false;
    const size = Math.abs(last);
    a = Array.from({ length: n }, (_, k) => (last * a[k + 1] - first * a[n - 1 - k]) / size);
  }
  return true;
}

/** The largest modulus of an eigenvalue of a small matrix, to about the 14th digit (8th at a double root). */
export const spectralRadius = (matrix: readonly (readonly number[])[]): number =>
  largestRoot(characteristicPolynomial(matrix));

/** The largest modulus of a root of a polynomial whose last coefficient is 1, likewise. */
export function largestRoot(polynomial: readonly number[]): number {
  const [c, b] = polynomial;
  if (polynomial.length === 2) return Math.abs(c);
  if (polynomial.length === 3) {
    const discriminant = b * b - 4 * c;
    return discriminant < 0 ? Math.sqrt(c) : (Math.abs(b) + Math.sqrt(discriminant)) / 2;
  }
  // Cauchy's bound on the roots.
  let high = 1 + Math.max(...polynomial.slice(0, -1).map(Math.abs));
  let low = 0;
  while (high - low > 2 ** -50 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (rootsWithin(polynomial, middle)) high = middle;
    else low = middle;
  }
  return high;
}
