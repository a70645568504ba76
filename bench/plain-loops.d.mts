type RealArray = Float64Array | Float32Array;
type Options = Readonly<Record<string, unknown>>;
export type Loop = (x: RealArray, g: RealArray, options: Options) => () => void;
export const plainLoops: Readonly<
  Record<string, { readonly options: Options; readonly loop: Loop } | undefined>
>;
export const adamFround: Loop;
