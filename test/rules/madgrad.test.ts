import { describe, expect, test } from "vitest";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { madgrad } from "../../src/rules/index.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { modeRate, speedLimit } from "../../src/stepsize/speed-limit.ts";
import { expectAlike, normals, walk } from "./walk.ts";

const STEPS = 60;
const start = [1, -2, 0.5];
const gradients = normals(15, STEPS, [1, 1e-3, 50]);

describe("madgrad", () => {
  test.each([
    [0.9, 0, false],
    [0, 0, false],
    [0.5, 0.1, false],
    [0.5, 0.1, true],
  ])("with momentum %s and weight decay %s (decoupled: %s) is algorithm 1", (momentum, decay, decoupled) => {
    const [gamma, epsilon] = [0.02, 1e-4];
    const c = 1 - momentum;
    const loops = start.map((x0) => {
      let [x, s, v] = [x0, 0, 0];
      return (gradient: number, k: number) => {
        const g = gradient + (decoupled ? 0 : decay * x);
        const lambda = gamma * Math.sqrt(k + 1);
        s += lambda * g;
        v += lambda * (g * g);
        const z = x0 - s / (Math.cbrt(v) + epsilon);
        x = (1 - c) * x + c * z - (decoupled ? gamma * decay * x : 0);
        return x;
      };
    });
    const expected = gradients.map((gradient, k) => gradient.map((g, i) => loops[i](g, k)));
    const rule = madgrad({ learningRate: gamma, momentum, epsilon, weightDecay: decay, decoupled });
    expectAlike(walk(rule, start, gradients), expected, 1e-13);
  });

  test("first goes (1−μ)η^⅔ against the sign of the gradient, whose size to the power ⅓ it takes", () => {
    for (const g of [1e-9, 1, 8, 1e9]) {
      const [[x]] = walk(madgrad({ learningRate: 0.001, momentum: 0.5, epsilon: 0 }), [0], [[g]]);
      expect(x / -(0.5 * 0.01 * Math.cbrt(g))).toBeCloseTo(1, 13);
    }
  });

  test("has a limit on the Hessian over (∛v + ε)/√t, as momentum has on the Hessian", () => {
    const limit = speedLimit(madgrad({ momentum: 0.9 }), { lambdaMax: 2 });
    // x ← μx + (1−μ)(x₀ − S), S ← S + ηλx: the characteristic polynomial of heavy ball at the rate (1−μ)η.
    expect(limit).toBeCloseTo((2 + 2 * 0.9) / (0.1 * 2), 4);
    expect(modeRate(madgrad({ learningRate: 0.99 * limit, momentum: 0.9 }), 2)).toBeLessThan(1);
    expect(modeRate(madgrad({ learningRate: 1.01 * limit, momentum: 0.9 }), 2)).toBeGreaterThan(1);
  });

  test("starts from where the parameters are at the first step", () => {
    const run = (rule: Rule) => {
      const optimizer = createOptimizer(rule, [0]);
      optimizer.parameters[0] = 5;
      optimizer.gradient[0] = 1;
      optimizer.step();
      return optimizer.parameters[0];
    };
    expect(run(madgrad({ learningRate: 0.001, momentum: 0, epsilon: 0 }))).toBeCloseTo(5 - 0.01, 14);
  });
});
