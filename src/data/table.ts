import Papa from "papaparse";
import { describe, nearest } from "../core/describe.ts";
import { readNumber } from "./cells.ts";
import { DataError, Problems } from "./data-error.ts";

/** What separates the fields of a row. */
export type Delimiter = "," | ";" | "\t";

export const delimiters: readonly Delimiter[] = [",", ";", "\t"];

const LISTED = 20;
const SAMPLED_ROWS = 10;

/** Throws unless the text is a string and the delimiter, where given, is one that is read. */
export function checkText(owner: string, text: unknown, delimiter: unknown): void {
  if (typeof text !== "string") throw new TypeError(`${owner}: text must be a string, got ${describe(text)}`);
  if (delimiter !== undefined && !delimiters.includes(delimiter as Delimiter)) {
    throw new RangeError(`${owner}: delimiter must be ",", ";" or a tab, got ${describe(delimiter)}`);
  }
}

/** The error about a column that was asked for by name and is not in the header. */
export function missingColumn(what: string, name: string, header: readonly string[]): DataError {
  // Any two names of a letter or two are near each other.
  const near = name.length > 2 ? nearest(name, header) : undefined;
  const hint = near === undefined ? "." : `; did you mean ${describe(near)}?`;
  // The last is often the target.
  const listed =
    header.length > LISTED
      ? `${header.slice(0, LISTED).join(", ")} and ${header.length - LISTED} more, the last ${header.at(-1)}`
      : header.join(", ");
  return new DataError(`there is no ${what} ${describe(name)}${hint} The columns are ${listed}`);
}

function checkHeader(header: readonly string[]): void {
  const positions = new Map<string, number>();
  header.forEach((name, i) => {
    if (name === "") throw new DataError(`the header has no name for column ${i + 1} of ${header.length}`);
    const before = positions.get(name);
    if (before !== undefined) {
      throw new DataError(`the header names ${describe(name)} twice, in columns ${before + 1} and ${i + 1}`);
    }
    positions.set(name, i);
  });
}

/**
 * The delimiter that leaves no quotes broken in the first rows, gives the rows the most even number of
 * fields, and gives the header the most; a comma if none splits the header.
 */
function detectDelimiter(text: string, newline: "\n" | "\r"): Delimiter {
  let best: Delimiter = ",";
  let bestScore = [Infinity, 0, 0];
  for (const delimiter of delimiters) {
    const { data, errors } = Papa.parse<string[]>(text, { delimiter, newline, preview: SAMPLED_ROWS });
    const [header, ...rows] = data.filter((fields) => fields.length > 1 || fields[0].trim() !== "");
    if (header === undefined || header.length < 2) continue;
    const uneven = rows.reduce((sum, fields) => sum + Math.abs(fields.length - header.length), 0);
    const score = [errors.length, uneven, -header.length];
    const differs = score.findIndex((value, i) => value !== bestScore[i]);
    if (differs >= 0 && score[differs] < bestScore[differs]) {
      best = delimiter;
      bestScore = score;
    }
  }
  return best;
}

/** Feeds every record of a CSV text to `record`, with the line on which it starts. */
function eachRecord(
  text: string,
  delimiter: Delimiter | undefined,
  record: (fields: string[], line: number, quotesBroken: boolean) => void,
): void {
  // A carriage return before the line feed is white space at the end of the last field.
  const newline = text.includes("\n") ? "\n" : "\r";
  let line = 1;
  Papa.parse<string[]>(text, {
    delimiter: delimiter ?? detectDelimiter(text, newline),
    newline,
    step({ data, errors }) {
      record(data, line, errors.length > 0);
      line++;
      for (const field of data) {
        for (let at = field.indexOf(newline); at >= 0; at = field.indexOf(newline, at + 1)) line++;
      }
    },
  });
}

/** Which columns of a file are wanted, by their places in the header. */
export interface Selection {
  readonly features: readonly number[];
  readonly target?: number;
}

/** The wanted cells of a file: features as numbers, targets as trimmed text. */
export interface Cells {
  readonly rows: number;
  /** Row-major. */
  readonly features: Float64Array;
  /** Undefined in a row of the wrong shape. */
  readonly targets: readonly (string | undefined)[];
  /** The line on which each row starts. */
  readonly lines: readonly number[];
  /** What is wrong with the features and the shape of the rows; not thrown yet. */
  readonly problems: Problems;
}

/**
 * Reads the header, lets `select` choose columns, and reads those. Lines without anything on them
 * are skipped, but in a file of one column, such a line between rows is a missing value.
 *
 * @param advice - ends the message about a feature that is not a number
 */
export function readTable(
  text: string,
  delimiter: Delimiter | undefined,
  select: (header: readonly string[]) => Selection,
  advice: string,
): Cells {
  const features: number[] = [];
  const targets: (string | undefined)[] = [];
  const lines: number[] = [];
  const problems = new Problems();
  let header: readonly string[] | undefined;
  let selection: Selection = { features: [] };
  let blankLines: number[] = [];

  const readRow = (fields: readonly string[], line: number, names: readonly string[]) => {
    lines.push(line);
    const row = lines.length;
    if (fields.length !== names.length) {
      const found = `${fields.length} ${fields.length === 1 ? "field" : "fields"}`;
      problems.add(row, line, `has ${found}, but the header names ${names.length}`);
      targets.push(undefined);
      return;
    }
    for (const column of selection.features) {
      const value = readNumber(fields[column].trim());
      if (typeof value === "number") features.push(value);
      else problems.add(row, line, `column ${describe(names[column])} ${value}${advice}`);
    }
    if (selection.target !== undefined) targets.push(fields[selection.target].trim());
  };

  eachRecord(text, delimiter, (fields, line, quotesBroken) => {
    if (quotesBroken) {
      const where = header === undefined ? "the header" : `row ${lines.length + 1}`;
      throw new DataError(
        `${where} (line ${line}): a quoted field is not closed, or goes on after its quote`,
      );
    }
    if (fields.length === 1 && fields[0].trim() === "") {
      if (header?.length === 1) blankLines.push(line);
      return;
    }
    if (header === undefined) {
      header = fields.map((name) => name.trim());
      checkHeader(header);
      selection = select(header);
      return;
    }
    for (const blank of blankLines) readRow([""], blank, header);
    blankLines = [];
    readRow(fields, line, header);
  });

  if (header === undefined) throw new DataError("the text is empty: expected a header and rows of data");
  if (lines.length === 0) throw new DataError("there are no rows of data below the header");
  return { rows: lines.length, features: Float64Array.from(features), targets, lines, problems };
}
