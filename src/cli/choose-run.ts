import { log } from "../core/scalar.ts";
import { resolveRate } from "../descent/automatic-rate.ts";
import { formatNumber } from "../report/format.ts";
import type { Rule } from "../rules/rule.ts";
import { readSchedule } from "../schedules/index.ts";
import { curvatureInterval } from "../stepsize/choose.ts";
import { isPreconditioned } from "../stepsize/mode.ts";
import { modeRate } from "../stepsize/speed-limit.ts";
import { affordableSteps, GRADIENT_SHRINKS } from "./budget.ts";
import { type Arguments, readNumber } from "./options.ts";
import type { DataProblem } from "./problem.ts";
import { findRule, make, readRuleOptions } from "./rule-options.ts";
import { UsageError } from "./usage-error.ts";

/** Steps of a run whose rule is given, unless --steps says otherwise or more will do. */
const STEPS = 20_000;
const MOST_STEPS = 200_000;

/** The rule of a run as the command line asks for it; without a rule the descent chooses one itself. */
export interface ChosenRun {
  readonly rule?: Rule;
  readonly steps?: number;
  /** How a learning rate that was not given came about. */
  readonly choice?: string;
}

/** Steps in which a rule at a constant rate should shrink the gradient as far as is wanted, if not too far. */
function enoughSteps(rule: Rule, problem: DataProblem): number {
  if (rule.declaration.advance) return STEPS;
  const { objective } = problem;
  const interval = curvatureInterval("fit", objective, new Float64Array(objective.dimension));
  if (!interval) return STEPS;
  const slowest = modeRate(rule, interval.lower);
  const needed = Math.ceil((1.2 * log(GRADIENT_SHRINKS)) / log(slowest));
  return needed > STEPS && needed <= Math.min(MOST_STEPS, affordableSteps(problem)) ? needed : STEPS;
}

/** Reads --rule, --option, --learning-rate, --schedule and --steps. */
export function chooseRun(args: Arguments, problem: DataProblem): ChosenRun {
  const { objective } = problem;
  const stepsGiven = args.number("steps", "the integers from 0", (v) => Number.isSafeInteger(v) && v >= 0);
  const wanted = args.text("learning-rate");
  const named = args.has("rule");
  if (!named && args.has("option"))
    throw new UsageError("--option needs --rule: it is an option of the rule");
  if (!named && (wanted === undefined || wanted === "auto") && !args.has("schedule"))
    return { steps: stepsGiven };
  const factory = findRule(args.text("rule") ?? "gradientDescent");
  const options = readRuleOptions(args, "the learning rate is given by --learning-rate");
  const steps = stepsGiven ?? STEPS;
  const schedule = args.text("schedule");
  const scheduled = (learningRate: number) =>
    schedule === undefined ? learningRate : readRate(schedule, learningRate, steps);
  if (wanted !== undefined && wanted !== "auto") {
    const learningRate = readNumber("--learning-rate", wanted, "[0, ∞), or auto", (v) => v >= 0);
    return { rule: make(factory, { ...options, learningRate: scheduled(learningRate) }), steps };
  }
  const { learningRate: declared } = factory.declaration.options;
  if (!("automatic" in declared)) {
    // The rule works its steps out by itself; its learning rate multiplies them.
    const rule = make(factory, { ...options, learningRate: scheduled(declared.default) });
    return { rule, steps, choice: `learning rate worked out by ${rule.name} on the way` };
  }
  const automatic = make(factory, { ...options, learningRate: "auto" });
  const { rule, choice } = resolveRate("fit", objective, { rule: automatic }, steps);
  const { learningRate } = rule.options;
  if (schedule !== undefined) {
    const from = typeof learningRate === "function" ? learningRate(0) : (learningRate as number);
    const rate = scheduled(from);
    return {
      rule: make(factory, { ...options, learningRate: rate }),
      steps,
      choice: `learning rate ${formatNumber(from, 4)} for --schedule to start from, ${isPreconditioned(rule) ? "by trial" : "from the curvature"}`,
    };
  }
  const enough =
    stepsGiven === undefined && typeof learningRate === "number" ? enoughSteps(rule, problem) : steps;
  return { rule, steps: enough, choice };
}

function readRate(text: string, learningRate: number, steps: number) {
  try {
    return readSchedule(text, { learningRate, steps: Math.max(1, steps) });
  } catch (error) {
    throw new UsageError(`--schedule: ${(error as Error).message.replace(/^schedule: /, "")}`);
  }
}
