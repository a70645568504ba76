import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.ts";
import { checkGradient } from "../../src/curvature/check-gradient.ts";
import { rosenbrock } from "../../src/objectives/landscapes.ts";
import { leastSquares } from "../../src/objectives/least-squares.ts";
import { logisticRegression } from "../../src/objectives/logistic.ts";
import { softmaxRegression } from "../../src/objectives/softmax.ts";
import type { UserProblem } from "../../src/objectives/user.ts";
import { normalRows, normals } from "../objectives/plain.ts";

const wrongSecond: UserProblem = {
  value: ([x, y]) => x * x + y * y,
  gradient([x, y], g) {
    g[0] = 2 * x;
    g[1] = y;
  },
};

describe("checkGradient", () => {
  it("names the component that is wrong, what it gives and what it should", () => {
    const { ok, worst, message, hessianVectorProduct } = checkGradient(wrongSecond, { at: [1, 2] });
    expect(ok).toBe(false);
    expect(worst.index).toBe(1);
    expect(worst.given).toBe(2);
    expect(worst.expected).toBeCloseTo(4, 9);
    expect(worst.error).toBeCloseTo(0.5, 9);
    expect(message).toMatch(/^gradient\[1\] is 2, but differences give (4|3\.99)/);
    expect(hessianVectorProduct).toBeUndefined();
  });

  it("finds an error of one part in 10⁵ but not with a tolerance above it", () => {
    const slightly: UserProblem = {
      value: ([x, y]) => Math.exp(x) * Math.sin(y),
      gradient([x, y], g) {
        g[0] = Math.exp(x) * Math.sin(y) * (1 + 1e-5);
        g[1] = Math.exp(x) * Math.cos(y);
      },
    };
    expect(checkGradient(slightly, { at: [0.3, 0.7] })).toMatchObject({ ok: false, worst: { index: 0 } });
    expect(checkGradient(slightly, { at: [0.3, 0.7], tolerance: 1e-4 }).ok).toBe(true);
  });

  it("finds a wrong Hessian–vector product beside a right gradient", () => {
    const problem: UserProblem = {
      value: ([x, y]) => x * x * y,
      gradient([x, y], g) {
        g[0] = 2 * x * y;
        g[1] = x * x;
      },
      hessianVectorProduct([x, y], v, product) {
        product[0] = 2 * y * v[0] + 2 * x * v[1];
        product[1] = x * v[0];
      },
    };
    const { ok, hessianVectorProduct } = checkGradient(problem, { at: [1.5, -0.5] });
    expect(ok).toBe(true);
    expect(hessianVectorProduct).toMatchObject({ ok: false, worst: { index: 1 } });
    expect(hessianVectorProduct?.message).toContain("hessianVectorProduct[1]");
  });

  it("raises no false alarm at a minimum, on steep, tiny, and far-off functions", () => {
    expect(checkGradient(rosenbrock, { at: [1, 1] }).message).toContain("agrees");
    for (const scale of [1e-20, 1, 1e12]) {
      for (const at of [
        [0.2, 3],
        [1e4, -1e-3],
        [0, 0],
      ]) {
        const problem: UserProblem = {
          value: ([x, y]) => scale * (Math.cos(x) + x * y + 3 * y * y),
          gradient([x, y], g) {
            g[0] = scale * (y - Math.sin(x));
            g[1] = scale * (x + 6 * y);
          },
        };
        const { ok, message } = checkGradient(problem, { at });
        expect(ok, `${scale} at ${at}: ${message}`).toBe(true);
      }
    }
  });

  it("confirms the compiled objectives", () => {
    const random = new Random(1);
    const rows = normalRows(random, 20, 3);
    const options = { l2: 0.1, intercept: true };
    const labels = rows.map((_, i) => i % 3);
    for (const objective of [
      leastSquares(rows, normals(random, 20), options),
      logisticRegression(
        rows,
        labels.map((c) => c > 0),
        options,
      ),
      softmaxRegression(rows, labels, options),
    ]) {
      const result = checkGradient(objective, { at: normals(random, objective.dimension), tolerance: 1e-8 });
      expect(result.ok, result.message).toBe(true);
      expect(result.hessianVectorProduct?.ok, result.hessianVectorProduct?.message).toBe(true);
    }
  });

  it("reports NaN in a gradient as the worst there is", () => {
    const problem: UserProblem = { value: ([x]) => x, gradient: (_, g) => void (g[0] = Number.NaN) };
    expect(checkGradient(problem, { at: [1] })).toMatchObject({
      ok: false,
      worst: { index: 0, error: Infinity },
    });
  });

  it.each([
    [() => checkGradient({ value: () => 0 }, { at: [1] }), "must have gradient or valueAndGradient"],
    [() => checkGradient(wrongSecond, { at: [] }), "at must not be empty"],
    [() => checkGradient(wrongSecond, { at: [1, Number.NaN] }), "at[1] must be finite"],
    [() => checkGradient(wrongSecond, { at: "x" as never }), "at must be an array"],
    [() => checkGradient(wrongSecond, undefined as never), "options must be an object"],
    [() => checkGradient(wrongSecond, { at: [1, 2], tolerance: 0 }), "tolerance must lie in (0, ∞), got 0"],
    [() => checkGradient(wrongSecond, { at: [1, 2], tol: 1 } as never), 'unknown option "tol"'],
    [() => checkGradient(rosenbrock, { at: [1] }), "at must have 2 entries, got 1"],
  ])("refuses bad input by name (%#)", (call, message) => {
    expect(call).toThrow(message);
  });
});
