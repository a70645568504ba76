import { isList } from "../core/array-input.ts";
import { checkKeys, checkSeed } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import type { Random } from "../core/random.ts";
import { type Label, readLabels } from "../objectives/labels.ts";
import { checkBatchSize, EpochSampler, partition, type Sampler } from "./sampler.ts";

/** Options of {@link stratified}. */
export interface StratifiedOptions {
  /** The class of each row: all numbers, all strings or all booleans. */
  readonly labels: ArrayLike<Label>;
  /** Rows of a batch: an integer from 1 to the number of labels. */
  readonly batchSize: number;
  /** An integer in [0, 2⁵³), default 0. */
  readonly seed?: number;
  /** Leave out the last batch of an epoch where it would be smaller; default false. */
  readonly dropLast?: boolean;
}

/** Each class's rows, one class behind the other, and where each begins. */
interface Strata {
  readonly rows: Uint32Array;
  /** One more than there are classes. */
  readonly starts: Uint32Array;
}

function stratify(indices: Uint32Array, classes: number): Strata {
  const starts = new Uint32Array(classes + 1);
  for (const c of indices) starts[c + 1]++;
  for (let c = 0; c < classes; c++) starts[c + 1] += starts[c];
  const next = starts.slice();
  const rows = new Uint32Array(indices.length);
  indices.forEach((c, row) => {
    rows[next[c]++] = row;
  });
  return { rows, starts };
}

/**
 * Orders an epoch: batch after batch, each of `batchSize` rows and the last of what is left, with the
 * classes in proportion.
 *
 * A full batch takes the whole part of each class's quota. The rest of the classes, laid one behind the
 * other and dealt around the batches in random order, gives every batch the same number of rows, and no
 * batch two of one class (McNaughton's wrap-around). What the smaller last batch takes beyond whole parts is
 * drawn by systematic sampling, with the fractions as probabilities; so every row is as likely in every
 * batch as any other.
 */
class Dealer {
  readonly #strata: Strata;
  readonly #members: Uint32Array;
  readonly #deal: Uint32Array;
  /** Where each batch's next row goes. */
  readonly #ends: Uint32Array;
  readonly #batchSize: number;

  constructor(strata: Strata, batchSize: number) {
    const full = Math.floor(strata.rows.length / batchSize);
    this.#strata = strata;
    this.#batchSize = batchSize;
    this.#members = new Uint32Array(strata.rows.length);
    this.#deal = new Uint32Array(full);
    this.#ends = new Uint32Array(full + 1);
  }

  order(random: Random, order: Uint32Array): void {
    const { rows, starts } = this.#strata;
    const members = this.#members;
    const deal = this.#deal;
    const ends = this.#ends;
    const size = this.#batchSize;
    const all = rows.length;
    const full = deal.length;
    const left = all - full * size;
    for (let k = 0; k <= full; k++) ends[k] = k * size;
    for (let k = 0; k < full; k++) deal[k] = k;
    random.shuffle(deal);
    members.set(rows);
    let ticket = random.below(all);
    let dealt = 0;
    for (let c = 0; c + 1 < starts.length; c++) {
      const count = starts[c + 1] - starts[c];
      random.shuffle(members, starts[c], starts[c + 1]);
      let from = starts[c];
      // Of every `all` tickets one wins; a class holds as many as its quota's fraction has of 1/all.
      ticket += (count * left) % all;
      let inLast = Math.floor((count * left) / all);
      if (ticket >= all) {
        ticket -= all;
        inLast++;
      }
      for (; inLast > 0; inLast--) order[ends[full]++] = members[from++];
      const whole = Math.floor((count * size) / all);
      for (let k = 0; whole > 0 && k < full; k++) {
        for (let i = 0; i < whole; i++) order[ends[k]++] = members[from++];
      }
      while (from < starts[c + 1]) {
        order[ends[deal[dealt]]++] = members[from++];
        dealt = dealt + 1 === full ? 0 : dealt + 1;
      }
    }
  }
}

/**
 * Mini-batches without replacement whose classes are in proportion: each epoch takes each row once, and
 * each batch has of each class its share of the batch, rounded down or up. Every row is equally likely
 * in every batch, so gradients are as unbiased as those of `shuffle`, with less noise where it comes from
 * the classes.
 *
 * @param options.labels - the class of each row: all numbers, all strings or all booleans
 * @param options.batchSize - rows of a batch: an integer from 1 to the number of labels
 * @param options.seed - an integer in [0, 2⁵³), default 0
 * @param options.dropLast - leave out the last batch of an epoch where it would be smaller; default false
 * @throws TypeError or RangeError naming the option, or the row whose label is wrong
 *
 * @example
 * ```ts
 * import { stratified } from "thalweg";
 * const labels = ["a", "b", "b", "a", "b", "b"];
 * const counts = [];
 * for (const batch of stratified({ labels, batchSize: 3 })) {
 *   counts.push(batch.filter((row) => labels[row] === "a").length);
 * }
 * counts; // [1, 1]
 * ```
 *
 * Source: stratified and systematic sampling: Cochran, "Sampling techniques", 1977, §5 and §8; the
 * wrap-around: McNaughton, "Scheduling with deadlines and loss functions", Management Science 6, 1959.
 */
export function stratified(options: StratifiedOptions): Sampler {
  const name = "stratified";
  checkKeys(name, options, ["labels", "batchSize", "seed", "dropLast"]);
  const { labels, batchSize, seed = 0, dropLast = false } = options;
  if (!isList(labels)) {
    throw new TypeError(`${name}: labels must be an array of one label a row, got ${describe(labels)}`);
  }
  if (labels.length === 0) throw new RangeError(`${name}: labels must not be empty`);
  const rows = labels.length;
  const { classes, indices } = readLabels(name, labels, rows);
  checkBatchSize(name, batchSize, rows);
  checkSeed(name, seed);
  const dealer = new Dealer(stratify(indices, classes.length), batchSize);
  return new EpochSampler(
    {
      name,
      rows,
      batchSize,
      ...partition(name, rows, batchSize, dropLast),
      ordered: rows,
      order: (random, order) => dealer.order(random, order),
    },
    seed,
  );
}
