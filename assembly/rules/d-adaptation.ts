// D-Adaptation. The distance d stands in the scalars; what it follows from is measured elsewhere.
import { between, bytes, inFours, mulAdd, ratio, scalar, splat } from "../lanes";

// @ts-ignore: decorator
@inline
function updateSgd(
  x: usize, g: usize, s: usize, start: usize, rate: v128, scale: v128, take: v128, zero: v128,
): void {
  const gradient = v128.load(g);
  // A scale that is not finite leaves gradients of 0, and so the padding, at 0.
  const scaled = v128.and(v128.mul<real>(scale, gradient), v128.ne<real>(gradient, zero));
  const sum = mulAdd(rate, scaled, v128.load(s));
  v128.store(s, sum);
  const z = v128.sub<real>(v128.load(start), sum);
  v128.store(x, between(v128.load(x), z, take));
}

/** s ← s + η·(c·g), x ← μx + (1−μ)(x₀ − s). */
export function dAdaptSgd(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const scale = scalar(scalars, 1);
  const take = scalar(scalars, 2);
  const zero = splat(0);
  const size = bytes(n);
  const end = x + size;
  let s = state;
  let start = state + size;
  for (const fours = x + inFours(size); x < fours; x += 64, g += 64, s += 64, start += 64) {
    updateSgd(x, g, s, start, rate, scale, take, zero);
    updateSgd(x + 16, g + 16, s + 16, start + 16, rate, scale, take, zero);
    updateSgd(x + 32, g + 32, s + 32, start + 32, rate, scale, take, zero);
    updateSgd(x + 48, g + 48, s + 48, start + 48, rate, scale, take, zero);
  }
  for (; x < end; x += 16, g += 16, s += 16, start += 16) {
    updateSgd(x, g, s, start, rate, scale, take, zero);
  }
}

/** Adam with the rate in its first moment; s sums the gradients, q is s over the root, for the next inner product. */
export function dAdaptAdam(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const decay = scalar(scalars, 0);
  const beta1 = scalar(scalars, 1);
  const take1 = scalar(scalars, 2);
  const beta2 = scalar(scalars, 3);
  const take2 = scalar(scalars, 4);
  const beta3 = scalar(scalars, 5);
  const take3 = scalar(scalars, 6);
  const epsilon = scalar(scalars, 7);
  const shrink = scalar(scalars, 8);
  const zero = splat(0);
  const size = bytes(n);
  const m = state;
  const v = m + size;
  const s = v + size;
  const q = s + size;
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const gradient = mulAdd(decay, parameter, v128.load(g + i));
    const first = mulAdd(beta1, v128.load(m + i), v128.mul<real>(take1, gradient));
    const second = mulAdd(beta2, v128.load(v + i), v128.mul<real>(v128.mul<real>(take2, gradient), gradient));
    const sum = mulAdd(beta3, v128.load(s + i), v128.mul<real>(take3, gradient));
    v128.store(m + i, first);
    v128.store(v + i, second);
    v128.store(s + i, sum);
    const root = v128.add<real>(v128.sqrt<real>(second), epsilon);
    v128.store(q + i, ratio(sum, root, zero));
    const step = mulAdd(shrink, parameter, ratio(first, root, zero));
    v128.store(x + i, v128.sub<real>(parameter, step));
  }
}
