import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { nuclearNorm, singularValues } from "../../src/curvature/singular-values.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { factorProduct } from "../../src/dynamics/factors.ts";
import { type FactoredObjective, matrixCompletion, matrixSensing } from "../../src/objectives/index.ts";
import { gradientDescent } from "../../src/rules/index.ts";
import { gaussian, inner, lowRank, normals, somePlaces } from "./low-rank.ts";
import { type Matrix, nuclearOptimum } from "./nuclear-optimum.ts";

const SCALES = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8];

/** Descends from small weights until all but some millionths of the value are gone: the last ones go slowly. */
function descendFrom(problem: FactoredObjective, start: Float64Array, learningRate: number) {
  let first = 0;
  const found = minimize(problem, {
    rule: gradientDescent({ learningRate }),
    start,
    steps: 40_000,
    gradientTolerance: 0,
    callback({ index, value }) {
      if (index === 0) first = value;
      return value <= 1e-6 * first;
    },
  });
  expect(found.value).toBeLessThan(5e-6 * first);
  return factorProduct(problem.shape, found.x);
}

const distance = (a: readonly ArrayLike<number>[], b: Matrix) =>
  Math.sqrt(a.reduce((sum, row, i) => sum + b[i].reduce((part, x, j) => part + (x - row[j]) ** 2, 0), 0));

describe("[implicit-bias] Gaussian sensing above the recovery threshold", () => {
  // 3r(rows + columns − r) measurements are enough for the convex problem to find a matrix of rank r (Chandrasekaran, Recht,
  // Parrilo, Willsky 2012, proposition 3.11): 57, 57, 180. Symmetric matrices of order 10 have 55 entries, not 100.
  test.each([
    { name: "10 × 10 of rank 1 by 60", rows: 10, columns: 10, rank: 1, count: 60, splittings: 400 },
    { name: "12 × 8 of rank 1 by 60", rows: 12, columns: 8, rank: 1, count: 60, splittings: 400 },
    { name: "16 × 16 of rank 2 by 190", rows: 16, columns: 16, rank: 2, count: 190, splittings: 150 },
    {
      name: "symmetric 10 × 10 of rank 1 by 40",
      rows: 10,
      columns: 10,
      rank: 1,
      count: 40,
      symmetric: true,
      splittings: 400,
    },
  ])("$name: from small weights the nuclear norm is within 1% of the convex optimum", (given) => {
    const { rows, columns, rank, count, symmetric = false, splittings } = given;
    const random = new Random(1);
    const truth = lowRank(random, rows, columns, rank, symmetric);
    const measurements = gaussian(random, count, rows, columns, symmetric);
    const targets = measurements.map((a) => inner(a, truth));
    const optimum = nuclearOptimum(measurements, targets, splittings);
    // The bracket is tight, and it is the matrix measured: there is nothing of a lower norm.
    expect(optimum.upper / optimum.lower - 1).toBeLessThan(1e-4);
    expect(distance(optimum.matrix, truth)).toBeLessThan(1e-4);

    const problem = matrixSensing({ measurements, targets, rows, columns });
    const weights = normals(random, problem.dimension);
    const excess = SCALES.map((scale) => {
      const start = weights.map((weight) => scale * weight);
      if (symmetric) {
        // W₂ = W₁ᵀ, which the gradient keeps.
        for (let i = 0; i < rows; i++) {
          for (let k = 0; k < rows; k++) start[rows * columns + i * rows + k] = start[k * columns + i];
        }
      }
      const x = descendFrom(problem, start, 0.1);
      if (symmetric)
        expect(
          distance(
            x,
            x.map((_, i) => x.map((row) => row[i])),
          ),
        ).toBeLessThan(1e-9);
      return nuclearNorm(x) / optimum.lower - 1;
    });
    // From weights of 0.1 it finds another matrix.
    expect(excess[0]).toBeGreaterThan(0.05);
    for (const each of excess.slice(2)) expect(Math.abs(each)).toBeLessThan(0.01);
    expect(Math.abs(excess[7])).toBeLessThan(2e-3);
    for (let k = 1; k < 3; k++) expect(excess[k]).toBeLessThan(excess[k - 1]);
  });
});

describe("[implicit-bias] completion: what is found has the lower rank, not the least nuclear norm", () => {
  /** A matrix of 10 × 10 and rank 1, some entries of which are known: the excess by scale of the weights, and the ranks. */
  function completed(seed: number, count: number, scales: readonly number[]) {
    const random = new Random(seed);
    const truth = lowRank(random, 10, 10, 1);
    const places = somePlaces(random, count, 10, 10);
    const measurements = places.map(([row, column]) =>
      truth.map((line, i) => line.map((_, j) => Number(i === row && j === column))),
    );
    const targets = places.map(([i, j]) => truth[i][j]);
    const optimum = nuclearOptimum(measurements, targets, 2500);
    expect(optimum.upper / optimum.lower - 1).toBeLessThan(1e-4);
    const entries = places.map(([i, j]) => [i, j, truth[i][j]] as const);
    const problem = matrixCompletion({ entries, rows: 10, columns: 10 });
    const weights = normals(random, problem.dimension);
    const rankOf = (x: readonly ArrayLike<number>[]) =>
      singularValues(x as Matrix).filter((value) => value > 0.01).length;
    const found = scales.map((scale) =>
      descendFrom(
        problem,
        weights.map((weight) => scale * weight),
        0.3 * count,
      ),
    );
    return {
      excess: found.map((x) => nuclearNorm(x) / optimum.lower - 1),
      rank: rankOf(found.at(-1)!),
      convexRank: rankOf(optimum.matrix),
    };
  }

  // Measured with these seeds, the optimum being known to 1e-4 by its dual: the gap does not go as the weights do.
  test.each([
    [1, 0.0544],
    [3, 0.0485],
  ])("from 30 of 100 entries, seed %i, a gap of %f stays however small the weights", (seed, gap) => {
    const { excess, rank, convexRank } = completed(seed, 30, [1e-1, 1e-2, 1e-6, 1e-8]);
    expect(excess[0]).toBeGreaterThan(0.3);
    expect(excess[1]).toBeLessThan(excess[3]);
    expect(Math.abs(excess[3] - gap)).toBeLessThan(0.005);
    expect(Math.abs(excess[3] - excess[2])).toBeLessThan(0.001);
    expect(rank).toBe(1);
    expect(convexRank).toBeGreaterThan(1);
  });

  test("from 50 of 100 entries, where the convex problem finds the matrix, so do small weights", () => {
    const { excess, rank, convexRank } = completed(2, 50, [1e-2, 1e-4, 1e-8]);
    expect(excess[0]).toBeGreaterThan(0.01);
    for (const each of excess.slice(1)) expect(Math.abs(each)).toBeLessThan(0.002);
    expect([rank, convexRank]).toEqual([1, 1]);
  });

  test("of ((?, 1), (1, 0)) it runs away from the least nuclear norm, which is 2, for as long as it runs", () => {
    // Razin and Cohen 2020. The nuclear norm of ((x, 1), (1, 0)) is √(x² + 4), least at x = 0. The determinant cannot change its
    // sign, and starts above 0: x·x₂₂ > x₁₂x₂₁. With e² = 6·value, twice the sum of squares, no entry is off by more than e, so
    // that x > (1 − e)²/e.
    const problem = matrixCompletion({
      entries: [
        [0, 1, 1],
        [1, 0, 1],
        [1, 1, 0],
      ],
      rows: 2,
      columns: 2,
    });
    const start = [1e-3, 0, 0, 1e-3, 1e-3, 0, 0, 1e-3];
    const after = [1000, 10_000, 100_000].map((steps) => {
      const rule = gradientDescent({ learningRate: 0.1 });
      const { x, value } = minimize(problem, { rule, start, steps, gradientTolerance: 0 });
      const [[free]] = factorProduct(problem.shape, x);
      const e = Math.sqrt(6 * value);
      expect(e).toBeLessThan(1);
      expect(free).toBeGreaterThan((1 - e) ** 2 / e);
      return nuclearNorm(factorProduct(problem.shape, x));
    });
    for (let k = 1; k < after.length; k++) expect(after[k]).toBeGreaterThan(after[k - 1]);
    // Measured: 4.88, 12.23, 26.99.
    expect(after[2]).toBeGreaterThan(25);
  });
});
