// What an example says comes out, in the comment behind a statement:
//
//   f(x); // 0.2                 equal, numbers up to rounding
//   f(x); // 2 / 12              the same, calculated
//   f(x); // ≈ [0, 1.25]         near: 0.01, or 0.001 of it, or the last digit given, whichever is nearest
//   f(x); // 0.7857…             the digits begin like this; "text …" and [1, 2, …] likewise
//   f(x); // < 5                 also ≤ > ≥
//   f(x); // throws RangeError: f: x must …
//   f(x); // 0.2: why            words may follow a colon, or stand (in parentheses)
//
// Values are numbers, "strings", true, false, null, undefined, and [lists] and { records: 1 } of them.
// A comment that begins like a value but is none is a mistake, so that nothing that looks checked is not.

type Relation = "=" | "≈" | "<" | "≤" | ">" | "≥";

type Expected =
  | { readonly kind: "number"; readonly value: number; readonly unit: number }
  | { readonly kind: "digits"; readonly text: string }
  | { readonly kind: "constant"; readonly value: unknown }
  | { readonly kind: "string"; readonly text: string; readonly open: boolean }
  | { readonly kind: "list"; readonly items: readonly Expected[]; readonly open: boolean }
  | { readonly kind: "record"; readonly entries: readonly [string, Expected][]; readonly open: boolean };

/** What a comment says. */
export type Claim =
  | { readonly kind: "value"; readonly relation: Relation; readonly expected: Expected }
  | { readonly kind: "throws"; readonly message: string };

const startsLikeValue =
  /^(?:[≈<≤>≥"'`[{]|throws\b|[-−]?(?:[\d∞]|\.\d|\()|(?:true|false|null|undefined|NaN|-?Infinity)\b)/;

const constants: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  null: null,
  undefined,
  NaN: Number.NaN,
};

/** Reads values from a text, from its beginning on. */
class Reader {
  #rest: string;

  constructor(text: string) {
    this.#rest = text;
  }

  get rest(): string {
    return this.#rest;
  }

  /** Takes what the pattern (anchored, behind white space) matches. */
  take(pattern: RegExp): string | undefined {
    const match = new RegExp(`^\\s*(${pattern.source})`, "su").exec(this.#rest);
    if (!match) return undefined;
    this.#rest = this.#rest.slice(match[0].length);
    return match[1];
  }

  value(): Expected {
    if (this.take(/\[/)) return { kind: "list", ...this.#until(/\]/, () => this.value()) };
    if (this.take(/\{/)) {
      const { items, open } = this.#until(/\}/, (): [string, Expected] => {
        const name = this.take(/"[^"\\]*"|\w+/)?.replaceAll('"', "");
        if (name === undefined || !this.take(/:/)) throw this.#unreadable();
        return [name, this.value()];
      });
      return { kind: "record", entries: items, open };
    }
    const quoted = this.take(/"(?:[^"\\]|\\.)*"/);
    if (quoted) {
      const text: string = JSON.parse(quoted);
      const open = text.endsWith("…");
      return { kind: "string", text: open ? text.slice(0, -1).trimEnd() : text, open };
    }
    const word = this.take(/(?:true|false|null|undefined|NaN)\b/);
    if (word) return { kind: "constant", value: constants[word] };
    const digits = this.take(/-?[\d.]+…/);
    if (digits) return { kind: "digits", text: digits.slice(0, -1) };
    return { kind: "number", ...this.#sum() };
  }

  #until<T>(end: RegExp, read: () => T): { items: T[]; open: boolean } {
    const items: T[] = [];
    for (;;) {
      const open = this.take(/…/) !== undefined;
      if (this.take(end)) return { items, open };
      if (open) throw this.#unreadable();
      items.push(read());
      if (!this.take(/,/) && !new RegExp(`^\\s*${end.source}`).test(this.#rest)) throw this.#unreadable();
    }
  }

  #sum(): { value: number; unit: number } {
    let result = this.#product();
    for (;;) {
      const sign = this.take(/[-+−]/);
      if (!sign) return result;
      const { value } = this.#product();
      result = { value: sign === "+" ? result.value + value : result.value - value, unit: Infinity };
    }
  }

  #product(): { value: number; unit: number } {
    let result = this.#factor();
    for (;;) {
      const sign = this.take(/[*/·×]/);
      if (!sign) return result;
      const { value } = this.#factor();
      result = { value: sign === "/" ? result.value / value : result.value * value, unit: Infinity };
    }
  }

  #factor(): { value: number; unit: number } {
    if (this.take(/[-−]/)) {
      const { value, unit } = this.#factor();
      return { value: -value, unit };
    }
    if (this.take(/\(/)) {
      const inside = this.#sum();
      if (!this.take(/\)/)) throw this.#unreadable();
      return inside;
    }
    if (this.take(/∞|Infinity\b/)) return { value: Infinity, unit: Infinity };
    const literal = this.take(/(?:\d[\d_]*\.?\d*|\.\d+)(?:e[-+]?\d+)?(?![\w.])/);
    if (!literal) throw this.#unreadable();
    const [mantissa, exponent = "0"] = literal.replaceAll("_", "").split("e");
    const decimals = mantissa.split(".")[1]?.length ?? 0;
    return { value: Number(literal.replaceAll("_", "")), unit: 10 ** (Number(exponent) - decimals) };
  }

  #unreadable(): SyntaxError {
    return new SyntaxError(`cannot be read from "${this.#rest.trim()}" on`);
  }
}

/**
 * What the comment behind a statement (without its slashes) says comes out; undefined for words.
 *
 * @throws SyntaxError for a comment that begins like a value but cannot be read as one
 */
export function readClaim(comment: string): Claim | undefined {
  const text = comment.trim();
  if (!startsLikeValue.test(text)) return undefined;
  const reader = new Reader(text);
  if (reader.take(/throws\b/)) {
    const message = reader.rest.trim();
    if (!/^\w*Error\b/.test(message))
      throw new SyntaxError("throws must be followed by the error, as in RangeError: …");
    return { kind: "throws", message };
  }
  const relation = (reader.take(/[≈<≤>≥]/) ?? "=") as Relation;
  const expected = reader.value();
  if (!/^\s*$|^: |^ \(.*\)$/su.test(reader.rest)) {
    throw new SyntaxError(
      `begins like a value, but goes on with "${reader.rest.trim()}": put words behind a colon, in parentheses, or first`,
    );
  }
  if (relation !== "=" && relation !== "≈" && expected.kind !== "number") {
    throw new SyntaxError(`${relation} must be followed by a number`);
  }
  return { kind: "value", relation, expected };
}

/** What rounding may do to an exact number, relative to it. */
const ROUNDING = 1e-12;

function numberHolds(
  relation: Relation,
  actual: unknown,
  { value, unit }: { value: number; unit: number },
): boolean {
  if (typeof actual !== "number") return false;
  switch (relation) {
    case "<":
      return actual < value;
    case "≤":
      return actual <= value;
    case ">":
      return actual > value;
    case "≥":
      return actual >= value;
    case "≈":
      return (
        actual === value || Math.abs(actual - value) <= Math.min(unit, Math.max(1e-2, 1e-3 * Math.abs(value)))
      );
    default:
      return actual === value || Math.abs(actual - value) <= ROUNDING * Math.abs(value);
  }
}

/** Whether what came out is what was expected. */
function holds(relation: Relation, expected: Expected, actual: unknown): boolean {
  switch (expected.kind) {
    case "number":
      return numberHolds(relation, actual, expected);
    case "digits":
      return typeof actual === "number" && String(actual).startsWith(expected.text);
    case "constant":
      return Object.is(actual, expected.value);
    case "string":
      return (
        typeof actual === "string" &&
        (expected.open ? actual.startsWith(expected.text) : actual === expected.text)
      );
    case "list": {
      if (!Array.isArray(actual) && !ArrayBuffer.isView(actual)) return false;
      const given = Array.from(actual as ArrayLike<unknown>);
      const { items, open } = expected;
      if (open ? given.length < items.length : given.length !== items.length) return false;
      return items.every((item, i) => holds(relation, item, given[i]));
    }
    case "record": {
      if (typeof actual !== "object" || actual === null) return false;
      const given = actual as Record<string, unknown>;
      const { entries, open } = expected;
      if (!open && Object.keys(given).length !== entries.length) return false;
      return entries.every(
        ([name, item]) => Object.hasOwn(given, name) && holds(relation, item, given[name]),
      );
    }
  }
}

/** Whether a claim about a value is true. */
export function isTrue(claim: Claim & { readonly kind: "value" }, actual: unknown): boolean {
  return holds(claim.relation, claim.expected, actual);
}

/** Whether an error is the one that was announced; an announcement may end in …. */
export function isAnnounced({ message }: Claim & { readonly kind: "throws" }, error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const told = message.includes(":") ? `${error.name}: ${error.message}` : error.name;
  return message.endsWith("…") ? told.startsWith(message.slice(0, -1).trimEnd()) : told === message;
}
