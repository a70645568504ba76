import type { ArrayInput } from "../core/array-input.ts";
import { checkCount, checkKeys, checkNumberOption, checkPrecision, checkSeed } from "../core/check.ts";
import { formatNumber } from "../core/format.ts";
import { machineEpsilon, type Precision } from "../core/precision.ts";
import { Random } from "../core/random.ts";
import { inOneGo, isOver, type Slice, type Sliced } from "../core/slice.ts";
import { type Objective, refuseField } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { atPoint, type Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import { boundFrom, krylovMiss } from "./krylov-bound.ts";
import { type Lanczos, startLanczos } from "./lanczos.ts";

/** Options of {@link curvature}. */
export interface CurvatureOptions<P = ArrayInput> {
  /** The point: one array, or named blocks; zeros if left out where the dimension is known. */
  readonly at?: P;
  /** Of the products and the basis: "f64" (default) or "f32". */
  readonly precision?: Precision;
  /** Seed of the random start: an integer in [0, 2⁵³), default 0. */
  readonly seed?: number;
  /** Above {@link COMPLETE_LIMIT} parameters: Lanczos steps at most, an integer ≥ 1; default 512. */
  readonly maxSteps?: number;
  /** Above {@link COMPLETE_LIMIT} parameters: the residuals wanted, relative to |λ|max, in (0, 1); default 1e-10 (f64) or 1e-5 (f32). */
  readonly tolerance?: number;
  /** Above {@link COMPLETE_LIMIT} parameters: the probability with which `lambdaMaxBound` holds, in (0, 1); default 0.999. */
  readonly probability?: number;
}

/**
 * The signs of the Hessian's eigenvalues, judged against their error bounds: all positive; none negative, some
 * zero within the bound; some negative and some positive; some negative, none positive; all zero within the bound.
 */
export type Definiteness = "positive" | "semidefinite" | "indefinite" | "negative" | "zero";

/** The curvature at a point, and what it says of the step. M is λmax, m is λmin. */
export interface Curvature {
  /** The largest eigenvalue of the Hessian. */
  readonly lambdaMax: number;
  /** The smallest eigenvalue of the Hessian. */
  readonly lambdaMin: number;
  /** How far each may be from an eigenvalue: measured residual, error of the products, rounding. */
  readonly errorBounds: { readonly lambdaMax: number; readonly lambdaMin: number };
  /** κ = M/m; ∞ where the Hessian is singular or has a negative eigenvalue. */
  readonly conditionNumber: number;
  /** 2/M: gradient descent is stable below. 0 with a negative eigenvalue, ∞ where nothing curves. */
  readonly speedLimit: number;
  /** 2/(M + m), the best constant step; of a singular Hessian on its range; 0 with a negative eigenvalue. */
  readonly optimalStep: number;
  /** (κ−1)/(κ+1), the worst mode's factor a step at `optimalStep`; of a singular Hessian on its range; 1 with a negative eigenvalue. */
  readonly contractionRate: number;
  /** 2/M whatever the sign of m: the limit along the steepest mode. */
  readonly steepestLimit: number;
  /** The signs of the eigenvalues, as far as their error bounds let them be told. */
  readonly definiteness: Definiteness;
  /** The smallest eigenvalue above its error bound: m on the range. */
  readonly smallestPositive: number;
  /** Whether the whole spectrum was computed, so that the largest is the largest. */
  readonly complete: boolean;
  /** All eigenvalues in falling order where complete; else the converged ones. */
  readonly spectrum: Float64Array;
  /** With `probability` no eigenvalue lies above this; λmax and its error bound where complete. */
  readonly lambdaMaxBound: number;
  /** 1 where complete. */
  readonly probability: number;
  /** Unit eigenvector of λmax; of named blocks, one behind the other. */
  readonly topVector: Float64Array;
  /** Unit eigenvector of λmin, likewise. */
  readonly bottomVector: Float64Array;
  /** Hessian–vector products taken. */
  readonly products: number;
  /** One sentence that says how large the step may be, and why. */
  readonly message: string;
}

/** Up to this many parameters the whole spectrum is computed. */
export const COMPLETE_LIMIT = 256;

/**
 * The curvature of a problem at a point: extreme eigenvalues of the Hessian, matrix-free, and the
 * step sizes that follow from them.
 *
 * Up to {@link COMPLETE_LIMIT} parameters the whole tridiagonal spectrum is computed. Above, Lanczos
 * runs from a random start until the extreme Ritz values have converged and until, by the bound of
 * {@link lambdaMaxBound}, no eigenvalue is missed by more than a hundredth of the spread with the stated
 * probability.
 *
 * @param problem - an objective such as `leastSquares(…)`, or `{ value, gradient }` of your own; without
 * `hessianVectorProduct` differences of gradients are used
 * @param options - where to look (`at`), in which `precision`, how closely: see {@link CurvatureOptions}
 * @throws TypeError or RangeError naming the argument that is wrong; RangeError where a
 * Hessian–vector product is not finite
 *
 * @example
 * ```ts
 * import { curvature, quadratic } from "thalweg";
 * const { speedLimit, optimalStep, conditionNumber } = curvature(quadratic([[10, 0], [0, 2]]));
 * speedLimit; // 0.2
 * optimalStep; // 2 / 12
 * conditionNumber; // 5
 * ```
 *
 * Source: Lanczos, "An iteration method for the solution of the eigenvalue problem", 1950; Parlett, "The
 * symmetric eigenvalue problem", chapter 13; optimal step and rate: Polyak, "Introduction to optimization",
 * 1987, §1.4, theorem 3.
 */
export function curvature(problem: Objective | UserProblem, options?: CurvatureOptions): Curvature;
export function curvature<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: CurvatureOptions<P>,
): Curvature;
export function curvature(problem: Problem, options: CurvatureOptions<ParametersInput> = {}): Curvature {
  return inOneGo((slice) => curvatureSliced(problem, options, slice)) as Curvature;
}

/** As `curvature`, in slices; undefined where it was aborted. */
export function* curvatureSliced(
  problem: Problem,
  options: CurvatureOptions<ParametersInput>,
  slice: Slice,
): Sliced<Curvature | undefined> {
  const names = ["at", "precision", "seed", "maxSteps", "tolerance", "probability"];
  checkKeys("curvature", options, names);
  const { precision = "f64", seed = 0, maxSteps = 512, probability = 0.999 } = options;
  checkPrecision("curvature", precision);
  checkCount("curvature", "maxSteps", maxSteps, 1);
  const { tolerance = precision === "f64" ? 1e-10 : 1e-5 } = options;
  checkNumberOption("curvature", "tolerance", tolerance, "(0, 1)", (v) => v > 0 && v < 1);
  checkNumberOption("curvature", "probability", probability, "(0, 1)", (v) => v > 0 && v < 1);
  checkSeed("curvature", seed);
  const random = new Random(seed);
  const { objective, point } = atPoint("curvature", problem, "at", options.at);
  refuseField("curvature", objective, "use rotation(field, { at }), which takes its Jacobian as it is");
  const { dimension } = objective;
  const limit = dimension <= COMPLETE_LIMIT ? dimension : Math.min(dimension, maxSteps);
  const { lanczos, bound, workspace } = startLanczos(objective, limit, random, precision, point);
  try {
    const missed = yield* runLanczos(lanczos, dimension, limit, tolerance, probability, slice);
    if (missed === undefined) return undefined;
    return summarize(lanczos, dimension, precision, missed, probability, bound.evaluations);
  } finally {
    workspace.dispose();
  }
}

/** Fraction of the spread that may be missed, with the stated probability, before Lanczos stops. */
const MISSED = 0.01;

/**
 * Runs to completeness, or until the extremes have converged. Returns the fraction of the spread
 * that an eigenvalue beyond the extremes may be missed by: 0 where the spectrum is complete, undefined where
 * it was aborted.
 */
function* runLanczos(
  lanczos: Lanczos,
  dimension: number,
  limit: number,
  tolerance: number,
  probability: number,
  slice: Slice,
): Sliced<number | undefined> {
  const complete = limit === dimension;
  // Half of what may fail for either end of the spectrum: the spread must be bounded to know what is missed.
  const missedBy = (steps: number) => krylovMiss(dimension, steps, (1 - probability) / 2);
  let nextLook = 16;
  for (;;) {
    if (isOver(slice)) yield;
    if (slice.aborted) return undefined;
    if (!lanczos.step()) {
      throw new RangeError("curvature: a Hessian–vector product at this point is not finite");
    }
    if (lanczos.exhausted) return 0;
    if (complete) continue;
    if (lanczos.steps >= limit) return missedBy(limit);
    if (lanczos.steps < nextLook) continue;
    const missed = missedBy(lanczos.steps);
    if (missed > MISSED) continue;
    nextLook = Math.ceil(lanczos.steps * 1.25);
    const ritz = lanczos.ritzValues();
    const top = ritz[0];
    const bottom = ritz[ritz.length - 1];
    const size = Math.max(Math.abs(top.value), Math.abs(bottom.value));
    if (Math.max(top.residual, bottom.residual) <= tolerance * size) return missed;
  }
}

function summarize(
  lanczos: Lanczos,
  dimension: number,
  precision: Precision,
  missed: number,
  probability: number,
  evaluations: { readonly hessianVectorProduct: number },
): Curvature {
  const ritz = lanczos.ritzValues();
  const last = ritz.length - 1;
  const [top, bottom] = lanczos.ritzVectors([0, last]);
  const size = Math.max(Math.abs(top.value), Math.abs(bottom.value));
  // Rounding of the recurrence and of the products: a few units in the last place of ‖H‖ per row.
  const rounding = 8 * machineEpsilon[precision] * Math.sqrt(dimension) * size;
  const boundOf = (pair: { residual: number; productError: number }) =>
    pair.residual + pair.productError + rounding;
  const errorBounds = { lambdaMax: boundOf(top), lambdaMin: boundOf(bottom) };
  const noise = Math.max(errorBounds.lambdaMin, rounding + bottom.productError);
  const complete = lanczos.exhausted;
  const positive = ritz.filter(
    ({ value, residual }) => value > noise && (complete || residual < 0.1 * value),
  );
  const smallestPositive = positive.at(-1)?.value ?? 0;
  const definiteness = judge(top.value, bottom.value, errorBounds);
  const spectrum = complete ? ritz : ritz.filter(({ residual }) => residual <= 1e-6 * size);
  const measured = {
    lambdaMax: top.value,
    lambdaMin: bottom.value,
    errorBounds,
    ...steps(definiteness, top.value, bottom.value, smallestPositive),
    definiteness,
    smallestPositive,
    complete,
    spectrum: Float64Array.from(spectrum, ({ value }) => value),
    lambdaMaxBound: boundFrom(top.value, bottom.value, undefined, missed) + errorBounds.lambdaMax,
    probability: complete ? 1 : probability,
    topVector: top.vector,
    bottomVector: bottom.vector,
    products: evaluations.hessianVectorProduct,
  };
  return { ...measured, message: sentence(measured) };
}

/** An eigenvalue counts as negative (or positive) only beyond its own error bound. */
function judge(
  top: number,
  bottom: number,
  bounds: { readonly lambdaMax: number; readonly lambdaMin: number },
): Definiteness {
  const rises = top > bounds.lambdaMax;
  if (bottom < -bounds.lambdaMin) return rises ? "indefinite" : "negative";
  if (!rises) return "zero";
  return bottom > bounds.lambdaMin ? "positive" : "semidefinite";
}

type Steps = Pick<
  Curvature,
  "conditionNumber" | "speedLimit" | "optimalStep" | "contractionRate" | "steepestLimit"
>;

function steps(definiteness: Definiteness, top: number, bottom: number, smallestPositive: number): Steps {
  const steepestLimit = definiteness === "negative" || definiteness === "zero" ? Infinity : 2 / top;
  switch (definiteness) {
    case "positive":
    case "semidefinite": {
      const m = definiteness === "positive" ? bottom : smallestPositive;
      return {
        conditionNumber: definiteness === "positive" ? top / bottom : Infinity,
        speedLimit: 2 / top,
        optimalStep: 2 / (top + m),
        contractionRate: (top - m) / (top + m),
        steepestLimit,
      };
    }
    case "zero":
      return {
        conditionNumber: Infinity,
        speedLimit: Infinity,
        optimalStep: Infinity,
        contractionRate: 1,
        steepestLimit,
      };
    default:
      return { conditionNumber: Infinity, speedLimit: 0, optimalStep: 0, contractionRate: 1, steepestLimit };
  }
}

function sentence(c: Omit<Curvature, "message">): string {
  const text = (value: number) => formatNumber(value, 4);
  const surely = c.complete
    ? ""
    : `; with probability ${c.probability} λmax is below ${text(c.lambdaMaxBound)}`;
  switch (c.definiteness) {
    case "positive":
      return `Steps below ${text(c.speedLimit)} = 2/λmax are stable, and ${text(c.optimalStep)} is the fastest constant step (κ = ${text(c.conditionNumber)})${surely}.`;
    case "semidefinite":
      return `Steps below ${text(c.speedLimit)} = 2/λmax are stable; the Hessian is singular, so that some directions do not move, and on the others ${text(c.optimalStep)} is the fastest constant step${surely}.`;
    case "indefinite":
      return `No step is stable here: λmin = ${text(c.lambdaMin)} is negative, and along its direction every step leads away (along the steepest, steps below ${text(c.steepestLimit)} are stable)${surely}.`;
    case "negative":
      return `No step is stable here: the function curves downwards in every direction (λmax = ${text(c.lambdaMax)}).`;
    default:
      return "Nothing curves here: the Hessian is zero within its error bound, and curvature sets no limit.";
  }
}
