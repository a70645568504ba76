// AdaBelief: Adam with the square of what the first moment did not foresee, g − m, in the second.
import { bytes, ratio, scalar, splat } from "../lanes";
import { average, averageSquare, descend, rootOf } from "./moments";

export function adabelief(n: i32, x: usize, g: usize, m: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const shrink = scalar(scalars, 1);
  const beta1 = scalar(scalars, 2);
  const beta1Rest = scalar(scalars, 3);
  const beta2 = scalar(scalars, 4);
  const beta2Rest = scalar(scalars, 5);
  const rootScale = scalar(scalars, 6);
  const inside = scalar(scalars, 7);
  const epsilon = scalar(scalars, 8);
  const zero = splat(0);
  const size = bytes(n);
  const s = m + size;
  for (let i: usize = 0; i < size; i += 16) {
    const gradient = v128.load(g + i);
    const first = average(m + i, beta1, beta1Rest, gradient);
    const surprise = averageSquare(s + i, beta2, beta2Rest, v128.sub<real>(gradient, first));
    const root = rootOf(surprise, inside, rootScale, epsilon);
    descend(x + i, ratio(v128.mul<real>(rate, first), root, zero), shrink);
  }
}
