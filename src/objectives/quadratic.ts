import { type ArrayInput, readArray } from "../core/array-input.ts";
import { checkNumber } from "../core/check.ts";
import type { Pointer } from "../core/kernels.ts";
import { machineEpsilon, type Numbers, type Precision, paddedLength } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import { CompiledObjective } from "./compiled.ts";
import { checkRange, fourfold } from "./features.ts";
import type { Objective } from "./objective.ts";
import { type CheckedMatrix, largestOf, readSymmetric, type SymmetricMatrix } from "./symmetric-matrix.ts";

interface QuadraticModel {
  readonly matrix: CheckedMatrix;
  readonly linear: Numbers | undefined;
  readonly constant: number;
}

class BoundQuadratic extends CompiledObjective {
  readonly #constant: number;
  readonly #rounding: number;

  constructor({ matrix, linear, constant }: QuadraticModel, workspace: Workspace) {
    const { precision } = workspace;
    const { dimension, diagonal } = matrix;
    const stride = paddedLength(dimension, precision);
    const rows = diagonal ? 0 : fourfold(dimension);
    super(workspace, dimension, [rows, stride], ["matrix", "linear", "scratch"]);
    this.#constant = constant;
    this.#rounding = machineEpsilon[precision] * (2 + Math.sqrt(diagonal ? 1 : dimension)) * matrix.norm;
    matrix.copyInto(workspace.real("objective.matrix"), stride);
    if (linear) workspace.real("objective.linear").set(linear);
  }

  linearize(): void {}

  protected evaluate(want: number, x: Pointer, g: Pointer): number {
    return this.kernels.quadratic(want, this.data, this.#constant, x, g);
  }

  protected multiply(v: Pointer, product: Pointer): void {
    this.kernels.quadraticProduct(this.data, v, product);
  }

  protected rounding(): number {
    return this.#rounding;
  }
}

/**
 * A quadratic: ½xᵀAx − bᵀx + c.
 *
 * It is declared convex only where that is certain at a glance: a diagonal without negative
 * entries, or a dense matrix whose rows are diagonally dominant (Gershgorin's circles).
 *
 * @param matrix - A: d rows of d, a row-major array of d², a d × d array of another library (ndarray,
 * tensor, `toArray()`), or `{ diagonal }`; kept by reference and copied in once per run
 * @param linear - b, default zeros
 * @param constant - c, default 0
 * @throws TypeError or RangeError naming the entry that is no finite number, or that differs from
 * its mirror image by more than rounding (8·d·ε·max|aᵢⱼ|)
 *
 * @example
 * ```ts
 * import { curvature, quadratic } from "thalweg";
 * curvature(quadratic([[10]])).speedLimit; // 0.2 (the function 5θ²)
 * curvature(quadratic({ diagonal: [1, 100] })).conditionNumber; // 100
 * ```
 */
export function quadratic(matrix: SymmetricMatrix, linear?: ArrayInput, constant = 0): Objective {
  const checked = readSymmetric("quadratic", matrix);
  const { dimension } = checked;
  const slope = linear === undefined ? undefined : readArray("quadratic", "linear", linear).values;
  if (slope && slope.length !== dimension) {
    throw new RangeError(`quadratic: linear must have ${dimension} entries, got ${slope.length}`);
  }
  checkNumber("quadratic", "constant", constant, "the finite numbers", Number.isFinite);
  const model: QuadraticModel = { matrix: checked, linear: slope, constant };
  const largestLinear = slope ? largestOf(slope) : 0;
  return {
    name: "quadratic",
    dimension,
    quadratic: true,
    convex: checked.floor >= 0,
    ...(checked.diagonal ? { curvatureFloor: checked.floor } : {}),
    memory(precision: Precision) {
      const stride = paddedLength(dimension, precision);
      const rows = checked.diagonal ? 1 : fourfold(dimension);
      return [
        { name: "objective.data", length: 5, kind: "u32" },
        { name: "objective.matrix", length: rows * stride },
        { name: "objective.linear", length: stride },
        { name: "objective.scratch", length: fourfold(stride) },
      ];
    },
    bind(workspace) {
      checkRange("quadratic", "matrix entries", checked.largest, workspace.precision);
      checkRange("quadratic", "entries of linear", largestLinear, workspace.precision);
      return new BoundQuadratic(model, workspace);
    },
  };
}
