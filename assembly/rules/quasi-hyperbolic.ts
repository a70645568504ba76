// Quasi-hyperbolic momentum: d ← βd + (1−β)g, x ← x − η((1−ν)g + νd); and Adam with both of its moments blended so.
import { bytes, inFours, mulAdd, ratio, scalar, splat } from "../lanes";

// @ts-ignore: decorator
@inline
function blend(
  x: usize, g: usize, average: usize, decay: v128, shrink: v128, keep: v128, take: v128, rate: v128, averageRate: v128,
): void {
  const parameter = v128.load(x);
  const gradient = mulAdd(decay, parameter, v128.load(g));
  const mean = mulAdd(keep, v128.load(average), v128.mul<real>(take, gradient));
  v128.store(average, mean);
  const step = mulAdd(rate, gradient, v128.mul<real>(averageRate, mean));
  v128.store(x, v128.sub<real>(parameter, mulAdd(shrink, parameter, step)));
}

export function qhm(n: i32, x: usize, g: usize, average: usize, scalars: usize): void {
  const decay = scalar(scalars, 0);
  const shrink = scalar(scalars, 1);
  const keep = scalar(scalars, 2);
  const take = scalar(scalars, 3);
  const rate = scalar(scalars, 4);
  const averageRate = scalar(scalars, 5);
  const size = bytes(n);
  const end = x + size;
  for (const fours = x + inFours(size); x < fours; x += 64, g += 64, average += 64) {
    blend(x, g, average, decay, shrink, keep, take, rate, averageRate);
    blend(x + 16, g + 16, average + 16, decay, shrink, keep, take, rate, averageRate);
    blend(x + 32, g + 32, average + 32, decay, shrink, keep, take, rate, averageRate);
    blend(x + 48, g + 48, average + 48, decay, shrink, keep, take, rate, averageRate);
  }
  for (; x < end; x += 16, g += 16, average += 16) {
    blend(x, g, average, decay, shrink, keep, take, rate, averageRate);
  }
}

export function qhadam(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const decay = scalar(scalars, 0);
  const shrink = scalar(scalars, 1);
  const beta1 = scalar(scalars, 2);
  const beta1Rest = scalar(scalars, 3);
  const rate = scalar(scalars, 4);
  const averageRate = scalar(scalars, 5);
  const beta2 = scalar(scalars, 6);
  const beta2Rest = scalar(scalars, 7);
  const squareShare = scalar(scalars, 8);
  const meanShare = scalar(scalars, 9);
  const epsilon = scalar(scalars, 10);
  const zero = splat(0);
  const size = bytes(n);
  const m = state;
  const v = state + size;
  for (let i: usize = 0; i < size; i += 16) {
    const parameter = v128.load(x + i);
    const gradient = mulAdd(decay, parameter, v128.load(g + i));
    const first = mulAdd(beta1, v128.load(m + i), v128.mul<real>(beta1Rest, gradient));
    const second = mulAdd(
      beta2,
      v128.load(v + i),
      v128.mul<real>(v128.mul<real>(beta2Rest, gradient), gradient),
    );
    v128.store(m + i, first);
    v128.store(v + i, second);
    const square = mulAdd(
      v128.mul<real>(squareShare, gradient),
      gradient,
      v128.mul<real>(meanShare, second),
    );
    const root = v128.add<real>(v128.sqrt<real>(square), epsilon);
    const along = mulAdd(rate, gradient, v128.mul<real>(averageRate, first));
    v128.store(
      x + i,
      v128.sub<real>(parameter, mulAdd(shrink, parameter, ratio(along, root, zero))),
    );
  }
}
