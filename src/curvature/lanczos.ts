import type { Pointer } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import {
  elementBytes,
  machineEpsilon,
  type Numbers,
  type Precision,
  paddedLength,
} from "../core/precision.ts";
import type { Random } from "../core/random.ts";
import { Workspace } from "../core/workspace.ts";
import type { BoundObjective, Objective } from "../objectives/objective.ts";

/** Rows that the basis block has: whole blocks of four, and one more vector than steps. */
const basisRows = (steps: number) => Math.ceil((steps + 1) / 4) * 4;

/** The memory that `Lanczos` needs for problems of a dimension and a number of steps. */
export function lanczosMemory(dimension: number, steps: number, precision: Precision): BlockRequest[] {
  const rows = basisRows(steps);
  return [
    { name: "lanczos.basis", length: rows * paddedLength(dimension, precision) },
    { name: "lanczos.scratch", length: rows },
    { name: "lanczos.product", length: dimension },
    { name: "lanczos.vector", length: dimension },
  ];
}

/** An eigenvalue estimate of the tridiagonal matrix, and how far from it an eigenvalue may be. */
export interface RitzValue {
  readonly value: number;
  /** ‖Hy − θy‖ of its Ritz vector, by the recurrence: some eigenvalue lies within this of `value`. */
  readonly residual: number;
}

/**
 * The Lanczos process with full reorthogonalisation on the Hessian that a bound objective was
 * linearized at. It extends an orthonormal basis Q one product at a time, with QᵀHQ tridiagonal;
 * where the basis spans an invariant subspace it goes on from a new random direction orthogonal to
 * it, so that after `dimension` steps the spectrum is complete, multiple eigenvalues included.
 *
 * Lanczos 1950; Parlett, "The symmetric eigenvalue problem", chapter 13.
 */
export class Lanczos {
  /** Steps taken: the size of the tridiagonal matrix. */
  steps = 0;
  /** Whether the basis spans the whole space. */
  exhausted = false;
  readonly #bound: BoundObjective;
  readonly #workspace: Workspace;
  readonly #random: Random;
  readonly #dimension: number;
  readonly #count: number;
  readonly #basis: Pointer;
  readonly #diagonal: number[] = [];
  readonly #off: number[] = [];
  #scale = 0;

  constructor(bound: BoundObjective, workspace: Workspace, dimension: number, random: Random) {
    this.#bound = bound;
    this.#workspace = workspace;
    this.#dimension = dimension;
    this.#random = random;
    this.#count = paddedLength(dimension, workspace.precision);
    this.#basis = workspace.pointer("lanczos.basis");
    this.#randomDirection(0);
  }

  /** Takes one step. Returns false where the product is not finite; the process must not go on then. */
  step(): boolean {
    const { kernels } = this.#workspace;
    const j = this.steps;
    const q = this.#row(j);
    const next = this.#row(j + 1);
    this.#bound.hessianVectorProduct(q, next);
    const alpha = kernels.dot(this.#count, q, next);
    if (!Number.isFinite(alpha) || !Number.isFinite(kernels.norm(this.#count, next))) {
      this.#workspace.realAt(next, this.#dimension).fill(0);
      return false;
    }
    this.#diagonal.push(alpha);
    this.steps = j + 1;
    this.#orthogonalize(next, j + 1);
    const beta = kernels.norm(this.#count, next);
    this.#scale = Math.max(this.#scale, Math.abs(alpha) + beta);
    if (this.steps === this.#dimension) {
      this.exhausted = true;
      this.#off.push(0);
      return true;
    }
    // What remains of a vector in the span of the basis is rounding, of no direction.
    const rounding = 4 * machineEpsilon[this.#workspace.precision] * this.#scale;
    if (beta <= rounding) {
      this.#off.push(0);
      this.#randomDirection(j + 1);
    } else {
      this.#off.push(beta);
      kernels.divide(this.#count, beta, next);
      if (beta < 1e-3 * this.#scale) {
        this.#orthogonalize(next, j + 1);
        kernels.divide(this.#count, kernels.norm(this.#count, next), next);
      }
    }
    return true;
  }

  /** All Ritz values, in falling order. */
  ritzValues(): RitzValue[] {
    const { values, columns, height } = this.#eigen("last row");
    const beta = this.#off[this.steps - 1];
    return values
      .map((value, i) => ({ value, residual: Math.abs(beta * columns[i * height]) }))
      .sort((a, b) => b.value - a.value);
  }

  /**
   * The Ritz vectors of the Ritz values at these places of the falling order, as unit vectors, each
   * with its residual ‖Hy − θy‖ measured by one more product, and that product's own error.
   */
  ritzVectors(
    places: readonly number[],
  ): { value: number; vector: Float64Array; residual: number; productError: number }[] {
    const { values, columns, height } = this.#eigen("all rows");
    const order = values.map((_, i) => i).sort((a, b) => values[b] - values[a]);
    const { kernels } = this.#workspace;
    const y = this.#workspace.pointer("lanczos.vector");
    const product = this.#workspace.pointer("lanczos.product");
    const view = this.#workspace.realAt(y, this.#dimension);
    return places.map((place) => {
      const column = order[place];
      view.fill(0);
      for (let j = 0; j < this.steps; j++) {
        kernels.axpy(this.#count, columns[column * height + j], this.#row(j), y);
      }
      kernels.divide(this.#count, kernels.norm(this.#count, y), y);
      const vector = Float64Array.from(view);
      this.#bound.hessianVectorProduct(y, product);
      const productError = this.#bound.productError(y);
      const value = values[column];
      kernels.axpy(this.#count, -value, y, product);
      return { value, vector, residual: kernels.norm(this.#count, product), productError };
    });
  }

  #row(j: number): Pointer {
    return this.#basis + j * this.#count * elementBytes[this.#workspace.precision];
  }

  #orthogonalize(v: Pointer, rows: number): void {
    const { kernels } = this.#workspace;
    const whole = Math.ceil(rows / 4) * 4;
    // The block of four that holds v itself must not take part: v is moved out while it is cleared.
    const product = this.#workspace.pointer("lanczos.product");
    const target = this.#workspace.realAt(product, this.#dimension);
    const row = this.#workspace.realAt(v, this.#dimension);
    target.set(row);
    row.fill(0);
    kernels.orthogonalize(
      whole,
      this.#count,
      this.#basis,
      product,
      this.#workspace.pointer("lanczos.scratch"),
    );
    row.set(target);
  }

  #randomDirection(j: number): void {
    const { kernels } = this.#workspace;
    const at = this.#row(j);
    const view = this.#workspace.realAt(at, this.#dimension);
    for (let i = 0; i < view.length; i++) view[i] = this.#random.normal();
    for (let pass = 0; pass < 2; pass++) {
      if (j > 0) this.#orthogonalize(at, j);
      kernels.divide(this.#count, kernels.norm(this.#count, at), at);
    }
  }

  /** Eigenvalues of the tridiagonal matrix with the last row, or all rows, of its eigenvectors. */
  #eigen(rows: "last row" | "all rows"): { values: number[]; columns: Float64Array; height: number } {
    const n = this.steps;
    const height = rows === "last row" ? 2 : n + (n % 2);
    const workspace = new Workspace(
      [
        { name: "diagonal", length: n, kind: "f64" },
        { name: "off", length: n, kind: "f64" },
        { name: "columns", length: n * height, kind: "f64" },
      ],
      "f64",
    );
    const diagonal = workspace.f64("diagonal");
    const columns = workspace.f64("columns");
    diagonal.set(this.#diagonal);
    workspace.f64("off").set(this.#off);
    if (rows === "last row") columns[(n - 1) * height] = 1;
    else for (let i = 0; i < n; i++) columns[i * height + i] = 1;
    workspace.kernels.tridiagonalEigen(
      n,
      workspace.pointer("diagonal"),
      workspace.pointer("off"),
      height,
      workspace.pointer("columns"),
    );
    const result = { values: Array.from(diagonal), columns: columns.slice(), height };
    workspace.dispose();
    return result;
  }
}

/** A Lanczos run on an objective's Hessian at a point, in a workspace of its own, which is to be disposed of. */
export interface LanczosRun {
  readonly lanczos: Lanczos;
  readonly bound: BoundObjective;
  readonly workspace: Workspace;
}

/** Begins a run of at most so many steps at a point, at the origin where none is given. */
export function startLanczos(
  objective: Objective,
  steps: number,
  random: Random,
  precision: Precision,
  point?: Numbers,
): LanczosRun {
  const { dimension } = objective;
  const workspace = new Workspace(
    [
      { name: "x", length: dimension },
      ...lanczosMemory(dimension, steps, precision),
      ...objective.memory(precision),
    ],
    precision,
  );
  try {
    const bound = objective.bind(workspace);
    if (point) workspace.real("x").set(point);
    bound.linearize(workspace.pointer("x"));
    return { lanczos: new Lanczos(bound, workspace, dimension, random), bound, workspace };
  } catch (error) {
    workspace.dispose();
    throw error;
  }
}
