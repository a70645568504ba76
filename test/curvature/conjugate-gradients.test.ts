import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Precision } from "../../src/core/precision.ts";
import { Random } from "../../src/core/random.ts";
import { Workspace } from "../../src/core/workspace.ts";
import {
  ConjugateGradients,
  conjugateMemory,
  type SolveOptions,
} from "../../src/curvature/conjugate-gradients.ts";
import { quadratic } from "../../src/objectives/quadratic.ts";

type Matrix = readonly (readonly number[])[];

const times = (matrix: Matrix, x: ArrayLike<number>): number[] =>
  matrix.map((row) => row.reduce((sum, entry, j) => sum + entry * x[j], 0));

const norm = (x: readonly number[]): number => Math.hypot(...x);

/** Solves (A + damping·I)x = b in a workspace of its own. */
function solve(
  matrix: Matrix,
  b: ArrayLike<number>,
  options: Partial<SolveOptions> = {},
  precision: Precision = "f64",
) {
  const objective = quadratic(matrix);
  const { dimension } = objective;
  const own = ["b", "x"].map((name) => ({ name, length: dimension }));
  const workspace = new Workspace(
    [...own, ...conjugateMemory(dimension), ...objective.memory(precision)],
    precision,
  );
  try {
    workspace.real("b").set(b);
    // What was there before does not matter.
    workspace.real("x").fill(Number.NaN);
    const bound = objective.bind(workspace);
    const solver = new ConjugateGradients(bound, workspace, dimension);
    const solved = solver.solve(workspace.pointer("b"), workspace.pointer("x"), {
      ...{ damping: 0, tolerance: precision === "f64" ? 1e-10 : 1e-4, steps: 500 },
      ...options,
    });
    return { ...solved, x: Array.from(workspace.real("x")), b: Array.from(workspace.real("b")) };
  } finally {
    workspace.dispose();
  }
}

/** A symmetric matrix with the eigenvalues given, in directions of its own. */
function withSpectrum(values: readonly number[], seed: number): number[][] {
  const n = values.length;
  const random = new Random(seed);
  let matrix = values.map((value, i) => values.map((_, j) => (i === j ? value : 0)));
  // Householder reflections: A ← (I − 2uuᵀ)A(I − 2uuᵀ).
  for (let k = 0; k < 3; k++) {
    const u = Array.from({ length: n }, () => random.normal());
    const length = norm(u);
    const reflect = (row: readonly number[]) => {
      const along = (2 * row.reduce((sum, entry, j) => sum + entry * u[j], 0)) / length ** 2;
      return row.map((entry, j) => entry - along * u[j]);
    };
    const half = matrix.map(reflect);
    const transposed = half.map((_, i) => half.map((row) => row[i]));
    matrix = transposed.map(reflect);
  }
  return matrix.map((row, i) => row.map((entry, j) => (entry + matrix[j][i]) / 2));
}

const normals = (n: number, seed: number) => {
  const random = new Random(seed, 1);
  return Array.from({ length: n }, () => random.normal());
};

describe("conjugate gradients", () => {
  test("solve definite systems of every size, in both precisions, within n steps and rounding", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(1000), (n, seed) => {
        const matrix = withSpectrum(
          Array.from({ length: n }, (_, i) => 1 + (9 * i) / n),
          seed,
        );
        const b = normals(n, seed);
        for (const [precision, tolerance] of [
          ["f64", 1e-10],
          ["f32", 1e-4],
        ] as const) {
          const { x, reason, residual, iterations } = solve(matrix, b, {}, precision);
          expect(reason).toBe("residual");
          expect(iterations).toBeLessThanOrEqual(n);
          const rest = times(matrix, x).map((entry, i) => b[i] - entry);
          expect(norm(rest)).toBeLessThan(2 * tolerance * norm(b));
          expect(Math.abs(norm(rest) - (residual ?? Number.NaN))).toBeLessThan(tolerance * norm(b));
        }
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  test("the kernel of a step passes whole runs, lanes and a rest", () => {
    // 1500 is more than a run of 4 KiB, and no multiple of four registers.
    for (const n of [1, 2, 3, 4, 5, 15, 16, 17, 1500]) {
      const matrix = { diagonal: Array.from({ length: n }, (_, i) => 1 + (i % 5)) };
      const objective = quadratic(matrix);
      const workspace = new Workspace(
        [
          ...["b", "x"].map((name) => ({ name, length: n })),
          ...conjugateMemory(n),
          ...objective.memory("f64"),
        ],
        "f64",
      );
      const b = normals(n, n);
      workspace.real("b").set(b);
      const solver = new ConjugateGradients(objective.bind(workspace), workspace, n);
      const options = { damping: 0.5, tolerance: 1e-13, steps: 20 };
      const solved = solver.solve(workspace.pointer("b"), workspace.pointer("x"), options);
      // As many different eigenvalues, as many steps.
      expect(solved?.iterations).toBeLessThanOrEqual(5);
      workspace.real("x").forEach((entry, i) => {
        expect(entry).toBeCloseTo(b[i] / (1.5 + (i % 5)), 11);
      });
      workspace.dispose();
    }
  });

  test("adds the damping to the matrix", () => {
    const matrix = withSpectrum([5, 1, 0.1], 3);
    const b = normals(3, 4);
    const { x } = solve(matrix, b, { damping: 2 });
    times(matrix, x).forEach((entry, i) => {
      expect(entry + 2 * x[i]).toBeCloseTo(b[i], 9);
    });
  });

  test("find the solution of least norm where the matrix is singular and there is one", () => {
    const matrix = withSpectrum([4, 2, 1, 0, 0], 5);
    const wanted = times(matrix, normals(5, 6));
    const b = times(matrix, wanted);
    const { x, reason } = solve(matrix, b);
    expect(reason).toBe("residual");
    x.forEach((entry, i) => {
      expect(entry).toBeCloseTo(wanted[i], 8);
    });
  });

  test("say singular where part of b has no curvature, and keep what they have", () => {
    for (const precision of ["f64", "f32"] as const) {
      const { reason, x, residual } = solve(
        [
          [2, 0, 0],
          [0, 1, 0],
          [0, 0, 0],
        ],
        [2, 3, 4],
        {},
        precision,
      );
      expect(reason).toBe("singular");
      expect(x.every(Number.isFinite)).toBe(true);
      // No x brings the residual below the part of b that is out of reach, 4.
      expect(residual).toBeGreaterThan(4 - 1e-4);
      // All the same −x leads down.
      expect(2 * x[0] + 3 * x[1] + 4 * x[2]).toBeGreaterThan(0);
    }
    // A b that is out of reach as a whole, but for rounding.
    const matrix = withSpectrum([3, 2, 0], 7);
    const [a, c] = [matrix[0], matrix[1]];
    const null_ = [a[1] * c[2] - a[2] * c[1], a[2] * c[0] - a[0] * c[2], a[0] * c[1] - a[1] * c[0]];
    const alone = solve(matrix, null_);
    expect(alone.reason).toBe("singular");
    expect(alone.x).toEqual([0, 0, 0]);
  });

  test("say indefinite where a direction has negative curvature", () => {
    expect(solve(withSpectrum([3, 1, -1], 8), normals(3, 9)).reason).toBe("indefinite");
    expect(solve([[-1]], [1])).toMatchObject({ reason: "indefinite", iterations: 0, residual: 1 });
    expect(solve(withSpectrum([3, 1, -1], 8), normals(3, 9), { damping: 1.5 }).reason).toBe("residual");
  });

  test("say that steps are over, and tell the residual that is left", () => {
    const matrix = withSpectrum([100, 30, 10, 3, 1, 0.3, 0.1], 10);
    const b = normals(7, 11);
    const { reason, iterations, residual, x } = solve(matrix, b, { steps: 3 });
    expect(reason).toBe("steps");
    expect(iterations).toBe(3);
    expect(norm(times(matrix, x).map((entry, i) => b[i] - entry))).toBeCloseTo(residual ?? Number.NaN, 10);
  });

  test("begin anew from the measured residual where rounding has led the recurrence astray", () => {
    // κ = 10¹¹: within n steps the recurrence is far from the truth.
    const matrix = withSpectrum([1e11, 1e7, 1e3, 1], 12);
    const b = times(matrix, [1, 1, 1, 1]);
    const { reason, residual } = solve(matrix, b, { tolerance: 1e-14 });
    const size = norm(b);
    if (reason === "residual") expect(residual).toBeLessThan(1e-14 * size);
    else {
      expect(reason).toBe("rounding");
      expect(residual).toBeLessThan(1e-12 * size);
    }
  });

  test("take b of any size", () => {
    const matrix = withSpectrum([3, 2], 13);
    const unit = solve(matrix, [0.6, 0.8]);
    for (const size of [2 ** -900, 2 ** 900]) {
      const { x, reason } = solve(matrix, [0.6 * size, 0.8 * size]);
      expect(reason).toBe("residual");
      x.forEach((entry, i) => {
        expect(entry / size).toBeCloseTo(unit.x[i], 12);
      });
    }
    const small = solve(matrix, [0.6e-30, 0.8e-30], {}, "f32");
    expect(small.reason).toBe("residual");
    expect(small.x[0] / 1e-30).toBeCloseTo(unit.x[0], 5);
  });

  test("leave b as it is", () => {
    expect(
      solve(
        [
          [2, 0],
          [0, 3],
        ],
        [4, 6],
      ),
    ).toMatchObject({ x: [2, 2], b: [4, 6] });
  });
});
