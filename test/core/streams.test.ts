import { describe, expect, test } from "vitest";
import { normalCdf } from "../../src/core/normal.ts";
import type { Precision } from "../../src/core/precision.ts";
import { Random } from "../../src/core/random.ts";
import { cos, log, sin } from "../../src/core/scalar.ts";
import { Workspace } from "../../src/core/workspace.ts";

const STREAMS = 16;
const DRAWN = 32;

/** Numbers of 16 streams, one row a stream: `draws` times 32 each. */
function draw(
  precision: Precision,
  {
    streams,
    part,
    seed,
    draws,
    firstBlocks = new Array<number>(STREAMS).fill(0),
  }: {
    readonly streams: readonly number[];
    readonly part: number;
    readonly seed: number;
    readonly draws: number;
    readonly firstBlocks?: readonly number[];
  },
): Float64Array[] {
  const words = ["streams", "blocks"].map((name) => ({ name, length: STREAMS, kind: "u32" }) as const);
  const workspace = new Workspace([...words, { name: "out", length: STREAMS * DRAWN }], precision);
  try {
    const { kernels } = workspace;
    workspace.u32("streams").set(streams);
    workspace.u32("blocks").set(firstBlocks);
    kernels.setStreamKey(seed % 2 ** 32, Math.floor(seed / 2 ** 32));
    const rows = streams.map(() => new Float64Array(DRAWN * draws));
    const [at, blocks, out] = ["streams", "blocks", "out"].map((name) => workspace.pointer(name));
    for (let d = 0; d < draws; d++) {
      kernels.drawStreams(at, blocks, part, out);
      const drawn = workspace.real("out");
      rows.forEach((row, stream) => {
        for (let i = 0; i < DRAWN; i++) row[d * DRAWN + i] = drawn[i * STREAMS + stream];
      });
      const used = workspace.u32("blocks");
      for (let i = 0; i < STREAMS; i++) used[i] += DRAWN / (precision === "f64" ? 2 : 4);
    }
    return rows;
  } finally {
    workspace.dispose();
  }
}

/** Which streams: neighbours, far ones, and the last. */
const streams = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1000, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 2, 2 ** 32 - 1, 77];
const seed = 2 ** 33 + 12_345;

describe("normal numbers of many streams", () => {
  test("are in f64 Box and Muller's of each stream's own random numbers", () => {
    const rows = draw("f64", { streams, part: 3, seed, draws: 4 });
    streams.forEach((stream, lane) => {
      const random = new Random(seed, stream);
      random.seek(3);
      for (let i = 0; i < 4 * DRAWN; i += 2) {
        const radius = Math.sqrt(-2 * log(1 - random.uniform()));
        const angle = 2 * Math.PI * random.uniform();
        expect(Math.abs(rows[lane][i] - radius * cos(angle))).toBeLessThan(4e-15);
        expect(Math.abs(rows[lane][i + 1] - radius * sin(angle))).toBeLessThan(4e-15);
      }
    });
  });

  test("are in f32 Box and Muller's of two words each, 31 and 24 bits of them", () => {
    const rows = draw("f32", { streams, part: 3, seed, draws: 4 });
    streams.forEach((stream, lane) => {
      const random = new Random(seed, stream);
      random.seek(3);
      for (let i = 0; i < 4 * DRAWN; i += 2) {
        const radius = Math.sqrt(-2 * log((Math.floor(random.uint32() / 2) + 0.5) / 2 ** 31));
        const angle = (2 * Math.PI * Math.floor(random.uint32() / 2 ** 8)) / 2 ** 24;
        expect(Math.abs(rows[lane][i] - radius * cos(angle))).toBeLessThan(6e-6);
        expect(Math.abs(rows[lane][i + 1] - radius * sin(angle))).toBeLessThan(6e-6);
      }
    });
  });

  test.each(["f64", "f32"] as const)(
    "do not depend on their place, nor on where a draw begins, in %s",
    (precision) => {
      const rows = draw(precision, { streams, part: 1, seed: 6, draws: 2 });
      const turned = draw(precision, { streams: [...streams].reverse(), part: 1, seed: 6, draws: 2 });
      expect([...turned].reverse()).toEqual(rows);
      const half = DRAWN / (precision === "f64" ? 2 : 4);
      const firstBlocks = streams.map((_, lane) => (lane % 2) * half);
      const shifted = draw(precision, { streams, part: 1, seed: 6, draws: 1, firstBlocks });
      shifted.forEach((row, lane) => {
        expect(row).toEqual(rows[lane].subarray((lane % 2) * DRAWN, (1 + (lane % 2)) * DRAWN));
      });
      // Another part and another seed are other numbers.
      for (const other of [
        { part: 2, seed: 6 },
        { part: 1, seed: 6 + 2 ** 32 },
      ]) {
        expect(draw(precision, { streams, ...other, draws: 2 })[0]).not.toEqual(rows[0]);
      }
    },
  );

  test.each(["f64", "f32"] as const)("are normally distributed and independent, in %s", (precision) => {
    const rows = draw(precision, { streams: streams.map((_, i) => i), part: 0, seed: 11, draws: 500 });
    const all = rows.flatMap((row) => [...row]).sort((a, b) => a - b);
    const count = all.length;
    // Kolmogorov and Smirnov: √n times the largest distance is above 1.95 with a probability of 0.1%.
    let apart = 0;
    all.forEach((z, i) => {
      const p = normalCdf(z);
      apart = Math.max(apart, Math.abs(p - i / count), Math.abs(p - (i + 1) / count));
    });
    expect(apart * Math.sqrt(count)).toBeLessThan(1.95);
    const mean = (f: (z: number) => number) => all.reduce((sum, z) => sum + f(z), 0) / count;
    // Four standard errors: those of z², z³ and z⁴ are √2, √15 and √96 over √n.
    expect(Math.abs(mean((z) => z * z) - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(Math.abs(mean((z) => z ** 3))).toBeLessThan(4 * Math.sqrt(15 / count));
    expect(Math.abs(mean((z) => z ** 4) - 3)).toBeLessThan(4 * Math.sqrt(96 / count));
    const { length } = rows[0];
    const product = (a: Float64Array, b: Float64Array) => a.reduce((sum, z, i) => sum + z * b[i], 0);
    for (let i = 0; i < STREAMS; i++) {
      // The next number of the same stream, and the same one of the next: 4.5 standard errors for 32 looks.
      expect(Math.abs(product(rows[i].subarray(1), rows[i].subarray(0, length - 1)))).toBeLessThan(
        4.5 * Math.sqrt(length),
      );
      expect(Math.abs(product(rows[i], rows[(i + 1) % STREAMS]))).toBeLessThan(4.5 * Math.sqrt(length));
    }
  });
});
