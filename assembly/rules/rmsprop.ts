// RMSProp: x ← x − η·g/(√v + ε); centred, with the variance for v; with momentum of the quotients.
import { bytes, larger, mulAdd, ratio, scalar, splat } from "../lanes";

// `general` has an ε inside the root, a factor of v, and one of the quotient.
// @ts-ignore: decorator
@inline
function rmspropStep(
  centered: bool, momentum: bool, general: bool,
  n: i32, x: usize, g: usize, state: usize, scalars: usize,
): void {
  const rate = scalar(scalars, 0);
  const sign = scalar(scalars, 1);
  const decay = scalar(scalars, 2);
  const keep = scalar(scalars, 3);
  const take = scalar(scalars, 4);
  const epsilon = scalar(scalars, 5);
  const inertia = scalar(scalars, 6);
  const zero = splat(0);
  const inside = general ? scalar(scalars, 7) : zero;
  const scale = general ? scalar(scalars, 8) : zero;
  const gain = general ? scalar(scalars, 9) : zero;
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
    if (general) square = v128.mul<real>(scale, square);
    if (centered) {
      const average = mulAdd(keep, v128.load(mean + i), taken);
      v128.store(mean + i, average);
      // Rounding can make the variance negative.
      square = larger(v128.sub<real>(square, v128.mul<real>(average, average)), zero);
    }
    if (general) square = v128.add<real>(square, inside);
    let step = ratio(gradient, v128.add<real>(v128.sqrt<real>(square), epsilon), zero);
    if (general) step = v128.mul<real>(gain, step);
    if (momentum) {
      step = mulAdd(inertia, v128.load(buffer + i), step);
      v128.store(buffer + i, step);
    }
    v128.store(x + i, v128.sub<real>(parameter, v128.mul<real>(rate, step)));
  }
}

export function rmsprop(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  rmspropStep(false, false, false, n, x, g, state, scalars);
}

export function rmspropGeneral(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  rmspropStep(false, false, true, n, x, g, state, scalars);
}

export function rmspropMomentum(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  rmspropStep(false, true, false, n, x, g, state, scalars);
}

export function rmspropMomentumGeneral(
  n: i32, x: usize, g: usize, state: usize, scalars: usize,
): void {
  rmspropStep(false, true, true, n, x, g, state, scalars);
}

export function rmspropCentered(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  rmspropStep(true, false, false, n, x, g, state, scalars);
}

export function rmspropCenteredGeneral(
  n: i32, x: usize, g: usize, state: usize, scalars: usize,
): void {
  rmspropStep(true, false, true, n, x, g, state, scalars);
}

export function rmspropCenteredMomentum(
  n: i32, x: usize, g: usize, state: usize, scalars: usize,
): void {
  rmspropStep(true, true, false, n, x, g, state, scalars);
}

export function rmspropCenteredMomentumGeneral(
  n: i32, x: usize, g: usize, state: usize, scalars: usize,
): void {
  rmspropStep(true, true, true, n, x, g, state, scalars);
}
