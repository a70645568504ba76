// A rule as a feedback loop: a mode's gradient λx goes in, x comes out and is fed back.
import type { Rule } from "../rules/rule.ts";
import { type ModeOptions, modeSystem } from "./mode.ts";
import { signChanges } from "./real-roots.ts";
import { resolvent } from "./schur-cohn.ts";

/**
 * What a rule makes of a gradient: going once around the loop multiplies a signal zᵗ by L(z) = λ·numerator/denominator, and the poles of the
 * closed loop are where L(z) = −1. Coefficients are those of powers of u = z − 1, lowest first: a rule that comes to rest anywhere has a pole
 * at u = 0, and slow signals are told to the last digit.
 */
export interface OpenLoop {
  readonly numerator: readonly number[];
  readonly denominator: readonly number[];
}

/** A complex number. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** The open loop of a rule, from its textbook. */
export function openLoop(rule: Rule, options: ModeOptions): OpenLoop {
  const { free, drive } = modeSystem(rule, options);
  const moved = free.map((row, i) => row.map((entry, j) => (i === j ? entry - 1 : entry)));
  const { polynomial, adjugate } = resolvent(moved);
  return {
    numerator: adjugate.map(([row]) => -row.reduce((sum, entry, j) => sum + entry * drive[j], 0)),
    denominator: polynomial,
  };
}

/** The point z − 1 of the unit circle whose |z − 1|² is q, above the real axis. */
export const onCircle = (q: number): Complex => ({ re: -q / 2, im: Math.sqrt(q * (1 - q / 4)) });

function evaluate(coefficients: readonly number[], { re, im }: Complex): Complex {
  let [a, b] = [0, 0];
  for (let k = coefficients.length - 1; k >= 0; k--) {
    [a, b] = [a * re - b * im + coefficients[k], a * im + b * re];
  }
  return { re: a, im: b };
}

/** L(z) on a mode, at u = z − 1. */
export function loopAt({ numerator, denominator }: OpenLoop, lambda: number, u: Complex): Complex {
  const above = evaluate(numerator, u);
  const below = evaluate(denominator, u);
  const size = (below.re * below.re + below.im * below.im) / lambda;
  return {
    re: (above.re * below.re + above.im * below.im) / size,
    im: (above.im * below.re - above.re * below.im) / size,
  };
}

/**
 * |p(z)|² on the unit circle as a polynomial in q = |z − 1|² = 4 sin²(ω/2): with u = z − 1 there are u·ū = q and u + ū = −q, so that
 * uᵐ + ūᵐ follows from the two before it.
 */
function squaredModulus(coefficients: readonly number[]): number[] {
  const degree = coefficients.length - 1;
  const result = new Array<number>(2 * degree + 1).fill(0);
  // sums[m] is uᵐ + ūᵐ in powers of q.
  const sums: number[][] = [[2], [0, -1]];
  for (let m = 2; m <= degree; m++) {
    const next = new Array<number>(m + 1).fill(0);
    for (const sum of [sums[m - 1], sums[m - 2]]) {
      sum.forEach((c, k) => {
        next[k + 1] -= c;
      });
    }
    sums.push(next);
  }
  for (let j = 0; j <= degree; j++) {
    result[j] += coefficients[j] ** 2;
    for (let k = j + 1; k <= degree; k++) {
      sums[k - j].forEach((c, power) => {
        result[j + power] += coefficients[j] * coefficients[k] * c;
      });
    }
  }
  return result;
}

/** The q = 4 sin²(ω/2) in (0, 4] of the frequencies at which |L| passes 1, in rising order. */
export function crossovers({ numerator, denominator }: OpenLoop, lambda: number): number[] {
  const loop = squaredModulus(numerator);
  const gap = squaredModulus(denominator).map((c, k) => c - lambda * lambda * (loop[k] ?? 0));
  return signChanges(gap, 0, 4).filter((q) => q > 0);
}
