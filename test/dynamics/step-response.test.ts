import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Random } from "../../src/core/random.ts";
import { stepResponse, wakingStep } from "../../src/dynamics/step-response.ts";
import { updateVariance } from "../../src/dynamics/update-variance.ts";
import {
  adam,
  amsgrad,
  gradientDescent,
  momentum,
  normalizedGradient,
  rmsprop,
  signDescent,
} from "../../src/rules/index.ts";
import { chain, clipByValue } from "../../src/wrappers/index.ts";

/** Steps of 1 until every moment has settled, then silence, then a gradient. */
const history = (settled: number, asleep: number, before: number, after: number) =>
  Float64Array.from({ length: settled + asleep + 1 }, (_, t) =>
    t < settled ? before : t < settled + asleep ? 0 : after,
  );

describe("[dormant] a parameter that wakes", () => {
  const SETTLED = 2000;
  const options = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, learningRate: 1 };

  test("takes the step that β₁, β₂ and T predict, under Adam and AMSGrad", () => {
    fc.assert(
      fc.property(
        fc.nat(2000),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.double({ min: -10, max: 10, noNaN: true }),
        fc.boolean(),
        (asleep, before, after, isAmsgrad) => {
          const rule = (isAmsgrad ? amsgrad : adam)(options);
          const steps = stepResponse(rule, history(SETTLED, asleep, before, after));
          const predicted = wakingStep({ ...options, asleep, before, after, amsgrad: isAmsgrad });
          // What the corrections still are after 2000 steps: 0.99²⁰⁰⁰ = 2e-9.
          expect(Math.abs(steps[steps.length - 1] - predicted)).toBeLessThan(
            1e-6 * Math.max(1, Math.abs(predicted)),
          );
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  test("steps by 3.16 η at the defaults after a long sleep, where it went by η before", () => {
    const asleep = 20_000;
    const measured = stepResponse(adam({ learningRate: 1 }), history(20_000, asleep, 1, 1));
    // (1 − β₁)/√(1 − β₂)
    expect(measured[measured.length - 1]).toBeCloseTo(Math.sqrt(10), 4);
    expect(measured[19_999]).toBeCloseTo(1, 6);
    expect(wakingStep({ asleep, learningRate: 1 })).toBeCloseTo(measured[measured.length - 1], 6);
  });

  test("is tamed by AMSGrad, and by clipping a gradient that is large", () => {
    const last = (rule: Parameters<typeof stepResponse>[0], asleep: number, after: number) =>
      stepResponse(rule, history(SETTLED, asleep, 1, after)).at(-1)!;
    const plain = adam(options);
    // (1 − β₁)/√(1 − β₂) = 1 and 1 − β₁ = 0.1.
    expect(last(plain, 1000, 1)).toBeCloseTo(1, 2);
    expect(last(amsgrad(options), 1000, 1)).toBeCloseTo(0.1, 6);
    // After 300 steps v still remembers a part: a gradient of 100 drowns it, one that is clipped to 1 does not.
    expect(last(plain, 300, 100)).toBeCloseTo(1, 2);
    expect(last(chain(clipByValue({ value: 1 }), plain), 300, 100)).toBeLessThan(0.42);
  });
});

describe("[variance] updates where the gradient's noise depends on the position", () => {
  const positions = [0, 0.5, 1, 2, 4, 8];
  const noisy = {
    positions,
    gradient: (x: number, random: { normal(): number }) => (1 + x * x) * random.normal(),
  };

  test("raw steps vary as the gradient does", () => {
    const { variances, spread } = updateVariance({ rule: gradientDescent({ learningRate: 0.1 }), ...noisy });
    variances.forEach((variance, i) => {
      // The variance of 4000 normal numbers is known to 2.2% (one standard error).
      expect(variance / (0.1 * (1 + positions[i] ** 2)) ** 2).toBeCloseTo(1, 0.9);
    });
    expect(spread).toBeGreaterThan(0.9 * 65 ** 2);
  });

  test("steps over the root of the second moment vary alike everywhere, by the rate's square", () => {
    for (const rule of [
      rmsprop({ learningRate: 0.1, decay: 0.999 }),
      adam({ learningRate: 0.1, beta1: 0, beta2: 0.999 }),
    ]) {
      const { variances, spread } = updateVariance({ rule, ...noisy, warmUp: 5000 });
      expect(spread).toBeLessThan(1.2);
      for (const variance of variances) expect(variance / 0.01).toBeCloseTo(1, 0.9);
    }
    // Signs vary by η², wherever.
    const { spread } = updateVariance({ rule: signDescent({ learningRate: 0.1 }), ...noisy });
    expect(spread).toBeLessThan(1.01);
  });

  test("spreads by nothing where all vary alike, be it beyond every number", () => {
    const rule = gradientDescent({ learningRate: 1 });
    const gradient = (_: number, random: Random) => 1e200 * random.normal();
    expect(updateVariance({ rule, positions: [0, 1], gradient }).spread).toBe(1);
  });

  test("is the same in every run of a seed, and another with another", () => {
    const run = (seed: number) => updateVariance({ rule: momentum(), ...noisy, steps: 100, seed }).variances;
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });

  test("bad input is refused by name", () => {
    const good = { rule: adam(), ...noisy };
    const refused = (change: object, message: string | RegExp) =>
      expect(() => updateVariance({ ...good, ...change } as never)).toThrow(message);
    refused(
      { rule: normalizedGradient() },
      /rule must step each parameter by itself; normalizedGradient lets/,
    );
    refused({ rule: adam }, /rule must be a rule/);
    refused({ gradient: 3 }, "updateVariance: gradient must be a function of a position and a Random, got 3");
    refused({ gradient: () => Number.NaN }, "updateVariance: gradient must be finite, got NaN at position 0");
    refused({ gradient: () => "1" }, /gradient must return a number, got "1"/);
    refused({ positions: [Infinity] }, /positions\[0\] must be finite/);
    refused({ steps: 1 }, /updateVariance: steps/);
    refused({ seed: -1 }, /seed/);
    refused({ warmup: 3 }, /unknown option "warmup"; did you mean warmUp/);
  });
});

test("the response of momentum to a pulse dies away by β, in both precisions", () => {
  for (const precision of ["f64", "f32"] as const) {
    const steps = stepResponse(momentum({ learningRate: 1, beta: 0.5 }), [1, 0, 0, 0], { precision });
    expect(Array.from(steps)).toEqual([0.5, 0.25, 0.125, 0.0625]);
  }
});

test("bad input to responses is refused by name", () => {
  expect(() => stepResponse(adam(), [Number.NaN])).toThrow(/stepResponse: gradients\[0\] must be finite/);
  expect(() => stepResponse(adam(), 3 as never)).toThrow(/stepResponse: gradients must be an array/);
  expect(() => stepResponse(adam(), [1], { start: Infinity })).toThrow(/stepResponse: start/);
  expect(() => stepResponse(adam as never, [1])).toThrow(/rule must be a rule/);
  expect(() => wakingStep({} as never)).toThrow(/wakingStep: asleep must be a number/);
  expect(() => wakingStep({ asleep: 1.5 })).toThrow(/wakingStep: asleep/);
  expect(() => wakingStep({ asleep: 1, beta2: 1 })).toThrow("wakingStep: beta2 must lie in [0, 1), got 1");
  expect(() => wakingStep({ asleep: 1, after: Number.NaN })).toThrow(/wakingStep: after/);
  expect(() => wakingStep({ asleep: 1, beta: 0.9 } as never)).toThrow(
    /unknown option "beta"; did you mean beta1/,
  );
  expect(() => wakingStep({ asleep: 1, amsgrad: "yes" as never })).toThrow(
    'wakingStep: amsgrad must be true or false, got "yes"',
  );
});

test("[dormant] the step on waking does not depend on the gradients' unit, however far from 1 it is", () => {
  for (const asleep of [0, 30, 1e9]) {
    const one = { asleep, before: 1, after: 0.5, learningRate: 1, epsilon: 0 };
    for (const amsgrad of [false, true]) {
      for (const unit of [1e-300, 1e-200, 1e200, 1e300]) {
        const scaled = wakingStep({ ...one, amsgrad, before: unit, after: 0.5 * unit });
        expect(scaled).toBeCloseTo(wakingStep({ ...one, amsgrad }), 12);
      }
    }
  }
  expect(wakingStep({ asleep: 3, before: 0, after: 0 })).toBe(0);
});
