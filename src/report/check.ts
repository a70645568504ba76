import { describe } from "../core/describe.ts";

/** What a record is drawn from, by name: texts, and lists of whatever is in them. */
interface Parts {
  readonly texts?: readonly string[];
  readonly lists?: readonly string[];
}

const isList = (value: unknown): boolean => Array.isArray(value) || ArrayBuffer.isView(value);

/**
 * Throws a TypeError unless `record`, called `name`, has these texts and lists.
 *
 * @param hint - what who gave something else may have meant
 */
export function checkRecord(
  owner: string,
  name: string,
  record: unknown,
  { texts = [], lists = [] }: Parts,
  hint = "",
): void {
  const fail = (what: string, expected: string, value: unknown) =>
    new TypeError(`${owner}: ${what} must be ${expected}, got ${describe(value)}${hint && `; ${hint}`}`);
  if (typeof record !== "object" || record === null) throw fail(name, "a record", record);
  const parts = record as Record<string, unknown>;
  for (const list of lists) if (!isList(parts[list])) throw fail(`${name}.${list}`, "an array", parts[list]);
  for (const text of texts) {
    if (typeof parts[text] !== "string") throw fail(`${name}.${text}`, "a text", parts[text]);
  }
}
