import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { quadratic } from "../../src/objectives/index.ts";
import { fista } from "../../src/rules/index.ts";
import { linear } from "../../src/schedules/index.ts";
import { speedLimit } from "../../src/stepsize/speed-limit.ts";

/** A convex quadratic ½xᵀAx − bᵀx in general position, in plain numbers. */
function bowl(dimension: number, seed: number, least = 0.01) {
  const random = new Random(seed);
  const factor = Array.from({ length: dimension }, () =>
    Array.from({ length: dimension }, () => random.normal()),
  );
  const matrix = factor.map((row, i) =>
    factor.map(
      (other, j) => row.reduce((sum, a, k) => sum + a * other[k], 0) / dimension + (i === j ? least : 0),
    ),
  );
  const linear = factor.map(() => random.normal());
  const start = factor.map(() => random.normal());
  // No eigenvalue exceeds the largest sum of a row.
  const steepest = Math.max(...matrix.map((row) => row.reduce((sum, a) => sum + Math.abs(a), 0)));
  const gradient = (x: readonly number[]) =>
    matrix.map((row, i) => row.reduce((sum, a, j) => sum + a * x[j], 0) - linear[i]);
  const value = (x: readonly number[]) =>
    x.reduce((sum, entry, i) => sum + entry * (0.5 * (gradient(x)[i] - linear[i])), 0);
  return { problem: quadratic(matrix, linear), start, steepest, gradient, value };
}

interface Settings {
  readonly lower?: number;
  readonly upper?: number;
  readonly restart?: boolean;
}

/** The points xₖ of the paper's algorithm, "FISTA with constant stepsize", from its pseudo-code. */
function paper(
  { gradient, start, steepest }: ReturnType<typeof bowl>,
  steps: number,
  { lower = -Infinity, upper = Infinity, restart = false }: Settings,
): number[][] {
  let x = start.slice();
  let y = start.slice();
  let t = 1;
  return Array.from({ length: steps }, () => {
    const slope = gradient(y);
    const next = y.map((entry, i) => Math.min(Math.max(entry - slope[i] / steepest, lower), upper));
    const against = next.reduce((sum, entry, i) => sum + (y[i] - entry) * (entry - x[i]), 0) > 0;
    const following = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
    y = next.map((entry, i) => entry + ((t - 1) / following) * (entry - x[i]));
    t = following;
    if (restart && against) {
      y = next.slice();
      t = 1;
    }
    x = next;
    return next;
  });
}

const pointAfter = (given: ReturnType<typeof bowl>, steps: number, settings: Settings) => {
  const rule = fista({ learningRate: 1 / given.steepest, ...settings });
  return minimize(given.problem, { rule, start: given.start, steps, gradientTolerance: 0 });
};

describe("fista", () => {
  test.each<Settings>([
    {},
    { lower: 0 },
    { lower: -0.5, upper: 0.25 },
    { restart: true },
    { lower: 0.1, upper: 2, restart: true },
  ])("with %j takes the way of the paper's pseudo-code", (settings) => {
    for (const dimension of [1, 2, 5, 8]) {
      const given = bowl(dimension, 10 + dimension);
      const expected = paper(given, 60, settings);
      for (const steps of [1, 2, 3, 10, 30, 60]) {
        const { x } = pointAfter(given, steps, settings);
        for (let i = 0; i < dimension; i++)
          expect(Math.abs(x[i] - expected[steps - 1][i])).toBeLessThan(1e-12);
      }
    }
  });

  test("leads ahead by 0, 0.28175… and 0.43404… of the last step, as t₁ = 1, 1.618…, 2.1939… say", () => {
    // On a slope of 1 every projected step is x − 1; the parameters are ahead of the answer by β times the step before.
    const optimizer = createOptimizer(fista({ learningRate: 1 }), [0]);
    const t2 = (1 + Math.sqrt(5)) / 2;
    const t3 = (1 + Math.sqrt(1 + 4 * t2 * t2)) / 2;
    const t4 = (1 + Math.sqrt(1 + 4 * t3 * t3)) / 2;
    const steps = [1, 1, 1 + (t2 - 1) / t3];
    const betas = [0, (t2 - 1) / t3, (t3 - 1) / t4];
    expect(betas[1]).toBeCloseTo(0.28175, 5);
    expect(betas[2]).toBeCloseTo(0.43404, 5);
    let answer = 0;
    steps.forEach((step, k) => {
      optimizer.gradient.set([1]);
      optimizer.step();
      answer -= step;
      expect(optimizer.parameters[0]).toBeCloseTo(answer - betas[k] * step, 13);
    });
    optimizer.dispose();
  });

  test("stays within 2L‖x₀ − x*‖²/(k + 1)² of the minimum at every step", () => {
    // Beck and Teboulle 2009, theorem 4.4, for L at least the largest eigenvalue.
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(1000), fc.boolean(), (dimension, seed, boxed) => {
        const given = bowl(dimension, seed, 0);
        const settings = boxed ? { lower: -0.5, upper: 0.5 } : {};
        const minimum = paper(given, 30_000, { ...settings, restart: true }).at(-1)!;
        const distance = given.start.reduce((sum, entry, i) => sum + (entry - minimum[i]) ** 2, 0);
        const least = given.value(minimum);
        for (const steps of [1, 2, 3, 5, 10, 20, 50, 100]) {
          const { value } = pointAfter(given, steps, settings);
          const bound = (2 * given.steepest * distance) / (steps + 1) ** 2;
          expect(value - least).toBeLessThanOrEqual(bound + 1e-12);
        }
      }),
      { numRuns: 25, seed: 5 },
    );
  });

  test("gives an answer inside the box, where its parameters lie outside", () => {
    const given = bowl(4, 3);
    const { x } = pointAfter(given, 40, { lower: 0.125, upper: 0.5 });
    expect(Math.min(...x)).toBe(0.125);
    expect(Math.max(...x)).toBeLessThanOrEqual(0.5);
  });

  test("with restarts converges linearly, without them it swings", () => {
    const valley = quadratic({ diagonal: [1, 1e4] });
    const descended = (restart: boolean) =>
      minimize(valley, {
        rule: fista({ learningRate: 1e-4, restart }),
        start: [1, 1],
        steps: 3000,
        gradientTolerance: 1e-8,
      });
    // Momentum tuned to κ = 1e4 takes some √κ·ln(1e8) = 1800 steps.
    const { converged, steps } = descended(true);
    expect(converged).toBe(true);
    expect(steps).toBeLessThan(1800);
    expect(descended(false).converged).toBe(false);
  });

  test("has the limit 4/(3λ) of a momentum of 1, and with bounds none of this kind", () => {
    // (2 + 2β)/(λ(1 + 2β)) at β = 1.
    expect(speedLimit(fista(), { lambdaMax: 10 })).toBeCloseTo(4 / 30, 12);
    expect(() => speedLimit(fista({ lower: 0 }), { lambdaMax: 1 })).toThrow(
      /fista has no limit of this kind/,
    );
  });

  test("follows bounds that change with the step", () => {
    const rule = fista({ learningRate: 1, upper: linear({ from: 2, to: 1, steps: 10 }) });
    const found = minimize(quadratic([[1]], [5]), { rule, start: [0], steps: 30, gradientTolerance: 0 });
    expect(found.x[0]).toBe(1);
  });

  test("refuses bounds that leave no room", () => {
    expect(() => fista({ lower: 1, upper: 0 })).toThrow("fista: lower must not exceed upper, got 1 and 0");
    expect(() => fista({ lower: Number.NaN })).toThrow(/fista: lower must lie in \[-∞, ∞\], got NaN/);
  });
});
