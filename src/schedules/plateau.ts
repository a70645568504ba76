import { constant } from "./decay.ts";
import { make, type ScheduleDeclaration } from "./define.ts";
import { count, inner, nonNegative, shrinking, steps, word } from "./parameters.ts";
import type { Schedule } from "./schedule.ts";

/** When a plateau is one, and what becomes of the rate then. */
export interface PlateauParameters {
  /** Whether what is observed is to get smaller or larger: "min" (default) or "max". */
  readonly mode?: "min" | "max";
  /** What the rate is multiplied by: in [0, 1), default 0.1. */
  readonly factor?: number;
  /** Observations in a row without an improvement that are borne; at one more the rate falls: an integer ≥ 0, default 10. */
  readonly patience?: number;
  /** What an improvement has to exceed: ≥ 0, default 1e-4. */
  readonly threshold?: number;
  /** Whether the threshold is a share of the best, "rel" (default), or in the units of what is observed, "abs". */
  readonly thresholdMode?: "rel" | "abs";
  /** Observations after a fall that do not count: an integer ≥ 0, default 0. */
  readonly cooldown?: number;
  /** The rate does not fall below this: ≥ 0, default 0. */
  readonly minimum?: number;
  /** A fall that would change a constant rate, or the factor of a schedule, by no more than this is left out: ≥ 0, default 1e-8. */
  readonly epsilon?: number;
  /** Values that are taken together, by their mean, as one observation: an integer ≥ 1, default 1. */
  readonly accumulate?: number;
}

/** A rate that falls when something gets no better. */
export interface PlateauOptions extends PlateauParameters {
  /** The rate that falls: a number, or a schedule. */
  readonly rate: number | Schedule;
}

interface DeclaredPlateau extends PlateauParameters {
  readonly rate: Schedule;
}

/** Where the state holds what. */
const [SCALE, BEST, BAD, COOLDOWN, MEAN, COUNT] = [0, 1, 2, 3, 4, 5];

function isBetter(
  value: number,
  best: number,
  { mode, threshold, thresholdMode }: Required<PlateauParameters>,
): boolean {
  const sign = mode === "min" ? -1 : 1;
  const bar = thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold;
  return mode === "min" ? value < bar : value > bar;
}

/** A rate that was scaled down, but not below the minimum unless it was there before. */
const floored = (rate: number, scale: number, minimum: number): number =>
  scale === 1 ? rate : Math.max(rate * scale, Math.min(rate, minimum));

function reduce(state: Float64Array, { rate, factor, minimum, epsilon }: Required<DeclaredPlateau>): void {
  const isConstant = rate.description.schedule === "constant";
  const size = (scale: number) => (isConstant ? floored(rate(0), scale, minimum) : scale);
  const next = state[SCALE] * factor;
  if (size(state[SCALE]) - size(next) > epsilon) state[SCALE] = next;
}

export const reduceOnPlateauDeclaration: ScheduleDeclaration<DeclaredPlateau> = {
  name: "reduceOnPlateau",
  summary: "multiplied by a factor when what is observed gets no better",
  formula: "max(rate(t)·factorᵏ, minimum), k the plateaus so far",
  elsewhere: "PyTorch and Keras ReduceLROnPlateau; Optax contrib.reduce_on_plateau",
  parameters: {
    rate: inner,
    mode: word(["min", "max"], "min"),
    factor: shrinking(0.1),
    patience: count(10),
    threshold: nonNegative(1e-4),
    thresholdMode: word(["rel", "abs"], "rel"),
    cooldown: count(0),
    minimum: nonNegative(0),
    epsilon: nonNegative(1e-8),
    accumulate: { ...steps, default: 1 },
  },
  commandLine: { word: "plateau", main: "patience", defaults: () => ({}) },
  at: ({ rate }) => rate,
  watches: {
    initial: ({ mode }) => [1, mode === "min" ? Infinity : -Infinity, 0, 0, 0, 0],
    observe(parameters, state, value) {
      const { patience, cooldown, accumulate } = parameters;
      state[COUNT]++;
      state[MEAN] += (value - state[MEAN]) / state[COUNT];
      if (state[COUNT] < accumulate) return;
      const observed = accumulate === 1 ? value : state[MEAN];
      state[MEAN] = state[COUNT] = 0;
      if (isBetter(observed, state[BEST], parameters)) {
        state[BEST] = observed;
        state[BAD] = 0;
      } else state[BAD]++;
      if (state[COOLDOWN] > 0) {
        state[COOLDOWN]--;
        state[BAD] = 0;
      }
      if (state[BAD] > patience) {
        reduce(state, parameters);
        state[COOLDOWN] = cooldown;
        state[BAD] = 0;
      }
    },
    at:
      ({ rate, minimum }, state) =>
      (t) =>
        floored(rate(t), state[SCALE], minimum),
  },
};

/**
 * A rate that is multiplied by a factor when what is observed has not improved for some time. It is the schedule that has to
 * watch: `minimize` and `descend` tell it the value at every point, with batches the mean over each epoch, and where
 * `minimize` has a `monitor` what that returns instead; in loops of your own `optimizer.observe(value)` does. Each
 * optimizer watches for itself and keeps what it has seen with its state; the schedule itself, and its JSON, stay as they
 * are. By itself, as a function of the step, it is the rate before any plateau; {@link watching} sets it going alone.
 *
 * Better means below best·(1 − threshold), or above best·(1 + threshold) with mode "max"; with thresholdMode "abs" below
 * best − threshold, or above best + threshold. NaN is no improvement.
 *
 * @param options.rate - the rate that falls: a number, or a schedule
 * @param options.mode - "min" (default) or "max": whether what is observed is to get smaller or larger
 * @param options.factor - what the rate is multiplied by: in [0, 1), default 0.1
 * @param options.patience - observations without an improvement that are borne; at one more the rate falls: an integer ≥ 0, default 10
 * @param options.threshold - what an improvement has to exceed: ≥ 0, default 1e-4
 * @param options.thresholdMode - "rel" (default) or "abs"
 * @param options.cooldown - observations after a fall that do not count: an integer ≥ 0, default 0
 * @param options.minimum - the rate does not fall below this: ≥ 0, default 0
 * @param options.epsilon - a fall that would change a constant rate, or the factor of a schedule, by no more than this is
 * left out: ≥ 0, default 1e-8
 * @param options.accumulate - values that are taken together, by their mean, as one: an integer ≥ 1, default 1
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { createOptimizer, reduceOnPlateau, sgd } from "thalweg";
 * const learningRate = reduceOnPlateau({ rate: 0.5, factor: 0.5, patience: 1 });
 * const optimizer = createOptimizer(sgd({ learningRate }), [1]);
 * for (const loss of [3, 2, 2, 2]) optimizer.observe(loss);
 * optimizer.learningRate; // 0.25
 * learningRate(1000); // 0.5: the schedule itself has seen nothing
 * ```
 *
 * Source: in the form of torch.optim.lr_scheduler.ReduceLROnPlateau, whose min_lr is `minimum` and eps `epsilon`. The
 * patience of Keras and Optax is one more than PyTorch's, and Keras' cooldown too, whose last observation counts; `accumulate` is
 * Optax's accumulation_size. Both go on with epsilon 0.
 */
export function reduceOnPlateau(options: PlateauOptions): Schedule {
  const { rate } = (options ?? {}) as Partial<PlateauOptions>;
  const given = typeof rate === "number" ? { ...options, rate: constant(rate) } : options;
  return make(reduceOnPlateauDeclaration, given as DeclaredPlateau);
}
