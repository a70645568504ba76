import { checkNumber } from "../core/check.ts";
import { type Eigenvalues, eigenvaluesOf } from "../curvature/eigenvalues.ts";
import { checkRule, type Rule } from "../rules/rule.ts";
import { checkModeOptions, checkModes, checkUnwrapped, type ModeOptions, modeMatrix } from "./mode.ts";

/** The poles of a rule's loop on a mode; entry i of each array belongs to the i-th of them. */
export interface Poles extends Eigenvalues {
  /** The largest modulus: what a step leaves of the mode in the long run. */
  readonly radius: number;
}

/**
 * The poles of an optimiser on a mode: the eigenvalues of what it does to (x, slots) in each step, as the closed loop has them in which
 * the gradient λx is fed back. Real and positive, a mode creeps; in pairs, it swings; negative, it goes back and forth; outside the unit circle
 * it grows.
 *
 * @param rule - with its options
 * @param lambda - the curvature of the mode (of the preconditioned Hessian): any finite number
 * @param options - another learning rate, the preconditioner, the step of schedules: see {@link ModeOptions}
 * @returns real and imaginary parts by falling real part, their error bounds (10⁻⁸ where two coincide), and the largest modulus
 * @throws TypeError or RangeError naming the argument that is unknown or outside its domain; RangeError for rules whose step on
 * one mode cannot be told by itself
 *
 * @example
 * ```ts
 * import { gradientDescent, heavyBall, poles } from "thalweg";
 * poles(gradientDescent({ learningRate: 0.1 }), 4).real; // [0.6]
 * const { real, imaginary, radius } = poles(heavyBall({ learningRate: 0.1, beta: 0.81 }), 10);
 * real; // [0.405, 0.405]
 * imaginary; // ≈ [0.8037, -0.8037]
 * radius; // 0.9
 * ```
 *
 * Source: Lessard, Recht, Packard, "Analysis and design of optimization algorithms via integral quadratic constraints", SIAM J.
 * Optimization 26, 2016, §2, where rules are linear systems with the gradient as feedback.
 */
export function poles(rule: Rule, lambda: number, options: ModeOptions = {}): Poles {
  const owner = "poles";
  checkRule(owner, rule);
  checkUnwrapped(owner, rule);
  checkModes(owner, rule);
  checkModeOptions(owner, options);
  checkNumber(owner, "lambda", lambda, "(−∞, ∞)", Number.isFinite);
  const matrix = modeMatrix(rule, lambda, options);
  const found = eigenvaluesOf(owner, { order: matrix.length, values: matrix.flat() });
  let radius = 0;
  found.real.forEach((a, i) => {
    const b = found.imaginary[i];
    radius = Math.max(radius, Math.sqrt(a * a + b * b));
  });
  return { ...found, radius };
}
