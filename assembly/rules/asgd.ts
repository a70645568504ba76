// Averaged stochastic gradient descent: x ← (1 − λη)x − ηg, a ← a + μ(x − a), and a ← x where μ = 1.
import { bytes, inFours, mulAdd, scalar } from "../lanes";

// @ts-ignore: decorator
@inline
function update(
  x: usize, g: usize, average: usize,
  keep: v128, rate: v128, sign: v128, decay: v128, share: v128, all: v128,
): void {
  const before = v128.load(x);
  const gradient = mulAdd(decay, before, v128.mul<real>(sign, v128.load(g)));
  // A factor close to 1 costs f32 up to 3e-8 a step; PyTorch pays the same, and parity is with it.
  const after = v128.sub<real>(v128.mul<real>(keep, before), v128.mul<real>(rate, gradient));
  v128.store(x, after);
  const mean = v128.load(average);
  const moved = mulAdd(share, v128.sub<real>(after, mean), mean);
  v128.store(average, v128.bitselect(after, moved, all));
}

export function asgd(n: i32, x: usize, g: usize, average: usize, scalars: usize): void {
  const keep = scalar(scalars, 0);
  const rate = scalar(scalars, 1);
  const sign = scalar(scalars, 2);
  const decay = scalar(scalars, 3);
  const share = scalar(scalars, 4);
  const all = v128.eq<real>(share, scalar(scalars, 5));
  const size = bytes(n);
  const end = x + size;
  for (const fours = x + inFours(size); x < fours; x += 64, g += 64, average += 64) {
    update(x, g, average, keep, rate, sign, decay, share, all);
    update(x + 16, g + 16, average + 16, keep, rate, sign, decay, share, all);
    update(x + 32, g + 32, average + 32, keep, rate, sign, decay, share, all);
    update(x + 48, g + 48, average + 48, keep, rate, sign, decay, share, all);
  }
  for (; x < end; x += 16, g += 16, average += 16) {
    update(x, g, average, keep, rate, sign, decay, share, all);
  }
}
