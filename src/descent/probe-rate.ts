import { formatNumber } from "../core/format.ts";
import type { Slice, Sliced } from "../core/slice.ts";
import type { Problem } from "../parameters/at-point.ts";
import type { Rule } from "../rules/rule.ts";
import { Descent, type DescentOptions } from "./descent.ts";
import { Run } from "./run.ts";

/** The rates 10⁻⁵, 3·10⁻⁵, 10⁻⁴ … 10³ that are tried in any case, and how far to go on from there. */
const FIRST = -10;
const LAST = 6;
const FURTHEST = 60;

/** Half decades: 1, 3, 10, 30 … from 0 on. */
const halfDecade = (i: number): number => Number(`${i % 2 === 0 ? 1 : 3}e${Math.floor(i / 2)}`);

/** A learning rate that was found by trial. */
export interface ProbedRate {
  readonly learningRate: number;
  /** What was tried, in a sentence. */
  readonly reason: string;
}

/**
 * A learning rate for rules whose preconditioner is not known beforehand: each candidate descends for
 * `steps` steps from the start, and the one that ends lowest is taken. Where that is the first or the
 * last, as happens when weights are of an unusual size, the search goes on from there.
 */
export function* probeLearningRate(
  owner: string,
  problem: Problem,
  options: Omit<DescentOptions, "rule">,
  withRate: (learningRate: number) => Rule,
  steps: number,
  slice: Slice,
): Sliced<ProbedRate> {
  let best = FIRST;
  let lowest = Infinity;
  const ruleAt = (candidate: number) => withRate(halfDecade(candidate));
  const descent = new Descent(owner, problem, { ...options, rule: ruleAt(FIRST) });
  const wins = function* (candidate: number): Sliced<boolean> {
    descent.restart(ruleAt(candidate));
    const run = new Run(descent, { steps, gradientTolerance: 0 });
    for (;;) {
      const done = run.advance(slice);
      // A trial is no progress of the descent that it is for.
      slice.progress = undefined;
      if (done) break;
      yield;
    }
    const { value, reason } = run.result();
    // Of rates that come to the same, as where every step overshoots and comes back, the smaller is taken.
    const better = value < lowest || (value === lowest && candidate < best);
    if (reason === "diverged" || !better) return false;
    lowest = value;
    best = candidate;
    return true;
  };
  let from = FIRST;
  let to = LAST;
  try {
    for (let i = FIRST; i <= LAST && !slice.aborted; i++) yield* wins(i);
    while (best === to && to < FURTHEST && !slice.aborted) yield* wins(++to);
    while (best === from && from > -FURTHEST && !slice.aborted) yield* wins(--from);
  } finally {
    descent.dispose();
  }
  const learningRate = halfDecade(best);
  return {
    learningRate,
    reason: `of ${to - from + 1} rates from ${formatNumber(halfDecade(from))} to ${formatNumber(halfDecade(to))} tried for ${steps} steps each, ${formatNumber(learningRate)} got lowest`,
  };
}
