import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { applyScaling, parseCsv, scaling } from "../../src/data/index.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { shrinkage } from "../../src/dynamics/shrinkage.ts";
import { leastSquares, quadratic } from "../../src/objectives/index.ts";
import { adam, gradientDescent, momentum, normalizedGradient, sgd } from "../../src/rules/index.ts";
import { linear } from "../../src/schedules/index.ts";
import { chain, projectBox } from "../../src/wrappers/index.ts";

/** Eigenvalues and eigenvectors (rows) of a symmetric matrix by Jacobi's rotations. */
function eigen(matrix: number[][]): { values: number[]; vectors: number[][] } {
  const a = matrix.map((row) => row.slice());
  const n = a.length;
  const vectors = a.map((_, i) => a.map((__, j) => Number(i === j)));
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (a[p][q] === 0) continue;
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        for (let k = 0; k < n; k++)
          [a[k][p], a[k][q]] = [c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]];
        for (let k = 0; k < n; k++)
          [a[p][k], a[q][k]] = [c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]];
        const [u, v] = [vectors[p], vectors[q]];
        vectors[p] = u.map((x, k) => c * x - s * v[k]);
        vectors[q] = u.map((x, k) => s * x + c * v[k]);
      }
    }
  }
  return { values: a.map((row, i) => row[i]), vectors };
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, x, i) => sum + x * b[i], 0);

/** The diabetes data, standardised, targets centred. */
function diabetes() {
  const text = readFileSync(new URL("../data/diabetes.csv", import.meta.url), "utf8");
  const data = parseCsv(text, { target: "progression", task: "regression" });
  const mean = data.targets.reduce((sum, y) => sum + y, 0) / data.rows;
  return {
    features: applyScaling(scaling(data, "standard"), data.features),
    targets: Float64Array.from(data.targets, (y) => y - mean),
    columns: data.columns.length,
  };
}

/** AᵀA/n. */
function hessian(features: Float64Array, columns: number): number[][] {
  const rows = features.length / columns;
  return Array.from({ length: columns }, (_, i) =>
    Array.from({ length: columns }, (__, j) => {
      let sum = 0;
      for (let k = 0; k < features.length; k += columns) sum += features[k + i] * features[k + j];
      return sum / rows;
    }),
  );
}

describe("[early-stopping] a run that is stopped shrinks each mode", () => {
  test("by 1 − (1 − ηλ)ᵗ under gradient descent, for all η, λ and t", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 1.9, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.nat(60),
        (learningRate, lambda, steps) => {
          const [found] = shrinkage(gradientDescent({ learningRate }), [lambda], steps);
          const expected = 1 - (1 - learningRate * lambda) ** steps;
          expect(Math.abs(found - expected)).toBeLessThan(1e-12 * Math.max(1, Math.abs(expected)));
        },
      ),
    );
  });

  const { features, targets, columns } = diabetes();
  const problem = leastSquares(features, targets, { columns });
  const { values, vectors } = eigen(hessian(features, columns));
  const minimum = minimize(problem, {}).x;
  test.each([
    ["gradient descent", gradientDescent({ learningRate: 0.3 })],
    ["heavy-ball momentum", sgd({ learningRate: 0.1, momentum: 0.9 })],
    ["Nesterov's momentum", sgd({ learningRate: 0.1, momentum: 0.8, nesterov: true })],
    ["averaged gradients", momentum({ learningRate: 0.5, beta: 0.7 })],
    ["a rate that falls", gradientDescent({ learningRate: linear({ from: 0.4, to: 0.1, steps: 30 }) })],
    ["a dampened first step", sgd({ learningRate: 0.2, momentum: 0.9, dampening: 0.5 })],
  ] as const)(
    "on the diabetes data, whose runs by %s have gone just so far along each eigenvector",
    (_, rule) => {
      for (const steps of [0, 1, 2, 7, 60]) {
        const { x } = minimize(problem, { rule, steps, gradientTolerance: 0 });
        shrinkage(rule, values, steps).forEach((part, i) => {
          const [gone, whole] = [x, minimum].map((point) => dot(point, vectors[i]));
          // The minimum is known to 1e-10 of its length, which counts where a mode has little of it.
          expect(Math.abs(gone - part * whole)).toBeLessThan(1e-8 * Math.sqrt(dot(minimum, minimum)));
        });
      }
    },
  );

  test("as much as a ridge of 1/(ηt) does, within the factor that is known of them", () => {
    // 1 − e^{−z} lies between z/(1 + z) and 1.3 of it (Ali, Kolter, Tibshirani 2019, lemma 1: 1.2985), z = ηλt.
    const learningRate = 1e-4;
    const lambdas = Array.from({ length: 200 }, (_, i) => 10 ** (-3 + i / 33));
    for (const steps of [100, 1000, 10_000]) {
      const ridge = 1 / (learningRate * steps);
      shrinkage(
        gradientDescent({ learningRate }),
        lambdas.filter((l) => l < 50),
        steps,
      ).forEach((part, i) => {
        const ratio = part / (lambdas[i] / (lambdas[i] + ridge));
        expect(ratio).toBeGreaterThan(0.999);
        expect(ratio).toBeLessThan(1.2985 * 1.003);
      });
    }
  });
});

test("a quadratic in general position agrees with its modes, whatever the order of the steps", () => {
  const random = new Random(4);
  const factor = Array.from({ length: 6 }, () => Array.from({ length: 6 }, () => random.normal()));
  const matrix = factor.map((row) => factor.map((other) => dot(row, other) / 6));
  const { values, vectors } = eigen(matrix);
  const minimum = [1, -2, 3, -4, 5, -6];
  const problem = quadratic(
    matrix,
    matrix.map((row) => dot(row, minimum)),
  );
  const rule = sgd({ learningRate: 0.2, momentum: 0.5 });
  const { x } = minimize(problem, { rule, steps: 25, gradientTolerance: 0 });
  shrinkage(rule, values, 25).forEach((part, i) => {
    expect(dot(x, vectors[i])).toBeCloseTo(part * dot(minimum, vectors[i]), 10);
  });
});

test("a decay towards 0 ends at λ/(λ + decay), short of the minimum, as runs from 0 do", () => {
  const rule = sgd({ learningRate: 0.1, momentum: 0.5, weightDecay: 0.25 });
  const ends = [1, 0.5, 4];
  const left = shrinkage(rule, ends, 400);
  ends.forEach((lambda, i) => {
    expect(left[i]).toBeCloseTo(lambda / (lambda + 0.25), 12);
  });
  // ½(x − 1)², from 0: the mode of λ = 1 itself.
  const half = leastSquares([[1]], [1]);
  for (const steps of [1, 5, 30]) {
    expect(minimize(half, { rule, start: [0], steps, gradientTolerance: 0 }).x[0]).toBeCloseTo(
      shrinkage(rule, [1], steps)[0],
      14,
    );
  }
});

test("a mode that leaves every number stays there, and the others go on", () => {
  const [wild, tame] = shrinkage(gradientDescent({ learningRate: 1 }), [3, 0.5], 5000);
  expect(Math.abs(wild)).toBe(Infinity);
  expect(tame).toBeCloseTo(1, 14);
});

test("shrinkage refuses bad input by name", () => {
  const rule = gradientDescent({ learningRate: 0.1 });
  expect(() => shrinkage(chain(rule, projectBox({ lower: 0, upper: 1 })), [1], 3)).toThrow(
    "shrinkage: rule must be without wrappers, got a chain around gradientDescent",
  );
  expect(() => shrinkage(adam(), [1], 3)).toThrow(/shrinkage: adam divides by what it measures/);
  expect(() => shrinkage(normalizedGradient(), [1], 3)).toThrow(/divides by what it measures/);
  expect(() => shrinkage(rule, [Number.NaN], 3)).toThrow(
    /shrinkage: eigenvalues\[0\] must be finite, got NaN/,
  );
  expect(() => shrinkage(rule, 3 as never, 3)).toThrow(/shrinkage: eigenvalues must be an array/);
  expect(() => shrinkage(rule, [1], 1.5)).toThrow(/shrinkage: steps/);
  expect(() => shrinkage(gradientDescent as never, [1], 1)).toThrow(/call it, as in adam\(\)/);
});
