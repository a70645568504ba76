import { describe } from "../core/describe.ts";

/** A part of a joined schedule, as plain JSON. */
export interface PartDescription {
  /** How long the part lasts: an integer ≥ 1. */
  readonly steps: number;
  /** What it follows, from its own step 0 on. */
  readonly schedule: ScheduleDescription;
}

/** What a schedule is, as plain JSON: it can be saved, printed, and given on the command line. */
export interface ScheduleDescription {
  /** The kind of schedule, by its name in the registry. */
  readonly schedule: string;
  readonly [parameter: string]:
    | number
    | boolean
    | string
    | readonly number[]
    | ScheduleDescription
    | readonly (PartDescription | ScheduleDescription)[];
}

/**
 * A value that depends on the step: a pure function of the step's index (the first step is 0)
 * that carries a JSON description of itself. Any rate or coefficient of a rule may be one.
 */
export interface Schedule {
  (index: number): number;
  /** What it is; `parseSchedule` makes the schedule from it again. */
  readonly description: ScheduleDescription;
}

/** A schedule, or a bare function of the step's index (the first step is 0), which is described as no more than that. */
export type ScheduleInput = Schedule | ((index: number) => number);

/** A schedule as it is; a bare function as a schedule that describes itself as one. */
export const asSchedule = (given: ScheduleInput): Schedule =>
  isSchedule(given) ? given : schedule(given, { schedule: "function" });

/**
 * Whether a value is a schedule.
 *
 * @param value - anything
 *
 * @example
 * ```ts
 * import { cosine, isSchedule } from "thalweg";
 * isSchedule(cosine({ from: 0.1, steps: 100 })); // true
 * isSchedule(0.1); // false
 * ```
 */
export function isSchedule(value: unknown): value is Schedule {
  return typeof value === "function" && "description" in value;
}

/**
 * A schedule of your own: a function of the step's index together with its description. Where an option takes a
 * schedule a bare function does too, if nothing has to tell it from other functions.
 *
 * @param at - the value at each index (the first step is 0); the same index has to give the same value,
 * with the same bits in every engine if runs are to reproduce; a rule refuses values outside its option's domain
 * @param description - plain JSON with the kind's name; `parseSchedule` knows only the library's own kinds
 * @returns the schedule, which throws a RangeError for an index that is no integer ≥ 0
 * @throws TypeError if `at` is no function, or the description no object with the name of the kind
 *
 * @example
 * ```ts
 * import { schedule } from "thalweg";
 * const root = schedule((t) => 0.1 / Math.sqrt(t + 1), { schedule: "inverseRoot", from: 0.1 });
 * root(3); // 0.05
 * root(-1); // throws RangeError: inverseRoot: the step's index must be an integer ≥ 0, got -1
 * ```
 */
export function schedule(at: (index: number) => number, description: ScheduleDescription): Schedule {
  if (typeof at !== "function") {
    throw new TypeError(`schedule: at must be a function of the step's index, got ${describe(at)}`);
  }
  if (typeof description !== "object" || typeof description?.schedule !== "string") {
    throw new TypeError(
      `schedule: description must be an object with the kind's name as its schedule, got ${describe(description)}`,
    );
  }
  const checked = (index: number): number => {
    if (!(Number.isInteger(index) && index >= 0)) {
      throw new RangeError(
        `${description.schedule}: the step's index must be an integer ≥ 0, got ${describe(index)}`,
      );
    }
    return at(index);
  };
  return Object.assign(checked, { description: Object.freeze(description) });
}
