import { checkNumber } from "../core/check.ts";
import { checkRule, type Rule } from "../rules/rule.ts";
import { checkModeOptions, checkModes, checkUnwrapped, type ModeOptions, modeMatrix } from "./mode.ts";
import { modeRate } from "./speed-limit.ts";

/** Options of {@link escapeSteps}. */
export interface EscapeOptions extends ModeOptions {
  /** The eigenvalue along which the run escapes: any finite number; from 0 on there is no escape. */
  readonly lambdaMin: number;
  /** How far along its direction the run starts: ≥ 0. */
  readonly distance: number;
  /** How far along it the run is to come: > 0, default 1. */
  readonly radius?: number;
}

type Matrix = readonly (readonly number[])[];

const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => row.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k][j], 0)));

/** Steps beyond which nobody waits. */
const MOST = 2 ** 53;

/**
 * Steps until a run has left a saddle along a direction of negative curvature: each multiplies the distance from it by
 * 1 + η|λ|, for gradient descent, so that they grow with log(1/distance). Derived from the rule's textbook, as
 * {@link modeRate} is: momentum escapes sooner.
 *
 * @param rule - with its learning rate
 * @param options.lambdaMin - λ: below 0 for an escape
 * @param options.distance - at the start, along the direction of λ: ≥ 0
 * @param options.radius - to be reached: > 0, default 1
 * @param options.learningRate - η ≥ 0, in place of the rule's own
 * @param options.preconditioner - what the rule divides by, frozen: > 0, default 1
 * @param options.index - the step whose values schedules take: an integer ≥ 0, default 0
 * @returns a whole number ≥ 0; ∞ where the rule does not escape
 * @throws TypeError or RangeError naming the argument that is unknown or outside its domain; RangeError for a rule
 * whose step on a mode cannot be told by itself
 *
 * @example
 * ```ts
 * import { escapeSteps, gradientDescent } from "thalweg";
 * const rule = gradientDescent({ learningRate: 0.1 });
 * escapeSteps(rule, { lambdaMin: -1, distance: 1e-3 }); // 73: 1.1⁷³ > 1000
 * escapeSteps(rule, { lambdaMin: -1, distance: 1e-6 }); // 145
 * escapeSteps(rule, { lambdaMin: -1, distance: 0 }); // ∞
 * ```
 *
 * Source: Lee, Simchowitz, Jordan, Recht, "Gradient descent only converges to minimizers", COLT 2016, §3; with
 * momentum: O'Neill and Wright, "Behavior of accelerated gradient methods near critical points of nonconvex
 * functions", Mathematical Programming 176, 2019.
 */
export function escapeSteps(rule: Rule, options: EscapeOptions): number {
  const owner = "escapeSteps";
  checkRule(owner, rule);
  checkUnwrapped(owner, rule);
  checkModes(owner, rule);
  checkModeOptions(owner, options, ["lambdaMin", "distance", "radius"]);
  const { lambdaMin, distance, radius = 1, ...mode } = options;
  checkNumber(owner, "lambdaMin", lambdaMin, "(−∞, ∞)", Number.isFinite);
  checkNumber(owner, "distance", distance, "[0, ∞)", (v) => v >= 0 && v < Infinity);
  checkNumber(owner, "radius", radius, "(0, ∞)", (v) => v > 0 && v < Infinity);
  const wanted = radius / distance;
  if (wanted <= 1) return 0;
  if (wanted === Infinity || !(lambdaMin < 0) || !(modeRate(rule, lambdaMin, mode) > 1)) return Infinity;
  // M, M², M⁴ … until the distance is reached; then the largest number of steps that do not reach it.
  const powers: Matrix[] = [modeMatrix(rule, lambdaMin, mode)];
  const reaches = (matrix: Matrix) => !(Math.abs(matrix[0][0]) < wanted);
  while (!reaches(powers[powers.length - 1])) {
    if (2 ** powers.length > MOST) return Infinity;
    const last = powers[powers.length - 1];
    powers.push(product(last, last));
  }
  let steps = 0;
  let reached: Matrix | undefined;
  for (let k = powers.length - 1; k >= 0; k--) {
    const further = reached ? product(reached, powers[k]) : powers[k];
    if (reaches(further)) continue;
    reached = further;
    steps += 2 ** k;
  }
  return steps + 1;
}
