import type { RealArray } from "../../src/core/precision.ts";

type Vectors = RealArray | Readonly<Record<string, RealArray>>;

const arrays = (vectors: Vectors): readonly RealArray[] =>
  ArrayBuffer.isView(vectors) ? [vectors] : Object.values(vectors);

/** What any rule may take besides the gradient, for `optimizer.step`: a value, and the Hessian ½I. */
export const anyInputs = {
  value: 1.5,
  hessianVectorProduct(v: Vectors, product: Vectors): void {
    const products = arrays(product);
    arrays(v).forEach((entries, k) => {
      products[k].set(entries.map((entry) => 0.5 * entry));
    });
  },
};
