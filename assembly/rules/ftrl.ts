// FTRL-Proximal, as steps from where x is: n ← n + g², x ← x − η·g/Q with Q = β + nᵖ + η·l2; and with l1, which holds
// parameters at 0 until the gradients that want them away outweigh it.
import { bytes, mulAdd, ratio, scalar, signBit, signed, splat } from "../lanes";
import { power } from "../math";

// @ts-ignore: decorator
@inline
function ftrlStep(
  sparse: bool, powered: bool, n: i32, x: usize, g: usize, state: usize, scalars: usize,
): void {
  const rate = scalar(scalars, 0);
  const decay = scalar(scalars, 1);
  const offset = scalar(scalars, 2);
  const l1 = scalar(scalars, 3);
  const threshold = scalar(scalars, 4);
  const perRate = scalar(scalars, 5);
  const exponent = <f64>load<real>(scalars + bytes(6));
  const bit = signBit();
  const zero = splat(0);
  const size = bytes(n);
  const rest = state + size;
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const gradient = v128.load(g + i);
    const sum = mulAdd(gradient, gradient, v128.load(state + i));
    v128.store(state + i, sum);
    const root = powered ? power(sum, exponent) : v128.sqrt<real>(sum);
    const weight = v128.add<real>(root, offset);
    const whole = mulAdd(decay, parameter, gradient);
    if (!sparse) {
      const step = ratio(v128.mul<real>(rate, whole), weight, zero);
      v128.store(x + i, v128.sub<real>(parameter, step));
      continue;
    }
    // −z = weight·x/η + side + free: what is above l1 in it moves x; while it is not, x is 0 and keeps it as its rest.
    const side = signed(l1, parameter, bit, zero);
    const free = v128.sub<real>(v128.load(rest + i), whole);
    const pull = v128.add<real>(side, free);
    const weighted = v128.mul<real>(weight, parameter);
    const reach = mulAdd(rate, pull, weighted);
    const within = v128.and(
      v128.le<real>(v128.abs<real>(reach), threshold),
      v128.ne<real>(weight, zero),
    );
    // As long as x keeps its side, l1 leaves no rounding in the step.
    const turned = v128.sub<real>(side, signed(l1, reach, bit, zero));
    const away = v128.mul<real>(rate, v128.add<real>(free, turned));
    const moved = v128.andnot(v128.add<real>(parameter, ratio(away, weight, zero)), within);
    v128.store(x + i, moved);
    v128.store(rest + i, v128.and(mulAdd(weighted, perRate, pull), v128.eq<real>(moved, zero)));
  }
}

export function ftrl(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  ftrlStep(false, false, n, x, g, state, scalars);
}

export function ftrlSparse(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  ftrlStep(true, false, n, x, g, state, scalars);
}

export function ftrlPowered(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  ftrlStep(false, true, n, x, g, state, scalars);
}

export function ftrlSparsePowered(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  ftrlStep(true, true, n, x, g, state, scalars);
}
