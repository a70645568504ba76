import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { powerIteration } from "../../src/curvature/power-iteration.ts";
import { applyScaling, parseCsv, type Scale, scaling } from "../../src/data/index.ts";
import {
  leastSquares,
  logisticRegression,
  quadratic,
  rosenbrock,
  saddle,
  softmaxRegression,
} from "../../src/objectives/index.ts";

/** Figures of LAPACK and Newton's method, see the file. */
const { problems } = JSON.parse(
  readFileSync(new URL("../references/problems.json", import.meta.url), "utf8"),
);

function load(file: string, target: string, task: "regression" | "classification", scale: Scale) {
  const url = new URL(
    file === "breast-cancer" ? "../../examples/data/breast-cancer.csv" : `../data/${file}.csv`,
    import.meta.url,
  );
  const data = parseCsv(readFileSync(url, "utf8"), { target, task });
  return {
    features: applyScaling(scaling(data, scale), data.features),
    targets: data.targets,
    columns: data.columns.length,
  };
}

const relative = (actual: number, expected: number) => Math.abs(actual / expected - 1);

/** A symmetric matrix QDQᵀ with the given eigenvalues, Q a product of random reflections. */
function withSpectrum(eigenvalues: readonly number[], seed: number): number[][] {
  const n = eigenvalues.length;
  const random = new Random(seed);
  const a = eigenvalues.map((value, i) => eigenvalues.map((_, j) => (i === j ? value : 0)));
  for (let reflection = 0; reflection < n; reflection++) {
    const v = Array.from({ length: n }, () => random.normal());
    const square = v.reduce((sum, x) => sum + x * x, 0);
    for (const rows of [true, false]) {
      for (let i = 0; i < n; i++) {
        const at = (j: number) => (rows ? a[j][i] : a[i][j]);
        let projection = 0;
        for (let j = 0; j < n; j++) projection += v[j] * at(j);
        for (let j = 0; j < n; j++) {
          const next = at(j) - (2 * projection * v[j]) / square;
          if (rows) a[j][i] = next;
          else a[i][j] = next;
        }
      }
    }
  }
  return a.map((row, i) => row.map((value, j) => (value + a[j][i]) / 2));
}

describe("curvature of real problems, against LAPACK", () => {
  test.each([
    ["diabetes/raw/least-squares", "diabetes", "progression", "none"],
    ["diabetes/standardized/least-squares", "diabetes", "progression", "standard"],
    ["breast-cancer/raw/least-squares", "breast-cancer", "benign", "none"],
  ] as const)("[speed-limit] %s", (id, file, target, scale) => {
    const { features, targets, columns } = load(file, target, "regression", scale);
    const reference = problems[id];
    const found = curvature(leastSquares(features, targets, { columns, intercept: true }));
    expect(relative(found.lambdaMax, reference.lambda_max)).toBeLessThan(1e-12);
    expect(Math.abs(found.lambdaMin - reference.lambda_min)).toBeLessThan(found.errorBounds.lambdaMin);
    // The bound means something: it is well below λmin itself, even at κ = 2.4e12.
    expect(found.errorBounds.lambdaMin).toBeLessThan(0.05 * reference.lambda_min);
    expect(relative(found.speedLimit, reference.speed_limit)).toBeLessThan(1e-12);
    expect(relative(found.optimalStep, reference.optimal_step)).toBeLessThan(1e-12);
    expect(Math.abs(found.contractionRate - reference.contraction_rate)).toBeLessThan(1e-12);
    expect(found.definiteness).toBe("positive");
    expect(found.complete).toBe(true);
    expect(found.spectrum.length).toBe(reference.d);
    if (scale === "standard")
      expect(relative(found.conditionNumber, reference.condition_number)).toBeLessThan(1e-8);
  });

  test.each([0.001, 0.1])(
    "[speed-limit] logistic regression on standardised breast-cancer data, l2 = %s",
    (l2) => {
      const { features, targets, columns } = load("breast-cancer", "benign", "classification", "standard");
      const reference = problems[`breast-cancer/standardized/logistic/l2=${l2}`];
      const problem = logisticRegression(features, targets, { columns, intercept: true, l2 });
      const atZero = curvature(problem);
      expect(relative(atZero.lambdaMax, reference.at_zero.lambda_max)).toBeLessThan(1e-12);
      expect(relative(atZero.lambdaMin, reference.at_zero.lambda_min)).toBeLessThan(1e-8);
      const atMinimum = curvature(problem, { at: reference.minimizer });
      expect(relative(atMinimum.lambdaMax, reference.at_minimum.lambda_max)).toBeLessThan(1e-8);
      expect(relative(atMinimum.lambdaMin, reference.at_minimum.lambda_min)).toBeLessThan(1e-8);
    },
  );

  test("[speed-limit] softmax regression on digits: 650 parameters, beyond the complete spectrum", () => {
    const { features, targets, columns } = load("digits", "digit", "classification", { divide: 16 });
    const reference = problems["digits/scaled-by-16/softmax/l2=0.001"];
    const found = curvature(softmaxRegression(features, targets, { columns, intercept: true, l2: 0.001 }));
    expect(relative(found.lambdaMax, reference.at_zero.lambda_max)).toBeLessThan(1e-10);
    expect(found.complete).toBe(false);
    expect(found.probability).toBe(0.999);
    expect(found.lambdaMaxBound).toBeGreaterThan(found.lambdaMax);
    expect(found.lambdaMaxBound).toBeLessThan(1.02 * found.lambdaMax);
    // The shift of all classes alike is flat but for the penalty.
    expect(Math.abs(found.lambdaMin - 0.001)).toBeLessThan(found.errorBounds.lambdaMin + 1e-12);
  });

  test("[preconditioning] standardising the diabetes data lowers κ from 5.2e7 to 470 and raises the limit", () => {
    const of = (scale: Scale) => {
      const { features, targets, columns } = load("diabetes", "progression", "regression", scale);
      return curvature(leastSquares(features, targets, { columns, intercept: true }));
    };
    const raw = of("none");
    const standard = of("standard");
    // truths.md 14, references/problems.json
    expect(relative(raw.conditionNumber, 52365337.31698976)).toBeLessThan(1e-6);
    expect(relative(standard.conditionNumber, 470.07799935882497)).toBeLessThan(1e-8);
    expect(standard.speedLimit / raw.speedLimit).toBeGreaterThan(1e4);
  });
});

describe("curvature", () => {
  test("[speed-limit] 5θ² has the limit 0.2, exactly, from the exact Hessian and from differences", () => {
    expect(curvature(quadratic({ diagonal: [10] })).speedLimit).toBe(0.2);
    const user = {
      value: ([t]: Iterable<number>) => 5 * t * t,
      gradient: ([t]: Iterable<number>, g: { [i: number]: number }) => {
        g[0] = 10 * t;
      },
    };
    expect(curvature(user as never, { at: [1] }).speedLimit).toBe(0.2);
    expect(relative(curvature({ value: ([t]) => 5 * t * t }, { at: [0.3] }).speedLimit, 0.2)).toBeLessThan(
      1e-7,
    );
  });

  test("[optimal-step] finds prescribed spectra, multiple eigenvalues included", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0.5, 1, 1, 2, 7, 1e3), { minLength: 1, maxLength: 40 }),
        fc.nat(1000),
        (eigenvalues, seed) => {
          const found = curvature(quadratic(withSpectrum(eigenvalues, seed)));
          const sorted = Float64Array.from(eigenvalues).sort().reverse();
          expect(found.spectrum.length).toBe(sorted.length);
          for (let i = 0; i < sorted.length; i++) {
            expect(Math.abs(found.spectrum[i] - sorted[i])).toBeLessThan(found.errorBounds.lambdaMax);
          }
          const [top, bottom] = [sorted[0], sorted[sorted.length - 1]];
          expect(relative(found.optimalStep, 2 / (top + bottom))).toBeLessThan(1e-12);
        },
      ),
      { numRuns: 40, seed: 3 },
    );
  });

  test("[speed-limit] an indefinite Hessian is named as such, and no step is stable", () => {
    const found = curvature(quadratic({ diagonal: [3, 1, -0.5] }));
    expect(found.definiteness).toBe("indefinite");
    expect(found.speedLimit).toBe(0);
    expect(found.lambdaMin).toBeCloseTo(-0.5, 12);
    expect(found.steepestLimit).toBeCloseTo(2 / 3, 12);
    expect(found.message).toMatch(/No step is stable.*-0\.5 is negative/);
    expect(curvature(saddle, { at: [0, 0] }).definiteness).toBe("indefinite");
    expect(curvature(quadratic({ diagonal: [-1, -2] })).definiteness).toBe("negative");
  });

  test("[speed-limit] a singular Hessian has κ = ∞ and its optimal step and rate on the range", () => {
    const found = curvature(quadratic(withSpectrum([8, 2, 0, 0], 1)));
    expect(found.definiteness).toBe("semidefinite");
    expect(found.conditionNumber).toBe(Infinity);
    expect(found.optimalStep).toBeCloseTo(0.2, 12);
    expect(found.contractionRate).toBeCloseTo(0.6, 12);
    expect(found.speedLimit).toBeCloseTo(0.25, 12);
  });

  test("a singular Hessian seen through differences is not called indefinite", () => {
    for (let seed = 0; seed < 20; seed++) {
      const value = ([x, y]: Iterable<number>) => Math.cosh(x + y);
      expect(curvature({ value } as never, { at: [0.3, 0.1], seed }).definiteness).toBe("semidefinite");
    }
  });

  test("a Hessian of zeros sets no limit", () => {
    const found = curvature(quadratic({ diagonal: [0, 0] }, [1, 2]));
    expect(found.definiteness).toBe("zero");
    expect(found.speedLimit).toBe(Infinity);
  });

  test("of Rosenbrock's function at its minimum is the published one, by exact products and by differences", () => {
    // truths.md 11: λ = (0.3993608, 1001.60064), κ = 2508.0096, limit 0.00199680
    const exact = curvature(rosenbrock, { at: [1, 1] });
    expect(exact.lambdaMin).toBeCloseTo(0.3993608, 6);
    expect(exact.lambdaMax).toBeCloseTo(1001.60064, 5);
    expect(exact.conditionNumber).toBeCloseTo(2508.0096, 3);
    expect(exact.speedLimit).toBeCloseTo(0.0019968, 7);
    const { value, gradient } = rosenbrock;
    for (const problem of [{ value, gradient }, { value }]) {
      const found = curvature(problem, { at: [1, 1] });
      expect(Math.abs(found.lambdaMin - exact.lambdaMin)).toBeLessThan(found.errorBounds.lambdaMin);
      expect(Math.abs(found.lambdaMax - exact.lambdaMax)).toBeLessThan(found.errorBounds.lambdaMax);
      expect(relative(found.lambdaMax, exact.lambdaMax)).toBeLessThan(1e-5);
      expect(found.definiteness).toBe("positive");
    }
  });

  test("in f32 stays within its bound", () => {
    const { features, targets, columns } = load("diabetes", "progression", "regression", "standard");
    const found = curvature(leastSquares(features, targets, { columns, intercept: true }), {
      precision: "f32",
    });
    const reference = problems["diabetes/standardized/least-squares"];
    expect(Math.abs(found.lambdaMax - reference.lambda_max)).toBeLessThan(found.errorBounds.lambdaMax);
    expect(Math.abs(found.lambdaMin - reference.lambda_min)).toBeLessThan(found.errorBounds.lambdaMin);
    expect(found.errorBounds.lambdaMin).toBeLessThan(1e-3 * reference.lambda_max);
  });

  test("is the same for the same seed, and of the same spectrum for another", () => {
    const problem = quadratic(withSpectrum([5, 4, 3, 2, 1], 9));
    expect(curvature(problem)).toEqual(curvature(problem));
    expect(curvature(problem, { seed: 1 }).lambdaMax).toBeCloseTo(5, 12);
  });

  test("bad input is refused by name", () => {
    const problem = quadratic({ diagonal: [1, 2] });
    expect(() => curvature(problem, { at: [1] })).toThrow(/curvature: at must have 2 entries, got 1/);
    expect(() => curvature(problem, { at: [1, Number.NaN] })).toThrow(/at\[1\] must be finite/);
    expect(() => curvature(problem, { tolerence: 1 } as never)).toThrow(
      /unknown option "tolerence"; did you mean tolerance/,
    );
    expect(() => curvature(problem, { probability: 1 })).toThrow(/probability must lie in \(0, 1\)/);
    expect(() => curvature({ value: () => 0 })).toThrow(/curvature: at is needed/);
    expect(() => curvature(null as never)).toThrow(/problem must be an objective/);
    expect(() => curvature({ value: () => Number.NaN }, { at: [1] })).toThrow(/not finite/);
  });
});

describe("power iteration", () => {
  test("finds the eigenvalue of largest modulus and its vector", () => {
    const found = powerIteration(
      quadratic([
        [2, 1],
        [1, 2],
      ]),
    );
    expect(found.converged).toBe(true);
    expect(found.lambda).toBeCloseTo(3, 12);
    expect(Math.abs(found.vector[0])).toBeCloseTo(Math.SQRT1_2, 6);
    expect(powerIteration(quadratic({ diagonal: [1, -5] })).lambda).toBeCloseTo(-5, 12);
  });

  test("agrees with Lanczos on the digits", () => {
    const { features, targets, columns } = load("digits", "digit", "classification", { divide: 16 });
    const problem = leastSquares(features, targets, { columns, intercept: true });
    const found = powerIteration(problem, { tolerance: 1e-10 });
    expect(relative(found.lambda, curvature(problem).lambdaMax)).toBeLessThan(1e-12);
  });

  test("says so where two eigenvalues are too close, instead of guessing", () => {
    const found = powerIteration(quadratic({ diagonal: [1, -1] }), { steps: 50 });
    expect(found.converged).toBe(false);
    expect(found.message).toMatch(/Not converged/);
  });
});
