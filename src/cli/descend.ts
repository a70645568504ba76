import { log } from "../core/scalar.ts";
import { minimize } from "../descent/minimize.ts";
import type { MinimizeResult } from "../descent/run.ts";
import { affordableSteps, GRADIENT_SHRINKS } from "./budget.ts";
import type { ChosenRun } from "./choose-run.ts";
import type { DataProblem } from "./problem.ts";
import type { Progress } from "./progress.ts";
import { findSeparation, isComplete, type Separation } from "./separation.ts";

/** A run step by step, as it is drawn and audited. */
export interface RunHistory {
  readonly steps: number[];
  readonly values: number[];
  readonly gradientNorms: number[];
}

/** What a descent on data came to. */
export interface DataDescent {
  readonly result: MinimizeResult;
  readonly history: RunHistory;
  /** Set where classes without a penalty are told apart, so that the minimum lies at infinity. */
  readonly separation?: Separation;
}

/**
 * When a run towards infinity has gone far enough: classes are told apart and the value is small
 * against the first, or falls no longer by much while the steps double.
 */
class InfinityWatch {
  readonly #problem: DataProblem;
  #next = 256;
  #first = Number.NaN;
  #previous = Number.NaN;

  constructor(problem: DataProblem) {
    this.#problem = problem;
  }

  ends(index: number, value: number, x: Float64Array): boolean {
    if (index === 0) this.#first = this.#previous = value;
    if (index < this.#next) return false;
    this.#next = 2 * index;
    const fall = this.#previous - value;
    this.#previous = value;
    if (isComplete(this.#problem, x)) return value <= 1e-2 * this.#first || fall <= 1e-3 * this.#first;
    return Math.abs(fall) <= 1e-6 * this.#first && findSeparation(this.#problem, x) !== undefined;
  }
}

/** Descends on data as chosen, and watches for a minimum at infinity where the run chooses for itself. */
export function descendOnData(
  problem: DataProblem,
  { rule, steps }: Pick<ChosenRun, "rule" | "steps">,
  gradientTolerance: number | undefined,
  progress: Progress,
): DataDescent {
  const history: RunHistory = { steps: [], values: [], gradientNorms: [] };
  const { objective, classes, l2 } = problem;
  const ownWay = rule === undefined && steps === undefined;
  const watch =
    ownWay && gradientTolerance === undefined && classes && l2 === 0 ? new InfinityWatch(problem) : undefined;
  const limit = ownWay ? affordableSteps(problem) : steps;
  progress.start();
  const result = minimize(objective, {
    rule,
    steps: limit,
    ...(gradientTolerance === undefined && rule
      ? { gradientTolerance: 0, relativeGradientTolerance: GRADIENT_SHRINKS }
      : { gradientTolerance }),
    callback({ index, value, gradientNorm, x }) {
      // A run that chooses for itself goes in rounds, and shows the point between two of them twice.
      if (index === history.steps.at(-1)) return false;
      history.steps.push(index);
      history.values.push(value);
      history.gradientNorms.push(gradientNorm);
      progress.step(index, value, gradientNorm, () => {
        const shrunk = log(gradientNorm / history.gradientNorms[0]) / log(GRADIENT_SHRINKS);
        return Math.max(0, Math.min(1, Math.max(shrunk, limit ? index / limit : 0)));
      });
      return watch?.ends(index, value, x as Float64Array);
    },
  });
  progress.done();
  const separation =
    result.reason === "diverged" ? undefined : findSeparation(problem, result.x as Float64Array);
  return { result, history, ...(separation ? { separation } : {}) };
}
