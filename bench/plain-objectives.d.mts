type RealArray = Float64Array | Float32Array;
type ValueAndGradient = (w: RealArray, g: RealArray) => number;
type Product = (v: RealArray, out: RealArray) => void;
export function plainLogistic(
  features: RealArray,
  signs: ArrayLike<number>,
  columns: number,
  l2: number,
): { valueAndGradient: ValueAndGradient; linearize(w: RealArray): void; product: Product };
export function plainSoftmax(
  features: RealArray,
  labels: ArrayLike<number>,
  columns: number,
  classes: number,
  l2: number,
): { valueAndGradient: ValueAndGradient };
export function plainDescent(
  valueAndGradient: ValueAndGradient,
  x: RealArray,
  learningRate: number,
): { readonly state: { readonly value: number; readonly gradientNorm: number }; step(): void };
export function plainPowerIteration(product: Product, v: RealArray, steps: number): number;
