import { isList } from "../core/array-input.ts";
import { checkKeys } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import type { Pointer } from "../core/kernels.ts";
import { machineEpsilon, paddedLength } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import { CompiledObjective, GRADIENT, VALUE } from "./compiled.ts";
import {
  type FactoredObjective,
  type FactorShape,
  factored,
  productPitch,
  readFactorShape,
} from "./factored.ts";
import { checkFinite, checkRange } from "./features.ts";
import type { Objective } from "./objective.ts";

/** What {@link matrixCompletion} takes. */
export interface MatrixCompletion {
  /** What is known of the matrix: [row, column, value] each, counted from 0; none twice. */
  readonly entries: ArrayLike<readonly [row: number, column: number, value: number] | ArrayLike<number>>;
  /** Rows of the matrix: an integer ≥ 1. */
  readonly rows: number;
  /** Columns of the matrix: an integer ≥ 1. */
  readonly columns: number;
  /** Columns of W₂ and rows of W₁: an integer ≥ 1; default the least of rows and columns, which every matrix can be written with. */
  readonly inner?: number;
}

/** Entries that are known, by their places among rows of `productPitch` elements. */
interface KnownEntries {
  readonly places: Uint32Array;
  readonly values: Float64Array;
}

function readEntries(owner: string, entries: unknown, shape: FactorShape): KnownEntries {
  if (!isList(entries)) {
    throw new TypeError(
      `${owner}: entries must be an array of [row, column, value], got ${describe(entries)}`,
    );
  }
  if (entries.length === 0) throw new RangeError(`${owner}: entries must not be empty`);
  const pitch = productPitch(shape);
  const seen = new Set<number>();
  const values = new Float64Array(entries.length);
  const places = Uint32Array.from({ length: entries.length }, (_, k) => {
    const entry = entries[k];
    if (!isList(entry) || entry.length !== 3) {
      throw new TypeError(`${owner}: entries[${k}] must be [row, column, value], got ${describe(entry)}`);
    }
    const [row, column, value] = Array.from(entry);
    for (const [name, index, count] of [
      ["row", row, shape.rows],
      ["column", column, shape.columns],
    ] as const) {
      if (Number.isSafeInteger(index) && (index as number) >= 0 && (index as number) < count) continue;
      throw new RangeError(
        `${owner}: the ${name} of entries[${k}] must be an integer in [0, ${count}), got ${describe(index)}`,
      );
    }
    checkFinite(owner, "values", value, () => `entries[${k}]`);
    const place = (row as number) * pitch + (column as number);
    if (seen.has(place))
      throw new RangeError(`${owner}: entries[${k}] gives row ${row}, column ${column} again`);
    seen.add(place);
    values[k] = value;
    return place;
  });
  return { places, values };
}

/** 1/(2n) Σ (xⱼ − yⱼ)² over the entries that are known. */
class BoundEntries extends CompiledObjective {
  readonly #count: number;
  readonly #share: number;
  readonly #epsilon: number;
  readonly #known: Pointer;
  readonly #values: Pointer;
  readonly #residual: Pointer;

  constructor({ places, values }: KnownEntries, length: number, workspace: Workspace) {
    super(workspace, length, [], []);
    this.#count = paddedLength(length, workspace.precision);
    this.#share = 1 / places.length;
    this.#epsilon = machineEpsilon[workspace.precision];
    [this.#known, this.#values, this.#residual] = ["known", "values", "residual"].map((name) =>
      workspace.pointer(`objective.${name}`),
    );
    const known = workspace.real("objective.known");
    const block = workspace.real("objective.values");
    places.forEach((place, k) => {
      known[place] = 1;
      block[place] = values[k];
    });
  }

  linearize(): void {}

  protected evaluate(want: number, x: Pointer, g: Pointer): number {
    const { kernels } = this;
    kernels.combine(this.#count, 1, x, -1, this.#values, this.#residual);
    kernels.multiply(this.#count, this.#known, this.#residual, this.#residual);
    if (want & GRADIENT) kernels.combine(this.#count, this.#share, this.#residual, 0, this.#residual, g);
    return want & VALUE ? 0.5 * this.#share * kernels.dot(this.#count, this.#residual, this.#residual) : 0;
  }

  protected multiply(v: Pointer, product: Pointer): void {
    this.kernels.multiply(this.#count, this.#known, v, product);
    this.kernels.scale(this.#count, this.#share, product);
  }

  protected rounding(): number {
    return 2 * this.#epsilon * this.#share;
  }
}

function entriesObjective(owner: string, known: KnownEntries, length: number): Objective {
  const largest = known.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return {
    name: owner,
    dimension: length,
    quadratic: true,
    convex: true,
    memory: () => [
      { name: "objective.data", length: 0, kind: "u32" },
      ...["known", "values", "residual"].map((name) => ({ name: `objective.${name}`, length })),
    ],
    bind(workspace) {
      checkRange(owner, "values", largest, workspace.precision);
      return new BoundEntries(known, length, workspace);
    },
  };
}

/**
 * Matrix completion by a two-layer linear network: 1/(2n) Σ ((W₂W₁)ⱼₖ − yⱼₖ)² over the n entries that are known. Parameters as of
 * {@link matrixSensing}, of which this is the case of measurements that look at one entry each.
 *
 * @param problem - the entries and the shape: see {@link MatrixCompletion}
 * @returns an objective of inner·(columns + rows) weights
 * @throws TypeError or RangeError naming the argument that is wrong
 *
 * @example
 * ```ts
 * import { factorProduct, gradientDescent, matrixCompletion, minimize } from "thalweg";
 * const problem = matrixCompletion({ entries: [[0, 0, 1], [0, 1, 2], [1, 0, 3]], rows: 2, columns: 2, inner: 1 });
 * const start = [0.1, 0.1, 0.1, 0.1]; // W₁ = (0.1, 0.1), W₂ = (0.1, 0.1)ᵀ
 * const { x } = minimize(problem, { rule: gradientDescent({ learningRate: 0.2 }), start });
 * factorProduct(problem.shape, x)[1][1]; // ≈ 6: of rank 1
 * ```
 *
 * Source: Candès and Recht, "Exact matrix completion via convex optimization", Found. Comput. Math. 9, 2009, for the problem; Razin
 * and Cohen, "Implicit regularization in deep learning may not be explainable by norms", NeurIPS 2020, for what factors make of it.
 */
export function matrixCompletion(problem: MatrixCompletion): FactoredObjective {
  const owner = "matrixCompletion";
  checkKeys(owner, problem, ["entries", "rows", "columns", "inner"]);
  const shape = readFactorShape(owner, problem);
  const known = readEntries(owner, problem.entries, shape);
  return factored(owner, entriesObjective(owner, known, shape.rows * productPitch(shape)), shape);
}
