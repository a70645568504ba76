import { type Curvature, curvature } from "../curvature/curvature.ts";
import { trainTestSplit, unscaleCoefficients } from "../data/index.ts";
import { minimize } from "../descent/minimize.ts";
import type { MinimizeResult } from "../descent/run.ts";
import { formatCount, formatFactor, formatNumber, formatPercent, formatPlural } from "../report/format.ts";
import { type Audit, audit, type RunHistory } from "./audit.ts";
import { chooseRun } from "./choose-run.ts";
import { curvatureJson, shares } from "./curvature-facts.ts";
import { headline } from "./inspect.ts";
import { type Model, predictRows, quality, writeAtomically } from "./model.ts";
import type { Arguments, CliOptionName } from "./options.ts";
import { columnsOf, toJson } from "./output.ts";
import { buildProblem, type DataProblem, inFile, readDataset, readL2, readScale } from "./problem.ts";
import type { Progress } from "./progress.ts";

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

/** Everything that a fit came to. */
export interface Fit {
  readonly problem: DataProblem;
  readonly result: MinimizeResult;
  readonly choice?: string;
  readonly history: RunHistory;
  /** Curvature where the run began, and where it ended unless it diverged. */
  readonly atStart: Curvature;
  readonly atEnd?: Curvature;
  readonly audit?: Audit;
  readonly coefficients: Float64Array;
  readonly training: ReturnType<typeof quality>;
  readonly test?: { n: number } & ReturnType<typeof quality>;
}

/** What a fit prints, and the exit code that goes with it. */
export interface FitOutput {
  readonly text: string;
  readonly diverged: boolean;
}

/** thalweg fit: descends to the minimum, and says what happened against what was predicted. */
export async function fit(args: Arguments, progress: Progress): Promise<FitOutput> {
  const done = run(args, progress);
  const { result } = done;
  const save = args.text("save");
  if (save !== undefined) writeAtomically(save, `${toJson(model(done))}\n`);
  const report = args.text("report");
  if (report !== undefined) {
    progress.say("drawing the report");
    const { fitReport } = await import("./fit-report.ts");
    writeAtomically(report, fitReport(done));
    progress.done();
  }
  return {
    text: args.has("json") ? json(done) : text(done, save, report),
    diverged: result.reason === "diverged",
  };
}

function run(args: Arguments, progress: Progress): Fit {
  const { file, loss, dataset: whole } = readDataset("fit", args);
  const l2 = readL2(args);
  const scale = readScale(args, "standard");
  const testFraction = args.number("test-fraction", "[0, 1)", (v) => v >= 0 && v < 1) ?? 0;
  const seed = args.number("seed", "the integers from 0", (v) => Number.isSafeInteger(v) && v >= 0) ?? 0;
  const gradientTolerance = args.number("gradient-tolerance", "[0, ∞)", (v) => v >= 0);
  const { train, test } = inFile(file, () => trainTestSplit(whole, { testFraction, seed }));
  const problem = buildProblem(file, loss, train, { l2, scale });
  const { objective, scaling, outputs, classes } = problem;
  progress.say("measuring the curvature");
  const atStart = curvature(objective);
  const { choice: rateChoice, ...chosen } = chooseRun(args, objective);
  const history: RunHistory = { steps: [], values: [], gradientNorms: [] };
  progress.start(chosen.steps ?? 10_000);
  const result = minimize(objective, {
    ...chosen,
    ...(gradientTolerance === undefined ? {} : { gradientTolerance }),
    callback({ index, value, gradientNorm }) {
      history.steps.push(index);
      history.values.push(value);
      history.gradientNorms.push(gradientNorm);
      progress.step(index, value, gradientNorm);
    },
  });
  progress.say("measuring the curvature where the descent ended");
  const diverged = result.reason === "diverged";
  const atEnd = diverged ? undefined : objective.quadratic ? atStart : curvature(objective, { at: result.x });
  progress.done();
  const fitted = { loss, scaling, x: Array.from(result.x), classes };
  const judged = (data: typeof train) => quality(loss, predictRows(fitted, data.features), data.targets);
  return {
    problem,
    result,
    choice: rateChoice ?? result.choice,
    history,
    atStart,
    ...(atEnd ? { atEnd, audit: audit(result, atEnd, history) } : {}),
    coefficients: unscaleCoefficients(scaling, result.x, { outputs }),
    training: judged(train),
    ...(test.rows > 0 ? { test: { n: test.rows, ...judged(test) } } : {}),
  };
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
  const { problem, result, choice, atStart, atEnd, coefficients, training, test } = fit;
  const { file, loss, l2, scale, dataset, columns, classes, scaling } = problem;
  const without = ({ spectrum, ...facts }: ReturnType<typeof curvatureJson>) => facts;
  return toJson({
    file,
    target: dataset.target,
    loss,
    l2,
    scale,
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
    ...(test ? { test } : {}),
    converged: result.converged,
    reason: result.reason,
    message: message(fit),
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

/** The result's sentence; of a divergence also which columns make the problem steep, and what to do. */
export function message({ problem, result, atStart }: Fit): string {
  if (result.reason !== "diverged") return result.message;
  const [first] = shares(problem, atStart.topVector);
  const standard = problem.scale === "standard" ? "" : " (--scale standard evens the columns out)";
  return `${result.message} The steepest direction lies ${formatPercent(first.share)} along ${first.column}${standard}.`;
}

/** Accuracy or R², in words. */
export function qualityText(measured: ReturnType<typeof quality>): [string, string] {
  return "accuracy" in measured
    ? ["accuracy", formatPercent(measured.accuracy)]
    : ["R²", measured.rSquared === null ? "not defined" : formatNumber(measured.rSquared, 4)];
}

function auditText({ predictedRate, observedRate, speedLimit }: Audit, learningRate: number): string[] {
  const lines: string[] = [];
  if (speedLimit !== null && learningRate > 0) {
    lines.push(
      `the rule's speed limit there is ${formatNumber(speedLimit, 4)}, and its last rate was ${formatNumber(learningRate, 4)}`,
    );
  }
  if (predictedRate !== null)
    lines.push(`predicted: the slowest mode shrinks by ${formatFactor(predictedRate, 4)} a step`);
  if (observedRate !== null)
    lines.push(`observed:  the gradient shrank by ${formatFactor(observedRate, 4)} a step`);
  return lines;
}

function text(fit: Fit, save: string | undefined, report: string | undefined): string {
  const { problem, result, choice, training, test } = fit;
  const [name, figure] = qualityText(training);
  const rows = [
    ["value", formatNumber(result.value, 10), ""],
    ["gradient norm", formatNumber(result.gradientNorm, 3), ""],
    [name, figure, `on ${formatPlural(problem.dataset.rows, "training row")}`],
  ];
  if (test) rows.push([name, qualityText(test)[1], `on ${formatPlural(test.n, "test row")}`]);
  rows.push(["steps", formatCount(result.steps), `${formatPlural(result.evaluations, "evaluation")}`]);
  const blocks = [headline(problem)];
  if (choice) blocks.push(`Chosen: ${choice}`);
  blocks.push(columnsOf(rows), message(fit));
  const audited = fit.audit ? auditText(fit.audit, result.learningRate) : [];
  if (audited.length > 0)
    blocks.push(`Against the curvature at the end:\n${audited.map((line) => `  ${line}`).join("\n")}`);
  const files = [save && `model: ${save}`, report && `report: ${report}`].filter(Boolean);
  if (files.length > 0) blocks.push(files.join("\n"));
  return blocks.join("\n\n");
}
