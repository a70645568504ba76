import type { Problem } from "../objectives/at-point.ts";
import type { Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import type { ArrayInput } from "../parameters/array-input.ts";
import type { NamedBlocks, ParametersInput, Views } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import type { Rule } from "../rules/rule.ts";
import { minimizeAutomatically } from "./automatic.ts";
import { startDescent } from "./automatic-rate.ts";
import { type AnyViews, checkDescentOptions, type DescentOptions } from "./descent.ts";
import { type MinimizeResult, runToEnd } from "./run.ts";
import { checkStopping, DEFAULT_STEPS, type StoppingOptions, stoppingOptionNames } from "./stopping.ts";

/** Options of {@link minimize}. */
export interface MinimizeOptions<P = ArrayInput> extends Omit<DescentOptions<P>, "rule">, StoppingOptions {
  /** The update rule; may be left out for convex problems whose curvature is known: see {@link minimize}. */
  readonly rule?: Rule;
}

/**
 * Descends until a stopping rule holds. A divergence is a result that explains itself, not an error.
 *
 * Without a rule, convex problems whose curvature is bounded (`quadratic`, `leastSquares`,
 * `logisticRegression`, `softmaxRegression`) choose one with its rate from that bound and descend to
 * the minimum as far as the precision can tell; the choice and its reason are in the result.
 *
 * @param problem - an objective such as `leastSquares(…)`, or `{ value, gradient }` of your own
 * @param options - the rule, the start, and when to stop: see {@link MinimizeOptions}
 * @throws TypeError or RangeError naming the argument that is wrong; what `callback` or the problem
 * throws passes through untouched
 *
 * @example
 * ```ts
 * import { adam, minimize } from "thalweg";
 * const result = minimize(
 *   {
 *     value: ([x, y]) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
 *     gradient([x, y], g) {
 *       g[0] = -2 * (1 - x) - 400 * x * (y - x * x);
 *       g[1] = 200 * (y - x * x);
 *     },
 *   },
 *   { rule: adam({ learningRate: 0.02 }), start: [-1.2, 1], steps: 10_000, gradientTolerance: 1e-8 },
 * );
 * result.converged; // true
 * result.x; // ≈ [1, 1]
 * ```
 */
export function minimize(problem: Objective | UserProblem, options: MinimizeOptions): MinimizeResult;
export function minimize<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: MinimizeOptions<P>,
): MinimizeResult<Views<P>>;
export function minimize(
  problem: Problem,
  options: MinimizeOptions<ParametersInput>,
): MinimizeResult<AnyViews> {
  checkDescentOptions("minimize", options, stoppingOptionNames);
  checkStopping("minimize", options);
  const { rule } = options;
  if (rule === undefined) return minimizeAutomatically("minimize", problem, options);
  const steps = options.steps ?? DEFAULT_STEPS;
  const { descent, choice } = startDescent("minimize", problem, { ...options, rule }, steps);
  try {
    return { ...runToEnd(descent, options), ...(choice === undefined ? {} : { choice }) };
  } finally {
    descent.dispose();
  }
}
