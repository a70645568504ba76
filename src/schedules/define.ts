import { describeParameter, type Parameters, readParameters } from "./parameters.ts";
import { type Schedule, type ScheduleDescription, schedule } from "./schedule.ts";

/** The run that a schedule on the command line is for. */
export interface ScheduledRun {
  /** The rate that schedules start from where nothing else is said. */
  readonly learningRate: number;
  /** The steps of the whole run. */
  readonly steps: number;
}

/** How a schedule is given in short on the command line, as in `exponential:0.99`. */
export interface CommandLineForm<O> {
  /** The word, where it is not the schedule's name. */
  readonly word?: string;
  /** The parameter that may be given without its name. */
  readonly main: keyof O & string;
  /** What is assumed where nothing is given. */
  defaults(run: ScheduledRun): Partial<Record<keyof O, number>>;
}

/** Everything particular to a kind of schedule; checks, descriptions and the command line follow from it. */
export interface ScheduleDeclaration<O> {
  /** The registry's name, and `schedule` in the description. */
  readonly name: string;
  /** One line for tables. */
  readonly summary: string;
  /** The value at step t, in one line. */
  readonly formula: string;
  /** Domain and default of each parameter. */
  readonly parameters: Readonly<Record<keyof O & string, Parameters[string]>>;
  /** Absent where only JSON can say it. */
  readonly commandLine?: CommandLineForm<O>;
  /** The schedule with these parameters, all checked and filled in. */
  at(parameters: Required<O>): (t: number) => number;
}

/** A kind of schedule whose parameters are not known by name: what loops over the registry hold. */
// biome-ignore lint/suspicious/noExplicitAny: the variance of the parameters cannot be expressed
export type AnyScheduleDeclaration = ScheduleDeclaration<any>;

/** Makes a schedule of the declared kind from named parameters, checking them. */
export function make<O>(declaration: ScheduleDeclaration<O>, parameters: O): Schedule {
  const { name } = declaration;
  const values = readParameters(name, declaration.parameters, parameters);
  const description: Record<string, ScheduleDescription[string]> = { schedule: name };
  for (const parameter of Object.keys(values)) description[parameter] = describeParameter(values[parameter]);
  return schedule(declaration.at(values as Required<O>), description as ScheduleDescription);
}
