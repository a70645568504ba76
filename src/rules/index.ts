import { adabelief } from "./adabelief.ts";
import { adadelta } from "./adadelta.ts";
import { adagrad } from "./adagrad.ts";
import { adam, adamw, amsgrad } from "./adam.ts";
import { adamax } from "./adamax.ts";
import { adan } from "./adan.ts";
import { ademamix } from "./ademamix.ts";
import { adopt } from "./adopt.ts";
import { gradientDescent } from "./gradient-descent.ts";
import { laprop } from "./laprop.ts";
import { lion } from "./lion.ts";
import { momentum } from "./momentum.ts";
import { nadam, nadamw } from "./nadam.ts";
import { normalizedGradient } from "./normalized-gradient.ts";
import { radam } from "./radam.ts";
import { rmsprop } from "./rmsprop.ts";
import type { AnyRuleFactory } from "./rule.ts";
import { sgd } from "./sgd.ts";
import { signDescent } from "./sign-descent.ts";
import { yogi } from "./yogi.ts";

/**
 * Every update rule by its name: what the command line, tests, tables and benchmarks loop over.
 *
 * @example
 * ```ts
 * import { rules } from "thalweg";
 * const { declaration } = rules.adam;
 * declaration.formula; // "m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², x ← x − η·m̂/(√v̂ + ε)"
 * declaration.options.beta1.default; // 0.9
 * ```
 */
export const rules = {
  gradientDescent,
  sgd,
  momentum,
  normalizedGradient,
  signDescent,
  adagrad,
  adadelta,
  rmsprop,
  lion,
  adam,
  adamax,
  amsgrad,
  adamw,
  nadam,
  nadamw,
  radam,
  yogi,
  adabelief,
  laprop,
  adan,
  adopt,
  ademamix,
} satisfies Record<string, AnyRuleFactory>;

/** A name in the registry. */
export type RuleName = keyof typeof rules;

/**
 * The names of the update rules, in the order of the registry.
 *
 * @example
 * ```ts
 * import { ruleNames, rules } from "thalweg";
 * ruleNames.includes("adam"); // true
 * ruleNames.map((name) => rules[name].declaration.summary); // a line about each
 * ```
 */
export const ruleNames = Object.keys(rules) as readonly RuleName[];

export {
  adabelief,
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  adan,
  ademamix,
  adopt,
  amsgrad,
  gradientDescent,
  laprop,
  lion,
  momentum,
  nadam,
  nadamw,
  normalizedGradient,
  radam,
  rmsprop,
  sgd,
  signDescent,
  yogi,
};
