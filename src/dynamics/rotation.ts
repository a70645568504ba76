import type { ArrayInput } from "../core/array-input.ts";
import { checkKeys, checkPrecision } from "../core/check.ts";
import { formatNumber } from "../core/format.ts";
import { machineEpsilon, type Precision } from "../core/precision.ts";
import { type Eigenvalues, eigenvaluesOf } from "../curvature/eigenvalues.ts";
import { jacobianAt } from "../curvature/jacobian.ts";
import type { Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { atPoint, type Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import { descentLimit } from "../stepsize/euler-limit.ts";

/** Options of {@link rotation}. */
export interface RotationOptions<P = ArrayInput> {
  /** The point: one array, or named blocks; zeros if left out where the dimension is known. */
  readonly at?: P;
  /** Of the products: "f64" (default) or "f32". */
  readonly precision?: Precision;
}

/** How a field turns about a point, and what steps descending it allows. J is its Jacobian there. */
export interface Rotation {
  /** ‖(J − Jᵀ)/2‖ over ‖J‖, in Frobenius norms: 0 for a gradient, 1 for a field that only turns. */
  readonly rotationShare: number;
  /** ‖(J + Jᵀ)/2‖, Frobenius. */
  readonly symmetricNorm: number;
  /** ‖(J − Jᵀ)/2‖, Frobenius. */
  readonly antisymmetricNorm: number;
  /** How much of the latter may be error of the products: differences, or rounding. */
  readonly errorBound: number;
  /** Whether J is symmetric within that error, as the derivative of a gradient is. */
  readonly isGradient: boolean;
  /** The step below which x ← x − ηF(x) is stable about a point of rest; 0 where no step is, ∞ where nothing moves. */
  readonly stepLimit: number;
  /** The eigenvalues of J. */
  readonly eigenvalues: Eigenvalues;
  /** J, row-major; of named blocks, one behind the other. */
  readonly jacobian: Float64Array;
  /** One sentence that a person can act on. */
  readonly message: string;
}

/**
 * The rotation of a field at a point: how much of its Jacobian J is antisymmetric, the eigenvalues of J, and the step
 * limit that follows from them, the least 2 Re(μ)/|μ|²: 2a/(a² + b²) for a ± ib. Where a field turns, −F does not point
 * at its point of rest, and the faster it turns the shorter are the steps that come nearer.
 *
 * J is made of one product for each of its n columns, and its eigenvalues take some 10n³ operations.
 *
 * @param problem - a `vectorField(…)`; or an objective or a function of your own, whose gradient is the field
 * @param options - where (`at`), and in which `precision`: see {@link RotationOptions}
 * @throws TypeError or RangeError naming the argument that is wrong; RangeError where the Jacobian is not finite
 *
 * @example
 * ```ts
 * import { rosenbrock, rotation, vectorField } from "thalweg";
 * const spiral = vectorField(2, ([x, y], out) => { out[0] = x - y; out[1] = x + y; });
 * const { rotationShare, stepLimit } = rotation(spiral);
 * rotationShare; // ≈ 0.7071
 * stepLimit; // ≈ 1: μ = 1 ± i
 * rotation(rosenbrock, { at: [-1.2, 1] }).isGradient; // true
 * ```
 *
 * Source: the decomposition: Balduzzi et al., "The mechanics of n-player differentiable games", ICML 2018, §2.3; the
 * limit: Mescheder, Nowozin, Geiger, "The numerics of GANs", NeurIPS 2017, corollary 5.
 */
export function rotation(problem: Objective | UserProblem, options?: RotationOptions): Rotation;
export function rotation<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: RotationOptions<P>,
): Rotation;
export function rotation(problem: Problem, options: RotationOptions<ParametersInput> = {}): Rotation {
  const owner = "rotation";
  checkKeys(owner, options, ["at", "precision"]);
  const { precision = "f64" } = options;
  checkPrecision(owner, precision);
  const { objective, point } = atPoint(owner, problem, "at", options.at, precision);
  const jacobian = jacobianAt(owner, objective, point, precision);
  const { order, values, error } = jacobian;
  let [even, odd] = [0, 0];
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < order; j++) {
      const [entry, mirrored] = [0.5 * values[i * order + j], 0.5 * values[j * order + i]];
      even += (entry + mirrored) * (entry + mirrored);
      odd += (entry - mirrored) * (entry - mirrored);
    }
  }
  const [symmetricNorm, antisymmetricNorm] = [Math.sqrt(even), Math.sqrt(odd)];
  const size = Math.sqrt(even + odd);
  const errorBound = error + machineEpsilon[precision] * size;
  const eigenvalues = eigenvaluesOf(owner, jacobian);
  const found = {
    rotationShare: size > 0 ? antisymmetricNorm / size : 0,
    symmetricNorm,
    antisymmetricNorm,
    errorBound,
    isGradient: antisymmetricNorm <= errorBound,
    stepLimit: descentLimit(eigenvalues),
    eigenvalues,
    jacobian: values,
  };
  return { ...found, message: sentence(found) };
}

function sentence({ isGradient, rotationShare, stepLimit }: Omit<Rotation, "message">): string {
  const turns = isGradient
    ? "It does not turn here, as no gradient does"
    : `${formatNumber(100 * rotationShare)}% of its Jacobian turns`;
  if (stepLimit === 0) {
    return `${turns}; no step is stable: some mode is driven away, or only turns.`;
  }
  return stepLimit === Infinity
    ? `${turns}; nothing changes here, and no step is too long.`
    : `${turns}; steps below ${formatNumber(stepLimit, 4)} = 2 Re(μ)/|μ|² are stable.`;
}
