import { basename } from "node:path";
import { type RateSweep, rateSweep } from "../dynamics/rate-sweep.ts";
import { formatNumber, formatPercent } from "../report/format.ts";
import { renderReport } from "../report/index.ts";
import type { Rule } from "../rules/rule.ts";
import { curvatureJson, formatSteps, shares } from "./curvature-facts.ts";
import { checkWritable, writeAtomically } from "./files.ts";
import { headline } from "./inspect.ts";
import type { Arguments, CliOptionName } from "./options.ts";
import { columnsOf, toJson, wrap } from "./output.ts";
import {
  buildProblem,
  type DataProblem,
  measureCurvature,
  problemJson,
  readDataset,
  readL2,
  readScale,
} from "./problem.ts";
import type { Progress } from "./progress.ts";
import { findRule, make, readRuleOptions } from "./rule-options.ts";
import { UsageError } from "./usage-error.ts";

export const sweepOptions: readonly CliOptionName[] = [
  "target",
  "loss",
  "l2",
  "scale",
  "exclude",
  "rule",
  "option",
  "from",
  "to",
  "count",
  "tolerance",
  "steps",
  "report",
  "json",
  "help",
];

/** Rates of a sweep that is not told how many: as many lines as a terminal has room for. */
const COUNT = 17;

/** thalweg sweep: too small, just right, too large. */
export function sweep(args: Arguments, progress: Progress, width: number): string {
  const { file, loss, dataset } = readDataset("sweep", args);
  const report = args.text("report");
  checkWritable([["--report", report]], [["the data", file]]);
  const l2 = readL2(args);
  const scale = readScale(args, "standard");
  const positive = (v: number) => v > 0;
  const from = args.number("from", "(0, ∞)", positive);
  const to = args.number("to", "(0, ∞)", positive);
  const count =
    args.number("count", "the integers from 2", (v) => Number.isSafeInteger(v) && v >= 2) ?? COUNT;
  const tolerance = args.number("tolerance", "(0, 1)", (v) => v > 0 && v < 1);
  const steps = args.number("steps", "the integers from 1", (v) => Number.isSafeInteger(v) && v >= 1);
  if (from !== undefined && to !== undefined && from >= to) {
    throw new UsageError(`--from must be less than --to, got ${from} and ${to}`);
  }
  const rule = readSweptRule(args);
  const problem = buildProblem(file, loss, dataset, { l2, scale });
  progress.say("measuring the steepest direction");
  const found = rateSweep(problem.objective, {
    rule,
    from,
    to,
    count,
    tolerance,
    steps,
    callback: ({ index, count: all }) => progress.say(`${index + 1} of ${all} rates`),
  });
  if (report !== undefined) {
    progress.say("drawing the report");
    writeAtomically(report, page(problem, found));
  }
  progress.done();
  return args.has("json") ? json(problem, rule, found) : text(problem, found, report, width);
}

function readSweptRule(args: Arguments): Rule {
  const named = args.text("rule");
  if (named === undefined && args.has("option")) {
    throw new UsageError("--option needs --rule: it is an option of the rule");
  }
  const rule = make(
    findRule(named ?? "gradientDescent"),
    readRuleOptions(args, "the learning rates are given by --from, --to and --count"),
  );
  if (!("learningRate" in rule.options)) {
    throw new UsageError(`--rule: ${rule.name} has no learning rate to be swept`);
  }
  return rule;
}

function json(problem: DataProblem, rule: Rule, found: RateSweep): string {
  const { dataset, columns, classes, objective } = problem;
  const { learningRate, ...options } = rule.options;
  const { rule: name, ...swept } = found;
  return toJson({
    ...problemJson(problem),
    n: dataset.rows,
    d: columns.length,
    parameters: objective.dimension,
    columns,
    classes,
    rule: { name, options },
    ...swept,
  });
}

/** What came of a rate, in a word or two. */
const words = { converged: "", unfinished: "not in time", diverged: "diverged" } as const;

function rows(found: RateSweep): string[][] {
  const { learningRates, stepsToTolerance, oscillation, finalValues, outcomes, best } = found;
  return Array.from(learningRates, (rate, i) => [
    formatNumber(rate),
    outcomes[i] === "converged" ? formatSteps(stepsToTolerance[i]) : "",
    formatPercent(oscillation[i]),
    formatNumber(finalValues[i], 5),
    rate === best ? "the fewest" : words[outcomes[i]],
  ]);
}

const heads = ["learning rate", "steps", "swings", "value", ""];

function text(problem: DataProblem, found: RateSweep, report: string | undefined, width: number): string {
  const { rule, tolerance, speedLimit } = found;
  const limit = speedLimit === undefined ? "" : `, speed limit at zero ${formatNumber(speedLimit, 4)}`;
  const blocks = [
    headline(problem, width),
    `${rule} from zero, until the gradient's norm is ${formatNumber(tolerance)} of the first${limit}\n${columnsOf([heads, ...rows(found)], { right: [0, 1, 2, 3] })}`,
    wrap(found.message, width),
    ...(report === undefined ? [] : [`${report} written.`]),
  ];
  return blocks.join("\n\n");
}

/** The page that `thalweg sweep --report` writes. */
function page(problem: DataProblem, found: RateSweep): string {
  const { file, loss, dataset, objective } = problem;
  const curvature = measureCurvature(problem);
  const { learningRates, best, speedLimit, stepsToTolerance } = found;
  const fewest = stepsToTolerance[learningRates.indexOf(best)];
  return renderReport({
    title: `${basename(file)}, ${dataset.target}, ${loss}`,
    conclusion: found.message,
    summary: [
      { label: "the best rate", value: Number.isNaN(best) ? "none" : best },
      { label: "its steps", value: fewest ?? "none" },
      ...(speedLimit === undefined
        ? []
        : [{ label: "speed limit", value: speedLimit, note: `of ${found.rule}, at zero` }]),
      { label: "λmax", value: curvature.lambdaMax, note: "at zero" },
    ],
    curvature: [{ where: objective.quadratic ? "everywhere" : "at zero", ...curvatureJson(curvature) }],
    topMode: shares(problem, curvature.topVector),
    rateSweep: found,
    tables: [{ title: "Every rate", columns: heads.slice(0, 4).concat("outcome"), rows: rows(found) }],
  });
}
