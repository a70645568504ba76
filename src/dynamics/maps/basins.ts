import type { ArrayInput } from "../../core/array-input.ts";
import { checkKeys, checkNumber, checkNumberOption } from "../../core/check.ts";
import type { Precision, RealArray } from "../../core/precision.ts";
import { readLanes, readMomentum } from "./lanes.ts";
import { checkMap, type DynamicalMap } from "./map.ts";
import { findPeriods, readPeriodOptions, SETTLING } from "./periods.ts";

/** Options of {@link basins}. */
export interface BasinsOptions {
  /** The rate of the map; default that of its rule. */
  readonly rate?: number;
  /** The momentum of the map, where it has one; default that of its rule. */
  readonly momentum?: number;
  /** Where orbits begin: points, one a row or one behind the other. */
  readonly starts: ArrayInput;
  /** Steps before cycles are looked for: an integer ≥ 0, default 10,000. */
  readonly burnIn?: number;
  /** The longest period that is looked for: an integer in [1, 10⁶], default 64. */
  readonly maxPeriod?: number;
  /** How far points a period apart may be from one another: as in {@link PeriodsOptions}. */
  readonly tolerance?: number;
  /** How far points of one attractor may be from one another, by coordinate: > 0, default 1000 times the tolerance, at least 1e-8. */
  readonly separation?: number;
  /** An orbit has escaped once a coordinate is beyond this in magnitude, or not finite: > 0, default 1e6. */
  readonly bound?: number;
  /** The element type, default "f64". */
  readonly precision?: Precision;
}

/** A cycle that orbits end in. */
export interface Attractor {
  /** Its period. */
  readonly period: number;
  /** Its points, in order, from the one with the smallest first coordinate on; one behind the other. */
  readonly points: Float64Array;
  /** How many of the starts end in it. */
  readonly count: number;
}

/** What {@link basins} returns. */
export interface Basins {
  /** For each start the index of its attractor; −1 where it escaped, −2 where no cycle was found. */
  readonly labels: Int32Array;
  /** The attractors, by period, then from left to right. */
  readonly attractors: readonly Attractor[];
  /** The step at which each orbit passed the bound: 0 for the start itself, −1 where it never did. */
  readonly escapes: Int32Array;
}

const basinsOptionNames = [
  ...["rate", "momentum", "starts", "burnIn", "maxPeriod", "tolerance", "separation", "bound", "precision"],
] as const;

/** Attractors are never told apart by less, unless asked to. */
const NEAREST = 1e-8;

/** Coordinates that points are sorted into cells by: every one triples the cells beside a point. */
const SORTED_BY = 3;

/** Escaped, and no cycle. */
const ESCAPED = -1;
const UNSETTLED = -2;

/** Compares points coordinate by coordinate. */
function comparePoints(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i] - b[i];
  return 0;
}

/** Finds which of the points it was told lies within a distance, by coordinate. */
class Grid {
  readonly #cells = new Map<string, { readonly point: ArrayLike<number>; readonly label: number }[]>();
  readonly #distance: number;

  constructor(distance: number) {
    this.#distance = distance;
  }

  add(point: ArrayLike<number>, label: number): void {
    const key = this.#cellOf(point).join();
    const cell = this.#cells.get(key);
    if (cell) cell.push({ point, label });
    else this.#cells.set(key, [{ point, label }]);
  }

  labelNear(point: ArrayLike<number>): number | undefined {
    return this.#search(point, this.#cellOf(point), 0);
  }

  #cellOf(point: ArrayLike<number>): number[] {
    const { length } = point;
    return Array.from({ length: Math.min(length, SORTED_BY) }, (_, i) =>
      Math.floor(point[i] / this.#distance),
    );
  }

  /** Looks through the cell and its neighbours, one coordinate of the cell after the other. */
  #search(point: ArrayLike<number>, cell: number[], coordinate: number): number | undefined {
    if (coordinate < cell.length) {
      for (const shift of [0, -1, 1]) {
        const near = cell.slice();
        near[coordinate] += shift;
        const label = this.#search(point, near, coordinate + 1);
        if (label !== undefined) return label;
      }
      return undefined;
    }
    return this.#cells
      .get(cell.join())
      ?.find((entry) => Array.from(point).every((c, i) => Math.abs(c - entry.point[i]) <= this.#distance))
      ?.label;
  }
}

/** The points of a cycle, from the smallest on. */
function cycleFrom(points: RealArray, at: number, period: number, dimension: number): Float64Array {
  const point = (k: number) =>
    points.subarray(at + (k % period) * dimension, at + ((k % period) + 1) * dimension);
  let first = 0;
  for (let k = 1; k < period; k++) if (comparePoints(point(k), point(first)) < 0) first = k;
  const cycle = new Float64Array(period * dimension);
  for (let k = 0; k < period; k++) cycle.set(point(first + k), k * dimension);
  return cycle;
}

/**
 * Which attractor each start ends in: the basins of attraction of an iterated map.
 *
 * Orbits from all starts are run as in {@link periods}; cycles of equal period that have a point in common, within
 * `separation`, are one attractor.
 *
 * @param map - an optimiser on a problem ({@link optimizerMap}), or another map
 * @param options.rate - the rate of the map; default that of its rule
 * @param options.momentum - its momentum, where it has one; default that of its rule
 * @param options.starts - where orbits begin: points, one a row or one behind the other
 * @param options.burnIn - steps before cycles are looked for: an integer in [0, 2³¹), default 10,000
 * @param options.maxPeriod - the longest period that is looked for: an integer in [1, 10⁶], default 64
 * @param options.tolerance - how far points a period apart may be from one another, relative to the largest coordinate or 1,
 * whichever is larger: ≥ 0, default 1e-8 (f64) or 1e-4 (f32)
 * @param options.separation - how far points of one attractor may be from one another, by coordinate: > 0, default 1000 times
 * the tolerance, at least 1e-8
 * @param options.bound - an orbit has escaped once a coordinate is beyond this in magnitude, or not finite: > 0, default 1e6
 * @param options.precision - "f64" (default), or "f32", which is twice as fast
 * @throws TypeError or RangeError naming the argument that is missing, unknown, or outside its domain
 *
 * @example
 * ```ts
 * import { basins, doubleWell, gradientDescent, optimizerMap } from "thalweg";
 * const map = optimizerMap(gradientDescent(), doubleWell);
 * const { labels, attractors } = basins(map, { rate: 0.5, starts: [-2.3, -1, 0.1, 1.9, 2.4] });
 * attractors.map(({ points }) => points[0]); // ≈ [-1, 1]
 * labels; // [-1, 0, 1, 0, -1]
 * ```
 *
 * Source: Nusse and Yorke, "Dynamics: numerical explorations", 1998, chapter 7.
 */
export function basins(map: DynamicalMap, options: BasinsOptions): Basins {
  checkMap("basins", map);
  checkKeys("basins", options, basinsOptionNames);
  const { rate, starts, burnIn, bound, precision, separation } = options;
  if (starts === undefined) {
    throw new TypeError("basins: starts is needed: the points whose orbits are followed");
  }
  checkNumberOption("basins", "rate", rate, map.rate.domain, map.rate.contains);
  const momentum = readMomentum("basins", map, options.momentum);
  const given = {
    rates: rate,
    ...(map.momentum ? { momenta: momentum } : {}),
    starts,
    burnIn,
    bound,
    precision,
  };
  const lanes = readLanes("basins", map, given, [], SETTLING);
  const search = readPeriodOptions("basins", options, lanes.precision);
  const apart = separation === undefined ? Math.max(1000 * search.tolerance, NEAREST) : separation;
  checkNumber("basins", "separation", apart, "(0, ∞)", (v) => v > 0 && v < Infinity);
  const { periods, points, escapes } = findPeriods("basins", map, lanes, search);
  const { dimension } = map;
  const row = search.maxPeriod * dimension;
  const grids = new Map<number, Grid>();
  const found: { period: number; points: Float64Array; count: number }[] = [];
  const labels = periods.map((period, i) => {
    if (period <= 0) return period === 0 ? UNSETTLED : ESCAPED;
    let grid = grids.get(period);
    if (!grid) grids.set(period, (grid = new Grid(apart)));
    let label = grid.labelNear(points.subarray(i * row, i * row + dimension));
    if (label === undefined) {
      label = found.length;
      const cycle = cycleFrom(points, i * row, period, dimension);
      found.push({ period, points: cycle, count: 0 });
      for (let k = 0; k < period; k++) grid.add(cycle.subarray(k * dimension, (k + 1) * dimension), label);
    }
    found[label].count++;
    return label;
  });
  const order = found
    .map((_, label) => label)
    .sort((a, b) => found[a].period - found[b].period || comparePoints(found[a].points, found[b].points));
  const rank = new Int32Array(found.length);
  order.forEach((label, place) => {
    rank[label] = place;
  });
  return {
    labels: labels.map((label) => (label < 0 ? label : rank[label])),
    attractors: order.map((label) => found[label]),
    escapes,
  };
}
