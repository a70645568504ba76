import { checkCount } from "../core/check.ts";
import type { Problem } from "../objectives/at-point.ts";
import type { Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import type { ArrayInput } from "../parameters/array-input.ts";
import type { NamedBlocks, ParametersInput, Views } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import { startDescent } from "./automatic-rate.ts";
import { type AnyViews, checkDescentOptions, type DescentOptions } from "./descent.ts";
import type { StepRecord } from "./step-record.ts";

/** Options of {@link descend}. */
export interface DescendOptions<P = ArrayInput> extends DescentOptions<P> {
  /** Steps to take at most: an integer ≥ 0 or Infinity, the default. */
  readonly steps?: number;
}

/**
 * A descent to pull from: each turn of the loop is one point, the start first, and `break` is a
 * stopping rule. Value and gradient are looked at before each step: one that is not finite is
 * handed out, and the descent ends there.
 *
 * @param problem - an objective such as `leastSquares(…)`, or `{ value, gradient }` of your own
 * @param options - the rule, the start, and how many steps at most: see {@link DescendOptions}
 * @returns an iterator over records of the descent; the record is one object, rewritten at each step
 * @throws TypeError or RangeError naming the argument that is wrong
 *
 * @example
 * ```ts
 * import { descend, gradientDescent, rosenbrock } from "thalweg";
 * let last = 0;
 * for (const step of descend(rosenbrock, { rule: gradientDescent({ learningRate: 1e-3 }), start: [-1.2, 1] })) {
 *   last = step.value;
 *   if (step.index === 100) break;
 * }
 * last; // < 5
 * ```
 */
export function descend(
  problem: Objective | UserProblem,
  options: DescendOptions,
): IterableIterator<StepRecord, undefined, undefined>;
export function descend<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: DescendOptions<P>,
): IterableIterator<StepRecord<Views<P>>, undefined, undefined>;
export function descend(
  problem: Problem,
  options: DescendOptions<ParametersInput>,
): IterableIterator<StepRecord<AnyViews>, undefined, undefined> {
  checkDescentOptions("descend", options, ["steps"]);
  checkCount("descend", "steps", options.steps, 0, true);
  const { steps = Infinity } = options;
  const { descent } = startDescent("descend", problem, options, steps);
  const record: StepRecord<AnyViews> = {
    index: 0,
    value: 0,
    gradientNorm: 0,
    learningRate: 0,
    x: descent.views,
  };
  const result: IteratorResult<StepRecord<AnyViews>, undefined> = { done: false, value: record };
  const end: IteratorResult<StepRecord<AnyViews>, undefined> = { done: true, value: undefined };
  let started = false;
  let finished = false;

  const finish = () => {
    if (!finished) {
      finished = true;
      record.x = descent.show(descent.x.slice());
      descent.dispose();
    }
    return end;
  };

  return {
    [Symbol.iterator]() {
      return this;
    },
    next() {
      if (finished) return end;
      if (started && (descent.index >= steps || !descent.finite)) return finish();
      try {
        if (started) descent.step();
        started = true;
        descent.evaluate();
        record.index = descent.index;
        record.value = descent.value;
        record.gradientNorm = descent.gradientNorm;
        record.learningRate = descent.learningRate;
      } catch (error) {
        finish();
        throw error;
      }
      return result;
    },
    return: finish,
  };
}
