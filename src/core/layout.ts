import { elementBytes, type Precision, paddedLength } from "./precision.ts";

/** What an element of a block is: the workspace's precision, or a fixed type whatever the precision. */
export type ElementKind = "real" | "f64" | "u32";

/** A block of memory that an objective, a rule or a Krylov space asks for. */
export interface BlockRequest {
  readonly name: string;
  /** Elements that are used; the block is padded to whole registers by itself. */
  readonly length: number;
  /** Default "real". */
  readonly kind?: ElementKind;
}

/** A placed block. */
export interface Block {
  readonly offset: number;
  readonly length: number;
  readonly kind: ElementKind;
}

/** Where each block lies, and the bytes that all of them take from address 0 on. */
export interface Layout {
  readonly blocks: ReadonlyMap<string, Block>;
  readonly bytes: number;
}

/** Blocks start here: below lie the binary's own tables (checked when a workspace is made). */
export const FIRST_BLOCK = 32_768;

const REGISTER = 16;

/** Places the requested blocks one behind the other, each on 16 bytes and padded to whole registers. Pure. */
export function layout(requests: readonly BlockRequest[], precision: Precision): Layout {
  const blocks = new Map<string, Block>();
  let offset = FIRST_BLOCK;
  for (const { name, length, kind = "real" } of requests) {
    if (blocks.has(name)) throw new Error(`layout: two blocks are named "${name}"`);
    blocks.set(name, { offset, length, kind });
    const bytes =
      kind === "real"
        ? paddedLength(length, precision) * elementBytes[precision]
        : length * (kind === "f64" ? 8 : 4);
    offset += Math.ceil(bytes / REGISTER) * REGISTER;
  }
  return { blocks, bytes: offset };
}
