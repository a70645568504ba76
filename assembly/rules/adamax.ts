// AdaMax: u ← max(β₂u, |g| + ε), x ← x − η·m/u; or with ε beside u instead. u stays 0 while all gradients are.
import { bytes, larger, mulAdd, ratio, scalar, splat } from "../lanes";
import { averageBy, takesLittle } from "./moments";

// @ts-ignore: decorator
@inline
function adamaxLoop(little: bool, n: i32, x: usize, g: usize, m: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const sign = scalar(scalars, 1);
  const decay = scalar(scalars, 2);
  const beta1 = scalar(scalars, 3);
  const beta1Rest = scalar(scalars, 4);
  const beta2 = scalar(scalars, 5);
  const inside = scalar(scalars, 6);
  const outside = scalar(scalars, 7);
  const zero = splat(0);
  const size = bytes(n);
  const u = m + size;
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const gradient = mulAdd(decay, parameter, v128.mul<real>(sign, v128.load(g + i)));
    const first = averageBy(little, m + i, beta1, beta1Rest, gradient);
    const before = v128.load(u + i);
    const magnitude = v128.abs<real>(gradient);
    const awake = v128.ne<real>(v128.add<real>(before, magnitude), zero);
    const lifted = v128.and(v128.add<real>(magnitude, inside), awake);
    const largest = larger(v128.mul<real>(beta2, before), lifted);
    v128.store(u + i, largest);
    const step = ratio(v128.mul<real>(rate, first), v128.add<real>(largest, outside), zero);
    v128.store(x + i, v128.sub<real>(parameter, step));
  }
}

export function adamax(n: i32, x: usize, g: usize, m: usize, scalars: usize): void {
  if (takesLittle(scalars, 4)) adamaxLoop(true, n, x, g, m, scalars);
  else adamaxLoop(false, n, x, g, m, scalars);
}
