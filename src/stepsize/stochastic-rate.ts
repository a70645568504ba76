import type { ArrayInput } from "../core/array-input.ts";
import { checkCount, checkKeys, checkNumber, checkNumberOption } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { formatNumber } from "../core/format.ts";
import type { Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import type { Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import { gradientDescent } from "../rules/index.ts";
import { checkRule, type Rule } from "../rules/rule.ts";
import { type Schedule, schedule } from "../schedules/schedule.ts";
import { isPreconditioned } from "./mode.ts";
import { speedLimit } from "./speed-limit.ts";
import {
  type BatchMeasurement,
  batchMeasurementNames,
  measureOnBatches,
  readMeasurement,
  type StochasticCurvature,
} from "./stochastic-curvature.ts";

/** Options of {@link stochasticRate}. */
export interface StochasticRateOptions<P = ArrayInput> extends BatchMeasurement {
  /** The point of the first measurement, where the descent starts; zeros if left out where the dimension is known. */
  readonly at?: P;
  /** The rule whose limit is taken; its own rate does not matter. Default gradient descent. */
  readonly rule?: Rule;
  /** The part of the limit that the rate is, in (0, 1], default 0.5: λmax may double before the limit binds. */
  readonly fraction?: number;
  /** Steps from one measurement to the next, an integer ≥ 1, default 100. */
  readonly every?: number;
  /** The factor by which a measurement may raise the rate at most: ≥ 1, default 1, so that it only falls. */
  readonly growth?: number;
}

/** Where a measurement was made, and what came of it. */
export interface RateMeasurement {
  /** The step before which it was made. */
  readonly index: number;
  /** The ends of the interval for λmax there. */
  readonly lower: number;
  /** The upper end. */
  readonly upper: number;
  /** The rate from there on. */
  readonly learningRate: number;
}

/** What a {@link StochasticRate} has to remember: plain JSON. */
export interface StochasticRateState {
  /** Measurements made so far. */
  readonly measurements: number;
  /** The step before which the last one was made. */
  readonly index: number;
  /** The rate since then. */
  readonly learningRate: number;
}

/** A learning rate that is measured as batches go by. */
export interface StochasticRate {
  /** The rate now, for a rule: the same at every index until the next measurement. */
  readonly learningRate: Schedule;
  /** What was measured last. */
  readonly measured: StochasticCurvature;
  /** All measurements, oldest first. */
  readonly history: readonly RateMeasurement[];
  /** One sentence: what the rate is, and why. */
  readonly reason: string;
  /** Tells it a point of the descent: the `callback` of `minimize`. Every so many steps it measures there. */
  observe(step: { readonly index: number; readonly x: unknown }): void;
  /** What it has to remember. */
  state(): StochasticRateState;
  /** Goes on from where another of the same problem and options stood. */
  restore(state: StochasticRateState): void;
}

const owner = "stochasticRate";

/**
 * A learning rate for descents in batches that is measured on the way: a part of the rule's speed limit at the upper end of an
 * interval for λmax (see {@link stochasticCurvature}), from rows drawn for it alone, at the start and then every so many steps where the
 * descent is. With a fraction of 1 it exceeds the limit of the full Hessian at the point where it was measured with
 * probability (1 − confidence)/2 at most; a smaller one leaves room for the curvature to rise until the next measurement.
 * Where the curvature falls the rate stays: what noise does to a descent grows with the rate, and flat places lie by steep ones.
 *
 * In `minimize` a measurement takes effect a step later: the rate of the coming step is settled before `callback` is called.
 *
 * @param problem - a data objective, or `{ rows, gradient(x, g, batch), … }` of your own
 * @param options.at - the point of the first measurement; zeros if left out where the dimension is known
 * @param options.rule - the rule whose limit is taken, without a preconditioner; default gradient descent
 * @param options.fraction - the part of the limit that the rate is, in (0, 1], default 0.5
 * @param options.every - steps from one measurement to the next, an integer ≥ 1, default 100
 * @param options.growth - the factor by which a measurement may raise the rate at most, ≥ 1, default 1
 * @param options.batchSize - rows of a batch: an integer ≥ 1, default 8
 * @param options.batches - batches of a measurement: an integer ≥ 16, default 128
 * @param options.confidence - of the intervals, in (0, 1), default 0.95
 * @param options.seed - an integer in [0, 2⁵³), default 0
 * @param options.precision - "f64" (default) or "f32"
 * @returns the rate as a schedule, and `observe`, which is to be called at each step: see {@link StochasticRate}
 * @throws TypeError or RangeError naming the argument that is wrong; RangeError where a product is not finite
 *
 * @example
 * ```ts
 * import { logisticRegression, minimize, Random, sgd, shuffle, stochasticRate } from "thalweg";
 * const random = new Random(2);
 * const rows = Array.from({ length: 2000 }, () => [3 * random.normal(), random.normal()]);
 * const problem = logisticRegression(rows, rows.map(([a, b]) => a + b + random.normal() > 0), { l2: 0.01 });
 * const rate = stochasticRate(problem, { every: 50 });
 * const rule = sgd({ learningRate: rate.learningRate });
 * const batches = shuffle({ rows: 2000, batchSize: 32 });
 * const { value } = minimize(problem, { rule, batches, steps: 500, callback: rate.observe });
 * value; // < 0.3
 * rate.history.length; // 11
 * rate.reason.startsWith("learning rate"); // true
 * ```
 *
 * Source: the measurement is that of {@link stochasticCurvature}; the limit that of {@link speedLimit}.
 */
export function stochasticRate(
  problem: Objective | UserProblem,
  options?: StochasticRateOptions,
): StochasticRate;
export function stochasticRate<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: StochasticRateOptions<P>,
): StochasticRate;
export function stochasticRate(
  problem: Problem,
  options: StochasticRateOptions<ParametersInput> = {},
): StochasticRate {
  checkKeys(owner, options, ["at", "rule", "fraction", "every", "growth", ...batchMeasurementNames]);
  const { rule = gradientDescent(), fraction = 0.5, every = 100, growth = 1 } = options;
  checkRule(owner, rule);
  if (isPreconditioned(rule)) {
    throw new TypeError(
      `${owner}: rule must not divide by what it measures, as ${rule.name} does: its limit is not one on the Hessian`,
    );
  }
  checkNumberOption(owner, "fraction", fraction, "(0, 1]", (v) => v > 0 && v <= 1);
  checkCount(owner, "every", every, 1);
  checkNumberOption(owner, "growth", growth, "[1, ∞]", (v) => v >= 1);
  const measurement = readMeasurement(owner, options);
  const history: RateMeasurement[] = [];
  let { default: learningRate } = rule.declaration.options.learningRate;
  let measurements = 0;
  let last = 0;
  let measured: StochasticCurvature;

  const measure = (index: number, at: ParametersInput | undefined): void => {
    measured = measureOnBatches(owner, problem, at, measurement, measurements);
    const { lower, upper } = measured;
    // Where nothing curves upwards there is no limit: the rate stays what it was.
    if (upper > 0) {
      const most = measurements === 0 ? Infinity : growth * learningRate;
      learningRate = Math.min(most, fraction * speedLimit(rule, { lambdaMax: upper }));
    }
    measurements++;
    last = index;
    history.push({ index, lower, upper, learningRate });
  };
  measure(0, options.at);

  return {
    learningRate: schedule(() => learningRate, {
      schedule: "stochasticRate",
      fraction,
      every,
      confidence: measurement.confidence,
    }),
    get measured() {
      return measured;
    },
    history,
    get reason() {
      const rate = `learning rate ${formatNumber(learningRate, 4)}`;
      const { upper } = measured;
      if (upper <= 0) return `${rate}, as before: nothing curves upwards at step ${last}`;
      const limit = speedLimit(rule, { lambdaMax: upper });
      const surely = formatNumber((1 + measurement.confidence) / 2, 6);
      return `${rate}, ${formatNumber(learningRate / limit)} of the speed limit of ${rule.name} at λmax ≤ ${formatNumber(upper, 4)}, which held with probability ${surely} at step ${last}`;
    },
    observe(step) {
      if (typeof step !== "object" || step === null) {
        throw new TypeError(`${owner}: observe takes a step { index, x }, got ${describe(step)}`);
      }
      const { index, x } = step;
      checkCount(owner, "index", index);
      if (index === undefined) throw new TypeError(`${owner}: index is needed, got undefined`);
      if (index - last >= every) measure(index, x as ParametersInput);
    },
    state: () => ({ measurements, index: last, learningRate }),
    restore(state) {
      checkKeys(owner, state, ["measurements", "index", "learningRate"]);
      const natural = (v: number) => Number.isSafeInteger(v) && v >= 0;
      checkNumber(owner, "state.measurements", state.measurements, "the integers from 0", natural);
      checkNumber(owner, "state.index", state.index, "the integers from 0", natural);
      checkNumber(owner, "state.learningRate", state.learningRate, "[0, ∞)", (v) => v >= 0 && v < Infinity);
      ({ measurements, index: last, learningRate } = state);
    },
  };
}
