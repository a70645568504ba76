import { checkNumber, checkVector } from "../core/check.ts";

/**
 * What gradient descent does on λx²/2, by ηλ: monotone (0 < ηλ < 1), one step (= 1), oscillating
 * (1 < ηλ < 2), two-cycle (= 2), divergent (> 2); and outside of these, stationary (= 0) and escaping
 * (< 0: the mode curves downwards).
 */
export type Regime =
  | "monotone"
  | "one-step"
  | "oscillating"
  | "two-cycle"
  | "divergent"
  | "stationary"
  | "escaping";

/** Factors this near to −1, 0 and 1 count as equal to them, in prediction and observation alike. */
const TOLERANCE = 2 ** -40;

/** The regime of a mode that is multiplied by `factor` in each step. */
function byFactor(factor: number): Regime {
  if (Math.abs(factor) <= TOLERANCE) return "one-step";
  if (Math.abs(factor + 1) <= TOLERANCE) return "two-cycle";
  if (Math.abs(factor - 1) <= TOLERANCE) return "stationary";
  if (factor < -1) return "divergent";
  if (factor > 1) return "escaping";
  return factor > 0 ? "monotone" : "oscillating";
}

/**
 * The regime of gradient descent on a mode, predicted.
 *
 * @param learningRate - η, finite
 * @param lambda - the mode's eigenvalue, finite
 * @throws TypeError or RangeError if one of them is no finite number
 *
 * @example
 * ```ts
 * import { regime } from "thalweg";
 * regime(0.3, 5); // "oscillating"
 * regime(0.2, 10); // "two-cycle"
 * ```
 *
 * Source: LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998, §5.1.
 */
export function regime(learningRate: number, lambda: number): Regime {
  checkNumber("regime", "learningRate", learningRate, "(−∞, ∞)", Number.isFinite);
  checkNumber("regime", "lambda", lambda, "(−∞, ∞)", Number.isFinite);
  return byFactor(1 - learningRate * lambda);
}

/** Positions smaller than this part of the first say nothing any more: rounding has the word. */
const NOISE = 1e-6;

/**
 * The regime of a run along one mode, observed: from the quotients of successive positions alone.
 *
 * @param positions - coordinates along the mode with the minimum at 0, oldest first: at least two,
 * finite, the first not 0
 * @throws TypeError or RangeError naming the position that is wrong
 *
 * @example
 * ```ts
 * import { observedRegime } from "thalweg";
 * observedRegime([1, -0.5, 0.25, -0.125]); // "oscillating"
 * ```
 *
 * Source: as {@link regime}'s, with the median of the quotients for 1 − ηλ.
 */
export function observedRegime(positions: ArrayLike<number>): Regime {
  checkVector("observedRegime", "positions", positions);
  if (positions.length < 2) {
    throw new RangeError(`observedRegime: positions must have at least 2 entries, got ${positions.length}`);
  }
  if (positions[0] === 0) throw new RangeError("observedRegime: positions[0] must not be 0");
  const factors: number[] = [];
  for (let t = 0; t + 1 < positions.length; t++) {
    if (t > 0 && Math.abs(positions[t]) < NOISE * Math.abs(positions[0])) break;
    factors.push(positions[t + 1] / positions[t]);
  }
  factors.sort((a, b) => a - b);
  return byFactor(factors[factors.length >> 1]);
}
