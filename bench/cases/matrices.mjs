// Products and eigenvectors of matrices.
import { readFileSync } from "node:fs";
import { symmetricEigen } from "thalweg";
import { plainEigen } from "../plain-eigen.mjs";
import { fill, multiply, plainMatrix } from "../plain-matrix.mjs";
import { EQUAL, normals, PRECISIONS, side, storage } from "./kit.mjs";

/** Products of square matrices by the core's kernels, which have no public API, on a memory of their own. */
export function matrixCases() {
  const kinds = [
    ["matrix-product", (a, b, c) => multiply(a, b, c), "matrixProduct"],
    ["matrix-product-transposed", (a, b, c) => multiply(a, b, c, true), "matrixProductTransposed"],
    ["gram", (a, _, c) => multiply(a, a, c, true, true), "gram"],
  ];
  const bars = { f64: 2, f32: 4 };
  const one = (name, plain, kernel, order, precision) => ({
    name: `${name} ${order} ${precision}`,
    precision,
    bar: bars[precision],
    prepare() {
      const length = order * order;
      const bytes = length * (precision === "f64" ? 8 : 4);
      const [first, panel] = [65_536, 32_768];
      const pages = 1 + Math.ceil((3 * bytes) / 65_536);
      const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
      const binary = new WebAssembly.Module(
        readFileSync(new URL(`../../build/${precision}.wasm`, import.meta.url)),
      );
      const { exports } = new WebAssembly.Instance(binary, { env: { memory } });
      const [aAt, bAt, cAt] = [0, 1, 2].map((k) => first + k * bytes);
      const view = (at) => new storage[precision](memory.buffer, at, length);
      const [a, b, c] = [0, 1, 2].map(() => plainMatrix(order, order));
      [aAt, bAt].forEach((at, k) => {
        const values = normals(storage[precision], length, k + 1);
        view(at).set(values);
        fill([a, b][k], values);
      });
      const product =
        kernel === "gram"
          ? () => exports.gram(order, order, aAt, cAt, panel)
          : () => exports[kernel](order, order, order, aAt, bAt, cAt, panel);
      return {
        ours: side(product, () => view(cAt)),
        peers: {
          "plain loop": side(
            () => plain(a, b, c),
            () => c.entries,
          ),
        },
      };
    },
  });
  return PRECISIONS.flatMap((precision) =>
    [128, 512].flatMap((order) =>
      kinds.map(([name, plain, kernel]) => one(name, plain, kernel, order, precision)),
    ),
  );
}

/** All eigenvectors of a covariance matrix, against tridiagonal QL. */
export function eigenCases() {
  return [32, 128, 256].map((order) => ({
    name: `symmetric-eigen ${order} f64`,
    precision: "f64",
    bar: EQUAL,
    prepare() {
      const sample = plainMatrix(order, 2 * order);
      const square = plainMatrix(order, order);
      fill(sample, normals(Float64Array, 2 * order * order, 1));
      multiply(sample, sample, square, true, true);
      return {
        ours: side(() => symmetricEigen(square.entries).values),
        peers: { "plain QL": side(() => plainEigen(order, square.entries).values) },
      };
    },
  }));
}
