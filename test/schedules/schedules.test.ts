import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  chebyshev,
  constant,
  cosine,
  cosineAnnealing,
  cosineDecay,
  cosineRestarts,
  cyclic,
  exponential,
  exponentialDecay,
  inverseSquareRoot,
  inverseTime,
  isSchedule,
  join,
  linear,
  multiStep,
  noam,
  oneCycle,
  parseSchedule,
  piecewiseConstant,
  piecewiseInterpolate,
  polynomial,
  polynomialCycle,
  product,
  reduceOnPlateau,
  repeat,
  rex,
  type Schedule,
  schedules,
  sigmoidDecay,
  silver,
  silverStronglyConvex,
  stepDecay,
  tanhDecay,
  warmup,
  warmupFrom,
  wsd,
} from "../../src/schedules/index.ts";
import { anySchedule, values } from "./any-schedule.ts";

/** |a − b| in units of the last place of `scale`. */
const ulps = (a: number, b: number, scale: number) => Math.abs(a - b) / (Math.abs(scale) * 2 ** -52);

describe("closed forms", () => {
  const from = 0.2;
  const to = 0.01;
  const forms: readonly [string, Schedule, (t: number) => number][] = [
    ["constant", constant(from), () => from],
    ["exponential", exponential({ from, factor: 0.97 }), (t) => from * 0.97 ** t],
    ["stepDecay", stepDecay({ from, factor: 0.5, every: 7 }), (t) => from * 0.5 ** Math.floor(t / 7)],
    ["linear", linear({ from, to, steps: 40 }), (t) => from + ((to - from) * Math.min(t, 40)) / 40],
    [
      "polynomial",
      polynomial({ from, to, steps: 40, power: 1.5 }),
      (t) => to + (from - to) * Math.max(0, 1 - t / 40) ** 1.5,
    ],
    [
      "cosine",
      cosine({ from, to, steps: 40 }),
      (t) => to + ((from - to) * (1 + Math.cos((Math.PI * Math.min(t, 40)) / 40))) / 2,
    ],
    ["warmup", warmup(10, from), (t) => (t < 10 ? (from * (t + 1)) / 10 : from)],
    ["repeat", repeat(10, exponential({ from, factor: 0.5 })), (t) => from * 0.5 ** (t % 10)],
    [
      "join",
      join([{ steps: 15, schedule: constant(to) }, exponential({ from, factor: 0.5 })]),
      (t) => (t < 15 ? to : from * 0.5 ** (t - 15)),
    ],
    [
      "product",
      product([2, constant(from), exponential({ from: 1, factor: 0.97 })]),
      (t) => 2 * from * 0.97 ** t,
    ],
    [
      "exponentialDecay",
      exponentialDecay({ from, factor: 0.5, every: 7, delay: 10, to }),
      (t) => Math.max(to, from * 0.5 ** (Math.max(0, t - 10) / 7)),
    ],
    [
      "multiStep",
      multiStep({ from, factor: 0.5, milestones: [40, 7, 7] }),
      (t) => from * (t < 7 ? 1 : t < 40 ? 0.25 : 0.125),
    ],
    [
      "piecewiseConstant",
      piecewiseConstant({ boundaries: [7, 40], values: [from, 0.1, to] }),
      (t) => (t < 7 ? from : t < 40 ? 0.1 : to),
    ],
    [
      "piecewiseInterpolate",
      piecewiseInterpolate({ boundaries: [10, 30], values: [0, from, to] }),
      (t) => (t < 10 ? (from * t) / 10 : t < 30 ? from + ((to - from) * (t - 10)) / 20 : to),
    ],
    [
      "polynomialCycle",
      polynomialCycle({ from, to, steps: 20, power: 2 }),
      (t) => to + (from - to) * (1 - t / (20 * Math.max(1, Math.ceil(t / 20)))) ** 2,
    ],
    [
      "cosineDecay",
      cosineDecay({ from, to, steps: 40, power: 3 }),
      (t) => to + (from - to) * (0.5 + 0.5 * Math.cos((Math.PI * Math.min(t, 40)) / 40)) ** 3,
    ],
    [
      "cosineAnnealing",
      cosineAnnealing({ from, to, steps: 15 }),
      (t) => to + ((from - to) * (1 + Math.cos((Math.PI * t) / 15))) / 2,
    ],
    [
      "cosineRestarts",
      cosineRestarts({ from, to, steps: 10, lengthFactor: 3, peakFactor: 0.5 }),
      (t) => {
        const [start, length, height] = t < 10 ? [0, 10, 1] : t < 40 ? [10, 30, 0.5] : [40, 90, 0.25];
        return to + ((from - to) * height * (1 + Math.cos((Math.PI * (t - start)) / length))) / 2;
      },
    ],
    ["inverseTime", inverseTime({ from, rate: 0.5, every: 4 }), (t) => from / (1 + 0.125 * t)],
    ["inverseSquareRoot", inverseSquareRoot({ from, timescale: 8 }), (t) => from * (1 + t / 8) ** -0.5],
    [
      "noam",
      noam({ width: 64, warmup: 30, factor: 2 }),
      (t) => 2 * 64 ** -0.5 * Math.min((t + 1) ** -0.5, (t + 1) * 30 ** -1.5),
    ],
    [
      "rex",
      rex({ from, to, steps: 40 }),
      (t) => {
        const left = 1 - Math.min(1, t / 40);
        return to + ((from - to) * left) / (0.5 + 0.5 * left);
      },
    ],
    [
      "tanhDecay",
      tanhDecay({ from, to, steps: 40 }),
      (t) => to + ((from - to) * (1 - Math.tanh(-6 + 9 * Math.min(1, t / 40)))) / 2,
    ],
    [
      "sigmoidDecay",
      sigmoidDecay({ from, to, middle: 40, width: 6 }),
      (t) => to + (from - to) / (1 + Math.exp((t - 40) / 6)),
    ],
    [
      "oneCycle",
      oneCycle({ peak: from, steps: 60, initialDivisor: 10, finalDivisor: 100, shape: "linear" }),
      (t) => {
        if (t <= 17) return from / 10 + (0.9 * from * t) / 17;
        return t <= 59 ? from - ((from - from / 1000) * (t - 17)) / 42 : from / 1000;
      },
    ],
    [
      "cyclic",
      cyclic({ from: to, peak: from, up: 8, down: 4, mode: "triangular2" }),
      (t) => {
        const [cycle, within] = [Math.floor(t / 12), t % 12];
        return to + ((from - to) * Math.min(within / 8, (12 - within) / 4)) / 2 ** cycle;
      },
    ],
    [
      "wsd",
      wsd({ peak: from, to, warmup: 10, stable: 30, decay: 40, shape: "squareRoot" }),
      (t) => {
        if (t < 40) return from * Math.min(1, (t + 1) / 10);
        return from + (to - from) * Math.sqrt(Math.min(1, (t - 40) / 40));
      },
    ],
    [
      "warmupFrom",
      warmupFrom({ from: to, steps: 20, shape: "polynomial", power: 2 }, exponential({ from, factor: 0.9 })),
      (t) => (t < 20 ? to + (from - to) * (t / 20) ** 2 : from * 0.9 ** (t - 20)),
    ],
    [
      "chebyshev",
      // Two roots, ±√½ on [−1, 1], the one near 1/m first.
      chebyshev({ lambdaMax: 9, lambdaMin: 1, steps: 2 }),
      (t) => 1 / (5 - (t % 2 === 0 ? 4 : -4) * Math.SQRT1_2),
    ],
    [
      "silver",
      silver({ lambdaMax: 2 }),
      // 2-adic valuations by the string of binary digits.
      (t) => (1 + (1 + Math.SQRT2) ** (/0*$/.exec((t + 1).toString(2))![0].length - 1)) / 2,
    ],
    [
      "reduceOnPlateau",
      // Before it has seen anything.
      reduceOnPlateau({ rate: exponential({ from, factor: 0.97 }) }),
      (t) => from * 0.97 ** t,
    ],
    [
      "silverStronglyConvex",
      // At κ = 1 both kinds of steps are 1/M.
      silverStronglyConvex({ lambdaMax: 4, lambdaMin: 4, steps: 8 }),
      () => 0.25,
    ],
  ];

  test("there is one for every schedule of the registry", () => {
    expect(forms.map(([name]) => name).sort()).toEqual(Object.keys(schedules).sort());
  });

  test.each(forms)("[schedules] %s is its closed form at every step", (name, schedule, form) => {
    expect(schedule.description.schedule).toBe(name);
    for (let t = 0; t < 100; t++) expect(ulps(schedule(t), form(t), from), `t = ${t}`).toBeLessThan(8);
  });

  test("[schedules] linear, polynomial and cosine start at from, end at to exactly, and stay there", () => {
    for (const schedule of [
      linear({ from, to, steps: 3 }),
      polynomial({ from, to, steps: 3, power: 2 }),
      cosine({ from, to, steps: 3 }),
    ]) {
      expect(ulps(schedule(0), from, from)).toBeLessThan(2);
      expect([3, 4, 1e9].map(schedule)).toEqual([to, to, to]);
    }
    expect(cosine({ from, steps: 3 })(3)).toBe(0);
  });

  test("[schedules] at and beyond the last step each is where it says that it ends", () => {
    const at = (schedule: Schedule, ...steps: number[]) => steps.map(schedule);
    const ends: readonly [Schedule, number][] = [
      [cosineDecay({ from, to, steps: 3, power: 2 }), 3],
      [cosineDecay({ from, to, steps: 1, power: 0 }), 1],
      [rex({ from, to, steps: 3 }), 3],
      [piecewiseConstant({ boundaries: [1, 3], values: [from, 1, to] }), 3],
      [piecewiseInterpolate({ boundaries: [1, 3], values: [from, 1, to], shape: "cosine" }), 3],
      [wsd({ peak: from, to, warmup: 0, stable: 0, decay: 3, shape: "exponential" }), 3],
      [wsd({ peak: from, to, warmup: 1, stable: 1, decay: 1, shape: "inverse" }), 3],
      [exponentialDecay({ from, factor: 0.1, every: 1, to }), 3],
    ];
    for (const [schedule, end] of ends) {
      expect(at(schedule, end, end + 1, 1e9), schedule.description.schedule).toEqual([to, to, to]);
      expect(ulps(schedule(0), from, from)).toBeLessThan(2);
    }
    // A step decay of each kind at its milestone, and at the step before it.
    expect(at(multiStep({ from: 1, factor: 0.5, milestones: [0] }), 0, 1)).toEqual([0.5, 0.5]);
    expect(at(multiStep({ from: 1, factor: 0.5, milestones: [] }), 0, 1e9)).toEqual([1, 1]);
    expect(at(piecewiseConstant({ boundaries: [], values: [7] }), 0, 1e9)).toEqual([7, 7]);
    expect(at(stepDecay({ from: 1, factor: 0.5, every: 1 }), 0, 1, 2)).toEqual([1, 0.5, 0.25]);
    expect(at(exponentialDecay({ from: 1, factor: 0.25, every: 2, delay: 3 }), 3, 4, 5)).toEqual([
      1, 0.5, 0.25,
    ]);
    expect(at(exponentialDecay({ from: 1, factor: 4, every: 2, to: 3 }), 0, 1, 2)).toEqual([1, 2, 3]);
    // Waves that turn: half a wave of one step, and the first step of each round.
    expect(at(cosineAnnealing({ from: 1, steps: 1 }), 0, 1, 2, 3, 1e9, 1e9 + 1)).toEqual([1, 0, 1, 0, 1, 0]);
    expect(at(cosineRestarts({ from: 1, steps: 1 }), 0, 1, 1e9)).toEqual([1, 1, 1]);
    const growing = cosineRestarts({ from: 1, steps: 1, lengthFactor: 2 });
    expect(at(growing, 0, 1, 3, 7, 2 ** 40 - 1)).toEqual([1, 1, 1, 1, 1]);
    expect(growing(2)).toBeCloseTo(0.5, 15);
    // A round of 60 and one of 78 steps: the third begins at 138, which 60·(1.3² − 1)/0.3 misses by rounding.
    expect(cosineRestarts({ from: 1, steps: 60, lengthFactor: 1.3 })(138)).toBe(1);
    // One-cycle: the peak is reached a step before its share, the end a step before the last.
    const cycle = oneCycle({ peak: 1, steps: 10, rise: 0.5, initialDivisor: 4, finalDivisor: 2 });
    expect(at(cycle, 0, 4, 9, 10, 1e9)).toEqual([0.25, 1, 0.125, 0.125, 0.125]);
    expect(at(oneCycle({ peak: 1, steps: 1, rise: 1 }), 0, 1)).toEqual([1, 4e-6]);
    expect(oneCycle({ peak: 1, steps: 4, rise: 0, shape: "linear" })(0)).toBeCloseTo(0.75, 5);
    expect(at(polynomialCycle({ from: 1, steps: 2 }), 0, 1, 2, 3, 4)).toEqual([1, 0.5, 0, 0.25, 0]);
    expect(at(tanhDecay({ from: 1, steps: 2 }), 2, 3, 1e9)).toEqual(
      Array(3).fill(expect.closeTo((1 - Math.tanh(3)) / 2, 15)),
    );
    expect(at(sigmoidDecay({ from: 1, middle: 5, width: 1e-3 }), 4, 5, 6, 1e9)).toEqual([1, 0.5, 0, 0]);
    // Warm-ups: which of their steps is the first at full height.
    expect(at(warmup(2, 1), 0, 1, 2)).toEqual([0.5, 1, 1]);
    expect(at(warmupFrom({ steps: 2 }, 1), 0, 1, 2)).toEqual([0, 0.5, 1]);
    expect(at(wsd({ peak: 1, warmup: 2, stable: 1, decay: 2 }), 0, 1, 2, 3, 4, 5)).toEqual([
      0.5, 1, 1, 1, 0.5, 0,
    ]);
  });

  test("[schedules] ramps and decays have the shapes that they are called after", () => {
    const halfway = (shape: string) =>
      wsd({ peak: 4, to: 1, warmup: 0, stable: 0, decay: 4, shape: shape as "linear" })(1);
    // A quarter of the way from 4 to 1.
    expect(halfway("linear")).toBe(3.25);
    expect(halfway("cosine")).toBeCloseTo(2.5 + 1.5 * Math.SQRT1_2, 14);
    expect(halfway("exponential")).toBeCloseTo(4 ** 0.75, 14);
    expect(halfway("squareRoot")).toBe(2.5);
    expect(halfway("square")).toBe(4 - 3 / 16);
    expect(halfway("inverse")).toBeCloseTo(1 / (0.75 / 4 + 0.25), 14);
    const ramp = (shape: "linear" | "cosine" | "exponential") =>
      warmupFrom({ from: 1, steps: 4, shape }, 4)(1);
    expect(ramp("linear")).toBe(1.75);
    expect(ramp("cosine")).toBeCloseTo(2.5 - 1.5 * Math.SQRT1_2, 14);
    expect(ramp("exponential")).toBeCloseTo(Math.SQRT2, 14);
    expect(warmupFrom({ steps: 4, shape: "polynomial", power: 2 }, 4)(2)).toBe(1);
    expect(warmupFrom({ steps: 4, shape: "polynomial", power: 0 }, 4)(0)).toBe(4);
  });

  test("exponential stays 0 where the factor's power overflows", () => {
    expect(exponential({ from: 0, factor: 2 })(5000)).toBe(0);
  });
});

describe("composition", () => {
  test("[schedules] warmup ramps inner(0)·(t + 1)/steps, and what follows sees its own steps from 0", () => {
    const inner = cosine({ from: 0.3, steps: 50 });
    const schedule = warmup(100, inner);
    expect(schedule(0)).toBe((0.3 * 1) / 100);
    expect(schedule(98)).toBe((0.3 * 99) / 100);
    for (let t = 100; t < 200; t++) expect(schedule(t)).toBe(inner(t - 100));
  });

  test("[schedules] join gives each part its own steps from 0, and the last has no end", () => {
    const a = linear({ from: 1, to: 2, steps: 5 });
    const b = exponential({ from: 3, factor: 0.5 });
    const c = cosine({ from: 1, steps: 9 });
    const schedule = join([{ steps: 5, schedule: a }, { steps: 3, schedule: b }, c]);
    const expected = [...[0, 1, 2, 3, 4].map(a), ...[0, 1, 2].map(b), ...[0, 1, 2].map(c)];
    expect(expected.map((_, t) => schedule(t))).toEqual(expected);
    expect(schedule(8 + 1000)).toBe(c(1000));
  });

  test("[schedules] repeat of a cosine and its mirror image is a wave without end", () => {
    const half = { from: 0.2, to: 0.05, steps: 20 };
    const back = cosine({ from: 0.05, to: 0.2, steps: 20 });
    const wave = repeat(40, join([{ steps: 20, schedule: cosine(half) }, back]));
    for (let t = 0; t < 200; t++) {
      const exact = 0.05 + (0.15 * (1 + Math.cos((Math.PI * t) / 20))) / 2;
      expect(Math.abs(wave(t) - exact), `t = ${t}`).toBeLessThan(1e-15);
    }
  });
});

describe("laws", () => {
  test("[schedules] a schedule is a pure function: asked in any order, it gives the same", () => {
    fc.assert(
      fc.property(anySchedule, fc.array(fc.nat(500), { maxLength: 30 }), (schedule, steps) => {
        const inOrder = new Map([...steps].sort((a, b) => a - b).map((t) => [t, schedule(t)]));
        for (const t of steps) expect(schedule(t)).toBe(inOrder.get(t));
      }),
    );
  });

  test("[schedules] a schedule rebuilt from its JSON description goes on with the same bits", () => {
    fc.assert(
      fc.property(anySchedule, fc.array(fc.nat(5000), { maxLength: 20 }), (schedule, steps) => {
        const text = JSON.stringify(schedule.description);
        const again = parseSchedule(JSON.parse(text));
        expect(again.description).toEqual(schedule.description);
        expect(JSON.stringify(again.description)).toBe(text);
        for (const t of steps) expect(again(t)).toBe(schedule(t));
      }),
    );
  });

  test("a ramp lies between its ends, whatever they are", () => {
    const ramps = fc.record({ from: values, to: values, steps: fc.integer({ min: 1, max: 1000 }) });
    fc.assert(
      fc.property(ramps, fc.nat(2000), fc.double({ min: 0, max: 5, noNaN: true }), (ramp, t, power) => {
        const slack = 4 * 2 ** -52 * Math.max(Math.abs(ramp.from), Math.abs(ramp.to));
        for (const schedule of [linear(ramp), cosine(ramp), polynomial({ ...ramp, power })]) {
          expect(schedule(t)).toBeGreaterThanOrEqual(Math.min(ramp.from, ramp.to) - slack);
          expect(schedule(t)).toBeLessThanOrEqual(Math.max(ramp.from, ramp.to) + slack);
        }
      }),
    );
  });

  test("no schedule of the registry is ever NaN", () => {
    fc.assert(
      fc.property(anySchedule, fc.array(fc.nat(5000), { maxLength: 20 }), (schedule, steps) => {
        for (const t of steps) expect(schedule(t)).not.toBeNaN();
      }),
    );
    // Heights that overflow, at the bottom of a cycle and of a wave that has none.
    expect(cyclic({ from: 1, peak: 2, up: 1, mode: "expRange", factor: 10 })(1000)).toBe(1);
    expect(cosineRestarts({ from: 1, to: 1, steps: 1, peakFactor: 10 })(1000)).toBe(1);
  });

  test("typed arrays are lists of numbers, and what is done to them later changes nothing", () => {
    const milestones = Float64Array.of(2, 4);
    const schedule = multiStep({ from: 1, factor: 0.5, milestones: milestones as never });
    milestones[0] = 0;
    expect([0, 2, 4].map(schedule)).toEqual([1, 0.5, 0.25]);
    expect(schedule.description.milestones).toEqual([2, 4]);
    expect(Object.isFrozen(schedule.description.milestones)).toBe(true);
  });

  test("a description cannot be changed, nor can the caller's objects change a schedule", () => {
    const options = { from: 1, to: 0, steps: 10 };
    const part = { steps: 5, schedule: constant(1) };
    const schedule = join([part, linear(options)]);
    const before = [0, 5, 7].map(schedule);
    options.from = 7;
    part.steps = 1;
    expect([0, 5, 7].map(schedule)).toEqual(before);
    expect(() => {
      (schedule.description as { schedule: string }).schedule = "cosine";
    }).toThrow(TypeError);
    const described = schedule.description.parts as unknown as { steps: number }[];
    expect(() => {
      described[0].steps = 1;
    }).toThrow(TypeError);
  });
});

describe("mistakes", () => {
  const refused: readonly [string, () => unknown, string][] = [
    [
      "a missing parameter",
      () => cosine({ from: 1 } as never),
      "cosine: steps is missing; it must lie in the integers from 1",
    ],
    [
      "no options",
      () => cosine(undefined as never),
      "cosine: expected an object such as { from, to, steps }, got undefined",
    ],
    [
      "another library's word",
      () => cosine({ from: 1, steps: 3, T_max: 4 } as never),
      'cosine: unknown parameter "T_max"; did you mean steps?',
    ],
    [
      "a misspelt word",
      () => exponential({ from: 1, factr: 0.9 } as never),
      'exponential: unknown parameter "factr"; did you mean factor?',
    ],
    [
      "steps of 0",
      () => linear({ from: 1, steps: 0 }),
      "linear: steps must lie in the integers from 1, got 0",
    ],
    [
      "half a step",
      () => stepDecay({ from: 1, factor: 1, every: 1.5 }),
      "stepDecay: every must lie in the integers from 1, got 1.5",
    ],
    ["NaN", () => constant(Number.NaN), "constant: value must lie in (−∞, ∞), got NaN"],
    [
      "infinity",
      () => linear({ from: Infinity, steps: 3 }),
      "linear: from must lie in (−∞, ∞), got Infinity",
    ],
    [
      "a negative factor",
      () => exponential({ from: 1, factor: -1 }),
      "exponential: factor must lie in [0, ∞), got -1",
    ],
    [
      "text",
      () => linear({ from: "1" as never, steps: 3 }),
      'linear: from must be a number in (−∞, ∞), got "1"',
    ],
    [
      "a plain function",
      () => warmup(3, Math.sqrt as never),
      "warmup: inner must be a schedule, got a function",
    ],
    ["a number to repeat", () => repeat(3, 1 as never), "repeat: inner must be a schedule, got 1"],
    [
      "nothing to join",
      () => join([]),
      "join: parts must be a list of at least one schedule, got an array of 0",
    ],
    [
      "a last part with an end",
      () => join([{ steps: 3, schedule: constant(1) }]),
      "join: parts[0], the last part, has no end and must be a schedule, got an object",
    ],
    [
      "an endless part before the last",
      () => join([constant(1), constant(2)]),
      "join: parts[0] must be { steps, schedule }, got a function",
    ],
    [
      "a part of no steps",
      () => join([{ steps: 0, schedule: constant(1) }, constant(2)]),
      "join: parts[0].steps must lie in the integers from 1, got 0",
    ],
    [
      "a power of a ramp",
      () => warmupFrom({ steps: 3, pow: 2 } as never, 1),
      'warmupFrom: unknown parameter "pow"; did you mean power?',
    ],
    [
      "a schedule among the options of a ramp",
      () => warmupFrom({ steps: 3, inner: constant(1) } as never, 1),
      'warmupFrom: unknown parameter "inner"',
    ],
    [
      "a ramp without options",
      () => warmupFrom(3 as never, 1),
      "warmupFrom: options must be an object, got 3",
    ],
    [
      "a ramp that multiplies from 0",
      () => warmupFrom({ steps: 3, shape: "exponential" }, 1),
      'warmupFrom: with the shape "exponential" from must be > 0, got 0',
    ],
    [
      "a ramp that multiplies up to 0",
      () => warmupFrom({ from: 1, steps: 3, shape: "exponential" }, 0),
      'warmupFrom: with the shape "exponential" inner must start above 0, got 0',
    ],
    [
      "a decay that multiplies to 0",
      () => wsd({ peak: 1, warmup: 0, stable: 0, decay: 1, shape: "inverse" }),
      'wsd: with the shape "inverse" to must be > 0, got 0',
    ],
    [
      "a decay that multiplies from below",
      () => wsd({ peak: -1, to: 1, warmup: 0, stable: 0, decay: 1, shape: "exponential" }),
      'wsd: with the shape "exponential" peak must be > 0, got -1',
    ],
    [
      "a decay of no steps",
      () => wsd({ peak: 1, warmup: 0, stable: 0, decay: 0 }),
      "wsd: decay must lie in the integers from 1, got 0",
    ],
    ["nothing to multiply", () => product([]), "product: factors must be a list of at least one schedule"],
    [
      "no list to multiply",
      () => product(3 as never),
      "product: factors must be a list of at least one schedule, got 3",
    ],
    [
      "a factor that is none",
      () => product([1, "2" as never]),
      'product: factors[1] must be a schedule, got "2"',
    ],
    [
      "a milestone before the start",
      () => multiStep({ from: 1, factor: 1, milestones: [3, -1] }),
      "multiStep: milestones[1] must lie in the integers from 0, got -1",
    ],
    [
      "one milestone that is no list",
      () => multiStep({ from: 1, factor: 1, milestones: 3 as never }),
      "multiStep: milestones must be a list of numbers, got 3",
    ],
    [
      "another library's milestones",
      () => multiStep({ from: 1, factor: 1, boundaries: [3] } as never),
      'multiStep: unknown parameter "boundaries"; did you mean milestones?',
    ],
    [
      "boundaries that do not rise",
      () => piecewiseConstant({ boundaries: [3, 3], values: [1, 2, 3] }),
      "piecewiseConstant: boundaries must rise, got 3 before 3",
    ],
    [
      "as many values as boundaries",
      () => piecewiseInterpolate({ boundaries: [3, 5], values: [1, 2] }),
      "piecewiseInterpolate: values must be one more than boundaries (2), got 2",
    ],
    [
      "a word that is not known",
      () => piecewiseInterpolate({ boundaries: [3], values: [1, 2], shape: "cubic" as never }),
      'piecewiseInterpolate: shape must be one of "linear", "cosine", got "cubic"',
    ],
    [
      "a switch that is a number",
      () => inverseTime({ from: 1, rate: 1, staircase: 1 as never }),
      "inverseTime: staircase must be true or false, got 1",
    ],
    [
      "rounds that shrink",
      () => cosineRestarts({ from: 1, steps: 3, lengthFactor: 0.9 }),
      "cosineRestarts: lengthFactor must lie in [1, ∞), got 0.9",
    ],
    [
      "a share in percent",
      () => oneCycle({ peak: 1, steps: 3, rise: 30 }),
      "oneCycle: rise must lie in [0, 1], got 30",
    ],
    ["a rise of no steps", () => cyclic({ from: 0, peak: 1, up: 0 }), "cyclic: up must lie in (0, ∞), got 0"],
    [
      "no width",
      () => sigmoidDecay({ from: 1, middle: 3, width: 0 }),
      "sigmoidDecay: width must lie in (0, ∞), got 0",
    ],
    [
      "a missing timescale",
      () => inverseSquareRoot({ from: 1 } as never),
      "inverseSquareRoot: timescale is missing; it must lie in (0, ∞)",
    ],
    [
      "a bound that is not finite",
      () => exponentialDecay({ from: 1, factor: 2, to: Infinity }),
      "exponentialDecay: to must lie in (−∞, ∞), got Infinity",
    ],
    [
      "a part's unknown key",
      () => join([{ step: 3, schedule: constant(1) } as never, constant(2)]),
      'join: parts[0]: unknown parameter "step"; did you mean steps?',
    ],
    ["a negative step", () => constant(1)(-1), "constant: the step's index must be an integer ≥ 0, got -1"],
    [
      "half a step's index",
      () => cosine({ from: 1, steps: 3 })(0.5),
      "cosine: the step's index must be an integer ≥ 0, got 0.5",
    ],
  ];
  test.each(refused)("%s is refused by name", (_, call, message) => expect(call).toThrow(message));

  test("a plain function is no schedule", () => {
    expect(isSchedule(() => 0.1)).toBe(false);
    expect(isSchedule(constant(0.1))).toBe(true);
  });
});
