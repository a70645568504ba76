// A batch: what lies at some rows of a block, by their indices (u32), one behind the other.
import { bytes, inFours } from "../lanes";

/** Copies rows of `stride` elements, and clears the rows of padding up to a multiple of four. */
export function gatherRows(count: i32, indices: usize, stride: i32, from: usize, to: usize): void {
  const pitch = bytes(stride), toFour = inFours(pitch);
  for (const end = indices + ((<usize>count) << 2); indices < end; indices += 4) {
    const row = from + (<usize>load<u32>(indices)) * pitch;
    let j: usize = 0;
    for (; j < toFour; j += 64) {
      const p = row + j, q = to + j;
      const a = v128.load(p), b = v128.load(p, 16), c = v128.load(p, 32), d = v128.load(p, 48);
      v128.store(q, a);
      v128.store(q, b, 16);
      v128.store(q, c, 32);
      v128.store(q, d, 48);
    }
    for (; j < pitch; j += 16) v128.store(to + j, v128.load(row + j));
    to += pitch;
  }
  memory.fill(to, 0, (<usize>(-count & 3)) * pitch);
}

/** Copies one `real` a row, and clears those of padding up to a multiple of four. */
export function gatherReals(count: i32, indices: usize, from: usize, to: usize): void {
  for (const end = indices + ((<usize>count) << 2); indices < end; indices += 4) {
    store<real>(to, load<real>(from + (<usize>load<u32>(indices)) * sizeof<real>()));
    to += sizeof<real>();
  }
  memory.fill(to, 0, bytes(-count & 3));
}

/** Copies one u32 a row. */
export function gatherWords(count: i32, indices: usize, from: usize, to: usize): void {
  for (const end = indices + ((<usize>count) << 2); indices < end; indices += 4) {
    store<u32>(to, load<u32>(from + ((<usize>load<u32>(indices)) << 2)));
    to += 4;
  }
}
