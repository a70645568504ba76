// What the kernels of rules with moving averages share.
import { between, bytes, mulAdd } from "../lanes";

/** slot ← keep·slot + take·value; the new average. */
// @ts-ignore: decorator
@inline
export function average(slot: usize, keep: v128, take: v128, value: v128): v128 {
  const next = mulAdd(keep, v128.load(slot), v128.mul<real>(take, value));
  v128.store(slot, next);
  return next;
}

/**
 * Whether an average takes so little of each value that f32 is better off to move by that share of the difference: 0.99 and 0.01, each
 * rounded by itself, come to 1 + 9e-9, and an average over 100 steps to 1 + 9e-7 of itself. Where it takes a quarter or more that is 1.2e-7 at the
 * most, and the difference would lose digits; in f64 the formula stands as it is printed. `take` is the scalar's place.
 */
// @ts-ignore: decorator
@inline
export function takesLittle(scalars: usize, take: i32): bool {
  return sizeof<real>() == 4 && load<real>(scalars + bytes(take)) < 0.25;
}

/** The same as `average` in a form chosen by `takesLittle`, once for a whole block. */
// @ts-ignore: decorator
@inline
export function averageBy(little: bool, slot: usize, keep: v128, take: v128, value: v128): v128 {
  if (!little) return average(slot, keep, take, value);
  const next = between(v128.load(slot), value, take);
  v128.store(slot, next);
  return next;
}

/** slot ← keep·slot + take·value²; the new average. */
// @ts-ignore: decorator
@inline
export function averageSquare(slot: usize, keep: v128, take: v128, value: v128): v128 {
  const next = mulAdd(keep, v128.load(slot), v128.mul<real>(v128.mul<real>(take, value), value));
  v128.store(slot, next);
  return next;
}

/** scale·√(second + inside) + ε. */
// @ts-ignore: decorator
@inline
export function rootOf(second: v128, inside: v128, scale: v128, epsilon: v128): v128 {
  return mulAdd(scale, v128.sqrt<real>(v128.add<real>(second, inside)), epsilon);
}

/** x ← x − (step + shrink·x): the step and decoupled weight decay in one assignment, which is rounded once. */
// @ts-ignore: decorator
@inline
export function descend(x: usize, step: v128, shrink: v128): void {
  const parameter = v128.load(x);
  v128.store(x, v128.sub<real>(parameter, mulAdd(shrink, parameter, step)));
}
