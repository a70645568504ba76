import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { descend } from "../../src/descent/descend.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { minimizeAsync } from "../../src/descent/minimize-async.ts";
import { rosenbrock } from "../../src/objectives/landscapes.ts";
import { leastSquares } from "../../src/objectives/least-squares.ts";
import { logisticRegression } from "../../src/objectives/logistic.ts";
import type { Objective } from "../../src/objectives/objective.ts";
import { softmaxRegression } from "../../src/objectives/softmax.ts";
import { adam, gradientDescent, sgd } from "../../src/rules/index.ts";
import { type Sampler, shuffle, stratified, withReplacement } from "../../src/sampling/index.ts";
import { schedule } from "../../src/schedules/index.ts";
import { Probe } from "../objectives/probe.ts";
import { standardized } from "./standardized.ts";

function table(path: string): number[][] {
  const text = readFileSync(new URL(path, import.meta.url), "utf8").trim();
  return text
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(",").map(Number));
}

const cancer = table("../../examples/data/breast-cancer.csv");
const cancerRows = standardized(cancer.map((row) => row.slice(0, -1)));
const labels = cancer.map((row) => row[row.length - 1]);
const diabetes = table("../data/diabetes.csv");
const diabetesRows = standardized(diabetes.map((row) => row.slice(0, -1)));
const progression = diabetes.map((row) => row[row.length - 1]);
const options = { intercept: true, l2: 0.1 };

// 442 = 34 × 13 rows; 560 = 35 × 16: batches of one size.
const problems: Readonly<Record<string, { objective: Objective; rows: number; batchSize: number }>> = {
  "least squares": { objective: leastSquares(diabetesRows, progression, options), rows: 442, batchSize: 13 },
  logistic: {
    objective: logisticRegression(cancerRows.slice(0, 560), labels.slice(0, 560), options),
    rows: 560,
    batchSize: 16,
  },
  softmax: {
    objective: softmaxRegression(cancerRows.slice(0, 560), labels.slice(0, 560), options),
    rows: 560,
    batchSize: 16,
  },
};

/** A point that is not special. */
const pointOf = (size: number): number[] => Array.from({ length: size }, (_, i) => Math.sin(i + 1));

function gradients({ objective, batchSize }: { objective: Objective; batchSize: number }) {
  const probe = new Probe(objective.withBatches!(batchSize)).at(pointOf(objective.dimension));
  const full = probe.gradient();
  return {
    full,
    of(batch: Uint32Array) {
      probe.bound.selectRows!(batch);
      return probe.gradient();
    },
  };
}

describe.each(Object.entries(problems))("batch gradients of %s", (_, problem) => {
  const { rows, batchSize } = problem;

  test("[minibatch] have over an epoch of equal batches the full gradient as their mean", () => {
    const { full, of } = gradients(problem);
    const scale = Math.max(...full.map(Math.abs));
    const classes = Array.from({ length: rows }, (_, i) => i % 3);
    for (const sampler of [
      shuffle({ rows, batchSize, seed: 1 }),
      stratified({ labels: classes, batchSize, seed: 1 }),
    ]) {
      const mean = new Float64Array(full.length);
      for (const batch of sampler) {
        of(batch).forEach((entry, j) => {
          mean[j] += entry / sampler.batchesPerEpoch;
        });
      }
      mean.forEach((entry, j) => {
        expect(Math.abs(entry - full[j]) / scale).toBeLessThan(1e-12);
      });
    }
  });

  test("[minibatch] with replacement have the full gradient as their mean within 4 standard errors", () => {
    const { full, of } = gradients(problem);
    const sampler = withReplacement({ rows, batchSize, seed: 3 });
    const draws = 3000;
    const sum = new Float64Array(full.length);
    const squares = new Float64Array(full.length);
    for (let k = 0; k < draws; k++) {
      of(sampler.draw()).forEach((entry, j) => {
        sum[j] += entry - full[j];
        squares[j] += (entry - full[j]) ** 2;
      });
    }
    sum.forEach((entry, j) => {
      expect(squares[j]).toBeGreaterThan(0);
      expect(Math.abs(entry) / Math.sqrt(squares[j])).toBeLessThan(4);
    });
  });
});

/** Mean of (x − row)²/2, on a batch or on all rows, counting its calls. */
function meanProblem(rows: number) {
  const seen: (number[] | undefined)[] = [];
  return {
    seen,
    valueAndGradient(
      [x]: ArrayLike<number> & Iterable<number>,
      g: { [i: number]: number },
      batch?: Uint32Array,
    ) {
      seen.push(batch && [...batch]);
      const some = batch ?? Uint32Array.from({ length: rows }, (_, i) => i);
      let value = 0;
      for (const row of some) {
        value += (x - row) ** 2 / 2 / some.length;
        g[0] += (x - row) / some.length;
      }
      return value;
    },
  };
}

describe("descending in batches", () => {
  const rule = gradientDescent({ learningRate: 0.5 });

  test("[minibatch] steps by the gradient of the next batch, and looks at all rows at the end", () => {
    const problem = meanProblem(5);
    const sampler = shuffle({ rows: 5, batchSize: 2, seed: 4 });
    const expected: number[][] = [];
    for (let e = 0; e < 2; e++) for (const batch of shuffleAgain(e)) expected.push([...batch]);
    function shuffleAgain(epoch: number): Sampler {
      const again = shuffle({ rows: 5, batchSize: 2 });
      again.restore({ seed: 4, epoch, position: 0 });
      return again;
    }
    const result = minimize(problem, { rule, start: [10], batches: sampler, epochs: 2 });
    expect(problem.seen).toEqual([...expected, undefined]);
    let x = 10;
    for (const batch of expected) x -= (0.5 * batch.reduce((sum, row) => sum + x - row, 0)) / batch.length;
    expect(result.x[0]).toBeCloseTo(x, 14);
    expect(result.value).toBeCloseTo((x - 2) ** 2 / 2 + 1, 14);
    expect(result.gradientNorm).toBeCloseTo(Math.abs(x - 2), 14);
    expect(result).toMatchObject({ steps: 6, reason: "steps", converged: false, evaluations: 7 });
    expect(result.message).toMatch(
      /^gradientDescent stopped after 6 steps, epochs: 2; on all 5 rows the value is [\d.]+ and the gradient's norm [\d.]+\.$/,
    );
    expect(sampler.state()).toEqual({ seed: 4, epoch: 2, position: 0 });
  });

  test("hands out each batch's value and epoch, and at last those of all rows", () => {
    const problem = meanProblem(5);
    const batches = shuffle({ rows: 5, batchSize: 2, seed: 4 });
    const records = Array.from(descend(problem, { rule, start: [10], batches, epochs: 2 }), (record) => ({
      ...record,
      x: record.x[0],
    }));
    expect(records.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(records.map(({ epoch }) => epoch)).toEqual([0, 0, 0, 1, 1, 1, 2]);
    records.forEach(({ x, value, gradientNorm }, i) => {
      const some = problem.seen[i] ?? [0, 1, 2, 3, 4];
      expect(value).toBeCloseTo(some.reduce((sum, row) => sum + (x - row) ** 2 / 2, 0) / some.length, 13);
      expect(gradientNorm).toBeCloseTo(
        Math.abs(some.reduce((sum, row) => sum + x - row, 0)) / some.length,
        13,
      );
    });
    expect(problem.seen[6]).toBeUndefined();
  });

  test("is the same whether one pulls, pushes or waits", async () => {
    const make = () => ({
      rule: adam({ learningRate: 0.05 }),
      batches: stratified({ labels, batchSize: 32, seed: 2 }),
      epochs: 3,
    });
    const objective = logisticRegression(cancerRows, labels, options);
    const result = minimize(objective, make());
    const { x, value } = await minimizeAsync(objective, { ...make(), timeSlice: 0 });
    expect([...x]).toEqual([...result.x]);
    expect(value).toBe(result.value);
    let last = Number.NaN;
    for (const record of descend(objective, make())) last = record.value;
    expect(last).toBe(result.value);
    expect(new Probe(objective).at(result.x).value()).toBe(result.value);
  });

  test("draws the batches of named blocks' problems too", () => {
    const seen: number[] = [];
    minimize(
      {
        value: ({ a }: { a: ArrayLike<number> }, batch?: Uint32Array) => {
          seen.push(batch?.length ?? 0);
          return a[0] * a[0];
        },
        gradient: ({ a }, g, batch) => {
          g.a[0] = 2 * a[0];
          seen.push(batch?.length ?? 0);
        },
      },
      { rule, start: { a: [1] }, batches: shuffle({ rows: 3, batchSize: 2 }), epochs: 1 },
    );
    expect(seen).toEqual([2, 2, 1, 1, 0, 0]);
  });

  test("stops at the fewer of steps and epochs, and after 10,000 steps where there is neither", () => {
    const steps = (limits: { steps?: number; epochs?: number }) =>
      minimize(meanProblem(4), { rule, start: [0], batches: shuffle({ rows: 4, batchSize: 1 }), ...limits })
        .steps;
    expect(steps({ steps: 3, epochs: 2 })).toBe(3);
    expect(steps({ steps: 30, epochs: 2 })).toBe(8);
    expect(steps({ epochs: 3000 })).toBe(12_000);
    expect(steps({ epochs: 0 })).toBe(0);
    expect(steps({})).toBe(10_000);
  });

  test("does not stop at a batch without gradient, unless a tolerance is asked for", () => {
    const flat = leastSquares([[0], [1]], [0, 1]);
    const common = { rule, batches: shuffle({ rows: 2, batchSize: 1 }), steps: 40 };
    const result = minimize(flat, common);
    expect(result.steps).toBe(40);
    expect(result.x[0]).toBeCloseTo(1, 4);
    const asked = minimize(flat, { ...common, gradientTolerance: 1e-3 });
    expect(asked).toMatchObject({ reason: "gradient", converged: true });
    expect(asked.message).toContain("converged after");
  });

  test("returns the last finite point with its value on all rows where it diverges or is told to stop", () => {
    const problem = leastSquares([[1], [1]], [0, 1]);
    const batches = () => shuffle({ rows: 2, batchSize: 1, seed: 1 });
    const wild = minimize(problem, { rule: gradientDescent({ learningRate: 1e3 }), batches: batches() });
    expect(wild.reason).toBe("diverged");
    const x = wild.x[0];
    expect(wild.value / ((x * x + (x - 1) ** 2) / 4)).toBeCloseTo(1, 12);
    const told = minimize(problem, {
      rule,
      batches: batches(),
      start: [3],
      callback: ({ index }) => index === 1,
    });
    expect(told.value).toBeCloseTo((told.x[0] ** 2 + (told.x[0] - 1) ** 2) / 4, 14);
    expect(told.message).toContain("the callback asked for it; on all 2 rows");
  });

  test("restores the best monitored point with its value on all rows", () => {
    const problem = leastSquares([[1], [1]], [0, 1]);
    const { x, value, best } = minimize(problem, {
      rule,
      start: [3],
      batches: shuffle({ rows: 2, batchSize: 1, seed: 1 }),
      steps: 50,
      monitor: ([w]) => Math.abs(w - 0.4),
    });
    expect(best?.monitored).toBe(Math.abs(x[0] - 0.4));
    expect(value).toBeCloseTo((x[0] ** 2 + (x[0] - 1) ** 2) / 4, 14);
  });

  test("[minibatch] SGD with a falling rate reaches the minimum that Newton found (references/problems.json)", () => {
    const { problems: references } = JSON.parse(
      readFileSync(new URL("../references/problems.json", import.meta.url), "utf8"),
    ) as { problems: Record<string, { minimum: number; minimizer: number[] }> };
    const { minimum } = references["breast-cancer/standardized/logistic/l2=0.1"];
    const objective = logisticRegression(cancerRows, labels, options);
    const excess = (epochs: number, batches: Sampler) => {
      const learningRate = schedule((t) => 0.3 / (1 + t / 50), { schedule: "inverseTime" });
      return minimize(objective, { rule: sgd({ learningRate }), batches, epochs }).value - minimum;
    };
    for (const make of [
      () => shuffle({ rows: 569, batchSize: 16, seed: 5 }),
      () => stratified({ labels, batchSize: 16, seed: 5 }),
      () => withReplacement({ rows: 569, batchSize: 16, seed: 5 }),
    ]) {
      const early = excess(1, make());
      const late = excess(60, make());
      expect(late).toBeGreaterThan(0);
      expect(late).toBeLessThan(2e-4);
      expect(late).toBeLessThan(early / 20);
    }
  });
});

describe("batches that do not fit are refused by name:", () => {
  const rule = adam();
  const batches = shuffle({ rows: 569, batchSize: 16 });
  const objective = logisticRegression(cancerRows, labels);

  test.each([
    [
      "another number of rows",
      () => minimize(objective, { rule, batches: shuffle({ rows: 5, batchSize: 2 }) }),
      "minimize: batches are of 5 rows, but logisticRegression has 569",
    ],
    [
      "a problem without rows",
      () => descend(rosenbrock, { rule, start: [0, 0], batches }),
      "descend: batches need an objective on rows of data",
    ],
    [
      "rows that the problem says",
      () => minimize({ rows: 3, value: ([x]) => x }, { rule, start: [0], batches }),
      "batches are of 569 rows, but problem has 3",
    ],
    [
      "no sampler",
      () => minimize(objective, { rule, batches: 16 as never }),
      "minimize: batches must be a sampler such as shuffle({ rows, batchSize }), got 16",
    ],
    ["epochs of nothing", () => descend(objective, { rule, epochs: 3 }), "descend: epochs needs batches"],
    [
      "half an epoch",
      () => minimize(objective, { rule, batches, epochs: 0.5 }),
      "minimize: epochs must lie in",
    ],
    ["no rule", () => minimize(objective, { batches }), "minimize: batches need a rule"],
    [
      "patience with noise",
      () => minimize(objective, { rule, batches, patience: 3 }),
      "patience and restoreBest need monitor",
    ],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(message);
    expect(batches.state()).toEqual({ seed: 0, epoch: 0, position: 0 });
  });

  test('the learning rate "auto"', () => {
    expect(() => minimize(objective, { rule: sgd({ learningRate: "auto" }), batches })).toThrow(
      'minimize: noise, not curvature, limits the learning rate of batches: give one instead of "auto"',
    );
  });
});
