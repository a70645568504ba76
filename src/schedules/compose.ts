import { constant } from "./decay.ts";
import { make, type ScheduleDeclaration } from "./define.ts";
import { inner, parts, type SchedulePart, type ScheduleParts, steps } from "./parameters.ts";
import type { Schedule } from "./schedule.ts";

/** A number of steps and a schedule. */
interface StepsAndInner {
  readonly steps: number;
  readonly inner: Schedule;
}

export const warmupDeclaration: ScheduleDeclaration<StepsAndInner> = {
  name: "warmup",
  summary: "a ramp up to the start of another schedule, then that schedule",
  formula: "inner(0)·(t + 1)/steps, from t = steps on: inner(t − steps)",
  parameters: { steps, inner },
  commandLine: { main: "steps", defaults: ({ steps }) => ({ steps: Math.ceil(steps / 10) }) },
  at({ steps, inner }) {
    const peak = inner(0);
    return (t) => (t < steps ? (peak * (t + 1)) / steps : inner(t - steps));
  },
};

export const repeatDeclaration: ScheduleDeclaration<StepsAndInner> = {
  name: "repeat",
  summary: "the first steps of another schedule, again and again",
  formula: "inner(t mod steps)",
  parameters: { steps, inner },
  at:
    ({ steps, inner }) =>
    (t) =>
      inner(t % steps),
};

export const joinDeclaration: ScheduleDeclaration<{ readonly parts: ScheduleParts }> = {
  name: "join",
  summary: "one schedule after another",
  formula: "partᵢ(t − the steps of the parts before it)",
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
  return make(warmupDeclaration, { steps, inner: typeof inner === "number" ? constant(inner) : inner });
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
