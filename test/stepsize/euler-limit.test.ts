import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { explicitEuler } from "../../src/dynamics/flow/explicit-euler.ts";
import { quadratic } from "../../src/objectives/index.ts";
import { eulerLimit, stiffness } from "../../src/stepsize/euler-limit.ts";

type Matrix = readonly (readonly number[])[];

/** ‖x‖ after explicit Euler on dx/dt = Ax from all ones, over ‖x‖ at the start. */
function growth(a: Matrix, timeStep: number, steps: number): number {
  const start = a.map(() => 1);
  const { x } = explicitEuler(
    (at, out) => {
      for (const [i, row] of a.entries()) out[i] = row.reduce((sum, entry, j) => sum + entry * at[j], 0);
    },
    { start, timeStep, steps, every: steps },
  );
  return Math.hypot(...x) / Math.hypot(...start);
}

const negated = (a: Matrix) => a.map((row) => row.map((x) => -x));

describe("the step limit of explicit Euler", () => {
  test("[euler] on the stiff linear system −A is 2/λmax, the speed limit of gradient descent", () => {
    // Second differences: λmax = 2 − 2cos(nπ/(n + 1)).
    for (const n of [1, 2, 5, 20, 60]) {
      const a = Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (_, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)),
      );
      const lambdaMax = 2 - 2 * Math.cos((n * Math.PI) / (n + 1));
      const limit = eulerLimit(negated(a));
      expect(Math.abs((limit * lambdaMax) / 2 - 1)).toBeLessThan(1e-13);
      const measured = curvature(quadratic(a));
      expect(Math.abs(limit / measured.speedLimit - 1)).toBeLessThan(1e-12);
      expect(Math.abs(stiffness(negated(a)).stiffnessRatio / measured.conditionNumber - 1)).toBeLessThan(
        1e-10,
      );
    }
  });

  test("[euler] on modes −a ± ib is 2a/(a² + b²), where its path turns from falling to growing", () => {
    const positive = fc.double({ min: 0.05, max: 20, noNaN: true });
    fc.assert(
      fc.property(positive, positive, (a, b) => {
        const matrix = [
          [-a, -b],
          [b, -a],
        ];
        const limit = eulerLimit(matrix);
        expect(Math.abs((limit * (a * a + b * b)) / (2 * a) - 1)).toBeLessThan(1e-12);
        // |1 + hμ|² = 1 − 2ha + h²(a² + b²), which at h = (1 ± 0.01)·limit is 1 ± 0.01·(1 ± 0.01)·4a²/(a² + b²).
        const rate = (0.01 * 4 * a * a) / (a * a + b * b);
        const steps = Math.ceil(40 / rate);
        if (steps > 20_000) return;
        expect(growth(matrix, 0.99 * limit, steps)).toBeLessThan(1e-6);
        expect(growth(matrix, 1.01 * limit, steps)).toBeGreaterThan(1e3);
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  test("[euler] on general matrices divides runs that settle from runs that grow", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const n = 6;
      const random = new Random(seed);
      const a = Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (_, j) => random.normal() - (i === j ? 4 : 0)),
      );
      const limit = eulerLimit(a);
      expect(limit).toBeGreaterThan(0);
      expect(growth(a, 0.97 * limit, 4000)).toBeLessThan(1e-6);
      expect(growth(a, 1.03 * limit, 4000)).toBeGreaterThan(1e3);
    }
  });

  test("[euler] is 0 for what grows or only turns, and passes over what does not move", () => {
    expect(eulerLimit([[0.1]])).toBe(0);
    expect(
      eulerLimit([
        [0, -3],
        [3, 0],
      ]),
    ).toBe(0);
    expect(
      eulerLimit([
        [0, 1],
        [0, 0],
      ]),
    ).toBe(Infinity);
    expect(eulerLimit([[0]])).toBe(Infinity);
    // −vvᵀ has one mode that decays, at ‖v‖² = 14, and two that stay.
    const v = [1, 2, 3];
    const still = stiffness(v.map((x) => v.map((y) => -x * y)));
    expect(still.stepLimit).toBeCloseTo(2 / 14, 14);
    expect([still.neutral, still.unstable, still.stiffnessRatio]).toEqual([2, 0, expect.closeTo(1, 12)]);
    expect(still.message).toMatch(/2 modes do not move/);
  });
});

describe("stiffness", () => {
  test("[euler] is the ratio of the fastest decay to the slowest, whatever turns", () => {
    const found = stiffness([
      [-1000, 5, 0, 0],
      [0, -0.25, 0, 0],
      [0, 0, -2, -7],
      [0, 0, 7, -2],
    ]);
    expect(found.stiffnessRatio).toBeCloseTo(4000, 9);
    expect([found.fastest, found.slowest]).toEqual([1000, 0.25]);
    expect(found.stepLimit).toBeCloseTo(0.002, 15);
    expect(found.message).toBe(
      "Explicit Euler is stable below 0.002, and the fastest mode decays 4,000 times as fast as the slowest.",
    );
    expect(found.eigenvalues.real.length).toBe(4);
  });

  test("says so where there is no stable step, and where nothing moves", () => {
    expect(stiffness([[1]]).message).toBe("No step is stable: 1 mode grows, or turns without decaying.");
    const turning = stiffness([
      [0, -1],
      [1, 0],
    ]);
    expect(turning.message).toBe("No step is stable: 2 modes grow, or turn without decaying.");
    expect(turning.stiffnessRatio).toBeNaN();
    expect(stiffness([[0]]).message).toBe("Nothing moves: the matrix is zero.");
    // dx/dt = y, dy/dt = 0 moves, though its eigenvalues are 0.
    const drift = [
      [0, 1],
      [0, 0],
    ];
    expect(stiffness(drift)).toMatchObject({ stepLimit: Infinity, neutral: 2 });
    expect(stiffness(drift).message).toMatch(/^No step is too long: every eigenvalue is 0/);
    expect(
      stiffness([
        [-1e300, 0],
        [0, -1e-300],
      ]).stepLimit,
    ).toBe(2e-300);
  });

  test("[errors] bad input is refused by name", () => {
    for (const [name, call] of Object.entries({ eulerLimit, stiffness })) {
      expect(() => call(undefined as never)).toThrow(
        `${name}: matrix must be an array of numbers, got undefined`,
      );
      expect(() => call([[1, 2]])).toThrow(`${name}: matrix must be square, got 1 × 2 entries`);
      expect(() => call([[Infinity]])).toThrow(`${name}: matrix[0][0] must be finite, got Infinity`);
      expect(() => call([1, 2])).toThrow(`${name}: matrix must have n² entries`);
    }
  });
});
