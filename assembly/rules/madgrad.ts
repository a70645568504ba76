// MADGRAD: s ← s + λg, v ← v + λg², z = start − s/(∛v + ε), x ← x + (1−μ)(z − x).
import { bytes, mulAdd, ratio, scalar, splat } from "../lanes";
import { cbrt } from "../math";

export function madgrad(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const weight = scalar(scalars, 0);
  const decay = scalar(scalars, 1);
  const shrink = scalar(scalars, 2);
  const take = scalar(scalars, 3);
  const epsilon = scalar(scalars, 4);
  const zero = splat(0);
  const size = bytes(n);
  const start = state;
  const s = start + size;
  const v = s + size;
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const gradient = mulAdd(decay, parameter, v128.load(g + i));
    const weighted = v128.mul<real>(weight, gradient);
    const sum = v128.add<real>(v128.load(s + i), weighted);
    const square = mulAdd(weighted, gradient, v128.load(v + i));
    v128.store(s + i, sum);
    v128.store(v + i, square);
    const root = v128.add<real>(cbrt(square), epsilon);
    const point = v128.sub<real>(v128.load(start + i), ratio(sum, root, zero));
    const way = v128.mul<real>(take, v128.sub<real>(point, parameter));
    v128.store(x + i, v128.add<real>(parameter, v128.sub<real>(way, v128.mul<real>(shrink, parameter))));
  }
}
