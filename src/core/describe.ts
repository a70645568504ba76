/** The name of an object's class; undefined for a plain one, and for one that will not be looked at. */
function className(value: object): string | undefined {
  try {
    const { name } = value.constructor;
    return typeof name === "string" && name !== "" && name !== "Object" ? name : undefined;
  } catch {
    return undefined;
  }
}

/** The length of an array; undefined for anything else, and for a proxy that will not be looked at. */
function arrayLength(value: object): number | undefined {
  try {
    return Array.isArray(value) ? value.length : undefined;
  } catch {
    return undefined;
  }
}

/** As much of a text as a message can hold. */
const short = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** A value as an error message shows it: short, and never throwing, whatever the value does. */
export function describe(value: unknown): string {
  if (typeof value === "string") return `"${short(value)}"`;
  if (typeof value === "bigint") return short(`${value}n`);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return short(String(value));
  const length = arrayLength(value);
  if (length !== undefined) return `an array of ${length}`;
  const name = className(value);
  if (name === undefined) return "an object";
  return `${/^[AEIO]/i.test(name) ? "an" : "a"} ${short(name)}`;
}

/** Edits (insert, delete, replace) that turn `a` into `b`, letter case aside. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = row[j - 1] + (a[i - 1].toLowerCase() === b[j - 1].toLowerCase() ? 0 : 1);
      next.push(Math.min(replace, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}

/** The known name nearest to `word`, if one is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(word, name);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** The end of a message about an unknown word: the one that was probably meant, or all that are known. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near ? `; did you mean ${near}?` : `; known: ${known.join(", ")}`;
}
