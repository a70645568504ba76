import type { ArrayInput } from "../../core/array-input.ts";
import { checkKeys } from "../../core/check.ts";
import type { Objective } from "../../objectives/objective.ts";
import type { UserProblem } from "../../objectives/user.ts";
import type { Problem } from "../../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput } from "../../parameters/frame.ts";
import type { BlockProblem } from "../../parameters/frame-problem.ts";
import { type Flow, follow } from "../follow.ts";
import { checkFlowOptions, type FlowOptions, flowOptionNames } from "./flow-options.ts";
import { flowOf } from "./right-hand-side.ts";

/** Options of {@link gradientFlow}. */
export interface GradientFlowOptions<P = ArrayInput> extends FlowOptions {
  /** Where to start: one array, or named blocks; for a declared objective zeros if left out. */
  readonly start?: P;
  /** Stop where ‖gradient‖₂ is at most this, ≥ 0; default 0, which is off. */
  readonly gradientTolerance?: number;
}

/**
 * The gradient flow dx/dt = −∇f(x) from a start: what gradient descent follows with steps that are infinitely small, and
 * explicit Euler with steps of its learning rate. The value falls all along it.
 *
 * @param problem - an objective such as `leastSquares(…)`, or `{ value, gradient }` of your own
 * @param options - the start, until when, how closely, and which points to give: see {@link GradientFlowOptions}
 * @throws TypeError or RangeError naming the argument that is wrong; what the problem throws passes through untouched
 *
 * @example
 * ```ts
 * import { gradientFlow, quadratic } from "thalweg";
 * const flow = gradientFlow(quadratic({ diagonal: [1, 10] }), { start: [1, 1], time: 2 });
 * flow.x; // ≈ [0.1353, 0]: e⁻² and e⁻²⁰
 * gradientFlow(quadratic([[2]]), { start: [1], gradientTolerance: 1e-3 }).reason; // "rest"
 * ```
 *
 * Source: as of {@link integrate}'s method; the flow: Cauchy 1847, Courant, "Variational methods for the solution of
 * problems of equilibrium and vibrations", Bulletin of the American Mathematical Society 49, 1943.
 */
export function gradientFlow(problem: Objective | UserProblem, options: GradientFlowOptions): Flow;
export function gradientFlow<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: GradientFlowOptions<P>,
): Flow;
export function gradientFlow(problem: Problem, options: GradientFlowOptions<ParametersInput>): Flow {
  const owner = "gradientFlow";
  checkKeys(owner, options, [...flowOptionNames, "start", "gradientTolerance"]);
  const { start, gradientTolerance = 0, precision = "f64" } = options;
  checkFlowOptions(owner, options, ["gradientTolerance", gradientTolerance]);
  return follow(flowOf(owner, problem, start, precision), options, gradientTolerance);
}
