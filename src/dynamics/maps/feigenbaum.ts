import type { DynamicalMap } from "./map.ts";
import { followCascade, type PeriodDoublingsOptions, pointsOf, readCascade } from "./period-doublings.ts";

/** Options of {@link feigenbaum}. */
export interface FeigenbaumOptions extends PeriodDoublingsOptions {
  /** Doublings to locate: an integer in [1, 14], default 11. */
  readonly count?: number;
}

/** What {@link feigenbaum} returns. */
export interface Feigenbaum {
  /** δ: by how much a gap between doublings is larger than the next, in the limit. NaN from fewer than three doublings. */
  readonly delta: number;
  /** α: by how much the widest split of a cycle is larger than that of the next, in the limit. NaN from fewer than three doublings. */
  readonly alpha: number;
  /** Where the doublings pile up, and chaos begins. NaN from fewer than three doublings. */
  readonly onset: number;
  /** By how much the last doubling moved δ, α and the onset: how far they are known. NaN from fewer than four doublings. */
  readonly moved: { readonly delta: number; readonly alpha: number; readonly onset: number };
  /** The quotients of successive gaps, whose limit δ is. */
  readonly deltas: readonly number[];
  /** The quotients of successive splits, whose limit α is. */
  readonly alphas: readonly number[];
  /** The rates of the doublings. */
  readonly rates: readonly number[];
  /** What was found, or why there are fewer doublings than asked for: a sentence. */
  readonly message: string;
}

/** The widest distance between points of a cycle that are half a period apart: what one point before the last doubling has become. */
function widestSplit(points: Float64Array, dimension: number): number {
  const half = points.length / 2;
  let widest = 0;
  for (let at = 0; at < half; at += dimension) {
    let squares = 0;
    for (let i = 0; i < dimension; i++) squares += (points[at + i] - points[at + half + i]) ** 2;
    widest = Math.max(widest, squares);
  }
  return Math.sqrt(widest);
}

/**
 * The limit of a sequence that comes nearer by about the same factor in each step: Aitken's, from the last three; the last
 * itself where the steps do not at least halve, because rounding has the word or the sequence has not settled yet.
 */
function limitOf(sequence: readonly number[]): number {
  const [first, second, third] = sequence.slice(-3);
  if (third === undefined) return sequence.at(-1) ?? Number.NaN;
  const [before, after] = [second - first, third - second];
  if (!(2 * Math.abs(after) <= Math.abs(before))) return third;
  return after === 0 ? third : third + (after * after) / (before - after);
}

/** A limit, and by how much the last term moved it. */
function settled(sequence: readonly number[]): { readonly limit: number; readonly moved: number } {
  const limit = limitOf(sequence);
  return {
    limit,
    moved: sequence.length < 2 ? Number.NaN : Math.abs(limit - limitOf(sequence.slice(0, -1))),
  };
}

const quotients = (values: readonly number[]): number[] =>
  values.slice(1).map((value, k) => values[k] / value);

/**
 * Feigenbaum's constants δ and α as a map's own cascade of doublings has them, and the rate at which chaos begins.
 *
 * δ is the limit of the quotients of successive gaps between doublings, (ηₙ − ηₙ₋₁)/(ηₙ₊₁ − ηₙ); α that of the widest
 * distances between points half a period apart, on the cycles at successive doublings. The limits are Aitken's from the last
 * three where these have settled, else the last. For maps with a quadratic maximum they are the universal 4.669201609… and 2.502907875…,
 * whatever the optimiser and the landscape; with much inertia the quotients begin at 8.72, of maps that keep areas, and come
 * there late.
 *
 * @param map - an optimiser on a problem ({@link optimizerMap}), or another map
 * @param options.count - doublings to locate: an integer in [1, 14], default 11
 * @param options.from - a rate at which the orbit from `start` settles on a cycle of the period to begin with; left out:
 * the first of 2⁻¹⁰, 2⁻⁹, …, 2²⁰ at which it does
 * @param options.period - the period to begin with: an integer in [1, 64], default 1
 * @param options.start - where the orbit begins: a number, or one a coordinate; default the map's start
 * @param options.momentum - the momentum of the map, where it has one; default that of its rule
 * @throws TypeError or RangeError naming the argument that is unknown or outside its domain
 *
 * @example
 * ```ts
 * import { cubicValley, feigenbaum, gradientDescent, optimizerMap } from "thalweg";
 * const { delta, alpha, onset } = feigenbaum(optimizerMap(gradientDescent(), cubicValley), { count: 9 });
 * delta; // 4.66920…
 * alpha; // 2.5029…
 * onset; // 2.569945…
 * ```
 *
 * Source: Feigenbaum, "Quantitative universality for a class of nonlinear transformations", J. Stat. Phys. 19, 1978.
 */
export function feigenbaum(map: DynamicalMap, options: FeigenbaumOptions = {}): Feigenbaum {
  const request = readCascade("feigenbaum", map, options, 11);
  const { dimension } = map;
  const { found, message } = followCascade(map, request, ({ cycle }, finder) => ({
    rate: cycle.rate,
    split:
      cycle.period === request.period
        ? Number.NaN
        : widestSplit(pointsOf(finder, cycle, dimension), dimension),
  }));
  const rates = found.map(({ rate }) => rate);
  const gaps = rates.slice(1).map((rate, k) => rate - rates[k]);
  const deltas = quotients(gaps);
  const alphas = quotients(found.slice(1).map(({ split }) => split));
  const none = { limit: Number.NaN, moved: Number.NaN };
  const [delta, alpha, onset] = [deltas, alphas, rates].map((values) =>
    rates.length < 3 ? none : settled(values),
  );
  return {
    delta: delta.limit,
    alpha: alpha.limit,
    onset: onset.limit,
    moved: { delta: delta.moved, alpha: alpha.moved, onset: rates.length < 4 ? Number.NaN : onset.moved },
    deltas,
    alphas,
    rates,
    message,
  };
}
