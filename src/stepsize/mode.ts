import { checkCount, checkKeys, checkNumberOption } from "../core/check.ts";
import { resolveOptions } from "../rules/options.ts";
import type { Divide, Rule } from "../rules/rule.ts";

/** What the linearisation of a rule on one eigenmode takes. */
export interface ModeOptions {
  /** η ≥ 0, in place of the rule's own learning rate. */
  readonly learningRate?: number;
  /** What the rule divides by, frozen: > 0; 1 if left out, so that λ is an eigenvalue of the preconditioned Hessian. */
  readonly preconditioner?: number;
  /** The step whose values schedules take: an integer ≥ 0, default 0. */
  readonly index?: number;
}

/** Names of the options of {@link ModeOptions}. */
export const modeOptionNames = ["learningRate", "preconditioner", "index"] as const;

/** Throws where an option of a mode is out of its domain. */
export function checkModeOptions(owner: string, options: ModeOptions, more: readonly string[] = []): void {
  checkKeys(owner, options, [...modeOptionNames, ...more]);
  const positive = (value: number) => value > 0 && value < Infinity;
  checkNumberOption(owner, "learningRate", options.learningRate, "[0, ∞)", (v) => v === 0 || positive(v));
  checkNumberOption(owner, "preconditioner", options.preconditioner, "(0, ∞)", positive);
  checkCount(owner, "index", options.index);
}

/** The step whose bias corrections are taken: so late that they have died away. */
const LATE = 2 ** 31;

/**
 * The matrix that a rule applies to (x, slots) in each step on a quadratic mode, where g = λx, with
 * its preconditioner frozen: found by feeding basis vectors to the rule's textbook. Slots that x does
 * not depend on then (second moments) are left out.
 */
export function modeMatrix(rule: Rule, lambda: number, options: ModeOptions = {}): number[][] {
  const { declaration } = rule;
  const { preconditioner = 1, index = 0 } = options;
  const values: Record<string, number | boolean> = {};
  const { learningRate = rule.options.learningRate } = options;
  resolveOptions(rule.name, declaration.options, { ...rule.options, learningRate }, index, values);
  const names = ["x", ...declaration.slots(rule.options)] as string[];
  const frozen: Divide = (numerator) => numerator / preconditioner;
  const image = (name: string): Record<string, number> => {
    const state: Record<string, number> = { t: LATE, gradientNorm: 1 };
    for (const other of names) state[other] = other === name ? 1 : 0;
    state.g = lambda * state.x;
    return declaration.textbook(state, values, frozen);
  };
  const images = names.map(image);
  const reached = ["x"];
  for (const row of reached) {
    names.forEach((column, j) => {
      if (images[j][row] !== 0 && !reached.includes(column)) reached.push(column);
    });
  }
  return reached.map((row) => reached.map((column) => images[names.indexOf(column)][row]));
}

/** Whether a rule divides by something it measures, so that its limit speaks of the preconditioned Hessian. */
export function isPreconditioned(rule: Rule): boolean {
  const { declaration } = rule;
  const values: Record<string, number | boolean> = {};
  resolveOptions(rule.name, declaration.options, { ...rule.options, learningRate: 1 }, 0, values);
  const state: Record<string, number> = { x: 1, g: 1, t: 1, gradientNorm: 1 };
  for (const slot of declaration.slots(rule.options) as string[]) state[slot] = 0;
  let divides = false;
  declaration.textbook(state, values, (numerator, denominator) => {
    divides = true;
    return numerator / denominator;
  });
  return divides;
}
