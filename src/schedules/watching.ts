import { describe } from "../core/describe.ts";
import { type Origin, originOf } from "./define.ts";
import type { ParameterValue, SchedulePart } from "./parameters.ts";
import { isSchedule, type Schedule, schedule } from "./schedule.ts";

/** A schedule that has been set going: what it gives depends on what it has been told. */
export interface WatchingSchedule {
  (index: number): number;
  /** Tells it a value of what it watches. */
  observe(value: number): void;
  /** All that it remembers; may be written to, to go on from another's. */
  readonly state: Float64Array;
}

/** A schedule's parameters with other schedules in place of those inside. */
function replaced(
  values: Origin["values"],
  by: (inner: Schedule) => Schedule,
): Record<string, ParameterValue> {
  const entry = (value: number | Schedule | SchedulePart) => {
    if (typeof value === "number") return value;
    return isSchedule(value) ? by(value) : { ...value, schedule: by(value.schedule) };
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (isSchedule(value)) return [name, by(value)];
      return [name, typeof value === "object" ? (value.map(entry) as ParameterValue) : value];
    }),
  );
}

/** Whether a schedule, or one inside it, has to watch. */
export const watches = (schedule: Schedule): boolean => originOf(schedule)?.watches ?? false;

/**
 * Sets a schedule going by itself, apart from every other use of it: {@link reduceOnPlateau}, or one that has such a
 * schedule inside. Optimizers do this of their own; it is for those who want to see it work, or drive something else.
 *
 * @param watched - a schedule; one that has nothing to watch goes as it is
 * @returns a function of the step's index that can be told values, with all that it remembers
 * @throws TypeError if it is no schedule
 *
 * @example
 * ```ts
 * import { reduceOnPlateau, warmup, watching } from "thalweg";
 * const rate = watching(warmup(10, reduceOnPlateau({ rate: 0.1, factor: 0.5, patience: 0 })));
 * rate.observe(1);
 * rate(20); // 0.1
 * rate.observe(1);
 * rate(20); // 0.05
 * ```
 */
export function watching(watched: Schedule): WatchingSchedule {
  if (!isSchedule(watched)) {
    throw new TypeError(`watching: expected a schedule, got ${describe(watched)}`);
  }
  const initial: number[] = [];
  const bindings: ((state: Float64Array) => void)[] = [];
  const observers: ((value: number) => void)[] = [];
  const enliven = (inner: Schedule): Schedule => {
    const origin = originOf(inner);
    if (!origin?.watches) return inner;
    const { declaration } = origin;
    const values = replaced(origin.values, enliven);
    if (!declaration.watches) return schedule(declaration.at(values), inner.description);
    const { initial: first, observe, at } = declaration.watches;
    const start = initial.length;
    initial.push(...first(values));
    const end = initial.length;
    let now = declaration.at(values);
    bindings.push((state) => {
      const own = state.subarray(start, end);
      now = at(values, own);
      observers.push((value) => observe(values, own, value));
    });
    return schedule((t) => now(t), inner.description);
  };
  const live = enliven(watched);
  const state = Float64Array.from(initial);
  for (const bind of bindings) bind(state);
  return Object.assign((index: number) => live(index), {
    observe(value: number) {
      checkObserved("observe", value);
      for (const observer of observers) observer(value);
    },
    state,
  });
}

/** Throws unless a value that is to be told is a number, be it ∞ or NaN. */
export function checkObserved(owner: string, value: unknown): asserts value is number {
  if (typeof value === "number") return;
  throw new TypeError(`${owner}: value must be a number, got ${describe(value)}`);
}

/** Options among which those that watch are set going. */
export interface LiveOptions<O> {
  readonly options: O;
  /** Those that watch, by the names of their options. */
  readonly watching: readonly (readonly [option: string, schedule: WatchingSchedule])[];
}

/** Sets the schedules among some options going that have to watch; leaves the others as they are. */
export function liveOptions<O extends Readonly<Record<string, unknown>>>(options: O): LiveOptions<O> {
  const live = Object.entries(options).flatMap(([name, value]) =>
    isSchedule(value) && watches(value) ? [[name, watching(value)] as const] : [],
  );
  if (live.length === 0) return { options, watching: [] };
  return { options: { ...options, ...Object.fromEntries(live) }, watching: live };
}
