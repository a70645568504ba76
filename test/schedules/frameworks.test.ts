// Every schedule against what PyTorch, Optax and Keras say of theirs, written from their documentation: as recurrences
// where they are told as such, step by step from the last rate.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cosineAnnealing,
  cosineDecay,
  cosineRestarts,
  cyclic,
  exponentialDecay,
  inverseTime,
  join,
  linear,
  multiStep,
  oneCycle,
  piecewiseConstant,
  piecewiseInterpolate,
  polynomial,
  polynomialCycle,
  product,
  type Schedule,
  stepDecay,
  warmupFrom,
} from "../../src/schedules/index.ts";

const STEPS = 150;
const rate = fc.double({ min: 0.01, max: 2, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const few = fc.integer({ min: 1, max: 60 });

/** The largest difference over some steps, in units of the largest value. */
function difference(ours: Schedule, theirs: (t: number) => number, steps = STEPS): number {
  let [largest, scale] = [0, 0];
  for (let t = 0; t < steps; t++) {
    const expected = theirs(t);
    largest = Math.max(largest, Math.abs(ours(t) - expected));
    scale = Math.max(scale, Math.abs(expected));
  }
  return largest / (scale || 1);
}

function agree<T>(options: fc.Arbitrary<T>, compare: (options: T) => number): void {
  fc.assert(
    fc.property(options, (given) => {
      expect(compare(given)).toBeLessThan(1e-13);
    }),
    { seed: 1, numRuns: 60 },
  );
}

/** A recurrence as a function of the step. */
function recurrence(first: number, next: (last: number, t: number) => number): (t: number) => number {
  const rates = [first];
  return (t) => {
    while (rates.length <= t) rates.push(next(rates[rates.length - 1], rates.length));
    return rates[t];
  };
}

describe("PyTorch", () => {
  test("[schedules] multiStep multiplies by gamma as often as a milestone is listed, when its step comes", () => {
    const options = fc.record({
      from: rate,
      factor: share,
      milestones: fc.array(fc.nat(STEPS), { maxLength: 6 }),
    });
    agree(options, ({ from, factor, milestones }) => {
      const times = (t: number) => factor ** milestones.filter((milestone) => milestone === t).length;
      return difference(
        multiStep({ from, factor, milestones }),
        recurrence(from * times(0), (last, t) => last * times(t)),
      );
    });
  });

  test("[schedules] cosineAnnealing is the recurrence that adds after each lowest point and scales elsewhere", () => {
    const options = fc.record({ from: rate, to: fc.double({ min: 0, max: 0.5, noNaN: true }), steps: few });
    agree(options, ({ from, to, steps }) => {
      const wave = (t: number) => 1 + Math.cos((Math.PI * t) / steps);
      return difference(
        cosineAnnealing({ from, to, steps }),
        recurrence(from, (last, t) =>
          (t - 1 - steps) % (2 * steps) === 0
            ? last + ((from - to) * (1 - Math.cos(Math.PI / steps))) / 2
            : (wave(t) / wave(t - 1)) * (last - to) + to,
        ),
      );
    });
  });

  test("[schedules] cosineRestarts counts T_cur up to T_i and multiplies T_i by T_mult", () => {
    const options = fc.record({ from: rate, to: share, steps: few, mult: fc.integer({ min: 1, max: 4 }) });
    agree(options, ({ from, to, steps, mult }) => {
      const rates: number[] = [];
      let [current, length] = [0, steps];
      for (let t = 0; t < STEPS; t++) {
        rates.push(to + ((from - to) * (1 + Math.cos((Math.PI * current) / length))) / 2);
        if (++current >= length) [current, length] = [current - length, length * mult];
      }
      return difference(cosineRestarts({ from, to, steps, lengthFactor: mult }), (t) => rates[t]);
    });
  });

  test("[schedules] oneCycle goes between the ends of its phases, in two or in three", () => {
    const options = fc.record({
      peak: rate,
      steps: fc.integer({ min: 2, max: STEPS }),
      rise: fc.oneof(fc.constantFrom(0, 0.3, 0.5, 1), share),
      shape: fc.constantFrom("cosine", "linear"),
      threePhases: fc.boolean(),
    });
    agree(options, ({ peak, steps, rise, shape, threePhases }) => {
      const [initial, last] = [peak / 10, peak / 1000];
      const rises = { end: rise * steps - 1, from: initial, to: peak };
      const phases = threePhases
        ? [
            rises,
            { end: 2 * rise * steps - 2, from: peak, to: initial },
            { end: steps - 1, from: initial, to: last },
          ]
        : [rises, { end: steps - 1, from: peak, to: last }];
      const theirs = (t: number) => {
        const i = Math.max(0, [...phases.keys()].find((k) => t <= phases[k].end) ?? phases.length - 1);
        const start = i === 0 ? 0 : phases[i - 1].end;
        const x = (t - start) / (phases[i].end - start);
        const { from, to } = phases[i];
        return shape === "cosine"
          ? to + ((from - to) / 2) * (Math.cos(Math.PI * x) + 1)
          : (to - from) * x + from;
      };
      // Where a phase has no length at all PyTorch divides by 0.
      fc.pre(phases.every(({ end }, i) => end !== (i === 0 ? 0 : phases[i - 1].end)));
      const ours = oneCycle({
        peak,
        steps,
        rise,
        shape,
        threePhases,
        initialDivisor: 10,
        finalDivisor: 100,
      });
      return difference(ours, theirs, steps);
    });
  });

  test("[schedules] cyclic follows Smith's formula, in all its modes", () => {
    const options = fc.record({
      from: rate,
      peak: rate,
      up: few,
      mode: fc.constantFrom("triangular", "triangular2", "expRange"),
      factor: fc.double({ min: 0.9, max: 1, noNaN: true }),
    });
    agree(options, ({ from, peak, up, mode, factor }) =>
      difference(cyclic({ from, peak, up, mode, factor }), (t) => {
        const cycle = Math.floor(1 + t / (2 * up));
        const x = Math.abs(t / up - 2 * cycle + 1);
        const height =
          mode === "triangular" ? 1 : mode === "triangular2" ? 1 / 2 ** (cycle - 1) : factor ** t;
        return from + (peak - from) * Math.max(0, 1 - x) * height;
      }),
    );
  });

  test("[schedules] a cycle may fall faster or slower than it rises, or at once", () => {
    const rates = (options: object) => {
      const schedule = cyclic({ from: 0, peak: 1, up: 2, ...options });
      return [...Array(9).keys()].map(schedule);
    };
    expect(rates({ down: 4 })).toEqual([0, 0.5, 1, 0.75, 0.5, 0.25, 0, 0.5, 1]);
    expect(rates({ down: 1, mode: "triangular2" })).toEqual([0, 0.5, 1, 0, 0.25, 0.5, 0, 0.125, 0.25]);
    expect(rates({ down: 0 })).toEqual([0, 0.5, 0, 0.5, 0, 0.5, 0, 0.5, 0]);
  });

  test("[schedules] product is what ChainedScheduler makes of schedulers that each multiply", () => {
    // The example of its documentation: ConstantLR(0.1, 2 steps) and ExponentialLR(0.9) on a rate of 1.
    const constantLR = join([
      { steps: 2, schedule: linear({ from: 0.1, to: 0.1, steps: 1 }) },
      linear({ from: 1, to: 1, steps: 1 }),
    ]);
    const chained = product([constantLR, exponentialDecay({ from: 1, factor: 0.9 })]);
    const documented = [0.1, 0.09, 0.81, 0.729, 0.6561];
    for (const [t, expected] of documented.entries()) expect(chained(t)).toBeCloseTo(expected, 15);
  });
});

describe("Keras", () => {
  test("[schedules] exponentialDecay, with and without staircase", () => {
    const options = fc.record({ from: rate, factor: share, every: few, staircase: fc.boolean() });
    agree(options, ({ from, factor, every, staircase }) =>
      difference(exponentialDecay({ from, factor, every, staircase }), (t) => {
        const power = staircase ? Math.floor(t / every) : t / every;
        return from * factor ** power;
      }),
    );
    // A staircase of it is stepDecay.
    const step = stepDecay({ from: 0.3, factor: 0.7, every: 9 });
    expect(difference(exponentialDecay({ from: 0.3, factor: 0.7, every: 9, staircase: true }), step)).toBe(0);
  });

  test("[schedules] inverseTime, with and without staircase", () => {
    const options = fc.record({ from: rate, rate, every: few, staircase: fc.boolean() });
    agree(options, (given) =>
      difference(inverseTime(given), (t) => {
        const passed = given.staircase ? Math.floor(t / given.every) : t / given.every;
        return given.from / (1 + given.rate * passed);
      }),
    );
  });

  test("[schedules] polynomialCycle is PolynomialDecay with cycle, polynomial without", () => {
    const power = fc.double({ min: 0, max: 3, noNaN: true });
    const options = fc.record({ from: rate, to: share, steps: few, power });
    agree(options, (given) => {
      const { from, to, steps, power } = given;
      const cycling = difference(polynomialCycle(given), (t) => {
        const length = t === 0 ? steps : steps * Math.ceil(t / steps);
        return (from - to) * (1 - t / length) ** power + to;
      });
      // 0⁰ is 1 to Keras, which so stays at the start where the power is 0; there polynomial ends at `to`.
      const plain = difference(
        polynomial(given),
        (t) => (from - to) * (1 - Math.min(t, steps) / steps) ** power + to,
        power === 0 ? steps : STEPS,
      );
      return Math.max(cycling, plain);
    });
  });

  test("[schedules] piecewiseConstant with boundaries one higher is PiecewiseConstantDecay", () => {
    // "1.0 for the first 100001 steps, 0.5 for the next 10000 steps, and 0.1 for any additional steps."
    const schedule = piecewiseConstant({ boundaries: [100001, 110001], values: [1, 0.5, 0.1] });
    expect([0, 100000, 100001, 110000, 110001, 1e9].map(schedule)).toEqual([1, 1, 0.5, 0.5, 0.1, 0.1]);
  });

  test("[schedules] cosineRestarts is CosineDecayRestarts with t_mul, m_mul and alpha, also where they are no integers", () => {
    const options = fc.record({
      from: rate,
      steps: few,
      lengthFactor: fc.constantFrom(1, 1.3, 1.5, 2, 2.7),
      peakFactor: fc.double({ min: 0.3, max: 1.2, noNaN: true }),
      alpha: share,
    });
    agree(options, ({ from, steps, lengthFactor: tMul, peakFactor, alpha }) =>
      difference(cosineRestarts({ from, to: alpha * from, steps, lengthFactor: tMul, peakFactor }), (t) => {
        // Rounds one after another, as the documentation has them.
        let [start, length, height] = [0, steps, 1];
        while (start + length <= t * (1 + 1e-12)) {
          [start, length, height] = [start + length, length * tMul, height * peakFactor];
        }
        const cosine = 0.5 * height * (1 + Math.cos((Math.PI * (t - start)) / length));
        return from * ((1 - alpha) * cosine + alpha);
      }),
    );
  });

  test("[schedules] warmupFrom before a cosine is CosineDecay with warmup_target and warmup_steps", () => {
    const options = fc.record({ initial: rate, target: rate, warmup: few, steps: few, alpha: share });
    agree(options, ({ initial, target, warmup, steps, alpha }) =>
      difference(
        warmupFrom(
          { from: initial, steps: warmup },
          cosineDecay({ from: target, to: alpha * target, steps }),
        ),
        (t) => {
          if (t < warmup) return (target - initial) * (t / warmup) + initial;
          const cosine = 0.5 * (1 + Math.cos((Math.PI * Math.min(t - warmup, steps)) / steps));
          return target * ((1 - alpha) * cosine + alpha);
        },
      ),
    );
  });
});

describe("Optax", () => {
  test("[schedules] exponentialDecay begins after transition_begin and stops at end_value", () => {
    const options = fc.record({
      from: rate,
      factor: fc.double({ min: 0.1, max: 2, noNaN: true }),
      every: few,
      delay: fc.nat(50),
      staircase: fc.boolean(),
      to: rate,
    });
    agree(options, (given) => {
      const { from, factor, every, delay, staircase, to } = given;
      const limit = factor < 1 ? Math.max : Math.min;
      return difference(exponentialDecay(given), (t) => {
        const passed = (t - delay) / every;
        const decayed = t - delay <= 0 ? from : from * factor ** (staircase ? Math.floor(passed) : passed);
        return limit(decayed, to);
      });
    });
  });

  test("[schedules] cosineDecay raises the wave to an exponent", () => {
    const exponent = fc.double({ min: 0.1, max: 4, noNaN: true });
    agree(fc.record({ from: rate, steps: few, alpha: share, exponent }), (given) => {
      const { from, steps, alpha, exponent } = given;
      return difference(cosineDecay({ from, to: alpha * from, steps, power: exponent }), (t) => {
        const wave = 0.5 * (1 + Math.cos((Math.PI * Math.min(t, steps)) / steps));
        return from * ((1 - alpha) * wave ** exponent + alpha);
      });
    });
  });

  /** Boundaries and scales as Optax has them, and the values between as its cumulative product. */
  const scales = fc.record({
    from: rate,
    boundaries: fc
      .uniqueArray(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 5 })
      .map((list) => list.sort((a, b) => a - b)),
    scales: fc.array(fc.double({ min: 0.2, max: 3, noNaN: true }), { minLength: 5, maxLength: 5 }),
  });
  function valuesOf({ from, boundaries, scales }: { from: number; boundaries: number[]; scales: number[] }) {
    const values = [from];
    for (const i of boundaries.keys()) values.push(values[i] * scales[i]);
    return values;
  }

  test("[schedules] piecewiseConstant scales from each boundary on", () => {
    agree(scales, (given) => {
      const ours = piecewiseConstant({ boundaries: given.boundaries, values: valuesOf(given) });
      return difference(ours, (t) =>
        given.boundaries.reduce((value, at, i) => (t < at ? value : value * given.scales[i]), given.from),
      );
    });
  });

  test.each(["linear", "cosine"] as const)("[schedules] piecewiseInterpolate, %s", (shape) => {
    agree(scales, (given) => {
      const values = valuesOf(given);
      const { boundaries } = given;
      const bounds = [0, ...boundaries];
      return difference(piecewiseInterpolate({ boundaries, values, shape }), (t) => {
        const i = bounds.filter((bound) => bound <= t).length - 1;
        if (i === boundaries.length) return values[i];
        const x = (t - bounds[i]) / (bounds[i + 1] - bounds[i]);
        return shape === "linear"
          ? (values[i + 1] - values[i]) * x + values[i]
          : values[i + 1] + ((values[i] - values[i + 1]) / 2) * (Math.cos(Math.PI * x) + 1);
      });
    });
  });

  test("[schedules] piecewiseInterpolate is linear_onecycle_schedule between its shares", () => {
    // transition_steps 100, peak_value 1, pct_start 0.3, pct_final 0.85, div_factor 25, final_div_factor 1e4.
    const ours = piecewiseInterpolate({ boundaries: [30, 85, 100], values: [1 / 25, 1, 1 / 25, 1 / 25e4] });
    expect(ours(0)).toBe(0.04);
    expect(ours(15)).toBeCloseTo(0.52, 15);
    expect(ours(30)).toBe(1);
    expect(ours(85)).toBe(0.04);
    expect(ours(100)).toBe(4e-6);
  });

  test("[schedules] a linear ramp and a cosine are warmup_cosine_decay_schedule", () => {
    // init_value 0, peak_value 1, warmup_steps 50, decay_steps 200 (the ramp among them), end_value 0.1.
    const ours = warmupFrom({ steps: 50 }, cosineDecay({ from: 1, to: 0.1, steps: 150 }));
    expect([0, 25, 50, 200, 300].map(ours)).toEqual([0, 0.5, 1, 0.1, 0.1]);
    expect(ours(125)).toBeCloseTo(0.55, 15);
  });
});
