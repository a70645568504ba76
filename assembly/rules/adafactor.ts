// Adafactor on a matrix: a second moment of row means and column means, V = R·C/mean(R), and a step that is clipped by its RMS.
import { bytes, firstBytes, mulAdd, scalar, splat, sumLanes, wholeRegisters } from "../lanes";
import { foldInto } from "../vector/matrix";
import { norm } from "../vector/reduce";

/** Rows whose squares are added up in `real` before they are folded into f64 totals. */
const ROWS: i32 = 256;
/** Registers of a row likewise. */
const REGISTERS: usize = 256 * 16;

// @ts-ignore: decorator
@inline
function number(scalars: usize, index: i32): f64 {
  return <f64>load<real>(scalars + bytes(index));
}

/** Σ g² of each row, into f64 at `byRow`, and of each column at `byColumn`; `partial` takes a row. */
function squares(g: usize, rows: i32, columns: i32, byRow: usize, byColumn: usize, partial: usize): void {
  const pitch = bytes(columns), whole = pitch & ~15;
  const width = wholeRegisters(columns);
  const tail = firstBytes(pitch - whole);
  memory.fill(partial, 0, bytes(width));
  memory.fill(byColumn, 0, (<usize>width) << 3);
  for (let i = 0; i < rows; i++) {
    let total: f64 = 0;
    for (let from: usize = 0; from < whole; from += REGISTERS) {
      let sum = splat(0);
      for (let j = from, to = min(from + REGISTERS, whole); j < to; j += 16) {
        const gradient = v128.load(g + j);
        const square = v128.mul<real>(gradient, gradient);
        sum = v128.add<real>(sum, square);
        v128.store(partial + j, v128.add<real>(v128.load(partial + j), square));
      }
      total += sumLanes(sum);
    }
    if (whole < pitch) {
      const gradient = v128.and(v128.load(g + whole), tail);
      const square = v128.mul<real>(gradient, gradient);
      total += sumLanes(square);
      v128.store(partial + whole, v128.add<real>(v128.load(partial + whole), square));
    }
    store<f64>(byRow + ((<usize>i) << 3), total);
    if ((i + 1) % ROWS == 0) foldInto(width, partial, byColumn);
    g += pitch;
  }
  foldInto(width, partial, byColumn);
}

/** Renews `count` means from f64 sums over `length` entries each, and returns the mean of the means. */
function renew(
  count: i32, length: f64, means: usize, sums: usize, keep: f64, take: f64, epsilon: f64,
): f64 {
  let total: f64 = 0;
  for (let i = 0; i < count; i++) {
    const at = means + bytes(i);
    const mean = load<f64>(sums + ((<usize>i) << 3)) / length + epsilon;
    store<real>(at, <real>(keep * <f64>load<real>(at) + take * mean));
    total += <f64>load<real>(at);
  }
  return total / <f64>count;
}

/** `factors` ← √(over/mean), 0 where the mean is 0: nothing there has ever moved. */
function roots(count: i32, over: f64, means: usize, factors: usize): void {
  for (let i = 0; i < count; i++) {
    const mean = <f64>load<real>(means + bytes(i));
    store<real>(factors + bytes(i), <real>(mean == 0 ? 0 : Math.sqrt(over / mean)));
  }
}

/** g over the root of its factored second moment. */
// @ts-ignore: decorator
@inline
function update(clamped: bool, gradient: v128, ofRow: v128, ofColumn: v128, limit: v128): v128 {
  // The gradient first: the product of the factors alone may overflow where it is small.
  if (!clamped) return v128.mul<real>(v128.mul<real>(gradient, ofRow), ofColumn);
  return v128.mul<real>(gradient, v128.pmin<real>(limit, v128.mul<real>(ofRow, ofColumn)));
}

/** Σ of the squares of all updates. */
// @ts-ignore: decorator
@inline
function updateSquares(
  clamped: bool, g: usize, rows: i32, pitch: usize, byRow: usize, byColumn: usize, limit: v128,
): f64 {
  const whole = pitch & ~15;
  const tail = firstBytes(pitch - whole);
  let total: f64 = 0;
  for (let i = 0; i < rows; i++) {
    const ofRow = scalar(byRow, i);
    for (let from: usize = 0; from < whole; from += REGISTERS) {
      let sum = splat(0);
      for (let j = from, to = min(from + REGISTERS, whole); j < to; j += 16) {
        const step = update(clamped, v128.load(g + j), ofRow, v128.load(byColumn + j), limit);
        sum = mulAdd(step, step, sum);
      }
      total += sumLanes(sum);
    }
    if (whole < pitch) {
      const gradient = v128.and(v128.load(g + whole), tail);
      const step = update(clamped, gradient, ofRow, v128.load(byColumn + whole), limit);
      total += sumLanes(v128.mul<real>(step, step));
    }
    g += pitch;
  }
  return total;
}

// @ts-ignore: decorator
@inline
function descend(
  clamped: bool, momentum: bool, n: i32, x: usize, g: usize, state: usize, scalars: usize,
  rows: i32, columns: i32, scratch: usize,
): void {
  const keep = number(scalars, 0), take = number(scalars, 1);
  const epsilon = number(scalars, 2), leastScale = number(scalars, 3);
  const rate = number(scalars, 4), threshold = number(scalars, 5);
  const isScaled = number(scalars, 6) != 0;
  // What decay takes of x; in PyTorch's form, what it leaves.
  const decay = scalar(scalars, 7);
  const beta1 = scalar(scalars, 8);
  const pitch = bytes(columns), padded = bytes(wholeRegisters(columns));
  const count = <f64>rows * <f64>columns;
  const rowMeans = state;
  const columnMeans = rowMeans + bytes(wholeRegisters(rows));
  let m = columnMeans + padded;
  // In the scratch: sums in f64, then the factors, and the two numbers that the step is multiplied by.
  const rowSums = scratch;
  const columnSums = rowSums + ((<usize>wholeRegisters(rows)) << 3);
  const byRow = columnSums + ((<usize>wholeRegisters(columns)) << 3);
  const byColumn = byRow + bytes(wholeRegisters(rows));
  const numbers = byColumn + padded;

  squares(g, rows, columns, rowSums, columnSums, byColumn);
  const added = clamped ? 0 : epsilon;
  let mean = renew(rows, <f64>columns, rowMeans, rowSums, keep, take, added);
  renew(columns, <f64>rows, columnMeans, columnSums, keep, take, added);
  // A single row has the parameters' own moments, which PyTorch does not divide by anything.
  if (clamped && rows > 1) mean = max(mean, epsilon);
  roots(rows, mean, rowMeans, byRow);
  roots(columns, 1, columnMeans, byColumn);
  store<real>(numbers, <real>(1 / epsilon));
  const limit = scalar(numbers, 0);
  const size = Math.sqrt(updateSquares(clamped, g, rows, pitch, byRow, byColumn, limit) / count);
  const scale = isScaled ? max(leastScale, norm(n, x) / Math.sqrt(count)) : 1;
  const factor = (rate * scale) / max(1, size / threshold);
  store<real>(numbers, <real>(momentum ? factor * (1 - number(scalars, 8)) : factor));
  const taken = v128.mul<real>(scalar(scalars, 9), scalar(numbers, 0));

  const whole = pitch & ~15;
  const tail = firstBytes(pitch - whole);
  const all = v128.not(splat(0));
  for (let i = 0; i < rows; i++) {
    const ofRow = scalar(byRow, i);
    for (let j: usize = 0; j < pitch; j += 16) {
      const inside = j < whole ? all : tail;
      const parameter = v128.load(x + j);
      let step = v128.mul<real>(
        taken,
        update(clamped, v128.load(g + j), ofRow, v128.load(byColumn + j), limit),
      );
      if (momentum) {
        const before = v128.load(m + j);
        step = mulAdd(beta1, before, step);
        v128.store(m + j, v128.bitselect(step, before, inside));
      }
      // A factor close to 1 costs f32 up to 3e-8 a step; PyTorch pays the same, and its form is held to it.
      const next = clamped
        ? v128.sub<real>(v128.mul<real>(decay, parameter), step)
        : v128.sub<real>(parameter, mulAdd(decay, parameter, step));
      v128.store(x + j, v128.bitselect(next, parameter, inside));
    }
    x += pitch;
    g += pitch;
    m += pitch;
  }
}

export function adafactor(
  n: i32, x: usize, g: usize, state: usize, scalars: usize, rows: i32, columns: i32, scratch: usize,
): void {
  descend(false, false, n, x, g, state, scalars, rows, columns, scratch);
}

export function adafactorMomentum(
  n: i32, x: usize, g: usize, state: usize, scalars: usize, rows: i32, columns: i32, scratch: usize,
): void {
  descend(false, true, n, x, g, state, scalars, rows, columns, scratch);
}

export function adafactorClamped(
  n: i32, x: usize, g: usize, state: usize, scalars: usize, rows: i32, columns: i32, scratch: usize,
): void {
  descend(true, false, n, x, g, state, scalars, rows, columns, scratch);
}

export function adafactorClampedMomentum(
  n: i32, x: usize, g: usize, state: usize, scalars: usize, rows: i32, columns: i32, scratch: usize,
): void {
  descend(true, true, n, x, g, state, scalars, rows, columns, scratch);
}
