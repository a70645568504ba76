import fc from "fast-check";
import { expect, test } from "vitest";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import {
  adagrad,
  adam,
  amsgrad,
  lion,
  momentum,
  normalizedGradient,
  rmsprop,
  sgd,
  signDescent,
} from "../../src/rules/index.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { schedule } from "../../src/schedules/schedule.ts";
import { chain, projectBall } from "../../src/wrappers/index.ts";
import { Driver } from "./drive.ts";

/** The parameters after each of the given gradients. */
function path(rule: Rule, start: readonly number[], gradients: readonly (readonly number[])[]): number[][] {
  const driver = new Driver(rule, "f64", start);
  const visited = gradients.map((gradient) => {
    driver.step(gradient);
    return Array.from(driver.x);
  });
  driver.dispose();
  return visited;
}

/** x after each of `steps` steps from 0 under one gradient that stays the same. */
const steady = (rule: Rule, gradient: number, steps = 8) =>
  path(
    rule,
    [0],
    Array.from({ length: steps }, () => [gradient]),
  ).map(([x]) => x);

/** x after each step from 0 when step t moves by −size(t). */
function walk(size: (t: number) => number, steps = 8): number[] {
  let x = 0;
  return Array.from({ length: steps }, (_, i) => (x -= size(i + 1)));
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(1e-14 * Math.max(1, Math.abs(expected[i])));
  });
}

test("[momentum] under a steady gradient the average is (1 − βᵗ)g", () => {
  expectClose(
    steady(momentum({ learningRate: 0.1, beta: 0.5 }), 4),
    walk((t) => 0.1 * (1 - 0.5 ** t) * 4),
  );
});

test("[adagrad] under a steady gradient step t has size η/√t", () => {
  expectClose(
    steady(adagrad({ learningRate: 0.1, epsilon: 0 }), -3),
    walk((t) => -0.1 / Math.sqrt(t)),
  );
});

test("[rmsprop] under a steady gradient step t has size η/√(1 − ρᵗ)", () => {
  expectClose(
    steady(rmsprop({ learningRate: 0.1, decay: 0.5, epsilon: 0 }), 7),
    walk((t) => 0.1 / Math.sqrt(1 - 0.5 ** t)),
  );
});

test("[rmsprop] centred, it divides by the standard deviation, and rounding cannot make that NaN", () => {
  // v = (1 − ρᵗ)g² and ḡ = (1 − ρᵗ)g: the variance is ρᵗ(1 − ρᵗ)g².
  expectClose(
    steady(rmsprop({ learningRate: 0.1, decay: 0.5, epsilon: 0, centered: true }), 7),
    walk((t) => 0.1 / Math.sqrt(0.5 ** t * (1 - 0.5 ** t))),
  );
  // From step 54 on, v − ḡ² is −5.6e-17 for this gradient and decay.
  expect(steady(rmsprop({ decay: 0.5, centered: true }), 0.7, 60).every(Number.isFinite)).toBe(true);
});

test("[adam] under a steady gradient every step has size ηg/(|g| + ε)", () => {
  expectClose(
    steady(adam({ learningRate: 0.1, epsilon: 1 }), 3),
    walk(() => (0.1 * 3) / 4),
  );
});

test("[amsgrad] after one large gradient the denominator stays, where Adam's shrinks", () => {
  const gradients = [[1], [0], [0]];
  const sizes = (rule: Rule) => {
    const [[a], [b], [c]] = path(rule, [0], gradients);
    return [-a, a - b, b - c];
  };
  const options = { learningRate: 0.1, beta1: 0.5, beta2: 0.5, epsilon: 0 };
  // m = ½ᵗ and the corrections are 1 − ½ᵗ; v = ½ᵗ, and its maximum ½.
  const mHat = (t: number) => 0.5 ** t / (1 - 0.5 ** t);
  const step = (t: number, v: number) => (0.1 * mHat(t)) / Math.sqrt(v / (1 - 0.5 ** t));
  expectClose(
    sizes(amsgrad(options)),
    [1, 2, 3].map((t) => step(t, 0.5)),
  );
  expectClose(
    sizes(adam(options)),
    [1, 2, 3].map((t) => step(t, 0.5 ** t)),
  );
});

test("[sign] Adam with β₁ = β₂ = 0 is α·g/(|g| + ε) to the last bit, in that order of operations", () => {
  const gradient = fc
    .tuple(fc.double({ min: 1, max: 10, noNaN: true }), fc.integer({ min: -150, max: 150 }), fc.boolean())
    .map(([digits, exponent, negative]) => (negative ? -1 : 1) * Number(`${digits}e${exponent}`));
  const size = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(gradient, { minLength: 1, maxLength: 6 }),
      size,
      size,
      (gradients, alpha, epsilon) => {
        const rule = adam({ learningRate: alpha, beta1: 0, beta2: 0, epsilon });
        let x = 1;
        const visited = path(
          rule,
          [x],
          gradients.map((g) => [g]),
        );
        gradients.forEach((g, t) => {
          x -= (alpha * g) / (Math.abs(g) + epsilon);
          expect(visited[t][0]).toBe(x);
        });
      },
    ),
    { numRuns: 300 },
  );
});

test("[sign] at ε = 0 that is sign descent, exactly", () => {
  const gradients = [
    [3, -1e-100, 0, 1e120],
    [-0.1, 7, 5, 0],
  ];
  const start = [1, 2, 3, 4];
  const options = { learningRate: 0.3 };
  expect(path(adam({ ...options, beta1: 0, beta2: 0, epsilon: 0 }), start, gradients)).toEqual(
    path(signDescent(options), start, gradients),
  );
});

test("[bias-correction] the first steps have size η at every scale of the gradient, and without it 3.16η", () => {
  for (const gradient of [1e-6, 1e-3, 1, 1e3]) {
    const rule = adam({ learningRate: 0.01 });
    const driver = new Driver(rule, "f64", [0]);
    driver.step([gradient]);
    const { m, v } = driver.slots;
    // (1 − β₁)/√(1 − β₂) at the defaults 0.9 and 0.999.
    expect(m[0] / Math.sqrt(v[0])).toBeCloseTo(Math.sqrt(10), 12);
    driver.dispose();
    steady(rule, gradient).forEach((x, t) => {
      // ε = 1e-8 takes a hundredth of the step at |g| = 1e-6.
      expect(-x / (0.01 * (t + 1))).toBeCloseTo(gradient / (gradient + 1e-8), 12);
    });
  }
});

test("sgd's buffer takes the first gradient whole, and later ones dampened", () => {
  const rule = sgd({ learningRate: 1, momentum: 0.5, dampening: 0.25 });
  // b = 4, then ½·4 + ¾·8 = 8.
  expect(path(rule, [0], [[4], [8]])).toEqual([[-4], [-12]]);
});

test("sgd ignores the dampening without momentum, as PyTorch does", () => {
  expect(path(sgd({ learningRate: 1, dampening: 0.25 }), [0], [[4], [8]])).toEqual([[-4], [-12]]);
  const off = schedule(() => 0, { schedule: "constant", value: 0 });
  const scheduled = sgd({ learningRate: 1, momentum: off, dampening: 0.25 });
  expect(scheduled.declaration.slots(scheduled.options)).toEqual(["buffer"]);
  expect(path(scheduled, [0], [[4], [8]])).toEqual([[-4], [-12]]);
});

test("sgd in Nesterov's form steps along g + μb", () => {
  const rule = sgd({ learningRate: 1, momentum: 0.5, nesterov: true });
  // b = 4: 4 + 2; b = 2 + 8: 8 + 5.
  expect(path(rule, [0], [[4], [8]])).toEqual([[-6], [-19]]);
});

test("sgd refuses nesterov without momentum or with dampening, by name", () => {
  const refusal = "sgd: nesterov needs momentum above 0 and dampening 0, got momentum";
  expect(() => sgd({ nesterov: true })).toThrow(new RangeError(`${refusal} 0 and dampening 0`));
  expect(() => sgd({ nesterov: true, momentum: 0.9, dampening: 0.1 })).toThrow(
    new RangeError(`${refusal} 0.9 and dampening 0.1`),
  );
});

test("adagrad's first accumulator is a number: a schedule is refused", () => {
  const falling = schedule((t) => 1 / (t + 1), { schedule: "falling" });
  // @ts-expect-error the type refuses it too
  expect(() => adagrad({ initialAccumulator: falling })).toThrow(
    new TypeError("adagrad: initialAccumulator must be a number in [0, ∞), got a function"),
  );
});

test("the normalised gradient moves by η in all, and not at all where the gradient is 0", () => {
  const rule = normalizedGradient({ learningRate: 10 });
  expectClose(path(rule, [0, 0], [[3, -4]])[0], [-6, 8]);
  expect(path(rule, [1, 2], [[0, 0]])).toEqual([[1, 2]]);
});

test("lion follows the sign of β₁m + (1 − β₁)g, and averages with β₂", () => {
  const rule = lion({ learningRate: 1, beta1: 0.5, beta2: 0.75 });
  // c = 2 and m = 1; then c = ½ − ¼ on the left and ½ − 1 on the right.
  expect(
    path(
      rule,
      [0, 0],
      [
        [4, 4],
        [-0.5, -2],
      ],
    ),
  ).toEqual([
    [-1, -1],
    [-2, 0],
  ]);
});

test("lion shrinks x by η·weightDecay besides", () => {
  expect(path(lion({ learningRate: 0.5, weightDecay: 0.5 }), [4], [[1]])).toEqual([[4 - 0.5 - 1]]);
});

test("a norm that is NaN leaves the padding at zero, so that what comes after it is right", () => {
  const optimizer = createOptimizer(
    chain(normalizedGradient({ learningRate: 0.1 }), projectBall({ radius: 1 })),
    [2, 2, 2],
  );
  optimizer.gradient.set([Number.NaN, 1, 1]);
  optimizer.step();
  optimizer.parameters.fill(2);
  optimizer.gradient.fill(1);
  optimizer.step();
  expect(Math.hypot(...optimizer.parameters)).toBeCloseTo(1, 12);
});
