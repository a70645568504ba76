import { checkFlag, checkKeys } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import type { FisherKind, Objective } from "../objectives/objective.ts";
import { asObjective, type UserProblem } from "../objectives/user.ts";

/** Options of {@link fisher}. */
export interface FisherOptions {
  /** With labels as the model expects them ("exact", the default), or as they were observed ("empirical"). */
  readonly kind?: FisherKind;
  /** Add l2·I, as the Hessian has it: the curvature of the penalty; default false. */
  readonly penalty?: boolean;
}

/** Throws unless `kind` and `penalty` are what they may be. */
export function checkFisherOptions(owner: string, { kind, penalty }: FisherOptions): void {
  if (kind !== undefined && kind !== "exact" && kind !== "empirical") {
    throw new TypeError(`${owner}: kind must be "exact" or "empirical", got ${describe(kind)}`);
  }
  checkFlag(owner, "penalty", penalty);
}

/** An objective with Fisher products in place of the Hessian's: as it is where it has them and nothing else is asked for. */
export function withFisher(owner: string, objective: Objective, { kind, penalty }: FisherOptions): Objective {
  if (objective.fisher && kind === undefined && penalty === undefined) return objective;
  if (!objective.withFisher) {
    throw new RangeError(
      `${owner}: ${objective.name} is not the likelihood of a model on rows of data, and has no Fisher information`,
    );
  }
  return objective.withFisher(kind ?? "exact", penalty ?? false);
}

/**
 * The same objective, with the Fisher information F of its model in place of the Hessian: value and gradient as before, products
 * Fv. `curvature`, `powerIteration`, `hessianDiagonal` and `precondition` then speak of F, and η = 1/λmax(F) follows.
 *
 * Exact: F = 1/n Σ E[gᵢgᵢᵀ], with the labels that the model at x expects; AᵀDA/n with p(1 − p) for logistic models, with diag(p) −
 * ppᵀ for softmax. Both have the canonical link, so that this is the Hessian without its penalty. Empirical: 1/n Σ gᵢgᵢᵀ, with the
 * labels that were observed. It is as large as the gradients are, and tells of curvature where the model is right.
 *
 * Least squares is the likelihood of targets with normal noise of variance 1 (of a variance σ², F and the gradient are both to be
 * divided by σ²): AᵀA/n exactly, AᵀD(r²)A/n empirically. A problem of your own that is a mean over `rows`, with functions that take a
 * batch, has the empirical kind, from the gradients of its rows.
 *
 * @param problem - `logisticRegression(…)`, `softmaxRegression(…)`, `leastSquares(…)`, or functions of your own with `rows`
 * @param options.kind - "exact" (default) or "empirical"
 * @param options.penalty - add l2·I, as the Hessian has it; default false, since the penalty is none of the model's
 * @returns an objective; rates that follow from its curvature are those of F
 * @throws TypeError or RangeError naming the argument that is wrong, or why the problem has no information of that kind
 *
 * @example
 * ```ts
 * import { curvature, fisher, logisticRegression } from "thalweg";
 * const problem = logisticRegression([[1], [2], [3]], [0, 1, 0]);
 * curvature(fisher(problem)).lambdaMax; // (1 + 4 + 9) / 3 / 4
 * curvature(fisher(problem, { kind: "empirical" })).lambdaMax; // (1 + 4 + 9) / 3 / 4: at 0 every (p − y)² is ¼
 * ```
 *
 * Source: Amari, "Natural gradient works efficiently in learning", Neural Computation 10, 1998; exact and empirical: Kunstner, Balles,
 * Hennig, "Limitations of the empirical Fisher approximation for natural gradient descent", NeurIPS 2019, equations 3 and 5.
 */
export function fisher(problem: Objective | UserProblem, options: FisherOptions = {}): Objective {
  const owner = "fisher";
  checkKeys(owner, options, ["kind", "penalty"]);
  checkFisherOptions(owner, options);
  if (typeof problem !== "object" || problem === null) {
    throw new TypeError(
      `${owner}: problem must be an objective such as logisticRegression(…) or { value, gradient, rows }, got ${describe(problem)}`,
    );
  }
  if (problem.dimension === undefined) {
    throw new TypeError(`${owner}: problem.dimension is needed, the number of parameters`);
  }
  return withFisher(owner, asObjective(problem), options);
}
