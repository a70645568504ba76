import { checkVector } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import type { Numbers } from "../core/precision.ts";
import { isObjective, type Objective } from "./objective.ts";
import { asObjective, type UserProblem } from "./user.ts";

/**
 * A problem as a declared objective, together with a point of its space. Where `point` is left out
 * it is zeros, if the problem knows its dimension.
 *
 * @param owner - the function that asks, for messages
 * @param name - the argument that `point` was given as, for messages
 */
export function atPoint(
  owner: string,
  problem: Objective | UserProblem,
  name: string,
  point: Numbers | undefined,
): { readonly objective: Objective; readonly point: Numbers } {
  if (typeof problem !== "object" || problem === null) {
    throw new TypeError(
      `${owner}: problem must be an objective such as leastSquares(…) or { value, gradient }, got ${describe(problem)}`,
    );
  }
  const { dimension } = problem;
  if (point === undefined && dimension === undefined) {
    throw new TypeError(`${owner}: ${name} is needed: it says how many parameters this problem has`);
  }
  const at = point ?? new Float64Array(dimension as number);
  checkVector(owner, name, at, dimension);
  return { objective: isObjective(problem) ? problem : asObjective(problem, at.length), point: at };
}
