import type { Curvature } from "../curvature/curvature.ts";
import type { MinimizeResult } from "../descent/run.ts";
import { observedRate } from "../stepsize/forecast.ts";
import { isPreconditioned } from "../stepsize/mode.ts";
import { modeRate, speedLimit } from "../stepsize/speed-limit.ts";

/** A run step by step, as it is drawn and audited. */
export interface RunHistory {
  readonly steps: number[];
  readonly values: number[];
  readonly gradientNorms: number[];
}

/** What happened against what the curvature where the run ended predicts. */
export interface Audit {
  /** The rule's own limit at the largest curvature there; null where it divides by what it measures. */
  readonly speedLimit: number | null;
  /** Factor a step of the slowest mode of the rule; null where the limit is, or the rate changes. */
  readonly predictedRate: number | null;
  /** Factor a step of the gradient's norm over the second half of the run; null where it cannot be had. */
  readonly observedRate: number | null;
}

/** Holds a run against the curvature at the point where it ended. */
export function audit(result: MinimizeResult, measured: Curvature, { gradientNorms }: RunHistory): Audit {
  const { rule } = result;
  const linear = !isPreconditioned(rule);
  const constant = Object.values(rule.options).every((value) => typeof value !== "function");
  const positive = gradientNorms.filter((norm) => norm > 0);
  const observed = positive.length >= 20 ? observedRate(positive) : null;
  if (!linear || measured.definiteness === "indefinite") {
    return { speedLimit: null, predictedRate: null, observedRate: observed };
  }
  const rates = [measured.smallestPositive, measured.lambdaMax].map((lambda) => modeRate(rule, lambda));
  return {
    speedLimit: speedLimit(rule, { lambdaMax: measured.lambdaMax }),
    predictedRate: constant ? Math.max(...rates) : null,
    observedRate: observed,
  };
}
