import { instantiate } from "./compile.ts";
import type { Kernels, Pointer } from "./kernels.ts";
import { type Block, type BlockRequest, FIRST_BLOCK, type Layout, layout } from "./layout.ts";
import type { Precision, RealArray } from "./precision.ts";

const PAGE = 65_536;
const MAX_PAGES = 65_536;

interface Instance {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
}

/**
 * Released instances by precision and size, for the next workspace of that size: making one costs
 * some 75 µs, and engines limit how many memories may live.
 */
const pool = new Map<string, Instance[]>();
/** Pages that the pool may hold in all (64 MiB); what exceeds them is left to the garbage collector. */
const POOL_PAGES = 1024;
let pooledPages = 0;

function take(precision: Precision, pages: number): Instance {
  const idle = pool.get(`${precision}/${pages}`)?.pop();
  if (idle) {
    pooledPages -= pages;
    new Uint8Array(idle.memory.buffer, FIRST_BLOCK).fill(0);
    return idle;
  }
  // The memory never grows: views never detach, and no write through one is lost.
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const kernels = instantiate(precision, memory);
  if (kernels.firstFreeByte() > FIRST_BLOCK) {
    throw new Error(`the core's tables end at ${kernels.firstFreeByte()}, beyond the first block`);
  }
  return { memory, kernels };
}

function giveBack(precision: Precision, pages: number, instance: Instance): void {
  if (pooledPages + pages > POOL_PAGES) return;
  pooledPages += pages;
  const key = `${precision}/${pages}`;
  const idle = pool.get(key);
  if (idle) idle.push(instance);
  else pool.set(key, [instance]);
}

/**
 * A WebAssembly memory of exactly the size that its blocks need, zeroed, with one instance of the
 * core on it. `dispose` gives it back for reuse; its views must not be used after that.
 */
export class Workspace {
  readonly precision: Precision;
  readonly kernels: Kernels;
  readonly #layout: Layout;
  readonly #pages: number;
  readonly #instance: Instance;
  #disposed = false;

  constructor(requests: readonly BlockRequest[], precision: Precision) {
    this.precision = precision;
    this.#layout = layout(requests, precision);
    this.#pages = Math.ceil(this.#layout.bytes / PAGE);
    if (this.#pages > MAX_PAGES) {
      const gib = (this.#layout.bytes / 2 ** 30).toFixed(1);
      throw new RangeError(`this problem needs ${gib} GiB in one memory; WebAssembly allows 4`);
    }
    this.#instance = take(precision, this.#pages);
    this.kernels = this.#instance.kernels;
  }

  /** Whether it has a block of this name. */
  has(name: string): boolean {
    return this.#layout.blocks.has(name);
  }

  /** The byte offset of a block. */
  pointer(name: string): Pointer {
    return this.#block(name).offset;
  }

  /** The used elements of a "real" block, in the workspace's precision. */
  real(name: string): RealArray {
    const { offset, length } = this.#block(name);
    return this.realAt(offset, length);
  }

  /** `length` elements at a byte offset, in the workspace's precision. */
  realAt(offset: Pointer, length: number): RealArray {
    const { buffer } = this.#instance.memory;
    return this.precision === "f64"
      ? new Float64Array(buffer, offset, length)
      : new Float32Array(buffer, offset, length);
  }

  /** Bytes from an offset on. */
  bytesAt(offset: Pointer, length: number): Uint8Array {
    return new Uint8Array(this.#instance.memory.buffer, offset, length);
  }

  /** The elements of an "f64" block. */
  f64(name: string): Float64Array {
    const { offset, length } = this.#block(name);
    return new Float64Array(this.#instance.memory.buffer, offset, length);
  }

  /** The elements of a "u32" block. */
  u32(name: string): Uint32Array {
    const { offset, length } = this.#block(name);
    return new Uint32Array(this.#instance.memory.buffer, offset, length);
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    giveBack(this.precision, this.#pages, this.#instance);
  }

  #block(name: string): Block {
    const block = this.#layout.blocks.get(name);
    if (!block) throw new Error(`this workspace has no block "${name}"`);
    return block;
  }
}
