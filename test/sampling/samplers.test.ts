import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { type Sampler, shuffle, stratified, withReplacement } from "../../src/sampling/index.ts";

/** A sampler of each kind on the same rows. */
const kinds: Readonly<Record<string, (rows: number, batchSize: number, seed?: number) => Sampler>> = {
  shuffle: (rows, batchSize, seed) => shuffle({ rows, batchSize, seed }),
  withReplacement: (rows, batchSize, seed) => withReplacement({ rows, batchSize, seed }),
  stratified: (rows, batchSize, seed) =>
    stratified({ labels: Array.from({ length: rows }, (_, i) => (i * i) % 7), batchSize, seed }),
};
const each = Object.entries(kinds);

const epochOf = (sampler: Sampler): number[][] => Array.from(sampler, (batch) => Array.from(batch));
const ascending = (rows: Iterable<number>): number[] => [...rows].sort((a, b) => a - b);
const upTo = (rows: number): number[] => Array.from({ length: rows }, (_, i) => i);

const sizes = fc
  .record({
    rows: fc.integer({ min: 1, max: 90 }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    seed: fc.nat(),
  })
  .map(({ rows, part, seed }) => ({ rows, seed, batchSize: 1 + Math.floor(part * (rows - 1)) }));

describe.each(each)("%s", (name, make) => {
  test("[minibatch] gives batches that depend on seed, epoch and position alone", () => {
    const all = (seed: number) => {
      const sampler = make(50, 8, seed);
      return [epochOf(sampler), epochOf(sampler), epochOf(sampler)];
    };
    const [first, second, third] = all(5);
    expect(all(5)).toEqual([first, second, third]);
    expect(all(6)).not.toEqual([first, second, third]);
    expect(all(2 ** 40)).not.toEqual(all(0));
    expect(second).not.toEqual(first);
    const later = make(50, 8, 0);
    later.restore({ seed: 5, epoch: 2, position: 4 });
    expect(epochOf(later)).toEqual(third.slice(4));
  });

  test("[minibatch] goes on where a saved state stood, wherever that was", () => {
    fc.assert(
      fc.property(sizes, fc.nat(20), ({ rows, batchSize, seed }, before) => {
        const sampler = make(rows, batchSize, seed);
        for (let k = 0; k < before; k++) sampler.draw();
        const saved = JSON.parse(JSON.stringify(sampler.state()));
        const expected = Array.from({ length: 10 }, () => [...sampler.draw()]);
        const other = make(rows, batchSize);
        other.draw();
        other.restore(saved);
        expect(Array.from({ length: 10 }, () => [...other.draw()])).toEqual(expected);
        expect(other.state()).toEqual(sampler.state());
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  test("knows where it stands", () => {
    const sampler = make(10, 4, 3);
    expect(sampler).toMatchObject({ rows: 10, batchSize: 4, batchesPerEpoch: 3, epoch: 0, position: 0 });
    sampler.draw();
    expect(sampler.state()).toEqual({ seed: 3, epoch: 0, position: 1 });
    sampler.draw();
    sampler.draw();
    expect(sampler.state()).toEqual({ seed: 3, epoch: 1, position: 0 });
    expect([...sampler]).toHaveLength(3);
    expect(sampler.epoch).toBe(2);
  });

  test("hands out one view, rewritten by the next draw", () => {
    const sampler = make(8, 2);
    const view = sampler.draw();
    const first = [...view];
    expect(sampler.draw()).toBe(view);
    expect([...view]).not.toEqual(first);
  });

  test("has every row in every place equally often", () => {
    const rows = 12;
    const epochs = 4000;
    const counts = Array.from({ length: 3 }, () => new Float64Array(rows));
    const sampler = make(rows, 5, 9);
    for (let e = 0; e < epochs; e++) {
      epochOf(sampler).forEach((batch, k) => {
        for (const row of batch) counts[k][row]++;
      });
    }
    counts.forEach((count, k) => {
      const share = name !== "withReplacement" && k === 2 ? 2 / rows : 5 / rows;
      // Five standard deviations: 36 counts, and more where a row may occur twice.
      const spread = 5 * Math.sqrt(epochs * share);
      for (const c of count) expect(Math.abs(c - epochs * share)).toBeLessThan(spread);
    });
  });

  test.each([
    [{ seed: -1 }, "seed must be an integer in [0, 2^53), got -1"],
    [{ epoch: 0.5 }, "epoch must lie in the integers from 0"],
    [{ position: 3 }, "position must lie in the integers from 0 below 3, got 3"],
    [{ position: "0" }, 'position must be a number in the integers from 0 below 3, got "0"'],
  ])("refuses a state that is none by name, and stays as it was (%#)", (part, message) => {
    const sampler = make(10, 4, 1);
    sampler.draw();
    const state = { ...sampler.state(), ...part } as never;
    expect(() => sampler.restore(state)).toThrow(`${name}: ${message}`);
    expect(() => sampler.restore(undefined as never)).toThrow(`${name}: a state must be`);
    expect(sampler.state()).toEqual({ seed: 1, epoch: 0, position: 1 });
  });
});

describe.each(each.filter(([name]) => name !== "withReplacement"))("%s", (_, make) => {
  test("[minibatch] takes every row once an epoch, the last batch having what is left", () => {
    fc.assert(
      fc.property(sizes, ({ rows, batchSize, seed }) => {
        const sampler = make(rows, batchSize, seed);
        for (let e = 0; e < 3; e++) {
          const epoch = epochOf(sampler);
          expect(ascending(epoch.flat())).toEqual(upTo(rows));
          const last = rows % batchSize || batchSize;
          expect(epoch.map(({ length }) => length)).toEqual(
            epoch.map((_, k) => (k === epoch.length - 1 ? last : batchSize)),
          );
          expect(epoch).toHaveLength(sampler.batchesPerEpoch);
        }
      }),
      { numRuns: 100, seed: 2 },
    );
  });
});

test("dropLast leaves out the last batch where it is smaller, other rows each epoch", () => {
  const labels = upTo(10).map((i) => i % 2);
  for (const sampler of [
    shuffle({ rows: 10, batchSize: 4, dropLast: true }),
    stratified({ labels, batchSize: 4, dropLast: true }),
  ]) {
    const missing = new Set<number>();
    for (let e = 0; e < 20; e++) {
      const epoch = epochOf(sampler);
      expect(epoch.map(({ length }) => length)).toEqual([4, 4]);
      expect(new Set(epoch.flat()).size).toBe(8);
      for (const row of upTo(10)) if (!epoch.flat().includes(row)) missing.add(row);
    }
    expect(missing.size).toBe(10);
  }
  expect(epochOf(shuffle({ rows: 8, batchSize: 4, dropLast: true }))).toHaveLength(2);
});

test("withReplacement repeats rows, has whole batches only, and batches larger than the data", () => {
  const epoch = epochOf(withReplacement({ rows: 10, batchSize: 4, seed: 2 }));
  expect(epoch.map(({ length }) => length)).toEqual([4, 4, 4]);
  const large = withReplacement({ rows: 3, batchSize: 20 });
  expect(large.batchesPerEpoch).toBe(1);
  expect(new Set(large.draw())).toEqual(new Set([0, 1, 2]));
});

test("[minibatch] stratified batches hold of each class its share, rounded down or up", () => {
  const classes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(classes, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (counts, part, seed) => {
      const sorted = counts.flatMap((count, c) => new Array<string>(count).fill(`class ${c}`));
      const labels = Array.from(new Random(seed).permutation(sorted.length), (i) => sorted[i]);
      const rows = labels.length;
      const batchSize = 1 + Math.floor(part * (rows - 1));
      const sampler = stratified({ labels, batchSize, seed });
      for (let e = 0; e < 2; e++) {
        for (const batch of epochOf(sampler)) {
          counts.forEach((count, c) => {
            const share = (batch.length * count) / rows;
            const here = batch.filter((row) => labels[row] === `class ${c}`).length;
            expect(here).toBeGreaterThanOrEqual(Math.floor(share + 1e-9));
            expect(here).toBeLessThanOrEqual(Math.ceil(share - 1e-9));
          });
        }
      }
    }),
    { numRuns: 300, seed: 3 },
  );
});

describe("samplers refuse by name:", () => {
  test.each([
    [() => shuffle({ rows: 0, batchSize: 1 }), "shuffle: rows must lie in the integers from 1 to"],
    [
      () => shuffle({ rows: 5, batchSize: 6 }),
      "shuffle: batchSize must lie in the integers from 1 to 5, got 6",
    ],
    [() => shuffle({ rows: 5, batchSize: 1.5 }), "batchSize must lie in the integers from 1 to 5, got 1.5"],
    [() => shuffle({ rows: 5 } as never), "shuffle: batchSize must be a number in"],
    [
      () => shuffle({ rows: 5, batchSize: 2, seed: -1 }),
      "shuffle: seed must be an integer in [0, 2^53), got -1",
    ],
    [() => shuffle({ rows: 5, batchSize: 2, dropLast: 1 as never }), "dropLast must be true or false, got 1"],
    [() => shuffle({ rows: 5, size: 2 } as never), 'unknown option "size"'],
    [() => shuffle(undefined as never), "shuffle: options must be an object, got undefined"],
    [() => withReplacement({ rows: 5, batchSize: 0 }), "withReplacement: batchSize must lie in"],
    [() => withReplacement({ rows: 5, batchSize: 2, dropLast: true } as never), 'unknown option "dropLast"'],
    [() => stratified({ labels: [], batchSize: 1 }), "stratified: labels must not be empty"],
    [
      () => stratified({ labels: 7 as never, batchSize: 1 }),
      "labels must be an array of one label a row, got 7",
    ],
    [() => stratified({ labels: [1, "a"], batchSize: 1 }), 'labels must be of one kind, got "a" in row 1'],
    [
      () => stratified({ labels: [1, 2], batchSize: 3 }),
      "batchSize must lie in the integers from 1 to 2, got 3",
    ],
  ])("%#", (make, message) => {
    expect(make).toThrow(message);
  });
});
