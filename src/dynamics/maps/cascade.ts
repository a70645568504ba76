// The cascade of period doublings, followed from rate to rate.
import { formatNumber } from "../../core/format.ts";
import { rootBetween } from "../../core/root.ts";
import { type Cycle, type CycleFinder, doublingTest, isStable } from "./cycle.ts";

/** Where a cycle doubles its period. */
export interface Doubling {
  /** The cycle there, of the period that is doubled. */
  readonly cycle: Cycle;
  /** Stable cycles of its kind at smaller rates, by rate. */
  readonly way: readonly Cycle[];
  /** A rate at which another cycle was stable, from which this one came; 0 where none is known. */
  readonly birth: number;
}

/** What the gaps between doublings shrink by in the long run: where to look first. */
const FEIGENBAUM = 4.669;
/** Steps along one cycle, refused ones included. */
const ATTEMPTS = 200;
/** How far states are moved off a cycle, relative to their size, so that they settle on another. */
const NUDGE = 1e-3;
/** Steps of the rate smaller than this part of it lead nowhere. */
const SMALLEST_STEP = 1e-13;
/** What the test of doubling may change by in a step, or a half of this part of it: more, and the cycle may be another. */
const SMALL_CHANGE = 0.5;

/** A state beside another, moved in a direction that no map singles out. */
function beside(state: Float64Array): Float64Array {
  const size = Math.max(...state.map(Math.abs), NUDGE);
  return state.map((entry, i) => entry + NUDGE * size * (1 + ((i * 0.618) % 1)));
}

/** The cycle between two others of its kind at which a test of cycles is 0. */
export function cycleWhere(
  finder: CycleFinder,
  low: Cycle,
  high: Cycle,
  test: (cycle: Cycle) => number,
): Cycle | undefined {
  const known = [low, high];
  const solveAt = (rate: number): Cycle | undefined => {
    const same = known.find((cycle) => cycle.rate === rate);
    if (same) return same;
    const near = known.reduce((best, cycle) =>
      Math.abs(cycle.rate - rate) < Math.abs(best.rate - rate) ? cycle : best,
    );
    const cycle = finder.solve(near.state, rate, low.period);
    if (cycle) known.push(cycle);
    return cycle;
  };
  const rate = rootBetween(
    (at) => {
      const cycle = solveAt(at);
      return cycle ? test(cycle) : Number.NaN;
    },
    low.rate,
    high.rate,
  );
  return Number.isNaN(rate) ? undefined : solveAt(rate);
}

/** How far to go to where a test that falls from one cycle to the next reaches 0, and a little beyond. */
function stepBeyond(way: readonly Cycle[], step: number): number {
  if (way.length < 2) return step;
  const [before, last] = way.slice(-2);
  const [higher, lower] = [doublingTest(before), doublingTest(last)];
  const fall = (higher - lower) / (last.rate - before.rate);
  return fall > 0 ? Math.min(2 * step, (1.1 * lower) / fall) : 2 * step;
}

/** Follows a stable cycle to larger rates until it doubles its period; says why, if it does not. */
function follow(finder: CycleFinder, first: Cycle, firstStep: number, firstBirth: number): Doubling | string {
  const { period } = first;
  let way = [first];
  let step = firstStep;
  let birth = firstBirth;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const last = way[way.length - 1];
    if (step < SMALLEST_STEP * last.rate) break;
    const rate = last.rate + step;
    const next = finder.solve(last.state, rate, period);
    const test = next ? doublingTest(next) : Number.NaN;
    const before = doublingTest(last);
    // Of n variables the test is a product of n factors of up to 2.
    if (Math.abs(test - before) > SMALL_CHANGE * Math.max(1, before / 2)) step /= 2;
    else if (next && isStable(next)) {
      way.push(next);
      step = stepBeyond(way, step);
    } else if (next && test <= 0) {
      const cycle = cycleWhere(finder, last, next, doublingTest);
      if (cycle) return { cycle, way, birth };
      step /= 2;
    } else {
      // Another cycle of the period may have taken over, as where a symmetry breaks.
      const other = finder.settle(beside(last.state), rate, period);
      if (other) {
        way = [other];
        birth = last.rate;
      } else step /= 2;
    }
  }
  const { rate } = way[way.length - 1];
  return `the cycle of period ${period} cannot be followed beyond ${formatNumber(rate, 12)}: it ends there, or becomes unstable without doubling`;
}

/**
 * The doublings of a cascade, from a stable cycle on, to larger rates; returns why it ends where it does.
 */
export function* cascade(finder: CycleFinder, first: Cycle): Generator<Doubling, string> {
  let cycle = first;
  let gap = first.rate / 16;
  let birth = 0;
  for (;;) {
    const doubling = follow(finder, cycle, gap, birth);
    if (typeof doubling === "string") return doubling;
    yield doubling;
    const { rate, period, state } = doubling.cycle;
    gap = (rate - cycle.rate) / FEIGENBAUM / 2;
    birth = rate;
    let child: Cycle | undefined;
    for (let attempt = 0; attempt < ATTEMPTS && !child && gap > SMALLEST_STEP * rate; attempt++) {
      child = finder.settle(beside(state), rate + gap, 2 * period);
      if (!child) gap /= 2;
    }
    if (!child) return `no stable cycle of period ${2 * period} was found beyond ${formatNumber(rate, 12)}`;
    cycle = child;
    gap /= 2;
  }
}
