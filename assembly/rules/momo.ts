// MoMo in two passes: the averages ahead of the measures, and the step along what was averaged.
import { bytes, inFours, mulAdd, ratio, scalar, splat } from "../lanes";

// @ts-ignore: decorator
@inline
function average(g: usize, m: usize, keep: v128, take: v128): void {
  v128.store(m, mulAdd(keep, v128.load(m), v128.mul<real>(take, v128.load(g))));
}

// The step takes the first two slots: the direction, and where x was.

/** m ← βm + (1−β)g. */
export function momoAverage(n: i32, x: usize, g: usize, m: usize, scalars: usize): void {
  const keep = scalar(scalars, 0);
  const take = scalar(scalars, 1);
  const size = bytes(n);
  const end = m + size;
  for (const fours = m + inFours(size); m < fours; g += 64, m += 64) {
    average(g, m, keep, take);
    average(g + 16, m + 16, keep, take);
    average(g + 32, m + 32, keep, take);
    average(g + 48, m + 48, keep, take);
  }
  for (; m < end; g += 16, m += 16) average(g, m, keep, take);
}

/** m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², direction ← m/(√v̂ + ε). */
export function momoAdamAverage(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const keep1 = scalar(scalars, 0);
  const take1 = scalar(scalars, 1);
  const keep2 = scalar(scalars, 2);
  const take2 = scalar(scalars, 3);
  const rootScale = scalar(scalars, 4);
  const epsilon = scalar(scalars, 5);
  const zero = splat(0);
  const size = bytes(n);
  const direction = state;
  const m = direction + 2 * size;
  const v = m + size;
  for (let i: usize = 0; i < size; i += 16) {
    const gradient = v128.load(g + i);
    const first = mulAdd(keep1, v128.load(m + i), v128.mul<real>(take1, gradient));
    const second = mulAdd(keep2, v128.load(v + i), v128.mul<real>(v128.mul<real>(take2, gradient), gradient));
    v128.store(m + i, first);
    v128.store(v + i, second);
    const root = mulAdd(rootScale, v128.sqrt<real>(second), epsilon);
    v128.store(direction + i, ratio(first, root, zero));
  }
}

// @ts-ignore: decorator
@inline
function update(x: usize, direction: usize, before: usize, shrink: v128, rate: v128): void {
  const parameter = v128.load(x);
  v128.store(before, parameter);
  const step = mulAdd(shrink, parameter, v128.mul<real>(rate, v128.load(direction)));
  v128.store(x, v128.sub<real>(parameter, step));
}

/** x ← x − (τ·direction + shrink·x). */
export function momoStep(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const shrink = scalar(scalars, 0);
  const rate = scalar(scalars, 1);
  const size = bytes(n);
  const end = x + size;
  let direction = state;
  let before = state + size;
  for (const fours = x + inFours(size); x < fours; x += 64, direction += 64, before += 64) {
    update(x, direction, before, shrink, rate);
    update(x + 16, direction + 16, before + 16, shrink, rate);
    update(x + 32, direction + 32, before + 32, shrink, rate);
    update(x + 48, direction + 48, before + 48, shrink, rate);
  }
  for (; x < end; x += 16, direction += 16, before += 16) update(x, direction, before, shrink, rate);
}
