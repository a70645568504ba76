import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { barzilaiBorwein } from "../../src/rules/index.ts";
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

/** The method as printed, with s and y from points and gradients that are kept whole. */
function asPrinted(
  f: Plain,
  start: readonly number[],
  steps: number,
  kind: "long" | "short" | "turns",
  firstStep: number,
) {
  const points = [[...start]];
  let alpha = (firstStep * (1 + norm(start))) / norm(f.gradient(start));
  for (let k = 0; k < steps; k++) {
    if (k > 0) {
      const s = minus(points[k], points[k - 1]);
      const y = minus(f.gradient(points[k]), f.gradient(points[k - 1]));
      const [long, short] = [dot(s, s) / dot(s, y), dot(s, y) / dot(y, y)];
      alpha = kind === "long" || (kind === "turns" && k % 2 === 1) ? long : short;
    }
    points.push(plus(points[k], -alpha, f.gradient(points[k])));
  }
  return points;
}

describe("barzilaiBorwein", () => {
  test.each([
    ["long", {}],
    ["short", { short: true }],
    ["turns", { alternate: true }],
  ] as const)("follows the paper with the quotient that is %s", (kind, options) => {
    const firstStep = 0.01;
    const expected = asPrinted(bowl, bowlStart, 30, kind, firstStep);
    expectSamePoints(
      trail(barzilaiBorwein({ ...options, firstStep }), bowl, bowlStart, 30).points,
      expected,
      1e-8,
    );
  });

  test("steps in one dimension by the secant method: the second step meets the minimum of a parabola", () => {
    const { points, rates } = trail(barzilaiBorwein({ firstStep: 0.1 }), quadraticOf([4]), [3], 2);
    // The first step has length 0.1·(1 + 3) against the gradient 12; then the rate is 1/4.
    expect(points[1][0]).toBeCloseTo(3 - 0.4, 14);
    expect(rates[1]).toBeCloseTo(0.25, 13);
    expect(points[2][0]).toBeCloseTo(0, 13);
  });

  test("converges on strictly convex quadratics of two dimensions R-superlinearly (Barzilai and Borwein 1988, theorem)", () => {
    for (const options of [{}, { short: true }]) {
      for (const kappa of [5, 100]) {
        const f = quadraticOf([1, kappa]);
        const { points } = trail(barzilaiBorwein(options), f, [1, 1], 60);
        // Below 1e-140 the products of s and y leave the range of numbers.
        const norms = points.map((x) => norm(f.gradient(x))).filter((size) => size > 1e-140);
        const last = norms.length - 1;
        const root = (k: number) => (norms[k] / norms[0]) ** (1 / k);
        // A linear rate would be a root that stays; the best constant step has (κ − 1)/(κ + 1).
        expect(last).toBeLessThan(45);
        expect(root(last)).toBeLessThan(1e-3);
        expect(root(last)).toBeLessThan(root(Math.floor(last / 2)) / 100);
        // Of R-order √2: −ln ‖g‖ doubles in two steps, on the average.
        const digits = (k: number) => -Math.log(norms[k] / norms[0]);
        const early = norms.findIndex((_, k) => digits(k) > 8);
        const order = (digits(last) / digits(early)) ** (1 / (last - early));
        expect(order).toBeGreaterThan(1.25);
      }
    }
  });

  test("has rates between the inverses of the largest and the least curvature on quadratics", () => {
    const lambda = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(lambda, { minLength: 2, maxLength: 6 }),
        fc.boolean(),
        fc.boolean(),
        (lambdas, short, alternate) => {
          const { points, rates } = trail(
            barzilaiBorwein({ short, alternate }),
            quadraticOf(lambdas),
            lambdas.map(() => 1),
            30,
          );
          const far = points.filter((x) => norm(x) > 1e-100).length;
          for (const rate of rates.slice(1, far)) {
            expect(rate).toBeGreaterThanOrEqual((1 - 1e-6) / Math.max(...lambdas));
            expect(rate).toBeLessThanOrEqual((1 + 1e-6) / Math.min(...lambdas));
          }
        },
      ),
      { numRuns: 100, seed: 2 },
    );
  });

  test("keeps its last rate where the function curves downwards along the step, or not at all", () => {
    const hill = quadraticOf([-1]);
    const { rates } = trail(barzilaiBorwein({ firstStep: 0.1 }), hill, [1], 5);
    expect(new Set(rates).size).toBe(1);
    const slope: Plain = { value: (x) => x[0], gradient: () => [1] };
    expect(new Set(trail(barzilaiBorwein(), slope, [1], 5).rates).size).toBe(1);
  });

  test("begins where the first gradient that is not 0 comes, and keeps within its bounds", () => {
    let turn = 0;
    const late: Plain = { value: (x) => x[0] ** 2, gradient: (x) => (turn++ < 2 ? [0] : [2 * x[0]]) };
    const { points, rates } = trail(barzilaiBorwein({ minRate: 0.1, maxRate: 0.2 }), late, [4], 6);
    expect(points.slice(0, 3)).toEqual([[4], [4], [4]]);
    expect(rates.slice(0, 2)).toEqual([0, 0]);
    expect(rates[2]).toBe(0.1);
    expect(rates.slice(3)).toEqual([0.2, 0.2, 0.2]);
    expect(() => barzilaiBorwein({ minRate: 2, maxRate: 1 })).toThrow(
      new RangeError("barzilaiBorwein: minRate must not exceed maxRate, got 2 and 1"),
    );
  });

  test("multiplies what it finds by the learning rate", () => {
    const f = quadraticOf([1, 3]);
    const half = trail(barzilaiBorwein({ learningRate: 0.5 }), f, [1, 1], 20);
    const whole = 2 * half.rates[10];
    expect(whole).toBeGreaterThanOrEqual(1 / 3);
    expect(whole).toBeLessThanOrEqual(1);
  });
});
