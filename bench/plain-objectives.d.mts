type RealArray = Float64Array | Float32Array;
type Product = (v: RealArray, out: RealArray) => void;
interface Plain {
  valueAndGradient(w: RealArray, g: RealArray): number;
}
interface PlainLinear extends Plain {
  linearize(w: RealArray): void;
  product: Product;
}
type OnData<P> = (features: RealArray, targets: readonly number[], columns: number, l2: number) => P;
export const plainLeastSquares: OnData<PlainLinear>;
export const plainLogistic: OnData<PlainLinear>;
export const plainSoftmax: OnData<Plain>;
export function plainDescent(
  valueAndGradient: Plain["valueAndGradient"],
  x: RealArray,
  learningRate: number,
): { readonly state: { readonly value: number; readonly gradientNorm: number }; step(): void };
export function plainPowerIteration(product: Product, v: RealArray, steps: number): number;
