import { checkSteps, readLanes, type SweepOptions } from "./lanes.ts";
import { checkMap, type DynamicalMap } from "./map.ts";
import { sweepLanes } from "./sweep.ts";

/** Options of {@link lyapunov}. */
export interface LyapunovOptions extends SweepOptions {
  /** Steps whose Jacobians are multiplied, after the burn-in: an integer ≥ 1, default 10,000. */
  readonly steps?: number;
}

/** What {@link lyapunov} returns. */
export interface Lyapunov {
  /** The rate of each lane. */
  readonly rates: Float64Array;
  /** The momentum of each lane; NaN where the map has none. */
  readonly momenta: Float64Array;
  /** The largest Lyapunov exponent of each lane, a step, in f64: NaN where it escaped, −∞ where the product is 0. */
  readonly exponents: Float64Array;
  /** The step at which each lane passed the bound: 0 for the start itself, −1 where it never did. */
  readonly escapes: Int32Array;
}

/**
 * The largest Lyapunov exponent of an iterated map, for thousands of rates (or starts, or momenta) at once: the mean
 * logarithm of the factor by which two neighbouring orbits move apart in a step,
 *
 * λ = (1/n) ln ‖J(xₙ₋₁) ⋯ J(x₁) J(x₀)‖.
 *
 * Below 0 the orbit settles on a cycle, above 0 it is chaotic. In the core the Jacobians are multiplied along the orbit,
 * powers of two being taken out exactly, and one logarithm is taken at the end; in JavaScript a direction is carried along.
 * The product is of numbers in the precision asked for; one below its range counts as 0.
 *
 * @param map - an optimiser on a problem ({@link optimizerMap}), or another map
 * @param options.rates - the rate of each lane: an array, a range { from, to, count } in equal steps, or one number for all; default that of the map's rule
 * @param options.momenta - the momentum of each lane, likewise; default that of the map's rule
 * @param options.starts - where each lane begins, likewise; default the map's start
 * @param options.burnIn - steps before the first Jacobian: an integer in [0, 2³¹), default 1000
 * @param options.steps - steps whose Jacobians are multiplied: an integer in [1, 2³¹), default 10,000
 * @param options.bound - a lane has escaped once a coordinate is beyond this in magnitude, or not finite: > 0, default 1e6
 * @param options.precision - "f64" (default), or "f32", which is twice as fast
 * @throws TypeError or RangeError naming the argument that is unknown, outside its domain, or of another length
 *
 * @example
 * ```ts
 * import { doubleWell, gradientDescent, lyapunov, optimizerMap } from "thalweg";
 * const map = optimizerMap(gradientDescent(), doubleWell);
 * lyapunov(map, { rates: [0.25, 2], starts: 0.3 }).exponents; // ≈ [-0.693, 1.0986]: −ln 2, and ln 3 in chaos
 * ```
 *
 * Source: Benettin, Galgani, Giorgilli, Strelcyn, "Lyapunov characteristic exponents for smooth dynamical systems",
 * Meccanica 15, 1980.
 */
export function lyapunov(map: DynamicalMap, options: LyapunovOptions = {}): Lyapunov {
  checkMap("lyapunov", map);
  const lanes = readLanes("lyapunov", map, options, ["steps"]);
  const { steps = 10_000 } = options;
  checkSteps("lyapunov", "steps", steps, 1);
  const { exponents, escapes } = sweepLanes("lyapunov", map, lanes, { multiply: steps });
  const { rates, momenta } = lanes;
  return { rates, momenta, exponents, escapes };
}
