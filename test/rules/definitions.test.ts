import fc from "fast-check";
import { expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import {
  adagrad,
  adam,
  adamax,
  adamw,
  amsgrad,
  lion,
  momentum,
  nadam,
  nadamw,
  normalizedGradient,
  rmsprop,
  sgd,
  signDescent,
} from "../../src/rules/index.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { schedule } from "../../src/schedules/schedule.ts";
import { chain, projectBall } from "../../src/wrappers/index.ts";
import { expectClose, path, steady, walk } from "./paths.ts";

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

test("[sign] so it is for AdamW, AdaMax and AMSGrad, the last as long as no gradient is smaller than one before", () => {
  const options = { learningRate: 0.3, beta1: 0, beta2: 0, epsilon: 0.125 };
  const gradients = [
    [0.1, -7],
    [-0.3, 1e3],
    [5, -1e9],
  ];
  const rules = [adamw({ ...options, weightDecay: 0 }), adamax(options), amsgrad(options)];
  for (const rule of rules) {
    let x = [1, -2];
    path(rule, x, gradients).forEach((visited, k) => {
      x = x.map((value, i) => value - (0.3 * gradients[k][i]) / (Math.abs(gradients[k][i]) + 0.125));
      expect(visited, rule.name).toEqual(x);
    });
  }
  // AMSGrad remembers the larger one: after 4 a gradient of 1 moves by a quarter.
  expect(path(amsgrad({ ...options, learningRate: 1, epsilon: 0 }), [0], [[4], [1]])).toEqual([
    [-1],
    [-1.25],
  ]);
});

test("[sign] so it is for NAdam, which multiplies by 1/(|g| + ε)", () => {
  const options = { learningRate: 0.3, beta1: 0, beta2: 0, epsilon: 0.125 };
  const gradients = [
    [0.1, -7],
    [3, 2],
    [-1e-6, 1e9],
  ];
  for (const rule of [nadam(options), nadamw({ ...options, weightDecay: 0 })]) {
    let x = [1, -2];
    path(rule, x, gradients).forEach((visited, k) => {
      x = x.map((value, i) => value - 0.3 * gradients[k][i] * (1 / (Math.abs(gradients[k][i]) + 0.125)));
      expect(visited, rule.name).toEqual(x);
    });
  }
});

test("[bias-correction] the first steps have size η at every scale of the gradient, and without it (1 − β₁ᵗ)/√(1 − β₂ᵗ) of that", () => {
  for (const gradient of [1e-6, 1e-3, 1, 1e3]) {
    // ε = 1e-8 takes a hundredth of the step at |g| = 1e-6.
    const share = gradient / (gradient + 1e-8);
    const options = { learningRate: 0.01, weightDecay: 0 };
    for (const make of [adam, adamw, amsgrad]) {
      expectClose(
        steady(make(options), gradient),
        walk(() => 0.01 * share),
      );
      // 3.16η, 4.25η, 4.95η … : for the defaults √v is even further from its end than m.
      expectClose(
        steady(make({ ...options, epsilon: 0, biasCorrection: false }), gradient),
        walk((t) => (0.01 * (1 - 0.9 ** t)) / Math.sqrt(1 - 0.999 ** t)),
      );
    }
  }
});

test("[bias-correction] on noise too: none of the first ten steps is longer than 1.1η with it, all have one of 3η without", () => {
  const random = new Random(11);
  const gradients = Array.from({ length: 10 }, () => Array.from({ length: 500 }, () => random.normal()));
  const start = gradients[0].map(() => 0);
  const longest = (rule: Rule) => {
    const visited = [start, ...path(rule, start, gradients)];
    const most = start.map(() => 0);
    for (let k = 1; k < visited.length; k++) {
      most.forEach((size, i) => {
        most[i] = Math.max(size, Math.abs(visited[k][i] - visited[k - 1][i]));
      });
    }
    return most;
  };
  const options = { learningRate: 1, epsilon: 0 };
  for (const size of longest(adam(options))) expect(size).toBeLessThan(1.1);
  const uncorrected = longest(adam({ ...options, biasCorrection: false }));
  for (const size of uncorrected) expect(size).toBeGreaterThan(3);
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
