import type { Kernels, Pointer } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import { type Precision, paddedLength, type RealArray } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import { BoundData, type DataForm, rowsMemory } from "./data.ts";
import { type FeatureTable, fourfold, productRounding } from "./features.ts";

/** Rows that the kernels take at once (CHUNK of assembly/objectives/common.ts). */
export const CHUNK = 32;

/** A linear model on data: which loss, on what. */
export interface LinearModel {
  readonly kernel: "leastSquares" | "logisticRegression";
  readonly table: FeatureTable;
  readonly l2: number;
  /** max |target|. */
  readonly largestTarget: number;
  /** Writes each row's target. */
  copyTargets(target: RealArray): void;
}

/** The kernels that keep the weights D of products with AᵀDA; none where D is the identity. */
const weighing = {
  leastSquares: { hessian: undefined, exact: undefined, empirical: "leastSquaresSquares" },
  logisticRegression: {
    hessian: "logisticWeights",
    // The variance of a label is the curvature of its loss.
    exact: "logisticWeights",
    empirical: "logisticSquares",
  },
} as const;

/** The blocks of a linear model (LinearData of assembly/objectives/linear.ts). */
export function linearMemory(
  { kernel, table }: LinearModel,
  precision: Precision,
  { batchSize, product }: DataForm,
): BlockRequest[] {
  const stride = paddedLength(table.columns, precision);
  const perRow = (rows: number): BlockRequest[] => [
    { name: "matrix", length: fourfold(rows) * stride },
    { name: "targets", length: fourfold(rows) },
    { name: "weights", length: weighing[kernel][product] ? fourfold(rows) : 0 },
  ];
  return [
    ...rowsMemory(8, perRow, table.rows, batchSize),
    { name: "objective.chunk", length: CHUNK },
    { name: "objective.partial", length: stride },
    { name: "objective.total", length: stride, kind: "f64" },
  ];
}

/** A linear model in a workspace. */
export class BoundLinear extends BoundData {
  readonly #evaluate: Kernels["leastSquares"];
  readonly #weigh: Kernels["logisticWeights"] | undefined;
  readonly #model: LinearModel;
  readonly #precision: Precision;
  #weightNorm = 0;

  constructor(model: LinearModel, workspace: Workspace, form: DataForm) {
    const { kernel, table, copyTargets } = model;
    const { precision, kernels } = workspace;
    const stride = paddedLength(table.columns, precision);
    super(workspace, table.columns, {
      table,
      form,
      stride,
      sizes: [stride],
      perRow: ["matrix", "targets", "weights"],
      shared: ["chunk", "partial", "total"],
      gatherTargets: "gatherReals",
    });
    const weigh = weighing[kernel][form.product];
    this.#evaluate = kernels[kernel];
    this.#weigh = weigh && kernels[weigh];
    this.#model = model;
    this.#precision = precision;
    copyTargets(workspace.real("objective.targets"));
  }

  linearize(x: Pointer): void {
    if (!this.#weigh) return;
    this.#weightNorm = this.norm(x);
    this.#weigh(this.data, x);
  }

  protected evaluate(want: number, x: Pointer, g: Pointer): number {
    return this.#evaluate(want, this.data, this.share, this.#model.l2, x, g);
  }

  protected multiply(v: Pointer, product: Pointer): void {
    const weighted = this.#weigh !== undefined;
    this.kernels.gramProduct(weighted, this.data, this.share, this.form.shift, v, product);
  }

  protected rounding(): number {
    const { extent, form } = this;
    return productRounding(extent, this.#precision, this.#scale(), this.#weightNorm, form.shift);
  }

  /** A bound on the rows' weights, and on what they change by when aᵢ·w does. */
  #scale(): number {
    const { kernel, largestTarget } = this.#model;
    const { product } = this.form;
    if (kernel === "logisticRegression") return product === "empirical" ? 1 : 0.25;
    if (product !== "empirical") return 1;
    // (|aᵢ||w| + |yᵢ| + 1)² is more than r² and than 2|r|.
    return (this.extent.longestRow * this.#weightNorm + largestTarget + 1) ** 2;
  }
}
