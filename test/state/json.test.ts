import fc from "fast-check";
import { expect, test } from "vitest";
import { readJson, writeJson } from "../../src/state/json.ts";

const write = (value: unknown) => writeJson("save", "extra", value);
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);

test("what was written is read again: every finite number, −0 too, every text and every key", () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      number,
      fc.string({ unit: "binary" }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value")),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "1")), tie("value")),
    ),
  }));
  fc.assert(
    fc.property(value, (any) => {
      const read = readJson(write(any));
      expect(write(read)).toBe(write(any));
      if (typeof any === "number" || typeof any === "string") expect(Object.is(read, any)).toBe(true);
    }),
    { numRuns: 500, seed: 5 },
  );
  expect(Object.is(readJson(write(-0)), -0)).toBe(true);
});

test("records that are read have no prototype", () => {
  const record = readJson('{"__proto__":{"polluted":1}}') as Record<string, unknown>;
  expect(Object.getPrototypeOf(record)).toBe(null);
  expect(Object.keys(record)).toEqual(["__proto__"]);
});

test("what JSON cannot say is refused by its name", () => {
  expect(() => write({ a: [1, Number.NaN] })).toThrow("save: extra.a[1] must be finite, got NaN");
  expect(() => write({ a: undefined })).toThrow(/save: extra\.a must be made of .*, got undefined/);
  expect(() => write({ f: () => 1 })).toThrow(/extra\.f must be made of .*, got a function/);
  expect(() => write({ big: 1n })).toThrow(/extra\.big must be made of .*, got 1n/);
  expect(() => write({ when: new Date(0) })).toThrow(/extra\.when must be made of .*, got a/);
  expect(() => write({ w: new Float64Array(1) })).toThrow(/extra\.w must be made of .*, got a Float64Array/);
  expect(write(nested(100))).toHaveLength(201);
  expect(() => write(nested(101))).toThrow(/nests more than 100 deep/);
  const ring: unknown[] = [];
  ring.push(ring);
  expect(() => write(ring)).toThrow(/nests more than 100 deep/);
});

test.each(["", "[1", "NaN", "1e400", "1.0", "+1", " 1", '{"a":1,"a":2}', '"\\u0061"'])(
  "%s was not written by it, and is not read",
  (text) => {
    expect(readJson(text)).toBeUndefined();
  },
);

test("what nests too deep is not read either", () => {
  for (const depth of [101, 1e5])
    expect(readJson(`${"[".repeat(depth)}1${"]".repeat(depth)}`)).toBeUndefined();
  expect(readJson(JSON.stringify(nested(100)))).toEqual(nested(100));
});
