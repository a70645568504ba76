import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { descend } from "../../src/descent/descend.ts";
import { minimize } from "../../src/descent/minimize.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { comparePaths } from "../../src/dynamics/compare-paths.ts";
import { plateauBasin, quadratic } from "../../src/objectives/index.ts";
import {
  adam,
  aggmo,
  cocob,
  gradientDescent,
  heavyBall,
  momentum,
  nesterov,
  qhm,
  sgd,
} from "../../src/rules/index.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { overshoot, plateauCrossing } from "../../src/stepsize/inertia.ts";
import { curvatureLimit, modeRate, speedLimit } from "../../src/stepsize/speed-limit.ts";

const close = (actual: number, expected: number, bound = 1e-10) =>
  expect(Math.abs(actual / expected - 1)).toBeLessThan(bound);

/** The spectral radius by Gelfand's formula, lim ‖Aⁿ‖^(1/n), with n = 2⁴⁰ by repeated squaring. */
function gelfand(matrix: readonly (readonly number[])[]): number {
  const n = matrix.length;
  let power = matrix.map((row) => [...row]);
  let logarithm = 0;
  for (let k = 0; k <= 40; k++) {
    const norm = Math.hypot(...power.flat());
    logarithm += Math.log(norm) / 2 ** k;
    power = power.map((row) => row.map((each) => each / norm));
    power = power.map((row) =>
      Array.from({ length: n }, (_, j) => row.reduce((sum, each, l) => sum + each * power[l][j], 0)),
    );
  }
  return Math.exp(logarithm);
}

/** Where a spectral radius passes 1, by bisection. */
function end(radius: (rate: number) => number, high: number): number {
  let [low, top] = [0, high];
  while (top - low > 1e-12 * top) {
    const middle = (low + top) / 2;
    if (radius(middle) < 1) low = middle;
    else top = middle;
  }
  return low;
}

/** θ and the average of the paper, g ← βg + (1−β)λθ, θ ← θ − α((1−ν)λθ + νg). */
const qhmMatrix = (alpha: number, beta: number, nu: number, lambda: number) => {
  const taken = (1 - beta) * lambda;
  return [
    [1 - alpha * ((1 - nu) * lambda + nu * taken), -alpha * nu * beta],
    [taken, beta],
  ];
};

/** θ and all K velocities of the paper, v ← βv − λθ, θ ← θ + (γ/K)Σv. */
const aggmoMatrix = (gamma: number, betas: readonly number[], lambda: number) => {
  const share = gamma / betas.length;
  return [
    [1 - gamma * lambda, ...betas.map((beta) => share * beta)],
    ...betas.map((beta, k) => [-lambda, ...betas.map((_, l) => (l === k ? beta : 0))]),
  ];
};

/** |x| after `steps` of the rule's kernel on λx²/2 from x = 1. */
function distance(rule: Rule, lambda: number, steps: number): number {
  const optimizer = createOptimizer(rule, [1]);
  const { parameters: x, gradient: g } = optimizer;
  let largest = 0;
  for (let t = 0; t < steps && largest < 1e6; t++) {
    g[0] = lambda * x[0];
    optimizer.step();
    if (t >= steps - 50 || Math.abs(x[0]) > 1e6) largest = Math.max(largest, Math.abs(x[0]));
  }
  optimizer.dispose();
  return largest;
}

const coefficient = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const curvatures = fc.double({ min: 1e-3, max: 1e3, noNaN: true });

describe("the speed limit of momentum", () => {
  test("[momentum-limits] with the rate inside the velocity is that of the other forms: (2+2β)/λ, and (2+2μ)/(λ(1+2μ)) for Nesterov's", () => {
    // truths.md 1.
    fc.assert(
      fc.property(coefficient, curvatures, (beta, lambdaMax) => {
        close(speedLimit(heavyBall({ beta }), { lambdaMax }), (2 + 2 * beta) / lambdaMax);
        close(
          speedLimit(nesterov({ momentum: beta }), { lambdaMax }),
          (2 + 2 * beta) / (lambdaMax * (1 + 2 * beta)),
        );
      }),
      { numRuns: 40, seed: 2 },
    );
    close(curvatureLimit(heavyBall({ learningRate: 0.01, beta: 0.9 })), 380);
  });

  test("[momentum-limits] with Nesterov's own sequence goes to 4/(3λ), that of a momentum of 1", () => {
    close(speedLimit(nesterov({ sequence: true }), { lambdaMax: 5 }), 4 / 15);
  });

  test("[momentum-limits] of quasi-hyperbolic momentum is where its matrix's spectral radius is 1: (2+2β)/(λ(1+β−2νβ))", () => {
    fc.assert(
      fc.property(
        coefficient,
        fc.double({ min: 0, max: 1, noNaN: true }),
        curvatures,
        (beta, nu, lambdaMax) => {
          const limit = speedLimit(qhm({ beta, nu }), { lambdaMax });
          close(limit, (2 + 2 * beta) / (lambdaMax * (1 + beta - 2 * nu * beta)));
          const radius = (alpha: number) => gelfand(qhmMatrix(alpha, beta, nu, lambdaMax));
          close(end(radius, 3 * limit), limit, 1e-8);
        },
      ),
      { numRuns: 15, seed: 3 },
    );
  });

  test("[momentum-limits] of aggregated momentum is where its matrix's spectral radius is 1: 2K/(λ·Σ 1/(1+βₖ))", () => {
    for (const [damping, velocities] of [
      [0.1, 3],
      [0.1, 1],
      [0.5, 4],
      [0.25, 6],
      [0.9, 2],
    ]) {
      const betas = Array.from({ length: velocities }, (_, k) => 1 - damping ** k);
      for (const lambdaMax of [0.01, 1, 300]) {
        const limit = speedLimit(aggmo({ damping, velocities }), { lambdaMax });
        const sum = betas.reduce((total, beta) => total + 1 / (1 + beta), 0);
        close(limit, (2 * velocities) / (lambdaMax * sum));
        const radius = (gamma: number) => gelfand(aggmoMatrix(gamma, betas, lambdaMax));
        close(end(radius, 3 * limit), limit, 1e-8);
      }
    }
  });

  test("[momentum-limits] and its rate below it are those of the papers' matrices", () => {
    close(
      modeRate(qhm({ learningRate: 0.7, beta: 0.9, nu: 0.6 }), 2),
      gelfand(qhmMatrix(0.7, 0.9, 0.6, 2)),
      1e-8,
    );
    const betas = [0, 0.9, 0.99];
    close(modeRate(aggmo({ learningRate: 0.3 }), 2), gelfand(aggmoMatrix(0.3, betas, 2)), 1e-8);
  });

  const forms: readonly Rule[] = [
    heavyBall({ beta: 0.5 }),
    heavyBall({ beta: 0.9 }),
    nesterov({ momentum: 0.9 }),
    qhm({ beta: 0.9, nu: 0.7 }),
    qhm({ beta: 0.99, nu: 1 }),
    aggmo(),
    aggmo({ damping: 0.5, velocities: 5 }),
  ];
  test.each(forms.map((rule) => [rule.name, JSON.stringify(rule.options), rule] as const))(
    "[momentum-limits] of %s %s is where its kernel turns from convergence to divergence",
    (_, __, rule) => {
      const lambdaMax = 7;
      const limit = speedLimit(rule, { lambdaMax });
      const at = (factor: number): Rule => ({
        ...rule,
        options: { ...rule.options, learningRate: factor * limit },
      });
      expect(distance(at(0.99), lambdaMax, 20_000)).toBeLessThan(1e-6);
      expect(distance(at(1.01), lambdaMax, 20_000)).toBeGreaterThan(1e3);
    },
  );

  test("[momentum-limits] is of quadratics: on another convex function heavy ball goes round in threes below it", () => {
    // truths.md 4: Lessard, Recht, Packard, SIAM J. Optimization 26 (2016). The curvature is 1 to 25, and the limit (2 + 8/9)/25 is above η = 1/9.
    const problem = {
      value: ([x]: ArrayLike<number> & Iterable<number>) =>
        x < 1 ? 12.5 * x * x : x < 2 ? 0.5 * x * x + 24 * x - 12 : 12.5 * x * x - 24 * x + 36,
      gradient([x]: Iterable<number>, g: Float64Array | Float32Array) {
        g[0] = x < 1 ? 25 * x : x < 2 ? x + 24 : 25 * x - 24;
      },
      convex: true,
    };
    const rule = heavyBall({ learningRate: 1 / 9, beta: 4 / 9 });
    expect(speedLimit(rule, { lambdaMax: 25 })).toBeGreaterThan(1 / 9);
    const path: number[] = [];
    for (const { x } of descend(problem, { rule, start: [3.3], steps: 600 })) path.push(x[0]);
    const cycle = [792 / 1225, -2208 / 1225, 2592 / 1225];
    const at = cycle.findIndex((point) => Math.abs(point - path[597]) < 1e-9);
    expect(at).toBeGreaterThanOrEqual(0);
    for (let t = 570; t <= 600; t++) {
      expect(path[t]).toBeCloseTo(cycle[(at + t - 597 + 300) % 3], 12);
    }
    // Gradient descent and Nesterov's method find its minimum, 0.
    const calm = [
      gradientDescent({ learningRate: 2 / 26 }),
      nesterov({ learningRate: 1 / 25, momentum: 4 / 6 }),
    ];
    for (const other of calm) {
      const { x } = minimize(problem, { rule: other, start: [3.3], steps: 600 });
      expect(Math.abs(x[0])).toBeLessThan(1e-8);
    }
  });
});

describe("inertia on a plateau", () => {
  const rate = { learningRate: 0.1 };
  const slope = 0.01;

  /** Steps of the rule's kernel down a slope that is the same everywhere, until it has gone so far. */
  function measured(rule: Rule, far: number): number {
    const optimizer = createOptimizer(rule, [0]);
    let steps = 0;
    while (-optimizer.parameters[0] < far * (1 - 1e-12)) {
      optimizer.gradient[0] = slope;
      optimizer.step();
      steps++;
    }
    optimizer.dispose();
    return steps;
  }

  // The velocity that each comes to, over that of gradient descent.
  const forms: readonly (readonly [string, Rule, number])[] = [
    ["gradient descent", gradientDescent(rate), 1],
    ["heavy ball", heavyBall({ ...rate, beta: 0.9 }), 10],
    ["heavy ball with a momentum of 0.99", heavyBall({ ...rate, beta: 0.99 }), 100],
    ["PyTorch's momentum", sgd({ ...rate, momentum: 0.9 }), 10],
    ["Nesterov's", nesterov({ ...rate, momentum: 0.9 }), 10],
    ["the averaging form", momentum({ ...rate, beta: 0.9 }), 1],
    ["quasi-hyperbolic", qhm({ ...rate, beta: 0.9 }), 1],
    ["aggregated", aggmo(rate), (1 + 10 + 100) / 3],
  ];
  test.each(forms)("[momentum-limits] takes %s across in the steps that are predicted", (_, rule, gain) => {
    for (const far of [0.0123, 0.5, 3]) {
      const { steps, terminalVelocity } = plateauCrossing(rule, { slope, distance: far });
      close(terminalVelocity, gain * 0.1 * slope);
      expect(steps).toBe(measured(rule, far));
    }
  });

  test("[momentum-limits] brings heavy ball across as its closed form says, up to 1/(1−β) times as fast", () => {
    // x_t = (ηg/(1−β))(t − β(1−βᵗ)/(1−β)), from v_t = −ηg(1−βᵗ)/(1−β).
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (beta, far) => {
          const way = (t: number) =>
            ((0.1 * slope) / (1 - beta)) * (t - (beta * (1 - beta ** t)) / (1 - beta));
          const { steps } = plateauCrossing(heavyBall({ ...rate, beta }), { slope, distance: far });
          expect(way(steps)).toBeGreaterThanOrEqual(far * (1 - 1e-9));
          expect(way(steps - 1)).toBeLessThan(far * (1 + 1e-9));
        },
      ),
      { seed: 4 },
    );
    const across = (rule: Rule) => plateauCrossing(rule, { slope, distance: 1000 }).steps;
    close(across(gradientDescent(rate)) / across(heavyBall({ ...rate, beta: 0.9 })), 10, 1e-4);
  });

  test("[momentum-limits] does so on a plateau that ends in a basin, and stays in it: ten times as fast as gradient descent", () => {
    // dr/dt = −0.01·r/√(1 + r²): the flow takes [√(1 + r²) + ln(r/(1 + √(1 + r²)))]/0.01 from r₁ to r₀, a step of η is η of it.
    const time = (r: number) => (Math.sqrt(1 + r * r) + Math.log(r / (1 + Math.sqrt(1 + r * r)))) / 0.01;
    const eta = 0.009;
    const needed = (time(Math.hypot(3, 2)) - time(0.5)) / eta;
    const reached = (rule: Rule) => {
      for (const { index, x } of descend(plateauBasin, { rule, start: plateauBasin.start })) {
        if (Math.hypot(x[0], x[1]) < 0.5) return index;
      }
      return Infinity;
    };
    close(reached(gradientDescent({ learningRate: eta })), needed, 2e-3);
    const heavy = heavyBall({ learningRate: eta, beta: 0.9 });
    // It gathers speed during the first β/(1−β) = 9 steps.
    close(reached(heavy), needed / 10 + 9, 2e-3);
    const { x } = minimize(plateauBasin, { rule: heavy, start: plateauBasin.start, gradientTolerance: 1e-9 });
    expect(Math.hypot(x[0], x[1])).toBeLessThan(1e-9);
  });

  test("[momentum-limits] a decay may hold a rule back for ever; rules without modes are refused", () => {
    const held = sgd({ ...rate, weightDecay: 0.1 });
    // It comes to rest where 0.1·x = 0.01.
    expect(plateauCrossing(held, { slope, distance: 0.11 }).steps).toBe(Infinity);
    expect(plateauCrossing(held, { slope, distance: 0.09 }).steps).toBe(measured(held, 0.09));
    expect(plateauCrossing(gradientDescent({ learningRate: 0 }), { slope, distance: 1 })).toEqual({
      steps: Infinity,
      terminalVelocity: 0,
    });
    // With what it divides by frozen at the slope, Adam goes η a step.
    const { terminalVelocity } = plateauCrossing(adam(rate), { slope, distance: 1, preconditioner: slope });
    close(terminalVelocity, 0.1);
    expect(() => plateauCrossing(cocob(), { slope, distance: 1 })).toThrow(
      "plateauCrossing: cocob has no limit of this kind",
    );
    expect(() => plateauCrossing(heavyBall(), { slope: 0, distance: 1 })).toThrow(
      /slope must lie in \(0, ∞\), got 0/,
    );
    expect(() => plateauCrossing(heavyBall(), { slope } as never)).toThrow(/distance must be a number/);
    expect(() => plateauCrossing(heavyBall(), { slope, distance: 1, way: 1 } as never)).toThrow(
      /unknown option "way"/,
    );
  });
});

describe("a swing beyond the minimum", () => {
  /** The farthest that a run of the rule on λx²/2 from 1 comes to the other side before it turns, and when. */
  function measured(rule: Rule, lambda: number): { readonly ratio: number; readonly step: number } {
    let [last, at] = [1, 0];
    for (const { index, x } of descend(quadratic([[lambda]]), { rule, start: [1], steps: 5000 })) {
      if (index > 0 && last < 0 && x[0] >= last) return { ratio: -last, step: at };
      [last, at] = [x[0], index];
    }
    return { ratio: 0, step: Infinity };
  }

  const forms: readonly Rule[] = [
    heavyBall({ learningRate: 0.01, beta: 0.9 }),
    heavyBall({ learningRate: 1, beta: 0.9 }),
    nesterov({ learningRate: 0.01, momentum: 0.95 }),
    sgd({ learningRate: 0.002, momentum: 0.99 }),
    momentum({ learningRate: 0.3, beta: 0.9 }),
    qhm({ learningRate: 0.3, beta: 0.9, nu: 0.9 }),
    aggmo({ learningRate: 0.01 }),
    gradientDescent({ learningRate: 1.5 }),
  ];
  test.each(forms.map((rule) => [rule.name, JSON.stringify(rule.options), rule] as const))(
    "[momentum-limits] of %s %s is as far as predicted, and turns at the step predicted",
    (_, __, rule) => {
      for (const lambda of [1, 0.7]) {
        const [predicted, found] = [overshoot(rule, lambda), measured(rule, lambda)];
        expect(predicted.ratio).toBeGreaterThan(0);
        expect(found.step).toBe(predicted.step);
        close(found.ratio, predicted.ratio, 1e-9);
      }
    },
  );

  test("[momentum-limits] is that of a damped oscillator, exp(−πζ/√(1−ζ²)), to first order in √(ηλ)", () => {
    for (const zeta of [0.1, 0.3, 0.6]) {
      const oscillator = Math.exp((-Math.PI * zeta) / Math.sqrt(1 - zeta * zeta));
      // √(ηλ) = s, and the β and μ that give this ζ: ζ = (1−β)/2s, and for Nesterov's form (1 − μ + μs²)/2s.
      const errors = [0.02, 0.01, 0.005].map((s) => {
        const heavy = overshoot(heavyBall({ learningRate: s * s, beta: 1 - 2 * zeta * s }), 1).ratio;
        const ahead = overshoot(
          nesterov({ learningRate: s * s, momentum: (1 - 2 * zeta * s) / (1 - s * s) }),
          1,
        ).ratio;
        return [Math.abs(heavy / oscillator - 1), Math.abs(ahead / oscillator - 1)];
      });
      errors[1].forEach((error, form) => {
        expect(error).toBeLessThan(0.03);
        // Twice as fine, at most 0.6 of the error: the peak lies between two steps, which moves it a little.
        expect(errors[2][form]).toBeLessThan(0.6 * error + 1e-4);
        expect(error).toBeLessThan(0.6 * errors[0][form] + 1e-4);
      });
    }
  });

  test("[momentum-limits] has the discrete oscillator's √β a step: each half swing is smaller by √β^(π/θ)", () => {
    // x_t = √βᵗ·(…cos θt …) with 2√β·cos θ = 1 + β − ηλ.
    const [beta, eta] = [0.98, 0.004];
    const theta = Math.acos((1 + beta - eta) / (2 * Math.sqrt(beta)));
    const peaks: number[] = [];
    let [before, last] = [Infinity, 1];
    for (const { x } of descend(quadratic([[1]]), {
      rule: heavyBall({ learningRate: eta, beta }),
      start: [1],
      steps: 400,
    })) {
      const size = Math.abs(last);
      if (size > Math.abs(before) && size >= Math.abs(x[0])) peaks.push(size);
      [before, last] = [last, x[0]];
    }
    expect(peaks.length).toBeGreaterThan(5);
    for (let k = 1; k < peaks.length; k++) {
      expect(peaks[k] / peaks[k - 1]).toBeCloseTo(Math.sqrt(beta) ** (Math.PI / theta), 1);
    }
    const mean = (peaks[peaks.length - 1] / peaks[0]) ** (1 / (peaks.length - 1));
    expect(mean).toBeCloseTo(Math.sqrt(beta) ** (Math.PI / theta), 2);
  });

  test("[momentum-limits] is none from critical damping on, where both roots are real", () => {
    // Real positive roots: 1 + β − ηλ ≥ 2√β, that is √(ηλ) ≤ 1 − √β.
    for (const beta of [0.5, 0.9]) {
      const critical = (1 - Math.sqrt(beta)) ** 2;
      expect(overshoot(heavyBall({ learningRate: 0.98 * critical, beta }), 1)).toEqual({
        ratio: 0,
        step: Infinity,
      });
      expect(overshoot(heavyBall({ learningRate: 1.5 * critical, beta }), 1).ratio).toBeGreaterThan(0);
    }
    expect(overshoot(gradientDescent({ learningRate: 0.9 }), 1).ratio).toBe(0);
  });

  test("[momentum-limits] grows with β until the run never settles: too much of it", () => {
    const ratios = [0.5, 0.9, 0.99, 0.999].map(
      (beta) => overshoot(heavyBall({ learningRate: 0.01, beta }), 1).ratio,
    );
    for (let k = 1; k < ratios.length; k++) expect(ratios[k]).toBeGreaterThan(ratios[k - 1]);
    expect(ratios[3]).toBeGreaterThan(0.97);
    // Aggregated momentum has the velocity of 0.99 too, and less than a quarter of its overshoot.
    const held = overshoot(aggmo({ learningRate: 0.03 }), 1).ratio;
    expect(held).toBeLessThan(0.75 * overshoot(heavyBall({ learningRate: 0.01, beta: 0.99 }), 1).ratio);
  });

  test("[momentum-limits] bad input is refused by name", () => {
    expect(() => overshoot(heavyBall(), 0)).toThrow(/overshoot: lambda must lie in \(0, ∞\), got 0/);
    expect(() => overshoot(heavyBall as never, 1)).toThrow(/overshoot: rule must be a rule/);
    expect(() => overshoot(cocob(), 1)).toThrow(/cocob has no limit of this kind/);
  });
});

test("[momentum-limits] momentum damps the zigzag of a valley: (√κ−1)/(√κ+1) a step for (κ−1)/(κ+1)", () => {
  const kappa = 100;
  const root = Math.sqrt(kappa);
  const polyak = { learningRate: (2 / (root + 1)) ** 2, beta: ((root - 1) / (root + 1)) ** 2 };
  // At a double root, of which half of the digits are lost in the rounding of the rate.
  close(modeRate(heavyBall(polyak), 1), (root - 1) / (root + 1), 1e-5);
  close(modeRate(heavyBall(polyak), kappa), (root - 1) / (root + 1), 1e-5);
  const gentle = heavyBall({ learningRate: 0.25 / kappa, beta: 0.9 });
  const { plain, heavy, calm } = comparePaths(quadratic({ diagonal: [kappa, 1] }), {
    rules: {
      plain: gradientDescent({ learningRate: 2 / (kappa + 1) }),
      heavy: heavyBall(polyak),
      calm: gentle,
    },
    start: [1, 1],
    minimumValue: 0,
  });
  expect(plain.reversals).toBeGreaterThan(0.9);
  // The fastest swings from wall to wall as well, in ever smaller swings; at a lower rate the ball rolls along the floor.
  expect(calm.reversals).toBeLessThan(0.1);
  expect(plain.stepsToTolerance).toBeGreaterThan(5 * heavy.stepsToTolerance);
  expect(plain.stepsToTolerance).toBeGreaterThan(2 * calm.stepsToTolerance);
});
