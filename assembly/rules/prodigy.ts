// Prodigy: Adam with the estimate d of the distance in its moments, and the weighted sum s of the gradients.
import { bytes, mulAdd, ratio, scalar, splat } from "../lanes";

export function prodigy(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const decay = scalar(scalars, 0);
  const beta1 = scalar(scalars, 1);
  const take1 = scalar(scalars, 2);
  const beta2 = scalar(scalars, 3);
  const take2 = scalar(scalars, 4);
  const beta3 = scalar(scalars, 5);
  const take3 = scalar(scalars, 6);
  const epsilon = scalar(scalars, 7);
  const rate = scalar(scalars, 8);
  const shrink = scalar(scalars, 9);
  const zero = splat(0);
  const size = bytes(n);
  const m = state;
  const v = m + size;
  const s = v + size;
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const gradient = mulAdd(decay, parameter, v128.load(g + i));
    const first = mulAdd(beta1, v128.load(m + i), v128.mul<real>(take1, gradient));
    const second = mulAdd(beta2, v128.load(v + i), v128.mul<real>(v128.mul<real>(take2, gradient), gradient));
    v128.store(m + i, first);
    v128.store(v + i, second);
    v128.store(s + i, mulAdd(beta3, v128.load(s + i), v128.mul<real>(take3, gradient)));
    const root = v128.add<real>(v128.sqrt<real>(second), epsilon);
    const step = mulAdd(shrink, parameter, ratio(v128.mul<real>(rate, first), root, zero));
    v128.store(x + i, v128.sub<real>(parameter, step));
  }
}
