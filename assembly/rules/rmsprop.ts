// RMSProp: x ← x − η·g/(√v + ε); centred, with the variance for v; with momentum of the quotients.
import { bytes, larger, mulAdd, ratio, scalar, splat } from "../lanes";

// @ts-ignore: decorator
@inline
function rmspropStep(
  centered: bool, momentum: bool, n: i32, x: usize, g: usize, state: usize, scalars: usize,
): void {
  const rate = scalar(scalars, 0);
  const sign = scalar(scalars, 1);
  const decay = scalar(scalars, 2);
  const keep = scalar(scalars, 3);
  const take = scalar(scalars, 4);
  const epsilon = scalar(scalars, 5);
  const inertia = scalar(scalars, 6);
  const zero = splat(0);
  const size = bytes(n);
  const v = state;
  const mean = state + size;
  const buffer = centered ? mean + size : mean;
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const gradient = mulAdd(decay, parameter, v128.mul<real>(sign, v128.load(g + i)));
    const taken = v128.mul<real>(take, gradient);
    let square = mulAdd(keep, v128.load(v + i), v128.mul<real>(taken, gradient));
    v128.store(v + i, square);
    if (centered) {
      const average = mulAdd(keep, v128.load(mean + i), taken);
      v128.store(mean + i, average);
      // Rounding can make the variance negative.
      square = larger(v128.sub<real>(square, v128.mul<real>(average, average)), zero);
    }
    let step = ratio(gradient, v128.add<real>(v128.sqrt<real>(square), epsilon), zero);
    if (momentum) {
      step = mulAdd(inertia, v128.load(buffer + i), step);
      v128.store(buffer + i, step);
    }
    v128.store(x + i, v128.sub<real>(parameter, v128.mul<real>(rate, step)));
  }
}

export function rmsprop(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  rmspropStep(false, false, n, x, g, state, scalars);
}

export function rmspropMomentum(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  rmspropStep(false, true, n, x, g, state, scalars);
}

export function rmspropCentered(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  rmspropStep(true, false, n, x, g, state, scalars);
}

export function rmspropCenteredMomentum(
  n: i32, x: usize, g: usize, state: usize, scalars: usize,
): void {
  rmspropStep(true, true, n, x, g, state, scalars);
}
