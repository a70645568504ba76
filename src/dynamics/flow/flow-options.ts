import {
  checkCount,
  checkNumberOption,
  checkPrecision,
  checkTolerance,
  checkVector,
} from "../../core/check.ts";
import { describe } from "../../core/describe.ts";
import type { Numbers, Precision } from "../../core/precision.ts";

/** How a flow is followed. */
export interface FlowOptions {
  /** Until when: > 0; may be left out, or Infinity, where the tolerance of a rest point ends it. */
  readonly time?: number;
  /** The error of a step, relative to each entry of x: in (0, 1), default 1e-8 (f64) or 1e-4 (f32). */
  readonly tolerance?: number;
  /** The error of a step where an entry is near 0, ≥ 0; default: as `tolerance`. */
  readonly absoluteTolerance?: number;
  /** A fixed step instead of one that follows the error: > 0. Not together with the tolerances of a step. */
  readonly timeStep?: number;
  /** Steps to take at most: an integer ≥ 0, default 100,000. */
  readonly steps?: number;
  /** When to give points: rising, within [0, time]; default: after every step. None for an empty array. */
  readonly times?: Numbers;
  /** Keep what `at` needs to give the point at any time; default false. */
  readonly dense?: boolean;
  /** Of points and stages: "f64" (default) or "f32". */
  readonly precision?: Precision;
}

/** Names of the options of {@link FlowOptions}. */
export const flowOptionNames = [
  "time",
  "tolerance",
  "absoluteTolerance",
  "timeStep",
  "steps",
  "times",
  "dense",
  "precision",
] as const;

/** Throws where an option of a flow is out of its domain; `resting` says which option ends it at rest, and its value. */
export function checkFlowOptions(
  owner: string,
  options: FlowOptions,
  resting: readonly [name: string, value: number | undefined],
): void {
  const positive = (v: number) => v > 0 && v < Infinity;
  const [name, rest] = resting;
  checkTolerance(owner, name, rest);
  checkNumberOption(owner, "time", options.time, "(0, ∞]", (v) => v > 0);
  if ((options.time ?? Infinity) === Infinity && !rest) {
    throw new TypeError(`${owner}: time is needed, or ${name} > 0, or it would never end`);
  }
  checkNumberOption(owner, "tolerance", options.tolerance, "(0, 1)", (v) => v > 0 && v < 1);
  checkTolerance(owner, "absoluteTolerance", options.absoluteTolerance);
  checkNumberOption(owner, "timeStep", options.timeStep, "(0, ∞)", positive);
  if (options.timeStep !== undefined) {
    for (const other of ["tolerance", "absoluteTolerance"] as const) {
      if (options[other] !== undefined) {
        throw new TypeError(`${owner}: ${other} has no meaning with a fixed timeStep; leave one of them out`);
      }
    }
  }
  checkCount(owner, "steps", options.steps);
  checkPrecision(owner, options.precision);
  if (options.dense !== undefined && typeof options.dense !== "boolean") {
    throw new TypeError(`${owner}: dense must be true or false, got ${describe(options.dense)}`);
  }
  const { times } = options;
  if (times === undefined || (Array.isArray(times) && times.length === 0)) return;
  checkVector(owner, "times", times);
  const { time = Infinity } = options;
  for (let i = 0; i < times.length; i++) {
    if (times[i] < (i === 0 ? 0 : times[i - 1]) || times[i] > time) {
      throw new RangeError(`${owner}: times must rise within [0, ${time}], got ${times[i]} as times[${i}]`);
    }
  }
}
