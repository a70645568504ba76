/** JSON has no ∞ and no NaN: they are written as the strings "Infinity", "-Infinity" and "NaN". */
export function toJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_, entry: unknown) => {
      if (typeof entry === "number" && !Number.isFinite(entry)) return String(entry);
      if (ArrayBuffer.isView(entry)) return Array.from(entry as unknown as ArrayLike<number>);
      return entry;
    },
    2,
  );
}

/** Lines of two or more columns, the first flush left, each as wide as its widest entry. */
export function columnsOf(rows: readonly (readonly string[])[], indent = "  "): string {
  const width = (j: number) => Math.max(...rows.map((row) => [...(row[j] ?? "")].length));
  const widths = rows[0]?.map((_, j) => width(j)) ?? [];
  return rows
    .map((row) =>
      (indent + row.map((cell, j) => cell + " ".repeat(widths[j] - [...cell].length)).join("  ")).trimEnd(),
    )
    .join("\n");
}
