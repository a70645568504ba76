import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { Workspace } from "../../src/core/workspace.ts";

/** One block of Philox 4×32-10, through the core. */
function philox(counter: readonly number[], key: readonly number[], precision: "f64" | "f32"): string[] {
  const workspace = new Workspace([{ name: "out", length: 4, kind: "u32" }], precision);
  const [c0, c1, c2, c3] = counter;
  workspace.kernels.philox(1, c0, c1, c2, c3, key[0], key[1], workspace.pointer("out"));
  const words = Array.from(workspace.u32("out"), (word) => word.toString(16).padStart(8, "0"));
  workspace.dispose();
  return words;
}

describe("Philox 4×32-10", () => {
  const ones = 0xffffffff;
  // Known-answer vectors: Random123 1.14, examples/kat_vectors.
  test.each([
    [[0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    [[ones, ones, ones, ones], [ones, ones], "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      "d16cfe09 94fdcceb 5001e420 24126ea1",
    ],
  ])("gives the published words for counter %j and key %j in both binaries", (counter, key, words) => {
    expect(philox(counter, key, "f64").join(" ")).toBe(words);
    expect(philox(counter, key, "f32").join(" ")).toBe(words);
  });

  test("starts a stream with the words of counter 0", () => {
    expect(new Random(0).uint32()).toBe(0x6627e8d5);
  });

  test("carries the counter into its upper word", () => {
    expect(philox([0, 1, 0, 0], [0, 0], "f64")).not.toEqual(philox([0, 0, 0, 0], [0, 0], "f64"));
  });
});

describe("a random stream", () => {
  test("depends on its seed and stream alone", () => {
    const draw = (seed: number, stream?: number) => {
      const random = new Random(seed, stream);
      return Array.from({ length: 600 }, () => random.uint32());
    };
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
    expect(draw(5, 1)).not.toEqual(draw(5, 2));
    expect(draw(2 ** 40)).not.toEqual(draw(0));
  });

  test("goes to parts that differ, each from its beginning", () => {
    const random = new Random(5, 1);
    const part = (index: number) => {
      random.seek(index);
      return Array.from({ length: 300 }, () => random.uint32());
    };
    const first = part(0);
    const third = part(2);
    expect(third).not.toEqual(first);
    expect(part(2)).toEqual(third);
    const fresh = new Random(5, 1);
    expect(Array.from({ length: 300 }, () => fresh.uint32())).toEqual(first);
  });

  test("shuffles a part of an array and leaves the rest", () => {
    const values = Uint32Array.from({ length: 100 }, (_, i) => i);
    new Random(1).shuffle(values, 20, 70);
    expect([...values.subarray(0, 20), ...values.subarray(70)]).toEqual(
      Array.from({ length: 50 }, (_, i) => (i < 20 ? i : i + 50)),
    );
    const order = Array.from(new Random(1).permutation(50), (i) => 20 + i);
    expect([...values.subarray(20, 70)]).toEqual(order);
  });

  test("draws below a bound without bias where words have to be rejected", () => {
    // 2³² mod 3·2³⁰ is 2³⁰: a quarter of the words would make the lowest third twice as likely.
    const random = new Random(3);
    const thirds = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) thirds[Math.floor(random.below(3 * 2 ** 30) / 2 ** 30)]++;
    // Four standard deviations of 81.6.
    for (const count of thirds) expect(Math.abs(count - 10_000)).toBeLessThan(327);
    expect(random.below(1)).toBe(0);
  });

  test("has uniform and normal numbers of the right mean and variance", () => {
    const random = new Random(1);
    const n = 100_000;
    let uniform = 0;
    let normal = 0;
    let square = 0;
    for (let i = 0; i < n; i++) {
      uniform += random.uniform();
      const z = random.normal();
      normal += z;
      square += z * z;
    }
    // Four standard errors.
    expect(Math.abs(uniform / n - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(normal / n)).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(square / n - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  });

  test("permutes: every index once, and no position is favoured", () => {
    const random = new Random(3);
    const counts = new Float64Array(5);
    for (let i = 0; i < 5000; i++) {
      const order = random.permutation(5);
      expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
      counts[order[0]]++;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(800));
  });

  test.each([-1, 0.5, Number.NaN, "1", 2 ** 53])("refuses the seed %s", (seed) => {
    expect(() => new Random(seed as number)).toThrow(/seed must be an integer/);
  });
});
