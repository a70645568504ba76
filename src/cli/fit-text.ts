import { log } from "../core/scalar.ts";
import { formatCount, formatFactor, formatNumber, formatPercent, formatPlural } from "../report/format.ts";
import { worksOutRate } from "../rules/rule.ts";
import type { ScheduleDescription } from "../schedules/index.ts";
import { FORECAST, formatSteps } from "./curvature-facts.ts";
import type { Fit } from "./fit-outcome.ts";
import { headline } from "./inspect.ts";
import type { quality } from "./model.ts";
import { columnsOf, shortName, wrap } from "./output.ts";
import { verdict } from "./verdict.ts";

/** Accuracy or R², in words. */
export function qualityText(measured: ReturnType<typeof quality>): [string, string] {
  if ("accuracy" in measured) return ["accuracy", formatPercent(measured.accuracy)];
  const { rSquared } = measured;
  if (rSquared === null) return ["R²", "not defined"];
  // What is left of 0 by rounding is 0.
  return ["R²", Math.abs(rSquared) < 1e-12 ? "0" : formatNumber(rSquared, 4)];
}

/** What a schedule's description says of a parameter; other schedules are left out. */
function entryText(entry: ScheduleDescription[string]): string {
  if (typeof entry === "number") return formatNumber(entry, 4);
  if (typeof entry !== "object") return String(entry);
  const list = Array.isArray(entry) ? entry : [];
  const isNumbers = list.length > 0 && list.every((value) => typeof value === "number");
  return isNumbers ? list.map((value) => formatNumber(value, 4)).join("/") : "…";
}

/** A rule with its options that are not off, as a person would name it. */
function ruleText({ result }: Fit): string {
  const { name, options } = result.rule;
  const isOff = (option: string, value: unknown) =>
    [0, false, Infinity].includes(value as number) ||
    (option === "learningRate" && value === 1 && worksOutRate(result.rule));
  const parts = Object.entries(options)
    .filter(([option, value]) => !isOff(option, value))
    .map(([option, value]) => {
      if (typeof value === "boolean") return option;
      if (typeof value === "number") return `${option} ${formatNumber(value, 4)}`;
      const { schedule, ...rest } = value.description;
      const parameters = Object.entries(rest).map(([parameter, entry]) => `${parameter} ${entryText(entry)}`);
      return `${option} ${schedule} (${parameters.join(", ")})`;
    });
  return [name, ...parts].join(", ");
}

/** More weights than this are left to the JSON. */
const LISTED = 16;

function coefficientRows({ problem, coefficients }: Fit): string[][] | undefined {
  const { columns, outputs, classes } = problem;
  if (columns.length * outputs > LISTED) return undefined;
  const rows = columns.map((column, j) => [
    shortName(column),
    ...Array.from(coefficients.subarray(j * outputs, (j + 1) * outputs), (value) => formatNumber(value, 6)),
  ]);
  return outputs > 1 && classes ? [["", ...classes.map((label) => shortName(String(label)))], ...rows] : rows;
}

/** Steps in which a factor a step shrinks an error as far as forecasts say. */
function stepsAt(rate: number): string {
  return rate < 1 ? formatSteps(Math.max(1, log(FORECAST) / log(Math.max(rate, Number.MIN_VALUE)))) : "never";
}

function auditText({ audit, result, separation }: Fit, width: number): string | undefined {
  const { predictedRate, observedRate, speedLimit } = audit;
  const { learningRate, steps, reason, rule } = result;
  if (steps === 0 || separation) return undefined;
  const rate = (value: number) => formatFactor(value, 4);
  const names = ["", "each step multiplies the error by"];
  if (reason !== "diverged") names.push("steps until 1e-6 of it is left");
  const figures = (name: string, value: number | null) =>
    value === null ? [] : [[name, rate(value), stepsAt(value)]];
  const columns = [...figures("predicted", predictedRate), ...figures("observed", observedRate)];
  const rows = names.map((name, i) => [name, ...columns.map((column) => column[i])]);
  const table = columns.length > 0 ? [columnsOf(rows, { right: [1, 2] })] : [];
  const sentences: string[] = [];
  if (speedLimit === null) {
    const why = worksOutRate(rule)
      ? `${rule.name} works its rates out on the way`
      : `what ${rule.name} divides by depends on the way`;
    sentences.push(`No rate is predicted: ${why}.`);
  } else if (learningRate > 0 && learningRate < speedLimit && speedLimit < Infinity) {
    const share = formatPercent(learningRate / speedLimit);
    sentences.push(
      `The learning rate ${formatNumber(learningRate, 4)} is ${share} of this rule's speed limit there, ${formatNumber(speedLimit, 4)}.`,
    );
  }
  const where = reason === "diverged" ? "at the start" : "where it ended";
  return [`Against the curvature ${where}`, ...table, ...sentences.map((each) => wrap(each, width))].join(
    "\n",
  );
}

/** What `thalweg fit` prints. */
export function fitText(
  fit: Fit,
  { save, report, width }: { readonly save?: string; readonly report?: string; readonly width: number },
): string {
  const { problem, result, choice, training, test } = fit;
  const [name, figure] = qualityText(training);
  const rows = [
    ["value", formatNumber(result.value, 10)],
    ["gradient norm", formatNumber(result.gradientNorm, 3)],
    [name, `${figure} on ${formatPlural(problem.dataset.rows, "training row")}`],
  ];
  if (test) rows.push([name, `${qualityText(test)[1]} on ${formatPlural(test.n, "test row")}`]);
  rows.push(["steps", formatCount(result.steps)]);
  const blocks = [headline(problem, width), wrap(verdict(fit), width), columnsOf(rows)];
  blocks.push(wrap(`Rule: ${ruleText(fit)}.${choice ? ` Chosen: ${choice}.` : ""}`, width));
  const audited = auditText(fit, width);
  if (audited) blocks.push(audited);
  const coefficients = result.reason === "diverged" ? undefined : coefficientRows(fit);
  if (coefficients) {
    const right = coefficients[0].map((_, j) => j).slice(1);
    blocks.push(`Weights in the data's own units\n${columnsOf(coefficients, { right })}`);
  }
  const files = [save && `model: ${save}`, report && `report: ${report}`].filter(Boolean);
  if (files.length > 0) blocks.push(files.join("\n"));
  return blocks.join("\n\n");
}
