// Public names, nothing else.

export type { ArrayInput, ForeignArray, NdArray, NestedNumbers } from "./core/array-input.ts";
export type { RuleKernelName } from "./core/kernels.ts";
export type { NumberRange } from "./core/number-range.ts";
export type { Numbers, Precision, RealArray } from "./core/precision.ts";
export { Random } from "./core/random.ts";
export type { Progress } from "./core/slice.ts";
export type { SquareMatrix } from "./core/square-matrix.ts";
export {
  type CheckGradientOptions,
  checkGradient,
  type DerivativeCheck,
  type GradientCheck,
  type WorstComponent,
} from "./curvature/check-gradient.ts";
export type { SolveReason } from "./curvature/conjugate-gradients.ts";
export {
  type Curvature,
  type CurvatureOptions,
  curvature,
  type Definiteness,
} from "./curvature/curvature.ts";
export { type Eigenvalues, eigenvalues } from "./curvature/eigenvalues.ts";
export { type FisherOptions, fisher } from "./curvature/fisher.ts";
export { type HessianDiagonalOptions, hessianDiagonal } from "./curvature/hessian-diagonal.ts";
export {
  type LambdaMaxBound,
  type LambdaMaxBoundOptions,
  lambdaMaxBound,
} from "./curvature/lambda-max-bound.ts";
export {
  type NaturalGradient,
  type NaturalGradientOptions,
  type NaturalGradientSolving,
  naturalGradient,
} from "./curvature/natural-gradient.ts";
export {
  type PowerIterationOptions,
  type PowerIterationResult,
  powerIteration,
} from "./curvature/power-iteration.ts";
export {
  type PreconditionedObjective,
  type Preconditioner,
  type PreconditionOptions,
  precondition,
} from "./curvature/precondition.ts";
export { nuclearNorm, singularValues } from "./curvature/singular-values.ts";
export { type StandardErrorsOptions, standardErrors } from "./curvature/standard-errors.ts";
export { type SymmetricEigen, symmetricEigen } from "./curvature/symmetric-eigen.ts";
export type { BatchOptions } from "./descent/batches.ts";
export { type Descending, type DescendOptions, descend } from "./descent/descend.ts";
export type { DescentOptions } from "./descent/descent.ts";
export type { BestPoint, EarlyStoppingOptions } from "./descent/early-stopping.ts";
export type { History, HistoryOption } from "./descent/history.ts";
export { type MinimizeOptions, minimize } from "./descent/minimize.ts";
export { type MinimizeAsyncOptions, minimizeAsync } from "./descent/minimize-async.ts";
export {
  type NaturalDescentOptions,
  type NaturalDescentResult,
  naturalDescent,
} from "./descent/natural-descent.ts";
export {
  createOptimizer,
  type Optimizer,
  type OptimizerOptions,
  type StepInputs,
  type StepNeeds,
} from "./descent/optimizer.ts";
export type { MinimizeResult } from "./descent/run.ts";
export type { SaveOptions } from "./descent/state.ts";
export type { StepRecord } from "./descent/step-record.ts";
export type { Reason, StoppingOptions } from "./descent/stopping.ts";
export { type ComparePathsOptions, comparePaths, type DescentPath } from "./dynamics/compare-paths.ts";
export { type Balancedness, balancedness, exchangeFactors, factorProduct } from "./dynamics/factors.ts";
export { type EulerPath, type ExplicitEulerOptions, explicitEuler } from "./dynamics/flow/explicit-euler.ts";
export type { FlowOptions } from "./dynamics/flow/flow-options.ts";
export { type GradientFlowOptions, gradientFlow } from "./dynamics/flow/gradient-flow.ts";
export { type IntegrateOptions, integrate } from "./dynamics/flow/integrate.ts";
export type { Field } from "./dynamics/flow/right-hand-side.ts";
export type { Flow, FlowReason, Stiffness } from "./dynamics/follow.ts";
export {
  type Linearization,
  type LinearizationOptions,
  type LinearizationReason,
  linearizationError,
} from "./dynamics/linearization.ts";
export { type Attractor, type Basins, type BasinsOptions, basins } from "./dynamics/maps/basins.ts";
export { type Bifurcation, type BifurcationOptions, bifurcation } from "./dynamics/maps/bifurcation.ts";
export { type Feigenbaum, type FeigenbaumOptions, feigenbaum } from "./dynamics/maps/feigenbaum.ts";
export {
  type IteratedMapOptions,
  iteratedMap,
  type ScalarMap,
  type VectorMap,
} from "./dynamics/maps/iterated-map.ts";
export type { SweepOptions } from "./dynamics/maps/lanes.ts";
export { type Lyapunov, type LyapunovOptions, lyapunov } from "./dynamics/maps/lyapunov.ts";
export type {
  CompiledAffine,
  CompiledDescent,
  CompiledMap,
  CompiledMomentum,
  DynamicalMap,
  Iteration,
  LaneParameters,
  MapParameter,
  MomentumForm,
} from "./dynamics/maps/map.ts";
export {
  type OptimizerMapOptions,
  type OptimizerProblem,
  optimizerMap,
} from "./dynamics/maps/optimizer-map.ts";
export {
  type PeriodDoubling,
  type PeriodDoublings,
  type PeriodDoublingsOptions,
  periodDoublings,
} from "./dynamics/maps/period-doublings.ts";
export { type Periods, type PeriodsOptions, periods } from "./dynamics/maps/periods.ts";
export { slopeMap } from "./dynamics/maps/slope-map.ts";
export {
  type EscapeReason,
  type EscapeStatisticsOptions,
  type Escapes,
  escapeStatistics,
} from "./dynamics/noise/escape-statistics.ts";
export type { Temperatures } from "./dynamics/noise/langevin.ts";
export {
  type OccupancyReason,
  type ValleyOccupancy,
  type ValleyOccupancyOptions,
  valleyOccupancy,
} from "./dynamics/noise/valley-occupancy.ts";
export type { NoisyRunsOptions } from "./dynamics/noise/valley-runs.ts";
export { type PathAngles, type PathAnglesOptions, pathAngles } from "./dynamics/path-angles.ts";
export { type Perturbation, type PerturbationOptions, perturbation } from "./dynamics/perturbation.ts";
export {
  type PerturbedDescent,
  type PerturbedDescentOptions,
  perturbedDescent,
} from "./dynamics/perturbed-descent.ts";
export {
  type RateOutcome,
  type RateSweep,
  type RateSweepOptions,
  rateSweep,
  type SweptRate,
} from "./dynamics/rate-sweep.ts";
export { observedRegime, type Regime, regime } from "./dynamics/regimes.ts";
export { type Rotation, type RotationOptions, rotation } from "./dynamics/rotation.ts";
export { type PointKind, type Saddle, type SaddleOptions, saddleAt } from "./dynamics/saddle.ts";
export { shrinkage } from "./dynamics/shrinkage.ts";
export {
  type StepResponseOptions,
  stepResponse,
  type WakingStepOptions,
  wakingStep,
} from "./dynamics/step-response.ts";
export {
  type UpdateVarianceOptions,
  type UpdateVariances,
  updateVariance,
} from "./dynamics/update-variance.ts";
export * from "./imaging/index.ts";
export * from "./objectives/index.ts";
export type { BlockInput, NamedBlocks, ParametersInput, Views } from "./parameters/frame.ts";
export type { BlockProblem } from "./parameters/frame-problem.ts";
export type { BlockPattern, GroupInput } from "./parameters/groups.ts";
export * from "./rules/index.ts";
export type { Measure, Operand, Scope, Vector } from "./rules/measure.ts";
export {
  type AnyOption,
  type ConstantOption,
  type FlagOption,
  type Given as OptionValue,
  type GivenInput as OptionValueInput,
  type NumberOption,
  type OptionDeclaration,
  type OptionDeclarations,
  type Options as RuleOptions,
  type OptionsAtStep as RuleOptionsAtStep,
  type OptionsInput as RuleOptionsInput,
  option,
  type RateOption,
} from "./rules/options.ts";
export {
  type AnyRuleDeclaration,
  type Divide,
  defineRule,
  type InitialSlot,
  type Measures,
  type Rule,
  type RuleDeclaration,
  type RuleFactory,
  type RulePass,
  type SlotShape,
  type StepContext,
  type Store,
  type TextbookBlock,
  type TextbookState,
  type TextbookStep,
} from "./rules/rule.ts";
export * from "./sampling/index.ts";
export * from "./schedules/index.ts";
export type { Json, JsonRecord } from "./state/json.ts";
export {
  type BestCoefficients,
  type BestCoefficientsOptions,
  bestCoefficients,
} from "./stepsize/best-coefficients.ts";
export { type EscapeOptions, escapeSteps } from "./stepsize/escape.ts";
export { eulerLimit, type LinearStiffness, stiffness } from "./stepsize/euler-limit.ts";
export { observedRate, predictedSteps } from "./stepsize/forecast.ts";
export {
  type FrequencyResponse,
  type FrequencyResponseOptions,
  frequencyResponse,
} from "./stepsize/frequency-response.ts";
export {
  type Overshoot,
  overshoot,
  type PlateauCrossing,
  type PlateauCrossingOptions,
  plateauCrossing,
} from "./stepsize/inertia.ts";
export {
  type MarchenkoPastur,
  type MarchenkoPasturOptions,
  marchenkoPastur,
} from "./stepsize/marchenko-pastur.ts";
export { type StabilityMargins, stabilityMargins } from "./stepsize/margins.ts";
export type { ModeOptions } from "./stepsize/mode.ts";
export { type Poles, poles } from "./stepsize/poles.ts";
export {
  type LambdaMaxPrediction,
  type PredictLambdaMaxOptions,
  predictLambdaMax,
} from "./stepsize/predict-lambda-max.ts";
export {
  type RobustPrice,
  type RobustStep,
  type RobustStepOptions,
  robustStep,
} from "./stepsize/robust-step.ts";
export {
  type SpectrumAgainstRandom,
  type SpectrumAgainstRandomOptions,
  spectrumAgainstRandom,
} from "./stepsize/spectrum-against-random.ts";
export { curvatureLimit, modeRate, type SpeedLimitOptions, speedLimit } from "./stepsize/speed-limit.ts";
export {
  type BatchMeasurement,
  type StochasticCurvature,
  type StochasticCurvatureOptions,
  stochasticCurvature,
} from "./stepsize/stochastic-curvature.ts";
export {
  type RateMeasurement,
  type StochasticRate,
  type StochasticRateOptions,
  type StochasticRateState,
  stochasticRate,
} from "./stepsize/stochastic-rate.ts";
export { type Distribution, tracyWidom } from "./stepsize/tracy-widom.ts";
export type { HessianInput, UncertaintySet } from "./stepsize/uncertainty-set.ts";
export * from "./wrappers/index.ts";
