// The derivatives that sweeps descend along, and their derivatives, on whole registers. A kind is a
// constant where it is used, so that only its own lines are compiled.
import { cosPi, sinPi } from "../circular";
import { mulAdd, scalar } from "../lanes";

/** x² + b₁x + b₀, of the table b₀ b₁ 2 3. */
// @ts-ignore: decorator
@inline export const QUADRATIC: i32 = 0;
/** x³ + b₂x² + b₁x + b₀, of the table b₀ b₁ b₂ 2b₂ 3. */
// @ts-ignore: decorator
@inline export const CUBIC: i32 = 1;
/** c₇x⁷ + … + c₁x + c₀, of the table c₀ … c₇, 7c₇ … c₁ from entry 8 on, highest power last. */
// @ts-ignore: decorator
@inline export const POLYNOMIAL: i32 = 2;
/** sin(πωx) + b₁x + b₀, of the table b₀ b₁ ω πω. */
// @ts-ignore: decorator
@inline export const SINE: i32 = 3;
/** Of two variables, ((uv − t)v, (uv − t)u), of the table t. */
// @ts-ignore: decorator
@inline export const PRODUCT: i32 = 4;

/** As QUADRATIC and CUBIC with b₀ = 0, which saves an operation; only where nothing else is done in a step. */
// @ts-ignore: decorator
@inline export const QUADRATIC_FROM_0: i32 = 5;
// @ts-ignore: decorator
@inline export const CUBIC_FROM_0: i32 = 6;

/** c₀ + c₁x + … + c₇x⁷ with the coefficients from `table[first]` on. */
// @ts-ignore: decorator
@inline
function horner(table: usize, first: i32, degree: i32, x: v128): v128 {
  let value = mulAdd(scalar(table, first + degree), x, scalar(table, first + degree - 1));
  if (degree > 6) value = mulAdd(value, x, scalar(table, first + degree - 2));
  value = mulAdd(value, x, scalar(table, first + 4));
  value = mulAdd(value, x, scalar(table, first + 3));
  value = mulAdd(value, x, scalar(table, first + 2));
  value = mulAdd(value, x, scalar(table, first + 1));
  return mulAdd(value, x, scalar(table, first));
}

/** The slope at x. */
// @ts-ignore: decorator
@inline
export function slope(kind: i32, table: usize, x: v128, b0: v128, b1: v128, b2: v128): v128 {
  if (kind == QUADRATIC) return mulAdd(v128.add<real>(x, b1), x, b0);
  if (kind == CUBIC) return mulAdd(mulAdd(v128.add<real>(x, b2), x, b1), x, b0);
  if (kind == QUADRATIC_FROM_0) return v128.mul<real>(v128.add<real>(x, b1), x);
  if (kind == CUBIC_FROM_0) return v128.mul<real>(mulAdd(v128.add<real>(x, b2), x, b1), x);
  if (kind == POLYNOMIAL) return horner(table, 0, 7, x);
  return v128.add<real>(sinPi(v128.mul<real>(b2, x)), mulAdd(b1, x, b0));
}

/** Its derivative at x. */
// @ts-ignore: decorator
@inline
export function bend(kind: i32, table: usize, x: v128, b1: v128, b2: v128, b3: v128, b4: v128): v128 {
  if (kind == QUADRATIC) return v128.add<real>(v128.add<real>(x, x), b1);
  if (kind == CUBIC) return mulAdd(mulAdd(b4, x, b3), x, b1);
  if (kind == POLYNOMIAL) return horner(table, 8, 6, x);
  return mulAdd(b3, cosPi(v128.mul<real>(b2, x)), b1);
}
