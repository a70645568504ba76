import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { descend } from "../../src/descent/descend.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { perturbation } from "../../src/dynamics/perturbation.ts";
import { perturbedDescent } from "../../src/dynamics/perturbed-descent.ts";
import { saddleAt } from "../../src/dynamics/saddle.ts";
import {
  beale,
  doubleWell,
  leastSquares,
  quadratic,
  rosenbrock,
  saddle,
  type UserProblem,
  vectorField,
} from "../../src/objectives/index.ts";
import { adam, gradientDescent, lion, momentum, sgd } from "../../src/rules/index.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { escapeSteps } from "../../src/stepsize/escape.ts";
import { badNumbers, expectRefusal } from "../errors/bad-values.ts";

/** A symmetric matrix QDQᵀ with the given eigenvalues, Q a product of random reflections, and Q's columns. */
function withSpectrum(
  eigenvalues: readonly number[],
  seed: number,
): { matrix: number[][]; vectors: number[][] } {
  const n = eigenvalues.length;
  const random = new Random(seed);
  let q: number[][] = eigenvalues.map((_, i) => eigenvalues.map((__, j) => (i === j ? 1 : 0)));
  for (let k = 0; k < n; k++) {
    const v = Array.from({ length: n }, () => random.normal());
    const square = v.reduce((sum, x) => sum + x * x, 0);
    const along = q.map((row) => row.reduce((sum, x, j) => sum + x * v[j], 0));
    q = q.map((row, i) => row.map((x, j) => x - (2 * along[i] * v[j]) / square));
  }
  const matrix = q.map((row) =>
    q.map((other) => row.reduce((sum, x, k) => sum + x * eigenvalues[k] * other[k], 0)),
  );
  const symmetric = matrix.map((row, i) => row.map((x, j) => (x + matrix[j][i]) / 2));
  return { matrix: symmetric, vectors: eigenvalues.map((_, k) => q.map((row) => row[k])) };
}

/** The first step at which a run has come `radius` along a direction. */
function measuredSteps(
  matrix: number[][],
  rule: Rule,
  start: ArrayLike<number>,
  direction: readonly number[],
  radius: number,
): number {
  for (const { index, x } of descend(quadratic(matrix), { rule, start: Array.from(start), steps: 100_000 })) {
    const along = direction.reduce((sum, d, i) => sum + d * x[i], 0);
    if (Math.abs(along) >= radius) return index;
  }
  return Infinity;
}

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });

describe("the time of escape from a saddle", () => {
  test("[saddle] predicted and measured on quadratics agree within a step, over η, λ, distance and dimension", () => {
    fc.assert(
      fc.property(
        fc.array(between(0.1, 10), { minLength: 0, maxLength: 7 }),
        between(0.01, 5),
        between(-12, -1),
        between(0.02, 0.95),
        fc.integer({ min: 0, max: 1e6 }),
        (positive, lambda, exponent, share, seed) => {
          const { matrix, vectors } = withSpectrum([-lambda, ...positive], seed);
          const learningRate = (share * 2) / Math.max(1, ...positive);
          const distance = 10 ** exponent;
          const rule = gradientDescent({ learningRate });
          // The closed form, log(1/distance) / log(1 + η|λ|), rounded up; runs that take for ever are left out.
          const closed = Math.log(1 / distance) / Math.log1p(learningRate * lambda);
          if (closed > 3000) return;
          const found = saddleAt(quadratic(matrix), { at: matrix.map(() => 0), rule, distance });
          expect(found.isStrictSaddle).toBe(true);
          expect(Math.abs(found.lambdaMin / -lambda - 1)).toBeLessThan(1e-9);
          // The direction is the eigenvector, which is known here by its making.
          const cosine = vectors[0].reduce((sum, v, i) => sum + v * found.direction![i], 0);
          expect(Math.abs(cosine)).toBeGreaterThan(1 - 1e-9);
          // Off the saddle along it, and off along the stable directions too.
          const random = new Random(seed, 1);
          const start = found.direction!.map((d) => distance * d);
          vectors.slice(1).forEach((vector) => {
            const size = 0.1 * random.normal();
            vector.forEach((v, i) => {
              start[i] += size * v;
            });
          });
          const measured = measuredSteps(matrix, rule, start, vectors[0], 1);
          expect(Math.abs(measured - found.escapeSteps!)).toBeLessThanOrEqual(1);
          expect(Math.abs(found.escapeSteps! - Math.ceil(closed))).toBeLessThanOrEqual(
            closed % 1 < 1e-6 ? 1 : 0,
          );
        },
      ),
      { numRuns: 120, seed: 21 },
    );
  });

  test("[saddle] goes with the logarithm of 1/distance: a thousandth of it costs the same number of steps again and again", () => {
    const rule = gradientDescent({ learningRate: 0.05 });
    const steps = [3, 6, 9, 12].map((digits) =>
      escapeSteps(rule, { lambdaMin: -2, distance: 10 ** -digits }),
    );
    for (let i = 1; i < steps.length; i++) {
      expect(Math.abs(steps[i] - steps[i - 1] - Math.log(1000) / Math.log(1.1))).toBeLessThan(1);
    }
  });

  test("[saddle] is predicted for momentum too, which escapes sooner, and measured", () => {
    const { matrix, vectors } = withSpectrum([-0.5, 1, 2], 5);
    const start = vectors[0].map((v) => 1e-7 * v);
    const plain = escapeSteps(gradientDescent({ learningRate: 0.01 }), { lambdaMin: -0.5, distance: 1e-7 });
    for (const rule of [
      sgd({ learningRate: 0.01, momentum: 0.9 }),
      sgd({ learningRate: 0.01, momentum: 0.9, nesterov: true }),
      momentum({ learningRate: 0.1, beta: 0.9 }),
      sgd({ learningRate: 0.01, weightDecay: 0.1 }),
    ]) {
      const predicted = escapeSteps(rule, { lambdaMin: -0.5, distance: 1e-7 });
      expect(
        Math.abs(measuredSteps(matrix, rule, start, vectors[0], 1) - predicted),
        rule.name,
      ).toBeLessThanOrEqual(1);
      if (rule.options.momentum) expect(predicted).toBeLessThan(plain / 4);
    }
  });

  test("is 0 where the radius is reached already, and infinite where nothing leads away", () => {
    const rule = gradientDescent({ learningRate: 0.1 });
    expect(escapeSteps(rule, { lambdaMin: -1, distance: 2 })).toBe(0);
    expect(escapeSteps(rule, { lambdaMin: -1, distance: 0.5, radius: 0.25 })).toBe(0);
    expect(escapeSteps(rule, { lambdaMin: -1, distance: 0 })).toBe(Infinity);
    expect(escapeSteps(rule, { lambdaMin: 0, distance: 1e-3 })).toBe(Infinity);
    expect(escapeSteps(rule, { lambdaMin: 3, distance: 1e-3 })).toBe(Infinity);
    expect(escapeSteps(rule, { lambdaMin: -1, distance: 1e-3, learningRate: 0 })).toBe(Infinity);
    expect(escapeSteps(rule, { lambdaMin: -1e-12, distance: 1e-3 })).toBeGreaterThan(6.9e13);
    // A preconditioner of 4 is a quarter of the rate.
    expect(
      escapeSteps(adam({ learningRate: 0.4, beta1: 0 }), {
        lambdaMin: -1,
        distance: 1e-3,
        preconditioner: 4,
      }),
    ).toBe(73);
  });

  test("[errors] bad input is refused by name", () => {
    const rule = gradientDescent();
    const call = (options: object) => escapeSteps(rule, { lambdaMin: -1, distance: 0.1, ...options });
    for (const [option, contains] of Object.entries({
      lambdaMin: Number.isFinite,
      distance: (v: number) => v >= 0 && v < Infinity,
      radius: (v: number) => v > 0 && v < Infinity,
    })) {
      for (const [shown, value] of badNumbers(contains)) {
        expectRefusal(() => call({ [option]: value }), `escapeSteps: ${option} must`, `got ${shown}`);
      }
    }
    expectRefusal(() => call({ lambdamin: 1 }), "did you mean lambdaMin?");
    expectRefusal(() => call({ learningRate: -1 }), "escapeSteps: learningRate must lie in");
    expectRefusal(
      () => escapeSteps(3 as never, { lambdaMin: -1, distance: 1 }),
      "escapeSteps: rule must be a rule",
    );
    expectRefusal(() => escapeSteps(gradientDescent as never, { lambdaMin: -1, distance: 1 }), "call it");
    expect(escapeSteps(lion({ learningRate: 0.1 }), { lambdaMin: -1, distance: 1e-3 })).toBeGreaterThan(0);
  });
});

/** ½‖W₂W₁ − M‖² on flat weights (W₁ row by row, then W₂), n × n, with a target of the given singular values. */
function linearNetwork(singular: readonly number[]): UserProblem {
  const n = singular.length;
  const size = n * n;
  const residual = (w: ArrayLike<number>, i: number, j: number) => {
    let sum = i === j ? -singular[i] : 0;
    for (let k = 0; k < n; k++) sum += w[size + i * n + k] * w[k * n + j];
    return sum;
  };
  return {
    dimension: 2 * size,
    value(w) {
      let sum = 0;
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) sum += residual(w, i, j) ** 2;
      return sum / 2;
    },
    gradient(w, g) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const r = residual(w, i, j);
          for (let k = 0; k < n; k++) {
            g[k * n + j] += w[size + i * n + k] * r;
            g[size + i * n + k] += r * w[k * n + j];
          }
        }
      }
    },
  };
}

describe("a point as it is", () => {
  test("[saddle] strict saddles of general functions are told from minima, maxima and slopes", () => {
    expect(saddleAt(doubleWell, { at: [0] })).toMatchObject({
      isStrictSaddle: true,
      kind: "strict saddle",
      lambdaMin: -1,
    });
    expect(saddleAt(doubleWell, { at: [1] })).toMatchObject({
      isStrictSaddle: false,
      kind: "minimum",
      lambdaMin: 2,
    });
    expect(saddleAt(doubleWell, { at: [1] }).direction).toBeUndefined();
    expect(saddleAt(rosenbrock, { at: [1, 1] }).kind).toBe("minimum");
    expect(saddleAt(beale, { at: [3, 0.5] }).kind).toBe("minimum");
    // At (0, 1) of Beale's function all second derivatives are 0 but the mixed one, 2 Σ i·cᵢ = 27.75.
    const flat = saddleAt(beale, { at: [0, 1] });
    expect(flat.isStrictSaddle).toBe(true);
    expect(flat.lambdaMin).toBeCloseTo(-27.75, 8);
    const moving = saddleAt(rosenbrock, { at: [0, 2] });
    expect([moving.kind, moving.isStrictSaddle]).toEqual(["moving", false]);
    expect(moving.message).toMatch(
      /^No point of rest: the gradient's norm is .*; λmin = .* curves downwards\.$/,
    );
    expect(saddleAt(quadratic({ diagonal: [-1, -2] })).message).toMatch(
      /^A strict saddle: λmin = -2 ± .*falls\.$/,
    );
    expect(saddleAt(quadratic({ diagonal: [1, 0] })).message).toMatch(
      /^A point of rest whose kind the Hessian does not tell/,
    );
    expect(saddleAt(quadratic({ diagonal: [1, 2] })).message).toMatch(
      /^A minimum: λmin = 1 ± .* is positive\.$/,
    );
  });

  test("[saddle] an eigenvalue within its error of 0 makes no strict saddle: least squares with a repeated column", () => {
    const rows = Array.from({ length: 20 }, (_, i) => [Math.sin(i), Math.sin(i), Math.cos(3 * i)]);
    const problem = leastSquares(
      rows,
      rows.map((_, i) => i),
    );
    const { x } = minimize(problem, {});
    const found = saddleAt(problem, { at: x as Float64Array, gradientTolerance: 1e-8 });
    expect([found.kind, found.isStrictSaddle]).toEqual(["degenerate", false]);
    // From differences of values alone the Hessian is known to some 1e-5: −1e-9 is nothing, −1e-2 is something.
    const bent = (lambda: number): UserProblem => ({
      value: ([x, y]) => 1 + 0.5 * x * x + 0.5 * lambda * y * y,
    });
    expect(saddleAt(bent(-1e-9), { at: [0, 0] }).isStrictSaddle).toBe(false);
    expect(saddleAt(bent(-1e-2), { at: [0, 0] }).isStrictSaddle).toBe(true);
  });

  test("[saddle] the origin of a two-layer linear network is one, with λmin minus the largest singular value", () => {
    const found = saddleAt(linearNetwork([1, 2, 0.5]), { at: new Float64Array(18) });
    expect(found.isStrictSaddle).toBe(true);
    expect(found.lambdaMin).toBeCloseTo(-2, 6);
  });

  test("[saddle] the direction goes down the slope, is the same at every call, and comes from Lanczos in high dimensions", () => {
    // At (0, y) of the saddle ½(x² − y²) the gradient is (0, −y).
    for (const y of [0.3, -0.3]) {
      const { direction } = saddleAt(saddle, { at: [0, y] });
      expect(direction![1]).toBeCloseTo(Math.sign(y), 12);
    }
    const dimension = 600;
    const diagonal = Float64Array.from({ length: dimension }, (_, i) => (i === 377 ? -0.3 : 1 + (i % 7)));
    const first = saddleAt(quadratic({ diagonal }));
    expect(first.isStrictSaddle).toBe(true);
    expect(first.lambdaMin).toBeCloseTo(-0.3, 8);
    expect(first.direction![377]).toBeCloseTo(1, 8);
    expect(saddleAt(quadratic({ diagonal }))).toEqual(first);
    const plain = saddleAt(quadratic({ diagonal: diagonal.map(Math.abs) }));
    expect(plain.message).toMatch(/is positive, as far as Lanczos has looked\.$/);
    expect(saddleAt(quadratic({ diagonal }), { precision: "f32" }).isStrictSaddle).toBe(true);
  });

  test("[errors] bad input is refused by name", () => {
    const rule = gradientDescent();
    expectRefusal(() => saddleAt(saddle, { at: [1] }), "saddleAt: at must have 2 entries");
    expectRefusal(
      () => saddleAt(saddle, { gradientTolerance: -1 }),
      "saddleAt: gradientTolerance must lie in",
    );
    expectRefusal(() => saddleAt(saddle, { distance: 1 }), "saddleAt: distance needs a rule");
    expectRefusal(() => saddleAt(saddle, { radius: 1 }), "saddleAt: radius needs a rule");
    expectRefusal(() => saddleAt(saddle, { rule, distance: -1 }), "escapeSteps: distance must lie in");
    expectRefusal(() => saddleAt(saddle, { rule: 3 as never }), "saddleAt: rule must be a rule");
    expectRefusal(
      () => saddleAt(saddle, { rule: adam() }),
      "saddleAt: rule must not divide by what it measures, as adam does",
    );
    expectRefusal(() => saddleAt(saddle, { sede: 3 } as never), "did you mean seed?");
    expectRefusal(() => saddleAt(saddle, { seed: -1 }), "seed must be an integer");
    expectRefusal(() => saddleAt({ value: ([x]) => x }), "saddleAt: at is needed");
    expectRefusal(
      () => saddleAt({ value: () => Number.NaN }, { at: [1] }),
      "saddleAt: the gradient at this point is not finite",
    );
    expectRefusal(
      () => saddleAt(vectorField(1, () => {})),
      "saddleAt: a vector field is not the gradient of a function",
    );
  });
});

/** ½xᵀDx + ¼‖x‖⁴, D = diag(1, …, 1, −γ): a saddle at 0, minima of −γ²/4 at ±√γ along the last axis. */
const highSaddle = (dimension: number, gamma: number): UserProblem => ({
  dimension,
  value(x) {
    let [square, bent] = [0, 0];
    for (let i = 0; i < dimension; i++) {
      square += x[i] * x[i];
      bent += (i === dimension - 1 ? -gamma : 1) * x[i] * x[i];
    }
    return 0.5 * bent + 0.25 * square * square;
  },
  gradient(x, g) {
    let square = 0;
    for (let i = 0; i < dimension; i++) square += x[i] * x[i];
    for (let i = 0; i < dimension; i++) g[i] = ((i === dimension - 1 ? -gamma : 1) + square) * x[i];
  },
});

describe("perturbed descent", () => {
  const rule = gradientDescent({ learningRate: 0.2 });

  test.each(["f64", "f32"] as const)(
    "[saddle] leaves a saddle of 1,000 dimensions where gradient descent sits, in %s",
    (precision) => {
      const problem = highSaddle(1000, 0.5);
      const start = Float64Array.from({ length: 1000 }, (_, i) => (i === 999 ? 0 : 0.02 * Math.sin(i)));
      const plain = minimize(problem, { rule, start, precision, steps: 3000 });
      expect(Math.abs(plain.value)).toBeLessThan(1e-6);
      const options = { rule, start, precision, valueThreshold: 1e-5, gradientThreshold: 1e-3 };
      const left = perturbedDescent(problem, options);
      expect(left.reason).toBe("settled");
      expect(left.value).toBeCloseTo(-(0.5 ** 2) / 4, 4);
      expect(left.perturbedAt.length).toBe(2);
      expect(Math.abs(left.x[999])).toBeCloseTo(Math.sqrt(0.5), 2);
      expect(left.message).toMatch(
        /^Settled after \d+ steps and 2 perturbations: after the last one, of radius 0\.001, the value fell by less/,
      );
      expect(saddleAt(problem, { at: left.x, gradientTolerance: 1e-3 }).kind).toBe("minimum");
      // Seeded: the same bits again, and another side or time with another seed.
      expect(perturbedDescent(problem, options)).toEqual(left);
      expect(perturbedDescent(problem, { ...options, seed: 1 }).x).not.toEqual(left.x);
    },
  );

  test("[saddle] leaves the origin of a two-layer linear network, and the saddles between it and the minimum", () => {
    const network = linearNetwork([3, 2, 1]);
    const start = new Float64Array(18);
    const plain = minimize(network, { rule: gradientDescent({ learningRate: 0.05 }), start });
    // Gradient descent takes the origin for a minimum: ½(9 + 4 + 1).
    expect([plain.converged, plain.value, plain.steps]).toEqual([true, 7, 0]);
    const left = perturbedDescent(network, { rule: gradientDescent({ learningRate: 0.05 }), start });
    expect(left.reason).toBe("settled");
    expect(left.value).toBeLessThan(1e-6);
  });

  test("[saddle] draws its moves uniformly from the ball", () => {
    // With one perturbation and no step after it the move is seen as it was: the second of ‖x‖/r is uniform as s^d.
    const dimension = 3;
    const radius = 0.5;
    const shares: number[] = [];
    const mean = new Float64Array(dimension);
    const moves = 2000;
    for (let seed = 0; seed < moves; seed++) {
      let first: Float64Array | undefined;
      perturbedDescent(
        {
          value(x) {
            if (x.some((entry) => entry !== 0)) first ??= Float64Array.from(x);
            return 0;
          },
          gradient: () => {},
        },
        { rule, start: new Float64Array(dimension), radius, seed, steps: 1 },
      );
      const size = Math.hypot(...first!);
      shares.push((size / radius) ** dimension);
      first!.forEach((entry, i) => {
        mean[i] += entry / moves;
      });
    }
    // Kolmogorov and Smirnov: the largest gap to the uniform distribution exceeds 1.95/√n once in a thousand times.
    shares.sort((a, b) => a - b);
    const gap = Math.max(
      ...shares.map((share, i) => Math.max(Math.abs(share - i / moves), Math.abs((i + 1) / moves - share))),
    );
    expect(gap).toBeLessThan(1.95 / Math.sqrt(moves));
    expect(shares.at(-1)).toBeLessThanOrEqual(1);
    // An entry has variance r²/(d + 2).
    for (const entry of mean)
      expect(Math.abs(entry)).toBeLessThan((4 * radius) / Math.sqrt((dimension + 2) * moves));
  });

  test("works on named blocks, with momentum, and says when it stops, settles at once or diverges", () => {
    const blocks = {
      value: ({ u, v }: Record<"u" | "v", ArrayLike<number>>) => 0.5 * (u[0] * v[0] - 1) ** 2,
    };
    const named = perturbedDescent(blocks, {
      rule: sgd({ learningRate: 0.05, momentum: 0.5 }),
      start: { u: [0], v: [0] },
    });
    expect(named.x.u[0] * named.x.v[0]).toBeCloseTo(1, 3);
    const bowl = perturbedDescent(quadratic({ diagonal: [1, 2] }), { rule, start: [0, 0], waitingSteps: 3 });
    expect(bowl).toMatchObject({ reason: "settled", steps: 3, perturbedAt: [0], value: 0 });
    expect(Array.from(bowl.x)).toEqual([0, 0]);
    const few = perturbedDescent(rosenbrock, {
      rule: gradientDescent({ learningRate: 1e-3 }),
      start: [-1.2, 1],
      steps: 7,
    });
    expect(few).toMatchObject({ reason: "steps", steps: 7, perturbedAt: [] });
    expect(few.message).toMatch(/^Stopped after 7 steps and 0 perturbations: value .*; allow more steps\.$/);
    expect(few.evaluations).toBe(8);
    const wild = perturbedDescent(rosenbrock, {
      rule: gradientDescent({ learningRate: 1 }),
      start: [-1.2, 1],
    });
    expect(wild.reason).toBe("diverged");
    expect(wild.x.every(Number.isFinite)).toBe(true);
    expect(wild.message).toMatch(/^Diverged after \d+ steps/);
  });

  test("[saddle] has the paper's thresholds, in which it leaves a saddle with their guarantee", () => {
    const [l, rho, epsilon, d, gap, delta, c] = [2, 6, 0.05, 10, 0.1, 0.01, 0.5];
    const plan = perturbation({
      smoothness: l,
      hessianLipschitz: rho,
      accuracy: epsilon,
      dimension: d,
      gap,
      failure: delta,
      constant: c,
    });
    // Algorithm 2 of Jin et al. 2017, as printed.
    const chi = 3 * Math.max(Math.log((d * l * gap) / (c * epsilon ** 2 * delta)), 4);
    expect(plan.learningRate).toBeCloseTo(c / l, 12);
    expect(plan.radius).toBeCloseTo((Math.sqrt(c) / chi ** 2) * (epsilon / l), 12);
    expect(plan.gradientThreshold).toBeCloseTo((Math.sqrt(c) / chi ** 2) * epsilon, 12);
    expect(plan.valueThreshold).toBeCloseTo((c / chi ** 3) * Math.sqrt(epsilon ** 3 / rho), 12);
    expect(plan.waitingSteps).toBe(Math.ceil((chi / c ** 2) * (l / Math.sqrt(rho * epsilon))));
    const { learningRate, ...thresholds } = plan;
    const problem = highSaddle(d, 0.9);
    for (let seed = 0; seed < 20; seed++) {
      const { reason, value } = perturbedDescent(problem, {
        rule: gradientDescent({ learningRate }),
        start: new Float64Array(d),
        ...thresholds,
        seed,
      });
      expect([reason, Math.abs(value + 0.81 / 4) < 1e-4]).toEqual(["settled", true]);
    }
  });

  test("[errors] bad input is refused by name", () => {
    const call = (options: object) => perturbedDescent(saddle, { rule, start: [0, 0], ...options });
    for (const [option, contains] of Object.entries({
      radius: (v: number) => v > 0 && v < Infinity,
      gradientThreshold: (v: number) => v >= 0 && v < Infinity,
      valueThreshold: (v: number) => v >= 0 && v < Infinity,
      waitingSteps: (v: number) => Number.isSafeInteger(v) && v >= 1,
      steps: (v: number) => Number.isSafeInteger(v) && v >= 0,
      seed: (v: number) => Number.isSafeInteger(v) && v >= 0,
    })) {
      for (const [shown, value] of badNumbers(contains)) {
        expectRefusal(() => call({ [option]: value }), `perturbedDescent: ${option} must`, `got ${shown}`);
      }
    }
    expectRefusal(() => call({ rule: undefined }), "perturbedDescent: rule must be a rule");
    expectRefusal(() => call({ raduis: 1 }), "did you mean radius?");
    expectRefusal(() => call({ start: [1] }), "perturbedDescent: start must have 2 entries");
    expectRefusal(() => call({ precision: "f16" }), "perturbedDescent: precision must be");
    expectRefusal(
      () =>
        perturbedDescent(
          vectorField(1, () => {}),
          { rule, start: [1] },
        ),
      "perturbedDescent: a vector field is not the gradient",
    );
    const good = { smoothness: 1, hessianLipschitz: 1, accuracy: 0.1, dimension: 3, gap: 1 };
    for (const [option, contains] of Object.entries({
      smoothness: (v: number) => v > 0.4 && v < Infinity,
      hessianLipschitz: (v: number) => v > 0 && v <= 10,
      accuracy: (v: number) => v > 0 && v <= 1,
      dimension: (v: number) => Number.isSafeInteger(v) && v >= 1,
      gap: (v: number) => v > 0 && v < Infinity,
      failure: (v: number) => v > 0 && v < 1,
      constant: (v: number) => v > 0 && v <= 1,
    })) {
      for (const [, value] of badNumbers(contains)) {
        expectRefusal(() => perturbation({ ...good, [option]: value }), "perturbation: ", "must");
      }
    }
    expectRefusal(
      () => perturbation({ ...good, epsilon: 1 } as never),
      'perturbation: unknown option "epsilon"',
    );
    expectRefusal(() => perturbation(undefined as never), "perturbation: options must be an object");
  });
});
