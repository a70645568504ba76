/** A root is found to this part of the interval, where it is nearer to 0 than that. */
const FINEST = 2 ** -80;

/**
 * The root of a continuous function between two points where its signs differ, to the last bits or to within `tolerance`: inverse
 * quadratic interpolation where three points allow it, else bisection. NaN where the function is NaN on the way.
 *
 * Chandrupatla, "A new hybrid quadratic/bisection algorithm for finding the zero of a nonlinear function
 * without using derivatives", Advances in Engineering Software 28, 1997.
 */
export function rootBetween(f: (x: number) => number, low: number, high: number, tolerance = 0): number {
  let a = low;
  let b = high;
  let fa = f(a);
  let fb = f(b);
  if (fa === 0) return a;
  if (fb === 0) return b;
  let part = 0.5;
  for (;;) {
    const x = a + part * (b - a);
    const fx = f(x);
    if (Number.isNaN(fx)) return fx;
    // The root lies between a, the newest point, and b; c is the one that was given up.
    let c = a;
    let fc = fa;
    if (fx < 0 !== fa < 0) {
      c = b;
      fc = fb;
      b = a;
      fb = fa;
    }
    a = x;
    fa = fx;
    const best = Math.abs(fa) < Math.abs(fb) ? a : b;
    const finest = Math.max(Number.EPSILON * Math.abs(best), FINEST * Math.abs(high - low));
    const close = Math.max(tolerance, finest);
    const least = close / Math.abs(b - a);
    if (fa === 0 || !(least < 0.5)) return best;
    const along = (a - b) / (c - b);
    const rise = (fa - fb) / (fc - fb);
    if (rise * rise < along && (1 - rise) ** 2 < 1 - along) {
      const own = (fa / (fb - fa)) * (fc / (fb - fc));
      part = own + ((c - a) / (b - a)) * (fa / (fc - fa)) * (fb / (fc - fb));
      part = Math.min(1 - least, Math.max(least, part));
    } else {
      part = 0.5;
    }
  }
}
