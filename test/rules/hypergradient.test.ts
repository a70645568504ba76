import { describe, expect, test } from "vitest";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import {
  adam,
  gradientDescent,
  hypergradientAdam,
  hypergradientDescent,
  sgd,
} from "../../src/rules/index.ts";
import { linear } from "../../src/schedules/index.ts";
import { speedLimit } from "../../src/stepsize/speed-limit.ts";
import { bowl, bowlStart, dot, expectSamePoints, norm, plus, quadraticOf, trail } from "./trail.ts";

describe("hypergradientDescent", () => {
  test("has its rate follow the inner product, by hand", () => {
    // On x²/2 with α = 0.5 and κ = 0.1: g = 4, then 2 along the last 4: α = 0.5 + 0.1·8; then x = 2 − 1.3·2 = −0.6.
    const { points, rates } = trail(
      hypergradientDescent({ learningRate: 0.5, hyperRate: 0.1 }),
      quadraticOf([1]),
      [4],
      3,
    );
    expect(rates[0]).toBe(0.5);
    expect(rates[1]).toBeCloseTo(1.3, 14);
    expect(points[2][0]).toBeCloseTo(-0.6, 14);
    // −0.6 along the last 2.
    expect(rates[2]).toBeCloseTo(1.3 - 0.12, 14);
    // Multiplicatively by the cosine, which is ±1 in one dimension.
    const share = trail(
      hypergradientDescent({ learningRate: 1.5, hyperRate: 0.1, multiplicative: true }),
      quadraticOf([1]),
      [4],
      3,
    );
    expect(share.rates[0]).toBe(1.5);
    expect(share.rates[1]).toBeCloseTo(1.5 * 0.9, 14);
    expect(share.rates[2]).toBeCloseTo(1.5 * 0.9 * 0.9, 14);
  });

  test.each([
    ["SGD-HD", {}, 0, false],
    ["with momentum", { momentum: 0.8 }, 0.8, false],
    ["SGDN-HD", { momentum: 0.8, nesterov: true }, 0.8, true],
  ] as const)("follows the paper's algorithm %s, in both forms", (_, options, mu, nesterov) => {
    for (const multiplicative of [false, true]) {
      const hyperRate = multiplicative ? 0.05 : 1e-5;
      const points = [bowlStart];
      let alpha = 0.01;
      let velocity = bowlStart.map(() => 0);
      let last = velocity;
      for (let k = 0; k < 60; k++) {
        const g = bowl.gradient(points[k]);
        const h = dot(g, last);
        if (!multiplicative) alpha += hyperRate * h;
        else if (k > 0) alpha *= 1 + (hyperRate * h) / (norm(g) * norm(last));
        velocity = plus(g, mu, velocity);
        last = nesterov ? plus(g, mu, velocity) : velocity;
        points.push(plus(points[k], -alpha, last));
      }
      const rule = hypergradientDescent({ learningRate: 0.01, hyperRate, multiplicative, ...options });
      expectSamePoints(trail(rule, bowl, bowlStart, 60).points, points, 1e-11);
    }
  });

  test("is gradient descent, or sgd with momentum, where the rate does not learn", () => {
    const still = { learningRate: 0.05, hyperRate: 0 };
    const pairs = [
      [hypergradientDescent(still), gradientDescent({ learningRate: 0.05 })],
      [hypergradientDescent({ ...still, momentum: 0.9 }), sgd({ learningRate: 0.05, momentum: 0.9 })],
      [
        hypergradientDescent({ ...still, momentum: 0.9, nesterov: true }),
        sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true }),
      ],
    ] as const;
    for (const [learning, plain] of pairs) {
      expect(trail(learning, bowl, bowlStart, 30).points).toEqual(trail(plain, bowl, bowlStart, 30).points);
      expect(speedLimit(learning, { lambdaMax: 7 })).toBeCloseTo(speedLimit(plain, { lambdaMax: 7 }), 12);
    }
  });

  test("raises a rate that is far too low by orders of magnitude, and lowers one beyond the limit", () => {
    const f = quadraticOf([1, 4]);
    const rule = (learningRate: number) =>
      hypergradientDescent({ learningRate, hyperRate: 0.1, multiplicative: true });
    const raised = trail(rule(1e-5), f, [1, 1], 300);
    expect(raised.rates[299]).toBeGreaterThan(0.1);
    expect(norm(raised.points[300])).toBeLessThan(1e-6);
    // 2/λmax is 0.5.
    const lowered = trail(rule(0.6), f, [1, 1], 300);
    expect(Math.min(...lowered.rates)).toBeLessThan(0.4);
    expect(norm(lowered.points[300])).toBeLessThan(1e-6);
  });

  test("goes on from a scheduled rate with what it has learned", () => {
    const learningRate = linear({ from: 0.4, to: 0, steps: 4 });
    const optimizer = createOptimizer(hypergradientDescent({ learningRate, hyperRate: 0.5 }), [0]);
    expect(optimizer.learningRate).toBe(0.4);
    const rates = [1, 0.2, 0.4].map((g) => {
      optimizer.gradient.set([g]);
      const before = optimizer.parameters[0];
      optimizer.step();
      return (before - optimizer.parameters[0]) / g;
    });
    expect(rates[0]).toBeCloseTo(0.4, 14);
    expect(rates[1]).toBeCloseTo(0.3 + 0.5 * 0.2, 14);
    expect(rates[2]).toBeCloseTo(0.2 + 0.5 * 0.2 + 0.5 * 0.08, 14);
  });

  test("refuses what does not go together, by name", () => {
    expect(() => hypergradientDescent({ nesterov: true })).toThrow(
      new RangeError("hypergradientDescent: nesterov needs momentum above 0, got momentum 0"),
    );
    for (const make of [hypergradientDescent, hypergradientAdam]) {
      expect(() => make({ hyperRate: 1, multiplicative: true })).toThrow(
        /hyperRate must lie below 1 in the multiplicative form, got 1/,
      );
      expect(() => make({ hyperRate: 1 })).not.toThrow();
    }
  });
});

describe("hypergradientAdam", () => {
  test("follows the paper's algorithm, in both forms", () => {
    for (const multiplicative of [false, true]) {
      const hyperRate = multiplicative ? 0.05 : 1e-4;
      const zeros = bowlStart.map(() => 0);
      const points = [bowlStart];
      let [alpha, m, v, last] = [0.02, zeros, zeros, zeros];
      for (let k = 1; k <= 60; k++) {
        const g = bowl.gradient(points[k - 1]);
        if (!multiplicative) alpha += hyperRate * dot(g, last);
        else if (k > 1) alpha *= 1 + (hyperRate * dot(g, last)) / (norm(g) * norm(last));
        m = m.map((entry, i) => 0.8 * entry + 0.2 * g[i]);
        v = v.map((entry, i) => 0.95 * entry + 0.05 * g[i] ** 2);
        last = m.map((entry, i) => entry / (1 - 0.8 ** k) / (Math.sqrt(v[i] / (1 - 0.95 ** k)) + 1e-3));
        points.push(plus(points[k - 1], -alpha, last));
      }
      const rule = hypergradientAdam({
        learningRate: 0.02,
        hyperRate,
        multiplicative,
        beta1: 0.8,
        beta2: 0.95,
        epsilon: 1e-3,
      });
      expectSamePoints(trail(rule, bowl, bowlStart, 60).points, points, 1e-10);
    }
  });

  test("is Adam where the rate does not learn", () => {
    const still = trail(hypergradientAdam({ hyperRate: 0 }), bowl, bowlStart, 40).points;
    expectSamePoints(still, trail(adam(), bowl, bowlStart, 40).points, 1e-14);
    expect(speedLimit(hypergradientAdam(), { lambdaMax: 10 })).toBeCloseTo(3.8, 10);
  });
});
