import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { descend } from "../../src/descent/descend.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { leastSquares, logisticRegression, quadratic } from "../../src/objectives/index.ts";
import { adam, gradientDescent, sgd } from "../../src/rules/index.ts";
import { shuffle } from "../../src/sampling/index.ts";
import { speedLimit } from "../../src/stepsize/speed-limit.ts";
import { stochasticRate } from "../../src/stepsize/stochastic-rate.ts";
import { badNumbers, expectRefusal } from "../errors/bad-values.ts";

const random = new Random(31);
const rows = Array.from({ length: 400 }, () => [2 * random.normal(), random.normal(), random.normal()]);
const targets = rows.map(([a, b]) => a - b + 0.3 * random.normal());
const squares = leastSquares(rows, targets);
const labels = rows.map(([a, b]) => a + b + random.normal() > 0);
const logistic = logisticRegression(rows, labels, { l2: 0.02 });

describe("a learning rate measured as batches go by", () => {
  // All of the limit, and raised again where a measurement allows it: the hardest case.
  const whole = { fraction: 1, growth: Infinity, every: 5, batches: 64 };
  const chance = 3 * Math.sqrt((0.025 * 0.975) / 4000);

  test("[stochastic-curvature] training with it exceeds the limit in no more steps than stated, over 4,000 measurements", () => {
    const { speedLimit: limit } = curvature(squares);
    let [measured, steps, over] = [0, 0, 0];
    for (let seed = 0; seed < 200; seed++) {
      const rate = stochasticRate(squares, { ...whole, seed });
      const rule = sgd({ learningRate: rate.learningRate });
      const batches = shuffle({ rows: 400, batchSize: 32, seed });
      for (const step of descend(squares, { rule, batches, steps: 99 })) {
        rate.observe(step);
        steps++;
        if (rate.learningRate(step.index) > limit) over++;
      }
      measured += rate.history.length;
    }
    expect(measured).toBe(4000);
    expect(over / steps).toBeLessThan(0.025 + chance);
    expect(over / steps).toBeGreaterThan(0.005);
  });

  test("[stochastic-curvature] where the curvature moves it exceeds the limit of where it was measured no more often", () => {
    let [measured, exceeded] = [0, 0];
    for (let seed = 0; seed < 200; seed++) {
      const rate = stochasticRate(logistic, { ...whole, seed });
      const rule = sgd({ learningRate: rate.learningRate });
      const batches = shuffle({ rows: 400, batchSize: 32, seed });
      let before = 0;
      for (const step of descend(logistic, { rule, batches, steps: 95 })) {
        rate.observe(step);
        if (rate.history.length === before) continue;
        before = rate.history.length;
        measured++;
        if (rate.learningRate(step.index) > curvature(logistic, { at: step.x }).speedLimit) exceeded++;
      }
    }
    expect(measured).toBe(4000);
    expect(exceeded / measured).toBeLessThan(0.025 + chance);
  });

  test("[stochastic-curvature] with the default half of the limit no step of a training exceeds it", () => {
    let over = 0;
    for (let seed = 0; seed < 20; seed++) {
      const rate = stochasticRate(logistic, { every: 25, seed });
      const rule = sgd({ learningRate: rate.learningRate });
      const batches = shuffle({ rows: 400, batchSize: 16, seed });
      for (const step of descend(logistic, { rule, batches, steps: 200 })) {
        rate.observe(step);
        if (step.index % 10 === 0 && step.learningRate > curvature(logistic, { at: step.x }).speedLimit)
          over++;
      }
    }
    expect(over).toBe(0);
  });

  test("[stochastic-curvature] trains to the minimum, by the callback of minimize", () => {
    const rate = stochasticRate(squares, { every: 50 });
    const rule = sgd({ learningRate: rate.learningRate });
    const batches = shuffle({ rows: 400, batchSize: 40 });
    const found = minimize(squares, { rule, batches, steps: 600, callback: rate.observe });
    const { value } = minimize(squares, {});
    expect(found.value).toBeLessThan(1.1 * value);
    expect(rate.history.map(({ index }) => index)).toEqual(Array.from({ length: 13 }, (_, k) => 50 * k));
    const { lambdaMax } = curvature(squares);
    for (const { lower, upper, learningRate } of rate.history) {
      expect(upper).toBeGreaterThan(lower);
      expect(learningRate).toBeLessThan(1 / lambdaMax);
      expect(learningRate).toBeGreaterThan(0.7 / lambdaMax);
    }
  });

  test("[stochastic-curvature] takes the limit of the rule that it is for, and says what it did", () => {
    const rule = sgd({ momentum: 0.9 });
    const rate = stochasticRate(squares, { rule, fraction: 0.4 });
    const { upper } = rate.measured;
    expect(rate.learningRate(0)).toBe(0.4 * speedLimit(rule, { lambdaMax: upper }));
    expect(rate.reason).toMatch(
      /^learning rate 0\.\d+, 0\.4 of the speed limit of sgd at λmax ≤ 4\.\d+, which held with probability 0\.975 at step 0$/,
    );
    expect(rate.learningRate.description).toEqual({
      schedule: "stochasticRate",
      fraction: 0.4,
      every: 100,
      confidence: 0.95,
    });
  });

  test("only falls, unless it is let grow by a factor", () => {
    const far = { index: 100, x: [3, 3, 0] };
    const kept = stochasticRate(logistic);
    const start = kept.learningRate(0);
    kept.observe(far);
    expect(kept.history.length).toBe(2);
    expect(kept.learningRate(0)).toBe(start);
    const grown = stochasticRate(logistic, { growth: 1.5 });
    grown.observe(far);
    expect(grown.learningRate(0)).toBeCloseTo(1.5 * start, 14);
    expect(grown.reason).toMatch(/^learning rate \d\.\d+, 0\.\d+ of the speed limit of gradientDescent/);
    grown.observe({ index: 200, x: [0, 0, 0] });
    expect(grown.learningRate(0)).toBeLessThan(1.5 * start);
  });

  test("measures on other rows each time, and is resumed from plain numbers", () => {
    const steps = [50, 99, 100, 180, 200].map((index) => ({ index, x: [0, 0, 0] }));
    const whole = stochasticRate(squares, { seed: 6, growth: 2 });
    for (const step of steps) whole.observe(step);
    expect(whole.history.map(({ index }) => index)).toEqual([0, 100, 200]);
    expect(new Set(whole.history.map(({ upper }) => upper)).size).toBe(3);
    const first = stochasticRate(squares, { seed: 6, growth: 2 });
    for (const step of steps.slice(0, 3)) first.observe(step);
    const saved = JSON.parse(JSON.stringify(first.state()));
    expect(saved).toEqual({ measurements: 2, index: 100, learningRate: first.learningRate(0) });
    const second = stochasticRate(squares, { seed: 6, growth: 2 });
    second.restore(saved);
    expect(second.learningRate(0)).toBe(first.learningRate(0));
    for (const step of steps.slice(3)) second.observe(step);
    expect(second.learningRate(0)).toBe(whole.learningRate(0));
    expect(second.measured).toEqual(whole.measured);
  });

  test("serves loops of one's own, and named blocks", () => {
    const problem = {
      rows: 400,
      value: () => 0,
      gradient(
        { a, b }: { readonly a: ArrayLike<number>; readonly b: ArrayLike<number> },
        g: { readonly a: { [i: number]: number }; readonly b: { [i: number]: number } },
        batch?: Uint32Array,
      ) {
        const some = batch ?? Uint32Array.from(rows.keys());
        for (const i of some) {
          const [p, q, r] = rows[i];
          const residual = p * a[0] + q * a[1] + r * b[0];
          g.a[0] += (residual * p) / some.length;
          g.a[1] += (residual * q) / some.length;
          g.b[0] += (residual * r) / some.length;
        }
      },
    };
    const start = { a: [1, 1], b: [1] };
    const rate = stochasticRate(problem, { at: start, every: 10 });
    const optimizer = createOptimizer(gradientDescent({ learningRate: rate.learningRate }), start);
    for (let index = 0; index <= 30; index++) {
      rate.observe({ index, x: optimizer.parameters });
      problem.gradient(optimizer.parameters, optimizer.gradient);
      optimizer.step();
      optimizer.gradient.a.fill(0);
      optimizer.gradient.b.fill(0);
    }
    expect(rate.history.length).toBe(4);
    expect(Math.hypot(...optimizer.parameters.a, ...optimizer.parameters.b)).toBeLessThan(0.05);
    optimizer.dispose();
  });

  test("keeps the rule's own rate where nothing curves upwards", () => {
    const hill = {
      rows: 50,
      value: () => 0,
      gradient([x]: ArrayLike<number> & Iterable<number>, g: { [i: number]: number }) {
        g[0] = -x;
      },
    };
    const rate = stochasticRate(hill, { at: [1], rule: gradientDescent() });
    expect(rate.learningRate(0)).toBe(0.01);
    expect(rate.reason).toBe("learning rate 0.01, as before: nothing curves upwards at step 0");
  });

  test("bad input is refused by name", () => {
    const takes: Readonly<Record<string, (v: number) => boolean>> = {
      fraction: (v) => v > 0 && v <= 1,
      every: (v) => Number.isSafeInteger(v) && v >= 1,
      growth: (v) => v >= 1,
      confidence: (v) => v > 0 && v < 1,
    };
    for (const [name, contains] of Object.entries(takes)) {
      for (const [shown, value] of badNumbers(contains)) {
        expectRefusal(
          () => stochasticRate(squares, { [name]: value }),
          `stochasticRate: ${name}`,
          `got ${shown}`,
        );
      }
    }
    expectRefusal(
      () => stochasticRate(squares, { rule: adam() }),
      "stochasticRate: rule must not divide",
      "adam",
    );
    expectRefusal(() => stochasticRate(squares, { rule: 3 as never }), "stochasticRate: rule must be a rule");
    expectRefusal(() => stochasticRate(squares, { evry: 3 } as never), "did you mean every");
    expectRefusal(
      () => stochasticRate(quadratic({ diagonal: [1] })),
      "stochasticRate: batches need an objective",
    );
    const rate = stochasticRate(squares);
    expectRefusal(() => rate.observe(3 as never), "stochasticRate: observe takes a step", "got 3");
    expectRefusal(() => rate.observe({ index: -1, x: [0, 0, 0] }), "stochasticRate: index");
    expectRefusal(() => rate.observe({ x: [0, 0, 0] } as never), "stochasticRate: index is needed");
    expectRefusal(() => rate.observe({ index: 100, x: [0] }), "at must have 3 entries, got 1");
    expect(rate.history.length).toBe(1);
    expectRefusal(
      () => rate.restore({ measurements: 1, index: 0 } as never),
      "state.learningRate must be a number",
    );
    expectRefusal(() => rate.restore({ ...rate.state(), measurements: 1.5 }), "state.measurements");
    expectRefusal(() => rate.restore(null as never), "stochasticRate: options must be an object");
    expectRefusal(() => rate.learningRate(-1), "stochasticRate: the step's index");
  });
});
