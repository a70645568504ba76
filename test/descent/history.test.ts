import { describe, expect, test } from "vitest";
import { descend } from "../../src/descent/descend.ts";
import type { HistoryOption } from "../../src/descent/history.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { logisticRegression, quadratic, rosenbrock } from "../../src/objectives/index.ts";
import { adam, gradientDescent } from "../../src/rules/index.ts";
import { cosine } from "../../src/schedules/index.ts";

describe("the learning curves", () => {
  const rule = adam({ learningRate: cosine({ from: 0.1, steps: 2000 }) });
  const run = (history: HistoryOption | undefined, options: object = {}) =>
    minimize(rosenbrock, { rule, start: [-1.2, 1], steps: 1000, gradientTolerance: 0, history, ...options });

  test("are the points that descend shows, to the last bit, beyond the first doublings", () => {
    const { history } = run(true);
    const steps: number[][] = [[], [], [], []];
    for (const { index, value, gradientNorm, learningRate } of descend(rosenbrock, {
      rule,
      start: [-1.2, 1],
      steps: 1000,
    })) {
      [index, value, gradientNorm, learningRate].forEach((entry, i) => {
        steps[i].push(entry);
      });
    }
    expect(history).toEqual({
      steps: Float64Array.from(steps[0]),
      values: Float64Array.from(steps[1]),
      gradientNorms: Float64Array.from(steps[2]),
      learningRates: Float64Array.from(steps[3]),
    });
    expect(history?.steps).toHaveLength(1001);
    // Cosine decay from 0.1, halfway down after half of its steps.
    expect(history?.learningRates[0]).toBe(0.1);
    expect(history?.learningRates[1000]).toBeCloseTo(0.05, 12);
    // Of their own length: nothing that is not theirs is kept alive.
    expect(history?.values.buffer.byteLength).toBe(8 * 1001);
  });

  test.each([1, 2, 7, 250, 1000, 1001, 5000])(
    "of every %i steps have the first and the last point",
    (every) => {
      const whole = run(true).history!;
      const { history } = run({ every });
      const indices = [...whole.steps].filter((index) => index % every === 0 || index === 1000);
      expect([...history!.steps]).toEqual(indices);
      for (const name of ["values", "gradientNorms", "learningRates"] as const) {
        expect([...history![name]]).toEqual(indices.map((index) => whole[name][index]));
      }
    },
  );

  test("hold what was monitored, NaN where it was not", () => {
    const monitor = ([x]: ArrayLike<number> & Iterable<number>) => x;
    const { history, best } = run({ every: 2 }, { monitor, monitorEvery: 3, steps: 13 });
    const xs = Array.from(descend(rosenbrock, { rule, start: [-1.2, 1], steps: 13 }), ({ x }) => x[0]);
    expect([...history!.steps]).toEqual([0, 2, 4, 6, 8, 10, 12, 13]);
    const { NaN } = Number;
    expect([...history!.monitored!]).toEqual([xs[0], NaN, NaN, xs[6], NaN, NaN, xs[12], xs[13]]);
    expect(best?.monitored).toBe(Math.min(xs[0], xs[3], xs[6], xs[9], xs[12], xs[13]));
    expect("monitored" in run(true, { patience: 5 }).history!).toBe(false);
  });

  test("show a point between two rounds of a chosen rule once", () => {
    // Hardly to be told apart: λmin is measured anew again and again.
    const problem = logisticRegression([[0], [1], [2], [3], [4], [5]], [0, 0, 1, 0, 1, 1], {
      intercept: true,
    });
    let shown = 0;
    const { history, steps, value, gradientNorm } = minimize(problem, {
      history: true,
      callback: () => void shown++,
    });
    expect(shown).toBeGreaterThan(steps + 1);
    expect([...history!.steps]).toEqual(Array.from({ length: steps + 1 }, (_, i) => i));
    expect(history!.values[steps]).toBe(value);
    expect(history!.gradientNorms[steps]).toBe(gradientNorm);
  });

  test("of a divergence end with what was met there", () => {
    const problem = {
      value: ([x]: Iterable<number>) => (x > 2 ? Number.NaN : -x),
      gradient: (_: unknown, g: Float64Array) => void g.fill(-1),
    };
    const { history } = minimize(problem as never, {
      rule: gradientDescent({ learningRate: 1 }),
      start: [1],
      history: true,
    });
    expect([...history!.values]).toEqual([-1, -2, Number.NaN]);
  });

  test("are kept only where they are asked for", () => {
    for (const history of [undefined, false]) expect(run(history).history).toBeUndefined();
  });

  test("change nothing else", () => {
    const { history, ...rest } = run(true);
    expect(rest).toEqual(run(false));
  });

  test.each([
    [3, "minimize: history must be true, false or { every: a number of steps }, got 3"],
    [null, "minimize: history must be true, false or { every: a number of steps }, got null"],
    [{ every: 0 }, "minimize: history.every must lie in the integers from 1, got 0"],
    [{ each: 2 }, 'minimize: history: unknown option "each"; known: every'],
  ] as [never, string][])("are refused as %o", (history, message) => {
    const problem = quadratic({ diagonal: [1] });
    expect(() => minimize(problem, { rule: adam(), history })).toThrow(message);
  });
});
