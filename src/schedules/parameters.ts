import { checkNumber } from "../core/check.ts";
import { describe, didYouMean } from "../core/describe.ts";
import { isPowerOfTwo } from "./dyadic.ts";
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

/** A parameter that is a number: its domain, in code and in words. */
export interface NumberParameter {
  /** What it is. */
  readonly kind: "number";
  /** Where it may lie, in words: "[0, ∞)". */
  readonly domain: string;
  /** Whether a number lies there. */
  readonly contains: (value: number) => boolean;
  /** What it is where it is left out: a number, or one that follows from the parameters before it. */
  readonly default?: number | ((before: Readonly<Record<string, ParameterValue>>) => number);
  /** Whether it may be left out without anything in its place. */
  readonly optional?: boolean;
}

/** A parameter that is true or false. */
export interface FlagParameter {
  /** What it is. */
  readonly kind: "flag";
  /** What it is where it is left out. */
  readonly default: boolean;
}

/** A parameter that is one of some words. */
export interface WordParameter {
  /** What it is. */
  readonly kind: "word";
  /** Those that it may be. */
  readonly words: readonly string[];
  /** What it is where it is left out. */
  readonly default?: string;
}

/** A parameter that is a list of numbers, each in a domain. */
export interface NumbersParameter {
  /** What it is. */
  readonly kind: "numbers";
  /** What each of them is. */
  readonly element: NumberParameter;
  /** How many there are at least. */
  readonly least: number;
}

/** What a schedule takes: numbers, a switch, a word, a list of numbers, other schedules, or a list of parts. */
export type Parameter =
  | NumberParameter
  | FlagParameter
  | WordParameter
  | NumbersParameter
  | { readonly kind: "schedule" }
  | { readonly kind: "schedules" }
  | { readonly kind: "parts" };
/** What a schedule takes, by name. */
export type Parameters = Readonly<Record<string, Parameter>>;

/** A checked parameter. */
export type ParameterValue =
  | number
  | boolean
  | string
  | readonly number[]
  | Schedule
  | readonly Schedule[]
  | ScheduleParts;

const number = (
  domain: string,
  contains: (value: number) => boolean,
  preset: NumberParameter["default"],
): NumberParameter => ({ kind: "number", domain, contains, default: preset });

/** Any finite number. */
export const finite = (preset?: number) => number("(−∞, ∞)", Number.isFinite, preset);

/** A finite number ≥ 0. */
export const nonNegative = (preset?: NumberParameter["default"]) =>
  number("[0, ∞)", (v) => Number.isFinite(v) && v >= 0, preset);

/** A finite number > 0. */
export const positive = (preset?: number) => number("(0, ∞)", (v) => Number.isFinite(v) && v > 0, preset);

/** A finite number ≥ 1. */
export const atLeastOne = (preset?: number) => number("[1, ∞)", (v) => Number.isFinite(v) && v >= 1, preset);

/** A share of a whole, its ends included. */
export const share = (preset?: number) => number("[0, 1]", (v) => v >= 0 && v <= 1, preset);

/** A factor that makes smaller. */
export const shrinking = (preset?: number) => number("[0, 1)", (v) => v >= 0 && v < 1, preset);

/** An integer ≥ 0. */
export const count = (preset?: number) =>
  number("the integers from 0", (v) => Number.isSafeInteger(v) && v >= 0, preset);

/** A number of steps: an integer ≥ 1. */
export const steps = number("the integers from 1", (v) => Number.isSafeInteger(v) && v >= 1, undefined);

/** A number of steps that is a power of two. */
export const powerOfTwo = number(
  "the powers of two",
  (v) => Number.isSafeInteger(v) && v >= 1 && isPowerOfTwo(v),
  undefined,
);

/** The same number, which may be left out. */
export const optional = (parameter: NumberParameter): NumberParameter => ({ ...parameter, optional: true });

/** A switch that is off unless it is set. */
export const flag: FlagParameter = { kind: "flag", default: false };

/** One of some words. */
export const word = <W extends string>(words: readonly W[], preset?: W): WordParameter => ({
  kind: "word",
  words,
  default: preset,
});

/** A list of at least `least` numbers. */
export const numbers = (element: NumberParameter, least = 0): NumbersParameter => ({
  kind: "numbers",
  element,
  least,
});

/** Another schedule. */
export const inner = { kind: "schedule" } as const;

/** A list of schedules. */
export const several = { kind: "schedules" } as const;

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
  to: ["eta_min", "end_value", "end", "min", "min_lr", "alpha", "end_learning_rate"],
  peak: ["max_lr", "peak_value", "maxLr", "max", "warmup_target"],
  steps: [
    "T_max",
    "T_0",
    "total_iters",
    "totalSteps",
    "total_steps",
    "decay_steps",
    "first_decay_steps",
    "transition_steps",
    "duration",
  ],
  every: ["step_size", "stepSize", "interval", "decay_steps", "transition_steps"],
  delay: ["transition_begin", "start"],
  factor: ["gamma", "decay", "decay_rate", "rate"],
  rate: ["decay_rate", "learningRate", "lr", "inner"],
  power: ["exponent"],
  milestones: ["boundaries", "steps"],
  boundaries: ["milestones"],
  lengthFactor: ["T_mult", "t_mul"],
  peakFactor: ["m_mul"],
  rise: ["pct_start", "warmup"],
  initialDivisor: ["div_factor"],
  finalDivisor: ["final_div_factor"],
  threePhases: ["three_phase", "threePhase"],
  shape: ["anneal_strategy", "interpolate_type", "decay_type"],
  up: ["step_size_up", "step_size"],
  down: ["step_size_down"],
  warmup: ["warmup_steps", "num_warmup_steps"],
  stable: ["num_stable_steps"],
  decay: ["num_decay_steps", "decay_steps"],
  width: ["d_model", "dim", "model_size"],
  lambdaMax: ["L", "M", "max", "beta"],
  lambdaMin: ["mu", "m", "min", "alpha"],
  threshold: ["rtol", "atol", "min_delta"],
  thresholdMode: ["threshold_mode"],
  minimum: ["min_lr", "min_scale", "to"],
  epsilon: ["eps"],
  accumulate: ["accumulation_size"],
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

function readFlag(owner: string, name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(`${owner}: ${name} must be true or false, got ${describe(value)}`);
}

function readWord(owner: string, name: string, { words }: WordParameter, value: unknown): string {
  if (typeof value === "string" && words.includes(value)) return value;
  const known = words.map((each) => `"${each}"`).join(", ");
  throw new TypeError(`${owner}: ${name} must be one of ${known}, got ${describe(value)}`);
}

/** Returns `value` if it is a list of at least `least` things. */
function readList(owner: string, name: string, what: string, least: number, value: unknown): unknown[] {
  if (Array.isArray(value) && value.length >= least) return value;
  const enough = least === 0 ? `a list of ${what}s` : `a list of at least one ${what}`;
  throw new TypeError(`${owner}: ${name} must be ${enough}, got ${describe(value)}`);
}

function readNumbers(
  owner: string,
  name: string,
  { element, least }: NumbersParameter,
  value: unknown,
): readonly number[] {
  const isView = ArrayBuffer.isView(value) && !(value instanceof DataView);
  const given = isView ? Array.from(value as unknown as ArrayLike<number>) : value;
  const list = readList(owner, name, "number", least, given);
  return Object.freeze(list.map((entry, i) => readNumber(owner, `${name}[${i}]`, element, entry)));
}

function checkSchedule(owner: string, name: string, value: unknown): Schedule {
  if (isSchedule(value)) return value;
  throw new TypeError(`${owner}: ${name} must be a schedule, got ${describe(value)}`);
}

function checkSchedules(owner: string, name: string, value: unknown): readonly Schedule[] {
  const list = readList(owner, name, "schedule", 1, value);
  return Object.freeze(list.map((entry, i) => checkSchedule(owner, `${name}[${i}]`, entry)));
}

function checkParts(owner: string, name: string, value: unknown): ScheduleParts {
  const list = readList(owner, name, "schedule", 1, value);
  const last = list.length - 1;
  return Object.freeze(
    list.map((part: unknown, i) => {
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

function readParameter(
  owner: string,
  name: string,
  parameter: Exclude<Parameter, NumberParameter>,
  value: unknown,
): ParameterValue {
  switch (parameter.kind) {
    case "flag":
      return readFlag(owner, name, value);
    case "word":
      return readWord(owner, name, parameter, value);
    case "numbers":
      return readNumbers(owner, name, parameter, value);
    case "schedule":
      return checkSchedule(owner, name, value);
    case "schedules":
      return checkSchedules(owner, name, value);
    case "parts":
      return checkParts(owner, name, value);
  }
}

/** What a parameter is where it is left out; undefined where it must be given, or need not be there. */
function presetOf(parameter: Parameter, before: Readonly<Record<string, ParameterValue>>): unknown {
  const preset = "default" in parameter ? parameter.default : undefined;
  return typeof preset === "function" ? preset(before) : preset;
}

/** Checks what a user gave against the parameters, by name, and fills in the defaults. */
export function readParameters(
  owner: string,
  parameters: Parameters,
  input: unknown,
): Record<string, ParameterValue> {
  if (!isRecord(input)) {
    const names = Object.keys(parameters).join(", ");
    throw new TypeError(`${owner}: expected an object such as { ${names} }, got ${describe(input)}`);
  }
  for (const name of Object.keys(input)) {
    if (!Object.hasOwn(parameters, name)) throw unknownParameter(owner, name, Object.keys(parameters));
  }
  const values: Record<string, ParameterValue> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const given = Object.hasOwn(input, name) ? input[name] : undefined;
    const value = given === undefined ? presetOf(parameter, values) : given;
    if (parameter.kind !== "number") values[name] = readParameter(owner, name, parameter, value);
    else if (value !== undefined || !parameter.optional) {
      values[name] = readNumber(owner, name, parameter, value);
    }
  }
  return values;
}

/** A checked parameter as plain JSON: schedules become their descriptions. */
export function describeParameter(value: ParameterValue): ScheduleDescription[string] {
  if (isSchedule(value)) return value.description;
  if (typeof value !== "object") return value;
  return Object.freeze(value.map(describeEntry)) as ScheduleDescription[string];
}

function describeEntry(
  entry: number | Schedule | SchedulePart,
): number | ScheduleDescription | PartDescription {
  if (typeof entry === "number") return entry;
  if (isSchedule(entry)) return entry.description;
  return Object.freeze({ steps: entry.steps, schedule: entry.schedule.description });
}
