import { checkNumber } from "../core/check.ts";
import { checkRule, type Rule } from "../rules/rule.ts";
import { checkModeOptions, checkModes, type ModeOptions, modeMatrix } from "./mode.ts";
import { characteristicPolynomial, rootsWithin, spectralRadius } from "./schur-cohn.ts";

/** Options of {@link speedLimit}. */
export interface SpeedLimitOptions extends Omit<ModeOptions, "learningRate"> {
  /** The largest eigenvalue of the (preconditioned) Hessian: any finite number. */
  readonly lambdaMax: number;
}

const GROWTH = 1.1;

/**
 * The end of the interval (0, s) on which `stable` holds, found by growth from `from` and bisection
 * to the last bit; 0 where it does not hold at `from`, ∞ where it still holds 12 decades above.
 */
function endOfStability(from: number, stable: (value: number) => boolean): number {
  if (!stable(from)) return 0;
  let low = from;
  let high = from * GROWTH;
  while (stable(high)) {
    if (high > from * 1e12) return Infinity;
    low = high;
    high *= GROWTH;
  }
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return low;
    if (stable(middle)) low = middle;
    else high = middle;
  }
}

function isStable(rule: Rule, lambda: number, options: ModeOptions): boolean {
  return rootsWithin(characteristicPolynomial(modeMatrix(rule, lambda, options)), 1);
}

/**
 * The learning rate below which a rule is stable on a quadratic whose Hessian's largest eigenvalue
 * is `lambdaMax`: derived from the rule's textbook, not from a formula. 2/λ for gradient descent,
 * (2 + 2β)/λ for heavy-ball momentum, 38/λ for Adam on the preconditioned Hessian.
 *
 * @param rule - its own learning rate does not matter; of a chain its rule counts, whatever the wrappers around it do
 * @param options.lambdaMax - > 0 for a positive limit; at or below 0 no rate is stable and the limit is 0
 * @param options.preconditioner - what the rule divides by, frozen: > 0, default 1
 * @param options.index - the step whose values schedules take: an integer ≥ 0, default 0
 * @returns the limit; 0 where no rate is stable, ∞ where all are
 * @throws TypeError or RangeError naming the argument that is unknown or outside its domain; RangeError for rules whose
 * step on one mode cannot be told by itself, as Muon's
 *
 * @example
 * ```ts
 * import { sgd, speedLimit } from "thalweg";
 * speedLimit(sgd({ momentum: 0.9 }), { lambdaMax: 10 }); // 0.38
 * ```
 *
 * Source: Cohen et al., "Adaptive gradient methods at the edge of stability", arXiv 2207.14484, for
 * the frozen preconditioner.
 */
export function speedLimit(rule: Rule, options: SpeedLimitOptions): number {
  checkRule("speedLimit", rule);
  checkModes("speedLimit", rule);
  checkModeOptions("speedLimit", options, ["lambdaMax"]);
  const { lambdaMax, ...mode } = options;
  checkNumber("speedLimit", "lambdaMax", lambdaMax, "(−∞, ∞)", Number.isFinite);
  const { preconditioner = 1 } = mode;
  if (lambdaMax <= 0) return 0;
  return endOfStability((1e-6 * preconditioner) / lambdaMax, (learningRate) =>
    isStable(rule, lambdaMax, { ...mode, learningRate }),
  );
}

/**
 * The eigenvalue of the (preconditioned) Hessian below which a rule is stable at its own learning
 * rate, derived as in {@link speedLimit}: 2/η for gradient descent, 38/η for Adam.
 *
 * @param rule - with its learning rate; of a chain its rule counts
 * @param options.learningRate - η ≥ 0, in place of the rule's own
 * @param options.preconditioner - what the rule divides by, frozen: > 0, default 1
 * @param options.index - the step whose values schedules take: an integer ≥ 0, default 0
 * @returns the limit; ∞ at a learning rate of 0
 * @throws TypeError or RangeError naming the argument that is unknown or outside its domain
 *
 * @example
 * ```ts
 * import { adam, curvatureLimit } from "thalweg";
 * curvatureLimit(adam({ learningRate: 0.01 })); // 3800
 * ```
 *
 * Source: Cohen et al., "Adaptive gradient methods at the edge of stability", arXiv 2207.14484.
 */
export function curvatureLimit(rule: Rule, options: ModeOptions = {}): number {
  checkRule("curvatureLimit", rule);
  checkModes("curvatureLimit", rule);
  checkModeOptions("curvatureLimit", options);
  const rate = options.learningRate ?? rateAt(rule, options.index ?? 0);
  if (rate === 0) return Infinity;
  const from = (1e-6 * (options.preconditioner ?? 1)) / rate;
  return endOfStability(from, (lambda) => isStable(rule, lambda, options));
}

/** A rule's own learning rate at a step. */
export function rateAt(rule: Rule, index: number): number {
  const { learningRate } = rule.options;
  return typeof learningRate === "function" ? learningRate(index) : (learningRate as number);
}

/**
 * The factor by which a rule multiplies a mode in each step in the long run: the spectral radius of
 * its matrix on that mode. Below 1 the mode converges.
 *
 * @param rule - with its learning rate; of a chain its rule counts
 * @param lambda - the mode's eigenvalue (of the preconditioned Hessian): any finite number
 * @param options - another learning rate, the preconditioner, the step of schedules: see {@link ModeOptions}
 * @returns the factor, ≥ 0
 * @throws TypeError or RangeError naming the argument that is unknown or outside its domain
 *
 * @example
 * ```ts
 * import { gradientDescent, modeRate } from "thalweg";
 * modeRate(gradientDescent({ learningRate: 0.1 }), 4); // 0.6
 * ```
 *
 * Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964, whose
 * two-step matrix this is for heavy-ball momentum.
 */
export function modeRate(rule: Rule, lambda: number, options: ModeOptions = {}): number {
  checkRule("modeRate", rule);
  checkModes("modeRate", rule);
  checkModeOptions("modeRate", options);
  checkNumber("modeRate", "lambda", lambda, "(−∞, ∞)", Number.isFinite);
  return spectralRadius(modeMatrix(rule, lambda, options));
}
