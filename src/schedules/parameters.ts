import { checkNumber } from "../core/check.ts";
import { describe, didYouMean } from "../core/describe.ts";
import { isSchedule, type PartDescription, type Schedule, type ScheduleDescription } from "./schedule.ts";

/** A stretch of a joined schedule: `schedule` for `steps` steps. */
export interface SchedulePart {
  /** How long it lasts: an integer ≥ 1. */
  readonly steps: number;
  /** What it follows, from its own step 0 on. */
  readonly schedule: Schedule;
}

/** The parts of a joined schedule in order; the last has no end. */
export type ScheduleParts = readonly (SchedulePart | Schedule)[];

/** A parameter that is a number: its domain, in code and in words, and its default if it may be left out. */
export interface NumberParameter {
  readonly kind: "number";
  readonly domain: string;
  readonly contains: (value: number) => boolean;
  readonly default?: number;
}

/** What a schedule takes: numbers, another schedule, or a list of parts. */
export type Parameter = NumberParameter | { readonly kind: "schedule" } | { readonly kind: "parts" };
export type Parameters = Readonly<Record<string, Parameter>>;

/** A checked parameter. */
export type ParameterValue = number | Schedule | ScheduleParts;

const number = (
  domain: string,
  contains: (value: number) => boolean,
  preset: number | undefined,
): NumberParameter => ({ kind: "number", domain, contains, default: preset });

/** Any finite number. */
export const finite = (preset?: number) => number("(−∞, ∞)", Number.isFinite, preset);

/** A finite number ≥ 0. */
export const nonNegative = (preset?: number) => number("[0, ∞)", (v) => Number.isFinite(v) && v >= 0, preset);

/** A number of steps: an integer ≥ 1. */
export const steps = number("the integers from 1", (v) => Number.isSafeInteger(v) && v >= 1, undefined);

/** Another schedule. */
export const inner = { kind: "schedule" } as const;

/** A list of parts. */
export const parts = { kind: "parts" } as const;

/** What other libraries call the parameters. */
const neighbours: Readonly<Record<string, readonly string[]>> = {
  from: [
    "base",
    "base_lr",
    "init_value",
    "initial_learning_rate",
    "initialLearningRate",
    "learningRate",
    "lr",
  ],
  to: ["eta_min", "end_value", "end", "min", "min_lr", "alpha"],
  steps: ["T_max", "total_iters", "totalSteps", "total_steps", "decay_steps", "transition_steps", "duration"],
  every: ["step_size", "stepSize", "interval"],
  factor: ["gamma", "decay", "decay_rate", "rate"],
  power: ["exponent"],
};

/** The error for a parameter that is not known, with the one that was probably meant. */
export function unknownParameter(owner: string, name: string, known: readonly string[]): TypeError {
  const synonym = known.find((parameter) => neighbours[parameter]?.includes(name));
  const hint = synonym ? `; did you mean ${synonym}?` : didYouMean(name, known);
  return new TypeError(`${owner}: unknown parameter "${name}"${hint}`);
}

/** Whether a value is an object of named things (no array, no function). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** Returns `value` if it is a number in the parameter's domain; turns −0, which JSON cannot say, into 0. */
export function readNumber(owner: string, name: string, parameter: NumberParameter, value: unknown): number {
  const { domain, contains } = parameter;
  if (value === undefined) throw new TypeError(`${owner}: ${name} is missing; it must lie in ${domain}`);
  checkNumber(owner, name, value, domain, contains);
  return value === 0 ? 0 : value;
}

function checkSchedule(owner: string, name: string, value: unknown): Schedule {
  if (isSchedule(value)) return value;
  throw new TypeError(`${owner}: ${name} must be a schedule, got ${describe(value)}`);
}

function checkParts(owner: string, name: string, value: unknown): ScheduleParts {
  if (!Array.isArray(value) || value.length === 0) {
    throw new TypeError(`${owner}: ${name} must be a list of at least one schedule, got ${describe(value)}`);
  }
  const last = value.length - 1;
  return Object.freeze(
    value.map((part: unknown, i) => {
      const place = `${name}[${i}]`;
      if (i === last) {
        if (isSchedule(part)) return part;
        throw new TypeError(
          `${owner}: ${place}, the last part, has no end and must be a schedule, got ${describe(part)}`,
        );
      }
      if (!isRecord(part)) {
        throw new TypeError(`${owner}: ${place} must be { steps, schedule }, got ${describe(part)}`);
      }
      for (const key of Object.keys(part)) {
        if (key !== "steps" && key !== "schedule") {
          throw unknownParameter(`${owner}: ${place}`, key, ["steps", "schedule"]);
        }
      }
      return Object.freeze({
        steps: readNumber(owner, `${place}.steps`, steps, part.steps),
        schedule: checkSchedule(owner, `${place}.schedule`, part.schedule),
      });
    }),
  );
}

/** Checks what a user gave against the parameters, by name, and fills in the defaults. */
export function readParameters(
  owner: string,
  parameters: Parameters,
  input: unknown,
): Record<string, ParameterValue> {
  if (!isRecord(input)) throw new TypeError(`${owner}: expected an object, got ${describe(input)}`);
  for (const name of Object.keys(input)) {
    if (!Object.hasOwn(parameters, name)) throw unknownParameter(owner, name, Object.keys(parameters));
  }
  const values: Record<string, ParameterValue> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const value = Object.hasOwn(input, name) ? input[name] : undefined;
    if (parameter.kind === "schedule") values[name] = checkSchedule(owner, name, value);
    else if (parameter.kind === "parts") values[name] = checkParts(owner, name, value);
    else values[name] = readNumber(owner, name, parameter, value === undefined ? parameter.default : value);
  }
  return values;
}

/** A checked parameter as plain JSON: schedules become their descriptions. */
export function describeParameter(
  value: ParameterValue,
): number | ScheduleDescription | readonly (PartDescription | ScheduleDescription)[] {
  if (typeof value === "number") return value;
  if (isSchedule(value)) return value.description;
  return Object.freeze(
    value.map((part) =>
      isSchedule(part)
        ? part.description
        : Object.freeze({ steps: part.steps, schedule: part.schedule.description }),
    ),
  );
}
