// exp, ln, log1p, cube roots and powers on whole registers. Coefficients are Chebyshev interpolants (mpmath, 60 digits),
// of cube roots a Taylor series, and lie in memory: V8 rebuilds a v128 constant in every iteration, a splatting load folds.
import { bytes, mulAdd, signBit, splat } from "./lanes";

// log₂e, 1.5·2^mantissa, ln 2 (high part: times n it is exact), ln 2 (rest), the least argument
// whose result is a normal number, 1, then q₀ q₁ … of eʳ = 1 + r + r²·q(r) on |r| ≤ ln 2 / 2.
// Truncation: 1.6e-17 of the result in f64, 1.1e-8 in f32.
const EXP_F64 = memory.data<f64>([
  1.4426950408889634, 6755399441055744.0, 0.6931467056274414, 4.7493250390316726e-7, -708.0, 1.0,
  0.5000000000000001, 0.16666666666666669, 0.04166666666662399, 0.008333333333330051,
  0.0013888888917281794, 0.00019841269863105968, 2.480152119021773e-5, 2.7557268378684192e-6,
  2.7620138719733994e-7, 2.5100424157005067e-8,
], 16);
const EXP_F32 = memory.data<f32>([
  1.4426950216293335, 12582912.0, 0.693359375, -0.00021219444170128554, -87.0, 1.0,
  0.5, 0.16666576266288757, 0.041666556149721146, 0.008363203145563602, 0.0013926213141530752,
], 16);

// 2, then p₀ p₁ … of 2·atanh(s)/s − 2 = s²·p(s²) on 0 ≤ s ≤ 1/3.
// Truncation: 7.2e-18 of log1p in f64, 9.6e-10 in f32.
const LOG_F64 = memory.data<f64>([
  2.0,
  0.6666666666666666, 0.40000000000014585, 0.2857142856710876, 0.22222222717427864,
  0.18181789436132859, 0.15385570064958623, 0.13314144209654935, 0.12001072809590713,
  0.08800738486144674, 0.1616404561194353,
], 16);
const LOG_F32 = memory.data<f32>([
  2.0,
  0.6666666865348816, 0.3999970555305481, 0.285923570394516, 0.2170657515525818, 0.23224329948425293,
], 16);

// The bits of √½ and of 1, those of the exponent, and of 2⁵² (f64), which make a number of an integer; then 2⁵² + 1023 or 127,
// what that number is too large by, and ln 2 in two parts as above.
const LN_BITS_F64 = memory.data<u64>([0x3fe6a09e667f3bcd, 0x3ff0000000000000, 0x7ff0000000000000, 0x4330000000000000], 16);
const LN_BITS_F32 = memory.data<u32>([0x3f3504f3, 0x3f800000, 0x7f800000], 16);
const LN_F64 = memory.data<f64>([4503599627371519.0, 0.6931467056274414, 4.7493250390316726e-7], 16);
const LN_F32 = memory.data<f32>([127.0, 0.693359375, -0.00021219444170128554], 16);

// ⅓, then what the upper bits of x are taken from, divided by 3, to have those of a first x^(−1/3) (off by 3.6% at most), what
// makes integers of them in f64 (2⁵²), 14/81 and 2/9 of the series (1 − e)^(−1/3) = 1 + e/3 + 2e²/9 + 14e³/81 + …; the
// bound below which arguments are scaled, by what, and what scales their root back; 1.
const CBRT_F64 = memory.data<f64>([
  0.3333333333333333, 1430186000.0, 4503599627370496.0, 0.1728395061728395, 0.2222222222222222,
  1.1830521861667747e-271, 3.2451855365842673e32,
  1.4551915228366852e-11, 1.0,
], 16);
const CBRT_F32 = memory.data<f32>([
  0.3333333333333333, 1419900000.0, 0.0, 0.1728395061728395, 0.2222222222222222,
  8.077935669463161e-28, 281474976710656.0, 1.52587890625e-5, 1.0,
], 16);
// The bits of the upper half of a significand (26 of f64, 12 of f32), sign and exponent: products of such halves are exact.
const UPPER_F64 = memory.data<u64>([0xfffffffff8000000], 16);
const UPPER_F32 = memory.data<u32>([0xfffff000], 16);

// @ts-ignore: decorator
@inline
function entry(table: usize, index: i32): v128 {
  return v128.load_splat<real>(table + bytes(index));
}

/** c₀ + c₁x + … with five coefficients (f32) or ten (f64) from `table[first]` on; even and odd powers are independent chains. */
// @ts-ignore: decorator
@inline
function polynomial(table: usize, first: i32, x: v128): v128 {
  const square = v128.mul<real>(x, x);
  let even = entry(table, first + 4);
  let odd = entry(table, first + 3);
  if (sizeof<real>() == 8) {
    even = mulAdd(mulAdd(entry(table, first + 8), square, entry(table, first + 6)), square, even);
    odd = mulAdd(
      mulAdd(mulAdd(entry(table, first + 9), square, entry(table, first + 7)), square, entry(table, first + 5)),
      square,
      odd,
    );
  }
  even = mulAdd(mulAdd(even, square, entry(table, first + 2)), square, entry(table, first));
  odd = mulAdd(odd, square, entry(table, first + 1));
  return mulAdd(odd, x, even);
}

/** eˣ for x ≤ 0 (or small x > 0), to 1 ulp; 0 where the result would be denormal; NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const table = sizeof<real>() == 8 ? EXP_F64 : EXP_F32;
  // Adding 1.5·2^mantissa rounds to an integer n, whose bits end up lowest.
  const shifted = mulAdd(x, entry(table, 0), entry(table, 1));
  const n = v128.sub<real>(shifted, entry(table, 1));
  const r = v128.sub<real>(
    v128.sub<real>(x, v128.mul<real>(n, entry(table, 2))),
    v128.mul<real>(n, entry(table, 3)),
  );
  const one = entry(table, 5);
  const power =
    sizeof<real>() == 8
      ? v128.add<i64>(v128.shl<i64>(shifted, 52), one)
      : v128.add<i32>(v128.shl<i32>(shifted, 23), one);
  const small = mulAdd(v128.mul<real>(r, r), polynomial(table, 6, r), r);
  const result = v128.mul<real>(v128.add<real>(one, small), power);
  return v128.andnot(result, v128.lt<real>(x, entry(table, 4)));
}

/** ln(1 + u) for 0 ≤ u ≤ 1, to 1 ulp: with s = u/(2 + u) it is 2·atanh(s) = u − s·(u − R(s)), whose leading term is exact. */
// @ts-ignore: decorator
@inline
export function log1p(u: v128): v128 {
  const table = sizeof<real>() == 8 ? LOG_F64 : LOG_F32;
  const s = v128.div<real>(u, v128.add<real>(u, entry(table, 0)));
  const square = v128.mul<real>(s, s);
  const rest = v128.mul<real>(square, polynomial(table, 1, square));
  return v128.sub<real>(u, v128.mul<real>(s, v128.sub<real>(u, rest)));
}

/**
 * ln x of normal, finite x > 0, to 2 ulp: x = m·2ⁿ with √½ ≤ m < √2, and ln m as `log1p` has it, whose leading term m − 1 is
 * exact; beside it n·ln 2 cannot cancel.
 */
// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  const wide = sizeof<real>() == 8;
  const table = wide ? LN_F64 : LN_F32;
  const terms = wide ? LOG_F64 : LOG_F32;
  const bits = wide ? LN_BITS_F64 : LN_BITS_F32;
  const rootHalf = entry(bits, 0), one = entry(bits, 1), exponent = entry(bits, 2);
  // n and the bias, in the place of the exponent.
  const shifted = wide ? v128.add<i64>(v128.sub<i64>(x, rootHalf), one) : v128.add<i32>(v128.sub<i32>(x, rootHalf), one);
  const power = v128.and(shifted, exponent);
  const m = wide ? v128.add<i64>(v128.sub<i64>(x, power), one) : v128.add<i32>(v128.sub<i32>(x, power), one);
  const biased = wide
    ? v128.or(v128.shr<u64>(shifted, 52), entry(bits, 3))
    : f32x4.convert_i32x4_s(v128.shr<u32>(shifted, 23));
  const n = v128.sub<real>(biased, entry(table, 0));
  const u = v128.sub<real>(m, one);
  const s = v128.div<real>(u, v128.add<real>(u, entry(terms, 0)));
  const square = v128.mul<real>(s, s);
  const rest = v128.mul<real>(square, polynomial(terms, 1, square));
  const low = mulAdd(n, entry(table, 2), v128.mul<real>(s, v128.sub<real>(rest, u)));
  return mulAdd(n, entry(table, 1), v128.add<real>(u, low));
}

/** x^(−1/3) to 4%, for normal x > 0: a third of its exponent and significand, taken together as one number. */
// @ts-ignore: decorator
@inline
function roughInverseCubeRoot(x: v128, table: usize): v128 {
  if (sizeof<real>() == 8) {
    const toInteger = entry(table, 2);
    const upper = v128.sub<real>(v128.or(v128.shr<u64>(x, 32), toInteger), toInteger);
    const third = v128.sub<real>(entry(table, 1), v128.mul<real>(upper, entry(table, 0)));
    return v128.shl<i64>(v128.add<real>(third, toInteger), 32);
  }
  const third = f32x4.sub(entry(table, 1), f32x4.mul(f32x4.convert_i32x4_s(x), entry(table, 0)));
  return i32x4.trunc_sat_f32x4_s(third);
}

/**
 * ∛x to 0.51 ulp, of every x: ±0, ±∞ and NaN are their own. Without a division: y = x^(−1/3) is found by a series and a
 * half as long one, and with t the upper half of x·y², whose cube is subtracted from x exactly, ∛x = t + δ + δ²y where
 * δ = (x − t³)·y²/3.
 */
// @ts-ignore: decorator
@inline
export function cbrt(x: v128): v128 {
  const table = sizeof<real>() == 8 ? CBRT_F64 : CBRT_F32;
  const upper = v128.load_splat<real>(sizeof<real>() == 8 ? UPPER_F64 : UPPER_F32);
  const third = entry(table, 0);
  const one = entry(table, 8);
  const size = v128.abs<real>(x);
  // So that nothing of the residual is denormal.
  const tiny = v128.lt<real>(size, entry(table, 5));
  const a = v128.mul<real>(size, v128.bitselect(entry(table, 6), one, tiny));
  let y = roughInverseCubeRoot(a, table);
  let e = v128.sub<real>(one, v128.mul<real>(v128.mul<real>(a, y), v128.mul<real>(y, y)));
  y = mulAdd(v128.mul<real>(y, e), mulAdd(mulAdd(entry(table, 3), e, entry(table, 4)), e, third), y);
  e = v128.sub<real>(one, v128.mul<real>(v128.mul<real>(a, y), v128.mul<real>(y, y)));
  const series = sizeof<real>() == 8 ? mulAdd(entry(table, 4), e, third) : third;
  y = mulAdd(v128.mul<real>(y, e), series, y);
  const square = v128.mul<real>(y, y);
  const t = v128.and(v128.mul<real>(a, square), upper);
  const tt = v128.mul<real>(t, t);
  const high = v128.and(tt, upper);
  const rest = v128.sub<real>(
    v128.sub<real>(a, v128.mul<real>(t, high)),
    v128.mul<real>(t, v128.sub<real>(tt, high)),
  );
  const step = v128.mul<real>(rest, v128.mul<real>(square, third));
  const bent = mulAdd(v128.mul<real>(step, step), y, step);
  const root = v128.mul<real>(v128.add<real>(t, bent), v128.bitselect(entry(table, 7), one, tiny));
  const zero = splat(0);
  const usual = v128.and(v128.eq<real>(v128.sub<real>(x, x), zero), v128.ne<real>(x, zero));
  return v128.bitselect(v128.or(root, v128.and(x, signBit())), x, usual);
}

/** Each lane to the power of an exponent, by the scalar function: some 30 times slower than a root. */
// @ts-ignore: decorator
@inline
export function power(base: v128, exponent: f64): v128 {
  if (sizeof<real>() == 8) {
    return f64x2.replace_lane(
      f64x2.splat(NativeMath.pow(f64x2.extract_lane(base, 0), exponent)),
      1,
      NativeMath.pow(f64x2.extract_lane(base, 1), exponent),
    );
  }
  let result = f32x4.splat(<f32>NativeMath.pow(<f64>f32x4.extract_lane(base, 0), exponent));
  result = f32x4.replace_lane(result, 1, <f32>NativeMath.pow(<f64>f32x4.extract_lane(base, 1), exponent));
  result = f32x4.replace_lane(result, 2, <f32>NativeMath.pow(<f64>f32x4.extract_lane(base, 2), exponent));
  return f32x4.replace_lane(result, 3, <f32>NativeMath.pow(<f64>f32x4.extract_lane(base, 3), exponent));
}

/** eˣ of `count` elements. */
export function expInto(count: i32, x: usize, out: usize): void {
  const size = bytes(count);
  for (let i: usize = 0; i < size; i += 16) v128.store(out + i, exp(v128.load(x + i)));
}

/** ln(1 + u) of `count` elements. */
export function log1pInto(count: i32, u: usize, out: usize): void {
  const size = bytes(count);
  for (let i: usize = 0; i < size; i += 16) v128.store(out + i, log1p(v128.load(u + i)));
}

/** ln x of `count` elements. */
export function logInto(count: i32, x: usize, out: usize): void {
  const size = bytes(count);
  for (let i: usize = 0; i < size; i += 16) v128.store(out + i, log(v128.load(x + i)));
}

/** ∛x of `count` elements. */
export function cbrtInto(count: i32, x: usize, out: usize): void {
  const size = bytes(count);
  for (let i: usize = 0; i < size; i += 16) v128.store(out + i, cbrt(v128.load(x + i)));
}
