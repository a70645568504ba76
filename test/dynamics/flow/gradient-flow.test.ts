import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { descend } from "../../../src/descent/descend.ts";
import {
  errorWeights,
  nodes,
  STAGES,
  shapes,
  shapesAt,
  weights,
} from "../../../src/dynamics/flow/dormand-prince.ts";
import { explicitEuler } from "../../../src/dynamics/flow/explicit-euler.ts";
import { gradientFlow } from "../../../src/dynamics/flow/gradient-flow.ts";
import { type IntegrateOptions, integrate } from "../../../src/dynamics/flow/integrate.ts";
import type { Field } from "../../../src/dynamics/flow/right-hand-side.ts";
import {
  doubleWell,
  leastSquares,
  logisticRegression,
  quadratic,
  rosenbrock,
  softmaxRegression,
  type UserProblem,
} from "../../../src/objectives/index.ts";
import { gradientDescent } from "../../../src/rules/index.ts";
import { badNumbers, expectRefusal, noNumbers } from "../../errors/bad-values.ts";

const precisions = ["f64", "f32"] as const;

/** e^A v by scaling and squaring of the Taylor series, in plain loops: nothing of the library's. */
function exponential(a: readonly (readonly number[])[], v: readonly number[]): number[] {
  const n = a.length;
  const multiply = (x: number[][], y: readonly (readonly number[])[]) =>
    x.map((row) => row.map((_, j) => row.reduce((sum, entry, k) => sum + entry * y[k][j], 0)));
  const halvings = 20;
  const small = a.map((row) => row.map((entry) => entry / 2 ** halvings));
  const identity = (): number[][] => a.map((_, i) => a.map((__, j) => (i === j ? 1 : 0)));
  let sum = identity();
  let term = identity();
  for (let k = 1; k <= 12; k++) {
    term = multiply(term, small).map((row) => row.map((entry) => entry / k));
    sum = sum.map((row, i) => row.map((entry, j) => entry + term[i][j]));
  }
  for (let k = 0; k < halvings; k++) sum = multiply(sum, sum);
  return Array.from({ length: n }, (_, i) => sum[i].reduce((total, entry, j) => total + entry * v[j], 0));
}

const linear =
  (a: readonly (readonly number[])[]): Field =>
  (x, out) => {
    for (const [i, row] of a.entries()) out[i] = row.reduce((sum, entry, j) => sum + entry * x[j], 0);
  };

const decay: Field = ([x], out) => {
  out[0] = -x;
};

const worst = (actual: ArrayLike<number>, expected: ArrayLike<number>) =>
  Math.max(...Array.from(expected, (value, i) => Math.abs(value - actual[i])));

/** The slope of log|y| over log x, least squares. */
function slope(x: readonly number[], y: readonly number[]): number {
  const [u, v] = [x.map(Math.log), y.map(Math.log)];
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [mu, mv] = [mean(u), mean(v)];
  const above = u.reduce((sum, value, i) => sum + (value - mu) * (v[i] - mv), 0);
  return above / u.reduce((sum, value) => sum + (value - mu) ** 2, 0);
}

describe("the pair of Dormand and Prince", () => {
  // Butcher's order conditions: Σ bᵢ φᵢ = 1/γ for every tree of at most five nodes.
  const c = nodes;
  const a = (i: number, j: number) => weights[i][j] ?? 0;
  const over = (f: (i: number) => number) => Array.from({ length: STAGES }, (_, i) => f(i));
  const inner = (f: readonly number[]) => over((i) => f.reduce((sum, value, j) => sum + a(i, j) * value, 0));
  const power = (k: number) => over((i) => c[i] ** k);
  const times = (x: readonly number[], y: readonly number[]) => x.map((value, i) => value * y[i]);
  const trees: readonly [density: number, order: number, phi: readonly number[]][] = [
    [1, 1, power(0)],
    [2, 2, power(1)],
    [3, 3, power(2)],
    [6, 3, inner(power(1))],
    [4, 4, power(3)],
    [8, 4, times(power(1), inner(power(1)))],
    [12, 4, inner(power(2))],
    [24, 4, inner(inner(power(1)))],
    [5, 5, power(4)],
    [10, 5, times(power(2), inner(power(1)))],
    [20, 5, times(inner(power(1)), inner(power(1)))],
    [15, 5, times(power(1), inner(power(2)))],
    [30, 5, times(power(1), inner(inner(power(1))))],
    [20, 5, inner(power(3))],
    [40, 5, inner(times(power(1), inner(power(1))))],
    [60, 5, inner(inner(power(2)))],
    [120, 5, inner(inner(inner(power(1))))],
  ];
  const along = (b: readonly number[], phi: readonly number[]) =>
    phi.reduce((sum, value, i) => sum + (b[i] ?? 0) * value, 0);

  test("[euler] meets every order condition: its step up to order 5, its error estimate up to 4, its continuous extension up to 4", () => {
    for (let i = 1; i < STAGES; i++) expect(along(weights[i], power(0))).toBeCloseTo(c[i], 14);
    const step = weights[STAGES - 1];
    const lower = errorWeights.map((e, i) => (step[i] ?? 0) - e);
    for (const [density, order, phi] of trees) {
      expect(along(step, phi)).toBeCloseTo(1 / density, 13);
      if (order <= 4) expect(along(lower, phi)).toBeCloseTo(1 / density, 13);
      for (const theta of [0, 0.1, 0.37, 0.5, 0.9, 1]) {
        const at = shapesAt(theta);
        const b = over((k) => shapes.reduce((sum, shape, j) => sum + at[j] * shape[k], 0));
        if (order <= 4) expect(along(b, phi)).toBeCloseTo(theta ** order / density, 12);
      }
    }
    // Of order 5 the estimate must not be, or it would estimate nothing.
    expect(
      trees.some(([density, order, phi]) => order === 5 && Math.abs(along(lower, phi) - 1 / density) > 1e-4),
    ).toBe(true);
  });
});

describe("integrate", () => {
  const a = [
    [-1, 3, 0.2],
    [-3, -0.5, 1],
    [0.4, -0.3, -2],
  ];
  const start = [1, -0.5, 2];

  test("[euler] follows linear systems to their matrix exponential, and its error to the tolerance", () => {
    const exact = exponential(a, start);
    const errors = [1e-4, 1e-6, 1e-8, 1e-10].map((tolerance) =>
      worst(integrate(linear(a), { start, time: 1, tolerance }).x, exact),
    );
    errors.forEach((error, i) => {
      expect(error).toBeLessThan(20 * 10 ** (-4 - 2 * i));
    });
    // A hundredth of the tolerance is about a hundredth of the error.
    for (let i = 1; i < errors.length; i++) expect(errors[i - 1] / errors[i]).toBeGreaterThan(10);
    expect(
      worst(integrate(linear(a), { start, time: 1, tolerance: 1e-4, precision: "f32" }).x, exact),
    ).toBeLessThan(1e-3);
  });

  test("[euler] follows the logistic equation along its closed form, in between steps too", () => {
    const logistic: Field = ([x], out) => {
      out[0] = x * (1 - x);
    };
    const exact = (t: number) => 0.01 / (0.01 + 0.99 * Math.exp(-t));
    const times = Array.from({ length: 101 }, (_, i) => i / 5);
    const flow = integrate(logistic, { start: [0.01], time: 20, times, dense: true });
    expect(Array.from(flow.times)).toEqual(times);
    times.forEach((t, i) => {
      expect(Math.abs(flow.points[i][0] - exact(t))).toBeLessThan(1e-7);
      expect(Math.abs(flow.at!(t)[0] - flow.points[i][0])).toBeLessThan(1e-14);
    });
    expect(flow.steps).toBeLessThan(times.length);
    expect(flow.evaluations).toBe(2 + 6 * (flow.steps + flow.rejected));
  });

  test("[euler] is of order 5, of order 4 between its steps, and explicit Euler of order 1", () => {
    const field: Field = ([x, y], out, t) => {
      out[0] = y + 0.1 * x * Math.cos(t);
      out[1] = -Math.sin(x) - 0.2 * y + 0.3 * Math.sin(2 * t);
    };
    const start = [0.5, 0.2];
    const reference = integrate(field, { start, time: 2, tolerance: 1e-13 }).x;
    const steps = [20, 28, 40, 56, 80];
    const sizes = steps.map((count) => 2 / count);
    const fixed = sizes.map((timeStep) => worst(integrate(field, { start, time: 2, timeStep }).x, reference));
    expect(slope(sizes, fixed)).toBeGreaterThan(4.9);
    expect(slope(sizes, fixed)).toBeLessThan(5.3);
    const euler = [200, 400, 800, 1600].map((count) =>
      worst(explicitEuler(field, { start, timeStep: 2 / count, steps: count }).x, reference),
    );
    expect(
      Math.abs(
        slope(
          [200, 400, 800, 1600].map((count) => 2 / count),
          euler,
        ) - 1,
      ),
    ).toBeLessThan(0.02);
    // Within one step from exact values: the error of the extension is one order above that of its accuracy.
    const within = sizes.map((timeStep) => {
      const exact = integrate(field, {
        start,
        time: timeStep / 2,
        tolerance: 1e-14,
        absoluteTolerance: 1e-15,
      }).x;
      return worst(
        integrate(field, { start, time: timeStep, timeStep, dense: true }).at!(timeStep / 2),
        exact,
      );
    });
    expect(slope(sizes, within)).toBeGreaterThan(4.8);
    expect(slope(sizes, within)).toBeLessThan(5.3);
  });

  test("[euler] a fixed step takes as many steps as fit, the last one shorter, and f at each time that it should", () => {
    const seen: number[] = [];
    const clock: Field = (_, out, t) => {
      seen.push(t);
      out[0] = 2 * t;
    };
    const flow = integrate(clock, { start: [0], time: 1, timeStep: 0.3 });
    expect(flow.steps).toBe(4);
    expect(flow.x[0]).toBeCloseTo(1, 14);
    expect(Array.from(flow.times)).toEqual([0, 0.3, 0.6, expect.closeTo(0.9, 12), 1]);
    expect(seen.slice(0, 7)).toEqual([
      0,
      ...[0.2, 0.3, 0.8, 8 / 9, 1, 1].map((c) => expect.closeTo(0.3 * c, 14)),
    ]);
    const halves = { start: [1], time: 1, timeStep: 1 / 3, times: [0, 0.5, 1] };
    expect(integrate(decay, halves).times).toEqual(Float64Array.of(0, 0.5, 1));
  });

  test("[euler] counts the steps that it takes back, and finds its step again after a jump", () => {
    const jump: Field = (_, out, t) => {
      out[0] = t < 1 ? 1 : -300;
    };
    const flow = integrate(jump, { start: [0], time: 2 });
    expect(flow.rejected).toBeGreaterThan(3);
    expect(flow.reason).toBe("time");
    expect(Math.abs(flow.x[0] - (1 - 300))).toBeLessThan(1e-4);
  });

  test("[euler] says when a solution leaves every bound in finite time", () => {
    // x' = x² from 1 is 1/(1 − t).
    const square: Field = ([x], out) => {
      out[0] = x * x;
    };
    const flow = integrate(square, { start: [1], time: 2 });
    expect(flow.reason).toBe("step size");
    expect(flow.time).toBeCloseTo(1, 6);
    expect(flow.message).toMatch(
      /^Stopped at t = 1 after \d+ steps: steps there would be smaller than the rounding/,
    );
    const fixed = integrate(square, { start: [1], time: 20, timeStep: 0.5 });
    expect(fixed.reason).toBe("diverged");
    expect(fixed.message).toMatch(/take a smaller timeStep/);
    expect(fixed.x.every(Number.isFinite)).toBe(true);
    const nowhere = integrate((_, out) => out.fill(Number.NaN), { start: [1], time: 1 });
    expect([nowhere.reason, nowhere.steps]).toEqual(["diverged", 0]);
    expect(nowhere.message).toMatch(/nothing to follow/);
  });

  test("[euler] notices that a system is stiff, and about how stiff", () => {
    const lambda = 2000;
    const stiff: Field = ([x], out, t) => {
      out[0] = -lambda * (x - Math.cos(t)) - Math.sin(t);
    };
    const flow = integrate(stiff, { start: [2], time: 5, tolerance: 1e-6, times: [] });
    expect(flow.reason).toBe("time");
    expect(flow.stiff?.lambda).toBeGreaterThan(0.8 * lambda);
    expect(flow.stiff?.lambda).toBeLessThan(1.2 * lambda);
    expect(flow.message).toMatch(/It is stiff: from t = .* decays like exp\(−(1,|2,)\d+t\)/);
    // As long as |1 + z + …| ≤ 1 allows on the negative axis, 3.3/λ, and hardly longer or shorter.
    expect(flow.steps).toBeGreaterThan((5 * lambda) / 3.4);
    expect(flow.steps).toBeLessThan((5 * lambda) / 2.6);
    expect(
      integrate(
        linear([
          [0, 9],
          [-9, 0],
        ]),
        { start: [1, 0], time: 100, times: [] },
      ).stiff,
    ).toBeUndefined();
  });

  test("[euler] stops at rest where it is asked to, and never where it is not", () => {
    const flow = integrate(decay, { start: [1], restTolerance: 1e-6 });
    expect(flow.reason).toBe("rest");
    expect(flow.speed).toBeLessThanOrEqual(1e-6);
    expect(flow.time).toBeGreaterThan(Math.log(1e6) - 0.01);
    expect(flow.message).toMatch(/^Came to rest at t = .*: the speed .* is within 1e-6\.$/);
    // A slope that is 0 at the start only.
    const later: Field = (_, out, t) => {
      out[0] = t;
    };
    expect(integrate(later, { start: [0], time: 2 }).x[0]).toBeCloseTo(2, 12);
    expect(integrate(decay, { start: [1], time: 1e9, steps: 10 }).reason).toBe("steps");
    expect(integrate(decay, { start: [1], time: 1e9, steps: 0 }).message).toMatch(/allow more steps/);
  });

  test("its continuous extension is exact at both ends of each step, and refuses times outside", () => {
    const flow = integrate(linear(a), { start, time: 3, dense: true });
    flow.times.forEach((t, i) => {
      expect(worst(flow.at!(t), flow.points[i])).toBeLessThan(1e-13);
    });
    for (const outside of [-0.1, 3.1, Number.NaN]) {
      expect(() => flow.at!(outside)).toThrow(RangeError);
      expect(() => flow.at!(outside)).toThrow(/flow\.at: time must lie in \[0, 3\]/);
    }
    expect(() => flow.at!("1" as never)).toThrow(TypeError);
    expect(integrate(linear(a), { start, time: 3 }).at).toBeUndefined();
    // Where no step was taken there is one point.
    expect(integrate(decay, { start: [4], time: 1, steps: 0, dense: true }).at!(0)).toEqual(
      Float64Array.of(4),
    );
  });

  test("what a field throws passes through, and what it returns instead of writing is refused", () => {
    const mine = new Error("mine");
    const throwing: Field = () => {
      throw mine;
    };
    expect(() => integrate(throwing, { start: [1], time: 1 })).toThrow(mine);
    expect(() => integrate(([x]: Iterable<number>) => -x, { start: [1], time: 1 })).toThrow(
      "integrate: field must take two arguments and write into the second, but it takes one only",
    );
    const returning = ((x: ArrayLike<number>, _out: unknown) => [x[0]]) as never;
    expect(() => integrate(returning, { start: [1], time: 1 })).toThrow(
      "integrate: field must write into its second argument, but it returned an array of 1",
    );
    const promised = (async () => {}) as never;
    expect(() => integrate(promised, { start: [1], time: 1 })).toThrow(/must be synchronous/);
  });
});

/** A flow's problems of each kind, in dimensions around a register's. */
function problems(dimension: number) {
  const rows = Array.from({ length: 23 }, (_, i) =>
    Array.from({ length: dimension }, (_, j) => Math.fround(Math.sin(3 * i + 7 * j + 1))),
  );
  const start = Array.from({ length: dimension }, (_, j) => Math.fround(Math.cos(5 * j)));
  return [
    ["a diagonal quadratic", quadratic({ diagonal: rows[0].map((x) => 1 + x * x) }), start],
    [
      "a dense quadratic",
      quadratic(rows[0].map((_, i) => rows[0].map((_, j) => (i === j ? 2 : 0.1)))),
      start,
    ],
    [
      "logistic regression",
      logisticRegression(
        rows,
        rows.map(([x], i) => x + 0.1 * Math.sin(i * i) > 0),
        { l2: 0.01 },
      ),
      start,
    ],
    [
      "softmax regression",
      softmaxRegression(
        rows,
        rows.map((_, i) => i % 3),
      ),
      new Array(3 * dimension).fill(0.25),
    ],
    [
      "least squares",
      leastSquares(
        rows,
        rows.map((_, i) => i % 5),
      ),
      start,
    ],
  ] as const;
}

describe.each(precisions)("explicit Euler in %s", (precision) => {
  test.each([1, 2, 3, 4, 5, 8, 9])(
    "[euler] is gradient descent bit for bit, with %s features",
    (dimension) => {
      for (const [name, problem, start] of problems(dimension)) {
        const learningRate = Math.fround(0.3);
        const steps = 40;
        const euler = explicitEuler(problem, { start, timeStep: learningRate, steps, precision });
        const rule = gradientDescent({ learningRate });
        for (const { index, x, value } of descend(problem, { rule, start, precision, steps })) {
          expect(euler.points[index], name).toEqual(x);
          expect(euler.values[index], name).toBe(value);
          expect(Object.is(euler.times[index], index * learningRate)).toBe(true);
        }
        expect(euler.points.length).toBe(steps + 1);
      }
    },
  );

  test("[euler] is so for functions of one's own, on named blocks too, and where it diverges", () => {
    const options = { timeStep: 0.002, steps: 50, precision };
    const euler = explicitEuler(rosenbrock, { start: [-1.2, 1], ...options });
    const rule = gradientDescent({ learningRate: 0.002 });
    for (const { index, x } of descend(rosenbrock, { rule, start: [-1.2, 1], precision, steps: 50 })) {
      expect(euler.points[index]).toEqual(x);
    }
    const blocks = {
      value: ({ u, v }: Record<"u" | "v", ArrayLike<number>>) => 0.5 * (u[0] * v[0] - 1) ** 2,
      gradient(
        { u, v }: Record<"u" | "v", ArrayLike<number>>,
        g: Record<"u" | "v", Float64Array | Float32Array>,
      ) {
        g.u[0] = (u[0] * v[0] - 1) * v[0];
        g.v[0] = (u[0] * v[0] - 1) * u[0];
      },
    };
    const named = explicitEuler(blocks, { start: { u: [2], v: [0.1] }, ...options });
    for (const { index, x } of descend(blocks, { rule, start: { u: [2], v: [0.1] }, precision, steps: 50 })) {
      expect(Array.from(named.points[index])).toEqual([x.u[0], x.v[0]]);
    }
    const wild = explicitEuler(rosenbrock, { start: [-1.2, 1], timeStep: 1, steps: 50, precision });
    expect(wild.diverged).toBe(true);
    expect(wild.steps).toBeLessThan(50);
    expect(wild.message).toMatch(/^Diverged after \d+ steps: .*too long/);
  });
});

describe("explicit Euler", () => {
  test("gives every so-manieth point, the first and the last", () => {
    const path = explicitEuler(decay, { start: [1], timeStep: 0.5, steps: 7, every: 3 });
    expect(Array.from(path.times)).toEqual([0, 1.5, 3, 3.5]);
    expect(path.points.map(([x]) => x)).toEqual([1, 0.5 ** 3, 0.5 ** 6, 0.5 ** 7]);
    expect(path.values.length).toBe(0);
    expect(explicitEuler(decay, { start: [1], timeStep: 0.5, steps: 0 }).message).toBe(
      "Came to t = 0 in 0 steps.",
    );
  });

  test("[euler] approaches the flow in proportion to its step, from both sides of the same path", () => {
    const exact = gradientFlow(doubleWell, { start: [0.1], time: 3, tolerance: 1e-12 }).x[0];
    const errors = [100, 200, 400].map(
      (steps) => explicitEuler(doubleWell, { start: [0.1], timeStep: 3 / steps, steps }).x[0] - exact,
    );
    expect(errors[0] / errors[1]).toBeCloseTo(2, 1);
    expect(errors[1] / errors[2]).toBeCloseTo(2, 1);
  });
});

describe("the gradient flow", () => {
  test("[euler] of a quadratic decays mode by mode like exp(−λt)", () => {
    const diagonal = [0.5, 1, 7, 30];
    const flow = gradientFlow(quadratic({ diagonal }), { start: [1, 1, 1, 1], time: 0.8, tolerance: 1e-11 });
    diagonal.forEach((lambda, i) => {
      expect(Math.abs(flow.x[i] - Math.exp(-0.8 * lambda))).toBeLessThan(1e-10);
    });
    expect(flow.values[0]).toBeCloseTo(38.5 / 2, 12);
    for (let i = 1; i < flow.values.length; i++) expect(flow.values[i]).toBeLessThan(flow.values[i - 1]);
  });

  test("[euler] of ½(uv − 1)² conserves u² − v², which gradient descent does not", () => {
    // truths.md, row 12.
    const product: UserProblem = {
      value: ([u, v]) => 0.5 * (u * v - 1) ** 2,
      gradient([u, v], g) {
        g[0] = (u * v - 1) * v;
        g[1] = (u * v - 1) * u;
      },
    };
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (u, v) => {
          const kept = u * u - v * v;
          const flow = gradientFlow(product, { start: [u, v], time: 4, tolerance: 1e-10 });
          for (const [p, q] of flow.points)
            expect(Math.abs(p * p - q * q - kept)).toBeLessThan(1e-8 * (1 + Math.abs(kept)));
          const moved = Math.hypot(flow.x[0] - u, flow.x[1] - v);
          const { x } = explicitEuler(product, { start: [u, v], timeStep: 0.05, steps: 80 });
          // A step of gradient descent multiplies u² − v² by 1 − η²(uv − 1)².
          if (moved > 0.3 && Math.abs(kept) > 0.5)
            expect(Math.abs(x[0] ** 2 - x[1] ** 2 - kept)).toBeGreaterThan(1e-4);
        },
      ),
      { numRuns: 40, seed: 3 },
    );
  });

  test("[euler] comes to the minimum of Rosenbrock's valley, values falling all the way, and says that it is stiff", () => {
    const flow = gradientFlow(rosenbrock, { start: [-1.2, 1], time: 40, tolerance: 1e-6 });
    expect(worst(flow.x, [1, 1])).toBeLessThan(1e-5);
    for (let i = 1; i < flow.values.length; i++) {
      expect(flow.values[i]).toBeLessThanOrEqual(flow.values[i - 1] + 1e-12);
    }
    // The steep eigenvalue at the minimum is 1001.6 (truths.md, row 11), less on the way.
    expect(flow.stiff?.lambda).toBeGreaterThan(500);
    expect(flow.stiff?.lambda).toBeLessThan(1500);
    expect(flow.speed).toBeLessThan(1e-3);
  });

  test("starts at zeros where the dimension is known, gives values at wanted times, and works on blocks", () => {
    const problem = leastSquares(
      [
        [1, 0],
        [0, 2],
      ],
      [3, 4],
    );
    const flow = gradientFlow(problem, { time: 60, times: [0, 0.25, 60] });
    // ½(1/2)(x − 3)² and ½(1/2)(2y − 4)²: rates 1/2 and 2.
    expect(worst(flow.points[1], [3 * (1 - Math.exp(-0.125)), 2 * (1 - Math.exp(-0.5))])).toBeLessThan(1e-7);
    expect(Array.from(flow.values)).toEqual([
      25 / 4,
      expect.closeTo((9 * Math.exp(-0.25) + 16 * Math.exp(-1)) / 4, 6),
      expect.closeTo(0, 12),
    ]);
    const blocks = {
      value: ({ w, b }: Record<"w" | "b", ArrayLike<number>>) => w[0] ** 2 + w[1] ** 2 + b[0] ** 2,
    };
    const named = gradientFlow(blocks, { start: { w: [1, 2], b: [3] }, time: 0.5 });
    expect(
      worst(
        named.x,
        [1, 2, 3].map((v) => v * Math.exp(-1)),
      ),
    ).toBeLessThan(1e-6);
  });
});

describe("[errors] bad input is refused by name", () => {
  const positive = (v: number) => v > 0 && v < Infinity;
  const call = (options: object) => integrate(decay, { start: [1], time: 1, ...options } as IntegrateOptions);
  const takes: Readonly<Record<string, (v: number) => boolean>> = {
    time: (v) => v > 0 && v < Infinity,
    tolerance: (v) => v > 0 && v < 1,
    absoluteTolerance: (v) => v >= 0 && v < Infinity,
    timeStep: positive,
    steps: (v) => Number.isSafeInteger(v) && v >= 0,
    restTolerance: (v) => v >= 0 && v < Infinity,
  };

  test.each(Object.entries(takes))("integrate: %s", (option, contains) => {
    for (const [shown, value] of badNumbers(contains)) {
      if (option === "time" && value === Infinity) continue;
      expectRefusal(() => call({ [option]: value }), `integrate: ${option} must`, `got ${shown}`);
    }
  });

  test("integrate, gradientFlow and explicitEuler", () => {
    for (const [shown, value] of noNumbers) {
      expectRefusal(
        () => integrate(value as never, { start: [1], time: 1 }),
        "integrate: field must be a function",
        `got ${shown}`,
      );
      if (typeof value !== "boolean")
        expectRefusal(() => call({ dense: value }), "integrate: dense must be", `got ${shown}`);
    }
    expectRefusal(() => integrate(decay, undefined as never), "integrate: options must be an object");
    expectRefusal(() => call({ tol: 1 }), 'integrate: unknown option "tol"');
    expectRefusal(() => call({ stpes: 1 }), "did you mean steps?");
    expectRefusal(() => integrate(decay, { start: [1] }), "integrate: time is needed, or restTolerance > 0");
    expectRefusal(() => call({ time: Infinity }), "integrate: time is needed, or restTolerance > 0");
    expectRefusal(
      () => call({ timeStep: 0.1, tolerance: 0.1 }),
      "integrate: tolerance has no meaning with a fixed timeStep",
    );
    expectRefusal(() => call({ precision: "f16" }), "integrate: precision must be");
    expectRefusal(
      () => call({ times: [0.5, 0.2] }),
      "integrate: times must rise within [0, 1], got 0.2 as times[1]",
    );
    expectRefusal(() => call({ times: [-1] }), "times must rise within");
    expectRefusal(() => call({ times: [2] }), "times must rise within");
    expectRefusal(() => call({ times: 2 }), "integrate: times must be an array of numbers, got 2");
    expectRefusal(() => call({ start: [] }), "integrate: start must not be empty");
    expectRefusal(() => call({ start: [Number.NaN] }), "integrate: start[0] must be finite");
    expectRefusal(
      () => call({ start: { w: [1] } }),
      "integrate: start must be one array of numbers, got named blocks",
    );
    expectRefusal(() => call({ start: undefined }), "integrate: start must be an array");
    expectRefusal(
      () => gradientFlow(rosenbrock, { start: [1], time: 1 }),
      "gradientFlow: start must have 2 entries",
    );
    expectRefusal(
      () => gradientFlow(rosenbrock, { start: [1, 1] }),
      "gradientFlow: time is needed, or gradientTolerance > 0",
    );
    expectRefusal(() => gradientFlow(3 as never, { time: 1 }), "gradientFlow: problem must be an objective");
    expectRefusal(
      () => gradientFlow(rosenbrock, { start: [1, 1], time: 1, restTolerance: 1 } as never),
      'unknown option "restTolerance"',
    );
    for (const [shown, value] of badNumbers((v) => positive(v))) {
      expectRefusal(
        () => explicitEuler(decay, { start: [1], timeStep: value as never, steps: 1 }),
        "explicitEuler: timeStep must",
        `got ${shown}`,
      );
    }
    for (const [shown, value] of badNumbers((v) => Number.isSafeInteger(v) && v >= 0)) {
      expectRefusal(
        () => explicitEuler(decay, { start: [1], timeStep: 1, steps: value as never }),
        "explicitEuler: steps must",
        `got ${shown}`,
      );
    }
    expectRefusal(
      () => explicitEuler(decay, { start: [1], timeStep: 1, steps: 1, every: 0 }),
      "explicitEuler: every must lie in",
    );
    expectRefusal(
      () => explicitEuler(null as never, { timeStep: 1, steps: 1 }),
      "explicitEuler: problem must be",
    );
    expectRefusal(
      () => explicitEuler(decay, { timeStep: 1, steps: 1 }),
      "explicitEuler: start must be an array",
    );
    expectRefusal(
      () => explicitEuler(decay, { start: [1], timestep: 1, steps: 1 } as never),
      "did you mean timeStep?",
    );
  });
});
