import { checkCount, checkKeys, checkNumber, checkNumberOption, checkVector } from "../../core/check.ts";
import type { Numbers } from "../../core/precision.ts";
import { cascade, cycleWhere, type Doubling } from "./cascade.ts";
import { type Cycle, CycleFinder } from "./cycle.ts";
import { readMomentum } from "./lanes.ts";
import { checkMap, type DynamicalMap } from "./map.ts";

/** Options of {@link periodDoublings}. */
export interface PeriodDoublingsOptions {
  /** Doublings to locate: an integer in [1, 14], default 5. */
  readonly count?: number;
  /**
   * A rate at which the orbit from `start` settles on a cycle of the period to begin with; left out: the first of 2⁻¹⁰, 2⁻⁹, …,
   * 2²⁰ at which it does.
   */
  readonly from?: number;
  /** The period to begin with: an integer in [1, 64], default 1. */
  readonly period?: number;
  /** Where the orbit begins: a number, or one a coordinate; default the map's start. */
  readonly start?: number | Numbers;
  /** The momentum of the map, where it has one; default that of its rule. */
  readonly momentum?: number;
}

/** A rate at which a cycle becomes unstable and one of twice its period takes its place. */
export interface PeriodDoubling {
  /** The rate. */
  readonly rate: number;
  /** The period that is doubled. */
  readonly period: number;
  /** The points of the cycle there, in order, one behind the other. */
  readonly cycle: Float64Array;
  /**
   * The rate at which that cycle is superstable: it contains a critical point, its multiplier is 0 and orbits near it settle
   * fastest. Of maps whose state is a single number; NaN for others, and where the multiplier has no such root.
   */
  readonly superstable: number;
}

/** What {@link periodDoublings} returns. */
export interface PeriodDoublings {
  /** The doublings found, by rate. */
  readonly doublings: readonly PeriodDoubling[];
  /** Whether there are as many as were asked for. */
  readonly complete: boolean;
  /** What was found, or why there are no more: a sentence. */
  readonly message: string;
}

const MOST_DOUBLINGS = 14;
const LONGEST_FIRST = 64;
/** Steps that an orbit is given to come near the first cycle. */
const APPROACH = 1000;
const LOWEST = -10;
const HIGHEST = 20;

/** The options of {@link periodDoublings}, checked and filled in. */
export interface CascadeRequest {
  readonly count: number;
  readonly rates: readonly number[];
  readonly period: number;
  readonly start: Numbers;
  readonly momentum: number;
}

export const cascadeOptionNames = ["count", "from", "period", "start", "momentum"] as const;

/** Reads the options of a cascade. */
export function readCascade(
  owner: string,
  map: DynamicalMap,
  options: PeriodDoublingsOptions,
  usual: number,
): CascadeRequest {
  checkMap(owner, map);
  checkKeys(owner, options, cascadeOptionNames);
  const { count = usual, from, period = 1, start = map.start } = options;
  checkCount(owner, "count", count, 1);
  checkNumber(owner, "count", count, `[1, ${MOST_DOUBLINGS}]`, (v) => v <= MOST_DOUBLINGS);
  checkCount(owner, "period", period, 1);
  checkNumber(owner, "period", period, `[1, ${LONGEST_FIRST}]`, (v) => v <= LONGEST_FIRST);
  checkNumberOption(owner, "from", from, "(0, ∞)", (v) => v > 0 && v < Infinity && map.rate.contains(v));
  const point = typeof start === "number" ? [start] : start;
  checkVector(owner, "start", point, map.dimension);
  const rates =
    from === undefined ? Array.from({ length: HIGHEST - LOWEST + 1 }, (_, k) => 2 ** (LOWEST + k)) : [from];
  return { count, rates, period, start: point, momentum: readMomentum(owner, map, options.momentum) };
}

/** The stable cycle that a cascade begins with. */
function firstCycle(
  map: DynamicalMap,
  finder: CycleFinder,
  { rates, period, start }: CascadeRequest,
): Cycle | undefined {
  let state = finder.begin(start);
  for (const rate of rates) {
    if (!map.rate.contains(rate)) continue;
    const moved = finder.after(state, rate, APPROACH);
    if (!moved.every(Number.isFinite)) return undefined;
    state = moved;
    const cycle = finder.settle(state, rate, period);
    if (cycle) return cycle;
  }
  return undefined;
}

/** Of a state of a single number. */
const multiplier = ({ around }: Cycle): number => around[0][0];

/** The multiplier may change by so much from one cycle to the next, or they may be of different kinds. */
const SMALL_CHANGE = 0.5;
/** A multiplier as near to 0 as rounding leaves it. */
const NOTHING = 1e-6;

/** The rate at which the multiplier of the cycle that doubles is 0. */
function superstableRate(finder: CycleFinder, { cycle, way, birth }: Doubling): number {
  const known = [...way, cycle];
  let step = (known[1].rate - birth) / 8;
  for (let attempt = 0; attempt < 60 && multiplier(known[0]) < 0; attempt++) {
    const [{ state, rate, period }] = known;
    const earlier = finder.solve(state, rate - step, period);
    const change = earlier ? Math.abs(multiplier(earlier) - multiplier(known[0])) : Infinity;
    if (earlier && change <= SMALL_CHANGE) known.unshift(earlier);
    else step /= 2;
  }
  const after = known.findIndex((each) => multiplier(each) <= 0);
  if (after < 0) return Number.NaN;
  const found =
    multiplier(known[after]) === 0 || after === 0
      ? known[after]
      : cycleWhere(finder, known[after - 1], known[after], multiplier);
  return found && Math.abs(multiplier(found)) <= NOTHING ? found.rate : Number.NaN;
}

/** Follows a cascade of doublings and reads what is wanted of each. */
export function followCascade<T>(
  map: DynamicalMap,
  request: CascadeRequest,
  read: (doubling: Doubling, finder: CycleFinder) => T,
): { readonly found: T[]; readonly message: string } {
  const iteration = map.iteration();
  try {
    const finder = new CycleFinder(iteration, request.momentum);
    const { count, period } = request;
    const first = firstCycle(map, finder, request);
    if (!first) {
      const where = request.rates.length === 1 ? `at ${request.rates[0]}` : "at any rate that was tried";
      return {
        found: [],
        message: `${map.name}: no stable cycle of period ${period} was found ${where}; say by from and start where one is`,
      };
    }
    const found: T[] = [];
    const doublings = cascade(finder, first);
    while (found.length < count) {
      const { done, value } = doublings.next();
      if (done) {
        return {
          found,
          message: `${map.name}: the cascade ends after ${found.length} of ${count} doublings: ${value}`,
        };
      }
      found.push(read(value, finder));
    }
    return { found, message: `${map.name}: ${count} doublings of period ${period} were located` };
  } finally {
    iteration.dispose();
  }
}

/** The points of a cycle, one behind the other. */
export function pointsOf(finder: CycleFinder, cycle: Cycle, dimension: number): Float64Array {
  const points = new Float64Array(cycle.period * dimension);
  finder.orbit(cycle).forEach((state, k) => {
    points.set(state.subarray(0, dimension), k * dimension);
  });
  return points;
}

/**
 * The rates at which the cycle that an iterated map settles on doubles its period, again and again, towards larger rates.
 *
 * They are located, not read off a diagram: a stable cycle is followed by Newton's method on its orbit, with the variational
 * equation for derivatives, to where det(J + I) of the Jacobian J once around reaches 0 (in one variable, the multiplier
 * −1), by Brent's method to the last bits of f64. For maps that know their derivatives about 15 digits are right; with
 * differences about 11. Where a symmetry breaks on the way, the cycle that takes over is followed.
 *
 * @param map - an optimiser on a problem ({@link optimizerMap}), or another map; rules that change with the step are taken as they
 * are after very many
 * @param options.count - doublings to locate: an integer in [1, 14], default 5
 * @param options.from - a rate at which the orbit from `start` settles on a cycle of the period to begin with; left out:
 * the first of 2⁻¹⁰, 2⁻⁹, …, 2²⁰ at which it does
 * @param options.period - the period to begin with: an integer in [1, 64], default 1
 * @param options.start - where the orbit begins: a number, or one a coordinate; default the map's start
 * @param options.momentum - the momentum of the map, where it has one; default that of its rule
 * @throws TypeError or RangeError naming the argument that is unknown or outside its domain
 *
 * @example
 * ```ts
 * import { cubicValley, gradientDescent, optimizerMap, periodDoublings } from "thalweg";
 * const { doublings } = periodDoublings(optimizerMap(gradientDescent(), cubicValley));
 * doublings.map(({ rate }) => rate); // ≈ [2, 2.449490, 2.544090, 2.564407, 2.568759]
 * doublings.map(({ period }) => period); // [1, 2, 4, 8, 16]
 * doublings[2].superstable; // ≈ 2.49856
 * ```
 *
 * Source: Feigenbaum, "Quantitative universality for a class of nonlinear transformations", J. Stat. Phys. 19, 1978;
 * Kuznetsov, "Elements of applied bifurcation theory", 2004, §10.1, for the continuation.
 */
export function periodDoublings(map: DynamicalMap, options: PeriodDoublingsOptions = {}): PeriodDoublings {
  const request = readCascade("periodDoublings", map, options, 5);
  const { found, message } = followCascade(map, request, (doubling, finder): PeriodDoubling => {
    const { cycle } = doubling;
    return {
      rate: cycle.rate,
      period: cycle.period,
      cycle: pointsOf(finder, cycle, map.dimension),
      superstable: cycle.around.length === 1 ? superstableRate(finder, doubling) : Number.NaN,
    };
  });
  return { doublings: found, complete: found.length === request.count, message };
}
