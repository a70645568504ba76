/** A matrix in plain arithmetic, row by row: what the textbooks of whole blocks calculate with. */
export interface PlainMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly entries: Float64Array;
}

/** A matrix from its entries, row by row. */
export const matrix = (rows: number, columns: number, entries: Float64Array): PlainMatrix => ({
  rows,
  columns,
  entries,
});

/** AB. */
export function times(a: PlainMatrix, b: PlainMatrix): PlainMatrix {
  const { rows, columns: inner } = a;
  const { columns } = b;
  const entries = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) {
      const factor = a.entries[i * inner + k];
      for (let j = 0; j < columns; j++) entries[i * columns + j] += factor * b.entries[k * columns + j];
    }
  }
  return { rows, columns, entries };
}

/** Aᵀ. */
export function transposed({ rows, columns, entries }: PlainMatrix): PlainMatrix {
  const turned = new Float64Array(entries.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) turned[j * rows + i] = entries[i * columns + j];
  }
  return { rows: columns, columns: rows, entries: turned };
}

/** f of each pair of entries, and its place. */
export function combined(
  a: PlainMatrix,
  b: PlainMatrix,
  f: (a: number, b: number, row: number, column: number) => number,
): PlainMatrix {
  const entries = a.entries.map((entry, k) =>
    f(entry, b.entries[k], Math.floor(k / a.columns), k % a.columns),
  );
  return { ...a, entries };
}
