// Element-wise combinations of whole blocks.
import { bytes, held, mulAdd } from "../lanes";

/** x ← a·x. */
export function scale(n: i32, a: f64, x: usize): void {
  const factor = held(a);
  for (let p = x, end = x + bytes(n); p < end; p += 16) {
    v128.store(p, v128.mul<real>(v128.load(p), factor));
  }
}

/** y ← y + a·x. */
export function axpy(n: i32, a: f64, x: usize, y: usize): void {
  const factor = held(a);
  const toY = y - x;
  for (let p = x, end = x + bytes(n); p < end; p += 16) {
    v128.store(p + toY, mulAdd(factor, v128.load(p), v128.load(p + toY)));
  }
}

/** z ← a·x + b·y. */
export function combine(n: i32, a: f64, x: usize, b: f64, y: usize, z: usize): void {
  const factorX = held(a);
  const factorY = held(b);
  const size = bytes(n);
  for (let i: usize = 0; i < size; i += 16) {
    v128.store(
      z + i,
      v128.add<real>(
        v128.mul<real>(factorX, v128.load(x + i)),
        v128.mul<real>(factorY, v128.load(y + i)),
      ),
    );
  }
}

/** z ← x ∘ y, element by element. */
export function multiply(n: i32, x: usize, y: usize, z: usize): void {
  const size = bytes(n);
  for (let i: usize = 0; i < size; i += 16) {
    v128.store(z + i, v128.mul<real>(v128.load(x + i), v128.load(y + i)));
  }
}
