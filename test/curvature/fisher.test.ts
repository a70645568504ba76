import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Numbers } from "../../src/core/precision.ts";
import { Random } from "../../src/core/random.ts";
import { checkGradient } from "../../src/curvature/check-gradient.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { fisher } from "../../src/curvature/fisher.ts";
import { hessianDiagonal } from "../../src/curvature/hessian-diagonal.ts";
import { naturalGradient } from "../../src/curvature/natural-gradient.ts";
import { powerIteration } from "../../src/curvature/power-iteration.ts";
import { precondition } from "../../src/curvature/precondition.ts";
import { standardErrors } from "../../src/curvature/standard-errors.ts";
import { applyScaling, parseCsv, scaling } from "../../src/data/index.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { type NaturalDescentOptions, naturalDescent } from "../../src/descent/natural-descent.ts";
import {
  leastSquares,
  logisticRegression,
  quadratic,
  softmaxRegression,
} from "../../src/objectives/index.ts";
import type { Objective } from "../../src/objectives/objective.ts";
import type { UserProblem } from "../../src/objectives/user.ts";
import { gradientDescent } from "../../src/rules/index.ts";
import { Probe } from "../objectives/probe.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const normals = (random: Random, count: number) => Array.from({ length: count }, () => random.normal());
const normalRows = (random: Random, rows: number, columns: number) =>
  Array.from({ length: rows }, () => normals(random, columns));

/** The O-ring data of a number of launches, and their logistic model. */
function oRings(launches: 23 | 24) {
  const data = parseCsv(read(`test/data/o-ring-${launches}.csv`), {
    target: "distress",
    task: "classification",
  });
  return logisticRegression(data.features, data.targets, { columns: 1, intercept: true });
}

/**
 * What R's glm and Minitab print of the two versions of the data: coefficients, their standard errors, the residual deviance; the
 * condition number of the information at the fit is from LAPACK. R's standard error of the intercept of 24 launches, 5.70291, is that of
 * the weights one step before the last; Minitab prints 5.703.
 */
const published = [
  {
    launches: 23,
    slope: -0.2322,
    intercept: 15.0429,
    deviance: 20.315,
    errors: [0.1082, 7.3786],
    kappa: 8.3e5,
  },
  {
    launches: 24,
    slope: -0.17132,
    intercept: 10.87535,
    deviance: 23.03,
    errors: [0.08344, 5.703],
    kappa: 5.7e5,
  },
] as const;

/** Digits after the point of a number as it is printed. */
const digits = (value: number) => String(value).split(".")[1].length;

describe("[fisher] the information of a model", () => {
  test("is, exact, what the empirical comes to when the model draws the labels, within statistical error", () => {
    const random = new Random(1);
    const rows = normalRows(random, 12, 2);
    const w = [0.7, -1.2, 0.4, 0.3, 0.9, -0.5];
    const repeats = 4000;
    for (const classes of [2, 3]) {
      const at = classes === 2 ? w.slice(0, 2) : w;
      // Of a row: what each class has a chance of.
      const chances = rows.map((row) => {
        const parts = Array.from({ length: classes }, (_, c) => {
          const score =
            classes === 2 ? c * (row[0] * at[0] + row[1] * at[1]) : row[0] * at[c] + row[1] * at[3 + c];
          return Math.exp(score);
        });
        const sum = parts.reduce((total, part) => total + part);
        return parts.map((part) => part / sum);
      });
      const make = (features: number[][], labels: number[]): Objective =>
        classes === 2 ? logisticRegression(features, labels) : softmaxRegression(features, labels);
      const many = Array.from({ length: repeats }, () => rows).flat();
      const drawn = many.map((_, i) => {
        let rest = random.uniform();
        return chances[i % rows.length].findIndex((part, c) => (rest -= part) < 0 || c === classes - 1);
      });
      const exact = new Probe(
        fisher(
          make(
            rows,
            rows.map((_, i) => i % classes),
          ),
        ),
      ).at(at);
      const empirical = new Probe(fisher(make(many, drawn), { kind: "empirical" })).at(at);
      for (let k = 0; k < 4; k++) {
        const v = normals(random, at.length);
        const form = (probe: Probe) => probe.product(v).reduce((sum, entry, j) => sum + entry * v[j], 0);
        const expected = form(exact);
        const found = form(empirical);
        // vᵀFv is a mean of (gᵢ·v)², whose variance is at most their mean square.
        const squares = many.reduce((sum, row, i) => {
          const chance = chances[i % rows.length];
          const along = chance.reduce((part, p, c) => {
            const u = classes === 2 ? c * (row[0] * v[0] + row[1] * v[1]) : row[0] * v[c] + row[1] * v[3 + c];
            return part + (p - (c === drawn[i] ? 1 : 0)) * u;
          }, 0);
          return sum + along ** 4;
        }, 0);
        const error = Math.sqrt(squares / many.length) / Math.sqrt(many.length);
        expect(Math.abs(found - expected)).toBeLessThan(4 * error);
        expect(error).toBeLessThan(0.02 * expected);
      }
    }
  });

  test("is, exact, the Hessian without its penalty; with it the Hessian", () => {
    const random = new Random(2);
    const rows = normalRows(random, 20, 3);
    const labels = rows.map((_, i) => i % 3);
    const models = [
      logisticRegression(
        rows,
        labels.map((label) => Math.min(label, 1)),
        { l2: 0.3 },
      ),
      softmaxRegression(rows, labels, { l2: 0.3 }),
      leastSquares(rows, labels, { l2: 0.3 }),
    ];
    for (const problem of models) {
      const at = normals(random, problem.dimension);
      const hessian = curvature(problem, { at }).spectrum;
      curvature(fisher(problem), { at }).spectrum.forEach((value, i) => {
        expect(value).toBeCloseTo(hessian[i] - 0.3, 13);
      });
      expect(curvature(fisher(problem, { penalty: true }), { at }).spectrum).toEqual(hessian);
    }
  });

  test("serves every function of the curvature", () => {
    const problem = fisher(
      logisticRegression(
        [
          [1, 10],
          [2, -10],
          [3, 20],
          [4, 5],
        ],
        [0, 1, 0, 1],
      ),
      { kind: "empirical" },
    );
    const at = [0.1, 0.02];
    const { lambdaMax, speedLimit } = curvature(problem, { at });
    expect(speedLimit).toBe(2 / lambdaMax);
    expect(powerIteration(problem, { at }).lambda).toBeCloseTo(lambdaMax, 10);
    const diagonal = hessianDiagonal(problem, { at });
    const round = precondition(problem, "diagonal", { at });
    const y = Array.from(round.preconditioned(at));
    hessianDiagonal(round, { at: y }).forEach((entry) => {
      expect(entry).toBeCloseTo(1, 12);
    });
    expect(diagonal.every((entry) => entry > 0)).toBe(true);
    // Products are not the derivative of the gradient, and are not checked as such.
    expect(checkGradient(problem, { at })).toMatchObject({ ok: true });
    expect(checkGradient(problem, { at })).not.toHaveProperty("hessianVectorProduct");
  });

  test("is named by its kind, and has no bound that is the Hessian's", () => {
    const problem = logisticRegression([[1], [2]], [0, 1], { l2: 0.1 });
    for (const kind of ["exact", "empirical"] as const) {
      const informed = fisher(problem, { kind });
      expect(informed).toMatchObject({
        name: `logisticRegression, ${kind} Fisher information`,
        fisher: kind,
        rows: 2,
        classes: [0, 1],
      });
      expect(informed.curvatureBound).toBeUndefined();
      expect(informed.curvatureFloor).toBeUndefined();
    }
    const squares = (l2: number, options = {}) => fisher(leastSquares([[1]], [2], { l2 }), options).quadratic;
    expect([
      squares(0),
      squares(1),
      squares(1, { penalty: true }),
      squares(0, { kind: "empirical" }),
    ]).toEqual([true, false, true, false]);
  });

  test("is refused where there is none, or none of its kind", () => {
    const own: UserProblem = { value: () => 0, gradient: () => {}, dimension: 1 };
    expect(() => fisher(quadratic([[1]]))).toThrow(/^fisher: quadratic is not the likelihood of a model/);
    expect(() => fisher(own)).toThrow(/functions do not tell how labels are distributed.*"empirical"/);
    expect(() => fisher(own, { kind: "empirical" })).toThrow(/one over rows of data: give the problem rows/);
    expect(() => fisher({ ...own, rows: 3 }, { kind: "empirical", penalty: true })).toThrow(/penalty/);
    expect(() => fisher({ value: () => 0 })).toThrow("fisher: problem.dimension is needed");
    expect(() => fisher(undefined as never)).toThrow(/fisher: problem must be an objective.*got undefined/);
    const problem = logisticRegression([[1], [2]], [0, 1]);
    expect(() => fisher(problem, { kind: "true" as never })).toThrow(
      'fisher: kind must be "exact" or "empirical", got "true"',
    );
    expect(() => fisher(problem, { penalty: 1 as never })).toThrow(
      "fisher: penalty must be true or false, got 1",
    );
    expect(() => fisher(problem, { knd: "exact" } as never)).toThrow(
      'unknown option "knd"; did you mean kind?',
    );
  });
});

describe("[fisher] the O-ring data", () => {
  test.each(published)(
    "of $launches launches: natural descent reaches the published coefficients in fewer than 10 steps",
    ({ launches, slope, intercept, deviance }) => {
      const problem = oRings(launches);
      for (const precision of ["f64", "f32"] as const) {
        const { x, value, steps, converged } = naturalDescent(problem, { precision });
        expect(converged).toBe(true);
        expect(steps).toBeLessThan(10);
        const close = precision === "f64" ? 0 : 1;
        expect(x[0]).toBeCloseTo(slope, digits(slope) - close);
        expect(x[1]).toBeCloseTo(intercept, digits(intercept) - 2 * close);
        expect(2 * launches * value).toBeCloseTo(deviance, digits(deviance));
      }
    },
  );

  test.each(published)(
    "of $launches launches: the published standard errors are √(nF)⁻¹",
    ({ launches, errors }) => {
      const problem = oRings(launches);
      const { x } = naturalDescent(problem);
      standardErrors(problem, { at: x }).forEach((error, i) => {
        expect(error).toBeCloseTo(errors[i], digits(errors[i]));
      });
    },
  );

  test.each(published)("of $launches launches: the raw information has κ = $kappa", ({ launches, kappa }) => {
    const problem = oRings(launches);
    const { x } = naturalDescent(problem);
    const { conditionNumber } = curvature(fisher(problem), { at: x });
    expect(conditionNumber / kappa).toBeCloseTo(1, 2);
  });

  test("natural descent is Newton's method: each step is that of the equations solved by hand", () => {
    const data = parseCsv(read("test/data/o-ring-24.csv"), { target: "distress", task: "classification" });
    const labels = data.targets;
    const path: number[][] = [];
    naturalDescent(oRings(24), {
      tolerance: 1e-12,
      callback({ x }) {
        path.push(Array.from(x));
      },
    });
    expect(path.length).toBeGreaterThan(4);
    for (let k = 0; k + 1 < path.length; k++) {
      const [slope, intercept] = path[k];
      // Of the two equations: sums of weights, of residuals, with and without the temperature.
      let [tt, t1, one, gt, g1] = [0, 0, 0, 0, 0];
      for (let i = 0; i < labels.length; i++) {
        const t = data.features[i];
        const p = 1 / (1 + Math.exp(-(slope * t + intercept)));
        tt += p * (1 - p) * t * t;
        t1 += p * (1 - p) * t;
        one += p * (1 - p);
        gt += (p - labels[i]) * t;
        g1 += p - labels[i];
      }
      const determinant = tt * one - t1 * t1;
      expect(path[k + 1][0]).toBeCloseTo(slope - (one * gt - t1 * g1) / determinant, 8);
      expect(path[k + 1][1]).toBeCloseTo(intercept - (tt * g1 - t1 * gt) / determinant, 6);
    }
  });

  test("where gradient descent at its best constant step needs millions of steps", () => {
    const problem = oRings(24);
    const { x } = naturalDescent(problem);
    const { optimalStep, contractionRate } = curvature(problem, { at: x });
    // From 10⁻¹ to 10⁻⁶ along the slowest direction: ln(10⁵)·κ/2.
    expect(Math.log(1e5) / -Math.log(contractionRate)).toBeGreaterThan(3e6);
    const rule = gradientDescent({ learningRate: optimalStep });
    expect(minimize(problem, { rule, start: x, steps: 5 }).converged).toBe(true);
    expect(minimize(problem, { rule, steps: 10_000 }).converged).toBe(false);
    // The momentum that `minimize` chooses.
    expect(minimize(problem, {}).steps).toBeGreaterThan(20_000);
  });
});

describe("[fisher] the natural gradient", () => {
  /** Rows in other units: column j times scales[j]. */
  const rescale = (rows: number[][], scales: number[]) =>
    rows.map((row) => row.map((entry, j) => entry * scales[j]));

  test("is the same step in whatever units the features are, to rounding; the gradient is not", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(10_000), (columns, seed) => {
        const random = new Random(seed);
        const rows = normalRows(random, 30, columns);
        const labels = rows.map((_, i) => i % 2);
        const scales = Array.from({ length: columns }, () => 4 ** (random.below(7) - 3));
        const w = normals(random, columns);
        const other = w.map((entry, j) => entry / scales[j]);
        const inOther = rescale(rows, scales);
        for (const kind of ["exact", "empirical"] as const) {
          const plain = naturalGradient(logisticRegression(rows, labels), { at: w, kind, tolerance: 1e-13 });
          const scaled = naturalGradient(logisticRegression(inOther, labels), {
            at: other,
            kind,
            tolerance: 1e-13,
          });
          const size = Math.hypot(...plain.direction);
          plain.direction.forEach((entry, j) => {
            expect(Math.abs(entry - scales[j] * scaled.direction[j])).toBeLessThan(1e-7 * size);
          });
          expect(scaled.slope).toBeCloseTo(plain.slope, 9);
        }
      }),
      { numRuns: 60, seed: 3 },
    );
    // A plain step in kilometres is 10⁶ times as long, in metres, as one in metres.
    const metres = [[100], [200], [300], [-100]];
    const labels = [1, 0, 1, 0];
    const step = (unit: number) =>
      minimize(logisticRegression(rescale(metres, [1 / unit]), labels), {
        rule: gradientDescent({ learningRate: 1e-6 }),
        steps: 1,
      }).x[0] / unit;
    expect(step(1) / step(1000)).toBeCloseTo(1e6, 0);
  });

  test("solves (F + δI)d = g, for F of both kinds, with and without the penalty", () => {
    const random = new Random(4);
    const rows = normalRows(random, 40, 4);
    const labels = rows.map((_, i) => (i * 7) % 3);
    const problem = softmaxRegression(rows, labels, { l2: 0.1 });
    const at = normals(random, 12);
    const { gradient: g } = new Probe(problem).at(at).valueAndGradient();
    for (const kind of ["exact", "empirical"] as const) {
      for (const penalty of [false, true]) {
        for (const damping of [0.5, 2]) {
          const { direction, residual, gradientNorm, slope, reason, message } = naturalGradient(problem, {
            ...{ at, kind, penalty, damping },
          });
          expect(reason).toBe("residual");
          expect(message).toMatch(/^Solved in \d+ steps of conjugate gradients/);
          const product = new Probe(fisher(problem, { kind, penalty })).at(at).product(direction);
          const rest = g.map((entry, i) => entry - product[i] - damping * direction[i]);
          expect(Math.hypot(...rest)).toBeCloseTo(residual, 12);
          expect(residual).toBeLessThanOrEqual(1e-8 * gradientNorm);
          expect(gradientNorm).toBeCloseTo(Math.hypot(...g), 13);
          expect(slope).toBeCloseTo(
            g.reduce((sum, entry, i) => sum + entry * direction[i], 0),
            13,
          );
        }
      }
    }
  });

  test("of a softmax model, whose information is singular, moves no class against its own sum", () => {
    const random = new Random(5);
    const rows = normalRows(random, 50, 3);
    const labels = rows.map((row) => (row[0] > 0 ? 0 : row[1] > 0 ? 1 : 2));
    const problem = softmaxRegression(rows, labels);
    const { direction, converged } = naturalGradient(problem);
    expect(converged).toBe(true);
    for (let j = 0; j < 3; j++) {
      expect(direction[3 * j] + direction[3 * j + 1] + direction[3 * j + 2]).toBeCloseTo(0, 10);
    }
  });

  test("says so where the information is singular along the gradient, and what helps", () => {
    // The penalty pulls along a column of zeros, of which the data say nothing.
    const problem = logisticRegression(
      [
        [1, 0],
        [2, 0],
        [-1, 0],
      ],
      [1, 0, 1],
      { l2: 0.5 },
    );
    const alone = naturalGradient(problem, { at: [0.5, 1] });
    expect(alone).toMatchObject({ converged: false, reason: "singular" });
    expect(alone.message).toMatch(/has no curvature; add damping/);
    expect(naturalGradient(problem, { at: [0.5, 1], damping: 1e-3 }).converged).toBe(true);
    expect(naturalGradient(problem, { at: [0.5, 1], penalty: true }).direction[1]).toBeCloseTo(1, 10);
  });

  test("says when iterations or precision are over", () => {
    const random = new Random(6);
    const rows = normalRows(random, 60, 9).map((row) => row.map((entry, j) => entry * 10 ** (j / 4)));
    const problem = logisticRegression(
      rows,
      rows.map((_, i) => i % 2),
    );
    const few = naturalGradient(problem, { iterations: 3 });
    expect(few).toMatchObject({ reason: "steps", iterations: 3, converged: false });
    expect(few.message).toMatch(/allow more iterations/);
    const close = naturalGradient(problem, { precision: "f32", tolerance: 1e-12, iterations: 5000 });
    expect(close).toMatchObject({ reason: "rounding", converged: false });
    expect(close.message).toMatch(/rounding keeps it there/);
  });

  test("is zero where the gradient is", () => {
    const problem = leastSquares([[1], [1]], [1, 3]);
    expect(naturalGradient(problem, { at: [2] })).toMatchObject({
      direction: new Float64Array(1),
      converged: true,
      iterations: 0,
      message: "The gradient is zero here.",
    });
  });

  test("of least squares leads to the minimum in one step, whatever the noise", () => {
    const random = new Random(7);
    const rows = normalRows(random, 30, 4);
    const targets = normals(random, 30).map((entry) => 100 * entry);
    const problem = leastSquares(rows, targets);
    const { direction } = naturalGradient(problem, { at: [1, 2, 3, 4], tolerance: 1e-12 });
    const { x } = minimize(problem, {});
    direction.forEach((entry, i) => {
      expect(i + 1 - entry).toBeCloseTo(x[i], 8);
    });
  });

  test("takes functions of one's own, on named blocks too", () => {
    const features = [0.5, -1, 2, 1.5, -0.3];
    const labels = [1, 0, 1, 0, 1];
    const all = Uint32Array.from(features, (_, i) => i);
    const error = (i: number, w: number, b: number) => 1 / (1 + Math.exp(-(w * features[i] + b))) - labels[i];
    const problem = {
      rows: 5,
      value: ({ w, b }: Views, batch = all) =>
        batch.reduce(
          (sum, i) => sum + Math.log1p(Math.exp((1 - 2 * labels[i]) * (w[0] * features[i] + b[0]))),
          0,
        ) / batch.length,
      gradient({ w, b }: Views, g: Views, batch = all) {
        for (const i of batch) {
          g.w[0] += (error(i, w[0], b[0]) * features[i]) / batch.length;
          g.b[0] += error(i, w[0], b[0]) / batch.length;
        }
      },
    };
    const own = naturalGradient(problem, { at: { w: [0.3], b: [-0.2] }, kind: "empirical" });
    const builtIn = logisticRegression(
      features.map((entry) => [entry, 1]),
      labels,
    );
    const expected = naturalGradient(builtIn, { at: [0.3, -0.2], kind: "empirical" });
    expected.direction.forEach((entry, i) => {
      expect(own.direction[i]).toBeCloseTo(entry, 10);
    });
    // One with Fisher products already is taken as it is.
    expect(naturalGradient(fisher(builtIn, { kind: "empirical" }), { at: [0.3, -0.2] })).toEqual(expected);
  });

  test("refuses bad input by name", () => {
    const problem = logisticRegression([[1], [2]], [0, 1]);
    const refused = (options: object, message: string | RegExp) =>
      expect(() => naturalGradient(problem, options as never)).toThrow(message);
    refused({ at: [1, 2] }, /naturalGradient: at must have 1/);
    refused({ damping: -1 }, "naturalGradient: damping must lie in [0, ∞), got -1");
    refused({ tolerance: 0 }, "naturalGradient: tolerance must lie in (0, 1), got 0");
    refused({ iterations: 0 }, /naturalGradient: iterations must lie in the integers from 1, got 0/);
    refused({ kind: "Fisher" }, /naturalGradient: kind must be/);
    refused({ lambda: 1 }, /naturalGradient: unknown option "lambda"/);
    refused({ precision: "f16" }, /naturalGradient: precision must be/);
    expect(() => naturalGradient(quadratic([[1]]))).toThrow(
      /naturalGradient: quadratic is not the likelihood/,
    );
    const infinite = {
      value: () => 0,
      gradient: (_: unknown, g: Writable) => void g.fill(Infinity),
      rows: 1,
    };
    expect(() => naturalGradient(infinite, { at: [1], kind: "empirical" })).toThrow(
      /gradient at this point is not finite/,
    );
    let calls = 0;
    const later = {
      ...infinite,
      gradient: (_: unknown, g: Writable) => void g.fill(calls++ === 0 ? 1 : Number.NaN),
    };
    expect(() => naturalGradient(later, { at: [1], kind: "empirical" })).toThrow(
      /product with the Fisher information at this point is not finite/,
    );
  });
});

type Views = Readonly<Record<"w" | "b", Float64Array | Float32Array>>;
interface Writable {
  fill(value: number): unknown;
}

describe("[fisher] natural descent", () => {
  test("halves its steps where whole ones would lead up, and converges from afar", () => {
    // Newton's method itself diverges from here: where every margin is below −9 the curvature is as good as none.
    const problem = logisticRegression([[1], [2], [-1.5], [3]], [1, 1, 0, 0], { intercept: true });
    const start = [-20, 5];
    const rates: number[] = [];
    const { converged, x, steps, evaluations } = naturalDescent(problem, {
      start,
      callback({ learningRate }) {
        rates.push(learningRate);
      },
    });
    expect(converged).toBe(true);
    expect(Math.min(...rates)).toBeLessThan(1);
    expect(rates.at(-1)).toBe(1);
    expect(evaluations).toBeGreaterThan(steps + 1);
    const reference = minimize(problem, { gradientTolerance: 1e-9 });
    x.forEach((entry, i) => {
      expect(entry).toBeCloseTo(reference.x[i], 5);
    });
  });

  test("damped, goes shorter ways, and to the same minimum", () => {
    const problem = oRings(24);
    const plain = naturalDescent(problem);
    // Of the size of the larger eigenvalue damping leaves little of the step along the smaller.
    const damped = naturalDescent(problem, { damping: 1e-3, steps: 1000 });
    expect(damped.converged).toBe(true);
    expect(damped.steps).toBeGreaterThan(2 * plain.steps);
    expect(damped.x[1]).toBeCloseTo(plain.x[1], 3);
  });

  test("of separable data goes on outwards without a minimum, and stays finite", () => {
    const problem = logisticRegression([[1], [2], [-1], [-2]], [1, 1, 0, 0]);
    const { value, x, reason } = naturalDescent(problem, { steps: 200, gradientTolerance: 0 });
    expect(Number.isFinite(x[0])).toBe(true);
    expect(x[0]).toBeGreaterThan(20);
    expect(value).toBeLessThan(1e-8);
    expect(reason).not.toBe("diverged");
  });

  test("stops as it is told: steps, callback, gradient, time", () => {
    const problem = oRings(24);
    const run = (options: NaturalDescentOptions) => naturalDescent(problem, options);
    expect(run({ steps: 2 })).toMatchObject({ reason: "steps", steps: 2, converged: false });
    expect(run({ callback: ({ index }) => index === 3 })).toMatchObject({ reason: "callback", steps: 3 });
    expect(run({ gradientTolerance: 1 })).toMatchObject({ reason: "gradient", steps: 2 });
    expect(run({ timeLimit: 0 })).toMatchObject({ reason: "time", steps: 0 });
    // As far as rounding lets it.
    const last = run({ gradientTolerance: 0, valueTolerance: 0 });
    expect(last.converged).toBe(true);
    expect(last.gradientNorm).toBeLessThan(1e-9);
  });

  test("says stalled where the gradient does not lead down, and diverged where nothing is finite", () => {
    const upwards = {
      rows: 1,
      value: ([x]: ArrayLike<number> & Iterable<number>) => x ** 2,
      gradient: ([x]: ArrayLike<number> & Iterable<number>, g: { [i: number]: number }) =>
        void (g[0] = -2 * x),
    };
    const own = { kind: "empirical", damping: 1, start: [1] } as const;
    expect(naturalDescent(upwards, own)).toMatchObject({ reason: "stalled", converged: false, steps: 0 });
    expect(naturalDescent(upwards, own).message).toMatch(
      /no step along the natural gradient lowers the value/,
    );
    // No curvature along the gradient at all: the only column is one of zeros.
    const empty = logisticRegression([[0], [0]], [0, 1], { l2: 1 });
    const alone = naturalDescent(empty, { start: [1] });
    expect(alone).toMatchObject({ reason: "stalled", converged: false });
    expect(alone.message).toMatch(/no curvature along the gradient; add damping/);
    const infinite = { ...upwards, value: () => Number.NaN };
    expect(naturalDescent(infinite, own)).toMatchObject({ reason: "diverged", steps: 0 });
    let calls = 0;
    const later = {
      ...upwards,
      gradient: (_: unknown, g: { [i: number]: number }) => void (g[0] = calls++ === 0 ? 2 : Number.NaN),
    };
    expect(naturalDescent(later, own)).toMatchObject({ reason: "diverged", steps: 0 });
  });

  test("refuses bad input by name", () => {
    const problem = oRings(24);
    const refused = (options: object, message: string | RegExp) =>
      expect(() => naturalDescent(problem, options as never)).toThrow(message);
    refused({ learningRate: 0 }, "naturalDescent: learningRate must lie in (0, 1], got 0");
    refused({ learningRate: 2 }, /must lie in \(0, 1\], got 2/);
    refused({ start: [1] }, /naturalDescent: start must have 2/);
    refused({ rule: gradientDescent() }, /naturalDescent: unknown option "rule"/);
    refused({ steps: -1 }, /naturalDescent: steps must/);
    refused({ callback: 1 }, /naturalDescent: callback must be a function/);
  });
});

describe("[fisher] the rate 1/λmax(F)", () => {
  const cancer = parseCsv(read("examples/data/breast-cancer.csv"), {
    target: "benign",
    task: "classification",
  });
  const digitsData = parseCsv(read("test/data/digits.csv"), { target: "digit", task: "classification" });
  const references = JSON.parse(read("test/references/problems.json")).problems;
  const onCancer = references["breast-cancer/standardized/logistic/l2=0.001"];
  const onDigits = references["digits/scaled-by-16/softmax/l2=0.001"];
  const logistic = logisticRegression(
    applyScaling(scaling(cancer, "standard"), cancer.features),
    cancer.targets,
    {
      ...{ columns: 30, intercept: true, l2: 0.001 },
    },
  );
  const softmax = softmaxRegression(
    digitsData.features.map((entry) => entry / 16),
    digitsData.targets,
    { columns: 64, intercept: true, l2: 0.001 },
  );

  test("natural descent meets the minima of Newton and L-BFGS in fewer than 10 steps", () => {
    for (const [problem, reference] of [
      [logistic, onCancer],
      [softmax, onDigits],
    ] as const) {
      const { steps, value, converged } = naturalDescent(problem, { penalty: true });
      expect(converged).toBe(true);
      expect(steps).toBeLessThan(10);
      expect(value / reference.minimum - 1).toBeLessThan(1e-9);
      expect(value / reference.minimum - 1).toBeGreaterThan(-1e-8);
    }
  });

  test("is 1/λmax of the Hessian less the penalty if exact; empirically larger by far at the minimum", () => {
    const { x } = naturalDescent(logistic, { penalty: true });
    const largest = (kind: "exact" | "empirical", at: Numbers) =>
      curvature(fisher(logistic, { kind }), { at }).lambdaMax;
    const zero = new Float64Array(31);
    // LAPACK's, less l2.
    expect(largest("exact", zero)).toBeCloseTo(onCancer.at_zero.lambda_max - 0.001, 10);
    expect(largest("exact", x)).toBeCloseTo(onCancer.at_minimum.lambda_max - 0.001, 7);
    // At 0 every p is ½, and every (p − y)² the ¼ that p(1 − p) is.
    expect(largest("empirical", zero)).toBeCloseTo(largest("exact", zero), 10);
    // At the minimum most rows are fitted better than the model expects.
    expect(largest("empirical", x) / largest("exact", x)).toBeCloseTo(0.516, 3);
  });

  test("of the exact information trains steadily, of both models and wherever it is measured", () => {
    for (const [problem, reference, steps] of [
      [logistic, onCancer, 1000],
      [softmax, onDigits, 100],
    ] as const) {
      const zero = new Float64Array(problem.dimension);
      const { lambda } = powerIteration(fisher(problem), { at: zero, tolerance: 1e-3 });
      let last = Infinity;
      let rises = 0;
      const { value } = minimize(problem, {
        rule: gradientDescent({ learningRate: 1 / lambda }),
        steps,
        callback(step) {
          if (step.value > last) rises++;
          last = step.value;
        },
      });
      expect(rises).toBe(0);
      expect(value).toBeLessThan(1.5 * reference.minimum);
    }
  });

  test("of the empirical information at the minimum is too large for the digits, that of the exact is not", () => {
    const { x } = naturalDescent(softmax, { penalty: true });
    const largest = (kind: "exact" | "empirical") =>
      powerIteration(fisher(softmax, { kind }), { at: x, tolerance: 1e-4 }).lambda;
    expect(largest("empirical") / largest("exact")).toBeCloseTo(0.41, 2);
    const rises = (kind: "exact" | "empirical") => {
      let [last, count] = [Infinity, 0];
      minimize(softmax, {
        rule: gradientDescent({ learningRate: 1 / largest(kind) }),
        steps: 150,
        callback({ value }) {
          if (value > last) count++;
          last = value;
        },
      });
      return count;
    };
    expect(rises("exact")).toBe(0);
    expect(rises("empirical")).toBeGreaterThan(50);
  });

  test('is what learningRate: "auto" follows on an objective with Fisher products', () => {
    const { learningRate, value, choice } = minimize(fisher(logistic), {
      rule: gradientDescent({ learningRate: "auto" }),
      steps: 2000,
    });
    expect(choice).toMatch(/measured again on the way/);
    expect(learningRate * (onCancer.at_minimum.lambda_max - 0.001)).toBeCloseTo(1, 3);
    expect(value / onCancer.minimum - 1).toBeLessThan(1e-9);
  });
});

describe("standard errors", () => {
  test("of least squares are √((AᵀA)⁻¹), as the textbook's formulas for a line have them", () => {
    const xs = [1, 2, 4, 7, 11];
    const line = leastSquares(
      xs.map((x) => [x]),
      [0, 1, 0, 1, 0],
      { intercept: true },
    );
    const mean = 5;
    const spread = xs.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    const [slope, offset] = standardErrors(line, { at: [0, 0] });
    expect(slope).toBeCloseTo(1 / Math.sqrt(spread), 14);
    expect(offset).toBeCloseTo(Math.sqrt(1 / 5 + mean ** 2 / spread), 14);
  });

  test("do not depend on the units of the features, beyond their own", () => {
    const rows = [
      [1, 2],
      [3, -1],
      [-2, 4],
      [0, 1],
      [2, 2],
    ];
    const labels = [1, 0, 0, 1, 1];
    const plain = standardErrors(logisticRegression(rows, labels), { at: [0.2, -0.1] });
    const scaled = standardErrors(
      logisticRegression(
        rows.map(([a, b]) => [a * 2 ** 40, b * 2 ** -40]),
        labels,
      ),
      { at: [0.2 * 2 ** -40, -0.1 * 2 ** 40] },
    );
    expect(scaled[0] * 2 ** 40).toBeCloseTo(plain[0], 12);
    expect(scaled[1] * 2 ** -40).toBeCloseTo(plain[1], 12);
  });

  test("are refused where the information is singular or not finite, and for bad input", () => {
    const twice = logisticRegression(
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
      [0, 1, 0],
    );
    expect(() => standardErrors(twice, { at: [0, 0] })).toThrow(/singular.*add the penalty/);
    const unused = logisticRegression(
      [
        [1, 0],
        [2, 0],
      ],
      [0, 1],
    );
    expect(() => standardErrors(unused, { at: [0, 0] })).toThrow(/singular/);
    const penalised = logisticRegression(
      [
        [1, 0],
        [2, 0],
      ],
      [0, 1],
      { l2: 2 },
    );
    expect(standardErrors(penalised, { at: [0, 0], penalty: true })[1]).toBeCloseTo(1 / Math.sqrt(2 * 2), 14);
    expect(() => standardErrors(twice, {} as never)).toThrow("standardErrors: at is needed");
    expect(() => standardErrors(twice, { at: [0, 0], damping: 1 } as never)).toThrow(
      /unknown option "damping"/,
    );
    const infinite = {
      value: () => 0,
      gradient: (_: unknown, g: Writable) => void g.fill(Infinity),
      rows: 1,
    };
    expect(() => standardErrors(infinite, { at: [1], kind: "empirical" })).toThrow(/not finite/);
  });
});
