type RealArray = Float64Array | Float32Array;
export type PlainSweep = (
  rates: RealArray,
  start: number,
  burnIn: number,
  keep: number,
  values: RealArray,
) => void;
export function plainSweep(width: number, form: "descent" | "expanded"): PlainSweep;
