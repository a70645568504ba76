import { describe, expect, test } from "vitest";
import { studentSize } from "../../src/core/student.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { krylovMiss } from "../../src/curvature/krylov-bound.ts";
import { lambdaMaxBound } from "../../src/curvature/lambda-max-bound.ts";
import { descend } from "../../src/descent/descend.ts";
import { leastSquares, quadratic, rosenbrock } from "../../src/objectives/index.ts";
import { gradientDescent } from "../../src/rules/index.ts";
import { badNumbers, expectRefusal } from "../errors/bad-values.ts";

const SEEDS = 4000;
const N = 60;

/** How often a bound with probability 0.9 fails over many starts, on a Hessian with these eigenvalues. */
function failures(spectrum: readonly number[], products: number, seeds = SEEDS): number {
  const problem = quadratic({ diagonal: [...spectrum] });
  const lambdaMax = Math.max(...spectrum);
  let failed = 0;
  for (let seed = 0; seed < seeds; seed++) {
    // The floor is 0 on purpose: the diagonal would tell a better one.
    const { bound } = lambdaMaxBound(problem, { probability: 0.9, products, seed, floor: 0 });
    if (bound < lambdaMax) failed++;
  }
  return failed / seeds;
}

/** Three binomial deviations of a share of 0.1. */
const CHANCE = 3 * Math.sqrt((0.1 * 0.9) / SEEDS);

describe("a bound on λmax with a stated probability", () => {
  test("[stochastic-curvature] fails exactly as often as stated on a Hessian of rank one, from one product", () => {
    const rankOne = Array.from({ length: N }, (_, i) => (i === 7 ? 3 : 0));
    expect(Math.abs(failures(rankOne, 2) - 0.1)).toBeLessThan(CHANCE);
  });

  test.each([2, 3, 5])(
    "[stochastic-curvature] holds on the spectrum that its proof leaves least room on: %s steps",
    (steps) => {
      // Where the odd Chebyshev polynomial of the proof has its extremes, λ = c·(1 − s²) with s = cos(kπ/(2m − 1)).
      const c = 1 - krylovMiss(N, steps, 0.1);
      const extremes = Array.from(
        { length: steps },
        (_, k) => c * Math.sin((k * Math.PI) / (2 * steps - 1)) ** 2,
      );
      const spectrum = Array.from({ length: N }, (_, i) => (i === 0 ? 1 : extremes[i % steps]));
      const failed = failures(spectrum, steps + 1);
      expect(failed).toBeLessThan(0.1 + CHANCE);
      if (steps > 2) expect(failed).toBeGreaterThan(0.001);
    },
  );

  test.each([
    ["a tight cluster under the top", (i: number) => (i === 0 ? 1 : i < 40 ? 0.99 - 1e-5 * i : i / N / 3), 6],
    ["a cluster within the bound's own width", (i: number) => (i === 0 ? 1 : 0.85), 4],
    ["eigenvalues that crowd towards the top", (i: number) => 1 - (i / N) ** 3, 8],
    ["a top that is double", (i: number) => (i < 2 ? 1 : 0.3), 3],
  ] as const)("[stochastic-curvature] holds as stated for %s", (_, eigenvalue, products) => {
    const spectrum = Array.from({ length: N }, (_, i) => eigenvalue(i));
    expect(failures(spectrum, products)).toBeLessThan(0.1 + CHANCE);
  });

  test("[stochastic-curvature] holds of indefinite Hessians, both ends at once, and takes a floor where one is known", () => {
    const spectrum = Array.from({ length: N }, (_, i) => (i === 0 ? 2 : i === 1 ? -3 : Math.sin(i)));
    const problem = quadratic([...spectrum].map((value, i) => spectrum.map((_, j) => (i === j ? value : 0))));
    let failed = 0;
    for (let seed = 0; seed < 1000; seed++) {
      const { bound, missed } = lambdaMaxBound(problem, { probability: 0.9, products: 16, seed });
      if (bound < 2) failed++;
      expect(missed).toBeCloseTo(krylovMiss(N, 15, 0.05), 14);
    }
    expect(failed / 1000).toBeLessThan(0.1 + 3 * Math.sqrt(0.09 / 1000));
    const options = { probability: 0.9, products: 16 };
    const open = lambdaMaxBound(problem, options).bound;
    expect(lambdaMaxBound(problem, { ...options, floor: -3 }).bound).toBeLessThan(open);
    const few = lambdaMaxBound(problem, { products: 2 });
    expect(few.bound).toBe(Infinity);
    expect(few.speedLimit).toBe(0);
    expect(few.message).toMatch(/^2 products are too few for a bound with probability 0\.999/);
  });

  test("[stochastic-curvature] is θ(1 + (n − 1)/t²) after one step, and never above Kuczyński and Woźniakowski's", () => {
    const diagonal = Array.from({ length: N }, (_, i) => i / N);
    const { bound, lambdaMax } = lambdaMaxBound(quadratic({ diagonal }), { products: 2, probability: 0.99 });
    const t = studentSize(0.01, N - 1);
    expect(bound / (lambdaMax * (1 + (N - 1) / (t * t)))).toBeCloseTo(1, 8);
    for (const dimension of [2, 30, 5000]) {
      for (const steps of [1, 4, 30, 200]) {
        for (const failure of [0.2, 1e-3, 1e-9]) {
          const theirs = (Math.log((1.648 * Math.sqrt(dimension)) / failure) / (2 * steps - 1)) ** 2;
          expect(krylovMiss(dimension, steps, failure)).toBeLessThanOrEqual(Math.min(1, theirs));
        }
      }
    }
  });

  test("[stochastic-curvature] gives a rate that descends on a problem of 2,000 parameters, from 30 products", () => {
    const diagonal = Array.from({ length: 2000 }, (_, i) => (i === 1234 ? 5 : 1 / (1 + (i % 50))));
    const problem = quadratic({ diagonal });
    const { bound, speedLimit, products, message } = lambdaMaxBound(problem);
    expect(products).toBe(30);
    expect(bound).toBeGreaterThanOrEqual(5);
    expect(bound).toBeLessThan(5.3);
    expect(speedLimit).toBe(2 / bound);
    expect(message).toMatch(/^λmax ≤ 5\.\d+ with probability 0\.999, from 30 products: learning rates below/);
    const start = new Float64Array(2000).fill(1);
    const rule = gradientDescent({ learningRate: 0.999 * speedLimit });
    const values = Array.from(descend(problem, { rule, start, steps: 500 }), ({ value }) => value);
    expect(values[500]).toBeLessThan(1e-2 * values[0]);
  });

  test("[stochastic-curvature] bounds what curvature leaves open above 256 parameters", () => {
    const diagonal = Array.from({ length: 400 }, (_, i) => 2 + Math.cos(i) + (i === 9 ? 1e-3 : 0));
    for (let seed = 0; seed < 30; seed++) {
      const found = curvature(quadratic({ diagonal }), { seed, maxSteps: 20 });
      expect(found.complete).toBe(false);
      expect(found.lambdaMaxBound).toBeGreaterThan(Math.max(...diagonal));
    }
    expect(curvature(quadratic({ diagonal }), { maxSteps: 2 }).lambdaMaxBound).toBe(Infinity);
  });

  test("is exact where the products span the space", () => {
    const found = lambdaMaxBound(quadratic({ diagonal: [1, 4, 2] }));
    expect(found.probability).toBe(1);
    expect(found.missed).toBe(0);
    expect(found.bound).toBeGreaterThanOrEqual(4);
    expect(found.bound).toBeLessThan(4 + 1e-13);
    expect(found.products).toBe(4);
    expect(found.message).toMatch(/^λmax ≤ 4, from 4 products: learning rates below 0\.5 = 2\/4/);
    expect(lambdaMaxBound(quadratic({ diagonal: [7] })).bound).toBeCloseTo(7, 12);
  });

  test("holds in f32 and from differences of gradients, whose errors it adds", () => {
    const rows = Array.from({ length: 40 }, (_, i) => [1, Math.sin(i), Math.cos(3 * i), (i % 7) / 7]);
    const problem = leastSquares(rows, new Float64Array(40));
    const { lambdaMax } = curvature(problem);
    const single = lambdaMaxBound(problem, { precision: "f32" }).bound;
    expect(single).toBeGreaterThanOrEqual(lambdaMax);
    expect(single).toBeLessThan(lambdaMax * (1 + 1e-4));
    const { value, gradient } = rosenbrock;
    const byDifferences = lambdaMaxBound({ value, gradient }, { at: [1, 1] }).bound;
    // The Hessian there is [[802, −400], [−400, 200]].
    const exact = (1002 + Math.sqrt(602 ** 2 + 800 ** 2)) / 2;
    expect(byDifferences).toBeGreaterThanOrEqual(exact);
    expect(byDifferences).toBeLessThan(exact + 0.01);
    const blocks = {
      value: ({ a, b }: { readonly a: ArrayLike<number>; readonly b: ArrayLike<number> }) =>
        3 * a[0] ** 2 + a[1] ** 2 + b[0] ** 2,
    };
    expect(lambdaMaxBound(blocks, { at: { a: [1, 2], b: [3] } }).bound).toBeCloseTo(6, 5);
  });

  test("says so where nothing curves upwards", () => {
    const { bound, speedLimit, message } = lambdaMaxBound(quadratic({ diagonal: [-1, -2] }));
    expect(bound).toBeLessThan(0);
    expect(speedLimit).toBe(Infinity);
    expect(message).toContain("nothing curves upwards");
  });

  test("is the same for the same seed", () => {
    const problem = quadratic({ diagonal: Array.from({ length: 300 }, (_, i) => i) });
    expect(lambdaMaxBound(problem, { seed: 3 })).toEqual(lambdaMaxBound(problem, { seed: 3 }));
    expect(lambdaMaxBound(problem, { seed: 4 }).bound).not.toBe(lambdaMaxBound(problem, { seed: 3 }).bound);
  });

  test("bad input is refused by name", () => {
    const problem = quadratic({ diagonal: [1, 2] });
    const takes: Readonly<Record<string, (v: number) => boolean>> = {
      probability: (v) => v > 0 && v < 1,
      products: (v) => Number.isSafeInteger(v) && v >= 2,
      floor: (v) => Number.isFinite(v),
      seed: (v) => Number.isSafeInteger(v) && v >= 0,
      precision: () => false,
    };
    for (const [name, contains] of Object.entries(takes)) {
      for (const [shown, value] of badNumbers(contains)) {
        expectRefusal(
          () => lambdaMaxBound(problem, { [name]: value }),
          `lambdaMaxBound: ${name}`,
          `got ${shown}`,
        );
      }
    }
    expectRefusal(() => lambdaMaxBound(problem, { at: [1] }), "at must have 2 entries, got 1");
    expectRefusal(() => lambdaMaxBound(problem, { steps: 3 } as never), 'unknown option "steps"');
    expectRefusal(() => lambdaMaxBound({ value: () => 0 }), "lambdaMaxBound: at is needed");
    expectRefusal(() => lambdaMaxBound(null as never), "problem must be an objective");
    expectRefusal(() => lambdaMaxBound({ value: () => Number.NaN }, { at: [1] }), "not finite");
    expectRefusal(
      () => lambdaMaxBound(problem, { floor: 3 }),
      "lambdaMaxBound: floor must not lie above an eigenvalue, got 3",
    );
  });
});
