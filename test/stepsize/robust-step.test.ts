import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { HessianSum } from "../../src/curvature/hessian-sum.ts";
import { descend } from "../../src/descent/descend.ts";
import { leastSquares, logisticRegression, quadratic, rosenbrock } from "../../src/objectives/index.ts";
import { gradientDescent } from "../../src/rules/index.ts";
import { observedRate, predictedSteps } from "../../src/stepsize/forecast.ts";
import { type RobustStep, robustStep } from "../../src/stepsize/robust-step.ts";
import { badNumbers, expectRefusal, noNumbers } from "../errors/bad-values.ts";
import { eigenvalues, plus, type Rows } from "./random/jacobi.ts";

/** What rounding and the eigenvalues' error bounds may come to. */
const CLOSE = 1e-11;

/** The factor of the slowest mode of one Hessian in a step. */
const rate = (step: number, matrix: Rows) =>
  Math.max(...eigenvalues(matrix).map((lambda) => Math.abs(1 - step * lambda)));

/** A random symmetric matrix of normal entries. */
function symmetric(random: Random, d: number, shift = 0): number[][] {
  const a = Array.from({ length: d }, () => Array.from({ length: d }, () => random.normal()));
  return a.map((row, i) => row.map((entry, j) => (entry + a[j][i]) / 2 + (i === j ? shift : 0)));
}

/** A positive definite one. */
function positive(random: Random, d: number, least = 0.5): number[][] {
  const a = symmetric(random, d);
  const product = a.map((row) => a.map((other) => row.reduce((sum, x, k) => sum + x * other[k], 0)));
  return product.map((row, i) => row.map((entry, j) => entry + (i === j ? least : 0)));
}

function expectSafe({ optimalStep, contractionRate, lambdaMax, lambdaMin }: RobustStep, member: Rows): void {
  const values = eigenvalues(member);
  expect(values[0]).toBeLessThanOrEqual(lambdaMax + CLOSE * Math.abs(lambdaMax));
  expect(values[values.length - 1]).toBeGreaterThanOrEqual(lambdaMin - CLOSE * Math.abs(lambdaMax));
  expect(rate(optimalStep, member)).toBeLessThanOrEqual(contractionRate + CLOSE);
}

const seeds = fc.integer({ min: 0, max: 2 ** 30 });
const sizes = fc.integer({ min: 2, max: 5 });
const runs = { numRuns: 60, seed: 7 };

describe("a step for a set of Hessians", () => {
  test("[robust-step] of eigenvalues in an interval is 2/(M̄ + m̲), with the rate (M̄ − m̲)/(M̄ + m̲)", () => {
    const found = robustStep({ eigenvalues: [1, 9] });
    expect(found.optimalStep).toBe(0.2);
    expect(found.contractionRate).toBe(0.8);
    expect(found.speedLimit).toBe(2 / 9);
    expect(found.exact).toEqual({ lambdaMax: true, lambdaMin: true });
    expect(found.price).toBeUndefined();
    expect(found.message).toBe(
      "0.2 = 2/(M̄ + m̲) leaves at most 0.8 of any mode in a step, whichever member it meets: the eigenvalues of the set reach from 1 to 9.",
    );
    const several = robustStep({
      eigenvalues: [
        [2, 3],
        [1, 1.5],
        [4, 9],
      ],
    });
    expect([several.lambdaMin, several.lambdaMax]).toEqual([1, 9]);
    // The same words as a measured curvature has: the forecast takes them.
    expect(predictedSteps(found)).toBe(Math.ceil(Math.log(1e-6) / Math.log(0.8)));
  });

  test("[robust-step] has the least worst case: every other constant step has a larger one", () => {
    const interval = fc.tuple(
      fc.double({ min: 0.01, max: 10, noNaN: true }),
      fc.double({ min: 1, max: 100, noNaN: true }),
    );
    fc.assert(
      fc.property(interval, ([low, factor]) => {
        const high = low * factor;
        const { optimalStep, contractionRate, speedLimit } = robustStep({ eigenvalues: [low, high] });
        const worst = (step: number) => Math.max(Math.abs(1 - step * low), Math.abs(1 - step * high));
        expect(worst(optimalStep)).toBeCloseTo(contractionRate, 12);
        for (let k = 1; k <= 60; k++) {
          const step = (k / 50) * speedLimit;
          if (Math.abs(step / optimalStep - 1) > 1e-9) expect(worst(step)).toBeGreaterThan(contractionRate);
        }
      }),
      runs,
    );
  });

  test("[robust-step] no member of a list is slower than stated, and some member is as slow", () => {
    fc.assert(
      fc.property(seeds, sizes, fc.integer({ min: 1, max: 4 }), (seed, d, count) => {
        const random = new Random(seed);
        const hessians = Array.from({ length: count }, () => positive(random, d));
        const found = robustStep({ hessians });
        for (const hessian of hessians) expectSafe(found, hessian);
        const slowest = Math.max(...hessians.map((hessian) => rate(found.optimalStep, hessian)));
        expect(Math.abs(slowest - found.contractionRate)).toBeLessThan(CLOSE);
        expect(found.exact).toEqual({ lambdaMax: true, lambdaMin: true });
        // No other constant step is better for the worst of the list.
        for (const factor of [0.5, 0.9, 0.99, 1.01, 1.1]) {
          const other = Math.max(...hessians.map((hessian) => rate(factor * found.optimalStep, hessian)));
          expect(other).toBeGreaterThan(found.contractionRate);
        }
      }),
      runs,
    );
  });

  test.each(["spectral", "frobenius"] as const)(
    "[robust-step] no member of a ball in the %s norm is slower than stated, and the ends are attained",
    (norm) => {
      fc.assert(
        fc.property(seeds, sizes, fc.double({ min: 0, max: 0.45, noNaN: true }), (seed, d, radius) => {
          const random = new Random(seed);
          const hessian = positive(random, d);
          const found = robustStep({ hessian, radius, norm });
          for (let k = 0; k < 20; k++) {
            const e = symmetric(random, d);
            const size =
              norm === "frobenius"
                ? Math.sqrt(e.flat().reduce((sum, x) => sum + x * x, 0))
                : Math.max(...eigenvalues(e).map(Math.abs));
            expectSafe(found, plus(hessian, e, radius / size));
          }
          const { topVector, bottomVector } = curvature(quadratic(hessian));
          const along = (v: Float64Array) => Array.from(v, (x) => Array.from(v, (y) => x * y));
          expect(
            Math.abs(eigenvalues(plus(hessian, along(topVector), radius))[0] - found.lambdaMax),
          ).toBeLessThan(CLOSE * found.lambdaMax);
          const least = eigenvalues(plus(hessian, along(bottomVector), -radius))[d - 1];
          expect(Math.abs(least - found.lambdaMin)).toBeLessThan(CLOSE * found.lambdaMax);
        }),
        runs,
      );
    },
  );

  test("[robust-step] no member of a linear family is slower than stated, and a vertex attains it", () => {
    fc.assert(
      fc.property(seeds, sizes, fc.integer({ min: 1, max: 4 }), (seed, d, k) => {
        const random = new Random(seed);
        const hessian = positive(random, d, 3 * k + 3);
        // Some directions are semidefinite, the others are not.
        const directions = Array.from({ length: k }, () =>
          random.uniform() < 0.4 ? positive(random, d, 0) : symmetric(random, d),
        ).map((h) => h.map((row) => row.map((x) => (x * 0.3) / d)));
        const box = directions.map(() => {
          const [a, b] = [random.normal(), random.normal()];
          return [Math.min(a, b), Math.max(a, b)] as const;
        });
        const found = robustStep({ hessian, directions, box });
        expect(found.exact).toEqual({ lambdaMax: true, lambdaMin: true });
        const member = (u: readonly number[]) =>
          directions.reduce((sum: Rows, h, i) => plus(sum, h, u[i]), hessian);
        for (let sample = 0; sample < 20; sample++) {
          expectSafe(found, member(box.map(([low, high]) => low + random.uniform() * (high - low))));
        }
        const vertices = Array.from({ length: 2 ** k }, (_, bits) =>
          eigenvalues(member(box.map((ends, i) => ends[(bits >> i) & 1]))),
        );
        const high = Math.max(...vertices.map((values) => values[0]));
        const low = Math.min(...vertices.map((values) => values[d - 1]));
        expect(Math.abs(high - found.lambdaMax)).toBeLessThan(CLOSE * high);
        expect(Math.abs(low - found.lambdaMin)).toBeLessThan(CLOSE * high);
      }),
      runs,
    );
  });

  test("[robust-step] a direction that is semidefinite costs no vertices: 30 of them, three Hessians", () => {
    const directions = Array.from({ length: 30 }, (_, k) => ({
      diagonal: Array.from({ length: 30 }, (_, i) => (i === k ? 1 : 0)),
    }));
    const found = robustStep({ hessian: { diagonal: new Float64Array(30).fill(5) }, directions });
    expect(found.lambdaMax).toBeCloseTo(6, 11);
    expect(found.lambdaMin).toBeCloseTo(4, 11);
    expect(found.exact).toEqual({ lambdaMax: true, lambdaMin: true });
    // Each direction, the middle, and the two ends.
    expect(found.evaluations).toBe(30 + 3);
  });

  test("[robust-step] 12 indefinite directions are exact, by 4,096 vertices; of 14 the two smallest are bounded, and it says so", () => {
    const random = new Random(3);
    const directions = Array.from({ length: 14 }, (_, k) => {
      const [a, b] = [random.normal(), random.normal()];
      const size = k < 12 ? 1 : 1e-3;
      return [
        [a * size, b * size],
        [b * size, -a * size],
      ];
    });
    const hessian = [
      [40, 0],
      [0, 40],
    ];
    const exact = robustStep({ hessian, directions: directions.slice(0, 12) });
    expect(exact.exact).toEqual({ lambdaMax: true, lambdaMin: true });
    expect(exact.evaluations).toBe(12 + 1 + 4096);
    // Of a(1, 0; 0, −1) + b(0, 1; 1, 0) the eigenvalue is |(a, b)|: the vertices' largest sum of planar vectors.
    let longest = 0;
    for (let bits = 0; bits < 4096; bits++) {
      let [x, y] = [0, 0];
      directions.slice(0, 12).forEach(([[a, b]], i) => {
        x += (bits >> i) & 1 ? a : -a;
        y += (bits >> i) & 1 ? b : -b;
      });
      longest = Math.max(longest, Math.hypot(x, y));
    }
    expect(exact.lambdaMax).toBeCloseTo(40 + longest, 10);
    expect(exact.lambdaMin).toBeCloseTo(40 - longest, 10);
    const bound = robustStep({ hessian, directions });
    expect(bound.exact).toEqual({ lambdaMax: false, lambdaMin: false });
    const small = directions.slice(12).reduce((sum, [[a, b]]) => sum + Math.hypot(a, b), 0);
    expect(bound.lambdaMax).toBeCloseTo(40 + longest + small, 10);
    expect(bound.message).toContain(" at most");
    for (let sample = 0; sample < 30; sample++) {
      const u = directions.map(() => (random.uniform() < 0.5 ? -1 : 1));
      expectSafe(
        bound,
        directions.reduce((sum: Rows, h, i) => plus(sum, h, u[i]), hessian),
      );
    }
  });

  test("[robust-step] features whose units are known to a share: no scaling is slower than stated, and two attain the ends", () => {
    fc.assert(
      fc.property(seeds, sizes, fc.integer({ min: 0, max: 2 }), (seed, d, kind) => {
        const random = new Random(seed);
        // Positive definite, indefinite, and negative definite.
        const hessian = [
          positive(random, d),
          symmetric(random, d),
          positive(random, d).map((r) => r.map((x) => -x)),
        ][kind];
        const scale = Array.from({ length: d }, () => 0.9 * random.uniform());
        const found = robustStep({ hessian, scale });
        const scaled = (factors: readonly number[]) =>
          hessian.map((row, i) => row.map((x, j) => factors[i] * x * factors[j]));
        for (let sample = 0; sample < 20; sample++) {
          const values = eigenvalues(scaled(scale.map((share) => 1 + share * (2 * random.uniform() - 1))));
          expect(values[0]).toBeLessThanOrEqual(found.lambdaMax + CLOSE * Math.abs(found.lambdaMax));
          expect(values[d - 1]).toBeGreaterThanOrEqual(found.lambdaMin - CLOSE * Math.abs(found.lambdaMin));
        }
        const [large, small] = [1, -1].map((sign) =>
          eigenvalues(scaled(scale.map((share) => 1 + sign * share))),
        );
        const high = Math.max(large[0], small[0]);
        const low = Math.min(large[d - 1], small[d - 1]);
        const size = Math.max(Math.abs(high), Math.abs(low));
        expect(Math.abs(found.lambdaMax - high)).toBeLessThan(CLOSE * size);
        expect(Math.abs(found.lambdaMin - low)).toBeLessThan(CLOSE * size);
        if (kind > 0) expect(found.optimalStep).toBe(0);
      }),
      runs,
    );
  });

  test("[robust-step] a unit that is common to all and known to 10% costs (1 ± 0.1)² of the eigenvalues", () => {
    const found = robustStep({ hessian: { diagonal: [1, 4] }, scale: 0.1 });
    expect(found.lambdaMax).toBeCloseTo(1.21 * 4, 12);
    expect(found.lambdaMin).toBeCloseTo(0.81, 12);
    expect(found.exact).toEqual({ lambdaMax: true, lambdaMin: true });
  });
});

describe("the price of being safe", () => {
  test("[robust-step] is told both ways, and met by runs: slower on the nominal Hessian, diverging on the worst", () => {
    const hessian = [
      [10, 0],
      [0, 2],
    ];
    const found = robustStep({ hessian, scale: 0.2 });
    const price = found.price!;
    expect(price.lambdaMax).toBeCloseTo(10, 12);
    expect(price.lambdaMin).toBeCloseTo(2, 12);
    expect(price.optimalStep).toBeCloseTo(2 / 12, 12);
    expect(price.contractionRate).toBeCloseTo(8 / 12, 12);
    const observed = (matrix: Rows, learningRate: number) => {
      const options = { rule: gradientDescent({ learningRate }), start: [1, 1], steps: 60 };
      return observedRate(Array.from(descend(quadratic(matrix), options), ({ x }) => Math.hypot(x[0], x[1])));
    };
    expect(observed(hessian, found.optimalStep)).toBeCloseTo(price.robustRate, 6);
    expect(observed(hessian, price.optimalStep)).toBeCloseTo(price.contractionRate, 6);
    // 2/(14.4 + 1.28) leaves 1 − 2·2/15.68 of the flatter mode.
    expect(price.robustRate).toBeCloseTo(1 - 4 / 15.68, 12);
    expect(price.slowdown).toBeCloseTo(Math.log(8 / 12) / Math.log(1 - 4 / 15.68), 11);
    const worst = [
      [14.4, 0],
      [0, 1.28],
    ];
    expect(observed(worst, found.optimalStep)).toBeCloseTo(found.contractionRate, 6);
    expect(observed(worst, price.optimalStep)).toBeCloseTo(price.worstRate, 6);
    expect(price.worstRate).toBeCloseTo((2 / 12) * 14.4 - 1, 12);
    expect(found.message).toBe(
      "0.1276 = 2/(M̄ + m̲) leaves at most 0.8367 of any mode in a step, whichever member it meets: the eigenvalues of the set reach from 1.28 to 14.4. " +
        "On the nominal Hessian it takes 1.38 times as many steps as 0.1667, its own best, which diverges on the worst member by 1.4 a step.",
    );
  });

  test("[robust-step] of a ball is nothing on its center, whose own best step is the ball's", () => {
    const { price, optimalStep, message } = robustStep({ hessian: { diagonal: [10, 2] }, radius: 1.5 });
    expect(optimalStep).toBeCloseTo(2 / 12, 12);
    expect(price!.slowdown).toBeCloseTo(1, 12);
    expect(message).toMatch(/reach from 0\.5 to 11\.5\. It is the best of the nominal Hessian, too\.$/);
  });

  test("is reckoned against the first of a list, the middle of a box, or what is given", () => {
    const [a, b] = [{ diagonal: [4, 1] }, { diagonal: [6, 2] }];
    expect(robustStep({ hessians: [a, b] }).price!.lambdaMax).toBeCloseTo(4, 12);
    expect(robustStep({ hessians: [a, b] }, { nominal: b }).price!.lambdaMin).toBeCloseTo(2, 12);
    const box = [[0, 1]] as const;
    const family = { hessian: a, directions: [{ diagonal: [2, 2] }], box };
    expect(robustStep(family).price!.lambdaMax).toBeCloseTo(5, 12);
    const given = robustStep({ eigenvalues: [1, 5] }, { nominal: { eigenvalues: [2, 2] } });
    expect(given.price!.slowdown).toBe(Infinity);
    expect(given.message).toContain("a step of its own would do in one");
    expect(robustStep({ hessian: a, radius: 0 }).price!.slowdown).toBeCloseTo(1, 10);
    expect(robustStep({ eigenvalues: [1, 5] }, { nominal: { eigenvalues: [-1, 2] } }).price).toBeUndefined();
  });
});

describe("sets without a rate below 1", () => {
  test("[robust-step] a member that curves downwards leaves no stable step, unless a floor rules it out", () => {
    const set = { hessian: { diagonal: [5, 0.5] }, radius: 1 };
    const found = robustStep(set);
    expect(found).toMatchObject({ optimalStep: 0, speedLimit: 0, contractionRate: 1 });
    expect(found.message).toMatch(
      /^No step is stable for the whole set: .* some member curves downwards; a floor/,
    );
    const convex = robustStep(set, { floor: 0 });
    expect(convex.lambdaMin).toBe(0);
    expect(convex.speedLimit).toBeCloseTo(2 / 6, 12);
    expect(convex.optimalStep).toBeCloseTo(1 / 6, 12);
    expect(convex.contractionRate).toBe(1);
    expect(convex.exact).toEqual({ lambdaMax: true, lambdaMin: true });
    expect(convex.message).toMatch(/none has a rate below 1.*1\/M̄ overshoots in no mode/);
    const penalised = robustStep(set, { floor: 0.1 });
    expect(penalised.optimalStep).toBeCloseTo(2 / 6.1, 12);
    expect(penalised.contractionRate).toBeCloseTo(5.9 / 6.1, 12);
    // A floor below what the set has changes nothing.
    expect(robustStep(set, { floor: -3 })).toEqual(found);
  });

  test("[robust-step] says honestly where a floor leaves only bounds", () => {
    const hessians = [{ diagonal: [5, 1] }, { diagonal: [9, -1] }];
    expect(robustStep({ hessians }, { floor: 0 }).exact).toEqual({ lambdaMax: false, lambdaMin: false });
    const above = robustStep({ hessian: { diagonal: [5, 0.5] }, radius: 1 }, { floor: 0.7 });
    expect(above.exact).toEqual({ lambdaMax: false, lambdaMin: false });
    expect(robustStep({ eigenvalues: [-1, 4] }, { floor: 1 })).toMatchObject({
      lambdaMin: 1,
      exact: { lambdaMax: true, lambdaMin: true },
      optimalStep: 0.4,
    });
    expect(() => robustStep({ eigenvalues: [1, 2] }, { floor: 5 })).toThrow(
      "robustStep: floor must not lie above all eigenvalues of the set, got 5 where they reach to 2",
    );
    const turned = {
      hessian: { diagonal: [3, 1] },
      directions: [{ diagonal: [1, -2] }],
    };
    expect(robustStep(turned, { floor: 0 }).exact).toEqual({ lambdaMax: false, lambdaMin: true });
  });

  test("singular members keep their rate on the range", () => {
    const flat = [
      [1, 1],
      [1, 1],
    ];
    const found = robustStep({ hessians: [flat, { diagonal: [3, 1] }, { diagonal: [0, 0] }] });
    expect(found.lambdaMin).toBe(0);
    expect(found.smallestPositive).toBeCloseTo(1, 12);
    expect(found.optimalStep).toBeCloseTo(2 / 4, 12);
    expect(found.contractionRate).toBeCloseTo(0.5, 12);
    const scaled = robustStep({ hessian: flat, scale: 0.5 });
    expect(scaled.smallestPositive).toBeCloseTo(0.25 * 2, 12);
  });

  test("a set of zeros sets no limit", () => {
    const found = robustStep({ eigenvalues: [0, 0] });
    expect(found.speedLimit).toBe(Infinity);
    expect(found.message).toContain("Nothing curves");
    expect(robustStep({ hessians: [{ diagonal: [0, 0] }] }).speedLimit).toBe(Infinity);
  });
});

describe("Hessians of problems", () => {
  const random = new Random(9);
  const rows = Array.from({ length: 60 }, () => [random.normal(), 2 * random.normal(), random.normal()]);
  const labels = rows.map(([a, b]) => a + b > 0);

  test("[robust-step] takes objectives, matrix-free, and problems of one's own", () => {
    const squares = leastSquares(rows, new Float64Array(60), { l2: 0.1 });
    const { lambdaMax, lambdaMin } = curvature(squares);
    const ball = robustStep({ hessian: squares, radius: 0.05 });
    expect(ball.lambdaMax).toBeCloseTo(lambdaMax + 0.05, 11);
    expect(ball.lambdaMin).toBeCloseTo(lambdaMin - 0.05, 11);
    const logistic = logisticRegression(rows, labels, { l2: 0.1 });
    const at = [0.3, -0.2, 0.1];
    const list = robustStep({ hessians: [squares, logistic] }, { at });
    const there = curvature(logistic, { at });
    expect(list.lambdaMin).toBeCloseTo(there.lambdaMin, 11);
    // Half of one and half of the other, mixed either way.
    const mixed = { hessian: squares, directions: [logistic], box: [[0, 2]] } as const;
    expect(robustStep(mixed, { at }).lambdaMin).toBeCloseTo(lambdaMin, 11);
    const { value, gradient } = rosenbrock;
    const own = robustStep({ hessian: { value, gradient }, radius: 0.1 }, { at: [1, 1] });
    // truths.md 11
    expect(own.lambdaMax).toBeCloseTo(1001.70064, 4);
    expect(own.lambdaMin).toBeCloseTo(0.2993608, 4);
  });

  test("[robust-step] standardised data whose units are uncertain: a run with wrong units keeps the stated rate", () => {
    const squares = leastSquares(
      rows,
      rows.map(([a, b, c]) => a - b + c),
    );
    const found = robustStep({ hessian: squares, scale: [0.2, 0, 0.3] });
    for (const factors of [
      [1.2, 1, 0.7],
      [0.8, 1, 1.3],
      [1.1, 1, 1.3],
    ]) {
      const wrong = leastSquares(
        rows.map((row) => row.map((x, j) => x * factors[j])),
        rows.map(([a, b, c]) => a - b + c),
      );
      const rule = gradientDescent({ learningRate: found.optimalStep });
      const norms = Array.from(descend(wrong, { rule, steps: 60 }), ({ gradientNorm }) => gradientNorm);
      expect(observedRate(norms)).toBeLessThan(found.contractionRate + 1e-6);
    }
  });

  test("[robust-step] beyond 256 parameters the ends hold with a probability, which is told", () => {
    const diagonal = Float64Array.from({ length: 600 }, (_, i) =>
      i === 0 ? 1 : i === 7 ? 3.9 : 1.5 + i / 400,
    );
    const plain = { ...quadratic({ diagonal }), curvatureFloor: undefined, convex: false };
    const ball = robustStep({ hessian: plain, radius: 0.5 });
    expect(ball.probability).toBeCloseTo(0.999, 12);
    expect(ball.exact).toEqual({ lambdaMax: false, lambdaMin: false });
    expect(ball.lambdaMax).toBeGreaterThanOrEqual(3.9 + 0.5);
    expect(ball.lambdaMin).toBeLessThanOrEqual(0.5);
    expect(ball.message).toContain("with probability 0.999");
    const family = robustStep({ hessian: plain, directions: [plain], box: [[0, 1]] });
    expect(family.lambdaMax).toBeGreaterThanOrEqual(7.8);
    expect(family.lambdaMax).toBeLessThan(7.9);
    expect(family.probability).toBeGreaterThan(0.99);
    expect(family.probability).toBeLessThan(0.999);
  });

  test("a sum of Hessians is the quadratic that it says: value, gradient and products agree", () => {
    const squares = leastSquares(rows, new Float64Array(60));
    const point = new Float64Array(3);
    const sum = new HessianSum([
      { objective: squares, point },
      { objective: quadratic({ diagonal: [1, 2, 3] }), point },
    ]);
    try {
      const objective = sum.objective([2, -1]);
      const options = { rule: gradientDescent({ learningRate: 0.01 }), start: [1, 2, 3], steps: 1 };
      const [first, second] = Array.from(descend(objective, options), ({ value, gradientNorm, x }) => ({
        value,
        gradientNorm,
        x: Array.from(x),
      }));
      const image = first.x.map((x, i) => (x - second.x[i]) / 0.01);
      expect(first.value).toBeCloseTo(0.5 * image.reduce((total, g, i) => total + g * first.x[i], 0), 10);
      expect(first.gradientNorm).toBeCloseTo(Math.hypot(...image), 10);
      const expected = [1, 2, 3].map(
        (_, i) =>
          2 * rows.reduce((total, row) => total + (row[i] * (row[0] + 2 * row[1] + 3 * row[2])) / 60, 0) -
          (i + 1) ** 2,
      );
      image.forEach((entry, i) => {
        expect(entry).toBeCloseTo(expected[i], 10);
      });
    } finally {
      sum.dispose();
    }
  });
});

test("bad input is refused by name", () => {
  const call = (set: unknown, options?: object) => () => robustStep(set as never, options as never);
  const hessian = { diagonal: [1, 2] };
  for (const [shown, value] of noNumbers) {
    if (typeof value === "object") continue;
    expectRefusal(call(value), "robustStep: set must be an object", `got ${shown}`);
    expectRefusal(call({ hessian: value, radius: 1 }), "robustStep: set.hessian must be", `got ${shown}`);
    expectRefusal(call({ hessians: value }), "robustStep: set.hessians must be an array", `got ${shown}`);
  }
  for (const [shown, value] of badNumbers((v) => v >= 0 && v < Infinity)) {
    expectRefusal(call({ hessian, radius: value }), "robustStep: set.radius must", `got ${shown}`);
  }
  for (const [shown, value] of badNumbers(Number.isFinite)) {
    expectRefusal(call({ eigenvalues: [1, 2] }, { floor: value }), "robustStep: floor must", `got ${shown}`);
  }
  expectRefusal(call({}), "set must have eigenvalues, hessians, or hessian with radius, directions or scale");
  expectRefusal(call({ hessian }), "got hessian");
  expectRefusal(call([1, 2]), "set must be an object", "got an array of 2");
  expectRefusal(call({ eigenvalue: [1, 2] }), "did you mean eigenvalues");
  expectRefusal(call({ hessian, radius: 1, box: [] }), 'unknown option "box"');
  expectRefusal(call({ hessian, radius: 1, norm: "nuclear" }), 'set.norm must be "spectral" or "frobenius"');
  expectRefusal(
    call({ eigenvalues: [2, 1] }),
    "set.eigenvalues must be [low, high] with low ≤ high, got [2, 1]",
  );
  expectRefusal(call({ eigenvalues: [1, 2, 3] }), "set.eigenvalues must be [low, high]");
  expectRefusal(call({ eigenvalues: [1, Number.NaN] }), "set.eigenvalues[1] must be finite, got NaN");
  expectRefusal(call({ eigenvalues: [[1, 2], [3]] }), "set.eigenvalues[1] must be [low, high]");
  expectRefusal(call({ hessians: [] }), "set.hessians must not be empty");
  expectRefusal(
    call({
      hessians: [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    }),
    "robustStep: set.hessians[0] must be symmetric",
  );
  expectRefusal(call({ hessians: [hessian, { diagonal: [1] }] }), "set.hessians[1] must have 2 parameters");
  expectRefusal(
    call({ hessian, directions: [{ diagonal: [1] }] }),
    "set.directions[0] must have 2 parameters",
  );
  expectRefusal(call({ hessian, directions: [] }), "set.directions must not be empty");
  expectRefusal(
    call({
      hessian,
      directions: [hessian],
      box: [
        [0, 1],
        [0, 1],
      ],
    }),
    "set.box must have 1 intervals",
  );
  expectRefusal(call({ hessian, directions: [hessian], box: [[1, 0]] }), "set.box[0] must be [low, high]");
  expectRefusal(call({ hessian, scale: 1 }), "set.scale must lie in [0, 1), got 1");
  expectRefusal(call({ hessian, scale: [0.1, -0.1] }), "set.scale[1] must lie in [0, 1), got -0.1");
  expectRefusal(call({ hessian, scale: [0.1] }), "set.scale must have 2 entries, got 1");
  expectRefusal(call({ hessian: { value: () => 1 }, radius: 1 }), "robustStep: at is needed");
  expectRefusal(call({ hessian: { value: () => Number.NaN }, radius: 1 }, { at: [1] }), "not finite");
  expectRefusal(
    call({ eigenvalues: [1, 2] }, { nominal: 3 }),
    "robustStep: nominal must be a symmetric matrix",
  );
  expectRefusal(
    call({ eigenvalues: [1, 2] }, { nominal: { eigenvalues: [3, 2] } }),
    "nominal.eigenvalues must be",
  );
  expectRefusal(call({ eigenvalues: [1, 2] }, { nominl: 3 }), "did you mean nominal");
  expectRefusal(call({ eigenvalues: [1, 2] }, null as never), "robustStep: options must be an object");
});
