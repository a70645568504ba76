import { formatNumber } from "../core/format.ts";
import { goldenSection } from "../core/golden-section.ts";
import { machineEpsilon, type Numbers } from "../core/precision.ts";
import { inOneGo, type Slice, type Sliced } from "../core/slice.ts";
import { type Curvature, curvatureSliced } from "../curvature/curvature.ts";
import type { Objective } from "../objectives/objective.ts";
import { gradientDescent, sgd } from "../rules/index.ts";
import type { Rule } from "../rules/rule.ts";
import { polyak, steepest } from "./closed-forms.ts";
import { modeRate, speedLimit } from "./speed-limit.ts";

/** Bounds on the curvature between which a step size is chosen. */
export interface CurvatureInterval {
  /** No eigenvalue of the Hessian lies above, anywhere (or, for a quadratic, at all). */
  readonly upper: number;
  /** The smallest eigenvalue to be reckoned with. */
  readonly lower: number;
  /** Whether `lower` holds everywhere; if not it was measured at a point, and is to be measured again. */
  readonly lowerHolds: boolean;
  /** Whether there are directions whose curvature cannot be told from zero: nothing is known along them. */
  readonly flat: boolean;
  /** Where the two come from, as part of a sentence. */
  readonly reason: string;
}

/** A measured λmax is taken this much larger: heavy-ball momentum at its best is stable up to M(1 + 1/κ) only. */
const MARGIN = 1e-4;

function upperOf(measured: Curvature): number {
  return measured.complete ? measured.lambdaMax * (1 + MARGIN) : measured.lambdaMaxBound;
}

/** Eigenvalues below this part of the largest are rounding. */
const ROUNDING = 8 * machineEpsilon.f64;

/** The interval of a quadratic that knows its spectrum; undefined of others, and where nothing curves. */
function knownInterval(objective: Objective): CurvatureInterval | undefined {
  const spectrum = objective.spectrum?.();
  if (!spectrum || !(spectrum[0] > 0)) return undefined;
  const rounding = ROUNDING * Math.sqrt(spectrum.length) * spectrum[0];
  const curved = spectrum.filter((eigenvalue) => eigenvalue > rounding);
  const [lambdaMax] = curved;
  const lower = curved[curved.length - 1];
  const flat = curved.length < spectrum.length;
  return {
    upper: lambdaMax * (1 + MARGIN),
    lower,
    lowerHolds: true,
    flat,
    reason: `λmax = ${formatNumber(lambdaMax, 4)} and λmin = ${formatNumber(lower, 4)}${flat ? " (the smallest that is not zero)" : ""} everywhere, from its transform`,
  };
}

/**
 * Bounds on the curvature of a problem for all points, where they are known: measured for a
 * quadratic; for logistic and softmax models the upper from that of least squares on the same data,
 * the lower from the l2 penalty or else measured at `point`.
 *
 * @returns undefined where nothing bounds the curvature
 * @throws RangeError where a quadratic has no minimum
 */
export const curvatureInterval = (
  owner: string,
  objective: Objective,
  point: Numbers,
): CurvatureInterval | undefined =>
  inOneGo((slice) => curvatureIntervalSliced(owner, objective, point, slice));

/** As `curvatureInterval`, in slices; undefined too where it was aborted. */
export function* curvatureIntervalSliced(
  owner: string,
  objective: Objective,
  point: Numbers,
  slice: Slice,
): Sliced<CurvatureInterval | undefined> {
  if (objective.quadratic) {
    const known = knownInterval(objective);
    if (known) return known;
    const measured = yield* curvatureSliced(objective, { at: point }, slice);
    if (!measured) return undefined;
    if (measured.definiteness !== "positive" && measured.definiteness !== "semidefinite") {
      throw new RangeError(`${owner}: this quadratic has no single minimum. ${measured.message}`);
    }
    const { smallestPositive } = measured;
    return {
      upper: upperOf(measured),
      lower: smallestPositive,
      lowerHolds: true,
      flat: measured.definiteness === "semidefinite",
      reason: `λmax = ${formatNumber(measured.lambdaMax, 4)} and λmin = ${formatNumber(smallestPositive, 4)}${measured.definiteness === "semidefinite" ? " (the smallest that is not zero)" : ""} everywhere, as this objective is quadratic`,
    };
  }
  const { curvatureBound, curvatureFloor = 0 } = objective;
  if (!curvatureBound || !objective.convex) return undefined;
  const { hessian, scale, shift, reason } = curvatureBound;
  const steepest = yield* curvatureSliced(hessian, {}, slice);
  if (!steepest) return undefined;
  const upper = scale * upperOf(steepest) + shift;
  if (curvatureFloor > 0) {
    return {
      upper,
      lower: curvatureFloor,
      lowerHolds: true,
      flat: false,
      reason: `λmax ≤ ${formatNumber(upper, 4)} everywhere (${reason}) and λmin ≥ ${formatNumber(curvatureFloor, 4)} (the l2 penalty)`,
    };
  }
  const flattest = yield* curvatureSliced(objective, { at: point }, slice);
  if (!flattest) return undefined;
  const { smallestPositive } = flattest;
  const lower = Math.max(smallestPositive, SMALLEST * upper);
  return {
    upper,
    lower,
    lowerHolds: false,
    flat: flattest.definiteness === "semidefinite" || smallestPositive < lower,
    reason: `λmax ≤ ${formatNumber(upper, 4)} everywhere (${reason}) and ${smallestPositive < lower ? `λmin is less than ${formatNumber(lower)}` : `λmin ≈ ${formatNumber(lower, 4)}`} where it was last measured`,
  };
}

/** Where nothing bounds λmin from below, it is not taken for less than this part of λmax. */
const SMALLEST = 1e-8;

/** Below this condition number plain gradient descent needs no momentum. */
const WELL_CONDITIONED = 10;

/** A rule with its rate, and why it was chosen. */
export interface RuleChoice {
  readonly rule: Rule;
  /** One sentence. */
  readonly reason: string;
}

/**
 * The fastest of the constant-coefficient rules that is sure to converge: gradient descent at
 * 2/(M + m) where κ is small; on quadratics heavy-ball momentum with Polyak's coefficients
 * 4/(√M + √m)² and ((√κ−1)/(√κ+1))²; on other convex problems, where heavy-ball momentum may cycle
 * (Lessard, Recht, Packard 2016), Nesterov's with 1/M and (√κ−1)/(√κ+1).
 */
export function chooseRule(objective: Objective, interval: CurvatureInterval): RuleChoice {
  const { upper, lower, reason } = interval;
  const kappa = upper / lower;
  if (kappa <= WELL_CONDITIONED) {
    const { learningRate } = steepest(lower, upper);
    return {
      rule: gradientDescent({ learningRate }),
      reason: `gradient descent with the best constant step 2/(M + m) = ${formatNumber(learningRate, 4)}: ${reason}`,
    };
  }
  if (objective.quadratic) {
    const { learningRate, momentum } = polyak(lower, upper);
    return {
      rule: sgd({ learningRate, momentum }),
      reason: `heavy-ball momentum with Polyak's step 4/(√M + √m)² = ${formatNumber(learningRate, 4)} and momentum ${formatNumber(momentum, 4)}: ${reason}`,
    };
  }
  const learningRate = 1 / upper;
  const root = Math.sqrt(kappa);
  const momentum = (root - 1) / (root + 1);
  return {
    rule: sgd({ learningRate, momentum, nesterov: true }),
    reason: `Nesterov momentum with step 1/M = ${formatNumber(learningRate, 4)} and momentum ${formatNumber(momentum, 4)}: ${reason}`,
  };
}

/**
 * The learning rate at which a rule's slowest mode between `lower` and `upper` is fastest, by golden
 * section below the rule's speed limit: 2/(M + m) for gradient descent.
 */
export function bestLearningRate(rule: Rule, { upper, lower }: CurvatureInterval): number {
  const worst = (learningRate: number) =>
    Math.max(modeRate(rule, lower, { learningRate }), modeRate(rule, upper, { learningRate }));
  return goldenSection(worst, 0, speedLimit(rule, { lambdaMax: upper }), 60);
}
