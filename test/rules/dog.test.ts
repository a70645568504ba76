import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { dog, dowg } from "../../src/rules/index.ts";
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

/** Equation 1 of DoG, or algorithm 1 of DoWG, with sums and distances kept whole. */
function asPrinted(
  f: Plain,
  start: readonly number[],
  steps: number,
  kind: "dog" | "dowg",
  c = 1,
  first = 0.01,
  epsilon = 0,
) {
  const points = [[...start]];
  let r = first * (1 + norm(start));
  let sum = kind === "dog" ? epsilon : 0;
  for (let t = 0; t < steps; t++) {
    const x = points[t];
    const g = f.gradient(x);
    r = Math.max(r, norm(minus(x, start)));
    sum += kind === "dog" ? dot(g, g) : r ** 2 * dot(g, g);
    const rate = kind === "dog" ? r / Math.sqrt(sum) : r ** 2 / (Math.sqrt(sum) + epsilon);
    points.push(plus(x, -c * rate, g));
  }
  return points;
}

describe.each([
  ["dog", dog],
  ["dowg", dowg],
] as const)("%s", (kind, make) => {
  test.each([
    [{ initialDistance: 0.01, epsilon: 0 }, 1, 0.01, 0],
    [{ learningRate: 0.5, initialDistance: 0.1, epsilon: 0.25 }, 0.5, 0.1, 0.25],
  ] as const)("follows the paper with %j", (options, c, first, epsilon) => {
    const expected = asPrinted(bowl, bowlStart, 100, kind, c, first, epsilon);
    expectSamePoints(trail(make(options), bowl, bowlStart, 100).points, expected, 1e-10);
  });

  test("has a first step of the length initialDistance·(1 + ‖x₀‖), whatever the gradient", () => {
    for (const scale of [1e-6, 1, 1e6]) {
      const { points } = trail(
        make({ initialDistance: 0.1, epsilon: 0 }),
        quadraticOf([scale, scale]),
        [3, 4],
        1,
      );
      expect(norm(minus(points[1], points[0]))).toBeCloseTo(0.6, 12);
    }
  });

  test("is the same on any multiple of a function", () => {
    const f = quadraticOf([1, 5]);
    const g = quadraticOf([1024, 5120]);
    const rule = make({ epsilon: 0 });
    expectSamePoints(trail(rule, g, [1, 1], 200).points, trail(rule, f, [1, 1], 200).points, 1e-12);
  });

  test("keeps each block to itself layer-wise, as if each had an optimizer", () => {
    const rule = make({ layerwise: true, initialDistance: 0.1 });
    const blocks = { a: [3, -1], b: [0.5] };
    const both = createOptimizer(rule, blocks);
    const alone = { a: createOptimizer(rule, blocks.a), b: createOptimizer(rule, blocks.b) };
    const joined = createOptimizer(make({ initialDistance: 0.1 }), blocks);
    const gradient = (x: ArrayLike<number>, scale: number) => Array.from(x, (entry) => scale * entry);
    for (let t = 0; t < 30; t++) {
      for (const optimizer of [both, joined]) {
        optimizer.gradient.a.set(gradient(optimizer.parameters.a, 1));
        optimizer.gradient.b.set(gradient(optimizer.parameters.b, 100));
        optimizer.step();
      }
      alone.a.gradient.set(gradient(alone.a.parameters, 1));
      alone.b.gradient.set(gradient(alone.b.parameters, 100));
      alone.a.step();
      alone.b.step();
    }
    expect([...both.parameters.a]).toEqual([...alone.a.parameters]);
    expect([...both.parameters.b]).toEqual([...alone.b.parameters]);
    expect([...joined.parameters.a]).not.toEqual([...alone.a.parameters]);
  });

  test("measures over all groups of the rule, so that a partition changes nothing but rounding", () => {
    const rule = make({ initialDistance: 0.1 });
    const run = (groups?: { blocks: string }[]) => {
      const optimizer = createOptimizer(rule, { a: [3, -1], b: [0.5] }, groups ? { groups } : {});
      for (let t = 0; t < 20; t++) {
        optimizer.gradient.a.set(optimizer.parameters.a);
        optimizer.gradient.b.set([7 * optimizer.parameters.b[0]]);
        optimizer.step();
      }
      return [...optimizer.parameters.a, ...optimizer.parameters.b];
    };
    expectSamePoints([run([{ blocks: "a" }, { blocks: "b" }])], [run()], 1e-12);
  });
});

test("DoG's iterates stay within three times the first distance to the minimum (Ivgi et al. 2023), with noise too", () => {
  // Their T-DoG provably keeps r within 3‖x₀ − x*‖; DoG itself did in all of their runs, and does here.
  for (const [seed, noise] of [
    [1, 0],
    [2, 1],
    [3, 5],
  ] as const) {
    const random = new Random(seed);
    const lambdas = Array.from({ length: 20 }, (_, i) => 1 / (1 + i));
    const noisy: Plain = {
      value: () => 0,
      gradient: (x) => x.map((entry, i) => lambdas[i] * entry + noise * random.normal()),
    };
    const start = lambdas.map(() => 10);
    const { points } = trail(dog(), noisy, start, 4000);
    const farthest = Math.max(...points.map((x) => norm(minus(x, start))));
    expect(farthest).toBeLessThan(3 * norm(start));
    expect(farthest).toBeGreaterThan(0.3 * norm(start));
  }
});

test("DoWG's rates rise to the edge of stability 2/L, where DoG's stay below (Khaled et al. 2023, figure 1)", () => {
  const f = quadraticOf([1, 0.01]);
  const last = (rates: readonly number[]) => rates.slice(-200).reduce((sum, rate) => sum + rate, 0) / 200;
  const [weighted, plain] = [dowg(), dog()].map((rule) => last(trail(rule, f, [1, 1], 2000).rates));
  expect(weighted).toBeGreaterThan(1.5);
  expect(weighted).toBeLessThan(2.2);
  expect(plain).toBeLessThan(weighted);
});
