// Steps of a chunk: one compiled loop for each kind of slope, method, and with or without Jacobians.
import { scalar, splat } from "../lanes";
import { ARRAY, RATE, X } from "./chunk";
import { CUBIC, CUBIC_FROM_0, POLYNOMIAL, PRODUCT, QUADRATIC, QUADRATIC_FROM_0, SINE, slope } from "./slope";
import { AFFINE, DESCENT, HEAVY_BALL, MOMENTUM, next, step } from "./step";

/**
 * Takes `steps` steps of a chunk and returns the bits that its coordinates had, or-ed. The state stays in memory
 * between steps: with the rates there are more registers at work than the machine has, and what V8 moved to and fro in a
 * loop of eight registers made it 1.35 times slower than this.
 */
// @ts-ignore: decorator
@inline
function loop(kind: i32, method: i32, tangent: bool, chunk: usize, steps: i32, table: usize): v128 {
  const b0 = scalar(table, 0), b1 = scalar(table, 1), b2 = scalar(table, 2), b3 = scalar(table, 3), b4 = scalar(table, 4);
  const w = scalar(table, 16), u = scalar(table, 17), one = scalar(table, 18);
  const end = chunk + ARRAY;
  let seen = splat(0);
  for (; steps > 0; steps--) {
    if (kind <= CUBIC && !tangent) {
      // Two registers a turn: 0.94 of the time of one; four gain another hundredth.
      for (let p = chunk; p < end; p += 32) {
        seen = v128.or(seen, step(kind, method, tangent, p, table, b0, b1, b2, b3, b4, w, u, one));
        seen = v128.or(seen, step(kind, method, tangent, p + 16, table, b0, b1, b2, b3, b4, w, u, one));
      }
    } else {
      for (let p = chunk; p < end; p += 16) {
        seen = v128.or(seen, step(kind, method, tangent, p, table, b0, b1, b2, b3, b4, w, u, one));
      }
    }
  }
  return seen;
}

/**
 * The same of methods without a velocity, and returns only the bits that the coordinates have in the end: 0.8 of the time,
 * with two steps while a register is at hand 0.75. Three steps are slower again: what waits for one another fills the machine.
 */
// @ts-ignore: decorator
@inline
function loopUnwatched(kind: i32, method: i32, chunk: usize, steps: i32, table: usize): v128 {
  const b0 = scalar(table, 0), b1 = scalar(table, 1), b2 = scalar(table, 2), w = scalar(table, 16), u = scalar(table, 17);
  const end = chunk + ARRAY;
  for (; steps > 1; steps -= 2) {
    for (let p = chunk; p < end; p += 32) {
      let x = v128.load(p, X), y = v128.load(p + 16, X);
      const rateX = v128.load(p, RATE), rateY = v128.load(p + 16, RATE);
      x = next(method, x, rateX, slope(kind, table, x, b0, b1, b2), w, u);
      y = next(method, y, rateY, slope(kind, table, y, b0, b1, b2), w, u);
      x = next(method, x, rateX, slope(kind, table, x, b0, b1, b2), w, u);
      y = next(method, y, rateY, slope(kind, table, y, b0, b1, b2), w, u);
      v128.store(p, x, X);
      v128.store(p + 16, y, X);
    }
  }
  let seen = splat(0);
  for (let p = chunk; p < end; p += 16) {
    let x = v128.load(p, X);
    if (steps > 0) x = next(method, x, v128.load(p, RATE), slope(kind, table, x, b0, b1, b2), w, u);
    v128.store(p, x, X);
    seen = v128.or(seen, x);
  }
  return seen;
}

type Loop = (chunk: usize, steps: i32, table: usize) => v128;

/** Every loop, by kind, by method, without and with Jacobians; those of two variables are only descended. */
const LOOPS: StaticArray<Loop> = [
  (chunk, steps, table) => loop(QUADRATIC, DESCENT, false, chunk, steps, table),
  (chunk, steps, table) => loop(QUADRATIC, DESCENT, true, chunk, steps, table),
  (chunk, steps, table) => loop(QUADRATIC, AFFINE, false, chunk, steps, table),
  (chunk, steps, table) => loop(QUADRATIC, AFFINE, true, chunk, steps, table),
  (chunk, steps, table) => loop(QUADRATIC, HEAVY_BALL, false, chunk, steps, table),
  (chunk, steps, table) => loop(QUADRATIC, HEAVY_BALL, true, chunk, steps, table),
  (chunk, steps, table) => loop(QUADRATIC, MOMENTUM, false, chunk, steps, table),
  (chunk, steps, table) => loop(QUADRATIC, MOMENTUM, true, chunk, steps, table),
  (chunk, steps, table) => loop(CUBIC, DESCENT, false, chunk, steps, table),
  (chunk, steps, table) => loop(CUBIC, DESCENT, true, chunk, steps, table),
  (chunk, steps, table) => loop(CUBIC, AFFINE, false, chunk, steps, table),
  (chunk, steps, table) => loop(CUBIC, AFFINE, true, chunk, steps, table),
  (chunk, steps, table) => loop(CUBIC, HEAVY_BALL, false, chunk, steps, table),
  (chunk, steps, table) => loop(CUBIC, HEAVY_BALL, true, chunk, steps, table),
  (chunk, steps, table) => loop(CUBIC, MOMENTUM, false, chunk, steps, table),
  (chunk, steps, table) => loop(CUBIC, MOMENTUM, true, chunk, steps, table),
  (chunk, steps, table) => loop(POLYNOMIAL, DESCENT, false, chunk, steps, table),
  (chunk, steps, table) => loop(POLYNOMIAL, DESCENT, true, chunk, steps, table),
  (chunk, steps, table) => loop(POLYNOMIAL, AFFINE, false, chunk, steps, table),
  (chunk, steps, table) => loop(POLYNOMIAL, AFFINE, true, chunk, steps, table),
  (chunk, steps, table) => loop(POLYNOMIAL, HEAVY_BALL, false, chunk, steps, table),
  (chunk, steps, table) => loop(POLYNOMIAL, HEAVY_BALL, true, chunk, steps, table),
  (chunk, steps, table) => loop(POLYNOMIAL, MOMENTUM, false, chunk, steps, table),
  (chunk, steps, table) => loop(POLYNOMIAL, MOMENTUM, true, chunk, steps, table),
  (chunk, steps, table) => loop(SINE, DESCENT, false, chunk, steps, table),
  (chunk, steps, table) => loop(SINE, DESCENT, true, chunk, steps, table),
  (chunk, steps, table) => loop(SINE, AFFINE, false, chunk, steps, table),
  (chunk, steps, table) => loop(SINE, AFFINE, true, chunk, steps, table),
  (chunk, steps, table) => loop(SINE, HEAVY_BALL, false, chunk, steps, table),
  (chunk, steps, table) => loop(SINE, HEAVY_BALL, true, chunk, steps, table),
  (chunk, steps, table) => loop(SINE, MOMENTUM, false, chunk, steps, table),
  (chunk, steps, table) => loop(SINE, MOMENTUM, true, chunk, steps, table),
  (chunk, steps, table) => loop(PRODUCT, DESCENT, false, chunk, steps, table),
  (chunk, steps, table) => loop(PRODUCT, DESCENT, true, chunk, steps, table),
];

/** Loops that do not watch, without and with b₀, by kind and method. */
const UNWATCHED: StaticArray<Loop> = [
  (chunk, steps, table) => loopUnwatched(QUADRATIC_FROM_0, DESCENT, chunk, steps, table),
  (chunk, steps, table) => loopUnwatched(QUADRATIC, DESCENT, chunk, steps, table),
  (chunk, steps, table) => loopUnwatched(QUADRATIC_FROM_0, AFFINE, chunk, steps, table),
  (chunk, steps, table) => loopUnwatched(QUADRATIC, AFFINE, chunk, steps, table),
  (chunk, steps, table) => loopUnwatched(CUBIC_FROM_0, DESCENT, chunk, steps, table),
  (chunk, steps, table) => loopUnwatched(CUBIC, DESCENT, chunk, steps, table),
  (chunk, steps, table) => loopUnwatched(CUBIC_FROM_0, AFFINE, chunk, steps, table),
  (chunk, steps, table) => loopUnwatched(CUBIC, AFFINE, chunk, steps, table),
];

/** `advance` for maps of two or three powers that take whoever is at 2 or more further out in each step: there the end tells enough. */
// @ts-ignore: decorator
@inline
export function advanceUnwatched(kind: i32, method: i32, chunk: usize, steps: i32, table: usize): v128 {
  return unchecked(UNWATCHED[(kind << 2) + (method << 1) + i32(load<real>(table) != 0)])(chunk, steps, table);
}

/** See `loop`. */
// @ts-ignore: decorator
@inline
export function advance(
  kind: i32, method: i32, tangent: bool, chunk: usize, steps: i32, table: usize,
): v128 {
  return unchecked(LOOPS[((kind << 2) + method << 1) + i32(tangent)])(chunk, steps, table);
}
