export type { ChartOptions } from "./chart-options.ts";
export {
  formatCount,
  formatFactor,
  formatNumber,
  formatPercent,
  formatPlural,
  typeset,
  typesetNumber,
} from "./format.ts";
export { type RateSweepRecord, rateSweepChart } from "./rate-sweep-chart.ts";
export { type RegimesRecord, regimesChart } from "./regimes-chart.ts";
export { type ReportFact, type ReportInput, type ReportTable, renderReport } from "./report.ts";
export { gradientNormChart, lossChart, type RunRecord } from "./run-charts.ts";
export { type CurvatureRecord, spectrumChart } from "./spectrum-chart.ts";
export { type ColumnShare, topModeChart } from "./top-mode-chart.ts";
export { type TrialRecord, type TrialSide, trialChart } from "./trial-chart.ts";
