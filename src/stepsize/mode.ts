import { checkCount, checkKeys, checkNumberOption } from "../core/check.ts";
import { resolveOptions } from "../rules/options.ts";
import { type Divide, measuresOf, type Rule } from "../rules/rule.ts";

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

/** Whether a rule's step on one mode of a quadratic can be told by itself, so that it has a speed limit. */
export function hasModes({ declaration, options }: Rule): boolean {
  const { textbook, linear = true } = declaration;
  return textbook !== undefined && (typeof linear === "function" ? linear(options) : linear);
}

/** Throws where a rule's step on a mode cannot be told by itself. */
export function checkModes(owner: string, rule: Rule): void {
  if (hasModes(rule)) return;
  const why = rule.declaration.textbook
    ? "its steps do not scale with the gradient"
    : "its step along one direction depends on all the others";
  throw new RangeError(`${owner}: ${rule.name} has no limit of this kind: ${why}`);
}

/** Throws where wrappers stand around a rule: they change its steps, and its textbook does not know them. */
export function checkUnwrapped(owner: string, rule: Rule): void {
  if (!("before" in rule || "after" in rule)) return;
  throw new TypeError(`${owner}: rule must be without wrappers, got a chain around ${rule.name}`);
}

/** What a mode is to a textbook at a late step: everything that is measured is 1. */
function modeState(rule: Rule, slots: readonly string[]): Record<string, unknown> {
  const { carries = [] } = rule.declaration;
  const state: Record<string, unknown> = {
    t: LATE,
    value: 1,
    h: 1,
    length: 1,
    carried: Float64Array.from(carries),
  };
  for (const name of Object.keys(measuresOf(rule))) state[name] = 1;
  for (const name of slots) state[name] = 0;
  return state;
}

/** One step of the textbook, all its passes. */
function pass(
  { declaration }: Rule,
  state: Record<string, unknown>,
  values: Readonly<Record<string, number | boolean>>,
  divide: Divide,
): Record<string, number> {
  const prepared = declaration.prepare?.textbook(state as never, values, divide);
  return declaration.textbook!({ ...state, ...prepared } as never, values, divide);
}

/** What one step of a rule makes of a state in which one number is 1 and the others are 0, under a gradient. */
type Response = (one: string | undefined, g: number) => Record<string, number>;

/** How a rule steps on a mode, with its preconditioner and what it measures frozen: x, its slots by name, and their response. */
function linearized(
  rule: Rule,
  options: ModeOptions,
): { readonly names: string[]; readonly respond: Response } {
  const { declaration } = rule;
  const { preconditioner = 1, index = 0 } = options;
  const values: Record<string, number | boolean> = {};
  const { learningRate = rule.options.learningRate } = options;
  const given = learningRate === undefined ? rule.options : { ...rule.options, learningRate };
  resolveOptions(rule.name, declaration.options, given, index, values);
  const slots = declaration.slots(rule.options) as string[];
  const frozen: Divide = (numerator) => numerator / preconditioner;
  const respond: Response = (one, g) => {
    const state = modeState(rule, slots);
    state.x = 0;
    state.g = g;
    if (one !== undefined) state[one] = 1;
    return pass(rule, state, values, frozen);
  };
  return { names: ["x", ...slots], respond };
}

/** x and the slots that it depends on, but for those that never change (the start). */
function reachedFrom(names: readonly string[], images: readonly Record<string, number>[]): string[] {
  const isConstant = (row: string) =>
    row !== "x" && names.every((column, j) => images[j][row] === (column === row ? 1 : 0));
  const reached = ["x"];
  for (const row of reached) {
    names.forEach((column, j) => {
      if (images[j][row] !== 0 && !reached.includes(column) && !isConstant(column)) reached.push(column);
    });
  }
  return reached;
}

/**
 * The matrix that a rule applies to (x, slots) in each step on a quadratic mode, where g = λx, with
 * its preconditioner and what it measures frozen: found by feeding basis vectors to the rule's textbook. Slots that x
 * does not depend on then (second moments) are left out, and slots that never change (the start).
 */
export function modeMatrix(rule: Rule, lambda: number, options: ModeOptions = {}): number[][] {
  const { names, respond } = linearized(rule, options);
  const images = names.map((name) => respond(name, name === "x" ? lambda : 0));
  const reached = reachedFrom(names, images);
  return reached.map((row) => reached.map((column) => images[names.indexOf(column)][row]));
}

/** A rule's step on (x, slots), apart from where its gradient comes from: state ← free·state + drive·g. */
export interface ModeSystem {
  readonly free: readonly (readonly number[])[];
  readonly drive: readonly number[];
}

/** As {@link modeMatrix}, which is free + λ·drive·(1, 0, …): the two apart. */
export function modeSystem(rule: Rule, options: ModeOptions = {}): ModeSystem {
  const { names, respond } = linearized(rule, options);
  const images = names.map((name) => respond(name, 0));
  const pushed = respond(undefined, 1);
  const reached = reachedFrom(names, images);
  return {
    free: reached.map((row) => reached.map((column) => images[names.indexOf(column)][row])),
    drive: reached.map((row) => pushed[row]),
  };
}

/**
 * Whether a rule divides by something it measures, so that its limit speaks of the preconditioned Hessian; so does, of
 * a kind, every rule whose step on a mode cannot be told by itself.
 */
export function isPreconditioned(rule: Rule): boolean {
  if (!hasModes(rule)) return true;
  const { declaration } = rule;
  const values: Record<string, number | boolean> = {};
  const rated = "learningRate" in rule.options ? { ...rule.options, learningRate: 1 } : rule.options;
  resolveOptions(rule.name, declaration.options, rated, 0, values);
  let divides = false;
  pass(
    rule,
    { ...modeState(rule, declaration.slots(rule.options) as string[]), x: 1, g: 1 },
    values,
    (n, d) => {
      divides = true;
      return n / d;
    },
  );
  return divides;
}
