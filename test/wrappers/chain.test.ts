import { describe, expect, test } from "vitest";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { adam, gradientDescent, sgd } from "../../src/rules/index.ts";
import { withOptions } from "../../src/rules/rule.ts";
import { linear, schedule } from "../../src/schedules/index.ts";
import { speedLimit } from "../../src/stepsize/speed-limit.ts";
import {
  accumulate,
  cautious,
  chain,
  clipByGlobalNorm,
  clipByValue,
  ema,
  lookahead,
  polyakAverage,
  projectBox,
  skipNonFinite,
  swa,
  weightDecay,
} from "../../src/wrappers/index.ts";

const unit = gradientDescent({ learningRate: 1 });

describe("a chain", () => {
  test("has the speed limit of its rule", () => {
    for (const rule of [gradientDescent(), sgd({ momentum: 0.9 }), adam()]) {
      const chained = chain(weightDecay(), rule, ema());
      expect(speedLimit(chained, { lambdaMax: 3 })).toBe(speedLimit(rule, { lambdaMax: 3 }));
    }
  });

  test("keeps its wrappers when options of its rule are replaced", () => {
    const chained = chain(clipByValue({ value: 1 }), unit, ema());
    const slower = withOptions(chained, { learningRate: 0.5 });
    expect(slower).toEqual({ ...chained, options: { ...chained.options, learningRate: 0.5 } });
    const optimizer = createOptimizer(slower, [0]);
    optimizer.gradient.set([-9]);
    optimizer.step();
    expect([...optimizer.parameters]).toEqual([0.5]);
  });

  test("averages once at most", () => {
    expect(() => chain(unit, ema(), swa())).toThrow("chain: one averaging wrapper expected, got ema and swa");
  });

  test("belongs around the rule at large, not into a group", () => {
    const groups = [{ blocks: "w", rule: chain(clipByValue(), unit) }];
    expect(() => createOptimizer(unit, { w: [1] }, { groups })).toThrow(
      "createOptimizer: groups[0]: rule must have no wrappers",
    );
  });
});

describe("[groups] decoupled decay", () => {
  test("takes each group's own learning rate, scale and schedule", () => {
    const rule = chain(
      weightDecay({ weightDecay: 0.5, decoupled: true }),
      gradientDescent({ learningRate: 0.1 }),
    );
    const optimizer = createOptimizer(
      rule,
      { a: [1], b: [1], c: [1], d: [1] },
      {
        groups: [
          { blocks: "b", scale: 3 },
          { blocks: "c", options: { learningRate: linear({ from: 1, to: 0.5, steps: 1 }) } },
          { blocks: "d", frozen: true },
        ],
      },
    );
    optimizer.step();
    optimizer.step();
    const { a, b, c, d } = optimizer.parameters;
    expect(a[0]).toBeCloseTo(0.95 ** 2, 14);
    expect(b[0]).toBeCloseTo(0.85 ** 2, 14);
    expect(c[0]).toBeCloseTo(0.5 * 0.75, 14);
    expect(d[0]).toBe(1);
  });
});

describe("schedules of wrappers", () => {
  test("count the steps of the rule", () => {
    const strength = linear({ from: 1, to: 0, steps: 2 });
    const rule = chain(accumulate({ steps: 2 }), weightDecay({ weightDecay: strength }), unit);
    const optimizer = createOptimizer(rule, [8]);
    const seen: number[] = [];
    for (let t = 0; t < 6; t++) {
      optimizer.step();
      seen.push(optimizer.parameters[0]);
    }
    expect(seen).toEqual([8, 0, 0, 0, 0, 0]);
    optimizer.parameters.fill(8);
    optimizer.step();
    optimizer.step();
    expect([...optimizer.parameters]).toEqual([8]);
  });

  test("that leave their domain, or contradict another option, are refused before anything changes", () => {
    const falling = linear({ from: 1, to: -1, steps: 2 });
    const step = createOptimizer(
      chain(skipNonFinite(), accumulate({ steps: 1 }), clipByValue({ value: falling }), unit),
      [0],
    );
    step.gradient.set([-4]);
    step.step();
    expect(() => step.step()).toThrow(
      "clipByValue: value (its schedule, at step 1) must lie in (0, ∞), got 0",
    );
    expect([...step.parameters]).toEqual([1]);
    const box = () => projectBox({ lower: 0, upper: schedule((t) => 1 - 2 * t, { schedule: "own" }) });
    const boxed = createOptimizer(chain(unit, box()), [0.5]);
    boxed.step();
    expect(() => boxed.step()).toThrow("projectBox: lower must not exceed upper, got 0 and -1");
    expect([...boxed.parameters]).toEqual([0.5]);
    expect(() => projectBox({ lower: 2, upper: 1 })).toThrow(
      new RangeError("projectBox: lower must not exceed upper, got 2 and 1"),
    );
  });
});

describe("averages", () => {
  test("are the parameters before the first step, and before the first that they take in", () => {
    for (const average of [ema(), ema({ debias: true }), swa({ start: 3 }), polyakAverage()]) {
      const optimizer = createOptimizer(chain(unit, average), [1, 2, 3]);
      expect([...optimizer.averaged()]).toEqual([1, 2, 3]);
    }
    const late = createOptimizer(chain(unit, swa({ start: 3 })), [0]);
    late.gradient.set([-1]);
    const seen = Array.from({ length: 4 }, () => {
      late.step();
      return late.averaged()[0];
    });
    expect(seen).toEqual([1, 2, 3, 3.5]);
  });

  test("[groups] show frozen blocks as they are", () => {
    const optimizer = createOptimizer(
      chain(unit, polyakAverage()),
      { a: [1, 2, 3], b: [4] },
      { groups: [{ blocks: "a", frozen: true }] },
    );
    optimizer.gradient.b.set([-1]);
    optimizer.step();
    optimizer.step();
    const { a, b } = optimizer.averaged();
    expect([...a, ...b]).toEqual([1, 2, 3, 5.5]);
  });
});

describe("skipNonFinite", () => {
  test("skips a step as if it had not been asked for, whatever else is in the chain", () => {
    for (const wrong of [Number.NaN, Infinity, -Infinity]) {
      const rule = chain(
        skipNonFinite(),
        accumulate({ steps: 2 }),
        weightDecay({ weightDecay: 0.1, decoupled: true }),
        clipByGlobalNorm(),
        adam(),
        lookahead({ steps: 2 }),
        ema(),
      );
      const [hurt, whole] = [1, 2].map(() => createOptimizer(rule, [1, 2, 3]));
      for (let t = 0; t < 9; t++) {
        if (t % 2 === 0) {
          hurt.gradient.set([1, wrong, 2]);
          hurt.step();
        }
        for (const optimizer of [hurt, whole]) {
          optimizer.gradient.set([t, 1 - t, 2]);
          optimizer.step();
        }
      }
      expect([...hurt.parameters]).toEqual([...whole.parameters]);
      expect([...hurt.averaged()]).toEqual([...whole.averaged()]);
      const { "skipNonFinite.skipped": skipped, ...rest } = hurt.report();
      expect(skipped).toBe(5);
      expect({ ...rest, "skipNonFinite.skipped": 0 }).toEqual(whole.report());
    }
  });

  test("halts beyond its limit rather than gives in, changing nothing, and goes on with a good gradient", () => {
    for (const limit of [0, 2]) {
      const optimizer = createOptimizer(chain(skipNonFinite({ limit }), unit), [1]);
      optimizer.gradient.set([Number.NaN]);
      for (let t = 0; t < limit; t++) optimizer.step();
      const report = optimizer.report();
      expect(report["skipNonFinite.skippedInARow"]).toBe(limit);
      const halted = new RegExp(`^skipNonFinite: the gradient was not finite in ${limit + 1} steps in a row`);
      expect(() => optimizer.step()).toThrow(halted);
      expect(() => optimizer.step()).toThrow(halted);
      expect(optimizer.report()).toEqual(report);
      expect([...optimizer.parameters]).toEqual([1]);
      optimizer.gradient.set([2]);
      optimizer.step();
      expect([...optimizer.parameters]).toEqual([-1]);
      expect(optimizer.report()["skipNonFinite.skippedInARow"]).toBe(0);
    }
  });

  test("looks at entries, not at their norm, which may overflow", () => {
    const optimizer = createOptimizer(chain(skipNonFinite(), unit), [0, 0]);
    optimizer.gradient.set([-1.7e308, -1.7e308]);
    optimizer.step();
    expect([...optimizer.parameters]).toEqual([1.7e308, 1.7e308]);
  });
});

describe("gradients of some rows", () => {
  const table = { shape: [3, 2], values: [0, 0, 0, 0, 0, 0] };

  test("are stepped ahead of the wrappers behind the rule", () => {
    const rule = chain(unit, projectBox({ upper: 1 }), polyakAverage());
    const optimizer = createOptimizer(rule, { table });
    optimizer.setSparseGradient("table", [1], [[-3, -0.5]]);
    optimizer.step();
    expect([...optimizer.parameters.table]).toEqual([0, 0, 1, 0.5, 0, 0]);
    expect([...optimizer.averaged().table]).toEqual([0, 0, 1, 0.5, 0, 0]);
  });

  test("are refused where a wrapper reads the whole gradient", () => {
    const optimizer = createOptimizer(chain(unit, cautious()), { table });
    expect(() => optimizer.setSparseGradient("table", [1], [[1, 1]])).toThrow(
      "cautious reads the whole gradient",
    );
  });
});

test("a cautious step that is NaN stays NaN", () => {
  const optimizer = createOptimizer(chain(unit, cautious()), [1, 1, 1]);
  optimizer.gradient.set([1, Number.NaN, 1]);
  optimizer.step();
  expect(optimizer.parameters[1]).toBeNaN();
});
