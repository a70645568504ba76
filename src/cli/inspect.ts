import { type Curvature, curvature } from "../curvature/curvature.ts";
import { minimize } from "../descent/minimize.ts";
import { formatCount, formatNumber, formatPlural } from "../report/format.ts";
import { predictedSteps } from "../stepsize/forecast.ts";
import { curvatureJson, curvatureRows, FORECAST, shareRows, shares } from "./curvature-facts.ts";
import type { Arguments, CliOptionName } from "./options.ts";
import { columnsOf, toJson } from "./output.ts";
import { buildProblem, type DataProblem, readDataset, readL2, readScale } from "./problem.ts";
import type { Progress } from "./progress.ts";

export const inspectOptions: readonly CliOptionName[] = [
  "target",
  "loss",
  "l2",
  "scale",
  "exclude",
  "at",
  "json",
  "help",
];

type Place = "zero" | "minimum";

function measure(problem: DataProblem, at: Place): Curvature {
  const { objective } = problem;
  if (at === "zero" || objective.quadratic) return curvature(objective);
  return curvature(objective, { at: minimize(objective, {}).x });
}

/** thalweg inspect: how large may the step be, and why. */
export function inspect(args: Arguments, progress: Progress): string {
  const { file, loss, dataset } = readDataset("inspect", args);
  const l2 = readL2(args);
  const scale = readScale(args, "none");
  const at = args.choice<Place>("at", ["zero", "minimum"], "zero");
  progress.say("measuring the curvature");
  const problem = buildProblem(file, loss, dataset, { l2, scale });
  const measured = measure(problem, at);
  const standardProblem =
    scale === "standard" ? undefined : buildProblem(file, loss, dataset, { l2, scale: "standard" });
  const standardized = standardProblem && measure(standardProblem, at);
  progress.done();
  return args.has("json")
    ? json(problem, at, measured, standardized)
    : text(problem, at, measured, standardized);
}

function json(
  problem: DataProblem,
  at: Place,
  measured: Curvature,
  standardized: Curvature | undefined,
): string {
  const { file, loss, l2, scale, dataset, columns, classes, scaling, objective } = problem;
  const { spectrum, ...of } = standardized ? curvatureJson(standardized) : { spectrum: undefined };
  return toJson({
    file,
    target: dataset.target,
    loss,
    l2,
    scale,
    at,
    n: dataset.rows,
    d: columns.length,
    parameters: objective.dimension,
    columns,
    classes,
    constantColumns: scaling.constantColumns,
    ...curvatureJson(measured),
    topMode: shares(problem, measured.topVector),
    ...(standardized ? { standardized: of } : {}),
  });
}

function text(
  problem: DataProblem,
  at: Place,
  measured: Curvature,
  standardized: Curvature | undefined,
): string {
  const { scaling, objective } = problem;
  const where = objective.quadratic ? "everywhere alike" : `at ${at === "zero" ? "zero" : "the minimum"}`;
  const blocks = [
    headline(problem),
    `How large may the step be? (curvature ${where})\n${columnsOf(curvatureRows(measured))}`,
    measured.message,
    `The steepest direction lies along\n${columnsOf(shareRows(shares(problem, measured.topVector)))}`,
  ];
  if (scaling.constantColumns.length > 0) {
    const names = scaling.constantColumns.join(", ");
    blocks.push(
      `${formatPlural(scaling.constantColumns.length, "column is", "columns are")} constant and say nothing: ${names}`,
    );
  }
  if (standardized) blocks.push(comparison(measured, standardized));
  return blocks.join("\n\n");
}

/** What was read, in a line. */
export function headline(problem: DataProblem): string {
  const { file, loss, l2, scale, dataset, columns, classes, outputs } = problem;
  const scaled =
    typeof scale === "object"
      ? `divided by ${scale.divide}`
      : scale === "none"
        ? "as they are"
        : "standardised";
  const kinds = classes
    ? `, classes ${classes.length > 4 ? `${classes.slice(0, 3).join(", ")} … ${classes.at(-1)}` : classes.join(", ")}`
    : "";
  const weights = columns.length * outputs;
  return `${file}: ${formatPlural(dataset.rows, "row")}, ${formatPlural(dataset.columns.length, "feature")} ${scaled} and an intercept, ${formatPlural(weights, "weight")}
${loss} of ${dataset.target}${kinds}${l2 > 0 ? `, l2 = ${l2}` : ""}`;
}

function comparison(measured: Curvature, standardized: Curvature): string {
  const rows = [
    ["", "now", "standardised"],
    ...(
      [
        ["condition number", (c: Curvature) => formatNumber(c.conditionNumber, 4)],
        ["speed limit", (c: Curvature) => formatNumber(c.speedLimit, 4)],
        ["predicted steps", (c: Curvature) => formatCount(predictedSteps(c, FORECAST))],
      ] as const
    ).map(([name, of]) => [name, of(measured), of(standardized)]),
  ];
  return `What standardising the features (--scale standard) would do\n${columnsOf(rows)}`;
}
