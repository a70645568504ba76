// sin πt and cos πt on whole registers: in turns, so that t is reduced without rounding.
import { bytes, mulAdd, scalar } from "./lanes";

// 1.5·2^mantissa; s₀ s₁ … of sin(πf) = f·s(f²) and c₀ c₁ … of cos(πf) = c(f²) on |f| ≤ 1/2, one behind the other (Chebyshev
// interpolants; mpmath, 60 digits). Truncation: 6.5e-19 and 3.9e-18 in f64, 1.4e-8 and 4.7e-8 in f32.
const TABLE_F64 = memory.data<f64>([
  6755399441055744.0,
  3.141592653589793, -5.167712780049969, 2.5501640398773007, -0.5992645293189447, 0.0821458865731029,
  -0.007370430505916944, 0.0004662998161898394, -2.1903497074626018e-5, 7.697826768224191e-7,
  1.0, -4.934802200544676, 4.058712126416497, -1.335262768843447, 0.23533063012953284,
  -0.025806888737002202, 0.0019295562724817132, -0.00010456655338748738, 4.149564353942586e-6,
], 16);
const TABLE_F32 = memory.data<f32>([
  12582912.0,
  3.1415926400772034, -5.167710076668315, 2.550077386528912, -0.5982904112834275, 0.07765591227601387,
  0.9999999530275123, -4.934792802489459, 4.058410790762598, -1.331872972787485, 0.21968242357537815,
], 16);

// @ts-ignore: decorator
@inline
function entry(index: i32): v128 {
  return scalar(sizeof<real>() == 8 ? TABLE_F64 : TABLE_F32, index);
}

/** The bits of the sign that sin and cos take at an integer n: set where it is odd. Adding 1.5·2^mantissa puts its lowest bit lowest. */
// @ts-ignore: decorator
@inline
function parity(n: v128): v128 {
  const shifted = v128.add<real>(n, entry(0));
  return sizeof<real>() == 8 ? v128.shl<i64>(shifted, 63) : v128.shl<i32>(shifted, 31);
}

/** A polynomial of f², with five coefficients (f32) or nine (f64) from entry `first` on. */
// @ts-ignore: decorator
@inline
function polynomial(first: i32, square: v128): v128 {
  let value = entry(first + (sizeof<real>() == 8 ? 8 : 4));
  if (sizeof<real>() == 8) {
    value = mulAdd(value, square, entry(first + 7));
    value = mulAdd(value, square, entry(first + 6));
    value = mulAdd(value, square, entry(first + 5));
    value = mulAdd(value, square, entry(first + 4));
  }
  value = mulAdd(value, square, entry(first + 3));
  value = mulAdd(value, square, entry(first + 2));
  value = mulAdd(value, square, entry(first + 1));
  return mulAdd(value, square, entry(first));
}

/** sin(πt) for |t| < 2²² (f32) or 2⁵¹ (f64), to 2 ulp: 0 at integers; NaN where t is not finite. */
// @ts-ignore: decorator
@inline
export function sinPi(t: v128): v128 {
  const n = v128.nearest<real>(t);
  const f = v128.sub<real>(t, n);
  return v128.xor(v128.mul<real>(f, polynomial(1, v128.mul<real>(f, f))), parity(n));
}

/** cos(πt) for |t| < 2²² (f32) or 2⁵¹ (f64), to 2 ulp of 1; NaN where t is not finite. */
// @ts-ignore: decorator
@inline
export function cosPi(t: v128): v128 {
  const n = v128.nearest<real>(t);
  const f = v128.sub<real>(t, n);
  return v128.xor(polynomial(sizeof<real>() == 8 ? 10 : 6, v128.mul<real>(f, f)), parity(n));
}

/** sin(πt) of `count` elements. */
export function sinPiInto(count: i32, t: usize, out: usize): void {
  const size = bytes(count);
  for (let i: usize = 0; i < size; i += 16) v128.store(out + i, sinPi(v128.load(t + i)));
}

/** cos(πt) of `count` elements. */
export function cosPiInto(count: i32, t: usize, out: usize): void {
  const size = bytes(count);
  for (let i: usize = 0; i < size; i += 16) v128.store(out + i, cosPi(v128.load(t + i)));
}
