import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { nuclearNorm, singularValues } from "../../src/curvature/singular-values.ts";
import { symmetricEigen } from "../../src/curvature/symmetric-eigen.ts";

const matrixOf = (random: Random, rows: number, columns: number) =>
  Array.from({ length: rows }, () => Float64Array.from({ length: columns }, () => random.normal()));

describe("singularValues", () => {
  test("are the roots of the eigenvalues of AᵀA", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.nat(),
        (rows, columns, seed) => {
          const a = matrixOf(new Random(seed), rows, columns);
          const gram = Array.from({ length: columns }, (_, i) =>
            Array.from({ length: columns }, (__, j) => a.reduce((sum, row) => sum + row[i] * row[j], 0)),
          );
          const expected = symmetricEigen(gram).values;
          const found = singularValues(a);
          expect(found.length).toBe(Math.min(rows, columns));
          found.forEach((value, k) => {
            expect(Math.abs(value * value - expected[k])).toBeLessThan(1e-12 * expected[0]);
          });
          // The Frobenius norm is that of the singular values, for the transpose too.
          const frobenius = a.reduce((sum, row) => row.reduce((part, entry) => part + entry * entry, sum), 0);
          expect(found.reduce((sum, value) => sum + value * value, 0) / frobenius).toBeCloseTo(1, 12);
          const turned = Array.from({ length: columns }, (_, j) => a.map((row) => row[j]));
          singularValues(turned).forEach((value, k) => {
            expect(Math.abs(value - found[k])).toBeLessThan(1e-13 * found[0]);
          });
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  test("of the Hilbert matrix of order 8 are those of its known condition number, the least to six digits", () => {
    const hilbert = Array.from({ length: 8 }, (_, i) =>
      Array.from({ length: 8 }, (__, j) => 1 / (i + j + 1)),
    );
    const values = singularValues(hilbert);
    // Todd 1954, Fettis and Caslin 1967: λmax 1.695938996921949, λmin 1.11153896637e-10, κ 1.5258e10.
    expect(values[0]).toBeCloseTo(1.695938996921949, 14);
    expect(values[7] / 1.11153896637e-10).toBeCloseTo(1, 5);
  });

  test("keep their digits where rows differ in size by a hundred orders of magnitude", () => {
    const graded = [
      [1e60, 2e60],
      [3e-40, -1e-40],
    ];
    const [large, small] = singularValues(graded);
    expect(large / (Math.sqrt(5) * 1e60)).toBeCloseTo(1, 14);
    // |det| = 7e20.
    expect((large * small) / 7e20).toBeCloseTo(1, 13);
    expect(
      Array.from(
        singularValues([
          [1e-320, 0],
          [0, 0],
        ]),
      ),
    ).toEqual([1e-320, 0]);
    expect(singularValues([[1.5e308, 0]])[0]).toBe(1.5e308);
  });

  test("of zeros, of one row, of rank 1", () => {
    expect(
      Array.from(
        singularValues([
          [0, 0],
          [0, 0],
        ]),
      ),
    ).toEqual([0, 0]);
    expect(singularValues([[3, 4]])[0]).toBe(5);
    const [first, second] = singularValues([
      [1, 2],
      [2, 4],
    ]);
    expect(first).toBeCloseTo(5, 14);
    expect(second).toBeLessThan(1e-15);
  });

  test("refuse what is no matrix", () => {
    expect(() => singularValues([1, 2])).toThrow(
      "singularValues: matrix must have rows and columns, got the shape 2",
    );
    expect(() => singularValues([[1, Number.NaN]])).toThrow(
      "singularValues: matrix[0][1] must be finite, got NaN",
    );
    expect(() => nuclearNorm([[1], [1, 2]])).toThrow(
      "matrix[1] must have 1 entries as the first row has, got 2",
    );
  });
});

test("nuclearNorm is a norm: |λ| of symmetric matrices, dual to the spectral norm", () => {
  expect(
    nuclearNorm([
      [0, 2],
      [2, 0],
    ]),
  ).toBeCloseTo(4, 14);
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const random = new Random(seed);
      const [a, b] = [matrixOf(random, 4, 6), matrixOf(random, 4, 6)];
      const sum = a.map((row, i) => row.map((entry, j) => entry + b[i][j]));
      expect(nuclearNorm(sum)).toBeLessThanOrEqual(nuclearNorm(a) + nuclearNorm(b) + 1e-12);
      const inner = a.reduce((all, row, i) => row.reduce((part, entry, j) => part + entry * b[i][j], all), 0);
      expect(Math.abs(inner)).toBeLessThanOrEqual(nuclearNorm(a) * singularValues(b)[0] + 1e-12);
    }),
    { numRuns: 40, seed: 3 },
  );
});
