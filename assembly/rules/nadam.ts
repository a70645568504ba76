// NAdam: Adam with the gradient and the first moment apart, so that the momentum looks ahead.
import { bytes, mulAdd, scalar, splat } from "../lanes";
import { averageBy, averageSquare, rootOf, takesLittle } from "./moments";

/** x − rate·value/root, given 1/root; x where the value is 0. */
// @ts-ignore: decorator
@inline
function along(x: v128, rate: v128, value: v128, inverse: v128, zero: v128): v128 {
  const step = v128.mul<real>(v128.mul<real>(rate, value), inverse);
  return v128.sub<real>(x, v128.and(step, v128.ne<real>(value, zero)));
}

// @ts-ignore: decorator
@inline
function nadamLoop(
  little: bool, decayed: bool, n: i32, x: usize, g: usize, m: usize, scalars: usize,
): void {
  const sign = scalar(scalars, 0);
  const decay = scalar(scalars, 1);
  const keep = scalar(scalars, 2);
  const beta1 = scalar(scalars, 3);
  const beta1Rest = scalar(scalars, 4);
  const beta2 = scalar(scalars, 5);
  const beta2Rest = scalar(scalars, 6);
  const gradientRate = scalar(scalars, 7);
  const momentRate = scalar(scalars, 8);
  const rootScale = scalar(scalars, 9);
  const inside = scalar(scalars, 10);
  const epsilon = scalar(scalars, 11);
  const one = scalar(scalars, 12);
  const zero = splat(0);
  const size = bytes(n);
  const v = m + size;
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    let gradient = v128.load(g + i);
    if (decayed) gradient = mulAdd(decay, parameter, v128.mul<real>(sign, gradient));
    const first = averageBy(little, m + i, beta1, beta1Rest, gradient);
    const second = averageSquare(v + i, beta2, beta2Rest, gradient);
    const inverse = v128.div<real>(one, rootOf(second, inside, rootScale, epsilon));
    // Two assignments, as PyTorch has: one alone is 1e-6 away from it in f32 after 40 steps.
    const moved = along(v128.mul<real>(keep, parameter), gradientRate, gradient, inverse, zero);
    v128.store(x + i, along(moved, momentRate, first, inverse, zero));
  }
}

// @ts-ignore: decorator
@inline
function nadamStep(decayed: bool, n: i32, x: usize, g: usize, m: usize, scalars: usize): void {
  if (takesLittle(scalars, 4)) nadamLoop(true, decayed, n, x, g, m, scalars);
  else nadamLoop(false, decayed, n, x, g, m, scalars);
}

export function nadam(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  nadamStep(false, n, x, g, state, scalars);
}

export function nadamDecayed(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  nadamStep(true, n, x, g, state, scalars);
}
