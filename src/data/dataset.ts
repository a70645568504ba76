import { checkKeys } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { DataError } from "./data-error.ts";
import { checkText, type Delimiter, missingColumn, readTable, type Selection } from "./table.ts";
import { type Classes, classesOf, readClassTargets, readNumericTargets } from "./targets.ts";

/** Rows of finite numbers under named columns. */
export interface FeatureTable {
  /** The features' names, in the order of a row. */
  readonly columns: readonly string[];
  /** The number of rows. */
  readonly rows: number;
  /** Row-major: feature j of row i is `features[i * columns.length + j]`. */
  readonly features: Float64Array;
}

/** Features and, for each row, the number to be predicted. */
export interface RegressionDataset extends FeatureTable {
  /** That the target is a number. */
  readonly task: "regression";
  /** The name of the target's column. */
  readonly target: string;
  /** For each row, the number to be predicted. */
  readonly targets: Float64Array;
}

/** Features and, for each row, the class to be predicted. */
export interface ClassificationDataset extends FeatureTable {
  /** That the target is one of several classes. */
  readonly task: "classification";
  /** The name of the target's column. */
  readonly target: string;
  /** For each row, an index into `classes`. */
  readonly targets: Uint32Array;
  /** In order: numbers by value if every label is a number, else strings by code unit. */
  readonly classes: Classes;
}

/** What {@link parseCsv} reads: told apart by `task`. */
export type Dataset = RegressionDataset | ClassificationDataset;

/** What {@link parseCsv} is told about a file. */
export interface CsvOptions {
  /** The name of the column to be predicted. */
  readonly target: string;
  /** Whether the target is a number or one of several classes. */
  readonly task: "regression" | "classification";
  /** Columns that are neither features nor target, such as row numbers or text. Default none. */
  readonly exclude?: readonly string[];
  /** Default: whichever of comma, semicolon and tab splits the first rows best. */
  readonly delimiter?: Delimiter;
}

const LEAST_ROWS = 2;

function checkOptions(options: CsvOptions): void {
  checkKeys("parseCsv", options, ["target", "task", "exclude", "delimiter"]);
  const { target, task, exclude = [] } = options;
  if (typeof target !== "string") {
    throw new TypeError(`parseCsv: target must be the name of a column, got ${describe(target)}`);
  }
  if (task !== "regression" && task !== "classification") {
    throw new RangeError(`parseCsv: task must be "regression" or "classification", got ${describe(task)}`);
  }
  if (!Array.isArray(exclude) || !exclude.every((name) => typeof name === "string")) {
    throw new TypeError(`parseCsv: exclude must be an array of column names, got ${describe(exclude)}`);
  }
  if (exclude.includes(target)) {
    throw new RangeError(`parseCsv: exclude must not name the target ${describe(target)}`);
  }
}

function select(header: readonly string[], target: string, exclude: readonly string[]): Selection {
  const targetColumn = header.indexOf(target);
  if (targetColumn < 0) throw missingColumn("target", target, header);
  for (const name of exclude) {
    if (!header.includes(name)) throw missingColumn("column to exclude", name, header);
  }
  const excluded = new Set(exclude);
  const features = [...header.keys()].filter((i) => i !== targetColumn && !excluded.has(header[i]));
  if (features.length === 0) {
    throw new DataError(`there is no feature column left beside the target ${describe(target)}`);
  }
  return { features, target: targetColumn };
}

/**
 * Reads a CSV text with a header into features and targets. Cells are trimmed; every feature must be
 * a finite number in decimal notation, and no cell may be missing (empty, NA, NaN, null, ? …).
 * Quoted fields, a byte order mark, either line end and blank lines are understood.
 *
 * @param text - a header and at least two rows
 * @param options - the `target`, the `task`, and what to leave out: see {@link CsvOptions}
 * @returns for n rows and d features: `features`, n × d row-major, and `targets`, n numbers or indices into `classes`
 * @throws DataError that names the first problem by row, line and column, and says how many follow
 * @throws TypeError or RangeError if the options are wrong
 *
 * @example
 * ```ts
 * import { parseCsv } from "thalweg/data";
 * const text = "length,width,species\n5.1,3.5,setosa\n7.0,3.2,versicolor\n6.3,3.3,virginica\n";
 * const cells = parseCsv(text, { target: "species", task: "classification" });
 * cells.columns; // ["length", "width"]
 * cells.features; // [5.1, 3.5, 7, 3.2, 6.3, 3.3]
 * cells.classes; // ["setosa", "versicolor", "virginica"]
 * cells.targets; // [0, 1, 2]
 * ```
 *
 * Source: RFC 4180 for quoted fields.
 */
export function parseCsv(
  text: string,
  options: CsvOptions & { readonly task: "regression" },
): RegressionDataset;
export function parseCsv(
  text: string,
  options: CsvOptions & { readonly task: "classification" },
): ClassificationDataset;
export function parseCsv(text: string, options: CsvOptions): Dataset;
export function parseCsv(text: string, options: CsvOptions): Dataset {
  checkOptions(options);
  const { target, task, exclude = [], delimiter } = options;
  checkText("parseCsv", text, delimiter);
  let columns: readonly string[] = [];
  const cells = readTable(
    text,
    delimiter,
    (header) => {
      const selection = select(header, target, exclude);
      columns = selection.features.map((i) => header[i]);
      return selection;
    },
    "; drop the row or exclude the column",
  );
  const { rows, features } = cells;
  const table = { columns, rows, features, target };
  let dataset: Dataset;
  if (task === "regression") {
    const advice = '; labels are for task: "classification"';
    dataset = { ...table, task, targets: readNumericTargets(cells, target, advice) };
  } else {
    const classes = classesOf(cells);
    dataset = { ...table, task, targets: readClassTargets(cells, target, classes), classes };
  }
  cells.problems.throwIfAny();
  if (rows < LEAST_ROWS)
    throw new DataError(`there is only ${rows} row of data; at least ${LEAST_ROWS} are needed`);
  if (dataset.task === "classification" && dataset.classes.length === 1) {
    throw new DataError(
      `target ${describe(target)} has only one class, ${describe(dataset.classes[0])}; at least 2 are needed`,
    );
  }
  return dataset;
}
