import { describe } from "../core/describe.ts";

/** A part of a joined schedule, as plain JSON. */
export interface PartDescription {
  readonly steps: number;
  readonly schedule: ScheduleDescription;
}

/** What a schedule is, as plain JSON: it can be saved, printed, and given on the command line. */
export interface ScheduleDescription {
  readonly schedule: string;
  readonly [parameter: string]:
    | number
    | string
    | ScheduleDescription
    | readonly (PartDescription | ScheduleDescription)[];
}

/**
 * A value that depends on the step: a pure function of the step's index (the first step is 0)
 * that carries a JSON description of itself. Any rate or coefficient of a rule may be one.
 */
export interface Schedule {
  (index: number): number;
  readonly description: ScheduleDescription;
}

/** Whether a value is a schedule. */
export function isSchedule(value: unknown): value is Schedule {
  return typeof value === "function" && "description" in value;
}

/** Joins a function of the step's index with its description. */
export function schedule(at: (index: number) => number, description: ScheduleDescription): Schedule {
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
