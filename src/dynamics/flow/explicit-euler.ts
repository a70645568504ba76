import type { ArrayInput } from "../../core/array-input.ts";
import { checkCount, checkKeys, checkNumber, checkPrecision } from "../../core/check.ts";
import { formatNumber } from "../../core/format.ts";
import { type Precision, paddedLength, type RealArray } from "../../core/precision.ts";
import { Workspace } from "../../core/workspace.ts";
import type { Objective } from "../../objectives/objective.ts";
import type { UserProblem } from "../../objectives/user.ts";
import type { Problem } from "../../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput } from "../../parameters/frame.ts";
import type { BlockProblem } from "../../parameters/frame-problem.ts";
import { type Field, fieldFrom, flowOf } from "./right-hand-side.ts";

/** Options of {@link explicitEuler}. */
export interface ExplicitEulerOptions<P = ArrayInput> {
  /** Where to start: one array, or named blocks; for a declared objective zeros if left out. */
  readonly start?: P;
  /** h > 0: what gradient descent calls the learning rate. */
  readonly timeStep: number;
  /** Steps to take: an integer ≥ 0. */
  readonly steps: number;
  /** Give every so-manieth point, the first and the last in any case: an integer ≥ 1, default 1. */
  readonly every?: number;
  /** Of the points: "f64" (default) or "f32". */
  readonly precision?: Precision;
}

/** Where explicit Euler went. Point i of `points` belongs to entry i of `times` and `values`. */
export interface EulerPath {
  /** Where it ended; of named blocks, one behind the other. Not finite where it diverged. */
  readonly x: RealArray;
  /** The times of the points. */
  readonly times: Float64Array;
  /** The points, likewise. */
  readonly points: readonly RealArray[];
  /** The values there, of a problem; of a field empty. */
  readonly values: Float64Array;
  /** Steps taken. */
  readonly steps: number;
  /** Whether f left the finite numbers: it ended there. */
  readonly diverged: boolean;
  /** One sentence that a person can act on. */
  readonly message: string;
}

/**
 * Explicit Euler, x ← x + h·f(x, t), with a fixed step. On a problem f is −∇f: that is gradient descent with the
 * learning rate h, bit for bit.
 *
 * @param field - f of dx/dt = f(x, t), which writes into its second argument; or a problem, for its gradient flow
 * @param options - the start, the step, how many of them: see {@link ExplicitEulerOptions}
 * @throws TypeError or RangeError naming the argument that is wrong; what the field throws passes through untouched
 *
 * @example
 * ```ts
 * import { explicitEuler, quadratic } from "thalweg";
 * explicitEuler(([x], out) => { out[0] = -x; }, { start: [1], timeStep: 0.5, steps: 3 }).x; // [0.125]
 * explicitEuler(quadratic([[1]]), { start: [1], timeStep: 0.5, steps: 3 }).x; // [0.125]
 * ```
 *
 * Source: Euler, "Institutionum calculi integralis", 1768, §650.
 */
export function explicitEuler(
  field: Field | Objective | UserProblem,
  options: ExplicitEulerOptions,
): EulerPath;
export function explicitEuler<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: ExplicitEulerOptions<P>,
): EulerPath;
export function explicitEuler(
  field: Field | Problem,
  options: ExplicitEulerOptions<ParametersInput>,
): EulerPath {
  const owner = "explicitEuler";
  checkKeys(owner, options, ["start", "timeStep", "steps", "every", "precision"]);
  const { start, timeStep, steps, every = 1, precision = "f64" } = options;
  checkNumber(owner, "timeStep", timeStep, "(0, ∞)", (h) => h > 0 && h < Infinity);
  checkNumber(owner, "steps", steps, "the integers from 0", (n) => Number.isSafeInteger(n) && n >= 0);
  checkCount(owner, "every", every, 1);
  checkPrecision(owner, precision);
  const side =
    typeof field === "function"
      ? fieldFrom(owner, field, start, precision)
      : flowOf(owner, field, start, precision);
  const { dimension } = side;
  const workspace = new Workspace(
    [
      { name: "flow.x", length: dimension },
      { name: "flow.slope", length: dimension },
      ...side.memory(precision),
    ],
    precision,
  );
  try {
    const { kernels } = workspace;
    const [x, slope] = [workspace.pointer("flow.x"), workspace.pointer("flow.slope")];
    const count = paddedLength(dimension, precision);
    const view = workspace.real("flow.x");
    view.set(side.start);
    const bound = side.bind(workspace);
    const times: number[] = [];
    const points: RealArray[] = [];
    const values: number[] = [];
    for (let step = 0; ; step++) {
      const time = step * timeStep;
      const value = bound.arrive(time, x, slope);
      const diverged = !Number.isFinite(kernels.norm(count, slope));
      const last = diverged || step === steps;
      if (last || step % every === 0) {
        times.push(time);
        points.push(view.slice());
        if (side.hasValue) values.push(value);
      }
      if (!last) {
        kernels.axpy(count, timeStep, slope, x);
        continue;
      }
      return {
        x: view.slice(),
        times: Float64Array.from(times),
        points,
        values: Float64Array.from(values),
        steps: step,
        diverged,
        message: diverged
          ? `Diverged after ${step} step${step === 1 ? "" : "s"}: f is no longer finite. Steps of ${formatNumber(timeStep)} are too long; eulerLimit(matrix) says how long they may be.`
          : `Came to t = ${formatNumber(time, 6)} in ${step} step${step === 1 ? "" : "s"}.`,
      };
    }
  } finally {
    workspace.dispose();
  }
}
