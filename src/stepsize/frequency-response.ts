import { checkNumber, checkVector } from "../core/check.ts";
import { atan2, sin } from "../core/scalar.ts";
import { checkRule, type Rule } from "../rules/rule.ts";
import { checkModeOptions, checkModes, checkUnwrapped, type ModeOptions } from "./mode.ts";
import { loopAt, onCircle, openLoop } from "./open-loop.ts";

/** Options of {@link frequencyResponse}. */
export interface FrequencyResponseOptions extends ModeOptions {
  /** In radians a step, each in (0, π]. */
  readonly frequencies: ArrayLike<number>;
}

/** How a rule's loop answers to signals of some frequencies; entry i of each array belongs to the i-th. */
export interface FrequencyResponse {
  /** |L(e^{iω})|: what once around the loop makes of the amplitude. */
  readonly gain: Float64Array;
  /** arg L(e^{iω}) in (−π, π]. */
  readonly phase: Float64Array;
  /** |1/(1 + L)|: what is left of a disturbance of x; the largest is 1 over the distance of L from −1. */
  readonly sensitivity: Float64Array;
  /** |L/(1 + L)|: what noise in the gradient, over λ, does to x. */
  readonly noise: Float64Array;
}

/**
 * The frequency response of an optimiser on a mode: of its open loop, and what closing it leaves of disturbances and of the gradient's noise.
 *
 * @param rule - with its learning rate
 * @param lambda - the curvature of the mode (of the preconditioned Hessian): finite and > 0
 * @param options.frequencies - in radians a step, each in (0, π]; π is a sign that changes in every step
 * @param options.learningRate - η ≥ 0, in place of the rule's own
 * @param options.preconditioner - what the rule divides by, frozen: > 0, default 1
 * @param options.index - the step whose values schedules take: an integer ≥ 0, default 0
 * @returns gain and phase of the open loop, sensitivity and noise of the closed one: see {@link FrequencyResponse}
 * @throws TypeError or RangeError naming the argument that is unknown or outside its domain; RangeError for rules whose step on
 * one mode cannot be told by itself
 *
 * @example
 * ```ts
 * import { frequencyResponse, gradientDescent } from "thalweg";
 * const rule = gradientDescent({ learningRate: 0.5 });
 * const { gain, phase, noise } = frequencyResponse(rule, 2, { frequencies: [Math.PI / 3, Math.PI] }); // L = 1/(z − 1)
 * gain; // [1, 0.5]
 * phase; // [-2.0943…, 3.1415…]
 * noise; // [1, 1]
 * ```
 *
 * Source: Åström and Murray, "Feedback systems", 2008, §9.1 and §11.1.
 */
export function frequencyResponse(
  rule: Rule,
  lambda: number,
  options: FrequencyResponseOptions,
): FrequencyResponse {
  const owner = "frequencyResponse";
  checkRule(owner, rule);
  checkUnwrapped(owner, rule);
  checkModes(owner, rule);
  checkModeOptions(owner, options, ["frequencies"]);
  checkNumber(owner, "lambda", lambda, "(0, ∞)", (v) => v > 0 && v < Infinity);
  const { frequencies, ...mode } = options;
  checkVector(owner, "frequencies", frequencies);
  const count = frequencies.length;
  const loop = openLoop(rule, mode);
  const [gain, phase, sensitivity, noise] = Array.from({ length: 4 }, () => new Float64Array(count));
  for (let i = 0; i < count; i++) {
    checkNumber(owner, `frequencies[${i}]`, frequencies[i], "(0, π]", (v) => v > 0 && v <= Math.PI);
    const half = sin(frequencies[i] / 2);
    const { re, im } = loopAt(loop, lambda, onCircle(Math.min(4, 4 * half * half)));
    const size = Math.sqrt(re * re + im * im);
    const distance = Math.sqrt((1 + re) ** 2 + im * im);
    gain[i] = size;
    // Not −0, whose angle would be −π.
    phase[i] = atan2(im + 0, re);
    sensitivity[i] = 1 / distance;
    noise[i] = size / distance;
  }
  return { gain, phase, sensitivity, noise };
}
