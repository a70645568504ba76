import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { checkGradient } from "../../src/curvature/check-gradient.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { hessianDiagonal } from "../../src/curvature/hessian-diagonal.ts";
import { precondition } from "../../src/curvature/precondition.ts";
import { applyScaling, parseCsv, scaling } from "../../src/data/index.ts";
import { descend } from "../../src/descent/descend.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { leastSquares, logisticRegression, quadratic, rosenbrock } from "../../src/objectives/index.ts";
import { gradientDescent, sgd } from "../../src/rules/index.ts";
import { shuffle } from "../../src/sampling/index.ts";

/** A random symmetric positive definite matrix of an order, row by row. */
function positiveDefinite(order: number, seed: number): number[][] {
  const random = new Random(seed);
  const factor = Array.from({ length: order }, () => Array.from({ length: order }, () => random.normal()));
  return factor.map((row, i) =>
    factor.map((other, j) => row.reduce((sum, entry, k) => sum + entry * other[k], i === j ? 0.1 : 0)),
  );
}

const eigenvalues = (matrix: number[][]) => Array.from(curvature(quadratic(matrix)).spectrum);

describe("[preconditioning] a change of variables", () => {
  test("by factors has the Hessian SHS, entry by entry", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(1000), (order, seed) => {
        const hessian = positiveDefinite(order, seed);
        const scales = Array.from({ length: order }, (_, i) => (i % 2 ? -1 : 1) * (1 + i));
        const expected = eigenvalues(hessian.map((row, i) => row.map((h, j) => scales[i] * h * scales[j])));
        const { spectrum } = curvature(precondition(quadratic(hessian), scales));
        spectrum.forEach((value, i) => {
          expect(Math.abs(value - expected[i])).toBeLessThan(1e-12 * expected[0]);
        });
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  test("by a matrix that is the Hessian makes every eigenvalue 1, and one step reaches the minimum", () => {
    for (const precision of ["f64", "f32"] as const) {
      for (let order = 1; order <= 9; order++) {
        const hessian = positiveDefinite(order, order);
        const minimum = Array.from({ length: order }, (_, k) => k + 1);
        const slope = hessian.map((row) => row.reduce((sum, h, j) => sum + h * minimum[j], 0));
        const problem = quadratic(hessian, slope);
        const round = precondition(problem, { matrix: hessian });
        const { lambdaMax, lambdaMin } = curvature(round, { precision });
        const tolerance = precision === "f64" ? 1e-10 : 1e-3;
        expect(lambdaMax).toBeCloseTo(1, precision === "f64" ? 10 : 3);
        expect(lambdaMin).toBeCloseTo(1, precision === "f64" ? 10 : 3);
        const rule = gradientDescent({ learningRate: 1 });
        const { x } = minimize(round, { rule, steps: 1, precision });
        round.original(x).forEach((value, i) => {
          expect(Math.abs(value - minimum[i])).toBeLessThan(tolerance * (1 + Math.abs(minimum[i])));
        });
      }
    }
  });

  test("is undone by its inverse", () => {
    for (const by of [[2, -3, 0.5], { matrix: positiveDefinite(3, 7) }, "diagonal"] as const) {
      const round = precondition(quadratic(positiveDefinite(3, 5)), by);
      round.original(round.preconditioned([1, 2, 3])).forEach((value, i) => {
        expect(value).toBeCloseTo(i + 1, 10);
      });
    }
  });

  test("makes gradient descent on it x ← x − ηCCᵀ∇f(x)", () => {
    const scales = [0.5, 3];
    const start = [-1.2, 1];
    const round = precondition(rosenbrock, scales);
    const y = Array.from(round.preconditioned(start));
    const x = start.slice();
    const rule = gradientDescent({ learningRate: 1e-4 });
    for (const step of descend(round, { rule, start: y, steps: 20 })) {
      round.original(step.x).forEach((value, i) => {
        expect(value).toBeCloseTo(x[i], 12);
      });
      const g = [-2 * (1 - x[0]) - 400 * x[0] * (x[1] - x[0] ** 2), 200 * (x[1] - x[0] ** 2)];
      g.forEach((entry, i) => {
        x[i] -= 1e-4 * scales[i] ** 2 * entry;
      });
    }
  });

  test("keeps value and derivatives consistent, of declared objectives and of a user's function", () => {
    const rows = [
      [1, 20],
      [2, 10],
      [3, 40],
      [4, 30],
    ];
    const logistic = logisticRegression(rows, [0, 0, 1, 1], { l2: 0.1 });
    const user = { value: ([a, b]: ArrayLike<number> & Iterable<number>) => a ** 4 + 100 * b ** 2 + a * b };
    for (const problem of [logistic, user, precondition(logistic, [2, 0.1])]) {
      for (const by of [[1, 0.1], { matrix: [4, 1, 1, 30] }] as const) {
        const checked = checkGradient(precondition(problem, by, { at: [0, 0] }), { at: [0.3, -0.2] });
        expect(checked.ok, checked.message).toBe(true);
      }
    }
  });

  test("goes with mini-batches", () => {
    const problem = leastSquares(
      [
        [1, 100],
        [2, -100],
        [3, 50],
        [4, 20],
      ],
      [1, 2, 3, 4],
    );
    const round = precondition(problem, "diagonal");
    const options = { rule: sgd({ learningRate: 0.3 }), steps: 2000 };
    const { x } = minimize(round, { ...options, batches: shuffle({ rows: 4, batchSize: 2, seed: 1 }) });
    expect(round.original(x)[0]).toBeCloseTo(1, 3);
    expect(round.original(x)[1]).toBeCloseTo(0, 3);
  });
});

describe("[preconditioning] valleys that are reshaped", () => {
  test("a feature of variance 10,000 beside one of variance 1: the limit rises from 2/10,000 to 2", () => {
    // The seed's example: H = diag(10000, 1).
    const rows = [
      [100, 1],
      [-100, 1],
      [100, -1],
      [-100, -1],
    ];
    const problem = leastSquares(rows, [1, 2, 3, 4]);
    expect(curvature(problem).speedLimit).toBeCloseTo(2 / 10_000, 15);
    for (const by of ["diagonal", [0.01, 1]] as const) {
      const { speedLimit, conditionNumber } = curvature(precondition(problem, by));
      expect(speedLimit).toBeCloseTo(2, 12);
      expect(conditionNumber).toBeCloseTo(1, 12);
    }
  });

  test("the diabetes data: the diagonal does what standardising does, but for the means", () => {
    const text = readFileSync(new URL("../data/diabetes.csv", import.meta.url), "utf8");
    const data = parseCsv(text, { target: "progression", task: "regression" });
    const columns = data.columns.length;
    const of = (features: ArrayLike<number>) => leastSquares(features, data.targets, { columns });
    const means = Array.from({ length: columns }, (_, j) => {
      let sum = 0;
      for (let i = j; i < data.features.length; i += columns) sum += data.features[i];
      return sum / data.targets.length;
    });
    const centred = of(data.features.map((entry, i) => entry - means[i % columns]));
    const standardised = curvature(of(applyScaling(scaling(data, "standard"), data.features)));
    // truths.md 14: κ 5.2e7 raw (with the column of the intercept) → 470 standardised.
    expect(standardised.conditionNumber).toBeCloseTo(470, -1);
    const jacobi = curvature(precondition(centred, "diagonal"));
    expect(jacobi.conditionNumber / standardised.conditionNumber).toBeCloseTo(1, 8);
    // Means matter too: on the columns as they stand the diagonal alone leaves more.
    expect(curvature(precondition(of(data.features), "diagonal")).conditionNumber).toBeGreaterThan(
      15 * standardised.conditionNumber,
    );
  });

  test("no other factors beat the diagonal's by more than the number of variables (van der Sluis 1969)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.nat(1000), (order, seed) => {
        const problem = quadratic(positiveDefinite(order, seed));
        const random = new Random(seed, 1);
        const jacobi = curvature(precondition(problem, "diagonal")).conditionNumber;
        for (let k = 0; k < 5; k++) {
          const scales = Array.from({ length: order }, () => 0.1 + random.uniform());
          const other = curvature(precondition(problem, scales)).conditionNumber;
          expect(jacobi).toBeLessThan(order * other * (1 + 1e-9));
        }
      }),
      { numRuns: 40, seed: 2 },
    );
  });
});

describe("the Hessian's diagonal", () => {
  test("is that of the matrix, of the data, and of a user's function by differences", () => {
    const hessian = positiveDefinite(5, 3);
    hessianDiagonal(quadratic(hessian)).forEach((value, i) => {
      expect(value).toBeCloseTo(hessian[i][i], 12);
    });
    // Rosenbrock's at (−1.2, 1): 2 − 400y + 1200x² and 200.
    const [a, b] = hessianDiagonal(rosenbrock, { at: [-1.2, 1] });
    expect(a).toBeCloseTo(2 - 400 + 1200 * 1.44, 8);
    expect(b).toBeCloseTo(200, 8);
    const user = {
      value: ({ w, b: [bias] }: Record<"w" | "b", Float64Array | Float32Array>) =>
        w[0] ** 4 + w[1] ** 2 + bias * w[0],
    };
    const found = hessianDiagonal(user, { at: { w: [2, 1], b: [3] } });
    [48, 2, 0].forEach((value, i) => {
      expect(Math.abs(found[i] - value)).toBeLessThan(1e-3);
    });
  });

  test("refuses bad input by name", () => {
    expect(() => hessianDiagonal(quadratic([[1]]), { at: [1, 2] })).toThrow(
      /hessianDiagonal: at must have 1/,
    );
    expect(() => hessianDiagonal(quadratic([[1]]), { point: [1] } as never)).toThrow(
      /unknown option "point"/,
    );
    expect(() => hessianDiagonal({ value: ([x]) => x ** 2 })).toThrow(/hessianDiagonal: at is needed/);
    const infinite = {
      value: () => 0,
      gradient: (_: unknown, g: { fill(value: number): unknown }) => void g.fill(Infinity),
    };
    expect(() => hessianDiagonal(infinite, { at: [1] })).toThrow(/not finite/);
  });
});

test("preconditioning refuses bad input by name", () => {
  const problem = quadratic([
    [2, 0],
    [0, -1],
  ]);
  const refused = (by: unknown, message: string | RegExp, options?: object) =>
    expect(() => precondition(problem, by as never, options as never)).toThrow(message);
  refused("diagonal", /must be positive for "diagonal", got -1 at 1; give factors instead/);
  refused("jacobi", 'precondition: by must be "diagonal", an array of factors or { matrix }, got "jacobi"');
  refused([1], "precondition: by must have 2 factors, got 1");
  refused([1, 0], "precondition: by[1] must not be 0");
  refused([1, Number.NaN], /by\[1\] must be finite/);
  refused({ matrix: [1, 0, 0] }, "precondition: by.matrix must have 4 entries, got 3");
  refused({ matrix: [1, 2, 2, 1] }, "precondition: by.matrix must be positive definite");
  refused({ matrx: [1] }, /got an object/);
  refused({ matrix: [1, 0, 0, 1], at: 0 }, /unknown option "at"/);
  refused([1, 1], /unknown option "att"/, { att: [0, 0] });
  expect(() => precondition(problem, [1, 1]).original([1])).toThrow(
    "precondition: y must have 2 entries, got 1",
  );
  expect(() => precondition({ value: ([x]) => x }, "diagonal")).toThrow(/precondition: at is needed/);
});
