import type { ArrayInput } from "../core/array-input.ts";
import { checkNumberOption } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import type { Progress, Slice } from "../core/slice.ts";
import type { Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import type { Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput, Views } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import type { AnyViews } from "./descent.ts";
import { checkMinimizeOptions, type MinimizeOptions, minimizeSliced } from "./minimize.ts";
import type { MinimizeResult } from "./run.ts";
import { checkSignal, nextTurn, TIME_SLICE } from "./turn.ts";

/** Options of {@link minimizeAsync}: those of `minimize`, and how it goes together with all else that runs. */
export interface MinimizeAsyncOptions<P = ArrayInput> extends MinimizeOptions<P> {
  /** Ends the run where it is when it is aborted: the result's reason is "aborted". */
  readonly signal?: AbortSignal;
  /** Called at the end of each slice, the last included. */
  readonly onProgress?: (progress: Progress) => void;
  /** Milliseconds after which it lets the event loop go round, ≥ 0; default 12. */
  readonly timeSlice?: number;
}

/**
 * As `minimize`, bit for bit, without holding up the event loop: after each `timeSlice` timers, I/O, painting and
 * input have their turn. Any number may run at once; they take turns.
 *
 * An abort is heard at the end of the slice, and ends the run with a result: the last point that was evaluated, reason
 * "aborted"; with a signal that was aborted before, that is the start. An evaluation is never broken off, nor the
 * few that explain a divergence. The problem's data must stay as they are until the promise settles.
 *
 * @param problem - as for `minimize`; its functions are synchronous
 * @param options - those of `minimize`, and `signal`, `onProgress`, `timeSlice`: see {@link MinimizeAsyncOptions}
 * @returns a promise of the result
 * @throws (rejects with) TypeError or RangeError naming the argument that is wrong; what `callback`, `onProgress` or
 * the problem throws passes through untouched
 *
 * @example
 * ```ts
 * import { adam, minimizeAsync, rosenbrock } from "thalweg";
 * const controller = new AbortController();
 * const result = await minimizeAsync(rosenbrock, {
 *   rule: adam({ learningRate: 0.02 }),
 *   start: [-1.2, 1],
 *   signal: controller.signal,
 *   onProgress({ fraction }) {
 *     if (fraction === 1) controller.abort(); // a button would do it earlier
 *   },
 * });
 * result.reason; // "gradient"
 * ```
 */
export function minimizeAsync(
  problem: Objective | UserProblem,
  options: MinimizeAsyncOptions,
): Promise<MinimizeResult>;
export function minimizeAsync<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: MinimizeAsyncOptions<P>,
): Promise<MinimizeResult<Views<P>>>;
export async function minimizeAsync(
  problem: Problem,
  options: MinimizeAsyncOptions<ParametersInput>,
): Promise<MinimizeResult<AnyViews>> {
  const owner = "minimizeAsync";
  checkMinimizeOptions(owner, options, ["signal", "onProgress", "timeSlice"]);
  const { signal, onProgress, timeSlice = TIME_SLICE } = options;
  checkSignal(owner, signal);
  checkNumberOption(owner, "timeSlice", timeSlice, "[0, ∞)", (v) => v >= 0 && v < Infinity);
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw new TypeError(`${owner}: onProgress must be a function, got ${describe(onProgress)}`);
  }
  const slice: Slice = { deadline: 0, aborted: false };
  const run = minimizeSliced(owner, problem, options, slice);
  try {
    for (;;) {
      const { done, value } = run.next();
      if (slice.progress) onProgress?.(slice.progress);
      if (done) return value;
      slice.progress = undefined;
      await nextTurn(signal);
      slice.aborted = signal?.aborted ?? false;
      slice.deadline = performance.now() + timeSlice;
    }
  } finally {
    // Where onProgress threw, the memory is still to be given back.
    run.return(undefined as never);
  }
}
