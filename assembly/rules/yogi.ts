// Yogi: Adam whose second moment moves towards g² by (1−β₂)g², up or down: v ← v − (1−β₂)·sign(v − g²)·g².
import { bytes, ratio, scalar, signBit, signed, splat } from "../lanes";
import { average, descend, rootOf } from "./moments";

export function yogi(n: i32, x: usize, g: usize, m: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const shrink = scalar(scalars, 1);
  const beta1 = scalar(scalars, 2);
  const beta1Rest = scalar(scalars, 3);
  const beta2Rest = scalar(scalars, 4);
  const rootScale = scalar(scalars, 5);
  const inside = scalar(scalars, 6);
  const epsilon = scalar(scalars, 7);
  const bit = signBit();
  const zero = splat(0);
  const size = bytes(n);
  const v = m + size;
  for (let i: usize = 0; i < size; i += 16) {
    const gradient = v128.load(g + i);
    const first = average(m + i, beta1, beta1Rest, gradient);
    const square = v128.mul<real>(gradient, gradient);
    const before = v128.load(v + i);
    const change = signed(v128.mul<real>(beta2Rest, square), v128.sub<real>(before, square), bit, zero);
    const second = v128.sub<real>(before, change);
    v128.store(v + i, second);
    const root = rootOf(second, inside, rootScale, epsilon);
    descend(x + i, ratio(v128.mul<real>(rate, first), root, zero), shrink);
  }
}
