import { type ArrayInput, isArrayInput, readArray } from "../core/array-input.ts";
import { checkKeys } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import type { Kernels, Pointer } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import { paddedLength } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import { fourfold } from "../objectives/features.ts";
import {
  type BoundObjective,
  type Evaluations,
  type Objective,
  refuseField,
} from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { onArray, readPoint } from "../parameters/at-point.ts";
import { cholesky, invertLower, type SquareMatrix } from "./cholesky.ts";
import { hessianDiagonal } from "./hessian-diagonal.ts";

/**
 * How variables are rescaled: by the Hessian's diagonal at a point; by a factor each, x = s ∘ y; or by a symmetric positive
 * definite matrix M that is like the Hessian, x = L⁻ᵀy with M = LLᵀ.
 */
export type Preconditioner = "diagonal" | ArrayInput | { readonly matrix: ArrayInput };

/** Options of {@link precondition}. */
export interface PreconditionOptions {
  /** The point whose Hessian "diagonal" takes; zeros if left out where the dimension is known. */
  readonly at?: ArrayInput;
}

/** A problem in other variables y. */
export interface PreconditionedObjective extends Objective {
  /** The x that a y stands for. */
  original(y: ArrayInput): Float64Array;
  /** The y that stands for an x. */
  preconditioned(x: ArrayInput): Float64Array;
}

/** A linear change of variables x = Cy. */
interface Change {
  /** ‖C‖₂, or more. */
  readonly norm: number;
  /** Memory for C and for vectors of x. */
  memory(prefix: string, rows: number, stride: number): readonly BlockRequest[];
  /** Writes what `memory` asked for. */
  fill(workspace: Workspace, prefix: string, stride: number): void;
  /** x ← Cy. */
  forward(kernels: Kernels, at: BoundPointers, y: Pointer, x: Pointer): void;
  /** g ← Cᵀg of x. */
  backward(kernels: Kernels, at: BoundPointers, g: Pointer, out: Pointer): void;
  original(y: Float64Array): Float64Array;
  preconditioned(x: Float64Array): Float64Array;
}

interface BoundPointers {
  readonly factor: Pointer;
  readonly rows: number;
  readonly stride: number;
}

/** x = s ∘ y. */
function scaling(scales: Float64Array): Change {
  return {
    norm: scales.reduce((most, scale) => Math.max(most, Math.abs(scale)), 0),
    memory: (prefix, _, stride) => [{ name: `${prefix}.factor`, length: stride }],
    fill: (workspace, prefix) => workspace.real(`${prefix}.factor`).set(scales),
    forward: (kernels, { factor, stride }, y, x) => kernels.multiply(stride, factor, y, x),
    backward: (kernels, { factor, stride }, g, out) => kernels.multiply(stride, factor, g, out),
    original: (y) => y.map((entry, i) => scales[i] * entry),
    preconditioned: (x) => x.map((entry, i) => entry / scales[i]),
  };
}

/** x = L⁻ᵀy. */
function whitening(lower: SquareMatrix, order: number): Change {
  const inverse = invertLower(lower, order);
  const sum = (terms: number, term: (k: number) => number) => {
    let total = 0;
    for (let k = 0; k < terms; k++) total += term(k);
    return total;
  };
  return {
    // The Frobenius norm.
    norm: Math.sqrt(inverse.reduce((total, entry) => total + entry * entry, 0)),
    memory: (prefix, rows, stride) => [{ name: `${prefix}.factor`, length: rows * stride }],
    fill(workspace, prefix, stride) {
      const factor = workspace.real(`${prefix}.factor`);
      for (let i = 0; i < order; i++) {
        for (let j = i; j < order; j++) factor[i * stride + j] = inverse[j * order + i];
      }
    },
    forward: (kernels, { factor, rows, stride }, y, x) =>
      kernels.matrixTimesVector(rows, stride, factor, y, x),
    backward(kernels, { factor, rows, stride }, g, out) {
      kernels.scale(stride, 0, out);
      kernels.addTransposed(rows, stride, factor, g, out);
    },
    original: (y) => y.map((_, i) => sum(order, (k) => inverse[k * order + i] * y[k])),
    preconditioned: (x) => x.map((_, i) => sum(order, (k) => lower[k * order + i] * x[k])),
  };
}

/** An objective in a workspace, seen through a change of variables. */
class BoundPreconditioned implements BoundObjective {
  readonly evaluations: Evaluations;
  readonly hessian: BoundObjective["hessian"];
  readonly selectRows?: (indices: Uint32Array | undefined) => void;
  readonly #inner: BoundObjective;
  readonly #change: Change;
  readonly #kernels: Kernels;
  readonly #at: BoundPointers;
  readonly #x: Pointer;
  readonly #image: Pointer;

  constructor(
    inner: BoundObjective,
    change: Change,
    workspace: Workspace,
    prefix: string,
    dimension: number,
  ) {
    const stride = paddedLength(dimension, workspace.precision);
    change.fill(workspace, prefix, stride);
    this.evaluations = inner.evaluations;
    this.hessian = inner.hessian;
    if (inner.selectRows) this.selectRows = (indices) => inner.selectRows?.(indices);
    this.#inner = inner;
    this.#change = change;
    this.#kernels = workspace.kernels;
    this.#at = { factor: workspace.pointer(`${prefix}.factor`), rows: fourfold(dimension), stride };
    this.#x = workspace.pointer(`${prefix}.x`);
    this.#image = workspace.pointer(`${prefix}.image`);
  }

  value(y: Pointer): number {
    return this.#inner.value(this.#forward(y));
  }

  gradient(y: Pointer, g: Pointer): void {
    this.#inner.gradient(this.#forward(y), this.#image);
    this.#backward(g);
  }

  valueAndGradient(y: Pointer, g: Pointer): number {
    const value = this.#inner.valueAndGradient(this.#forward(y), this.#image);
    this.#backward(g);
    return value;
  }

  linearize(y: Pointer): void {
    this.#inner.linearize(this.#forward(y));
  }

  hessianVectorProduct(v: Pointer, product: Pointer): void {
    this.#inner.hessianVectorProduct(this.#forward(v), this.#image);
    this.#backward(product);
  }

  productError(v: Pointer): number {
    return this.#change.norm * this.#inner.productError(this.#forward(v));
  }

  #forward(y: Pointer): Pointer {
    this.#change.forward(this.#kernels, this.#at, y, this.#x);
    return this.#x;
  }

  #backward(out: Pointer): void {
    this.#change.backward(this.#kernels, this.#at, this.#image, out);
  }
}

function readChange(
  objective: Objective,
  by: unknown,
  at: ArrayInput | undefined,
  dimension: number,
): Change {
  const owner = "precondition";
  if (by === "diagonal") {
    const diagonal = hessianDiagonal(objective, at === undefined ? {} : { at });
    const least = diagonal.findIndex((entry) => !(entry > 0));
    if (least >= 0) {
      throw new RangeError(
        `${owner}: the Hessian's diagonal must be positive for "diagonal", got ${diagonal[least]} at ${least}; give factors instead`,
      );
    }
    return scaling(diagonal.map((entry) => 1 / Math.sqrt(entry)));
  }
  if (isArrayInput(by)) {
    const { values } = readArray(owner, "by", by);
    checkCountOf("by", values.length, dimension, "factors");
    const scales = Float64Array.from(values);
    const zero = scales.indexOf(0);
    if (zero >= 0) throw new RangeError(`${owner}: by[${zero}] must not be 0`);
    return scaling(scales);
  }
  if (typeof by !== "object" || by === null || !("matrix" in by)) {
    throw new TypeError(
      `${owner}: by must be "diagonal", an array of factors or { matrix }, got ${describe(by)}`,
    );
  }
  checkKeys(`${owner}: by`, by, ["matrix"]);
  const { values } = readArray(owner, "by.matrix", by.matrix);
  checkCountOf("by.matrix", values.length, dimension ** 2, "entries");
  const lower = cholesky(Float64Array.from(values), dimension);
  if (!lower) throw new RangeError(`${owner}: by.matrix must be positive definite`);
  return whitening(lower, dimension);
}

function checkCountOf(name: string, length: number, expected: number, what: string): void {
  if (length !== expected) {
    throw new RangeError(`precondition: ${name} must have ${expected} ${what}, got ${length}`);
  }
}

function through(objective: Objective, change: Change): Objective {
  const { dimension, withBatches, withFisher } = objective;
  const prefixFor = (inner: readonly BlockRequest[]) =>
    `objective.change${inner.filter(({ name }) => name.endsWith(".factor")).length}`;
  return {
    name: `${objective.name}, preconditioned`,
    dimension,
    quadratic: objective.quadratic,
    convex: objective.convex,
    ...(objective.fisher ? { fisher: objective.fisher } : {}),
    ...(objective.rows === undefined ? {} : { rows: objective.rows }),
    ...(withBatches
      ? { withBatches: (size: number) => through(withBatches.call(objective, size), change) }
      : {}),
    ...(withFisher
      ? {
          withFisher: (kind, penalised) => through(withFisher.call(objective, kind, penalised), change),
        }
      : {}),
    memory(precision) {
      const inner = objective.memory(precision);
      const prefix = prefixFor(inner);
      const stride = paddedLength(dimension, precision);
      const rows = fourfold(dimension);
      return [
        ...inner,
        ...change.memory(prefix, rows, stride),
        { name: `${prefix}.x`, length: fourfold(stride) },
        { name: `${prefix}.image`, length: fourfold(stride) },
      ];
    },
    bind(workspace) {
      const prefix = prefixFor(objective.memory(workspace.precision));
      return new BoundPreconditioned(objective.bind(workspace), change, workspace, prefix, dimension);
    },
  };
}

/**
 * The same problem in other variables, in which its valley is rounder: f(Cy), whose Hessian is CᵀHC. Gradient descent on it is
 * preconditioned gradient descent on the problem itself, x ← x − ηCCᵀ∇f(x).
 *
 * @param problem - an objective such as `leastSquares(…)`, or `{ value, gradient }` of your own, on one array
 * @param by - "diagonal": each variable by 1/√hᵢᵢ, from the Hessian's diagonal (Jacobi's); an array: x = s ∘ y, such as the inverse
 * standard deviations of data columns; `{ matrix: M }`: x = L⁻ᵀy, with M = LLᵀ symmetric positive definite and like the Hessian, row by row
 * @param options.at - the point whose diagonal "diagonal" takes; default zeros where the dimension is known
 * @returns an objective of y, for `curvature`, `minimize` and all others; `original(y)` is the x, `preconditioned(x)` the y
 * @throws TypeError or RangeError naming the argument that is wrong, a diagonal that is not positive, a matrix that is
 * not positive definite
 *
 * @example
 * ```ts
 * import { curvature, gradientDescent, minimize, precondition, quadratic } from "thalweg";
 * const valley = quadratic([[10_000, 10], [10, 1]], [1, 1]);
 * const round = precondition(valley, "diagonal");
 * curvature(valley).speedLimit; // ≈ 0.0002
 * curvature(round).speedLimit; // ≈ 1.82
 * const { x: y } = minimize(round, { rule: gradientDescent({ learningRate: 1 }), gradientTolerance: 1e-10 });
 * round.original(y); // ≈ [-0.001, 1.01]
 * ```
 *
 * Source: Saad, "Iterative methods for sparse linear systems", 2003, §9.2 (split preconditioning); van der Sluis,
 * "Condition numbers and equilibration of matrices", 1969: no diagonal of a p × p Hessian does better than "diagonal" by more than
 * the factor p.
 */
export function precondition(
  problem: Objective | UserProblem,
  by: Preconditioner,
  options: PreconditionOptions = {},
): PreconditionedObjective {
  const owner = "precondition";
  checkKeys(owner, options, ["at"]);
  const { at } = options;
  // The factors tell the dimension of a problem that does not know it.
  const tells = isArrayInput(by) && !(Object(problem) === problem && "dimension" in problem);
  const { named, blocks } = readPoint(owner, problem, "at", at ?? (tells ? by : undefined));
  if (named) throw new TypeError(`${owner}: at must be one array, got named blocks`);
  const { values } = blocks[0];
  const objective = onArray(problem, values);
  refuseField(owner, objective, "in other variables it is another field: write that");
  const { dimension } = objective;
  const change = readChange(objective, by, at, dimension);
  const vector = (name: string, input: ArrayInput) => {
    const { values: entries } = readArray(owner, name, input);
    checkCountOf(name, entries.length, dimension, "entries");
    return Float64Array.from(entries);
  };
  return {
    ...through(objective, change),
    original: (y) => change.original(vector("y", y)),
    preconditioned: (x) => change.preconditioned(vector("x", x)),
  };
}
