import { make, type ScheduleDeclaration } from "./define.ts";
import { finite, flag, nonNegative, positive, steps } from "./parameters.ts";
import type { Schedule } from "./schedule.ts";

/** A value that falls with the inverse of time. */
export interface InverseTimeOptions {
  /** The value at step 0: any finite number. */
  readonly from: number;
  /** What the denominator grows by in `every` steps: ≥ 0. */
  readonly rate: number;
  /** The steps in which it grows by that: > 0, default 1. */
  readonly every?: number;
  /** Whether it grows only at whole multiples of `every`; default false. */
  readonly staircase?: boolean;
}

/** A value that falls with the inverse square root of time. */
export interface InverseSquareRootOptions {
  /** The value at step 0: any finite number. */
  readonly from: number;
  /** The steps after which it is from/√2, and three times which halve it: > 0. */
  readonly timescale: number;
}

/** The schedule of the Transformer. */
export interface NoamOptions {
  /** The model's width d: > 0. */
  readonly width: number;
  /** The steps of the ramp: an integer ≥ 1. */
  readonly warmup: number;
  /** What all is multiplied by: any finite number, default 1. */
  readonly factor?: number;
}

export const inverseTimeDeclaration: ScheduleDeclaration<InverseTimeOptions> = {
  name: "inverseTime",
  summary: "over a denominator that grows with the steps",
  formula: "from/(1 + rate·t/every), with staircase ⌊t/every⌋",
  elsewhere: "Keras InverseTimeDecay",
  parameters: { from: finite(), rate: nonNegative(), every: positive(1), staircase: flag },
  commandLine: {
    main: "rate",
    // A hundredth of the rate at the end.
    defaults: ({ learningRate, steps }) => ({ from: learningRate, rate: 99 / steps }),
  },
  at:
    ({ from, rate, every, staircase }) =>
    (t) =>
      from / (1 + rate * (staircase ? Math.floor(t / every) : t / every)),
};

export const inverseSquareRootDeclaration: ScheduleDeclaration<InverseSquareRootOptions> = {
  name: "inverseSquareRoot",
  summary: "over the root of a denominator that grows with the steps",
  formula: "from/√(1 + t/timescale)",
  elsewhere: "T5, fairseq and Hugging Face inverse_sqrt",
  parameters: { from: finite(), timescale: positive() },
  commandLine: {
    main: "timescale",
    // A tenth of the rate at the end.
    defaults: ({ learningRate, steps }) => ({ from: learningRate, timescale: steps / 99 }),
  },
  at:
    ({ from, timescale }) =>
    (t) =>
      from / Math.sqrt(1 + t / timescale),
};

export const noamDeclaration: ScheduleDeclaration<NoamOptions> = {
  name: "noam",
  summary: "a ramp, then the inverse root of the steps, scaled by the width of a Transformer",
  formula: "factor·width^−½·min((t + 1)^−½, (t + 1)·warmup^−³ᐟ²)",
  elsewhere: "tensor2tensor noam, OpenNMT, AllenNLP",
  parameters: { width: positive(), warmup: steps, factor: finite(1) },
  commandLine: {
    main: "warmup",
    // The learning rate is the height of the peak.
    defaults({ learningRate, steps }) {
      const warmup = Math.ceil(steps / 10);
      return { width: 1, warmup, factor: learningRate * Math.sqrt(warmup) };
    },
  },
  at({ width, warmup, factor }) {
    const height = factor / Math.sqrt(width);
    const slope = 1 / (warmup * Math.sqrt(warmup));
    return (t) => height * Math.min(1 / Math.sqrt(t + 1), (t + 1) * slope);
  },
};

/**
 * Inverse time: from/(1 + rate·t/every).
 *
 * @param options.from - the value at step 0: any finite number
 * @param options.rate - what the denominator grows by in `every` steps: ≥ 0
 * @param options.every - the steps in which it grows by that: > 0, default 1
 * @param options.staircase - whether it grows only at whole multiples of `every`; default false
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { inverseTime } from "thalweg";
 * inverseTime({ from: 0.1, rate: 0.5, every: 10 })(20); // 0.05
 * inverseTime({ from: 0.1, rate: 1, every: 10, staircase: true })(19); // 0.05
 * ```
 *
 * Source: Robbins and Monro, "A stochastic approximation method", Annals of Mathematical Statistics 1951; in the form of
 * keras.optimizers.schedules.InverseTimeDecay.
 */
export function inverseTime(options: InverseTimeOptions): Schedule {
  return make(inverseTimeDeclaration, options);
}

/**
 * Inverse square root: from/√(1 + t/timescale). Behind a ramp of as many steps as the timescale it is the schedule of T5
 * and fairseq: `warmup(n, inverseSquareRoot({ from, timescale: n }))`.
 *
 * @param options.from - the value at step 0: any finite number
 * @param options.timescale - the steps after which it is from/√2: > 0
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { inverseSquareRoot } from "thalweg";
 * inverseSquareRoot({ from: 0.1, timescale: 10 })(30); // 0.05
 * ```
 *
 * Source: Raffel et al., "Exploring the limits of transfer learning with a unified text-to-text transformer", JMLR 2020,
 * section 3.1.2, with steps counted from the end of the ramp.
 */
export function inverseSquareRoot(options: InverseSquareRootOptions): Schedule {
  return make(inverseSquareRootDeclaration, options);
}

/**
 * The Transformer's schedule: factor·d^−½·min(n^−½, n·warmup^−³ᐟ²), where n = t + 1 is the number of the step. It is
 * highest at step `warmup`: factor/√(d·warmup).
 *
 * @param options.width - the model's width d: > 0
 * @param options.warmup - the steps of the ramp: an integer ≥ 1
 * @param options.factor - what all is multiplied by: any finite number, default 1
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { noam } from "thalweg";
 * const rate = noam({ width: 100, warmup: 400 });
 * rate(399); // 0.005
 * rate(1599); // 0.0025
 * ```
 *
 * Source: Vaswani et al., "Attention is all you need", NeurIPS 2017, equation 3. (The schedule is called after Noam
 * Shazeer.)
 */
export function noam(options: NoamOptions): Schedule {
  return make(noamDeclaration, options);
}
