import { exp } from "../core/scalar.ts";
import type { Slope } from "./slope.ts";
import type { UserProblem } from "./user.ts";

/** What the landscapes read: any array of numbers. */
export type Point = ArrayLike<number>;
/** What they write to. */
export type Target = { [index: number]: number };

/** A test function with exact derivatives, the usual start, and its minimum. */
export interface Landscape extends UserProblem {
  /** Its name in this package. */
  readonly name: string;
  /** The number of parameters. */
  readonly dimension: number;
  /** The value at x. */
  value(x: Point): number;
  /** Writes the gradient at x into g. */
  gradient(x: Point, g: Target): void;
  /** Writes the Hessian at x times v into product. */
  hessianVectorProduct(x: Point, v: Point, product: Target): void;
  /** Where runs usually start. */
  readonly start: readonly number[];
  /** A global minimum; left out where the function is unbounded below, or has many. */
  readonly minimum?: { readonly x: readonly number[]; readonly value: number };
  /** Its gradient as data, where the core sweeps along it: see {@link optimizerMap}. */
  readonly slope?: Slope;
}

/**
 * Rosenbrock's valley (1 − x)² + 100(y − x²)²: a curved floor between steep walls. At the minimum
 * (1, 1) the curvatures are 0.39936 and 1001.6.
 *
 * @example
 * ```ts
 * import { adam, curvature, minimize, rosenbrock } from "thalweg";
 * curvature(rosenbrock, { at: [1, 1] }).conditionNumber; // ≈ 2508.01
 * minimize(rosenbrock, { rule: adam({ learningRate: 0.02 }), start: rosenbrock.start }).x; // ≈ [1, 1]
 * ```
 *
 * Source: Rosenbrock, "An automatic method for finding the greatest or least value of a function",
 * The Computer Journal 3, 1960.
 */
export const rosenbrock: Landscape = Object.freeze({
  name: "rosenbrock",
  dimension: 2,
  start: [-1.2, 1],
  minimum: { x: [1, 1], value: 0 },
  value(x: Point) {
    const a = 1 - x[0];
    const b = x[1] - x[0] * x[0];
    return a * a + 100 * b * b;
  },
  gradient(x: Point, g: Target) {
    const b = x[1] - x[0] * x[0];
    g[0] = -2 * (1 - x[0]) - 400 * x[0] * b;
    g[1] = 200 * b;
  },
  hessianVectorProduct(x: Point, v: Point, product: Target) {
    const mixed = -400 * x[0];
    product[0] = (2 - 400 * (x[1] - 3 * x[0] * x[0])) * v[0] + mixed * v[1];
    product[1] = mixed * v[0] + 200 * v[1];
  },
});

/**
 * Beale's function Σ (cᵢ − x(1 − yⁱ))², c = (1.5, 2.25, 2.625): flat plains, a sharp corner, and the
 * minimum 0 at (3, ½).
 *
 * @example
 * ```ts
 * import { adam, beale, minimize } from "thalweg";
 * minimize(beale, { rule: adam({ learningRate: 0.02 }), start: beale.start }).x; // ≈ [3, 0.5]
 * ```
 *
 * Source: Moré, Garbow, Hillstrom, "Testing unconstrained optimization software", ACM TOMS 7, 1981,
 * problem 5.
 */
export const beale: Landscape = Object.freeze({
  name: "beale",
  dimension: 2,
  start: [1, 1],
  minimum: { x: [3, 0.5], value: 0 },
  value(x: Point) {
    let value = 0;
    for (const { r } of bealeTerms(x)) value += r * r;
    return value;
  },
  gradient(x: Point, g: Target) {
    g[0] = 0;
    g[1] = 0;
    for (const { r, byX, byY } of bealeTerms(x)) {
      g[0] += 2 * r * byX;
      g[1] += 2 * r * byY;
    }
  },
  hessianVectorProduct(x: Point, v: Point, product: Target) {
    product[0] = 0;
    product[1] = 0;
    for (const { r, byX, byY, slope, bend } of bealeTerms(x)) {
      const along = 2 * (byX * v[0] + byY * v[1]);
      product[0] += byX * along + 2 * r * slope * v[1];
      product[1] += byY * along + 2 * r * (slope * v[0] + x[0] * bend * v[1]);
    }
  },
});

/** Beale's residuals cᵢ − x + xyⁱ with their derivatives; slope and bend are those of yⁱ. */
function bealeTerms(point: Point) {
  const x = point[0];
  const y = point[1];
  const term = (c: number, power: number, slope: number, bend: number) => ({
    r: c - x + x * power,
    byX: power - 1,
    byY: x * slope,
    slope,
    bend,
  });
  return [term(1.5, y, 1, 0), term(2.25, y * y, 2 * y, 2), term(2.625, y * y * y, 3 * y * y, 6 * y)];
}

const DEPTH = 1;
const WIDTH = 0.1;
const SLOPE = 0.01;

/**
 * A wide plateau with a narrow deep basin at the origin: 0.01(√(1 + r²) − 1) − exp(−r²/0.1²), r = ‖x‖.
 *
 * On the plateau the slope is at most 0.01, in the basin the curvature reaches 200.01. A learning
 * rate below the basin's limit 2/200.01 ≈ 0.01 moves less than 10⁻⁴ a step on the plateau; one that
 * crosses the plateau is thrown out of the basin.
 *
 * @example
 * ```ts
 * import { curvature, gradientDescent, minimize, plateauBasin } from "thalweg";
 * const { start } = plateauBasin;
 * curvature(plateauBasin, { at: [0, 0] }).speedLimit; // ≈ 0.01
 * const careful = gradientDescent({ learningRate: 0.009 });
 * minimize(plateauBasin, { rule: careful, start }).converged; // false
 * ```
 */
export const plateauBasin: Landscape = Object.freeze({
  name: "plateauBasin",
  dimension: 2,
  start: [3, 2],
  minimum: { x: [0, 0], value: -DEPTH },
  value(x: Point) {
    const square = x[0] * x[0] + x[1] * x[1];
    return SLOPE * (Math.sqrt(1 + square) - 1) - DEPTH * exp(-square / (WIDTH * WIDTH));
  },
  gradient(x: Point, g: Target) {
    const { factor } = plateauBasinTerms(x);
    g[0] = factor * x[0];
    g[1] = factor * x[1];
  },
  hessianVectorProduct(x: Point, v: Point, product: Target) {
    const { factor, bend } = plateauBasinTerms(x);
    const along = bend * (x[0] * v[0] + x[1] * v[1]);
    product[0] = factor * v[0] + along * x[0];
    product[1] = factor * v[1] + along * x[1];
  },
});

/** The gradient is factor·x, the Hessian factor·I + bend·xxᵀ. */
function plateauBasinTerms(x: Point): { factor: number; bend: number } {
  const square = x[0] * x[0] + x[1] * x[1];
  const root = Math.sqrt(1 + square);
  const sharpness = 2 / (WIDTH * WIDTH);
  const well = DEPTH * sharpness * exp(-square / (WIDTH * WIDTH));
  return { factor: SLOPE / root + well, bend: -SLOPE / (root * root * root) - well * sharpness };
}

/**
 * The strict saddle ½(x² − y²), unbounded below along y. Runs start off the ridge y = 0 by 10⁻³.
 *
 * @example
 * ```ts
 * import { curvature, saddle } from "thalweg";
 * const { definiteness, lambdaMin } = curvature(saddle);
 * definiteness; // "indefinite"
 * lambdaMin; // -1
 * ```
 */
export const saddle: Landscape = Object.freeze({
  name: "saddle",
  dimension: 2,
  quadratic: true,
  start: [1, 1e-3],
  value(x: Point) {
    return 0.5 * (x[0] * x[0] - x[1] * x[1]);
  },
  gradient(x: Point, g: Target) {
    g[0] = x[0];
    g[1] = -x[1];
  },
  hessianVectorProduct(_x: Point, v: Point, product: Target) {
    product[0] = v[0];
    product[1] = -v[1];
  },
});

/**
 * The double well x⁴/4 − x²/2, with minima −¼ at 1 (given as `minimum`) and at −1. Gradient descent
 * has a 2-cycle about each from η = 1 on, a 4-cycle from η = √5 − 1, and is chaotic at η = 2.
 *
 * @example
 * ```ts
 * import { doubleWell, gradientDescent, minimize } from "thalweg";
 * const rule = gradientDescent({ learningRate: 0.1 });
 * minimize(doubleWell, { rule, start: doubleWell.start }).x; // ≈ [1]
 * minimize(doubleWell, { rule, start: [-0.5] }).x; // ≈ [-1]
 * ```
 */
export const doubleWell: Landscape = Object.freeze({
  name: "doubleWell",
  dimension: 1,
  start: [0.5],
  minimum: { x: [1], value: -0.25 },
  slope: { kind: "polynomial", coefficients: [0, -1, 0, 1] } as const,
  value(x: Point) {
    const square = x[0] * x[0];
    return 0.25 * square * square - 0.5 * square;
  },
  gradient(x: Point, g: Target) {
    g[0] = (x[0] * x[0] - 1) * x[0];
  },
  hessianVectorProduct(x: Point, v: Point, product: Target) {
    product[0] = (3 * x[0] * x[0] - 1) * v[0];
  },
});
