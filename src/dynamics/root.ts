/** A point of a function's graph. */
export interface Sample {
  readonly at: number;
  readonly value: number;
}

const EVALUATIONS = 200;

/**
 * A root between two points at which a function has different signs, to about the last bit: inverse quadratic
 * interpolation and secants where they keep within the interval and shrink it, else the middle.
 *
 * @param valueAt - the function; undefined where it cannot be evaluated, which ends the search
 * @returns the root, or undefined
 *
 * Source: Brent, "Algorithms for minimization without derivatives", 1973, chapter 4.
 */
export function rootBetween(
  low: Sample,
  high: Sample,
  valueAt: (at: number) => number | undefined,
): number | undefined {
  // best has the smaller value of the two ends, opposite the other sign; last is the best before.
  let [last, best] = [low, high];
  let opposite = last;
  let step = best.at - last.at;
  let stepBefore = step;
  for (let evaluation = 0; evaluation < EVALUATIONS; evaluation++) {
    if (Math.abs(opposite.value) < Math.abs(best.value)) {
      last = best;
      best = opposite;
      opposite = last;
    }
    const tolerance = 2 ** -52 * Math.abs(best.at);
    const half = (opposite.at - best.at) / 2;
    if (Math.abs(half) <= tolerance || best.value === 0) return best.at;
    const interpolated = interpolate(last, best, opposite);
    const bound = Math.min(1.5 * Math.abs(half), Math.abs(stepBefore / 2));
    stepBefore = step;
    const forward = interpolated * half > 0;
    step = forward && Math.abs(interpolated) < bound ? interpolated : half;
    if (step === half) stepBefore = half;
    last = best;
    const at = best.at + (Math.abs(step) > tolerance ? step : Math.sign(half) * tolerance);
    if (at === opposite.at) return best.at;
    const value = valueAt(at);
    if (value === undefined) return undefined;
    best = { at, value };
    if (best.value > 0 === opposite.value > 0) {
      opposite = last;
      step = best.at - last.at;
      stepBefore = step;
    }
  }
  return best.at;
}

/** The step from `best` to where the parabola in the values (or the line) through the points is 0. */
function interpolate(last: Sample, best: Sample, opposite: Sample): number {
  const s = best.value / last.value;
  if (last.at === opposite.at) return ((opposite.at - best.at) * s) / (s - 1);
  const q = last.value / opposite.value;
  const r = best.value / opposite.value;
  const numerator = s * ((opposite.at - best.at) * q * (q - r) - (best.at - last.at) * (r - 1));
  return -numerator / ((q - 1) * (r - 1) * (s - 1));
}
