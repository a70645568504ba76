import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rootBetween } from "../../src/dynamics/root.ts";
import { determinant, solveShifted } from "../../src/dynamics/small-matrix.ts";

/** The root that is found, and how often the function was asked. */
function find(f: (x: number) => number, low: number, high: number) {
  let asked = 0;
  const root = rootBetween({ at: low, value: f(low) }, { at: high, value: f(high) }, (x) => {
    asked++;
    return f(x);
  });
  return { root, asked };
}

describe("a root between two points", () => {
  test.each([
    ["√2", (x: number) => x * x - 2, 0, 2, Math.SQRT2],
    ["ln 3", (x: number) => Math.exp(x) - 3, -1, 4, Math.log(3)],
    ["falling, with its larger value at the right", (x: number) => 2 - x ** 9, 0, 3, 2 ** (1 / 9)],
    ["a line", (x: number) => 0.3 - x, -5, 7, 0.3],
    ["π, steep and flat", (x: number) => Math.sin(x) * 1e-30, 2, 5, Math.PI],
  ] as const)(
    "is found to the last bits, in few steps where the function is smooth: %s",
    (_, f, low, high, expected) => {
      const { root, asked } = find(f, low, high);
      expect(Math.abs(root! - expected)).toBeLessThanOrEqual(2 ** -51 * expected);
      expect(asked).toBeLessThan(16);
    },
  );

  test("is the place of a jump, by halving, and the end where the value is 0", () => {
    const { root, asked } = find((x) => (x < 1 / 3 ? -1 : 1), 0, 1);
    expect(Math.abs(root! - 1 / 3)).toBeLessThan(2 ** -52);
    expect(asked).toBeLessThan(120);
    expect(find((x) => x, -1, 0).root).toBe(0);
  });

  test("is not there where the function cannot be evaluated", () => {
    expect(rootBetween({ at: 0, value: 1 }, { at: 1, value: -1 }, () => undefined)).toBeUndefined();
  });

  test("is found wherever a monotone cubic has it", () => {
    const number = fc.double({ min: -10, max: 10, noNaN: true });
    fc.assert(
      fc.property(number, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (at, steepness) => {
        const { root } = find((x) => steepness * (x - at + (x - at) ** 3), -11, 12);
        expect(Math.abs(root! - at)).toBeLessThan(1e-14);
      }),
      { numRuns: 100, seed: 9 },
    );
  });
});

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
