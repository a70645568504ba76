import { type ArrayInput, readArray } from "../core/array-input.ts";
import { checkKeys, checkNumber } from "../core/check.ts";
import { log } from "../core/scalar.ts";

/** Options of {@link psnr}. */
export interface PsnrOptions {
  /** The largest value that a pixel can have: > 0, default 1. */
  readonly peak?: number;
}

/**
 * The peak signal-to-noise ratio of an image against the one that it should be, in decibels: 10·log₁₀(peak²/mean squared error).
 * Some 30 dB are good; 6 dB are a factor of 2 in the error.
 *
 * @param image - numbers in any form of array
 * @param reference - as many
 * @param options.peak - > 0, default 1
 * @returns the ratio in dB; ∞ where both are the same
 * @throws TypeError or RangeError naming the argument that is wrong, or where the numbers of pixels differ
 *
 * @example
 * ```ts
 * import { psnr } from "thalweg";
 * psnr([0.5, 0.4], [0.5, 0.5]); // ≈ 23.01
 * psnr([100, 0], [0, 0], { peak: 100 }); // ≈ 3.01
 * ```
 *
 * Source: Huynh-Thu and Ghanbari, "Scope of validity of PSNR in image/video quality assessment", Electronics Letters 44, 2008.
 */
export function psnr(image: ArrayInput, reference: ArrayInput, options: PsnrOptions = {}): number {
  const owner = "psnr";
  checkKeys(owner, options, ["peak"]);
  const { peak = 1 } = options;
  checkNumber(owner, "peak", peak, "(0, ∞)", (v) => v > 0 && v < Infinity);
  const { values } = readArray(owner, "image", image);
  const { values: wanted } = readArray(owner, "reference", reference);
  if (values.length !== wanted.length) {
    throw new RangeError(
      `${owner}: image must have as many pixels as reference, got ${values.length} and ${wanted.length}`,
    );
  }
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += ((values[i] - wanted[i]) / peak) ** 2;
  return (10 * log(values.length / squares)) / Math.LN10;
}
