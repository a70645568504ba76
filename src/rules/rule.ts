import { checkOptions } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import type { RuleKernelName } from "../core/kernels.ts";
import type { RealArray } from "../core/precision.ts";
import type { Schedule } from "../schedules/schedule.ts";
import type { Measure, Scope } from "./measure.ts";
import {
  type OptionDeclarations,
  type Options,
  type OptionsAtStep,
  type OptionsInput,
  readOptions,
} from "./options.ts";

/** What a rule knows of a step besides its options. */
export interface StepContext<M extends string = string> {
  /** The number of this step; the first is 1, as in the papers. */
  t: number;
  /** The objective's value where the gradient was taken; NaN unless the rule needs it. */
  value: number;
  /** What was measured before this step, by the measures' names. */
  readonly measured: Record<M, number>;
  /** Parameters that the measures are over. */
  readonly length: number;
  /** The plain numbers that the rule carries from step to step. */
  readonly carried: Float64Array;
}

/** What the textbook knows of a step besides single numbers. */
export interface TextbookStep {
  /** The plain numbers that the rule carries from step to step, as they are at this one. */
  readonly carried: Float64Array;
  /** Parameters that the measures are over. */
  readonly length: number;
}

/**
 * One parameter as the textbook sees it: x, its gradient g, the step t, the slots; where the rule needs them the
 * objective's value and h, the estimate of the Hessian's diagonal; and what was measured, by name.
 */
export type TextbookState<S extends string, M extends string = never> = Readonly<
  Record<"x" | "g" | "t" | "value" | "h" | S | M, number>
> &
  TextbookStep;

/** A block of parameters as the textbook of a whole block sees it: a matrix, row by row, and its slots. */
export interface TextbookBlock<S extends string> {
  /** The number of this step; the first is 1. */
  readonly t: number;
  /** The first axis; a block of one axis is a single row. */
  readonly rows: number;
  /** All other axes in one. */
  readonly columns: number;
  /** The parameters, to be written to. */
  readonly x: Float64Array;
  /** Their gradient. */
  readonly g: Float64Array;
  /** The state, to be written to. */
  readonly slots: Readonly<Record<S, Float64Array>>;
}

/**
 * Division by a preconditioner: 0 where the numerator is 0, so that 0/0 of a sleeping parameter
 * moves nothing. The stability analysis puts a frozen denominator in its place.
 */
export type Divide = (numerator: number, denominator: number) => number;

/**
 * A number as memory of some precision holds it. A textbook that assigns to x twice in a step puts what it assigns first
 * through this, since storing rounds; it does nothing where not said.
 */
export type Store = (value: number) => number;

/** What a slot holds before the first step: a number, or a copy of the parameters as they are then. */
export type InitialSlot = number | "parameters";

/** The shape of a slot that a rule keeps, with these options, for a block of so many rows and columns. */
export type SlotShape<D extends OptionDeclarations = OptionDeclarations> = (
  rows: number,
  columns: number,
  o: Options<D>,
) => readonly number[];

/** What is measured, by name. */
export type Measures<S extends string = string, M extends string = string> = Readonly<Record<M, Measure<S>>>;

/** One pass of a kernel over all parameters, and what it is of one parameter. */
export interface RulePass<D extends OptionDeclarations, S extends string, M extends string> {
  /** The kernel that does it with these options. */
  kernel(o: Options<D>): RuleKernelName;
  /** Writes what the kernel takes into `out`; must not throw. */
  scalars(out: RealArray, o: OptionsAtStep<D>, context: StepContext<M>): void;
  /** The slots that it renews. */
  textbook(
    state: TextbookState<S>,
    o: OptionsAtStep<D>,
    divide: Divide,
  ): Readonly<Partial<Record<S, number>>>;
}

/**
 * Everything particular to an update rule; whatever is general (memory, checks, the loop, the
 * stability limit, parity tests, tables, the command line) follows from it.
 *
 * A step goes through these, of which most rules have the last alone: the pass `prepare`, the `measures`,
 * `advance`, the step itself.
 */
export interface RuleDeclaration<
  D extends OptionDeclarations,
  S extends string = string,
  M extends string = string,
> {
  /** The registry's and the command line's name. */
  readonly name: string;
  /** One line for tables. This and the next three are told of every rule of the library. */
  readonly summary?: string;
  /** The recurrence, in one line. */
  readonly formula?: string;
  /** When to use it: the end of a sentence that begins with "if". */
  readonly use?: string;
  /** Paper and equation. */
  readonly source?: string;
  /** Its options by name, each with its default and domain. */
  readonly options: D;
  /** Throws a TypeError or RangeError that starts with `owner` where options do not go together. */
  validate?(o: Options<D>, owner: string): void;
  /** State by name, in the order of the kernel's slots: one number per parameter, unless `slotShapes` says otherwise. */
  slots(o: Options<D>): readonly S[];
  /** Slots that do not have one number per parameter. The rule's kernels take shapes then. */
  readonly slotShapes?: Readonly<Partial<Record<S, SlotShape<D>>>>;
  /** Whether its kernels take a block's rows and columns, as those of rules with slots of other shapes do. */
  readonly takesShape?: boolean;
  /** Slots that mean nothing between two steps: they are not saved. */
  readonly transient?: readonly S[];
  /** What a slot holds before the first step; 0 where not said. */
  initial?(o: Options<D>): Readonly<Partial<Record<S, InitialSlot>>>;
  /** A slot with an average of the parameters so far, for `averaged()`. */
  readonly averages?: S;
  /** The slot that the rule's answer is in, where that is not x (which is where it wants the gradient). */
  readonly result?: S;
  /** What a step takes besides the gradient. */
  readonly needs?: {
    /** The objective's value where the gradient was taken. */
    readonly value?: true;
    /** How many of Hutchinson's probes make the estimate of the Hessian's diagonal that step t takes; 0 for a step that takes none. */
    hessianDiagonal?(t: number, o: OptionsAtStep<D>): number;
    /** Entries of a block, in their order, over which each estimate is averaged: 1 where not said. */
    diagonalRun?(o: OptionsAtStep<D>): number;
  };
  /** A pass over the parameters that the measures wait for. */
  readonly prepare?: RulePass<D, S, M>;
  /** What the core measures before the step, by name; may depend on the options, if not all measure the same. */
  readonly measures?: Measures<S, M> | ((o: Options<D>) => Partial<Measures<S, M>>);
  /** What the measures and carried numbers are of; "everything" where not said. */
  scope?(o: Options<D>): Scope;
  /** Initial values of the plain numbers carried between steps. */
  readonly carries?: readonly number[];
  /** Renews the carried numbers from what was measured. */
  advance?(o: OptionsAtStep<D>, context: StepContext<M>): void;
  /** The factor of the gradient that the last step came to, for rules that work it out themselves. */
  effectiveRate?(o: OptionsAtStep<D>, context: StepContext<M>): number;
  /** What to try where the rates that it works out are too high: the end of a sentence that says "try …". */
  readonly remedy?: string;
  /**
   * Whether a parameter with a gradient of 0 stays as it is, state and all, so that rows may be stepped
   * by themselves. False where not said.
   */
  sparse?(o: Options<D>): boolean;
  /** The kernel that takes this rule's step with these options; without one its textbook does, in JavaScript. */
  kernel?(o: Options<D>): RuleKernelName;
  /** Bytes that the kernel works in for a block of so many rows and columns, the same for all blocks. */
  scratch?(o: Options<D>, rows: number, columns: number): number;
  /** Writes what the kernel takes at this step into `out`; may advance `context.carried`; must not throw. */
  scalars?(out: RealArray, o: OptionsAtStep<D>, context: StepContext<M>): void;
  /**
   * The paper's formula on one parameter: the new x and slots. It is the oracle of the parity tests,
   * the map that the dynamics iterate, and the source of the stability limit; never on the hot path where there is a
   * kernel. Everything that acts as a preconditioner goes through `divide`.
   */
  textbook?(
    state: TextbookState<S, M>,
    o: OptionsAtStep<D>,
    divide: Divide,
    store?: Store,
  ): Readonly<Record<"x" | S, number>>;
  /** Instead, for rules in which the parameters of a block depend on one another: writes the new x and slots of a block. */
  blockTextbook?(block: TextbookBlock<S>, o: OptionsAtStep<D>, store?: Store): void;
  /**
   * Whether, with everything it measures and divides by frozen, its step is linear on a quadratic mode, so that it has a
   * speed limit; where the options decide, a function of them. True where not said, for rules with a `textbook`.
   */
  readonly linear?: boolean | ((o: Options<D>) => boolean);
}

/** A declaration whose options and slots are not known by name, as of a rule taken from the registry: both are open records. */
// biome-ignore lint/suspicious/noExplicitAny: the variance of the options cannot be expressed
export type AnyRuleDeclaration = RuleDeclaration<any, any, any>;

/** An update rule with its options: what `createOptimizer`, `descend` and `minimize` take. */
export interface Rule {
  /** The registry's and the command line's name. */
  readonly name: string;
  /** Everything particular to the rule: formula, source, state, domains of the options. */
  readonly declaration: AnyRuleDeclaration;
  /** All options, defaults filled in. */
  readonly options: Readonly<Record<string, number | boolean | Schedule>>;
  /** Whether a kernel of the core takes its steps; if not, its textbook does, in JavaScript. */
  readonly compiled: boolean;
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
  const compiled = declaration.kernel !== undefined;
  return Object.freeze({ name, declaration, options: options as Rule["options"], compiled });
}

/** Throws where a declaration lacks what every rule has. */
function checkDeclaration(declaration: unknown): void {
  checkOptions("defineRule", declaration);
  const { name, options, slots, textbook, blockTextbook, kernel, scalars } =
    declaration as Partial<AnyRuleDeclaration>;
  if (typeof name !== "string" || name === "") {
    throw new TypeError(`defineRule: name must be a text, got ${describe(name)}`);
  }
  const fail = (what: string, value: unknown, example = "") =>
    new TypeError(`defineRule: ${what} of ${name} must be a function${example}, got ${describe(value)}`);
  if (typeof slots !== "function") throw fail("slots", slots, ' such as () => ["m"]');
  if ((textbook === undefined) === (blockTextbook === undefined)) {
    throw new TypeError(`defineRule: ${name} must have either a textbook or a blockTextbook`);
  }
  if (typeof (textbook ?? blockTextbook) !== "function") throw fail("textbook", textbook ?? blockTextbook);
  if (kernel && typeof scalars !== "function") throw fail("scalars", scalars);
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`defineRule: options of ${name} must be a record, got ${describe(options)}`);
  }
  for (const [key, option] of Object.entries(options)) {
    if (typeof option !== "object" || option === null || !("kind" in option)) {
      throw new TypeError(
        `defineRule: option ${key} of ${name} must be made by option.rate(0.1) or the like, got ${describe(option)}`,
      );
    }
  }
}

/** Throws unless `rule` was made by a rule's function, or is a chain around one. */
export function checkRule(owner: string, rule: unknown): asserts rule is Rule {
  if (typeof rule === "object" && rule !== null && !("kind" in rule)) {
    const { declaration, options } = rule as Partial<Rule>;
    if (typeof declaration?.slots === "function" && typeof options === "object") return;
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

/**
 * A rule of your own: turns its declaration into a function that makes the rule from options, as those of the library
 * are. Declared by its formula alone (`textbook`, or `blockTextbook` for whole blocks) it goes wherever a rule goes: in
 * groups and wrappers, with schedules, saved and loaded, with a speed limit derived from its formula. It is stepped in JavaScript
 * then, and says `compiled: false`.
 *
 * @param declaration - name, options with their domains, slots, and the formula: see {@link RuleDeclaration}
 * @returns the function, which carries the declaration
 * @throws TypeError naming what the declaration lacks
 *
 * @example
 * ```ts
 * import { defineRule, minimize, option, quadratic, speedLimit } from "thalweg";
 * const halving = defineRule({
 *   name: "halving", // each gradient is averaged with the last
 *   options: { learningRate: option.rate(0.1) },
 *   slots: () => ["last"],
 *   textbook: ({ x, g, last }, { learningRate }) => ({ x: x - (learningRate * (g + last)) / 2, last: g }),
 * });
 * halving().compiled; // false
 * minimize(quadratic([[2]]), { rule: halving(), start: [3], steps: 200 }).x; // ≈ [0]
 * speedLimit(halving(), { lambdaMax: 1 }); // 2
 * ```
 *
 * Source: the idea that a rule is a value with an initial state and a step is that of Optax and Optimisers.jl.
 */
export function defineRule<D extends OptionDeclarations, S extends string, M extends string = never>(
  declaration: RuleDeclaration<D, S, M>,
): RuleFactory<D> {
  checkDeclaration(declaration);
  const make = (input: OptionsInput<D> = {}): Rule => configure(declaration, input);
  return Object.assign(make, { declaration }) as unknown as RuleFactory<D>;
}

/** The textbook's own division: 0/0 is 0, everything else as it is. */
export const plainDivide: Divide = (numerator, denominator) =>
  numerator === 0 ? 0 : numerator / denominator;

/** Storing that changes nothing. */
export const unrounded: Store = (value) => value;

/** The matrix that a block of a shape is to rules that take it as one: one axis is a single row. */
export function asMatrix(shape: readonly number[]): { readonly rows: number; readonly columns: number } {
  const length = shape.reduce((product, extent) => product * extent, 1);
  const rows = shape.length > 1 ? shape[0] : 1;
  return { rows, columns: length / rows };
}

/** Whether a rule works its rate out by itself, so that its learning rate is no more than a factor. */
export function worksOutRate({ declaration }: Rule): boolean {
  const { learningRate } = declaration.options as OptionDeclarations;
  return (
    declaration.effectiveRate !== undefined && learningRate !== undefined && !("automatic" in learningRate)
  );
}

/** What a rule measures with its options, by name. */
export function measuresOf({ declaration, options }: Rule): Measures {
  const { measures = {} } = declaration;
  return (typeof measures === "function" ? measures(options) : measures) as Measures;
}

/** The shape of a rule's slot for a block of a shape. */
export function slotShape(
  { declaration, options }: Rule,
  slot: string,
  shape: readonly number[],
): readonly number[] {
  const shapeOf: SlotShape | undefined = declaration.slotShapes?.[slot];
  if (!shapeOf) return shape;
  const { rows, columns } = asMatrix(shape);
  return shapeOf(rows, columns, options);
}
