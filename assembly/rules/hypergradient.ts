// Rules that learn their rate from ⟨g, last direction⟩: the direction of each step is kept for the next inner product.
import { bytes, mulAdd, ratio, scalar, splat } from "../lanes";

/** b ← μb + g, direction ← g + μb, x ← x − α·direction. */
export function hypergradientNesterov(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const keep = scalar(scalars, 3);
  const size = bytes(n);
  const direction = state;
  const buffer = direction + size;
  for (let i: usize = 0; i < size; i += 16) {
    const gradient = v128.load(g + i);
    const velocity = mulAdd(keep, v128.load(buffer + i), gradient);
    const step = mulAdd(keep, velocity, gradient);
    v128.store(buffer + i, velocity);
    v128.store(direction + i, step);
    v128.store(x + i, v128.sub<real>(v128.load(x + i), v128.mul<real>(rate, step)));
  }
}

/** Adam whose direction m̂/(√v̂ + ε) is kept. */
export function hypergradientAdam(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const beta1 = scalar(scalars, 1);
  const take1 = scalar(scalars, 2);
  const beta2 = scalar(scalars, 3);
  const take2 = scalar(scalars, 4);
  const correction = scalar(scalars, 5);
  const rootScale = scalar(scalars, 6);
  const epsilon = scalar(scalars, 7);
  const zero = splat(0);
  const size = bytes(n);
  const direction = state;
  const m = direction + size;
  const v = m + size;
  for (let i: usize = 0; i < size; i += 16) {
    const gradient = v128.load(g + i);
    const first = mulAdd(beta1, v128.load(m + i), v128.mul<real>(take1, gradient));
    const second = mulAdd(beta2, v128.load(v + i), v128.mul<real>(v128.mul<real>(take2, gradient), gradient));
    v128.store(m + i, first);
    v128.store(v + i, second);
    const root = mulAdd(rootScale, v128.sqrt<real>(second), epsilon);
    const step = ratio(v128.mul<real>(correction, first), root, zero);
    v128.store(direction + i, step);
    v128.store(x + i, v128.sub<real>(v128.load(x + i), v128.mul<real>(rate, step)));
  }
}
