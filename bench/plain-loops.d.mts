type RealArray = Float64Array | Float32Array;
type Options = Readonly<Record<string, unknown>>;
export interface Inputs {
  readonly value: number;
  hessianVectorProduct(v: RealArray, product: RealArray): void;
}
export type Loop = (
  x: RealArray,
  g: RealArray,
  options: Options,
  shape: readonly [rows: number, columns: number],
) => (inputs: Inputs) => void;
export const plainLoops: Readonly<
  Record<string, { readonly options: Options; readonly loop: Loop } | undefined>
>;
export const adamFround: Loop;
