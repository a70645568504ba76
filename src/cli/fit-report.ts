import { basename } from "node:path";
import { formatNumber, formatPlural } from "../report/format.ts";
import { renderReport } from "../report/index.ts";
import { curvatureJson, shares } from "./curvature-facts.ts";
import { type Fit, message, qualityText } from "./fit.ts";

/** The page that `thalweg fit --report` writes. */
export function fitReport(fit: Fit): string {
  const { problem, result, history, atStart, atEnd, audit, training, test, coefficients, choice } = fit;
  const { columns, outputs, classes, objective } = problem;
  const { learningRate } = result.rule.options;
  const constantRate = typeof learningRate === "number" ? learningRate : null;
  const [name, figure] = qualityText(training);
  const { start, end } = { start: curvatureJson(atStart), end: atEnd && curvatureJson(atEnd) };
  const places = objective.quadratic
    ? [{ where: "everywhere", ...start }]
    : [{ where: "at the start", ...start }, ...(end ? [{ where: "at the end", ...end }] : [])];
  const squared = audit?.predictedRate ? audit.predictedRate ** 2 : undefined;
  const headers = classes && outputs > 1 ? classes.map(String) : ["weight"];
  return renderReport({
    title: `${basename(problem.file)}, ${problem.dataset.target}, ${problem.loss}`,
    conclusion: `${message(fit)} ${choice ? `Chosen: ${choice}.` : ""}`.trim(),
    summary: [
      { label: "value", value: formatNumber(result.value, 8) },
      { label: name, value: figure, note: `on ${formatPlural(problem.dataset.rows, "training row")}` },
      ...(test
        ? [{ label: `${name}, test`, value: qualityText(test)[1], note: `on ${formatPlural(test.n, "row")}` }]
        : []),
      { label: "steps", value: result.steps },
      { label: "λmax at the start", value: atStart.lambdaMax },
      { label: "condition number", value: (atEnd ?? atStart).conditionNumber },
      { label: "speed limit", value: (atEnd ?? atStart).speedLimit, note: "2/λmax of gradient descent" },
    ],
    curvature: places,
    topMode: shares(problem, atStart.topVector),
    ...(result.rule.name === "gradientDescent" && constantRate !== null
      ? { regimes: { learningRate: constantRate, eigenvalues: (atEnd ?? atStart).spectrum } }
      : {}),
    run: {
      rule: result.rule.name,
      learningRate: constantRate,
      ...history,
      ...(result.converged ? { minimum: result.value } : {}),
      ...(squared === undefined || !result.converged ? {} : { predictedRate: squared }),
    },
    tables: [
      {
        title: "Weights in the data's own units",
        columns: ["column", ...headers],
        rows: columns.map((column, j) => [column, ...coefficients.subarray(j * outputs, (j + 1) * outputs)]),
      },
    ],
  });
}
