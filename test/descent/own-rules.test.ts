import { describe, expect, test } from "vitest";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { leastSquares, quadratic } from "../../src/objectives/index.ts";
import { gradientDescent, momentum } from "../../src/rules/index.ts";
import { alsoCalled, option } from "../../src/rules/options.ts";
import { defineRule } from "../../src/rules/rule.ts";
import { shuffle } from "../../src/sampling/index.ts";
import { constant } from "../../src/schedules/index.ts";
import { speedLimit } from "../../src/stepsize/speed-limit.ts";
import { chain, clipByGlobalNorm, ema } from "../../src/wrappers/index.ts";

const ownMomentum = defineRule({
  name: "ownMomentum",
  options: { learningRate: option.rate(0.01), beta: option.fraction(0.9) },
  slots: () => ["v"],
  textbook({ x, g, v }, { learningRate, beta }) {
    const average = beta * v + (1 - beta) * g;
    return { x: x - learningRate * average, v: average };
  },
});

/** x ← x − η‖x − x₀‖g/‖g‖ + …: every part of a declaration, each of which is checked below. */
const everything = (scope: "everything" | "group" | "block") =>
  defineRule({
    name: "everything",
    options: { learningRate: option.nonNegative(1) },
    slots: () => ["start", "twice", "mean"],
    initial: () => ({ start: "parameters", mean: "parameters" }),
    transient: ["twice"],
    result: "mean",
    needs: { value: true, hessianDiagonal: (t) => (t === 2 ? 3 : 0) },
    prepare: {
      kernel: () => "gradientDescent",
      scalars() {},
      textbook: ({ g }) => ({ twice: 2 * g }),
    },
    measures: { sum: { absoluteSum: "twice" }, away: { norm: ["x", "start"] } },
    scope: () => scope,
    carries: [0],
    advance(_, { carried, measured, value }) {
      carried[0] += measured.sum + measured.away + value;
    },
    effectiveRate: (_, { carried }) => carried[0],
    textbook: ({ x, h, mean, start, twice, carried, length }) => ({
      x: x - 1,
      start,
      twice,
      mean: mean + 100 * carried[0] + 10 * length + h,
    }),
  });

describe("a rule of one's own", () => {
  test("says that no kernel steps it, and steps as the library's kernel does, in both precisions", () => {
    expect([ownMomentum().compiled, momentum().compiled]).toEqual([false, true]);
    for (const precision of ["f64", "f32"] as const) {
      const options = { learningRate: constant(0.1), beta: 0.5 };
      const own = createOptimizer(ownMomentum(options), [1, -2, 3], { precision });
      const ours = createOptimizer(momentum(options), [1, -2, 3], { precision });
      for (let t = 0; t < 20; t++) {
        for (const optimizer of [own, ours]) {
          optimizer.gradient.set(optimizer.parameters);
          optimizer.step();
        }
        own.parameters.forEach((x, i) => {
          expect(Math.abs(x - ours.parameters[i])).toBeLessThan(precision === "f64" ? 1e-15 : 1e-6);
        });
      }
    }
  });

  test("goes into groups, wrappers, files and limits like any other", () => {
    const rule = chain(
      clipByGlobalNorm({ norm: 1 }),
      ownMomentum({ learningRate: 0.1 }),
      ema({ decay: 0.5 }),
    );
    const make = () =>
      createOptimizer(
        rule,
        { a: [1, 2], b: [3] },
        { groups: [{ blocks: "b", options: { learningRate: 0.2 } }] },
      );
    const [first, second] = [make(), make()];
    const step = (optimizer: typeof first) => {
      optimizer.gradient.a.set(optimizer.parameters.a);
      optimizer.gradient.b.set(optimizer.parameters.b);
      optimizer.step();
    };
    for (let t = 0; t < 5; t++) step(first);
    second.load(first.save());
    for (let t = 0; t < 5; t++) {
      step(first);
      step(second);
    }
    expect(second.save()).toEqual(first.save());
    expect(first.averaged().a).toEqual(second.averaged().a);
    // truths.md 1: (2 + 2β)/((1 − β)λ).
    expect(speedLimit(ownMomentum(), { lambdaMax: 2 })).toBeCloseTo(19, 10);
    const { x } = minimize(quadratic([[2]]), {
      rule: ownMomentum({ learningRate: 0.5 }),
      start: [3],
      steps: 500,
    });
    expect(x[0]).toBeCloseTo(0, 8);
  });

  test("is refused where its declaration lacks something, by name", () => {
    const wrong = (declaration: object) => () => defineRule(declaration as never);
    const good = { name: "good", options: {}, slots: () => [], textbook: () => ({ x: 0 }) };
    expect(wrong({ ...good, name: "" })).toThrow(new TypeError('defineRule: name must be a text, got ""'));
    expect(wrong({ ...good, slots: ["m"] })).toThrow(
      'defineRule: slots of good must be a function such as () => ["m"], got an array of 1',
    );
    expect(wrong({ ...good, options: { learningRate: 0.1 } })).toThrow(
      new TypeError(
        "defineRule: option learningRate of good must be made by option.rate(0.1) or the like, got 0.1",
      ),
    );
    expect(wrong({ ...good, textbook: undefined })).toThrow("either a textbook or a blockTextbook");
    expect(wrong({ ...good, blockTextbook() {} })).toThrow("either a textbook or a blockTextbook");
    expect(wrong({ ...good, kernel: () => "adam" })).toThrow(
      "defineRule: scalars of good must be a function",
    );
    expect(wrong({ ...good, options: 3 })).toThrow("defineRule: options of good must be a record, got 3");
    expect(wrong([])).toThrow("defineRule: options must be an object, got an array of 0");
  });

  test("is refused at its first step where its textbook leaves out what it has to renew, and nothing has changed", () => {
    const step = (textbook: () => unknown) => {
      const rule = defineRule({ name: "mine", options: {}, slots: () => ["m"], textbook: textbook as never });
      const optimizer = createOptimizer(rule(), [1, 2]);
      expect(() => optimizer.step()).toThrow(TypeError);
      expect([...optimizer.parameters]).toEqual([1, 2]);
      return optimizer;
    };
    const said = "mine: its textbook must return the new { x, m }, got";
    expect(() => step(() => ({ x: 0 })).step()).toThrow(`${said} undefined as m`);
    expect(() => step(() => ({ m: 0 })).step()).toThrow(`${said} undefined as x`);
    expect(() => step(() => 3).step()).toThrow(`${said} 3`);
    expect(() => step(() => undefined).step()).toThrow(`${said} undefined`);
  });

  test("reads other libraries' words for its options, its own ahead of those that all share", () => {
    const rule = defineRule({
      name: "named",
      options: {
        learningRate: alsoCalled(option.nonNegative(1), "damping"),
        floor: alsoCalled(option.finite(0), "eps"),
        epsilon: option.nonNegative(0),
      },
      slots: () => [],
      textbook: ({ x }) => ({ x }),
    });
    const told = (name: string) => () => rule({ [name]: 1 } as never);
    expect(told("damping")).toThrow("did you mean learningRate?");
    expect(told("lr")).toThrow("did you mean learningRate?");
    expect(told("eps")).toThrow("did you mean floor?");
  });

  test("refuses numbers outside of the domains that it declares", () => {
    const rule = defineRule({
      name: "bounded",
      options: { least: option.finite(-1), most: option.limit(Infinity), factor: option.growth(Infinity) },
      slots: () => [],
      textbook: ({ x }) => ({ x }),
    });
    expect(rule({ least: -5, most: 2, factor: 1 }).options).toEqual({ least: -5, most: 2, factor: 1 });
    for (const [name, domain, wrong] of [
      ["least", "(−∞, ∞)", [Infinity, -Infinity, Number.NaN]],
      ["most", "(0, ∞]", [0, -1, Number.NaN]],
      ["factor", "[1, ∞]", [0.99, -Infinity, Number.NaN]],
    ] as const) {
      for (const value of wrong) {
        expect(() => rule({ [name]: value })).toThrow(
          new RangeError(`bounded: ${name} must lie in ${domain}, got ${value}`),
        );
      }
    }
  });
});

describe("what is measured", () => {
  const measuring = defineRule({
    name: "measuring",
    options: { learningRate: option.nonNegative(1), both: option.flag(false) },
    slots: () => [],
    measures: ({ both }) => ({
      first: { norm: "x" as const, when: (t: number) => t === 1 },
      ...(both ? { slope: { dot: ["x", "g"] as const } } : {}),
    }),
    carries: [0],
    advance(_, { measured, carried }) {
      carried[0] = measured.first + (measured.slope ?? 0);
    },
    effectiveRate: (_, { carried }) => carried[0],
    textbook: ({ x, g }) => ({ x: x - g }),
  });

  test("may depend on the options, and on the step", () => {
    const rates = (both: boolean) => {
      const optimizer = createOptimizer(measuring({ both }), [3, 4]);
      return [0, 1, 2].map(() => {
        const { learningRate } = optimizer;
        optimizer.gradient.set([1, 0]);
        optimizer.step();
        return learningRate;
      });
    };
    // ‖x‖ is measured at (3, 4) and kept; ⟨x, g⟩ is 3, then 2. Before the first step no rate is known.
    expect(rates(false)).toEqual([0, 5, 5]);
    expect(rates(true)).toEqual([0, 8, 7]);
  });
});

test("a rule that is linear under some options alone has a limit under these, and says so under others", () => {
  const shifted = defineRule({
    name: "shifted",
    options: { learningRate: option.rate(0.1), shift: option.nonNegative(0) },
    slots: () => [],
    linear: ({ shift }) => shift === 0,
    textbook: ({ x, g }, { learningRate, shift }) => ({ x: x - learningRate * g - shift }),
  });
  expect(speedLimit(shifted(), { lambdaMax: 4 })).toBeCloseTo(0.5, 12);
  expect(() => speedLimit(shifted({ shift: 1 }), { lambdaMax: 4 })).toThrow(
    "speedLimit: shifted has no limit of this kind: its steps do not scale with the gradient",
  );
});

describe("the phases of a step", () => {
  const blocks = { a: [1, 2], b: [3], c: [5, 5, 5] };
  const groups = [{ blocks: "c", options: { learningRate: 0.5 } }];
  const twoSteps = (scope: "everything" | "group" | "block", rates: number[] = []) => {
    const optimizer = createOptimizer(everything(scope)(), blocks, { groups });
    optimizer.gradient.a.set([1, -1]);
    optimizer.gradient.b.set([4]);
    optimizer.gradient.c.set([0, 0, 2]);
    optimizer.step({ value: 1 });
    rates.push(optimizer.learningRate);
    expect(optimizer.needs).toEqual({ value: true, hessianVectorProduct: true });
    const probes: number[][] = [];
    optimizer.step({
      value: 2,
      hessianVectorProduct(v, product) {
        probes.push([...v.a, ...v.b, ...v.c]);
        product.a.set([10 * v.a[0], 20 * v.a[1]]);
        product.b.set([30 * v.b[0]]);
        product.c.set([0, 0, 7 * v.c[2]]);
      },
    });
    return { optimizer, probes };
  };

  test("are the pass, the measures, the carried numbers, the step; over everything, a group or a block", () => {
    // Σ|2g| and ‖x − x₀‖: 0 at first, then each parameter has moved by 1.
    const expected = {
      everything: { sums: [16, 16, 16], away: [6, 6, 6], lengths: [6, 6, 6] },
      group: { sums: [12, 12, 4], away: [3, 3, 3], lengths: [3, 3, 3] },
      block: { sums: [4, 8, 4], away: [2, 1, 3], lengths: [2, 1, 3] },
    };
    for (const scope of ["everything", "group", "block"] as const) {
      const { optimizer } = twoSteps(scope);
      const { sums, away, lengths } = expected[scope];
      const averaged = optimizer.averaged();
      const diagonals = [[10, 20], [30], [0, 0, 7]];
      Object.entries(blocks).forEach(([name, start], k) => {
        const once = sums[k] + 1;
        const twice = once + sums[k] + Math.sqrt(away[k]) + 2;
        start.forEach((x, i) => {
          const mean = x + 100 * (once + twice) + 20 * lengths[k] + diagonals[k][i];
          expect(averaged[name as "a"][i], `${scope} ${name}[${i}]`).toBeCloseTo(mean, 10);
          expect(optimizer.parameters[name as "a"][i]).toBe(x - 2);
        });
      });
    }
  });

  test("tell the rate that the last step came to", () => {
    const rates: number[] = [];
    twoSteps("everything", rates);
    expect(rates).toEqual([17]);
  });

  test("probe the Hessian's diagonal with signs, one probe after another, the same in every run", () => {
    const { probes } = twoSteps("block");
    expect(probes).toHaveLength(3);
    for (const probe of probes) expect(probe.every((sign) => Math.abs(sign) === 1)).toBe(true);
    expect(new Set(probes.map(String)).size).toBe(3);
    expect(twoSteps("group").probes).toEqual(probes);
  });

  test("average the probed diagonal over runs of a block's entries, the last of which may be shorter", () => {
    const probing = defineRule({
      name: "probing",
      options: { learningRate: option.rate(1), run: option.constant(option.count(1, 1)) },
      slots: () => [],
      needs: { hessianDiagonal: () => 1, diagonalRun: ({ run }) => run },
      textbook: ({ h }) => ({ x: h }),
    });
    const diagonal = [1, 3, 5, 7, 100];
    const stepped = (run: number, precision: "f64" | "f32") => {
      const optimizer = createOptimizer(probing({ run }), { a: [0, 0, 0, 0, 0], b: [0, 0] }, { precision });
      optimizer.step({
        hessianVectorProduct(v, product) {
          product.a.set(v.a.map((sign, i) => diagonal[i] * sign));
          product.b.set(v.b.map((sign, i) => (i + 1) * sign));
        },
      });
      return [[...optimizer.parameters.a], [...optimizer.parameters.b]];
    };
    for (const precision of ["f64", "f32"] as const) {
      expect(stepped(1, precision)).toEqual([diagonal, [1, 2]]);
      expect(stepped(2, precision)).toEqual([
        [2, 2, 6, 6, 100],
        [1.5, 1.5],
      ]);
      const whole = Array.from(diagonal, () => 23.2).map(precision === "f32" ? Math.fround : Number);
      expect(stepped(2 ** 40, precision)).toEqual([whole, [1.5, 1.5]]);
    }
  });

  test("begin with the parameters as they are at the first step, not as they were given", () => {
    const optimizer = createOptimizer(everything("group")(), [1, 2, 3]);
    optimizer.parameters.set([4, 5, 6]);
    expect(optimizer.averaged()).toEqual(Float64Array.of(1, 2, 3));
    optimizer.step({ value: 0 });
    expect(optimizer.averaged()).toEqual(Float64Array.of(34, 35, 36));
  });

  test("do not begin where something that the rule needs is missing", () => {
    const optimizer = createOptimizer(everything("group")(), [1]);
    expect(() => optimizer.step()).toThrow(
      new TypeError("optimizer.step: everything needs the value at the parameters: step({ value: … })"),
    );
    expect(() => optimizer.step({ value: "1" } as never)).toThrow(/value must be a number, got "1"/);
    expect(() => optimizer.step({ valeu: 1 } as never)).toThrow(/did you mean value/);
    optimizer.step({ value: 1 });
    expect(() => optimizer.step({ value: 1 })).toThrow(/everything needs products with the Hessian/);
    expect(() => optimizer.step({ value: 1, hessianVectorProduct: 3 } as never)).toThrow(
      /must be a function, got 3/,
    );
    const promise = async () => {};
    expect(() => optimizer.step({ value: 1, hessianVectorProduct: promise as never })).toThrow(/synchronous/);
    expect([optimizer.stepCount, optimizer.parameters[0]]).toEqual([1, 0]);
  });

  test("of a descent take value and Hessian from the objective; its answer is the rule's result", () => {
    const problem = quadratic([
      [2, 0],
      [0, 4],
    ]);
    const result = minimize(problem, { rule: everything("group")(), start: [2, 2], steps: 2 });
    // f is 12 at (2, 2) and 3 at (1, 1); Σ|2g| is 24 and 12; of a diagonal Hessian every probe tells the diagonal.
    const once = 24 + 12;
    const twice = once + 12 + Math.SQRT2 + 3;
    const mean = 2 + 100 * (once + twice) + 40;
    expect(result.x[0]).toBeCloseTo(mean + 2, 10);
    expect(result.x[1]).toBeCloseTo(mean + 4, 10);
    expect(result.value).toBe(result.x[0] ** 2 + 2 * result.x[1] ** 2);
  });
});

test("a rule whose answer is another point than the last has value and gradient there, on all rows", () => {
  const lagging = defineRule({
    name: "lagging",
    options: { learningRate: option.rate(0.1) },
    slots: () => ["last"],
    initial: () => ({ last: "parameters" }),
    result: "last",
    textbook: ({ x, g }, { learningRate }) => ({ x: x - learningRate * g, last: x }),
  });
  const problem = leastSquares([[1], [2], [3]], [1, 2, 4]);
  const run = (steps: number, rule = lagging()) =>
    minimize(problem, { rule, start: [0], steps, batches: shuffle({ rows: 3, batchSize: 3 }) });
  const before = run(4, gradientDescent({ learningRate: 0.1 }));
  const { x, value, gradientNorm } = run(5);
  expect(x[0]).toBeCloseTo(before.x[0], 14);
  expect(value).toBeCloseTo(before.value, 14);
  expect(gradientNorm).toBeCloseTo(before.gradientNorm, 14);
});
