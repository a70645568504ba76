import { checkOptions } from "../core/check.ts";
import { describe, didYouMean } from "../core/describe.ts";
import { asSchedule, type Schedule, type ScheduleInput, schedule } from "../schedules/schedule.ts";

/** What all options have. */
export interface AnyOption {
  /** What other libraries call it, the likeliest first, ahead of the shared words of {@link neighbours}. */
  readonly synonyms?: readonly string[];
}

/** An option of a rule that is a number: its default, its domain, and the domain in words. */
export interface NumberOption extends AnyOption {
  /** What it is. */
  readonly kind: "number";
  /** What it is where it is left out. */
  readonly default: number;
  /** Where it may lie, in words: "[0, 1)". */
  readonly domain: string;
  /** Whether a number lies there. */
  readonly contains: (value: number) => boolean;
}

/** A number that is fixed when the rule is made and cannot follow a schedule. */
export interface ConstantOption extends NumberOption {
  /** That it follows no schedule. */
  readonly constant: true;
}

/** A learning rate: it may also be "auto", where a problem is known to measure it on. */
export interface RateOption extends NumberOption {
  /** That it may be "auto". */
  readonly automatic: true;
}

/** An option of a rule that is true or false. */
export interface FlagOption extends AnyOption {
  /** What it is. */
  readonly kind: "flag";
  /** What it is where it is left out. */
  readonly default: boolean;
}

/** An option of a rule: a number, a constant, a learning rate or a switch. */
export type OptionDeclaration = NumberOption | ConstantOption | RateOption | FlagOption;
/** The options of a rule, by name. */
export type OptionDeclarations = Readonly<Record<string, OptionDeclaration>>;

/** What a rule has of an option. */
export type Given<O> = O extends FlagOption ? boolean : O extends ConstantOption ? number : number | Schedule;

/** What a user may give for it: a schedule need not describe itself. */
export type GivenInput<O> = O extends NumberOption
  ? O extends ConstantOption
    ? number
    : number | ScheduleInput
  : boolean;

/** What a user may give: a number may also be a schedule or a function of the step, and a learning rate "auto". */
export type OptionsInput<D extends OptionDeclarations> = {
  readonly [K in keyof D]?: D[K] extends RateOption ? GivenInput<D[K]> | "auto" : GivenInput<D[K]>;
};

/** A full set of options, defaults filled in. */
export type Options<D extends OptionDeclarations> = { readonly [K in keyof D]: Given<D[K]> };

/** Options at one step: every schedule replaced by its value. */
export type OptionsAtStep<D extends OptionDeclarations> = {
  readonly [K in keyof D]: D[K] extends FlagOption ? boolean : number;
};

const number = (value: number, domain: string, contains: (v: number) => boolean): NumberOption => ({
  kind: "number",
  default: value,
  domain,
  contains: (v) => Number.isFinite(v) && contains(v),
});

/** A finite number ≥ 0. */
export const nonNegative = (value: number) => number(value, "[0, ∞)", (v) => v >= 0);

/** A finite number > 0. */
export const positive = (value: number) => number(value, "(0, ∞)", (v) => v > 0);

/** A whole number ≥ `least`. */
export const count = (value: number, least: 0 | 1) =>
  number(value, `the integers from ${least}`, (v) => Number.isSafeInteger(v) && v >= least);

/** A number ≥ 0, or ∞. */
export const nonNegativeOrInfinite = (value: number): NumberOption => ({
  kind: "number",
  default: value,
  domain: "[0, ∞]",
  contains: (v) => v >= 0,
});

/** A bound on something: any number, or ∞ where there is none. */
export const bound = (value: number): NumberOption => ({
  kind: "number",
  default: value,
  domain: "[-∞, ∞]",
  contains: (v) => !Number.isNaN(v),
});

/** Any finite number. */
export const finite = (value: number) => number(value, "(−∞, ∞)", () => true);

/** A limit on something that is > 0, or ∞ where there is none. */
export const limit = (value: number): NumberOption => ({
  kind: "number",
  default: value,
  domain: "(0, ∞]",
  contains: (v) => v > 0,
});

/** The factor by which something may grow at most: ≥ 1, or ∞ where it may grow as it likes. */
export const growth = (value: number): NumberOption => ({
  kind: "number",
  default: value,
  domain: "[1, ∞]",
  contains: (v) => v >= 1,
});

/** A learning rate: finite and ≥ 0 (a schedule may end at 0), or "auto". */
export const rate = (value: number): RateOption => ({ ...nonNegative(value), automatic: true });

/**
 * What "auto" becomes among a rule's options: a schedule that says, when it is asked, that nobody measured it.
 * `minimize` and `descend` put a measured rate in its place before they ask.
 */
export const automaticRate: Schedule = schedule(
  () => {
    throw new TypeError(
      'learningRate "auto" needs a problem to be measured on: use minimize or descend, or give a number',
    );
  },
  { schedule: "auto" },
);

/** A coefficient of a moving average: in [0, 1). */
export const fraction = (value: number) => number(value, "[0, 1)", (v) => v >= 0 && v < 1);

/** A share of a whole: in [0, 1]. */
export const share = (value: number) => number(value, "[0, 1]", (v) => v >= 0 && v <= 1);

/** A share of a whole that is not nothing: in (0, 1]. */
export const positiveShare = (value: number) => number(value, "(0, 1]", (v) => v > 0 && v <= 1);

/** A factor that makes larger: finite and > 1. */
export const enlarging = (value: number) => number(value, "(1, ∞)", (v) => v > 1);

/** The same number at every step. */
export const constant = (option: NumberOption): ConstantOption => ({ ...option, constant: true });

/** A switch. */
export const flag = (value: boolean): FlagOption => ({ kind: "flag", default: value });

/** The same option, which other libraries call by these names. */
export const alsoCalled = <O extends OptionDeclaration>(option: O, ...synonyms: readonly string[]): O => ({
  ...option,
  synonyms,
});

/**
 * The kinds of options that a rule of your own can declare, each made with its default: `rate` (finite and ≥ 0, may be
 * "auto"), `fraction` (in [0, 1)), `share` (in [0, 1]), `positive`, `nonNegative`, `nonNegativeOrInfinite`, `finite`, `count` (an
 * integer from 0 or 1 on), `bound` (any number, or ∞), `limit` (> 0, or ∞), `growth` (≥ 1, or ∞), `flag` (true or false); `constant` makes
 * of a number one that cannot follow a schedule.
 *
 * @example
 * ```ts
 * import { option } from "thalweg";
 * option.fraction(0.9).contains(1); // false
 * option.flag(true).default; // true
 * ```
 */
export const option = Object.freeze({
  rate,
  fraction,
  share,
  positive,
  nonNegative,
  nonNegativeOrInfinite,
  finite,
  count,
  bound,
  limit,
  growth,
  flag,
  constant,
});

/** What other libraries call the options, the likeliest meaning of a word at the front of its list. */
const neighbours: Readonly<Record<string, readonly string[]>> = {
  learningRate: ["lr", "learning_rate", "eta", "stepSize", "step_size", "step", "alpha"],
  beta1: ["betas", "beta_1", "b1", "momentum", "beta"],
  beta2: ["beta_2", "b2", "rho"],
  decay: ["alpha", "rho", "smoothing", "beta", "beta2"],
  epsilon: ["eps", "fuzz"],
  weightDecay: ["weight_decay", "wd", "l2", "lambda", "decay"],
  momentum: ["mu", "beta", "beta1", "gamma", "rho"],
  beta: ["momentum", "mu", "decay", "beta1", "gamma", "rho"],
  learningRateDecay: ["lr_decay", "lrDecay", "decay"],
  initialAccumulator: ["initial_accumulator_value", "initialAccumulatorValue"],
  nesterov: ["use_nesterov", "useNesterov", "accelerated"],
  centered: ["centred"],
  amsgrad: ["ams_grad", "amsGrad"],
  maximize: ["maximise", "ascend"],
};

function unknownOption(
  owner: string,
  name: string,
  declarations: OptionDeclarations,
  others: readonly string[],
): TypeError {
  const known = [...Object.keys(declarations), ...others];
  const wordsFor = (option: string) => [
    ...(declarations[option]?.synonyms ?? []),
    ...(neighbours[option] ?? []),
  ];
  const likeliness = (option: string) => wordsFor(option).indexOf(name);
  const [synonym] = known.filter((o) => likeliness(o) >= 0).sort((a, b) => likeliness(a) - likeliness(b));
  const meant = name === "betas" && synonym ? "beta1 and beta2" : synonym;
  const near = known.length === 0 ? "; it has no options" : didYouMean(name, known);
  const tail = meant ? `; did you mean ${meant}?` : near;
  return new TypeError(`${owner}: unknown option "${name}"${tail}`);
}

/** Throws unless `value` lies in the domain of a number option. */
export function checkNumber(
  owner: string,
  name: string,
  option: NumberOption,
  value: unknown,
): asserts value is number {
  if (typeof value !== "number") {
    throw new TypeError(`${owner}: ${name} must be a number in ${option.domain}, got ${describe(value)}`);
  }
  if (!option.contains(value)) {
    throw new RangeError(`${owner}: ${name} must lie in ${option.domain}, got ${value}`);
  }
}

/**
 * Checks what a user gave against the declarations, by name, and fills in the defaults.
 *
 * @param others - what else could have been meant by an unknown name
 */
export function readOptions<D extends OptionDeclarations>(
  owner: string,
  declarations: D,
  input: unknown,
  others: readonly string[] = [],
): Options<D> {
  checkOptions(owner, input);
  const known = Object.keys(declarations);
  for (const name of Object.keys(input)) {
    if (!Object.hasOwn(declarations, name)) throw unknownOption(owner, name, declarations, others);
  }
  const given = input as Record<string, unknown>;
  const options: Record<string, number | boolean | Schedule> = {};
  for (const name of known) {
    const option = declarations[name];
    const value = given[name] === undefined ? option.default : given[name];
    if (option.kind === "flag") {
      if (typeof value !== "boolean") {
        throw new TypeError(`${owner}: ${name} must be true or false, got ${describe(value)}`);
      }
      options[name] = value;
    } else if ("automatic" in option && (value === "auto" || value === automaticRate)) {
      options[name] = automaticRate;
    } else if (typeof value === "function" && !("constant" in option)) {
      const scheduled = asSchedule(value as ScheduleInput);
      checkNumber(owner, `${name} (its schedule, at step 0)`, option, scheduled(0));
      options[name] = scheduled;
    } else {
      checkNumber(owner, name, option, value);
      options[name] = value;
    }
  }
  return Object.freeze(options) as Options<D>;
}

/**
 * Writes the options at a step's index (the first step is 0) into `values`, each schedule's value
 * checked against its domain.
 */
export function resolveOptions(
  owner: string,
  declarations: OptionDeclarations,
  options: Readonly<Record<string, number | boolean | Schedule>>,
  index: number,
  values: Record<string, number | boolean>,
): void {
  for (const name in options) {
    const value = options[name];
    if (typeof value === "function") {
      const now = value(index);
      checkNumber(owner, `${name} (its schedule, at step ${index})`, declarations[name] as NumberOption, now);
      values[name] = now;
    } else values[name] = value;
  }
}
