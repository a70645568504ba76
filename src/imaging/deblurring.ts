import type { ArrayInput } from "../core/array-input.ts";
import { checkKeys, checkTolerance } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import type { Pointer } from "../core/kernels.ts";
import { machineEpsilon, type Numbers, paddedLength } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import { CompiledObjective, GRADIENT, VALUE } from "../objectives/compiled.ts";
import { checkRange } from "../objectives/features.ts";
import type { Objective } from "../objectives/objective.ts";
import { type BlurOperator, readImage } from "./blur.ts";

/** Options of {@link deblurring}. */
export interface DeblurringOptions {
  /** μ, the weight of the penalty μ/2 ‖x‖²: ≥ 0, default 0. */
  readonly tikhonov?: number;
}

interface DeblurringModel {
  readonly operator: BlurOperator;
  readonly observed: Numbers;
  readonly tikhonov: number;
}

/** A bound on ‖A‖²: ‖A‖₁‖A‖∞, where no pixel is met more than four times as a mirror image. */
function normBound({ kernel, boundary }: BlurOperator): number {
  const sum = kernel.reduce((total, row) => row.reduce((part, weight) => part + Math.abs(weight), total), 0);
  return (boundary === "reflecting" ? 4 : 1) * sum * sum;
}

class BoundDeblurring extends CompiledObjective {
  readonly #count: number;
  readonly #tikhonov: number;
  readonly #rounding: number;
  readonly #observed: Pointer;
  readonly #residual: Pointer;

  constructor({ operator, observed, tikhonov }: DeblurringModel, workspace: Workspace) {
    const { precision } = workspace;
    const { width, height, kernel } = operator;
    const { sizes, blocks } = operator.bind(workspace);
    super(workspace, width * height, sizes, blocks);
    this.#count = paddedLength(width * height, precision);
    this.#tikhonov = tikhonov;
    const taps = kernel.length * kernel[0].length;
    this.#rounding = machineEpsilon[precision] * ((2 + Math.sqrt(taps)) * normBound(operator) + 2 * tikhonov);
    this.#observed = workspace.pointer("objective.observed");
    this.#residual = workspace.pointer("objective.residual");
    workspace.real("objective.observed").set(observed);
  }

  linearize(): void {}

  protected evaluate(want: number, x: Pointer, g: Pointer): number {
    const { kernels } = this;
    const residual = this.#residual;
    kernels.blur(this.data, false, x, residual);
    kernels.axpy(this.#count, -1, this.#observed, residual);
    const misfit = want & VALUE ? kernels.dot(this.#count, residual, residual) : 0;
    const size = want & VALUE && this.#tikhonov > 0 ? kernels.dot(this.#count, x, x) : 0;
    if (want & GRADIENT) this.#transpose(x, g);
    return 0.5 * (misfit + this.#tikhonov * size);
  }

  protected multiply(v: Pointer, product: Pointer): void {
    this.kernels.blur(this.data, false, v, this.#residual);
    this.#transpose(v, product);
  }

  /** out ← Aᵀr + μx, with what lies at the residual. */
  #transpose(x: Pointer, out: Pointer): void {
    this.kernels.blur(this.data, true, this.#residual, out);
    if (this.#tikhonov > 0) this.kernels.axpy(this.#count, this.#tikhonov, x, out);
  }

  protected rounding(): number {
    return this.#rounding;
  }
}

function checkOperator(owner: string, operator: unknown): asserts operator is BlurOperator {
  const { apply, bind } = (operator ?? {}) as Partial<BlurOperator>;
  if (typeof apply === "function" && typeof bind === "function") return;
  throw new TypeError(
    `${owner}: operator must be a blur such as blur({ kind: "gaussian", sigma: 2 }, { width, height }), got ${describe(operator)}`,
  );
}

/**
 * The image behind a blurred one, as least squares: ½‖Ax − b‖² + μ/2 ‖x‖². Its Hessian is AᵀA + μI, and what gradient descent and
 * {@link fista} need to know of it is L = ‖A‖² + μ, the first of the operator's spectrum, or what {@link powerIteration} finds by
 * products.
 *
 * A blur takes fine detail away and noise is full of it: the minimum without a penalty is buried in noise. A penalty keeps it away,
 * and so does stopping early.
 *
 * @param operator - A, made by {@link blur}
 * @param observed - b: width × height finite numbers, row by row or as rows; kept by reference and copied in once per run
 * @param options.tikhonov - μ ≥ 0, default 0
 * @returns an objective of one parameter a pixel, row by row
 * @throws TypeError or RangeError naming the argument that is wrong
 *
 * @example
 * ```ts
 * import { blur, deblurring, fista, minimize, powerIteration } from "thalweg";
 * const operator = blur({ kind: "motion", length: 3 }, { width: 5, height: 1 });
 * const problem = deblurring(operator, operator.apply([0, 0, 6, 0, 3]));
 * powerIteration(problem).lambda; // ≈ 1
 * const rule = fista({ learningRate: 1, lower: 0 });
 * minimize(problem, { rule, steps: 2000 }).x; // ≈ [0, 0, 6, 0, 3]
 * ```
 *
 * Source: Hansen, Nagy, O'Leary, "Deblurring images: matrices, spectra, and filtering", SIAM 2006, chapter 6; Beck and Teboulle, "A
 * fast iterative shrinkage-thresholding algorithm for linear inverse problems", SIAM J. Imaging Sciences 2 (2009), §5.
 */
export function deblurring(
  operator: BlurOperator,
  observed: ArrayInput,
  options: DeblurringOptions = {},
): Objective {
  const owner = "deblurring";
  checkOperator(owner, operator);
  checkKeys(owner, options, ["tikhonov"]);
  const { tikhonov = 0 } = options;
  checkTolerance(owner, "tikhonov", tikhonov);
  const values = readImage(owner, "observed", observed, operator);
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  const model: DeblurringModel = { operator, observed: values, tikhonov };
  const dimension = operator.width * operator.height;
  return {
    name: owner,
    dimension,
    quadratic: true,
    convex: true,
    curvatureFloor: tikhonov,
    spectrum: () => operator.spectrum()?.map((eigenvalue) => eigenvalue + tikhonov),
    memory: (precision) => [
      ...operator.memory(precision),
      { name: "objective.observed", length: dimension },
      { name: "objective.residual", length: dimension },
    ],
    bind(workspace) {
      checkRange(owner, "observed", largest, workspace.precision);
      return new BoundDeblurring(model, workspace);
    },
  };
}
