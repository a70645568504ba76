import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { Workspace } from "../../src/core/workspace.ts";
import { descend } from "../../src/descent/descend.ts";
import { DiagonalEstimate, diagonalMemory } from "../../src/descent/diagonal.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer, type Optimizer } from "../../src/descent/optimizer.ts";
import { logisticRegression, quadratic } from "../../src/objectives/index.ts";
import { adaHessian, adam, rules, sophia } from "../../src/rules/index.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { shuffle } from "../../src/sampling/index.ts";
import { cosine } from "../../src/schedules/index.ts";
import { speedLimit } from "../../src/stepsize/speed-limit.ts";
import { expectAlike, normals, walk } from "./walk.ts";

const STEPS = 60;
const start = [1, -2, 0.5];
const scales = [1, 1e-3, 50];
const gradients = normals(17, STEPS, scales);
const diagonals = normals(18, STEPS, scales).map((d, t) => d.map((each, i) => each + (t % 7) * scales[i]));
const inputs = (k: number) => ({ diagonal: diagonals[k] });
const byHand = (make: (x0: number) => (g: number, h: number, t: number) => number) => {
  const loops = start.map(make);
  return gradients.map((gradient, k) => gradient.map((g, i) => loops[i](g, diagonals[k][i], k + 1)));
};

describe("sophia", () => {
  test.each([1, 4])("with an estimate every %s steps is algorithm 3 of the paper", (k) => {
    const [eta, beta1, beta2, gamma, epsilon, lambda] = [0.05, 0.9, 0.8, 0.1, 1e-8, 0.1];
    let clipped = 0;
    const expected = byHand((x0) => {
      let [theta, m, h] = [x0, 0, 0];
      return (g, hHat, t) => {
        m = beta1 * m + (1 - beta1) * g;
        if (k === 1 || t % k === 1) h = beta2 * h + (1 - beta2) * hHat;
        theta -= eta * lambda * theta;
        const quotient = m / Math.max(gamma * h, epsilon);
        if (Math.abs(quotient) > 1) clipped++;
        theta -= eta * Math.max(-1, Math.min(1, quotient));
        return theta;
      };
    });
    const rule = sophia({
      learningRate: eta,
      beta1,
      beta2,
      gamma,
      epsilon,
      weightDecay: lambda,
      interval: k,
    });
    expectAlike(walk(rule, start, gradients, inputs), expected, 1e-12);
    // Both kinds of steps were taken.
    expect(clipped).toBeGreaterThan(20);
    expect(clipped).toBeLessThan(3 * STEPS - 20);
  });

  test("moves by η where the curvature is not positive, and by Newton's step over γ where it is large", () => {
    const one = (h: number) =>
      walk(
        sophia({ learningRate: 0.5, beta1: 0, beta2: 0, gamma: 1, weightDecay: 0 }),
        [1],
        [[0.25]],
        () => ({
          diagonal: [h],
        }),
      )[0][0];
    expect([one(-3), one(0), one(0.1)]).toEqual([0.5, 0.5, 0.5]);
    expect(one(2)).toBe(1 - 0.5 * (0.25 / 2));
  });

  test("asks for products at its first step and every k steps from there, as many as it has probes", () => {
    const optimizer = createOptimizer(sophia({ interval: 3, probes: 2 }), [1, 2]);
    const asked: number[] = [];
    for (let t = 0; t < 8; t++) {
      let products = 0;
      expect(optimizer.needs.hessianVectorProduct).toBe(t % 3 === 0);
      optimizer.step({
        hessianVectorProduct(v, product) {
          products++;
          product.set(v);
        },
      });
      asked.push(products);
    }
    expect(asked).toEqual([2, 0, 0, 2, 0, 0, 2, 0]);
    expect(() => createOptimizer(sophia(), [1]).step()).toThrow("sophia needs products with the Hessian");
  });
});

describe("adaHessian", () => {
  test.each([1, 0.5, 0])("with a Hessian power of %s is algorithm 1 of the paper", (k) => {
    const [eta, beta1, beta2, epsilon, lambda] = [0.1, 0.8, 0.95, 1e-4, 0.02];
    const expected = byHand((x0) => {
      let [theta, m, v] = [x0, 0, 0];
      return (g, D, t) => {
        m = beta1 * m + (1 - beta1) * g;
        v = beta2 * v + (1 - beta2) * D * D;
        const mBar = m / (1 - beta1 ** t);
        const vBar = Math.sqrt(v / (1 - beta2 ** t));
        theta -= eta * (mBar / (vBar ** k + epsilon) + lambda * theta);
        return theta;
      };
    });
    const rule = adaHessian({ learningRate: eta, beta1, beta2, epsilon, power: k, weightDecay: lambda });
    expectAlike(walk(rule, start, gradients, inputs), expected, 1e-12);
  });

  test("averages the diagonal over runs of parameters, the last of which may be shorter", () => {
    const run = (averageOver: number, diagonal: readonly number[]) =>
      walk(
        adaHessian({ averageOver }),
        [1, 2, 3, 4, 5],
        Array.from({ length: 5 }, () => [1, -1, 2, 3, 1]),
        () => ({ diagonal }),
      );
    expect(run(2, [1, 3, -2, 8, 5])).toEqual(run(1, [2, 2, 3, 3, 5]));
    expect(run(9, [1, 3, -2, 8, 5])).toEqual(run(1, [3, 3, 3, 3, 3]));
  });

  test("is Adam where the diagonal is the gradient", () => {
    const options = { learningRate: 0.01, beta1: 0.8, beta2: 0.95, epsilon: 1e-3 };
    expectAlike(
      walk(adaHessian(options), start, gradients, (k) => ({ diagonal: gradients[k] })),
      walk(adam(options), start, gradients),
      1e-12,
    );
  });

  test("takes the scales out of a quadratic: every coordinate goes the same way", () => {
    const optimizer = createOptimizer(adaHessian({ epsilon: 0 }), [1, 1, 1]);
    const curvatures = [1e-4, 1, 1e4];
    const multiply = (v: ArrayLike<number>, product: Float64Array | Float32Array) =>
      product.set(curvatures.map((each, i) => each * v[i]));
    for (let t = 0; t < 50; t++) {
      multiply(optimizer.parameters, optimizer.gradient);
      optimizer.step({ hessianVectorProduct: multiply });
      const [a, b, c] = optimizer.parameters;
      expect(Math.max(Math.abs(a - b), Math.abs(c - b))).toBeLessThan(1e-12);
    }
    optimizer.dispose();
  });
});

test("sophia and adaHessian have the limits of Adam's momentum, on the Hessian over what they divide by", () => {
  const momentumLimit = (beta1: number) => (2 + 2 * beta1) / (1 - beta1);
  expect(speedLimit(sophia({ weightDecay: 0 }), { lambdaMax: 1 })).toBeCloseTo(momentumLimit(0.965), 8);
  expect(speedLimit(adaHessian(), { lambdaMax: 1 })).toBeCloseTo(momentumLimit(0.9), 8);
});

/** Two-class data with an intercept, and what Newton's method finds. */
function classes() {
  const random = new Random(41);
  const rows = Array.from({ length: 200 }, () => [
    random.normal(),
    30 * random.normal(),
    0.1 * random.normal(),
  ]);
  const labels = rows.map(([a, b, c]) => Number(a - b / 30 + 10 * c + random.normal() > 0));
  return logisticRegression(rows, labels, { intercept: true, l2: 1e-3 });
}

const falling = (from: number) => cosine({ from, steps: 3000 });
const made: readonly (readonly [string, Rule])[] = [
  ["sophia", sophia({ learningRate: falling(0.05), gamma: 0.1, interval: 5, seed: 3 })],
  ["adaHessian", adaHessian({ learningRate: falling(0.15), seed: 3 })],
];

describe.each(made)("%s, end to end", (_, rule) => {
  const problem = classes();
  const newton = minimize(problem, {});

  test("comes to the minimum of a logistic model, whose Hessian is exact", () => {
    const { value, x } = minimize(problem, { rule, steps: 3000 });
    expect(value - newton.value).toBeLessThan(1e-8);
    expect(value).toBeGreaterThanOrEqual(newton.value - 1e-15);
    x.forEach((weight, i) => {
      expect(Math.abs(weight - newton.x[i])).toBeLessThan(1e-3 * Math.max(1, Math.abs(newton.x[i])));
    });
  });

  test("comes near the minimum of a function of one's own, by differences", () => {
    // 10√(1 + (a + b)²) + (a − 2b − 3)², whose least value is 10, at (1, −1).
    const value = ([a, b]: ArrayLike<number> & Iterable<number>) =>
      10 * Math.sqrt(1 + (a + b) ** 2) + (a - 2 * b - 3) ** 2;
    const gradient = ([a, b]: Iterable<number>, g: Float64Array | Float32Array) => {
      const along = (10 * (a + b)) / Math.sqrt(1 + (a + b) ** 2);
      const across = 2 * (a - 2 * b - 3);
      g[0] = along + across;
      g[1] = along - 2 * across;
    };
    for (const own of [{ value, gradient }, { value }]) {
      const found = minimize(own, { rule, start: [-4, 3], steps: 3000 });
      expect(found.value - 10).toBeLessThan(1e-6);
      expect(Math.hypot(found.x[0] - 1, found.x[1] + 1)).toBeLessThan(1e-3);
    }
  });

  test("takes the same steps through minimize, descend and an optimizer that is given the products", () => {
    const options = { start: [0.1, -0.2, 0.3, 0], steps: 40 } as const;
    const whole = minimize(problem, { rule, ...options });
    let last: number[] = [];
    for (const { x } of descend(problem, { rule, ...options })) last = Array.from(x);
    expect(last).toEqual(Array.from(whole.x));
    using optimizer = createOptimizer(rule, options.start);
    stepBy(optimizer, 40);
    expect(Array.from(optimizer.parameters)).toEqual(last);
  });

  test("goes on from a file as if it had not been interrupted, and takes the signs of its seed", () => {
    const begin = (seeded = rule) => createOptimizer(seeded, [0.1, -0.2, 0.3, 0]);
    using uninterrupted = begin();
    using resumed = begin();
    stepBy(uninterrupted, 13);
    resumed.load(uninterrupted.save());
    stepBy(uninterrupted, 20);
    stepBy(resumed, 20);
    expect(resumed.save()).toEqual(uninterrupted.save());
    const other = (rules[rule.name as "sophia"] as (options: object) => Rule)({ ...rule.options, seed: 4 });
    using differently = begin(other);
    stepBy(differently, 33);
    expect(differently.parameters).not.toEqual(resumed.parameters);
  });

  test("descends in mini-batches, with the Hessian of the batch", () => {
    const run = () =>
      minimize(problem, { rule, steps: 1500, batches: shuffle({ rows: 200, batchSize: 20, seed: 1 }) });
    const first = run();
    expect(first.value - newton.value).toBeLessThan(0.02);
    expect(Array.from(run().x)).toEqual(Array.from(first.x));
  });

  /** Steps of an optimizer with gradient and Hessian of the problem. */
  function stepBy(optimizer: Optimizer<readonly number[]>, steps: number): void {
    const workspace = new Workspace(
      [...["x", "g", "v", "product"].map((name) => ({ name, length: 4 })), ...problem.memory("f64")],
      "f64",
    );
    const bound = problem.bind(workspace);
    const at = (name: string) => workspace.pointer(name);
    for (let t = 0; t < steps; t++) {
      workspace.real("x").set(optimizer.parameters);
      bound.valueAndGradient(at("x"), at("g"));
      optimizer.gradient.set(workspace.real("g").subarray(0, 4));
      bound.linearize(at("x"));
      optimizer.step({
        hessianVectorProduct(v, product) {
          workspace.real("v").set(v);
          bound.hessianVectorProduct(at("v"), at("product"));
          product.set(workspace.real("product").subarray(0, 4));
        },
      });
    }
    workspace.dispose();
  }
});

describe("the estimate of the Hessian's diagonal", () => {
  const n = 5;
  const random = new Random(8);
  const half = Array.from({ length: n }, () => Array.from({ length: n }, () => random.normal()));
  const hessian = half.map((row, i) => row.map((each, j) => (each + half[j][i]) / 2));

  test.each(["f64", "f32"] as const)(
    "has the diagonal as its mean, and Hutchinson's variance, in %s",
    (precision) => {
      const workspace = new Workspace(diagonalMemory(n), precision);
      const block = { name: "", shape: [n], offset: 0, length: n };
      const estimate = new DiagonalEstimate(workspace, n, [{ block, number: 0 }]);
      const [probe, product] = ["diagonal.probe", "diagonal.product"].map((name) => workspace.real(name));
      const multiply = () => {
        hessian.forEach((row, i) => {
          product[i] = row.reduce((sum, each, j) => sum + each * probe[j], 0);
        });
      };
      const count = 20_000;
      const diagonal = workspace.real("diagonal");
      const sums = new Float64Array(n);
      const squares = new Float64Array(n);
      for (let step = 0; step < count; step++) {
        estimate.renew(step, 2 ** 40 + 5, 1, multiply);
        for (let i = 0; i < n; i++) {
          sums[i] += diagonal[i];
          squares[i] += (diagonal[i] - hessian[i][i]) ** 2;
        }
      }
      for (let i = 0; i < n; i++) {
        // Of signs the variance is the sum of the squares beside the diagonal (Bekas, Kokiopoulou, Saad 2007).
        const variance = hessian[i].reduce((sum, each, j) => sum + (j === i ? 0 : each * each), 0);
        expect(Math.abs(sums[i] / count - hessian[i][i])).toBeLessThan(4.5 * Math.sqrt(variance / count));
        expect(squares[i] / count / variance).toBeGreaterThan(0.9);
        expect(squares[i] / count / variance).toBeLessThan(1.1);
      }
      // The mean over several probes is that of their estimates, which have streams of their own.
      const single = Array.from({ length: 3 }, (_, k) => {
        estimate.renew(6 + k, 9, 1, multiply);
        return Array.from(diagonal);
      });
      estimate.renew(2, 9, 3, multiply);
      for (let i = 0; i < n; i++) {
        const mean = single.reduce((sum, each) => sum + each[i], 0) / 3;
        expect(Math.abs(diagonal[i] - mean)).toBeLessThan(precision === "f64" ? 1e-14 : 1e-6);
      }
      workspace.dispose();
    },
  );

  test("takes its signs from the bits of Philox, and writes no padding", () => {
    const length = 300;
    for (const precision of ["f64", "f32"] as const) {
      const workspace = new Workspace(
        [
          { name: "x", length },
          { name: "words", length: 12, kind: "u32" },
        ],
        precision,
      );
      const { kernels } = workspace;
      kernels.philox(3, 0, 5, 7, 2 ** 31, 11, 13, workspace.pointer("words"));
      const words = workspace.u32("words");
      for (const used of [1, 2, 3, 4, 5, 31, 32, 33, 63, 127, 128, 129, 131, 298, 300]) {
        const x = workspace.real("x").fill(9);
        kernels.randomSigns(used, 5, 7, 2 ** 31, 11, 13, workspace.pointer("x"));
        x.forEach((sign, i) => {
          expect(sign).toBe(i < used ? 1 - 2 * ((words[i >> 5] >>> (i & 31)) & 1) : 9);
        });
      }
      workspace.dispose();
    }
  });
});

test("on a diagonal Hessian one probe tells all: both find the minimum of a valley of κ = 10⁶", () => {
  const valley = quadratic({ diagonal: [1, 1e3, 1e6] });
  for (const rule of [
    sophia({ learningRate: cosine({ from: 0.1, steps: 1000 }), gamma: 1 }),
    adaHessian({ learningRate: 0.15 }),
  ]) {
    const { x } = minimize(valley, { rule, start: [3, -2, 1], steps: 1000 });
    for (const each of x) expect(Math.abs(each)).toBeLessThan(1e-4);
  }
});
