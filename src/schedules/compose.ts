import { checkOptions } from "../core/check.ts";
import { pow } from "../core/scalar.ts";
import { constant } from "./decay.ts";
import { make, type ScheduleDeclaration, type ScheduledRun } from "./define.ts";
import {
  finite,
  inner,
  nonNegative,
  parts,
  type SchedulePart,
  type ScheduleParts,
  several,
  steps,
  unknownParameter,
  word,
} from "./parameters.ts";
import type { Schedule } from "./schedule.ts";
import { ascents, multiplies, namesOf } from "./shapes.ts";

/** A number of steps and a schedule. */
interface StepsAndInner {
  readonly steps: number;
  readonly inner: Schedule;
}

/** A ramp from a value of its own. */
export interface WarmupFromOptions {
  /** The value at step 0: any finite number, default 0; above 0 for the shape "exponential". */
  readonly from?: number;
  /** The steps of the ramp: an integer ≥ 1. */
  readonly steps: number;
  /** The way up: "linear" (default), "polynomial", "cosine" or "exponential". */
  readonly shape?: keyof typeof ascents;
  /** For "polynomial", the exponent of the share of steps that is over: ≥ 0, default 1. */
  readonly power?: number;
}

/** With what follows it, as it is declared. */
interface WarmupFromAndInner extends WarmupFromOptions {
  readonly inner: Schedule;
}

/** A number as a schedule that stays there. */
const asInner = (inner: number | Schedule): Schedule => (typeof inner === "number" ? constant(inner) : inner);

/** A ramp on the command line takes a tenth of the steps; what follows has the rest. */
const beforeTheRest = {
  defaults: ({ steps }: ScheduledRun) => ({ steps: Math.ceil(steps / 10) }),
  spans: ({ steps }: Readonly<Record<string, unknown>>, run: ScheduledRun) => run.steps - (steps as number),
};

export const warmupDeclaration: ScheduleDeclaration<StepsAndInner> = {
  name: "warmup",
  summary: "a ramp up to the start of another schedule, then that schedule",
  formula: "inner(0)·(t + 1)/steps, from t = steps on: inner(t − steps)",
  elsewhere: "PyTorch SequentialLR of LinearLR and another; Optax warmup_… schedules; Keras warmup_steps",
  parameters: { steps, inner },
  commandLine: { main: "steps", ...beforeTheRest },
  at:
    ({ steps, inner }) =>
    (t) =>
      t < steps ? (inner(0) * (t + 1)) / steps : inner(t - steps),
};

export const warmupFromDeclaration: ScheduleDeclaration<WarmupFromAndInner> = {
  name: "warmupFrom",
  summary: "a ramp of some shape from a value up to the start of another schedule, then that schedule",
  formula: "from → inner(0) over t/steps, from t = steps on: inner(t − steps)",
  elsewhere:
    "PyTorch LinearLR and ConstantLR first in a SequentialLR; Optax warmup_… schedules; Keras warmup_steps",
  parameters: {
    from: finite(0),
    steps,
    shape: word(namesOf(ascents), "linear"),
    power: nonNegative(1),
    inner,
  },
  check({ from, shape, inner }) {
    if (multiplies(shape) && !(from > 0 && inner(0) > 0)) {
      const which = from > 0 ? `inner must start above 0, got ${inner(0)}` : `from must be > 0, got ${from}`;
      throw new RangeError(`warmupFrom: with the shape "${shape}" ${which}`);
    }
  },
  commandLine: { main: "steps", ...beforeTheRest },
  at({ from, steps, shape, power, inner }) {
    const up = ascents[shape];
    const share = shape === "polynomial" ? (t: number) => pow(t / steps, power) : (t: number) => t / steps;
    return (t) => (t < steps ? up(from, inner(0), share(t)) : inner(t - steps));
  },
};

export const repeatDeclaration: ScheduleDeclaration<StepsAndInner> = {
  name: "repeat",
  summary: "the first steps of another schedule, again and again",
  formula: "inner(t mod steps)",
  elsewhere: "Optax sgdr_schedule of equal rounds",
  parameters: { steps, inner },
  commandLine: {
    main: "steps",
    defaults: ({ steps }) => ({ steps: Math.ceil(steps / 4) }),
    spans: ({ steps }) => steps as number,
  },
  at:
    ({ steps, inner }) =>
    (t) =>
      inner(t % steps),
};

export const joinDeclaration: ScheduleDeclaration<{ readonly parts: ScheduleParts }> = {
  name: "join",
  summary: "one schedule after another",
  formula: "partᵢ(t − the steps of the parts before it)",
  elsewhere: "PyTorch SequentialLR; Optax join_schedules",
  parameters: { parts },
  at({ parts }) {
    const ended = parts.slice(0, -1) as SchedulePart[];
    const last = parts[parts.length - 1] as Schedule;
    return (t) => {
      let rest = t;
      for (const part of ended) {
        if (rest < part.steps) return part.schedule(rest);
        rest -= part.steps;
      }
      return last(rest);
    };
  },
};

export const productDeclaration: ScheduleDeclaration<{ readonly factors: readonly Schedule[] }> = {
  name: "product",
  summary: "the product of schedules",
  formula: "factor₁(t)·factor₂(t)·…",
  elsewhere: "PyTorch ChainedScheduler",
  parameters: { factors: several },
  at:
    ({ factors }) =>
    (t) => {
      let value = 1;
      for (const factor of factors) value *= factor(t);
      return value;
    },
};

/**
 * A ramp before a schedule: inner(0)·(t + 1)/steps for the first `steps` steps, then inner(t − steps).
 *
 * @param steps - the length of the ramp: an integer ≥ 1
 * @param inner - a schedule, which sees its own steps from 0, or a number
 * @throws TypeError or RangeError naming the parameter that is wrong
 *
 * @example
 * ```ts
 * import { adamw, cosine, warmup } from "thalweg";
 * const rate = warmup(100, cosine({ from: 1e-3, steps: 5000 }));
 * rate(49); // 0.0005
 * adamw({ learningRate: rate });
 * ```
 *
 * Source: Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017, section 2.2.
 */
export function warmup(steps: number, inner: number | Schedule): Schedule {
  return make(warmupDeclaration, { steps, inner: asInner(inner) });
}

/**
 * A ramp of some shape from a value of its own: `from` at step 0, inner(0) at step `steps`, and inner(t − steps) from
 * there on. With x = t/steps, the ramp is linear in x, in xᵖ ("polynomial"), half a cosine wave, or
 * from·(inner(0)/from)ˣ ("exponential"). {@link warmup} takes its first step at inner(0)/steps instead.
 *
 * @param options.from - the value at step 0: any finite number, default 0; > 0 for "exponential"
 * @param options.steps - the length of the ramp: an integer ≥ 1
 * @param options.shape - "linear" (default), "polynomial", "cosine" or "exponential"
 * @param options.power - p, for "polynomial": ≥ 0, default 1
 * @param inner - a schedule, which sees its own steps from 0, or a number
 * @throws TypeError or RangeError naming the parameter that is wrong
 *
 * @example
 * ```ts
 * import { cosine, warmupFrom } from "thalweg";
 * const rate = warmupFrom({ from: 0.02, steps: 100 }, cosine({ from: 0.1, steps: 900 }));
 * rate(0); // 0.02
 * rate(50); // 0.06
 * rate(550); // 0.05
 * ```
 *
 * Source: Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017, section 2.2; counted as
 * optax.warmup_cosine_decay_schedule counts.
 */
export function warmupFrom(options: WarmupFromOptions, inner: number | Schedule): Schedule {
  checkOptions("warmupFrom", options);
  if ("inner" in options) throw unknownParameter("warmupFrom", "inner", ["from", "steps", "shape", "power"]);
  return make(warmupFromDeclaration, { ...options, inner: asInner(inner) });
}

/**
 * The first `steps` steps of a schedule, again and again: inner(t mod steps). Around a cosine these are
 * the warm restarts of Loshchilov and Hutter, ICLR 2017, at a constant period.
 *
 * @param steps - the length of a round: an integer ≥ 1
 * @param inner - a schedule
 * @throws TypeError or RangeError naming the parameter that is wrong
 *
 * @example
 * ```ts
 * import { cosine, repeat } from "thalweg";
 * const restarts = repeat(50, cosine({ from: 0.1, steps: 50 }));
 * restarts(25); // 0.05
 * restarts(50); // 0.1
 * ```
 */
export function repeat(steps: number, inner: Schedule): Schedule {
  return make(repeatDeclaration, { steps, inner });
}

/**
 * One schedule after another; each sees its own steps from 0.
 *
 * @param parts - `{ steps, schedule }` for each part that ends, and a schedule that stays as the last
 * @throws TypeError or RangeError naming the part that is wrong
 *
 * @example
 * ```ts
 * import { constant, cosine, join } from "thalweg";
 * const rate = join([{ steps: 100, schedule: constant(0.1) }, cosine({ from: 0.1, steps: 900 })]);
 * rate(99); // 0.1
 * rate(550); // 0.05
 * ```
 */
export function join(parts: ScheduleParts): Schedule {
  return make(joinDeclaration, { parts });
}

/**
 * The product of schedules, at every step. PyTorch's ChainedScheduler multiplies so; LambdaLR is the product of a rate
 * and a function of yours, made a schedule by {@link schedule}.
 *
 * @param factors - schedules, or numbers; at least one
 * @throws TypeError naming the factor that is wrong
 *
 * @example
 * ```ts
 * import { cosine, multiStep, product } from "thalweg";
 * const drops = multiStep({ from: 1, factor: 0.1, milestones: [80] });
 * const rate = product([cosine({ from: 0.2, steps: 100 }), drops]);
 * rate(50); // 0.1
 * ```
 */
export function product(factors: readonly (number | Schedule)[]): Schedule {
  return make(productDeclaration, { factors: Array.isArray(factors) ? factors.map(asInner) : factors });
}
