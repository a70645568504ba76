import type { Kernels, Pointer } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import { type Precision, paddedLength, type RealArray } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import { BoundData, rowsMemory } from "./data.ts";
import { type FeatureTable, fourfold, productRounding } from "./features.ts";

/** Rows that the kernels take at once (CHUNK of assembly/objectives/common.ts). */
export const CHUNK = 32;

/** A linear model on data: which loss, on what. */
export interface LinearModel {
  readonly kernel: "leastSquares" | "logisticRegression";
  readonly table: FeatureTable;
  readonly l2: number;
  /** Writes each row's target. */
  copyTargets(target: RealArray): void;
}

/** The blocks of a linear model (LinearData of assembly/objectives/linear.ts). */
export function linearMemory(
  { kernel, table }: LinearModel,
  precision: Precision,
  batchSize: number,
): BlockRequest[] {
  const stride = paddedLength(table.columns, precision);
  const perRow = (rows: number): BlockRequest[] => [
    { name: "matrix", length: fourfold(rows) * stride },
    { name: "targets", length: fourfold(rows) },
    { name: "weights", length: kernel === "logisticRegression" ? fourfold(rows) : 0 },
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
  readonly #logistic: boolean;
  readonly #l2: number;
  readonly #precision: Precision;
  #weightNorm = 0;

  constructor({ kernel, table, l2, copyTargets }: LinearModel, workspace: Workspace, batchSize: number) {
    const { precision, kernels } = workspace;
    const stride = paddedLength(table.columns, precision);
    super(workspace, table.columns, {
      table,
      batchSize,
      stride,
      sizes: [stride],
      perRow: ["matrix", "targets", "weights"],
      shared: ["chunk", "partial", "total"],
      gatherTargets: "gatherReals",
    });
    this.#evaluate = kernels[kernel];
    this.#logistic = kernel === "logisticRegression";
    this.#l2 = l2;
    this.#precision = precision;
    copyTargets(workspace.real("objective.targets"));
  }

  linearize(x: Pointer): void {
    if (!this.#logistic) return;
    this.#weightNorm = this.norm(x);
    this.kernels.logisticWeights(this.data, x);
  }

  protected evaluate(want: number, x: Pointer, g: Pointer): number {
    return this.#evaluate(want, this.data, this.share, this.#l2, x, g);
  }

  protected multiply(v: Pointer, product: Pointer): void {
    this.kernels.gramProduct(this.#logistic, this.data, this.share, this.#l2, v, product);
  }

  protected rounding(): number {
    const scale = this.#logistic ? 0.25 : 1;
    return productRounding(this.extent, this.#precision, scale, this.#weightNorm, this.#l2);
  }
}
