import { Random } from "../core/random.ts";
import { Workspace } from "../core/workspace.ts";
import type { Objective } from "../objectives/objective.ts";
import { Lanczos, lanczosMemory } from "./lanczos.ts";

/**
 * All eigenvalues of a quadratic objective's Hessian, in falling order, whatever the dimension d: a complete
 * Lanczos run, which takes d products and memory for d² numbers.
 *
 * @throws RangeError where a product is not finite
 */
export function completeSpectrum(owner: string, objective: Objective): Float64Array {
  const { dimension } = objective;
  const workspace = new Workspace(
    [
      { name: "x", length: dimension },
      ...lanczosMemory(dimension, dimension, "f64"),
      ...objective.memory("f64"),
    ],
    "f64",
  );
  try {
    const bound = objective.bind(workspace);
    bound.linearize(workspace.pointer("x"));
    const lanczos = new Lanczos(bound, workspace, dimension, new Random(0));
    while (!lanczos.exhausted) {
      if (!lanczos.step()) throw new RangeError(`${owner}: the products of these features are not finite`);
    }
    return Float64Array.from(lanczos.ritzValues(), ({ value }) => value);
  } finally {
    workspace.dispose();
  }
}
