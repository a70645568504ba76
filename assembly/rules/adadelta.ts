// Adadelta: v ← ρv + (1−ρ)g², δ = √(u + ε)/√(v + ε)·g, x ← x − ηδ, u ← ρu + (1−ρ)δ².
import { bytes, mulAdd, ratio, scalar, splat } from "../lanes";
import { averageSquare } from "./moments";

export function adadelta(n: i32, x: usize, g: usize, v: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const sign = scalar(scalars, 1);
  const decay = scalar(scalars, 2);
  const keep = scalar(scalars, 3);
  const take = scalar(scalars, 4);
  const epsilon = scalar(scalars, 5);
  const zero = splat(0);
  const size = bytes(n);
  const u = v + size;
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const gradient = mulAdd(decay, parameter, v128.mul<real>(sign, v128.load(g + i)));
    const square = averageSquare(v + i, keep, take, gradient);
    const length = v128.sqrt<real>(v128.add<real>(v128.load(u + i), epsilon));
    const root = v128.sqrt<real>(v128.add<real>(square, epsilon));
    // The quotient of the roots, not the root of the quotient: that under- and overflows in f32. And it before the product, as
    // in PyTorch: what is rounded otherwise comes back in u.
    const moved = v128.mul<real>(ratio(length, root, zero), gradient);
    const delta = v128.and(moved, v128.ne<real>(gradient, zero));
    averageSquare(u + i, keep, take, delta);
    v128.store(x + i, v128.sub<real>(parameter, v128.mul<real>(rate, delta)));
  }
}
