import { describe } from "../core/describe.ts";
import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { alsoCalled, flag, fraction, nonNegative, rate } from "./options.ts";
import { defineRule, type StepContext } from "./rule.ts";

const hyperRate = (value: number) => alsoCalled(nonNegative(value), "hypergrad_lr", "hypergradLr");
const multiplicative = flag(false);

type HypergradientMeasure = "slope" | "gradientNorm" | "directionNorm";

/** What the rate of the last step should have been, by ⟨g, direction⟩. */
function measures({ multiplicative }: { readonly multiplicative: boolean }) {
  const slope = { dot: ["g", "direction"] } as const;
  return multiplicative
    ? { slope, gradientNorm: { norm: "g" } as const, directionNorm: { norm: "direction" } as const }
    : { slope };
}

/** Descends the rate: what is added to the one that was given, and what multiplies it, are carried first. */
function descendRate(
  { hyperRate, multiplicative }: { readonly hyperRate: number; readonly multiplicative: boolean },
  { measured, carried }: StepContext<HypergradientMeasure>,
): void {
  if (!multiplicative) carried[0] += hyperRate * measured.slope;
  else if (measured.slope !== 0) {
    carried[1] *= 1 + hyperRate * (measured.slope / measured.gradientNorm / measured.directionNorm);
  }
}

const rateOf = (learningRate: number, carried: Float64Array) => (learningRate + carried[0]) * carried[1];

/** Throws where the multiplicative form could turn the rate's sign. */
function checkForm(
  { hyperRate, multiplicative }: { readonly hyperRate: unknown; readonly multiplicative: boolean },
  owner: string,
): void {
  if (multiplicative && typeof hyperRate === "number" && hyperRate >= 1) {
    throw new RangeError(
      `${owner}: hyperRate must lie below 1 in the multiplicative form, got ${describe(hyperRate)}`,
    );
  }
}

/**
 * Gradient descent that descends its own rate too (SGD-HD, and with momentum SGDN-HD): the rate rises while gradients point the way the
 * last step went, and falls when they turn.
 *
 * α ← α + κ⟨g, u⟩, or multiplicatively α ← α(1 + κ⟨g, u⟩/(‖g‖‖u‖)), where u is the direction of the last step; then u = g,
 * with momentum u ← μu + g, in Nesterov's form b ← μb + g, u = g + μb; x ← x − αu.
 *
 * In the additive form κ has the scale of a rate over a squared gradient, and α can fall below 0; in the multiplicative form κ
 * is a share (0.02), and α stays above 0. A schedule of the learning rate goes on under what was learned. For an L2 penalty
 * chain `weightDecay` ahead of it.
 *
 * @param options.learningRate - α at first: ≥ 0, default 0.001
 * @param options.hyperRate - κ ≥ 0, default 0.000001; below 1 in the multiplicative form
 * @param options.multiplicative - change α by a share of itself, default false
 * @param options.momentum - μ in [0, 1), default 0
 * @param options.nesterov - look ahead along the momentum, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain;
 * RangeError where nesterov is asked for without momentum, or hyperRate is 1 or more in the multiplicative form
 *
 * @example
 * ```ts
 * import { hypergradientDescent, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * const rule = hypergradientDescent({ learningRate: 1e-4, hyperRate: 0.1, multiplicative: true });
 * const { x, learningRate } = minimize(bowl, { rule, start: [3], steps: 500 });
 * x; // ≈ [0]
 * learningRate; // > 0.1
 * ```
 *
 * Source: Baydin, Cornish, Martínez Rubio, Schmidt, Wood, "Online learning rate adaptation with hypergradient descent", ICLR
 * 2018, algorithms 4 and 5, their multiplicative form, and the default rates of the authors' code.
 */
export const hypergradientDescent = defineRule({
  name: "hypergradientDescent",
  summary: "gradient descent whose rate follows ⟨g, last step⟩",
  formula: "α ← α + κ⟨g, u⟩ or α(1 + κ cos(g, u)), u ← μu + g, x ← x − αu",
  use: "a rate that was once right has to follow a function that changes",
  source: "Baydin et al. 2018, algorithms 4 and 5",
  options: {
    learningRate: rate(1e-3),
    hyperRate: hyperRate(1e-6),
    multiplicative,
    momentum: fraction(0),
    nesterov: flag(false),
  },
  validate(o, owner) {
    if (o.nesterov && o.momentum === 0) {
      throw new RangeError(`${owner}: nesterov needs momentum above 0, got momentum 0`);
    }
    checkForm(o, owner);
  },
  slots: (o): ("direction" | "buffer")[] => (o.nesterov ? ["direction", "buffer"] : ["direction"]),
  measures,
  carries: [0, 1],
  advance: descendRate,
  remedy: "a lower hyperRate",
  effectiveRate: (o, { carried }) => rateOf(o.learningRate, carried),
  kernel: (o) => (o.nesterov ? "hypergradientNesterov" : "momentum"),
  scalars(out, o, { carried }) {
    out[0] = rateOf(o.learningRate, carried);
    out[3] = o.momentum;
    out[4] = 1;
  },
  textbook(s, o) {
    const buffer = o.momentum * (o.nesterov ? s.buffer : s.direction) + s.g;
    const direction = o.nesterov ? s.g + o.momentum * buffer : buffer;
    return { x: s.x - rateOf(o.learningRate, s.carried) * direction, direction, buffer };
  },
});

/**
 * Adam that descends its own rate too (Adam-HD): the rate rises while gradients point the way the last step went, and falls when
 * they turn.
 *
 * α ← α + κ⟨g, u⟩, or multiplicatively α ← α(1 + κ⟨g, u⟩/(‖g‖‖u‖)), where u is the direction of the last step; then
 * u = m̂/(√v̂ + ε) as Adam's, x ← x − αu.
 *
 * @param options.learningRate - α at first: ≥ 0, default 0.001
 * @param options.hyperRate - κ ≥ 0, default 1e-8; below 1 in the multiplicative form
 * @param options.multiplicative - change α by a share of itself, default false
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain;
 * RangeError where hyperRate is 1 or more in the multiplicative form
 *
 * @example
 * ```ts
 * import { hypergradientAdam, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * const rule = hypergradientAdam({ hyperRate: 0.05, multiplicative: true });
 * minimize(bowl, { rule, start: [3], steps: 1000 }).x; // ≈ [0]
 * ```
 *
 * Source: Baydin, Cornish, Martínez Rubio, Schmidt, Wood, "Online learning rate adaptation with hypergradient descent", ICLR
 * 2018, algorithm 6, their multiplicative form, and the default rates of the authors' code, which adds ε to √v
 * ahead of the correction, where here, as in the paper, it is added behind it.
 */
export const hypergradientAdam = defineRule({
  name: "hypergradientAdam",
  summary: "Adam whose rate follows ⟨g, last step⟩",
  formula: "α ← α + κ⟨g, u⟩ or α(1 + κ cos(g, u)), u = m̂/(√v̂ + ε), x ← x − αu",
  use: "you train with Adam at a rate that you do not trust",
  source: "Baydin et al. 2018, algorithm 6",
  options: {
    learningRate: rate(1e-3),
    hyperRate: hyperRate(1e-8),
    multiplicative,
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    epsilon: nonNegative(1e-8),
  },
  validate: checkForm,
  slots: (): ("direction" | "m" | "v")[] => ["direction", "m", "v"],
  measures,
  carries: [0, 1, 1, 0, 1, 0],
  advance: descendRate,
  remedy: "a lower hyperRate",
  effectiveRate: (o, { carried }) => rateOf(o.learningRate, carried),
  kernel: () => "hypergradientAdam",
  scalars(out, o, { carried }) {
    out[0] = rateOf(o.learningRate, carried);
    out[1] = o.beta1;
    out[2] = 1 - o.beta1;
    out[3] = o.beta2;
    out[4] = 1 - o.beta2;
    out[5] = 1 / (1 - multiplyRunning(carried, 2, o.beta1));
    out[6] = 1 / Math.sqrt(1 - multiplyRunning(carried, 4, o.beta2));
    out[7] = o.epsilon;
  },
  textbook(s, o, divide) {
    const m = o.beta1 * s.m + (1 - o.beta1) * s.g;
    const v = o.beta2 * s.v + (1 - o.beta2) * s.g ** 2;
    const mHat = m / (1 - pow(o.beta1, s.t));
    const direction = divide(mHat, Math.sqrt(v / (1 - pow(o.beta2, s.t))) + o.epsilon);
    return { x: s.x - rateOf(o.learningRate, s.carried) * direction, direction, m, v };
  },
});
