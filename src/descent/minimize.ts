import type { ArrayInput } from "../core/array-input.ts";
import { inOneGo, type Slice, type Sliced } from "../core/slice.ts";
import type { Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import type { Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput, Views } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import type { Rule } from "../rules/rule.ts";
import { minimizeAutomatically } from "./automatic.ts";
import { startSliced } from "./automatic-rate.ts";
import { refuseBatches, stepsAllowed } from "./batches.ts";
import { type AnyViews, checkDescentOptions, type DescentOptions } from "./descent.ts";
import {
  checkEarlyStopping,
  EarlyStopping,
  type EarlyStoppingOptions,
  earlyStoppingOptionNames,
} from "./early-stopping.ts";
import { checkHistory, type HistoryOption, HistoryRecorder } from "./history.ts";
import { type MinimizeResult, runSliced } from "./run.ts";
import { checkStopping, DEFAULT_STEPS, type StoppingOptions, stoppingOptionNames } from "./stopping.ts";

/** Options of {@link minimize}. */
export interface MinimizeOptions<P = ArrayInput>
  extends Omit<DescentOptions<P>, "rule">,
    StoppingOptions<Views<P>>,
    EarlyStoppingOptions<Views<P>> {
  /** The update rule; may be left out for convex problems whose curvature is known: see {@link minimize}. */
  readonly rule?: Rule;
  /** Keep the learning curves in the result: of every step (true), or `{ every: 10 }`; default false. */
  readonly history?: HistoryOption;
}

/** Checks the options of a minimisation: those of {@link minimize} and `more`. */
export function checkMinimizeOptions(
  owner: string,
  options: MinimizeOptions<ParametersInput>,
  more: readonly string[] = [],
): void {
  checkDescentOptions(owner, options, [
    ...stoppingOptionNames,
    ...earlyStoppingOptionNames,
    "history",
    ...more,
  ]);
  checkStopping(owner, options);
  checkEarlyStopping(owner, options);
  const { batches, monitor, patience, restoreBest } = options;
  if (batches && !monitor && (patience !== undefined || restoreBest)) {
    throw new TypeError(
      `${owner}: with batches, patience and restoreBest need monitor: values of different batches do not compare`,
    );
  }
  checkHistory(owner, options.history);
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
  checkMinimizeOptions("minimize", options);
  return inOneGo((slice) => minimizeSliced("minimize", problem, options, slice));
}

/**
 * The minimisation behind `minimize` and `minimizeAsync`, in slices: the first ends once the problem and the start
 * were read.
 */
export function* minimizeSliced(
  owner: string,
  problem: Problem,
  options: MinimizeOptions<ParametersInput>,
  slice: Slice,
): Sliced<MinimizeResult<AnyViews>> {
  const { rule, monitor, history } = options;
  const records = {
    earlyStopping: EarlyStopping.from(options),
    recorder: HistoryRecorder.from(history, monitor !== undefined),
  };
  if (rule === undefined) {
    if (options.groups !== undefined) throw new TypeError(`${owner}: groups need a rule, such as adam()`);
    refuseBatches(owner, options, "batches need a rule, such as sgd({ learningRate: 0.01 })");
    return yield* minimizeAutomatically(owner, problem, { ...options, ...records }, slice);
  }
  const steps = stepsAllowed(options, DEFAULT_STEPS);
  const { descent, choice } = yield* startSliced(owner, problem, { ...options, rule }, steps, slice);
  try {
    yield;
    const result = yield* runSliced(descent, { ...options, ...records, steps }, slice);
    return { ...result, ...(choice === undefined ? {} : { choice }) };
  } finally {
    descent.dispose();
  }
}
