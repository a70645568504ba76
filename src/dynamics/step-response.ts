import { type ArrayInput, readArray } from "../core/array-input.ts";
import { checkCount, checkFlag, checkKeys, checkNumber, checkPrecision } from "../core/check.ts";
import type { Precision } from "../core/precision.ts";
import { pow } from "../core/scalar.ts";
import { createOptimizer } from "../descent/optimizer.ts";
import { checkRule, type Rule } from "../rules/rule.ts";

/** Options of {@link stepResponse}. */
export interface StepResponseOptions {
  /** Where the parameter starts: finite, default 0. */
  readonly start?: number;
  /** "f64" (default) or "f32". */
  readonly precision?: Precision;
}

/**
 * The steps that a rule takes on one parameter that is fed a sequence of gradients, whatever the steps: how it answers to a
 * pulse, to silence, to a change of scale.
 *
 * @param rule - with its options, wrappers and schedules; one that needs no more than the gradient
 * @param gradients - finite numbers, one a step
 * @param options - `start` and `precision`
 * @returns xₜ − xₜ₊₁ for each: how far the rule went against the gradient's sign
 * @throws TypeError or RangeError naming the argument that is wrong, or what the rule needs besides
 *
 * @example
 * ```ts
 * import { momentum, stepResponse } from "thalweg";
 * stepResponse(momentum({ learningRate: 1, beta: 0.5 }), [1, 0, 0]); // [0.5, 0.25, 0.125]
 * ```
 *
 * Source: Åström and Murray, "Feedback systems", 2008, §5.3: the response of a system at rest to an input.
 */
export function stepResponse(
  rule: Rule,
  gradients: ArrayInput,
  options: StepResponseOptions = {},
): Float64Array {
  const owner = "stepResponse";
  checkRule(owner, rule);
  const { values } = readArray(owner, "gradients", gradients);
  checkKeys(owner, options, ["start", "precision"]);
  const { start = 0, precision = "f64" } = options;
  checkNumber(owner, "start", start, "the finite numbers", Number.isFinite);
  checkPrecision(owner, precision);
  const optimizer = createOptimizer(rule, [start], { precision });
  try {
    const { parameters: x, gradient } = optimizer;
    return Float64Array.from({ length: values.length }, (_, t) => {
      const before = x[0];
      gradient[0] = values[t];
      optimizer.step();
      return before - x[0];
    });
  } finally {
    optimizer.dispose();
  }
}

/** Options of {@link wakingStep}. */
export interface WakingStepOptions {
  /** T: steps in a row with a gradient of 0, an integer ≥ 0. */
  readonly asleep: number;
  /** The gradient at every step before, finite; default 1. */
  readonly before?: number;
  /** The gradient that wakes it, finite; default that before. */
  readonly after?: number;
  /** η ≥ 0, default 0.001. */
  readonly learningRate?: number;
  /** β₁ in [0, 1), default 0.9. */
  readonly beta1?: number;
  /** β₂ in [0, 1), default 0.999. */
  readonly beta2?: number;
  /** ε ≥ 0, default 1e-8. */
  readonly epsilon?: number;
  /** Whether the second moment is the largest so far, as in AMSGrad; default false. */
  readonly amsgrad?: boolean;
}

/**
 * The step that Adam takes on a parameter that wakes after T steps without a gradient, predicted: asleep both moments decay, and v
 * soon says that gradients are small, so that the first one is answered by a step of up to η(1−β₁)/√(1−β₂), 3.16 η at
 * the defaults.
 *
 * η·m/(√v + ε) with m = β₁^(T+1)·before + (1−β₁)·after and v = β₂^(T+1)·before² + (1−β₂)·after², late in a run, when the bias
 * corrections have died away; AMSGrad has max(v, before²).
 *
 * @param options - how long it slept, the gradients before and after, Adam's options: see {@link WakingStepOptions}
 * @returns the step against the gradient's sign; 0 where nothing moves
 * @throws TypeError or RangeError naming the option that is unknown or outside its domain
 *
 * @example
 * ```ts
 * import { wakingStep } from "thalweg";
 * wakingStep({ asleep: 0, learningRate: 1 }); // ≈ 1
 * wakingStep({ asleep: 10_000, learningRate: 1 }); // ≈ 3.093
 * wakingStep({ asleep: 10_000, learningRate: 1, amsgrad: true }); // ≈ 0.1
 * ```
 *
 * Source: the recurrences of Kingma and Ba, ICLR 2015, algorithm 1, and Reddi, Kale, Kumar, ICLR 2018, algorithm 2, solved for
 * a gradient that stops and comes back.
 */
export function wakingStep(options: WakingStepOptions): number {
  const owner = "wakingStep";
  checkKeys(owner, options, [
    ...["asleep", "before", "after", "learningRate", "beta1", "beta2", "epsilon", "amsgrad"],
  ]);
  const { asleep, before = 1, after = before, learningRate = 1e-3 } = options;
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, amsgrad = false } = options;
  if (asleep === undefined) checkNumber(owner, "asleep", asleep, "the integers from 0", Number.isInteger);
  checkCount(owner, "asleep", asleep);
  const finite = { before, after };
  for (const [name, value] of Object.entries(finite)) {
    checkNumber(owner, name, value, "the finite numbers", Number.isFinite);
  }
  for (const [name, value] of Object.entries({ learningRate, epsilon })) {
    checkNumber(owner, name, value, "[0, ∞)", (v) => v >= 0 && v < Infinity);
  }
  for (const [name, value] of Object.entries({ beta1, beta2 })) {
    checkNumber(owner, name, value, "[0, 1)", (v) => v >= 0 && v < 1);
  }
  checkFlag(owner, "amsgrad", amsgrad);
  // In units of the larger gradient, whose square may be no number.
  const unit = Math.max(Math.abs(before), Math.abs(after));
  if (unit === 0) return 0;
  const [earlier, later] = [before / unit, after / unit];
  const first = pow(beta1, asleep + 1) * earlier + (1 - beta1) * later;
  const second = pow(beta2, asleep + 1) * earlier ** 2 + (1 - beta2) * later ** 2;
  const largest = amsgrad ? Math.max(second, earlier ** 2) : second;
  return first === 0 ? 0 : (learningRate * first) / (Math.sqrt(largest) + epsilon / unit);
}
