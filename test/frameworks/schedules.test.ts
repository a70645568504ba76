// Every schedule against the rates that Optax and Keras themselves give. What they say of theirs: test/schedules/frameworks.test.ts.
import { describe, expect, test } from "vitest";
import {
  constant,
  cosineDecay,
  cosineRestarts,
  createOptimizer,
  exponentialDecay,
  inverseTime,
  join,
  linear,
  piecewiseConstant,
  piecewiseInterpolate,
  polynomial,
  polynomialCycle,
  reduceOnPlateau,
  type Schedule,
  type ScheduleInput,
  sgd,
  warmupFrom,
} from "../../src/index.ts";
import { type Given, inputs, read } from "./paths.ts";

interface RecordedSchedule {
  readonly schedule: string;
  readonly options: Given;
  readonly rates: readonly number[];
}

const TOLERANCE = 1e-13;

/** A schedule that begins after some steps with its first value. */
const delayed = (steps: number, schedule: Schedule): Schedule =>
  steps === 0 ? schedule : join([{ steps, schedule: constant(schedule(0)) }, schedule]);

/** Optax's boundaries, and the values that its scales come to. */
function pieces(first: number, scales: Record<string, number>) {
  const values = [first];
  for (const scale of Object.values(scales)) values.push(values[values.length - 1] * scale);
  return { boundaries: Object.keys(scales).map(Number), values };
}

const cosineAfter = (o: Given): Schedule =>
  warmupFrom(
    { from: o.init_value, steps: o.warmup_steps },
    cosineDecay({
      from: o.peak_value,
      to: o.end_value ?? 0,
      steps: o.decay_steps - o.warmup_steps,
      power: o.exponent,
    }),
  );
const exponentialOf = (o: Given): Schedule =>
  exponentialDecay({
    from: o.init_value,
    factor: o.decay_rate,
    every: o.transition_steps,
    delay: o.transition_begin,
    staircase: o.staircase,
    to: o.end_value,
  });

const optax: Readonly<Record<string, (options: Given) => Schedule>> = {
  constant_schedule: ({ value }) => constant(value),
  linear_schedule: ({ init_value, end_value, transition_steps, transition_begin = 0 }) =>
    delayed(transition_begin, linear({ from: init_value, to: end_value, steps: transition_steps })),
  polynomial_schedule: ({ init_value, end_value, power, transition_steps, transition_begin = 0 }) =>
    delayed(
      transition_begin,
      polynomial({ from: init_value, to: end_value, power, steps: transition_steps }),
    ),
  piecewise_constant_schedule: (o) => piecewiseConstant(pieces(o.init_value, o.boundaries_and_scales)),
  piecewise_interpolate_schedule: (o) =>
    piecewiseInterpolate({
      ...pieces(o.init_value, o.boundaries_and_scales),
      shape: o.interpolate_type,
    }),
  exponential_decay: exponentialOf,
  cosine_decay_schedule: ({ init_value, decay_steps, alpha = 0, exponent }) =>
    cosineDecay({ from: init_value, to: alpha * init_value, steps: decay_steps, power: exponent }),
  linear_onecycle_schedule({ transition_steps: steps, peak_value: peak, ...o }) {
    const { pct_start = 0.3, pct_final = 0.85, div_factor = 25, final_div_factor = 1e4 } = o;
    const low = peak / div_factor;
    return piecewiseInterpolate({
      boundaries: [Math.floor(pct_start * steps), Math.floor(pct_final * steps), steps],
      values: [low, peak, low, low / final_div_factor],
    });
  },
  cosine_onecycle_schedule({ transition_steps: steps, peak_value: peak, ...o }) {
    const { pct_start = 0.3, div_factor = 25, final_div_factor = 1e4 } = o;
    return piecewiseInterpolate({
      boundaries: [Math.floor(pct_start * steps), steps],
      values: [peak / div_factor, peak, peak / (div_factor * final_div_factor)],
      shape: "cosine",
    });
  },
  warmup_constant_schedule: ({ init_value, peak_value, warmup_steps }) =>
    warmupFrom({ from: init_value, steps: warmup_steps }, constant(peak_value)),
  warmup_cosine_decay_schedule: cosineAfter,
  warmup_exponential_decay_schedule: ({ init_value, peak_value, warmup_steps, ...o }) =>
    warmupFrom({ from: init_value, steps: warmup_steps }, exponentialOf({ ...o, init_value: peak_value })),
  sgdr_schedule: ({ cosine_kwargs }) =>
    join([
      ...cosine_kwargs
        .slice(0, -1)
        .map((round: Given) => ({ steps: round.decay_steps, schedule: cosineAfter(round) })),
      cosineAfter(cosine_kwargs.at(-1)),
    ]),
  // Bears one observation less than its patience, and scales a rate of 1.
  "contrib.reduce_on_plateau": ({ patience = 10, rtol = 1e-4, atol = 0, ...o }) =>
    reduceOnPlateau({
      rate: 1,
      factor: o.factor,
      patience: patience - 1,
      threshold: rtol || atol,
      thresholdMode: rtol === 0 ? "abs" : "rel",
      cooldown: o.cooldown,
      minimum: o.min_scale,
      epsilon: 0,
      accumulate: o.accumulation_size,
    }),
};

const keras: Readonly<Record<string, (options: Given) => Schedule>> = {
  ExponentialDecay: (o) =>
    exponentialDecay({
      from: o.initial_learning_rate,
      factor: o.decay_rate,
      every: o.decay_steps,
      staircase: o.staircase,
    }),
  PiecewiseConstantDecay: ({ boundaries, values }) =>
    piecewiseConstant({ boundaries: boundaries.map((boundary: number) => boundary + 1), values }),
  PolynomialDecay({ initial_learning_rate: from, decay_steps: steps, ...o }) {
    const { end_learning_rate: to = 1e-4, power = 1, cycle = false } = o;
    return (cycle ? polynomialCycle : polynomial)({ from, to, steps, power });
  },
  InverseTimeDecay: (o) =>
    inverseTime({
      from: o.initial_learning_rate,
      rate: o.decay_rate,
      every: o.decay_steps,
      staircase: o.staircase,
    }),
  CosineDecay({ initial_learning_rate: initial, decay_steps: steps, alpha = 0, ...o }) {
    const target = o.warmup_target ?? initial;
    const cosine = cosineDecay({ from: target, to: alpha * target, steps });
    return o.warmup_steps ? warmupFrom({ from: initial, steps: o.warmup_steps }, cosine) : cosine;
  },
  CosineDecayRestarts: ({ initial_learning_rate: from, first_decay_steps, t_mul = 2, m_mul, alpha = 0 }) =>
    cosineRestarts({
      from,
      to: alpha * from,
      steps: first_decay_steps,
      lengthFactor: t_mul,
      peakFactor: m_mul,
    }),
  // Bears one observation less than its patience, and the last one of its cooldown counts.
  ReduceLROnPlateau: ({ patience = 10, min_delta = 1e-4, cooldown = 0, ...o }) =>
    reduceOnPlateau({
      rate: 0.1,
      mode: o.mode,
      factor: o.factor,
      patience: Math.max(patience - 1, 0),
      threshold: min_delta,
      thresholdMode: "abs",
      cooldown: Math.max(cooldown - 1, 0),
      minimum: o.min_lr,
      epsilon: 0,
    }),
};

/** The rates of an optimizer that is told the values. */
function toldRates(learningRate: ScheduleInput): number[] {
  const optimizer = createOptimizer(sgd({ learningRate }), [0]);
  try {
    return inputs.values.map((value) => {
      optimizer.observe(value);
      return optimizer.learningRate;
    });
  } finally {
    optimizer.dispose();
  }
}

describe.each([
  ["Optax", "optax-schedules.json", optax],
  ["Keras", "keras-schedules.json", keras],
] as const)("%s", (_, file, counterparts) => {
  const { cases } = read(file) as { cases: readonly RecordedSchedule[] };

  test.each(Object.keys(counterparts))("[schedules] what stands for its %s gives the same rates", (name) => {
    const recorded = cases.filter(({ schedule }) => schedule === name);
    expect(recorded).not.toEqual([]);
    for (const { options, rates } of recorded) {
      const schedule = counterparts[name](options);
      const ours = /plateau/i.test(name) ? toldRates(schedule) : rates.map((_, t) => schedule(t));
      const scale = Math.max(...rates.map(Math.abs));
      const errors = ours.map((rate, t) => Math.abs(rate - rates[t]) / scale);
      expect(Math.max(...errors), JSON.stringify(options)).toBeLessThan(TOLERANCE);
    }
  });

  test(`all of ${cases.length} schedules are told of`, () => {
    expect(cases.filter(({ schedule }) => !(schedule in counterparts))).toEqual([]);
  });

  test("there are plateaus among what is told", () => {
    const plateaus = cases.filter(({ schedule }) => /plateau/i.test(schedule));
    for (const { rates } of plateaus) expect(new Set(rates).size).toBeGreaterThan(1);
  });
});
