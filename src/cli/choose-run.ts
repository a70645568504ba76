import { describe, didYouMean } from "../core/describe.ts";
import { probeLearningRate } from "../descent/probe-rate.ts";
import type { Objective } from "../objectives/index.ts";
import { ruleNames, rules } from "../rules/index.ts";
import type { Rule } from "../rules/rule.ts";
import { readSchedule } from "../schedules/index.ts";
import { bestLearningRate, curvatureInterval } from "../stepsize/choose.ts";
import { isPreconditioned } from "../stepsize/mode.ts";
import { type Arguments, readNumber } from "./options.ts";
import { UsageError } from "./usage-error.ts";

/** Steps of a run whose rule is given, unless --steps says otherwise. */
const STEPS = 10_000;
/** Steps for which a learning rate is tried. */
const PROBE = 200;

/** The rule of a run as the command line asks for it; without a rule the descent chooses one itself. */
export interface ChosenRun {
  readonly rule?: Rule;
  readonly steps?: number;
  /** How a learning rate that was not given came about. */
  readonly choice?: string;
}

type Factory = (options: Record<string, unknown>) => Rule;

function findRule(name: string): Factory {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[-_ ]/g, "");
  const found = ruleNames.find((known) => plain(known) === plain(name));
  if (!found) throw new UsageError(`--rule: unknown rule ${describe(name)}${didYouMean(name, ruleNames)}`);
  return rules[found] as unknown as Factory;
}

function readRuleOptions(args: Arguments): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const text of args.texts("option")) {
    const [, name, value] = /^\s*(\w+)\s*=\s*(.*)$/.exec(text) ?? [];
    if (name === undefined) throw new UsageError(`--option must be NAME=VALUE, got ${describe(text)}`);
    if (name === "learningRate")
      throw new UsageError("--option: the learning rate is given by --learning-rate");
    options[name] =
      value === "true" || value === "false"
        ? value === "true"
        : readNumber(`--option ${name}`, value, "(−∞, ∞)", Number.isFinite);
  }
  return options;
}

/** What is wrong with the rule's options is a mistake in the command line. */
function make(factory: Factory, options: Record<string, unknown>): Rule {
  try {
    return factory(options);
  } catch (error) {
    throw new UsageError(`--option: ${(error as Error).message}`);
  }
}

/** Reads --rule, --option, --learning-rate, --schedule and --steps. */
export function chooseRun(args: Arguments, objective: Objective): ChosenRun {
  const stepsGiven = args.number("steps", "the integers from 0", (v) => Number.isSafeInteger(v) && v >= 0);
  const wanted = args.text("learning-rate");
  const named = args.has("rule");
  if (!named && args.has("option"))
    throw new UsageError("--option needs --rule: it is an option of the rule");
  if (!named && (wanted === undefined || wanted === "auto") && !args.has("schedule"))
    return { steps: stepsGiven };
  const factory = findRule(args.text("rule") ?? "gradientDescent");
  const options = readRuleOptions(args);
  const steps = stepsGiven ?? STEPS;
  const plain = make(factory, options);
  const start = new Float64Array(objective.dimension);
  const reasons: string[] = [];
  let learningRate: number;
  let schedule = args.text("schedule");
  if (wanted !== undefined && wanted !== "auto") {
    learningRate = readNumber("--learning-rate", wanted, "[0, ∞), or auto", (v) => v >= 0);
  } else if (isPreconditioned(plain)) {
    const probed = probeLearningRate(
      "fit",
      objective,
      start,
      (rate) => factory({ ...options, learningRate: rate }),
      Math.max(1, Math.min(PROBE, Math.floor(steps / 10))),
    );
    learningRate = probed.learningRate;
    reasons.push(`learning rate: ${probed.reason}`);
    if (schedule === undefined) {
      schedule = "cosine";
      reasons.push("schedule: cosine to 0, as with a constant rate this rule does not settle");
    }
  } else {
    const interval = curvatureInterval("fit", objective, start);
    if (!interval) throw new UsageError("--learning-rate auto: nothing bounds the curvature of this problem");
    learningRate = bestLearningRate(plain, interval);
    reasons.push(
      `learning rate: ${Number(learningRate.toPrecision(4))}, the fastest constant one of this rule, since ${interval.reason}`,
    );
  }
  const rate = schedule === undefined ? learningRate : readRate(schedule, learningRate, steps);
  return {
    rule: make(factory, { ...options, learningRate: rate }),
    steps,
    ...(reasons.length > 0 ? { choice: reasons.join("; ") } : {}),
  };
}

function readRate(text: string, learningRate: number, steps: number) {
  try {
    return readSchedule(text, { learningRate, steps: Math.max(1, steps) });
  } catch (error) {
    throw new UsageError(`--schedule: ${(error as Error).message}`);
  }
}
