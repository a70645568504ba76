import type { Numbers, Precision, RealArray } from "../core/precision.ts";
import { Workspace } from "../core/workspace.ts";
import type { Objective } from "../objectives/objective.ts";

/** Calls `visit` with every column of the Hessian at a point, a product each; the array is rewritten for the next. */
export function eachColumn(
  objective: Objective,
  point: Numbers,
  precision: Precision,
  visit: (column: RealArray, j: number) => void,
): void {
  const { dimension } = objective;
  const names = ["x", "columns.unit", "columns.product"];
  const workspace = new Workspace(
    [...names.map((name) => ({ name, length: dimension })), ...objective.memory(precision)],
    precision,
  );
  try {
    const [x, v, image] = names.map((name) => workspace.pointer(name));
    const bound = objective.bind(workspace);
    workspace.real("x").set(point);
    bound.linearize(x);
    const unit = workspace.real("columns.unit");
    const product = workspace.real("columns.product");
    for (let j = 0; j < dimension; j++) {
      unit[j] = 1;
      bound.hessianVectorProduct(v, image);
      unit[j] = 0;
      visit(product, j);
    }
  } finally {
    workspace.dispose();
  }
}
