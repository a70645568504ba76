import type { Pointer } from "../core/kernels.ts";
import { type Precision, paddedLength } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import { writeRecord } from "./compiled.ts";
import { fourfold, productRounding } from "./features.ts";
import { CHUNK } from "./linear.ts";
import type { BoundObjective, Evaluations, Objective } from "./objective.ts";

/** A mean over rows of data whose gradient can be had row by row. */
export type RowsObjective = Objective & Required<Pick<Objective, "rows" | "withBatches">>;

/**
 * An objective in a workspace whose products are with the empirical Fisher information: the matrix G of its rows'
 * gradients is kept at the linearized point, and GᵀGv/n runs through the kernel of least squares.
 */
class BoundRowFisher implements BoundObjective {
  readonly hessian = "exact";
  readonly evaluations: Evaluations;
  readonly #inner: BoundObjective;
  readonly #workspace: Workspace;
  readonly #rows: number;
  readonly #dimension: number;
  readonly #stride: number;
  readonly #room: number;
  readonly #data: Pointer;
  readonly #record: Uint32Array;
  readonly #row = new Uint32Array(1);
  #batch: Uint32Array | undefined;
  #count = 0;
  #trace = 0;
  #longest = 0;

  constructor({ rows, dimension }: RowsObjective, inner: BoundObjective, workspace: Workspace, room: number) {
    this.#stride = paddedLength(dimension, workspace.precision);
    this.#data = writeRecord(
      workspace,
      "rows.data",
      [0, this.#stride],
      ["rows.matrix", "rows.chunk", "rows.chunk", "rows.chunk", "rows.partial", "rows.total"],
    );
    this.#record = workspace.u32("objective.rows.data");
    this.evaluations = inner.evaluations;
    this.#inner = inner;
    this.#workspace = workspace;
    this.#rows = rows;
    this.#dimension = dimension;
    this.#room = room;
  }

  selectRows(indices: Uint32Array | undefined): void {
    const count = indices?.length ?? 0;
    if (indices && (count < 1 || count > this.#room)) {
      throw new RangeError(`selectRows: a batch must hold from 1 to ${this.#room} rows here, got ${count}`);
    }
    this.#inner.selectRows?.(indices);
    this.#batch = indices;
  }

  value(x: Pointer): number {
    return this.#inner.value(x);
  }

  gradient(x: Pointer, g: Pointer): void {
    this.#inner.gradient(x, g);
  }

  valueAndGradient(x: Pointer, g: Pointer): number {
    return this.#inner.valueAndGradient(x, g);
  }

  linearize(x: Pointer): void {
    const batch = this.#batch;
    const { kernels } = this.#workspace;
    const gradient = this.#workspace.pointer("objective.rows.gradient");
    const from = this.#workspace.real("objective.rows.gradient");
    const matrix = this.#workspace.real("objective.rows.matrix");
    this.#count = batch?.length ?? this.#rows;
    this.#trace = 0;
    this.#longest = 0;
    for (let i = 0; i < this.#count; i++) {
      this.#row[0] = batch ? batch[i] : i;
      this.#inner.selectRows?.(this.#row);
      this.#inner.gradient(x, gradient);
      const length = kernels.norm(this.#stride, gradient);
      this.#trace += length ** 2 / this.#count;
      this.#longest = Math.max(this.#longest, length);
      matrix.set(from, i * this.#stride);
    }
    this.#inner.selectRows?.(batch);
    matrix.fill(0, this.#count * this.#stride, fourfold(this.#count) * this.#stride);
    this.#record[0] = this.#count;
  }

  hessianVectorProduct(v: Pointer, product: Pointer): void {
    this.evaluations.hessianVectorProduct++;
    this.#workspace.kernels.gramProduct(false, this.#data, 1 / this.#count, 0, v, product);
  }

  productError(v: Pointer): number {
    const extent = {
      rows: this.#count,
      columns: this.#dimension,
      trace: this.#trace,
      longestRow: this.#longest,
    };
    const { precision, kernels } = this.#workspace;
    return productRounding(extent, precision, 1, 0, 0) * kernels.norm(this.#stride, v);
  }
}

/**
 * The same objective, whose products are with the empirical Fisher information 1/n Σ gᵢgᵢᵀ of the rows' gradients, penalties in
 * them included.
 *
 * @param batchSize - rows of a batch at most
 */
export function rowFisher(objective: RowsObjective, batchSize = 0): Objective {
  const { rows, dimension } = objective;
  const room = Math.max(rows, batchSize);
  const inner = batchSize > 0 ? objective.withBatches(batchSize) : objective;
  const { curvatureBound: _, curvatureFloor: __, ...facts } = inner;
  return {
    ...facts,
    name: `${objective.name}, empirical Fisher information`,
    quadratic: false,
    fisher: "empirical",
    withBatches: (size) => rowFisher(objective, size),
    memory(precision: Precision) {
      const stride = paddedLength(dimension, precision);
      return [
        ...inner.memory(precision),
        { name: "objective.rows.data", length: 8, kind: "u32" },
        { name: "objective.rows.matrix", length: fourfold(room) * stride },
        { name: "objective.rows.gradient", length: stride },
        { name: "objective.rows.chunk", length: CHUNK },
        { name: "objective.rows.partial", length: stride },
        { name: "objective.rows.total", length: stride, kind: "f64" },
      ];
    },
    bind: (workspace) => new BoundRowFisher(objective, inner.bind(workspace), workspace, room),
  };
}
