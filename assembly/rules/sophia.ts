// Sophia: m ← β₁m + (1−β₁)g, h ← β₂h + (1−β₂)ĥ, x ← x − η(clip(m/max(γh, ε), 1) + λx).
import { bytes, larger, mulAdd, ratio, scalar, splat } from "../lanes";

// @ts-ignore: decorator
@inline
function step(
  n: i32, x: usize, g: usize, state: usize, scalars: usize, diagonal: usize, delayed: bool,
): void {
  const rate = scalar(scalars, 0);
  const shrink = scalar(scalars, 1);
  const beta1 = scalar(scalars, 2);
  const beta1Rest = scalar(scalars, 3);
  const keep = scalar(scalars, 4);
  const take = scalar(scalars, 5);
  const gamma = scalar(scalars, 6);
  const epsilon = scalar(scalars, 7);
  const zero = splat(0);
  const size = bytes(n);
  const h = state + size;
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const first = mulAdd(beta1, v128.load(state + i), v128.mul<real>(beta1Rest, v128.load(g + i)));
    const before = v128.load(h + i);
    const curvature = mulAdd(keep, before, v128.mul<real>(take, v128.load(diagonal + i)));
    v128.store(state + i, first);
    v128.store(h + i, curvature);
    // A quotient clipped to 1 is one whose denominator is at least its numerator.
    const least = larger(v128.mul<real>(gamma, delayed ? before : curvature), epsilon);
    const clipped = ratio(first, larger(least, v128.abs<real>(first)), zero);
    const taken = mulAdd(shrink, parameter, v128.mul<real>(rate, clipped));
    v128.store(x + i, v128.sub<real>(parameter, taken));
  }
}

export function sophia(
  n: i32, x: usize, g: usize, state: usize, scalars: usize, diagonal: usize,
): void {
  step(n, x, g, state, scalars, diagonal, false);
}

/** The step still takes the h of before. */
export function sophiaDelayed(
  n: i32, x: usize, g: usize, state: usize, scalars: usize, diagonal: usize,
): void {
  step(n, x, g, state, scalars, diagonal, true);
}
