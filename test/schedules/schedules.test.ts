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
    ["no options", () => cosine(undefined as never), "cosine: expected an object, got undefined"],
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
