// Mechanic: the rule's way from a reference, and the parameters at a multiple of it.
import { bytes, held, mulAdd } from "../lanes";

/**
 * Begins a step. What others have done to x since it was written as r + s·Δ moves the reference; then x is kept in
 * `before`, or, for a rule that goes on from a point of its own, taken from there.
 */
export function rebase(n: i32, own: bool, scale: f64, offset: usize, reference: usize, before: usize, x: usize): void {
  const factor = held(scale);
  const size = bytes(n);
  for (let i: usize = 0; i < size; i += 16) {
    const base = v128.load(reference + i);
    const moved = v128.sub<real>(v128.load(x + i), mulAdd(factor, v128.load(offset + i), base));
    v128.store(reference + i, v128.add<real>(base, moved));
  }
  memory.copy(own ? x : before, own ? before : x, size);
}

/** Ends a step: Δ ← Δ + (x − before), before ← x, x ← r + s·Δ. */
export function rescale(n: i32, scale: f64, reference: usize, offset: usize, before: usize, x: usize): void {
  const factor = held(scale);
  const size = bytes(n);
  for (let i: usize = 0; i < size; i += 16) {
    const stepped = v128.load(x + i);
    const way = v128.add<real>(v128.load(offset + i), v128.sub<real>(stepped, v128.load(before + i)));
    v128.store(offset + i, way);
    v128.store(before + i, stepped);
    v128.store(x + i, mulAdd(factor, way, v128.load(reference + i)));
  }
}
