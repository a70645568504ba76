import { expect } from "vitest";

const looked = (): never => {
  throw new Error("this object does not want to be looked at");
};

/** An object whose every trap throws. */
const untouchable: object = new Proxy({}, new Proxy({}, { get: () => looked }));

const revocable = Proxy.revocable({}, {});
revocable.revoke();

const broken = new Proxy([], { get: looked });

/** Values that are no number, and how a message shows them. */
export const noNumbers: readonly (readonly [shown: string, value: unknown])[] = [
  ['""', ""],
  ['"0.1"', "0.1"],
  ['"auto"', "auto"],
  [`"${"9".repeat(40)}…"`, "9".repeat(1000)],
  ["1n", 1n],
  [`1${"0".repeat(39)}…`, 10n ** 100n],
  ["null", null],
  ["true", true],
  ["false", false],
  ["Symbol(rate)", Symbol("rate")],
  ["an array of 0", []],
  ["an array of 1", [0.1]],
  ["an object", {}],
  ["an object", { valueOf: () => 0.1 }],
  ["an object", Object.create(null)],
  ["a Number", new Number(0.1)],
  ["a Date", new Date(0)],
  ["a Map", new Map()],
  ["a RegExp", /0.1/],
  ["a Promise", Promise.resolve(0.1)],
  ["a Float64Array", Float64Array.of(0.1)],
  ["an ArrayBuffer", new ArrayBuffer(8)],
  ["an object", { toString: looked, valueOf: looked, toJSON: looked, [Symbol.toPrimitive]: looked }],
  ["an object", Object.defineProperty({}, "constructor", { get: looked })],
  ["an object", untouchable],
  ["an object", revocable.proxy],
  ["an object", broken],
];

/** Numbers of which every domain leaves some out. */
const numbers = [Number.NaN, Infinity, -Infinity, -1, -5e-324, 0, 0.5, 1, 1.5, 2 ** 53, 1e300];

/** Bad values of an option that takes the numbers for which `contains` holds, and how a message shows them. */
export const badNumbers = (
  contains: (value: number) => boolean,
): readonly (readonly [shown: string, value: unknown])[] => [
  ...noNumbers,
  ...numbers.filter((value) => !contains(value)).map((value) => [String(value), value] as const),
];

/** What a call throws. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Expects that a call is refused with a TypeError or RangeError that names all of `words`. */
export function expectRefusal(call: () => unknown, ...words: readonly string[]): void {
  const error = thrownBy(call);
  expect(error instanceof TypeError || error instanceof RangeError, words.join(" … ")).toBe(true);
  const { message } = error as Error;
  for (const word of words) expect(message).toContain(word);
}

/** Bad values that make up their own error when a reader of objects looks inside. */
export const looksBack: ReadonlySet<unknown> = new Set([untouchable, revocable.proxy, broken]);
