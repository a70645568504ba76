import { make, type ScheduleDeclaration } from "./define.ts";
import { count, finite, flag, nonNegative, optional, positive } from "./parameters.ts";
import { scaled } from "./scaled.ts";
import type { Schedule } from "./schedule.ts";

/** A value that is multiplied by a factor in a number of steps, from some step on, and not beyond some value. */
export interface ExponentialDecayOptions {
  /** The value up to step `delay`: any finite number. */
  readonly from: number;
  /** What the value is multiplied by in `every` steps: ≥ 0, below 1 to decay. */
  readonly factor: number;
  /** The steps in which it is multiplied by that: > 0, default 1. */
  readonly every?: number;
  /** The steps before it begins: an integer ≥ 0, default 0. */
  readonly delay?: number;
  /** Whether it is multiplied only at whole multiples of `every`; default false. */
  readonly staircase?: boolean;
  /** The bound that it stops at, from above for factors below 1, else from below: any finite number; without it there is none. */
  readonly to?: number;
}

export const exponentialDecayDeclaration: ScheduleDeclaration<ExponentialDecayOptions> = {
  name: "exponentialDecay",
  summary: "multiplied by a factor in a number of steps, after a delay and up to a bound",
  formula: "from·factor^((t − delay)/every), with staircase ⌊·⌋, not beyond to",
  elsewhere: "Optax exponential_decay; Keras ExponentialDecay",
  parameters: {
    from: finite(),
    factor: nonNegative(),
    every: positive(1),
    delay: count(0),
    staircase: flag,
    to: optional(finite()),
  },
  commandLine: {
    main: "factor",
    defaults: ({ learningRate, steps }) => ({ from: learningRate, factor: 1e-6, every: steps }),
  },
  at({
    from,
    factor,
    every,
    delay,
    staircase,
    to,
  }: ExponentialDecayOptions & { every: number; delay: number }) {
    const bound = factor < 1 ? Math.max : Math.min;
    return (t) => {
      if (t <= delay) return to === undefined ? from : bound(from, to);
      const share = (t - delay) / every;
      const value = scaled(from, factor, staircase ? Math.floor(share) : share);
      return to === undefined ? value : bound(value, to);
    };
  },
};

/**
 * Exponential decay (or growth) with all that Optax and Keras have of it: from·factor^((t − delay)/every).
 * {@link exponential} is the short form.
 *
 * @param options.from - the value up to step `delay`: any finite number
 * @param options.factor - ≥ 0, below 1 to decay
 * @param options.every - the steps in which the value is multiplied by the factor: > 0, default 1
 * @param options.delay - the steps before it begins: an integer ≥ 0, default 0
 * @param options.staircase - whether it is multiplied only at whole multiples of `every`; default false
 * @param options.to - the bound that it stops at: any finite number; without it there is none
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { exponentialDecay } from "thalweg";
 * const rate = exponentialDecay({ from: 0.1, factor: 0.25, every: 100, delay: 50, to: 0.01 });
 * rate(50); // 0.1
 * rate(100); // 0.05
 * rate(1000); // 0.01
 * ```
 *
 * Source: in the form of optax.exponential_decay, whose decay_rate is `factor`, transition_steps `every`, transition_begin
 * `delay` and end_value `to`.
 */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  return make(exponentialDecayDeclaration, options);
}
