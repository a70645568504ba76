// Adagrad: x ← x − η·g/(√Σg² + ε).
import { bytes, mulAdd, ratio, scalar, splat } from "../lanes";

export function adagrad(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const sign = scalar(scalars, 1);
  const decay = scalar(scalars, 2);
  const epsilon = scalar(scalars, 3);
  const zero = splat(0);
  const size = bytes(n);
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const gradient = mulAdd(decay, parameter, v128.mul<real>(sign, v128.load(g + i)));
    const sum = mulAdd(gradient, gradient, v128.load(state + i));
    v128.store(state + i, sum);
    const root = v128.add<real>(v128.sqrt<real>(sum), epsilon);
    v128.store(
      x + i,
      v128.sub<real>(parameter, v128.mul<real>(rate, ratio(gradient, root, zero))),
    );
  }
}
