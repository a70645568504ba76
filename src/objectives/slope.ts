// Gradients as data: what is written here in plain arithmetic, assembly/dynamics/slope.ts does on registers.

import { cos, sin } from "../core/scalar.ts";

/** The derivative c₀ + c₁x + c₂x² + … of a function of one variable, the last coefficient not 0. */
export interface PolynomialSlope {
  /** Says which of the forms it is. */
  readonly kind: "polynomial";
  /** c₀, c₁, …: from two to eight. */
  readonly coefficients: readonly number[];
}

/** The derivative a·sin(ωx) + c₁x + c₀ of a function of one variable. */
export interface SineSlope {
  /** Says which of the forms it is. */
  readonly kind: "sine";
  /** a, not 0. */
  readonly amplitude: number;
  /** ω > 0. */
  readonly frequency: number;
  /** c₀ and c₁. */
  readonly coefficients: readonly [number, number];
}

/** The gradient ((uv − t)v, (uv − t)u) of ½(uv − t)². */
export interface ProductSlope {
  /** Says which of the forms it is. */
  readonly kind: "product";
  /** t. */
  readonly target: number;
}

/** The gradient of a landscape as data. */
export type Slope = PolynomialSlope | SineSlope | ProductSlope;

/** The highest power that kernels know. */
export const HIGHEST_POWER = 7;

/** Coefficients that are divided by another may be so many times as large. */
const LARGEST_QUOTIENT = 2 ** 20;

/** Whether numbers keep their meaning when they are divided by another. */
export const isDivisor = (divisor: number, numbers: readonly number[]): boolean =>
  numbers.every((c) => Math.abs(c) <= LARGEST_QUOTIENT * Math.abs(divisor));

/** Whether a polynomial is taken as its leading coefficient times one that begins with 1: it saves a product. */
export const isMonic = (coefficients: readonly number[]): boolean =>
  (coefficients.length === 3 || coefficients.length === 4) && isDivisor(coefficients.at(-1)!, coefficients);

/** c₀ + c₁x + … from the highest power down. */
function horner(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) value = value * x + coefficients[k];
  return value;
}

/** c₁, 2c₂, 3c₃ … */
export const derivativeOf = (coefficients: readonly number[]): number[] =>
  coefficients.slice(1).map((c, k) => (k + 1) * c);

/** The derivative that a function of one variable has at x. */
export function slopeAt(slope: PolynomialSlope | SineSlope, x: number): number {
  const { coefficients } = slope;
  if (slope.kind === "sine") {
    const [c0, c1] = coefficients;
    return slope.amplitude * sin(slope.frequency * x) + (c1 * x + c0);
  }
  if (!isMonic(coefficients)) return horner(coefficients, x);
  const lead = coefficients[coefficients.length - 1];
  let value = 1;
  for (let k = coefficients.length - 2; k >= 0; k--) value = value * x + coefficients[k] / lead;
  return lead * value;
}

/** The second derivative that a function of one variable has at x. */
export function bendAt(slope: PolynomialSlope | SineSlope, x: number): number {
  if (slope.kind === "polynomial") return horner(derivativeOf(slope.coefficients), x);
  const { amplitude, frequency, coefficients } = slope;
  return amplitude * frequency * cos(frequency * x) + coefficients[1];
}

/** The value ∫₀ˣ of a polynomial slope. */
export const polynomialValue = (coefficients: readonly number[], x: number): number =>
  x *
  horner(
    coefficients.map((c, k) => c / (k + 1)),
    x,
  );
