import { checkSeed } from "./check.ts";
import { describe } from "./describe.ts";
import { cos, log } from "./scalar.ts";
import { Workspace } from "./workspace.ts";

const BLOCKS = 64;
const WORDS = 4 * BLOCKS;
const TWO_PI = 6.283185307179586;

const isWord = (value: unknown) =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;

let workspace: Workspace | undefined;

/**
 * A counter-based random stream (Philox 4×32-10): the same seed and stream give the same numbers
 * in every engine, and streams of one seed are independent.
 *
 * @param seed - an integer in [0, 2⁵³)
 * @param stream - an integer in [0, 2³²), default 0
 * @throws RangeError if the seed or the stream is out of its domain
 *
 * @example
 * ```ts
 * import { Random } from "thalweg";
 * const random = new Random(0);
 * random.uint32(); // 1713891541
 * random.uniform(); // < 1
 * random.permutation(3).length; // 3
 * ```
 *
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
export class Random {
  readonly #seedLow: number;
  readonly #seedHigh: number;
  readonly #stream: number;
  #part = 0;
  readonly #words = new Uint32Array(WORDS);
  #block = 0;
  #used = WORDS;

  constructor(seed: number, stream = 0) {
    checkSeed("Random", seed);
    if (!isWord(stream))
      throw new RangeError(`Random: stream must be an integer in [0, 2^32), got ${describe(stream)}`);
    this.#seedLow = seed % 2 ** 32;
    this.#seedHigh = Math.floor(seed / 2 ** 32);
    this.#stream = stream;
  }

  /** The next 32 random bits. */
  uint32(): number {
    if (this.#used === WORDS) this.#refill();
    return this.#words[this.#used++];
  }

  /** Uniform in [0, 1), with 53 random bits. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 67_108_864 + low) / 9_007_199_254_740_992;
  }

  /** Standard normal (Box–Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * log(1 - this.uniform()));
    return radius * cos(TWO_PI * this.uniform());
  }

  /** A uniform integer in [0, bound), without modulo bias; bound is an integer in [1, 2³²]. */
  below(bound: number): number {
    if (!isWord(bound - 1))
      throw new RangeError(`Random.below: bound must be an integer in [1, 2^32], got ${describe(bound)}`);
    let word = this.uint32();
    // No limit lies lower: the division that finds it is seldom needed.
    if (word > 2 ** 32 - bound) {
      const limit = 2 ** 32 - (2 ** 32 % bound);
      while (word >= limit) word = this.uint32();
    }
    return word % bound;
  }

  /** The integers 0 … count − 1 in random order (Fisher–Yates); count is an integer in [0, 2³²). */
  permutation(count: number): Uint32Array {
    if (!isWord(count))
      throw new RangeError(
        `Random.permutation: count must be an integer in [0, 2^32), got ${describe(count)}`,
      );
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    this.shuffle(order);
    return order;
  }

  /** Puts entries [from, to) of `values` (default: all) in random order (Fisher–Yates). */
  shuffle(values: Uint32Array, from = 0, to = values.length): void {
    for (let i = to - from - 1; i > 0; i--) {
      const j = from + this.below(i + 1);
      const swapped = values[from + i];
      values[from + i] = values[j];
      values[j] = swapped;
    }
  }

  /** Goes to the beginning of a part of the stream, an integer in [0, 2³²); a new stream is at that of part 0. */
  seek(part: number): void {
    this.#part = part;
    this.#block = 0;
    this.#used = WORDS;
  }

  #refill(): void {
    workspace ??= new Workspace([{ name: "words", length: WORDS, kind: "u32" }], "f64");
    const { kernels } = workspace;
    const low = this.#block % 2 ** 32;
    const high = Math.floor(this.#block / 2 ** 32);
    kernels.philox(
      BLOCKS,
      low,
      high,
      this.#stream,
      this.#part,
      this.#seedLow,
      this.#seedHigh,
      workspace.pointer("words"),
    );
    this.#words.set(workspace.u32("words"));
    this.#block += BLOCKS;
    this.#used = 0;
  }
}
