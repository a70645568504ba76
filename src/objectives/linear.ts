import type { Kernels, Pointer } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import { machineEpsilon, type Precision, paddedLength, type RealArray } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import { type FeatureTable, fourfold, productRounding } from "./features.ts";
import type { BoundObjective, Evaluations } from "./objective.ts";

/** Rows that the kernels take at once (CHUNK of assembly/objectives/common.ts). */
export const CHUNK = 32;

/** Bits of what an evaluation computes. */
export const VALUE = 1;
export const GRADIENT = 2;

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
export class BoundLinear implements BoundObjective {
  readonly evaluations: Evaluations = { value: 0, gradient: 0, hessianVectorProduct: 0 };
  readonly hessian = "exact";
  readonly #kernels: Kernels;
  readonly #evaluate: Kernels["leastSquares"];
  readonly #logistic: boolean;
  readonly #data: Pointer;
  readonly #share: number;
  readonly #l2: number;
  readonly #padded: number;
  readonly #table: FeatureTable;
  readonly #precision: Precision;
  #weightNorm = 0;

  constructor(model: LinearModel, workspace: Workspace) {
    const { table } = model;
    const { precision, kernels } = workspace;
    this.#precision = precision;
    this.#kernels = kernels;
    this.#evaluate = kernels[model.kernel];
    this.#logistic = model.kernel === "logisticRegression";
    this.#data = workspace.pointer("objective.data");
    this.#share = 1 / table.rows;
    this.#l2 = model.l2;
    this.#padded = paddedLength(table.columns, precision);
    this.#table = table;
    table.copyInto(workspace.real("objective.matrix"), this.#padded);
    model.copyTargets(workspace.real("objective.targets"));
    workspace
      .u32("objective.data")
      .set([
        fourfold(table.rows),
        this.#padded,
        ...["matrix", "targets", "weights", "chunk", "partial", "total"].map((name) =>
          workspace.pointer(`objective.${name}`),
        ),
      ]);
  }

  value(x: Pointer): number {
    this.evaluations.value++;
    return this.#evaluate(VALUE, this.#data, this.#share, this.#l2, x, 0);
  }

  gradient(x: Pointer, g: Pointer): void {
    this.evaluations.gradient++;
    this.#evaluate(GRADIENT, this.#data, this.#share, this.#l2, x, g);
  }

  valueAndGradient(x: Pointer, g: Pointer): number {
    this.evaluations.value++;
    this.evaluations.gradient++;
    return this.#evaluate(VALUE | GRADIENT, this.#data, this.#share, this.#l2, x, g);
  }

  linearize(x: Pointer): void {
    if (!this.#logistic) return;
    this.#weightNorm = this.#kernels.norm(this.#padded, x);
    this.#kernels.logisticWeights(this.#data, x);
  }

  hessianVectorProduct(v: Pointer, product: Pointer): void {
    this.evaluations.hessianVectorProduct++;
    this.#kernels.gramProduct(this.#logistic, this.#data, this.#share, this.#l2, v, product);
  }

  productError(v: Pointer): number {
    const scale = this.#logistic ? 0.25 : 1;
    const rounding = productRounding(this.#table, this.#precision, scale, this.#weightNorm);
    return (rounding + 2 * machineEpsilon[this.#precision] * this.#l2) * this.#kernels.norm(this.#padded, v);
  }
}
