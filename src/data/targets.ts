import { describe } from "../core/describe.ts";
import { isMissing, readNumber } from "./cells.ts";
import type { Cells } from "./table.ts";

/** The classes of a target, in order: numbers by value if every label is one, else strings by code unit. */
export type Classes = readonly (string | number)[];

/** Reads each target; what is wrong goes to the problems of the cells. */
function readEach(cells: Cells, target: string, read: (cell: string) => number | string): number[] {
  return cells.targets.map((cell, i) => {
    if (cell === undefined) return 0;
    const value = read(cell);
    if (typeof value === "number") return value;
    cells.problems.add(i + 1, cells.lines[i], `target ${describe(target)} ${value}`);
    return 0;
  });
}

/**
 * Targets of a regression: finite numbers.
 *
 * @param advice - ends the message about a target that is there but is not a number
 */
export function readNumericTargets(cells: Cells, target: string, advice: string): Float64Array {
  const read = (cell: string) => {
    const value = readNumber(cell);
    return typeof value === "number" || isMissing(cell) ? value : value + advice;
  };
  return Float64Array.from(readEach(cells, target, read));
}

/** Targets of a classification: the index of each label among the classes. */
export function readClassTargets(cells: Cells, target: string, classes: Classes): Uint32Array {
  const indices = new Map(classes.map((label, i) => [label, i]));
  const numeric = typeof classes[0] === "number";
  const read = (cell: string) => {
    const label = numeric ? readNumber(cell) : cell;
    const index = indices.get(label);
    if (index !== undefined) return index;
    return isMissing(cell) ? readNumber(cell) : `is ${describe(cell)}, not one of the classes`;
  };
  return Uint32Array.from(readEach(cells, target, read));
}

/** The distinct labels in order: by value if all are numbers, else by code unit. */
export function classesOf(cells: Cells): Classes {
  const labels = new Set<string>();
  for (const cell of cells.targets) if (cell !== undefined && !isMissing(cell)) labels.add(cell);
  const values = Array.from(labels, readNumber);
  const numbers = values.filter((value) => typeof value === "number");
  return numbers.length === values.length ? [...new Set(numbers)].sort((a, b) => a - b) : [...labels].sort();
}
