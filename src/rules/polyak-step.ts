import { alsoCalled, finite, growth, limit, nonNegative, positive } from "./options.ts";
import { defineRule } from "./rule.ts";
import { writeRate } from "./write-rate.ts";

const lowerBound = alsoCalled(finite(0), "fStar", "f_star", "fstar", "f_min", "fMin", "optimum", "lb");
const maxRate = alsoCalled(
  limit(Infinity),
  "max_learning_rate",
  "maxLearningRate",
  "etaMax",
  "eta_max",
  "gamma_b",
);

/** How high the value stands above its bound. */
const heightOf = (value: number, bound: number) => Math.max(value - bound, 0);

/** a/b where neither is 0, else 0. */
const quotient = (a: number, b: number) => (a === 0 || b === 0 ? 0 : a / b);

/** height/(c‖g‖² + ε); in two quotients where that will do, since the square may leave the range of numbers. */
function polyakRate(height: number, c: number, gradientNorm: number, epsilon: number): number {
  if (epsilon === 0) return quotient(quotient(height, gradientNorm), c * gradientNorm);
  return height / (c * gradientNorm ** 2 + epsilon);
}

/**
 * Polyak's step: as far down the gradient as the value's height above the least one says.
 *
 * γ = min(η(f − f*)/(‖g‖² + ε), maxRate), x ← x − γg; at f ≤ f*, and where g = 0, nothing moves.
 *
 * It takes the objective's value: `optimizer.step({ value })`. With f* too low its steps are too long by as much, and it ends up
 * circling the minimum; with f* too high it stops at that height. For an L2 penalty chain `weightDecay` ahead of it.
 *
 * @param options.learningRate - η ≥ 0, the relaxation: below 2 every step on a convex function leads nearer to the
 * minimum; default 1
 * @param options.lowerBound - f*, the least value: any finite number, default 0
 * @param options.maxRate - γ is at most this: > 0 or Infinity, default ∞ (Optax: 1)
 * @param options.epsilon - ε ≥ 0, default 0
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, polyakStep, quadratic } from "thalweg";
 * const bowl = quadratic([[2]], [2], 1); // x² − 2x + 1, which is 0 at 1
 * minimize(bowl, { rule: polyakStep(), start: [5], steps: 40 }).x; // ≈ [1]
 * const lower = quadratic([[2]], [2]); // the same, lower by 1
 * minimize(lower, { rule: polyakStep({ lowerBound: -1 }), start: [5], steps: 40 }).x; // ≈ [1]
 * ```
 *
 * Source: Polyak, "Minimization of unsmooth functionals", USSR Comput. Math. Math. Phys. 9 (1969), with the relaxation of
 * Polyak, "Introduction to optimization", 1987, §5.3; η = 2 for smooth functions: Barré, Taylor, d'Aspremont,
 * "Complexity guarantees for Polyak steps with momentum", COLT 2020, proposition 1. Optax' polyak_sgd multiplies the gradient by its
 * scaling s before it works out the step, so that s shortens it by a factor of s: `learningRate: 1 / s, epsilon: eps / s ** 2,
 * maxRate: s * max_learning_rate`. Below the bound its variant sps goes uphill, sps+ stays, as this does.
 */
export const polyakStep = defineRule({
  name: "polyakStep",
  summary: "as far down the gradient as the height above the least value says",
  formula: "x ← x − γg, γ = min(η(f − f*)/‖g‖², γmax)",
  use: "the least value is known, as 0 is of a model that can fit everything",
  source: "Polyak 1969; Polyak 1987, §5.3",
  options: {
    learningRate: alsoCalled(nonNegative(1), "relaxation", "scaling"),
    lowerBound,
    maxRate,
    epsilon: nonNegative(0),
  },
  slots: () => [],
  linear: false,
  needs: { value: true },
  measures: { gradientNorm: { norm: "g" } },
  carries: [0],
  advance(o, { value, measured: { gradientNorm }, carried }) {
    const polyak = polyakRate(heightOf(value, o.lowerBound), 1, gradientNorm, o.epsilon);
    carried[0] = Math.min(o.learningRate * polyak, o.maxRate);
  },
  remedy: "a lowerBound nearer to the least value, or a maxRate",
  effectiveRate: (_, { carried }) => carried[0],
  kernel: () => "gradientDescentScaled",
  scalars(out, _, { carried }) {
    writeRate(out, carried[0]);
    out[2] = 0;
  },
  textbook(s, o, divide) {
    const polyak = s.g === 0 ? 0 : divide(heightOf(s.value, o.lowerBound), s.gradientNorm ** 2 + o.epsilon);
    return { x: s.x - Math.min(o.learningRate * polyak, o.maxRate) * s.g };
  },
});

/**
 * The stochastic Polyak step: Polyak's on the batch at hand, bounded.
 *
 * γ = min(η(f − f*)/(c‖g‖² + ε), maxRate, growthRate·γ′), x ← x − γg, where f and g are those of the batch, f* is the
 * least value that the batch alone could have, and γ′ the last γ above 0, at first `firstRate`.
 *
 * It takes the objective's value: `optimizer.step({ value })`. Where a model can fit every batch (f* = 0 for all of
 * them) it converges like gradient descent; where not, `maxRate` decides how near it comes. For an L2 penalty chain `weightDecay`
 * ahead of it.
 *
 * @param options.learningRate - η ≥ 0, a factor of the step, default 1
 * @param options.c - > 0, default 0.5; from 1/2 on for convex functions
 * @param options.lowerBound - f*: any finite number, default 0
 * @param options.maxRate - γ is at most this (γ_b in the paper): > 0 or Infinity, default ∞
 * @param options.growthRate - by which γ may grow in a step: ≥ 1 or Infinity, default ∞; the authors' smoothing is
 * 2 ** (1 / stepsPerEpoch)
 * @param options.firstRate - what γ grows from at the first step, if growthRate is finite: > 0, default 1
 * @param options.epsilon - ε ≥ 0, default 0 (the authors' code: 1e-8, which stops it short of an accurate minimum)
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { leastSquares, minimize, shuffle, sps } from "thalweg";
 * const problem = leastSquares([[1, 0], [0, 1], [1, 1], [1, -1]], [2, 3, 5, -1]); // all rows can be met
 * const batches = shuffle({ rows: 4, batchSize: 1 });
 * minimize(problem, { rule: sps(), start: [0, 0], steps: 100, batches }).x; // ≈ [2, 3]
 * ```
 *
 * Source: Loizou, Vaswani, Laradji, Lacoste-Julien, "Stochastic Polyak step-size for SGD: an adaptive learning rate for
 * fast convergence", AISTATS 2021, equation 3, with the smoothing of its experiments; the authors' code calls c, γ_b and f* `c`,
 * `eta_max` and `fstar`. Departures: it bounds by `eta_max` or smooths, here both can be had; a step of 0 is not what the
 * next one grows from, for after it nothing could grow; and gradients below 1e-8 are not left out.
 */
export const sps = defineRule({
  name: "sps",
  summary: "Polyak's step on the batch at hand, bounded",
  formula: "x ← x − γg, γ = min(η(f − f*)/(c‖g‖² + ε), γmax, growth·γ′)",
  use: "you train on batches that the model can fit one by one",
  source: "Loizou et al. 2021, equation 3",
  options: {
    learningRate: nonNegative(1),
    c: positive(0.5),
    lowerBound,
    maxRate,
    growthRate: alsoCalled(growth(Infinity), "growth_rate", "gamma"),
    firstRate: alsoCalled(positive(1), "init_step_size", "initStepSize"),
    epsilon: nonNegative(0),
  },
  slots: () => [],
  linear: false,
  needs: { value: true },
  measures: { gradientNorm: { norm: "g" } },
  // The rate, and the last one above 0.
  carries: [0, 0],
  advance(o, { t, value, measured: { gradientNorm }, carried }) {
    const polyak = polyakRate(heightOf(value, o.lowerBound), o.c, gradientNorm, o.epsilon);
    const last = t === 1 ? o.firstRate : carried[1];
    carried[0] = Math.min(o.learningRate * polyak, o.maxRate, o.growthRate * last);
    carried[1] = carried[0] === 0 ? last : carried[0];
  },
  remedy: "a lowerBound nearer to the least value, or a maxRate",
  effectiveRate: (_, { carried }) => carried[0],
  kernel: () => "gradientDescentScaled",
  scalars(out, _, { carried }) {
    writeRate(out, carried[0]);
    out[2] = 0;
  },
  textbook: (s) => ({ x: s.x - s.carried[0] * s.g }),
});
