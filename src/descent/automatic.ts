import { formatNumber, withSeparators } from "../core/format.ts";
import { machineEpsilon, type Numbers, type RealArray } from "../core/precision.ts";
import { log } from "../core/scalar.ts";
import type { Slice, Sliced } from "../core/slice.ts";
import { refuseField } from "../objectives/objective.ts";
import { atPoint, type Problem } from "../parameters/at-point.ts";
import { gradientDescent } from "../rules/index.ts";
import {
  type CurvatureInterval,
  chooseRule,
  curvatureIntervalSliced,
  type RuleChoice,
} from "../stepsize/choose.ts";
import { Descent } from "./descent.ts";
import { type MinimizeResult, Run, type RunOptions } from "./run.ts";
import type { Stop } from "./stopping.ts";

/** Relative accuracy of x that a run without tolerances of its own is after. */
const ACCURACY = 1e-10;
/** Roundings of the gradient, in units of ε·λmax·‖x‖, below which its direction means nothing. */
const ROUNDINGS = 16;
/** A round whose λmin was measured ends when the gradient has shrunk by this (or should have), and measures again. */
const ROUND = 1e-2;
/** Steps of a run (or a round) without a limit of its own: this many times what is predicted, within bounds. */
const PATIENCE = 4;
const FEWEST_STEPS = 10_000;
const FEWEST_ROUND_STEPS = 1000;
const MOST_STEPS = 1_000_000;

/** What was chosen where a run was aborted before there was anything to choose from. */
export const ABORTED_MEASURING = "none: it was aborted while the curvature was measured";

const NO_CHOICE: RuleChoice = {
  rule: gradientDescent({ learningRate: 0 }),
  reason: ABORTED_MEASURING,
};

type AutomaticOptions = RunOptions & Omit<ConstructorParameters<typeof Descent>[2], "rule">;

/** Steps in which Polyak's and Nesterov's methods shrink the error by a factor, up to a constant. */
function predicted({ upper, lower }: CurvatureInterval, factor: number): number {
  return -log(factor) * Math.sqrt(upper / lower);
}

/** The steps of a run without a limit of its own. */
function patience(interval: CurvatureInterval): number {
  if (!interval.lowerHolds) return MOST_STEPS;
  return Math.min(MOST_STEPS, Math.max(FEWEST_STEPS, Math.ceil(PATIENCE * predicted(interval, ACCURACY))));
}

/**
 * The part of an interval that so many steps can settle. Momentum for modes that are too flat to be
 * settled anyhow would only keep the steeper ones swinging.
 */
function withinReach(interval: CurvatureInterval, steps: number): CurvatureInterval {
  if (predicted(interval, ACCURACY) <= steps) return interval;
  const lower = interval.upper * Math.min(1, log(ACCURACY) / steps) ** 2;
  const count = withSeparators(String(steps));
  return {
    ...interval,
    lower,
    reason: `${interval.reason}; ${count} steps settle no more than the modes above ${formatNumber(lower)}`,
  };
}

/**
 * Descends a convex problem whose curvature is bounded with a rule that is sure to converge, chosen
 * from the bound. Where λmin is not known everywhere the run goes in rounds: each measures λmin where
 * it stands and chooses anew. Aborted while it measures, it ends there, with the rule of the last round.
 *
 * @throws TypeError where nothing bounds the curvature: a rule has to be given then
 */
export function* minimizeAutomatically(
  owner: string,
  problem: Problem,
  options: AutomaticOptions,
  slice: Slice,
): Sliced<MinimizeResult> {
  const { objective, point } = atPoint(owner, problem, "start", options.start);
  refuseField(owner, objective, "give a rule, with a rate below the stepLimit of rotation(field, { at })");
  const { precision = "f64" } = options;
  let start: Numbers = Float64Array.from(point);
  let stepsBefore = 0;
  let evaluations = 0;
  let firstGradient = Number.NaN;
  let choice: RuleChoice = NO_CHOICE;
  yield;
  const deadline = performance.now() + (options.timeLimit ?? Infinity);
  for (;;) {
    const interval = yield* curvatureIntervalSliced(owner, objective, start, slice);
    if (slice.aborted) break;
    if (!interval) {
      throw new TypeError(
        `${owner}: rule is needed, such as adam({ learningRate: 0.01 }): nothing bounds the curvature of this problem`,
      );
    }
    const steps = options.steps ?? patience(interval);
    choice = chooseRule(objective, withinReach(interval, steps));
    const { rule, reason } = choice;
    const roundSteps = Math.max(FEWEST_ROUND_STEPS, PATIENCE * predicted(interval, ROUND));
    const descent = new Descent(owner, objective, { start, precision, rule });
    let roundGradient = Number.NaN;
    let again = false;
    const watch = ({ index, gradientNorm, parameterNorm }: Descent): Stop | undefined => {
      if (Number.isNaN(firstGradient)) firstGradient = gradientNorm;
      if (Number.isNaN(roundGradient)) roundGradient = gradientNorm;
      const rounding = ROUNDINGS * machineEpsilon[precision] * interval.upper * parameterNorm;
      const wanted =
        options.gradientTolerance === undefined
          ? Math.max(ACCURACY * interval.lower * parameterNorm, 1e-14 * firstGradient)
          : 0;
      if (gradientNorm <= Math.max(rounding, wanted)) {
        return {
          reason: "gradient",
          detail: `the gradient's norm is ${gradientNorm.toPrecision(2)}, ${gradientNorm <= rounding ? "its rounding error in this precision" : `which puts x within a relative 1e-10 of the minimum${interval.flat ? ", as far as the curvature can be told from zero" : ""}`}`,
        };
      }
      if (!interval.lowerHolds && (gradientNorm <= ROUND * roundGradient || index >= roundSteps)) {
        again = true;
        return { reason: "gradient", detail: "" };
      }
      return undefined;
    };
    try {
      const run = new Run(descent, {
        ...options,
        gradientTolerance: options.gradientTolerance ?? 0,
        timeLimit: Math.max(0, deadline - performance.now()),
        steps,
        stepsBefore,
        watch,
      });
      while (!run.advance(slice)) yield;
      evaluations += descent.evaluations;
      if (!again || slice.aborted) {
        // Only objectives on one array have a bound on their curvature.
        return { ...(run.result() as MinimizeResult), evaluations, choice: reason };
      }
      stepsBefore = run.steps;
      start = run.x as RealArray;
    } finally {
      descent.dispose();
    }
  }
  const { rule, reason } = choice;
  const descent = new Descent(owner, objective, { start, precision, rule });
  try {
    const run = new Run(descent, { ...options, stepsBefore });
    run.advance(slice);
    evaluations += descent.evaluations;
    return { ...(run.result() as MinimizeResult), evaluations, choice: reason };
  } finally {
    descent.dispose();
  }
}
