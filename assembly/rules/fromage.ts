// Fromage: x ← x − (f·(s·g) + d·x), where 1 − d shrinks x back to its length.
import { bytes, inFours, mulAdd, scalar, splat } from "../lanes";

// @ts-ignore: decorator
@inline
function update(x: usize, g: usize, factor: v128, scale: v128, shrink: v128, zero: v128): void {
  const parameter = v128.load(x);
  const gradient = v128.load(g);
  // As in gradientDescentScaled: the padding stays at 0 whatever the norms are.
  const unit = v128.and(v128.mul<real>(scale, gradient), v128.ne<real>(gradient, zero));
  v128.store(x, v128.sub<real>(parameter, mulAdd(shrink, parameter, v128.mul<real>(factor, unit))));
}

export function fromage(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const factor = scalar(scalars, 0);
  const scale = scalar(scalars, 1);
  const shrink = scalar(scalars, 2);
  const zero = splat(0);
  const size = bytes(n);
  const end = x + size;
  for (const fours = x + inFours(size); x < fours; x += 64, g += 64) {
    update(x, g, factor, scale, shrink, zero);
    update(x + 16, g + 16, factor, scale, shrink, zero);
    update(x + 32, g + 32, factor, scale, shrink, zero);
    update(x + 48, g + 48, factor, scale, shrink, zero);
  }
  for (; x < end; x += 16, g += 16) update(x, g, factor, scale, shrink, zero);
}
