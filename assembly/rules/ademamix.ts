// AdEMAMix: Adam along a fast and a slow average of the gradient.
import { bytes, mulAdd, ratio, scalar, splat } from "../lanes";
import { average, averageSquare, descend, rootOf } from "./moments";

export function ademamix(n: i32, x: usize, g: usize, m: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const slowRate = scalar(scalars, 1);
  const shrink = scalar(scalars, 2);
  const beta1 = scalar(scalars, 3);
  const beta1Rest = scalar(scalars, 4);
  const beta2 = scalar(scalars, 5);
  const beta2Rest = scalar(scalars, 6);
  const beta3 = scalar(scalars, 7);
  const beta3Rest = scalar(scalars, 8);
  const rootScale = scalar(scalars, 9);
  const inside = scalar(scalars, 10);
  const epsilon = scalar(scalars, 11);
  const zero = splat(0);
  const size = bytes(n);
  const slow = m + size;
  const v = slow + size;
  for (let i: usize = 0; i < size; i += 16) {
    const gradient = v128.load(g + i);
    const first = average(m + i, beta1, beta1Rest, gradient);
    const late = average(slow + i, beta3, beta3Rest, gradient);
    const second = averageSquare(v + i, beta2, beta2Rest, gradient);
    const along = mulAdd(rate, first, v128.mul<real>(slowRate, late));
    descend(x + i, ratio(along, rootOf(second, inside, rootScale, epsilon), zero), shrink);
  }
}
