// ADOPT: momentum of g over the root of the second moment before g, clipped: clip(g/max(√v, ε), c) = g/max(√v, ε, |g|/c).
import { bytes, larger, ratio, scalar, splat } from "../lanes";
import { average, averageSquare, descend } from "./moments";

export function adopt(n: i32, x: usize, g: usize, m: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const shrink = scalar(scalars, 1);
  const beta1 = scalar(scalars, 2);
  const beta1Rest = scalar(scalars, 3);
  const beta2 = scalar(scalars, 4);
  const beta2Rest = scalar(scalars, 5);
  const epsilon = scalar(scalars, 6);
  const inverseClip = scalar(scalars, 7);
  const zero = splat(0);
  const size = bytes(n);
  const v = m + size;
  for (let i: usize = 0; i < size; i += 16) {
    const gradient = v128.load(g + i);
    const root = larger(v128.sqrt<real>(v128.load(v + i)), epsilon);
    const least = v128.mul<real>(inverseClip, v128.abs<real>(gradient));
    const first = average(m + i, beta1, beta1Rest, ratio(gradient, larger(root, least), zero));
    averageSquare(v + i, beta2, beta2Rest, gradient);
    descend(x + i, v128.mul<real>(rate, first), shrink);
  }
}
