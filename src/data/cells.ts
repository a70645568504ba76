import { describe } from "../core/describe.ts";

const missing = new Set([
  "",
  "?",
  "NA",
  "na",
  "N/A",
  "n/a",
  "#N/A",
  "<NA>",
  "NaN",
  "NAN",
  "nan",
  "NULL",
  "Null",
  "null",
]);
const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const infinite = /^[+-]?inf(inity)?$/i;
const decimalComma = /^[+-]?\d+(,\d+)+$/;

/** Whether a trimmed cell says that there is no value. */
export const isMissing = (cell: string): boolean => missing.has(cell);

/**
 * The finite number that a trimmed cell holds, with the value of `Number(cell)`, or a phrase that
 * says what is wrong with it. Only decimal notation counts: no 0x10, no 1,5, no 1_000.
 */
export function readNumber(cell: string): number | string {
  if (missing.has(cell)) return cell === "" ? "has no value" : `has no value (${describe(cell)})`;
  if (decimal.test(cell)) {
    const value = Number(cell);
    return Number.isFinite(value) ? value : `is ${describe(cell)}, too large for a number`;
  }
  if (infinite.test(cell)) return `is ${describe(cell)}, not finite`;
  if (decimalComma.test(cell)) return `is ${describe(cell)}, not a number (write a decimal point, no commas)`;
  return `is ${describe(cell)}, not a number`;
}
