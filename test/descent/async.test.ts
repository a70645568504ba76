import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Progress } from "../../src/core/slice.ts";
import { applyScaling, parseCsv, scaling } from "../../src/data/index.ts";
import { descend } from "../../src/descent/descend.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { minimizeAsync } from "../../src/descent/minimize-async.ts";
import {
  beale,
  leastSquares,
  logisticRegression,
  quadratic,
  rosenbrock,
} from "../../src/objectives/index.ts";
import { adam, gradientDescent, momentum, rules, sgd } from "../../src/rules/index.ts";
import { cosine } from "../../src/schedules/index.ts";
import { chain, clipByGlobalNorm, ema } from "../../src/wrappers/index.ts";

function standardized(path: string, target: string, task: "regression" | "classification") {
  const data = parseCsv(readFileSync(new URL(path, import.meta.url), "utf8"), { target, task });
  const features = applyScaling(scaling(data, "standard"), data.features);
  return [features, data.targets, { columns: data.columns.length, intercept: true }] as const;
}
const diabetes = () => leastSquares(...standardized("../data/diabetes.csv", "progression", "regression"));
/** Without a penalty: chosen rules go in rounds. */
const oRing = () =>
  logisticRegression(...standardized("../data/o-ring-23.csv", "distress", "classification"));

/** Holds the thread up, as an evaluation on much data does. */
function busy(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** ½‖x‖², at so many milliseconds an evaluation. */
const slow = (milliseconds: number) => ({
  valueAndGradient(x: Float64Array | Float32Array, g: Float64Array | Float32Array) {
    busy(milliseconds);
    g.set(x);
    return (x[0] ** 2 + x[1] ** 2) / 2;
  },
});
/** Descends for ever, so slowly that no tolerance is met. */
const endless = { rule: gradientDescent({ learningRate: 1e-6 }), start: [3, 4], steps: 1e9 };

/** The lowest of up to five measurements, the first within the bound ending them: other programs run here too. */
async function bestOf(bound: number, measure: () => Promise<number>): Promise<number> {
  let best = Infinity;
  for (let i = 0; i < 5 && !(best <= bound); i++) best = Math.min(best, await measure());
  return best;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

const diagonal = [1, 0.5, 0.03, 1e-3];
const blocks = {
  value: ({ a, b }: Record<"a" | "b", Iterable<number>>) => {
    const [a0, a1] = a;
    const [b0] = b;
    return (a0 - b0) ** 2 + (a1 + 1) ** 2 + b0 ** 2;
  },
};

describe("minimizeAsync", () => {
  const everyRule = Object.entries(rules).map(([name, make]) => [
    name,
    make as () => ReturnType<typeof adam>,
  ]);

  test.each(everyRule as [string, () => ReturnType<typeof adam>][])(
    "gives the very result of minimize, with %s",
    async (_, make) => {
      const options = { rule: make(), start: [1, -2, 3, 0.5], steps: 300, history: true, restoreBest: true };
      const problem = quadratic({ diagonal });
      expect(await minimizeAsync(problem, { ...options, timeSlice: 0 })).toEqual(minimize(problem, options));
    },
  );

  test.each([
    ["a user's function in f32", rosenbrock, { rule: adam(), start: [-1.2, 1], precision: "f32" }],
    ["differences of values", { value: beale.value! }, { rule: momentum(), start: [1, 1], steps: 500 }],
    ["a divergence", quadratic({ diagonal }), { rule: gradientDescent({ learningRate: 9 }), steps: 999 }],
    [
      "wrappers and a schedule",
      quadratic({ diagonal }),
      {
        rule: chain(
          clipByGlobalNorm({ norm: 0.5 }),
          sgd({ learningRate: cosine({ from: 1, steps: 400 }) }),
          ema({ decay: 0.9 }),
        ),
        start: [9, 9, 9, 9],
        steps: 400,
      },
    ],
    ["named blocks", blocks, { rule: adam({ learningRate: 0.1 }), start: { a: [1, 2], b: [3] }, steps: 200 }],
    [
      "a rate that is measured",
      rosenbrock,
      { rule: sgd({ learningRate: "auto" }), start: [-1, 1], steps: 99 },
    ],
    ["a rate from the curvature", diabetes(), { rule: sgd({ learningRate: "auto" }), steps: 50 }],
    ["a rate by trial", diabetes(), { rule: adam({ learningRate: "auto" }), steps: 50 }],
    ["a choice of its own", diabetes(), {}],
    ["a choice of its own, in rounds", oRing(), {}],
    ["a choice of its own, in f32", diabetes(), { precision: "f32" }],
  ] as [string, never, object][])(
    "gives the very result of minimize, with %s",
    async (_, problem, options) => {
      const kept = { history: { every: 7 }, patience: 400, ...options } as never;
      const expected = minimize(problem, kept);
      for (const timeSlice of [0, 1]) {
        const result = await minimizeAsync(problem, { ...(kept as object), timeSlice } as never);
        // The rule of a measured rate is made anew for each run.
        expect({ ...result, rule: 0 }).toEqual({ ...expected, rule: 0 });
        expect(result.rule.name).toBe(expected.rule.name);
      }
    },
  );

  test("many at once give what they give alone", async () => {
    const jobs = Array.from({ length: 40 }, (_, i) => ({
      problem: i % 3 === 0 ? diabetes() : rosenbrock,
      options:
        i % 3 === 0
          ? { steps: 300 + i }
          : { rule: adam({ learningRate: 0.001 * (i + 1) }), start: [-1.2, i / 10], steps: 500 },
    }));
    const alone = jobs.map(({ problem, options }) => minimize(problem, options));
    const together = await Promise.all(
      jobs.map(({ problem, options }, i) => minimizeAsync(problem, { ...options, timeSlice: i % 4 })),
    );
    expect(together).toEqual(alone);
  });

  test("reads the start before it returns", async () => {
    const rule = gradientDescent({ learningRate: 0.1 });
    const automatic = [adam, sgd].map((make) => ({ rule: make({ learningRate: "auto" }), steps: 10 }));
    for (const options of [{ rule, steps: 10 }, {}, ...automatic]) {
      const start = Float64Array.of(1, 2, 3, 4);
      const problem = quadratic({ diagonal });
      const expected = minimize(problem, { ...options, start });
      const promise = minimizeAsync(problem, { ...options, start });
      start.fill(Number.NaN);
      expect({ ...(await promise), rule: 0 }).toEqual({ ...expected, rule: 0 });
    }
  });

  test("hears an abort that a timer is set for within 20 ms, at 3 ms an evaluation, and says where it got", async () => {
    const heard = async () => {
      const tries: number[] = [];
      for (let i = 0; i < 7; i++) {
        const delay = 40 + 3 * i;
        const due = performance.now() + delay;
        const controller = new AbortController();
        setTimeout(() => controller.abort(), delay);
        const result = await minimizeAsync(slow(3), { ...endless, signal: controller.signal });
        tries.push(performance.now() - due);
        expect(result.reason).toBe("aborted");
        expect(result.converged).toBe(false);
        expect(result.message).toBe(`gradientDescent stopped after ${result.steps} steps: it was aborted.`);
        expect(result.evaluations).toBe(result.steps + 1);
        // x is where so many steps lead, and value and gradient are the ones there.
        expect(result.x[0]).toBeCloseTo(3 * (1 - 1e-6) ** result.steps, 12);
        expect(result.value).toBe((result.x[0] ** 2 + result.x[1] ** 2) / 2);
        expect(result.gradientNorm).toBeCloseTo(Math.hypot(...result.x), 12);
      }
      return median(tries);
    };
    expect(await bestOf(20, heard)).toBeLessThanOrEqual(20);
  });

  test("one of many that is aborted does not wait for its turn", async () => {
    const others = new AbortController();
    const many = Array.from({ length: 10 }, () =>
      minimizeAsync(slow(1), { ...endless, signal: others.signal }),
    );
    const heard = async () => {
      const controller = new AbortController();
      const one = minimizeAsync(slow(1), { ...endless, signal: controller.signal });
      await sleep(150);
      const aborted = performance.now();
      controller.abort();
      expect((await one).reason).toBe("aborted");
      return performance.now() - aborted;
    };
    const best = await bestOf(20, heard);
    others.abort();
    expect((await Promise.all(many)).every(({ reason }) => reason === "aborted")).toBe(true);
    expect(best).toBeLessThanOrEqual(20);
  });

  test.each([1, 8])("timers go on while %i of them run", async (count) => {
    const longestGap = async () => {
      const controller = new AbortController();
      const gaps: number[] = [];
      let last = performance.now();
      const timer = setInterval(() => {
        gaps.push(performance.now() - last);
        last = performance.now();
      }, 5);
      setTimeout(() => controller.abort(), 300);
      await Promise.all(
        Array.from({ length: count }, () =>
          minimizeAsync(slow(1), { ...endless, signal: controller.signal }),
        ),
      );
      clearInterval(timer);
      expect(gaps.length).toBeGreaterThanOrEqual(5);
      return Math.max(...gaps);
    };
    expect(await bestOf(25, longestGap)).toBeLessThanOrEqual(25);
  });

  test.each([
    ["with a rule", quadratic({ diagonal }), { rule: adam() }],
    ["with a choice of its own", oRing(), {}],
  ] as const)("takes no step if it was aborted before, %s", async (_, problem, options) => {
    const callback = vi.fn();
    const start = new Float64Array(problem.dimension).fill(1);
    const result = await minimizeAsync(problem, { ...options, start, callback, signal: AbortSignal.abort() });
    expect(result.reason).toBe("aborted");
    expect(result.steps).toBe(0);
    expect([...result.x]).toEqual([...start]);
    expect(Number.isFinite(result.value) && Number.isFinite(result.gradientNorm)).toBe(true);
    expect(callback).not.toHaveBeenCalled();
  });

  test("an abort is heard in the midst of a choice of its own", async () => {
    const controller = new AbortController();
    const callback = ({ index }: { index: number }) => {
      if (index === 40) controller.abort();
    };
    const problem = diabetes();
    const result = await minimizeAsync(problem, { callback, signal: controller.signal, timeSlice: 0 });
    expect(result.reason).toBe("aborted");
    expect(result.steps).toBe(40);
    expect(result.choice).toMatch(/heavy-ball/);
    expect(result.x).toEqual(minimize(problem, { steps: 40, rule: result.rule }).x);
  });

  test.each([
    ["the curvature is measured that chooses a rule", {}, /^none: it was aborted/],
    [
      "the curvature is measured for a rate",
      { rule: sgd({ learningRate: "auto" }) },
      /^none: it was aborted/,
    ],
    ["rates are tried", { rule: adam({ learningRate: "auto" }) }, /^learning rate/],
  ] as const)("hears an abort within 20 ms while %s", async (_, options, choice) => {
    const start = new Float64Array(200).fill(1);
    let evaluations = 0;
    const problem = {
      ...slow(2),
      valueAndGradient(x: Float64Array, g: Float64Array) {
        evaluations++;
        return slow(2).valueAndGradient(x, g);
      },
      convex: true,
      quadratic: true,
    };
    const late = async () => {
      const due = performance.now() + 60;
      const onProgress = vi.fn();
      const result = await minimizeAsync(problem, {
        ...options,
        start,
        onProgress,
        signal: AbortSignal.timeout(60),
      });
      const delay = performance.now() - due;
      expect(onProgress).not.toHaveBeenCalled();
      expect(result).toMatchObject({ reason: "aborted", steps: 0, value: 1 });
      expect(result.choice).toMatch(choice);
      return delay;
    };
    expect(await bestOf(20, late)).toBeLessThanOrEqual(20);
    expect(evaluations).toBeGreaterThan(1);
  });

  test("tells of its progress once a slice, up to the end", async () => {
    const told: Progress[] = [];
    const problem = quadratic({ diagonal: [1, 0.1] });
    const options = {
      rule: gradientDescent({ learningRate: 1 }),
      start: [3, 4],
      steps: 50,
      gradientTolerance: 0,
    };
    const { value, gradientNorm } = await minimizeAsync(problem, {
      ...options,
      timeSlice: 0,
      onProgress: (progress) => told.push(progress),
    });
    expect(told.map(({ index }) => index)).toEqual(Array.from({ length: 51 }, (_, i) => i));
    expect(told[0]).toEqual({ index: 0, value: 5.3, gradientNorm: Math.hypot(3, 0.4), fraction: 0 });
    expect(told[20].fraction).toBe(20 / 50);
    expect(told[50]).toEqual({ index: 50, value, gradientNorm, fraction: 1 });
    const few: Progress[] = [];
    await minimizeAsync(slow(1), { ...options, rule: sgd(), onProgress: (progress) => few.push(progress) });
    expect(few.length).toBeGreaterThanOrEqual(3);
    expect(few.length).toBeLessThan(51);
    expect(few.at(-1)).toMatchObject({ index: 50, fraction: 1 });
  });

  test("the fraction is that of the nearest of steps, time and gradient", async () => {
    const fractions = async (options: object) => {
      const told: number[] = [];
      await minimizeAsync(quadratic({ diagonal: [1] }), {
        rule: gradientDescent({ learningRate: 0.5 }),
        start: [1],
        gradientTolerance: 0,
        timeSlice: 0,
        onProgress: ({ fraction }) => told.push(fraction),
        ...options,
      });
      return told;
    };
    // The gradient halves each step: after k of 10 steps log(2⁻ᵏ)/log(2⁻¹⁰) is over.
    const gradient = await fractions({ gradientTolerance: 2 ** -10 });
    gradient.forEach((fraction, k) => {
      expect(fraction).toBeCloseTo(k / 10, 12);
    });
    expect(gradient).toHaveLength(11);
    const time = await fractions({
      timeLimit: 100,
      rule: gradientDescent({ learningRate: 1e-6 }),
      callback: () => busy(1),
    });
    expect(time.length).toBeGreaterThan(5);
    expect(time.every((fraction, i) => fraction >= (time[i - 1] ?? 0) && fraction <= 1)).toBe(true);
    expect(time.some((fraction) => fraction > 0.3 && fraction < 0.9)).toBe(true);
  });

  describe("rejects with the very error", () => {
    const mine = new Error("mine");
    const at = (count: number) => {
      let calls = 0;
      return () => {
        if (++calls === count) throw mine;
        return 1;
      };
    };
    const { Memory } = WebAssembly;
    afterEach(() => {
      WebAssembly.Memory = Memory;
    });
    const constant = { value: () => 1, gradient: (_: unknown, g: Float64Array) => void g.fill(1) };

    test.each([
      ["the problem", 30_000, { ...constant, value: at(30) }, {}],
      ["the callback", 40_000, constant, { callback: at(3) }],
      ["onProgress", 50_000, constant, { onProgress: at(3) }],
      ["monitor", 60_000, constant, { monitor: at(3) }],
    ] as [string, number, never, object][])(
      "that %s throws, and gives the memory back",
      async (_, dimension, problem, options) => {
        let made = 0;
        WebAssembly.Memory = class extends Memory {
          constructor(descriptor: WebAssembly.MemoryDescriptor) {
            super(descriptor);
            made++;
          }
        };
        const common = { rule: adam(), start: new Float64Array(dimension), timeSlice: 0 };
        await expect(minimizeAsync(problem, { ...common, ...options })).rejects.toBe(mine);
        // No other test needs a memory of this size: a second run finds the first one's.
        expect(made).toBe(1);
        await minimizeAsync(constant as never, { ...common, steps: 3 });
        expect(made).toBe(1);
      },
    );

    test("a rule that is missing where nothing bounds the curvature", async () => {
      await expect(minimizeAsync(rosenbrock, { start: [1, 2] })).rejects.toThrow(
        /^minimizeAsync: rule is needed/,
      );
    });
  });

  test.each([
    [{ timeSlice: -1 }, RangeError, "minimizeAsync: timeSlice must lie in [0, ∞), got -1"],
    [{ timeSlice: "1" }, TypeError, 'minimizeAsync: timeSlice must be a number in [0, ∞), got "1"'],
    [{ signal: true }, TypeError, "minimizeAsync: signal must be an AbortSignal, got true"],
    [{ signal: null }, TypeError, "minimizeAsync: signal must be an AbortSignal, got null"],
    [{ onProgress: 1 }, TypeError, "minimizeAsync: onProgress must be a function, got 1"],
    [{ onprogress: () => 0 }, TypeError, 'unknown option "onprogress"; did you mean onProgress?'],
    [{ patience: 0 }, RangeError, "minimizeAsync: patience must lie in the integers from 1, got 0"],
  ] as [object, new () => Error, string][])("refuses %o", async (options, type, message) => {
    const promise = minimizeAsync(rosenbrock, { rule: adam(), start: [1, 2], ...options });
    await expect(promise).rejects.toThrow(type);
    await expect(promise).rejects.toThrow(message);
  });
});

describe("functions that return promises are refused, whether or not they fail besides,", () => {
  const promised = async () => {
    throw new Error("too late");
  };
  test.each([
    ["problem: value", { value: promised }, {}],
    ["problem: valueAndGradient", { valueAndGradient: promised }, {}],
    ["problem: gradient", { value: () => 1, gradient: promised }, {}],
    ["callback", rosenbrock, { callback: promised }],
    ["monitor", rosenbrock, { monitor: promised }],
  ] as [string, never, object][])("as %s", async (name, problem, options) => {
    const told = `${name} must be synchronous, but it returned a Promise: wait for what it needs before`;
    const all = { rule: adam(), start: [1, 2], ...options };
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    expect(() => minimize(problem, all)).toThrow(new TypeError(told));
    await expect(minimizeAsync(problem, all)).rejects.toThrow(new TypeError(told));
    await sleep(5);
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe("for await over descend", () => {
  const options = { rule: adam({ learningRate: 0.05 }), start: [-1.2, 1], steps: 400 };

  test("shows the points that for of shows", async () => {
    const record = ({ index, value, gradientNorm, learningRate, x }: Record<string, unknown>) =>
      [index, value, gradientNorm, learningRate, ...(x as Float64Array)] as const;
    const expected = [...descend(rosenbrock, options)].length;
    const pulled = Array.from(descend(rosenbrock, options), (step) => record(step as never));
    const awaited: unknown[] = [];
    for await (const step of descend(rosenbrock, options)) awaited.push(record(step as never));
    expect(awaited).toEqual(pulled);
    expect(awaited).toHaveLength(expected);
  });

  test("hears an abort within 20 ms, and lets timers go on", async () => {
    const heard = async () => {
      const tries: number[] = [];
      for (let i = 0; i < 7; i++) {
        const controller = new AbortController();
        const due = performance.now() + 45;
        setTimeout(() => controller.abort(), 45);
        let index = 0;
        for await (const step of descend(slow(2), { ...endless, signal: controller.signal }))
          index = step.index;
        tries.push(performance.now() - due);
        expect(index).toBeGreaterThan(0);
        expect(controller.signal.aborted).toBe(true);
      }
      return median(tries);
    };
    expect(await bestOf(20, heard)).toBeLessThanOrEqual(20);
  });

  test("does not go round the event loop at each step", async () => {
    let rounds = 0;
    let over = false;
    const count = () => {
      rounds++;
      if (!over) setImmediate(count);
    };
    count();
    let steps = 0;
    for await (const step of descend(rosenbrock, { ...options, steps: 2000 })) steps = step.index;
    over = true;
    expect(steps).toBe(2000);
    expect(rounds).toBeLessThan(200);
  });

  test("a signal that was aborted before lets no point through, in for of neither", async () => {
    const all = { ...options, signal: AbortSignal.abort() };
    for await (const step of descend(rosenbrock, all)) throw new Error(`showed ${step.index}`);
    expect([...descend(rosenbrock, all)]).toEqual([]);
    expect(() => descend(rosenbrock, { ...options, signal: {} as never })).toThrow(
      "descend: signal must be an AbortSignal, got an object",
    );
  });

  test("for of ends before its next turn when the signal is aborted in the loop", () => {
    const controller = new AbortController();
    let last = 0;
    for (const { index } of descend(rosenbrock, { ...options, signal: controller.signal })) {
      last = index;
      if (index === 9) controller.abort();
    }
    expect(last).toBe(9);
  });

  test("break, and an error in the loop, end the descent; the last record stays", async () => {
    const broken = descend(rosenbrock, options);
    let record: { readonly x: ArrayLike<number> } | undefined;
    for await (const step of broken) {
      record = step;
      if (step.index === 3) break;
    }
    const x = Array.from(record?.x ?? []);
    expect(broken.next().done).toBe(true);
    const mine = new Error("mine");
    const thrown = descend(rosenbrock, options);
    const loop = async () => {
      for await (const _ of thrown) throw mine;
    };
    await expect(loop()).rejects.toBe(mine);
    expect(thrown.next().done).toBe(true);
    expect(Array.from(record?.x ?? [])).toEqual(x);
  });
});
