import { expect } from "vitest";
import type { Precision } from "../../src/core/precision.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { anyInputs } from "./inputs.ts";

/** A function as a paper's pseudo-code takes it. */
export interface Plain {
  value(x: readonly number[]): number;
  gradient(x: readonly number[]): number[];
}

/** Where a rule went: the points, the start first, and the rate of each step. */
export interface Trail {
  readonly points: readonly (readonly number[])[];
  readonly rates: readonly number[];
  /** The averaged parameters after each step, where the rule averages. */
  readonly averages: readonly (readonly number[])[];
}

/** Steps a rule on a function through the public API. */
export function trail(
  rule: Rule,
  f: Plain,
  start: readonly number[],
  steps: number,
  precision: Precision = "f64",
): Trail {
  using optimizer = createOptimizer(rule, start, { precision });
  const points = [Array.from(optimizer.parameters)];
  const rates: number[] = [];
  const averages: number[][] = [];
  for (let t = 0; t < steps; t++) {
    const x = Array.from(optimizer.parameters);
    optimizer.gradient.set(f.gradient(x));
    // Rules that take products with the Hessian get those of ½I.
    optimizer.step({ ...anyInputs, value: f.value(x) });
    points.push(Array.from(optimizer.parameters));
    rates.push(optimizer.learningRate);
    if (rule.declaration.result) averages.push(Array.from(optimizer.averaged()));
  }
  return { points, rates, averages };
}

/** Expects points that agree to `tolerance` of the largest entry of all. */
export function expectSamePoints(
  found: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
  tolerance: number,
): void {
  expect(found.length).toBe(expected.length);
  const size = Math.max(...expected.flat().map(Math.abs));
  found.forEach((point, t) => {
    point.forEach((x, i) => {
      expect(Math.abs(x - expected[t][i]), `entry ${i} after step ${t}`).toBeLessThanOrEqual(
        tolerance * size,
      );
    });
  });
}

export const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, entry, i) => sum + entry * b[i], 0);
export const norm = (a: readonly number[]) => Math.sqrt(dot(a, a));
export const minus = (a: readonly number[], b: readonly number[]) => a.map((entry, i) => entry - b[i]);
/** a + c·b. */
export const plus = (a: readonly number[], c: number, b: readonly number[]) =>
  a.map((entry, i) => entry + c * b[i]);

/** ½Σ λᵢxᵢ². */
export const quadraticOf = (lambdas: readonly number[]): Plain => ({
  value: (x) => lambdas.reduce((sum, lambda, i) => sum + (lambda * x[i] ** 2) / 2, 0),
  gradient: (x) => lambdas.map((lambda, i) => lambda * x[i]),
});

/** A smooth, convex, coupled function without symmetries, in five dimensions: quartic, with its least value above 0. */
export const bowl: Plain = {
  value: (x) =>
    x.reduce((sum, xi, i) => sum + ((i + 1) * (xi - 1 + i / 4) ** 2) / 2 + xi ** 4 / 20, 0) +
    (x[0] + x[1] - x[4]) ** 2 / 4,
  gradient(x) {
    const coupled = (x[0] + x[1] - x[4]) / 2;
    const own = x.map((xi, i) => (i + 1) * (xi - 1 + i / 4) + xi ** 3 / 5);
    return [own[0] + coupled, own[1] + coupled, own[2], own[3], own[4] - coupled];
  },
};

export const bowlStart = [2, -1, 0.5, 1.5, -2];
