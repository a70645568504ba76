// What the kernels of rules with moving averages share.
import { mulAdd } from "../lanes";

/** slot ← keep·slot + take·value; the new average. */
// @ts-ignore: decorator
@inline
export function average(slot: usize, keep: v128, take: v128, value: v128): v128 {
  const next = mulAdd(keep, v128.load(slot), v128.mul<real>(take, value));
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
