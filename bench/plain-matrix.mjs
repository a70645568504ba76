// Matrix products in plain JavaScript at their best: f64 arithmetic in blocks of two rows by four columns, whose sums V8
// keeps in registers, with the columns copied into a panel that is read in order.

/** A matrix of zeros whose rows and columns are padded: rows to twos, columns to fours. */
export function plainMatrix(rows, columns) {
  const height = rows + (rows & 1);
  const width = (columns + 3) & ~3;
  return { rows, columns, height, width, entries: new Float64Array(height * width) };
}

const panels = new Map();

function panelOf(depth) {
  let panel = panels.get(depth);
  if (!panel) panels.set(depth, (panel = new Float64Array(4 * depth)));
  return panel;
}

/** C ← A·B, or A·Bᵀ; of a symmetric C the blocks above the diagonal are mirrored. */
export function multiply(a, b, c, transposed = false, symmetric = false) {
  const depth = a.columns;
  const panel = panelOf(depth);
  const [ae, be, ce] = [a.entries, b.entries, c.entries];
  const [aw, bw, cw] = [a.width, b.width, c.width];
  for (let j = 0; j < c.columns; j += 4) {
    if (transposed) {
      // Rows behind the last are read from its padding.
      const last = b.height - 1;
      const [r0, r1, r2, r3] = [j, j + 1, j + 2, j + 3].map((row) => Math.min(row, last) * bw);
      for (let k = 0, p = 0; k < depth; k++, p += 4) {
        panel[p] = be[r0 + k];
        panel[p + 1] = be[r1 + k];
        panel[p + 2] = be[r2 + k];
        panel[p + 3] = be[r3 + k];
      }
    } else {
      for (let k = 0, p = 0, r = j; k < depth; k++, p += 4, r += bw) {
        panel[p] = be[r];
        panel[p + 1] = be[r + 1];
        panel[p + 2] = be[r + 2];
        panel[p + 3] = be[r + 3];
      }
    }
    for (let i = symmetric ? j : 0; i < c.height; i += 2) {
      block(panel, depth, ae, i * aw, aw, ce, i * cw + j, cw);
    }
  }
  if (symmetric) {
    for (let i = 1; i < c.rows; i++) {
      for (let j = 0; j < i; j++) ce[j * cw + i] = ce[i * cw + j];
    }
  }
}

function block(panel, depth, a, row, aWidth, c, to, cWidth) {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let t0 = 0;
  let t1 = 0;
  let t2 = 0;
  let t3 = 0;
  const next = row + aWidth;
  for (let k = 0, p = 0; k < depth; k++, p += 4) {
    const b0 = panel[p];
    const b1 = panel[p + 1];
    const b2 = panel[p + 2];
    const b3 = panel[p + 3];
    const u = a[row + k];
    const v = a[next + k];
    s0 += u * b0;
    s1 += u * b1;
    s2 += u * b2;
    s3 += u * b3;
    t0 += v * b0;
    t1 += v * b1;
    t2 += v * b2;
    t3 += v * b3;
  }
  c[to] = s0;
  c[to + 1] = s1;
  c[to + 2] = s2;
  c[to + 3] = s3;
  const below = to + cWidth;
  c[below] = t0;
  c[below + 1] = t1;
  c[below + 2] = t2;
  c[below + 3] = t3;
}

/** Copies entries, row by row, into a padded matrix. */
export function fill(a, values) {
  for (let i = 0, k = 0; i < a.rows; i++) {
    for (let j = 0, to = i * a.width; j < a.columns; j++, k++, to++) a.entries[to] = values[k];
  }
}

/** Copies the transpose of entries, row by row, into a padded matrix. */
export function fillTransposed(a, values) {
  for (let j = 0, k = 0; j < a.columns; j++) {
    for (let i = 0; i < a.rows; i++, k++) a.entries[i * a.width + j] = values[k];
  }
}
