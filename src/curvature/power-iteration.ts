import type { ArrayInput } from "../core/array-input.ts";
import { checkCount, checkKeys, checkNumberOption, checkPrecision, checkSeed } from "../core/check.ts";
import { type Precision, paddedLength } from "../core/precision.ts";
import { Random } from "../core/random.ts";
import { Workspace } from "../core/workspace.ts";
import { type Objective, refuseField } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { atPoint, type Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";

/** Options of {@link powerIteration}. */
export interface PowerIterationOptions<P = ArrayInput> {
  /** The point: one array, or named blocks; zeros if left out where the dimension is known. */
  readonly at?: P;
  /** Of the products and the vector: "f64" (default) or "f32". */
  readonly precision?: Precision;
  /** Products to take at most: an integer ≥ 1, default 1000. */
  readonly steps?: number;
  /** Stop when the residual ‖Hv − λv‖ is at most this times |λ|, in (0, 1); default 1e-8 (f64) or 1e-4 (f32). */
  readonly tolerance?: number;
  /** Seed of the random start: an integer in [0, 2⁵³), default 0. */
  readonly seed?: number;
}

/** What the power iteration found. */
export interface PowerIterationResult {
  /** The Rayleigh quotient of `vector`: the eigenvalue of largest modulus, once converged. */
  readonly lambda: number;
  /** The unit vector that the iteration came to; of named blocks, one behind the other. */
  readonly vector: Float64Array;
  /** ‖Hv − λv‖: some eigenvalue lies within this of `lambda`. */
  readonly residual: number;
  /** Hessian–vector products taken. */
  readonly steps: number;
  /** Whether the residual met the tolerance. */
  readonly converged: boolean;
  /** One sentence that a person can act on. */
  readonly message: string;
}

/**
 * The eigenvalue of the Hessian of largest modulus by v ← Hv/‖Hv‖. It converges like
 * |λ₂/λ₁|ᵗ, where Lanczos (see `curvature`) needs the square root of the steps; it is here for its
 * two vectors of memory, and to be taught.
 *
 * @param problem - an objective such as `leastSquares(…)`, or `{ value, gradient }` of your own; without
 * `hessianVectorProduct` differences of gradients are used
 * @param options - where to look (`at`), in which `precision`, how closely: see {@link PowerIterationOptions}
 * @throws TypeError or RangeError naming the argument that is wrong; RangeError where a product is not finite
 *
 * @example
 * ```ts
 * import { powerIteration, quadratic } from "thalweg";
 * powerIteration(quadratic([[2, 1], [1, 2]])).lambda; // ≈ 3
 * ```
 *
 * Source: von Mises and Pollaczek-Geiringer 1929; Golub and Van Loan, "Matrix computations", §8.2.
 */
export function powerIteration(
  problem: Objective | UserProblem,
  options?: PowerIterationOptions,
): PowerIterationResult;
export function powerIteration<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: PowerIterationOptions<P>,
): PowerIterationResult;
export function powerIteration(
  problem: Problem,
  options: PowerIterationOptions<ParametersInput> = {},
): PowerIterationResult {
  checkKeys("powerIteration", options, ["at", "precision", "steps", "tolerance", "seed"]);
  const { precision = "f64", steps: limit = 1000, seed = 0 } = options;
  checkPrecision("powerIteration", precision);
  checkCount("powerIteration", "steps", limit, 1);
  const { tolerance = precision === "f64" ? 1e-8 : 1e-4 } = options;
  checkNumberOption("powerIteration", "tolerance", tolerance, "(0, 1)", (t) => t > 0 && t < 1);
  checkSeed("powerIteration", seed);
  const random = new Random(seed);
  const { objective, point } = atPoint("powerIteration", problem, "at", options.at);
  refuseField("powerIteration", objective, "use rotation(field, { at }), which takes its Jacobian as it is");
  const { dimension } = objective;
  const names = ["x", "power.vector", "power.product", "power.residual"];
  const workspace = new Workspace(
    [...names.map((name) => ({ name, length: dimension })), ...objective.memory(precision)],
    precision,
  );
  try {
    const { kernels } = workspace;
    const [x, v, product, difference] = names.map((name) => workspace.pointer(name));
    const count = paddedLength(dimension, precision);
    const bound = objective.bind(workspace);
    workspace.real("x").set(point);
    bound.linearize(x);
    const vector = workspace.real("power.vector");
    for (let i = 0; i < dimension; i++) vector[i] = random.normal();
    kernels.divide(count, kernels.norm(count, v), v);
    for (let steps = 1; ; steps++) {
      bound.hessianVectorProduct(v, product);
      const length = kernels.norm(count, product);
      if (!Number.isFinite(length)) {
        throw new RangeError("powerIteration: a Hessian–vector product at this point is not finite");
      }
      const lambda = kernels.dot(count, v, product);
      kernels.combine(count, 1, product, -lambda, v, difference);
      const residual = kernels.norm(count, difference);
      const converged = residual <= tolerance * Math.abs(lambda);
      if (converged || steps === limit || length === 0) {
        const found = `after ${steps} products the residual is ${residual.toPrecision(2)}`;
        return {
          lambda,
          vector: Float64Array.from(vector),
          residual,
          steps,
          converged,
          message: converged
            ? `Converged: ${found}.`
            : `Not converged: ${found}; the two largest eigenvalues are close in modulus, use curvature() instead.`,
        };
      }
      kernels.divide(count, length, product);
      vector.set(workspace.real("power.product"));
    }
  } finally {
    workspace.dispose();
  }
}
