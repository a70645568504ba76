/** The element type of parameters, gradients and data: "f64" (default) or "f32", which halves memory. */
export type Precision = "f64" | "f32";

/** A block of elements in either precision. */
export type RealArray = Float64Array | Float32Array;

/** An array of numbers as users hold them; the library copies it in. */
export type Numbers = ArrayLike<number>;

/** Bytes of one element. */
export const elementBytes = { f64: 8, f32: 4 } as const;

/** Elements of one 16-byte register. */
export const lanes = { f64: 2, f32: 4 } as const;

/** The relative rounding error of one operation (half a unit in the last place, times two). */
export const machineEpsilon = { f64: 2 ** -52, f32: 2 ** -23 } as const;

/** `count` elements rounded up to whole registers. */
export function paddedLength(count: number, precision: Precision): number {
  const width = lanes[precision];
  return Math.ceil(count / width) * width;
}
