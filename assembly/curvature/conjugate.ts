// The pass of a step of conjugate gradients over its four vectors.
import { RUN, addFour, bytes, held, inFours, mulAdd, splat, sumLanes } from "../lanes";

/** x ← x + a·p and r ← r − a·q of one register; returns r. */
// @ts-ignore: decorator
@inline
function advance(a: v128, p: usize, toQ: usize, toX: usize, toR: usize): v128 {
  v128.store(p + toX, mulAdd(a, v128.load(p), v128.load(p + toX)));
  const rest = v128.sub<real>(v128.load(p + toR), v128.mul<real>(a, v128.load(p + toQ)));
  v128.store(p + toR, rest);
  return rest;
}

/** x ← x + a·p and r ← r − a·q; returns Σ rᵢ². */
export function conjugateStep(n: i32, a: f64, p: usize, q: usize, x: usize, r: usize): f64 {
  const factor = held(a);
  const end = p + bytes(n);
  const toQ = q - p, toX = x - p, toR = r - p;
  let total: f64 = 0;
  while (p < end) {
    const stop = min(p + RUN, end);
    const stopFour = p + inFours(stop - p);
    let s = splat(0), t = s, u = s, v = s;
    for (; p < stopFour; p += 64) {
      const first = advance(factor, p, toQ, toX, toR);
      s = mulAdd(first, first, s);
      const second = advance(factor, p + 16, toQ, toX, toR);
      t = mulAdd(second, second, t);
      const third = advance(factor, p + 32, toQ, toX, toR);
      u = mulAdd(third, third, u);
      const fourth = advance(factor, p + 48, toQ, toX, toR);
      v = mulAdd(fourth, fourth, v);
    }
    for (; p < stop; p += 16) {
      const last = advance(factor, p, toQ, toX, toR);
      s = mulAdd(last, last, s);
    }
    total += sumLanes(addFour(s, t, u, v));
  }
  return total;
}
