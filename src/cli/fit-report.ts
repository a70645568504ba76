import { basename } from "node:path";
import { formatNumber, formatPlural } from "../report/format.ts";
import { renderReport } from "../report/index.ts";
import { worksOutRate } from "../rules/rule.ts";
import { curvatureJson, shares } from "./curvature-facts.ts";
import type { Fit } from "./fit-outcome.ts";
import { qualityText } from "./fit-text.ts";
import { verdict } from "./verdict.ts";

/** A rule as people call it: "gradient descent", "SGD". */
const spoken = (rule: string): string =>
  rule === "sgd" ? "SGD" : rule.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** The page that `thalweg fit --report` writes. */
export function fitReport(fit: Fit): string {
  const { problem, result, history, atStart, atEnd, audit, training, test, coefficients, choice } = fit;
  const { columns, outputs, classes, objective } = problem;
  const { learningRate } = result.rule.options;
  const isConstant = typeof learningRate === "number" && !worksOutRate(result.rule);
  const constantRate = isConstant ? learningRate : null;
  const [name, figure] = qualityText(training);
  const { start, end } = { start: curvatureJson(atStart), end: atEnd && curvatureJson(atEnd) };
  const places = objective.quadratic
    ? [{ where: "everywhere", ...start }]
    : [{ where: "at the start", ...start }, ...(end ? [{ where: "at the end", ...end }] : [])];
  const squared = audit.predictedRate ? audit.predictedRate ** 2 : undefined;
  const headers = classes && outputs > 1 ? classes.map(String) : ["weight"];
  return renderReport({
    title: `${basename(problem.file)}, ${problem.dataset.target}, ${problem.loss}`,
    conclusion: `${verdict(fit)} ${choice ? `Chosen: ${choice}.` : ""}`.trim(),
    summary: [
      { label: "value", value: formatNumber(result.value, 8) },
      { label: name, value: figure, note: `on ${formatPlural(problem.dataset.rows, "training row")}` },
      ...(test
        ? [{ label: `${name}, test`, value: qualityText(test)[1], note: `on ${formatPlural(test.n, "row")}` }]
        : []),
      { label: "steps", value: result.steps },
      { label: "λmax at the start", value: atStart.lambdaMax },
      { label: "condition number", value: (atEnd ?? atStart).conditionNumber },
      {
        label: "speed limit",
        value: (atEnd ?? atStart).speedLimit,
        note: `2/λmax of gradient descent${atEnd && !objective.quadratic ? ", at the end" : ""}`,
      },
    ],
    curvature: places,
    topMode: shares(problem, atStart.topVector),
    ...(result.rule.name === "gradientDescent" && constantRate !== null
      ? { regimes: { learningRate: constantRate, eigenvalues: (atEnd ?? atStart).spectrum } }
      : {}),
    run: {
      rule: spoken(result.rule.name),
      learningRate: constantRate,
      ...history,
      ...(result.converged ? { minimum: result.value } : {}),
      ...(squared === undefined || !result.converged ? {} : { predictedRate: squared }),
    },
    tables:
      result.reason === "diverged"
        ? []
        : [
            {
              title: "Weights in the data's own units",
              columns: ["column", ...headers],
              rows: columns.map((column, j) => [
                column,
                ...coefficients.subarray(j * outputs, (j + 1) * outputs),
              ]),
            },
          ],
  });
}
