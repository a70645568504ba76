// Derivatives by central differences. Steps are powers of two, so that x ± h and the division by
// 2h are exact wherever the format allows it, and a quadratic's differences are too.

import { machineEpsilon } from "../core/precision.ts";

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);
const EXPONENT = 0x7ff00000;

/** The largest power of two ≤ x, for positive x; 2⁻¹⁰²² for what is smaller. */
export function powerOfTwoBelow(x: number): number {
  bits[0] = Math.max(x, 2 ** -1022);
  words[0] = 0;
  words[1] &= EXPONENT;
  return bits[0];
}

/** The size that steps are relative to: a power of two near `magnitude`, at least 1. */
export function stepScale(magnitude: number): number {
  return magnitude >= 1 && magnitude < Infinity ? powerOfTwoBelow(magnitude) : 1;
}

/** Step of a first difference: near ∛ε, where truncation h² and rounding ε/h balance. */
export const FIRST_STEP = 2 ** -17;
/** Step of a second difference of values: near ⁴√ε, where h² and ε/h² balance. */
export const SECOND_STEP = 2 ** -13;

/** √Σ xᵢ². */
export function euclideanNorm(x: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < x.length; i++) squares += x[i] * x[i];
  return Math.sqrt(squares);
}

/** Writes (f(x + hᵢeᵢ) − f(x − hᵢeᵢ)) / 2hᵢ to `g`; x is moved and put back, also when f throws. */
export function centralGradient(
  f: (x: Float64Array) => number,
  x: Float64Array,
  steps: Float64Array,
  g: { [index: number]: number },
): void {
  for (let i = 0; i < x.length; i++) {
    const middle = x[i];
    try {
      x[i] = middle + steps[i];
      const right = x[i];
      const above = f(x);
      x[i] = middle - steps[i];
      g[i] = (above - f(x)) / (right - x[i]);
    } finally {
      x[i] = middle;
    }
  }
}

const WIDEST = 2 ** -4;
/** Halvings go on to 2⁻¹³, however large x is, but not beyond 2⁻³⁰ of it, where x ± h loses digits. */
const NARROWEST = 2 ** -13;
const NARROWEST_RELATIVE = 2 ** -30;
/** Extrapolating further than to h¹⁶ gains nothing. */
const HIGHEST_ORDER = 7;

/**
 * A derivative by central differences at steps that halve from scale/16 on, extrapolated to step 0
 * (Ridders 1982); each component keeps the entry of the tableau whose neighbours agree best with it.
 *
 * @param difference - writes the central difference of step h, and returns the largest magnitude of
 * what it subtracted, for the rounding
 * @returns the derivative (NaN where no two differences are finite), and what each component may be off
 */
export function extrapolate(
  count: number,
  scale: number,
  difference: (h: number, out: Float64Array) => number,
): { readonly value: Float64Array; readonly uncertainty: Float64Array } {
  const value = new Float64Array(count).fill(Number.NaN);
  const uncertainty = new Float64Array(count).fill(Infinity);
  let previous: Float64Array[] = [];
  const least = Math.max(NARROWEST_RELATIVE * scale, Math.min(scale, 1) * NARROWEST);
  for (let h = WIDEST * scale; h >= least; h /= 2) {
    const row = [new Float64Array(count)];
    // Several roundings a function value, divided by the step as the difference was.
    const rounding = (16 * machineEpsilon.f64 * difference(h, row[0])) / h;
    for (let order = 1; order <= Math.min(previous.length, HIGHEST_ORDER); order++) {
      const factor = 4 ** order - 1;
      row.push(row[order - 1].map((fine, i) => fine + (fine - previous[order - 1][i]) / factor));
      for (let i = 0; i < count; i++) {
        const own = Math.abs(row[order][i] - row[order - 1][i]);
        const other = Math.abs(row[order][i] - previous[order - 1][i]);
        const doubt = 2 * Math.max(own, other) + rounding;
        if (doubt < uncertainty[i]) {
          uncertainty[i] = doubt;
          value[i] = row[order][i];
        }
      }
    }
    previous = row;
  }
  return { value, uncertainty };
}
