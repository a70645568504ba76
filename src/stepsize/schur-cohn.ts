/**
 * The coefficients of det(zI − A), lowest power first, the last of them 1 (Faddeev–LeVerrier).
 * Meant for the few rows that a rule has on one mode.
 */
export function characteristicPolynomial(matrix: readonly (readonly number[])[]): number[] {
  const n = matrix.length;
  const coefficients = new Array<number>(n + 1).fill(0);
  coefficients[n] = 1;
  let m = matrix.map((row) => row.map(() => 0));
  for (let k = 1; k <= n; k++) {
    // M ← A·M + c·I, the next coefficient is −trace(A·M)/k.
    const previous = coefficients[n - k + 1];
    m = matrix.map((row, i) =>
      row.map((_, j) => row.reduce((sum, a, l) => sum + a * m[l][j], 0) + (i === j ? previous : 0)),
    );
    let trace = 0;
    for (let i = 0; i < n; i++) for (let l = 0; l < n; l++) trace += matrix[i][l] * m[l][i];
    coefficients[n - k] = -trace / k;
  }
  return coefficients;
}

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
export function spectralRadius(matrix: readonly (readonly number[])[]): number {
  const polynomial = characteristicPolynomial(matrix);
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
