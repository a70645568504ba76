import type { Curvature } from "../curvature/curvature.ts";
import { formatCount, formatFactor, formatNumber, formatPercent } from "../report/format.ts";
import { predictedSteps } from "../stepsize/forecast.ts";
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

/** The curvature as rows of a table: name, figure, remark. */
export function curvatureRows(c: Curvature): string[][] {
  const error = (value: number) => `± ${formatNumber(value, 1)}`;
  const none = c.definiteness === "indefinite" || c.definiteness === "negative";
  const range = c.definiteness === "semidefinite" ? " on the range of the Hessian" : "";
  return [
    ["λmax", formatNumber(c.lambdaMax, 4), error(c.errorBounds.lambdaMax)],
    ["λmin", formatNumber(c.lambdaMin, 4), error(c.errorBounds.lambdaMin)],
    [
      "condition number",
      formatNumber(c.conditionNumber, 4),
      c.definiteness === "semidefinite" ? "the Hessian is singular" : "λmax/λmin",
    ],
    [
      "speed limit",
      formatNumber(c.speedLimit, 4),
      none ? "no step is stable: λmin is negative" : "2/λmax: gradient descent diverges above it",
    ],
    ["optimal step", formatNumber(c.optimalStep, 4), `2/(λmax + λmin), the fastest constant one${range}`],
    ["contraction rate", formatFactor(c.contractionRate, 4), `of the slowest mode, each step${range}`],
    [
      "predicted steps",
      formatCount(predictedSteps(c, FORECAST)),
      "at the optimal step, until the distance is 1e-6 of the first",
    ],
  ];
}

/** The columns that carry most of a mode, as rows of a table. */
export function shareRows(list: readonly { column: string; share: number }[], most = 5): string[][] {
  const shown = list.slice(0, most).filter(({ share }) => share >= 0.001);
  return shown.map(({ column, share }) => [column, formatPercent(share)]);
}
