import { describe } from "../core/describe.ts";
import type { Pointer } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import { type Precision, paddedLength } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import { BoundData, type DataForm, dataObjective, rowsMemory } from "./data.ts";
import {
  type DataOptions,
  type Features,
  type FeatureTable,
  fourfold,
  productRounding,
  readDataOptions,
  readFeatures,
} from "./features.ts";
import { type Classes, type Labels, readLabels } from "./labels.ts";
import { leastSquaresOn } from "./least-squares.ts";
import { CHUNK } from "./linear.ts";
import type { ClassificationObjective } from "./logistic.ts";

/** Options of {@link softmaxRegression}. */
export interface SoftmaxOptions extends DataOptions {
  /** The classes there are, in any order, where some may have no row; default: those of the labels. */
  readonly classes?: Labels;
}

interface SoftmaxModel extends Classes {
  readonly table: FeatureTable;
  readonly l2: number;
}

/** The blocks of a softmax model (SoftmaxData of assembly/objectives/softmax.ts). */
function softmaxMemory(
  { table, classes }: SoftmaxModel,
  precision: Precision,
  batchSize: number,
): BlockRequest[] {
  const stride = fourfold(table.columns);
  const width = paddedLength(classes.length, precision);
  const perRow = (rows: number): BlockRequest[] => [
    { name: "matrix", length: fourfold(rows) * stride },
    { name: "labels", length: rows, kind: "u32" },
    { name: "probabilities", length: fourfold(rows) * width },
  ];
  return [
    ...rowsMemory(13, perRow, table.rows, batchSize),
    { name: "objective.bias", length: width },
    { name: "objective.weights", length: stride * width },
    { name: "objective.chunk", length: CHUNK * width },
    { name: "objective.partial", length: stride * width },
    { name: "objective.total", length: stride * width, kind: "f64" },
  ];
}

class BoundSoftmax extends BoundData {
  readonly #l2: number;
  readonly #precision: Precision;
  #weightNorm = 0;

  constructor({ table, classes, indices, l2 }: SoftmaxModel, workspace: Workspace, form: DataForm) {
    const { precision } = workspace;
    const { columns } = table;
    const stride = fourfold(columns);
    const width = paddedLength(classes.length, precision);
    super(workspace, columns * classes.length, {
      table,
      form,
      stride,
      sizes: [columns, stride, classes.length, width],
      perRow: ["matrix", "labels", "probabilities"],
      shared: ["bias", "weights", "chunk", "partial", "total"],
      gatherTargets: "gatherWords",
    });
    this.#l2 = l2;
    this.#precision = precision;
    workspace.u32("objective.labels").set(indices);
    // Classes of padding get the score −∞, hence the probability 0.
    workspace.real("objective.bias").fill(Number.NEGATIVE_INFINITY, classes.length);
  }

  linearize(x: Pointer): void {
    this.#weightNorm = this.norm(x);
    if (this.#isEmpirical) this.kernels.softmaxResiduals(this.data, x);
    else this.kernels.softmaxProbabilities(this.data, x);
  }

  protected evaluate(want: number, x: Pointer, g: Pointer): number {
    return this.kernels.softmaxRegression(want, this.data, this.share, this.#l2, x, g);
  }

  protected multiply(v: Pointer, product: Pointer): void {
    const { kernels, data, share } = this;
    const { shift } = this.form;
    if (this.#isEmpirical) kernels.softmaxOuterProduct(data, share, shift, v, product);
    else kernels.softmaxProduct(data, share, shift, v, product);
  }

  protected rounding(): number {
    // ‖diag(p) − ppᵀ‖ ≤ ½, ‖rrᵀ‖ ≤ 2, and so is what each changes by when the scores do.
    const scale = this.#isEmpirical ? 2 : 0.5;
    return productRounding(this.extent, this.#precision, scale, this.#weightNorm, this.form.shift);
  }

  get #isEmpirical(): boolean {
    return this.form.product === "empirical";
  }
}

/**
 * Softmax regression: mean cross-entropy of n rows + l2/2 ‖W‖². The parameters are W, d × k
 * row-major: feature j of class c lies at j·k + c, classes in sorted order.
 *
 * λmax ≤ ½ λmax(AᵀA/n) + l2 everywhere, since diag(p) − ppᵀ has no eigenvalue above ½.
 *
 * @param features - n rows of equal length, a row-major array with `options.columns`, or an array of
 * another library (ndarray, tensor, `toArray()`) of n × d; kept by reference and copied in once per run
 * @param labels - one a row: all numbers, all strings or all booleans
 * @param options.columns - features per row, for a row-major array
 * @param options.l2 - ≥ 0, default 0
 * @param options.intercept - append a column of ones, last, penalised as the others; default false
 * @param options.classes - the classes there are (at least two), default those that occur
 * @throws TypeError or RangeError naming the row and column of a bad entry, counted from 0
 *
 * @example
 * ```ts
 * import { softmaxRegression } from "thalweg";
 * const problem = softmaxRegression([[0, 1], [1, 0], [1, 1]], ["a", "b", "c"], { l2: 0.01 });
 * problem.dimension; // 6 (2 features × 3 classes)
 * problem.classes; // ["a", "b", "c"]
 * ```
 *
 * Source: Bishop, "Pattern recognition and machine learning", 2006, §4.3.4; the bound: Böhning,
 * "Multinomial logistic regression algorithm", Annals of the Institute of Statistical Mathematics 44, 1992.
 */
export function softmaxRegression(
  features: Features,
  labels: Labels,
  options: SoftmaxOptions = {},
): ClassificationObjective {
  const name = "softmaxRegression";
  const { columns, l2, intercept } = readDataOptions(name, options, ["classes"]);
  const table = readFeatures(name, features, columns, intercept);
  const { classes, indices } = readLabels(name, labels, table.rows, options.classes);
  if (classes.length < 2) {
    throw new RangeError(`${name}: labels must hold at least two classes, got only ${describe(classes[0])}`);
  }
  const model: SoftmaxModel = { table, l2, classes, indices };
  return dataObjective<ClassificationObjective>({
    facts: {
      name,
      dimension: table.columns * classes.length,
      quadratic: false,
      convex: true,
      classes,
      curvatureBound: {
        hessian: leastSquaresOn(table, 0),
        scale: 0.5,
        shift: l2,
        reason: "diag(p) − ppᵀ has no eigenvalue above 1/2, so λmax ≤ λmax(AᵀA/n)/2 + l2",
      },
      curvatureFloor: l2,
    },
    rows: table.rows,
    l2,
    memory: (precision, { batchSize }) => softmaxMemory(model, precision, batchSize),
    bind(workspace, form) {
      table.checkRange(workspace.precision);
      return new BoundSoftmax(model, workspace, form);
    },
  });
}
