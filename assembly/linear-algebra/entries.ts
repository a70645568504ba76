// What the kernels on dense f64 matrices share. They are row-major, rows on 16 bytes, `pitch` bytes apart.

// @ts-ignore: decorator
@inline
export function at(a: usize, pitch: usize, i: i32, j: i32): f64 {
  return load<f64>(a + (<usize>i) * pitch + ((<usize>j) << 3));
}

// @ts-ignore: decorator
@inline
export function put(a: usize, pitch: usize, i: i32, j: i32, value: f64): void {
  store<f64>(a + (<usize>i) * pitch + ((<usize>j) << 3), value);
}

// @ts-ignore: decorator
@inline
export function entry(table: usize, i: i32): f64 {
  return load<f64>(table + ((<usize>i) << 3));
}

// @ts-ignore: decorator
@inline
export function putEntry(table: usize, i: i32, value: f64): void {
  store<f64>(table + ((<usize>i) << 3), value);
}

/** √(a² + b²) without overflow. */
// @ts-ignore: decorator
@inline
export function hypotenuse(a: f64, b: f64): f64 {
  const x = Math.abs(a), y = Math.abs(b);
  const large = max(x, y), small = min(x, y);
  if (large == 0) return 0;
  const quotient = small / large;
  return large * Math.sqrt(1 + quotient * quotient);
}
