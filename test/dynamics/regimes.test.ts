import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { descend } from "../../src/descent/descend.ts";
import { observedRegime, regime } from "../../src/dynamics/regimes.ts";
import { quadratic } from "../../src/objectives/index.ts";
import { gradientDescent } from "../../src/rules/index.ts";

/** Positions of gradient descent on λx²/2 from x = 1, run in the core. */
function run(learningRate: number, lambda: number, steps = 40): number[] {
  const positions: number[] = [];
  const problem = quadratic({ diagonal: [lambda] });
  for (const { x } of descend(problem, { rule: gradientDescent({ learningRate }), start: [1], steps })) {
    positions.push(x[0]);
  }
  return positions;
}

describe("regimes", () => {
  test.each([
    [0.3, "monotone"],
    [1, "one-step"],
    [1.5, "oscillating"],
    [2, "two-cycle"],
    [2.1, "divergent"],
  ] as const)("[regimes] ηλ = %s is %s, predicted and observed", (product, expected) => {
    for (const lambda of [0.5, 1, 4]) {
      expect(regime(product / lambda, lambda)).toBe(expected);
      expect(observedRegime(run(product / lambda, lambda))).toBe(expected);
    }
  });

  test("[regimes] prediction and observation agree for all rates and curvatures", () => {
    const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(positive, fc.double({ min: 1e-6, max: 3, noNaN: true }), (lambda, product) => {
        const learningRate = product / lambda;
        expect(observedRegime(run(learningRate, lambda))).toBe(regime(learningRate, lambda));
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  test("a mode that curves downwards escapes, and a rate of 0 is stationary", () => {
    expect(regime(0.1, -2)).toBe("escaping");
    expect(observedRegime([1, 1.2, 1.44])).toBe("escaping");
    expect(regime(0, 5)).toBe("stationary");
    expect(observedRegime([1, 1, 1])).toBe("stationary");
  });

  test("bad input is refused by name", () => {
    expect(() => regime(Number.NaN, 1)).toThrow(/regime: learningRate/);
    expect(() => regime(1, "2" as never)).toThrow(/regime: lambda must be a number/);
    expect(() => observedRegime([1])).toThrow(/at least 2/);
    expect(() => observedRegime([0, 1])).toThrow(/positions\[0\]/);
    expect(() => observedRegime([1, Number.NaN])).toThrow(/positions\[1\]/);
  });
});
