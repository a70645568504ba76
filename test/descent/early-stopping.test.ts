import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { curvature } from "../../src/curvature/curvature.ts";
import { applyScaling, parseCsv, scaling, trainTestSplit } from "../../src/data/index.ts";
import { descend } from "../../src/descent/descend.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { minimizeAsync } from "../../src/descent/minimize-async.ts";
import { leastSquares, logisticRegression, quadratic, rosenbrock } from "../../src/objectives/index.ts";
import { adam, gradientDescent, sgd } from "../../src/rules/index.ts";

const read = (path: string, target: string, task: "regression" | "classification") =>
  parseCsv(readFileSync(new URL(path, import.meta.url), "utf8"), { target, task });

/** Diabetes, a fifth of it to train: so few rows that the fit to them gets worse on the others. */
function splitDiabetes() {
  const whole = read("../data/diabetes.csv", "progression", "regression");
  const { train, test } = trainTestSplit(whole, { testFraction: 0.8, seed: 0 });
  const scale = scaling(train, "standard");
  const [mine, theirs] = [train, test].map((part) => {
    const features = applyScaling(scale, part.features);
    return { features, targets: part.targets, rows: part.rows };
  });
  const columns = whole.columns.length;
  const heldOut = (x: ArrayLike<number>) => {
    let sum = 0;
    for (let i = 0; i < theirs.rows; i++) {
      let residual = x[columns] - theirs.targets[i];
      for (let j = 0; j < columns; j++) residual += theirs.features[i * columns + j] * x[j];
      sum += residual * residual;
    }
    return sum / (2 * theirs.rows);
  };
  return { problem: leastSquares(mine.features, mine.targets, { columns, intercept: true }), heldOut };
}

/** The eigenvalues and eigenvectors (rows) of a symmetric matrix, by Jacobi's rotations. */
function eigen(matrix: number[][]) {
  const a = matrix.map((row) => [...row]);
  const n = a.length;
  const vectors = a.map((_, i) => a.map((__, j) => Number(i === j)));
  for (let sweep = 0; sweep < 50; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (a[p][q] === 0) continue;
        const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        const rotate = (u: number[], v: number[]) => {
          for (let k = 0; k < n; k++) [u[k], v[k]] = [c * u[k] - s * v[k], s * u[k] + c * v[k]];
        };
        rotate(a[p], a[q]);
        for (const row of a) [row[p], row[q]] = [c * row[p] - s * row[q], s * row[p] + c * row[q]];
        rotate(vectors[p], vectors[q]);
      }
    }
  }
  return { values: a.map((row, i) => row[i]), vectors };
}

describe("stopping early regularises", () => {
  test("[early-stopping] on diabetes, t steps from 0 shrink mode i of the least-squares solution by 1 − (1 − ηλᵢ)ᵗ", () => {
    const data = read("../data/diabetes.csv", "progression", "regression");
    const columns = data.columns.length;
    const features = applyScaling(scaling(data, "standard"), data.features);
    const problem = leastSquares(features, data.targets, { columns, intercept: true });
    const entry = (i: number, j: number) => (j === columns ? 1 : features[i * columns + j]);
    const hessian = Array.from({ length: columns + 1 }, (_, j) =>
      Array.from({ length: columns + 1 }, (__, k) => {
        let sum = 0;
        for (let i = 0; i < data.rows; i++) sum += entry(i, j) * entry(i, k);
        return sum / data.rows;
      }),
    );
    const { values, vectors } = eigen(hessian);
    expect(Math.max(...values)).toBeCloseTo(curvature(problem).lambdaMax, 10);
    const along = (x: ArrayLike<number>, u: number[]) => u.reduce((sum, entry, j) => sum + entry * x[j], 0);
    const solution = minimize(problem, {}).x;
    const learningRate = 0.3;
    for (const steps of [1, 10, 100, 1000]) {
      const rule = gradientDescent({ learningRate });
      const { x } = minimize(problem, { rule, steps, gradientTolerance: 0 });
      values.forEach((lambda, i) => {
        const shrunk = (1 - (1 - learningRate * lambda) ** steps) * along(solution, vectors[i]);
        expect(Math.abs(along(x, vectors[i]) - shrunk)).toBeLessThan(
          1e-7 * Math.abs(along(solution, vectors[i])),
        );
      });
    }
  });

  test("[early-stopping] patience ends a run on a fifth of diabetes past the lowest loss on the rest, whose weights are restored", () => {
    const { problem, heldOut } = splitDiabetes();
    const rule = gradientDescent({ learningRate: 0.2 });
    const curve = Array.from(descend(problem, { rule, steps: 4000 }), ({ x }) => heldOut(x));
    const lowest = Math.min(...curve);
    const at = curve.indexOf(lowest);
    // The loss on what is held out turns after 24 steps, and is 14 % higher at the end.
    expect(at).toBe(24);
    expect(curve[4000] / lowest).toBeGreaterThan(1.1);
    const patience = 50;
    const result = minimize(problem, { rule, steps: 4000, monitor: heldOut, patience });
    expect(result.reason).toBe("patience");
    expect(result.converged).toBe(false);
    expect(result.steps).toBe(at + patience);
    expect(result.best).toEqual({ step: at, monitored: lowest });
    expect(heldOut(result.x)).toBe(lowest);
    const there = minimize(problem, { rule, steps: at });
    expect(result.x).toEqual(there.x);
    expect([result.value, result.gradientNorm]).toEqual([there.value, there.gradientNorm]);
    expect(result.message).toMatch(
      new RegExp(
        `^gradientDescent stopped after ${at + patience} steps: what is monitored did not improve, 50 times in a row; ` +
          `the best, [\\d.,]+ at step ${at}, is restored\\.$`,
      ),
    );
  });
});

/** A descent along 0, 1, 2 … whose monitored values are these. */
function along(curve: readonly number[], options: object) {
  const calls: number[] = [];
  const problem = {
    value: ([x]: Iterable<number>) => -x,
    gradient: (_: unknown, g: Float64Array) => void g.fill(-1),
  };
  const monitor = ([x]: Iterable<number>) => {
    calls.push(x);
    return curve[x];
  };
  const result = minimize(problem as never, {
    rule: gradientDescent({ learningRate: 1 }),
    start: [0],
    steps: curve.length - 1,
    monitor: monitor as never,
    ...options,
  });
  return { result, calls };
}

describe("patience", () => {
  test("counts evaluations without an improvement, in a row", () => {
    const { result, calls } = along([5, 6, 4, 7, 3, 3, 3, 2, 1], { patience: 2 });
    expect(calls).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(result).toMatchObject({
      reason: "patience",
      steps: 6,
      best: { step: 4, monitored: 3 },
      value: -4,
    });
    expect([...result.x]).toEqual([4]);
  });

  test("stops exactly where a plain count says, whatever the curve", () => {
    const entry = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(Number.NaN, Infinity));
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(0, 0.5, 2),
        (curve, patience, monitorEvery, minimumImprovement) => {
          let reference = Infinity;
          let waited = 0;
          let end = curve.length - 1;
          for (let i = 0; i < curve.length; i += monitorEvery) {
            const improved =
              reference === Infinity ? curve[i] < Infinity : reference - curve[i] > minimumImprovement;
            if (improved) reference = curve[i];
            waited = improved ? 0 : waited + 1;
            if (waited === patience) {
              end = i;
              break;
            }
          }
          const { result, calls } = along(curve, { patience, monitorEvery, minimumImprovement });
          expect(result.steps).toBe(end);
          // Every so many steps, and at the end.
          const due = curve.flatMap((_, i) => (i <= end && (i % monitorEvery === 0 || i === end) ? [i] : []));
          expect(calls).toEqual(due);
          const seen = due.filter((i) => curve[i] < Infinity);
          const lowest = seen.reduce((best, i) => (curve[i] < curve[best] ? i : best), seen[0]);
          expect(result.best?.step).toBe(lowest);
          expect(result.x[0]).toBe(lowest ?? end);
        },
      ),
      { numRuns: 300, seed: 8 },
    );
  });

  test("with relativeMinimumImprovement counts what is smaller than that part of what it improves on", () => {
    // 1 % of 100 is 1: 99.5 is none, 98.9 is; then 1 % of 98.9.
    const { result } = along([100, 99.5, 98.9, 98.5, 98, 0], {
      patience: 2,
      relativeMinimumImprovement: 0.01,
    });
    expect(result).toMatchObject({ reason: "patience", steps: 4, best: { step: 4, monitored: 98 } });
  });

  test("counts small improvements that add up to one, and restores the lowest all the same", () => {
    const { result } = along([10, 9.6, 9.2, 8.9, 8.8, 8.7, 8.6, 0], { patience: 3, minimumImprovement: 1 });
    // From 10 to 8.9 is one, in three evaluations; after it 8.8, 8.7, 8.6 are none.
    expect(result).toMatchObject({ reason: "patience", steps: 6, best: { step: 6, monitored: 8.6 } });
  });

  test("without a monitor watches the value itself", () => {
    const result = minimize(quadratic({ diagonal: [1] }), {
      // Too fast: the value rises from the start on, by (1 − 2.1)² a step.
      rule: gradientDescent({ learningRate: 2.1 }),
      start: [1],
      patience: 4,
    });
    expect(result).toMatchObject({
      reason: "patience",
      steps: 4,
      value: 0.5,
      best: { step: 0, monitored: 0.5 },
    });
    expect(result.message).toBe(
      "gradientDescent stopped after 4 steps: the value did not improve, 4 times in a row; the best, 0.5 at step 0, is restored.",
    );
  });

  test("leaves x where the run ended with restoreBest false, and says so", () => {
    const { result } = along([3, 1, 2, 2, 0], { patience: 2, restoreBest: false });
    expect([...result.x]).toEqual([3]);
    expect(result.best).toEqual({ step: 1, monitored: 1 });
    expect(result.message).toMatch(/the best, 1 at step 1, is not restored\.$/);
  });

  test("other reasons to stop restore the best too: steps, a divergence, restoreBest alone", () => {
    const { result } = along([3, 1, 2], {});
    expect(result).toMatchObject({ reason: "steps", steps: 2, best: { step: 1 } });
    expect([...result.x]).toEqual([1]);
    const diverging = { rule: gradientDescent({ learningRate: 3 }), start: [1], restoreBest: true };
    const diverged = minimize(quadratic({ diagonal: [1] }), diverging);
    expect(diverged).toMatchObject({ reason: "diverged", value: 0.5, best: { step: 0, monitored: 0.5 } });
    expect([...diverged.x]).toEqual([1]);
    const plain = minimize(quadratic({ diagonal: [1] }), { ...diverging, restoreBest: false });
    expect(plain.best).toBeUndefined();
  });

  test("where nothing monitored was a number, the end is the result", () => {
    const { result } = along([Number.NaN, Number.NaN, Number.NaN], { patience: 9 });
    expect(result.best).toBeUndefined();
    expect([...result.x]).toEqual([2]);
    expect(along([Number.NaN, Number.NaN], { patience: 1 }).result.message).toMatch(
      /what is monitored did not improve, once\.$/,
    );
  });

  test("spans the rounds of a choice of its own, which go on from where they ended and not from the best", () => {
    const data = read("../data/o-ring-23.csv", "distress", "classification");
    const features = applyScaling(scaling(data, "standard"), data.features);
    const problem = logisticRegression(features, data.targets, { columns: 1, intercept: true });
    const indices: number[] = [];
    const plain = minimize(problem, { callback: ({ index }) => void indices.push(index) });
    // A point between two rounds is shown twice.
    expect(indices.length).toBeGreaterThan(new Set(indices).size);
    const calls: number[] = [];
    const monitored = minimize(problem, {
      patience: 1e6,
      monitor: (x) => {
        calls.push(x[0]);
        return calls.length === 3 ? -1 : calls.length;
      },
    });
    expect(calls).toHaveLength(plain.steps + 1);
    expect(monitored).toMatchObject({
      steps: plain.steps,
      reason: plain.reason,
      best: { step: 2, monitored: -1 },
    });
    expect(monitored.x[0]).toBe(calls[2]);
  });

  test("knows named blocks", () => {
    const result = minimize(
      { value: ({ a, b }: { a: ArrayLike<number>; b: ArrayLike<number> }) => (a[0] - 1) ** 2 + b[0] ** 2 },
      {
        rule: sgd({ learningRate: 0.1 }),
        start: { a: [0], b: [2] },
        steps: 50,
        monitor: ({ a }) => Math.abs(a[0] - 0.5),
        patience: 3,
      },
    );
    // a: 0, 0.2, 0.36, 0.488, 0.5904 …
    expect(result.best?.step).toBe(3);
    expect(result.x.a[0]).toBeCloseTo(0.488, 8);
    expect(result.x.b[0]).toBeCloseTo(2 * 0.8 ** 3, 8);
  });

  test("an error of the monitor passes through untouched", () => {
    const mine = new Error("mine");
    const monitor = () => {
      throw mine;
    };
    expect(() => minimize(rosenbrock, { rule: adam(), start: [1, 2], monitor })).toThrow(mine);
  });

  test.each([
    [{ patience: 0 }, "minimize: patience must lie in the integers from 1, got 0"],
    [{ patience: 1.5 }, "minimize: patience must lie in the integers from 1, got 1.5"],
    [{ monitorEvery: 2 }, "minimize: monitorEvery needs monitor or patience"],
    [{ patience: 1, monitorEvery: 0 }, "minimize: monitorEvery must lie in the integers from 1, got 0"],
    [
      { minimumImprovement: 1 },
      "minimize: minimumImprovement needs patience, which says how long to wait for it",
    ],
    [{ patience: 1, minimumImprovement: -1 }, "minimize: minimumImprovement must lie in [0, ∞), got -1"],
    [{ monitor: 3 }, "minimize: monitor must be a function, got 3"],
    [{ monitor: () => "3" }, 'monitor must return a number, got "3"'],
    [{ restoreBest: 1 }, "minimize: restoreBest must be true or false, got 1"],
    [{ minImprovement: 1 }, 'minimize: unknown option "minImprovement"'],
  ] as [object, string][])("refuses %o", (options, message) => {
    expect(() => minimize(rosenbrock, { rule: adam(), start: [1, 2], ...options })).toThrow(message);
  });

  test("is the same in minimizeAsync, where an aborted run restores the best too", async () => {
    const { problem, heldOut } = splitDiabetes();
    const options = {
      rule: gradientDescent({ learningRate: 0.3 }),
      monitor: heldOut,
      patience: 50,
      history: true,
    };
    expect(await minimizeAsync(problem, { ...options, timeSlice: 0 })).toEqual(minimize(problem, options));
    const controller = new AbortController();
    let calls = 0;
    const aborted = await minimizeAsync(problem, {
      ...options,
      timeSlice: 0,
      signal: controller.signal,
      monitor: () => {
        if (++calls === 10) controller.abort();
        return calls === 4 ? 0 : 1;
      },
    });
    expect(aborted).toMatchObject({ reason: "aborted", steps: 9, best: { step: 3, monitored: 0 } });
    expect(aborted.x).toEqual(minimize(problem, { rule: options.rule, steps: 3 }).x);
    // The point where it ended is not monitored once more.
    expect(calls).toBe(10);
  });
});
