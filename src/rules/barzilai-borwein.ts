import { alsoCalled, flag, limit, nonNegative, type OptionsAtStep, positive } from "./options.ts";
import { defineRule, type StepContext } from "./rule.ts";
import { firstRate, type SecantSlot, secantMeasures } from "./secant.ts";
import { writeRate } from "./write-rate.ts";

const options = {
  learningRate: nonNegative(1),
  short: alsoCalled(flag(false), "bb2", "BB2"),
  alternate: alsoCalled(flag(false), "alternating"),
  firstStep: positive(1e-4),
  minRate: nonNegative(0),
  maxRate: limit(Infinity),
};

type BarzilaiBorweinMeasure = keyof typeof secantMeasures;

/** The quotient of a step that has one: α, or the last where the function curves downwards along s, or not at all. */
function quotient(
  o: OptionsAtStep<typeof options>,
  { t, measured: { product, stepNorm, changeNorm }, carried }: StepContext<BarzilaiBorweinMeasure>,
): number {
  if (product <= 0) return carried[0];
  const isShort = o.alternate && t % 2 === 1 ? !o.short : o.short;
  return isShort ? product / changeNorm / changeNorm : stepNorm * (stepNorm / product);
}

/**
 * Barzilai and Borwein's step: the rate is the inverse of the curvature along the last step.
 *
 * With s = x − x′ and y = g − g′ since the last step α = ⟨s, s⟩/⟨s, y⟩ (long, BB1) or ⟨s, y⟩/⟨y, y⟩ (short, BB2),
 * x ← x − η·min(max(α, minRate), maxRate)·g.
 *
 * For full gradients: the noise of batches looks like curvature. On a convex quadratic α lies between 1/λmax and 1/λmin and the
 * method converges, though neither value nor gradient falls at every step. Elsewhere nothing is promised without a line
 * search. Where ⟨s, y⟩ ≤ 0 (the function curves downwards along s) there is no quotient: the last α is kept. The first
 * step has the length firstStep·(1 + ‖x‖), just to measure. For an L2 penalty chain `weightDecay` ahead of it.
 *
 * @param options.learningRate - η ≥ 0, a factor of α, default 1
 * @param options.short - take the short quotient, default false
 * @param options.alternate - take the two in turn, beginning with the one that `short` says; default false
 * @param options.firstStep - length of the first step against 1 + ‖x‖: > 0, default 0.0001
 * @param options.minRate - α is at least this: ≥ 0, default 0
 * @param options.maxRate - α is at most this: > 0 or Infinity, default ∞
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain;
 * RangeError where minRate exceeds maxRate
 *
 * @example
 * ```ts
 * import { barzilaiBorwein, minimize, quadratic } from "thalweg";
 * const valley = quadratic({ diagonal: [1, 100] });
 * const { steps } = minimize(valley, { rule: barzilaiBorwein(), start: [1, 1], gradientTolerance: 1e-9 });
 * steps; // < 20
 * ```
 *
 * Source: Barzilai and Borwein, "Two-point step size gradient methods", IMA J. Numer. Anal. 8 (1988), equations 5 and 6;
 * in turn: Dai and Fletcher, "Projected Barzilai–Borwein methods for large-scale box-constrained quadratic
 * programming", 2005. The papers leave the first rate and ⟨s, y⟩ ≤ 0 open; Raydan (1997) takes a rate from ‖g‖
 * there.
 */
export const barzilaiBorwein = defineRule({
  name: "barzilaiBorwein",
  summary: "the inverse of the curvature along the last step as the rate",
  formula: "x ← x − αg, α = ⟨s, s⟩/⟨s, y⟩ or ⟨s, y⟩/⟨y, y⟩, s = x − x′, y = g − g′",
  use: "gradients are exact and the function is close to a convex quadratic",
  source: "Barzilai & Borwein 1988, equations 5 and 6",
  options,
  validate({ minRate, maxRate }, owner) {
    if (typeof minRate === "number" && typeof maxRate === "number" && minRate > maxRate) {
      throw new RangeError(`${owner}: minRate must not exceed maxRate, got ${minRate} and ${maxRate}`);
    }
  },
  slots: (): SecantSlot[] => ["before", "gradientBefore"],
  linear: false,
  measures(o) {
    const { stepNorm, changeNorm, ...always } = secantMeasures;
    return {
      ...always,
      ...(o.short && !o.alternate ? {} : { stepNorm }),
      ...(o.short || o.alternate ? { changeNorm } : {}),
    };
  },
  // α, and what became of it.
  carries: [0, 0],
  advance(o, context) {
    const { measured, carried } = context;
    const found =
      carried[0] === 0 ? firstRate(o.firstStep, measured.norm, measured.gradientNorm) : quotient(o, context);
    const alpha = found === 0 ? 0 : Math.min(Math.max(found, o.minRate), o.maxRate);
    carried[0] = alpha;
    carried[1] = o.learningRate * alpha;
  },
  effectiveRate: (_, { carried }) => carried[1],
  kernel: () => "secantDescent",
  scalars: (out, _, { carried }) => writeRate(out, carried[1]),
  textbook: (s) => ({ x: s.x - s.carried[1] * s.g, before: s.x, gradientBefore: s.g }),
});
