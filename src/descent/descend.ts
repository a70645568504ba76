import type { ArrayInput } from "../core/array-input.ts";
import { checkCount } from "../core/check.ts";
import type { RealArray } from "../core/precision.ts";
import type { Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import type { Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput, Views } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import { startDescent } from "./automatic-rate.ts";
import { stepsAllowed } from "./batches.ts";
import { type AnyViews, checkDescentOptions, type DescentOptions } from "./descent.ts";
import { Observed } from "./observed.ts";
import type { StepRecord } from "./step-record.ts";
import { checkSignal, nextTurn, TIME_SLICE } from "./turn.ts";

/** Options of {@link descend}. */
export interface DescendOptions<P = ArrayInput> extends DescentOptions<P> {
  /** Steps to take at most: an integer ≥ 0 or Infinity, the default. */
  readonly steps?: number;
  /** Ends the loop before its next turn when it is aborted; whether it was, `signal.aborted` says after the loop. */
  readonly signal?: AbortSignal;
}

/** A descent that is pulled from: by `for … of`, or by `for await`, which lets the event loop go round. */
export interface Descending<X = RealArray>
  extends IterableIterator<StepRecord<X>, undefined, undefined>,
    AsyncIterable<StepRecord<X>, undefined, undefined> {}

/**
 * A descent to pull from: each turn of the loop is one point, the start first, and `break` is a
 * stopping rule. Value and gradient are looked at before each step: one that is not finite is
 * handed out, and the descent ends there.
 *
 * With `for await` the same points come without holding up the event loop: every 12 ms, between two steps, timers,
 * I/O, painting and input have their turn.
 *
 * @param problem - an objective such as `leastSquares(…)`, or `{ value, gradient }` of your own
 * @param options - the rule, the start, how many steps at most, and a signal that ends it: see {@link DescendOptions}
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
export function descend(problem: Objective | UserProblem, options: DescendOptions): Descending;
export function descend<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: DescendOptions<P>,
): Descending<Views<P>>;
export function descend(problem: Problem, options: DescendOptions<ParametersInput>): Descending<AnyViews> {
  checkDescentOptions("descend", options, ["steps", "signal"]);
  checkCount("descend", "steps", options.steps, 0, true);
  const { signal } = options;
  checkSignal("descend", signal);
  const last = stepsAllowed(options, Infinity);
  const { descent } = startDescent("descend", problem, options, last);
  const record: StepRecord<AnyViews> = {
    index: 0,
    value: 0,
    gradientNorm: 0,
    learningRate: 0,
    x: descent.views,
  };
  const observed = Observed.of(descent);
  const result: IteratorResult<StepRecord<AnyViews>, undefined> = { done: false, value: record };
  const end: IteratorResult<StepRecord<AnyViews>, undefined> = { done: true, value: undefined };
  let started = false;
  let finished = false;
  let busy = false;

  const idle = (method: string) => {
    if (busy) throw new Error(`descend: ${method} called from within a step (by the problem or a schedule?)`);
  };
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
    async *[Symbol.asyncIterator]() {
      try {
        let turnEnds = 0;
        for (;;) {
          if (performance.now() >= turnEnds) {
            await nextTurn(signal);
            turnEnds = performance.now() + TIME_SLICE;
          }
          const { done, value } = this.next();
          if (done) return undefined;
          yield value;
        }
      } finally {
        finish();
      }
    },
    next() {
      if (finished) return end;
      idle("next()");
      if (signal?.aborted) return finish();
      if (started && (descent.index >= last || !descent.finite)) return finish();
      busy = true;
      try {
        if (started) descent.step();
        started = true;
        const ends = descent.index >= last;
        descent.evaluate(ends);
        if (descent.finite) observed?.point(ends);
        record.index = descent.index;
        record.value = descent.value;
        record.gradientNorm = descent.gradientNorm;
        record.learningRate = descent.learningRate;
        if (descent.batches) record.epoch = descent.epoch;
      } catch (error) {
        finish();
        throw error;
      } finally {
        busy = false;
      }
      return result;
    },
    return() {
      idle("return()");
      return finish();
    },
  };
}
