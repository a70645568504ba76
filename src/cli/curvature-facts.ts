import type { Curvature } from "../curvature/curvature.ts";
import { formatCount, formatFactor, formatNumber, formatPercent } from "../report/format.ts";
import { predictedSteps } from "../stepsize/forecast.ts";
import { shortName } from "./output.ts";
import type { DataProblem } from "./problem.ts";

/** The factor by which the distance to the minimum is to shrink in the forecast. */
export const FORECAST = 1e-6;

/** What JSON says of a curvature: the names of the API. */
export function curvatureJson(c: Curvature) {
  const { topVector, bottomVector, products, ...facts } = c;
  return { ...facts, predictedSteps: predictedSteps(c, FORECAST) };
}

/** How much of a vector of weights lies on each column, the largest first. */
export function shares(problem: DataProblem, vector: Float64Array): { column: string; share: number }[] {
  const { columns, outputs } = problem;
  return columns
    .map((column, j) => {
      let share = 0;
      for (let c = 0; c < outputs; c++) share += vector[j * outputs + c] ** 2;
      return { column, share };
    })
    .sort((a, b) => b.share - a.share);
}

/** A number of steps for people: in full up to a million. */
export const formatSteps = (steps: number): string =>
  steps < 1e6 ? formatCount(steps) : formatNumber(steps, 3);

/** The curvature as rows of a table: name, figure, remark. */
export function curvatureRows(c: Curvature): string[][] {
  const error = (value: number) => `± ${formatNumber(value, 1)}`;
  const singular = c.definiteness === "semidefinite";
  return [
    ["λmax", formatNumber(c.lambdaMax, 4), error(c.errorBounds.lambdaMax)],
    ["λmin", formatNumber(c.lambdaMin, 4), error(c.errorBounds.lambdaMin)],
    [
      "condition number",
      formatNumber(c.conditionNumber, 4),
      singular ? "λmin is 0 within its error" : "λmax/λmin",
    ],
    ["speed limit", formatNumber(c.speedLimit, 4), "2/λmax: gradient descent diverges above it"],
    [
      "optimal step",
      formatNumber(c.optimalStep, 4),
      singular ? "2/(λmax + the least λ > 0), the fastest one" : "2/(λmax + λmin), the fastest constant one",
    ],
    ["contraction rate", formatFactor(c.contractionRate, 4), "what a step leaves of the slowest mode"],
    [
      "predicted steps",
      formatSteps(predictedSteps(c, FORECAST)),
      "at that step, until 1e-6 of the error is left",
    ],
  ];
}

/** The columns that carry most of a mode, as rows of a table. */
export function shareRows(list: readonly { column: string; share: number }[], most = 5): string[][] {
  const shown = list.slice(0, most).filter(({ share }) => share >= 0.001);
  return shown.map(({ column, share }) => [shortName(column), formatPercent(share)]);
}
