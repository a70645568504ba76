import { describe, expect, test } from "vitest";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { quadratic } from "../../src/objectives/index.ts";
import { scheduleFreeAdamw, scheduleFreeSgd } from "../../src/rules/index.ts";
import { warmup } from "../../src/schedules/index.ts";
import { speedLimit } from "../../src/stepsize/speed-limit.ts";
import { bowl, bowlStart, expectSamePoints, norm, type Plain, plus, quadraticOf, trail } from "./trail.ts";

interface Plainly {
  readonly rate: number;
  readonly beta: number;
  readonly adam?: { readonly beta2: number; readonly epsilon: number };
  readonly decay: number;
  readonly atZ: boolean;
  readonly warmup: number;
  readonly r: number;
  readonly power: number;
}

/**
 * Equations 1 to 3 with all three sequences, whose weights are summed afresh for each average: x̄ₜ = Σ wᵢzᵢ/Σ wᵢ. Returns
 * the points y, where gradients are taken, and the averages.
 */
function plainly(f: Plain, start: readonly number[], steps: number, given: Partial<Plainly>) {
  const { rate, beta, adam, decay, atZ, warmup, r, power } = {
    ...{ rate: 0.1, beta: 0.9, decay: 0, atZ: false, warmup: 0, r: 0, power: 2 },
    ...given,
  };
  const points = [[...start]];
  const averages: number[][] = [];
  const iterates: number[][] = [];
  const weights: number[] = [];
  let z = [...start];
  let v = start.map(() => 0);
  let largest = 0;
  for (let t = 1; t <= steps; t++) {
    const y = points[t - 1];
    const gamma = rate * Math.min(1, warmup === 0 ? 1 : t / warmup);
    const g = f.gradient(y);
    let direction = g;
    if (adam) {
      v = v.map((entry, i) => adam.beta2 * entry + (1 - adam.beta2) * g[i] ** 2);
      direction = g.map((entry, i) => entry / (Math.sqrt(v[i] / (1 - adam.beta2 ** t)) + adam.epsilon));
    }
    z = plus(z, -gamma, plus(direction, decay, atZ ? z : y));
    largest = Math.max(largest, gamma);
    iterates.push(z);
    weights.push(t ** r * largest ** power);
    const total = weights.reduce((sum, w) => sum + w, 0);
    const average = start.map(
      (_, i) => iterates.reduce((sum, each, k) => sum + weights[k] * each[i], 0) / total,
    );
    averages.push(average);
    points.push(z.map((entry, i) => (1 - beta) * entry + beta * average[i]));
  }
  return { points, averages };
}

const adam = { beta2: 0.999, epsilon: 1e-8 };

describe.each([
  ["scheduleFreeSgd {}", scheduleFreeSgd({ learningRate: 0.1 }), {}],
  [
    "scheduleFreeSgd with decay at y",
    scheduleFreeSgd({ learningRate: 0.1, beta: 0.7, weightDecay: 0.2 }),
    { beta: 0.7, decay: 0.2 },
  ],
  [
    "scheduleFreeSgd with decay at z, a warm-up and weights",
    scheduleFreeSgd({
      learningRate: 0.1,
      weightDecay: 0.2,
      decayAtZ: true,
      warmupSteps: 10,
      averagePower: 0.5,
      weightPower: 1,
    }),
    { decay: 0.2, atZ: true, warmup: 10, r: 0.5, power: 1 },
  ],
  [
    "scheduleFreeSgd averaging z only",
    scheduleFreeSgd({ learningRate: 0.1, beta: 0, weightPower: 0 }),
    { beta: 0, power: 0 },
  ],
  ["scheduleFreeAdamw {}", scheduleFreeAdamw(), { rate: 0.0025, adam }],
  [
    "scheduleFreeAdamw with everything",
    scheduleFreeAdamw({
      learningRate: 0.05,
      beta1: 0.8,
      beta2: 0.9,
      epsilon: 0.01,
      weightDecay: 0.1,
      warmupSteps: 7,
      averagePower: 1,
    }),
    { rate: 0.05, beta: 0.8, decay: 0.1, warmup: 7, r: 1, adam: { beta2: 0.9, epsilon: 0.01 } },
  ],
  [
    "scheduleFreeAdamw with decay at z",
    scheduleFreeAdamw({ learningRate: 0.05, weightDecay: 0.1, decayAtZ: true }),
    { rate: 0.05, decay: 0.1, atZ: true, adam },
  ],
] as const)("%s", (_, rule, plain) => {
  test("takes gradients where the paper does, and its answer is the weighted mean of all iterates", () => {
    const expected = plainly(bowl, bowlStart, 40, plain);
    const found = trail(rule, bowl, bowlStart, 40);
    expectSamePoints(found.points, expected.points, 1e-11);
    expectSamePoints(found.averages, expected.averages, 1e-11);
  });
});

/** The authors' code: y and z only, from which x̄ is worked out when it is asked for. */
function inPlace(f: Plain, start: readonly number[], steps: number, rate: number, beta: number) {
  let y = [...start];
  let z = [...start];
  for (let k = 0; k < steps; k++) {
    const g = f.gradient(y);
    const c = 1 / (k + 1);
    y = y.map((entry, i) => entry + c * (z[i] - entry) + rate * (beta * (1 - c) - 1) * g[i]);
    z = plus(z, -rate, g);
  }
  return y.map((entry, i) => entry + (1 - 1 / beta) * (z[i] - entry));
}

test("the answer is that of the authors' code, which keeps two sequences", () => {
  const { averages } = trail(scheduleFreeSgd({ learningRate: 0.1 }), bowl, bowlStart, 100);
  expectSamePoints([averages[99]], [inPlace(bowl, bowlStart, 100, 0.1, 0.9)], 1e-12);
});

test("a warm-up by a schedule weighs as one of its own, since weights follow the largest rate so far", () => {
  const own = trail(scheduleFreeSgd({ learningRate: 0.2, warmupSteps: 10 }), bowl, bowlStart, 40);
  const scheduled = trail(scheduleFreeSgd({ learningRate: warmup(10, 0.2) }), bowl, bowlStart, 40);
  expectSamePoints(scheduled.averages, own.averages, 1e-13);
  expect(own.rates.slice(0, 3).map((rate) => rate / 0.02)).toEqual(
    [1, 2, 3].map((k) => expect.closeTo(k, 12)),
  );
});

test("parameters, average and the result of minimize are three points where they should be", () => {
  const optimizer = createOptimizer(scheduleFreeSgd({ learningRate: 0.5, beta: 0.5 }), [4]);
  expect([...optimizer.averaged()]).toEqual([4]);
  optimizer.gradient.set([2]);
  optimizer.step();
  // z = 3 = x̄ at the first step, so that y is 3; then z = 2, x̄ = 2.5, y = 2.25.
  expect([optimizer.parameters[0], optimizer.averaged()[0]]).toEqual([3, 3]);
  optimizer.step();
  expect([optimizer.parameters[0], optimizer.averaged()[0]]).toEqual([2.25, 2.5]);
  const rule = scheduleFreeSgd({ learningRate: 0.5 });
  const { averages } = trail(rule, quadraticOf([1, 2]), [3, -1], 50);
  const problem = quadratic({ diagonal: [1, 2] });
  const { x, value } = minimize(problem, { rule, start: [3, -1], steps: 50, gradientTolerance: 0 });
  expectSamePoints([Array.from(x)], [averages[49]], 1e-13);
  expect(value).toBeCloseTo(quadraticOf([1, 2]).value(Array.from(x)), 14);
});

test("the speed limit is that of the first step; with a warm-up ten times that can be had at β = 0.9", () => {
  const lambda = 4;
  for (const beta of [0, 0.5, 0.9]) {
    expect(speedLimit(scheduleFreeSgd({ beta }), { lambdaMax: lambda })).toBeCloseTo(2 / lambda, 10);
  }
  expect(speedLimit(scheduleFreeAdamw(), { lambdaMax: lambda })).toBeCloseTo(2 / lambda, 10);
  // Once the share c of z in the average is small, y ← (1 − β)z + … multiplies a mode by 1 − γλ(1 − β).
  const late = 2 / ((1 - 0.9) * lambda);
  const f = quadraticOf([lambda]);
  const end = (factor: number, steps: number) => {
    const rule = scheduleFreeSgd({ learningRate: factor * late, warmupSteps: 200 });
    return norm(trail(rule, f, [1], steps).points[steps]);
  };
  expect(end(0.9, 2000)).toBeLessThan(1e-6);
  expect(end(1.1, 800)).toBeGreaterThan(1e6 * end(1.1, 600));
});
