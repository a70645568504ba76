// Gradient descent that remembers where it was: x ← x − η·(s·g), with the last x and the last g kept as the state.
import { bytes, inFours, scalar, splat } from "../lanes";

// @ts-ignore: decorator
@inline
function update(x: usize, g: usize, before: usize, gradientBefore: usize, rate: v128, scale: v128, zero: v128): void {
  const parameter = v128.load(x);
  const gradient = v128.load(g);
  v128.store(before, parameter);
  v128.store(gradientBefore, gradient);
  // A scale that is not finite leaves gradients of 0, and so the padding, at 0.
  const step = v128.and(v128.mul<real>(scale, gradient), v128.ne<real>(gradient, zero));
  v128.store(x, v128.sub<real>(parameter, v128.mul<real>(rate, step)));
}

export function secantDescent(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const scale = scalar(scalars, 1);
  const zero = splat(0);
  const size = bytes(n);
  const end = x + size;
  let before = state;
  let gradientBefore = state + size;
  for (const fours = x + inFours(size); x < fours; x += 64, g += 64, before += 64, gradientBefore += 64) {
    update(x, g, before, gradientBefore, rate, scale, zero);
    update(x + 16, g + 16, before + 16, gradientBefore + 16, rate, scale, zero);
    update(x + 32, g + 32, before + 32, gradientBefore + 32, rate, scale, zero);
    update(x + 48, g + 48, before + 48, gradientBefore + 48, rate, scale, zero);
  }
  for (; x < end; x += 16, g += 16, before += 16, gradientBefore += 16) {
    update(x, g, before, gradientBefore, rate, scale, zero);
  }
}
