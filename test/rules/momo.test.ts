import { describe, expect, test } from "vitest";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { momo, momoAdam, polyakStep } from "../../src/rules/index.ts";
import { chain, projectBox } from "../../src/wrappers/index.ts";
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

interface Plainly {
  readonly rate: number;
  readonly beta: number;
  readonly adam?: { readonly beta2: number; readonly epsilon: number; readonly proximal: boolean };
  readonly correct: boolean;
  readonly bound: number;
  readonly estimate: boolean;
  readonly decay: number;
}

/** MoMo and MoMo-Adam with the averages as the paper has them: of f, of ∇f, and of ⟨∇f, x⟩. Returns the bounds too. */
function plainly(f: Plain, start: readonly number[], steps: number, given: Partial<Plainly>) {
  const {
    rate,
    beta,
    adam,
    correct,
    bound: first,
    estimate,
    decay,
  } = {
    ...{ rate: 1, beta: 0.9, correct: false, bound: 0, estimate: false, decay: 0 },
    ...given,
  };
  const zeros = start.map(() => 0);
  const points = [[...start]];
  const bounds: number[] = [];
  let [m, v] = [zeros, zeros];
  let [values, products] = [0, 0];
  let bound = first;
  for (let k = 1; k <= steps; k++) {
    const x = points[k - 1];
    const [value, g] = [f.value(x), f.gradient(x)];
    const keep = k === 1 && !correct && !adam ? 0 : beta;
    values = keep * values + (1 - keep) * value;
    products = keep * products + (1 - keep) * dot(g, x);
    m = m.map((entry, i) => keep * entry + (1 - keep) * g[i]);
    const beta2 = adam?.beta2 ?? 0;
    v = v.map((entry, i) => beta2 * entry + (1 - beta2) * g[i] ** 2);
    const D = adam
      ? v.map((entry) => Math.sqrt(entry / (1 - beta2 ** k)) + adam.epsilon)
      : zeros.map(() => 1);
    const rho = correct || adam ? 1 - beta ** k : 1;
    const size = m.reduce((sum, entry, i) => sum + entry ** 2 / D[i], 0);
    const shrink = 1 + rate * decay;
    const height = shrink * values + dot(m, x) - shrink * products;
    if (estimate && height < shrink * rho * bound) bound = Math.max(height / (2 * shrink * rho), first);
    const tau = Math.min(rate / rho, Math.max(height - shrink * rho * bound, 0) / size);
    if (estimate) bound = Math.max((values + dot(m, x) - products - (tau * size) / 2) / rho, first);
    bounds.push(bound);
    points.push(
      x.map((entry, i) =>
        adam?.proximal === false
          ? (1 - rate * decay) * entry - (tau * m[i]) / D[i]
          : (entry - (tau * m[i]) / D[i]) / shrink,
      ),
    );
  }
  return { points, bounds };
}

describe("momo", () => {
  test.each([
    [{}, {}],
    [
      { beta: 0.7, biasCorrection: true },
      { beta: 0.7, correct: true },
    ],
    [
      { learningRate: 0.05, lowerBound: -3 },
      { rate: 0.05, bound: -3 },
    ],
    [
      { learningRate: 0.2, weightDecay: 0.3 },
      { rate: 0.2, decay: 0.3 },
    ],
    [
      { lowerBound: -5, estimateBound: true },
      { bound: -5, estimate: true },
    ],
    [
      { learningRate: 0.5, biasCorrection: true, weightDecay: 0.1, lowerBound: -5, estimateBound: true },
      { rate: 0.5, correct: true, decay: 0.1, bound: -5, estimate: true },
    ],
  ])("follows the paper, whose averages it keeps otherwise, with %j", (options, plain) => {
    const { points } = plainly(bowl, bowlStart, 50, plain);
    expectSamePoints(trail(momo(options), bowl, bowlStart, 50).points, points, 1e-9);
  });

  test("is Polyak's step at β = 0, bounded by the learning rate", () => {
    for (const maxRate of [1, 0.05]) {
      const polyak = trail(polyakStep({ maxRate }), bowl, bowlStart, 30);
      expectSamePoints(
        trail(momo({ beta: 0, learningRate: maxRate }), bowl, bowlStart, 30).points,
        polyak.points,
        1e-8,
      );
    }
  });

  test("keeps to its model also where something else moves the parameters", () => {
    const optimizer = createOptimizer(chain(momo({ lowerBound: 1 }), projectBox({ lower: 0 })), bowlStart);
    // The same, with the projection in the loop, and the averages of the paper.
    let [m, value, product] = [bowlStart.map(() => 0), 0, 0];
    let x = [...bowlStart];
    for (let k = 0; k < 30; k++) {
      const g = bowl.gradient(x);
      const keep = k === 0 ? 0 : 0.9;
      value = keep * value + (1 - keep) * bowl.value(x);
      product = keep * product + (1 - keep) * dot(g, x);
      m = m.map((entry, i) => keep * entry + (1 - keep) * g[i]);
      const tau = Math.min(1, Math.max(value - 1 + dot(m, x) - product, 0) / dot(m, m));
      x = plus(x, -tau, m).map((entry) => Math.max(entry, 0));
      optimizer.gradient.set(bowl.gradient(Array.from(optimizer.parameters)));
      optimizer.step({ value: bowl.value(Array.from(optimizer.parameters)) });
      expectSamePoints([Array.from(optimizer.parameters)], [x], 1e-10);
    }
  });

  test("loses no digits of its model far from the origin, in f32 either", () => {
    // ⟨m, x⟩ − c cancels where x is large: at 1e4 in f32 what is left of it would have no digit.
    const shifted: Plain = {
      value: (x) => bowl.value(x.map((entry) => entry - 1e4)),
      gradient: (x) => bowl.gradient(x.map((entry) => entry - 1e4)),
    };
    const near = trail(momo({ lowerBound: 1 }), bowl, bowlStart, 20);
    const far = trail(
      momo({ lowerBound: 1 }),
      shifted,
      bowlStart.map((entry) => entry + 1e4),
      20,
      "f32",
    );
    far.rates.forEach((rate, k) => {
      expect(rate / near.rates[k]).toBeCloseTo(1, 1);
    });
  });

  test("learns a bound that comes to the least value, though it may be too high at first", () => {
    // The least value is 1; −4 is all that is known at first.
    const f: Plain = {
      value: (x) => 1 + (x[0] ** 2 + 5 * x[1] ** 2) / 2,
      gradient: (x) => [x[0], 5 * x[1]],
    };
    const { points, bounds } = plainly(f, [3, 2], 1000, { bound: -4, estimate: true });
    const found = trail(momo({ lowerBound: -4, estimateBound: true }), f, [3, 2], 1000).points;
    expectSamePoints(found.slice(0, 200), points.slice(0, 200), 1e-8);
    expect(bounds[0]).toBeGreaterThan(1);
    expect(bounds[999]).toBeCloseTo(1, 9);
    expect(norm(found[1000])).toBeLessThan(1e-6);
  });
});

describe("momoAdam", () => {
  const adam = { beta2: 0.999, epsilon: 1e-8, proximal: true };
  test.each([
    [{}, { rate: 0.01, adam }],
    [
      { learningRate: 1, beta1: 0.7, beta2: 0.9, epsilon: 0.1 },
      { rate: 1, beta: 0.7, adam: { ...adam, beta2: 0.9, epsilon: 0.1 } },
    ],
    [
      { learningRate: 0.1, weightDecay: 0.3, lowerBound: -1 },
      { rate: 0.1, decay: 0.3, bound: -1, adam },
    ],
    [
      { learningRate: 0.1, weightDecay: 0.3, proximal: false, lowerBound: -5, estimateBound: true },
      { rate: 0.1, decay: 0.3, bound: -5, estimate: true, adam: { ...adam, proximal: false } },
    ],
  ])("follows the paper, whose averages it keeps otherwise, with %j", (options, plain) => {
    const { points } = plainly(bowl, bowlStart, 50, plain);
    expectSamePoints(trail(momoAdam(options), bowl, bowlStart, 50).points, points, 1e-9);
  });

  test("reaches the bound of its model in one step, where the learning rate lets it", () => {
    // At the first step m̂ = g and D = |g|: along −g/|g| the model f + ⟨g, d⟩ falls by Σ|gᵢ| a unit; τ is told without the correction.
    const f = quadraticOf([2, 4]);
    const { points } = trail(momoAdam({ learningRate: 10, epsilon: 0 }), f, [1, 1], 1);
    const [value, sizes] = [f.value([1, 1]), 6];
    expect(minus([1, 1], points[1])[0]).toBeCloseTo(value / sizes, 12);
    expect(minus([1, 1], points[1])[1]).toBeCloseTo(value / sizes, 12);
  });
});
