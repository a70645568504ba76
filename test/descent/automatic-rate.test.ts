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
import { option } from "../../src/rules/options.ts";
import { type AnyRuleFactory, defineRule } from "../../src/rules/rule.ts";
import { speedLimit } from "../../src/stepsize/speed-limit.ts";
import { cautious, chain, lookahead, weightDecay } from "../../src/wrappers/index.ts";

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

  test("works for every rule that has a rate on a logistic model, and is refused by those that work it out", () => {
    const { features, targets } = iris();
    const labels = Array.from(targets, (c) => (c === 2 ? 1 : 0));
    const problem = logisticRegression(features, labels, { columns: 4, intercept: true, l2: 0.01 });
    for (const [name, make] of Object.entries(rules as Readonly<Record<string, AnyRuleFactory>>)) {
      const auto = () => make({ learningRate: "auto" });
      if (!("automatic" in make.declaration.options.learningRate)) {
        expect(auto).toThrow(`${name}: learningRate must be a number in [0, ∞), got "auto"`);
        continue;
      }
      const result = minimize(problem, { rule: auto(), steps: 500 });
      expect(result.reason, name).not.toBe("diverged");
      expect(result.value, name).toBeLessThan(0.6);
      expect(result.choice, name).toMatch(/learning rate/);
    }
  });

  test("is measured before the first step, which minimize and descend take alike", () => {
    const steep = {
      value: ([x]: Iterable<number>) => 5e3 * x * x,
      gradient: ([x]: Iterable<number>, g: { [i: number]: number }) => {
        g[0] = 1e4 * x;
      },
    } as never;
    const rule = gradientDescent({ learningRate: "auto" });
    const { history } = minimize(steep, { rule, start: [1], steps: 3, gradientTolerance: 0, history: true });
    expect(history!.learningRates[0]).toBeLessThanOrEqual(1e-4 * (1 + 1e-9));
    let last: number[] = [];
    for (const { x } of descend(rosenbrock, { rule, start: [-1.2, 1], steps: 50 })) last = [...x];
    const same = minimize(rosenbrock, { rule, start: [-1.2, 1], steps: 50, gradientTolerance: 0 });
    expect([...same.x]).toEqual(last);
    for (const lambda of [1e9, 1e12]) {
      const scaled = {
        value: (x: ArrayLike<number>) => (lambda * x[0] * x[0] + x[1] * x[1]) / 2,
        gradient: (x: ArrayLike<number>, g: { [i: number]: number }) => {
          g[0] = lambda * x[0];
          g[1] = x[1];
        },
      };
      const result = minimize(scaled as never, { rule, start: [1, 1], steps: 200 });
      expect(result.reason).not.toBe("diverged");
      expect(result.value).toBeLessThan(1);
    }
  });

  const sigmoid = (t: number) => 1 / (1 + Math.exp(-t));
  const softplus = (t: number) => Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t)));
  // Flat where they start, steep on the way: a rate from the curvature at the start alone flies off.
  test.each([
    ["eˣ − x from −20", (x: number) => Math.exp(x) - x, (x: number) => Math.exp(x) - 1, -20],
    [
      "(x² − 1)² from 1/√3",
      (x: number) => (x * x - 1) ** 2,
      (x: number) => 4 * x * (x * x - 1),
      1 / Math.sqrt(3),
    ],
    [
      "a steep softplus from −8",
      (x: number) => softplus(-10 * x) + softplus(x),
      (x: number) => -10 * sigmoid(-10 * x) + sigmoid(x),
      -8,
    ],
    ["log cosh from 10", (x: number) => softplus(2 * x) - x, (x: number) => Math.tanh(x), 10],
    ["log cosh from 50", (x: number) => softplus(2 * x) - x, (x: number) => Math.tanh(x), 50],
  ])("never ends above where it began on %s", (_, value, slope, start) => {
    const problem = {
      value: ([x]: Iterable<number>) => value(x),
      gradient: ([x]: Iterable<number>, g: { [i: number]: number }) => {
        g[0] = slope(x);
      },
    } as never;
    for (const rule of [
      gradientDescent({ learningRate: "auto" }),
      momentum({ learningRate: "auto" }),
      sgd({ learningRate: "auto", momentum: 0.9 }),
      sgd({ learningRate: "auto", momentum: 0.9, nesterov: true }),
    ]) {
      const result = minimize(problem, { rule, start: [start], steps: 3000 });
      expect(result.reason, rule.name).toBe("gradient");
      expect(result.value, rule.name).toBeLessThan(value(start));
    }
  });

  test("descends plain softmax on raw iris from far starts as well", () => {
    const { features, targets } = iris();
    const problem = plainSoftmax(features, targets, 4, 3);
    for (const size of [1, 3]) {
      const start = Array.from({ length: 15 }, (_, i) => size * Math.sin(7 * i + 1));
      for (const rule of [
        gradientDescent({ learningRate: "auto" }),
        sgd({ learningRate: "auto", momentum: 0.9 }),
      ]) {
        const first = problem.value(start);
        const result = minimize(problem as never, { rule, start, steps: 1000 });
        expect(result.value).toBeLessThan(0.3 * first);
      }
    }
  });

  test("respects the scale factors of groups, the decay of a chain, and wrappers that change the step", () => {
    const blocks = {
      value: ({ a, b }: { a: ArrayLike<number>; b: ArrayLike<number> }) => 50 * a[0] ** 2 + b[0] ** 2 / 2,
    };
    for (const scale of [2, 50]) {
      const result = minimize(blocks, {
        rule: gradientDescent({ learningRate: "auto" }),
        start: { a: [1], b: [1] },
        groups: [{ blocks: "a", scale }],
        steps: 3000,
      });
      // The rate of everything is lowered by the largest scale: b takes its time.
      expect(result.value).toBeLessThan(scale === 2 ? 0.05 : 0.2);
    }
    const problem = quadratic({ diagonal: [1, 100] });
    const auto = gradientDescent({ learningRate: "auto" });
    for (const decoupled of [false, true]) {
      const rule = chain(weightDecay({ weightDecay: 2, decoupled }), auto);
      expect(minimize(problem, { rule, start: [1, 1], steps: 500 }).value).toBeLessThan(1e-6);
    }
    const careful = chain(sgd({ learningRate: "auto", momentum: 0.9 }), cautious());
    expect(minimize(problem, { rule: careful, start: [1, 1], steps: 2000 }).value).toBeLessThan(1e-6);
    const ahead = minimize(rosenbrock, { rule: chain(auto, lookahead()), start: [-1.2, 1], steps: 3000 });
    expect(ahead.value).toBeLessThan(1);
    const inGroup = [{ blocks: "b", options: { learningRate: "auto" } }];
    expect(() =>
      minimize(blocks, { rule: auto, start: { a: [1], b: [1] }, groups: inGroup as never }),
    ).toThrow(/groups\[0\]: learningRate "auto" goes on the rule at large/);
  });

  test("gives rules of other groups the value again when a step is taken back", () => {
    const seen: number[] = [];
    const watching = defineRule({
      name: "watching",
      options: { learningRate: option.nonNegative(1) },
      slots: () => [],
      needs: { value: true },
      advance: (_, { value }) => void seen.push(value),
      textbook: ({ x }) => ({ x }),
    });
    // At 1/√3 the curvature of (a² − 1)² is 0, and a step of length 1 leads upwards.
    const start = { a: [1 / Math.sqrt(3)], b: [0] };
    const problem = { value: ({ a }: { a: ArrayLike<number> }) => (a[0] ** 2 - 1) ** 2 };
    const rule = gradientDescent({ learningRate: "auto" });
    const groups = [{ blocks: "b", rule: watching() }];
    const result = minimize(problem, { rule, start, groups, steps: 3 });
    expect(seen.length).toBeGreaterThan(result.steps);
    expect(seen[1]).toBe(seen[0]);
    expect(seen.every(Number.isFinite)).toBe(true);
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
