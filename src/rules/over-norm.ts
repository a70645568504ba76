import type { RealArray } from "../core/precision.ts";

// 2⁻¹²⁶ and 2¹²⁶: between them a number and its inverse are normal in f32 too.
const SMALLEST = 1.1754943508222875e-38;
const LARGEST = 8.507059173023462e37;

/**
 * Writes factor/norm as two factors, at `at` and behind it, for a kernel that multiplies by the second first: factor/norm alone
 * overflows where the norm is tiny. At a norm of 0 the first is 0. A norm or factor that is NaN goes with the second, where the
 * kernels keep it out of the padding.
 */
export function writeOverNorm(out: RealArray, at: number, factor: number, norm: number): void {
  const near = Math.min(Math.max(norm, SMALLEST), LARGEST);
  const unknown = Number.isNaN(norm) || Number.isNaN(factor);
  out[at] = unknown || norm === 0 ? 0 : factor * (near / norm);
  out[at + 1] = unknown ? Number.NaN : 1 / near;
}

/** Whether the ratio ‖x‖/‖u‖ is taken, or 1 in its place: where one is 0, for a block that begins at 0 would never move. */
export const hasRatio = (parameterNorm: number, norm: number): boolean => parameterNorm !== 0 && norm !== 0;
