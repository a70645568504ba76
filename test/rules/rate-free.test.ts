import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { applyScaling, parseCsv, scaling } from "../../src/data/index.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { leastSquares, logisticRegression, type Objective, quadratic } from "../../src/objectives/index.ts";
import * as registry from "../../src/rules/index.ts";
import { type AnyRuleFactory, type Rule, worksOutRate } from "../../src/rules/rule.ts";
import { shuffle } from "../../src/sampling/index.ts";
import { cosine } from "../../src/schedules/index.ts";
import { chain, polyakAverage } from "../../src/wrappers/index.ts";
import {
  bowl,
  bowlStart,
  dot,
  expectSamePoints,
  minus,
  norm,
  type Plain,
  quadraticOf,
  trail,
} from "./trail.ts";

const { adgd, barzilaiBorwein, dAdaptAdam, dAdaptSgd, dog, dowg, gradientDescent, hypergradientAdam } =
  registry;
const { hypergradientDescent, momo, momoAdam, polyakStep, prodigy, scheduleFreeAdamw, scheduleFreeSgd, sps } =
  registry;

const factories = registry.rules as Readonly<Record<string, AnyRuleFactory>>;
const rateFree = Object.values(factories).filter((make) => worksOutRate(make()));

// Three problems, on which nothing is tuned.

/** κ = 100, from ones. */
const valley = quadratic({ diagonal: [100, 60, 36, 22, 13, 8, 4.6, 2.8, 1.7, 1] });

/** The breast-cancer data, standardised, with an L2 penalty: strongly convex. */
const logistic = (() => {
  const csv = readFileSync(new URL("../../examples/data/breast-cancer.csv", import.meta.url), "utf8");
  const data = parseCsv(csv, { target: "benign", task: "classification" });
  const features = applyScaling(scaling(data, "standard"), data.features);
  return logisticRegression(features, data.targets, { columns: 30, intercept: true, l2: 0.01 });
})();

/** Linear regression on noisy targets, on batches of 20 of 400 rows. */
const noisy = (() => {
  const random = new Random(3);
  const rows = Array.from({ length: 400 }, () => Array.from({ length: 6 }, () => random.normal()));
  const truth = [3, -2, 1, 0.5, -1, 4];
  return leastSquares(
    rows,
    rows.map((row) => dot(row, truth) + 0.5 * random.normal()),
  );
})();

const least = { valley: 0, logistic: minimize(logistic, {}).value, noisy: minimize(noisy, {}).value };

/** Steps until the value has come within 1e-6 of its first height above the least. */
function stepsOn(problem: Objective, rule: Rule, lowest: number): number {
  let bound: number | undefined;
  const { reason, steps } = minimize(problem, {
    rule,
    start: new Float64Array(problem.dimension).fill(problem === valley ? 1 : 0),
    steps: 10_000,
    gradientTolerance: 0,
    callback({ value }) {
      bound ??= lowest + 1e-6 * (value - lowest);
      return value <= bound;
    },
  });
  return reason === "callback" ? steps : Number.POSITIVE_INFINITY;
}

/** The part of the first height that is left on all rows after 2000 steps on batches, of the average of all points or the answer. */
function heightOnBatches(rule: Rule): number {
  const averaging = rule.declaration.result ? rule : chain(rule, polyakAverage());
  const batches = shuffle({ rows: 400, batchSize: 20, seed: 4 });
  const { value, averaged } = minimize(noisy, {
    rule: averaging,
    start: new Float64Array(6),
    steps: 2000,
    batches,
  });
  const at = (start: ArrayLike<number>) =>
    minimize(noisy, { rule: gradientDescent(), start, steps: 0 }).value;
  const end = averaged ? at(averaged as Float64Array) : value;
  return (end - least.noisy) / (at(new Float64Array(6)) - least.noisy);
}

/** The rules, told the least value where they ask for it, and the steps (or the height) they may take: half as many again as were measured. */
const claims: Readonly<
  Record<string, readonly [make: (least: number) => Rule, valley: number, logistic: number, height: number]>
> = {
  polyakStep: [(lowerBound) => polyakStep({ lowerBound }), 100, 40, 1e-4],
  sps: [(lowerBound) => sps({ lowerBound }), 340, 40, 1e-4],
  barzilaiBorwein: [() => barzilaiBorwein(), 70, 35, Number.NaN],
  "barzilaiBorwein, short": [() => barzilaiBorwein({ short: true }), 70, 35, Number.NaN],
  "barzilaiBorwein, in turns": [() => barzilaiBorwein({ alternate: true }), 70, 35, Number.NaN],
  adgd: [() => adgd(), 200, 45, Number.NaN],
  "adgd, improved": [() => adgd({ improved: true }), 160, 40, Number.NaN],
  dog: [() => dog(), 2500, 2500, 0.01],
  "dog, layer-wise": [() => dog({ layerwise: true }), 2500, 2500, 0.01],
  dowg: [() => dowg(), 400, 110, 1e-3],
  dAdaptSgd: [() => dAdaptSgd(), Number.NaN, 340, 1e-3],
  dAdaptAdam: [() => dAdaptAdam(), 120, 200, 1e-3],
  prodigy: [() => prodigy(), 60, 180, 1e-3],
  momo: [(lowerBound) => momo({ lowerBound }), 630, 490, 1e-3],
  momoAdam: [(lowerBound) => momoAdam({ lowerBound }), 420, 1500, 0.05],
  hypergradientDescent: [
    () => hypergradientDescent({ learningRate: 1e-4, hyperRate: 0.02, multiplicative: true }),
    860,
    840,
    0.05,
  ],
  hypergradientAdam: [() => hypergradientAdam({ hyperRate: 0.02, multiplicative: true }), 430, 530, 0.05],
  scheduleFreeSgd: [() => scheduleFreeSgd({ learningRate: 0.02 }), 3400, Number.NaN, 1e-3],
  scheduleFreeAdamw: [() => scheduleFreeAdamw({ learningRate: 0.1 }), 110, 750, 1e-5],
};

describe("untuned", () => {
  test("every rule without a rate is held to something", () => {
    for (const make of rateFree) expect(Object.keys(claims)).toContain(make.declaration.name);
  });

  test.each(Object.entries(claims))(
    "%s comes where its paper says, in steps that were measured once",
    (_, claim) => {
      const [make, onValley, onLogistic, height] = claim;
      if (!Number.isNaN(onValley))
        expect(stepsOn(valley, make(least.valley), least.valley)).toBeLessThan(onValley);
      if (!Number.isNaN(onLogistic)) {
        expect(stepsOn(logistic, make(least.logistic), least.logistic)).toBeLessThan(onLogistic);
      }
      if (!Number.isNaN(height)) expect(heightOnBatches(make(least.noisy))).toBeLessThan(height);
    },
  );

  test("gradient descent at the best of its rates takes as many steps as these, and more", () => {
    // 2/(M + m) on the valley: (99/101)^2t ≤ 1e-6 needs 345 steps from the slowest mode alone.
    const tuned = stepsOn(valley, gradientDescent({ learningRate: 2 / 101 }), 0);
    for (const name of ["polyakStep", "barzilaiBorwein", "adgd", "dAdaptAdam", "prodigy"]) {
      expect(stepsOn(valley, claims[name][0](0), 0), name).toBeLessThan(tuned);
    }
  });

  test("D-Adaptation of SGD diverges where d/‖g₀‖ exceeds 2/λmax, and says how to scale its rates", () => {
    const result = minimize(valley, { rule: dAdaptSgd(), start: new Float64Array(10).fill(1), steps: 1000 });
    expect(result.reason).toBe("diverged");
    expect(result.message).toMatch(
      /It works its rates out by itself, and [\d.]+ was the last: try a learningRate of 0\.5, which halves them all\.$/,
    );
    expect(result.learningRate).toBeGreaterThan(2 / 100);
    expect(stepsOn(valley, dAdaptSgd({ learningRate: 0.25 }), 0)).toBeLessThan(10_000);
  });
});

describe("what the papers prove", () => {
  const f = quadraticOf([1, 0.5, 0.1, 0.02]);
  const start = [1, -2, 3, 4];
  const D = norm(start);

  test("polyakStep: the lowest of T values is within 2L‖x₀ − x*‖²/T (Hazan and Kakade 2019, theorem 1)", () => {
    const { points } = trail(polyakStep(), f, start, 300);
    for (let T = 1; T <= 300; T++) {
      const lowest = Math.min(...points.slice(0, T).map((x) => f.value(x)));
      expect(lowest).toBeLessThanOrEqual((2 * D ** 2) / T);
    }
  });

  test("sps: the squared distance shrinks by 1 − μ/L a step at c = 1/2 (Loizou et al. 2021, theorem 3.1, interpolation)", () => {
    const { points } = trail(sps(), f, start, 300);
    for (let k = 1; k <= 300; k++) {
      expect(dot(points[k], points[k])).toBeLessThanOrEqual((1 - 0.02) ** k * D ** 2 * (1 + 1e-12));
    }
  });

  test("adgd: the lowest value is within L·D/k of the least (Malitsky and Mishchenko 2020, theorem 1 and its remark)", () => {
    const { points, rates } = trail(adgd(), f, start, 300);
    const theta = rates[1] / rates[0];
    const to1 = minus(points[1], points[0]);
    const first = dot(points[1], points[1]) + dot(to1, to1) / 2 + 2 * rates[1] * theta * f.value(points[0]);
    for (let k = 1; k < 300; k++) {
      const lowest = Math.min(...points.slice(1, k + 1).map((x) => f.value(x)));
      expect(lowest).toBeLessThanOrEqual(first / k);
    }
  });

  test("dog: the weighted regret is within r(2d + r)√G at every step (Ivgi et al. 2023, proposition 1)", () => {
    for (const noise of [0, 3]) {
      const random = new Random(7);
      const given: (readonly number[])[] = [];
      const rough: Plain = {
        value: () => 0,
        gradient: (x) => {
          const g = f.gradient(x).map((entry) => entry + noise * random.normal());
          given.push(g);
          return g;
        },
      };
      const { points } = trail(dog({ epsilon: 0 }), rough, start, 500);
      let [regret, squares, farthest] = [0, 0, 0];
      let r = 1e-6 * (1 + D);
      for (let k = 0; k < 500; k++) {
        r = Math.max(r, norm(minus(points[k], start)));
        farthest = Math.max(farthest, norm(points[k]));
        regret += r * dot(given[k], points[k]);
        squares += dot(given[k], given[k]);
        const next = Math.max(r, norm(minus(points[k + 1], start)));
        expect(regret).toBeLessThanOrEqual(next * (2 * farthest + next) * Math.sqrt(squares) * (1 + 1e-12));
      }
    }
  });

  test("dowg: the weighted regret is within 2r(d + r)√v at every step (Khaled, Mishchenko and Jin 2023)", () => {
    const { points } = trail(dowg(), f, start, 500);
    let [regret, v, farthest] = [0, 0, 0];
    let r = 1e-6 * (1 + D);
    for (let k = 0; k < 500; k++) {
      const g = f.gradient(points[k]);
      r = Math.max(r, norm(minus(points[k], start)));
      farthest = Math.max(farthest, norm(points[k]));
      regret += r ** 2 * dot(g, points[k]);
      v += r ** 2 * dot(g, g);
      expect(regret).toBeLessThanOrEqual(2 * r * (farthest + r) * Math.sqrt(v) * (1 + 1e-12));
    }
  });

  test.each([0, 0.5, 0.9])(
    "scheduleFreeSgd: at γ = D/(G√T) the answer is within DG/√T of the least, at β = %s (Defazio et al. 2024, theorem 1)",
    (beta) => {
      // Σ wᵢ|xᵢ|/W has subgradients of the length G = √(Σ wᵢ²)/W.
      const weights = [1, 2, 3, 4];
      const kinked: Plain = {
        value: (x) => x.reduce((sum, entry, i) => sum + weights[i] * Math.abs(entry), 0),
        gradient: (x) => x.map((entry, i) => weights[i] * Math.sign(entry)),
      };
      const G = norm(weights);
      for (const T of [10, 100, 1000]) {
        const rule = scheduleFreeSgd({ learningRate: D / (G * Math.sqrt(T)), beta });
        const { averages } = trail(rule, kinked, start, T);
        expect(kinked.value(averages[T - 1])).toBeLessThanOrEqual((D * G) / Math.sqrt(T));
      }
    },
  );
});

describe("a rule that works its rate out", () => {
  // What stands for the gradient's own scale is left out: bounds in units of a rate, ε, and the cap that MoMo's rate is.
  const unscaled: Readonly<Record<string, object>> = {
    dog: { epsilon: 0 },
    dAdaptAdam: { epsilon: 0 },
    prodigy: { epsilon: 0 },
    momo: { learningRate: 1e300 },
    momoAdam: { epsilon: 0, learningRate: 1e300 },
  };

  test.each(rateFree.map((make) => [make.declaration.name, make] as const))(
    "%s takes the same way down any multiple of a function",
    (name, make) => {
      const rule = make(unscaled[name]);
      const scaled = (factor: number): Plain => ({
        value: (x) => factor * bowl.value(x),
        gradient: (x) => bowl.gradient(x).map((entry) => factor * entry),
      });
      const expected = trail(rule, bowl, bowlStart, 30).points;
      for (const factor of [2 ** -20, 2 ** 20]) {
        expectSamePoints(trail(rule, scaled(factor), bowlStart, 30).points, expected, 1e-10);
      }
    },
  );

  test.each(rateFree.map((make) => [make.declaration.name, make] as const))(
    "%s has no rate before its first step, and follows a schedule of its factor down to 0",
    (_, make) => {
      const rule = make({ learningRate: cosine({ from: 1, to: 0, steps: 20 }) });
      const optimizer = createOptimizer(rule, bowlStart);
      expect(optimizer.learningRate).toBe(0);
      const step = () => {
        const x = Array.from(optimizer.parameters);
        optimizer.gradient.set(bowl.gradient(x));
        optimizer.step({ value: bowl.value(x) });
        return x;
      };
      for (let t = 0; t < 20; t++) step();
      const before = step();
      // Of D-Adaptation's Adam the moment is still on its way.
      if (rule.name !== "dAdaptAdam") expect([...optimizer.parameters]).toEqual(before);
      expect(optimizer.learningRate).toBe(0);
    },
  );
});
