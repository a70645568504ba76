import { expect, test } from "vitest";
import { pow } from "../../src/core/scalar.ts";
import { parseSchedule, readSchedule, schedules } from "../../src/schedules/index.ts";

const run = { learningRate: 0.2, steps: 1000 };
const read = (text: string) => readSchedule(text, run).description;
const from = 0.2;
const half = { schedule: "cosine", from, to: 0, steps: 1000 };

test("[schedules] a name alone takes its defaults from the learning rate and the steps of the run", () => {
  expect(read("constant")).toEqual({ schedule: "constant", value: from });
  expect(read("cosine")).toEqual(half);
  expect(read("linear")).toEqual({ schedule: "linear", from, to: 0, steps: 1000 });
  expect(read("polynomial")).toEqual({ schedule: "polynomial", from, to: 0, steps: 1000, power: 2 });
  expect(read("step")).toEqual({ schedule: "stepDecay", from, factor: 0.1, every: 334 });
  expect(read("exponential")).toEqual({ schedule: "exponential", from, factor: pow(1e-6, 1e-3) });
  expect(readSchedule("exponential", run)(1000)).toBeCloseTo(0.2e-6, 17);
  expect(read("warmup")).toEqual({
    schedule: "warmup",
    steps: 100,
    inner: { schedule: "constant", value: from },
  });
});

test("[schedules] parameters are given by name, and the main one without", () => {
  expect(read("exponential:factor=0.99")).toEqual({ schedule: "exponential", from, factor: 0.99 });
  expect(read("exponential:0.99")).toEqual(read("exponential:factor=0.99"));
  expect(read("step:factor=0.5,every=100")).toEqual({ schedule: "stepDecay", from, factor: 0.5, every: 100 });
  expect(read("step:100,factor=0.5")).toEqual(read("step:factor=0.5,every=100"));
  expect(read("stepDecay:100,factor=0.5")).toEqual(read("step:factor=0.5,every=100"));
  expect(read("cosine:to=1e-4,steps=5000")).toEqual({ schedule: "cosine", from, to: 1e-4, steps: 5000 });
  expect(read("cosine:5000")).toEqual({ ...half, steps: 5000 });
  expect(read("polynomial:power=3")).toEqual({ schedule: "polynomial", from, to: 0, steps: 1000, power: 3 });
  expect(read("linear: from = 1e+1 , to=+2")).toEqual({ schedule: "linear", from: 10, to: 2, steps: 1000 });
});

test("[schedules] a ramp stands before another schedule, which spans the steps that are left", () => {
  expect(read("warmup:100+cosine")).toEqual({
    schedule: "warmup",
    steps: 100,
    inner: { ...half, steps: 900 },
  });
  expect(read("warmup:100 + exponential:0.5")).toEqual({
    schedule: "warmup",
    steps: 100,
    inner: { schedule: "exponential", from, factor: 0.5 },
  });
  expect(read("warmup:2000+linear:from=1e+3")).toEqual({
    schedule: "warmup",
    steps: 2000,
    inner: { schedule: "linear", from: 1000, to: 0, steps: 1 },
  });
});

test("[schedules] lists stand with strokes, words and switches by their names", () => {
  const milestones = [30, 60, 90];
  expect(read("multiStep:30/60/90")).toEqual({ schedule: "multiStep", from, factor: 0.1, milestones });
  expect(read("multiStep:factor=0.5,milestones=30/60/90")).toMatchObject({ factor: 0.5, milestones });
  expect(read("piecewiseConstant:0.1/1e-2,boundaries=400")).toEqual({
    schedule: "piecewiseConstant",
    boundaries: [400],
    values: [0.1, 0.01],
  });
  expect(read("cyclic:50,mode=triangular2,down=25")).toMatchObject({ up: 50, down: 25, mode: "triangular2" });
  expect(read("oneCycle:threePhases,shape=linear")).toMatchObject({ threePhases: true, shape: "linear" });
  expect(read("oneCycle:500,threePhases=false")).toMatchObject({ steps: 500, threePhases: false });
  expect(read("inverseTime:0.5,staircase,every=10")).toMatchObject({ rate: 0.5, staircase: true, every: 10 });
});

test("[schedules] defaults of the others fit the run", () => {
  expect(read("multiStep")).toMatchObject({ from, factor: 0.1, milestones: [500, 750] });
  expect(read("piecewiseConstant")).toMatchObject({ boundaries: [500, 750], values: [0.2, 0.02, 0.002] });
  expect(read("oneCycle")).toMatchObject({ peak: 0.2, steps: 1000, rise: 0.3 });
  expect(read("cyclic")).toMatchObject({ from: 0.02, peak: 0.2, up: 125, down: 125 });
  expect(read("cosineRestarts")).toMatchObject({ from, steps: 143, lengthFactor: 2 });
  expect(read("wsd")).toMatchObject({ peak: 0.2, to: 0, warmup: 50, stable: 750, decay: 200 });
  expect(read("chebyshev:32,lambdaMax=100,lambdaMin=1")).toMatchObject({ steps: 32 });
  expect(read("silver")).toEqual({ schedule: "silver", lambdaMax: 5 });
  expect(read("silverStronglyConvex:lambdaMax=9,lambdaMin=1")).toMatchObject({ steps: 512 });
  // What the run ends at: 10⁻⁶, a hundredth, a tenth of the rate; the peak of the Transformer's is the rate.
  const end = (text: string) => readSchedule(text, run)(1000) / from;
  expect(end("exponentialDecay")).toBeCloseTo(1e-6, 15);
  expect(end("inverseTime")).toBeCloseTo(0.01, 12);
  expect(end("inverseSquareRoot")).toBeCloseTo(0.1, 12);
  expect(readSchedule("noam", run)(99) / from).toBeCloseTo(1, 12);
});

test("[schedules] rounds and shaped ramps stand before another schedule as well", () => {
  expect(read("repeat:50+cosine")).toEqual({ schedule: "repeat", steps: 50, inner: { ...half, steps: 50 } });
  expect(read("repeat")).toMatchObject({ steps: 250, inner: { schedule: "constant", value: from } });
  expect(read("warmupFrom:100,shape=cosine+linear")).toEqual({
    schedule: "warmupFrom",
    from: 0,
    steps: 100,
    shape: "cosine",
    power: 1,
    inner: { schedule: "linear", from, to: 0, steps: 900 },
  });
  expect(read("warmup:100+repeat:300+rex")).toMatchObject({ inner: { inner: { steps: 300 } } });
});

test("[schedules] text that starts with a brace is a JSON description", () => {
  expect(read(` ${JSON.stringify(half)}`)).toEqual(half);
  expect(() => read('{"schedule":')).toThrow("schedule: not valid JSON");
  expect(() => read('{"schedule":"cosin"}')).toThrow("did you mean cosine?");
});

test("every schedule that the registry gives a short form is read from its word alone, and again from its JSON", () => {
  for (const { name, commandLine, parameters } of Object.values(schedules)) {
    if (!commandLine) continue;
    // The curvature cannot be guessed.
    const given = "lambdaMin" in parameters ? ":lambdaMax=9,lambdaMin=1" : "";
    const schedule = readSchedule(`${commandLine.word ?? name}${given}`, run);
    expect(schedule.description.schedule).toBe(name);
    expect(parseSchedule(schedule.description).description).toEqual(schedule.description);
    for (const t of [0, 1, 999, 1000]) expect(Number.isFinite(schedule(t))).toBe(true);
  }
});

test("what is wrong is named, and what is known is listed", () => {
  const refused: readonly [string, string][] = [
    ["cosin", 'schedule: unknown schedule "cosin"; did you mean cosine?'],
    ["", "known: constant, exponential, exponentialDecay, step, multiStep"],
    ["sawtooth", "known: constant, exponential, exponentialDecay, step, multiStep"],
    ["toString", 'unknown schedule "toString"'],
    ["exponential:gamma=0.9", 'exponential: unknown parameter "gamma"; did you mean factor?'],
    ["exponential:fast", 'exponential: factor must be a number, got "fast"'],
    ["exponential:", "exponential: cannot read"],
    ["exponential:0.9,0.8", "exponential: cannot read"],
    ["exponential:factor=0.9=1", "exponential: cannot read"],
    ["exponential:0.9,factor=0.8", "exponential: factor is given twice"],
    ["cosine:1e-4", "cosine: steps must lie in the integers from 1, got 0.0001"],
    ["step:every=0", "stepDecay: every must lie in the integers from 1, got 0"],
    ["constant:1e999", "constant: value must lie in (−∞, ∞), got Infinity"],
    ["warmup:inner=3", 'warmup: unknown parameter "inner"'],
    ["warmup:1.5", "warmup: steps must lie in the integers from 1, got 1.5"],
    ["warmup:10+", 'unknown schedule ""; known:'],
    ["cosine+linear", 'only warmup, warmupFrom, repeat, plateau may stand before "+", got "cosine"'],
    ["multiStep:30/x", 'multiStep: milestones must be a number, got "x"'],
    ["multiStep:30//60", 'multiStep: milestones must be a number, got ""'],
    ["multiStep:30/1.5", "multiStep: milestones[1] must lie in the integers from 0, got 1.5"],
    ["cyclic:mode=triangle", 'cyclic: mode must be one of "triangular", "triangular2", "expRange"'],
    ["oneCycle:threePhases=yes", 'oneCycle: threePhases must be true or false, got "yes"'],
    ["oneCycle:threePhases,threePhases", "oneCycle: threePhases is given twice"],
    ["oneCycle:pct_start=0.2", 'oneCycle: unknown parameter "pct_start"; did you mean rise?'],
    ["piecewiseConstant:1/2", "piecewiseConstant: values must be one more than boundaries (2), got 2"],
    ["chebyshev:8", "chebyshev: lambdaMax is missing; it must lie in (0, ∞)"],
    ["product", 'product is made of other schedules: give it as JSON, {"schedule":"product",…}'],
    ["join", 'join is made of other schedules: give it as JSON, {"schedule":"join",…}'],
  ];
  for (const [text, message] of refused) expect(() => read(text), text).toThrow(message);
  expect(() => readSchedule("cosine", { learningRate: 0.1, steps: 0 })).toThrow(
    "steps must lie in the integers from 1",
  );
  expect(() => readSchedule(3 as never, run)).toThrow("must be text, got 3");
});
