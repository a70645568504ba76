import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { leastSquares } from "../../src/objectives/least-squares.ts";
import { logisticRegression } from "../../src/objectives/logistic.ts";
import type { Objective } from "../../src/objectives/objective.ts";
import { softmaxRegression } from "../../src/objectives/softmax.ts";
import { normalRows, normals } from "./plain.ts";
import { distance, Probe, relativeDistance } from "./probe.ts";

interface Model {
  readonly name: string;
  readonly classes: number;
  make(rows: readonly Float64Array[], targets: readonly number[]): Objective;
}

const l2 = 0.125;
const softmax = (classes: number): Model => ({
  name: `softmax of ${classes}`,
  classes,
  make: (rows, labels) =>
    softmaxRegression(rows, labels, { l2, classes: Array.from({ length: classes }, (_, c) => c) }),
});
const models: readonly Model[] = [
  {
    name: "least squares",
    classes: 1,
    make: (rows, targets) => leastSquares(rows, targets, { l2, intercept: true }),
  },
  { name: "logistic", classes: 2, make: (rows, labels) => logisticRegression(rows, labels, { l2 }) },
  softmax(3),
  softmax(10),
];

/** Widths and numbers of rows around lanes (2, 4), blocks of four and chunks (32). */
const shapes: readonly [rows: number, columns: number][] = [
  [9, 1],
  [9, 3],
  [13, 5],
  [40, 8],
  [101, 17],
];

function data(model: Model, rows: number, columns: number, seed: number) {
  const random = new Random(seed);
  const features = normalRows(random, rows, columns);
  // The first rows hold each class, so that the objective on any rows that include them knows all.
  const targets = features.map((_, i) => {
    if (model.classes === 1) return Math.fround(random.normal());
    return i < model.classes ? i % model.classes : random.below(model.classes);
  });
  return { features, targets, random };
}

/** Batches of every size up to nine, of chunks and their neighbours; some rows occur more than once. */
function batchesOf(rows: number, random: Random): Uint32Array[] {
  return [2, 3, 4, 5, 6, 7, 8, 9, 31, 32, 33, 65].map((size) =>
    Uint32Array.from({ length: size }, (_, i) => (i < 2 ? i : random.below(rows))),
  );
}

const tolerance = { f64: 1e-13, f32: 2e-6 } as const;

describe.each(["f64", "f32"] as const)("a batch in %s", (precision) => {
  test.each(models)(
    "[minibatch] of $name gives what the objective built on these rows alone gives",
    (model) => {
      shapes.forEach(([rows, columns], seed) => {
        const { features, targets, random } = data(model, rows, columns, seed);
        const objective = model.make(features, targets);
        const probe = new Probe(objective.withBatches!(65), precision);
        const w = normals(random, objective.dimension);
        const v = normals(random, objective.dimension);
        for (const batch of batchesOf(rows, random)) {
          const alone = new Probe(
            model.make(
              Array.from(batch, (row) => features[row]),
              Array.from(batch, (row) => targets[row]),
            ),
            precision,
          ).at(w);
          probe.at(w).bound.selectRows!(batch);
          const where = `${batch.length} of ${rows} × ${columns}`;
          const bound = tolerance[precision];
          const { value, gradient } = probe.valueAndGradient();
          const expected = alone.valueAndGradient();
          expect(Math.abs(value - expected.value) / expected.value, where).toBeLessThan(bound);
          expect(relativeDistance(gradient, expected.gradient), where).toBeLessThan(bound);
          const product = alone.product(v);
          expect(relativeDistance(probe.product(v), product), where).toBeLessThan(bound);
          expect(probe.productError(), where).toBeGreaterThan(0);
          expect(probe.intact).toBe(true);
          alone.workspace.dispose();
        }
        probe.workspace.dispose();
      });
    },
  );

  test.each(models)("of $name is over when all rows are selected again", (model) => {
    const { features, targets, random } = data(model, 30, 4, 7);
    const objective = model.make(features, targets);
    const w = normals(random, objective.dimension);
    const v = normals(random, objective.dimension);
    const plain = new Probe(objective, precision).at(w);
    const probe = new Probe(objective.withBatches!(8), precision).at(w);
    probe.product(v);
    probe.bound.selectRows!(Uint32Array.of(3, 1, 2, 2, 29));
    probe.product(v);
    expect(probe.valueAndGradient()).not.toEqual(plain.valueAndGradient());
    probe.bound.selectRows!(undefined);
    expect(probe.valueAndGradient()).toEqual(plain.valueAndGradient());
    expect(probe.product(v)).toEqual(plain.product(v));
    expect(probe.productError()).toBe(plain.productError());
  });

  test("does not remember a larger one before it", () => {
    const { features, targets, random } = data(models[0], 12, 3, 8);
    const probe = new Probe(models[0].make(features, targets).withBatches!(12), precision);
    probe.at(normals(random, 4)).bound.selectRows!(Uint32Array.of(5));
    const first = probe.valueAndGradient();
    probe.bound.selectRows!(Uint32Array.from({ length: 12 }, (_, i) => i));
    probe.bound.selectRows!(Uint32Array.of(5));
    expect(probe.valueAndGradient()).toEqual(first);
  });
});

test("a batch of the longest rows claims no smaller an error of its products than they have", () => {
  const random = new Random(12);
  const features = normalRows(random, 4000, 12);
  const targets = normals(random, 4000);
  // Both precisions hold these, so that they differ by rounding alone.
  for (let i = 0; i < 4; i++) features[i] = features[i].map((entry) => 4096 * entry);
  const objective = leastSquares(features, targets).withBatches!(4);
  const v = normals(random, 12);
  const [exact, rounded] = (["f64", "f32"] as const).map((precision) => {
    const probe = new Probe(objective, precision).at(v);
    probe.bound.selectRows!(Uint32Array.of(0, 1, 2, 3));
    return { product: probe.product(v), claimed: probe.productError() };
  });
  const error = distance(exact.product, rounded.product);
  expect(error).toBeGreaterThan(0);
  expect(rounded.claimed).toBeGreaterThan(error);
});

describe("memory for batches", () => {
  const { features, targets } = data(models[0], 12, 3, 9);
  const objective = models[0].make(features, targets);
  const elements = (o: Objective) => o.memory("f64").reduce((sum, { length }) => sum + length, 0);

  test("is asked for by who wants them, and by nobody else", () => {
    const without = elements(objective);
    const withEight = elements(objective.withBatches!(8));
    // Eight rows of three features and an intercept with a target and an index each; the record has eight words.
    expect(withEight - without).toBe(8 * (4 + 1 + 1) + 8);
    expect(objective.withBatches!(8).withBatches!(4)).toMatchObject({ name: "leastSquares", rows: 12 });
    expect(elements(objective.withBatches!(8).withBatches!(4))).toBeLessThan(withEight);
  });

  test.each([
    [Uint32Array.of(), "from 1 to 4 rows here, got 0"],
    [Uint32Array.of(0, 1, 2, 3, 4), "from 1 to 4 rows here, got 5"],
    [Uint32Array.of(0, 12), "row 12 of a batch does not exist: there are 12"],
  ])("that a batch does not fit is an error that changes nothing (%#)", (batch, message) => {
    const probe = new Probe(objective.withBatches!(4)).at([1, 2, 3, 4]);
    probe.bound.selectRows!(Uint32Array.of(7, 2));
    const before = probe.valueAndGradient();
    expect(() => probe.bound.selectRows!(batch)).toThrow(message);
    expect(probe.valueAndGradient()).toEqual(before);
  });

  test("that was not asked for is missed by name", () => {
    const probe = new Probe(objective);
    expect(() => probe.bound.selectRows!(Uint32Array.of(1))).toThrow("from 1 to 0 rows here, got 1");
    expect(() => objective.withBatches!(0)).toThrow(
      "withBatches: size must lie in the integers from 1, got 0",
    );
  });
});
