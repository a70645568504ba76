import { checkKeys, checkSeed } from "../core/check.ts";
import { checkBatchSize, checkRows, EpochSampler, partition, type Sampler } from "./sampler.ts";

/** Options of {@link shuffle}. */
export interface ShuffleOptions {
  /** Rows to draw from: an integer ≥ 1. */
  readonly rows: number;
  /** Rows of a batch: an integer in [1, rows]. */
  readonly batchSize: number;
  /** An integer in [0, 2⁵³), default 0. */
  readonly seed?: number;
  /** Leave out the last batch of an epoch where it would be smaller; default false. */
  readonly dropLast?: boolean;
}

/**
 * Mini-batches without replacement: each epoch takes all rows in a new random order, each once. The
 * last batch of an epoch has what is left.
 *
 * @param options.rows - rows to draw from: an integer ≥ 1
 * @param options.batchSize - rows of a batch: an integer in [1, rows]
 * @param options.seed - an integer in [0, 2⁵³), default 0
 * @param options.dropLast - leave out the last batch of an epoch where it would be smaller; default false
 * @throws TypeError or RangeError naming the option that is wrong
 *
 * @example
 * ```ts
 * import { shuffle } from "thalweg";
 * const sampler = shuffle({ rows: 10, batchSize: 4, seed: 1 });
 * const sizes = [];
 * for (const batch of sampler) sizes.push(batch.length); // one epoch
 * sizes; // [4, 4, 2]
 * sampler.state(); // { seed: 1, epoch: 1, position: 0 }
 * ```
 *
 * Source: Fisher–Yates shuffle (Knuth, "The art of computer programming" 2, algorithm 3.4.2P); why to
 * shuffle: Bottou, "Curiously fast convergence of some stochastic gradient descent algorithms", 2009.
 */
export function shuffle(options: ShuffleOptions): Sampler {
  const name = "shuffle";
  checkKeys(name, options, ["rows", "batchSize", "seed", "dropLast"]);
  const { rows, batchSize, seed = 0, dropLast = false } = options;
  checkRows(name, rows);
  checkBatchSize(name, batchSize, rows);
  checkSeed(name, seed);
  return new EpochSampler(
    {
      name,
      rows,
      batchSize,
      ...partition(name, rows, batchSize, dropLast),
      ordered: rows,
      order(random, order) {
        for (let i = 0; i < rows; i++) order[i] = i;
        random.shuffle(order);
      },
    },
    seed,
  );
}
