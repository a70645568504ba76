import { type ForeignArray, isForeignArray, readList } from "../core/array-input.ts";
import { describe } from "../core/describe.ts";
import { checkLength } from "./features.ts";

/** What names a class: labels of one data set are all numbers, all strings, or all booleans. */
export type Label = number | string | boolean;

/** Labels, one a row: an array, or what converts to one. */
export type Labels = ArrayLike<Label> | ForeignArray;

/** Sorted classes, and each row's index into them. */
export interface Classes {
  readonly classes: readonly Label[];
  readonly indices: Uint32Array;
}

// Strings by code unit and not by locale: the order of classes must be the same on every machine.
function compare(a: Label, b: Label): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function checkLabel(owner: string, label: unknown, kind: string, where: string): asserts label is Label {
  if (typeof label === "number" ? Number.isNaN(label) : !["string", "boolean"].includes(typeof label)) {
    throw new TypeError(
      `${owner}: labels must be numbers, strings or booleans, got ${describe(label)} ${where}`,
    );
  }
  if (typeof label !== kind) {
    throw new TypeError(
      `${owner}: labels must be of one kind, got ${describe(label)} ${where} after a ${kind}`,
    );
  }
}

/**
 * Checks one label a row and numbers the classes in sorted order (numbers by value, strings by code
 * unit, false before true).
 *
 * @param given - the classes there are, if known beforehand; they may include some that no row has
 */
export function readLabels(owner: string, input: unknown, rows: number, given?: unknown): Classes {
  const labels = isForeignArray(input) ? readList(owner, "labels", input) : input;
  checkLength(owner, "labels", labels, rows);
  const kind = typeof labels[0];
  for (let i = 0; i < rows; i++) checkLabel(owner, labels[i], kind, `in row ${i}`);
  const values = labels as ArrayLike<Label>;
  const distinct = new Set(given === undefined ? Array.from(values) : readClasses(owner, given, kind));
  const classes = [...distinct].sort(compare);
  const index = new Map(classes.map((label, i) => [label, i]));
  const indices = new Uint32Array(rows);
  for (let i = 0; i < rows; i++) {
    const found = index.get(values[i]);
    if (found === undefined) {
      throw new RangeError(
        `${owner}: row ${i} has the label ${describe(values[i])}, which is not in classes`,
      );
    }
    indices[i] = found;
  }
  return { classes: Object.freeze(classes), indices };
}

function readClasses(owner: string, given: unknown, kind: string): Label[] {
  const list = Array.from(readList(owner, "classes", given));
  list.forEach((label, i) => {
    checkLabel(owner, label, kind, `in classes[${i}]`);
  });
  if (new Set(list).size !== list.length) {
    throw new RangeError(`${owner}: classes must be distinct, got ${list.map(describe).join(", ")}`);
  }
  return list as Label[];
}
