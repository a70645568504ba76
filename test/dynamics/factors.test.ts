import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { nuclearNorm, singularValues } from "../../src/curvature/singular-values.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { balancedness, exchangeFactors, factorProduct } from "../../src/dynamics/factors.ts";
import { gradientFlow } from "../../src/dynamics/flow/gradient-flow.ts";
import { type FactorShape, matrixCompletion, matrixSensing } from "../../src/objectives/index.ts";
import { gradientDescent } from "../../src/rules/index.ts";
import { Probe } from "../objectives/probe.ts";
import { gaussian, inner, lowRank, normals } from "./low-rank.ts";

/** W₁ and W₂ as rows. */
function factorsOf({ rows, columns, inner: depth }: FactorShape, w: ArrayLike<number>) {
  const cut = (from: number, height: number, width: number) =>
    Array.from({ length: height }, (_, i) =>
      Array.from({ length: width }, (__, j) => w[from + i * width + j]),
    );
  return { first: cut(0, depth, columns), second: cut(depth * columns, rows, depth) };
}

/** AAᵀ. */
const gram = (a: readonly (readonly number[])[]) =>
  a.map((row) => a.map((other) => row.reduce((sum, x, j) => sum + x * other[j], 0)));
const transpose = (a: readonly (readonly number[])[]) => a[0].map((_, j) => a.map((row) => row[j]));
const norm = (a: readonly ArrayLike<number>[]) =>
  Math.sqrt(a.reduce((sum, row) => Array.from(row).reduce((part, x) => part + x * x, sum), 0));
const minus = (a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]) =>
  a.map((row, i) => Array.from(row, (x, j) => x - b[i][j]));
/** W₁W₁ᵀ − W₂ᵀW₂ by the definition. */
function unbalance(shape: FactorShape, w: ArrayLike<number>) {
  const { first, second } = factorsOf(shape, w);
  return minus(gram(first), gram(transpose(second)));
}

/** Sensing of a matrix of rank 1 and nuclear norm 1. */
function sensing(seed: number, rows = 6, columns = 5, count = 25) {
  const random = new Random(seed);
  const truth = lowRank(random, rows, columns, 1);
  const measurements = gaussian(random, count, rows, columns);
  const targets = measurements.map((a) => inner(a, truth));
  const problem = matrixSensing({ measurements, targets, rows, columns });
  return { problem, weights: normals(random, problem.dimension) };
}

/** All entries of a matrix are known: the case in which everything about the curvature can be said. */
function known(matrix: readonly ArrayLike<number>[], depth: number) {
  const entries = matrix.flatMap((row, i) => Array.from(row, (value, j) => [i, j, value] as const));
  return matrixCompletion({ entries, rows: matrix.length, columns: matrix[0].length, inner: depth });
}

describe("[implicit-bias] balancedness W₁W₁ᵀ − W₂ᵀW₂", () => {
  const { problem, weights } = sensing(4);
  const { shape } = problem;
  const start = weights.map((weight) => 0.1 * weight);
  const drift = (x: ArrayLike<number>) =>
    norm(minus(balancedness(shape, Array.from(x)).difference, balancedness(shape, start).difference));

  test("is what its definition says, for factors of any shape", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(),
        (rows, columns, depth, seed) => {
          const shapes = { rows, columns, inner: depth };
          const w = normals(new Random(seed), depth * (rows + columns));
          const found = balancedness(shapes, w);
          expect(norm(minus(found.difference, unbalance(shapes, w)))).toBeLessThan(1e-12);
          expect(found.norm).toBeCloseTo(norm(unbalance(shapes, w)), 12);
        },
      ),
      { numRuns: 50, seed: 1 },
    );
  });

  test("is changed by a step of gradient descent by η²(∇₁∇₁ᵀ − ∇₂ᵀ∇₂), and no more", () => {
    const { first, second } = factorsOf(shape, new Probe(problem).at(start).gradient());
    const square = minus(gram(first), gram(transpose(second)));
    for (const learningRate of [0.4, 0.2, 0.1, 0.01]) {
      const { x } = minimize(problem, { rule: gradientDescent({ learningRate }), start, steps: 1 });
      const changed = minus(balancedness(shape, x).difference, balancedness(shape, start).difference);
      const expected = square.map((row) => row.map((entry) => learningRate ** 2 * entry));
      expect(norm(expected)).toBeGreaterThan(1e-8);
      expect(norm(minus(changed, expected))).toBeLessThan(1e-15);
    }
  });

  test("drifts along a run to a given time by half as much at half the rate, and within Σ η²‖∇‖²", () => {
    const drifts = [0.1, 0.05, 0.025, 0.0125].map((learningRate) => {
      let bound = 0;
      const tracked: number[] = [];
      minimize(problem, {
        rule: gradientDescent({ learningRate }),
        start,
        steps: 20 / learningRate,
        gradientTolerance: 0,
        callback({ x, gradientNorm }) {
          tracked.push(drift(x));
          expect(tracked.at(-1)!).toBeLessThanOrEqual(bound + 1e-15);
          bound += (learningRate * gradientNorm) ** 2;
        },
      });
      return tracked.at(-1)!;
    });
    for (let k = 1; k < drifts.length; k++) {
      expect(drifts[k - 1] / drifts[k]).toBeGreaterThan(1.9);
      expect(drifts[k - 1] / drifts[k]).toBeLessThan(2.2);
    }
  });

  test("is kept by the gradient flow, as closely as the flow is followed", () => {
    for (const tolerance of [1e-6, 1e-9, 1e-12]) {
      const flow = gradientFlow(problem, { start, time: 20, tolerance, times: [] });
      expect(flow.reason).toBe("time");
      expect(drift(flow.x)).toBeLessThan(20 * tolerance);
    }
    // The weights themselves have gone far: all this is no matter of standing still.
    const { x } = gradientFlow(problem, { start, time: 20, tolerance: 1e-9, times: [] });
    expect(norm(factorProduct(shape, x))).toBeGreaterThan(5 * norm(factorProduct(shape, start)));
    // And gradient descent comes to the flow's end as its rate falls: Euler's method is of order 1.
    const off = [0.02, 0.01].map((learningRate) => {
      const rule = gradientDescent({ learningRate });
      const run = minimize(problem, { rule, start, steps: 20 / learningRate, gradientTolerance: 0 });
      return norm(minus([run.x], [x]));
    });
    expect(off[0] / off[1]).toBeGreaterThan(1.8);
    expect(off[0] / off[1]).toBeLessThan(2.2);
  });
});

describe("[implicit-bias] the symmetry (W₂S, S⁻¹W₁)", () => {
  test("leaves product and value as they are, for every S that has an inverse, and comes back by S⁻¹", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(), (depth, seed) => {
        const random = new Random(seed);
        const shape = { rows: 4, columns: 3, inner: depth };
        const w = normals(random, depth * 7);
        // Near the identity it is never singular.
        const by = Array.from({ length: depth }, (_, i) =>
          Array.from(normals(random, depth), (x, j) => Number(i === j) + (0.3 * x) / depth),
        );
        const other = exchangeFactors(shape, w, by);
        const scale = 1 + norm(factorProduct(shape, w));
        expect(norm(minus(factorProduct(shape, other), factorProduct(shape, w)))).toBeLessThan(1e-12 * scale);
        const { second } = factorsOf(shape, other);
        const expected = factorsOf(shape, w).second.map((row) =>
          by[0].map((_, k) => row.reduce((sum, x, l) => sum + x * by[l][k], 0)),
        );
        expect(norm(minus(second, expected))).toBeLessThan(1e-12 * scale);
        const half = exchangeFactors(shape, w, 0.5);
        expect(exchangeFactors(shape, half, 2)).toEqual(w);
      }),
      { numRuns: 60, seed: 5 },
    );
    expect(
      Array.from(
        exchangeFactors(
          { rows: 1, columns: 1, inner: 2 },
          [1, 2, 3, 4],
          [
            [0, 1],
            [1, 0],
          ],
        ),
      ),
    ).toEqual([2, 1, 4, 3]);
  });

  test("changes the curvature of a minimum: (σ₁(W₁)² + σ₁(W₂)²)/n where all entries are known, least at balance", () => {
    const random = new Random(9);
    const shape = { rows: 5, columns: 4, inner: 3 };
    const w = normals(random, 27);
    const problem = known(factorProduct(shape, w), 3);
    const lambdas = [0.125, 0.5, 1, 2, 8].map((s) => {
      const at = exchangeFactors(shape, w, s);
      const { first, second } = factorsOf(shape, at);
      const expected = (singularValues(first)[0] ** 2 + singularValues(second)[0] ** 2) / 20;
      const { lambdaMax } = curvature(problem, { at });
      expect(Math.abs(lambdaMax / expected - 1)).toBeLessThan(1e-10);
      return lambdaMax;
    });
    expect(lambdas[4]).toBeGreaterThan(25 * Math.min(...lambdas));
    // Balanced factors of X = UΣVᵀ have σ₁(X) for both squares, and by 2ab ≤ a² + b² nothing is below.
    const least = (2 * singularValues(factorProduct(shape, w))[0]) / 20;
    for (const lambda of lambdas) expect(lambda).toBeGreaterThan(least * (1 - 1e-12));
  });

  test("moves the speed limit with it: runs near the minimum stay below 2/λmax and leave above", () => {
    const random = new Random(3);
    const w = normals(random, 9);
    const shape = { rows: 5, columns: 4, inner: 1 };
    const problem = known(factorProduct(shape, w), 1);
    const noise = normals(random, 9);
    for (const s of [1, 2, 4, 8]) {
      const at = exchangeFactors(shape, w, s);
      const { steepestLimit } = curvature(problem, { at });
      const start = at.map((x, i) => x + 1e-6 * noise[i]);
      const first = new Probe(problem).at(start).value();
      const reached = (factor: number) => {
        const rule = gradientDescent({ learningRate: factor * steepestLimit });
        return minimize(problem, { rule, start, steps: 400, gradientTolerance: 0 }).value;
      };
      expect(reached(0.99)).toBeLessThan(first);
      expect(reached(1.01)).toBeGreaterThan(10 * first);
    }
  });

  test("costs steps: at a rank-1 minimum κ is s⁴ + 1 times as it is flattest, and so are the steps at 1/λmax", () => {
    const unit = (n: number, seed: number) => {
      const v = normals(new Random(seed), n);
      return v.map((x) => x / norm([v]));
    };
    // ‖W₁‖ = ‖W₂‖ = 1. The eigenvalues are those of s²·W₂W₂ᵀ ⊗ I + s⁻²·I ⊗ W₁ᵀW₁ over n = 20: (s² + s⁻²), s² thrice, s⁻² four times.
    const shape = { rows: 5, columns: 4, inner: 1 };
    const w = Float64Array.from([...unit(4, 1), ...unit(5, 2)]);
    const problem = known(factorProduct(shape, w), 1);
    const noise = normals(new Random(8), 9);
    const needed = [1, 2, 3].map((s) => {
      const at = exchangeFactors(shape, w, s);
      const { lambdaMax, spectrum } = curvature(problem, { at });
      expect(lambdaMax * 20).toBeCloseTo(s ** 2 + s ** -2, 10);
      const nonzero = Array.from(spectrum!).filter((lambda) => Math.abs(lambda) > 1e-9);
      expect(nonzero.length).toBe(8);
      expect(Math.min(...nonzero) * 20).toBeCloseTo(s ** -2, 10);
      const kappa = s ** 4 + 1;
      const values: number[] = [];
      const { steps } = minimize(problem, {
        rule: gradientDescent({ learningRate: 1 / lambdaMax }),
        start: at.map((x, i) => x + 1e-5 * noise[i]),
        steps: 100_000,
        gradientTolerance: 0,
        callback({ value }) {
          values.push(value);
          return value < 1e-8 * values[0];
        },
      });
      // In the end the slowest mode is left, of whose value a step leaves (1 − 1/κ)².
      expect(values[steps] / values[steps - 1] / (1 - 1 / kappa) ** 2).toBeCloseTo(1, 2);
      return steps;
    });
    // Measured: 14, 134, 599.
    expect(needed[1] / needed[0]).toBeGreaterThan(8);
    expect(needed[2] / needed[1]).toBeGreaterThan(4);
  });

  test("of small weights is another start: the same matrix, another path, another end", () => {
    const { problem, weights } = sensing(1, 10, 10, 60);
    const { shape } = problem;
    const small = weights.map((weight) => 1e-3 * weight);
    const [balanced, exchanged] = [1, 16].map((s) => {
      const start = exchangeFactors(shape, small, s);
      const rule = gradientDescent({ learningRate: 0.1 });
      const { x, value } = minimize(problem, { rule, start, steps: 10_000, gradientTolerance: 0 });
      expect(value).toBeLessThan(1e-6);
      return { excess: nuclearNorm(factorProduct(shape, x)) - 1, unbalance: balancedness(shape, start).norm };
    });
    // The nuclear norm of what is found rises with what the start is off balance: measured 0.2% and 3.4%.
    expect(exchanged.unbalance).toBeGreaterThan(200 * balanced.unbalance);
    expect(balanced.excess).toBeLessThan(0.004);
    expect(exchanged.excess).toBeGreaterThan(0.03);
    expect(exchanged.excess).toBeLessThan(0.04);
  });
});

describe("what is wrong is named", () => {
  const shape = { rows: 2, columns: 2, inner: 1 };
  const w = [1, 2, 3, 4];
  test.each<readonly [string, () => unknown, string]>([
    [
      "weights of another number",
      () => balancedness(shape, [1, 2, 3]),
      "balancedness: w must have 1 × (2 + 2) = 4 entries, got 3",
    ],
    [
      "a weight NaN",
      () => factorProduct(shape, [1, 2, Number.NaN, 4]),
      "factorProduct: w[2] must be finite, got NaN",
    ],
    ["no shape", () => balancedness(undefined as never, w), "balancedness: shape"],
    [
      "a shape of halves",
      () => factorProduct({ ...shape, rows: 1.5 }, w),
      "factorProduct: shape: rows must lie in the integers from 1, got 1.5",
    ],
    [
      "a misspelt side",
      () => factorProduct({ ...shape, colums: 2 } as never, w),
      'unknown option "colums"; did you mean columns?',
    ],
    [
      "an S without an inverse",
      () => exchangeFactors(shape, w, 0),
      "exchangeFactors: by must have an inverse",
    ],
    [
      "an S that is no number",
      () => exchangeFactors(shape, w, Number.NaN),
      "exchangeFactors: by must lie in the finite numbers, got NaN",
    ],
    [
      "an S of ∞",
      () => exchangeFactors(shape, w, Infinity),
      "exchangeFactors: by must lie in the finite numbers, got Infinity",
    ],
    [
      "an S that makes factors of ∞",
      () => exchangeFactors(shape, [1, 2, 1e200, 4], 1e200),
      "exchangeFactors: by must leave factors of finite numbers",
    ],
    [
      "an S of another order",
      () =>
        exchangeFactors(shape, w, [
          [1, 0],
          [0, 1],
        ]),
      "exchangeFactors: by must be 1 × 1, got 4 entries",
    ],
    [
      "an S of rank 1",
      () =>
        exchangeFactors(
          { ...shape, inner: 2 },
          [1, 2, 3, 4, 5, 6, 7, 8],
          [
            [1, 2],
            [2, 4],
          ],
        ),
      "exchangeFactors: by must have an inverse",
    ],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});
