import { make, type ScheduleDeclaration } from "./define.ts";
import { count, finite, nonNegative, numbers, steps, word } from "./parameters.ts";
import { scaled } from "./scaled.ts";
import type { Schedule } from "./schedule.ts";
import { namesOf, waves } from "./shapes.ts";

/** A value that is multiplied by the same factor at given steps. */
export interface MultiStepOptions {
  /** The value at step 0: any finite number. */
  readonly from: number;
  /** What the value is multiplied by: ≥ 0, below 1 to decay. */
  readonly factor: number;
  /** The steps from which it is multiplied once more: integers ≥ 0 in any order; one that is repeated counts as often. */
  readonly milestones: readonly number[];
}

/** Values between given steps. */
export interface PiecewiseConstantOptions {
  /** The steps at which the next value begins: rising integers ≥ 1. */
  readonly boundaries: readonly number[];
  /** One value more than there are boundaries: any finite numbers. */
  readonly values: readonly number[];
}

/** Values at given steps, and the way between them. */
export interface PiecewiseInterpolateOptions extends PiecewiseConstantOptions {
  /** "linear" (default) or "cosine": the way from each value to the next. */
  readonly shape?: keyof typeof waves;
}

/** How many of the rising numbers are at most t. */
function reached(rising: readonly number[], t: number): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rising[middle] <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

function checkPieces(owner: string, { boundaries, values }: PiecewiseConstantOptions): void {
  if (values.length !== boundaries.length + 1) {
    throw new RangeError(
      `${owner}: values must be one more than boundaries (${boundaries.length}), got ${values.length}`,
    );
  }
  const fault = boundaries.findIndex((boundary, i) => i > 0 && boundary <= boundaries[i - 1]);
  if (fault > 0) {
    throw new RangeError(
      `${owner}: boundaries must rise, got ${boundaries[fault - 1]} before ${boundaries[fault]}`,
    );
  }
}

const pieces = { boundaries: numbers(steps), values: numbers(finite(), 1) };

/** Three levels, each a tenth of the one before, from the middle and from three quarters of the run. */
const tenfold = (learningRate: number, length: number) => {
  const middle = Math.max(1, Math.ceil(length / 2));
  return {
    boundaries: [middle, Math.max(middle + 1, Math.ceil((3 * length) / 4))],
    values: [learningRate, learningRate / 10, learningRate / 100],
  };
};

export const multiStepDeclaration: ScheduleDeclaration<MultiStepOptions> = {
  name: "multiStep",
  summary: "multiplied by a factor at given steps",
  formula: "from·factorᵏ, k the number of milestones ≤ t",
  elsewhere: "PyTorch MultiStepLR; Optax piecewise_constant_schedule",
  parameters: { from: finite(), factor: nonNegative(), milestones: numbers(count()) },
  commandLine: {
    main: "milestones",
    defaults: ({ learningRate, steps }) => ({
      from: learningRate,
      factor: 0.1,
      milestones: tenfold(learningRate, steps).boundaries,
    }),
  },
  at({ from, factor, milestones }) {
    const rising = [...milestones].sort((a, b) => a - b);
    return (t) => scaled(from, factor, reached(rising, t));
  },
};

export const piecewiseConstantDeclaration: ScheduleDeclaration<PiecewiseConstantOptions> = {
  name: "piecewiseConstant",
  summary: "given values, each from a given step on",
  formula: "values[i], i the number of boundaries ≤ t",
  elsewhere:
    "Keras PiecewiseConstantDecay (whose boundaries are one less); Optax piecewise_constant_schedule",
  parameters: pieces,
  check: (options) => checkPieces("piecewiseConstant", options),
  commandLine: {
    main: "values",
    defaults: ({ learningRate, steps }) => tenfold(learningRate, steps),
  },
  at:
    ({ boundaries, values }) =>
    (t) =>
      values[reached(boundaries, t)],
};

export const piecewiseInterpolateDeclaration: ScheduleDeclaration<PiecewiseInterpolateOptions> = {
  name: "piecewiseInterpolate",
  summary: "from value to value at given steps, along lines or half waves",
  formula: "values[0] at 0, values[i] at boundaries[i − 1], shape between, the last value after",
  elsewhere: "Optax piecewise_interpolate_schedule, linear_onecycle_schedule, cosine_onecycle_schedule",
  parameters: { ...pieces, shape: word(namesOf(waves), "linear") },
  check: (options) => checkPieces("piecewiseInterpolate", options),
  commandLine: {
    main: "values",
    defaults: ({ learningRate, steps }) => tenfold(learningRate, steps),
  },
  at({ boundaries, values, shape }) {
    const between = waves[shape];
    return (t) => {
      const i = reached(boundaries, t);
      if (i === boundaries.length) return values[i];
      const start = i === 0 ? 0 : boundaries[i - 1];
      return between(values[i], values[i + 1], (t - start) / (boundaries[i] - start));
    };
  },
};

/**
 * A factor at milestones: from·factorᵏ, where k is the number of milestones that are ≤ t.
 *
 * @param options.from - the value at step 0: any finite number
 * @param options.factor - ≥ 0, below 1 to decay
 * @param options.milestones - integers ≥ 0 in any order; one that is repeated counts as often
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { multiStep } from "thalweg";
 * const rate = multiStep({ from: 0.1, factor: 0.5, milestones: [30, 80] });
 * rate(29); // 0.1
 * rate(30); // 0.05
 * rate(80); // 0.025
 * ```
 *
 * Source: in the form of torch.optim.lr_scheduler.MultiStepLR, whose gamma is `factor`.
 */
export function multiStep(options: MultiStepOptions): Schedule {
  return make(multiStepDeclaration, options);
}

/**
 * Given values between given steps: values[i], where i is the number of boundaries that are ≤ t. Keras lets the step of
 * a boundary still have the value before it: its boundaries are one less.
 *
 * @param options.boundaries - the steps at which the next value begins: rising integers ≥ 1
 * @param options.values - any finite numbers, one more than there are boundaries
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { piecewiseConstant } from "thalweg";
 * const rate = piecewiseConstant({ boundaries: [100, 200], values: [0.1, 0.01, 0.001] });
 * rate(99); // 0.1
 * rate(100); // 0.01
 * rate(200); // 0.001
 * ```
 *
 * Source: in the form of keras.optimizers.schedules.PiecewiseConstantDecay, with the boundaries of
 * optax.piecewise_constant_schedule.
 */
export function piecewiseConstant(options: PiecewiseConstantOptions): Schedule {
  return make(piecewiseConstantDeclaration, options);
}

/**
 * From value to value: values[0] at step 0, values[i] at boundaries[i − 1], a line or half a cosine wave between them, and
 * the last value from the last boundary on.
 *
 * @param options.boundaries - the steps at which the values after the first are reached: rising integers ≥ 1
 * @param options.values - any finite numbers, one more than there are boundaries
 * @param options.shape - "linear" (default) or "cosine"
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { piecewiseInterpolate } from "thalweg";
 * const rate = piecewiseInterpolate({ boundaries: [10, 110], values: [0, 0.2, 0.1] });
 * rate(5); // 0.1
 * rate(60); // 0.15
 * rate(110); // 0.1
 * ```
 *
 * Source: in the form of optax.piecewise_interpolate_schedule, with values in place of its scales.
 */
export function piecewiseInterpolate(options: PiecewiseInterpolateOptions): Schedule {
  return make(piecewiseInterpolateDeclaration, options);
}
