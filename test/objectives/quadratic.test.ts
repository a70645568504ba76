import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.ts";
import { quadratic } from "../../src/objectives/quadratic.ts";
import { normals } from "./plain.ts";
import { distance, Probe, relativeDistance } from "./probe.ts";

function randomSymmetric(d: number, seed: number): number[][] {
  const random = new Random(seed);
  const rows = Array.from({ length: d }, () => new Array<number>(d).fill(0));
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) rows[i][j] = rows[j][i] = Math.fround(random.normal());
  }
  return rows;
}

const times = (a: readonly ArrayLike<number>[], x: ArrayLike<number>) =>
  a.map((row) => Array.from(x).reduce((sum, entry, j) => sum + row[j] * entry, 0));

describe.each([
  ["f64", 1e-13],
  ["f32", 1e-5],
] as const)("a quadratic in %s", (precision, bound) => {
  it("gives ½xᵀAx − bᵀx + c, Ax − b and Av for dense and diagonal A of any width", () => {
    for (const d of [1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 32, 33, 65, 530]) {
      const dense = randomSymmetric(d, d);
      const random = new Random(d, 1);
      const [diagonal, b, x, v] = [0, 1, 2, 3].map(() => normals(random, d));
      const diagonalRows = dense.map((row, i) => row.map((_, j) => (i === j ? diagonal[i] : 0)));
      for (const [objective, rows] of [
        [quadratic(dense, b, 0.5), dense],
        [quadratic(Float64Array.from(dense.flat()), b, 0.5), dense],
        [quadratic({ diagonal }, b, 0.5), diagonalRows],
      ] as const) {
        const probe = new Probe(objective, precision).at(x);
        const ax = times(rows, x);
        const { value, gradient } = probe.valueAndGradient();
        const terms = ax.map((entry, i) => x[i] * (0.5 * entry - b[i]));
        const size = terms.reduce((sum, term) => sum + Math.abs(term), 0.5);
        expect(Math.abs(value - terms.reduce((s, t) => s + t, 0.5)) / size, `d = ${d}`).toBeLessThan(bound);
        expect(
          relativeDistance(
            gradient,
            ax.map((entry, i) => entry - b[i]),
          ),
        ).toBeLessThan(bound);
        const product = probe.product(v);
        expect(relativeDistance(product, times(rows, v))).toBeLessThan(bound);
        expect(distance(product, times(rows, v))).toBeLessThanOrEqual(probe.productError());
        expect(probe.value()).toBe(value);
        expect(probe.gradient()).toEqual(gradient);
        expect(probe.intact).toBe(true);
        expect(probe.bound.evaluations).toEqual({ value: 2, gradient: 2, hessianVectorProduct: 1 });
      }
    }
  });
});

describe("a quadratic", () => {
  it("[speed-limit] of 5θ² has the product 10 exactly", () => {
    const probe = new Probe(quadratic([[10]])).at([1]);
    expect(probe.valueAndGradient()).toEqual({ value: 5, gradient: Float64Array.of(10) });
    expect(probe.product([1])[0]).toBe(10);
  });

  it("is convex only where that is certain", () => {
    expect(quadratic({ diagonal: [0, 3] }).convex).toBe(true);
    expect(quadratic({ diagonal: [3, -1e-300] }).convex).toBe(false);
    expect(
      quadratic([
        [2, -1],
        [-1, 1],
      ]).convex,
    ).toBe(true);
    expect(
      quadratic([
        [2, -3],
        [-3, 9],
      ]).convex,
    ).toBe(false);
    expect(quadratic({ diagonal: [5, -2] }).curvatureFloor).toBe(-2);
  });

  it("claims convexity of no dense matrix that has a negative eigenvalue", () => {
    const entry = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(entry, entry, entry, (a, b, c) => {
        if (
          !quadratic([
            [a, b],
            [b, c],
          ]).convex
        )
          return;
        expect(a + c).toBeGreaterThanOrEqual(0);
        expect(a * c - b * b).toBeGreaterThanOrEqual(-1e-13);
      }),
    );
  });

  it("takes the mean of two entries that differ by rounding", () => {
    const probe = new Probe(
      quadratic([
        [1, 1 + 2 ** -51],
        [1, 1],
      ]),
    );
    expect(probe.product([0, 1])[0]).toBe(1 + 2 ** -52);
    expect(probe.product([1, 0])[1]).toBe(1 + 2 ** -52);
  });

  it.each([
    [
      () =>
        quadratic([
          [1, 2],
          [3, 4],
        ]),
      "got 2 in row 0, column 1 but 3 in row 1, column 0",
    ],
    [
      () =>
        quadratic([
          [1, 2, 3],
          [2, 1, 3],
        ]),
      "row 0 has 3",
    ],
    [() => quadratic([[1, 2], [2]]), "row 1 has 1"],
    [
      () =>
        quadratic([
          [1, Number.NaN],
          [2, 3],
        ]),
      "got NaN in row 0, column 1",
    ],
    [() => quadratic([[1, 2], "x" as never]), 'got "x" as row 1'],
    [() => quadratic([1, 2, 3]), "needs d² entries, got 3"],
    [() => quadratic([]), "must not be empty"],
    [() => quadratic({ diagonal: [] }), "matrix.diagonal must not be empty"],
    [() => quadratic({ diagonal: [1, Infinity] }), "matrix.diagonal[1] must be finite"],
    [() => quadratic({ diag: [1] } as never), "{ diagonal }, got an object"],
    [() => quadratic(3 as never), "got 3"],
    [() => quadratic([[1]], [1, 2]), "linear must have 1 entries, got 2"],
    [() => quadratic([[1]], [1], "c" as never), "constant must be a number"],
    [() => quadratic([[1]], [1], Infinity), "constant must lie in the finite numbers"],
  ])("that is wrong is refused by name (%#)", (make, message) => {
    expect(make).toThrow(message);
  });
});
