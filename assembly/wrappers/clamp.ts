// Bounds on every element: clipping by value, and projection onto a box.
import { bytes, countLanes, countedLanes, held, splat } from "../lanes";

/** x ← min(max(x, low), high), NaN staying NaN. Returns how many elements lay outside. */
export function clamp(n: i32, low: f64, high: f64, x: usize): f64 {
  const floor = held(low);
  const ceiling = held(high);
  let outside = splat(0);
  for (let p = x, end = x + bytes(n); p < end; p += 16) {
    const value = v128.load(p);
    const beyond = v128.or(v128.lt<real>(value, floor), v128.gt<real>(value, ceiling));
    outside = countLanes(outside, beyond);
    v128.store(p, v128.pmin<real>(v128.pmax<real>(value, floor), ceiling));
  }
  return countedLanes(outside);
}
