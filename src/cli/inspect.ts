import type { Curvature } from "../curvature/curvature.ts";
import { formatNumber, formatPlural } from "../report/format.ts";
import { predictedSteps } from "../stepsize/forecast.ts";
import type { SpectrumAgainstRandom } from "../stepsize/spectrum-against-random.ts";
import { correlation, correlationJson, correlationText } from "./correlation.ts";
import { curvatureJson, curvatureRows, FORECAST, formatSteps, shareRows, shares } from "./curvature-facts.ts";
import { descendOnData } from "./descend.ts";
import type { Arguments, CliOptionName } from "./options.ts";
import { columnsOf, shortName, toJson, wrap } from "./output.ts";
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

interface Measured {
  readonly curvature: Curvature;
  /** False where the curvature at the minimum was asked for and the descent did not get there. */
  readonly reached: boolean;
}

function measure(problem: DataProblem, at: Place, progress: Progress): Measured {
  if (at === "zero" || problem.objective.quadratic) {
    progress.say("measuring the curvature");
    return { curvature: measureCurvature(problem), reached: true };
  }
  const { result, separation } = descendOnData(problem, {}, undefined, progress);
  progress.say("measuring the curvature");
  return {
    curvature: measureCurvature(problem, result.x),
    reached: result.converged && separation === undefined,
  };
}

/** thalweg inspect: how large may the step be, and why. */
export function inspect(args: Arguments, progress: Progress, width: number): string {
  const { file, loss, dataset } = readDataset("inspect", args);
  const l2 = readL2(args);
  const scale = readScale(args, "none");
  const at = args.choice<Place>("at", ["zero", "minimum"], "zero");
  const problem = buildProblem(file, loss, dataset, { l2, scale });
  const measured = measure(problem, at, progress);
  const standardProblem =
    scale === "standard" ? undefined : buildProblem(file, loss, dataset, { l2, scale: "standard" });
  const standardized = standardProblem && measure(standardProblem, at, progress).curvature;
  const together = correlation(dataset);
  progress.done();
  return args.has("json")
    ? json(problem, at, measured, standardized, together)
    : text(problem, at, measured, standardized, together, width);
}

function json(
  problem: DataProblem,
  at: Place,
  { curvature, reached }: Measured,
  standardized: Curvature | undefined,
  together: SpectrumAgainstRandom | undefined,
): string {
  const { dataset, columns, classes, scaling, objective } = problem;
  const { spectrum, ...of } = standardized ? curvatureJson(standardized) : { spectrum: undefined };
  return toJson({
    ...problemJson(problem),
    at,
    ...(reached ? {} : { minimumReached: false }),
    n: dataset.rows,
    d: columns.length,
    parameters: objective.dimension,
    columns,
    classes,
    constantColumns: scaling.constantColumns,
    ...curvatureJson(curvature),
    topMode: shares(problem, curvature.topVector),
    ...(standardized ? { standardized: of } : {}),
    ...(together ? { againstRandom: correlationJson(together) } : {}),
  });
}

function text(
  problem: DataProblem,
  at: Place,
  { curvature, reached }: Measured,
  standardized: Curvature | undefined,
  together: SpectrumAgainstRandom | undefined,
  width: number,
): string {
  const { scaling, objective } = problem;
  const where = objective.quadratic
    ? "the same everywhere"
    : at === "zero"
      ? "at zero"
      : reached
        ? "at the minimum"
        : "where the descent stopped";
  const blocks = [
    headline(problem, width),
    `How large may the step be? (curvature ${where})\n${columnsOf(curvatureRows(curvature))}`,
  ];
  if (!reached) {
    blocks.push("The minimum was not reached, or lies at infinity: thalweg fit says more.");
  }
  blocks.push(conclusion(problem, curvature));
  blocks.push(
    `The steepest direction, that of λmax, lies along\n${columnsOf(shareRows(shares(problem, curvature.topVector)), { right: [1] })}`,
  );
  const { constantColumns } = scaling;
  if (constantColumns.length > 0) {
    const verb = constantColumns.length === 1 ? "column is" : "columns are";
    blocks.push(
      `${constantColumns.length} ${verb} constant and say${constantColumns.length === 1 ? "s" : ""} nothing (--exclude leaves ${constantColumns.length === 1 ? "it" : "them"} out): ${constantColumns.map(shortName).join(", ")}.`,
    );
  }
  if (standardized) blocks.push(comparison(curvature, standardized));
  if (together) blocks.push(correlationText(together));
  return blocks.map((block) => (block.includes("\n") ? block : wrap(block, width))).join("\n\n");
}

/** Below this condition number there is little to gain. */
const WELL_CONDITIONED = 10;

/** What the figures mean, in a sentence or two. */
function conclusion(problem: DataProblem, c: Curvature): string {
  const count = predictedSteps(c, FORECAST);
  const steps = `${formatSteps(count)} ${count === 1 ? "step" : "steps"}`;
  const kappa = formatNumber(c.conditionNumber, 3);
  const surely = c.complete
    ? ""
    : ` λmax is an estimate from below: with probability ${c.probability} it is under ${formatNumber(c.lambdaMaxBound, 4)}.`;
  if (c.definiteness === "semidefinite") {
    const why =
      problem.loss === "softmax" && problem.l2 === 0
        ? "adding the same weights to every class changes nothing"
        : "some combination of the columns says nothing (a constant or repeated column, or more columns than rows), or too little to be told from rounding";
    return `The valley is flat along some directions: ${why}. They stay as they are; the others need ${steps}.${surely}`;
  }
  if (c.definiteness !== "positive") return c.message;
  const speed =
    c.conditionNumber <= WELL_CONDITIONED
      ? `The valley is nearly round (κ = ${kappa}): ${steps} will do.`
      : `The valley is ${kappa} times as steep across as along. A step that is safe across it is tiny along it: gradient descent needs ${steps}, momentum a few times √κ = ${formatSteps(Math.sqrt(c.conditionNumber))}.`;
  return speed + surely;
}

/** What was read, in two lines. */
export function headline(problem: DataProblem, width: number): string {
  const { file, loss, l2, scale, dataset, columns, classes, outputs } = problem;
  const scaled =
    typeof scale === "object"
      ? `divided by ${scale.divide}`
      : scale === "none"
        ? "as they are"
        : "standardised";
  const shown = (classes ?? []).map((label) => shortName(String(label)));
  const kinds = classes
    ? `, classes ${shown.length > 4 ? `${shown.slice(0, 3).join(", ")} … ${shown.at(-1)}` : shown.join(", ")}`
    : "";
  const features = formatPlural(dataset.columns.length, "feature");
  const weights = formatPlural(columns.length * outputs, "weight");
  return [
    `${file}: ${formatPlural(dataset.rows, "row")}, ${features} ${scaled} and an intercept, ${weights}`,
    `${loss} of ${shortName(dataset.target)}${kinds}${l2 > 0 ? `, l2 = ${l2}` : ""}`,
  ]
    .map((line) => wrap(line, width))
    .join("\n");
}

function comparison(measured: Curvature, standardized: Curvature): string {
  const rows = [
    ["", "now", "standardised"],
    ...(
      [
        ["condition number", (c: Curvature) => formatNumber(c.conditionNumber, 4)],
        ["speed limit", (c: Curvature) => formatNumber(c.speedLimit, 4)],
        ["predicted steps", (c: Curvature) => formatSteps(predictedSteps(c, FORECAST))],
      ] as const
    ).map(([name, of]) => [name, of(measured), of(standardized)]),
  ];
  return `What standardising the features (--scale standard) would do\n${columnsOf(rows, { right: [1, 2] })}`;
}
