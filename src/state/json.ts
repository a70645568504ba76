import { describe } from "../core/describe.ts";

/** What JSON can say: −0 included, NaN and ∞ not. */
export type Json = number | string | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Named values that JSON can say. */
export type JsonRecord = { readonly [key: string]: Json };

const MAX_DEPTH = 100;

/**
 * A value as JSON without white space, from which {@link readJson} makes it again, −0 included.
 *
 * @param name - what errors call the value
 * @throws TypeError or RangeError naming the entry that JSON cannot say
 */
export function writeJson(owner: string, name: string, value: unknown, depth = 0): string {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new RangeError(`${owner}: ${name} must be finite, got ${value}`);
    return Object.is(value, -0) ? "-0" : String(value);
  }
  if (depth >= MAX_DEPTH) throw new RangeError(`${owner}: ${name} nests more than ${MAX_DEPTH} deep`);
  if (Array.isArray(value)) {
    const entries = Array.from(value, (entry, i) => writeJson(owner, `${name}[${i}]`, entry, depth + 1));
    return `[${entries.join()}]`;
  }
  if (!isPlain(value)) {
    const domain = "numbers, strings, true, false, null, and lists and records of these";
    throw new TypeError(`${owner}: ${name} must be made of ${domain}, got ${describe(value)}`);
  }
  const entries = Object.entries(value).map(
    ([key, entry]) => `${JSON.stringify(key)}:${writeJson(owner, `${name}.${key}`, entry, depth + 1)}`,
  );
  return `{${entries.join()}}`;
}

/**
 * The value of a text of {@link writeJson}; undefined for any other text, so that keys that are given twice or
 * numbers that are none do not pass. Records have no prototype, and may have any key.
 */
export function readJson(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    if (writeJson("", "", value) === text) return withoutPrototypes(value);
  } catch {}
  return undefined;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function withoutPrototypes(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutPrototypes);
  const record: Record<string, Json> = Object.create(null);
  for (const [key, entry] of Object.entries(value)) record[key] = withoutPrototypes(entry);
  return record;
}
