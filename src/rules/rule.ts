import { checkOptions } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import type { RuleKernelName } from "../core/kernels.ts";
import type { RealArray } from "../core/precision.ts";
import type { Schedule } from "../schedules/schedule.ts";
import {
  type OptionDeclarations,
  type Options,
  type OptionsAtStep,
  type OptionsInput,
  readOptions,
} from "./options.ts";

/** A quantity that the core measures over all parameters before the step. */
export type Measure = "gradientNorm";

/** What a rule knows of a step besides its options. */
export interface StepContext {
  /** The number of this step; the first is 1, as in the papers. */
  t: number;
  /** ‖g‖₂ over all parameters, where the rule measures it. */
  gradientNorm: number;
  /** The plain numbers that the rule carries from step to step. */
  readonly carried: Float64Array;
}

/** One parameter as the textbook sees it: x, its gradient g, the step t, ‖g‖ if measured, and the slots. */
export type TextbookState<S extends string> = Readonly<Record<"x" | "g" | "t" | "gradientNorm" | S, number>>;

/**
 * Division by a preconditioner: 0 where the numerator is 0, so that 0/0 of a sleeping parameter
 * moves nothing. The stability analysis puts a frozen denominator in its place.
 */
export type Divide = (numerator: number, denominator: number) => number;

/**
 * Everything particular to an update rule; whatever is general (memory, checks, the loop, the
 * stability limit, parity tests, tables, the command line) follows from it.
 */
export interface RuleDeclaration<D extends OptionDeclarations, S extends string = string> {
  /** The registry's and the command line's name. */
  readonly name: string;
  /** One line for tables. */
  readonly summary: string;
  /** The recurrence, in one line. */
  readonly formula: string;
  /** Paper and equation. */
  readonly source: string;
  readonly options: D;
  /** Throws a TypeError or RangeError that starts with `owner` where options do not go together. */
  validate?(o: Options<D>, owner: string): void;
  /** State per parameter, by name, in the order of the kernel's slots. */
  slots(o: Options<D>): readonly S[];
  /** What a slot holds before the first step; 0 where not said. */
  initial?(o: Options<D>): Readonly<Partial<Record<S, number>>>;
  readonly measures?: readonly Measure[];
  /** Initial values of the plain numbers carried between steps. */
  readonly carries?: readonly number[];
  /**
   * Whether a parameter with a gradient of 0 stays as it is, state and all, so that rows may be stepped
   * by themselves. False where not said.
   */
  sparse?(o: Options<D>): boolean;
  /** The kernel that takes this rule's step with these options. */
  kernel(o: Options<D>): RuleKernelName;
  /** Writes what the kernel takes at this step into `out`; may advance `context.carried`; must not throw. */
  scalars(out: RealArray, o: OptionsAtStep<D>, context: StepContext): void;
  /**
   * The paper's formula on one parameter: the new x and slots. It is the oracle of the parity tests,
   * the map that the dynamics iterate, and the source of the stability limit; never on the hot path.
   * Everything that acts as a preconditioner goes through `divide`.
   */
  textbook(state: TextbookState<S>, o: OptionsAtStep<D>, divide: Divide): Readonly<Record<"x" | S, number>>;
}

// The registry holds declarations of different options and slots; who takes one from it treats
// both as open records.
// biome-ignore lint/suspicious/noExplicitAny: the variance of the options cannot be expressed
export type AnyRuleDeclaration = RuleDeclaration<any, any>;

/** An update rule with its options: what `createOptimizer`, `descend` and `minimize` take. */
export interface Rule {
  /** The registry's and the command line's name. */
  readonly name: string;
  /** Everything particular to the rule: formula, source, state, domains of the options. */
  readonly declaration: AnyRuleDeclaration;
  /** All options, defaults filled in. */
  readonly options: Readonly<Record<string, number | boolean | Schedule>>;
}

/** Makes a rule from options, of which every number may be a schedule; carries the declaration. */
export interface RuleFactory<D extends OptionDeclarations> {
  (options?: OptionsInput<D>): Rule;
  /** Everything particular to the rule: formula, source, state, domains and defaults of the options. */
  readonly declaration: RuleDeclaration<D>;
}

/** A factory whose options are not known by name: what loops over the registry hold. */
export interface AnyRuleFactory {
  // biome-ignore lint/suspicious/noExplicitAny: the variance of the options cannot be expressed
  (options?: any): Rule;
  readonly declaration: AnyRuleDeclaration;
}

function configure(declaration: AnyRuleDeclaration, input: unknown): Rule {
  const { name } = declaration;
  const options = readOptions(name, declaration.options as OptionDeclarations, input);
  declaration.validate?.(options, name);
  return Object.freeze({ name, declaration, options: options as Rule["options"] });
}

/** Throws unless `rule` was made by a rule's function, or is a chain around one. */
export function checkRule(owner: string, rule: unknown): asserts rule is Rule {
  if (typeof rule === "object" && rule !== null && !("kind" in rule)) {
    const { declaration, options } = rule as Partial<Rule>;
    if (typeof declaration?.scalars === "function" && typeof options === "object") return;
  }
  const hint = typeof rule === "function" ? "; call it, as in adam()" : "";
  throw new TypeError(
    `${owner}: rule must be a rule such as adam({ learningRate: 0.01 }), got ${describe(rule)}${hint}`,
  );
}

/** The same rule with some of its options replaced; a chain keeps its wrappers. */
export function withOptions(rule: Rule, options: Readonly<Record<string, unknown>>): Rule {
  checkOptions(rule.name, options);
  return Object.freeze({ ...rule, ...configure(rule.declaration, { ...rule.options, ...options }) });
}

/** Turns a declaration into the function that users call. */
export function defineRule<D extends OptionDeclarations, S extends string>(
  declaration: RuleDeclaration<D, S>,
): RuleFactory<D> {
  const make = (input: OptionsInput<D> = {}): Rule => configure(declaration, input);
  return Object.assign(make, { declaration }) as unknown as RuleFactory<D>;
}

/** The textbook's own division: 0/0 is 0, everything else as it is. */
export const plainDivide: Divide = (numerator, denominator) =>
  numerator === 0 ? 0 : numerator / denominator;
