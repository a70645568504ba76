// Momentum of gradients over a norm, for LARS and NovoGrad: b ← μb + f·(s·g) + λx, x ← x − η·b; in Nesterov's form.
import { bytes, inFours, mulAdd, scalar, splat } from "../lanes";

// @ts-ignore: decorator
@inline
function update(
  nesterov: bool, x: usize, g: usize, buffer: usize,
  rate: v128, keep: v128, factor: v128, scale: v128, decay: v128, zero: v128,
): void {
  const parameter = v128.load(x);
  const gradient = v128.load(g);
  // A scale that is not finite (of a norm that is not) leaves gradients of 0, and so the padding, at 0.
  const unit = v128.and(v128.mul<real>(scale, gradient), v128.ne<real>(gradient, zero));
  const taken = mulAdd(decay, parameter, v128.mul<real>(factor, unit));
  let step = mulAdd(keep, v128.load(buffer), taken);
  v128.store(buffer, step);
  if (nesterov) step = mulAdd(keep, step, taken);
  v128.store(x, v128.sub<real>(parameter, v128.mul<real>(rate, step)));
}

// @ts-ignore: decorator
@inline
function descend(nesterov: bool, n: i32, x: usize, g: usize, buffer: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const keep = scalar(scalars, 1);
  const factor = scalar(scalars, 2);
  const scale = scalar(scalars, 3);
  const decay = scalar(scalars, 4);
  const zero = splat(0);
  const size = bytes(n);
  const end = x + size;
  for (const fours = x + inFours(size); x < fours; x += 64, g += 64, buffer += 64) {
    update(nesterov, x, g, buffer, rate, keep, factor, scale, decay, zero);
    update(nesterov, x + 16, g + 16, buffer + 16, rate, keep, factor, scale, decay, zero);
    update(nesterov, x + 32, g + 32, buffer + 32, rate, keep, factor, scale, decay, zero);
    update(nesterov, x + 48, g + 48, buffer + 48, rate, keep, factor, scale, decay, zero);
  }
  for (; x < end; x += 16, g += 16, buffer += 16) {
    update(nesterov, x, g, buffer, rate, keep, factor, scale, decay, zero);
  }
}

export function normedMomentum(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  descend(false, n, x, g, state, scalars);
}

export function normedNesterov(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  descend(true, n, x, g, state, scalars);
}
