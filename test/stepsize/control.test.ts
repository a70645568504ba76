import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eigenvalues } from "../../src/curvature/eigenvalues.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import {
  adam,
  aggmo,
  gradientDescent,
  heavyBall,
  momentum,
  muon,
  nesterov,
  qhm,
  rmsprop,
  rprop,
  rules,
  sgd,
} from "../../src/rules/index.ts";
import { option } from "../../src/rules/options.ts";
import { type AnyRuleFactory, defineRule, type Rule, withOptions } from "../../src/rules/rule.ts";
import { bestCoefficients } from "../../src/stepsize/best-coefficients.ts";
import { frequencyResponse } from "../../src/stepsize/frequency-response.ts";
import { stabilityMargins } from "../../src/stepsize/margins.ts";
import { hasModes, isPreconditioned, modeMatrix, modeSystem } from "../../src/stepsize/mode.ts";
import { poles } from "../../src/stepsize/poles.ts";
import { signChanges } from "../../src/stepsize/real-roots.ts";
import { curvatureLimit, modeRate, speedLimit } from "../../src/stepsize/speed-limit.ts";
import { chain, clipByGlobalNorm } from "../../src/wrappers/index.ts";

/** max |x| over the last tenth of a run on λx²/2 whose gradient is `delay` steps old, and over a tenth in its middle. */
function delayedRun(rule: Rule, lambda: number, delay: number, steps: number) {
  const optimizer = createOptimizer(rule, [1]);
  const { parameters: x, gradient: g } = optimizer;
  const past = new Float64Array(delay + 1).fill(1);
  const [middle, last] = [
    [0.4, 0.5],
    [0.9, 1],
  ].map(([from, to]) => ({ from: from * steps, to: to * steps, most: 0 }));
  for (let t = 0; t < steps; t++) {
    past[t % (delay + 1)] = x[0];
    g[0] = lambda * past[(t + 1) % (delay + 1)];
    optimizer.step();
    for (const window of [middle, last]) {
      if (t >= window.from && t < window.to) window.most = Math.max(window.most, Math.abs(x[0]));
    }
  }
  optimizer.dispose();
  return { middle: middle.most, last: last.most };
}

/** The spectral radius of a loop whose gradient is `delay` steps old, from its state with the past x appended. */
function delayedRadius(rule: Rule, lambda: number, delay: number): number {
  const { free, drive } = modeSystem(rule);
  const n = free.length;
  const size = n + delay;
  const matrix = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => {
      // Rows of the past: x of a step before.
      if (i >= n) return j === (i === n ? 0 : i - 1) ? 1 : 0;
      const fed = delay === 0 ? j === 0 : j === size - 1;
      return (j < n ? free[i][j] : 0) + (fed ? lambda * drive[i] : 0);
    }),
  );
  const { real, imaginary } = eigenvalues(matrix);
  return Math.max(...real.map((a, i) => Math.hypot(a, imaginary[i])));
}

const linear: readonly Rule[] = [
  gradientDescent({ learningRate: 0.05 }),
  heavyBall({ learningRate: 0.02, beta: 0.6 }),
  sgd({ learningRate: 0.02, momentum: 0.5, nesterov: true }),
  nesterov({ learningRate: 0.02, momentum: 0.8 }),
  momentum({ learningRate: 0.1, beta: 0.9 }),
  qhm({ learningRate: 0.05, beta: 0.95, nu: 0.6 }),
  aggmo({ learningRate: 0.01 }),
];

const close = (actual: number, expected: number, tolerance = 1e-10) =>
  expect(Math.abs(actual / expected - 1), `${actual} for ${expected}`).toBeLessThan(tolerance);

const coefficient = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const product = fc.double({ min: 0.001, max: 4, noNaN: true });

describe("[control] the poles of a rule's loop", () => {
  test("are 1 − ηλ of gradient descent, and the roots of z² − (1+β−ηλ)z + β of heavy ball", () => {
    fc.assert(
      fc.property(coefficient, product, (beta, etaLambda) => {
        close(poles(gradientDescent({ learningRate: etaLambda / 7 }), 7).real[0], 1 - etaLambda, 1e-12);
        const { real, imaginary, radius } = poles(heavyBall({ learningRate: etaLambda / 7, beta }), 7);
        // By sum and product (Vieta), to the error bounds that double roots need.
        expect(real[0] + real[1]).toBeCloseTo(1 + beta - etaLambda, 12);
        expect(real[0] * real[1] - imaginary[0] * imaginary[1]).toBeCloseTo(beta, 12);
        expect(imaginary[0]).toBeCloseTo(-imaginary[1], 14);
        close(radius, modeRate(heavyBall({ learningRate: etaLambda / 7, beta }), 7), 1e-7);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  test("are the eigenvalues of what every rule with modes does in a step", () => {
    for (const make of Object.values(rules)) {
      const rule = (make as AnyRuleFactory)();
      if (!hasModes(rule)) continue;
      const found = poles(rule, 0.7);
      const trace = modeMatrix(rule, 0.7).reduce((sum, row, i) => sum + row[i], 0);
      expect(found.real.reduce((sum, a) => sum + a, 0)).toBeCloseTo(trace, 10);
      expect(Math.abs(found.radius - modeRate(rule, 0.7))).toBeLessThan(1e-6);
    }
  });

  test("of heavy ball coincide at ηλ = (1 ± √β)², with error bounds that say how far they can be told", () => {
    for (const sign of [-1, 1]) {
      const rule = heavyBall({ learningRate: (1 + sign * 0.8) ** 2, beta: 0.64 });
      const { real, imaginary, errorBounds } = poles(rule, 1);
      for (const i of [0, 1]) {
        const distance = Math.hypot(real[i] + sign * 0.8, imaginary[i]);
        expect(distance).toBeLessThan(1e-7);
        expect(distance).toBeLessThanOrEqual(errorBounds[i]);
      }
    }
  });
});

describe("[control] margins", () => {
  test("of gain are the way to the limit, of every rule: a run at 0.99 of it converges, one at 1.01 diverges", () => {
    for (const make of Object.values(rules)) {
      const rule = (make as AnyRuleFactory)({});
      if (!hasModes(rule) || isPreconditioned(rule)) continue;
      // The rate that such a rule works out moves while it runs; the limit is that of the rate as it stands.
      if (rule.declaration.effectiveRate) continue;
      const lambda = 0.01 * curvatureLimit(rule);
      // A rule of its own schedule has momentum 1 in the end, and no limit.
      if (!(lambda > 0)) continue;
      const { gain, rate, stable } = stabilityMargins(rule, lambda);
      close(gain, 100);
      if (!("weightDecay" in rule.options)) close(rate, 100);
      expect(stable).toBe(true);
      const inside = delayedRun(rule, 0.99 * gain * lambda, 0, 4000);
      expect(inside.last, `${rule.name} inside`).toBeLessThan(1e-3);
      const outside = delayedRun(rule, 1.01 * gain * lambda, 0, 4000);
      expect(!(outside.last <= 10 * outside.middle), `${rule.name} outside`).toBe(true);
    }
  });

  test("of gain are the same in λ and η where only their product matters", () => {
    for (const rule of linear) {
      const { gain, rate } = stabilityMargins(rule, 3);
      close(rate, gain);
      close(gain, curvatureLimit(rule) / 3, 1e-14);
      close(rate, speedLimit(rule, { lambdaMax: 3 }) / (rule.options.learningRate as number), 1e-14);
    }
  });

  test("of delay are Levin and May's for gradient descent: d steps as long as ηλ < 2 sin(π/(4d+2))", () => {
    for (const d of [0, 1, 2, 3, 7, 20, 100, 1000, 100_000]) {
      const limit = 2 * Math.sin(Math.PI / (4 * d + 2));
      for (const learningRate of [1, 1e-6]) {
        const rule = gradientDescent({ learningRate });
        expect(stabilityMargins(rule, (0.999_999 * limit) / learningRate).delay).toBe(d);
        expect(stabilityMargins(rule, (1.000_001 * limit) / learningRate).delay).toBe(d - 1);
      }
    }
    const { delay, phaseDelay, phase, stable } = stabilityMargins(gradientDescent({ learningRate: 1 }), 2.1);
    expect([delay, phaseDelay, phase, stable]).toEqual([-1, Number.NaN, Number.NaN, false]);
  });

  test("of phase are π/2 − ω/2 for gradient descent at the crossover 2 asin(ηλ/2)", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1.99, noNaN: true }), (etaLambda) => {
        const { phase, crossover, phaseDelay } = stabilityMargins(
          gradientDescent({ learningRate: etaLambda }),
          1,
        );
        const frequency = 2 * Math.asin(etaLambda / 2);
        close(crossover, frequency, 1e-7);
        close(phase, Math.PI / 2 - frequency / 2, 1e-7);
        close(phaseDelay, phase / crossover, 1e-14);
      }),
      { numRuns: 200, seed: 2 },
    );
  });

  test("of delay are where the spectral radius of the loop with its past passes 1, of every linear rule", () => {
    for (const rule of linear) {
      for (const share of [0.45, 0.2, 0.05, 0.02]) {
        const lambda = share * curvatureLimit(rule);
        const { delay } = stabilityMargins(rule, lambda);
        for (let d = 0; d <= delay; d++)
          expect(delayedRadius(rule, lambda, d), `${rule.name} ${d}`).toBeLessThan(1);
        expect(delayedRadius(rule, lambda, delay + 1), rule.name).toBeGreaterThan(1);
      }
    }
  });

  test("of delay hold in runs: d steps converge, d + 1 diverge", () => {
    for (const rule of linear) {
      const lambda = 0.03 * curvatureLimit(rule);
      const { delay } = stabilityMargins(rule, lambda);
      expect(delay, rule.name).toBeGreaterThanOrEqual(0);
      const [within, beyond] = [delay, delay + 1].map((d) => {
        // As many steps as its radius needs for a factor of 10⁴.
        const radius = delayedRadius(rule, lambda, d);
        const steps = Math.min(200_000, Math.ceil((2 * Math.log(1e4)) / Math.abs(Math.log(radius))) + 100);
        return delayedRun(rule, lambda, d, steps);
      });
      expect(within.last, rule.name).toBeLessThan(0.1 * within.middle);
      expect(beyond.last, rule.name).toBeGreaterThan(10 * beyond.middle);
    }
  });

  test("take a frozen preconditioner, another learning rate, and the step of schedules", () => {
    const { gain, delay } = stabilityMargins(adam({ learningRate: 0.01 }), 100, { preconditioner: 4 });
    close(gain, (38 * 4) / (0.01 * 100));
    expect(delay).toBe(stabilityMargins(adam({ learningRate: 0.01 }), 25).delay);
    close(stabilityMargins(rmsprop(), 1, { learningRate: 0.5 }).gain, 4);
    const falling = gradientDescent({ learningRate: (t) => 1 / (t + 1) });
    close(stabilityMargins(falling, 1, { index: 9 }).rate, 20);
  });

  test("of a rule that forgets what it did are ∞, if the curvature is less than its decay", () => {
    // |L| < 1 at every frequency: no delay can turn it to −1.
    const rule = sgd({ learningRate: 0.1, weightDecay: 2 });
    const { delay, phase, phaseDelay, crossover, message } = stabilityMargins(rule, 1);
    expect([delay, phase, phaseDelay, crossover]).toEqual([Infinity, Infinity, Infinity, Number.NaN]);
    expect(message).toMatch(/as late as it likes/);
    expect(delayedRadius(rule, 1, 40)).toBeLessThan(1);
  });

  test("see what a delay does to the highest frequency, where no crossover tells of it", () => {
    // L = k/((z − 1)(z + 0.8)) is above 1 at z = −1 for k > 0.4, and stable for k < 1.8: one step late it is not.
    const shaky = defineRule({
      name: "shaky",
      options: { learningRate: option.rate(0.1) },
      slots: (): "v"[] => ["v"],
      textbook: ({ x, v, g }, o) => ({ x: x + v, v: -0.8 * v - o.learningRate * g }),
    })();
    const lambda = 5;
    expect(stabilityMargins(shaky, lambda)).toMatchObject({ stable: true, delay: 0, crossover: Math.PI });
    expect(delayedRadius(shaky, lambda, 0)).toBeLessThan(1);
    expect(delayedRadius(shaky, lambda, 1)).toBeGreaterThan(1);
  });

  test("say what a person can do with them", () => {
    const told = (learningRate: number) => stabilityMargins(gradientDescent({ learningRate }), 1).message;
    expect(told(0.1)).toBe(
      "Under gradientDescent the curvature may grow 20 times, and the gradient may be 15 steps late.",
    );
    expect(told(0.9)).toMatch(/may be 1 step late/);
    expect(told(1.5)).toMatch(/must not be a step late/);
    expect(told(4)).toBe("Unstable as it is: gradientDescent bears 0.5 of this curvature.");
    expect(told(0)).toBe("A part of this mode stays as it is under gradientDescent.");
  });
});

describe("[control] the frequency response", () => {
  const frequencies = Array.from({ length: 50 }, (_, i) => (Math.PI * (i + 1)) / 50);

  test("of heavy ball is that of ηλz/((z−1)(z−β))", () => {
    const [learningRate, beta, lambda] = [0.07, 0.8, 3];
    const found = frequencyResponse(heavyBall({ learningRate, beta }), lambda, { frequencies });
    frequencies.forEach((w, i) => {
      const from = (a: number) => Math.hypot(Math.cos(w) - a, Math.sin(w));
      const gain = (learningRate * lambda) / (from(1) * from(beta));
      const angle =
        w - Math.atan2(Math.sin(w), Math.cos(w) - 1) - Math.atan2(Math.sin(w), Math.cos(w) - beta);
      expect(found.gain[i]).toBeCloseTo(gain, 12);
      expect(Math.cos(found.phase[i] - angle)).toBeCloseTo(1, 12);
      const [re, im] = [gain * Math.cos(angle), gain * Math.sin(angle)];
      expect(found.sensitivity[i]).toBeCloseTo(1 / Math.hypot(1 + re, im), 11);
      expect(found.noise[i]).toBeCloseTo(gain / Math.hypot(1 + re, im), 11);
    });
  });

  test("has gain 1 and the phase margin at the crossover", () => {
    for (const rule of linear) {
      const { crossover, phase } = stabilityMargins(rule, 2);
      const found = frequencyResponse(rule, 2, { frequencies: [crossover] });
      expect(found.gain[0]).toBeCloseTo(1, 10);
      expect(Math.cos(found.phase[0] - (phase - Math.PI))).toBeCloseTo(1, 12);
    }
  });

  test("gives the variance that white noise in the gradient leaves x with: the mean of |noise|²", () => {
    // Of x ← (1 − ηλ)x − ηn it is η²/(1 − (1−ηλ)²).
    const [learningRate, lambda] = [0.3, 2];
    const grid = Array.from({ length: 4000 }, (_, i) => (Math.PI * (i + 0.5)) / 4000);
    const { noise } = frequencyResponse(gradientDescent({ learningRate }), lambda, { frequencies: grid });
    const mean = noise.reduce((sum, entry) => sum + entry ** 2, 0) / grid.length;
    expect(mean / lambda ** 2).toBeCloseTo(learningRate ** 2 / (1 - (1 - learningRate * lambda) ** 2), 10);
  });
});

describe("[control] the best coefficients", () => {
  const ratios = [1.5, 10, 100, 1e4, 1e6];

  test("of heavy ball are Polyak's, in all its forms, and leave (√κ−1)/(√κ+1)", () => {
    for (const kappa of ratios) {
      const valley = { lambdaMin: 0.3, lambdaMax: 0.3 * kappa };
      const root = Math.sqrt(kappa);
      const eta = 4 / (Math.sqrt(0.3 * kappa) + Math.sqrt(0.3)) ** 2;
      const beta = ((root - 1) / (root + 1)) ** 2;
      const expected = [
        [heavyBall(), { learningRate: eta, beta }],
        [sgd({ momentum: 0.5 }), { learningRate: eta, momentum: beta }],
        [sgd({ momentum: 0.5, dampening: 0.25 }), { learningRate: eta / 0.75, momentum: beta }],
        [momentum(), { learningRate: eta / (1 - beta), beta }],
        [qhm(), { learningRate: eta / (1 - beta), beta, nu: 1 }],
      ] as const;
      for (const [rule, coefficients] of expected) {
        const found = bestCoefficients(rule, valley);
        expect(found.closedForm).toBe(true);
        expect(Object.keys(found.coefficients)).toEqual(Object.keys(coefficients));
        for (const [name, value] of Object.entries(coefficients))
          close(found.coefficients[name], value, 1e-12);
        close(found.rate, (root - 1) / (root + 1), 1e-7);
        close(1 - found.rate, 2 / (root + 1), 1e-4);
      }
    }
  });

  test("of Nesterov's form are Lessard, Recht and Packard's, and leave 1 − 2/√(3κ+1)", () => {
    for (const kappa of ratios) {
      const valley = { lambdaMin: 1, lambdaMax: kappa };
      const root = Math.sqrt(3 * kappa + 1);
      for (const [rule, name] of [
        [nesterov(), "momentum"],
        [sgd({ momentum: 0.5, nesterov: true }), "momentum"],
      ] as const) {
        const { coefficients, rate, closedForm } = bestCoefficients(rule, valley);
        expect(closedForm).toBe(true);
        close(coefficients.learningRate, 4 / (3 * kappa + 1), 1e-12);
        close(coefficients[name], (root - 2) / (root + 2), 1e-12);
        close(rate, 1 - 2 / root, 1e-7);
      }
    }
  });

  test("of gradient descent are 2/(M + m), and leave (κ−1)/(κ+1)", () => {
    const { coefficients, rate, closedForm } = bestCoefficients(gradientDescent(), {
      lambdaMin: 2,
      lambdaMax: 6,
    });
    expect(coefficients).toEqual({ learningRate: 0.25 });
    close(rate, 0.5, 1e-14);
    expect(closedForm).toBe(true);
  });

  test("are a kink: a percent beside, in either coefficient and direction, is slower", () => {
    for (const rule of [heavyBall(), nesterov(), momentum(), gradientDescent()]) {
      for (const kappa of [10, 1000]) {
        const found = bestCoefficients(rule, { lambdaMin: 1, lambdaMax: kappa });
        const worst = (beside: Rule) => Math.max(modeRate(beside, 1), modeRate(beside, kappa));
        for (const [name, value] of Object.entries(found.coefficients)) {
          // A momentum by a percent of what it lacks to 1.
          for (const factor of [0.99, 1.01]) {
            const moved = name === "learningRate" ? factor * value : 1 - factor * (1 - value);
            expect(worst(withOptions(found.rule, { [name]: moved }))).toBeGreaterThan(
              found.rate + 1e-6 / kappa,
            );
          }
        }
      }
    }
  });

  /** The same rules under names that no formula is known for. */
  const unknown = {
    heavyBall: defineRule({
      name: "unknownBall",
      options: { learningRate: option.rate(0.1), keep: option.fraction(0.5) },
      slots: (): "v"[] => ["v"],
      textbook(s, o) {
        const v = o.keep * s.v - o.learningRate * s.g;
        return { x: s.x + v, v };
      },
    }),
    nesterov: defineRule({
      name: "unknownAhead",
      options: { learningRate: option.rate(0.1), keep: option.fraction(0.5) },
      slots: (): "v"[] => ["v"],
      textbook(s, o) {
        const v = o.keep * s.v - o.learningRate * s.g;
        return { x: s.x + o.keep * v - o.learningRate * s.g, v };
      },
    }),
    descent: defineRule({
      name: "unknownDescent",
      options: { learningRate: option.rate(0.1) },
      slots: () => [],
      textbook: ({ x, g }, o) => ({ x: x - o.learningRate * g }),
    }),
  };

  test("are found by search where no formula is known: the same", () => {
    for (const kappa of [3, 100, 1e4]) {
      const valley = { lambdaMin: 2, lambdaMax: 2 * kappa };
      for (const [ours, theirs] of [
        [unknown.heavyBall(), heavyBall()],
        [unknown.nesterov(), nesterov()],
        [unknown.descent(), gradientDescent()],
      ] as const) {
        const found = bestCoefficients(ours, valley);
        const known = bestCoefficients(theirs, valley);
        expect(found.closedForm).toBe(false);
        close(1 - found.rate, 1 - known.rate, 1e-4);
        close(found.coefficients.learningRate, known.coefficients.learningRate, 1e-3);
        const [, beta] = Object.values(known.coefficients);
        if (beta !== undefined) close(1 - found.coefficients.keep, 1 - beta, 1e-3);
      }
    }
  });

  test("of Adam on the preconditioned Hessian are those of momentum", () => {
    const valley = { lambdaMin: 1, lambdaMax: 100 };
    const found = bestCoefficients(adam(), valley);
    const known = bestCoefficients(momentum(), valley);
    close(found.coefficients.beta1, known.coefficients.beta, 1e-4);
    close(found.rate, known.rate, 1e-7);
  });

  test("of quasi-hyperbolic momentum, searched in all three, are heavy ball's; at a fixed ν they beat a grid", () => {
    const valley = { lambdaMin: 1, lambdaMax: 30 };
    const all = ["learningRate", "beta", "nu"];
    const free = bestCoefficients(qhm({ weightDecay: 1e-12 }), { ...valley, tune: all });
    close(free.rate, bestCoefficients(heavyBall(), valley).rate, 1e-5);
    const fixed = bestCoefficients(qhm({ nu: 0.7 }), { ...valley, tune: all.slice(0, 2) });
    for (let i = 1; i < 40; i++) {
      for (let j = 1; j < 40; j++) {
        const rule = qhm({ nu: 0.7, beta: i / 40, learningRate: (0.2 * j) / 40 });
        expect(Math.max(modeRate(rule, 1), modeRate(rule, 30))).toBeGreaterThan(fixed.rate);
      }
    }
  });

  test("of a rule of more than two states hold between the ends too", () => {
    const { rule, rate, coefficients } = bestCoefficients(aggmo(), { lambdaMin: 1, lambdaMax: 50 });
    expect(Object.keys(coefficients)).toEqual(["learningRate"]);
    for (let k = 0; k <= 500; k++) expect(modeRate(rule, 50 ** (k / 500))).toBeLessThan(rate + 1e-6);
  });

  test("hold in a run: the value of a quadratic falls at their rate", () => {
    const eigen = [1, 3, 20, 60, 100];
    for (const rule of [gradientDescent(), heavyBall(), nesterov(), momentum(), sgd({ momentum: 0.5 })]) {
      const { rule: best, rate } = bestCoefficients(rule, { lambdaMin: 1, lambdaMax: 100 });
      const optimizer = createOptimizer(best, new Array(5).fill(1));
      const norms: number[] = [];
      for (let t = 0; t < 600; t++) {
        for (let i = 0; i < 5; i++) optimizer.gradient[i] = eigen[i] * optimizer.parameters[i];
        optimizer.step();
        norms.push(Math.hypot(...optimizer.parameters));
      }
      optimizer.dispose();
      // With double poles the norm falls like t·rateᵗ.
      const steps = rate > 0.95 ? 500 : 100;
      const measured = (norms[steps] / norms[steps / 2]) ** (2 / steps);
      expect(Math.abs(Math.log(measured / rate)), rule.name).toBeLessThan((2 * Math.log(2)) / steps + 1e-3);
    }
  });

  test("of equal eigenvalues reach the minimum in a step", () => {
    for (const rule of [gradientDescent(), heavyBall(), nesterov(), momentum()]) {
      const { coefficients, rate } = bestCoefficients(rule, { lambdaMin: 4, lambdaMax: 4 });
      expect(coefficients.learningRate).toBeCloseTo(0.25, 12);
      expect(rate).toBeLessThan(1e-7);
    }
    expect(
      bestCoefficients(sgd({ momentum: 0.5, nesterov: true }), { lambdaMin: 4, lambdaMax: 4 }).rate,
    ).toBeLessThan(1e-3);
  });

  test("say what was found", () => {
    const { message, rule } = bestCoefficients(heavyBall(), { lambdaMin: 1, lambdaMax: 100 });
    expect(message).toBe(
      "heavyBall with learningRate 0.03306, beta 0.6694 leaves 0.8182 of the slowest mode between 1 and 100 in a step, the least that it can.",
    );
    expect(rule.name).toBe("heavyBall");
  });
});

test("sign changes of polynomials are found in order, however close to 0", () => {
  const from = (roots: readonly number[]) =>
    roots.reduce(
      (c, root) => Array.from({ length: c.length + 1 }, (_, k) => (c[k - 1] ?? 0) - root * (c[k] ?? 0)),
      [1],
    );
  const found = signChanges(from([1e-14, 0.5, 3, 7]), 0, 4);
  expect(found.length).toBe(3);
  [1e-14, 0.5, 3].forEach((root, i) => {
    close(found[i], root, 1e-6);
  });
  expect(signChanges([1, 0, 1], -4, 4)).toEqual([]);
  expect(signChanges([5], 0, 1)).toEqual([]);
});

test("control refuses bad input by name", () => {
  const rule = gradientDescent();
  const refused = (call: () => unknown, message: string | RegExp) => expect(call).toThrow(message);
  for (const owner of ["poles", "stabilityMargins", "frequencyResponse", "bestCoefficients"] as const) {
    const call = { poles, stabilityMargins, frequencyResponse, bestCoefficients }[owner] as (
      ...given: unknown[]
    ) => unknown;
    refused(() => call("sgd", 1, {}), new RegExp(`^${owner}: rule must be`));
    const others: Record<string, unknown[]> = {
      bestCoefficients: [{ lambdaMin: 1, lambdaMax: 2 }],
      frequencyResponse: [1, { frequencies: [1] }],
    };
    const options = others[owner] ?? [1, {}];
    refused(() => call(rprop(), ...options), new RegExp(`^${owner}: rprop has no limit`));
    refused(() => call(muon(), ...options), new RegExp(`^${owner}: muon has no limit`));
  }
  const wrapped = chain(clipByGlobalNorm({ norm: 1 }), rule);
  refused(() => poles(wrapped, 1), `poles: rule must be without wrappers, got a chain around ${rule.name}`);
  refused(() => stabilityMargins(wrapped, 1), /^stabilityMargins: rule must be without wrappers/);
  refused(
    () => bestCoefficients(wrapped, { lambdaMin: 1, lambdaMax: 2 }),
    /^bestCoefficients: rule must be without/,
  );
  refused(
    () => bestCoefficients(rule, { lambdaMin: 1e-300, lambdaMax: 1e300 }),
    /^bestCoefficients: lambdaMax must be at most 1e\+28 times lambdaMin/,
  );
  refused(() => poles(rule, Number.NaN), "poles: lambda must lie in (−∞, ∞), got NaN");
  refused(() => poles(rule, 1, { rate: 1 } as never), /poles: unknown option "rate"/);
  refused(() => stabilityMargins(rule, 0), "stabilityMargins: lambda must lie in (0, ∞), got 0");
  refused(() => stabilityMargins(rule, 1, { learningRate: -1 }), /stabilityMargins: learningRate must lie/);
  refused(() => frequencyResponse(rule, 1, {} as never), /frequencyResponse: frequencies must be an array/);
  refused(
    () => frequencyResponse(rule, 1, { frequencies: [4] }),
    /frequencies\[0\] must lie in \(0, π\], got 4/,
  );
  refused(
    () => frequencyResponse(rule, 1, { frequencies: [0] }),
    /frequencies\[0\] must lie in \(0, π\], got 0/,
  );
  const best = (options: object, of: Rule = qhm()) => bestCoefficients(of, options as never);
  refused(
    () => best({ lambdaMin: 0, lambdaMax: 1 }),
    "bestCoefficients: lambdaMin must lie in (0, ∞), got 0",
  );
  refused(
    () => best({ lambdaMin: 2, lambdaMax: 1 }),
    "bestCoefficients: lambdaMax must lie in [lambdaMin, ∞), got 1",
  );
  refused(() => best({ lambdaMin: 1 }), /bestCoefficients: lambdaMax must be a number/);
  const valley = { lambdaMin: 1, lambdaMax: 2 };
  refused(
    () => best({ ...valley, tune: [] }),
    /tune must hold one to three names of options, got an array of 0/,
  );
  refused(() => best({ ...valley, tune: ["beta", "beta"] }), /tune must hold one to three names/);
  refused(() => best({ ...valley, tune: ["bta"] }), 'unknown option "bta" in tune; did you mean beta?');
  refused(() => best({ ...valley, tune: ["toString"] }), /unknown option "toString" in tune/);
  refused(() => best({ ...valley, tune: ["weightDecay"] }), /weightDecay cannot be chosen/);
  refused(() => best({ ...valley, tuned: ["beta"] }), /unknown option "tuned"; did you mean tune\?/);
});
