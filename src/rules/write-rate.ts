import type { RealArray } from "../core/precision.ts";

/** Rates between this and its inverse are normal numbers in f32 too; so are the gradients that they go with. */
const LARGE = 2 ** 64;

/**
 * Writes a rate that follows from what was measured as two factors, the second of which multiplies the gradient first: a
 * rate that f32 cannot hold belongs to gradients that it can hardly hold either. One that is not finite goes with
 * the gradient, where kernels keep it out of the padding.
 */
export function writeRate(out: RealArray, rate: number): void {
  const isFinite = Number.isFinite(rate);
  const scale = !isFinite ? rate : rate > LARGE ? LARGE : rate < 1 / LARGE ? 1 / LARGE : 1;
  out[0] = isFinite ? rate / scale : 1;
  out[1] = scale;
}
