import { describe, expect, test } from "vitest";
import { adgd } from "../../src/rules/index.ts";
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

/** Algorithm 1 of 2020 or algorithm 2 of 2023, with the first rate of ours. */
function asPrinted(f: Plain, start: readonly number[], steps: number, improved: boolean, firstStep: number) {
  const points = [[...start]];
  const rates = [(firstStep * (1 + norm(start))) / norm(f.gradient(start))];
  let theta = Number.POSITIVE_INFINITY;
  points.push(plus(start, -rates[0], f.gradient(start)));
  for (let k = 1; k < steps; k++) {
    const x = points[k];
    const last = rates[k - 1];
    const L = norm(minus(f.gradient(x), f.gradient(points[k - 1]))) / norm(minus(x, points[k - 1]));
    let rate: number;
    if (!improved) rate = Math.min(Math.sqrt(1 + theta) * last, 1 / (2 * L));
    else if (k === 1) rate = 1 / (Math.SQRT2 * L);
    else {
      const rest = 2 * last ** 2 * L ** 2 - 1;
      rate = Math.min(
        Math.sqrt(2 / 3 + theta) * last,
        rest > 0 ? last / Math.sqrt(rest) : Number.POSITIVE_INFINITY,
      );
    }
    theta = rate / last;
    rates.push(rate);
    points.push(plus(x, -rate, f.gradient(x)));
  }
  return { points, rates };
}

describe("adgd", () => {
  test.each([false, true])("follows the papers' algorithms (improved: %s)", (improved) => {
    const firstStep = 0.01;
    const { points, rates } = asPrinted(bowl, bowlStart, 40, improved, firstStep);
    const found = trail(adgd({ improved, firstStep }), bowl, bowlStart, 40);
    expectSamePoints(found.points, points, 1e-10);
    found.rates.forEach((rate, k) => {
      expect(rate / rates[k]).toBeCloseTo(1, 5);
    });
  });

  test("has rates from half the inverse of the largest curvature on to half that of the least", () => {
    // 2020, page 4: λₖ ≥ 1/(2L), and at most what the last step met.
    for (const lambdas of [
      [1, 10, 100],
      [0.3, 0.4, 7],
    ]) {
      const { rates, points } = trail(
        adgd(),
        quadraticOf(lambdas),
        lambdas.map((_, i) => 1 + i),
        300,
      );
      const [least, most] = [Math.min(...lambdas), Math.max(...lambdas)];
      for (const rate of rates.slice(1)) {
        expect(rate).toBeGreaterThanOrEqual((1 - 1e-9) / (2 * most));
        expect(rate).toBeLessThanOrEqual((1 + 1e-9) / (2 * least));
      }
      expect(norm(points[300])).toBeLessThan(1e-3 * norm(points[0]));
    }
  });

  test("has the energy of theorem 1 fall at every step", () => {
    // ‖xₖ₊₁ − x*‖² + ½‖xₖ₊₁ − xₖ‖² + 2λₖ(1 + θₖ)(f(xₖ) − f*), on a convex function.
    let x = [...bowlStart];
    for (let k = 0; k < 4000; k++) x = plus(x, -0.1, bowl.gradient(x));
    const least = bowl.value(x);
    const { points, rates } = trail(adgd(), bowl, bowlStart, 150);
    const energy = (k: number) => {
      const theta = rates[k] / rates[k - 1];
      const [from, to] = [minus(points[k + 1], x), minus(points[k + 1], points[k])];
      return dot(from, from) + dot(to, to) / 2 + 2 * rates[k] * (1 + theta) * (bowl.value(points[k]) - least);
    };
    for (let k = 2; k < 149; k++) expect(energy(k + 1)).toBeLessThanOrEqual(energy(k) + 1e-13);
    expect(energy(149)).toBeLessThan(1e-10);
  });

  test("descends where the curvature has no bound, and along what is linear so far", () => {
    const quartic: Plain = { value: (x) => x[0] ** 4 / 4, gradient: (x) => [x[0] ** 3] };
    for (const start of [1e-3, 1, 1e4]) {
      const { points } = trail(adgd(), quartic, [start], 400);
      expect(Math.abs(points[400][0])).toBeLessThan(0.02 * start);
    }
    // λ grows by √2, then by √(1 + θ) with θ = √2 …
    const slope: Plain = { value: (x) => x[0], gradient: () => [1] };
    const { rates } = trail(adgd({ firstStep: 1 }), slope, [0], 4);
    expect(rates[0]).toBe(1);
    expect(rates[1]).toBeCloseTo(Math.SQRT2, 14);
    expect(rates[2]).toBeCloseTo(Math.SQRT2 * Math.sqrt(1 + Math.SQRT2), 14);
    expect(trail(adgd({ firstStep: 1, maxRate: 1.2 }), slope, [0], 3).rates).toEqual([1, 1.2, 1.2]);
  });
});
