import type { DataProblem } from "./problem.ts";

/** A gradient that has shrunk by this ends a run that was not told when to end. */
export const GRADIENT_SHRINKS = 1e-12;
/** Multiplications that a run which chooses for itself may take: about a minute. */
const WORK = 1.5e11;
const FEWEST_STEPS = 10_000;
const MOST_STEPS = 1_000_000;

/** Steps that a run on so much data may take by itself. */
export function affordableSteps({ dataset, columns, outputs }: DataProblem): number {
  const affordable = Math.floor(WORK / (dataset.rows * columns.length * outputs));
  return Math.min(MOST_STEPS, Math.max(FEWEST_STEPS, affordable));
}
