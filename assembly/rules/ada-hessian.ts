// AdaHessian: Adam with the Hessian's diagonal where the second moment takes the gradient; its root to a power.
import { bytes, mulAdd, ratio, scalar, splat } from "../lanes";
import { power } from "../math";

// @ts-ignore: decorator
@inline
function adaHessianStep(
  powered: bool, n: i32, x: usize, g: usize, state: usize, scalars: usize, diagonal: usize,
): void {
  const rate = scalar(scalars, 0);
  const shrink = scalar(scalars, 1);
  const beta1 = scalar(scalars, 2);
  const beta1Rest = scalar(scalars, 3);
  const beta2 = scalar(scalars, 4);
  const beta2Rest = scalar(scalars, 5);
  const rootScale = scalar(scalars, 6);
  const epsilon = scalar(scalars, 7);
  const exponent = <f64>load<real>(scalars + bytes(8));
  const zero = splat(0);
  const size = bytes(n);
  const v = state + size;
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const entry = v128.load(diagonal + i);
    const first = mulAdd(beta1, v128.load(state + i), v128.mul<real>(beta1Rest, v128.load(g + i)));
    const second = mulAdd(
      beta2,
      v128.load(v + i),
      v128.mul<real>(v128.mul<real>(beta2Rest, entry), entry),
    );
    v128.store(state + i, first);
    v128.store(v + i, second);
    let root = v128.mul<real>(rootScale, v128.sqrt<real>(second));
    if (powered) root = power(root, exponent);
    const step = ratio(v128.mul<real>(rate, first), v128.add<real>(root, epsilon), zero);
    v128.store(x + i, v128.sub<real>(parameter, mulAdd(shrink, parameter, step)));
  }
}

export function adaHessian(
  n: i32, x: usize, g: usize, state: usize, scalars: usize, diagonal: usize,
): void {
  adaHessianStep(false, n, x, g, state, scalars, diagonal);
}

export function adaHessianPowered(
  n: i32, x: usize, g: usize, state: usize, scalars: usize, diagonal: usize,
): void {
  adaHessianStep(true, n, x, g, state, scalars, diagonal);
}
