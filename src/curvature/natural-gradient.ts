import type { ArrayInput } from "../core/array-input.ts";
import { checkCount, checkKeys, checkNumberOption, checkPrecision, checkTolerance } from "../core/check.ts";
import { formatNumber } from "../core/format.ts";
import { type Precision, paddedLength } from "../core/precision.ts";
import { Workspace } from "../core/workspace.ts";
import type { Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { atPoint, type Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import {
  ConjugateGradients,
  conjugateMemory,
  type SolveOptions,
  type SolveReason,
} from "./conjugate-gradients.ts";
import { checkFisherOptions, type FisherOptions, withFisher } from "./fisher.ts";

/** How natural gradients are solved for. */
export interface NaturalGradientSolving extends FisherOptions {
  /** δ of F + δI: ≥ 0, default 0. */
  readonly damping?: number;
  /** ‖g − (F + δI)d‖ that is wanted, over ‖g‖: in (0, 1), default 1e-8 (f64) or 1e-4 (f32). */
  readonly tolerance?: number;
  /** Steps of conjugate gradients at most: an integer ≥ 1, default 50 + 10 times the number of parameters. */
  readonly iterations?: number;
  /** Of the products and the vectors: "f64" (default) or "f32". */
  readonly precision?: Precision;
}

/** Options of {@link naturalGradient}. */
export interface NaturalGradientOptions<P = ArrayInput> extends NaturalGradientSolving {
  /** The point: one array, or named blocks; zeros if left out where the dimension is known. */
  readonly at?: P;
}

/** What {@link naturalGradient} found. */
export interface NaturalGradient {
  /** d = (F + δI)⁻¹g: x − d is a step of natural gradient descent. Of named blocks, one behind the other. */
  readonly direction: Float64Array;
  /** g·d, the rate at which the value falls along −d; half of it is the fall that F promises of the whole step. */
  readonly slope: number;
  /** ‖g‖₂. */
  readonly gradientNorm: number;
  /** ‖g − (F + δI)d‖₂, measured with a product of its own. */
  readonly residual: number;
  /** Steps of conjugate gradients. */
  readonly iterations: number;
  /** Whether the residual met the tolerance. */
  readonly converged: boolean;
  /**
   * Why it ended: the residual met the tolerance; F has no curvature along a part of the gradient ("singular"), or a negative one, as
   * rounding or products of one's own may have it ("indefinite"); rounding keeps the residual from falling further; or the steps are over.
   */
  readonly reason: SolveReason;
  /** One sentence that a person can act on. */
  readonly message: string;
}

/** Names of the options of {@link NaturalGradientSolving}. */
export const solvingOptionNames = [
  "kind",
  "penalty",
  "damping",
  "tolerance",
  "iterations",
  "precision",
] as const;

/** Throws where an option of solving is out of its domain. */
export function checkSolving(owner: string, options: NaturalGradientSolving): void {
  checkFisherOptions(owner, options);
  checkTolerance(owner, "damping", options.damping);
  checkNumberOption(owner, "tolerance", options.tolerance, "(0, 1)", (v) => v > 0 && v < 1);
  checkCount(owner, "iterations", options.iterations, 1);
  checkPrecision(owner, options.precision);
}

/** The options of solving, those left out filled in. */
export function solveOptions(
  { damping = 0, tolerance, iterations, precision = "f64" }: NaturalGradientSolving,
  dimension: number,
): SolveOptions {
  return {
    damping,
    tolerance: tolerance ?? (precision === "f64" ? 1e-8 : 1e-4),
    steps: iterations ?? 50 + 10 * dimension,
  };
}

/** What came of it, and what to do about it, in words. */
export function solveSentence(
  reason: SolveReason,
  iterations: number,
  residual: number,
  gradientNorm: number,
): string {
  const steps = `${iterations} ${iterations === 1 ? "step" : "steps"} of conjugate gradients`;
  const left = `${formatNumber(residual / gradientNorm)} of the gradient is left`;
  switch (reason) {
    case "residual":
      return `Solved in ${steps}: ${left}.`;
    case "singular":
      return `Not solved: after ${steps} ${left}, along which the Fisher information has no curvature; add damping.`;
    case "indefinite":
      return `Not solved: after ${steps} ${left}, and a direction has negative curvature; add damping.`;
    case "rounding":
      return `Not solved to the tolerance: after ${steps} ${left}, and rounding keeps it there; add damping or rescale the features.`;
    default:
      return `Not solved: after ${steps} ${left}; allow more iterations, add damping or rescale the features.`;
  }
}

/**
 * The natural gradient d = (F + δI)⁻¹g at a point, by conjugate gradients on products with the Fisher information: it points
 * where the value falls fastest among steps that change the model's predictions equally much. The step −d is the same step whatever
 * units the features are in, as long as δ = 0.
 *
 * @param problem - as {@link fisher} takes it, also on named blocks; one with Fisher products already is taken as it is
 * @param options.at - the point: one array, or named blocks; zeros if left out where the dimension is known
 * @param options.kind - the Fisher information: "exact" (default) or "empirical"
 * @param options.penalty - add l2·I to it, so that on logistic and softmax models d is Newton's step; default false
 * @param options.damping - δ ≥ 0, default 0
 * @param options.tolerance - ‖g − (F + δI)d‖ that is wanted, over ‖g‖: in (0, 1), default 1e-8 (f64) or 1e-4 (f32)
 * @param options.iterations - steps of conjugate gradients at most: an integer ≥ 1, default 50 + 10 times the number of parameters
 * @param options.precision - "f64" (default) or "f32"
 * @returns the direction, its slope, and how well it solves the equation; a singular F is a result, not an error
 * @throws TypeError or RangeError naming the argument that is wrong, or why the problem has no information of that kind; RangeError
 * where the gradient or a product is not finite
 *
 * @example
 * ```ts
 * import { logisticRegression, naturalGradient } from "thalweg";
 * const problem = logisticRegression([[1], [2], [3]], [0, 1, 1]);
 * naturalGradient(problem).direction; // [-4 / 7]
 * const inOtherUnits = logisticRegression([[1000], [2000], [3000]], [0, 1, 1]);
 * naturalGradient(inOtherUnits).direction; // [-4 / 7000]
 * ```
 *
 * Source: Amari, "Natural gradient works efficiently in learning", Neural Computation 10, 1998, theorem 1; the damping: Martens, "New
 * insights and perspectives on the natural gradient method", JMLR 21, 2020, §6.
 */
export function naturalGradient(
  problem: Objective | UserProblem,
  options?: NaturalGradientOptions,
): NaturalGradient;
export function naturalGradient<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: NaturalGradientOptions<P>,
): NaturalGradient;
export function naturalGradient(
  problem: Problem,
  options: NaturalGradientOptions<ParametersInput> = {},
): NaturalGradient {
  const owner = "naturalGradient";
  checkKeys(owner, options, [...solvingOptionNames, "at"]);
  checkSolving(owner, options);
  const { precision = "f64" } = options;
  const { objective: plain, point } = atPoint(owner, problem, "at", options.at, precision);
  const objective = withFisher(owner, plain, options);
  const { dimension } = objective;
  const names = ["x", "natural.gradient", "natural.direction"];
  const workspace = new Workspace(
    [
      ...names.map((name) => ({ name, length: dimension })),
      ...conjugateMemory(dimension),
      ...objective.memory(precision),
    ],
    precision,
  );
  try {
    const { kernels } = workspace;
    const [x, g, d] = names.map((name) => workspace.pointer(name));
    const count = paddedLength(dimension, precision);
    const bound = objective.bind(workspace);
    workspace.real("x").set(point);
    bound.gradient(x, g);
    const gradientNorm = kernels.norm(count, g);
    if (!Number.isFinite(gradientNorm)) {
      throw new RangeError(`${owner}: the gradient at this point is not finite`);
    }
    if (gradientNorm === 0) {
      return {
        direction: new Float64Array(dimension),
        ...{ slope: 0, gradientNorm, residual: 0, iterations: 0, converged: true, reason: "residual" },
        message: "The gradient is zero here.",
      };
    }
    bound.linearize(x);
    const solver = new ConjugateGradients(bound, workspace, dimension);
    const solved = solver.solve(g, d, solveOptions(options, dimension));
    if (!solved)
      throw new RangeError(`${owner}: a product with the Fisher information at this point is not finite`);
    const { reason, iterations, residual } = solved;
    return {
      direction: Float64Array.from(workspace.real("natural.direction")),
      slope: kernels.dot(count, g, d),
      gradientNorm,
      ...solved,
      converged: reason === "residual",
      message: solveSentence(reason, iterations, residual, gradientNorm),
    };
  } finally {
    workspace.dispose();
  }
}
