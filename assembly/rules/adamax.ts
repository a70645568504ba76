// AdaMax: x ← x − η·m/(w + ε), where w = max(β₂w − s, |g|). With s = (1−β₂)ε this is u = max(β₂u, |g| + ε) for u = w + ε, and w
// stays 0 in the padding; with s = 0 it is ε added to max(β₂w, |g|).
import { bytes, larger, mulAdd, ratio, scalar, splat } from "../lanes";
import { average } from "./moments";

export function adamax(n: i32, x: usize, g: usize, m: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const sign = scalar(scalars, 1);
  const decay = scalar(scalars, 2);
  const beta1 = scalar(scalars, 3);
  const beta1Rest = scalar(scalars, 4);
  const beta2 = scalar(scalars, 5);
  const shift = scalar(scalars, 6);
  const epsilon = scalar(scalars, 7);
  const zero = splat(0);
  const size = bytes(n);
  const w = m + size;
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const gradient = mulAdd(decay, parameter, v128.mul<real>(sign, v128.load(g + i)));
    const first = average(m + i, beta1, beta1Rest, gradient);
    const shrunk = v128.sub<real>(v128.mul<real>(beta2, v128.load(w + i)), shift);
    const largest = larger(shrunk, v128.abs<real>(gradient));
    v128.store(w + i, largest);
    const step = ratio(v128.mul<real>(rate, first), v128.add<real>(largest, epsilon), zero);
    v128.store(x + i, v128.sub<real>(parameter, step));
  }
}
