import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { Workspace } from "../../src/core/workspace.ts";
import { type SymmetricEigen, symmetricEigen } from "../../src/curvature/symmetric-eigen.ts";

type Entry = (i: number, j: number) => number;

const build = (n: number, entry: Entry) =>
  Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => entry(i, j)));

/** The largest of ‖QᵀQ − I‖ and ‖AQ − QΛ‖/‖A‖, entry by entry, in units of n·2⁻⁵². */
function defects(a: readonly ArrayLike<number>[], { values, vectors }: SymmetricEigen) {
  const n = a.length;
  const unit = n * 2 ** -52;
  const dot = (u: ArrayLike<number>, v: ArrayLike<number>) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += u[k] * v[k];
    return sum;
  };
  const norm = Math.max(Number.MIN_VALUE, ...Array.from(values, Math.abs));
  let orthogonality = 0;
  let residual = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      orthogonality = Math.max(orthogonality, Math.abs(dot(vectors[i], vectors[j]) - (i === j ? 1 : 0)));
    }
    for (let j = 0; j < n; j++) {
      residual = Math.max(residual, Math.abs(dot(a[j], vectors[i]) - values[i] * vectors[i][j]) / norm);
    }
  }
  return { orthogonality: orthogonality / unit, residual: residual / unit };
}

/** Decomposes, and checks everything that holds for every matrix. */
function decompose(a: readonly ArrayLike<number>[]): SymmetricEigen {
  const eigen = symmetricEigen(a);
  const { orthogonality, residual } = defects(a, eigen);
  expect(orthogonality).toBeLessThan(4);
  expect(residual).toBeLessThan(4);
  eigen.values.forEach((value, k) => {
    if (k > 0) expect(value).toBeLessThanOrEqual(eigen.values[k - 1]);
  });
  return eigen;
}

/** The largest relative error of eigenvalues, in units of n·2⁻⁵². */
const relativeError = (values: ArrayLike<number>, expected: readonly number[]) =>
  Math.max(...expected.map((value, k) => Math.abs(values[k] / value - 1))) / (expected.length * 2 ** -52);

/** QDQᵀ with Q a product of random reflections. */
function withSpectrum(spectrum: readonly number[], seed: number): Float64Array[] {
  const n = spectrum.length;
  const random = new Random(seed);
  const a = build(n, (i, j) => (i === j ? spectrum[i] : 0));
  for (let reflection = 0; reflection < Math.min(n, 8); reflection++) {
    const v = Float64Array.from({ length: n }, () => random.normal());
    const square = v.reduce((sum, x) => sum + x * x, 0);
    // A − v wᵀ − w vᵀ with p = 2Av/‖v‖² and w = p − (vᵀp/‖v‖²)v.
    const p = a.map((row) => (2 * row.reduce((sum, x, k) => sum + x * v[k], 0)) / square);
    const share = p.reduce((sum, x, k) => sum + x * v[k], 0) / square;
    const w = p.map((x, k) => x - share * v[k]);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a[i][j] -= v[i] * w[j] + w[i] * v[j];
  }
  return a.map((row, i) => row.map((value, j) => (value + a[j][i]) / 2));
}

const sizes = [...Array.from({ length: 17 }, (_, i) => i + 1), 64, 128];
/** The 1-D Laplacian, and its eigenvalues 2 − 2cos(kπ/(n + 1)) in falling order. */
const laplacian: Entry = (i, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0);
const laplacianSpectrum = (n: number) =>
  Array.from({ length: n }, (_, k) => 4 * Math.sin(((n - k) * Math.PI) / (2 * (n + 1))) ** 2);

describe("the eigenvalues of a symmetric matrix", () => {
  test("of the 1-D Laplacian are 4 sin²(kπ/(2(n + 1))), each with all its digits", () => {
    for (const n of sizes) {
      expect(relativeError(decompose(build(n, laplacian)).values, laplacianSpectrum(n))).toBeLessThan(
        // The smallest is found to n²ε: κ of the scaled matrix is 4(n + 1)²/π².
        4 * (n + 4),
      );
    }
  });

  test("of the 1-D Laplacian of order 512 too", () => {
    const { values } = decompose(build(512, laplacian));
    expect(relativeError(values, laplacianSpectrum(512))).toBeLessThan(512);
  });

  test("of min(i, j) are 1/(4 sin²((2k − 1)π/(4n + 2)))", () => {
    // The inverse of a second difference: Fiedler, "Special matrices and their applications in numerical mathematics", 1986.
    for (const n of sizes) {
      const expected = Array.from(
        { length: n },
        (_, k) => 1 / (4 * Math.sin(((2 * k + 1) * Math.PI) / (4 * n + 2)) ** 2),
      );
      const { values } = decompose(build(n, (i, j) => Math.min(i, j) + 1));
      expect(relativeError(values, expected)).toBeLessThan(20 * n);
    }
  });

  test("of Pascal's matrix come in pairs λ, 1/λ, though the smallest is 2e-9 of the largest at order 9", () => {
    for (const n of [2, 5, 9]) {
      const pascal = build(n, () => 1);
      for (let i = 1; i < n; i++)
        for (let j = 1; j < n; j++) pascal[i][j] = pascal[i - 1][j] + pascal[i][j - 1];
      const { values } = decompose(pascal);
      values.forEach((value, k) => {
        expect(Math.abs(value * values[n - 1 - k] - 1)).toBeLessThan(1e-7);
      });
    }
  });

  test("of Hilbert's matrix of order 6 are LAPACK's", () => {
    // numpy.linalg.eigvalsh of 1/(i + j − 1), and for the smallest the value 1.08279948e-7 that MATLAB documents for cond(hilb(6)).
    const expected = [
      1.618899858924339, 0.2423608705752095, 0.01632152131987585, 0.0006157483541826594, 1.2570757122625e-5,
      1.082799484e-7,
    ];
    const { values } = decompose(build(6, (i, j) => 1 / (i + j + 1)));
    expected.forEach((value, k) => {
      expect(Math.abs(values[k] - value)).toBeLessThan(1e-15 + 1e-8 * (k > 3 ? value : 0) + 1e-14 * value);
    });
  });

  test("of graded matrices are as exact where they are small as where they are large", () => {
    // A = 0.9D² + 0.1ddᵀ: its eigenvalues are the roots of 1 + 0.1Σdᵢ²/(0.9dᵢ² − λ), one between each two of the 0.9dᵢ².
    for (const n of [4, 16]) {
      const d = Array.from({ length: n }, (_, i) => 2 ** (-4 * i));
      const secular = (lambda: number) =>
        1 + d.reduce((sum, x) => sum + (0.1 * x * x) / (0.9 * x * x - lambda), 0);
      const expected = d.map((x, k) => {
        let low = 0.9 * x * x;
        let high = k === 0 ? 0.9 * x * x + 0.1 * d.reduce((sum, y) => sum + y * y, 0) : 0.9 * d[k - 1] ** 2;
        // The function rises from −∞ to +∞ between two poles, and to its root above the last.
        for (;;) {
          const middle = low + (high - low) / 2;
          if (middle <= low || middle >= high) return low;
          if (secular(middle) < 0) low = middle;
          else high = middle;
        }
      });
      // In an order that is not that of the sizes.
      const place = d.map((_, i) => (i * 7 + 3) % n);
      const { values } = decompose(
        build(n, (i, j) => 0.1 * d[place[i]] * d[place[j]] + (i === j ? 0.9 * d[place[i]] ** 2 : 0)),
      );
      expect(expected[n - 1]).toBeLessThan(n === 16 ? 1e-35 : 1e-6);
      expect(relativeError(values, expected)).toBeLessThan(10);
    }
  });

  test("in clusters, multiples of I, of low rank, of both signs and of any size are those that were put in", () => {
    for (const [n, spectrum] of [
      [8, (k: number) => 1 + (k % 2) * 1e-12],
      [33, (k: number) => (k < 10 ? 1 : k < 20 ? 1 + 1e-14 : 2)],
      [12, () => 3],
      [20, (k: number) => (k < 3 ? k + 1 : 0)],
      [17, (k: number) => k - 8],
      [16, (k: number) => -(2 ** k)],
      [15, (k: number) => 1e300 * (k + 1)],
      [15, (k: number) => 1e-300 * (k - 7)],
      [64, (k: number) => Math.sin(k) ** 3],
    ] as const) {
      const put = Array.from({ length: n }, (_, k) => spectrum(k)).sort((a, b) => b - a);
      const { values } = decompose(withSpectrum(put, n));
      const norm = Math.max(...put.map(Math.abs));
      put.forEach((value, k) => {
        expect(Math.abs(values[k] - value) / norm).toBeLessThan(8 * n * 2 ** -52);
      });
    }
  });

  test("of the exchange are 1 and −1; of a zero matrix and of a diagonal they are exact", () => {
    const exchange = decompose(build(2, (i, j) => (i === j ? 0 : 1)));
    expect(relativeError(exchange.values, [1, -1])).toBeLessThan(1);
    const nothing = decompose(build(5, () => 0));
    expect(Array.from(nothing.values)).toEqual([0, 0, 0, 0, 0]);
    expect(Array.from(symmetricEigen({ diagonal: [3, -1, 7, 0] }).values)).toEqual([7, 3, 0, -1]);
    expect(Array.from(symmetricEigen([4]).values)).toEqual([4]);
    expect(Array.from(symmetricEigen([2, 1, 1, 2]).values, (value) => Math.round(value))).toEqual([3, 1]);
  });
});

test("both binaries have the same eigensolver, to the last bit, and neither hangs on what is not finite", () => {
  const n = 9;
  const stride = 12;
  const run = (precision: "f64" | "f32", entry: Entry) => {
    const workspace = new Workspace(
      [
        ...["matrix", "vectors"].map((name) => ({ name, length: stride * stride, kind: "f64" as const })),
        ...["values", "scratch"].map((name) => ({ name, length: n, kind: "f64" as const })),
      ],
      precision,
    );
    const matrix = workspace.f64("matrix");
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) matrix[i * stride + j] = entry(i, j);
    const [at, vectors, values, scratch] = ["matrix", "vectors", "values", "scratch"].map((name) =>
      workspace.pointer(name),
    );
    const found = workspace.kernels.symmetricEigen(n, at, values, vectors, scratch);
    const result = {
      found,
      values: workspace.f64("values").slice(),
      vectors: workspace.f64("vectors").slice(),
    };
    workspace.dispose();
    return result;
  };
  const wave: Entry = (i, j) => 1 / (1 + Math.abs(i - j)) + (i + j) / 16;
  expect(run("f32", wave)).toEqual(run("f64", wave));
  expect(run("f64", wave).found).toBe(1);
  for (const wrong of [Number.NaN, Infinity]) {
    const { found, values } = run("f64", (i, j) => (i === 4 && j === 4 ? wrong : wave(i, j)));
    expect(found).toBe(0);
    expect(values.every((value) => value === 0)).toBe(true);
  }
});

test("what is no symmetric matrix of finite numbers is refused by name", () => {
  expect(() =>
    symmetricEigen([
      [1, 2],
      [3, 4],
    ]),
  ).toThrow(
    new RangeError(
      "symmetricEigen: matrix must be symmetric, got 2 in row 0, column 1 but 3 in row 1, column 0",
    ),
  );
  expect(() =>
    symmetricEigen([
      [1, Number.NaN],
      [2, 1],
    ]),
  ).toThrow(/symmetricEigen: matrix entries must be finite/);
  expect(() => symmetricEigen([1, 2, 3])).toThrow(
    "symmetricEigen: a row-major matrix needs d² entries, got 3",
  );
  expect(() => symmetricEigen([])).toThrow("symmetricEigen: matrix must not be empty");
  expect(() => symmetricEigen(3 as never)).toThrow(/symmetricEigen: matrix must be rows/);
});
