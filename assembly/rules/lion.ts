// Lion: c = β₁m + (1−β₁)g, x ← x − η(sign(c) + λx), m ← β₂m + (1−β₂)g.
import { bytes, mulAdd, scalar, sign } from "../lanes";

export function lion(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const shrink = scalar(scalars, 1);
  const beta1 = scalar(scalars, 2);
  const beta1Take = scalar(scalars, 3);
  const beta2 = scalar(scalars, 4);
  const beta2Take = scalar(scalars, 5);
  const size = bytes(n);
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const gradient = v128.load(g + i);
    const m = v128.load(state + i);
    v128.store(state + i, mulAdd(beta2, m, v128.mul<real>(beta2Take, gradient)));
    const direction = sign(mulAdd(beta1, m, v128.mul<real>(beta1Take, gradient)));
    const step = mulAdd(shrink, parameter, v128.mul<real>(rate, direction));
    v128.store(x + i, v128.sub<real>(parameter, step));
  }
}
