import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  constant,
  cosine,
  exponential,
  join,
  type PlateauOptions,
  parseSchedule,
  product,
  readSchedule,
  reduceOnPlateau,
  repeat,
  schedule,
  warmup,
  watching,
} from "../../src/schedules/index.ts";

/** The rates at each of some observations: that before it is told, and at the end the one after all. */
function rates(options: PlateauOptions, values: readonly number[]): number[] {
  const live = watching(reduceOnPlateau(options));
  const before = values.map((value, t) => {
    const rate = live(t);
    live.observe(value);
    return rate;
  });
  return [...before, live(values.length)];
}

/** PyTorch's ReduceLROnPlateau as its documentation tells it, on the rate itself. */
function pytorch(options: Required<Omit<PlateauOptions, "accumulate">>, values: readonly number[]): number[] {
  const { mode, factor, patience, threshold, thresholdMode, cooldown, minimum, epsilon } = options;
  let rate = options.rate as number;
  let best = mode === "min" ? Infinity : -Infinity;
  let [bad, cooling] = [0, 0];
  const all = [rate];
  for (const value of values) {
    const bars = {
      "min/rel": value < best * (1 - threshold),
      "min/abs": value < best - threshold,
      "max/rel": value > best * (1 + threshold),
      "max/abs": value > best + threshold,
    };
    if (bars[`${mode}/${thresholdMode}`]) [best, bad] = [value, 0];
    else bad++;
    if (cooling > 0) [cooling, bad] = [cooling - 1, 0];
    if (bad > patience) {
      const lower = Math.max(rate * factor, minimum);
      if (rate - lower > epsilon) rate = lower;
      [cooling, bad] = [cooldown, 0];
    }
    all.push(rate);
  }
  return all;
}

describe("the rate", () => {
  test("[schedules] falls at the observation after those that patience bears", () => {
    expect(rates({ rate: 1, factor: 0.5, patience: 2 }, [5, 4, 4, 4, 4, 4, 4, 4])).toEqual([
      ...[1, 1, 1, 1, 1],
      // 4 was the best at its first time; the third after it is one too many.
      ...[0.5, 0.5, 0.5, 0.25],
    ]);
    expect(rates({ rate: 1, factor: 0.5, patience: 0 }, [1, 1, 0.5, 0.5])).toEqual([1, 1, 0.5, 0.5, 0.25]);
  });

  test("[schedules] is PyTorch's after every observation, whatever the options", () => {
    const options = fc.record({
      rate: fc.double({ min: 0, max: 2, noNaN: true }),
      mode: fc.constantFrom("min", "max"),
      factor: fc.double({ min: 0, max: 0.99, noNaN: true }),
      patience: fc.nat(3),
      threshold: fc.constantFrom(0, 1e-4, 0.1),
      thresholdMode: fc.constantFrom("rel", "abs"),
      cooldown: fc.nat(3),
      minimum: fc.constantFrom(0, 0.01, 1),
      epsilon: fc.constantFrom(0, 1e-8, 0.05),
    });
    const values = fc.array(
      fc.oneof(
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.constantFrom(0, 0.5, Number.NaN, Infinity, -Infinity),
      ),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(options, values, (given, told) => {
        const [ours, theirs] = [rates(given, told), pytorch(given, told)];
        for (const [t, rate] of theirs.entries()) {
          expect(Math.abs(ours[t] - rate)).toBeLessThanOrEqual(1e-14 * given.rate);
        }
      }),
      { seed: 1, numRuns: 400 },
    );
  });

  test("[schedules] is Optax's with its patience one less, also where values are accumulated", () => {
    // contrib.reduce_on_plateau: a scale, counted from plateaus of `patience` means of `accumulation_size` values each.
    const optax = (
      factor: number,
      patience: number,
      rtol: number,
      size: number,
      values: readonly number[],
    ) => {
      let [scale, best, count] = [1, Infinity, 0];
      const scales = [1];
      for (let i = 0; i + size <= values.length; i += size) {
        const mean = values.slice(i, i + size).reduce((sum, value) => sum + value, 0) / size;
        if (mean < (1 - rtol) * best) [best, count] = [mean, 0];
        else if (++count === patience) [scale, count] = [scale * factor, 0];
        scales.push(scale);
      }
      return scales;
    };
    const values = Array.from({ length: 60 }, (_, k) => 1 / (1 + Math.min(k, 12)) + ((k * 7) % 5) / 10);
    for (const size of [1, 2, 5]) {
      const ours = rates({ rate: 1, factor: 0.5, patience: 2, threshold: 0.01, accumulate: size }, values);
      for (const [k, scale] of optax(0.5, 3, 0.01, size, values).entries())
        expect(ours[k * size]).toBe(scale);
      expect(ours[60]).toBeLessThan(0.5);
    }
  });

  test("[schedules] NaN is no improvement, and is forgotten with the values that it is taken together with", () => {
    const { NaN: none } = Number;
    expect(rates({ rate: 1, factor: 0.5, patience: 1 }, [1, none, none, 0.5])).toEqual([1, 1, 1, 0.5, 0.5]);
    expect(rates({ rate: 1, factor: 0.5, patience: 0, accumulate: 2 }, [1, 1, none, 0, 0, 0, 0, 0])).toEqual([
      1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25,
    ]);
  });

  test("[schedules] scales a schedule, which goes on, and keeps it from falling below the minimum", () => {
    const inner = cosine({ from: 1, steps: 10 });
    const live = watching(reduceOnPlateau({ rate: inner, factor: 0.5, patience: 0, minimum: 0.2 }));
    expect([0, 5, 10].map(live)).toEqual([1, inner(5), 0]);
    live.observe(1);
    live.observe(1);
    // Halved; not below 0.2; and where the schedule is below that by itself, as it is.
    expect(live(0)).toBe(0.5);
    expect(live(7)).toBe(0.2);
    expect(live(9)).toBe(inner(9));
    expect(live(10)).toBe(0);
  });

  test("[schedules] falls wherever it stands in other schedules, by itself in each place", () => {
    const plateau = reduceOnPlateau({ rate: 1, factor: 0.5, patience: 0 });
    const nested = {
      warmup: warmup(4, plateau),
      repeat: repeat(3, plateau),
      join: join([{ steps: 2, schedule: constant(1) }, warmup(1, plateau)]),
      product: product([plateau, exponential({ from: 1, factor: 0.5 })]),
      twice: product([plateau, plateau]),
      plateau: reduceOnPlateau({ rate: plateau, factor: 0.1, patience: 0 }),
    };
    const expected = {
      warmup: [0.25, 1, 0.125, 0.5],
      repeat: [1, 1, 0.5, 0.5],
      join: [1, 1, 1, 0.5],
      product: [1, 2 ** -9, 0.5, 2 ** -10],
      twice: [1, 1, 0.25, 0.25],
      plateau: [1, 1, 0.05, 0.05],
    };
    for (const [name, one] of Object.entries(nested)) {
      const live = watching(one);
      const before = [live(0), live(9)];
      live.observe(1);
      live.observe(1);
      const after = [...before, live(0), live(9)];
      for (const [i, rate] of expected[name as keyof typeof expected].entries()) {
        expect(after[i], name).toBeCloseTo(rate, 15);
      }
      // The schedule itself has seen nothing.
      expect([one(0), one(9)]).toEqual(before);
    }
  });
});

describe("what it remembers", () => {
  test("[schedules] two that were set going from one schedule share nothing", () => {
    const plateau = reduceOnPlateau({ rate: 1, factor: 0.5, patience: 0 });
    const [first, second] = [watching(plateau), watching(plateau)];
    first.observe(1);
    first.observe(1);
    expect([first(3), second(3), plateau(3)]).toEqual([0.5, 1, 1]);
  });

  test("[schedules] goes over to another bit for bit, at any time", () => {
    const values = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(values, fc.nat(30), (told, when) => {
        const inner = warmup(
          3,
          reduceOnPlateau({ rate: 0.3, factor: 0.7, patience: 1, cooldown: 1, accumulate: 2 }),
        );
        const described = parseSchedule(JSON.parse(JSON.stringify(inner.description)));
        const [whole, first, second] = [watching(inner), watching(inner), watching(described)];
        for (const value of told) whole.observe(value);
        for (const value of told.slice(0, when)) first.observe(value);
        second.state.set(first.state);
        for (const value of told.slice(when)) second.observe(value);
        expect(second.state).toEqual(whole.state);
        expect(second(5)).toBe(whole(5));
      }),
      { seed: 1 },
    );
  });

  test("a schedule that has nothing to watch goes as it is, and remembers nothing", () => {
    const live = watching(cosine({ from: 1, steps: 10 }));
    live.observe(1);
    expect(live(5)).toBe(cosine({ from: 1, steps: 10 })(5));
    expect(live.state).toHaveLength(0);
    expect(watching(schedule((t) => t, { schedule: "mine" }))(3)).toBe(3);
  });

  test("many that hold each other twice are told in no time, where none of them watches", () => {
    let doubled = constant(1);
    for (let i = 0; i < 90; i++) doubled = product([doubled, doubled]);
    expect(watching(doubled).state).toHaveLength(0);
  });
});

test("[schedules] on the command line it stands before the rate that falls", () => {
  const run = { learningRate: 0.2, steps: 100 };
  expect(readSchedule("plateau", run).description).toEqual(reduceOnPlateau({ rate: 0.2 }).description);
  expect(readSchedule("plateau:3,factor=0.5,mode=max+warmup:10+cosine", run).description).toEqual(
    reduceOnPlateau({
      rate: warmup(10, cosine({ from: 0.2, steps: 90 })),
      mode: "max",
      factor: 0.5,
      patience: 3,
    }).description,
  );
});

test("mistakes are refused by name", () => {
  const of = (options: object) => () => reduceOnPlateau({ rate: 1, ...options } as never);
  const wrong: readonly [() => unknown, string][] = [
    [of({ mode: "minimum" }), 'reduceOnPlateau: mode must be one of "min", "max", got "minimum"'],
    [of({ factor: 1 }), "reduceOnPlateau: factor must lie in [0, 1), got 1"],
    [of({ patience: -1 }), "reduceOnPlateau: patience must lie in the integers from 0, got -1"],
    [of({ threshold: -1 }), "reduceOnPlateau: threshold must lie in [0, ∞), got -1"],
    [of({ thresholdMode: "relative" }), 'thresholdMode must be one of "rel", "abs"'],
    [of({ accumulate: 0 }), "reduceOnPlateau: accumulate must lie in the integers from 1, got 0"],
    [of({ min_lr: 0 }), 'reduceOnPlateau: unknown parameter "min_lr"; did you mean minimum?'],
    [of({ eps: 0 }), 'reduceOnPlateau: unknown parameter "eps"; did you mean epsilon?'],
    [of({ rate: Number.NaN }), "constant: value must lie in (−∞, ∞), got NaN"],
    [of({ rate: "1" }), 'reduceOnPlateau: rate must be a schedule, got "1"'],
    [
      () => reduceOnPlateau(undefined as never),
      "reduceOnPlateau: expected an object such as { rate, mode, factor, patience, threshold, thresholdMode, cooldown, minimum, epsilon, accumulate }, got undefined",
    ],
    [() => watching(3 as never), "watching: expected a schedule, got 3"],
    [
      () => watching(reduceOnPlateau({ rate: 1 })).observe("1" as never),
      'observe: value must be a number, got "1"',
    ],
    [
      () => watching(reduceOnPlateau({ rate: 1 }))(-1),
      "reduceOnPlateau: the step's index must be an integer ≥ 0, got -1",
    ],
  ];
  for (const [call, message] of wrong) expect(call).toThrow(message);
});
