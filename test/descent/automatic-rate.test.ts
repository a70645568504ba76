import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { curvature } from "../../src/curvature/curvature.ts";
import { parseCsv } from "../../src/data/index.ts";
import { descend } from "../../src/descent/descend.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import {
  beale,
  leastSquares,
  logisticRegression,
  plateauBasin,
  quadratic,
  rosenbrock,
  softmaxRegression,
} from "../../src/objectives/index.ts";
import { adam, gradientDescent, momentum, rules, sgd } from "../../src/rules/index.ts";
import { speedLimit } from "../../src/stepsize/speed-limit.ts";

const iris = () =>
  parseCsv(readFileSync(new URL("../data/iris.csv", import.meta.url), "utf8"), {
    target: "species",
    task: "classification",
  });

/** Softmax regression as a user would write it: nothing bounds its curvature. */
function plainSoftmax(features: Float64Array, targets: Uint32Array, width: number, classes: number) {
  const rows = targets.length;
  const at = (x: ArrayLike<number>, g?: { [i: number]: number }) => {
    let loss = 0;
    for (let i = 0; i < rows; i++) {
      const scores = Array.from({ length: classes }, (_, c) => {
        let score = x[width * classes + c];
        for (let j = 0; j < width; j++) score += features[i * width + j] * x[j * classes + c];
        return score;
      });
      const largest = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - largest));
      const total = weights.reduce((sum, w) => sum + w, 0);
      loss += Math.log(total) + largest - scores[targets[i]];
      if (!g) continue;
      for (let c = 0; c < classes; c++) {
        const residual = (weights[c] / total - (c === targets[i] ? 1 : 0)) / rows;
        for (let j = 0; j < width; j++) g[j * classes + c] += residual * features[i * width + j];
        g[width * classes + c] += residual;
      }
    }
    return loss / rows;
  };
  return {
    value: (x: ArrayLike<number>) => at(x),
    gradient: (x: ArrayLike<number>, g: { [i: number]: number }) => void at(x, g),
  };
}

function expectFalling(values: readonly number[]): void {
  for (let i = 1; i < values.length; i++) expect(values[i]).toBeLessThanOrEqual(values[i - 1] + 1e-12);
}

describe('learningRate "auto"', () => {
  test("is 2/(M + m) for gradient descent on a quadratic, and the choice is in the result", () => {
    const problem = quadratic({ diagonal: [10, 1] });
    const result = minimize(problem, { rule: gradientDescent({ learningRate: "auto" }), start: [1, 1] });
    expect(result.converged).toBe(true);
    expect(Math.abs(result.learningRate / curvature(problem).optimalStep - 1)).toBeLessThan(1e-3);
    expect(result.choice).toMatch(/learning rate 0\.1818, the fastest constant rate.*λmax = 10/);
  });

  test("stays below the bound on raw iris softmax, whose sharpness rises above that of the start", () => {
    const { features, targets } = iris();
    const problem = softmaxRegression(features, targets, { columns: 4, intercept: true });
    const atStart = curvature(problem).lambdaMax;
    let sharpest = 0;
    for (const make of [gradientDescent, sgd, momentum] as const) {
      const rule = make({ learningRate: "auto", ...(make === sgd ? { momentum: 0.9 } : {}) } as never);
      const values: number[] = [];
      for (const { value, x, index } of descend(problem, { rule, steps: 400 })) {
        values.push(value);
        if (index % 40 === 0) sharpest = Math.max(sharpest, curvature(problem, { at: x }).lambdaMax);
      }
      expect(values.at(-1)).toBeLessThan(0.5 * values[0]);
      if (make === gradientDescent) expectFalling(values);
    }
    // The trap is real: a rate just below 2/λmax of the start would exceed the limit later on.
    expect(sharpest).toBeGreaterThan(1.05 * atStart);
  });

  test("is measured again on the way where nothing bounds the curvature: the same trap as a user's functions", () => {
    const { features, targets } = iris();
    const problem = plainSoftmax(features, targets, 4, 3);
    const values: number[] = [];
    const rates = new Set<number>();
    for (const { value, learningRate } of descend(problem as never, {
      rule: gradientDescent({ learningRate: "auto" }),
      start: new Float64Array(15),
      steps: 300,
    })) {
      values.push(value);
      rates.add(learningRate);
    }
    expectFalling(values);
    expect(values.at(-1)).toBeLessThan(0.5 * values[0]);
    expect(rates.size).toBeGreaterThan(3);
  });

  test.each([
    ["rosenbrock", rosenbrock],
    ["beale", beale],
    ["plateauBasin", plateauBasin],
  ] as const)(
    "descends %s without a rate being given, by gradient descent and by momentum",
    (_, landscape) => {
      const start = landscape.start as unknown as number[];
      for (const rule of [
        gradientDescent({ learningRate: "auto" }),
        sgd({ learningRate: "auto", momentum: 0.9 }),
      ]) {
        const first = minimize(landscape, { rule, start, steps: 0 }).value;
        const result = minimize(landscape, { rule, start, steps: 3000 });
        expect(result.reason).not.toBe("diverged");
        expect(result.value).toBeLessThan(first);
      }
    },
  );

  test("of a rule that divides by what it measures is found by trial and falls, so that it settles", () => {
    const problem = leastSquares(
      [
        [1, 0],
        [0, 3],
        [1, 1],
      ],
      [1, 6, 3],
    );
    const result = minimize(problem, {
      rule: adam({ learningRate: "auto" }),
      steps: 3000,
      gradientTolerance: 1e-6,
    });
    expect(result.converged).toBe(true);
    expect(result.choice).toMatch(/tried for 200 steps each/);
  });

  test("works for every rule on a logistic model", () => {
    const { features, targets } = iris();
    const labels = Array.from(targets, (c) => (c === 2 ? 1 : 0));
    const problem = logisticRegression(features, labels, { columns: 4, intercept: true, l2: 0.01 });
    for (const [name, make] of Object.entries(rules)) {
      const result = minimize(problem, { rule: make({ learningRate: "auto" }), steps: 500 });
      expect(result.reason, name).not.toBe("diverged");
      expect(result.value, name).toBeLessThan(0.6);
      expect(result.choice, name).toMatch(/learning rate/);
    }
  });

  test("needs a problem: an optimizer refuses it, and so does nothing else that has none", () => {
    expect(() => createOptimizer(adam({ learningRate: "auto" }), [1])).toThrow(
      /learningRate "auto" needs a problem/,
    );
    expect(speedLimit(sgd({ learningRate: "auto", momentum: 0.9 }), { lambdaMax: 1 })).toBeCloseTo(3.8, 10);
    expect(() => adam({ beta1: "auto" } as never)).toThrow(/beta1 must be a number/);
    expect(() => adam({ learningRate: "automatic" } as never)).toThrow(/learningRate must be a number/);
  });
});
