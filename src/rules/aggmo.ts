import { describe } from "../core/describe.ts";
import { constant, count, nonNegative, type OptionsAtStep, positiveShare, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

const options = {
  learningRate: rate(0.01),
  damping: positiveShare(0.1),
  velocities: constant(count(3, 1)),
  weightDecay: nonNegative(0),
};

/** As many as the kernel's table of scalars has room for: at a = 0.1 the 17th velocity is not damped at all in f64. */
const MOST = 24;

type Velocity = `v${number}`;

/** 1 − a, 1 − a², …: the share that each velocity keeps, but for the first, which is the gradient alone. */
function kept(o: OptionsAtStep<typeof options>): number[] {
  let lost = 1;
  return Array.from({ length: o.velocities - 1 }, () => {
    lost *= o.damping;
    return 1 - lost;
  });
}

/**
 * Aggregated momentum: the mean of several velocities, each damped in its own way.
 *
 * vₖ ← βₖvₖ + g, x ← x − (η/K)·Σ vₖ, with βₖ = 1 − aᵏ⁻¹ for k = 1 … K: 0, 0.9 and 0.99 as it comes. The velocities that
 * lose much to friction hold back the swings of those that lose little, so that a momentum of 0.99 can be had without
 * its overshoot. v₁ is the gradient and takes no memory.
 *
 * @param options.learningRate - η ≥ 0, default 0.01
 * @param options.damping - a in (0, 1], default 0.1; at 1 every velocity is the gradient
 * @param options.velocities - K, how many there are, a whole number ≥ 1 and at most 24, default 3; a number, no schedule
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2); default 0
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { aggmo, minimize, quadratic } from "thalweg";
 * const valley = quadratic({ diagonal: [1, 100] });
 * minimize(valley, { rule: aggmo({ learningRate: 0.01 }), start: [1, 1], steps: 2000 }).x; // ≈ [0, 0]
 * ```
 *
 * Source: Lucas, Sun, Zemel, Grosse, "Aggregated momentum: stability through passive damping", ICLR 2019, the AggMo update
 * with the exponential damping vector, whose a = 0.1 and K = 3 are the defaults. The authors' code takes any vector of β besides; its
 * weight decay is L2. PyTorch and Optax have no AggMo.
 */
export const aggmo = defineRule({
  name: "aggmo",
  summary: "the mean of several velocities, each with its own damping",
  formula: "vₖ ← (1 − aᵏ⁻¹)vₖ + g, x ← x − (η/K)·Σ vₖ",
  use: "momentum of 0.99 would pay, but swings",
  source: "Lucas et al. 2019, AggMo",
  options,
  validate({ velocities }, owner) {
    if (velocities > MOST) {
      throw new RangeError(`${owner}: velocities must be at most ${MOST}, got ${describe(velocities)}`);
    }
  },
  slots: (o) => Array.from({ length: o.velocities - 1 }, (_, k): Velocity => `v${k + 2}`),
  kernel: () => "aggmo",
  scalars(out, o) {
    out[0] = o.learningRate / o.velocities;
    out[1] = o.weightDecay;
    out[2] = o.velocities - 1;
    let lost = 1;
    for (let k = 3; k < o.velocities + 2; k++) {
      lost *= o.damping;
      out[k] = 1 - lost;
    }
  },
  textbook(s, o) {
    const gradient = s.g + o.weightDecay * s.x;
    const next: Record<Velocity, number> = {};
    let sum = gradient;
    kept(o).forEach((beta, k) => {
      const velocity = beta * s[`v${k + 2}`] + gradient;
      next[`v${k + 2}`] = velocity;
      sum += velocity;
    });
    return { ...next, x: s.x - (o.learningRate / o.velocities) * sum };
  },
});
