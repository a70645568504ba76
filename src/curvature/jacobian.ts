import type { Numbers, Precision } from "../core/precision.ts";
import { Workspace } from "../core/workspace.ts";
import { euclideanNorm } from "../objectives/differences.ts";
import type { Objective } from "../objectives/objective.ts";

/** The derivative of a gradient, or of a field, as a dense matrix. */
export interface Jacobian {
  readonly order: number;
  /** Row-major: row i holds the derivatives of entry i. */
  readonly values: Float64Array;
  /** How far its columns may be off, all in one: the root of the sum of the squares of their errors. */
  readonly error: number;
}

/**
 * The Jacobian of an objective's gradient at a point, by one product a column.
 *
 * @throws RangeError where a product is not finite
 */
export function jacobianAt(
  owner: string,
  objective: Objective,
  point: Numbers,
  precision: Precision = "f64",
): Jacobian {
  const { dimension: order } = objective;
  const names = ["x", "direction", "column"].map((name) => `jacobian.${name}`);
  const workspace = new Workspace(
    [...names.map((name) => ({ name, length: order })), ...objective.memory(precision)],
    precision,
  );
  try {
    const [x, direction, column] = names.map((name) => workspace.pointer(name));
    workspace.real("jacobian.x").set(point);
    const bound = objective.bind(workspace);
    bound.gradient(x, column);
    if (!workspace.real("jacobian.column").every(Number.isFinite)) {
      throw new RangeError(`${owner}: the Jacobian at this point is not finite`);
    }
    bound.linearize(x);
    const unit = workspace.real("jacobian.direction");
    const product = workspace.real("jacobian.column");
    const values = new Float64Array(order * order);
    const errors = new Float64Array(order);
    for (let j = 0; j < order; j++) {
      unit[j] = 1;
      bound.hessianVectorProduct(direction, column);
      for (let i = 0; i < order; i++) values[i * order + j] = product[i];
      errors[j] = bound.productError(direction);
      unit[j] = 0;
    }
    if (!values.every(Number.isFinite)) {
      throw new RangeError(`${owner}: the Jacobian at this point is not finite`);
    }
    return { order, values, error: euclideanNorm(errors) };
  } finally {
    workspace.dispose();
  }
}
