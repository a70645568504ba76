import { describe, expect, test } from "vitest";
import { createOptimizer, type Optimizer } from "../../src/descent/optimizer.ts";
import { adam, gradientDescent, rules, sgd } from "../../src/rules/index.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { cosine } from "../../src/schedules/index.ts";
import { seal } from "../../src/state/checksum.ts";
import { chain, clipByGlobalNorm, clipByNorm, ema } from "../../src/wrappers/index.ts";
import { advance, make, same } from "./run.ts";

const blocks = { w: { shape: [3, 2], values: [1, 2, 3, 4, 5, 6] }, b: [1] };
const of = (rule: Rule, initial: object = blocks, options = {}) =>
  createOptimizer(rule, initial as typeof blocks, options);

/** A file with a part of its header's text replaced by one of the same length, sealed again. */
function edit(file: Uint8Array, from: string, to: string): Uint8Array {
  const text = Buffer.from(file).toString("latin1");
  expect(text.split(from)).toHaveLength(2);
  expect(to).toHaveLength(from.length);
  const edited = Uint8Array.from(Buffer.from(text.replace(from, to), "latin1"));
  seal(edited);
  return edited;
}

/** Asserts that a file is refused with these words, and that nothing has changed. */
function refuses(optimizer: Optimizer<never>, bytes: unknown, message: string | RegExp): void {
  const before = optimizer.save();
  expect(() => optimizer.load(bytes as Uint8Array)).toThrow(message);
  expect(same(optimizer.save(), before)).toBe(true);
}

describe("[state] a file of another optimizer is refused in a sentence that names what differs", () => {
  const scheduled = adam({ learningRate: cosine({ from: 0.1, steps: 100 }) });
  const groups = [{ blocks: "b", scale: 2 }];
  test.each([
    ["rule", adam(), sgd(), "this state is of rule adam, this optimizer's is sgd (groups[0].rule)"],
    [
      "option",
      adam({ beta1: 0.8 }),
      adam(),
      "groups[0].options.beta1: 0.8 in this state, 0.9 in this optimizer",
    ],
    [
      "sign of zero",
      gradientDescent({ learningRate: -0 }),
      gradientDescent({ learningRate: 0 }),
      'groups[0].options.learningRate: "-0" in this state, 0 in this optimizer',
    ],
    [
      "flag",
      adam(),
      adam({ amsgrad: true }),
      "groups[0].options.amsgrad: false in this state, true in this optimizer",
    ],
    [
      "schedule",
      scheduled,
      adam(),
      'groups[0].options.learningRate: the schedule "cosine" in this state, 0.001 in this optimizer',
    ],
    [
      "schedule's parameter",
      scheduled,
      adam({ learningRate: cosine({ from: 0.1, steps: 101 }) }),
      "groups[0].options.learningRate.steps: 100 in this state, 101 in this optimizer",
    ],
    [
      "number of wrappers",
      chain(clipByGlobalNorm(), adam(), ema()),
      chain(adam(), ema()),
      'wrappers: 2 ("clipByGlobalNorm", "ema") in this state, 1 ("ema") in this optimizer',
    ],
    [
      "wrapper",
      chain(adam(), ema()),
      chain(clipByGlobalNorm(), adam()),
      'wrappers[0].wrapper: "ema" in this state, "clipByGlobalNorm" in this optimizer',
    ],
    [
      "wrapper's option",
      chain(adam(), ema({ decay: 0.5 })),
      chain(adam(), ema()),
      "wrappers[0].options.decay: 0.5 in this state, 0.999 in this optimizer",
    ],
    [
      "wrapper's blocks",
      chain(clipByNorm({ blocks: ["w", /b/] }), adam()),
      chain(clipByNorm({ blocks: ["w", "b"] }), adam()),
      'wrappers[0].settings.blocks: ["w", "/b/"] in this state, ["w", "b"] in this optimizer',
    ],
  ])("another %s", (_, saved, own, message) => {
    refuses(of(own) as never, of(saved).save(), `optimizer.load: ${message}`);
  });

  test.each([
    ["shape", blocks, { ...blocks, w: [1, 2, 3, 4, 5, 6] }, "blocks[0].shape: [3, 2] in this state, [6] in"],
    ["name", blocks, { v: blocks.w, b: [1] }, 'blocks[0].name: "w" in this state, "v" in this optimizer'],
    ["number of blocks", blocks, { w: [1] }, 'blocks: 2 ("w", "b") in this state, 1 ("w") in this optimizer'],
    ["form", { w: [1] }, [1], 'blocks[0].name: "w" in this state, "" in this optimizer'],
  ])("another %s", (_, saved, own, message) => {
    refuses(of(adam(), own) as never, of(adam(), saved).save(), `optimizer.load: ${message}`);
  });

  test("another scale, group or frozen block", () => {
    const file = of(adam(), blocks, { groups }).save();
    const told = (other: object[], message: string) =>
      refuses(of(adam(), blocks, { groups: other }) as never, file, message);
    told([{ blocks: "b", scale: 3 }], "groups[0].scale: 2 in this state, 3 in this optimizer");
    told([{ blocks: "w", scale: 2 }], 'groups[0].blocks: ["b"] in this state, ["w"] in this optimizer');
    told([], 'groups: 2 ("adam", "adam") in this state, 1 ("adam") in this optimizer');
    told([{ blocks: "b", rule: sgd() }], "of rule adam, this optimizer's is sgd (groups[0].rule)");
    told([{ blocks: "b", frozen: true }], 'groups[0].blocks: ["b"] in this state, ["w"] in this optimizer');
  });

  test("another precision, version or format", () => {
    const file = of(adam()).save();
    refuses(
      of(adam(), blocks, { precision: "f32" }) as never,
      file,
      'optimizer.load: this state is in precision "f64", this optimizer in "f32"',
    );
    refuses(
      of(adam()) as never,
      edit(file, '"version":"1"', '"version":"2"'),
      'optimizer.load: this state is of version "2"; this library reads "1"',
    );
    refuses(
      of(adam()) as never,
      edit(file, "thalweg-state", "thalweg-model"),
      'optimizer.load: these bytes are of the format "thalweg-model", not thalweg-state',
    );
  });

  test("a much larger one by its size, before it is parsed", () => {
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`block${i}`, [i]]));
    refuses(of(adam()) as never, of(adam(), many).save(), /header has \d+ bytes; expected at most \d+$/);
  });
});

describe("a forged file of the same description is refused", () => {
  const optimizer = () => {
    const made = make(chain(clipByGlobalNorm(), adam()), "named", "f64");
    for (let t = 0; t < 12; t++) advance(made, 1, t);
    return made;
  };
  const file = optimizer().save({ extra: { a: 1, b: 2 } });
  test.each([
    ["steps that are not whole", '\\"calls\\":12', '\\"calls\\":.5'],
    ["more steps of the rule than were asked for", '\\"groups\\":[12]', '\\"groups\\":[13]'],
    ["steps that are negative", '\\"groups\\":[12]', '\\"groups\\":[-1]'],
    ["steps written otherwise", '\\"groups\\":[12]', '\\"groups\\":[ 2]'],
    ["steps of more groups than there are", '\\"groups\\":[12]', '\\"groups\\":[1,]'],
    ["extra that is no record", '"{\\"a\\":1,\\"b\\":2}"', '"[\\"a\\",1,\\"b\\",2]"'],
    ["a key of extra that is given twice", '\\"b\\":2', '\\"a\\":2'],
    ["unknown metadata", '"extra":', '"extrb":'],
  ])("for %s", (_, from, to) => {
    refuses(optimizer(), edit(file, from, to), "optimizer.load: this state's header is not as it should be");
  });

  test.each([
    [
      "a description that is no JSON",
      '"[{\\"rule\\":',
      '"[[\\"rule\\":',
      "this state's groups are not as they should be",
    ],
    ["a tensor of another name", '"group0/w/m"', '"group0/w/n"', "this state lacks group0/w/m, F64 [3, 2]"],
    [
      "a tensor of another shape",
      '"group0/w/m":{"dtype":"F64","shape":[3,2]',
      '"group0/w/m":{"dtype":"F64","shape":[2,3]',
      'group0/w/m: ["F64", 2, 3] in this state, ["F64", 3, 2] in this optimizer',
    ],
  ])("for %s", (_, from, to, message) => {
    refuses(optimizer(), edit(file, from, to), `optimizer.load: ${message}`);
  });
});

describe("a damaged or hostile file", () => {
  test("is refused with any bit flipped, and cut off anywhere, and nothing has changed", () => {
    const optimizer = make(sgd({ momentum: 0.9 }), "bare", "f32");
    advance(optimizer, 1, 0);
    const file = optimizer.save();
    for (let bit = 0; bit < 8 * file.length; bit++) {
      const flipped = file.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      expect(() => optimizer.load(flipped), `bit ${bit}`).toThrow(RangeError);
    }
    for (let length = 0; length < file.length; length++) {
      expect(() => optimizer.load(file.subarray(0, length)), `${length} bytes`).toThrow(RangeError);
    }
    expect(same(optimizer.save(), file)).toBe(true);
  });

  /** A file whose header has this text in place of all behind the seal, and is sealed. */
  function hostile(rest: string): Uint8Array {
    const header = `{"__metadata__":{"checksum":"${"0".repeat(32)}",${rest}`;
    const size = Math.ceil(header.length / 8) * 8;
    const file = new Uint8Array(8 + size).fill(0x20);
    new DataView(file.buffer).setBigUint64(0, BigInt(size), true);
    file.set(new TextEncoder().encode(header), 8);
    seal(file);
    return file;
  }
  const lengths = [2n ** 31n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n, -1n].map(
    (length): [string, Uint8Array] => {
      const file = make(rules.adam(), "named", "f64").save();
      new DataView(file.buffer).setBigInt64(0, BigInt.asIntN(64, length), true);
      seal(file);
      return [`a header of ${length} bytes`, file];
    },
  );
  const wide = Array.from({ length: 4000 }, (_, i) => `"k${i}":[]`).join();
  test.each<[string, Uint8Array]>([
    ...lengths,
    ["lists 100,000 deep", hostile(`"x":${"[".repeat(1e5)}${"]".repeat(1e5)}}}`)],
    ["lists as deep as the header may be long", hostile(`"x":${"[".repeat(3e4)}${"]".repeat(3e4)}}}`)],
    [
      "records as deep as the header may be long",
      hostile(`"x":${'{"":'.repeat(13e3)}1${"}".repeat(13e3)}}}`),
    ],
    ["keys as many as the header can hold", hostile(`${wide},"x":""}}`)],
    ["text that is all escapes", hostile(`"x":"${"\\u0000".repeat(1e4)}"}}`)],
    ["extra 10,000 deep", hostile(`"extra":"${"[".repeat(1e4)}${"]".repeat(1e4)}"}}`)],
    [
      "a shape of 10²⁸⁸",
      hostile(
        `"x":""},"w":{"dtype":"F64","shape":[${"1000000000,".repeat(31)}1000000000],"data_offsets":[0,1e288]}}`,
      ),
    ],
    ["4 MB of zeros", new Uint8Array(4e6)],
    ["a few bytes", Uint8Array.of(1, 2, 3)],
  ])("with %s is refused within 10 ms, without memory", (_, bytes) => {
    const optimizer = make(rules.adam(), "named", "f64");
    const before = optimizer.save();
    let shortest = Infinity;
    for (let i = 0; i < 10; i++) {
      const { arrayBuffers } = process.memoryUsage();
      const begin = performance.now();
      expect(() => optimizer.load(bytes)).toThrow(RangeError);
      shortest = Math.min(shortest, performance.now() - begin);
      expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(bytes.length + 1e5);
    }
    expect(shortest).toBeLessThan(10);
    expect(same(optimizer.save(), before)).toBe(true);
  });
});

test("[state] a file with much more data than expected is refused within 10 ms, without being read or copied", () => {
  const optimizer = of(adam());
  const file = optimizer.save();
  for (const shift of [0, 1]) {
    const huge = new Uint8Array(64 * 2 ** 20 + 8).subarray(shift, 64 * 2 ** 20 + shift);
    huge.set(file);
    const before = process.memoryUsage().arrayBuffers;
    let best = Infinity;
    for (let k = 0; k < 10; k++) {
      const begin = performance.now();
      expect(() => optimizer.load(huge)).toThrow(/cut off or damaged: .* bytes of data, expected/);
      best = Math.min(best, performance.now() - begin);
    }
    expect(best).toBeLessThan(10);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  }
});

test("what is saved along is checked, and comes back as it was", () => {
  const optimizer = of(adam());
  const extra = { epoch: 3, "__proto__ ": -0, list: [1, "é", null, { deep: true }] };
  expect(optimizer.load(optimizer.save({ extra }))).toEqual(extra);
  expect(optimizer.load(optimizer.save())).toEqual({});
  expect(() => optimizer.save({ extra: [1] as never })).toThrow(
    "optimizer.save: extra must be a record, got an array of 1",
  );
  expect(() => optimizer.save({ extra: { rate: Number.NaN } })).toThrow(
    "optimizer.save: extra.rate must be finite, got NaN",
  );
  expect(() => optimizer.save({ extra: { text: "é".repeat(2 ** 15) } })).toThrow(
    /extra must have at most 65536 bytes as JSON, got 655\d\d/,
  );
  expect(() => optimizer.save({ extras: {} } as never)).toThrow(
    /unknown option "extras"; did you mean extra\?/,
  );
  const full = { text: '"'.repeat(2 ** 14 - 10) };
  expect(optimizer.load(optimizer.save({ extra: full }))).toEqual(full);
});
