import { formatNumber, withSeparators } from "../core/format.ts";

export { formatNumber };

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * A factor per step in plain text: near 1, where digits say nothing, its distance from 1.
 *
 * @param value - any number
 * @param digits - significant digits: an integer ≥ 1, default 3
 *
 * @example
 * ```ts
 * import { formatFactor } from "thalweg/report";
 * formatFactor(0.98); // "0.98"
 * formatFactor(0.99999999999917); // "1 - 8.3e-13"
 * ```
 */
export function formatFactor(value: number, digits = 3): string {
  const gap = value - 1;
  if (gap === 0 || !(Math.abs(gap) < 0.01)) return formatNumber(value, digits);
  return `1 ${gap < 0 ? "-" : "+"} ${formatNumber(Math.abs(gap), digits)}`;
}

/**
 * A count in plain text: rounded to a whole number, with thousands separators.
 *
 * @param count - any number; ∞ and NaN are written Infinity and NaN
 *
 * @example
 * ```ts
 * import { formatCount } from "thalweg/report";
 * formatCount(1234567); // "1,234,567"
 * ```
 */
export const formatCount = (count: number): string =>
  Number.isFinite(count) ? withSeparators(String(Math.round(count) + 0)) : String(count);

/**
 * A count with its noun.
 *
 * @param count - any number, written as by {@link formatCount}
 * @param one - the noun for exactly 1
 * @param many - the noun for every other count, default `one` with an s
 *
 * @example
 * ```ts
 * import { formatPlural } from "thalweg/report";
 * formatPlural(1, "step"); // "1 step"
 * formatPlural(2000, "entry", "entries"); // "2,000 entries"
 * ```
 */
export const formatPlural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/**
 * A share of 1 as a percentage with three digits; what is there but below 0.1% says so.
 *
 * @param share - usually in [0, 1]
 *
 * @example
 * ```ts
 * import { formatPercent } from "thalweg/report";
 * formatPercent(0.97); // "97%"
 * formatPercent(0.0002); // "<0.1%"
 * ```
 */
export function formatPercent(share: number): string {
  if (share > 0 && share < 0.001) return "<0.1%";
  return `${formatNumber(Number((share * 100).toPrecision(3)))}%`;
}

/** A power of ten in Unicode: 10⁻³. */
export const typesetPower = (exponent: number): string =>
  `10${exponent < 0 ? "⁻" : ""}${[...String(Math.abs(exponent))].map((digit) => superscripts[Number(digit)]).join("")}`;

/**
 * Turns the numbers of a plain text into typeset ones, in Unicode: `1.67e6` becomes 1.67 × 10⁶, a hyphen
 * that means minus becomes −, Infinity becomes ∞, NaN becomes an en dash (there is no value).
 *
 * @param text - with numbers as {@link formatNumber} writes them
 *
 * @example
 * ```ts
 * import { typeset } from "thalweg/report";
 * typeset("from -3 to 1e-6"); // "from −3 to 10⁻⁶"
 * ```
 */
export const typeset = (text: string): string =>
  text
    .replace(
      /(?<![\w.])(-?)(\d[\d,]*(?:\.\d+)?)e([+-]?\d+)\b/g,
      (_, sign: string, mantissa: string, exponent: string) =>
        `${sign}${mantissa === "1" ? "" : `${mantissa}\u00a0×\u00a0`}${typesetPower(Number(exponent))}`,
    )
    .replace(/(?<![^\s(=])-(?=\s?(?:[\d.]|Infinity))/g, "−")
    .replace(/\bInfinity\b/g, "∞")
    .replace(/\bNaN\b/g, "–");

/**
 * A number as {@link formatNumber} writes it, typeset.
 *
 * @param value - any number
 * @param digits - significant digits: an integer ≥ 1, default 3
 *
 * @example
 * ```ts
 * import { typesetNumber } from "thalweg/report";
 * typesetNumber(1e-6); // "10⁻⁶"
 * typesetNumber(Infinity); // "∞"
 * ```
 */
export const typesetNumber = (value: number, digits = 3): string => typeset(formatNumber(value, digits));
