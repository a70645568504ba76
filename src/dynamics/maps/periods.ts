import { checkNumber } from "../../core/check.ts";
import type { Precision, RealArray } from "../../core/precision.ts";
import { checkSteps, type Lanes, readLanes, type SweepOptions } from "./lanes.ts";
import { checkMap, type DynamicalMap } from "./map.ts";
import { sweepLanes } from "./sweep.ts";

/** Options of {@link periods}. */
export interface PeriodsOptions extends SweepOptions {
  /** Steps before periods are looked for: an integer ≥ 0, default 10,000. */
  readonly burnIn?: number;
  /** The longest period that is looked for: an integer in [1, 10⁶], default 64. */
  readonly maxPeriod?: number;
  /**
   * How far points a period apart may be from one another, relative to the largest coordinate or, where that is smaller,
   * to 1: ≥ 0, default 1e-8 (f64) or 1e-4 (f32).
   */
  readonly tolerance?: number;
}

/** What {@link periods} returns. */
export interface Periods {
  /** The rate of each lane. */
  readonly rates: Float64Array;
  /** The momentum of each lane; NaN where the map has none. */
  readonly momenta: Float64Array;
  /** The period that each lane ends in: 0 where none was found up to `maxPeriod`, −1 where the lane escaped. */
  readonly periods: Int32Array;
  /** The longest period that was looked for. */
  readonly maxPeriod: number;
  /** Coordinates of a point. */
  readonly dimension: number;
  /**
   * Points after the burn-in: lane i's point k begins at entry (i·maxPeriod + k)·dimension. The first `periods[i]` of them
   * are the cycle. NaN where a lane has escaped.
   */
  readonly points: RealArray;
  /** The step at which each lane passed the bound: 0 for the start itself, −1 where it never did. */
  readonly escapes: Int32Array;
}

/** Steps that orbits are usually given to settle on a cycle. */
export const SETTLING = 10_000;

/** The longest period that may be asked for: every lane keeps twice as many points. */
const LONGEST = 1e6;

const usualTolerance = { f64: 1e-8, f32: 1e-4 } as const;

/** Options that `readPeriodOptions` reads. */
const periodOptionNames = ["maxPeriod", "tolerance"] as const;

/** How far to look for periods, and how near is near. */
export interface PeriodSearch {
  readonly maxPeriod: number;
  readonly tolerance: number;
}

/** Reads `maxPeriod` and `tolerance`. */
export function readPeriodOptions(
  owner: string,
  { maxPeriod = 64, tolerance }: Pick<PeriodsOptions, "maxPeriod" | "tolerance">,
  precision: Precision,
): PeriodSearch {
  checkSteps(owner, "maxPeriod", maxPeriod, 1);
  checkNumber(owner, "maxPeriod", maxPeriod, "[1, 10⁶]", (v) => v <= LONGEST);
  const near = tolerance === undefined ? usualTolerance[precision] : tolerance;
  checkNumber(owner, "tolerance", near, "[0, ∞)", (v) => v >= 0 && v < Infinity);
  return { maxPeriod, tolerance: near };
}

/**
 * The smallest p ≤ maxPeriod such that each of maxPeriod points in a row is within the tolerance of the point p steps
 * after it, else 0. The points begin at `at`; there are 2·maxPeriod of them.
 */
function periodOf(
  values: RealArray,
  at: number,
  dimension: number,
  { maxPeriod, tolerance }: PeriodSearch,
): number {
  const window = maxPeriod * dimension;
  let size = 1;
  for (let i = at; i < at + 2 * window; i++) size = Math.max(size, Math.abs(values[i]));
  const near = tolerance * size;
  for (let period = 1; period <= maxPeriod; period++) {
    const apart = period * dimension;
    let i = at;
    while (i < at + window && Math.abs(values[i + apart] - values[i]) <= near) i++;
    if (i === at + window) return period;
  }
  return 0;
}

/** The periods of all lanes, and the points that they were read from. */
export function findPeriods(
  owner: string,
  map: DynamicalMap,
  lanes: Lanes,
  search: PeriodSearch,
): Pick<Periods, "periods" | "points" | "escapes"> {
  const { maxPeriod } = search;
  const row = maxPeriod * map.dimension;
  const { values, escapes } = sweepLanes(owner, map, lanes, { keep: 2 * maxPeriod });
  const periods = new Int32Array(lanes.count);
  const points = values.slice(0, lanes.count * row);
  for (let i = 0; i < lanes.count; i++) {
    const at = 2 * i * row;
    periods[i] = escapes[i] < 0 ? periodOf(values, at, map.dimension, search) : -1;
    points.set(values.subarray(at, at + row), i * row);
  }
  return { periods, points, escapes };
}

/**
 * The period of the cycle that an iterated map ends in, for thousands of rates (or starts, or momenta) at once.
 *
 * After `burnIn` steps a lane has period p if each of its next maxPeriod points is within the tolerance of the one p steps
 * later, and no smaller p does. Near a bifurcation orbits settle slowly: give them a longer burn-in.
 *
 * @param map - an optimiser on a problem ({@link optimizerMap}), or another map
 * @param options.rates - the rate of each lane: an array, a range { from, to, count } in equal steps, or one number for all; default that of the map's rule
 * @param options.momenta - the momentum of each lane, likewise; default that of the map's rule
 * @param options.starts - where each lane begins, likewise; default the map's start
 * @param options.burnIn - steps before periods are looked for: an integer in [0, 2³¹), default 10,000
 * @param options.maxPeriod - the longest period that is looked for: an integer in [1, 10⁶], default 64
 * @param options.tolerance - how far points a period apart may be from one another, relative to the largest coordinate or 1,
 * whichever is larger: ≥ 0, default 1e-8 (f64) or 1e-4 (f32)
 * @param options.bound - a lane has escaped once a coordinate is beyond this in magnitude, or not finite: > 0, default 1e6
 * @param options.precision - "f64" (default), or "f32", which is twice as fast
 * @throws TypeError or RangeError naming the argument that is unknown, outside its domain, or of another length
 *
 * @example
 * ```ts
 * import { cubicValley, gradientDescent, optimizerMap, periods } from "thalweg";
 * const map = optimizerMap(gradientDescent(), cubicValley);
 * const { periods: found, points } = periods(map, { rates: [1.9, 2.25, 2.5, 2.9, 3.2], maxPeriod: 16 });
 * found; // [1, 2, 4, 0, -1]
 * points.subarray(16, 18); // ≈ [-0.18, 0.29]: the 2-cycle of η = 2.25
 * ```
 *
 * Source: May, "Simple mathematical models with very complicated dynamics", Nature 261, 1976.
 */
export function periods(map: DynamicalMap, options: PeriodsOptions = {}): Periods {
  checkMap("periods", map);
  const lanes = readLanes("periods", map, options, periodOptionNames, SETTLING);
  const search = readPeriodOptions("periods", options, lanes.precision);
  const { rates, momenta } = lanes;
  const found = findPeriods("periods", map, lanes, search);
  return { rates, momenta, maxPeriod: search.maxPeriod, dimension: map.dimension, ...found };
}
