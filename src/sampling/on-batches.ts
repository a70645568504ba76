import { isObjective, type Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import type { Problem } from "../parameters/at-point.ts";

/** Whether a user's functions take the rows of a batch: one declares the argument, or the problem says its rows. */
function takesBatches({ rows, value, gradient, valueAndGradient }: UserProblem): boolean {
  if (rows !== undefined) return true;
  return [value, gradient, valueAndGradient].some((f, i) => (f?.length ?? 0) > (i === 0 ? 1 : 2));
}

/**
 * The objective with memory for batches.
 *
 * @param owner - the function that asks, for messages
 * @param problem - as it was given
 * @param objective - the same as an objective
 * @param rows - what the batches are drawn from
 * @throws TypeError if the problem is no mean over rows, or its functions cannot be told which; RangeError if
 * it has another number of rows
 */
export function onBatches(
  owner: string,
  problem: Problem,
  objective: Objective,
  rows: number,
  batchSize: number,
): Objective {
  const onRows = isObjective(problem) || takesBatches(problem as UserProblem);
  if (!objective.withBatches || !onRows) {
    throw new TypeError(
      `${owner}: batches need an objective on rows of data, such as leastSquares(…), or functions that take the rows, such as gradient(x, g, batch); ${objective.name} has neither`,
    );
  }
  if (objective.rows !== undefined && objective.rows !== rows) {
    throw new RangeError(
      `${owner}: batches are of ${rows} rows, but ${objective.name} has ${objective.rows}`,
    );
  }
  return objective.withBatches(batchSize);
}
