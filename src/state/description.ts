import { describe } from "../core/describe.ts";
import { isSchedule } from "../schedules/schedule.ts";
import type { Json } from "./json.ts";

/**
 * What was given as an option or a setting, as JSON: schedules by their descriptions, other functions as "function",
 * lists of any kind as arrays, numbers that JSON cannot say as text.
 */
export function plain(value: unknown): Json {
  if (typeof value === "number")
    return Number.isFinite(value) && !Object.is(value, -0) ? value : signed(value);
  if (isSchedule(value) && isRecord(value.description)) return plain(value.description);
  if (typeof value === "function") return "function";
  if (typeof value !== "object" || value === null) return isJsonLeaf(value) ? value : String(value);
  if (value instanceof RegExp) return String(value);
  if (Symbol.iterator in value) return Array.from(value as Iterable<unknown>, plain);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) => (entry === undefined ? [] : [[key, plain(entry)]])),
  );
}

const signed = (value: number) => (Object.is(value, -0) ? "-0" : String(value));

const isJsonLeaf = (value: unknown): value is string | boolean | null =>
  value === null || typeof value === "string" || typeof value === "boolean";

/**
 * Where a saved description first differs from an optimizer's, in words; undefined if nowhere.
 *
 * @param path - what is described, such as `groups`
 */
export function differenceOf(path: string, saved: unknown, own: unknown): string | undefined {
  if (Object.is(saved, own)) return undefined;
  if (Array.isArray(saved) && Array.isArray(own) && !(isFlat(saved) && isFlat(own))) {
    if (saved.length !== own.length) return differ(path, count(saved), count(own));
    return first(own.keys(), (i) => differenceOf(`${path}[${i}]`, saved[i], own[i]));
  }
  if (isRecord(saved) && isRecord(own)) {
    const keys = new Set([...Object.keys(own), ...Object.keys(saved)]);
    return first(keys, (key) => differenceOf(`${path}.${key}`, entry(saved, key), entry(own, key)));
  }
  const [there, here] = [show(saved), show(own)];
  return there === here ? undefined : differ(path, there, here);
}

const differ = (path: string, saved: string, own: string) =>
  path.endsWith(".rule")
    ? `this state is of rule ${unquoted(saved)}, this optimizer's is ${unquoted(own)} (${path})`
    : `${path}: ${saved} in this state, ${own} in this optimizer`;

const unquoted = (text: string) => text.replace(/^"(.*)"$/, "$1");

function first<T>(items: Iterable<T>, find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const entry = (record: Record<string, unknown>, key: string) =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** Lists of a few plain values are shown as they are. */
const isFlat = (list: readonly unknown[]) =>
  list.length <= 8 && list.every((value) => typeof value !== "object" || value === null);

/** How many there are, and of which kind: each record's first text is its name. */
function count(list: readonly unknown[]): string {
  const names = list.slice(0, 8).map((item) => (isRecord(item) ? Object.values(item)[0] : undefined));
  const told = names.filter((name) => typeof name === "string" && name !== "").map(describe);
  return told.length > 0 ? `${list.length} (${told.join(", ")})` : String(list.length);
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (isRecord(value) && typeof value.schedule === "string")
    return `the schedule ${describe(value.schedule)}`;
  if (Array.isArray(value) && isFlat(value)) return `[${value.map(describe).join(", ")}]`;
  return describe(value);
}
