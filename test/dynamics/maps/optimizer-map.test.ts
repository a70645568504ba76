import { describe, expect, test } from "vitest";
import {
  adam,
  bifurcation,
  chain,
  clipByGlobalNorm,
  cosine,
  cubicValley,
  defineRule,
  descend,
  doubleWell,
  factorization,
  gradientDescent,
  heavyBall,
  lyapunov,
  momentum,
  nesterov,
  optimizerMap,
  option,
  periods,
  polynomialLandscape,
  qhm,
  type Rule,
  rosenbrock,
  ruleNames,
  rules,
  sgd,
} from "../../../src/index.ts";
import type { AnyRuleFactory } from "../../../src/rules/rule.ts";

/** The points of a run of the library's own descent. */
function descent(
  rule: Rule,
  problem: typeof rosenbrock,
  start: readonly number[],
  steps: number,
  precision: "f64" | "f32",
): number[] {
  const points: number[] = [];
  for (const step of descend(problem, { rule, start, steps, precision }))
    if (step.index > 0) points.push(...step.x);
  return points;
}

/** The points of the same run as an orbit. */
const orbit = (
  rule: Rule,
  problem: typeof rosenbrock,
  start: readonly number[],
  steps: number,
  precision: "f64" | "f32",
) => [
  ...bifurcation(optimizerMap(rule, problem), { starts: [start], burnIn: 0, keep: steps, precision }).values,
];

describe("an optimiser as a map", () => {
  test.each([
    ["gradientDescent", gradientDescent({ learningRate: 0.3 })],
    ["sgd", sgd({ learningRate: 0.3 })],
    ["heavy-ball sgd", sgd({ learningRate: 0.2, momentum: 0.7 })],
    ["Nesterov's sgd", sgd({ learningRate: 0.2, momentum: 0.7, nesterov: true })],
    ["momentum", momentum({ learningRate: 0.3, beta: 0.6 })],
  ])("[chaos] %s: the core's sweep is the core's descent, bit for bit", (_, rule) => {
    for (const landscape of [cubicValley, doubleWell, polynomialLandscape([0.25, -1, 0.5, 1, 0.25])]) {
      expect(optimizerMap(rule, landscape).compiled).toBeDefined();
      expect(orbit(rule, landscape, [0.4], 40, "f64")).toEqual(descent(rule, landscape, [0.4], 40, "f64"));
    }
  });

  test("[chaos] descent on the product of two is that of the core, bit for bit", () => {
    const rule = gradientDescent({ learningRate: 0.6 });
    expect(orbit(rule, factorization(), [1.2, 0.4], 60, "f64")).toEqual(
      descent(rule, factorization(), [1.2, 0.4], 60, "f64"),
    );
  });

  test.each(ruleNames)(
    "[chaos] %s on two variables is iterated by its textbook as descend steps it",
    (name) => {
      const make: AnyRuleFactory = rules[name];
      // Rates with which nothing escapes from Rosenbrock's valley.
      const gentle = Object.entries({ learningRate: 5e-4, hyperRate: 1e-9 });
      const rule = make(Object.fromEntries(gentle.filter(([option]) => option in make.declaration.options)));
      if (rule.declaration.needs?.hessianDiagonal) return;
      const found = orbit(rule, rosenbrock, rosenbrock.start, 30, "f64");
      const expected = descent(rule, rosenbrock, rosenbrock.start, 30, "f64");
      expected.forEach(
        (x, i) => void expect(Math.abs(found[i] - x)).toBeLessThan(1e-11 * Math.max(1, Math.abs(x))),
      );
    },
  );

  test("[chaos] the textbook and the core agree, whichever iterates", () => {
    for (const rule of [
      gradientDescent(),
      sgd({ momentum: 0.5 }),
      sgd({ momentum: 0.5, nesterov: true }),
      momentum({ beta: 0.5 }),
    ]) {
      const map = optimizerMap(rule, doubleWell);
      const options = { rates: [0.05, 0.3, 0.6, 5], starts: [0.2, -0.7, 1.5, 0.3], burnIn: 10, keep: 20 };
      const core = bifurcation(map, options);
      const plain = bifurcation({ ...map, compiled: undefined }, options);
      expect([...core.values]).toEqual([...plain.values]);
      expect([...core.escapes]).toEqual([...plain.escapes]);
    }
  });

  test.each([
    ["heavyBall", heavyBall({ beta: 0.5 }), 1e-13],
    ["nesterov", nesterov({ momentum: 0.5 }), 1e-13],
    ["qhm", qhm({ beta: 0.5, nu: 0.75 }), 0],
  ])(
    "[chaos] %s is swept by the core, and so far as it does not part orbits, along the textbook's",
    (_, rule, apart) => {
      const map = optimizerMap(rule, doubleWell);
      const options = { rates: [0.05, 0.2, 0.35], starts: [0.2, -0.7, 1.5], burnIn: 5, keep: 20 };
      const core = bifurcation(map, options);
      const plain = bifurcation({ ...map, compiled: undefined }, options);
      expect(map.compiled).toBeDefined();
      core.values.forEach((x, i) => void expect(Math.abs(x - plain.values[i])).toBeLessThanOrEqual(apart));
      const steps = { rates: [0.05, 0.2, 0.35], starts: 0.6, steps: 20_000 };
      const exponents = lyapunov(map, steps).exponents;
      lyapunov({ ...map, compiled: undefined }, steps).exponents.forEach((exponent, i) => {
        expect(exponent).toBeLessThan(-0.01);
        expect(Math.abs(exponent - exponents[i])).toBeLessThan(1e-3);
      });
    },
  );

  test("[chaos] heavy-ball momentum cycles on a strongly convex function (truths 4)", () => {
    // f′ of Lessard, Recht and Packard 2016, §4.6: the 3-cycle 792/1225, −2208/1225, 2592/1225.
    const slope = (x: number) => (x < 1 ? 25 * x : x < 2 ? x + 24 : 25 * x - 24);
    const value = (x: number) =>
      x < 1 ? 12.5 * x * x : x < 2 ? 0.5 * x * x + 24 * x - 12 : 12.5 * x * x - 24 * x + 36;
    const whole = {
      value: (x: ArrayLike<number>) => value(x[0]),
      gradient(x: ArrayLike<number>, g: { [index: number]: number }) {
        g[0] = slope(x[0]);
      },
    };
    for (const problem of [slope, whole]) {
      const map = optimizerMap(sgd({ learningRate: 1 / 9, momentum: 4 / 9 }), problem);
      const { periods: found, points } = periods(map, { starts: [3.3, 0], burnIn: 2000 });
      expect([...found]).toEqual([3, 1]);
      const cycle = [...points.subarray(0, 3)].sort((a, b) => a - b);
      for (const [k, x] of [-2208 / 1225, 792 / 1225, 2592 / 1225].entries()) {
        expect(Math.abs(cycle[k] - x)).toBeLessThan(1e-12);
      }
      // The pieces are linear, of slope 25: once around the Jacobian is three times the same matrix.
      expect(lyapunov(map, { starts: 3.3 }).exponents[0]).toBeLessThan(-0.1);
    }
  });

  test("[chaos] Adam ends in a cycle whose width its rate sets", () => {
    const map = optimizerMap(adam({ beta1: 0, beta2: 0 }), polynomialLandscape([0, 1]));
    // With both averages off it is sign descent: from 0.35 by 0.1 to ±0.05.
    const { periods: found, points } = periods(map, {
      rates: 0.1,
      starts: 0.35,
      burnIn: 100,
      tolerance: 1e-6,
    });
    expect(found[0]).toBe(2);
    expect(Math.abs(points[0])).toBeCloseTo(0.05, 6);
  });

  test("in f32 the textbook is worked out in f64 and rounded once a step", () => {
    const map = optimizerMap(gradientDescent(), (x: number) => x - x * x);
    const { values } = bifurcation(map, { rates: 0.7, starts: 0.3, burnIn: 0, keep: 20, precision: "f32" });
    expect(values).toBeInstanceOf(Float32Array);
    let x = Math.fround(0.3);
    for (const found of values) {
      x = Math.fround(x - Math.fround(0.7) * (x - x * x));
      expect(found).toBe(x);
    }
  });

  test("a rule of one's own is a map, without a rate too", () => {
    const halving = defineRule({
      name: "halving",
      options: { share: option.fraction(0.5) },
      slots: () => [],
      textbook: ({ x, g }, o) => ({ x: x - o.share * g }),
    });
    const map = optimizerMap(halving(), polynomialLandscape([0, 1]));
    const { values } = bifurcation(map, { starts: 8, burnIn: 0, keep: 3 });
    expect([...values]).toEqual([4, 2, 1]);
    expect(() => bifurcation(map, { rates: 0.5 })).toThrow(/rates must lie in \{1\}/);
  });

  test("a rule of one's own is what its textbook says, whatever its name", () => {
    const sgd = defineRule({
      name: "sgd",
      options: { learningRate: option.rate(0.1), momentum: option.fraction(0.5) },
      slots: () => [],
      textbook: ({ x, g }, { learningRate }) => ({ x: x - 2 * learningRate * g }),
    });
    const map = optimizerMap(sgd(), polynomialLandscape([0, 1]));
    expect(map.compiled).toBeUndefined();
    expect([...bifurcation(map, { rates: 0.25, starts: 8, burnIn: 0, keep: 3 }).values]).toEqual([4, 2, 1]);
  });

  test("the rule's own rate and momentum are taken where a call says nothing; schedules of the rate are not asked", () => {
    const start = { starts: 1, burnIn: 0, keep: 1 };
    const bowl = polynomialLandscape([0, 1]);
    const own = optimizerMap(gradientDescent({ learningRate: 0.25 }), bowl);
    expect(bifurcation(own, start).values[0]).toBe(0.75);
    for (const learningRate of ["auto", cosine({ from: 0.1, steps: 10 })] as const) {
      const scheduled = optimizerMap(gradientDescent({ learningRate }), bowl);
      expect(() => bifurcation(scheduled, start)).toThrow(/rates is needed/);
      expect(bifurcation(scheduled, { ...start, rates: 0.25 }).values[0]).toBe(0.75);
    }
  });

  test("other options may follow schedules: the map then changes with the step", () => {
    const map = optimizerMap(
      sgd({ momentum: (t: number) => (t === 0 ? 0 : 0.5) }),
      polynomialLandscape([0, 1]),
    );
    expect([map.compiled, map.momentum]).toEqual([undefined, undefined]);
    // b₁ = 1, x = 0.9; b₂ = 0.5·1 + 0.9 = 1.4, x = 0.76.
    const { values } = bifurcation(map, { rates: 0.1, starts: 1, burnIn: 0, keep: 2 });
    expect(values[0]).toBeCloseTo(0.9, 14);
    expect(values[1]).toBeCloseTo(0.76, 14);
  });

  test("what is no map is refused by name", () => {
    const make = optimizerMap as (...args: unknown[]) => unknown;
    expect(() => make(gradientDescent, doubleWell)).toThrow(/rule must be a rule.*call it/);
    expect(() => make(chain(clipByGlobalNorm({ norm: 1 }), gradientDescent()), doubleWell)).toThrow(
      /without wrappers/,
    );
    expect(() => make(gradientDescent())).toThrow(/problem must be an objective.*got undefined/);
    expect(() => make(gradientDescent(), {})).toThrow(/value or valueAndGradient is needed/);
    expect(() => make(gradientDescent(), doubleWell, { dimension: 2 })).toThrow(/it has 1 parameters/);
    expect(() => make(gradientDescent(), (x: number) => x, { dimension: 2 })).toThrow(
      /a derivative is of one variable/,
    );
    expect(() => make(gradientDescent(), doubleWell, { dimensions: 1 })).toThrow(/did you mean dimension/);
    for (const name of ruleNames) {
      const rule = (rules[name] as AnyRuleFactory)();
      if (rule.declaration.needs?.hessianDiagonal)
        expect(() => make(rule, doubleWell)).toThrow(/random probes/);
    }
  });

  test("what a derivative throws passes through, and what is no number is refused", () => {
    const failing = optimizerMap(gradientDescent(), () => {
      throw new Error("no slope here");
    });
    expect(() => bifurcation(failing, { rates: 1 })).toThrow("no slope here");
    const words = optimizerMap(gradientDescent(), (() => "steep") as never);
    expect(() => bifurcation(words, { rates: 1 })).toThrow(/problem must return a number, got "steep"/);
    const undefinedThere = optimizerMap(gradientDescent(), (x) => (x < 0.2 ? Number.NaN : 1));
    const { escapes, values } = bifurcation(undefinedThere, { rates: 0.1, starts: 0.5, burnIn: 0, keep: 6 });
    expect(escapes[0]).toBe(5);
    expect(values[3]).toBeCloseTo(0.1, 12);
    expect(values[4]).toBeNaN();
  });
});
