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

/** Letters that take two columns of a terminal. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u;

/** The columns of a terminal that a text takes. */
function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) width += wide.test(letter) ? 2 : 1;
  return width;
}

const LONGEST_NAME = 40;

/** A column's name as a table or a sentence shows it: its beginning, where it is long. */
export const shortName = (name: string): string =>
  [...name].length > LONGEST_NAME ? `${[...name].slice(0, LONGEST_NAME - 1).join("")}…` : name;

/** How a table is laid out. */
export interface TableLayout {
  readonly indent?: string;
  /** Columns that are set flush right, by index; the others are set flush left. */
  readonly right?: readonly number[];
}

/** A table: columns as wide as their widest entry. */
export function columnsOf(
  rows: readonly (readonly string[])[],
  { indent = "  ", right = [] }: TableLayout = {},
): string {
  const widths = (rows[0] ?? []).map((_, j) => Math.max(...rows.map((row) => widthOf(row[j] ?? ""))));
  const cellOf = (cell: string, j: number) => {
    const space = " ".repeat(widths[j] - widthOf(cell));
    return right.includes(j) ? space + cell : cell + space;
  };
  return rows.map((row) => (indent + row.map(cellOf).join("  ")).trimEnd()).join("\n");
}

/** Breaks sentences into lines of at most `width` columns. */
export function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/[ \n]+/)) {
    if (line !== "" && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}
