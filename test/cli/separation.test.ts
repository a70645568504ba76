import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildProblem, type Loss } from "../../src/cli/problem.ts";
import { findSeparation } from "../../src/cli/separation.ts";
import type { Classes, Dataset } from "../../src/data/index.ts";

/** A problem on rows of features and class indices, as they are. */
function problemOf(
  loss: Loss,
  rows: readonly (readonly number[])[],
  labels: readonly number[],
  classes: Classes,
) {
  const dataset: Dataset = {
    task: "classification",
    target: "y",
    columns: rows[0].map((_, j) => `x${j}`),
    rows: rows.length,
    features: Float64Array.from(rows.flat()),
    targets: Uint32Array.from(labels),
    classes,
  };
  return buildProblem("data.csv", loss, dataset, { l2: 0, scale: "none" });
}

describe("findSeparation", () => {
  test("sees a complete separation in weights that separate, and in part of weights that do not", () => {
    const problem = problemOf("logistic", [[-2], [-1], [1], [2]], [0, 0, 1, 1], ["a", "b"]);
    expect(findSeparation(problem, Float64Array.of(1, 0))).toBe("complete");
    expect(findSeparation(problem, Float64Array.of(-1, 0))).toBeUndefined();
  });

  test("sees that a column which only one class has separates, whatever the others do", () => {
    // The second column is 1 in two rows, both of class 1; the first tells nothing for sure.
    const rows = [
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 0],
      [2, 1],
      [3, 1],
    ];
    const problem = problemOf("logistic", rows, [0, 1, 0, 1, 1, 1], ["a", "b"]);
    expect(findSeparation(problem, Float64Array.of(0.3, 5, -0.7))).toBe("quasi-complete");
    expect(findSeparation(problem, Float64Array.of(0.3, -5, -0.7))).toBeUndefined();
  });

  test("finds nothing where every direction tells some row wrong, whatever the weights", () => {
    // Two rows at one place with different classes, along each axis and at the origin: no direction separates.
    const rows = [
      [0, 0],
      [0, 0],
      [1, 0],
      [1, 0],
      [0, 1],
      [0, 1],
    ];
    const labels = [0, 1, 0, 1, 0, 1];
    const weight = fc.double({ min: -100, max: 100, noNaN: true });
    const logistic = problemOf("logistic", rows, labels, ["a", "b"]);
    const softmax = problemOf("softmax", rows, labels, ["a", "b"]);
    fc.assert(
      fc.property(fc.array(weight, { minLength: 6, maxLength: 6 }), (weights) => {
        expect(findSeparation(logistic, Float64Array.from(weights.slice(0, 3)))).toBeUndefined();
        expect(findSeparation(softmax, Float64Array.from(weights))).toBeUndefined();
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});
