import { checkKeys } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { isMissing } from "./cells.ts";
import type { FeatureTable } from "./dataset.ts";
import { checkText, type Delimiter, missingColumn, readTable } from "./table.ts";
import { type Classes, readClassTargets, readNumericTargets } from "./targets.ts";

/** What {@link parseFeatures} is told besides the columns. */
export interface FeaturesOptions {
  /** The name of the model's target: read if the file has it, so that predictions can be judged. */
  readonly target?: string;
  /** The model's classes, if it is a classifier: targets are then indices into these. */
  readonly classes?: Classes;
  /** Default: whichever of comma, semicolon and tab splits the first rows best. */
  readonly delimiter?: Delimiter;
}

/** Features in the model's order and, where the file has them, targets. */
export interface ParsedFeatures extends FeatureTable {
  /** Numbers, or indices into the classes (Uint32Array) if classes were given. */
  readonly targets?: Float64Array | Uint32Array;
}

/**
 * Reads what a fitted model needs from a CSV text: the given columns by name, wherever they stand in
 * the file, in the given order. Other columns are ignored. The target is optional: without its column,
 * or if that is blank in every row, `targets` is left out. Cells are read as by `parseCsv`.
 *
 * @param text - a header and at least one row
 * @param columns - the names of the model's features
 * @param options - the model's `target` and `classes`, the file's `delimiter`: see {@link FeaturesOptions}
 * @throws DataError that names the missing column, or the first problem by row, line and column
 * @throws TypeError or RangeError if the call is wrong
 *
 * @example
 * ```ts
 * import { parseFeatures } from "thalweg/data";
 * parseFeatures("b,note,a\n2,x,1\n", ["a", "b"]).features; // [1, 2]
 * ```
 *
 * Source: RFC 4180 for quoted fields.
 */
export function parseFeatures(
  text: string,
  columns: readonly string[],
  options: FeaturesOptions = {},
): ParsedFeatures {
  checkKeys("parseFeatures", options, ["target", "classes", "delimiter"]);
  const { target, classes, delimiter } = options;
  checkText("parseFeatures", text, delimiter);
  if (!Array.isArray(columns) || columns.length === 0 || !columns.every((name) => typeof name === "string")) {
    throw new TypeError(`parseFeatures: columns must be an array of column names, got ${describe(columns)}`);
  }
  if (target !== undefined && typeof target !== "string") {
    throw new TypeError(`parseFeatures: target must be the name of a column, got ${describe(target)}`);
  }
  if (classes !== undefined && (!Array.isArray(classes) || classes.length === 0)) {
    throw new TypeError(`parseFeatures: classes must be an array of labels, got ${describe(classes)}`);
  }
  const select = (header: readonly string[]) => {
    const features = columns.map((name) => {
      const column = header.indexOf(name);
      if (column < 0) throw missingColumn("column", name, header);
      return column;
    });
    const targetColumn = target === undefined ? -1 : header.indexOf(target);
    return { features, target: targetColumn < 0 ? undefined : targetColumn };
  };
  const cells = readTable(text, delimiter, select, "");
  const table = { columns: [...columns], rows: cells.rows, features: cells.features };
  let targets: ParsedFeatures["targets"];
  if (target !== undefined && cells.targets.some((cell) => cell !== undefined && !isMissing(cell))) {
    targets = classes ? readClassTargets(cells, target, classes) : readNumericTargets(cells, target, "");
  }
  cells.problems.throwIfAny();
  return targets ? { ...table, targets } : table;
}
