import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { applyScaling, parseCsv, scaling } from "../../src/data/index.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { leastSquares, logisticRegression, quadratic } from "../../src/objectives/index.ts";
import { gradientDescent } from "../../src/rules/index.ts";
import {
  chebyshev,
  constant,
  cosine,
  parseSchedule,
  planRate,
  type Schedule,
  schedule,
  silver,
  silverStronglyConvex,
  warmup,
} from "../../src/schedules/index.ts";
import { predictedSteps } from "../../src/stepsize/forecast.ts";

/** What steps of gradient descent leave of a mode λx²/2: ∏(1 − ηλ), in the order of the plan. */
function left(plan: Schedule, lambda: number, steps: number): number {
  let product = 1;
  for (let t = 0; t < steps; t++) product *= 1 - plan(t) * lambda;
  return product;
}

/** Gradient descent with a plan through an optimizer, from x₀ along a gradient; the point after some steps. */
function descended(
  plan: Schedule,
  start: readonly number[],
  gradient: (x: Float64Array, g: Float64Array) => void,
  steps: number,
): number[] {
  const optimizer = createOptimizer(gradientDescent({ learningRate: plan }), [...start]);
  for (let t = 0; t < steps; t++) {
    gradient(optimizer.parameters as Float64Array, optimizer.gradient as Float64Array);
    optimizer.step();
  }
  const point = Array.from(optimizer.parameters);
  optimizer.dispose();
  return point;
}

const spectra = fc
  .record({
    lambdaMin: fc.double({ min: 1e-3, max: 10, noNaN: true }),
    kappa: fc.double({ min: 1, max: 1e4, noNaN: true }),
  })
  .map(({ lambdaMin, kappa }) => ({ lambdaMin, lambdaMax: lambdaMin * kappa }));

describe("Chebyshev's plan", () => {
  /** The roots of the Chebyshev polynomial of a degree on [m, M], rising. */
  const roots = (lambdaMax: number, lambdaMin: number, n: number) =>
    Array.from({ length: n }, (_, i) => {
      const cosine = Math.cos((Math.PI * (2 * i + 1)) / (2 * n));
      return (lambdaMax + lambdaMin - (lambdaMax - lambdaMin) * cosine) / 2;
    });

  test("[schedules] has the inverse of each root once, for any number of steps, and then begins anew", () => {
    for (const steps of [1, 2, 3, 5, 6, 7, 8, 12, 31, 32, 33, 100, 127, 257, 1000]) {
      const plan = chebyshev({ lambdaMax: 100, lambdaMin: 1, steps });
      const rates = Array.from({ length: steps }, (_, t) => plan(t));
      const sorted = [...rates].sort((a, b) => b - a);
      for (const [i, root] of roots(100, 1, steps).entries()) {
        expect(sorted[i] * root, `root ${i} of ${steps}`).toBeCloseTo(1, 12);
      }
      expect([plan(steps), plan(7 * steps)]).toEqual([rates[0], rates[0]]);
    }
  });

  test("[schedules] has Lebedev and Finogenov's order for powers of two", () => {
    // Their θ₁₆, as odd numbers below 32: Lebedev and Finogenov 1971; Samarskii and Nikolaev 1989, 6.2.
    const theirs = [1, 31, 15, 17, 7, 25, 9, 23, 3, 29, 13, 19, 5, 27, 11, 21];
    const plan = chebyshev({ lambdaMax: 50, lambdaMin: 2, steps: 16 });
    for (const [t, theta] of theirs.entries()) {
      const root = (52 - 48 * Math.cos((Math.PI * theta) / 32)) / 2;
      expect(plan(t) * root).toBeCloseTo(1, 13);
    }
  });

  test("[schedules] nowhere on [m, M] is more left than 1/Tₙ((M + m)/(M − m)), and exactly that at the extremes of Tₙ", () => {
    fc.assert(
      fc.property(
        spectra,
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (spectrum, steps, x) => {
          const { lambdaMax: M, lambdaMin: m } = spectrum;
          const plan = chebyshev({ ...spectrum, steps });
          const { rate } = planRate(plan);
          const slack = 1 + 1e-9;
          expect(Math.abs(left(plan, m + x * (M - m), steps))).toBeLessThanOrEqual(
            rate * slack + (1e-13 * M) / m,
          );
          if (rate < 1e-6) return;
          // Tₙ is ±1 at cos(kπ/n).
          for (const k of [0, Math.floor(steps / 2), steps]) {
            const extreme = (M + m - (M - m) * Math.cos((k * Math.PI) / steps)) / 2;
            expect(Math.abs(left(plan, extreme, steps)) / rate).toBeCloseTo(1, 6);
          }
        },
      ),
      { seed: 1 },
    );
  });

  test("[schedules] the rate is 1/cosh(n·arcosh((κ + 1)/(κ − 1))), as the polynomial's own definition says", () => {
    for (const [kappa, steps] of [
      [4, 1],
      [4, 5],
      [100, 32],
      [1e6, 100],
    ]) {
      const plan = chebyshev({ lambdaMax: kappa, lambdaMin: 1, steps });
      const expected = 1 / Math.cosh(steps * Math.acosh((kappa + 1) / (kappa - 1)));
      expect(planRate(plan).rate / expected).toBeCloseTo(1, 9);
      expect(planRate(plan, 3 * steps).rate / expected ** 3).toBeCloseTo(1, 9);
    }
    expect(planRate(chebyshev({ lambdaMax: 3, lambdaMin: 3, steps: 4 })).rate).toBe(0);
  });

  test("[schedules] on the worst spectrum, through minimize, the distance shrinks by exactly the proven rate", () => {
    const steps = 24;
    const plan = chebyshev({ lambdaMax: 100, lambdaMin: 1, steps });
    const diagonal = Array.from(
      { length: steps + 1 },
      (_, k) => (101 - 99 * Math.cos((k * Math.PI) / steps)) / 2,
    );
    const start = diagonal.map((_, k) => (k % 3) - 1.5);
    const rule = gradientDescent({ learningRate: plan });
    const { x } = minimize(quadratic({ diagonal }), { rule, start, steps, gradientTolerance: 0 });
    const distance = (v: ArrayLike<number>) => Math.hypot(...Array.from(v));
    expect(distance(x) / distance(start) / planRate(plan).rate).toBeCloseTo(1, 9);
    // Every constant rate leaves more: the best one's factor is (κ − 1)/(κ + 1) a step.
    expect(planRate(plan).rate).toBeLessThan((99 / 101) ** steps / 30);
  });

  test("[schedules] on the diabetes data three rounds of 64 steps leave 10⁻⁶ of the error, where the best constant rate takes 3248", () => {
    const text = readFileSync(new URL("../data/diabetes.csv", import.meta.url), "utf8");
    const data = parseCsv(text, { target: "progression", task: "regression" });
    const features = applyScaling(scaling(data, "standard"), data.features);
    const problem = leastSquares(features, data.targets, { columns: data.columns.length, intercept: true });
    const found = curvature(problem);
    const { lambdaMax, lambdaMin } = found;
    expect(predictedSteps(found, 1e-6)).toBe(3248);
    const plan = chebyshev({ lambdaMax, lambdaMin, steps: 64 });
    const { x: best } = minimize(problem, {});
    const rule = gradientDescent({ learningRate: plan });
    const { x } = minimize(problem, { rule, steps: 192, gradientTolerance: 0 });
    const left = Math.hypot(...x.map((value, i) => value - best[i])) / Math.hypot(...best);
    expect(planRate(plan, 192).rate).toBeLessThan(1e-6);
    expect(left).toBeLessThanOrEqual(planRate(plan, 192).rate);
  });

  test("[schedules] rounding is not amplified: 1000 steps at κ = 10⁴ reach the rate, where the same rates from the longest on lose everything", () => {
    const [kappa, steps] = [1e4, 1000];
    const plan = chebyshev({ lambdaMax: kappa, lambdaMin: 1, steps });
    const diagonal = Array.from({ length: 60 }, (_, k) => kappa ** (k / 59));
    // The minimum is not 0, so that each step is rounded.
    const gradient = (x: Float64Array, g: Float64Array) => {
      for (let i = 0; i < x.length; i++) g[i] = diagonal[i] * (x[i] - 1);
    };
    const start = diagonal.map(() => 0);
    const worst = (x: number[]) => Math.max(...x.map((value) => Math.abs(value - 1)));
    expect(worst(descended(plan, start, gradient, steps))).toBeLessThan(2 * planRate(plan).rate);
    // The same rates, the longest first: a tenth of them is enough to lose every digit.
    const falling = Array.from({ length: steps }, (_, t) => plan(t)).sort((a, b) => b - a);
    const sorted = schedule((t) => falling[t], { schedule: "sorted" });
    expect(worst(descended(sorted, start, gradient, steps / 10))).toBeGreaterThan(1e100);
  });

  test("[schedules] what follows a step never amplifies an error made in it, anywhere on [m, M]", () => {
    for (const steps of [2, 7, 16, 31, 64, 100, 127, 129]) {
      const plan = chebyshev({ lambdaMax: 1000, lambdaMin: 1, steps });
      const rates = Array.from({ length: steps }, (_, t) => plan(t));
      let most = 0;
      for (let k = 0; k <= 300; k++) {
        const lambda = 1000 ** (k / 300);
        let tail = 1;
        for (let t = steps - 1; t > 0; t--) {
          tail *= 1 - rates[t] * lambda;
          most = Math.max(most, Math.abs(tail));
        }
      }
      expect(most, `${steps} steps`).toBeLessThan(1 + 1e-9);
    }
  });
});

/** A Huber function in one dimension, L-smooth: quadratic up to a width, then a line. */
const huber = (L: number, width: number) => ({
  value: (x: number) => (Math.abs(x) <= width ? (L * x * x) / 2 : L * width * (Math.abs(x) - width / 2)),
  gradient: (x: number) => L * Math.max(-width, Math.min(width, x)),
});

/** Nesterov's worst function (L/4)(½xᵀTx − x₁), T tridiagonal (−1, 2, −1): its gradient, value and minimum. */
function nesterov(L: number, n: number) {
  const product = (x: ArrayLike<number>, i: number) =>
    2 * x[i] - (i > 0 ? x[i - 1] : 0) - (i < n - 1 ? x[i + 1] : 0);
  return {
    gradient(x: ArrayLike<number>, g: Float64Array) {
      for (let i = 0; i < n; i++) g[i] = (L / 4) * (product(x, i) - (i === 0 ? 1 : 0));
    },
    value(x: ArrayLike<number>) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += 0.5 * x[i] * product(x, i);
      return (L / 4) * (sum - x[0]);
    },
    // x*ᵢ = 1 − i/(n + 1), and f* = −(L/8)·n/(n + 1).
    minimizer: Array.from({ length: n }, (_, i) => 1 - (i + 1) / (n + 1)),
    minimum: (-(L / 8) * n) / (n + 1),
  };
}

describe("the silver plan for convex functions", () => {
  const silverRatio = 1 + Math.SQRT2;

  test("[schedules] begins √2, 2, √2, 2 + √2 over L, as the paper prints it", () => {
    const plan = silver({ lambdaMax: 4 });
    const printed = [
      Math.SQRT2,
      2,
      Math.SQRT2,
      2 + Math.SQRT2,
      Math.SQRT2,
      2,
      Math.SQRT2,
      4 + 2 * Math.SQRT2,
    ];
    for (const [t, step] of printed.entries()) expect(4 * plan(t)).toBeCloseTo(step, 14);
  });

  test("[schedules] the first 2ᵏ − 1 steps sum to ρᵏ − 1", () => {
    const plan = silver({ lambdaMax: 1 });
    let sum = 0;
    for (let t = 0, k = 1; k <= 12; t++) {
      sum += plan(t);
      if (t + 2 !== 2 ** k) continue;
      expect(sum / (silverRatio ** k - 1)).toBeCloseTo(1, 12);
      k++;
    }
  });

  test("[schedules] the rate is the paper's 1/(1 + √(4ρ²ᵏ − 3)), for n = 2ᵏ − 1 only", () => {
    const plan = silver({ lambdaMax: 10 });
    // No step: f(x₀) − f* ≤ L‖x₀ − x*‖²/2. PEPit's documented example has L = 10, n = 7: 0.343775.
    expect(planRate(plan, 0).rate).toBe(0.5);
    expect(10 * planRate(plan, 7).rate).toBeCloseTo(0.343775, 6);
    expect(planRate(plan).steps).toBe(127);
    for (const steps of [2, 4, 6, 8, 126, 128]) {
      expect(() => planRate(plan, steps)).toThrow(
        `planRate: of silver something is proven after powers of two less one, got ${steps}`,
      );
    }
  });

  test("[schedules] on Huber functions f − f* stays below the rate; the worst has the 0.184215 that PEPit finds", () => {
    const L = 10;
    const plan = silver({ lambdaMax: L });
    for (let k = 1; k <= 7; k++) {
      const steps = 2 ** k - 1;
      const { rate } = planRate(plan, steps);
      let worst = 0;
      // The one on whose linear part the steps just stay is the worst: of width 1/(2(ρᵏ − 1) + 1).
      const widest = 1 / (2 * (silverRatio ** k - 1) + 1);
      for (const width of [0.01, 0.5, 0.9, 1, 1.1, 2, 5].map((share) => share * widest)) {
        const { value, gradient } = huber(L, width);
        const [x] = descended(plan, [1], (at, g) => g.set([gradient(at[0])]), steps);
        expect(value(x)).toBeLessThanOrEqual(L * rate);
        worst = Math.max(worst, value(x));
      }
      expect(worst).toBeCloseTo(L / (4 * silverRatio ** k - 2), 12);
      // PEPit, wc_gradient_descent_silver_stepsize_convex(L=10, n=7): the exact worst case of all functions.
      if (k === 3) expect(worst).toBeCloseTo(0.184215, 6);
    }
  });

  test("[schedules] on Nesterov's worst functions, the measured value never exceeds the proven one", () => {
    for (const n of [1, 5, 21, 63]) {
      const L = 3;
      const { gradient, value, minimizer, minimum } = nesterov(L, n);
      expect(value(minimizer)).toBeCloseTo(minimum, 12);
      const distance = minimizer.reduce((sum, x) => sum + x * x, 0);
      const plan = silver({ lambdaMax: L });
      for (let k = 0; k <= 7; k++) {
        const steps = 2 ** k - 1;
        const gap = value(descended(plan, new Array(n).fill(0), gradient, steps)) - minimum;
        expect(gap, `n = ${n}, ${steps} steps`).toBeLessThanOrEqual(
          L * planRate(plan, steps).rate * distance,
        );
        // With n = 2k + 1, no method whose k iterates stay in the Krylov space has less than L/(16(k + 1)).
        if (n === 2 * steps + 1) expect(gap).toBeGreaterThanOrEqual(L / (16 * (steps + 1)));
      }
    }
  });

  test("[schedules] nor on random convex quadratics, in the worst of their modes", () => {
    const plan = silver({ lambdaMax: 1 });
    for (let k = 1; k <= 10; k++) {
      const steps = 2 ** k - 1;
      const { rate } = planRate(plan, steps);
      const random = new Random(k);
      for (let i = 0; i < 200; i++) {
        const lambda = random.uniform() ** (1 + (i % 8));
        expect((lambda / 2) * left(plan, lambda, steps) ** 2).toBeLessThanOrEqual(rate);
      }
    }
  });

  test("[schedules] nor on logistic regressions without a minimum in sight", () => {
    for (const seed of [1, 2, 3]) {
      const random = new Random(seed);
      const rows = Array.from({ length: 40 }, () => Array.from({ length: 4 }, () => random.normal()));
      const labels = rows.map((row) => (row[0] + row[1] + random.normal() > 0 ? 1 : 0));
      const problem = logisticRegression(rows, labels);
      // ‖A‖²F/(4n) is at least λmax(AᵀA)/(4n), the Hessian's largest eigenvalue anywhere.
      const L = rows.flat().reduce((sum, x) => sum + x * x, 0) / (4 * rows.length);
      const best = minimize(problem, {});
      const distance = Array.from(best.x).reduce((sum, x) => sum + x * x, 0);
      const plan = silver({ lambdaMax: L });
      const rule = gradientDescent({ learningRate: plan });
      for (let k = 1; k <= 7; k++) {
        const steps = 2 ** k - 1;
        const { value } = minimize(problem, { rule, steps, gradientTolerance: 0 });
        expect(value - best.value).toBeLessThanOrEqual(L * planRate(plan, steps).rate * distance);
      }
    }
  });
});

describe("the silver plan for strongly convex functions", () => {
  /** The plan as the paper builds it: that of n steps without its last, a, the same again, b. */
  function built(kappa: number, steps: number): { rates: number[]; rate: number } {
    const psi = (t: number) => (1 + kappa * t) / (1 + t);
    let z = 1 / kappa;
    let rates = [psi(z)];
    while (rates.length < steps) {
      const eta = 1 - z;
      const y = z / (eta + Math.sqrt(1 + eta ** 2));
      z *= eta + Math.sqrt(1 + eta ** 2);
      const most = rates.slice(0, -1);
      rates = [...most, psi(y), ...most, psi(z)];
    }
    return { rates, rate: (1 - z) / (1 + z) };
  }

  test("[schedules] is the paper's recursion, for every power of two, and then begins anew", () => {
    for (const kappa of [1, 1.5, 32, 1e4]) {
      for (let k = 0; k <= 9; k++) {
        const steps = 2 ** k;
        const plan = silverStronglyConvex({ lambdaMax: kappa, lambdaMin: 1, steps });
        const { rates, rate } = built(kappa, steps);
        for (let t = 0; t < 2 * steps; t++) expect(plan(t) * kappa).toBeCloseTo(rates[t % steps], 10);
        expect(planRate(plan).rate).toBeCloseTo(rate, 12);
      }
    }
  });

  test("[schedules] the rate is what PEPit finds as the exact worst case: 0.0169783 for κ = 10, n = 8", () => {
    const plan = silverStronglyConvex({ lambdaMax: 1, lambdaMin: 0.1, steps: 8 });
    expect(planRate(plan).rate ** 2).toBeCloseTo(0.0169783, 7);
    // One step is the best constant one: (κ − 1)/(κ + 1).
    const one = silverStronglyConvex({ lambdaMax: 9, lambdaMin: 1, steps: 1 });
    expect(one(0)).toBeCloseTo(0.2, 15);
    expect(planRate(one).rate).toBeCloseTo(0.8, 15);
  });

  test("[schedules] on the slowest mode exactly the proven rate is left, and nowhere on [m, M] more", () => {
    fc.assert(
      fc.property(spectra, fc.nat(7), fc.double({ min: 0, max: 1, noNaN: true }), (spectrum, k, x) => {
        const steps = 2 ** k;
        const { lambdaMax: M, lambdaMin: m } = spectrum;
        const plan = silverStronglyConvex({ ...spectrum, steps });
        const { rate } = planRate(plan);
        expect(Math.abs(left(plan, m, steps) - rate)).toBeLessThan(1e-12);
        expect(Math.abs(left(plan, m + x * (M - m), steps))).toBeLessThanOrEqual(rate + 1e-12);
      }),
      { seed: 1 },
    );
  });

  test("[schedules] nor on strongly convex functions that are no quadratics: Huber functions with a floor under their curvature", () => {
    const [m, M] = [1, 40];
    for (let k = 0; k <= 6; k++) {
      const steps = 2 ** k;
      const plan = silverStronglyConvex({ lambdaMax: M, lambdaMin: m, steps });
      const { rate } = planRate(plan);
      for (let i = 0; i <= 40; i++) {
        const { gradient } = huber(M - m, 10 ** (-i / 10));
        const [x] = descended(plan, [1], (at, g) => g.set([m * at[0] + gradient(at[0])]), steps);
        expect(Math.abs(x), `${steps} steps, width 10^−${i / 10}`).toBeLessThanOrEqual(rate * (1 + 1e-12));
      }
    }
  });

  test("[schedules] beats the best constant rate on strongly convex functions, and Chebyshev's plan does not go below it on quadratics", () => {
    const spectrum = { lambdaMax: 1000, lambdaMin: 1 };
    const steps = 128;
    const ofSilver = planRate(silverStronglyConvex({ ...spectrum, steps })).rate;
    expect(ofSilver).toBeLessThan(((1000 - 1) / (1000 + 1)) ** steps / 1.5);
    expect(planRate(chebyshev({ ...spectrum, steps })).rate).toBeLessThan(ofSilver);
  });
});

describe("plans", () => {
  test("[schedules] a plan from its JSON has its rate", () => {
    const plan = chebyshev({ lambdaMax: 9, lambdaMin: 1, steps: 4 });
    expect(planRate(parseSchedule(JSON.parse(JSON.stringify(plan.description))))).toEqual(planRate(plan));
  });

  test("mistakes are refused by name", () => {
    const wrong: readonly [() => unknown, string][] = [
      [
        () => chebyshev({ lambdaMax: 1, lambdaMin: 2, steps: 3 }),
        "chebyshev: lambdaMin must lie in (0, lambdaMax], got 2 > 1",
      ],
      [
        () => chebyshev({ lambdaMax: 1, lambdaMin: 0, steps: 3 }),
        "chebyshev: lambdaMin must lie in (0, ∞), got 0",
      ],
      [
        () => chebyshev({ lambdaMax: 1, lambdaMin: 1, steps: 0 }),
        "chebyshev: steps must lie in the integers from 1, got 0",
      ],
      [() => silver({ lambdaMax: 0 }), "silver: lambdaMax must lie in (0, ∞), got 0"],
      [() => silver({ L: 1 } as never), 'silver: unknown parameter "L"; did you mean lambdaMax?'],
      [
        () => silverStronglyConvex({ lambdaMax: 2, lambdaMin: 1, steps: 12 }),
        "silverStronglyConvex: steps must lie in the powers of two, got 12",
      ],
      [
        () => silverStronglyConvex({ lambdaMax: 2, lambdaMin: 1, steps: 2 ** 49 + 1 }),
        "silverStronglyConvex: steps must lie in the powers of two, got 562949953421313",
      ],
      [
        () => silverStronglyConvex({ lambdaMax: 2, lambdaMin: 3, steps: 4 }),
        "silverStronglyConvex: lambdaMin must lie in (0, lambdaMax], got 3 > 2",
      ],
      [
        () => planRate(cosine({ from: 1, steps: 3 })),
        "planRate: plan must be a plan of steps (chebyshev, silver, silverStronglyConvex), got the schedule cosine",
      ],
      [() => planRate(0.1 as never), "silverStronglyConvex), got 0.1"],
      [() => planRate(warmup(3, constant(1))), "got the schedule warmup"],
      [
        () => planRate(silver({ lambdaMax: 1 }), -1),
        "planRate: steps must lie in the integers from 0, got -1",
      ],
      [
        () => planRate(chebyshev({ lambdaMax: 2, lambdaMin: 1, steps: 4 }), 6),
        "planRate: of chebyshev something is proven after multiples of steps, got 6",
      ],
    ];
    for (const [call, message] of wrong) expect(call).toThrow(message);
  });
});
