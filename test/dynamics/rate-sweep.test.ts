import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyScaling, parseCsv, scaling } from "../../src/data/index.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { type RateSweep, rateSweep } from "../../src/dynamics/rate-sweep.ts";
import { defineRule } from "../../src/index.ts";
import {
  leastSquares,
  logisticRegression,
  quadratic,
  rosenbrock,
  softmaxRegression,
  vectorField,
} from "../../src/objectives/index.ts";
import { adam, gradientDescent, momentum, normalizedGradient, sgd } from "../../src/rules/index.ts";
import { chain, clipByGlobalNorm, ema } from "../../src/wrappers/index.ts";
import { badNumbers, expectRefusal } from "../errors/bad-values.ts";

/** What theory says of gradient descent on ½Σλx² from a start: gᵢ(t) = λᵢx₀ᵢ(1 − ηλᵢ)ᵗ. */
function predicted(
  diagonal: readonly number[],
  start: readonly number[],
  learningRate: number,
  tolerance: number,
  most: number,
) {
  const g = diagonal.map((lambda, i) => lambda * start[i]);
  const first = Math.hypot(...g);
  const top = diagonal.indexOf(Math.max(...diagonal));
  let swings = 0;
  for (let t = 0; ; t++) {
    if (Math.hypot(...g) <= tolerance * first) return { steps: t, swings };
    if (t === most || Math.hypot(...g) > 1e8 * first) return { steps: Infinity, swings };
    const before = g[top];
    for (let i = 0; i < g.length; i++) g[i] *= 1 - learningRate * diagonal[i];
    if (before * g[top] < 0 && Math.abs(g[top]) > 1e-6 * Math.abs(diagonal[top] * start[top])) swings++;
  }
}

describe("a sweep over learning rates", () => {
  test("[goldilocks] agrees with the spectrum on quadratics: steps to the tolerance, oscillation, divergence above 2/λmax", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.05, max: 20, noNaN: true }), { minLength: 1, maxLength: 9 }),
        fc.constantFrom(1e-2, 1e-4, 1e-6),
        (diagonal, tolerance) => {
          const start = diagonal.map((_, i) => 1 + (i % 3));
          const lambdaMax = Math.max(...diagonal);
          const steps = 600;
          const sweep = rateSweep(quadratic({ diagonal }), {
            rule: gradientDescent(),
            start,
            tolerance,
            steps,
            count: 21,
          });
          expect(sweep.speedLimit! * lambdaMax).toBeCloseTo(2, 9);
          sweep.learningRates.forEach((learningRate, i) => {
            const theory = predicted(diagonal, start, learningRate, tolerance, steps);
            const found = sweep.stepsToTolerance[i];
            // Where rounding decides at the last step, the two may differ by it.
            if (theory.steps !== found) expect(Math.abs(theory.steps - found)).toBeLessThanOrEqual(1);
            if (found < Infinity && found > 0 && diagonal.length === new Set(diagonal).size) {
              expect(Math.abs(sweep.oscillation[i] - theory.swings / found)).toBeLessThanOrEqual(
                2 / found + 1e-12,
              );
            }
            const product = learningRate * lambdaMax;
            if (product > 2.001) expect(sweep.outcomes[i]).toBe("diverged");
            if (product < 1.999) expect(sweep.outcomes[i]).not.toBe("diverged");
            expect(sweep.divergedAt[i] < Infinity).toBe(sweep.outcomes[i] === "diverged");
            expect(found < Infinity).toBe(sweep.outcomes[i] === "converged");
          });
        },
      ),
      { numRuns: 60, seed: 31 },
    );
  });

  test("[goldilocks] on (10, 1): too small is slow, 2/11 is best with 69 steps, beyond 0.2 it diverges", () => {
    const sweep = rateSweep(quadratic({ diagonal: [10, 1] }), {
      rule: gradientDescent(),
      start: [1, 1],
      learningRates: [0.001, 0.05, 2 / 11, 0.199, 0.201, 0.4],
      steps: 5000,
    });
    // R = 9/11 a step at 2/11: 0.8181ᵗ ≤ 10⁻⁶ from t = 69 on. At 0.05 the mode λ = 1 leaves 0.95.
    expect(Array.from(sweep.stepsToTolerance.slice(1, 3))).toEqual([
      Math.ceil(Math.log(1e-6 * Math.hypot(10, 1)) / Math.log(0.95)),
      69,
    ]);
    expect(sweep.outcomes).toEqual([
      "unfinished",
      "converged",
      "converged",
      "converged",
      "diverged",
      "diverged",
    ]);
    expect(sweep.best).toBe(2 / 11);
    // 1 − ηλ is positive for both modes at 0.05, and −9/11 for the steep one at 2/11.
    expect(sweep.oscillation[1]).toBe(0);
    expect(sweep.oscillation[2]).toBeGreaterThan(0.95);
    expect(sweep.oscillation[4]).toBe(1);
    expect(sweep.message).toBe(
      "Of 6 rates of gradientDescent from 0.001 to 0.4 those from 0.05 to 0.199 come to 1e-6 of the first gradient in 5,000 steps, 0.182 first, after 69. Smaller ones are too slow. Larger ones diverge, from 0.201 on.",
    );
  });

  test.each([
    ["sgd with momentum", sgd({ momentum: 0.9 })],
    ["sgd with Nesterov's", sgd({ momentum: 0.9, nesterov: true })],
    ["momentum", momentum()],
    ["adam", adam()],
    ["normalized gradients", normalizedGradient()],
    ["a chain", chain(clipByGlobalNorm({ norm: 2 }), sgd({ momentum: 0.5 }), ema({ decay: 0.9 }))],
  ])("[goldilocks] gives with %s what a run of its own gives at each rate, in both precisions", (_, rule) => {
    const learningRates = [1e-3, 1e-2, 0.1, 0.5, 3];
    for (const precision of ["f64", "f32"] as const) {
      const problem = quadratic(
        [
          [3, 1, 0],
          [1, 2, 0.5],
          [0, 0.5, 4],
        ],
        [1, -2, 0.5],
      );
      const options = { start: [1, -1, 2], precision, steps: 300 } as const;
      const tolerance = precision === "f64" ? 1e-6 : 1e-3;
      const sweep = rateSweep(problem, { rule, learningRates, ...options, tolerance });
      learningRates.forEach((learningRate, i) => {
        const own =
          "before" in rule
            ? chain(clipByGlobalNorm({ norm: 2 }), sgd({ momentum: 0.5, learningRate }), ema({ decay: 0.9 }))
            : rule.name === "sgd"
              ? sgd({ ...(rule.options as object), learningRate })
              : (
                  { momentum, adam, normalizedGradient } as never as Record<
                    string,
                    (o: object) => typeof rule
                  >
                )[rule.name]({ learningRate });
        const alone = minimize(problem, {
          ...options,
          rule: own,
          gradientTolerance: 0,
          relativeGradientTolerance: tolerance,
        });
        expect(sweep.finalValues[i]).toBe(alone.value);
        expect(sweep.finalGradientNorms[i]).toBe(alone.gradientNorm);
        expect(sweep.stepsToTolerance[i]).toBe(alone.converged ? alone.steps : Infinity);
      });
    }
  });

  test("[goldilocks] on the breast-cancer data shows all three, and the same whatever rate came before", () => {
    const text = readFileSync(new URL("../../examples/data/breast-cancer.csv", import.meta.url), "utf8");
    const data = parseCsv(text, { target: "benign", task: "classification" });
    const features = applyScaling(scaling(data, "standard"), data.features);
    const problem = logisticRegression(features, data.targets, { columns: 30, intercept: true, l2: 0.1 });
    const { speedLimit } = rateSweep(problem, { rule: gradientDescent(), count: 2, steps: 1 });
    const range = { from: speedLimit! / 100, to: 30 * speedLimit!, count: 16 };
    const sweep = rateSweep(problem, { rule: gradientDescent(), tolerance: 1e-4, steps: 500, ...range });
    const good = [...sweep.outcomes.keys()].filter((i) => sweep.outcomes[i] === "converged");
    expect(good[0]).toBeGreaterThan(0);
    expect(good.at(-1)).toBeLessThan(15);
    // The rates that are right lie together.
    expect(good.length).toBe(good.at(-1)! - good[0] + 1);
    // Where it was fastest it did not oscillate much, nearer to the limit it did.
    const best = sweep.learningRates.indexOf(sweep.best);
    expect(sweep.oscillation[best]).toBeLessThan(1);
    const alone = rateSweep(problem, {
      rule: gradientDescent(),
      tolerance: 1e-4,
      steps: 500,
      learningRates: sweep.learningRates.slice(best, best + 1),
    });
    expect([alone.stepsToTolerance[0], alone.finalValues[0], alone.oscillation[0]]).toEqual([
      sweep.stepsToTolerance[best],
      sweep.finalValues[best],
      sweep.oscillation[best],
    ]);
  });

  test("goes over every kind of problem: data, blocks, functions of one's own, fields", () => {
    const rows = Array.from({ length: 12 }, (_, i) => [Math.sin(i), Math.cos(2 * i)]);
    const problems: RateSweep[] = [
      rateSweep(
        leastSquares(
          rows,
          rows.map((_, i) => i),
        ),
        { rule: gradientDescent() },
      ),
      rateSweep(
        softmaxRegression(
          rows,
          rows.map((_, i) => i % 3),
          { l2: 0.1 },
        ),
        { rule: gradientDescent() },
      ),
      rateSweep(
        { value: ({ u, v }: Record<"u" | "v", ArrayLike<number>>) => u[0] ** 2 + u[1] ** 2 + 3 * v[0] ** 2 },
        { rule: gradientDescent(), start: { u: [1, 2], v: [3] } },
      ),
      rateSweep(rosenbrock, { rule: adam(), start: [-1.2, 1], tolerance: 1e-2 }),
      rateSweep(
        vectorField(2, ([x, y], out) => {
          out[0] = x - y;
          out[1] = x + y;
        }),
        { rule: gradientDescent(), start: [1, 0], from: 0.01, to: 3 },
      ),
    ];
    for (const sweep of problems) {
      expect(sweep.outcomes).toContain("converged");
      expect(sweep.learningRates.length).toBe(33);
      expect(sweep.best).toBeGreaterThan(0);
    }
    // Of a ± ib = 1 ± i: best at a/(a² + b²) = ½, and the limit at 1.
    const field = problems[4];
    expect(field.best).toBeGreaterThan(0.4);
    expect(field.best).toBeLessThan(0.6);
    field.outcomes.forEach((outcome, i) => {
      expect(outcome === "diverged").toBe(field.learningRates[i] > 1);
    });
    expect(field.speedLimit).toBeUndefined();
  });

  test("has rates in equal ratios between its ends, whichever of them are given", () => {
    const problem = quadratic({ diagonal: [4] });
    const rates = (options: object) =>
      rateSweep(problem, { rule: gradientDescent(), start: [1], count: 5, steps: 2, ...options })
        .learningRates;
    // A hundredth of the limit ½, and four times it.
    expect(rates({})[0]).toBeCloseTo(0.005, 12);
    expect(rates({})[4]).toBeCloseTo(2, 12);
    expect(Array.from(rates({ from: 1, to: 16 }))).toEqual([
      1,
      expect.closeTo(2, 12),
      expect.closeTo(4, 12),
      expect.closeTo(8, 12),
      16,
    ]);
    expect(rates({ from: 0.1 })[4]).toBeCloseTo(10, 12);
    expect(rates({ to: 0.1 })[0]).toBeCloseTo(0.001, 12);
    const adaptive = rateSweep(problem, { rule: adam(), start: [1], steps: 2 }).learningRates;
    expect([adaptive[0], adaptive[32]]).toEqual([1e-5, 10]);
  });

  test("says in words what came of it where no rate is right", () => {
    const problem = quadratic({ diagonal: [1, 1000] });
    const say = (learningRates: number[], steps = 50) =>
      rateSweep(problem, { rule: gradientDescent(), start: [1, 1], learningRates, steps }).message;
    expect(say([1e-6, 1e-5])).toMatch(
      /none comes to 1e-6 of the first gradient in 50 steps: allow more steps, or larger rates\.$/,
    );
    // Near the limit 0.002 the steep mode takes its time, far below it the flat one.
    expect(say([0.001, 0.0018, 0.00199995])).toMatch(/: allow more steps; 0\.0018 got lowest\.$/);
    expect(say([0.1, 1])).toMatch(/: try smaller rates\.$/);
    expect(say([1e-5, 0.1])).toMatch(
      /: those from 0\.1 on diverge, the others need more steps; 1e-5 got lowest\.$/,
    );
    expect(say([1e-3], 20_000)).toMatch(/0\.001 alone comes to .*, after 6,9\d\d\.$/);
    const done = rateSweep(problem, { rule: gradientDescent(), start: [0, 0], learningRates: [1] });
    expect([done.stepsToTolerance[0], done.oscillation[0]]).toEqual([0, 0]);
  });

  test("calls back after each rate, and lets what is thrown there through, giving its memory back", () => {
    const seen: unknown[] = [];
    const problem = quadratic({ diagonal: [1] });
    rateSweep(problem, {
      rule: gradientDescent(),
      start: [1],
      learningRates: [0.5, 3],
      callback: (done) => seen.push({ ...done }),
    });
    expect(seen).toEqual([
      { index: 0, count: 2, learningRate: 0.5, outcome: "converged" },
      { index: 1, count: 2, learningRate: 3, outcome: "diverged" },
    ]);
    const mine = new Error("mine");
    const { Memory } = WebAssembly;
    let made = 0;
    WebAssembly.Memory = class extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        super(descriptor);
        made++;
      }
    };
    try {
      const large = quadratic({ diagonal: new Float64Array(20_001).fill(1) });
      for (let i = 0; i < 3; i++) {
        const callback = () => {
          throw mine;
        };
        expect(() => rateSweep(large, { rule: adam(), learningRates: [0.1], steps: 1, callback })).toThrow(
          mine,
        );
      }
      // One for the descent, and one for the curvature, however many rates and failures.
      expect(made).toBeLessThanOrEqual(3);
    } finally {
      WebAssembly.Memory = Memory;
    }
  });

  test("[errors] bad input is refused by name", () => {
    const rule = gradientDescent();
    const call = (options: object) =>
      rateSweep(quadratic({ diagonal: [1] }), { rule, start: [1], ...options });
    for (const [option, contains] of Object.entries({
      from: (v: number) => v > 0 && v < Infinity,
      to: (v: number) => v > 0 && v < Infinity,
      count: (v: number) => Number.isSafeInteger(v) && v >= 2 && v < 1e6,
      tolerance: (v: number) => v > 0 && v < 1,
      steps: (v: number) => Number.isSafeInteger(v) && v >= 1 && v < 1e6,
    })) {
      for (const [shown, value] of badNumbers(contains)) {
        if (value === 2 ** 53) continue;
        expectRefusal(() => call({ [option]: value }), `rateSweep: ${option} must`, `got ${shown}`);
      }
    }
    expectRefusal(() => call({ rule: undefined }), "rateSweep: rule must be a rule");
    expectRefusal(() => call({ rule: adam }), "call it");
    const rateless = defineRule({
      name: "still",
      options: {},
      slots: () => [],
      textbook: ({ x }) => ({ x }),
    });
    expectRefusal(() => call({ rule: rateless() }), "rateSweep: still has no learning rate to be swept");
    expectRefusal(() => call({ learningRates: [] }), "rateSweep: learningRates must not be empty");
    expectRefusal(() => call({ learningRates: 0.1 }), "rateSweep: learningRates must be an array");
    expectRefusal(
      () => call({ learningRates: [0] }),
      "rateSweep: learningRates[0] must lie in (0, ∞), got 0",
    );
    expectRefusal(
      () => call({ learningRates: [2, 1] }),
      "rateSweep: learningRates must rise, got 1 behind 2",
    );
    expectRefusal(
      () => call({ learningRates: [1], from: 1 }),
      "rateSweep: from has no meaning where learningRates are given",
    );
    expectRefusal(() => call({ from: 2, to: 1 }), "rateSweep: from must be less than to, got 2 and 1");
    expectRefusal(() => call({ rates: [1] }), 'rateSweep: unknown option "rates"');
    expectRefusal(() => call({ batches: 3 }), 'rateSweep: unknown option "batches"');
    expectRefusal(() => call({ callback: 3 }), "rateSweep: callback must be a function, got 3");
    expectRefusal(() => call({ precision: 3 }), "rateSweep: precision must be");
    expectRefusal(() => call({ start: [1, 2] }), "rateSweep: start must have 1 entries");
    expectRefusal(() => rateSweep(null as never, { rule }), "rateSweep: problem must be");
    expectRefusal(
      () => rateSweep(quadratic([[1]]), undefined as never),
      "rateSweep: options must be an object",
    );
  });
});
