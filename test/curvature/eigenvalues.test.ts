import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { type Eigenvalues, eigenvalues } from "../../src/curvature/eigenvalues.ts";
import { quadratic } from "../../src/objectives/index.ts";

type Matrix = number[][];
type Complex = readonly [real: number, imaginary: number];

const matrixOf = (n: number, entry: (i: number, j: number) => number): Matrix =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => entry(i, j)));

const product = (a: Matrix, b: Matrix): Matrix =>
  matrixOf(a.length, (i, j) => a[i].reduce((sum, x, k) => sum + x * b[k][j], 0));

const pairs = ({ real, imaginary }: Eigenvalues): Complex[] =>
  Array.from(real, (value, i) => [value, imaginary[i]]);

const distance = ([a, b]: Complex, [c, d]: Complex) => Math.hypot(a - c, b - d);

/** Assigns each expected eigenvalue the nearest that is left, and returns how far it is, in the order of what was found. */
function errors(found: Eigenvalues, expected: readonly Complex[]): Float64Array {
  const from = pairs(found);
  expect(from.length).toBe(expected.length);
  const apart = new Float64Array(from.length).fill(Number.NaN);
  for (const value of expected) {
    let best = -1;
    for (let i = 0; i < from.length; i++) {
      if (Number.isNaN(apart[i]) && (best < 0 || distance(from[i], value) < distance(from[best], value)))
        best = i;
    }
    apart[best] = distance(from[best], value);
  }
  return apart;
}

const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values));

/** The companion matrix of Π (z − rootₖ), whose coefficients are exact for small integers. */
function companion(roots: readonly Complex[]): Matrix {
  let coefficients: Complex[] = [[1, 0]];
  for (const [a, b] of roots) {
    const next: Complex[] = [...coefficients, [0, 0]];
    coefficients = next.map(([x, y], k) => {
      const [u, v] = k === 0 ? [0, 0] : coefficients[k - 1];
      return [x - (u * a - v * b), y - (u * b + v * a)];
    });
  }
  for (const [, imaginary] of coefficients) expect(imaginary).toBe(0);
  const n = roots.length;
  return matrixOf(n, (i, j) => (i === 0 ? -coefficients[j + 1][0] : i === j + 1 ? 1 : 0));
}

const frank = (n: number) => matrixOf(n, (i, j) => (j < i - 1 ? 0 : n - Math.max(i, j)));
const grcar = (n: number) => matrixOf(n, (i, j) => (j === i - 1 ? -1 : j >= i && j <= i + 3 ? 1 : 0));

/** det(zI − A) of an integer matrix, the highest power first, exactly (Faddeev–LeVerrier in whole numbers). */
function exactPolynomial(a: Matrix): bigint[] {
  const n = a.length;
  const whole = a.map((row) => row.map(BigInt));
  const coefficients = [1n];
  let m = whole.map((row) => row.map(() => 0n));
  for (let k = 1; k <= n; k++) {
    const last = coefficients[k - 1];
    const shifted = m.map((row, i) => row.map((x, j) => x + (i === j ? last : 0n)));
    m = whole.map((row) => row.map((_, j) => row.reduce((sum, x, l) => sum + x * shifted[l][j], 0n)));
    const trace = m.reduce((sum, row, i) => sum + row[i], 0n);
    expect(trace % BigInt(k)).toBe(0n);
    coefficients.push(-trace / BigInt(k));
  }
  return coefficients;
}

/** The roots of a polynomial with n positive simple ones, by signs of exact values at multiples of 2⁻⁶⁰. */
function exactRoots(coefficients: readonly bigint[], upTo: number): number[] {
  const bits = 60n;
  const sign = (x: bigint): number => {
    // p(x/2⁶⁰)·2⁶⁰ⁿ by Horner's rule.
    let sum = 0n;
    let unit = 1n;
    for (const c of coefficients) {
      sum = sum * x + c * unit;
      unit <<= bits;
    }
    return sum > 0n ? 1 : sum < 0n ? -1 : 0;
  };
  const roots: number[] = [];
  // A geometric grid finer than the gaps between the roots.
  const grid = Array.from(
    { length: 4000 },
    (_, k) => BigInt(Math.round(2 ** 20 * (1e-3 * (upTo * 1e3) ** (k / 3999)))) << 40n,
  );
  for (let k = 0; k + 1 < grid.length; k++) {
    let [low, high] = [grid[k], grid[k + 1]];
    const below = sign(low);
    if (below * sign(high) >= 0) continue;
    while (high - low > 1n) {
      const middle = (low + high) >> 1n;
      if (sign(middle) === below) low = middle;
      else high = middle;
    }
    roots.push(Number(low) / 2 ** 60);
  }
  return roots;
}

/** log₁₀ ‖(A − μI)x‖ / (‖A‖ ‖x‖) of the best x that inverse iteration with plain complex arithmetic finds. */
function residual(a: Matrix, [re, im]: Complex): number {
  const n = a.length;
  let size = 0;
  for (const row of a) for (const x of row) size += x * x;
  size = Math.sqrt(size);
  const m: [number, number][][] = a.map((row, i) =>
    row.map((x, j) => [i === j ? x - re : x, i === j ? -im : 0]),
  );
  let x: [number, number][] = Array.from({ length: n }, (_, i) => [1 + ((i * 0.618) % 1), (i * 0.414) % 1]);
  let best = Infinity;
  for (let round = 0; round < 3; round++) {
    const lu = m.map((row) => row.map(([p, q]): [number, number] => [p, q]));
    const b = x.map(([p, q]): [number, number] => [p, q]);
    for (let k = 0; k < n; k++) {
      let pivot = k;
      for (let i = k + 1; i < n; i++) if (Math.hypot(...lu[i][k]) > Math.hypot(...lu[pivot][k])) pivot = i;
      [lu[k], lu[pivot]] = [lu[pivot], lu[k]];
      [b[k], b[pivot]] = [b[pivot], b[k]];
      if (Math.hypot(...lu[k][k]) < 1e-17 * size) lu[k][k] = [1e-17 * size, 0];
      const [p, q] = lu[k][k];
      const square = p * p + q * q;
      for (let i = k + 1; i < n; i++) {
        const [u, v] = lu[i][k];
        const [f, g] = [(u * p + v * q) / square, (v * p - u * q) / square];
        for (let j = k; j < n; j++) {
          const [s, t] = lu[k][j];
          lu[i][j] = [lu[i][j][0] - (f * s - g * t), lu[i][j][1] - (f * t + g * s)];
        }
        b[i] = [b[i][0] - (f * b[k][0] - g * b[k][1]), b[i][1] - (f * b[k][1] + g * b[k][0])];
      }
    }
    for (let k = n - 1; k >= 0; k--) {
      let [s, t] = b[k];
      for (let j = k + 1; j < n; j++) {
        s -= lu[k][j][0] * b[j][0] - lu[k][j][1] * b[j][1];
        t -= lu[k][j][0] * b[j][1] + lu[k][j][1] * b[j][0];
      }
      const [p, q] = lu[k][k];
      const square = p * p + q * q;
      b[k] = [(s * p + t * q) / square, (t * p - s * q) / square];
    }
    const length = Math.hypot(...b.flat());
    x = b.map(([p, q]) => [p / length, q / length]);
    let squares = 0;
    for (let i = 0; i < n; i++) {
      let [s, t] = [0, 0];
      for (let j = 0; j < n; j++) {
        s += m[i][j][0] * x[j][0] - m[i][j][1] * x[j][1];
        t += m[i][j][0] * x[j][1] + m[i][j][1] * x[j][0];
      }
      squares += s * s + t * t;
    }
    best = Math.min(best, Math.sqrt(squares) / size);
  }
  return best;
}

/** |det A| as a logarithm, and its sign, by elimination with pivoting. */
function logDeterminant(a: Matrix): { log: number; sign: number } {
  const m = a.map((row) => [...row]);
  let log = 0;
  let sign = 1;
  for (let k = 0; k < m.length; k++) {
    let pivot = k;
    for (let i = k + 1; i < m.length; i++) if (Math.abs(m[i][k]) > Math.abs(m[pivot][k])) pivot = i;
    if (pivot !== k) sign = -sign;
    [m[k], m[pivot]] = [m[pivot], m[k]];
    log += Math.log(Math.abs(m[k][k]));
    sign *= Math.sign(m[k][k]);
    for (let i = k + 1; i < m.length; i++) {
      const factor = m[i][k] / m[k][k];
      for (let j = k; j < m.length; j++) m[i][j] -= factor * m[k][j];
    }
  }
  return { log, sign };
}

const normals = (n: number, seed: number): Matrix => {
  const random = new Random(seed);
  return matrixOf(n, () => random.normal());
};

/** A random orthogonal matrix: the product of reflections. */
function orthogonal(n: number, seed: number): Matrix {
  let q = matrixOf(n, (i, j) => (i === j ? 1 : 0));
  for (const v of normals(n, seed)) {
    const square = v.reduce((sum, x) => sum + x * x, 0);
    const along = q.map((row) => row.reduce((sum, x, j) => sum + x * v[j], 0));
    q = q.map((row, i) => row.map((x, j) => x - (2 * along[i] * v[j]) / square));
  }
  return q;
}

describe("eigenvalues of a general matrix", () => {
  test.each([
    ["distinct integers", [1, 2, 3, 4, 5, 6, 7, 8].map((r): Complex => [r, 0])],
    ["of both signs, and zero", [-3, -1, 0, 2, 5].map((r): Complex => [r, 0])],
    [
      "complex pairs",
      [
        [1, 2],
        [1, -2],
        [-3, 1],
        [-3, -1],
        [0, 4],
        [0, -4],
        [2, 0],
      ] as Complex[],
    ],
    [
      "a double root",
      [
        [3, 0],
        [3, 0],
        [-1, 0],
        [1, 0],
      ] as Complex[],
    ],
    [
      "a double complex pair",
      [
        [1, 1],
        [1, -1],
        [1, 1],
        [1, -1],
      ] as Complex[],
    ],
  ])("[euler] are the roots that a companion matrix was made of: %s", (_, roots) => {
    const found = eigenvalues(companion(roots));
    const apart = errors(found, roots);
    for (let i = 0; i < apart.length; i++) expect(apart[i]).toBeLessThanOrEqual(found.errorBounds[i]);
    expect(largest(apart)).toBeLessThan(roots.length === new Set(roots.map(String)).size ? 1e-9 : 1e-6);
  });

  test("[euler] of rotations are on the unit circle at their angles", () => {
    const angles = [0.1, 0.7, 1.5, 2.2, 3.1];
    const n = 2 * angles.length;
    const turn = matrixOf(n, (i, j) => {
      if (i >> 1 !== j >> 1) return 0;
      const angle = angles[i >> 1];
      return i === j ? Math.cos(angle) : i < j ? -Math.sin(angle) : Math.sin(angle);
    });
    const q = orthogonal(n, 3);
    const turned = product(
      product(q, turn),
      matrixOf(n, (i, j) => q[j][i]),
    );
    const expected = angles.flatMap((angle): Complex[] => [
      [Math.cos(angle), Math.sin(angle)],
      [Math.cos(angle), -Math.sin(angle)],
    ]);
    for (const matrix of [turn, turned])
      expect(largest(errors(eigenvalues(matrix), expected))).toBeLessThan(1e-13);
  });

  test("[euler] of a circulant matrix are the discrete Fourier transform of its row", () => {
    const n = 33;
    const row = Array.from({ length: n }, (_, k) => Math.cos(k * k));
    const expected = Array.from({ length: n }, (_, j): Complex => {
      const angle = (k: number) => (2 * Math.PI * j * k) / n;
      return [
        row.reduce((sum, c, k) => sum + c * Math.cos(angle(k)), 0),
        row.reduce((sum, c, k) => sum + c * Math.sin(angle(k)), 0),
      ];
    });
    const found = eigenvalues(matrixOf(n, (i, j) => row[(j - i + n) % n]));
    expect(largest(errors(found, expected))).toBeLessThan(1e-12);
    // The matrix is normal: its eigenvalues are determined as well as its entries.
    expect(largest(found.errorBounds)).toBeLessThan(1e-12);
  });

  test("[euler] of a triangular matrix, however its rows and columns are arranged, are its diagonal, exactly", () => {
    const n = 12;
    const random = new Random(5);
    const order = random.permutation(n);
    const triangular = matrixOf(n, (i, j) => (i <= j ? random.normal() : 0));
    const hidden = matrixOf(n, (i, j) => triangular[order[i]][order[j]]);
    const diagonal = triangular.map((row, i) => row[i]).sort((a, b) => b - a);
    expect(Array.from(eigenvalues(hidden).real)).toEqual(diagonal);
    expect(eigenvalues(matrixOf(n, (i, j) => triangular[j][i])).real).toEqual(Float64Array.from(diagonal));
  });

  test("[euler] of Frank's matrix, whose small ones are ill-conditioned, agree with exact arithmetic within their bounds", () => {
    const n = 12;
    const roots = exactRoots(exactPolynomial(frank(n)), 40);
    expect(roots.length).toBe(n);
    // They come in reciprocal pairs, as the determinant is 1: a check of the reference itself.
    for (let k = 0; k < n; k++) expect(roots[k] * roots[n - 1 - k]).toBeCloseTo(1, 12);
    const found = eigenvalues(frank(n));
    const apart = errors(
      found,
      roots.map((r): Complex => [r, 0]),
    );
    for (let i = 0; i < n; i++) expect(apart[i]).toBeLessThanOrEqual(found.errorBounds[i]);
    expect(largest(apart)).toBeLessThan(1e-6);
    expect(apart[0]).toBeLessThan(1e-12);
    // The bounds mean something: they tell the good ones from the bad.
    expect(found.errorBounds[0]).toBeLessThan(1e-11);
    expect(found.errorBounds[n - 1]).toBeGreaterThan(1e-7);
    expect(found.errorBounds[n - 1]).toBeLessThan(1e-3);
  });

  test("[euler] of defective matrices lie within bounds that know it", () => {
    for (const size of [2, 3, 4, 6]) {
      const jordan = matrixOf(size, (i, j) => (i === j ? 2 : j === i + 1 ? 1 : 0));
      // An integer similarity of determinant 1, and its inverse: everything stays exact.
      const shear = matrixOf(size, (i, j) => (i === j ? 1 : i > j ? 1 : 0));
      const back = matrixOf(size, (i, j) => (i === j ? 1 : i === j + 1 ? -1 : 0));
      for (const matrix of [jordan, product(product(shear, jordan), back)]) {
        const found = eigenvalues(matrix);
        const apart = errors(
          found,
          Array.from({ length: size }, (): Complex => [2, 0]),
        );
        for (let i = 0; i < size; i++) expect(apart[i]).toBeLessThanOrEqual(found.errorBounds[i]);
        // ε^(1/size) is what rounding does to a Jordan block.
        expect(largest(found.errorBounds)).toBeLessThan(100 * 2.3e-16 ** (1 / size));
      }
    }
  });

  test("[euler] of far from normal and of random matrices are those of a matrix within rounding, and obey trace and determinant", () => {
    for (const matrix of [grcar(12), grcar(40), frank(16), normals(7, 1), normals(24, 2), normals(50, 3)]) {
      const n = matrix.length;
      const found = eigenvalues(matrix);
      for (const [i, value] of pairs(found).entries()) {
        if (value[1] >= 0 && (n < 30 || i % 5 === 0)) expect(residual(matrix, value)).toBeLessThan(1e-14);
      }
      const square = product(matrix, matrix);
      let [first, second] = [0, 0];
      let log = 0;
      for (const [a, b] of pairs(found)) {
        first += a;
        second += a * a - b * b;
        log += Math.log(Math.hypot(a, b));
      }
      const trace = (m: Matrix) => m.reduce((sum, row, i) => sum + row[i], 0);
      const size = Math.hypot(...matrix.flat());
      expect(Math.abs(first - trace(matrix))).toBeLessThan(1e-13 * n * size);
      expect(Math.abs(second - trace(square))).toBeLessThan(1e-13 * n * size * size);
      // The determinant of a matrix with ill-conditioned eigenvalues is what they multiply to as far as they are known.
      const relative = found.errorBounds.reduce(
        (sum, bound, i) => sum + bound / Math.hypot(found.real[i], found.imaginary[i]),
        0,
      );
      expect(Math.abs(log - logDeterminant(matrix).log)).toBeLessThan(relative + 1e-12);
      expect(pairs(found).filter(([a, b]) => b === 0 && a < 0).length % 2).toBe(
        logDeterminant(matrix).sign < 0 ? 1 : 0,
      );
    }
  });

  test("[euler] of integer matrices with known eigenvalues lie within their bounds", () => {
    const spectrum = fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(spectrum, fc.integer({ min: 0, max: 1e9 }), (diagonal, seed) => {
        const n = diagonal.length;
        const random = new Random(seed);
        let matrix = matrixOf(n, (i, j) => (i === j ? diagonal[i] : 0));
        // Shears row i += k row j, column j −= k column i: similarities in whole numbers.
        for (let t = 0; t < 2 * n && n > 1; t++) {
          const i = random.below(n);
          const j = (i + 1 + random.below(n - 1)) % n;
          const k = random.below(3) - 1;
          matrix = matrix.map((row, r) => row.map((x, c) => (r === i ? x + k * matrix[j][c] : x)));
          matrix = matrix.map((row) => row.map((x, c) => (c === j ? x - k * row[i] : x)));
        }
        const found = eigenvalues(matrix);
        const apart = errors(
          found,
          diagonal.map((value): Complex => [value, 0]),
        );
        for (let i = 0; i < n; i++) expect(apart[i]).toBeLessThanOrEqual(found.errorBounds[i]);
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  test("of symmetric matrices are those that Lanczos finds, and known ones of the second difference", () => {
    const n = 40;
    const second = matrixOf(n, (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0));
    const known = Array.from(
      { length: n },
      (_, k): Complex => [2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)), 0],
    );
    expect(largest(errors(eigenvalues(second), known))).toBeLessThan(1e-13);
    const a = normals(20, 9);
    const symmetric = matrixOf(20, (i, j) => a[i][j] + a[j][i]);
    const { spectrum } = curvature(quadratic(symmetric));
    const found = eigenvalues(symmetric);
    for (let i = 0; i < 20; i++) expect(Math.abs(found.real[i] - spectrum[i])).toBeLessThan(1e-12);
    expect(largest(found.imaginary.map(Math.abs))).toBe(0);
  });

  test("survive bad scaling, of rows against columns and of everything, to the last digits", () => {
    const a = normals(10, 4);
    const expected = pairs(eigenvalues(a));
    const size = Math.hypot(...expected[0]);
    const skewed = matrixOf(10, (i, j) => a[i][j] * 2 ** (7 * (i - j)));
    expect(largest(errors(eigenvalues(skewed), expected))).toBeLessThan(1e-12 * size);
    for (const factor of [2 ** 1000, 2 ** -1000]) {
      const { real, imaginary } = eigenvalues(matrixOf(10, (i, j) => a[i][j] * factor));
      expect(Array.from(real, (value) => value / factor)).toEqual(expected.map(([value]) => value));
      expect(Array.from(imaginary, (value) => value / factor)).toEqual(expected.map(([, value]) => value));
    }
  });

  test("are conjugate pairs in the order of falling real parts, the positive imaginary part first", () => {
    const { real, imaginary } = eigenvalues(normals(31, 6));
    for (let i = 1; i < 31; i++) expect(real[i]).toBeLessThanOrEqual(real[i - 1]);
    for (let i = 0; i < 31; i++) {
      if (imaginary[i] > 0) expect([real[i + 1], imaginary[i + 1]]).toEqual([real[i], -imaginary[i]]);
      if (imaginary[i] < 0) expect(imaginary[i - 1]).toBe(-imaginary[i]);
    }
  });

  test("take a matrix in any form, of one entry and of zeros too", () => {
    expect(eigenvalues([[7]])).toEqual(eigenvalues([7]));
    expect(eigenvalues([7]).real).toEqual(Float64Array.of(7));
    const rows = [
      [1, 2],
      [3, 4],
    ];
    const found = eigenvalues(rows);
    expect(eigenvalues([1, 2, 3, 4])).toEqual(found);
    expect(eigenvalues(Float32Array.of(1, 2, 3, 4))).toEqual(found);
    expect(eigenvalues({ data: [1, 3, 2, 4], shape: [2, 2], stride: [1, 2] })).toEqual(found);
    const { real, errorBounds } = eigenvalues(matrixOf(5, () => 0));
    expect(real).toEqual(new Float64Array(5));
    expect(largest(errorBounds)).toBeLessThan(1e-300);
  });

  test("[errors] bad input is refused by name", () => {
    const refused = (matrix: unknown, error: new () => Error, message: RegExp) => {
      expect(() => eigenvalues(matrix as never)).toThrow(error);
      expect(() => eigenvalues(matrix as never)).toThrow(message);
    };
    refused(undefined, TypeError, /eigenvalues: matrix must be an array of numbers, got undefined/);
    refused("12", TypeError, /eigenvalues: matrix must be an array/);
    refused([], RangeError, /eigenvalues: matrix must not be empty/);
    refused([1, 2, 3], RangeError, /eigenvalues: matrix must have n² entries in row-major order, got 3/);
    refused([[1, 2]], RangeError, /eigenvalues: matrix must be square, got 1 × 2 entries/);
    refused([[1, 2], [3]], RangeError, /eigenvalues: matrix\[1\] must have 2 entries/);
    refused([[[1]]], RangeError, /eigenvalues: matrix must be square/);
    refused(
      [
        [1, Number.NaN],
        [0, 1],
      ],
      RangeError,
      /matrix\[0\]\[1\] must be finite, got NaN/,
    );
    refused(
      [
        [1, "2"],
        [0, 1],
      ],
      TypeError,
      /matrix\[0\]\[1\] must be a number, got "2"/,
    );
  });
});
