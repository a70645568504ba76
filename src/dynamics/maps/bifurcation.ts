import type { RealArray } from "../../core/precision.ts";
import { checkSteps, readLanes, type SweepOptions } from "./lanes.ts";
import { checkMap, type DynamicalMap } from "./map.ts";
import { sweepLanes } from "./sweep.ts";

/** Options of {@link bifurcation}. */
export interface BifurcationOptions extends SweepOptions {
  /** Points of each lane that are kept, after the burn-in: an integer ≥ 1, default 100. */
  readonly keep?: number;
}

/** What {@link bifurcation} returns. */
export interface Bifurcation {
  /** The rate of each lane. */
  readonly rates: Float64Array;
  /** The momentum of each lane; NaN where the map has none. */
  readonly momenta: Float64Array;
  /** Points kept of each lane. */
  readonly keep: number;
  /** Coordinates of a point. */
  readonly dimension: number;
  /**
   * The points, in the precision asked for: lane i's point k begins at entry (i·keep + k)·dimension. NaN from where a
   * lane has escaped.
   */
  readonly values: RealArray;
  /** The step at which each lane passed the bound: 0 for the start itself, −1 where it never did. */
  readonly escapes: Int32Array;
}

/**
 * Where an iterated map ends up, for thousands of rates (or starts, or momenta) at once: the points of a bifurcation
 * diagram.
 *
 * Each lane takes `burnIn` steps and then `keep` more, whose points are kept. No lane's points depend on the others.
 *
 * @param map - an optimiser on a problem ({@link optimizerMap}), or another map
 * @param options.rates - the rate of each lane: an array, a range { from, to, count } in equal steps, or one number for all; default that of the map's rule
 * @param options.momenta - the momentum of each lane, likewise; default that of the map's rule
 * @param options.starts - where each lane begins, likewise; default the map's start
 * @param options.burnIn - steps before any point is kept: an integer in [0, 2³¹), default 1000
 * @param options.keep - points kept of each lane: an integer in [1, 2³¹), default 100
 * @param options.bound - a lane has escaped once a coordinate is beyond this in magnitude, or not finite: > 0, default 1e6
 * @param options.precision - "f64" (default), or "f32", which is twice as fast
 * @throws TypeError or RangeError naming the argument that is unknown, outside its domain, or of another length
 *
 * @example
 * ```ts
 * import { bifurcation, cubicValley, gradientDescent, optimizerMap } from "thalweg";
 * const map = optimizerMap(gradientDescent(), cubicValley);
 * const { values, escapes } = bifurcation(map, { rates: [2.2, 3.5], keep: 2 });
 * values.subarray(0, 2); // ≈ [-0.163, 0.254]: the 2-cycle of η = 2.2
 * escapes; // [-1, 6]
 * bifurcation(map, { rates: { from: 1.8, to: 3, count: 601 } }).rates[300]; // 2.4
 * ```
 *
 * Source: May, "Simple mathematical models with very complicated dynamics", Nature 261, 1976, figure 4.
 */
export function bifurcation(map: DynamicalMap, options: BifurcationOptions = {}): Bifurcation {
  checkMap("bifurcation", map);
  const lanes = readLanes("bifurcation", map, options, ["keep"]);
  const { keep = 100 } = options;
  checkSteps("bifurcation", "keep", keep, 1);
  const { values, escapes } = sweepLanes("bifurcation", map, lanes, { keep });
  const { rates, momenta } = lanes;
  return { rates, momenta, keep, dimension: map.dimension, values, escapes };
}
