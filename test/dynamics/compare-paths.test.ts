import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { curvature } from "../../src/curvature/curvature.ts";
import { descend } from "../../src/descent/descend.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { comparePaths } from "../../src/dynamics/compare-paths.ts";
import { plateauBasin, quadratic, rosenbrock } from "../../src/objectives/index.ts";
import { adagrad, adam, gradientDescent, normalizedGradient, rmsprop, sgd } from "../../src/rules/index.ts";
import { cosine, exponential } from "../../src/schedules/index.ts";
import { predictedSteps } from "../../src/stepsize/forecast.ts";

describe("[valley] in a valley of κ = 100", () => {
  const valley = quadratic({ diagonal: [100, 1] });
  const [M, m] = [100, 1];
  const paths = comparePaths(valley, {
    rules: {
      best: gradientDescent({ learningRate: 2 / (M + m) }),
      limit: gradientDescent({ learningRate: 1.99 / M }),
      slow: gradientDescent({ learningRate: 1 / M }),
      heavyBall: sgd({ learningRate: 4 / 121, momentum: (9 / 11) ** 2 }),
      nesterov: sgd({ learningRate: 1 / M, momentum: 9 / 11, nesterov: true }),
      adagrad: adagrad({ learningRate: 1 }),
      adam: adam({ learningRate: 0.05 }),
      beyond: gradientDescent({ learningRate: 2.1 / M }),
    },
    start: [1, 1],
    minimumValue: 0,
    steps: 2000,
  });

  test("gradient descent at its best rate goes back and forth across the floor, and takes the steps that are predicted", () => {
    expect(paths.best.reversals).toBeGreaterThan(0.9);
    // A value of 10⁻⁶ of the first is a distance of 10⁻³ along either mode, which both shrink by R.
    const predicted = predictedSteps({ lambdaMax: M, smallestPositive: m }, 1e-3);
    expect(Math.abs(paths.best.stepsToTolerance - predicted)).toBeLessThanOrEqual(1);
    expect(paths.slow.reversals).toBe(0);
    expect(paths.slow.stepsToTolerance).toBeGreaterThan(1.2 * predicted);
    // At 0.995 of the limit 0.99 is left of the steep mode each step.
    const left = Math.log(1e-3) / Math.log(0.99);
    expect(Math.abs(paths.limit.stepsToTolerance - left)).toBeLessThanOrEqual(1);
  });

  test("momentum needs about the root of κ as many", () => {
    expect(paths.heavyBall.stepsToTolerance).toBeLessThan(paths.best.stepsToTolerance / 4);
    expect(paths.nesterov.stepsToTolerance).toBeLessThan(paths.best.stepsToTolerance / 2);
  });

  test("a rule that scales each coordinate does not see the valley where it lies along the axes", () => {
    expect(paths.adagrad.stepsToTolerance).toBeLessThan(paths.best.stepsToTolerance / 4);
    // Both coordinates go alike: the path is the diagonal.
    const { points } = paths.adagrad;
    for (let i = 0; i < 20; i += 2) expect(points[i]).toBeCloseTo(points[i + 1], 6);
    expect(paths.adam.stepsToTolerance).toBeLessThan(Infinity);
  });

  test("a rate above the limit diverges, and the rest of the paths are as they would be without it", () => {
    expect(paths.beyond).toMatchObject({ diverged: true, stepsToTolerance: Infinity });
    expect(paths.beyond.message).toContain("speed limit");
    expect(paths.beyond.values.every(Number.isFinite)).toBe(true);
  });

  test("where it is turned by 45° the same rule sees it again", () => {
    const turned = quadratic([
      [50.5, 49.5],
      [49.5, 50.5],
    ]);
    const rules = { adagrad: adagrad({ learningRate: 1 }) };
    const { adagrad: path } = comparePaths(turned, {
      rules,
      start: [Math.SQRT2, 0],
      minimumValue: 0,
      steps: 2000,
    });
    expect(path.stepsToTolerance).toBeGreaterThan(4 * paths.adagrad.stepsToTolerance);
  });
});

test("[valley] in Rosenbrock's curved valley momentum and Adam arrive long before gradient descent", () => {
  // truths.md 11: the limit at the minimum is 0.0019968.
  const limit = curvature(rosenbrock, { at: [1, 1] }).speedLimit;
  const paths = comparePaths(rosenbrock, {
    rules: {
      plain: gradientDescent({ learningRate: 0.9 * limit }),
      momentum: sgd({ learningRate: 0.4 * limit, momentum: 0.95 }),
      adam: adam({ learningRate: cosine({ from: 0.1, steps: 4000 }) }),
    },
    start: rosenbrock.start,
    minimumValue: 0,
    steps: 20_000,
    tolerance: 1e-8,
  });
  expect(paths.momentum.stepsToTolerance).toBeLessThan(paths.plain.stepsToTolerance / 5);
  expect(paths.adam.stepsToTolerance).toBeLessThan(paths.plain.stepsToTolerance / 2);
  expect(paths.plain.stepsToTolerance).toBeLessThan(Infinity);
});

describe("[plateau-basin] a wide plateau with a narrow basin", () => {
  // f(r) = 0.01(√(1 + r²) − 1) − exp(−100r²): off the basin f′ = 0.01r/√(1 + r²), at its bottom f″ = 200.01.
  const start = plateauBasin.start;
  const limit = 2 / 200.01;
  const radius = Math.hypot(3, 2);
  const EDGE = 0.4;
  /** The time of the gradient flow from the start to the edge: ∫ √(1 + r²)/(0.01r) dr. */
  const time = () => {
    const integral = (r: number) => {
      const root = Math.sqrt(1 + r * r);
      return 100 * (root + Math.log(r / (1 + root)));
    };
    return integral(radius) - integral(EDGE);
  };
  const crossing = (learningRate: number, most: number): number => {
    const rule = gradientDescent({ learningRate });
    for (const { index, x } of descend(plateauBasin, { rule, start, steps: most })) {
      if (Math.hypot(x[0], x[1]) < EDGE) return index;
    }
    return Infinity;
  };

  test("a rate that the basin bears takes time/η steps to cross the plateau, as predicted", () => {
    for (const share of [0.5, 0.9]) {
      const learningRate = share * limit;
      const predicted = time() / learningRate;
      expect(predicted).toBeGreaterThan(40_000);
      const taken = crossing(learningRate, 100_000);
      expect(Math.abs(taken / predicted - 1)).toBeLessThan(1e-3);
    }
    expect(curvature(plateauBasin, { at: [0, 0] }).speedLimit).toBeCloseTo(limit, 12);
  });

  test("a rate that crosses it in a few hundred steps is thrown out of the basin again and again", () => {
    for (const learningRate of [1, 3]) {
      expect(Math.abs((crossing(learningRate, 2000) * learningRate) / time() - 1)).toBeLessThan(0.02);
      const values: number[] = [];
      const rule = gradientDescent({ learningRate });
      for (const { value, index } of descend(plateauBasin, { rule, start, steps: 3000 })) {
        if (index > 1500) values.push(value);
      }
      expect(values.filter((value) => value < -0.99)).toHaveLength(0);
    }
  });

  test("rules that do not take the gradient's size for the step's reach the bottom in a few hundred steps", () => {
    const paths = comparePaths(plateauBasin, {
      rules: {
        adam: adam({ learningRate: cosine({ from: 0.1, steps: 400 }) }),
        rmsprop: rmsprop({ learningRate: cosine({ from: 0.05, steps: 400 }) }),
        normalized: normalizedGradient({ learningRate: cosine({ from: 0.05, steps: 400 }) }),
        plain: gradientDescent({ learningRate: 0.9 * limit }),
      },
      start,
      minimumValue: -1,
      steps: 400,
      tolerance: 1e-4,
    });
    for (const name of ["adam", "rmsprop", "normalized"] as const) {
      expect(paths[name].stepsToTolerance, name).toBeLessThan(400);
    }
    expect(paths.plain.stepsToTolerance).toBe(Infinity);
  });
});

describe("[normalized] steps of a fixed length", () => {
  /** The last points of a run on ½Σλᵢxᵢ². */
  function lastPoints(diagonal: number[], learningRate: number, start: number[], steps = 20_000): number[][] {
    const points: number[][] = [];
    const rule = normalizedGradient({ learningRate });
    for (const { x, index } of descend(quadratic({ diagonal }), { rule, start, steps })) {
      if (index > steps - 4) points.push(Array.from(x));
    }
    return points;
  }

  test("end in the two-cycle {a, a − η} along the top eigenvector, whatever the start", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: 3, maxLength: 3 }),
        (learningRate, start) => {
          const [first, second, third, fourth] = lastPoints([1, 3, 10], learningRate, start);
          // The other coordinates have died away; on the axis one jumps over 0, and back.
          for (const [x, y] of [first, second, third, fourth]) {
            expect(Math.abs(x)).toBeLessThan(1e-9);
            expect(Math.abs(y)).toBeLessThan(1e-9);
          }
          expect(first[2] * second[2]).toBeLessThan(0);
          expect(Math.abs(first[2]) + Math.abs(second[2])).toBeCloseTo(learningRate, 9);
          expect(third[2]).toBeCloseTo(first[2], 9);
          expect(fourth[2]).toBeCloseTo(second[2], 9);
        },
      ),
      { numRuns: 20, seed: 5 },
    );
  });

  test("never settle at a constant rate, so that the value stays above λη²/8 on one side; a falling rate cures it", () => {
    const problem = quadratic({ diagonal: [1, 10] });
    const run = (learningRate: number | ReturnType<typeof exponential>) =>
      minimize(problem, { rule: normalizedGradient({ learningRate }), start: [1, 1], steps: 3000 });
    let worst = 0;
    const rule = normalizedGradient({ learningRate: 0.1 });
    for (const { value, index } of descend(problem, { rule, start: [1, 1], steps: 3000 })) {
      if (index > 2990) worst = Math.max(worst, value);
    }
    // One of a and a − η is at least η/2 from 0.
    expect(worst).toBeGreaterThanOrEqual((10 * 0.1 ** 2) / 8 - 1e-12);
    expect(run(0.1).converged).toBe(false);
    const falling = run(exponential({ from: 0.1, factor: 0.99 }));
    expect(falling.gradientNorm).toBeLessThan(1e-7);
  });
});

test("paths refuse bad input by name", () => {
  const problem = quadratic([[1]]);
  const good = { rules: { a: gradientDescent() }, start: [1] };
  const refused = (change: object, message: string | RegExp) =>
    expect(() => comparePaths(problem, { ...good, ...change } as never)).toThrow(message);
  refused({ rules: {} }, "comparePaths: rules must be a record such as { adam: adam() }, got an object");
  refused({ rules: { a: gradientDescent } }, "comparePaths: rules.a: rule must be a rule");
  refused({ start: 3 }, /comparePaths: start must be an array/);
  refused({ start: [1, 2] }, /start must have 1 entries, got 2/);
  refused({ steps: 0 }, /comparePaths: steps/);
  refused({ tolerance: 1 }, /comparePaths: tolerance must lie in \(0, 1\), got 1/);
  refused({ minimumValue: Number.NaN }, /comparePaths: minimumValue/);
  refused({ rule: gradientDescent() }, /unknown option "rule"; did you mean rules/);
});
