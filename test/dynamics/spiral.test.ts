import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { checkGradient } from "../../src/curvature/check-gradient.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { powerIteration } from "../../src/curvature/power-iteration.ts";
import { precondition } from "../../src/curvature/precondition.ts";
import { descend } from "../../src/descent/descend.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { gradientFlow } from "../../src/dynamics/flow/gradient-flow.ts";
import { pathAngles } from "../../src/dynamics/path-angles.ts";
import { rotation } from "../../src/dynamics/rotation.ts";
import { adam, defineRule, gradientDescent, option, sgd } from "../../src/index.ts";
import {
  beale,
  logisticRegression,
  type Objective,
  quadratic,
  rosenbrock,
  softmaxRegression,
  vectorField,
} from "../../src/objectives/index.ts";
import { expectRefusal, noNumbers } from "../errors/bad-values.ts";

type Matrix = readonly (readonly number[])[];

/** The field Jx. */
const linear = (j: Matrix): Objective =>
  vectorField(
    j.length,
    (x, out) => {
      for (const [i, row] of j.entries()) out[i] = row.reduce((sum, entry, k) => sum + entry * x[k], 0);
    },
    { linear: true },
  );

/** a turns round with b, n times, with different speeds, in coordinates that hide it. */
const spiralOf = (a: number, b: number): Matrix => [
  [a, -b],
  [b, a],
];

const positive = (min: number, max: number) => fc.double({ min, max, noNaN: true });

describe("descending a field that is no gradient", () => {
  test("[spiral] converges at 0.99 of 2a/(a² + b²) and diverges at 1.01, for every spiral a ± ib", () => {
    fc.assert(
      fc.property(positive(0.1, 10), positive(0, 10), (a, b) => {
        const field = linear(spiralOf(a, b));
        const limit = (2 * a) / (a * a + b * b);
        expect(Math.abs(rotation(field).stepLimit / limit - 1)).toBeLessThan(1e-9);
        // |1 − ημ|² at (1 ± 0.01)·limit is 1 ± 0.01(1 ± 0.01)·4a²/(a² + b²).
        const steps = Math.ceil(60 / ((0.04 * a * a) / (a * a + b * b)));
        if (steps > 30_000) return;
        const run = (factor: number) =>
          minimize(field, {
            rule: gradientDescent({ learningRate: factor * limit }),
            start: [1, 0.5],
            steps,
          });
        const below = run(0.99);
        expect([below.reason, below.converged]).toEqual(["gradient", true]);
        expect(Math.hypot(...(below.x as Float64Array))).toBeLessThan(1e-6);
        const above = run(1.01);
        expect(above.reason).toBe("diverged");
        expect(above.message).toContain("exceeds the limit");
      }),
      { numRuns: 60, seed: 8 },
    );
  });

  test("[spiral] that only turns never converges, whatever the rate", () => {
    fc.assert(
      fc.property(positive(0.01, 100), positive(1e-3, 10), (b, learningRate) => {
        const field = linear(spiralOf(0, b));
        expect(rotation(field).stepLimit).toBe(0);
        let last = 1;
        const rule = gradientDescent({ learningRate });
        for (const { x, index } of descend(field, { rule, start: [1, 0], steps: 60 })) {
          const distance = Math.hypot(x[0], x[1]);
          // Each step multiplies the distance by √(1 + η²b²).
          if (index > 0) expect(distance / last / Math.sqrt(1 + (learningRate * b) ** 2)).toBeCloseTo(1, 9);
          last = distance;
        }
      }),
      { numRuns: 60, seed: 9 },
    );
    // The flow goes round for ever at the same distance: it is the steps that lead away.
    const flow = gradientFlow(linear(spiralOf(0, 1)), { start: [1, 0], time: 20, tolerance: 1e-10 });
    for (const [x, y] of flow.points) expect(Math.hypot(x, y)).toBeCloseTo(1, 7);
  });

  test("[spiral] stops by the field's norm, and says so in everything it says", () => {
    const field = vectorField(3, (x, out) => {
      out[0] = x[0] ** 3 + x[1] - 1;
      out[1] = x[1] - 2 * x[0];
      out[2] = 0.5 * x[2] + x[0];
    });
    const rule = gradientDescent({ learningRate: 0.1 });
    const result = minimize(field, { rule, start: [0, 0, 0], gradientTolerance: 1e-9 });
    expect(result.message).toMatch(
      /^gradientDescent converged after \d+ steps: the field's norm .* is within 1e-9\.$/,
    );
    expect(result.gradientNorm).toBeLessThanOrEqual(1e-9);
    expect(result.value).toBeCloseTo(0.5 * result.gradientNorm ** 2, 25);
    // x³ + 2x = 1, y = 2x, z = −2x.
    const root = 0.4533976515164;
    [root, 2 * root, -2 * root].forEach((value, i) => {
      expect(result.x[i]).toBeCloseTo(value, 8);
    });
    const few = minimize(field, { rule, start: [0, 0, 0], steps: 3 });
    expect(few.message).toMatch(
      /the field's norm is .* where 1e-8 was asked for; allow more steps, or take the step that rotation\(field, \{ at \}\) advises\.$/,
    );
    const wild = minimize(field, { rule: gradientDescent({ learningRate: 3 }), start: [1, 1, 1] });
    expect(wild.message).toMatch(
      /diverged after \d+ steps: half the square of the field's norm (rose from|became)/,
    );
    expect(wild.message).toMatch(
      /The learning rate 3 exceeds the limit 0\.\d+ of gradient descent on this field/,
    );
    const circle = linear(spiralOf(0, 1));
    const patient = minimize(circle, {
      rule: gradientDescent({ learningRate: 0.01 }),
      start: [1, 0],
      patience: 3,
    });
    expect(patient.message).toMatch(
      /stopped after 3 steps: half the square of the field's norm did not improve/,
    );
    const still = minimize(field, { rule, start: [0, 0, 0], valueTolerance: 1e-6 });
    expect(still.message).toMatch(/the last step changed half the square of the field's norm by/);
  });

  test("[spiral] goes with every rule that asks for no more than a gradient: two players of a bilinear game", () => {
    // min over x, max over y of xy + ½·0.1(x² − y²): F = (y + 0.1x, −x + 0.1y).
    const game = vectorField(2, ([x, y], out) => {
      out[0] = y + 0.1 * x;
      out[1] = -x + 0.1 * y;
    });
    for (const rule of [gradientDescent({ learningRate: 0.1 }), sgd({ learningRate: 0.02, momentum: 0.2 })]) {
      const { x, converged } = minimize(game, { rule, start: [1, 1], steps: 20_000 });
      expect(converged, rule.name).toBe(true);
      expect(Math.hypot(x[0], x[1])).toBeLessThan(1e-7);
    }
    // 2a/(a² + b²) with a = 0.1, b = 1.
    expect(rotation(game).stepLimit).toBeCloseTo(0.2 / 1.01, 8);
    expect(minimize(game, { rule: adam({ learningRate: 0.01 }), start: [1, 1], steps: 5 }).steps).toBe(5);
  });
});

describe("the rotation of a field", () => {
  test("[spiral] is measured by the antisymmetric share of its Jacobian: b/√(a² + b²)", () => {
    fc.assert(
      fc.property(positive(-5, 5), positive(-5, 5), (a, b) => {
        if (Math.hypot(a, b) < 1e-3) return;
        const found = rotation(linear(spiralOf(a, b)));
        expect(found.rotationShare).toBeCloseTo(Math.abs(b) / Math.hypot(a, b), 9);
        expect(found.symmetricNorm).toBeCloseTo(Math.SQRT2 * Math.abs(a), 8);
        expect(found.antisymmetricNorm).toBeCloseTo(Math.SQRT2 * Math.abs(b), 8);
        expect(found.isGradient).toBe(Math.abs(b) < 1e-14);
      }),
      { numRuns: 60, seed: 10 },
    );
  });

  test.each(["f64", "f32"] as const)(
    "[spiral] is nothing, within its error, for gradients of every kind in %s",
    (precision) => {
      const rows = Array.from({ length: 15 }, (_, i) => [
        Math.sin(3 * i),
        Math.cos(i * i),
        Math.fround(i / 7),
      ]);
      const problems: [Objective | typeof rosenbrock, number[]][] = [
        [rosenbrock, [-1.2, 1]],
        [beale, [1, 1]],
        [
          { ...rosenbrock, gradient: rosenbrock.gradient, hessianVectorProduct: undefined } as never,
          [-1.2, 1],
        ],
        [
          quadratic([
            [2, 1, 0],
            [1, -3, 4],
            [0, 4, 5],
          ]),
          [1, 2, 3],
        ],
        [
          logisticRegression(
            rows,
            rows.map((_, i) => i % 2),
          ),
          [0.1, 0.2, 0.3],
        ],
        [
          softmaxRegression(
            rows,
            rows.map((_, i) => i % 3),
          ),
          [0.1, 0.2, 0.3, -1, 0, 1, 0.5, 0, 0],
        ],
      ];
      for (const [problem, at] of problems) {
        const found = rotation(problem as Objective, { at, precision });
        expect(found.isGradient).toBe(true);
        expect(found.rotationShare).toBeLessThan(precision === "f64" ? 1e-8 : 1e-3);
        expect(found.errorBound).toBeLessThan(0.01 * found.symmetricNorm);
      }
    },
  );

  test("[spiral] tells a gradient that is none from one, and has the limit of the symmetric case", () => {
    const diagonal = [1, 4, 10];
    const found = rotation(quadratic({ diagonal }));
    expect(found.stepLimit).toBeCloseTo(0.2, 14);
    expect(found.message).toBe(
      "It does not turn here, as no gradient does; steps below 0.2 = 2 Re(μ)/|μ|² are stable.",
    );
    const wrong = rotation(
      {
        value: ([x, y]) => x * x + x * y + y * y,
        gradient([x, y], g) {
          g[0] = 2 * x + y;
          g[1] = 2 * y; // + x
        },
      },
      { at: [1, 1] },
    );
    expect(wrong.isGradient).toBe(false);
    expect(wrong.message).toMatch(/% of its Jacobian turns; steps below/);
    expect(rotation(vectorField(2, (_, out) => out.fill(0))).message).toMatch(/no step is too long/);
    expect(rotation(linear(spiralOf(-1, 1))).message).toMatch(/no step is stable/);
    expect(
      Array.from(
        rotation(
          linear([
            [1, 2],
            [3, 4],
          ]),
        ).jacobian,
      ),
    ).toEqual([1, 2, 3, 4].map((v) => expect.closeTo(v, 12)));
  });

  test("[spiral] of a field with a Jacobian of its own is exact, without one near it", () => {
    const field = (x: ArrayLike<number>, out: { [i: number]: number }) => {
      out[0] = Math.sin(x[0]) - x[1] * x[2];
      out[1] = x[0] * x[2] + x[1] ** 3;
      out[2] = Math.exp(x[1]) - x[0];
    };
    const [x, y, z] = [0.3, -0.7, 1.1];
    const exact = [Math.cos(x), -z, -y, z, 3 * y * y, x, -1, Math.exp(y), 0];
    const own = vectorField(3, field, {
      jacobianVectorProduct(_, v, product) {
        for (let i = 0; i < 3; i++)
          product[i] = exact[3 * i] * v[0] + exact[3 * i + 1] * v[1] + exact[3 * i + 2] * v[2];
      },
    });
    const differenced = rotation(vectorField(3, field), { at: [x, y, z] });
    expect(Array.from(rotation(own, { at: [x, y, z] }).jacobian)).toEqual(exact);
    exact.forEach((value, i) => {
      expect(Math.abs(differenced.jacobian[i] - value)).toBeLessThan(1e-8);
    });
    expect(differenced.errorBound).toBeLessThan(1e-7);
  });
});

describe("the angle to the minimiser along a path", () => {
  test("[spiral] is arctan(b/a) all the way on a spiral, whatever its dimension", () => {
    fc.assert(
      fc.property(positive(0.05, 3), positive(-3, 3), fc.integer({ min: 1, max: 5 }), (a, b, pairs) => {
        // Where it does not turn the best step is there at once.
        if (Math.abs(b) < 0.01) return;
        const blocks = Array.from({ length: pairs }, (_, k) => k);
        const j = blocks.flatMap((k) =>
          spiralOf(a, b).map((row) => blocks.flatMap((l) => (k === l ? [...row] : [0, 0]))),
        );
        const random = new Random(pairs);
        const start = j.map(() => random.normal());
        const rule = gradientDescent({ learningRate: a / (a * a + b * b) });
        const { angles, distances } = pathAngles(linear(j), {
          rule,
          start,
          minimizer: j.map(() => 0),
          steps: 20,
        });
        for (const angle of angles) expect(angle).toBeCloseTo(Math.atan2(Math.abs(b), a), 7);
        // The best step leaves |b|/√(a² + b²) of the distance.
        for (let i = 1; i < distances.length; i++) {
          expect(distances[i] / distances[i - 1]).toBeCloseTo(Math.abs(b) / Math.hypot(a, b), 7);
        }
      }),
      { numRuns: 40, seed: 12 },
    );
  });

  test("[spiral] is 0 on a round bowl and nearly a right angle on the floor of a valley", () => {
    const bowl = pathAngles(quadratic({ diagonal: [3, 3] }), {
      rule: gradientDescent({ learningRate: 0.1 }),
      start: [1, 2],
      minimizer: [0, 0],
      steps: 10,
    });
    for (const angle of bowl.angles) expect(angle).toBeLessThan(1e-12);
    // At (1, ε) on ½(x² + κy²) the gradient is (1, κε): the angle to the origin is arctan(κε) − arctan(ε).
    const kappa = 1000;
    const { angles } = pathAngles(quadratic({ diagonal: [1, kappa] }), {
      rule: gradientDescent({ learningRate: 1e-3 }),
      start: [1, 0.1],
      minimizer: [0, 0],
      steps: 0,
    });
    expect(angles[0]).toBeCloseTo(Math.atan(0.1 * kappa) - Math.atan(0.1), 12);
  });

  test("[spiral] is to where the path ends if no minimiser is given, on blocks too", () => {
    const rule = gradientDescent({ learningRate: 0.1 });
    const tilted = quadratic({ diagonal: [1, 2, 5] }, [1, 2, -3]);
    const own = pathAngles(tilted, { rule, steps: 500, gradientTolerance: 1e-13 });
    const given = pathAngles(tilted, { rule, steps: 500, gradientTolerance: 1e-13, minimizer: [1, 1, -0.6] });
    expect(own.converged).toBe(true);
    expect(own.angles.at(-1)).toBeNaN();
    for (let i = 0; i < 50; i++) expect(own.angles[i]).toBeCloseTo(given.angles[i], 8);
    const blocks = {
      value: ({ u, v }: Record<"u" | "v", ArrayLike<number>>) =>
        0.5 * ((u[0] - 1) ** 2 + 2 * (u[1] - 1) ** 2 + 5 * (v[0] + 0.6) ** 2),
    };
    const named = pathAngles(blocks, {
      rule,
      start: { u: [0, 0], v: [0] },
      minimizer: { u: [1, 1], v: [-0.6] },
      steps: 20,
    });
    named.angles.forEach((angle, i) => {
      expect(angle).toBeCloseTo(given.angles[i], 6);
    });
    const adrift = pathAngles(rosenbrock, {
      rule: gradientDescent({ learningRate: 1e-4 }),
      start: [-1.2, 1],
      steps: 10,
    });
    expect(adrift.converged).toBe(false);
    expect(adrift.message).toMatch(/The path did not converge: they are to where it ended\.$/);
    const away = pathAngles(linear(spiralOf(-1, 2)), { rule, start: [1, 0], minimizer: [0, 0], steps: 5 });
    expect(away.message).toMatch(/At 100% of the points it led away\.$/);
    expect(away.angles[0]).toBeCloseTo(Math.atan2(2, -1), 10);
  });
});

describe("[errors]", () => {
  const field = linear(spiralOf(1, 1));

  test("a vectorField refuses what is wrong with it by name", () => {
    for (const [shown, value] of noNumbers) {
      expectRefusal(
        () => vectorField(value as never, () => {}),
        "vectorField: dimension must",
        `got ${shown}`,
      );
      expectRefusal(
        () => vectorField(2, value as never),
        "vectorField: field must be a function",
        `got ${shown}`,
      );
      if (typeof value !== "boolean") {
        expectRefusal(
          () => vectorField(2, () => {}, { linear: value as never }),
          "vectorField: linear must be",
          `got ${shown}`,
        );
      }
      expectRefusal(
        () => vectorField(2, () => {}, { jacobianVectorProduct: value as never }),
        "jacobianVectorProduct must be a function",
      );
    }
    for (const dimension of [0, -1, 1.5, Number.NaN, Infinity]) {
      expectRefusal(() => vectorField(dimension, () => {}), "vectorField: dimension must lie in");
    }
    expectRefusal(
      () => vectorField(2, () => {}, { jvp: () => {} } as never),
      'vectorField: unknown option "jvp"',
    );
    expectRefusal(
      () => vectorField(1, (([x]: Iterable<number>) => 2 * x) as never),
      "vectorField: field must take two arguments and write into the second, but it takes one only",
    );
    const returning = vectorField(1, ((x: ArrayLike<number>, _out: unknown) => [x[0]]) as never);
    const rule = gradientDescent();
    expectRefusal(
      () => minimize(returning, { rule, start: [1] }),
      "vectorField: field must write into its second argument, but it returned an array of 1",
    );
    const promised = vectorField(1, (async () => {}) as never);
    expectRefusal(() => minimize(promised, { rule, start: [1] }), "vectorField: field must be synchronous");
    expectRefusal(() => minimize(field, { rule, start: [1] }), "minimize: start must have 2 entries, got 1");
    expectRefusal(
      () => minimize(field, { rule, start: { x: [1, 2] } as never }),
      "start must be an array of numbers for vectorField",
    );
    expect(
      minimize(
        vectorField(1, (_, out) => out.fill(Number.NaN)),
        { rule, start: [1] },
      ).reason,
    ).toBe("diverged");
    const mine = new Error("mine");
    const throwing = vectorField(1, () => {
      throw mine;
    });
    expect(() => minimize(throwing, { rule, start: [1] })).toThrow(mine);
  });

  test("what needs a function refuses a field, and says what does not", () => {
    const needs = "a vector field is not the gradient of a function";
    expectRefusal(() => curvature(field), `curvature: ${needs}; use rotation(field, { at })`);
    expectRefusal(() => powerIteration(field), `powerIteration: ${needs}`);
    expectRefusal(() => checkGradient(field, { at: [1, 2] }), `checkGradient: ${needs}`);
    expectRefusal(
      () => precondition(field, [1, 2]),
      `precondition: ${needs}; in other variables it is another`,
    );
    expectRefusal(() => minimize(field, { start: [1, 1] }), `minimize: ${needs}; give a rule`);
    expectRefusal(
      () => minimize(field, { rule: gradientDescent({ learningRate: "auto" }), start: [1, 1] }),
      `minimize: ${needs}; in place of "auto" give a rate`,
    );
    const polyak = defineRule({
      name: "byValue",
      options: { learningRate: option.rate(0.1) },
      needs: { value: true },
      slots: () => [],
      textbook: ({ x, g, value }, { learningRate }) => ({ x: x - learningRate * value * g }),
    });
    expectRefusal(
      () => minimize(field, { rule: polyak(), start: [1, 1] }),
      `minimize: ${needs}; byValue needs more than a gradient`,
    );
  });

  test("rotation and pathAngles refuse bad options by name", () => {
    const rule = gradientDescent();
    expectRefusal(() => rotation(field, { at: [1] }), "rotation: at must have 2 entries");
    expectRefusal(() => rotation(field, { point: [1] } as never), 'rotation: unknown option "point"');
    expectRefusal(() => rotation(field, { precision: "f16" as never }), "rotation: precision must be");
    expectRefusal(() => rotation(null as never), "rotation: problem must be");
    expectRefusal(
      () => rotation(vectorField(1, (_, out) => out.fill(Infinity))),
      "rotation: the Jacobian at this point is not finite",
    );
    // Differences on either side of a pole are finite.
    expectRefusal(
      () =>
        rotation(
          vectorField(1, ([x], out) => out.fill(1 / x)),
          { at: [0] },
        ),
      "rotation: the Jacobian at this point is not finite",
    );
    expectRefusal(
      () => pathAngles(field, { rule, start: [1, 1], minimizer: [0] }),
      "pathAngles: minimizer must have 2 entries",
    );
    const free = { value: ([x]: ArrayLike<number> & Iterable<number>) => x * x };
    expectRefusal(
      () => pathAngles(free, { rule, start: [1], minimizer: [0, 0] }),
      "pathAngles: minimizer must have the form of start, entries 1, got 2",
    );
    expectRefusal(
      () => pathAngles(field, { rule, start: [1, 1], steps: -1 }),
      "pathAngles: steps must lie in",
    );
    expectRefusal(
      () => pathAngles(field, { rule, start: [1, 1], gradientTolerance: -1 }),
      "pathAngles: gradientTolerance must lie in",
    );
    expectRefusal(
      () => pathAngles(field, { rule: adam as never, start: [1, 1] }),
      "pathAngles: rule must be a rule",
      "call it",
    );
    expectRefusal(
      () => pathAngles(field, { rule, start: [1, 1], minimiser: [0, 0] } as never),
      "did you mean minimizer?",
    );
    expectRefusal(() => pathAngles(field, undefined as never), "pathAngles: options must be an object");
  });
});
