export { type ChebyshevOptions, chebyshev, type SpectrumBounds } from "./chebyshev.ts";
export { join, product, repeat, type WarmupFromOptions, warmup, warmupFrom } from "./compose.ts";
export {
  type CosineDecayOptions,
  type CosineRestartsOptions,
  cosineAnnealing,
  cosineDecay,
  cosineRestarts,
} from "./cosines.ts";
export {
  rex,
  type SigmoidDecayOptions,
  sigmoidDecay,
  type TanhDecayOptions,
  tanhDecay,
} from "./curves.ts";
export { type CyclicMode, type CyclicOptions, cyclic, type OneCycleOptions, oneCycle } from "./cycles.ts";
export {
  constant,
  cosine,
  type ExponentialOptions,
  exponential,
  linear,
  type PolynomialOptions,
  polynomial,
  type RampOptions,
  type StepDecayOptions,
  stepDecay,
} from "./decay.ts";
export type {
  AnyScheduleDeclaration,
  CommandLineForm,
  CommandLineValue,
  ProvenPlan,
  ScheduleDeclaration,
  ScheduledRun,
  Watches,
} from "./define.ts";
export { type ExponentialDecayOptions, exponentialDecay } from "./exponential-decay.ts";
export {
  type InverseSquareRootOptions,
  type InverseTimeOptions,
  inverseSquareRoot,
  inverseTime,
  type NoamOptions,
  noam,
} from "./inverse.ts";
export type {
  FlagParameter,
  NumberParameter,
  NumbersParameter,
  Parameter as ScheduleParameter,
  Parameters as ScheduleParameters,
  ParameterValue as ScheduleParameterValue,
  SchedulePart,
  ScheduleParts,
  WordParameter,
} from "./parameters.ts";
export { parseSchedule } from "./parse.ts";
export {
  type MultiStepOptions,
  multiStep,
  type PiecewiseConstantOptions,
  type PiecewiseInterpolateOptions,
  piecewiseConstant,
  piecewiseInterpolate,
} from "./piecewise.ts";
export { type PlanRate, planRate } from "./plan-rate.ts";
export { type PlateauOptions, type PlateauParameters, reduceOnPlateau } from "./plateau.ts";
export { type PolynomialCycleOptions, polynomialCycle } from "./polynomial-cycle.ts";
export { readSchedule } from "./read.ts";
export { schedules } from "./registry.ts";
export {
  isSchedule,
  type PartDescription,
  type Schedule,
  type ScheduleDescription,
  type ScheduleInput,
  schedule,
} from "./schedule.ts";
export {
  type SilverOptions,
  type SilverStronglyConvexOptions,
  silver,
  silverStronglyConvex,
} from "./silver.ts";
export { type WatchingSchedule, watching } from "./watching.ts";
export { type WsdOptions, wsd } from "./wsd.ts";
