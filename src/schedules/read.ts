import { describe, didYouMean } from "../core/describe.ts";
import { type CommandLineValue, make, type ScheduledRun } from "./define.ts";
import {
  finite,
  type Parameter,
  type Parameters,
  steps as positiveInteger,
  readNumber,
  unknownParameter,
} from "./parameters.ts";
import { parseSchedule } from "./parse.ts";
import { schedules } from "./registry.ts";
import type { Schedule } from "./schedule.ts";

const words = new Map(
  Object.values(schedules)
    .filter(({ commandLine }) => commandLine)
    .map((declaration) => [declaration.commandLine?.word ?? declaration.name, declaration]),
);
const known = [...words.keys()];
/** Those that another may follow. */
const ahead = known.filter((word) =>
  Object.values(words.get(word)!.parameters).some(({ kind }) => kind === "schedule"),
);
const grammar = "expected name, name:value or name:parameter=value,parameter=value";

/**
 * Reads a schedule as it is given on the command line:
 * - a name, `cosine`, with defaults from the run (from the learning rate, over all its steps);
 * - with parameters, `exponential:factor=0.99` or `step:factor=0.5,every=100`, the main one without
 *   its name, `exponential:0.99` (of most it is steps, of step every, of polynomial power);
 * - lists with strokes, `multiStep:30/60/90`; words, `cyclic:100,mode=triangular2`; switches by their name alone,
 *   `oneCycle:threePhases`, or `threePhases=false`;
 * - after a ramp, `warmup:100+cosine`; what follows spans the steps that are left; in rounds, `repeat:50+cosine`;
 * - as JSON, if it starts with `{`: see {@link parseSchedule}.
 *
 * Defaults: exponential falls to 10⁻⁶ of the rate, step is × 0.1 every third of the steps, polynomial
 * is squared, cosine and linear end at 0, warmup takes a tenth of the steps.
 *
 * @param text - the schedule
 * @param run.learningRate - a finite number
 * @param run.steps - the steps of the run: an integer ≥ 1
 * @throws TypeError or RangeError that says what is wrong and what is known
 *
 * @example
 * ```ts
 * import { readSchedule } from "thalweg";
 * const rate = readSchedule("warmup:100+cosine:to=1e-5", { learningRate: 0.01, steps: 5000 });
 * rate(99); // 0.01
 * rate(5000); // 1e-5
 * ```
 */
export function readSchedule(text: string, run: ScheduledRun): Schedule {
  const learningRate = readNumber("readSchedule", "learningRate", finite(), run.learningRate);
  const steps = readNumber("readSchedule", "steps", positiveInteger, run.steps);
  if (typeof text !== "string") {
    throw new TypeError(`readSchedule: a schedule must be text, got ${describe(text)}`);
  }
  const trimmed = text.trim();
  if (trimmed.startsWith("{")) return parseSchedule(readJson(trimmed));
  // A plus before a letter joins; one before a digit belongs to a number, as in 1e+3.
  return readChain(trimmed.split(/\+(?![\d.])/), { learningRate, steps });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TypeError(`schedule: not valid JSON: ${(error as Error).message}`);
  }
}

function readChain([head, ...tail]: readonly string[], run: ScheduledRun): Schedule {
  const [word, colon, rest] = /^([^:]*)(:?)(.*)$/s.exec(head)!.slice(1);
  const name = word.trim();
  const declaration = words.get(name) ?? (Object.hasOwn(schedules, name) ? schedules[name] : undefined);
  if (!declaration) throw new TypeError(`schedule: unknown schedule ${describe(name)}${tailOf(name)}`);
  const { commandLine, parameters } = declaration;
  if (!commandLine) {
    throw new TypeError(
      `schedule: ${name} is made of other schedules: give it as JSON, {"schedule":"${name}",…}`,
    );
  }
  const values: Record<string, unknown> = {
    ...commandLine.defaults(run),
    ...(colon ? readAssignments(name, rest, parameters, commandLine.main) : {}),
  };
  const takesSchedule = Object.keys(parameters).find(
    (parameter) => parameters[parameter].kind === "schedule",
  );
  if (takesSchedule) {
    const { steps } = parameters;
    if (steps?.kind === "number") readNumber(name, "steps", steps, values.steps);
    const left = { ...run, steps: Math.max(1, commandLine.spans?.(values, run) ?? run.steps) };
    values[takesSchedule] = readChain(tail.length > 0 ? tail : ["constant"], left);
  } else if (tail.length > 0) {
    throw new TypeError(`schedule: only ${ahead.join(", ")} may stand before "+", got ${describe(name)}`);
  }
  return make(declaration, values);
}

function tailOf(name: string): string {
  return name === "" ? `; known: ${known.join(", ")}` : didYouMean(name, known);
}

/** What is said of parameters, by name; of the main one, without its name, first. */
function readAssignments(
  name: string,
  text: string,
  parameters: Parameters,
  main: string,
): Record<string, CommandLineValue> {
  const known = Object.keys(parameters).filter((parameter) => readers[parameters[parameter].kind]);
  const values: Record<string, CommandLineValue> = {};
  for (const [i, assignment] of text.split(",").entries()) {
    const pieces = assignment.split("=").map((piece) => piece.trim());
    const isSwitch = pieces.length === 1 && parameters[pieces[0]]?.kind === "flag";
    if (pieces.length > 2 || pieces.includes("") || (pieces.length === 1 && i > 0 && !isSwitch)) {
      throw new TypeError(`${name}: cannot read ${describe(assignment)}; ${grammar}`);
    }
    const [parameter, value] = isSwitch
      ? [pieces[0], "true"]
      : pieces.length === 2
        ? pieces
        : [main, pieces[0]];
    if (!known.includes(parameter)) throw unknownParameter(name, parameter, known);
    if (Object.hasOwn(values, parameter)) throw new TypeError(`${name}: ${parameter} is given twice`);
    values[parameter] = readers[parameters[parameter].kind]!(`${name}: ${parameter}`, value);
  }
  return values;
}

function readOne(owner: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) {
    throw new TypeError(`${owner} must be a number, got ${describe(text)}`);
  }
  return value;
}

const switches: Readonly<Record<string, boolean>> = { true: true, false: false };

/** How what is said of a parameter of a kind is read; absent where only JSON can say it. */
const readers: Partial<Record<Parameter["kind"], (owner: string, text: string) => CommandLineValue>> = {
  number: readOne,
  numbers: (owner, text) => text.split("/").map((piece) => readOne(owner, piece)),
  word: (_, text) => text,
  flag(owner, text) {
    if (Object.hasOwn(switches, text)) return switches[text];
    throw new TypeError(`${owner} must be true or false, got ${describe(text)}`);
  },
};
