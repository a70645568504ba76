import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  basins,
  cosineLandscape,
  cubicValley,
  doubleWell,
  factorization,
  gradientDescent,
  iteratedMap,
  optimizerMap,
  periods,
  polynomialLandscape,
  sgd,
  slopeMap,
} from "../../../src/index.ts";

const cubic = optimizerMap(gradientDescent(), cubicValley);
const well = optimizerMap(gradientDescent(), doubleWell);
const logistic = slopeMap(cubicValley);

describe.each(["f64", "f32"] as const)("periods in %s", (precision) => {
  test("[chaos] x²/2 − x³/3 doubles its period at η = 2, √6, 2.54409, 2.56441 (truths 2)", () => {
    const doublings = [2, Math.sqrt(6), 2.54409, 2.564407];
    const rates = doublings.flatMap((rate) => [rate - 0.003, rate + 0.003]);
    const { periods: found } = periods(cubic, { rates, burnIn: 50_000, precision });
    expect([...found]).toEqual([1, 2, 2, 4, 4, 8, 8, 16]);
  });

  test("[chaos] the double well has a 2-cycle from η = 1 and a 4-cycle from √5 − 1 about each minimum (truths 3)", () => {
    const rates = [0.98, 1.02, Math.sqrt(5) - 1.01, Math.sqrt(5) - 0.99];
    for (const starts of [0.6, -0.6]) {
      const {
        periods: found,
        points,
        maxPeriod,
      } = periods(well, { rates, starts, burnIn: 20_000, precision });
      expect([...found]).toEqual([1, 2, 2, 4]);
      for (let i = 0; i < rates.length; i++) expect(Math.sign(points[i * maxPeriod])).toBe(Math.sign(starts));
    }
  });

  test("[chaos] in the logistic map's windows the odd periods appear, at r = 3.83, 3.74 and 3.702", () => {
    // The windows of periods 3, 5 and 7 (May 1976, table 2, to the digits here).
    const { periods: found } = periods(logistic, { rates: [3.83, 3.739, 3.7017], burnIn: 50_000, precision });
    expect([...found]).toEqual([3, 5, 7]);
  });
});

test("[chaos] the points are the cycle: of the 2-cycle in closed form", () => {
  const rates = [2.05, 2.2, 2.4];
  const { points, maxPeriod } = periods(cubic, { rates });
  rates.forEach((rate, i) => {
    // Of r·y(1 − y) with r = 1 + η: (1 + r ± √((r − 3)(r + 1)))/2r; x = 1 − y·r/η.
    const r = 1 + rate;
    const root = Math.sqrt((r - 3) * (r + 1));
    const cycle = [1 + r + root, 1 + r - root].map((y) => 1 - y / (2 * rate)).sort((a, b) => a - b);
    const found = [...points.subarray(i * maxPeriod, i * maxPeriod + 2)].sort((a, b) => a - b);
    cycle.forEach((x, k) => void expect(Math.abs(found[k] - x)).toBeLessThan(1e-14));
  });
});

test("[chaos] an orbit of any period up to the longest asked for is found, and none beyond: rotations by p/q of a turn", () => {
  const rotation = iteratedMap((x, share) => (x + share) % 1, { start: 0.125 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (q, limit) => {
      const { periods: found } = periods(rotation, {
        rates: 1 / q,
        burnIn: 0,
        maxPeriod: limit,
        tolerance: 1e-9,
      });
      // At the end of a turn rounding may leave 1 − 10⁻¹⁵ where 0 is meant: those turns begin elsewhere.
      expect(found[0]).toBe(q <= limit ? q : 0);
    }),
    { numRuns: 60, seed: 5 },
  );
});

test("chaos has period 0, an escape −1, and one coincidence is no period", () => {
  const { periods: found, points } = periods(logistic, { rates: [3.95, 4.2], maxPeriod: 8 });
  expect([...found]).toEqual([0, -1]);
  expect(points.subarray(8).every(Number.isNaN)).toBe(true);
  // By chance a point comes back within a hundredth soon; 64 pairs of points in a row do not.
  const rates = Array.from({ length: 300 }, (_, i) => 3.9 + i * 1e-4);
  const strict = periods(logistic, { rates }).periods;
  const loose = periods(logistic, { rates, tolerance: 0.01 }).periods;
  expect(strict.filter((period) => period === 0).length).toBeGreaterThan(250);
  expect(loose.filter((period, i) => period !== strict[i]).length).toBeLessThan(10);
});

test("periods of several variables take all coordinates into account", () => {
  // (x, y) ← (−x, −y/2 …) turned: x has period 2, y period 4.
  const map = iteratedMap({
    dimension: 3,
    step([x, y, z], _, next) {
      next.set([-x, -z, y]);
    },
  });
  const {
    periods: found,
    dimension,
    points,
  } = periods(map, {
    rates: 0,
    starts: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 0],
    ],
    burnIn: 3,
    maxPeriod: 5,
  });
  expect([...found]).toEqual([2, 4, 1]);
  expect(dimension).toBe(3);
  expect([...points.subarray(0, 6)].map((x) => x + 0)).toEqual([1, 0, 0, -1, 0, 0]);
  expect([
    ...periods(optimizerMap(gradientDescent(), factorization()), {
      rates: 0.4,
      starts: [
        [1.2, 0.3],
        [0.1, -2],
      ],
    }).periods,
  ]).toEqual([1, 1]);
});

describe("basins", () => {
  test("[chaos] of many variables are told apart without looking at all cells beside a point, of which there are 3ⁿ", () => {
    // ∂/∂xᵢ of −cos(2πxᵢ)/(2π) in 24 variables: every point of whole numbers is a minimum.
    const dimension = 24;
    const map = optimizerMap(gradientDescent(), {
      dimension,
      value: () => 0,
      gradient(x, g) {
        for (let i = 0; i < dimension; i++) g[i] = Math.sin(2 * Math.PI * x[i]);
      },
    });
    const last = Array.from({ length: 20 }, (_, k) =>
      Array.from({ length: dimension }, (__, i) => (i === dimension - 1 ? (k % 5) + 0.2 : 0.1)),
    );
    const { labels, attractors } = basins(map, { rate: 0.1, starts: last, burnIn: 500, maxPeriod: 4 });
    expect(Array.from(labels)).toEqual(last.map((_, k) => k % 5));
    expect(attractors.map(({ count }) => count)).toEqual([4, 4, 4, 4, 4]);
  });

  const grid = Array.from({ length: 401 }, (_, i) => -2.5 + i / 80);

  test("[chaos] of the double well at η = ½ follow from its symmetry and its edge at √5", () => {
    const { labels, attractors, escapes } = basins(well, { rate: 0.5, starts: grid });
    expect(attractors.map(({ period, points }) => [period, Math.round(points[0] * 1e9) / 1e9])).toEqual([
      [1, -1],
      [1, 0],
      [1, 1],
    ]);
    grid.forEach((x, i) => {
      // x ← (3x − x³)/2 is odd; beyond |x| = √5 it moves further out.
      const mirrored = labels[grid.length - 1 - i];
      expect(mirrored).toBe(labels[i] < 0 ? labels[i] : 2 - labels[i]);
      expect(labels[i] === -1).toBe(Math.abs(x) > Math.sqrt(5));
      expect(escapes[i] >= 0).toBe(labels[i] === -1);
      if (x > 0 && x <= 1.5) expect(labels[i]).toBe(2);
    });
    expect(attractors.map(({ count }) => count).reduce((a, b) => a + b)).toBe(
      labels.filter((l) => l >= 0).length,
    );
  });

  test("[chaos] at η = 1.1 each well has a 2-cycle, told from the smaller point on", () => {
    const { attractors, labels } = basins(well, { rate: 1.1, starts: [-0.5, 0.5, 1.2, -1.2], burnIn: 3000 });
    expect(attractors.map(({ period }) => period)).toEqual([2, 2]);
    for (const { points } of attractors) expect(points[0]).toBeLessThan(points[1]);
    expect(attractors[0].points[0]).toBeLessThan(0);
    expect([labels[0] === labels[3], labels[1] === labels[2]]).toEqual([true, true]);
  });

  test("do not depend on the order of the starts", () => {
    const forward = basins(well, { rate: 1.25, starts: grid, burnIn: 3000 });
    const backward = basins(well, { rate: 1.25, starts: grid.slice().reverse(), burnIn: 3000 });
    expect([...backward.labels].reverse()).toEqual([...forward.labels]);
    expect(backward.attractors.map(({ period, count }) => [period, count])).toEqual(
      forward.attractors.map(({ period, count }) => [period, count]),
    );
  });

  test("[chaos] of momentum and of a row of valleys are named by where they lie", () => {
    const waves = optimizerMap(sgd({ momentum: 0.5 }), cosineLandscape());
    const { attractors } = basins(waves, { rate: 0.5, momentum: 0.7, starts: [-7, -5.5, -2, 1, 4, 7] });
    for (const { points, period } of attractors) {
      expect(period).toBe(1);
      expect(Math.abs(Math.sin(points[0] / 2))).toBeLessThan(1e-7);
    }
    expect(attractors.length).toBeGreaterThan(1);
  });

  test("chaos has no cycle, and every minimum of a line of them is its own attractor", () => {
    expect([...basins(logistic, { rate: 3.95, starts: [0.2, 0.3, -1] }).labels]).toEqual([-2, -2, -1]);
    const line = optimizerMap(gradientDescent(), factorization());
    const { labels, attractors } = basins(line, {
      rate: 0.2,
      starts: [
        [1, 0.5],
        [2, 0.2],
        [1, 0.5],
        [-1, -0.5],
      ],
      burnIn: 2000,
    });
    expect(attractors).toHaveLength(3);
    expect(labels[0]).toBe(labels[2]);
    for (const { points } of attractors) expect(points[0] * points[1]).toBeCloseTo(1, 9);
  });

  test("f32 finds the same basins away from their edges", () => {
    const options = { rate: 0.5, starts: [-1.9, -1.2, -0.3, 0.4, 1.1, 2.4] };
    expect([...basins(well, { ...options, precision: "f32" }).labels]).toEqual([
      ...basins(well, options).labels,
    ]);
  });
});

test("[chaos] λx²/2 has the 2-cycle {x, −x} exactly at ηλ = 2, whatever the start", () => {
  const bowl = optimizerMap(gradientDescent(), polynomialLandscape([0, 4]));
  const { periods: found } = periods(bowl, { rates: [0.49, 0.5, 0.51], starts: 0.7, bound: 1e3 });
  expect([...found]).toEqual([1, 2, -1]);
});
