import { describe } from "../core/describe.ts";
import { dataObjective } from "./data.ts";
import { type DataOptions, type Features, readDataOptions, readFeatures } from "./features.ts";
import { type Label, type Labels, readLabels } from "./labels.ts";
import { leastSquaresOn } from "./least-squares.ts";
import { BoundLinear, type LinearModel, linearMemory } from "./linear.ts";
import type { Objective } from "./objective.ts";

/** An objective whose data carry class labels. */
export interface ClassificationObjective extends Objective {
  /** The labels in sorted order. */
  readonly classes: readonly Label[];
}

/**
 * Logistic regression: 1/n Σ log(1 + exp(−sᵢ aᵢ·w)) + l2/2 ‖w‖². Of the two labels the smaller
 * (numbers by value, strings by code unit, false before true) is s = −1, the larger s = +1.
 *
 * λmax ≤ ¼ λmax(AᵀA/n) + l2 everywhere, since p(1 − p) ≤ ¼.
 *
 * @param features - n rows of equal length, a row-major array with `options.columns`, or an array of
 * another library (ndarray, tensor, `toArray()`) of n × d; kept by reference and copied in once per run
 * @param labels - one a row, of exactly two distinct values
 * @param options.columns - features per row, for a row-major array
 * @param options.l2 - ≥ 0, default 0
 * @param options.intercept - append a column of ones, last, penalised as the others; default false
 * @returns an objective of one weight a column, in the order of a row, the intercept's last; `classes` holds the two labels
 * @throws TypeError or RangeError naming the row and column of a bad entry, counted from 0
 *
 * @example
 * ```ts
 * import { logisticRegression, minimize } from "thalweg";
 * const problem = logisticRegression([[1], [2], [4], [5]], ["no", "yes", "no", "yes"], { l2: 0.01 });
 * problem.classes; // ["no", "yes"]
 * minimize(problem, {}).converged; // true
 * ```
 *
 * Source: Cox, "The regression analysis of binary sequences", Journal of the Royal Statistical Society B
 * 20, 1958; the bound: Böhning and Lindsay, "Monotonicity of quadratic-approximation algorithms", Annals of
 * the Institute of Statistical Mathematics 40, 1988.
 */
export function logisticRegression(
  features: Features,
  labels: Labels,
  options: DataOptions = {},
): ClassificationObjective {
  const name = "logisticRegression";
  const { columns, l2, intercept } = readDataOptions(name, options);
  const table = readFeatures(name, features, columns, intercept);
  const { classes, indices } = readLabels(name, labels, table.rows);
  if (classes.length < 2) {
    throw new RangeError(`${name}: labels must hold two classes, got only ${describe(classes[0])}`);
  }
  if (classes.length > 2) {
    throw new RangeError(
      `${name}: labels must hold two classes, got ${classes.length} (${classes.slice(0, 3).map(describe).join(", ")} …); softmaxRegression takes more`,
    );
  }
  const model: LinearModel = {
    kernel: name,
    table,
    l2,
    largestTarget: 1,
    copyTargets(block) {
      indices.forEach((index, i) => {
        block[i] = index === 0 ? -1 : 1;
      });
    },
  };
  return dataObjective<ClassificationObjective>({
    facts: {
      name,
      dimension: table.columns,
      quadratic: false,
      convex: true,
      classes,
      curvatureBound: {
        hessian: leastSquaresOn(table, 0),
        scale: 0.25,
        shift: l2,
        reason: "p(1 − p) ≤ 1/4, so λmax ≤ λmax(AᵀA/n)/4 + l2",
      },
      curvatureFloor: l2,
    },
    rows: table.rows,
    l2,
    memory: (precision, form) => linearMemory(model, precision, form),
    bind(workspace, form) {
      table.checkRange(workspace.precision);
      return new BoundLinear(model, workspace, form);
    },
  });
}
