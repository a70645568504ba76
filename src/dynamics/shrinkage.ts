import { type ArrayInput, readArray } from "../core/array-input.ts";
import { checkCount } from "../core/check.ts";
import { stepByTextbook } from "../rules/by-textbook.ts";
import { resolveOptions } from "../rules/options.ts";
import { checkRule, type Rule } from "../rules/rule.ts";
import { checkModes, checkUnwrapped, isPreconditioned } from "../stepsize/mode.ts";

/**
 * What part of the way to the minimum a rule has gone along each mode of a quadratic after so many steps from 0: for gradient
 * descent 1 − (1 − ηλ)ᵗ. Stopped early, the steep modes are fitted and the flat ones are shrunk, as by a ridge penalty of
 * about 1/(ηt): ridge regression leaves λ/(λ + l2).
 *
 * @param rule - one whose steps are linear in the gradient (gradient descent, momentum …), with its learning rate, decay and
 * schedules, without wrappers
 * @param eigenvalues - λ of each mode: finite numbers
 * @param steps - t: an integer ≥ 0
 * @returns a factor a mode: 0 has not moved, 1 is at the minimum; beyond 1 where a step overshoots, ±∞ where that is beyond
 * every number
 * @throws TypeError or RangeError naming the argument that is wrong; RangeError for rules that divide by what they measure
 *
 * @example
 * ```ts
 * import { gradientDescent, shrinkage } from "thalweg";
 * shrinkage(gradientDescent({ learningRate: 0.1 }), [5, 1, 0], 2); // [0.75, 0.19, 0]
 * ```
 *
 * Source: Hastie, Tibshirani, Friedman, "The elements of statistical learning", 2009, §3.4; Ali, Kolter, Tibshirani, "A
 * continuous-time view of early stopping for least squares regression", AISTATS 2019, for the ridge it is like.
 */
export function shrinkage(rule: Rule, eigenvalues: ArrayInput, steps: number): Float64Array {
  const owner = "shrinkage";
  checkRule(owner, rule);
  checkUnwrapped(owner, rule);
  checkModes(owner, rule);
  if (isPreconditioned(rule)) {
    throw new RangeError(
      `${owner}: ${rule.name} divides by what it measures, so that no mode goes its way by itself`,
    );
  }
  const { values: lambdas } = readArray(owner, "eigenvalues", eigenvalues);
  checkCount(owner, "steps", steps);
  const { declaration, options } = rule;
  const { length } = lambdas;
  // Each mode goes from 0 to a minimum at 1; the slots begin as the rule says.
  const x = new Float64Array(length);
  const g = new Float64Array(length);
  const gone = new Float64Array(length);
  const initial = declaration.initial?.(options) ?? {};
  const slots = Object.fromEntries(
    declaration.slots(options).map((slot: string) => {
      const first = initial[slot] ?? 0;
      return [slot, new Float64Array(length).fill(first === "parameters" ? 0 : first)];
    }),
  );
  const context = {
    t: 0,
    value: Number.NaN,
    measured: {},
    length,
    carried: Float64Array.from(declaration.carries ?? []),
  };
  const values: Record<string, number | boolean> = {};
  for (; context.t < steps; ) {
    resolveOptions(rule.name, declaration.options, options, context.t, values);
    context.t++;
    for (let i = 0; i < length; i++) g[i] = lambdas[i] * (x[i] - 1);
    stepByTextbook(declaration, { rows: 1, columns: length, x, g, slots }, values, context);
    for (let i = 0; i < length; i++) {
      if (Number.isFinite(x[i])) continue;
      // A mode that has left the numbers does not come back.
      if (gone[i] === 0) gone[i] = x[i];
      x[i] = gone[i];
    }
  }
  return x;
}
