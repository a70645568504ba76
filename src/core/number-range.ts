import { checkCount, checkKeys, checkNumber } from "./check.ts";

/** Numbers in equal steps. */
export interface NumberRange {
  /** The first: finite. */
  readonly from: number;
  /** The last: finite. */
  readonly to: number;
  /** How many: an integer ≥ 2. */
  readonly count: number;
}

/** The numbers of a range, both ends exactly as they are given. */
export const numbersOf = ({ from, to, count }: NumberRange): Float64Array =>
  Float64Array.from({ length: count }, (_, i) =>
    i === count - 1 ? to : from + ((to - from) * i) / (count - 1),
  );

/** Whether a value is meant as a range: a plain object with one of its ends, not an array of some library. */
export const isRange = (value: unknown): value is NumberRange =>
  typeof value === "object" &&
  value !== null &&
  Object.getPrototypeOf(value) === Object.prototype &&
  ("from" in value || "to" in value);

/** Reads a range. Throws a TypeError or RangeError naming what is wrong. */
export function readRange(owner: string, name: string, range: NumberRange): Float64Array {
  checkKeys(`${owner}: ${name}`, range, ["from", "to", "count"]);
  for (const end of ["from", "to"] as const) {
    checkNumber(owner, `${name}.${end}`, range[end], "(−∞, ∞)", Number.isFinite);
  }
  if (range.count === undefined) throw new TypeError(`${owner}: ${name}.count is needed: how many numbers`);
  checkCount(owner, `${name}.count`, range.count, 2);
  return numbersOf(range);
}
