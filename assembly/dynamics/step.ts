// One step of one register of lanes, by every method, with or without the product of its Jacobians.
import { mulAdd } from "../lanes";
import { A, ALONG, B, C, D, DIRECT, KEEP, RATE, TAKE, X, Y } from "./chunk";
import { PRODUCT, bend, slope } from "./slope";

/** x ← x − ηg. */
// @ts-ignore: decorator
@inline export const DESCENT: i32 = 0;
/** x ← wx + u + pg; w and u are entries 16 and 17 of the table. */
// @ts-ignore: decorator
@inline export const AFFINE: i32 = 1;
/** v ← βv + g, x ← x − ηv. */
// @ts-ignore: decorator
@inline export const HEAVY_BALL: i32 = 2;
/** v ← KEEP·v + TAKE·g, x ← x − η(ALONG·v + DIRECT·g): averages, Nesterov's form, quasi-hyperbolic momentum. */
// @ts-ignore: decorator
@inline export const MOMENTUM: i32 = 3;

/** The next x of methods without a velocity. */
// @ts-ignore: decorator
@inline
export function next(method: i32, x: v128, rate: v128, g: v128, w: v128, u: v128): v128 {
  if (method == DESCENT) return v128.sub<real>(x, v128.mul<real>(rate, g));
  return mulAdd(rate, g, mulAdd(w, x, u));
}

/** Steps of the register at p; returns the new coordinates' bits, or-ed. */
// @ts-ignore: decorator
@inline
export function step(
  kind: i32, method: i32, tangent: bool, p: usize, table: usize,
  b0: v128, b1: v128, b2: v128, b3: v128, b4: v128, w: v128, u: v128, one: v128,
): v128 {
  const x = v128.load(p, X), rate = v128.load(p, RATE);
  if (kind == PRODUCT) return stepOfTwo(tangent, p, x, rate, b0);
  const g = slope(kind, table, x, b0, b1, b2);
  let h = x;
  if (tangent) h = v128.mul<real>(rate, bend(kind, table, x, b1, b2, b3, b4));
  let moved = x;
  if (method == DESCENT) {
    moved = next(method, x, rate, g, w, u);
    if (tangent) v128.store(p, v128.mul<real>(v128.load(p, A), v128.sub<real>(one, h)), A);
  } else if (method == AFFINE) {
    moved = next(method, x, rate, g, w, u);
    if (tangent) v128.store(p, v128.mul<real>(v128.load(p, A), v128.add<real>(w, h)), A);
  } else if (method == HEAVY_BALL) {
    const keep = v128.load(p, KEEP);
    const v = mulAdd(keep, v128.load(p, Y), g);
    v128.store(p, v, Y);
    moved = v128.sub<real>(x, v128.mul<real>(rate, v));
    if (tangent) {
      // In displacements of x: (δx, ηδv).
      const a = v128.load(p, A), c = v128.load(p, C);
      const b = mulAdd(keep, v128.load(p, B), v128.mul<real>(h, a));
      const d = mulAdd(keep, v128.load(p, D), v128.mul<real>(h, c));
      v128.store(p, v128.sub<real>(a, b), A);
      v128.store(p, b, B);
      v128.store(p, v128.sub<real>(c, d), C);
      v128.store(p, d, D);
    }
  } else {
    const keep = v128.load(p, KEEP), take = v128.load(p, TAKE);
    const along = v128.load(p, ALONG), direct = v128.load(p, DIRECT);
    const v = mulAdd(keep, v128.load(p, Y), v128.mul<real>(take, g));
    v128.store(p, v, Y);
    moved = v128.sub<real>(x, v128.mul<real>(rate, mulAdd(along, v, v128.mul<real>(direct, g))));
    if (tangent) {
      const a = v128.load(p, A), c = v128.load(p, C);
      const toA = v128.mul<real>(h, a), toC = v128.mul<real>(h, c);
      const b = mulAdd(keep, v128.load(p, B), v128.mul<real>(take, toA));
      const d = mulAdd(keep, v128.load(p, D), v128.mul<real>(take, toC));
      v128.store(p, v128.sub<real>(a, mulAdd(along, b, v128.mul<real>(direct, toA))), A);
      v128.store(p, b, B);
      v128.store(p, v128.sub<real>(c, mulAdd(along, d, v128.mul<real>(direct, toC))), C);
      v128.store(p, d, D);
    }
  }
  v128.store(p, moved, X);
  return moved;
}

/** Descent on ½(uv − t)². */
// @ts-ignore: decorator
@inline
function stepOfTwo(tangent: bool, p: usize, u: v128, rate: v128, target: v128): v128 {
  const v = v128.load(p, Y);
  const product = v128.mul<real>(u, v);
  const error = v128.sub<real>(product, target);
  const nextU = v128.sub<real>(u, v128.mul<real>(rate, v128.mul<real>(error, v)));
  const nextV = v128.sub<real>(v, v128.mul<real>(rate, v128.mul<real>(error, u)));
  if (tangent) {
    const uu = v128.mul<real>(rate, v128.mul<real>(v, v));
    const uv = v128.mul<real>(rate, v128.add<real>(error, product));
    const vv = v128.mul<real>(rate, v128.mul<real>(u, u));
    const a = v128.load(p, A), b = v128.load(p, B), c = v128.load(p, C), d = v128.load(p, D);
    v128.store(p, v128.sub<real>(a, mulAdd(uu, a, v128.mul<real>(uv, b))), A);
    v128.store(p, v128.sub<real>(b, mulAdd(uv, a, v128.mul<real>(vv, b))), B);
    v128.store(p, v128.sub<real>(c, mulAdd(uu, c, v128.mul<real>(uv, d))), C);
    v128.store(p, v128.sub<real>(d, mulAdd(uv, c, v128.mul<real>(vv, d))), D);
  }
  v128.store(p, nextU, X);
  v128.store(p, nextV, Y);
  return v128.or(nextU, nextV);
}
