import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ArrayInput } from "../../src/core/array-input.ts";
import { checkGradient } from "../../src/curvature/check-gradient.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { powerIteration } from "../../src/curvature/power-iteration.ts";
import { applyScaling } from "../../src/data/index.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import {
  leastSquares,
  logisticRegression,
  quadratic,
  softmaxRegression,
  type UserProblem,
} from "../../src/objectives/index.ts";
import { gradientDescent, sgd } from "../../src/rules/index.ts";
import { thrownBy } from "../errors/bad-values.ts";
import { flatForms, rowForms, shapedForms, type Tensor } from "./forms.ts";

const finite = fc.double({ min: -1e3, max: 1e3, noNaN: true });

/** Tensors of one to three axes. */
const tensors = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }).chain((shape) => {
  const length = shape.reduce((product, side) => product * side, 1);
  const values = fc.array(finite, { minLength: length, maxLength: length });
  return values.map((values): Tensor => ({ values, shape }));
});

const matrices = (rows: number, columns: number) =>
  fc.array(finite, { minLength: rows * columns, maxLength: rows * columns });

const bits = (values: ArrayLike<number>) => [...new BigUint64Array(Float64Array.from(values).buffer)].join();

/** A bowl whose value and gradient tell every coordinate apart. */
const bowl: UserProblem = {
  value(x) {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += (i + 1) * x[i] * x[i];
    return sum;
  },
  gradient(x, g) {
    for (let i = 0; i < x.length; i++) g[i] = 2 * (i + 1) * x[i];
  },
};

/** Whatever takes a point, and the numbers that follow from it. */
const points: Readonly<Record<string, (at: ArrayInput) => ArrayLike<number>>> = {
  createOptimizer: (at) => createOptimizer(sgd(), at).parameters,
  "createOptimizer of a block": (at) => createOptimizer(sgd(), { w: at }).parameters.w,
  "createOptimizer of a block's values": (at) => createOptimizer(sgd(), { w: { values: at } }).parameters.w,
  minimize: (start) => minimize(bowl, { rule: gradientDescent(), start, steps: 2 }).x,
  curvature: (at) => curvature(bowl, { at }).spectrum,
  powerIteration: (at) => [powerIteration(bowl, { at, steps: 3 }).lambda],
  checkGradient: (at) => [checkGradient(bowl, { at }).worst.given],
};

test.each(Object.entries(points))(
  "[interop] every form of the same numbers gives %s the same bits",
  (_, use) => {
    fc.assert(
      fc.property(tensors, (tensor) => {
        const expected = bits(use(tensor.values));
        for (const [name, form] of Object.entries({ ...flatForms, ...shapedForms, ...rowForms })) {
          const input = form(tensor) as ArrayInput;
          expect(bits(use(input)), `${name} of ${tensor.shape.join(" × ")}`).toBe(expected);
        }
      }),
      { numRuns: 15, seed: 3 },
    );
  },
);

test("[interop] numbers of other types are taken as the numbers they are", () => {
  const values = [1, 2, 3, 250];
  const kinds = [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
  ];
  for (const Kind of kinds) {
    const array = Kind.from(values);
    expect([...createOptimizer(sgd(), array).parameters]).toEqual([...array]);
    expect([...createOptimizer(sgd(), { data: array, shape: [2, 2], stride: [1, 2] }).parameters]).toEqual([
      array[0],
      array[2],
      array[1],
      array[3],
    ]);
  }
  if ("Float16Array" in globalThis) {
    const { Float16Array } = globalThis as unknown as { Float16Array: Float32ArrayConstructor };
    expect([...createOptimizer(sgd(), Float16Array.of(1, 0.5)).parameters]).toEqual([1, 0.5]);
  }
});

test("[interop] a named block keeps the shape that its form knows", () => {
  fc.assert(
    fc.property(tensors, (tensor) => {
      const [rows] = tensor.shape;
      const width = tensor.values.length / rows;
      for (const form of Object.values({ ...shapedForms, ...(tensor.shape.length > 1 ? rowForms : {}) })) {
        const optimizer = createOptimizer(gradientDescent({ learningRate: 1 }), {
          w: form(tensor) as ArrayInput,
        });
        const row = Array.from({ length: width }, (_, j) => j + 1);
        optimizer.setSparseGradient("w", [rows - 1], [row]);
        optimizer.step();
        const moved = tensor.values.map((x, i) =>
          i < (rows - 1) * width ? x : x - (i - (rows - 1) * width + 1),
        );
        expect([...optimizer.parameters.w]).toEqual(moved);
        expect(() => optimizer.setSparseGradient("w", [rows], [row])).toThrow(
          `rows[0] must be an integer in [0, ${rows})`,
        );
        optimizer.dispose();
      }
    }),
    { numRuns: 20, seed: 4 },
  );
});

describe("data in every form", () => {
  const rows = 6;
  const columns = 3;
  const everyForm = (values: readonly number[]) => {
    const tensor = { values, shape: [rows, columns] };
    return {
      flat: Object.entries(flatForms).map(([name, form]) => [name, form(tensor) as ArrayInput] as const),
      shaped: Object.entries({ ...shapedForms, ...rowForms }).map(
        ([name, form]) => [name, form(tensor) as readonly number[][]] as const,
      ),
    };
  };

  test("[interop] gives each data objective the same bits, with and without an intercept", () => {
    const labels = ["a", "b", "c", "a", "b", "c"];
    const two = [1, 0, 1, 0, 0, 1];
    const makers = {
      leastSquares: (features: never, options: object) => leastSquares(features, [1, 2, 3, 4, 5, 6], options),
      logisticRegression: (features: never, options: object) => logisticRegression(features, two, options),
      softmaxRegression: (features: never, options: object) => softmaxRegression(features, labels, options),
    };
    fc.assert(
      fc.property(matrices(rows, columns), fc.boolean(), (values, intercept) => {
        for (const make of Object.values(makers)) {
          const use = (features: unknown, options: object) =>
            bits(
              minimize(make(features as never, { intercept, l2: 0.1, ...options }), { rule: sgd(), steps: 3 })
                .x,
            );
          const { flat, shaped } = everyForm(values);
          const expected = use(values, { columns });
          for (const [name, features] of flat) expect(use(features, { columns }), name).toBe(expected);
          for (const [name, features] of shaped) {
            expect(use(features, {}), name).toBe(expected);
            expect(use(features, { columns }), name).toBe(expected);
          }
        }
      }),
      { numRuns: 8, seed: 5 },
    );
  });

  test("[interop] targets and labels may be of another library too", () => {
    const features = [[1], [2], [3], [4]];
    const targets = [1, 3, 2, 5];
    const solve = (y: unknown) =>
      bits(minimize(leastSquares(features, y as number[]), { rule: sgd(), steps: 3 }).x);
    const classify = (y: unknown) =>
      bits(minimize(logisticRegression(features, y as number[]), { rule: sgd(), steps: 3 }).x);
    const tensor = { values: targets, shape: [4] };
    for (const [name, form] of Object.entries({ ...flatForms, ...shapedForms })) {
      expect(solve(form(tensor)), name).toBe(solve(targets));
      const labels = { values: [0, 1, 0, 1], shape: [4] };
      expect(classify(form(labels)), name).toBe(classify([0, 1, 0, 1]));
    }
    expect(classify({ toArray: () => ["no", "yes", "no", "yes"] })).toBe(classify([0, 1, 0, 1]));
    expect(solve({ shape: [4, 1], dataSync: () => Float32Array.from(targets) })).toBe(solve(targets));
  });

  test("[interop] gives a quadratic the same bits, dense or diagonal", () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 3, maxLength: 3 }), (diagonal) => {
        const dense = {
          values: diagonal.flatMap((d, i) => [0, 1, 2].map((j) => (i === j ? d : 0.5))),
          shape: [3, 3],
        };
        const use = (matrix: unknown, linear: unknown) =>
          bits(
            minimize(quadratic(matrix as number[], linear as number[]), {
              rule: gradientDescent({ learningRate: 1e-3 }),
              start: [1, 2, 3],
              steps: 3,
            }).x,
          );
        const b = { values: [3, 2, 1], shape: [3] };
        const d = { values: diagonal, shape: [3] };
        for (const [name, form] of Object.entries({ ...flatForms, ...shapedForms })) {
          expect(use(form(dense), form(b)), name).toBe(use(dense.values, b.values));
          expect(use({ diagonal: form(d) }, form(b)), name).toBe(use({ diagonal }, b.values));
        }
        for (const form of Object.values(rowForms))
          expect(use(form(dense), b.values)).toBe(use(dense.values, b.values));
      }),
      { numRuns: 20, seed: 6 },
    );
  });

  test("[interop] gives applyScaling the same bits", () => {
    const scaling = {
      kind: "none",
      columns: ["a", "b", "c"],
      means: [1, 2, 3],
      scales: [4, 5, 6],
      constantColumns: [],
    } as const;
    const values = Array.from({ length: rows * columns }, (_, i) => i / 7);
    const { flat, shaped } = everyForm(values);
    for (const [, features] of [...flat, ...shaped]) {
      expect(bits(applyScaling(scaling, features))).toBe(bits(applyScaling(scaling, values)));
    }
  });
});

test("[interop] results are plain typed arrays of the precision asked for", () => {
  const tensor = { shape: [2], dataSync: () => Int32Array.of(1, 2) };
  for (const [precision, Kind] of [
    ["f64", Float64Array],
    ["f32", Float32Array],
  ] as const) {
    const optimizer = createOptimizer(sgd(), tensor, { precision });
    expect(optimizer.parameters.constructor).toBe(Kind);
    expect(optimizer.gradient.constructor).toBe(Kind);
    expect(minimize(bowl, { rule: sgd(), start: tensor, precision, steps: 1 }).x.constructor).toBe(Kind);
  }
  expect(curvature(bowl, { at: tensor }).topVector.constructor).toBe(Float64Array);
});

test("[interop] big typed arrays that lie in order are not copied", () => {
  let copies = 0;
  class Counting extends Float64Array {
    static get [Symbol.species](): Float64ArrayConstructor {
      copies++;
      return Float64Array;
    }
  }
  const data = new Counting(1000).fill(1);
  leastSquares({ shape: [100, 10], dataSync: () => data }, new Float64Array(100));
  expect(copies).toBe(0);
  leastSquares({ shape: [100, 10], data }, new Float64Array(100));
  // One view of the part that the ndarray speaks of.
  expect(copies).toBe(1);
});

const detached = () => {
  const array = Float64Array.of(1, 2);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
};
const cyclic: unknown[] = [];
cyclic.push(cyclic);
// biome-ignore lint/suspicious/noSparseArray: holes are what is tested
const holes = [1, , 3];
// biome-ignore lint/suspicious/noSparseArray: holes are what is tested
const holeOfRow = [[1, 2], , [3, 4]];

/** Inputs that look like arrays of numbers and are not, with what is said of them. */
const refused: readonly [string, unknown, RegExp][] = [
  ["an array with a hole", holes, /initial\[1\] must be a number, got undefined/],
  ["a sparse array", new Array(2 ** 31), /initial\[0\] must be a number, got undefined/],
  ["rows with a hole", holeOfRow, /initial\[1\] must be a row of numbers, got undefined/],
  ["rows of unequal length", [[1, 2], [3]], /initial\[1\] must have 2 entries as the first row has, got 1/],
  ["rows of unequal shape", [[[1, 2]], [[1], [2]]], /initial\[1\] must have 1 × 2 entries .* got 2 × 1/],
  ["rows and numbers", [[1], 2], /initial\[1\] must be a row of numbers, got 2/],
  ["numbers and rows", [1, [2]], /initial\[1\] must be a number, got an array of 1/],
  ["empty rows", [[], []], /initial\[0\] must not be empty/],
  ["a cycle", cyclic, /nests more than 16 deep/],
  ["strings", ["1"], /initial\[0\] must be a number, got "1"/],
  ["big integers", BigInt64Array.of(1n), /initial\[0\] must be a number, got 1n/],
  ["big integers in a list", [1n], /initial\[0\] must be a number, got 1n/],
  ["no numbers", new Float64Array(0), /initial must not be empty/],
  ["a detached array", detached(), /initial must not be empty/],
  ["a DataView", new DataView(new ArrayBuffer(8)), /must be an array of numbers .* got a DataView/],
  ["an ArrayBuffer", new ArrayBuffer(8), /initial must not be empty, got an ArrayBuffer/],
  ["a Set", new Set([1]), /initial must not be empty, got a Set/],
  ["NaN", [1, Number.NaN], /initial\[1\] must be finite, got NaN/],
  ["NaN in rows", [[1], [Number.NaN]], /initial\[1\]\[0\] must be finite, got NaN/],
  [
    "NaN behind a stride",
    { data: [1, 0, Number.NaN], shape: [2], stride: [2] },
    /initial\.data\[2\] must be finite, got NaN/,
  ],
  [
    "∞ of a tensor",
    { dataSync: () => [Infinity] },
    /initial\.dataSync\(\)\[0\] must be finite, got Infinity/,
  ],
  ["text of a tensor", { dataSync: () => ["a"] }, /initial\.dataSync\(\)\[0\] must be a number, got "a"/],
  [
    "a tensor of another shape",
    { dataSync: () => [1, 2], shape: [3] },
    /initial must have 3 = 3 entries, got 2/,
  ],
  [
    "a tensor that converts to itself",
    { dataSync: () => ({ dataSync: () => 1 }) },
    /dataSync\(\)\.dataSync\(\) must be an array/,
  ],
  ["an array of no array", { toArray: () => "12" }, /initial must be an array of numbers, got an object/],
  [
    "a matrix of fractions",
    { toArray: () => [[{ n: 1, d: 2 }]] },
    /toArray\(\)\[0\]\[0\] must be a number, got an object/,
  ],
  ["an ndarray that reaches too far", { data: [1, 2, 3], shape: [2, 2] }, /initial reaches entry 3 of 3/],
  [
    "an ndarray that reaches below",
    { data: [1, 2], shape: [2], stride: [-1] },
    /initial reaches entry -1 of 2/,
  ],
  [
    "an ndarray with a hole",
    { data: holes, shape: [3] },
    /initial\.data\[1\] must be a number, got undefined/,
  ],
  [
    "a shape with a hole",
    { data: [1, 2, 3], shape: holes },
    /initial\.shape must be an array of positive integers/,
  ],
  ["a shape of text", { data: [1], shape: ["1"] }, /initial\.shape must be an array of positive integers/],
  [
    "no stride for an axis",
    { data: [1, 2], shape: [2, 1], stride: [1] },
    /one stride an axis, got an array of 1/,
  ],
  [
    "a stride that is no integer",
    { data: [1, 2], shape: [2], stride: [0.5] },
    /stride and offset must be integers/,
  ],
  [
    "a stride that is none",
    { data: [1, 2], shape: [2], stride: null },
    /stride and offset must be integers.* got null/,
  ],
  [
    "an offset that is no integer",
    { data: [1], shape: [1], offset: "0" },
    /stride and offset must be integers.* got .* "0"/,
  ],
  ["one number many times", { data: [1], shape: [2 ** 40], stride: [0] }, /more than a memory holds/],
];

test.each(refused)("[interop] %s is refused in a sentence", (_, input, said) => {
  const error = thrownBy(() => createOptimizer(sgd(), input as never)) as Error;
  expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
  expect(error.message).toMatch(/^createOptimizer: /);
  expect(error.message).toMatch(said);
});

test("[interop] what a library's own conversion throws passes through", () => {
  const mine = new Error("Tensor is disposed.");
  const disposed = {
    shape: [1],
    dataSync() {
      throw mine;
    },
  };
  expect(thrownBy(() => createOptimizer(sgd(), disposed))).toBe(mine);
  expect(thrownBy(() => leastSquares(disposed, [1]))).toBe(mine);
});

test("[interop] shapes that do not fit are refused by name", () => {
  const cube = { shape: [1, 2, 2], dataSync: () => [1, 2, 3, 4] };
  expect(() => leastSquares(cube, [1])).toThrow(
    /features must have rows and columns, got the shape 1 × 2 × 2/,
  );
  const square = { shape: [2, 2], dataSync: () => [1, 2, 3, 4] };
  expect(() => leastSquares(square, [1, 2], { columns: 4 })).toThrow(
    /columns is 4, but features have the shape 2 × 2/,
  );
  const line = { shape: [4], dataSync: () => [1, 2, 3, 4] };
  expect(() => leastSquares(line, [1, 2])).toThrow(/need the option columns/);
  const wide = { shape: [1, 4], dataSync: () => [1, 2, 3, 4] };
  expect(() => quadratic(wide)).toThrow(/matrix must be square, got the shape 1 × 4/);
  expect(() => quadratic([[1]], { data: [1, 2], shape: [2] })).toThrow(/linear must have 1 entries, got 2/);
});

test("[interop] numbers that f32 cannot hold are refused there, by name", () => {
  const precision = "f32";
  expect([...createOptimizer(sgd(), [1e300]).parameters]).toEqual([1e300]);
  expect(() => createOptimizer(sgd(), [1, 1e300], { precision })).toThrow(
    /initial\[1\] is 1e\+300, beyond what f32 holds/,
  );
  expect(() => createOptimizer(sgd(), { w: [-1e39] }, { precision })).toThrow(
    /w\[0\] is -1e\+39, beyond what f32 holds/,
  );
  expect(() => minimize(bowl, { rule: sgd(), start: [4e38], precision })).toThrow(
    /start\[0\] is 4e\+38, beyond/,
  );
});

describe("named blocks", () => {
  // f = w₀² + 3w₁² + 5b²; its Hessian is diagonal.
  const problem = {
    value: ({ w, b }: { w: ArrayLike<number>; b: ArrayLike<number> }) =>
      w[0] ** 2 + 3 * w[1] ** 2 + 5 * b[0] ** 2,
  };
  const at = { w: [1, 2], b: [3] };

  test("[interop] may be the point of curvature and powerIteration", () => {
    const { spectrum, topVector } = curvature(problem, { at });
    for (const [i, lambda] of [10, 6, 2].entries()) expect(spectrum[i]).toBeCloseTo(lambda, 5);
    expect(Math.abs(topVector[2])).toBeCloseTo(1, 8);
    expect(powerIteration(problem, { at, tolerance: 1e-4 }).lambda).toBeCloseTo(10, 3);
  });

  test("[interop] may be the point of checkGradient, which counts one behind the other", () => {
    const wrong = {
      ...problem,
      gradient({ w, b }: typeof at, g: { w: { [i: number]: number }; b: { [i: number]: number } }) {
        g.w[0] = 2 * w[0];
        g.w[1] = 6 * w[1];
        g.b[0] = 5 * b[0];
      },
    };
    expect(checkGradient(wrong as never, { at }).worst).toMatchObject({ index: 2, given: 15 });
  });

  test("[interop] are refused where the problem is on one array", () => {
    expect(() => curvature(quadratic([[1]]) as never, { at: { w: [1] } })).toThrow(
      /curvature: at must be an array of numbers for quadratic, got named blocks/,
    );
  });
});
