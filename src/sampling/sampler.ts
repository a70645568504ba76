import { checkNumber, checkSeed } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { Random } from "../core/random.ts";

/** The stream of a seed that batches draw from, so that they share no number with splits. */
const STREAM = 0x62617463;

/** Where a sampler stands: plain numbers, to be saved. */
export interface SamplerState {
  /** What the order of every epoch follows from. */
  readonly seed: number;
  /** Epochs finished. */
  readonly epoch: number;
  /** Batches drawn of the one that has begun. */
  readonly position: number;
}

/**
 * A source of mini-batches: epoch after epoch, each a sequence of batches that follows from the seed and
 * the epoch alone. `for (const batch of sampler)` draws the rest of the epoch.
 */
export interface Sampler extends Iterable<Uint32Array> {
  /** The rows that batches are of. */
  readonly rows: number;
  /** Rows of a batch; the last one of an epoch may have fewer. */
  readonly batchSize: number;
  /** Batches of an epoch. */
  readonly batchesPerEpoch: number;
  /** Epochs finished: the one that the coming batch belongs to, from 0. */
  readonly epoch: number;
  /** Batches drawn of that epoch. */
  readonly position: number;
  /** The rows of the next batch: one view, rewritten by the next call. */
  draw(): Uint32Array;
  /** Where the sampler stands. */
  state(): SamplerState;
  /** Goes to where a sampler of the same kind and sizes stood. */
  restore(state: SamplerState): void;
}

/** How a kind of sampler orders an epoch. */
export interface EpochPlan {
  /** What messages call the sampler. */
  readonly name: string;
  readonly rows: number;
  readonly batchSize: number;
  readonly batchesPerEpoch: number;
  /** Rows that the batches of an epoch hold together. */
  readonly drawn: number;
  /** Rows that `order` writes: those beyond `drawn` are left out. */
  readonly ordered: number;
  /** Writes the rows of an epoch, batch after batch. */
  order(random: Random, rows: Uint32Array): void;
}

/** A sampler that orders an epoch when it begins, and hands it out batch by batch. */
export class EpochSampler implements Sampler {
  readonly rows: number;
  readonly batchSize: number;
  readonly batchesPerEpoch: number;
  readonly #plan: EpochPlan;
  /** The batch, then the epoch's order, in one array: a batch is copied within it, without a new view. */
  readonly #memory: Uint32Array;
  readonly #order: Uint32Array;
  readonly #whole: Uint32Array;
  readonly #last: Uint32Array;
  #seed: number;
  #random: Random;
  #epoch = 0;
  #position = 0;
  #orderedEpoch = -1;

  constructor(plan: EpochPlan, seed: number) {
    const { rows, batchSize, batchesPerEpoch, drawn, ordered } = plan;
    this.#plan = plan;
    this.rows = rows;
    this.batchSize = batchSize;
    this.batchesPerEpoch = batchesPerEpoch;
    this.#seed = seed;
    this.#random = new Random(seed, STREAM);
    this.#memory = new Uint32Array(batchSize + ordered);
    this.#order = this.#memory.subarray(batchSize);
    this.#whole = this.#memory.subarray(0, batchSize);
    this.#last = this.#memory.subarray(0, drawn - (batchesPerEpoch - 1) * batchSize);
  }

  get epoch(): number {
    return this.#epoch;
  }

  get position(): number {
    return this.#position;
  }

  draw(): Uint32Array {
    if (this.#orderedEpoch !== this.#epoch) {
      this.#random.seek(this.#epoch % 2 ** 32);
      this.#plan.order(this.#random, this.#order);
      this.#orderedEpoch = this.#epoch;
    }
    const isLast = this.#position === this.batchesPerEpoch - 1;
    const batch = isLast ? this.#last : this.#whole;
    const from = this.batchSize * (1 + this.#position);
    this.#memory.copyWithin(0, from, from + batch.length);
    this.#position = isLast ? 0 : this.#position + 1;
    if (isLast) this.#epoch++;
    return batch;
  }

  *[Symbol.iterator](): Generator<Uint32Array, void, undefined> {
    const { epoch } = this;
    while (this.#epoch === epoch) yield this.draw();
  }

  state(): SamplerState {
    return { seed: this.#seed, epoch: this.#epoch, position: this.#position };
  }

  restore(state: SamplerState): void {
    const { name } = this.#plan;
    if (typeof state !== "object" || state === null) {
      throw new TypeError(`${name}: a state must be { seed, epoch, position }, got ${describe(state)}`);
    }
    const { seed, epoch, position } = state;
    checkSeed(name, seed);
    checkIndex(name, "epoch", epoch, 2 ** 53);
    checkIndex(name, "position", position, this.batchesPerEpoch);
    this.#seed = seed;
    this.#random = new Random(seed, STREAM);
    this.#epoch = epoch;
    this.#position = position;
    this.#orderedEpoch = -1;
  }
}

function checkIndex(owner: string, name: string, value: unknown, end: number): asserts value is number {
  checkNumber(owner, name, value, `the integers from 0 below ${end}`, (v) => {
    return Number.isSafeInteger(v) && v >= 0 && v < end;
  });
}

/** The most rows that there can be: indices have 32 bits. */
const MOST_ROWS = 2 ** 32 - 1;

/** Throws unless there is an integer number of rows. */
export function checkRows(owner: string, rows: unknown): asserts rows is number {
  checkNumber(owner, "rows", rows, `the integers from 1 to ${MOST_ROWS}`, (v) => {
    return Number.isSafeInteger(v) && v >= 1 && v <= MOST_ROWS;
  });
}

/** Throws unless a batch has from 1 to `most` rows. */
export function checkBatchSize(owner: string, batchSize: unknown, most: number): asserts batchSize is number {
  checkNumber(owner, "batchSize", batchSize, `the integers from 1 to ${most}`, (v) => {
    return Number.isSafeInteger(v) && v >= 1 && v <= most;
  });
}

/** Batches of an epoch that draws each row once, and the rows that they hold. */
export function partition(
  owner: string,
  rows: number,
  batchSize: number,
  dropLast: unknown,
): Pick<EpochPlan, "batchesPerEpoch" | "drawn"> {
  if (typeof dropLast !== "boolean") {
    throw new TypeError(`${owner}: dropLast must be true or false, got ${describe(dropLast)}`);
  }
  if (!dropLast) return { batchesPerEpoch: Math.ceil(rows / batchSize), drawn: rows };
  const batchesPerEpoch = Math.floor(rows / batchSize);
  return { batchesPerEpoch, drawn: batchesPerEpoch * batchSize };
}

/** Whether a value can serve as a sampler. */
export function isSampler(value: unknown): value is Sampler {
  if (typeof value !== "object" || value === null) return false;
  const { rows, batchSize, batchesPerEpoch, draw } = value as Partial<Sampler>;
  return [rows, batchSize, batchesPerEpoch].every(Number.isSafeInteger) && typeof draw === "function";
}
