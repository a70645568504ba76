export { DataError } from "./data-error.ts";
export {
  type ClassificationDataset,
  type CsvOptions,
  type Dataset,
  type FeatureTable,
  parseCsv,
  type RegressionDataset,
} from "./dataset.ts";
export { type FeaturesOptions, type ParsedFeatures, parseFeatures } from "./features.ts";
export { accuracy, rSquared } from "./metrics.ts";
export {
  applyScaling,
  type CoefficientLayout,
  parseScale,
  type Scale,
  type Scaling,
  scaling,
  unscaleCoefficients,
} from "./scaling.ts";
export { type Split, type SplitOptions, trainTestSplit } from "./split.ts";
export type { Delimiter } from "./table.ts";
export type { Classes } from "./targets.ts";
