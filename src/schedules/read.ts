import { describe, didYouMean } from "../core/describe.ts";
import { make, type ScheduledRun } from "./define.ts";
import { finite, steps as positiveInteger, readNumber, unknownParameter } from "./parameters.ts";
import { parseSchedule } from "./parse.ts";
import { schedules } from "./registry.ts";
import type { Schedule } from "./schedule.ts";

const words = new Map(
  Object.values(schedules)
    .filter(({ commandLine }) => commandLine)
    .map((declaration) => [declaration.commandLine?.word ?? declaration.name, declaration]),
);
const known = [...words.keys()];
const grammar = "expected name, name:value or name:parameter=value,parameter=value";

/**
 * Reads a schedule as it is given on the command line:
 * - a name, `cosine`, with defaults from the run (from the learning rate, over all its steps);
 * - with parameters, `exponential:factor=0.99` or `step:factor=0.5,every=100`, the main one without
 *   its name, `exponential:0.99` (cosine's, linear's and warmup's is steps, step's is every,
 *   polynomial's is power);
 * - after a ramp, `warmup:100+cosine`; what follows spans the steps that are left;
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
  const numbers = Object.keys(parameters).filter((parameter) => parameters[parameter].kind === "number");
  const values: Record<string, unknown> = {
    ...commandLine.defaults(run),
    ...(colon ? readNumbers(name, rest, numbers, commandLine.main) : {}),
  };
  const takesSchedule = Object.keys(parameters).find(
    (parameter) => parameters[parameter].kind === "schedule",
  );
  if (takesSchedule) {
    const length = readNumber(name, "steps", positiveInteger, values.steps);
    const left = { ...run, steps: Math.max(1, run.steps - length) };
    values[takesSchedule] = readChain(tail.length > 0 ? tail : ["constant"], left);
  } else if (tail.length > 0) {
    throw new TypeError(`schedule: only a warmup may stand before "+", got ${describe(name)}`);
  }
  return make(declaration, values);
}

function tailOf(name: string): string {
  return name === "" ? `; known: ${known.join(", ")}` : didYouMean(name, known);
}

function readNumbers(
  name: string,
  text: string,
  known: readonly string[],
  main: string,
): Record<string, number> {
  const values: Record<string, number> = {};
  for (const [i, assignment] of text.split(",").entries()) {
    const pieces = assignment.split("=").map((piece) => piece.trim());
    if (pieces.length > 2 || pieces.includes("") || (pieces.length === 1 && i > 0)) {
      throw new TypeError(`${name}: cannot read ${describe(assignment)}; ${grammar}`);
    }
    const [parameter, number] = pieces.length === 2 ? pieces : [main, pieces[0]];
    if (!known.includes(parameter)) throw unknownParameter(name, parameter, known);
    if (Object.hasOwn(values, parameter)) throw new TypeError(`${name}: ${parameter} is given twice`);
    const value = Number(number);
    if (Number.isNaN(value))
      throw new TypeError(`${name}: ${parameter} must be a number, got ${describe(number)}`);
    values[parameter] = value;
  }
  return values;
}
