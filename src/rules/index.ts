import { adaHessian } from "./ada-hessian.ts";
import { adabelief } from "./adabelief.ts";
import { adadelta } from "./adadelta.ts";
import { adafactor } from "./adafactor.ts";
import { adagrad } from "./adagrad.ts";
import { adam, adamw, amsgrad } from "./adam.ts";
import { adamax } from "./adamax.ts";
import { adan } from "./adan.ts";
import { ademamix } from "./ademamix.ts";
import { adgd } from "./adgd.ts";
import { adopt } from "./adopt.ts";
import { aggmo } from "./aggmo.ts";
import { asgd } from "./asgd.ts";
import { barzilaiBorwein } from "./barzilai-borwein.ts";
import { cocob } from "./cocob.ts";
import { dAdaptAdam, dAdaptSgd } from "./d-adaptation.ts";
import { dog, dowg } from "./dog.ts";
import { fista } from "./fista.ts";
import { fromage } from "./fromage.ts";
import { ftrl } from "./ftrl.ts";
import { gradientDescent } from "./gradient-descent.ts";
import { heavyBall } from "./heavy-ball.ts";
import { hypergradientAdam, hypergradientDescent } from "./hypergradient.ts";
import { lamb } from "./lamb.ts";
import { laprop } from "./laprop.ts";
import { lars } from "./lars.ts";
import { lion } from "./lion.ts";
import { madgrad } from "./madgrad.ts";
import { momentum } from "./momentum.ts";
import { momo, momoAdam } from "./momo.ts";
import { muon } from "./muon.ts";
import { nadam, nadamw } from "./nadam.ts";
import { nesterov } from "./nesterov.ts";
import { normalizedGradient } from "./normalized-gradient.ts";
import { novograd } from "./novograd.ts";
import { polyakStep, sps } from "./polyak-step.ts";
import { prodigy } from "./prodigy.ts";
import { qhadam, qhm } from "./qhm.ts";
import { radam } from "./radam.ts";
import { rmsprop } from "./rmsprop.ts";
import { rprop } from "./rprop.ts";
import type { AnyRuleFactory } from "./rule.ts";
import { scheduleFreeAdamw, scheduleFreeSgd } from "./schedule-free.ts";
import { sgd } from "./sgd.ts";
import { shampoo } from "./shampoo.ts";
import { signDescent } from "./sign-descent.ts";
import { signum } from "./signum.ts";
import { sm3 } from "./sm3.ts";
import { soap } from "./soap.ts";
import { sophia } from "./sophia.ts";
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
  heavyBall,
  nesterov,
  fista,
  qhm,
  aggmo,
  asgd,
  normalizedGradient,
  signDescent,
  signum,
  rprop,
  adagrad,
  adadelta,
  ftrl,
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
  qhadam,
  madgrad,
  cocob,
  sophia,
  adaHessian,
  lamb,
  lars,
  novograd,
  fromage,
  sm3,
  adafactor,
  muon,
  shampoo,
  soap,
  polyakStep,
  sps,
  barzilaiBorwein,
  adgd,
  dog,
  dowg,
  dAdaptSgd,
  dAdaptAdam,
  prodigy,
  momo,
  momoAdam,
  hypergradientDescent,
  hypergradientAdam,
  scheduleFreeSgd,
  scheduleFreeAdamw,
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
  adafactor,
  adagrad,
  adaHessian,
  adam,
  adamax,
  adamw,
  adan,
  ademamix,
  adgd,
  adopt,
  aggmo,
  amsgrad,
  asgd,
  barzilaiBorwein,
  cocob,
  dAdaptAdam,
  dAdaptSgd,
  dog,
  dowg,
  fista,
  fromage,
  ftrl,
  gradientDescent,
  heavyBall,
  hypergradientAdam,
  hypergradientDescent,
  lamb,
  laprop,
  lars,
  lion,
  madgrad,
  momentum,
  momo,
  momoAdam,
  muon,
  nadam,
  nadamw,
  nesterov,
  normalizedGradient,
  novograd,
  polyakStep,
  prodigy,
  qhadam,
  qhm,
  radam,
  rmsprop,
  rprop,
  scheduleFreeAdamw,
  scheduleFreeSgd,
  sgd,
  shampoo,
  signDescent,
  signum,
  sm3,
  soap,
  sophia,
  sps,
  yogi,
};
