// The benchmark's peers are only worth comparing with if they compute the same.
import { describe, expect, test } from "vitest";
import { plainBlur, plainDeblurring, plainSeparableBlur } from "../bench/plain-blur.mjs";
import { plainEscapes, plainEscapesPolar } from "../bench/plain-escapes.mjs";
import { plainLoops } from "../bench/plain-loops.mjs";
import {
  plainDescent,
  plainLeastSquares,
  plainLogistic,
  plainPowerIteration,
  plainSoftmax,
} from "../bench/plain-objectives.mjs";
import { plainSweep } from "../bench/plain-sweeps.mjs";
import {
  bifurcation,
  blur,
  createOptimizer,
  cubicValley,
  deblurring,
  descend,
  escapeStatistics,
  gradientDescent,
  leastSquares,
  logisticRegression,
  optimizerMap,
  powerIteration,
  Random,
  ruleNames,
  rules,
  softmaxRegression,
  twoValleys,
} from "../src/index.ts";
import type { AnyRuleFactory } from "../src/rules/rule.ts";

const storage = { f64: Float64Array, f32: Float32Array } as const;
const tolerance = { f64: 1e-12, f32: 1e-5 } as const;

/** The largest difference, relative to the largest number. */
function relativeError(values: ArrayLike<number>, expected: ArrayLike<number>): number {
  const size = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...Array.from(expected, (value, i) => Math.abs(value - values[i]))) / size;
}

for (const precision of ["f64", "f32"] as const) {
  const normals = (length: number, seed: number) => {
    const random = new Random(seed);
    return new storage[precision](length).map(() => random.normal());
  };

  describe(precision, () => {
    for (const name of ruleNames) {
      test(`the benchmark's plain loop for ${name} takes the same steps`, () => {
        const plain = plainLoops[name];
        if (!plain) throw new Error(`bench/plain-loops/ has no loop for ${name}`);
        const rule = (rules[name] as AnyRuleFactory)(plain.options);
        const shape = [3, 5] as const;
        const start = normals(15, 1);
        const x = start.slice();
        const g = normals(15, 2);
        const step = plain.loop(x, g, rule.options, shape);
        const optimizer = createOptimizer(rule, { w: { shape, values: start } }, { precision });
        // A diagonal Hessian, of which every probe tells the diagonal.
        const multiply = (v: ArrayLike<number>, product: Float64Array | Float32Array) =>
          product.set(Array.from(v, (entry, i) => (i + 1) * entry));
        for (let i = 0; i < 50; i++) {
          const gradient = normals(15, 100 + i);
          const value = 1 + 1 / (i + 1);
          g.set(gradient);
          optimizer.gradient.w.set(gradient);
          step({ value, hessianVectorProduct: multiply });
          optimizer.step({ value, hessianVectorProduct: (v, product) => multiply(v.w, product.w) });
        }
        const error = relativeError(optimizer.parameters.w, x);
        const moved = relativeError(start, x);
        optimizer.dispose();
        expect(error).toBeLessThan(tolerance[precision]);
        expect(moved).toBeGreaterThan(1e-3);
      });
    }

    // 13 rows are no multiple of four, 5 columns no whole registers.
    const rows = 13;
    const columns = 5;
    const features = normals(rows * columns, 3);
    const labels = Array.from({ length: rows }, (_, i) => i % 3);
    const twoLabels = labels.map((label) => Math.min(label, 1));
    const options = { columns, l2: 0.1 };
    const images = { width: 19, height: 17 } as const;
    const observed = normals(images.width * images.height, 7);
    const gaussian = { ...images, boundary: "reflecting" } as const;
    const gaussianBlur = blur({ kind: "gaussian", sigma: 1.2 }, gaussian);
    const motion = { ...images, boundary: "periodic" } as const;
    const motionBlur = blur({ kind: "motion", length: 5, angle: 30 }, motion);
    for (const [name, problem, plain] of [
      [
        "least squares",
        leastSquares(features, labels, options),
        plainLeastSquares(features, labels, columns, 0.1),
      ],
      [
        "logistic regression",
        logisticRegression(features, twoLabels, options),
        plainLogistic(features, twoLabels, columns, 0.1),
      ],
      [
        "softmax regression",
        softmaxRegression(features, labels, options),
        plainSoftmax(features, labels, columns, 0.1),
      ],
      [
        "deblurring of a separable kernel",
        deblurring(gaussianBlur, observed),
        plainDeblurring(plainSeparableBlur(gaussianBlur.kernel, gaussian, storage[precision]), observed),
      ],
      [
        "deblurring of any kernel",
        deblurring(motionBlur, observed),
        plainDeblurring(plainBlur(motionBlur.kernel, motion, storage[precision]), observed),
      ],
    ] as const) {
      test(`the benchmark's plain ${name} descends along the same path`, () => {
        const start = normals(problem.dimension, 4);
        const x = start.slice();
        const peer = plainDescent(plain.valueAndGradient, x, 0.1);
        const rule = gradientDescent({ learningRate: 0.1 });
        for (const step of descend(problem, { rule, start, precision, steps: 20 })) {
          if (step.index > 0) peer.step();
          const { value, gradientNorm } = peer.state;
          if (step.index > 0)
            expect(relativeError([step.gradientNorm], [gradientNorm])).toBeLessThan(tolerance[precision]);
          expect(relativeError([step.value], [value])).toBeLessThan(tolerance[precision]);
          expect(relativeError(step.x, x)).toBeLessThan(tolerance[precision]);
        }
      });
    }

    test.each([1, 4, 7, 8])(
      "the benchmark's plain sweeps of %i lanes at a time settle where ours do",
      (width) => {
        const rates = new storage[precision](width).map((_, i) => 1.3 + 0.07 * i);
        const map = optimizerMap(gradientDescent(), cubicValley);
        const { values } = bifurcation(map, { rates, starts: 0.3, burnIn: 400, keep: 3, precision });
        for (const form of ["descent", "expanded"] as const) {
          const plain = new storage[precision](3 * width);
          plainSweep(width, form)(rates, 0.3, 400, 3, plain);
          expect(Math.max(...plain.map((x, i) => Math.abs(x - values[i])))).toBeLessThan(
            tolerance[precision],
          );
          // The first eight rates settle at 0: from a start of 0.3 not at once.
          plainSweep(width, form)(rates, 0.3, 0, 3, plain);
          const { values: first } = bifurcation(map, { rates, starts: 0.3, burnIn: 0, keep: 3, precision });
          expect(relativeError(plain, first)).toBeLessThan(tolerance[precision]);
          expect(Math.abs(plain[0])).toBeGreaterThan(0.01);
        }
      },
    );

    test("the benchmark's plain escapes have the same first passages, with other random numbers the same mean", () => {
      const landscape = twoValleys({ curvatures: [10, 1], passCurvature: 4 });
      const [left, right] = landscape.valleys;
      const options = { learningRates: 0.02, noise: 7, runs: 300, steps: 5001, seed: 4, precision };
      const [{ firstPassages, meanSteps, standardError }] = escapeStatistics(landscape, options);
      const problem = {
        ...{ left, right, mu: landscape.passCurvature, rate: 0.02, deviation: 7 },
        ...{ start: left.at, target: 0.9 * right.at },
      };
      const passages = new Int32Array(300);
      plainEscapes(problem, 5001, 4, precision === "f32", passages);
      expect(passages).toEqual(firstPassages);
      plainEscapesPolar(problem, 5001, 4, passages);
      const mean = passages.reduce((sum, step) => sum + (step > 0 ? step : 5001), 0) / 300;
      expect(Math.abs(mean - meanSteps)).toBeLessThan(4 * standardError);
    });

    test("the benchmark's plain Hessian–vector products have the same largest eigenvalue", () => {
      const at = normals(columns, 5);
      const problem = logisticRegression(features, twoLabels, options);
      const peer = plainLogistic(features, twoLabels, columns, 0.1);
      peer.linearize(at);
      const vector = normals(columns, 6);
      const length = Math.hypot(...vector);
      const lambda = plainPowerIteration(
        peer.product,
        vector.map((entry) => entry / length),
        20,
      );
      const found = powerIteration(problem, {
        at,
        precision,
        steps: 20,
        tolerance: Number.MIN_VALUE,
        seed: 6,
      });
      expect(relativeError([found.lambda], [lambda])).toBeLessThan(tolerance[precision]);
    });
  });
}
