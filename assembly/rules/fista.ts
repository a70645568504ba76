// FISTA: a projected gradient step from the point that the momentum leads to, and the next such point. What leads from the last
// answer to x is kept by itself: the difference of two answers would lose its digits. The slots are point, step and back.
import { bytes, inFours, scalar } from "../lanes";

// @ts-ignore: decorator
@inline
function project(
  back: bool, p: usize, toGradient: usize, toPoint: usize, size: usize, rate: v128, lower: v128, upper: v128,
): void {
  const toStep = toPoint + size;
  const x = v128.load(p);
  const change = v128.mul<real>(rate, v128.load(p + toGradient));
  const free = v128.sub<real>(x, change);
  const next = v128.pmin<real>(v128.pmax<real>(free, lower), upper);
  const held = v128.ne<real>(next, free);
  const taken = v128.sub<real>(v128.load(p + toStep), change);
  const across = v128.sub<real>(next, v128.load(p + toPoint));
  v128.store(p + toStep, v128.bitselect(across, taken, held));
  if (back) v128.store(p + toStep + size, v128.bitselect(v128.sub<real>(x, next), change, held));
  v128.store(p + toPoint, next);
}

/** Clears the padding of a slot. */
// @ts-ignore: decorator
@inline
function clearPadding(slot: usize, used: usize, size: usize): void {
  memory.fill(slot + used, 0, size - used);
}

// @ts-ignore: decorator
@inline
function projectAll(back: bool, n: i32, x: usize, g: usize, state: usize, scalars: usize, length: i32): void {
  const rate = scalar(scalars, 0);
  const lower = scalar(scalars, 1);
  const upper = scalar(scalars, 2);
  const size = bytes(n), toGradient = g - x, toPoint = state - x;
  let p = x;
  for (const fours = x + inFours(size); p < fours; p += 64) {
    project(back, p, toGradient, toPoint, size, rate, lower, upper);
    project(back, p + 16, toGradient, toPoint, size, rate, lower, upper);
    project(back, p + 32, toGradient, toPoint, size, rate, lower, upper);
    project(back, p + 48, toGradient, toPoint, size, rate, lower, upper);
  }
  for (const end = x + size; p < end; p += 16) project(back, p, toGradient, toPoint, size, rate, lower, upper);
  // The bounds need not hold 0.
  const used = bytes(length);
  clearPadding(state, used, size);
  clearPadding(state + size, used, size);
  if (back) clearPadding(state + 2 * size, used, size);
}

/** point′ ← min(max(x − ηg, lower), upper), step ← point′ − point. */
export function fistaProject(
  n: i32, x: usize, g: usize, state: usize, scalars: usize, rows: i32, columns: i32,
): void {
  projectAll(false, n, x, g, state, scalars, rows * columns);
}

/** The same, and back ← x − point′. */
export function fistaProjectBack(
  n: i32, x: usize, g: usize, state: usize, scalars: usize, rows: i32, columns: i32,
): void {
  projectAll(true, n, x, g, state, scalars, rows * columns);
}

// @ts-ignore: decorator
@inline
function lead(p: usize, toPoint: usize, toStep: usize, momentum: v128): void {
  const ahead = v128.mul<real>(momentum, v128.load(p + toStep));
  v128.store(p, v128.add<real>(v128.load(p + toPoint), ahead));
  v128.store(p + toStep, ahead);
}

/** step ← β·step, x ← point + step. */
export function fistaLead(n: i32, x: usize, _g: usize, state: usize, scalars: usize): void {
  const momentum = scalar(scalars, 0);
  const size = bytes(n), toPoint = state - x, toStep = toPoint + size;
  let p = x;
  for (const fours = x + inFours(size); p < fours; p += 64) {
    lead(p, toPoint, toStep, momentum);
    lead(p + 16, toPoint, toStep, momentum);
    lead(p + 32, toPoint, toStep, momentum);
    lead(p + 48, toPoint, toStep, momentum);
  }
  for (const end = x + size; p < end; p += 16) lead(p, toPoint, toStep, momentum);
}
