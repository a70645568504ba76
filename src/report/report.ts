import type { ChartOptions } from "./chart-options.ts";
import { checkRecord } from "./check.ts";
import { formatFactor, formatNumber, typeset } from "./format.ts";
import { escape, html, type Markup, trusted, typesetHtml } from "./html.ts";
import { type RateSweepRecord, rateSweepCaption, rateSweepChart } from "./rate-sweep-chart.ts";
import { type RegimesRecord, regimesCaption, regimesChart } from "./regimes-chart.ts";
import {
  checkRun,
  gradientNormCaption,
  gradientNormChart,
  lossCaption,
  lossChart,
  type RunRecord,
} from "./run-charts.ts";
import { type CurvatureRecord, checkCurvatures, spectrumCaption, spectrumChart } from "./spectrum-chart.ts";
import { styleSheet } from "./style.ts";
import { type ColumnShare, topModeCaption, topModeChart } from "./top-mode-chart.ts";
import { type TrialRecord, trialCaption, trialChart } from "./trial-chart.ts";

/** A headline fact. Numbers, and plain numbers in texts (`1.67e6`), are typeset. */
export interface ReportFact {
  /** What it is. */
  label: string;
  /** How much it is. */
  value: string | number;
  /** A few words below. */
  note?: string;
}

/** A table; columns that hold only numbers are set flush right. */
export interface ReportTable {
  /** What stands above it. */
  title: string;
  /** The head of each column. */
  columns: readonly string[];
  /** As many cells a row as there are columns. */
  rows: readonly (readonly (string | number)[])[];
}

/** Everything a report shows, as plain data; what is left out is left out of the page. */
export interface ReportInput {
  /** What was looked at: "breast-cancer.csv, benign, logistic". */
  title: string;
  /** One or two sentences a person can act on. */
  conclusion: string;
  /** The figures at the top, in order. */
  summary: readonly ReportFact[];
  /** Curvature at one place or several, to be compared: raw and standardised, at the start and at the end. */
  curvature: readonly CurvatureRecord[];
  /** Which columns carry the steepest direction. */
  topMode?: readonly ColumnShare[];
  /** What a learning rate does to each mode. */
  regimes?: RegimesRecord;
  /** The speed limit put to the test. */
  speedLimitTrial?: TrialRecord;
  /** What came of many learning rates. */
  rateSweep?: RateSweepRecord;
  /** What the run did. */
  run?: RunRecord;
  /** Whatever else there is to show, at the end. */
  tables?: readonly ReportTable[];
}

const words = (text: string): Markup => typesetHtml(typeset(text));

const narrow = 380;

/** A chart in two widths, of which the style sheet shows the one that keeps its text readable. */
function figure(chart: (options: ChartOptions) => string, caption: string): Markup {
  return html`<figure><div class="wide">${trusted(chart({}))}</div><div class="narrow">${trusted(
    chart({ width: narrow }),
  )}</div><figcaption>${words(caption)}</figcaption></figure>`;
}

function table({ columns, rows }: Omit<ReportTable, "title">): Markup {
  const numeric = columns.map((_, j) => rows.length > 0 && rows.every((row) => typeof row[j] === "number"));
  const kind = (j: number) => trusted(numeric[j] ? ' class="number"' : "");
  const head = columns.map((column, j) => html`<th scope="col"${kind(j)}>${words(column)}</th>`);
  const cell = (value: string | number) => (typeof value === "number" ? words(formatNumber(value)) : value);
  const body = rows.map(
    (row) => html`<tr>${row.map((value, j) => html`<td${kind(j)}>${cell(value)}</td>`)}</tr>`,
  );
  return html`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** The figures of each place side by side, a place a column. */
function curvatureTable(curvatures: readonly CurvatureRecord[]): Markup {
  const lines: [string, (c: CurvatureRecord) => string][] = [
    ["steepest curvature λmax", (c) => formatNumber(c.lambdaMax)],
    ["flattest curvature λmin", (c) => formatNumber(c.lambdaMin)],
    ["condition number κ", (c) => formatNumber(c.conditionNumber)],
    ["speed limit", (c) => formatNumber(c.speedLimit)],
    ["optimal step", (c) => formatNumber(c.optimalStep)],
    ["contraction per step", (c) => formatFactor(c.contractionRate)],
  ];
  const head = curvatures.map(({ where }) => html`<th scope="col" class="number">${where}</th>`);
  const body = lines.map(
    ([name, write]) =>
      html`<tr><th scope="row">${words(name)}</th>${curvatures.map(
        (c) => html`<td class="number">${words(write(c))}</td>`,
      )}</tr>`,
  );
  return html`<div class="scroll"><table><thead><tr><td></td>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function tiles(facts: readonly ReportFact[]): Markup {
  return html`<dl class="tiles">${facts.map(
    ({ label, value, note }) =>
      html`<div><dt>${words(label)}</dt><dd class="value">${words(
        typeof value === "number" ? formatNumber(value) : value,
      )}</dd>${note === undefined ? undefined : html`<dd class="note">${words(note)}</dd>`}</div>`,
  )}</dl>`;
}

function curvatureSection({ curvature, topMode }: ReportInput): Markup | undefined {
  if (curvature.length === 0 && !topMode) return undefined;
  return html`<section><h2>Curvature</h2>${
    curvature.length > 0
      ? html`${figure((o) => spectrumChart(curvature, o), spectrumCaption(curvature))}${curvatureTable(curvature)}`
      : undefined
  }${
    topMode
      ? html`<h3>What makes it steep</h3>${figure((o) => topModeChart(topMode, o), topModeCaption(topMode))}`
      : undefined
  }</section>`;
}

function stepSection({ regimes, speedLimitTrial, rateSweep }: ReportInput): Markup | undefined {
  if (!regimes && !speedLimitTrial && !rateSweep) return undefined;
  return html`<section><h2>Learning rate</h2>${
    rateSweep
      ? html`<h3>Too small, just right, too large</h3>${figure((o) => rateSweepChart(rateSweep, o), rateSweepCaption(rateSweep))}`
      : undefined
  }${
    regimes
      ? html`<h3>What it does to each mode</h3>${figure((o) => regimesChart(regimes, o), regimesCaption(regimes))}`
      : undefined
  }${
    speedLimitTrial
      ? html`<h3>The speed limit put to the test</h3>${figure((o) => trialChart(speedLimitTrial, o), trialCaption(speedLimitTrial))}`
      : undefined
  }</section>`;
}

function runSection({ run }: ReportInput): Markup | undefined {
  if (!run) return undefined;
  return html`<section><h2>Run</h2>${figure((o) => lossChart(run, o), lossCaption(run))}${
    run.gradientNorms ? figure((o) => gradientNormChart(run, o), gradientNormCaption(run)) : undefined
  }</section>`;
}

/**
 * A report as one HTML page that needs nothing else: no scripts, no requests (its own content security
 * policy forbids them), charts as inline SVG. All texts are escaped. The same input gives the same page.
 *
 * @param input - plain data: see {@link ReportInput}
 * @returns an HTML document
 * @throws TypeError naming what is no text or no array, RangeError when a run has no steps or its arrays differ in length
 *
 * @example
 * ```ts
 * import { curvature, quadratic } from "thalweg";
 * import { renderReport } from "thalweg/report";
 * const found = curvature(quadratic({ diagonal: [10, 1] }));
 * renderReport({
 *   title: "A bowl",
 *   conclusion: found.message,
 *   summary: [{ label: "speed limit", value: found.speedLimit, note: "2/λmax" }],
 *   curvature: [{ where: "everywhere", ...found }],
 * }); // "<!doctype html>…"
 * ```
 */
export function renderReport(input: ReportInput): string {
  const owner = "renderReport";
  checkRecord(owner, "input", input, { texts: ["title", "conclusion"], lists: ["summary", "curvature"] });
  checkCurvatures(owner, input.curvature);
  if (input.run !== undefined) checkRun(owner, input.run);
  const tables = (input.tables ?? []).map(
    (each) => html`<section><h2>${each.title}</h2>${table(each)}</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(input.title)}</title>
<style>${styleSheet}</style>
</head>
<body>
<main>
${
  html`<header><p class="kicker">thalweg report</p><h1>${input.title}</h1>
<p class="conclusion">${words(input.conclusion)}</p></header>
${tiles(input.summary)}
${curvatureSection(input)}
${stepSection(input)}
${runSection(input)}
${tables}`.text
}
</main>
</body>
</html>
`;
}
