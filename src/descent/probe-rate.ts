import type { Numbers } from "../core/precision.ts";
import type { Objective } from "../objectives/objective.ts";
import type { Rule } from "../rules/rule.ts";
import { Descent } from "./descent.ts";
import { runToEnd } from "./run.ts";

/** The rates that are tried: half decades from 10⁻⁵ to 10³. */
const candidates = Array.from({ length: 17 }, (_, i) => {
  const decade = Number(`1e${Math.floor(i / 2) - 5}`);
  return i % 2 === 0 ? decade : 3 * decade;
});

/** A learning rate that was found by trial. */
export interface ProbedRate {
  readonly learningRate: number;
  /** What was tried, in a sentence. */
  readonly reason: string;
}

/**
 * A learning rate for rules whose preconditioner is not known beforehand: each candidate descends for
 * `steps` steps from the start, and the one that ends lowest is taken.
 */
export function probeLearningRate(
  owner: string,
  objective: Objective,
  start: Numbers,
  withRate: (learningRate: number) => Rule,
  steps: number,
): ProbedRate {
  let learningRate = candidates[0];
  let lowest = Infinity;
  for (const candidate of candidates) {
    const descent = new Descent(owner, objective, { rule: withRate(candidate), start });
    try {
      const { value, reason } = runToEnd(descent, { steps, gradientTolerance: 0 });
      if (reason !== "diverged" && value < lowest) {
        lowest = value;
        learningRate = candidate;
      }
    } finally {
      descent.dispose();
    }
  }
  return {
    learningRate,
    reason: `of ${candidates.length} rates from ${candidates[0]} to ${candidates.at(-1)} tried for ${steps} steps each, ${learningRate} got lowest`,
  };
}
