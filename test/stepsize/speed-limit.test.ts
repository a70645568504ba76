import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import {
  adam,
  adamw,
  gradientDescent,
  lion,
  momentum,
  normalizedGradient,
  rmsprop,
  rules,
  sgd,
} from "../../src/rules/index.ts";
import type { AnyRuleFactory, Rule } from "../../src/rules/rule.ts";
import { observedRate, predictedSteps } from "../../src/stepsize/forecast.ts";
import { hasModes, isPreconditioned } from "../../src/stepsize/mode.ts";
import { curvatureLimit, modeRate, speedLimit } from "../../src/stepsize/speed-limit.ts";

/** |x| after `steps` of the rule's kernel on λx²/2 from x = 1. */
function distance(rule: Rule, lambda: number, steps: number): number {
  const optimizer = createOptimizer(rule, [1]);
  const { parameters: x, gradient: g } = optimizer;
  let largest = 0;
  for (let t = 0; t < steps && largest < 1e6; t++) {
    g[0] = lambda * x[0];
    optimizer.step();
    if (t >= steps - 50 || Math.abs(x[0]) > 1e6) largest = Math.max(largest, Math.abs(x[0]));
  }
  optimizer.dispose();
  return largest;
}

const close = (actual: number, expected: number) =>
  expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-10);

describe("the limit that is derived from the textbook", () => {
  // The closed forms are truths.md's row 1 (Cohen et al., arXiv 2207.14484).
  test("[speed-limit] of gradient descent is 2/λ, so that 5θ² gives 0.2", () => {
    close(speedLimit(gradientDescent(), { lambdaMax: 10 }), 0.2);
  });

  test("[momentum-limits] of heavy-ball momentum is (2+2β)/λ, of the averaging form (2+2β)/((1−β)λ), of Nesterov's (2+2β)/(λ(1+2β))", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (beta, lambdaMax) => {
          close(speedLimit(sgd({ momentum: beta }), { lambdaMax }), (2 + 2 * beta) / lambdaMax);
          close(speedLimit(momentum({ beta }), { lambdaMax }), (2 + 2 * beta) / ((1 - beta) * lambdaMax));
          close(
            speedLimit(sgd({ momentum: beta, nesterov: true }), { lambdaMax }),
            (2 + 2 * beta) / (lambdaMax * (1 + 2 * beta)),
          );
        },
      ),
      { numRuns: 40, seed: 1 },
    );
  });

  test("[speed-limit] of Adam on the preconditioned Hessian is 38/η at β₁ = 0.9", () => {
    close(curvatureLimit(adam({ learningRate: 0.01 })), 3800);
    close(curvatureLimit(adamw({ learningRate: 0.01, weightDecay: 0 })), 3800);
    close(curvatureLimit(rmsprop({ learningRate: 0.01 })), 200);
  });

  test("moves with a frozen preconditioner: dividing by 4 allows four times the rate", () => {
    close(speedLimit(adam(), { lambdaMax: 10, preconditioner: 4 }), (4 * 38) / 10);
  });

  test("counts an L2 penalty as curvature", () => {
    close(speedLimit(sgd({ weightDecay: 3 }), { lambdaMax: 10 }), 2 / 13);
  });

  test("is 0 where the curvature is negative or zero", () => {
    expect(speedLimit(gradientDescent(), { lambdaMax: -1 })).toBe(0);
    expect(speedLimit(gradientDescent(), { lambdaMax: 0 })).toBe(0);
  });

  const linear: Rule[] = [
    gradientDescent(),
    sgd({ momentum: 0.5 }),
    sgd({ momentum: 0.9, dampening: 0.3 }),
    sgd({ momentum: 0.9, nesterov: true }),
    sgd({ momentum: 0.8, weightDecay: 0.1 }),
    momentum({ beta: 0.9 }),
  ];
  test.each(linear.map((rule) => [rule.name, JSON.stringify(rule.options), rule] as const))(
    "[speed-limit] of %s %s is where its kernel turns from convergence to divergence",
    (_, __, rule) => {
      const lambdaMax = 7;
      const limit = speedLimit(rule, { lambdaMax });
      const at = (factor: number): Rule => ({
        ...rule,
        options: { ...rule.options, learningRate: factor * limit },
      });
      expect(distance(at(0.99), lambdaMax, 8000)).toBeLessThan(1e-6);
      expect(distance(at(1.01), lambdaMax, 8000)).toBeGreaterThan(1e3);
    },
  );

  test("covers every rule of the registry, and knows which are preconditioned", () => {
    for (const [name, make] of Object.entries(rules as Record<string, AnyRuleFactory>)) {
      if (!hasModes(make())) {
        expect(() => speedLimit(make(), { lambdaMax: 10 })).toThrow(`${name} has no limit of this kind`);
        continue;
      }
      const limit = speedLimit(make(), { lambdaMax: 10 });
      expect(limit, name).toBeGreaterThan(0);
      expect(limit, name).toBeLessThan(Infinity);
    }
    expect(isPreconditioned(sgd({ momentum: 0.9 }))).toBe(false);
    for (const rule of [adam(), lion(), normalizedGradient(), rmsprop()]) {
      expect(isPreconditioned(rule), rule.name).toBe(true);
    }
  });
});

test("a mode's rate is the factor that gradient descent has, and √β below the knee of heavy-ball momentum", () => {
  expect(modeRate(gradientDescent({ learningRate: 0.1 }), 4)).toBeCloseTo(0.6, 12);
  expect(modeRate(sgd({ learningRate: 0.1, momentum: 0.81 }), 4)).toBeCloseTo(0.9, 12);
});

test("bad input is refused by name", () => {
  expect(() => speedLimit(adam(), { lambdaMax: Number.NaN })).toThrow(/speedLimit: lambdaMax/);
  expect(() => speedLimit(adam(), { lambdaMax: 1, preconditioner: 0 })).toThrow(/preconditioner/);
  expect(() => speedLimit(adam(), { lambdaMax: 1, precondition: 1 } as never)).toThrow(
    /did you mean preconditioner/,
  );
  expect(() => speedLimit(null as never, { lambdaMax: 1 })).toThrow(
    /speedLimit: rule must be a rule .* got null/,
  );
  expect(() => speedLimit(adam as never, { lambdaMax: 1 })).toThrow(/got a function; call it/);
  expect(() => curvatureLimit({} as never)).toThrow(/curvatureLimit: rule must be a rule/);
  expect(() => modeRate(undefined as never, 1)).toThrow(/modeRate: rule must be a rule/);
  expect(() => predictedSteps({} as never)).toThrow(/predictedSteps: curvature\.lambdaMax must be a number/);
  expect(() => predictedSteps({ lambdaMax: 1, smallestPositive: 2 })).toThrow(/smallestPositive must lie in/);
  expect(() => predictedSteps(undefined as never)).toThrow(/curvature must be/);
  expect(() => observedRate([Number.NaN, 1])).toThrow(/norms\[0\] must be finite/);
  expect(() => observedRate([-1, -2])).toThrow(/norms\[0\] must lie in/);
  expect(() => observedRate(undefined as never)).toThrow(/norms must be an array/);
  expect(() => modeRate(adam(), Number.NaN)).toThrow(/modeRate: lambda/);
});
