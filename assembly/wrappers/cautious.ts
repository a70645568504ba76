// Cautious updates: only what goes against the gradient is kept of a step.
import { bytes, countLanes, countedLanes, held, mulAdd, splat } from "../lanes";

/** Whether the step from `before` to `x` goes down the slope, lane by lane; by signs alone, so that no product underflows. */
// @ts-ignore: decorator
@inline
function goesDown(before: v128, x: v128, g: v128, zero: v128): v128 {
  return v128.or(
    v128.and(v128.lt<real>(x, before), v128.gt<real>(g, zero)),
    v128.and(v128.gt<real>(x, before), v128.lt<real>(g, zero)),
  );
}

/**
 * x ← before + factor·(x − before) where that step goes against g, else before; factor is `length` over the
 * number of these, at most `most`. A step that is NaN stays NaN. Returns their number.
 */
export function keepDescending(n: i32, length: f64, most: f64, before: usize, g: usize, x: usize): f64 {
  const zero = splat(0);
  const size = bytes(n);
  let counts = zero;
  for (let i: usize = 0; i < size; i += 16) {
    const down = goesDown(v128.load(before + i), v128.load(x + i), v128.load(g + i), zero);
    counts = countLanes(counts, down);
  }
  const kept = countedLanes(counts);
  if (kept == length) return kept;
  const factor = held(min(length / kept, most));
  for (let i: usize = 0; i < size; i += 16) {
    const from = v128.load(before + i);
    const to = v128.load(x + i);
    const down = goesDown(from, to, v128.load(g + i), zero);
    const step = v128.and(v128.sub<real>(to, from), v128.or(down, v128.ne<real>(to, to)));
    v128.store(x + i, mulAdd(factor, step, from));
  }
  return kept;
}
