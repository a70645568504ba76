import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { applyScaling, parseCsv, type Scale, scaling } from "../../src/data/index.ts";
import { type Linearization, linearizationError } from "../../src/dynamics/linearization.ts";
import {
  beale,
  doubleWell,
  leastSquares,
  logisticRegression,
  quadratic,
  rosenbrock,
  saddle,
  softmaxRegression,
  vectorField,
} from "../../src/objectives/index.ts";
import { expectRefusal } from "../errors/bad-values.ts";

function load(file: string, target: string, task: "regression" | "classification", scale: Scale) {
  const data = parseCsv(readFileSync(new URL(file, import.meta.url), "utf8"), { target, task });
  return {
    features: applyScaling(scaling(data, scale), data.features),
    targets: data.targets,
    options: { columns: data.columns.length, intercept: true, l2: 0.001 },
  };
}

const breastCancer = () =>
  load("../../examples/data/breast-cancer.csv", "benign", "classification", "standard");
const digits = () => load("../data/digits.csv", "digit", "classification", { divide: 16 });

/** A start away from zero, where nothing is special. */
const normals = (length: number, seed: number, size = 1) => {
  const random = new Random(seed);
  return Float64Array.from({ length }, () => size * random.normal());
};

/** What the mission asks for: 2.00 ± 0.02, and the coefficient ½gᵀHg. */
function expectSecondOrder(found: Linearization, coefficient = found.predictedCoefficient): void {
  expect(found.reason).toBe("measured");
  expect(Math.abs(found.slope - 2)).toBeLessThan(0.02);
  expect(found.standardError).toBeLessThan(0.01);
  expect(Math.abs(found.coefficient / coefficient - 1)).toBeLessThan(2e-3);
  expect(found.learningRates.length).toBeGreaterThanOrEqual(4);
}

describe("the error of the linear prediction of one step", () => {
  test("[linearization] goes like ½η²gᵀHg on quadratics of every shape", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 12 }),
        fc.double({ min: -6, max: 6, noNaN: true }),
        fc.integer({ min: 0, max: 1e6 }),
        (exponents, size, seed) => {
          const diagonal = exponents.map((e, i) => (i % 3 === 2 ? -1 : 1) * 10 ** e);
          const at = normals(diagonal.length, seed, 10 ** size);
          // Sums that nearly cancel have little curvature along the gradient: they are another test's.
          const terms = diagonal.map((d, i) => 0.5 * d ** 3 * at[i] ** 2);
          const exact = terms.reduce((sum, term) => sum + term, 0);
          if (Math.abs(exact) < 0.01 * terms.reduce((sum, term) => sum + Math.abs(term), 0)) return;
          expectSecondOrder(linearizationError(quadratic({ diagonal }), { at }), exact);
        },
      ),
      { numRuns: 150, seed: 2 },
    );
  });

  test("[linearization] of logistic regression on the breast-cancer data", () => {
    const { features, targets, options } = breastCancer();
    const problem = logisticRegression(features, targets, options);
    for (const at of [undefined, normals(31, 1, 0.1), normals(31, 2)]) {
      expectSecondOrder(linearizationError(problem, at ? { at } : {}));
    }
  });

  test("[linearization] of softmax regression on the digits", () => {
    const { features, targets, options } = digits();
    const problem = softmaxRegression(features, targets, options);
    for (const at of [undefined, normals(650, 3, 0.1)]) {
      expectSecondOrder(linearizationError(problem, at ? { at } : {}));
    }
  });

  test("[linearization] of least squares on the raw diabetes data, κ = 5.2e7", () => {
    const { features, targets, options } = load("../data/diabetes.csv", "progression", "regression", "none");
    expectSecondOrder(linearizationError(leastSquares(features, targets, options)));
  });

  test("[linearization] of Rosenbrock's valley all over it, with the coefficient from its Hessian", () => {
    const coordinate = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(coordinate, coordinate, (x, y) => {
        const b = y - x * x;
        const g = [-2 * (1 - x) - 400 * x * b, 200 * b];
        const h = [2 - 400 * (y - 3 * x * x), -400 * x, 200];
        const terms = [h[0] * g[0] * g[0], 2 * h[1] * g[0] * g[1], h[2] * g[1] * g[1]];
        const exact = 0.5 * (terms[0] + terms[1] + terms[2]);
        const size = terms.reduce((sum, term) => sum + Math.abs(term), 0);
        if (Math.abs(exact) < 0.01 * size || g[0] ** 2 + g[1] ** 2 < 1e-4) return;
        expectSecondOrder(linearizationError(rosenbrock, { at: [x, y] }), exact);
      }),
      { numRuns: 150, seed: 4 },
    );
  });

  test("[linearization] of functions of one's own: without a gradient, on blocks, negative along it", () => {
    expectSecondOrder(linearizationError({ value: rosenbrock.value }, { at: [-1.2, 1] }));
    expectSecondOrder(linearizationError(beale, { at: beale.start }));
    // x⁴/4 − x²/2 at 0.3: f′ = −0.273, f″ = −0.73.
    expectSecondOrder(linearizationError(doubleWell, { at: [0.3] }), 0.5 * 0.273 ** 2 * -0.73);
    expect(linearizationError(doubleWell, { at: [0.3] }).errors[0]).toBeLessThan(0);
    const blocks = {
      value: ({ u, v }: Record<"u" | "v", ArrayLike<number>>) => Math.exp(u[0]) + Math.exp(u[1] - v[0]),
    };
    // g = (e^u₀, e^(u₁−v), −e^(u₁−v)), Hg = (e^2u₀, 2e^2(u₁−v), −2e^2(u₁−v)).
    const exact = 0.5 * (Math.exp(1.5) + 4 * Math.exp(3 * 0.2));
    expectSecondOrder(linearizationError(blocks, { at: { u: [0.5, 1], v: [0.8] } }), exact);
  });

  test("[linearization] is exact where the function is linear, or a quadratic does not curve along its gradient", () => {
    for (const found of [
      linearizationError({ value: ([x, y]) => 3 * x - y + 7 }, { at: [1, 2] }),
      linearizationError(quadratic({ diagonal: [0, 0, 0] }, [1, -2, 3]), { at: [5, 6, 7] }),
      // The gradient (1, −1) of ½(x² − y²) lies along an asymptote.
      linearizationError(saddle, { at: [1, 1] }),
      linearizationError(saddle, { at: [0.1, 0.1], learningRates: [1, 0.1, 0.01] }),
    ]) {
      expect(found.reason).toBe("exact");
      expect(found.slope).toBeNaN();
      expect(found.coefficient).toBeNaN();
      expect(Math.abs(found.predictedCoefficient)).toBeLessThan(1e-6);
      expect(found.message).toMatch(/^The prediction is exact within rounding/);
    }
  });

  test("[linearization] has no answer where the gradient is 0, and says so", () => {
    const found = linearizationError(quadratic({ diagonal: [1, 2] }), { at: [0, 0] });
    expect([found.reason, found.learningRates.length, found.gradientNorm]).toEqual(["stationary", 0, 0]);
    expect(found.message).toMatch(/^The gradient is 0 here/);
  });

  test("is of third order where nothing curves along the gradient, and of first where the gradient is wrong", () => {
    // x + x³ at 0: f″ = 0, f‴ = 6. The double well at its inflection √⅓.
    for (const found of [
      linearizationError({ value: ([x]) => x + x * x * x }, { at: [0] }),
      linearizationError(doubleWell, { at: [Math.sqrt(1 / 3)] }),
    ]) {
      expect(found.reason).toBe("flat");
      expect(Math.abs(found.slope - 3)).toBeLessThan(0.02);
      expect(found.message).toMatch(/nothing next to what is of higher order/);
    }
    const wrong = linearizationError(
      {
        value: ([x, y]) => x * x + y * y + x * x * x,
        gradient([x, y], g) {
          g[0] = 2 * x; // + 3x²
          g[1] = 2 * y;
        },
      },
      { at: [1, 0.3] },
    );
    expect(wrong.reason).toBe("gradient");
    expect(Math.abs(wrong.slope - 1)).toBeLessThan(0.02);
    expect(wrong.message).toMatch(/see checkGradient/);
  });

  test("is rough where values jump between neighbouring points, and knows the rounding of single precision", () => {
    const word = new Uint32Array(2);
    const number = new Float64Array(word.buffer);
    const found = linearizationError(
      {
        value([x]) {
          number[0] = x;
          return x * x + 0.01 * (Math.imul(word[0] ^ word[1], 2654435761) / 2 ** 31);
        },
        gradient([x], g) {
          g[0] = 2 * x;
        },
      },
      { at: [1] },
    );
    expect(found.reason).toBe("rough");
    expect(found.noise).toBeGreaterThan(1e-3);
    expect(found.noise).toBeLessThan(1e-1);
    expect(found.message).toMatch(/^No stretch of rates has a slope: .*too noisy/);
    const bits = new Float32Array(1);
    const noisy = linearizationError(
      {
        value([x]) {
          bits[0] = x * x * x * x;
          return bits[0];
        },
        gradient([x], g) {
          g[0] = 4 * x * x * x;
        },
      },
      { at: [1.37], learningRates: [0.002, 0.001, 0.0005] },
    );
    expect(noisy.noise).toBeGreaterThan(1e-8);
    expect(noisy.noise).toBeLessThan(1e-6);
    expect(Math.abs(noisy.slope - 2)).toBeLessThan(0.1);
  });

  test("is measured at the rates that are asked for, largest first", () => {
    const found = linearizationError(quadratic({ diagonal: [2] }), {
      at: [3],
      learningRates: [0.1, 0.4, 0.2],
    });
    expect(Array.from(found.learningRates)).toEqual([0.4, 0.2, 0.1]);
    // (x − ηg)² − (x² − ηg²) = η²g² with g = 6.
    found.errors.forEach((error, i) => {
      expect(error).toBeCloseTo(36 * found.learningRates[i] ** 2, 12);
    });
    expect(found.slope).toBeCloseTo(2, 12);
    expect(found.gradientNorm).toBe(6);
    expect(linearizationError(rosenbrock, { at: [-1.2, 1], learningRates: [1, 2, 3] }).slope).toBeGreaterThan(
      2.5,
    );
  });

  test("has a coefficient as long as it is a number, however large or small f is", () => {
    for (const scale of [1e-100, 1e-60, 1e60, 1e100]) {
      const { coefficient, predictedCoefficient, slope } = linearizationError(
        {
          value: ([x]) => scale * x * x,
          gradient([x], g) {
            g[0] = 2 * scale * x;
          },
        },
        { at: [1] },
      );
      expect(slope).toBeCloseTo(2, 4);
      expect(predictedCoefficient / scale / scale / scale).toBeCloseTo(4, 6);
      expect(coefficient / predictedCoefficient).toBeCloseTo(1, 4);
    }
  });

  test("[errors] bad input is refused by name", () => {
    const call = (options: object) => linearizationError(rosenbrock, { at: [0, 0], ...options });
    for (const value of [null, 3, "0.1", {}, new Map(), true]) {
      expectRefusal(
        () => call({ learningRates: value }),
        "linearizationError: learningRates must be an array",
      );
    }
    expectRefusal(() => call({ learningRates: [] }), "learningRates must not be empty");
    expectRefusal(
      () => call({ learningRates: [1, 0] }),
      "linearizationError: learningRates[1] must lie in (0, ∞), got 0",
    );
    expectRefusal(() => call({ learningRates: [0.1, 0.1] }), "at least two different rates");
    expectRefusal(() => call({ rates: [1] }), 'linearizationError: unknown option "rates"');
    expectRefusal(() => call({ at: [1] }), "linearizationError: at must have 2 entries");
    expectRefusal(() => linearizationError({ value: ([x]) => x }), "linearizationError: at is needed");
    const field = vectorField(1, () => {});
    expectRefusal(() => linearizationError(field), "a vector field is not the gradient of a function");
    expectRefusal(() => linearizationError(3 as never), "linearizationError: problem must be");
    expectRefusal(
      () => linearizationError({ value: () => Number.NaN }, { at: [1] }),
      "value or gradient at this point is not finite",
    );
  });
});
