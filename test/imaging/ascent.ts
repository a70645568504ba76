import { readFileSync } from "node:fs";

/** Sides of the picture. */
export const SIDE = 512;

/** The test picture "ascent", 512 × 512, values from 0 to 1; or the part of it from a pixel on. */
export function ascent(width = SIDE, height = SIDE, left = 0, top = 0): Float64Array {
  const file = readFileSync(new URL("../../examples/data/ascent-512.pgm", import.meta.url));
  const pixels = file.subarray(file.length - SIDE * SIDE);
  return Float64Array.from(
    { length: width * height },
    (_, k) => pixels[(top + Math.floor(k / width)) * SIDE + left + (k % width)] / 255,
  );
}
