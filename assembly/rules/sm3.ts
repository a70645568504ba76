// SM3-II on a matrix: ν = min(row's, column's) + g², x ← x − η·g/√(ν + ε); each row and column keeps its largest ν.
import { bytes, firstBytes, larger, mulAdd, ratio, scalar, splat, wholeRegisters } from "../lanes";

/** The largest lane of a register. */
// @ts-ignore: decorator
@inline
function largestLane(a: v128): real {
  if (sizeof<real>() == 8) return max(v128.extract_lane<real>(a, 0), v128.extract_lane<real>(a, 1));
  return max(
    max(v128.extract_lane<real>(a, 0), v128.extract_lane<real>(a, 1)),
    max(<real>f32x4.extract_lane(a, 2), <real>f32x4.extract_lane(a, 3)),
  );
}

// @ts-ignore: decorator
@inline
function descend(
  momentum: bool, x: usize, g: usize, state: usize, scalars: usize, rows: i32, columns: i32, scratch: usize,
): void {
  const rate = scalar(scalars, 0);
  const sign = scalar(scalars, 1);
  const keep = scalar(scalars, 2);
  const take = scalar(scalars, 3);
  const epsilon = scalar(scalars, 4);
  const beta = scalar(scalars, 5);
  const betaRest = scalar(scalars, 6);
  const shrink = scalar(scalars, 7);
  const zero = splat(0);
  const pitch = bytes(columns), padded = bytes(wholeRegisters(columns));
  const byRow = state;
  const byColumn = byRow + bytes(wholeRegisters(rows));
  let m = byColumn + padded;
  const whole = pitch & ~15;
  const tail = firstBytes(pitch - whole);
  memory.fill(scratch, 0, padded);
  for (let i = 0; i < rows; i++) {
    const ofRow = scalar(byRow, i);
    let largest = zero;
    // The tail is a register of its own: what lies behind the row is left as it is.
    for (let j: usize = 0; j < pitch; j += 16) {
      const inside = j < whole ? v128.not(zero) : tail;
      const gradient = v128.mul<real>(sign, v128.load(g + j));
      const least = v128.pmin<real>(ofRow, v128.load(byColumn + j));
      const square = mulAdd(keep, least, v128.mul<real>(v128.mul<real>(take, gradient), gradient));
      // A ν that is NaN is larger than nothing: it stays out of the accumulators.
      const covered = v128.and(square, inside);
      largest = larger(largest, covered);
      v128.store(scratch + j, larger(v128.load(scratch + j), covered));
      let step = ratio(gradient, v128.sqrt<real>(v128.add<real>(square, epsilon)), zero);
      if (momentum) {
        const before = v128.load(m + j);
        step = mulAdd(beta, before, v128.mul<real>(betaRest, step));
        v128.store(m + j, v128.bitselect(step, before, inside));
      }
      const parameter = v128.load(x + j);
      const next = v128.sub<real>(parameter, mulAdd(shrink, parameter, v128.mul<real>(rate, step)));
      v128.store(x + j, v128.bitselect(next, parameter, inside));
    }
    store<real>(byRow + bytes(i), largestLane(largest));
    x += pitch;
    g += pitch;
    m += pitch;
  }
  memory.copy(byColumn, scratch, padded);
}

export function sm3(
  n: i32, x: usize, g: usize, state: usize, scalars: usize, rows: i32, columns: i32, scratch: usize,
): void {
  descend(false, x, g, state, scalars, rows, columns, scratch);
}

export function sm3Momentum(
  n: i32, x: usize, g: usize, state: usize, scalars: usize, rows: i32, columns: i32, scratch: usize,
): void {
  descend(true, x, g, state, scalars, rows, columns, scratch);
}
