import { expect } from "vitest";
import type { Precision } from "../../src/core/precision.ts";
import { Random } from "../../src/core/random.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { Driver } from "./drive.ts";

/** The parameters after each of the given gradients. */
export function path(
  rule: Rule,
  start: readonly number[],
  gradients: readonly (readonly number[])[],
): number[][] {
  const driver = new Driver(rule, "f64", start);
  const visited = gradients.map((gradient) => {
    driver.step(gradient);
    return Array.from(driver.x);
  });
  driver.dispose();
  return visited;
}

/** x after each of `steps` steps from 0 under one gradient that stays the same. */
export const steady = (rule: Rule, gradient: number, steps = 8) =>
  path(
    rule,
    [0],
    Array.from({ length: steps }, () => [gradient]),
  ).map(([x]) => x);

/** x after each step from 0 when step t moves by −size(t). */
export function walk(size: (t: number) => number, steps = 8): number[] {
  let x = 0;
  return Array.from({ length: steps }, (_, i) => (x -= size(i + 1)));
}

export function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(1e-14 * Math.max(1, Math.abs(expected[i])));
  });
}

/** An algorithm on one parameter, which keeps its own books: x, its gradient and the number of the step (from 1) give the new x. */
export type Algorithm = () => (x: number, g: number, t: number) => number;

const SCALES = [1, 30, 1e-3, 0.5, 200, 1, 1e-2];
const START = [1.5, -0.7, 0.2, 3, -2, 0.01, 1];

/** Gradients of seven parameters: noise of several scales about something steady; the fourth is often 0, the sixth always. */
function noise(steps: number): number[][] {
  const random = new Random(7);
  return Array.from({ length: steps }, (_, k) =>
    SCALES.map((scale, i) => {
      const gradient = scale * (0.5 + random.normal());
      return i === 5 || (i === 3 && k % 3 !== 0) ? 0 : gradient;
    }),
  );
}

/**
 * How far a rule's path lies from an algorithm's, through the public API: the largest difference of any parameter at any step,
 * relative to the largest size of that parameter.
 */
export function apart(rule: Rule, algorithm: Algorithm, precision: Precision = "f64", steps = 80): number {
  const optimizer = createOptimizer(rule, START, { precision });
  const x = START.slice();
  const ways = START.map(() => algorithm());
  const size = START.map(Math.abs);
  const difference = START.map(() => 0);
  noise(steps).forEach((gradient, k) => {
    optimizer.gradient.set(gradient);
    optimizer.step();
    gradient.forEach((g, i) => {
      x[i] = ways[i](x[i], g, k + 1);
      size[i] = Math.max(size[i], Math.abs(x[i]));
      const error = Math.abs(optimizer.parameters[i] - x[i]);
      difference[i] = error >= 0 ? Math.max(difference[i], error) : Infinity;
    });
  });
  optimizer.dispose();
  return Math.max(...difference.map((error, i) => error / size[i]));
}

/** Throws unless a rule takes an algorithm's path: to rounding in f64; in f32, whose coefficients are rounded too, to 2e-5. */
export function expectPath(rule: Rule, algorithm: Algorithm): void {
  expect(apart(rule, algorithm)).toBeLessThan(2e-14);
  expect(apart(rule, algorithm, "f32")).toBeLessThan(2e-5);
}
