import type { Curvature } from "../curvature/curvature.ts";
import type { MinimizeResult } from "../descent/run.ts";
import { observedRate } from "../stepsize/forecast.ts";
import { isPreconditioned } from "../stepsize/mode.ts";
import { modeRate, speedLimit } from "../stepsize/speed-limit.ts";
import type { RunHistory } from "./descend.ts";

/** What happened against what the curvature predicts. */
export interface Audit {
  /** The rule's own limit at the largest curvature; null where it divides by what it measures. */
  readonly speedLimit: number | null;
  /** Factor a step of the rule's slowest mode; null where the limit is, or the rate changes. */
  readonly predictedRate: number | null;
  /** Factor a step of the gradient's norm over the second half of the run; null where it cannot be had. */
  readonly observedRate: number | null;
}

/** Steps from which a rate can be told from the transient. */
const FEWEST_STEPS = 10;

/** Holds a run against a curvature: that where it ended, or where it began if it diverged. */
export function audit(result: MinimizeResult, measured: Curvature, { gradientNorms }: RunHistory): Audit {
  const { rule } = result;
  // A rule that goes by what it carries is another at every step.
  const constant =
    !rule.declaration.advance && Object.values(rule.options).every((value) => typeof value !== "function");
  const usable = gradientNorms.filter((norm) => norm > 0 && Number.isFinite(norm));
  const observed = usable.length > FEWEST_STEPS ? observedRate(usable) : null;
  if (isPreconditioned(rule) || !(measured.smallestPositive > 0)) {
    return { speedLimit: null, predictedRate: null, observedRate: observed };
  }
  const rates = [measured.smallestPositive, measured.lambdaMax].map((lambda) => modeRate(rule, lambda));
  return {
    speedLimit: speedLimit(rule, { lambdaMax: measured.lambdaMax }),
    predictedRate: constant ? Math.max(...rates) : null,
    observedRate: observed,
  };
}
