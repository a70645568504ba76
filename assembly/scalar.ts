// Scalar functions that give the same bits in every engine, for rates and coefficients.

export function cbrt(x: f64): f64 {
  return NativeMath.cbrt(x);
}

export function atan2(y: f64, x: f64): f64 {
  return NativeMath.atan2(y, x);
}

export function cos(x: f64): f64 {
  return NativeMath.cos(x);
}

export function exp(x: f64): f64 {
  return NativeMath.exp(x);
}

export function log(x: f64): f64 {
  return NativeMath.log(x);
}

export function log1p(x: f64): f64 {
  return NativeMath.log1p(x);
}

export function pow(base: f64, exponent: f64): f64 {
  return NativeMath.pow(base, exponent);
}

export function sin(x: f64): f64 {
  return NativeMath.sin(x);
}

export function tanh(x: f64): f64 {
  return NativeMath.tanh(x);
}
