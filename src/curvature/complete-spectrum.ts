import { Random } from "../core/random.ts";
import type { Objective } from "../objectives/objective.ts";
import { startLanczos } from "./lanczos.ts";

/**
 * All eigenvalues of a quadratic objective's Hessian, in falling order, whatever the dimension d: a complete
 * Lanczos run, which takes d products and memory for d² numbers.
 *
 * @throws RangeError where a product is not finite
 */
export function completeSpectrum(owner: string, objective: Objective): Float64Array {
  const { lanczos, workspace } = startLanczos(objective, objective.dimension, new Random(0), "f64");
  try {
    while (!lanczos.exhausted) {
      if (!lanczos.step()) throw new RangeError(`${owner}: the products of these features are not finite`);
    }
    return Float64Array.from(lanczos.ritzValues(), ({ value }) => value);
  } finally {
    workspace.dispose();
  }
}
