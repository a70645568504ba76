import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { leastSquares } from "../../src/objectives/least-squares.ts";
import { quadratic } from "../../src/objectives/quadratic.ts";
import { softmaxRegression } from "../../src/objectives/softmax.ts";
import { gradientNoiseScale } from "../../src/sampling/index.ts";
import { standardized } from "./standardized.ts";

function table(name: string): string[][] {
  const text = readFileSync(new URL(`../data/${name}.csv`, import.meta.url), "utf8").trim();
  return text
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(","));
}

const diabetes = table("diabetes").map((row) => row.map(Number));
const rows = standardized(diabetes.map((row) => row.slice(0, -1)));
const targets = diabetes.map((row) => row[row.length - 1]);
const iris = table("iris");
const flowers = standardized(iris.map((row) => row.slice(0, -1).map(Number)));
const species = iris.map((row) => row[row.length - 1]);

const problems = {
  "least squares on diabetes": leastSquares(rows, targets, { intercept: true, l2: 0.1 }),
  "softmax on iris": softmaxRegression(flowers, species, { intercept: true, l2: 0.1 }),
};

/** Least squares on the rows, written out, with the rows that a batch names. */
const plain = {
  rows: rows.length,
  gradient(w: ArrayLike<number>, g: { [i: number]: number }, batch?: Uint32Array) {
    const some = batch ?? rows.keys();
    for (const i of some) {
      let residual = -targets[i];
      rows[i].forEach((a, j) => {
        residual += a * w[j];
      });
      rows[i].forEach((a, j) => {
        g[j] += (residual * a) / (batch?.length ?? rows.length);
      });
    }
  },
  value: () => 0,
};

describe("the gradient-noise scale", () => {
  test("[minibatch] is tr Σ / ‖G‖² of the rows' gradients, computed one by one", () => {
    const w = Float64Array.from(rows[0], (_, j) => j - 4);
    const each = rows.map((_, i) => {
      const g = new Float64Array(w.length);
      plain.gradient(w, g, Uint32Array.of(i));
      return g;
    });
    const mean = w.map((_, j) => each.reduce((sum, g) => sum + g[j], 0) / rows.length);
    const square = mean.reduce((sum, m) => sum + m * m, 0);
    const trace =
      each.reduce((sum, g) => sum + g.reduce((s, entry, j) => s + (entry - mean[j]) ** 2, 0), 0) /
      rows.length;
    for (const problem of [leastSquares(rows, targets), plain]) {
      const result = gradientNoiseScale(problem, { at: w, exact: true });
      expect(result.noiseScale / (trace / square)).toBeCloseTo(1, 12);
      expect(result.variance / trace).toBeCloseTo(1, 12);
      expect(result.gradientNorm / Math.sqrt(square)).toBeCloseTo(1, 12);
      expect(result.standardError).toBe(0);
    }
  });

  test.each(Object.entries(problems))(
    "[minibatch] of %s is estimated without bias, and with its error, from batches of any size",
    (_, problem) => {
      const exact = gradientNoiseScale(problem, { exact: true });
      const scores: number[] = [];
      for (const batchSize of [1, 8, 50]) {
        for (let seed = 0; seed < 40; seed++) {
          const { noiseScale, standardError } = gradientNoiseScale(problem, { batchSize, seed });
          scores.push((noiseScale - exact.noiseScale) / standardError);
        }
      }
      // 120 estimates in units of their standard errors: mean 0 ± 1/√120, mean square 1 up to the skewness of 100 squares.
      const mean = scores.reduce((sum, z) => sum + z, 0) / scores.length;
      const square = scores.reduce((sum, z) => sum + z * z, 0) / scores.length;
      expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(scores.length));
      expect(square).toBeGreaterThan(0.5);
      expect(square).toBeLessThan(2);
    },
  );

  test("of named blocks is that of one array", () => {
    const offset = {
      rows: 3,
      value: () => 0,
      gradient: (_: unknown, g: { a: { [i: number]: number } }, batch = Uint32Array.of(0, 1, 2)) => {
        g.a[0] = batch.reduce((sum, row) => sum + row + 1, 0) / batch.length;
      },
    };
    expect(gradientNoiseScale(offset, { at: { a: [0], b: [0] }, exact: true }).noiseScale).toBeCloseTo(
      1 / 6,
      14,
    );
  });

  test("is ∞ where the gradient vanishes and rows differ, and 0 where they do not", () => {
    const twoSides = leastSquares([[1], [1]], [1, -1]);
    expect(gradientNoiseScale(twoSides, { exact: true }).noiseScale).toBe(Infinity);
    const same = leastSquares([[1], [1]], [1, 1]);
    expect(gradientNoiseScale(same)).toEqual({
      noiseScale: 0,
      standardError: 0,
      variance: 0,
      gradientNorm: 1,
    });
    expect(gradientNoiseScale(same, { at: [1] }).noiseScale).toBe(0);
  });

  test.each([
    [() => gradientNoiseScale(quadratic({ diagonal: [1] })), "batches need an objective on rows of data"],
    [() => gradientNoiseScale({ value: ([x]) => x * x }, { at: [1] }), "problem has neither"],
    [
      () => gradientNoiseScale({ value: ([x], batch) => x + (batch?.length ?? 0) }, { at: [1] }),
      "gradientNoiseScale: rows is needed",
    ],
    [() => gradientNoiseScale({ ...plain, rows: 0.5 }, { at: [1] }), "problem: rows must lie in"],
    [() => gradientNoiseScale(plain, { at: [1], batchSize: 0 }), "batchSize must lie in the integers from 1"],
    [() => gradientNoiseScale(plain, { at: [1], batches: 1 }), "batches must lie in the integers from 2"],
    [
      () => gradientNoiseScale(plain, { at: [1], seed: -1 }),
      "gradientNoiseScale: seed must be an integer in [0, 2^53)",
    ],
    [() => gradientNoiseScale(plain, { at: [1], exact: 1 as never }), "exact must be true or false, got 1"],
    [() => gradientNoiseScale(plain, { at: [1], exact: true, seed: 1 }), "exact takes every row"],
    [() => gradientNoiseScale(plain, { at: [1], size: 1 } as never), 'unknown option "size"'],
  ])("refuses what is wrong by name (%#)", (call, message) => {
    expect(call).toThrow(message);
  });
});
