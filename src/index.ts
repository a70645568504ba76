// Public names, nothing else.

export { minimize, type MinimizeOptions } from "./descent/minimize.ts";
export type { MinimizeResult } from "./descent/run.ts";
export { descend, type DescendOptions } from "./descent/descend.ts";
export type { StepRecord } from "./descent/step-record.ts";
export type { Reason, StoppingOptions } from "./descent/stopping.ts";
export { createOptimizer, type Optimizer, type OptimizerOptions } from "./descent/optimizer.ts";

export * from "./rules/index.ts";
export type { Rule, RuleFactory } from "./rules/rule.ts";

export * from "./schedules/index.ts";

export { type Curvature, curvature, type CurvatureOptions, type Definiteness } from "./curvature/curvature.ts";
export {
  powerIteration,
  type PowerIterationOptions,
  type PowerIterationResult,
} from "./curvature/power-iteration.ts";

export { observedRate, predictedSteps } from "./stepsize/forecast.ts";
export type { ModeOptions } from "./stepsize/mode.ts";
export { curvatureLimit, modeRate, speedLimit, type SpeedLimitOptions } from "./stepsize/speed-limit.ts";

export { observedRegime, type Regime, regime } from "./dynamics/regimes.ts";

export * from "./objectives/index.ts";

export { Random } from "./core/random.ts";
export type { Numbers, Precision, RealArray } from "./core/precision.ts";
