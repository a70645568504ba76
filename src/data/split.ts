import { checkKeys, checkSeed } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { Random } from "../core/random.ts";
import type { Dataset } from "./dataset.ts";

/** The stream of a seed that splits draw from, so that they share no number with start or mini-batches. */
const STREAM = 0x73706c74;

/** How to hold rows out. */
export interface SplitOptions {
  /** The share of rows that go to the test set, in [0, 1). */
  readonly testFraction: number;
  /** An integer in [0, 2⁵³). Default 0. */
  readonly seed?: number;
}

/** A dataset in two parts that share no row; each keeps the order of the whole. */
export interface Split<D extends Dataset> {
  /** The rows to fit. */
  readonly train: D;
  /** The rows held out. */
  readonly test: D;
  /** Where each row of `train` stands in the whole, from 0. */
  readonly trainRows: Uint32Array;
  /** Where each row of `test` stands in the whole, from 0. */
  readonly testRows: Uint32Array;
}

function takeRows<D extends Dataset>(dataset: D, rows: Uint32Array): D {
  const width = dataset.columns.length;
  const features = new Float64Array(rows.length * width);
  const targets = dataset.targets.slice(0, rows.length);
  rows.forEach((row, i) => {
    features.set(dataset.features.subarray(row * width, (row + 1) * width), i * width);
    targets[i] = dataset.targets[row];
  });
  return { ...dataset, rows: rows.length, features, targets };
}

/**
 * Shares `wanted` test rows among groups in proportion to their sizes (largest remainders, ties to the
 * first), leaving every group at least one row.
 */
function apportion(sizes: readonly number[], wanted: number): number[] {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const shares = sizes.map((size) => Math.floor((size * wanted) / all));
  let left = wanted - shares.reduce((sum, share) => sum + share, 0);
  const remainder = (k: number) => (sizes[k] * wanted) % all;
  const order = [...sizes.keys()].sort((a, b) => remainder(b) - remainder(a) || a - b);
  while (left > 0) {
    for (const k of order) {
      if (left > 0 && shares[k] < sizes[k] - 1) {
        shares[k]++;
        left--;
      }
    }
  }
  return shares;
}

/**
 * Holds out a random share of the rows. A classification is stratified: the classes keep their shares as
 * nearly as whole rows allow, and each keeps at least one training row, if need be at the cost of the
 * test set's size. Above fraction 0, each part has at least one row.
 * The same dataset, fraction and seed give the same split in every engine.
 *
 * @param dataset - what `parseCsv` has read
 * @param options.testFraction - the share of rows to hold out, in [0, 1)
 * @param options.seed - an integer in [0, 2⁵³), default 0
 * @throws TypeError or RangeError if an option is out of its domain, or no row can be held out
 *
 * @example
 * ```ts
 * import { parseCsv, trainTestSplit } from "thalweg/data";
 * const text = "a,b\n1,no\n2,yes\n3,no\n4,yes\n5,no\n6,yes\n";
 * const dataset = parseCsv(text, { target: "b", task: "classification" });
 * const { train, test } = trainTestSplit(dataset, { testFraction: 1 / 3, seed: 1 });
 * train.rows; // 4
 * test.targets; // [0, 1] (one row of either class)
 * ```
 *
 * Source: Fisher–Yates shuffle (Knuth, "The art of computer programming" 2, algorithm 3.4.2P); shares
 * by largest remainders (Hamilton 1792).
 */
export function trainTestSplit<D extends Dataset>(dataset: D, options: SplitOptions): Split<D> {
  checkKeys("trainTestSplit", options, ["testFraction", "seed"]);
  const { testFraction, seed = 0 } = options;
  checkSeed("trainTestSplit", seed);
  if (typeof testFraction !== "number" || !(testFraction >= 0 && testFraction < 1)) {
    throw new RangeError(`trainTestSplit: testFraction must lie in [0, 1), got ${describe(testFraction)}`);
  }
  const { rows } = dataset;
  const order = new Random(seed, STREAM).permutation(rows);
  const classes = dataset.task === "classification" ? dataset.classes.length : 1;
  const groupOf = (row: number) => (dataset.task === "classification" ? dataset.targets[row] : 0);
  const sizes = new Array<number>(classes).fill(0);
  for (let row = 0; row < rows; row++) sizes[groupOf(row)]++;
  const most = rows - sizes.filter((size) => size > 0).length;
  const wanted = testFraction === 0 ? 0 : Math.min(most, Math.max(1, Math.round(testFraction * rows)));
  if (testFraction > 0 && wanted < 1) {
    const why = classes === 1 ? "there are fewer than 2" : "no class has more than one";
    throw new RangeError(`trainTestSplit: no row can be held out: ${why}`);
  }
  const shares = apportion(sizes, wanted);
  const held = new Uint8Array(rows);
  for (const row of order) {
    if (shares[groupOf(row)] > 0) {
      shares[groupOf(row)]--;
      held[row] = 1;
    }
  }
  const indices = Uint32Array.from(order.keys());
  const trainRows = indices.filter((row) => held[row] === 0);
  const testRows = indices.filter((row) => held[row] === 1);
  return { train: takeRows(dataset, trainRows), test: takeRows(dataset, testRows), trainRows, testRows };
}
