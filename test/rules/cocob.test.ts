import { describe, expect, test } from "vitest";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { leastSquares } from "../../src/objectives/index.ts";
import { cocob } from "../../src/rules/index.ts";
import { expectAlike, normals, walk } from "./walk.ts";

const STEPS = 80;
const start = [1, -2, 0.5];
const scales = [1, 1e-6, 1e6];
const gradients = normals(16, STEPS, scales).map((gradient) => gradient.map((g, i) => g + 0.5 * scales[i]));

describe("cocob", () => {
  test.each([100, 2])("with α = %s is algorithm 2 of the paper", (alpha) => {
    const loops = start.map((w1) => {
      let [w, L, G, reward, theta] = [w1, 0, 0, 0, 0];
      return (gradient: number) => {
        const g = -gradient;
        L = Math.max(L, Math.abs(g));
        G += Math.abs(g);
        reward = Math.max(reward + (w - w1) * g, 0);
        theta += g;
        w = w1 + (theta / (L * Math.max(G + L, alpha * L))) * (L + reward);
        return w;
      };
    });
    const expected = gradients.map((gradient) => gradient.map((g, i) => loops[i](g)));
    expectAlike(walk(cocob({ alpha }), start, gradients), expected, 1e-12);
  });

  test("first bets 1/α, whatever the gradient's size, and takes a part of a step where it is told to", () => {
    for (const g of [1e-200, 1, -1e200]) {
      expect(walk(cocob(), [3], [[g]])[0][0]).toBeCloseTo(3 - Math.sign(g) / 100, 14);
      expect(walk(cocob({ alpha: 4, learningRate: 0.5 }), [3], [[g]])[0][0]).toBe(3 - Math.sign(g) / 8);
    }
  });

  test("wins faster and faster along a slope: what was won goes into the next bet", () => {
    const slope = Array.from({ length: 600 }, () => [-1]);
    const path = walk(cocob(), [0], slope).flat();
    // w = t(1 + R)/100, with R the sum of all w before: 0.01, 0.02 · 1.01, 0.03 · 1.0302.
    [0.01, 0.0202, 0.030906].forEach((w, t) => {
      expect(path[t]).toBeCloseTo(w, 14);
    });
    const gained = (t: number) => path[t] - path[t - 1];
    expect(gained(500)).toBeGreaterThan(20 * gained(2));
  });

  test("does not mind what the gradients of a parameter are multiplied by", () => {
    const scaled = gradients.map((gradient) => gradient.map((g, i) => [1024, 2 ** -40, -(2 ** 60)][i] * g));
    const [plain, other] = [walk(cocob(), start, gradients), walk(cocob(), start, scaled)];
    plain.forEach((x, t) => {
      expect([other[t][0], other[t][1]]).toEqual([x[0], x[1]]);
      // Turned round, the third goes the other way from where it began.
    });
    expect(other[0][2] - start[2]).toBe(-(plain[0][2] - start[2]));
  });

  test("goes the same way in f32 for gradients whose squares are too large or too small to be held", () => {
    const run = (scale: number) =>
      walk(
        cocob(),
        [1],
        gradients.map(([g]) => [Math.fround(g) * scale]),
        undefined,
        "f32",
      );
    const usual = run(1);
    expect(run(2 ** 90)).toEqual(usual);
    expect(run(2 ** -90)).toEqual(usual);
  });

  test("fits without a rate, and stays where it is at a factor of 0", () => {
    const rows = Array.from({ length: 30 }, (_, i) => [i % 7, (i * i) % 5]);
    const targets = rows.map(([a, b]) => 3 + 2 * a - b);
    const problem = leastSquares(rows, targets, { intercept: true });
    const { x } = minimize(problem, { rule: cocob(), steps: 5000 });
    [2, -1, 3].forEach((weight, i) => {
      expect(x[i]).toBeCloseTo(weight, 2);
    });
    const optimizer = createOptimizer(cocob({ learningRate: (t) => (t < 3 ? 1 : 0) }), [1]);
    for (let t = 0; t < 6; t++) {
      optimizer.gradient[0] = 1;
      optimizer.step();
      if (t === 2) optimizer.parameters.set([7]);
    }
    expect(optimizer.parameters[0]).toBe(7);
  });
});
