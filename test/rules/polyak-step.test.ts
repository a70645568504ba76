import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { minimize } from "../../src/descent/minimize.ts";
import { leastSquares } from "../../src/objectives/index.ts";
import { polyakStep, sps } from "../../src/rules/index.ts";
import { shuffle } from "../../src/sampling/index.ts";
import {
  bowl,
  bowlStart,
  dot,
  expectSamePoints,
  minus,
  norm,
  type Plain,
  plus,
  quadraticOf,
  trail,
} from "./trail.ts";

/** The least value of `bowl`, found by Newton-like descent to the last digits. */
const least = (() => {
  let x = bowlStart;
  for (let k = 0; k < 4000; k++) x = plus(x, -0.1, bowl.gradient(x));
  return { x, value: bowl.value(x) };
})();

describe("polyakStep", () => {
  test("takes the step that the height and the gradient's square say", () => {
    // x² at 3: 9/36 of the gradient 6; at 1.5 again a quarter.
    const square = quadraticOf([2]);
    expect(trail(polyakStep(), square, [3], 2)).toMatchObject({
      points: [[3], [1.5], [0.75]],
      rates: [0.25, 0.25],
    });
  });

  test.each([
    ["by itself", { lowerBound: least.value }],
    ["relaxed", { learningRate: 1.5, lowerBound: least.value - 0.1 }],
    ["bounded", { maxRate: 0.125, lowerBound: 0 }],
    ["with ε", { epsilon: 0.5 }],
  ] as const)("follows the paper, %s", (_, options) => {
    const {
      learningRate = 1,
      lowerBound = 0,
      maxRate = Infinity,
      epsilon = 0,
    } = options as Record<string, number>;
    const points = [bowlStart];
    for (let k = 0; k < 25; k++) {
      const x = points[k];
      const g = bowl.gradient(x);
      const rate = Math.min((learningRate * (bowl.value(x) - lowerBound)) / (dot(g, g) + epsilon), maxRate);
      points.push(plus(x, -rate, g));
    }
    expectSamePoints(trail(polyakStep(options), bowl, bowlStart, 25).points, points, 1e-10);
  });

  // PEPit's documented example of Polyak steps in the distance to the optimum: with γ‖g‖² = 2(f − f*), which is the
  // relaxation 2, on functions of smoothness 1 and strong convexity 0.1, ‖x − x*‖² shrinks by 0.669421 = (9/11)² at worst
  // (Barré, Taylor, d'Aspremont 2020, proposition 1: the worst is attained where γ is 2/(L + μ)).
  const worst = 0.66942148764;

  test("shrinks the squared distance by 0.669421 on the worst function of κ = 10, relaxed by 2", () => {
    // On ½(x² + y²/10) the rate is 2/(L + μ) where L·x² = μ·y².
    const { points, rates } = trail(
      polyakStep({ learningRate: 2 }),
      quadraticOf([1, 0.1]),
      [Math.sqrt(0.1), 1],
      20,
    );
    for (let t = 0; t < 20; t++) {
      expect(rates[t]).toBeCloseTo(2 / 1.1, 12);
      expect(dot(points[t + 1], points[t + 1]) / dot(points[t], points[t])).toBeCloseTo(worst, 10);
    }
  });

  test("never shrinks it by less on any other", () => {
    const curvature = fc.double({ min: 0.1, max: 1, noNaN: true });
    const entry = fc.double({ min: -10, max: 10, noNaN: true });
    const mode = fc.record({ low: curvature, high: curvature, at: entry });
    fc.assert(
      fc.property(fc.array(mode, { minLength: 1, maxLength: 6 }), (modes) => {
        // Curvature from `low` far out to `high` at 0, both within [0.1, 1].
        const parts = modes.map(({ low, high, at }) => ({
          low: Math.min(low, high),
          high: Math.max(low, high),
          at,
        }));
        const f: Plain = {
          value: (x) =>
            parts.reduce(
              (sum, { low, high }, i) =>
                sum + (low * x[i] ** 2) / 2 + (high - low) * Math.log(Math.cosh(x[i])),
              0,
            ),
          gradient: (x) => parts.map(({ low, high }, i) => low * x[i] + (high - low) * Math.tanh(x[i])),
        };
        const start = parts.map(({ at }) => at);
        const { points } = trail(polyakStep({ learningRate: 2 }), f, start, 8);
        for (let t = 0; t < 8; t++) {
          const before = dot(points[t], points[t]);
          // Below this the cosh of x is 1, and its logarithm 0.
          if (before < 1e-6) break;
          expect(dot(points[t + 1], points[t + 1])).toBeLessThanOrEqual((worst + 1e-8) * before);
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  test("leads nearer to the minimum at every step on convex functions, also with kinks, if it is relaxed by less than 2", () => {
    const kinked: Plain = {
      value: (x) => Math.abs(x[0]) + 3 * Math.abs(x[1] - x[0]),
      gradient: (x) => [Math.sign(x[0]) - 3 * Math.sign(x[1] - x[0]), 3 * Math.sign(x[1] - x[0])],
    };
    for (const learningRate of [0.3, 1, 1.9]) {
      const { points } = trail(polyakStep({ learningRate }), kinked, [3, -5], 2000);
      for (let t = 0; t < 2000; t++)
        expect(norm(points[t + 1])).toBeLessThanOrEqual(norm(points[t]) * (1 + 1e-15));
      expect(kinked.value(points[2000])).toBeLessThan(1e-4);
    }
  });

  test("stops at a bound that is too high, and circles the minimum under one that is too low", () => {
    const { points: high } = trail(polyakStep({ lowerBound: least.value + 0.5 }), bowl, bowlStart, 200);
    expect(bowl.value(high[200])).toBeCloseTo(least.value + 0.5, 6);
    const { points: low } = trail(polyakStep({ lowerBound: least.value - 0.5 }), bowl, bowlStart, 200);
    const last = low.slice(100).map((x) => norm(minus(x, least.x)));
    expect(Math.min(...last)).toBeGreaterThan(0.01);
    expect(Math.max(...last)).toBeLessThan(100);
  });

  test("moves nothing at or below the bound, and where the gradient is 0", () => {
    const square = quadraticOf([2]);
    expect(trail(polyakStep({ lowerBound: 100 }), square, [3], 2).points).toEqual([[3], [3], [3]]);
    expect(trail(polyakStep(), { value: () => 5, gradient: () => [0] }, [3], 2)).toMatchObject({
      points: [[3], [3], [3]],
      rates: [0, 0],
    });
  });
});

describe("sps", () => {
  test.each([
    ["by itself", {}],
    ["bounded and smoothed", { c: 1, lowerBound: 0.1, maxRate: 0.11, growthRate: 1.05, firstRate: 0.02 }],
    ["with ε", { learningRate: 0.7, epsilon: 0.5 }],
  ] as const)("follows the paper, %s", (_, options) => {
    const {
      learningRate = 1,
      c = 0.5,
      lowerBound = 0,
      maxRate = Infinity,
      growthRate = Infinity,
    } = options as Record<string, number>;
    const { firstRate = 1, epsilon = 0 } = options as Record<string, number>;
    const points = [bowlStart];
    let last = firstRate;
    for (let k = 0; k < 60; k++) {
      const x = points[k];
      const g = bowl.gradient(x);
      const polyak = (learningRate * (bowl.value(x) - lowerBound)) / (c * dot(g, g) + epsilon);
      last = Math.min(polyak, maxRate, growthRate * last);
      points.push(plus(x, -last, g));
    }
    expectSamePoints(trail(sps(options), bowl, bowlStart, 60).points, points, 1e-9);
  });

  test("is Kaczmarz's projection onto a row, on least squares row by row", () => {
    // ½r²/(½r²‖a‖²) = 1/‖a‖², with r = ⟨a, x⟩ − b: x − r·a/‖a‖² lies on the row's plane.
    const rows = [
      [1, 2, -1],
      [0.5, -1, 3],
      [2, 0, 1],
    ];
    const targets = [3, -2, 1];
    let x = [4, 4, 4];
    let turn = 0;
    const rule = sps();
    const f: Plain = {
      value: (at) => (dot(rows[turn % 3], at) - targets[turn % 3]) ** 2 / 2,
      gradient: (at) => rows[turn % 3].map((a) => a * (dot(rows[turn % 3], at) - targets[turn % 3])),
    };
    const { points } = trail(rule, { value: (at) => f.value(at), gradient: f.gradient }, x, 1);
    x = plus(x, -(dot(rows[0], x) - targets[0]) / dot(rows[0], rows[0]), rows[0]);
    expectSamePoints(points.slice(1), [x], 1e-15);
    for (turn = 1; turn < 30; turn++) {
      const [, next] = trail(rule, f, x, 1).points;
      x = plus(
        x,
        -(dot(rows[turn % 3], x) - targets[turn % 3]) / dot(rows[turn % 3], rows[turn % 3]),
        rows[turn % 3],
      );
      expectSamePoints([next], [x], 1e-14);
    }
  });

  test("converges on batches where all rows can be met, as the paper's theorem 3.4 says, to any accuracy", () => {
    const features = Array.from({ length: 40 }, (_, i) => [
      Math.sin(3 * i),
      Math.cos(5 * i),
      Math.sin(7 * i + 1),
    ]);
    const truth = [2, -1, 3];
    const problem = leastSquares(
      features,
      features.map((row) => dot(row, truth)),
    );
    const batches = shuffle({ rows: 40, batchSize: 4, seed: 2 });
    const { x } = minimize(problem, { rule: sps(), start: [0, 0, 0], steps: 2000, batches });
    expect(norm(minus(Array.from(x), truth))).toBeLessThan(1e-12);
  });

  test("grows from the last rate above 0, so that a batch that is met does not end it", () => {
    let turn = 0;
    const f: Plain = { value: (x) => (turn++ === 0 ? 0 : x[0] ** 2 / 2), gradient: (x) => [x[0]] };
    const { rates } = trail(sps({ growthRate: 2, firstRate: 0.25 }), f, [1], 3);
    expect(rates).toEqual([0, 0.5, 1]);
  });
});
