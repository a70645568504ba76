// Adam and AdamW, and with the maximum of the second moments AMSGrad.
import { bytes, larger, mulAdd, ratio, scalar, splat } from "../lanes";
import { averageBy, takesLittle } from "./moments";

// What weight decay and a sign do to the gradient is left out where neither is asked for: 0.83 of the time in f32.
// `general` has an ε inside the root, and a factor of the second moment before the maximum.
// @ts-ignore: decorator
@inline
function adamLoop(
  little: bool, decayed: bool, maximum: bool, general: bool,
  n: i32, x: usize, g: usize, state: usize, scalars: usize,
): void {
  const sign = scalar(scalars, 0);
  const decay = scalar(scalars, 1);
  const keep = scalar(scalars, 2);
  const beta1 = scalar(scalars, 3);
  const beta1Rest = scalar(scalars, 4);
  const beta2 = scalar(scalars, 5);
  const beta2Rest = scalar(scalars, 6);
  const rate = scalar(scalars, 7);
  const rootScale = scalar(scalars, 8);
  const epsilon = scalar(scalars, 9);
  const zero = splat(0);
  const inside = general ? scalar(scalars, 10) : zero;
  const scale = general ? scalar(scalars, 11) : zero;
  const size = bytes(n);
  const m = state;
  const v = state + size;
  const largest = v + size;
  for (let i: usize = 0; i < size; i += 16) {
    let parameter = v128.load(x + i);
    let gradient = v128.load(g + i);
    if (decayed) gradient = mulAdd(decay, parameter, v128.mul<real>(sign, gradient));
    // A factor close to 1 costs f32 up to 3e-8 a step; PyTorch pays the same, and parity is with it.
    parameter = v128.mul<real>(keep, parameter);
    const first = averageBy(little, m + i, beta1, beta1Rest, gradient);
    let second = mulAdd(
      beta2,
      v128.load(v + i),
      v128.mul<real>(v128.mul<real>(beta2Rest, gradient), gradient),
    );
    v128.store(v + i, second);
    if (maximum) {
      if (general) second = v128.mul<real>(scale, second);
      second = larger(second, v128.load(largest + i));
      v128.store(largest + i, second);
    }
    if (general) second = v128.add<real>(second, inside);
    const root = mulAdd(rootScale, v128.sqrt<real>(second), epsilon);
    v128.store(
      x + i,
      v128.sub<real>(parameter, ratio(v128.mul<real>(rate, first), root, zero)),
    );
  }
}

// @ts-ignore: decorator
@inline
function adamStep(
  decayed: bool, maximum: bool, general: bool,
  n: i32, x: usize, g: usize, state: usize, scalars: usize,
): void {
  if (takesLittle(scalars, 4)) adamLoop(true, decayed, maximum, general, n, x, g, state, scalars);
  else adamLoop(false, decayed, maximum, general, n, x, g, state, scalars);
}

export function adam(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  adamStep(false, false, false, n, x, g, state, scalars);
}

export function adamDecayed(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  adamStep(true, false, false, n, x, g, state, scalars);
}

export function adamGeneral(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  adamStep(true, false, true, n, x, g, state, scalars);
}

export function amsgrad(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  adamStep(false, true, false, n, x, g, state, scalars);
}

export function amsgradDecayed(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  adamStep(true, true, false, n, x, g, state, scalars);
}

export function amsgradGeneral(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  adamStep(true, true, true, n, x, g, state, scalars);
}
