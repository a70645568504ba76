import type { Measure } from "./measure.ts";

/** The slots of rules that remember the last point and the gradient there. */
export type SecantSlot = "before" | "gradientBefore";

/** Whether no rate is known yet: at the first step, and on until a gradient is not 0. */
const isUnknown = (_: number, carried: Float64Array) => carried[0] === 0;
const isKnown = (_: number, carried: Float64Array) => carried[0] !== 0;

/**
 * What these rules measure: with s = x − x′ and y = g − g′ the norms ‖s‖ and ‖y‖ and ⟨s, y⟩; and for their first step ‖x‖
 * and ‖g‖. The first number that they carry is the rate.
 */
export const secantMeasures = {
  stepNorm: { norm: ["x", "before"], when: isKnown },
  changeNorm: { norm: ["g", "gradientBefore"], when: isKnown },
  product: {
    dot: [
      ["x", "before"],
      ["g", "gradientBefore"],
    ],
    when: isKnown,
  },
  norm: { norm: "x", when: isUnknown },
  gradientNorm: { norm: "g", when: isUnknown },
} as const satisfies Record<string, Measure<SecantSlot>>;

/** The rate of a first step of the length firstStep·(1 + ‖x‖); 0, which is none yet, where the gradient is 0. */
export function firstRate(firstStep: number, norm: number, gradientNorm: number): number {
  if (gradientNorm === 0) return 0;
  return Math.min((firstStep * (1 + norm)) / gradientNorm, Number.MAX_VALUE);
}
