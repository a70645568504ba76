import { describe } from "../core/describe.ts";
import { trainTestSplit, unscaleCoefficients } from "../data/index.ts";
import type { MinimizeResult } from "../descent/run.ts";
import { audit } from "./audit.ts";
import { chooseRun } from "./choose-run.ts";
import { curvatureJson } from "./curvature-facts.ts";
import { descendOnData } from "./descend.ts";
import { checkWritable, writeAtomically } from "./files.ts";
import type { Fit } from "./fit-outcome.ts";
import { fitText } from "./fit-text.ts";
import { type Model, predictRows, quality } from "./model.ts";
import type { Arguments, CliOptionName } from "./options.ts";
import { toJson } from "./output.ts";
import {
  buildProblem,
  inFile,
  measureCurvature,
  problemJson,
  readDataset,
  readL2,
  readScale,
} from "./problem.ts";
import type { Progress } from "./progress.ts";
import { UsageError } from "./usage-error.ts";
import { verdict } from "./verdict.ts";

export const fitOptions: readonly CliOptionName[] = [
  "target",
  "loss",
  "l2",
  "scale",
  "exclude",
  "rule",
  "learning-rate",
  "option",
  "schedule",
  "steps",
  "gradient-tolerance",
  "test-fraction",
  "seed",
  "save",
  "report",
  "json",
  "help",
];

/** A line through one point is no model. */
const LEAST_ROWS = 2;

/** What a fit prints, and whether it diverged. */
export interface FitOutput {
  readonly text: string;
  readonly diverged: boolean;
}

/** thalweg fit: descends to the minimum, and says what happened against what was predicted. */
export async function fit(args: Arguments, progress: Progress, width: number): Promise<FitOutput> {
  const { file, loss, dataset: whole } = readDataset("fit", args);
  const save = args.text("save");
  const report = args.text("report");
  checkWritable(
    [
      ["--save", save],
      ["--report", report],
    ],
    [["the data", file]],
  );
  const l2 = readL2(args);
  const scale = readScale(args, "standard");
  const testFraction = args.number("test-fraction", "[0, 1)", (v) => v >= 0 && v < 1) ?? 0;
  const seed = args.number("seed", "the integers from 0", (v) => Number.isSafeInteger(v) && v >= 0) ?? 0;
  const gradientTolerance = args.number("gradient-tolerance", "[0, ∞)", (v) => v >= 0);
  const { train, test } = inFile(file, () => trainTestSplit(whole, { testFraction, seed }));
  if (train.rows < LEAST_ROWS) {
    throw new UsageError(
      `${file}: --test-fraction ${testFraction} leaves ${train.rows} row to train on, and at least ${LEAST_ROWS} are needed`,
    );
  }
  const problem = buildProblem(file, loss, train, { l2, scale });
  const { scaling, outputs, classes, objective } = problem;
  progress.say("measuring the curvature");
  const atStart = measureCurvature(problem);
  progress.say("choosing the rule and its rate");
  const { choice, ...chosen } = chooseRun(args, problem);
  const { result, history, separation } = descendOnData(problem, chosen, gradientTolerance, progress);
  if (!Number.isFinite(history.values[0])) {
    throw new UsageError(
      `${file}: target ${describe(train.target)} is so large that its squares leave the range of numbers`,
    );
  }
  progress.say("measuring the curvature where the descent ended");
  const diverged = result.reason === "diverged";
  const atEnd = diverged ? undefined : objective.quadratic ? atStart : measureCurvature(problem, result.x);
  progress.done();
  const fitted = { loss, scaling, x: Array.from(result.x), classes };
  const judged = (data: typeof train) => quality(loss, predictRows(fitted, data.features), data.targets);
  const done: Fit = {
    problem,
    result,
    choice: choice ?? result.choice,
    history,
    ...(separation ? { separation } : {}),
    atStart,
    ...(atEnd ? { atEnd } : {}),
    audit: audit(result, atEnd ?? atStart, history),
    coefficients: unscaleCoefficients(scaling, result.x, { outputs }),
    training: judged(train),
    ...(test.rows > 0 ? { test: { n: test.rows, ...judged(test) } } : {}),
  };
  if (save !== undefined) writeAtomically(save, `${toJson(model(done))}\n`);
  if (report !== undefined) {
    progress.say("drawing the report");
    const { fitReport } = await import("./fit-report.ts");
    writeAtomically(report, fitReport(done));
    progress.done();
  }
  return { text: args.has("json") ? json(done) : fitText(done, { save, report, width }), diverged };
}

function model({ problem, result, coefficients }: Fit): Model {
  const { loss, l2, dataset, classes, scaling } = problem;
  return {
    format: "thalweg-model",
    version: 1,
    loss,
    l2,
    target: dataset.target,
    columns: dataset.columns,
    ...(classes ? { classes } : {}),
    scaling,
    x: Array.from(result.x),
    coefficients: Array.from(coefficients),
  };
}

/** A rule's options with schedules as their descriptions. */
function ruleJson({ rule }: MinimizeResult) {
  const options = Object.entries(rule.options).map(([name, value]) => [
    name,
    typeof value === "function" ? value.description : value,
  ]);
  return { name: rule.name, options: Object.fromEntries(options) };
}

function json(fit: Fit): string {
  const { problem, result, choice, separation, atStart, atEnd, coefficients, training, test } = fit;
  const { dataset, columns, classes, scaling } = problem;
  const without = ({ spectrum, ...facts }: ReturnType<typeof curvatureJson>) => facts;
  return toJson({
    ...problemJson(problem),
    n: dataset.rows,
    d: columns.length,
    columns,
    classes,
    constantColumns: scaling.constantColumns,
    rule: ruleJson(result),
    choice,
    value: result.value,
    gradientNorm: result.gradientNorm,
    ...training,
    test,
    converged: result.converged,
    reason: result.reason,
    separation,
    message: verdict(fit),
    steps: result.steps,
    evaluations: result.evaluations,
    learningRate: result.learningRate,
    x: result.x,
    coefficients,
    audit: fit.audit,
    curvature: {
      start: without(curvatureJson(atStart)),
      ...(atEnd ? { end: without(curvatureJson(atEnd)) } : {}),
    },
  });
}
