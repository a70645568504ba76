// LAMB: the step of Adam with decoupled decay, u, then x ← x − η·‖x‖·u/‖u‖ over a block.
import { bytes, inFours, mulAdd, ratio, scalar, splat } from "../lanes";
import { rootOf } from "./moments";

/** Renews the moments, and writes u. */
export function lambUpdate(n: i32, x: usize, g: usize, state: usize, scalars: usize): void {
  const sign = scalar(scalars, 0);
  const decay = scalar(scalars, 1);
  const beta1 = scalar(scalars, 2);
  const beta1Rest = scalar(scalars, 3);
  const beta2 = scalar(scalars, 4);
  const beta2Rest = scalar(scalars, 5);
  const firstScale = scalar(scalars, 6);
  const rootScale = scalar(scalars, 7);
  const epsilon = scalar(scalars, 8);
  const inside = scalar(scalars, 9);
  const zero = splat(0);
  const size = bytes(n);
  const m = state + size;
  const v = m + size;
  for (let i: usize = 0; i < size; i += 16) {
    const gradient = v128.mul<real>(sign, v128.load(g + i));
    const first = mulAdd(beta1, v128.load(m + i), v128.mul<real>(beta1Rest, gradient));
    const second = mulAdd(
      beta2,
      v128.load(v + i),
      v128.mul<real>(v128.mul<real>(beta2Rest, gradient), gradient),
    );
    v128.store(m + i, first);
    v128.store(v + i, second);
    const root = rootOf(second, inside, rootScale, epsilon);
    v128.store(
      state + i,
      mulAdd(decay, v128.load(x + i), ratio(v128.mul<real>(firstScale, first), root, zero)),
    );
  }
}

// @ts-ignore: decorator
@inline
function step(x: usize, u: usize, rate: v128, scale: v128, zero: v128): void {
  const update = v128.load(u);
  // As in gradientDescentScaled: the padding stays at 0 whatever the norms are.
  const unit = v128.and(v128.mul<real>(scale, update), v128.ne<real>(update, zero));
  v128.store(x, v128.sub<real>(v128.load(x), v128.mul<real>(rate, unit)));
}

/** Takes the step along u. */
export function lambStep(n: i32, x: usize, g: usize, u: usize, scalars: usize): void {
  const rate = scalar(scalars, 0);
  const scale = scalar(scalars, 1);
  const zero = splat(0);
  const size = bytes(n);
  const end = x + size;
  for (const fours = x + inFours(size); x < fours; x += 64, u += 64) {
    step(x, u, rate, scale, zero);
    step(x + 16, u + 16, rate, scale, zero);
    step(x + 32, u + 32, rate, scale, zero);
    step(x + 48, u + 48, rate, scale, zero);
  }
  for (; x < end; x += 16, u += 16) step(x, u, rate, scale, zero);
}
