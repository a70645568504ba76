import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { Random } from "../../src/core/random.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { applyScaling, parseCsv, scaling } from "../../src/data/index.ts";
import { descend } from "../../src/descent/descend.ts";
import { minimize } from "../../src/descent/minimize.ts";
import {
  beale,
  leastSquares,
  logisticRegression,
  quadratic,
  rosenbrock,
  softmaxRegression,
} from "../../src/objectives/index.ts";
import { adam, gradientDescent, prodigy, rules, sgd, signDescent } from "../../src/rules/index.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { cosine, warmup } from "../../src/schedules/index.ts";
import { observedRate, predictedSteps } from "../../src/stepsize/forecast.ts";

const { problems } = JSON.parse(
  readFileSync(new URL("../references/problems.json", import.meta.url), "utf8"),
);

const relative = (actual: number, expected: number) => Math.abs(actual / expected - 1);

/** ‖a − b‖ / ‖b‖. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    size += b[i] ** 2;
  }
  return Math.sqrt(difference / size);
}

function standardized(path: string, target: string, task: "regression" | "classification") {
  const data = parseCsv(readFileSync(new URL(path, import.meta.url), "utf8"), { target, task });
  const features = applyScaling(scaling(data, "standard"), data.features);
  return { features, targets: data.targets, columns: data.columns.length };
}

const diabetes = () => {
  const { features, targets, columns } = standardized("../data/diabetes.csv", "progression", "regression");
  return leastSquares(features, targets, { columns, intercept: true });
};
const breastCancer = (l2: number) => {
  const { features, targets, columns } = standardized(
    "../../examples/data/breast-cancer.csv",
    "benign",
    "classification",
  );
  return logisticRegression(features, targets, { columns, intercept: true, l2 });
};

describe("descending on real data", () => {
  test("[descent] least squares on diabetes reaches LAPACK's minimum by gradient descent, by the choice made for it, and by Adam with a decaying rate", () => {
    const reference = problems["diabetes/standardized/least-squares"];
    const problem = diabetes();
    const { optimalStep } = curvature(problem);
    const plain = minimize(problem, {
      rule: gradientDescent({ learningRate: optimalStep }),
      gradientTolerance: 1e-9,
    });
    const chosen = minimize(problem, {});
    const decaying = minimize(problem, {
      rule: adam({ learningRate: cosine({ from: 1, steps: 6000 }) }),
      steps: 6000,
      gradientTolerance: 0,
    });
    for (const result of [plain, chosen, decaying]) {
      expect(relative(result.value, reference.minimum)).toBeLessThan(1e-8);
    }
    expect(plain.converged && chosen.converged).toBe(true);
    expect(distance(chosen.x, reference.minimizer)).toBeLessThan(1e-8);
    expect(chosen.choice).toMatch(/heavy-ball momentum/);
    expect(chosen.steps).toBeLessThan(plain.steps / 5);
  });

  test.each([0.001, 0.1])(
    "[descent] logistic regression on breast-cancer data, l2 = %s, reaches Newton's minimum",
    (l2) => {
      const reference = problems[`breast-cancer/standardized/logistic/l2=${l2}`];
      const chosen = minimize(breastCancer(l2), {});
      expect(chosen.converged).toBe(true);
      expect(relative(chosen.value, reference.minimum)).toBeLessThan(1e-12);
      expect(distance(chosen.x, reference.minimizer)).toBeLessThan(1e-8);
      const decaying = minimize(breastCancer(l2), {
        rule: adam({ learningRate: cosine({ from: 0.1, steps: 4000 }) }),
        steps: 4000,
      });
      expect(relative(decaying.value, reference.minimum)).toBeLessThan(1e-8);
    },
  );

  test("[descent] softmax regression on digits reaches the reference minimum", { timeout: 60_000 }, () => {
    const data = parseCsv(readFileSync(new URL("../data/digits.csv", import.meta.url), "utf8"), {
      target: "digit",
      task: "classification",
    });
    const features = applyScaling(scaling(data, { divide: 16 }), data.features);
    const problem = softmaxRegression(features, data.targets, { columns: 64, intercept: true, l2: 0.001 });
    const result = minimize(problem, {});
    expect(relative(result.value, problems["digits/scaled-by-16/softmax/l2=0.001"].minimum)).toBeLessThan(
      1e-8,
    );
  });

  test("[descent] a logistic model without penalty measures λmin as it goes: the O-ring figures", () => {
    // truths.md 10: n = 24: 10.87535, −0.17132; n = 23: 15.0429, −0.2322
    for (const [file, intercept, slope] of [
      ["o-ring-24", 10.87535, -0.17132],
      ["o-ring-23", 15.0429, -0.2322],
    ] as const) {
      const data = parseCsv(readFileSync(new URL(`../data/${file}.csv`, import.meta.url), "utf8"), {
        target: "distress",
        task: "classification",
      });
      const scale = scaling(data, "standard");
      const features = applyScaling(scale, data.features);
      const { x, converged } = minimize(
        logisticRegression(features, data.targets, { columns: 1, intercept: true }),
        {},
      );
      expect(converged).toBe(true);
      expect(x[0] / scale.scales[0]).toBeCloseTo(slope, 4);
      expect(x[1] - (x[0] * scale.means[0]) / scale.scales[0]).toBeCloseTo(intercept, 4);
    }
  });

  test("[speed-limit] from the top eigenvector, 0.99 of the limit falls by 10⁻⁶ and 1.01 grows by 10³", () => {
    const problem = diabetes();
    const { x: minimizer } = minimize(problem, {});
    const { speedLimit, topVector } = curvature(problem);
    const start = minimizer.map((entry, i) => entry + topVector[i]);
    const end = (factor: number) => {
      let away = 1;
      const rule = gradientDescent({ learningRate: factor * speedLimit });
      for (const { x } of descend(problem, { rule, start, steps: 1000 })) {
        away = Math.hypot(...x.map((entry, i) => entry - minimizer[i]));
        if (away < 1e-6 || away > 1e3) break;
      }
      return away;
    };
    expect(end(0.99)).toBeLessThan(1e-6);
    expect(end(1.01)).toBeGreaterThan(1e3);
  });
});

describe("rates on quadratics", () => {
  /** Eigenvalues from 1/κ to 1 with gaps at both ends, so that the transient ends. */
  const spectrum = (kappa: number, seed: number) => {
    const random = new Random(seed);
    const inner = Array.from(
      { length: 6 },
      () => 1 / kappa + (1 - 1 / kappa) * (0.2 + 0.6 * random.uniform()),
    );
    return [1 / kappa, ...inner, 1];
  };

  test("[condition] 1 − R, predicted and measured, agree to 3 digits for κ from 2 to 10⁶", () => {
    for (const kappa of [2, 10, 100, 1e3, 1e4, 1e5, 1e6]) {
      for (let seed = 0; seed < 3; seed++) {
        const diagonal = spectrum(kappa, seed);
        const problem = quadratic({ diagonal });
        const { optimalStep, contractionRate, conditionNumber } = curvature(problem);
        expect(relative(conditionNumber, kappa)).toBeLessThan(1e-9);
        expect(relative(1 - contractionRate, 2 / (kappa + 1))).toBeLessThan(1e-8);
        const start = diagonal.map(() => 1);
        const rule = gradientDescent({ learningRate: optimalStep });
        const norms: number[] = [];
        for (const { x } of descend(problem, { rule, start, steps: kappa === 2 ? 25 : 300 })) {
          norms.push(Math.hypot(...x));
        }
        const measured = 1 - observedRate(norms, 0.2);
        expect(relative(measured, 1 - contractionRate)).toBeLessThan(5e-4);
      }
    }
  });

  test("[optimal-step] 2/(M + m) has the best worst-case rate of all constant steps", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1.1, max: 1e3, noNaN: true }),
        fc.double({ min: 0.05, max: 1.95, noNaN: true }),
        (kappa, factor) => {
          const worst = (eta: number) => Math.max(Math.abs(1 - eta), Math.abs(1 - eta / kappa));
          const { optimalStep, contractionRate } = curvature(quadratic({ diagonal: [1, 1 / kappa] }));
          expect(Math.abs(worst(optimalStep) - contractionRate)).toBeLessThan(1e-12);
          expect(worst(factor * optimalStep)).toBeGreaterThanOrEqual(contractionRate - 1e-12);
        },
      ),
      { numRuns: 100, seed: 5 },
    );
  });

  test("[optimal-step] the forecast of steps is met by a run", () => {
    for (const kappa of [1, 3, 50, 2000]) {
      const problem = quadratic({ diagonal: [1, 1 / kappa] });
      const found = curvature(problem);
      const forecast = predictedSteps(found, 1e-6);
      const start = [0.6, 0.8];
      let taken = 0;
      for (const { index, x } of descend(problem, {
        rule: gradientDescent({ learningRate: found.optimalStep }),
        start,
      })) {
        taken = index;
        if (Math.hypot(...x) <= 1e-6) break;
      }
      expect(Math.abs(taken - forecast)).toBeLessThanOrEqual(1);
    }
  });
});

describe("minimize", () => {
  test("fits Rosenbrock's function as in the README, in f64 and f32", () => {
    const options = { rule: adam({ learningRate: 0.02 }), start: [-1.2, 1], steps: 20_000 };
    const result = minimize(rosenbrock, { ...options, gradientTolerance: 1e-8 });
    expect(result.converged).toBe(true);
    expect(result.reason).toBe("gradient");
    expect(distance(result.x, [1, 1])).toBeLessThan(1e-6);
    const single = minimize(rosenbrock, { ...options, precision: "f32", gradientTolerance: 1e-2 });
    expect(single.x).toBeInstanceOf(Float32Array);
    expect(distance(single.x, [1, 1])).toBeLessThan(0.02);
  });

  test("works on values alone, by central differences", () => {
    const result = minimize(
      { value: beale.value! },
      { rule: adam({ learningRate: 0.02 }), start: [1, 1], steps: 20_000, gradientTolerance: 1e-6 },
    );
    // Beale's minimum is at (3, 0.5).
    expect(distance(result.x, [3, 0.5])).toBeLessThan(1e-4);
  });

  test.each([
    ["gradientTolerance", { gradientTolerance: 1e-3 }, "gradient"],
    ["relativeGradientTolerance", { gradientTolerance: 0, relativeGradientTolerance: 1e-2 }, "gradient"],
    ["valueTolerance", { gradientTolerance: 0, valueTolerance: 1e-6 }, "value"],
    ["relativeValueTolerance", { gradientTolerance: 0, relativeValueTolerance: 1e-3 }, "value"],
    ["steps", { steps: 7, gradientTolerance: 0 }, "steps"],
    ["timeLimit", { timeLimit: 0, gradientTolerance: 0 }, "time"],
    ["callback", { callback: ({ index }: { index: number }) => index === 5 }, "callback"],
  ] as const)("stops by %s and says so", (_, options, reason) => {
    const problem = quadratic({ diagonal: [1, 0.1] }, [0, 0], 1);
    const result = minimize(problem, {
      rule: gradientDescent({ learningRate: 1 }),
      start: [3, 4],
      ...options,
    });
    expect(result.reason).toBe(reason);
    expect(result.converged).toBe(reason === "gradient" || reason === "value");
    expect(result.message).toMatch(/^gradientDescent (converged|stopped) after \d+ steps?: .+\.$/);
    if (reason === "steps") expect(result.steps).toBe(7);
    if (reason === "callback") expect(result.steps).toBe(5);
  });

  test("a divergence is a result that names the limit and a rate to use", () => {
    const result = minimize(quadratic({ diagonal: [10, 1] }), {
      rule: gradientDescent({ learningRate: 0.3 }),
      start: [1, 1],
    });
    expect(result.reason).toBe("diverged");
    expect(result.converged).toBe(false);
    expect(result.message).toMatch(
      /exceeds the speed limit 0\.2 of this rule at the start \(λmax = 10\): use at most 0\.18/,
    );
    expect(result.x.every(Number.isFinite)).toBe(true);
    expect(Number.isFinite(result.value)).toBe(true);
  });

  test("a divergence on a function without minimum, of a wrong gradient, or of a rule that divides explains itself too", () => {
    const concave = minimize(quadratic({ diagonal: [-1] }), {
      rule: gradientDescent({ learningRate: 0.5 }),
      start: [1],
    });
    expect(concave.message).toMatch(/curves downwards/);
    const cliff = {
      value: ([x]: Iterable<number>) => (x > 3 ? Number.NaN : -x),
      gradient: (_: unknown, g: { [i: number]: number }) => {
        g[0] = -1;
      },
    };
    const signed = minimize(cliff as never, { rule: signDescent({ learningRate: 1 }), start: [0] });
    expect(signed.reason).toBe("diverged");
    expect(signed.message).toMatch(/the value became NaN.*try a tenth/);
    expect([...signed.x]).toEqual([3]);
  });

  test("a NaN at the start is a divergence after 0 steps", () => {
    const result = minimize({ value: () => Number.NaN }, { rule: adam(), start: [1] });
    expect(result.reason).toBe("diverged");
    expect(result.steps).toBe(0);
    expect([...result.x]).toEqual([1]);
    expect(result.message).toBe(
      "adam took no step: the value is NaN at the start; begin where it is finite.",
    );
  });

  test("steps that are used up are no reason to advise a step that the rule does not take", () => {
    const message = (rule: Rule) => minimize(quadratic([[1]]), { rule, start: [9], steps: 2 }).message;
    expect(message(gradientDescent({ learningRate: 0.1 }))).toMatch(
      /; allow more steps, or take the step that curvature\(problem\) advises\.$/,
    );
    expect(message(adam())).toMatch(
      /; allow more steps, or see by rateSweep which learning rate needs the fewest\.$/,
    );
    for (const rule of [gradientDescent({ learningRate: (t) => 0.1 / (t + 1) }), prodigy()]) {
      expect(message(rule)).toMatch(/; allow more steps\.$/);
    }
  });

  test("an error thrown by the callback or the problem passes through untouched", () => {
    const error = new Error("mine");
    const fail = () => {
      throw error;
    };
    const problem = quadratic({ diagonal: [1] });
    const rule = gradientDescent();
    expect(() => minimize(problem, { rule, start: [1], callback: fail })).toThrow(error);
    expect(() => minimize({ value: fail }, { rule, start: [1] })).toThrow(error);
  });

  test("hands each point to the callback, the start first", () => {
    const callback = vi.fn((step: { index: number; value: number; learningRate: number }) => {
      seen.push([step.index, step.value, step.learningRate]);
    });
    const seen: number[][] = [];
    minimize(quadratic({ diagonal: [1] }), {
      rule: gradientDescent({ learningRate: warmup(2, 0.5) }),
      start: [1],
      steps: 2,
      gradientTolerance: 0,
      callback,
    });
    expect(seen).toEqual([
      [0, 0.5, 0.25],
      [1, 0.28125, 0.5],
      [2, 0.0703125, 0.5],
    ]);
  });

  test("without a rule it refuses problems whose curvature nothing bounds, and quadratics without a minimum", () => {
    expect(() => minimize(rosenbrock, { start: [0, 0] })).toThrow(/minimize: rule is needed/);
    expect(() => minimize(quadratic({ diagonal: [1, -1] }), {})).toThrow(/no single minimum/);
  });

  test("without a rule it solves singular and well-conditioned quadratics", () => {
    const singular = minimize(quadratic({ diagonal: [4, 1, 0] }, [4, 2, 0]), { start: [0, 0, 7] });
    expect(distance(singular.x, [1, 2, 7])).toBeLessThan(1e-9);
    expect(singular.choice).toMatch(/gradient descent/);
    const centred = minimize(quadratic({ diagonal: [100, 1] }), { start: [1, 1] });
    expect(centred.converged).toBe(true);
  });

  test("bad input is refused by name", () => {
    const problem = quadratic({ diagonal: [1, 2] });
    const rule = adam();
    const refused: [unknown, RegExp][] = [
      [{ rule, start: [1] }, /minimize: start must have 2 entries, got 1/],
      [{ rule, start: [1, Number.NaN] }, /start\[1\] must be finite, got NaN/],
      [{ rule, start: "ab" }, /start must be an array of numbers/],
      [{ rule: adam, start: [1, 2] }, /rule must be a rule .* got a function; call it/],
      [{ rule, steps: -1 }, /steps must lie in the integers from 0, got -1/],
      [{ rule, steps: "5" }, /steps must be a number/],
      [{ rule, gradientTolerance: Number.NaN }, /gradientTolerance must lie in/],
      [{ rule, gradTol: 1 }, /unknown option "gradTol"/],
      [{ rule, precision: "f16" }, /precision must be "f64" or "f32"/],
      [{ rule, callback: 3 }, /callback must be a function/],
      [{ groups: [] }, /minimize: groups need a rule/],
      [null, /options must be an object/],
    ];
    for (const [options, message] of refused) {
      expect(() => minimize(problem, options as never)).toThrow(message);
    }
    expect(() => minimize({} as never, { rule, start: [1] })).toThrow(/value/);
    expect(() => minimize({ value: () => 0 }, { rule })).toThrow(/start is needed/);
  });

  test("every rule lowers a bowl", () => {
    for (const [name, make] of Object.entries(rules)) {
      const result = minimize(quadratic({ diagonal: [1, 2] }), {
        rule: make({ learningRate: 0.01 }),
        start: [1, -1],
        steps: 50,
      });
      expect(result.value, name).toBeLessThan(1.5);
    }
  });
});

describe("descend", () => {
  const problem = quadratic({ diagonal: [1] });
  const rule = gradientDescent({ learningRate: 0.5 });

  test("yields the start first, then every point, and reuses its record", () => {
    const records = new Set<object>();
    const values: number[] = [];
    for (const step of descend(problem, { rule, start: [2], steps: 3 })) {
      records.add(step);
      values.push(step.value);
    }
    expect(values).toEqual([2, 0.5, 0.125, 0.03125]);
    expect(records.size).toBe(1);
  });

  test("leaves the last point in the record after break, safe from other runs", () => {
    let last: ArrayLike<number> = [];
    const iterator = descend(problem, { rule, start: [2] });
    for (const step of iterator) {
      last = step.x;
      if (step.index === 1) break;
    }
    let record: { x: ArrayLike<number> } | undefined;
    for (const step of descend(problem, { rule, start: [2] })) {
      record = step;
      if (step.index === 2) break;
    }
    for (const _ of descend(problem, { rule, start: [9], steps: 1 }));
    expect([...Array.from(record!.x)]).toEqual([0.5]);
    expect(last.length).toBe(1);
    expect(iterator.next().done).toBe(true);
  });

  test("hands out a point that is not finite and ends there", () => {
    const values: number[] = [];
    const bad = {
      value: ([x]: Iterable<number>) => (x < 1 ? Number.NaN : x),
      gradient: (_: unknown, g: { [i: number]: number }) => {
        g[0] = 1;
      },
    };
    for (const { value } of descend(bad as never, { rule, start: [1.4] })) values.push(value);
    expect(values).toEqual([1.4, Number.NaN]);
  });

  test("is bit for bit the same run as minimize", () => {
    const options = { rule: sgd({ learningRate: 1e-4, momentum: 0.9 }), start: [-1.2, 1], steps: 200 };
    let x: number[] = [];
    for (const step of descend(rosenbrock, options)) x = [...step.x];
    expect([...minimize(rosenbrock, { ...options, gradientTolerance: 0 }).x]).toEqual(x);
  });
});
