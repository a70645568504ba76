type RealArray = Float64Array | Float32Array;
type Blur = (image: RealArray, out: RealArray) => void;
type MakeBlur = (
  kernel: readonly Float64Array[],
  images: { readonly width: number; readonly height: number; readonly boundary: "periodic" | "reflecting" },
  storage: Float64ArrayConstructor | Float32ArrayConstructor,
) => Blur;
export const plainSeparableBlur: MakeBlur;
export const plainBlur: MakeBlur;
export function plainDeblurring(
  blur: Blur,
  observed: RealArray,
): { valueAndGradient(x: RealArray, g: RealArray): number };
