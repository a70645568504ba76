import { describe, didYouMean } from "../core/describe.ts";
import { make } from "./define.ts";
import { isRecord } from "./parameters.ts";
import { schedules } from "./registry.ts";
import type { Schedule } from "./schedule.ts";

// A description may come from outside: these bound the stack and the time that it can ask for,
// also where it refers to itself.
const MAX_DEPTH = 100;
const MAX_SCHEDULES = 10_000;

/**
 * Rebuilds a schedule from its JSON description: `parseSchedule(s.description)` is s again, bit for bit.
 *
 * @param description - an object `{ schedule: name, …parameters }`, as a schedule's `description` or
 *   `JSON.parse` of it; schedules may nest 100 deep and be 10,000 in all
 * @throws TypeError or RangeError naming what is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { cosine, parseSchedule } from "thalweg";
 * const text = JSON.stringify(cosine({ from: 0.1, steps: 100 }).description);
 * parseSchedule(JSON.parse(text))(50); // 0.05
 * ```
 */
export function parseSchedule(description: unknown): Schedule {
  return parse(description, "schedule", 1, { left: MAX_SCHEDULES });
}

function parse(description: unknown, place: string, depth: number, budget: { left: number }): Schedule {
  if (!isRecord(description)) {
    throw new TypeError(
      `parseSchedule: ${place} must be an object { schedule: name, … }, got ${describe(description)}`,
    );
  }
  if (depth > MAX_DEPTH) {
    throw new RangeError(`parseSchedule: schedules may nest at most ${MAX_DEPTH} deep`);
  }
  if (budget.left-- === 0) {
    throw new RangeError(`parseSchedule: a description may hold at most ${MAX_SCHEDULES} schedules`);
  }
  const { schedule: name, ...given } = description;
  const known = Object.keys(schedules);
  if (typeof name !== "string") {
    throw new TypeError(
      `parseSchedule: ${place} needs the name of a schedule (${known.join(", ")}), got ${describe(name)}`,
    );
  }
  if (!Object.hasOwn(schedules, name)) {
    throw new TypeError(`parseSchedule: unknown schedule ${describe(name)}${didYouMean(name, known)}`);
  }
  const declaration = schedules[name];
  const nested = (value: unknown, at: string) => parse(value, at, depth + 1, budget);
  for (const [parameter, { kind }] of Object.entries(declaration.parameters)) {
    const value = given[parameter];
    const at = `${name}'s ${parameter}`;
    if (kind === "schedule") given[parameter] = nested(value, at);
    else if (kind === "schedules" && Array.isArray(value)) {
      given[parameter] = value.map((entry: unknown, i) => nested(entry, `${at}[${i}]`));
    } else if (kind === "parts" && Array.isArray(value)) {
      given[parameter] = value.map((part: unknown, i) =>
        isRecord(part) && typeof part.schedule !== "string"
          ? { ...part, schedule: nested(part.schedule, `${at}[${i}].schedule`) }
          : nested(part, `${at}[${i}]`),
      );
    }
  }
  return make(declaration, given);
}
