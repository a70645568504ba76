// LaProp: momentum of the quotients g/(√v̂ + ε), where Adam has the quotient of the momentum.
import { bytes, mulAdd, ratio, scalar, splat } from "../lanes";
import { average, averageSquare, descend } from "./moments";

export function laprop(n: i32, x: usize, g: usize, m: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const shrink = scalar(scalars, 1);
  const beta1 = scalar(scalars, 2);
  const beta1Take = scalar(scalars, 3);
  const beta2 = scalar(scalars, 4);
  const beta2Rest = scalar(scalars, 5);
  const rootScale = scalar(scalars, 6);
  const epsilon = scalar(scalars, 7);
  const zero = splat(0);
  const size = bytes(n);
  const v = m + size;
  for (let i: usize = 0; i < size; i += 16) {
    const gradient = v128.load(g + i);
    const second = averageSquare(v + i, beta2, beta2Rest, gradient);
    const quotient = ratio(gradient, mulAdd(rootScale, v128.sqrt<real>(second), epsilon), zero);
    const first = average(m + i, beta1, beta1Take, quotient);
    descend(x + i, v128.mul<real>(rate, first), shrink);
  }
}
