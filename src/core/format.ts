/** Integers below this are written out in full; from here on a number has an exponent. */
const largest = 1e5;
const smallest = 1e-3;

/** Groups of three digits, in the whole part of a decimal number. */
export const withSeparators = (digits: string): string =>
  digits.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ",");

/**
 * A number for people, in plain text: significant digits (default 3) without trailing zeros, thousands
 * separators, an exponent below 0.001 and from 100,000 on. Whole numbers below that keep all their digits.
 *
 * @param value - any number; ∞ and NaN are written Infinity and NaN
 * @param digits - significant digits: an integer ≥ 1, default 3
 *
 * @example
 * ```ts
 * import { formatNumber } from "thalweg/report";
 * formatNumber(1668741.3); // "1.67e6"
 * formatNumber(0.19968); // "0.2"
 * formatNumber(2508.0096); // "2,510"
 * ```
 */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value) || value === 0) return String(value + 0);
  const rounded =
    Number.isInteger(value) && Math.abs(value) < largest ? value : Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  if (size >= smallest && size < largest) return withSeparators(String(rounded));
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  return `${Number(mantissa)}e${Number(exponent)}`;
}
