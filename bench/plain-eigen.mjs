// Eigenvectors of a symmetric matrix in plain JavaScript: Householder's reduction to tridiagonal form, then QL with implicit
// shifts (Parlett, "The symmetric eigenvalue problem", §7.4 and §8.12). All vectors are rows, so that every loop is of neighbours.

const dot = (a, b, from, to) => {
  let sum = 0;
  for (let k = from; k < to; k++) sum += a[k] * b[k];
  return sum;
};

/** Diagonal and off-diagonal of QᵀAQ, and Qᵀ by rows. A, by rows, is overwritten. */
function tridiagonal(a) {
  const n = a.length;
  const diagonal = new Float64Array(n);
  const off = new Float64Array(n);
  const scales = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k < n - 2; k++) {
    // Row k, from k + 1 on, becomes the reflection's vector.
    const v = a[k];
    diagonal[k] = v[k];
    const length = Math.sqrt(dot(v, v, k + 1, n));
    const first = v[k + 1];
    off[k] = first > 0 ? -length : length;
    if (length === 0) continue;
    v[k + 1] = first - off[k];
    const scale = 1 / (length * (length + Math.abs(first)));
    scales[k] = scale;
    for (let i = k + 1; i < n; i++) w[i] = scale * dot(a[i], v, k + 1, n);
    const half = (scale / 2) * dot(w, v, k + 1, n);
    for (let i = k + 1; i < n; i++) w[i] -= half * v[i];
    for (let i = k + 1; i < n; i++) {
      const row = a[i];
      const [vi, wi] = [v[i], w[i]];
      for (let j = k + 1; j < n; j++) row[j] -= vi * w[j] + wi * v[j];
    }
  }
  if (n > 1) {
    diagonal[n - 2] = a[n - 2][n - 2];
    off[n - 2] = a[n - 2][n - 1];
  }
  diagonal[n - 1] = a[n - 1][n - 1];
  const q = Array.from({ length: n }, (_, i) => {
    const row = new Float64Array(n);
    row[i] = 1;
    return row;
  });
  for (let k = n - 3; k >= 0; k--) {
    const v = a[k];
    for (let i = k + 1; i < n; i++) {
      const row = q[i];
      const factor = scales[k] * dot(row, v, k + 1, n);
      for (let j = k + 1; j < n; j++) row[j] -= factor * v[j];
    }
  }
  return { diagonal, off, q };
}

function rotate(u, w, c, s) {
  for (let k = 0; k < u.length; k++) {
    const [first, second] = [u[k], w[k]];
    w[k] = s * first + c * second;
    u[k] = c * first - s * second;
  }
}

/** Turns a tridiagonal matrix into a diagonal one, and the rows of `q` along with it. */
function implicitQl(diagonal, off, q) {
  const n = diagonal.length;
  off[n - 1] = 0;
  for (let l = 0; l < n; l++) {
    for (;;) {
      let m = l;
      while (
        m < n - 1 &&
        Math.abs(off[m]) > Number.EPSILON * (Math.abs(diagonal[m]) + Math.abs(diagonal[m + 1]))
      ) {
        m++;
      }
      if (m === l) break;
      let g = (diagonal[l + 1] - diagonal[l]) / (2 * off[l]);
      let r = Math.sqrt(g * g + 1);
      g = diagonal[m] - diagonal[l] + off[l] / (g + (g < 0 ? -r : r));
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * off[i];
        const b = c * off[i];
        r = Math.sqrt(f * f + g * g);
        off[i + 1] = r;
        if (r === 0) {
          diagonal[i + 1] -= p;
          break;
        }
        s = f / r;
        c = g / r;
        g = diagonal[i + 1] - p;
        r = (diagonal[i] - g) * s + 2 * c * b;
        p = s * r;
        diagonal[i + 1] = g + p;
        g = c * r - b;
        rotate(q[i], q[i + 1], c, s);
      }
      if (i < l) {
        diagonal[l] -= p;
        off[l] = g;
      }
      off[m] = 0;
    }
  }
}

/** Eigenvalues of a symmetric matrix, given row by row, in falling order, and the eigenvectors as rows. */
export function plainEigen(order, entries) {
  const rows = Array.from({ length: order }, (_, i) =>
    Float64Array.from(entries.subarray(i * order, (i + 1) * order)),
  );
  const { diagonal, off, q } = tridiagonal(rows);
  implicitQl(diagonal, off, q);
  const places = Array.from(diagonal, (_, i) => i).sort((i, j) => diagonal[j] - diagonal[i]);
  return { values: places.map((i) => diagonal[i]), vectors: places.map((i) => q[i]) };
}
