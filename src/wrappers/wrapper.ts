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
import { type BlockMask, maskNames, readMask } from "./mask.ts";

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
  /** Its place among all blocks, in the order in which they were given. */
  readonly number: number;
  /** The learning rate that its group's rule takes at the coming step. */
  readonly learningRate: number;
  /** Whether its rule keeps its answer in a slot, and works the parameters out from points of its own. */
  readonly keepsPoint: boolean;
}

/** What a wrapper works on. The views hold all blocks that are not frozen, padding included. */
export interface WrapperContext {
  readonly kernels: Kernels;
  /** Elements of all blocks, with padding. */
  readonly count: number;
  /** Those that the wrapper was not told to leave alone. */
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
  /** Bytes of one element. */
  readonly elementBytes: number;
}

/** What is told of a wrapper's work, such as the fraction of steps that were clipped. */
export type WrapperReport = Readonly<Record<string, number>>;

/**
 * Everything particular to a wrapper. Hooks run in the order of the chain: `before` on the gradient
 * ahead of the rule, `beforeStep` once it is certain that the rule will step, `after` on the parameters
 * behind it. None may throw, but the `before` of a wrapper that stands first.
 */
export interface WrapperDeclaration<D extends OptionDeclarations> {
  /** Its name in the registry. */
  readonly name: string;
  /** One line for tables. */
  readonly summary: string;
  /** Paper and equation. */
  readonly source: string;
  /** Its options by name, each with its default and domain. */
  readonly options: D;
  /** Where it may stand in a chain: first means before everything else. */
  readonly place: "first" | "before" | "after";
  /** Whether it can be kept to some blocks by name, or from some: see {@link BlockMask}. */
  readonly masked?: boolean;
  /** Whether it compares the parameters with the whole gradient after the step. */
  readonly readsGradient?: boolean;
  /** State per parameter. */
  slots?(o: Options<D>): readonly string[];
  /** Initial values of the plain numbers carried between steps. */
  readonly carries?: readonly number[];
  /** Called once, when the parameters have their first values. */
  start?(context: WrapperContext, o: OptionsAtStep<D>): void;
  /** Rewrites the gradient. False leaves out the rule's step and all later hooks; true goes on. */
  before?(context: WrapperContext, o: OptionsAtStep<D>): boolean;
  /** Works on the parameters, or remembers them, right before the rule's step. */
  beforeStep?(context: WrapperContext, o: OptionsAtStep<D>): void;
  /** Works on the parameters after the rule's step. */
  after?(context: WrapperContext, o: OptionsAtStep<D>): void;
  /**
   * Puts the rule's answer, where that is not its parameters, where it is for those who see the parameters as this wrapper
   * leaves them.
   */
  answer?(context: WrapperContext, all: RealArray): void;
  /** The slot that holds averaged parameters, if this wrapper averages. */
  readonly averagedSlot?: number;
  /** What to tell of its work, from the carried numbers. */
  report?(carried: Float64Array): WrapperReport;
  /** Throws where options contradict each other; asked again at each step with the values of schedules. */
  validate?(o: Options<D>, owner: string): void;
}

/** A declaration whose options are not known by name, as of a wrapper taken from the registry. */
// biome-ignore lint/suspicious/noExplicitAny: the variance of the options cannot be expressed
export type AnyWrapperDeclaration = WrapperDeclaration<any>;

/** A wrapper with its options: a part of a {@link chain}. */
export interface Wrapper {
  /** What tells it from a rule. */
  readonly kind: "wrapper";
  /** Its name in the registry. */
  readonly name: string;
  /** Everything particular to it: source, place in a chain, state, domains of the options. */
  readonly declaration: AnyWrapperDeclaration;
  /** All options, defaults filled in. */
  readonly options: Readonly<Record<string, number | boolean | Schedule>>;
  /** The blocks that it was told to work on, or to leave alone. */
  readonly settings: BlockMask;
}

/** What a wrapper's function takes. Where that is nothing, the type `{}` would let any name pass. */
export type WrapperInput<D extends OptionDeclarations, Settings> = keyof D | keyof Settings extends never
  ? Readonly<Record<string, never>>
  : OptionsInput<D> & Settings;

/** Makes a wrapper from options, of which every number may be a schedule; carries the declaration. */
export interface WrapperFactory<D extends OptionDeclarations, Settings = unknown> {
  (options?: WrapperInput<D, Settings>): Wrapper;
  /** Everything particular to the wrapper: source, place, domains and defaults of the options. */
  readonly declaration: WrapperDeclaration<D>;
}

const noMask: BlockMask = Object.freeze({});

/** Turns a declaration into the function that users call. */
export function defineWrapper<D extends OptionDeclarations>(
  declaration: WrapperDeclaration<D> & { readonly masked: true },
): WrapperFactory<D, BlockMask>;
export function defineWrapper<D extends OptionDeclarations>(
  declaration: WrapperDeclaration<D>,
): WrapperFactory<D>;
export function defineWrapper<D extends OptionDeclarations>(
  declaration: WrapperDeclaration<D>,
): WrapperFactory<D, BlockMask> {
  const { name } = declaration;
  const make = (input: OptionsInput<D> & BlockMask = {}): Wrapper => {
    const { settings, rest } = declaration.masked ? readMask(name, input) : { settings: noMask, rest: input };
    const options = readOptions(name, declaration.options, rest, declaration.masked ? maskNames : []);
    declaration.validate?.(options, name);
    return Object.freeze({
      kind: "wrapper",
      name,
      declaration,
      options: options as Wrapper["options"],
      settings,
    });
  };
  return Object.assign(make, { declaration }) as WrapperFactory<D, BlockMask>;
}

/** A rule with wrappers before and after it. It is a rule itself, and goes wherever one goes. */
export interface ChainedRule extends Rule {
  /** Wrappers that work on the gradient ahead of the rule, in order. */
  readonly before: readonly Wrapper[];
  /** Wrappers that work on the parameters behind the rule, in order. */
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
