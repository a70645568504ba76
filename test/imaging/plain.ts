// Blurs in plain JavaScript, as the formula has them: what the core's are held against.
import type { BlurOperator } from "../../src/imaging/index.ts";

/** The pixel that lies at a place, which may be beyond the edges by less than the image is long. */
export function pixelAt(place: number, length: number, boundary: "periodic" | "reflecting"): number {
  if (boundary === "periodic") return ((place % length) + length) % length;
  if (place < 0) return -1 - place;
  return place < length ? place : 2 * length - 1 - place;
}

/** (Ax)ᵢⱼ = Σ kₚᵤ x(i − p, j − q), p and q counted from the middle. */
export function plainBlur(
  { width, height, boundary, kernel }: BlurOperator,
  x: ArrayLike<number>,
): Float64Array {
  const middleRow = (kernel.length - 1) / 2;
  const middleColumn = (kernel[0].length - 1) / 2;
  return Float64Array.from({ length: width * height }, (_, at) => {
    const i = Math.floor(at / width);
    const j = at % width;
    let sum = 0;
    kernel.forEach((row, p) => {
      row.forEach((weight, q) => {
        const from = pixelAt(i - (p - middleRow), height, boundary) * width;
        sum += weight * x[from + pixelAt(j - (q - middleColumn), width, boundary)];
      });
    });
    return sum;
  });
}

/** ⟨x, y⟩. */
export const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
};
