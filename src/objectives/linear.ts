import type { Kernels, Pointer } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import { type Precision, paddedLength, type RealArray } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import { CompiledObjective } from "./compiled.ts";
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
export function linearMemory({ kernel, table }: LinearModel, precision: Precision): BlockRequest[] {
  const rows = fourfold(table.rows);
  const stride = paddedLength(table.columns, precision);
  return [
    { name: "objective.data", length: 8, kind: "u32" },
    { name: "objective.matrix", length: rows * stride },
    { name: "objective.targets", length: rows },
    { name: "objective.weights", length: kernel === "logisticRegression" ? rows : 0 },
    { name: "objective.chunk", length: CHUNK },
    { name: "objective.partial", length: stride },
    { name: "objective.total", length: stride, kind: "f64" },
  ];
}

/** A linear model in a workspace. */
export class BoundLinear extends CompiledObjective {
  readonly #evaluate: Kernels["leastSquares"];
  readonly #logistic: boolean;
  readonly #share: number;
  readonly #l2: number;
  readonly #table: FeatureTable;
  readonly #precision: Precision;
  #weightNorm = 0;

  constructor({ kernel, table, l2, copyTargets }: LinearModel, workspace: Workspace) {
    const { precision, kernels } = workspace;
    const stride = paddedLength(table.columns, precision);
    const blocks = ["matrix", "targets", "weights", "chunk", "partial", "total"];
    super(workspace, table.columns, [fourfold(table.rows), stride], blocks);
    this.#evaluate = kernels[kernel];
    this.#logistic = kernel === "logisticRegression";
    this.#share = 1 / table.rows;
    this.#l2 = l2;
    this.#table = table;
    this.#precision = precision;
    table.copyInto(workspace.real("objective.matrix"), stride);
    copyTargets(workspace.real("objective.targets"));
  }

  linearize(x: Pointer): void {
    if (!this.#logistic) return;
    this.#weightNorm = this.norm(x);
    this.kernels.logisticWeights(this.data, x);
  }

  protected evaluate(want: number, x: Pointer, g: Pointer): number {
    return this.#evaluate(want, this.data, this.#share, this.#l2, x, g);
  }

  protected multiply(v: Pointer, product: Pointer): void {
    this.kernels.gramProduct(this.#logistic, this.data, this.#share, this.#l2, v, product);
  }

  protected rounding(): number {
    const scale = this.#logistic ? 0.25 : 1;
    return productRounding(this.#table, this.#precision, scale, this.#weightNorm, this.#l2);
  }
}
