// Adan: moving averages of the gradient, of its change, and of the square of the gradient taken ahead by its change.
import { bytes, mulAdd, ratio, scalar, splat } from "../lanes";
import { average, averageSquare, descend, rootOf } from "./moments";

export function adan(n: i32, x: usize, g: usize, m: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const changeRate = scalar(scalars, 1);
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
  const ahead = scalar(scalars, 12);
  // 0 at the first step, which has no gradient before it.
  const known = scalar(scalars, 13);
  const zero = splat(0);
  const size = bytes(n);
  const v = m + size;
  const square = v + size;
  const previous = square + size;
  for (let i: usize = 0; i < size; i += 16) {
    const gradient = v128.load(g + i);
    const change = v128.mul<real>(known, v128.sub<real>(gradient, v128.load(previous + i)));
    v128.store(previous + i, gradient);
    const first = average(m + i, beta1, beta1Rest, gradient);
    const changes = average(v + i, beta2, beta2Rest, change);
    const second = averageSquare(square + i, beta3, beta3Rest, mulAdd(ahead, change, gradient));
    const along = mulAdd(rate, first, v128.mul<real>(changeRate, changes));
    descend(x + i, ratio(along, rootOf(second, inside, rootScale, epsilon), zero), shrink);
  }
}
