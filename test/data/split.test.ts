import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ClassificationDataset,
  parseCsv,
  type RegressionDataset,
  type SplitOptions,
  trainTestSplit,
} from "../../src/data/index.ts";

function numbers(rows: number): RegressionDataset {
  const features = Float64Array.from({ length: 2 * rows }, (_, i) => i);
  const targets = Float64Array.from({ length: rows }, (_, i) => -i);
  return { task: "regression", columns: ["a", "b"], rows, features, target: "y", targets };
}

function labels(sizes: readonly number[]): ClassificationDataset {
  const targets = Uint32Array.from(sizes.flatMap((size, k) => new Array<number>(size).fill(k)));
  const classes = sizes.map((_, k) => `class ${k}`);
  const { columns, rows, features, target } = numbers(targets.length);
  return { task: "classification", columns, rows, features, target, targets, classes };
}

const fraction = fc.double({ min: 0.001, max: 0.999, noNaN: true });
const seed = fc.nat();

it("divides the rows: each is in one part only, in the order and with the values it had", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 60 }), fraction, seed, (rows, testFraction, seed) => {
      const data = numbers(rows);
      const { train, test, trainRows, testRows } = trainTestSplit(data, { testFraction, seed });
      const all = [...trainRows, ...testRows].sort((a, b) => a - b);
      expect(all).toEqual([...Array(rows).keys()]);
      for (const [part, from] of [
        [train, trainRows],
        [test, testRows],
      ] as const) {
        expect(part.rows).toBe(from.length);
        expect(part.rows).toBeGreaterThanOrEqual(1);
        expect([...part.targets]).toEqual(Array.from(from, (row) => data.targets[row]));
        expect([...part.features]).toEqual(Array.from(from).flatMap((row) => [2 * row, 2 * row + 1]));
        expect([...from]).toEqual([...from].sort((a, b) => a - b));
      }
      const wanted = Math.min(rows - 1, Math.max(1, Math.round(testFraction * rows)));
      expect(test.rows).toBe(wanted);
    }),
  );
});

it("depends on the seed alone", () => {
  const rows = (options: SplitOptions) => [...trainTestSplit(numbers(100), options).testRows];
  const first = rows({ testFraction: 0.25, seed: 7 });
  expect(rows({ testFraction: 0.25, seed: 7 })).toEqual(first);
  expect(rows({ testFraction: 0.25, seed: 8 })).not.toEqual(first);
  expect(rows({ testFraction: 0.25 })).toEqual(rows({ testFraction: 0.25, seed: 0 }));
});

it("holds every row out equally often", () => {
  const counts = new Array<number>(10).fill(0);
  for (let seed = 0; seed < 2000; seed++) {
    for (const row of trainTestSplit(numbers(10), { testFraction: 0.3, seed }).testRows) counts[row]++;
  }
  // Binomial with n = 2000, p = 0.3: mean 600, deviation 20.5; 4.5 deviations.
  for (const count of counts) expect(Math.abs(count - 600)).toBeLessThan(92);
});

describe("a classification", () => {
  it("keeps the shares of its classes within a row, and a training row of each", () => {
    const sizes = fc.array(fc.integer({ min: 2, max: 30 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(
        sizes,
        fc.double({ min: 0.05, max: 0.5, noNaN: true }),
        seed,
        (sizes, testFraction, seed) => {
          const data = labels(sizes);
          const { train, test } = trainTestSplit(data, { testFraction, seed });
          expect(test.classes).toEqual(data.classes);
          const wanted = Math.max(1, Math.round(testFraction * data.rows));
          expect(test.rows).toBe(Math.min(wanted, data.rows - sizes.length));
          sizes.forEach((size, k) => {
            const held = test.targets.filter((target) => target === k).length;
            expect(Math.abs(held - (size * test.rows) / data.rows)).toBeLessThanOrEqual(1);
            expect(train.targets.filter((target) => target === k).length).toBe(size - held);
            expect(held).toBeLessThan(size);
          });
        },
      ),
    );
  });

  it("holds out ten of each iris at a fifth", () => {
    const text = readFileSync(new URL("iris.csv", import.meta.url), "utf8");
    const iris = parseCsv(text, { target: "species", task: "classification" });
    const { train, test } = trainTestSplit(iris, { testFraction: 0.2, seed: 3 });
    for (const k of [0, 1, 2]) {
      expect(train.targets.filter((target) => target === k).length).toBe(40);
      expect(test.targets.filter((target) => target === k).length).toBe(10);
    }
  });

  it("gives up test rows rather than the last training row of a class", () => {
    const { train, test } = trainTestSplit(labels([1, 1, 4]), { testFraction: 0.9 });
    expect([...train.targets].sort()).toEqual([0, 1, 2]);
    expect([...test.targets]).toEqual([2, 2, 2]);
  });
});

it("holds nothing out at fraction 0", () => {
  const { train, test } = trainTestSplit(numbers(5), { testFraction: 0 });
  expect([train.rows, test.rows, test.features.length]).toEqual([5, 0, 0]);
});

it("refuses what cannot be", () => {
  const split = (options: unknown, data: RegressionDataset | ClassificationDataset = numbers(5)) =>
    expect(() => trainTestSplit(data, options as SplitOptions));
  split({ testFraction: 1 }).toThrow("trainTestSplit: testFraction must lie in [0, 1), got 1");
  split({ testFraction: Number.NaN }).toThrow("testFraction must lie in [0, 1), got NaN");
  split({}).toThrow("testFraction must lie in [0, 1), got undefined");
  split({ testFraction: 0.2, seed: -1 }).toThrow("seed must be an integer");
  split({ fraction: 0.2 }).toThrow('trainTestSplit: unknown option "fraction"; ');
  split({ testFraction: 0.2 }, numbers(1)).toThrow("no row can be held out: there are fewer than 2");
  split({ testFraction: 0.2 }, labels([1, 1])).toThrow("no row can be held out: no class has more than one");
});
