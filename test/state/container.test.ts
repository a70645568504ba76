import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seal } from "../../src/state/checksum.ts";
import { decodeState, encodeState, headerSize, type Tensor } from "../../src/state/container.ts";
import { same } from "./run.ts";

const tensors: readonly Tensor[] = [
  { name: "carried", shape: [2], values: Float64Array.of(-0, Number.NaN) },
  { name: "a/w é", shape: [3, 1], values: Float32Array.of(1, 2, 3) },
];
const metadata = { format: "test", text: 'é "\\ \n' };
const file = encodeState(tensors, metadata);
const read = (bytes: unknown, limit = 1e6) => decodeState("read", bytes, limit);

describe("a file", () => {
  test("has the layout of safetensors: length, padded JSON, arrays one behind the other", () => {
    const view = new DataView(file.buffer);
    const size = Number(view.getBigUint64(0, true));
    expect(size % 8).toBe(0);
    const { __metadata__, ...entries } = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + size)));
    expect(entries).toEqual({
      carried: { dtype: "F64", shape: [2], data_offsets: [0, 16] },
      "a/w é": { dtype: "F32", shape: [3, 1], data_offsets: [16, 28] },
    });
    expect(__metadata__).toEqual({ checksum: expect.stringMatching(/^[\da-f]{32}$/), ...metadata });
    expect(file.length).toBe(8 + size + 28);
    expect(view.getFloat32(8 + size + 20, true)).toBe(2);
    expect(Math.ceil(headerSize(tensors, metadata) / 8) * 8).toBe(size);
  });

  test("says what was written, also where it does not lie on whole words", () => {
    for (const shift of [0, 1, 2, 3, 4]) {
      const moved = new Uint8Array(file.length + shift).subarray(shift);
      moved.set(file);
      const state = read(moved);
      expect([...state.metadata]).toEqual(Object.entries(metadata));
      expect([...state.tensors.keys()]).toEqual(["carried", "a/w é"]);
      const { dtype, shape, bytes } = state.tensors.get("a/w é")!;
      expect([dtype, shape]).toEqual(["F32", [3, 1]]);
      expect([...new Float32Array(bytes.slice().buffer)]).toEqual([1, 2, 3]);
    }
  });

  test("is what is read from it, written again", () => {
    const text = fc.string({ unit: "binary", maxLength: 12 });
    const name = text.map((rest) => `n${rest}`);
    const side = fc.integer({ min: 1, max: 4 });
    const tensor = fc
      .record({ name, shape: fc.array(side, { minLength: 1, maxLength: 3 }), isDouble: fc.boolean() })
      .map(({ name, shape, isDouble }) => {
        const length = shape.reduce((a, b) => a * b);
        const values = isDouble ? new Float64Array(length) : new Float32Array(length);
        return { name, shape, values: values.map((_, i) => i - 0.1) };
      });
    fc.assert(
      fc.property(
        fc.uniqueArray(tensor, { maxLength: 5, selector: (each) => each.name }),
        fc.dictionary(name, text, { minKeys: 1, maxKeys: 4 }),
        (some, texts) => {
          const written = encodeState(some, texts);
          const state = read(written);
          const again = [...state.tensors.values()].map(({ name, shape, dtype, bytes }) => {
            const { buffer } = bytes.slice();
            return {
              name,
              shape,
              values: dtype === "F64" ? new Float64Array(buffer) : new Float32Array(buffer),
            };
          });
          expect(same(encodeState(again, Object.fromEntries(state.metadata)), written)).toBe(true);
        },
      ),
      { numRuns: 200, seed: 4 },
    );
  });

  test("is refused with any single bit flipped, and cut off at any place", () => {
    for (let bit = 0; bit < 8 * file.length; bit++) {
      const flipped = file.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      expect(() => read(flipped), `bit ${bit}`).toThrow(RangeError);
    }
    for (let length = 0; length < file.length; length++) {
      expect(() => read(file.subarray(0, length)), `${length} bytes`).toThrow(RangeError);
    }
  });

  test("is refused when two of its words, near or far, were exchanged", () => {
    const words = file.length / 4;
    for (const apart of [1, 2, 3, 4, 8, 16]) {
      for (let i = 0; i + apart < words; i++) {
        const exchanged = file.slice();
        const view = new Uint32Array(exchanged.buffer);
        [view[i], view[i + apart]] = [view[i + apart], view[i]];
        if (!same(exchanged, file)) expect(() => read(exchanged)).toThrow(RangeError);
      }
    }
  });

  test("is refused when anything is not bytes, or its header is larger than it may be", () => {
    for (const wrong of [undefined, "bytes", [...file], file.buffer, new Uint16Array(100)]) {
      expect(() => read(wrong)).toThrow(/^read: bytes must be a Uint8Array, got/);
    }
    expect(() => read(file, 64)).toThrow(/^read: this state's header has \d+ bytes; expected at most 64$/);
    expect(() => read(new Uint8Array(1000))).toThrow("read: these bytes are no saved state");
  });

  test("is read from shared memory, of which a copy is made", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(file.length));
    shared.set(file);
    const { bytes } = read(shared).tensors.get("carried")!;
    expect(bytes.buffer).toBeInstanceOf(ArrayBuffer);
  });
});

describe("a forged file", () => {
  const entry = (dtype: string, shape: string, offsets: string) =>
    `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
  const good = `"w":${entry("F64", "[2]", "[0,16]")}`;
  const start = `{"__metadata__":{"checksum":"${"0".repeat(32)}","format":"test"}`;

  /** A sealed file with this header, of 16 bytes of data. */
  function forge(header: string | Uint8Array, data = 16): Uint8Array {
    const bytes = typeof header === "string" ? new TextEncoder().encode(header) : header;
    const size = Math.ceil(bytes.length / 8) * 8;
    const forged = new Uint8Array(8 + size + data).fill(0x20, 0, 8 + size);
    new DataView(forged.buffer).setBigUint64(0, BigInt(size), true);
    forged.set(bytes, 8);
    seal(forged);
    return forged;
  }

  test("that is as it should be is read: what follows is refused for what is wrong with it", () => {
    expect(read(forge(`${start},${good}}`)).tensors.size).toBe(1);
  });

  test.each([
    ["no JSON", `${start},${good}`],
    ["more than one value", `${start},${good}}{}`],
    ["another order of keys", `${start},"w":{"shape":[2],"dtype":"F64","data_offsets":[0,16]}}`],
    ["white space", `${start}, ${good}}`],
    ["padding with tabs", `${start},${good}}\t`],
    ["an escape where none is needed", `${start},${good.replace("w", "\\u0077")}}`],
    ["a key given twice", `${start},${good},${good}}`],
    ["metadata given twice", `${start},"__metadata__":{"format":"test"},${good}}`],
    ["metadata that is no text", `${start.slice(0, -1)},"n":1},${good}}`],
    [
      "metadata that is a list",
      `{"__metadata__":{"checksum":"${"0".repeat(32)}","f":""},"__metadata__":[],${good}}`,
    ],
    ["a tensor named __proto__ that is none", `${start},"__proto__":{"polluted":1},${good}}`],
    ["a tensor named constructor that is none", `${start},"constructor":null,${good}}`],
    ["an unknown field", `${start},"w":{"dtype":"F64","shape":[2],"data_offsets":[0,16],"x":1}}`],
    ["an unknown type", `${start},"w":${entry("F16", "[8]", "[0,16]")}}`],
    ["a type named toString", `${start},"w":${entry("toString", "[2]", "[0,16]")}}`],
    ["no shape", `${start},"w":${entry("F64", "null", "[0,16]")}}`],
    ["a shape without sides", `${start},"w":${entry("F64", "[]", "[0,8]")}}`],
    ["a side of 0", `${start},"w":${entry("F64", "[0]", "[0,0]")},${good.replace("w", "v")}}`],
    ["a negative side", `${start},"w":${entry("F64", "[-2,-1]", "[0,16]")}}`],
    ["a fraction", `${start},"w":${entry("F64", "[0.5,4]", "[0,16]")}}`],
    ["a side of 2⁵³", `${start},"w":${entry("F64", "[9007199254740992]", "[0,16]")}}`],
    [
      "sides whose product overflows",
      `${start},"w":${entry("F64", `[${"9007199254740991,".repeat(30)}1]`, "[0,16]")}}`,
    ],
    ["1e400", `${start},"w":${entry("F64", "[1e400]", "[0,1e400]")}}`],
    ["NaN", `${start},"w":${entry("F64", "[NaN]", "[0,16]")}}`],
    ["−0", `${start},"w":${entry("F64", "[2]", "[-0,16]")}}`],
    ["2 as 2.0", `${start},"w":${entry("F64", "[2.0]", "[0,16]")}}`],
    ["a number as text", `${start},"w":${entry("F64", '["2"]', "[0,16]")}}`],
    [
      "offsets that overlap",
      `${start},"v":${entry("F64", "[2]", "[0,16]")},"w":${entry("F64", "[1]", "[8,16]")}}`,
    ],
    ["offsets that leave a hole", `${start},"w":${entry("F64", "[1]", "[8,16]")}}`],
    ["offsets that end early", `${start},"w":${entry("F64", "[1]", "[0,8]")}}`],
    ["offsets beyond the end", `${start},"w":${entry("F64", "[3]", "[0,24]")}}`],
    ["three offsets", `${start},"w":${entry("F64", "[2]", "[0,16,16]")}}`],
    ["no tensors", `${start}}`],
    ["wrong UTF-8", new TextEncoder().encode(`${start},"é":1}`).map((byte) => (byte === 0xa9 ? 0xc3 : byte))],
    [
      "overlong UTF-8",
      new TextEncoder().encode(`${start},"é":1}`).map((byte) => (byte === 0xc3 ? 0xc0 : byte)),
    ],
  ])("with %s is refused", (_, header) => {
    expect(() => read(forge(header))).toThrow("read: this state's header is not as it should be");
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("with a header of any other length is refused", () => {
    for (const length of [0n, 1n, 8n, 56n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
      const forged = file.slice();
      new DataView(forged.buffer).setBigUint64(0, length, true);
      seal(forged);
      expect(() => read(forged)).toThrow(/this state is cut off or damaged/);
    }
  });

  test("with a tensor named __proto__ is read as it is, and harms nobody", () => {
    const { tensors } = read(forge(`${start},${good.replace("w", "__proto__")}}`));
    expect([...tensors.keys()]).toEqual(["__proto__"]);
  });
});
