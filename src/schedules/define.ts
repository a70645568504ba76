import { describeParameter, type Parameters, type ParameterValue, readParameters } from "./parameters.ts";
import { isSchedule, type Schedule, type ScheduleDescription, schedule } from "./schedule.ts";

/** The run that a schedule on the command line is for. */
export interface ScheduledRun {
  /** The rate that schedules start from where nothing else is said. */
  readonly learningRate: number;
  /** The steps of the whole run. */
  readonly steps: number;
}

/** What may be said of a parameter on the command line. */
export type CommandLineValue = number | boolean | string | readonly number[];

/** How a schedule is given in short on the command line, as in `exponential:0.99`. */
export interface CommandLineForm<O> {
  /** The word, where it is not the schedule's name. */
  readonly word?: string;
  /** The parameter that may be given without its name. */
  readonly main: keyof O & string;
  /** What is assumed where nothing is given. */
  defaults(run: ScheduledRun): Partial<Record<keyof O, CommandLineValue>>;
  /** For one that goes before another, as in `warmup+cosine`: how many steps the other spans. */
  spans?(parameters: Readonly<Record<string, unknown>>, run: ScheduledRun): number;
}

/** A plan of steps for gradient descent whose worst case is proven. */
export interface ProvenPlan<O> {
  /** What is bounded, as a share of what, and for which functions. */
  readonly bounds: string;
  /** After how many steps the bound holds, in words. */
  readonly at: string;
  /** The bound after so many steps; undefined where nothing is proven. */
  rate(parameters: Required<O>, steps: number): number | undefined;
  /** The steps after which the bound is asked for where none are given. */
  usual(parameters: Required<O>): number;
}

/** A schedule that has to watch: what it remembers as numbers, and what it gives after what it was told. */
export interface Watches<O> {
  /** What it remembers before it was told anything. */
  initial(parameters: Required<O>): readonly number[];
  /** Takes notice of a value. */
  observe(parameters: Required<O>, state: Float64Array, value: number): void;
  /** The schedule with what it remembers. */
  at(parameters: Required<O>, state: Float64Array): (t: number) => number;
}

/** Everything particular to a kind of schedule; checks, descriptions and the command line follow from it. */
export interface ScheduleDeclaration<O> {
  /** The registry's name, and `schedule` in the description. */
  readonly name: string;
  /** One line for tables. */
  readonly summary: string;
  /** The value at step t, in one line. */
  readonly formula: string;
  /** What other libraries call it, for tables; "" where none has it. */
  readonly elsewhere: string;
  /** Domain and default of each parameter. */
  readonly parameters: Readonly<Record<keyof O & string, Parameters[string]>>;
  /** Throws a TypeError or RangeError that starts with the schedule's name where parameters do not go together. */
  check?(parameters: Required<O>): void;
  /** Absent where only JSON can say it. */
  readonly commandLine?: CommandLineForm<O>;
  /** For plans of steps: what is proven of them. */
  readonly plan?: ProvenPlan<O>;
  /** For one that has to watch; see {@link ScheduleDeclaration.at}. */
  readonly watches?: Watches<O>;
  /** The schedule with these parameters, all checked and filled in; for one that watches, before it has seen anything. */
  at(parameters: Required<O>): (t: number) => number;
}

/** A kind of schedule whose parameters are not known by name: what loops over the registry hold. */
// biome-ignore lint/suspicious/noExplicitAny: the variance of the parameters cannot be expressed
export type AnyScheduleDeclaration = ScheduleDeclaration<any>;

/** What a schedule was made from: its kind and its checked parameters. */
export interface Origin {
  readonly declaration: AnyScheduleDeclaration;
  readonly values: Readonly<Record<string, ParameterValue>>;
  /** Whether it, or a schedule inside it, has to watch. */
  readonly watches: boolean;
}

const origins = new WeakMap<Schedule, Origin>();

/** What a schedule was made from; undefined for a schedule of the user's own. */
export const originOf = (schedule: Schedule): Origin | undefined => origins.get(schedule);

/** The schedules that a parameter holds. */
function schedulesOf(value: ParameterValue): Schedule[] {
  if (isSchedule(value)) return [value];
  if (typeof value !== "object") return [];
  return value.flatMap((entry) => {
    if (typeof entry === "number") return [];
    return isSchedule(entry) ? [entry] : [entry.schedule];
  });
}

/** Makes a schedule of the declared kind from named parameters, checking them. */
export function make<O>(declaration: ScheduleDeclaration<O>, parameters: O): Schedule {
  const { name } = declaration;
  const values = readParameters(name, declaration.parameters, parameters);
  const checked = values as Required<O>;
  declaration.check?.(checked);
  const description: Record<string, ScheduleDescription[string]> = { schedule: name };
  for (const parameter of Object.keys(values)) description[parameter] = describeParameter(values[parameter]);
  const made = schedule(declaration.at(checked), description as ScheduleDescription);
  const within = Object.values(values).flatMap(schedulesOf);
  const watches = declaration.watches !== undefined || within.some((one) => origins.get(one)?.watches);
  origins.set(made, { declaration, values, watches });
  return made;
}
