import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { dAdaptAdam, dAdaptSgd, prodigy } from "../../src/rules/index.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { cosine } from "../../src/schedules/index.ts";
import { chain, weightDecay } from "../../src/wrappers/index.ts";
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

const sizes = (a: readonly number[]) => a.reduce((sum, entry) => sum + Math.abs(entry), 0);

/** DAdaptSGD: d is renewed at the end of the step whose sums it follows from. */
function plainSgd(
  f: Plain,
  start: readonly number[],
  steps: number,
  { rate = () => 1, d0 = 1e-6, growth = Infinity, momentum = 0 } = {} as {
    rate?: (t: number) => number;
    d0?: number;
    growth?: number;
    momentum?: number;
  },
) {
  const points = [[...start]];
  const distances: number[] = [];
  let s = start.map(() => 0);
  let [d, n] = [d0, 0];
  const unit = norm(f.gradient(start));
  for (let k = 0; k < steps; k++) {
    const g = f.gradient(points[k]);
    distances.push(d);
    const eta = (d * rate(k)) / unit;
    n += eta * dot(g, s);
    s = plus(s, eta, g);
    if (rate(k) > 0) d = Math.max(d, Math.min((2 * n) / norm(s), d * growth));
    const z = minus(start, s);
    points.push(points[k].map((x, i) => momentum * x + (1 - momentum) * z[i]));
  }
  return { points, distances };
}

/** DAdaptAdam, likewise, with the quotient s/(√v + ε) taken when it is needed. */
function plainAdam(
  f: Plain,
  start: readonly number[],
  steps: number,
  {
    d0 = 1e-6,
    growth = Infinity,
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
    correct = false,
    decay = 0,
    decoupled = false,
  },
) {
  const points = [[...start]];
  const zeros = start.map(() => 0);
  let [m, v, s] = [zeros, zeros, zeros];
  let [d, n] = [d0, 0];
  const beta3 = Math.sqrt(beta2);
  for (let k = 0; k < steps; k++) {
    const x = points[k];
    const own = f.gradient(x);
    const g = decoupled ? own : plus(own, decay, x);
    const correction = correct ? Math.sqrt(1 - beta2 ** (k + 1)) / (1 - beta1 ** (k + 1)) : 1;
    const eta = d * correction;
    const root = v.map((entry) => Math.sqrt(entry) + epsilon);
    const product =
      eta *
      dot(
        g,
        s.map((entry, i) => entry / root[i]),
      );
    m = m.map((entry, i) => beta1 * entry + (1 - beta1) * eta * g[i]);
    v = v.map((entry, i) => beta2 * entry + (1 - beta2) * g[i] ** 2);
    s = s.map((entry, i) => beta3 * entry + (1 - beta3) * eta * g[i]);
    n = beta3 * n + (1 - beta3) * product;
    d = Math.max(d, Math.min(n / ((1 - beta3) * sizes(s)), d * growth));
    points.push(
      x.map((entry, i) => entry - (decoupled ? decay * eta * entry : 0) - m[i] / (Math.sqrt(v[i]) + epsilon)),
    );
  }
  return points;
}

/** Prodigy, algorithm 4, with the forms of the authors' code. */
function plainProdigy(
  f: Plain,
  start: readonly number[],
  steps: number,
  {
    rate = (_: number) => 1,
    d0 = 1e-6,
    factor = 1,
    growth = Infinity,
    beta1 = 0.9,
    beta2 = 0.999,
    beta3 = Math.sqrt(0.999),
    epsilon = 1e-8,
    correct = false,
    safeguard = false,
    decay = 0,
    decoupled = true,
  },
) {
  const points = [[...start]];
  const zeros = start.map(() => 0);
  let [m, v, s] = [zeros, zeros, zeros];
  let [d, largest, n] = [d0, d0, 0];
  for (let k = 0; k < steps; k++) {
    const x = points[k];
    const own = f.gradient(x);
    const g = decoupled ? own : plus(own, decay, x);
    const correction = correct ? Math.sqrt(1 - beta2 ** (k + 1)) / (1 - beta1 ** (k + 1)) : 1;
    const eta = d * rate(k) * correction;
    n = beta3 * n + (d / d0) * eta * dot(g, minus(start, x));
    m = m.map((entry, i) => beta1 * entry + (1 - beta1) * d * g[i]);
    v = v.map((entry, i) => beta2 * entry + (1 - beta2) * d ** 2 * g[i] ** 2);
    s = s.map((entry, i) => beta3 * entry + (d / d0) * (safeguard ? d : eta) * g[i]);
    const used = d;
    if (rate(k) > 0) {
      const found = (factor * n) / sizes(s);
      if (d === d0) d = Math.max(d, found);
      largest = Math.max(largest, found);
      d = Math.min(largest, d * growth);
    }
    points.push(
      x.map(
        (entry, i) =>
          entry - (decoupled ? decay * eta * entry : 0) - (eta * m[i]) / (Math.sqrt(v[i]) + used * epsilon),
      ),
    );
  }
  return points;
}

const wave = cosine({ from: 1, to: 0, steps: 40 });

describe("dAdaptSgd", () => {
  test.each([
    [{}, {}],
    [{ momentum: 0.8 }, { momentum: 0.8 }],
    [
      { initialDistance: 0.01, growthRate: 1.1 },
      { d0: 0.01, growth: 1.1 },
    ],
    [{ learningRate: wave }, { rate: wave }],
  ])("follows the authors' algorithm with %j", (options, plain) => {
    const { points, distances } = plainSgd(bowl, bowlStart, 60, plain);
    const found = trail(dAdaptSgd(options), bowl, bowlStart, 60);
    expectSamePoints(found.points, points, 1e-8);
    const unit = norm(bowl.gradient(bowlStart));
    const rate = "rate" in plain ? wave : () => 1;
    found.rates.slice(0, 30).forEach((each, k) => {
      expect((each * unit) / (distances[k] * rate(k))).toBeCloseTo(1, 6);
    });
  });

  test("takes the first gradient that is not 0 for its unit", () => {
    let turn = 0;
    const late: Plain = { value: () => 0, gradient: (x) => (turn++ === 0 ? [0] : [4 * x[0]]) };
    const { rates, points } = trail(dAdaptSgd({ initialDistance: 0.5 }), late, [2], 2);
    expect(rates).toEqual([0, 0.5 / 8]);
    expect(points[2][0]).toBe(2 - 0.5);
  });
});

describe("dAdaptAdam", () => {
  test.each([
    [{}, {}],
    [{ biasCorrection: true }, { correct: true }],
    [
      { initialDistance: 0.01, growthRate: 1.02 },
      { d0: 0.01, growth: 1.02 },
    ],
    [
      { initialDistance: 0.01, weightDecay: 0.1 },
      { d0: 0.01, decay: 0.1 },
    ],
    [
      { initialDistance: 0.01, weightDecay: 0.1, decoupled: true },
      { d0: 0.01, decay: 0.1, decoupled: true },
    ],
    [
      { beta1: 0, beta2: 0.9, epsilon: 0.01, initialDistance: 0.01 },
      { beta1: 0, beta2: 0.9, epsilon: 0.01, d0: 0.01 },
    ],
  ])("follows the authors' algorithm with %j", (options, plain) => {
    const points = plainAdam(bowl, bowlStart, 40, plain);
    expectSamePoints(trail(dAdaptAdam(options), bowl, bowlStart, 40).points, points, 1e-8);
  });

  test("takes coupled decay as the wrapper gives it", () => {
    const options = { initialDistance: 0.01 };
    const inside = trail(dAdaptAdam({ ...options, weightDecay: 0.1 }), bowl, bowlStart, 60);
    const ahead = trail(chain(weightDecay({ weightDecay: 0.1 }), dAdaptAdam(options)), bowl, bowlStart, 60);
    expectSamePoints(inside.points, ahead.points, 1e-9);
  });
});

describe("prodigy", () => {
  test.each([
    [{}, {}],
    [
      { biasCorrection: true, safeguardWarmup: true },
      { correct: true, safeguard: true },
    ],
    [
      { initialDistance: 0.01, growthRate: 1.02, distanceFactor: 2 },
      { d0: 0.01, growth: 1.02, factor: 2 },
    ],
    [
      { learningRate: wave, beta3: 0.9 },
      { rate: wave, beta3: 0.9 },
    ],
    [
      { initialDistance: 0.01, weightDecay: 0.1 },
      { d0: 0.01, decay: 0.1 },
    ],
    [
      { initialDistance: 0.01, weightDecay: 0.1, decoupled: false },
      { d0: 0.01, decay: 0.1, decoupled: false },
    ],
    [
      { beta1: 0, beta2: 0.9, epsilon: 0.01, initialDistance: 0.01 },
      { beta1: 0, beta2: 0.9, epsilon: 0.01, d0: 0.01 },
    ],
  ])("follows the paper's algorithm with %j", (options, plain) => {
    const points = plainProdigy(bowl, bowlStart, 60, plain);
    expectSamePoints(trail(prodigy(options), bowl, bowlStart, 60).points, points, 1e-8);
  });
});

/** d after each step: the rate times what stands between. */
function distancesOf(rule: Rule, f: Plain, start: readonly number[], steps: number): number[] {
  using optimizer = createOptimizer(rule, start);
  const unit = rule.name === "dAdaptSgd" ? norm(f.gradient(start)) : 1;
  return Array.from({ length: steps }, () => {
    optimizer.gradient.set(f.gradient(Array.from(optimizer.parameters)));
    optimizer.step();
    return optimizer.learningRate * unit;
  });
}

describe("the learned distance", () => {
  // ⟨g, x − x*⟩ ≥ 0 on convex functions, so that n ≤ ⟨s, x₀ − x*⟩, which is at most ‖s‖₂‖x₀ − x*‖₂, or ‖s‖₁ max |x₀ − x*|; D-Adaptation
  // takes 2n/‖s‖₂.
  const smooth = (seed: number): { f: Plain; start: number[] } => {
    const random = new Random(seed);
    const lambdas = Array.from({ length: 12 }, () => 10 ** (3 * random.uniform() - 2));
    const start = lambdas.map(() => 5 * random.normal());
    // ln cosh is flat far out, so that gradients say little of the distance.
    const f: Plain = {
      value: (x) => x.reduce((sum, entry, i) => sum + lambdas[i] * Math.log(Math.cosh(entry)), 0),
      gradient: (x) => x.map((entry, i) => lambdas[i] * Math.tanh(entry)),
    };
    return { f, start };
  };

  test.each([
    ["dAdaptSgd", () => dAdaptSgd(), 2, norm],
    ["prodigy", () => prodigy(), 1, (x: readonly number[]) => Math.max(...x.map(Math.abs))],
    [
      "prodigy with distanceFactor",
      () => prodigy({ distanceFactor: 0.5 }),
      0.5,
      (x: readonly number[]) => Math.max(...x.map(Math.abs)),
    ],
  ] as const)("of %s never falls, and never exceeds what the theory allows", (_, make, factor, size) => {
    for (let seed = 1; seed <= 10; seed++) {
      const { f, start } = smooth(seed);
      const found = distancesOf(make(), f, start, 400);
      for (let k = 1; k < found.length; k++) expect(found[k]).toBeGreaterThanOrEqual(found[k - 1]);
      const last = found[found.length - 1];
      expect(last).toBeLessThanOrEqual(factor * size(start) * (1 + 1e-12));
      expect(last).toBeGreaterThan(0.02 * factor * size(start));
    }
  });

  test("of dAdaptAdam never falls, and comes within a factor of 4 of the distance, which it may exceed", () => {
    // The theory is that of AdaGrad's sums; with moving averages x₀ − x is no longer s over the root.
    for (let seed = 1; seed <= 10; seed++) {
      const { f, start } = smooth(seed);
      const found = distancesOf(dAdaptAdam(), f, start, 400);
      for (let k = 1; k < found.length; k++) expect(found[k]).toBeGreaterThanOrEqual(found[k - 1]);
      const share = found[found.length - 1] / Math.max(...start.map(Math.abs));
      expect(share).toBeLessThan(4);
      expect(share).toBeGreaterThan(0.25);
    }
  });

  test("grows by growthRate a step at most", () => {
    const f = quadraticOf([1, 2]);
    for (const rule of [dAdaptSgd({ growthRate: 1.5 }), dAdaptAdam({ growthRate: 1.5 })]) {
      const found = distancesOf(rule, f, [100, -50], 60);
      const ratios = found.slice(1).map((d, k) => d / found[k]);
      expect(Math.max(...ratios)).toBeCloseTo(1.5, 10);
    }
    // Prodigy's first growth is free.
    const found = distancesOf(prodigy({ growthRate: 1.5 }), f, [100, -50], 60);
    const grown = found.findIndex((d) => d > found[0]);
    const later = found.slice(grown + 1).map((d, k) => d / found[grown + k]);
    expect(Math.max(...later)).toBeCloseTo(1.5, 10);
  });
});
