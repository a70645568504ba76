import { describe, expect, test } from "vitest";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { quadratic } from "../../src/objectives/index.ts";
import { adam, adamw, gradientDescent, rules, scheduleFreeSgd, sgd } from "../../src/rules/index.ts";
import type { AnyRuleFactory, Rule } from "../../src/rules/rule.ts";
import { chain, mechanic, projectBox, weightDecay } from "../../src/wrappers/index.ts";
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
} from "../rules/trail.ts";

interface Tuner {
  readonly n: number;
  readonly s0: number;
  readonly lambda: number;
  readonly epsilon: number;
}

const usual: Tuner = { n: 6, s0: 1e-8, lambda: 0.01, epsilon: 1e-8 };

/**
 * Algorithm 1 around a base that says by how much it would move: from x, its gradient and the step. `outside` is what
 * others do to x ahead of the base's step.
 */
function plainly(
  f: Plain,
  start: readonly number[],
  steps: number,
  base: (g: readonly number[], x: readonly number[], t: number) => number[],
  { n, s0, lambda, epsilon }: Tuner = usual,
  outside: (x: number[]) => number[] = (x) => x,
) {
  const betas = Array.from({ length: n }, (_, i) => 1 - 10 ** -(i + 1));
  const zeros = betas.map(() => 0);
  let [s, r, m, v] = [zeros, zeros, zeros, zeros];
  let reference = [...start];
  let offset = start.map(() => 0);
  const points = [[...start]];
  const scales: number[] = [];
  for (let t = 1; t <= steps; t++) {
    let x = points[t - 1];
    const g = f.gradient(x);
    const total = s.reduce((sum, each) => sum + each, 0);
    const moved = outside([...x]);
    reference = plus(reference, 1, minus(moved, x));
    x = moved;
    const size = norm(x);
    const pull = size === 0 ? 0 : (lambda * total * norm(g)) / size;
    const h = dot(offset, plus(g, pull, x));
    const u = base(g, x, t);
    offset = plus(offset, 1, u);
    r = r.map((each, i) => Math.max(0, betas[i] * each - s[i] * h));
    m = m.map((each, i) => Math.max(betas[i] * each, Math.abs(h)));
    v = v.map((each, i) => betas[i] ** 2 * each + h ** 2);
    s = s.map((_, i) => ((s0 / n) * m[i] + r[i]) / (Math.sqrt(v[i]) + epsilon));
    const scale = s.reduce((sum, each) => sum + each, 0);
    scales.push(scale);
    points.push(plus(reference, scale, offset));
  }
  return { points, scales };
}

const descent = (rate: number) => (g: readonly number[]) => g.map((entry) => -rate * entry);

/** Adam's step, with AdamW's decay. */
function adamBase(rate: number, decay: number) {
  let [m, v]: [number[], number[]] = [[], []];
  return (g: readonly number[], x: readonly number[], t: number) => {
    m = g.map((entry, i) => 0.9 * (m[i] ?? 0) + 0.1 * entry);
    v = g.map((entry, i) => 0.999 * (v[i] ?? 0) + 0.001 * entry ** 2);
    return m.map(
      (entry, i) =>
        (-rate * entry) / (1 - 0.9 ** t) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8) - rate * decay * x[i],
    );
  };
}

describe("mechanic", () => {
  test.each([
    ["sgd", sgd({ learningRate: 0.1 }), () => descent(0.1), {}],
    [
      "sgd with other options",
      sgd({ learningRate: 0.1 }),
      () => descent(0.1),
      { n: 3, s0: 1e-4, lambda: 0, epsilon: 1e-3 },
    ],
    ["adam", adam({ learningRate: 0.01 }), () => adamBase(0.01, 0), { s0: 1e-3 }],
    [
      "adamw, whose decay is scaled like its step",
      adamw({ learningRate: 0.01, weightDecay: 0.1 }),
      () => adamBase(0.01, 0.1),
      { s0: 1e-3 },
    ],
  ] as const)("follows the paper around %s", (_, rule, base, given) => {
    const tuner = { ...usual, ...given };
    const { n: scales, s0: initialScale, lambda: decay, epsilon } = tuner;
    const expected = plainly(bowl, bowlStart, 40, base(), tuner);
    const tuned = chain(rule, mechanic({ scales, initialScale, decay, epsilon }));
    expectSamePoints(trail(tuned, bowl, bowlStart, 40).points, expected.points, 1e-9);
    expect(expected.scales[39]).toBeGreaterThan(10 * initialScale);
  });

  test("measures at the first step, and moves at the second", () => {
    const optimizer = createOptimizer(
      chain(gradientDescent({ learningRate: 1 }), mechanic({ initialScale: 0.5, epsilon: 1e-30 })),
      [4],
    );
    const seen = [0, 0].map(() => {
      optimizer.gradient.set(optimizer.parameters);
      optimizer.step();
      return [optimizer.parameters[0], optimizer.report()["mechanic.scale"]];
    });
    // u = −4 leads nowhere while all scales are 0; then h = ⟨−4, 4⟩, each scale is (½/6)·16/16, and Δ = −8.
    expect(seen[0]).toEqual([4, 0]);
    expect(seen[1][1]).toBeCloseTo(0.5, 14);
    expect(seen[1][0]).toBeCloseTo(4 - 0.5 * 8, 13);
  });

  test("finds the scale of sgd over eleven decades of its rate, and keeps the regret within a logarithm of the best", () => {
    // Theorem 1: the regret is that of the base at the best scale, D√Σ‖g‖² for descent at the best rate, but for a factor that is
    // logarithmic in the best scale over s₀ and in the steps.
    const f = quadraticOf([1, 4, 0.5]);
    const start = [3, 2, -1];
    const rates = [1e-8, 1e-6, 1e-4, 1e-2, 1, 100, 1000];
    const learned = rates.map((learningRate) => {
      const optimizer = createOptimizer(chain(sgd({ learningRate }), mechanic()), start);
      let [regret, squares] = [0, 0];
      for (let t = 0; t < 3000; t++) {
        const x = Array.from(optimizer.parameters);
        const g = f.gradient(x);
        regret += dot(g, x);
        squares += dot(g, g);
        optimizer.gradient.set(g);
        optimizer.step();
      }
      const scale = optimizer.report()["mechanic.scale"];
      expect(regret).toBeLessThan(Math.log((3000 * scale) / 1e-8) * norm(start) * Math.sqrt(squares));
      expect(f.value(Array.from(optimizer.parameters))).toBeLessThan(1e-3);
      return learningRate * scale;
    });
    expect(Math.max(...learned) / Math.min(...learned)).toBeLessThan(10);
    // The best rate for the regret of 3000 steps is D/√Σ‖g‖², between these.
    for (const rate of learned) {
      expect(rate).toBeGreaterThan(1e-3);
      expect(rate).toBeLessThan(0.5);
    }
  });

  test.each(Object.entries(rules as Readonly<Record<string, AnyRuleFactory>>))(
    "lowers a convex function around %s, in both precisions",
    (_, make) => {
      for (const precision of ["f64", "f32"] as const) {
        const rule = chain(make(), mechanic());
        const { points, averages } = trail(rule, bowl, bowlStart, 1500, precision);
        const end = averages.at(-1) ?? points[1500];
        // From 20.8; the least value is 0.424.
        expect(bowl.value(end)).toBeLessThan(1.2);
      }
    },
  );

  test("goes around rules that keep points of their own: their answer is scaled with the parameters", () => {
    // Schedule-Free goes its own way, from gradients at the scaled points; the answer is x₀ + S(x̄ − x₀).
    let [z, average]: [number[], number[]] = [[...bowlStart], [...bowlStart]];
    let y = [...bowlStart];
    const base = (g: readonly number[], _: readonly number[], t: number) => {
      const before = y;
      z = plus(z, -0.5, g);
      average = plus(average, 1 / t, minus(z, average));
      y = z.map((entry, i) => 0.1 * entry + 0.9 * average[i]);
      return minus(y, before);
    };
    const tuner = { ...usual, s0: 1e-3 };
    const expected = plainly(bowl, bowlStart, 40, base, tuner);
    const rule = chain(scheduleFreeSgd({ learningRate: 0.5 }), mechanic({ initialScale: 1e-3 }));
    const found = trail(rule, bowl, bowlStart, 40);
    expectSamePoints(found.points, expected.points, 1e-9);
    const answer = plus(bowlStart, expected.scales[39], minus(average, bowlStart));
    expectSamePoints([found.averages[39]], [answer], 1e-9);
    const problem = quadratic({ diagonal: [1, 4] }, [1, 4]);
    const result = minimize(problem, { rule, start: [5, 5], steps: 2000, gradientTolerance: 0 });
    expect(result.x[0]).toBeCloseTo(1, 1);
    expect(result.x[1]).toBeCloseTo(1, 1);
  });

  test("lets others move the parameters: their moves shift the reference and are not scaled", () => {
    const tuner = { ...usual, s0: 1e-2 };
    const shrink = (x: number[]) => x.map((entry) => entry * (1 - 0.1 * 0.5));
    const expected = plainly(bowl, bowlStart, 35, descent(0.1), tuner, shrink);
    const decayed: Rule = chain(
      weightDecay({ weightDecay: 0.5, decoupled: true }),
      sgd({ learningRate: 0.1 }),
      mechanic({ initialScale: 1e-2 }),
    );
    expectSamePoints(trail(decayed, bowl, bowlStart, 35).points, expected.points, 1e-9);
    const boxed = chain(
      sgd({ learningRate: 0.1 }),
      mechanic({ initialScale: 1e-2 }),
      projectBox({ lower: 0, upper: 0.5 }),
    );
    for (const x of trail(
      boxed,
      bowl,
      bowlStart.map((entry) => entry * 0.1),
      100,
    ).points.slice(1)) {
      expect(Math.min(...x)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...x)).toBeLessThanOrEqual(0.5);
    }
    const byHand = createOptimizer(chain(sgd({ learningRate: 0.1 }), mechanic()), [1, 2]);
    byHand.parameters.set([7, -7]);
    byHand.gradient.set([1e-9, 0]);
    byHand.step();
    expect([...byHand.parameters]).toEqual([7, -7]);
  });

  test("is told by name what it cannot take", () => {
    expect(() => mechanic({ scales: 9 })).toThrow(
      new RangeError("mechanic: scales must be at most 8, got 9"),
    );
    expect(() => mechanic({ s_init: 1 } as never)).toThrow("did you mean initialScale?");
    const optimizer = createOptimizer(chain(sgd(), mechanic()), { table: { shape: [2, 1], values: [1, 2] } });
    expect(() => optimizer.setSparseGradient("table", [1], [[1]])).toThrow(
      "mechanic reads the whole gradient",
    );
  });
});
