import { checkKeys, checkSeed } from "../core/check.ts";
import { checkBatchSize, checkRows, EpochSampler, type Sampler } from "./sampler.ts";

/** Options of {@link withReplacement}. */
export interface WithReplacementOptions {
  /** Rows to draw from: an integer ≥ 1. */
  readonly rows: number;
  /** Rows of a batch: an integer ≥ 1; may be more than there are. */
  readonly batchSize: number;
  /** An integer in [0, 2⁵³), default 0. */
  readonly seed?: number;
}

/** Largest batch: an epoch of few rows still has to fit in an array. */
const MOST = 2 ** 31;

/**
 * Mini-batches with replacement: each row of each batch is drawn from all rows, independently. An epoch
 * is as many batches as it takes to draw at least as many rows as there are; none is smaller.
 *
 * @param options.rows - rows to draw from: an integer ≥ 1
 * @param options.batchSize - rows of a batch: an integer ≥ 1; may be more than there are
 * @param options.seed - an integer in [0, 2⁵³), default 0
 * @throws TypeError or RangeError naming the option that is wrong
 *
 * @example
 * ```ts
 * import { withReplacement } from "thalweg";
 * const sampler = withReplacement({ rows: 10, batchSize: 4 });
 * sampler.batchesPerEpoch; // 3
 * sampler.draw().length; // 4
 * ```
 *
 * Source: Robbins and Monro, "A stochastic approximation method", Annals of Mathematical Statistics 22, 1951.
 */
export function withReplacement(options: WithReplacementOptions): Sampler {
  const name = "withReplacement";
  checkKeys(name, options, ["rows", "batchSize", "seed"]);
  const { rows, batchSize, seed = 0 } = options;
  checkRows(name, rows);
  checkBatchSize(name, batchSize, MOST);
  checkSeed(name, seed);
  const batchesPerEpoch = Math.ceil(rows / batchSize);
  const drawn = batchesPerEpoch * batchSize;
  return new EpochSampler(
    {
      name,
      rows,
      batchSize,
      batchesPerEpoch,
      drawn,
      ordered: drawn,
      order(random, order) {
        for (let i = 0; i < order.length; i++) order[i] = random.below(rows);
      },
    },
    seed,
  );
}
