// What the cases share.
import { Random } from "thalweg";

export const PRECISIONS = ["f64", "f32"];
export const storage = { f64: Float64Array, f32: Float32Array };
/** Nothing may be slower than plain JavaScript. */
export const EQUAL = 1;

export const normals = (Storage, length, seed) => {
  const random = new Random(seed);
  return new Storage(length).map(() => random.normal());
};

/** Whole numbers below a limit, as labels. */
export const labels = (count, classes, seed) => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => Math.floor(random.uniform() * classes));
};

/** A side of a case that calls `work` as often as it is told; what it shows for it is `result`, or what the last call returned. */
export function side(work, result) {
  let last;
  return {
    run(times) {
      for (let i = 0; i < times; i++) last = work();
    },
    result: () => (result ? result(last) : last),
  };
}
