export { join, repeat, warmup } from "./compose.ts";
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
export type { AnyScheduleDeclaration, ScheduleDeclaration, ScheduledRun } from "./define.ts";
export type { SchedulePart, ScheduleParts } from "./parameters.ts";
export { parseSchedule } from "./parse.ts";
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
