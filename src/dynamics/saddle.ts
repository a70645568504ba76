import type { ArrayInput } from "../core/array-input.ts";
import { checkKeys, checkTolerance } from "../core/check.ts";
import { formatNumber } from "../core/format.ts";
import type { Numbers } from "../core/precision.ts";
import { Workspace } from "../core/workspace.ts";
import { type CurvatureOptions, curvature } from "../curvature/curvature.ts";
import { euclideanNorm } from "../objectives/differences.ts";
import { type Objective, refuseField } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { atPoint, type Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import { checkRule, type Rule } from "../rules/rule.ts";
import { escapeSteps } from "../stepsize/escape.ts";
import { hasModes, isPreconditioned } from "../stepsize/mode.ts";

/** Options of {@link saddleAt}: those of `curvature`, and what tells a point of rest and an escape. */
export interface SaddleOptions<P = ArrayInput> extends CurvatureOptions<P> {
  /** ‖gradient‖₂ of a point of rest is at most this: ≥ 0, default 1e-6. */
  readonly gradientTolerance?: number;
  /** A rule to predict the escape of: one whose steps scale with the gradient. */
  readonly rule?: Rule;
  /** How far along the escape direction it starts: ≥ 0, default 1e-6. Needs `rule`. */
  readonly distance?: number;
  /** How far it is to come: > 0, default 1. Needs `rule`. */
  readonly radius?: number;
}

/**
 * What a point is: no point of rest; a strict saddle, from which a direction leads downwards (a maximum is one, too); a
 * minimum, as every eigenvalue is above its error bound; or a point of rest with an eigenvalue that is 0 within it.
 */
export type PointKind = "moving" | "strict saddle" | "minimum" | "degenerate";

/** A point, as {@link saddleAt} found it. */
export interface Saddle {
  /** Whether it is a point of rest with λmin below minus its error bound. */
  readonly isStrictSaddle: boolean;
  /** What it is. */
  readonly kind: PointKind;
  /** ‖gradient‖₂ there. */
  readonly gradientNorm: number;
  /** The smallest eigenvalue of the Hessian. */
  readonly lambdaMin: number;
  /** How far from it an eigenvalue may be. */
  readonly errorBound: number;
  /** The largest. */
  readonly lambdaMax: number;
  /**
   * Where λmin is below minus its error bound: the unit vector along which to leave, pointing down the gradient, where
   * there is one; of named blocks, one behind the other.
   */
  readonly direction?: Float64Array;
  /** With a rule: its steps until the radius is reached, from the distance. ∞ where there is no escape. */
  readonly escapeSteps?: number;
  /** One sentence that a person can act on. */
  readonly message: string;
}

/**
 * Whether a point is a strict saddle: the gradient is 0 within a tolerance, and λmin, which `curvature` measures with an
 * error bound, is negative beyond it. Offers the direction to leave along, and says how many steps a rule takes for it.
 *
 * @param problem - an objective such as `leastSquares(…)`, or `{ value, gradient }` of your own
 * @param options - where (`at`), what counts as rest, the rule and where it starts: see {@link SaddleOptions}
 * @throws TypeError or RangeError naming the argument that is wrong; RangeError where the gradient or a Hessian–vector
 * product is not finite
 *
 * @example
 * ```ts
 * import { gradientDescent, saddle, saddleAt } from "thalweg";
 * const found = saddleAt(saddle, {
 *   at: [0, 0],
 *   rule: gradientDescent({ learningRate: 0.1 }),
 *   distance: 1e-3,
 * });
 * found.isStrictSaddle; // true
 * found.direction; // ≈ [0, 1]
 * found.escapeSteps; // 73
 * ```
 *
 * Source: Lee, Simchowitz, Jordan, Recht, "Gradient descent only converges to minimizers", COLT 2016, definition 2.
 */
export function saddleAt(problem: Objective | UserProblem, options?: SaddleOptions): Saddle;
export function saddleAt<P extends NamedBlocks>(problem: BlockProblem<P>, options: SaddleOptions<P>): Saddle;
export function saddleAt(problem: Problem, options: SaddleOptions<ParametersInput> = {}): Saddle {
  const owner = "saddleAt";
  checkKeys(owner, options, [...curvatureNames, "gradientTolerance", "rule", "distance", "radius"]);
  const { gradientTolerance = 1e-6, rule, distance, radius, ...rest } = options;
  checkTolerance(owner, "gradientTolerance", gradientTolerance);
  for (const [name, value] of Object.entries({ distance, radius })) {
    if (value !== undefined && rule === undefined) {
      throw new TypeError(`${owner}: ${name} needs a rule, whose escape it is`);
    }
  }
  const { objective, point } = atPoint(owner, problem, "at", options.at, options.precision);
  refuseField(owner, objective, "rotation(field, { at }) has the eigenvalues of its Jacobian");
  const from = distance ?? 1e-6;
  // What is wrong with the rule, or with where it starts, is told before anything is measured.
  if (rule !== undefined) checkRule(owner, rule);
  if (rule && hasModes(rule) && isPreconditioned(rule)) {
    throw new RangeError(
      `${owner}: rule must not divide by what it measures, as ${rule.name} does: near a saddle its steps do not shrink with the gradient`,
    );
  }
  if (rule) escapeSteps(rule, { lambdaMin: 0, distance: from, ...(radius === undefined ? {} : { radius }) });
  const gradient = gradientAt(objective, point, options.precision);
  const gradientNorm = euclideanNorm(gradient);
  if (!Number.isFinite(gradientNorm)) {
    throw new RangeError(`${owner}: the gradient at this point is not finite`);
  }
  const { lambdaMin, lambdaMax, errorBounds, bottomVector, complete } = curvature(objective, {
    ...rest,
    at: point,
  });
  const errorBound = errorBounds.lambdaMin;
  const descends = lambdaMin < -errorBound;
  const rests = gradientNorm <= gradientTolerance;
  const kind = !rests
    ? "moving"
    : descends
      ? "strict saddle"
      : lambdaMin > errorBound
        ? "minimum"
        : "degenerate";
  const found = {
    isStrictSaddle: rests && descends,
    kind,
    gradientNorm,
    lambdaMin,
    errorBound,
    lambdaMax,
    ...(descends ? { direction: pointedDown(bottomVector, gradient, gradientNorm) } : {}),
    ...(rule
      ? {
          escapeSteps: descends
            ? escapeSteps(rule, {
                lambdaMin,
                distance: from,
                ...(radius === undefined ? {} : { radius }),
              })
            : Infinity,
        }
      : {}),
  } as const;
  return { ...found, message: sentence(found, complete) };
}

const curvatureNames = ["at", "precision", "seed", "maxSteps", "tolerance", "probability"];

function gradientAt(
  objective: Objective,
  point: Numbers,
  precision: CurvatureOptions["precision"] = "f64",
): Float64Array {
  const names = ["saddle.x", "saddle.gradient"];
  const workspace = new Workspace(
    [...names.map((name) => ({ name, length: objective.dimension })), ...objective.memory(precision)],
    precision,
  );
  try {
    const [x, gradient] = names.map((name) => workspace.pointer(name));
    workspace.real("saddle.x").set(point);
    objective.bind(workspace).gradient(x, gradient);
    return Float64Array.from(workspace.real("saddle.gradient"));
  } finally {
    workspace.dispose();
  }
}

/** The vector or its opposite: the one that goes down where there is a slope along it, else the one whose largest entry is positive. */
function pointedDown(vector: Float64Array, gradient: Float64Array, gradientNorm: number): Float64Array {
  let slope = 0;
  let largest = 0;
  for (let i = 0; i < vector.length; i++) {
    slope += vector[i] * gradient[i];
    if (Math.abs(vector[i]) > Math.abs(largest)) largest = vector[i];
  }
  const tells = Math.abs(slope) > Number.EPSILON * gradientNorm;
  return (tells ? slope > 0 : largest < 0) ? vector.map((entry) => -entry) : vector;
}

function sentence(found: Omit<Saddle, "message">, complete: boolean): string {
  const { kind, lambdaMin, errorBound, gradientNorm, direction } = found;
  const least = `λmin = ${formatNumber(lambdaMin)} ± ${formatNumber(errorBound, 1)}`;
  const surely = complete ? "" : ", as far as Lanczos has looked";
  switch (kind) {
    case "strict saddle": {
      const time =
        found.escapeSteps === undefined
          ? ""
          : ` It takes the rule ${formatNumber(found.escapeSteps)} steps from the distance given.`;
      return `A strict saddle: ${least}, and along its direction the function falls.${time}`;
    }
    case "minimum":
      return `A minimum: ${least} is positive${surely}.`;
    case "degenerate":
      return `A point of rest whose kind the Hessian does not tell: ${least} is 0 within its error${surely}.`;
    default:
      return `No point of rest: the gradient's norm is ${formatNumber(gradientNorm)}${direction ? `; ${least}, and along its direction the function curves downwards` : ""}.`;
  }
}
