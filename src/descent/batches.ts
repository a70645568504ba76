import { checkCount } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { isSampler, type Sampler } from "../sampling/sampler.ts";

/** How to descend in mini-batches. */
export interface BatchOptions {
  /**
   * Where each step's rows are drawn from, such as `shuffle({ rows, batchSize: 32 })`: value and gradient are then
   * those of a batch, except at the point after the last step, where they are those of all rows. The sampler goes
   * on from where it stands.
   */
  readonly batches?: Sampler;
  /** Stop after this many times the batches of an epoch: an integer ≥ 0. Needs `batches`. */
  readonly epochs?: number;
}

/** Names of the options of {@link BatchOptions}. */
export const batchOptionNames = ["batches", "epochs"] as const;

/** Throws where an option of mini-batches is out of its domain. */
export function checkBatches(owner: string, { batches, epochs }: BatchOptions): void {
  if (batches !== undefined && !isSampler(batches)) {
    throw new TypeError(
      `${owner}: batches must be a sampler such as shuffle({ rows, batchSize }), got ${describe(batches)}`,
    );
  }
  checkCount(owner, "epochs", epochs);
  if (epochs !== undefined && !batches) {
    throw new TypeError(`${owner}: epochs needs batches, which says what an epoch is`);
  }
}

/** The steps that options allow: the fewer of `steps` and `epochs`; `usual` where there is neither. */
export function stepsAllowed(options: BatchOptions & { readonly steps?: number }, usual: number): number {
  const { steps, batches, epochs } = options;
  if (!batches || epochs === undefined) return steps ?? usual;
  return Math.min(steps ?? Infinity, epochs * batches.batchesPerEpoch);
}

/** Throws where batches are given for what looks at all rows. */
export function refuseBatches(owner: string, { batches }: BatchOptions, what: string): void {
  if (batches) throw new TypeError(`${owner}: ${what}`);
}
