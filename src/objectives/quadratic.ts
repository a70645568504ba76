import {
  type ArrayInput,
  type ForeignArray,
  isForeignArray,
  isList,
  readArray,
} from "../core/array-input.ts";
import { checkKeys, checkNumber } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import type { Pointer } from "../core/kernels.ts";
import {
  machineEpsilon,
  type Numbers,
  type Precision,
  paddedLength,
  type RealArray,
} from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import { CompiledObjective } from "./compiled.ts";
import { checkFinite, checkRange, fourfold } from "./features.ts";
import type { Objective } from "./objective.ts";

/** A symmetric matrix: d rows of d, a row-major array of d², another library's d × d array, or only its diagonal. */
export type SymmetricMatrix = ArrayLike<Numbers> | Numbers | ForeignArray | { readonly diagonal: ArrayInput };

interface CheckedMatrix {
  readonly dimension: number;
  readonly diagonal: boolean;
  /** A provable lower bound of the spectrum. */
  readonly floor: number;
  /** ‖A‖∞, which no eigenvalue exceeds in magnitude. */
  readonly norm: number;
  readonly largest: number;
  copyInto(target: RealArray, stride: number): void;
}

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

function largestOf(values: Numbers): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}

function readDiagonal(matrix: { readonly diagonal: unknown }): CheckedMatrix {
  checkKeys("quadratic: matrix", matrix, ["diagonal"]);
  const { values: diagonal } = readArray("quadratic", "matrix.diagonal", matrix.diagonal);
  let floor = Infinity;
  for (let i = 0; i < diagonal.length; i++) floor = Math.min(floor, diagonal[i]);
  const largest = largestOf(diagonal);
  return {
    dimension: diagonal.length,
    diagonal: true,
    floor,
    norm: largest,
    largest,
    copyInto: (target) => target.set(diagonal),
  };
}

/** The order of a square matrix given as rows or as one row-major array. */
function orderOf(matrix: ArrayLike<unknown>): { order: number; flat: boolean } {
  const flat = ArrayBuffer.isView(matrix) || typeof matrix[0] === "number";
  const order = flat ? Math.round(Math.sqrt(matrix.length)) : matrix.length;
  if (order === 0) throw new RangeError("quadratic: matrix must not be empty");
  if (flat && order * order !== matrix.length) {
    throw new RangeError(`quadratic: a row-major matrix needs d² entries, got ${matrix.length}`);
  }
  for (let i = 0; !flat && i < order; i++) {
    const row = matrix[i];
    if (!isList(row)) {
      throw new TypeError(`quadratic: matrix must hold rows of numbers, got ${describe(row)} as row ${i}`);
    }
    if (row.length !== order) {
      throw new RangeError(
        `quadratic: a matrix of ${order} rows must have ${order} columns, row ${i} has ${row.length}`,
      );
    }
  }
  return { order, flat };
}

function readDense(matrix: ArrayLike<unknown>): CheckedMatrix {
  const { order, flat } = orderOf(matrix);
  const entry = flat
    ? (i: number, j: number) => (matrix as Numbers)[i * order + j]
    : (i: number, j: number) => (matrix as ArrayLike<Numbers>)[i][j];
  let largest = 0;
  for (let i = 0; i < order; i++) {
    for (let j = 0; j < order; j++) {
      const value = entry(i, j);
      checkFinite("quadratic", "matrix entries", value, () => `row ${i}, column ${j}`);
      largest = Math.max(largest, Math.abs(value));
    }
  }
  const first = flat ? matrix : matrix[0];
  const epsilon = machineEpsilon[first instanceof Float32Array ? "f32" : "f64"];
  const tolerance = 8 * order * epsilon * largest;
  // Gershgorin: every eigenvalue lies within a row's off-diagonal sum of its diagonal entry.
  let floor = Infinity;
  let norm = 0;
  for (let i = 0; i < order; i++) {
    let around = 0;
    for (let j = 0; j < order; j++) {
      const above = entry(i, j);
      const below = entry(j, i);
      if (Math.abs(above - below) > tolerance) {
        throw new RangeError(
          `quadratic: matrix must be symmetric, got ${above} in row ${i}, column ${j} but ${below} in row ${j}, column ${i}`,
        );
      }
      if (i !== j) around += Math.abs(above);
    }
    floor = Math.min(floor, entry(i, i) - around);
    norm = Math.max(norm, Math.abs(entry(i, i)) + around);
  }
  return {
    dimension: order,
    diagonal: false,
    floor,
    norm,
    largest,
    copyInto(target, stride) {
      for (let i = 0; i < order; i++) {
        for (let j = 0; j < order; j++) target[i * stride + j] = 0.5 * entry(i, j) + 0.5 * entry(j, i);
      }
    },
  };
}

function readMatrix(matrix: unknown): CheckedMatrix {
  if (isList(matrix)) return readDense(matrix);
  if (isForeignArray(matrix)) {
    const { values, shape } = readArray("quadratic", "matrix", matrix);
    if (shape.length > 2 || (shape.length === 2 && shape[0] !== shape[1])) {
      throw new RangeError(`quadratic: matrix must be square, got the shape ${shape.join(" × ")}`);
    }
    return readDense(values);
  }
  if (typeof matrix !== "object" || matrix === null || !("diagonal" in matrix)) {
    throw new TypeError(
      `quadratic: matrix must be rows, a row-major array, or { diagonal }, got ${describe(matrix)}`,
    );
  }
  return readDiagonal(matrix as { diagonal: unknown });
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
  const checked = readMatrix(matrix);
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
