import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { determinant, solveShifted } from "../../../src/dynamics/maps/small-matrix.ts";

describe("small matrices", () => {
  const entry = fc.double({ min: -2, max: 2, noNaN: true });
  const square = (n: number) =>
    fc.array(fc.array(entry, { minLength: n, maxLength: n }), { minLength: n, maxLength: n });

  test("a determinant is the sum over permutations, of A + shift·I", () => {
    fc.assert(
      fc.property(square(3), entry, (matrix, shift) => {
        const [[a, b, c], [d, e, f], [g, h, i]] = matrix.map((row, k) =>
          row.map((x, j) => (j === k ? x + shift : x)),
        );
        const expected = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
        expect(Math.abs(determinant(matrix, shift) - expected)).toBeLessThan(1e-12);
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  test("a determinant is 0 where a column is, wherever it stands", () => {
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 10],
    ];
    for (const column of [0, 1, 2]) {
      const singular = rows.map((row) => row.map((entry, j) => (j === column ? 0 : entry)));
      expect(Math.abs(determinant(singular, 0))).toBe(0);
    }
    expect(
      solveShifted(
        [
          [1, 0],
          [0, 3],
        ],
        [1, 1],
      ).every(Number.isFinite),
    ).toBe(false);
  });

  test("a solution of (A − I)x = b satisfies it", () => {
    fc.assert(
      fc.property(square(4), fc.array(entry, { minLength: 4, maxLength: 4 }), (matrix, right) => {
        fc.pre(Math.abs(determinant(matrix, -1)) > 0.1);
        const x = solveShifted(matrix, right);
        matrix.forEach((row, i) => {
          const image = row.reduce((sum, a, j) => sum + a * x[j], 0) - x[i];
          expect(Math.abs(image - right[i])).toBeLessThan(1e-9);
        });
      }),
      { numRuns: 100, seed: 4 },
    );
    expect(solveShifted([[1]], [1]).every(Number.isFinite)).toBe(false);
  });
});
