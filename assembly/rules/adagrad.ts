// Adagrad: x ← x − η·g/(√Σg² + ε); rooted, with an ε inside the root too.
import { bytes, mulAdd, ratio, scalar, splat } from "../lanes";

// @ts-ignore: decorator
@inline
function adagradStep(
  rooted: bool, n: i32, x: usize, g: usize, state: usize, scalars: usize,
): void {
  const rate = scalar(scalars, 0);
  const sign = scalar(scalars, 1);
  const decay = scalar(scalars, 2);
  const epsilon = scalar(scalars, 3);
  const zero = splat(0);
  const inside = rooted ? scalar(scalars, 4) : zero;
  const size = bytes(n);
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const gradient = mulAdd(decay, parameter, v128.mul<real>(sign, v128.load(g + i)));
    const sum = mulAdd(gradient, gradient, v128.load(state + i));
    v128.store(state + i, sum);
    const radicand = rooted ? v128.add<real>(sum, inside) : sum;
    const root = v128.add<real>(v128.sqrt<real>(radicand), epsilon);
    v128.store(
      x + i,
      v128.sub<real>(parameter, v128.mul<real>(rate, ratio(gradient, root, zero))),
    );
  }
}

export function adagrad(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  adagradStep(false, n, x, g, state, scalars);
}

export function adagradRooted(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  adagradStep(true, n, x, g, state, scalars);
}
