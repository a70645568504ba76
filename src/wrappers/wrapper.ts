import type { Kernels, Pointer } from "../core/kernels.ts";
import type { RealArray } from "../core/precision.ts";
import {
  type OptionDeclarations,
  type Options,
  type OptionsAtStep,
  type OptionsInput,
  readOptions,
} from "../rules/options.ts";
import type { Rule } from "../rules/rule.ts";
import type { Schedule } from "../schedules/schedule.ts";

/** A block of parameters as a wrapper sees it. */
export interface WrappedBlock {
  /** "" for a bare array. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Elements that are used. */
  readonly length: number;
  /** Elements with padding: what kernels take. */
  readonly count: number;
  /** Elements before this block, in x, in the gradient and in every slot alike. */
  readonly offset: number;
  readonly x: Pointer;
  readonly gradient: Pointer;
}

/** What a wrapper works on. The views hold all blocks that are not frozen, padding included. */
export interface WrapperContext {
  readonly kernels: Kernels;
  /** Elements of all blocks, with padding. */
  readonly count: number;
  readonly blocks: readonly WrappedBlock[];
  readonly x: Pointer;
  /** The gradient that the rule will take: a copy of the user's, so that wrappers may rewrite it. */
  readonly gradient: Pointer;
  readonly xView: RealArray;
  readonly gradientView: RealArray;
  /** State per parameter, in the order of `slots`; zero before the first step. */
  readonly slots: readonly Pointer[];
  readonly slotViews: readonly RealArray[];
  /** Plain numbers carried from step to step; saved with the state. */
  readonly carried: Float64Array;
  /** The learning rate that the rule takes at this step (of its first group). */
  learningRate: number;
  /** Steps that were asked for before this one. */
  index: number;
  /** Bytes of one element. */
  readonly elementBytes: number;
}

/** What is told of a wrapper's work, such as the fraction of steps that were clipped. */
export type WrapperReport = Readonly<Record<string, number>>;

/**
 * Everything particular to a wrapper. Hooks run in the order of the chain: `before` on the gradient
 * ahead of the rule, `after` on the parameters behind it. None may throw but where said.
 */
export interface WrapperDeclaration<D extends OptionDeclarations> {
  readonly name: string;
  /** One line for tables. */
  readonly summary: string;
  /** Paper and equation. */
  readonly source: string;
  readonly options: D;
  /** Where it may stand in a chain. */
  readonly place: "before" | "after" | "anywhere";
  /** State per parameter. */
  slots?(o: Options<D>): readonly string[];
  /** Initial values of the plain numbers carried between steps. */
  readonly carries?: readonly number[];
  /** Called once, when the parameters have their first values. */
  start?(context: WrapperContext, o: OptionsAtStep<D>, settings: WrapperSettings): void;
  /** Rewrites the gradient. False leaves out the rule's step and all later hooks; true goes on. */
  before?(context: WrapperContext, o: OptionsAtStep<D>, settings: WrapperSettings): boolean;
  /** Works on the parameters after the rule's step. */
  after?(context: WrapperContext, o: OptionsAtStep<D>, settings: WrapperSettings): void;
  /** The slot that holds averaged parameters, if this wrapper averages. */
  readonly averagedSlot?: number;
  /** What to tell of its work, from the carried numbers. */
  report?(carried: Float64Array): WrapperReport;
  /** Throws where options contradict each other. */
  validate?(o: Options<D>, owner: string): void;
}

/** What a wrapper was made with that is no number or flag, such as the names of masked blocks. */
export type WrapperSettings = Readonly<Record<string, unknown>>;

// biome-ignore lint/suspicious/noExplicitAny: the variance of the options cannot be expressed
export type AnyWrapperDeclaration = WrapperDeclaration<any>;

/** A wrapper with its options: a part of a {@link chain}. */
export interface Wrapper {
  readonly kind: "wrapper";
  readonly name: string;
  readonly declaration: AnyWrapperDeclaration;
  readonly options: Readonly<Record<string, number | boolean | Schedule>>;
  readonly settings: WrapperSettings;
}

/** Turns a declaration into the function that users call. */
export function defineWrapper<D extends OptionDeclarations>(declaration: WrapperDeclaration<D>) {
  const { name } = declaration;
  const make = (input: OptionsInput<D> = {}, settings: WrapperSettings = {}): Wrapper => {
    const options = readOptions(name, declaration.options, input);
    declaration.validate?.(options, name);
    return Object.freeze({
      kind: "wrapper",
      name,
      declaration,
      options: options as Wrapper["options"],
      settings,
    });
  };
  return Object.assign(make, { declaration });
}

/** A rule with wrappers before and after it. It is a rule itself, and goes wherever one goes. */
export interface ChainedRule extends Rule {
  readonly before: readonly Wrapper[];
  readonly after: readonly Wrapper[];
}

/** Whether a value was made by a wrapper's function. */
export const isWrapper = (value: unknown): value is Wrapper =>
  typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "wrapper";

/** The wrappers of a rule, in the order in which they work; none for a bare rule. */
export function wrappersOf(rule: Rule): {
  readonly before: readonly Wrapper[];
  readonly after: readonly Wrapper[];
} {
  return "before" in rule ? (rule as ChainedRule) : { before: [], after: [] };
}
