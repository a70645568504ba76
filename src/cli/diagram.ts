/** What thalweg bifurcation found. */
export interface Diagram {
  /** The map as people write it. */
  readonly name: string;
  readonly rule: string;
  readonly landscape: string;
  readonly start: number;
  readonly burnIn: number;
  readonly keep: number;
  readonly rates: Float64Array;
  readonly periods: Int32Array;
  readonly exponents: Float64Array;
  readonly escapes: Int32Array;
  /** `keep` points a rate. */
  readonly values: ArrayLike<number>;
  readonly doublings: readonly { readonly rate: number; readonly period: number }[];
  /** Where doublings pile up, NaN where there are too few to tell. */
  readonly onset: number;
  readonly delta: number;
  /** By how much the last doubling moved the two. */
  readonly moved: { readonly delta: number; readonly onset: number };
  /** Why there are no more doublings, where there are fewer than were looked for. */
  readonly end?: string;
}
