import { expect, test } from "vitest";
import { constant, parseSchedule, type Schedule, schedules, warmup } from "../../src/schedules/index.ts";

const nested = (depth: number): Schedule => {
  let schedule = constant(1);
  for (let i = 1; i < depth; i++) schedule = warmup(1, schedule);
  return schedule;
};

test("[schedules] a description written by hand is read, parameters that have a default left out", () => {
  const schedule = parseSchedule({
    schedule: "warmup",
    steps: 10,
    inner: { schedule: "cosine", from: 1, steps: 4 },
  });
  expect(schedule.description).toEqual({
    schedule: "warmup",
    steps: 10,
    inner: { schedule: "cosine", from: 1, to: 0, steps: 4 },
  });
});

test("[schedules] switches, words, lists and lists of schedules are read from JSON, defaults filled in", () => {
  const cycle = { schedule: "oneCycle", peak: 1, steps: 10, shape: "linear", threePhases: true };
  const drops = { schedule: "multiStep", from: 1, factor: 0.5, milestones: [5, 3] };
  const down = { schedule: "cyclic", from: 0, peak: 1, up: 4 };
  const schedule = parseSchedule({ schedule: "product", factors: [cycle, drops, down] });
  expect(schedule.description).toEqual({
    schedule: "product",
    factors: [
      { ...cycle, rise: 0.3, initialDivisor: 25, finalDivisor: 10_000 },
      drops,
      { ...down, down: 4, mode: "triangular", factor: 1 },
    ],
  });
  expect(schedule(4)).toBe(parseSchedule(cycle)(4) * 0.5);
});

test("a parameter that may be left out is left out of the description", () => {
  const bare = { schedule: "exponentialDecay", from: 1, factor: 0.5 };
  expect(parseSchedule(bare).description).not.toHaveProperty("to");
  expect(parseSchedule({ ...bare, to: 0.25 }).description).toHaveProperty("to", 0.25);
});

test("malformed and hostile descriptions are refused, and the message says why", () => {
  const self: Record<string, unknown> = { schedule: "repeat", steps: 2 };
  self.inner = self;
  // 60 levels that each name the one below twice: 2⁶⁰ schedules written in 60 objects.
  let doubling: unknown = { schedule: "constant", value: 1 };
  for (let i = 0; i < 60; i++) {
    doubling = { schedule: "join", parts: [{ steps: 1, schedule: doubling }, doubling] };
  }
  const round = { schedule: "oneCycle", peak: 1, steps: 10 };
  const refused: readonly [unknown, string][] = [
    [{ ...round, threePhases: 1 }, "oneCycle: threePhases must be true or false, got 1"],
    [{ ...round, shape: "cos" }, 'oneCycle: shape must be one of "linear", "cosine", got "cos"'],
    [{ ...round, shape: 3 }, 'oneCycle: shape must be one of "linear", "cosine", got 3'],
    [null, "schedule must be an object { schedule: name, … }, got null"],
    [[], "schedule must be an object { schedule: name, … }, got an array of 0"],
    ["cosine", 'schedule must be an object { schedule: name, … }, got "cosine"'],
    [{}, `schedule needs the name of a schedule (${Object.keys(schedules).join(", ")}), got undefined`],
    [{ schedule: "cosin" }, 'unknown schedule "cosin"; did you mean cosine?'],
    [{ schedule: "constructor", value: 1 }, 'unknown schedule "constructor"'],
    [{ schedule: "__proto__" }, 'unknown schedule "__proto__"'],
    [JSON.parse('{"schedule":"constant","value":1,"__proto__":{"a":1}}'), 'unknown parameter "__proto__"'],
    [{ schedule: "constant", value: "1" }, 'constant: value must be a number in (−∞, ∞), got "1"'],
    [{ schedule: "constant", value: null }, "constant: value must be a number in (−∞, ∞), got null"],
    [{ schedule: "constant", value: 1, extra: 1 }, 'constant: unknown parameter "extra"'],
    [
      { schedule: "warmup", steps: 3 },
      "warmup's inner must be an object { schedule: name, … }, got undefined",
    ],
    [{ schedule: "warmup", steps: 3, inner: constant(1) }, "warmup's inner must be an object"],
    [{ schedule: "join", parts: 3 }, "join: parts must be a list of at least one schedule, got 3"],
    [
      { schedule: "join", parts: [null] },
      "join's parts[0] must be an object { schedule: name, … }, got null",
    ],
    [
      { schedule: "join", parts: [{ steps: 1, schedule: { schedule: "sawtooth" } }] },
      'unknown schedule "sawtooth"; known: constant',
    ],
    [{ schedule: "product", factors: [] }, "product: factors must be a list of at least one schedule"],
    [{ schedule: "product", factors: 3 }, "product: factors must be a list of at least one schedule, got 3"],
    [
      { schedule: "product", factors: [3] },
      "product's factors[0] must be an object { schedule: name, … }, got 3",
    ],
    [
      { schedule: "multiStep", from: 1, factor: 1, milestones: { 0: 3 } },
      "multiStep: milestones must be a list of numbers, got an object",
    ],
    [
      { schedule: "multiStep", from: 1, factor: 1, milestones: [3, null] },
      "multiStep: milestones[1] must be a number in the integers from 0, got null",
    ],
    [self, "schedules may nest at most 100 deep"],
    [doubling, "a description may hold at most 10000 schedules"],
  ];
  for (const [description, message] of refused) expect(() => parseSchedule(description)).toThrow(message);
});

test("a description may nest 100 deep and no deeper", () => {
  expect(parseSchedule(nested(100).description)(1000)).toBe(1);
  expect(() => parseSchedule(nested(101).description)).toThrow(RangeError);
});
