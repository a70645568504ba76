import { expect } from "vitest";
import type { Precision } from "../../src/core/precision.ts";
import { Random } from "../../src/core/random.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { Driver, type Inputs } from "./drive.ts";

/** Vectors of normal numbers, one a step, coordinate i of them times scales[i]. */
export function normals(seed: number, steps: number, scales: readonly number[]): number[][] {
  const random = new Random(seed);
  return Array.from({ length: steps }, () => scales.map((scale) => scale * random.normal()));
}

/** The parameters after each of the given gradients. */
export function walk(
  rule: Rule,
  start: readonly number[],
  gradients: readonly (readonly number[])[],
  inputs: (step: number) => Inputs = () => ({}),
  precision: Precision = "f64",
): number[][] {
  const driver = new Driver(rule, precision, start);
  const visited = gradients.map((gradient, k) => {
    driver.step(gradient, inputs(k));
    return Array.from(driver.x);
  });
  driver.dispose();
  return visited;
}

/** Whether two walks are alike, to a bound relative to the largest number that a coordinate has come to. */
export function expectAlike(
  actual: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
  bound = 1e-13,
): void {
  expect(actual).toHaveLength(expected.length);
  expected[0].forEach((_, i) => {
    const size = Math.max(...expected.map((x) => Math.abs(x[i])));
    expected.forEach((x, t) => {
      expect(Math.abs(actual[t][i] - x[i]), `x[${i}] after step ${t + 1}`).toBeLessThanOrEqual(bound * size);
    });
  });
}
