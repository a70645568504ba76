import { checkKeys, checkNumberOption } from "../../core/check.ts";
import { describe } from "../../core/describe.ts";
import type { Landscape } from "../../objectives/landscapes.ts";
import { bendAt, type PolynomialSlope, type SineSlope, slopeAt } from "../../objectives/slope.ts";
import { iteratedMap } from "./iterated-map.ts";
import type { DynamicalMap } from "./map.ts";

function declaredSlope(landscape: unknown): PolynomialSlope | SineSlope {
  const slope =
    typeof landscape === "object" && landscape !== null ? (landscape as Landscape).slope : undefined;
  if (slope && slope.kind !== "product") return slope;
  throw new TypeError(
    `slopeMap: landscape must be one of a single variable with a declared slope, such as polynomialLandscape([0, 1, -1]), got ${describe(landscape)}`,
  );
}

/**
 * A map of one variable that is declared as data, so that the core sweeps over it:
 *
 * x ← keep·x + offset + rate·f′(x).
 *
 * With keep = 0 that is the logistic map r·(x − x²) and its like, with keep = 1 the circle map.
 *
 * @param landscape - f: cubicValley, doubleWell, polynomialLandscape(…) or cosineLandscape(…)
 * @param options.keep - finite, default 0
 * @param options.offset - finite, default 0
 * @throws TypeError or RangeError naming what is no such landscape, unknown, or not finite
 *
 * @example
 * ```ts
 * import { lyapunov, polynomialLandscape, slopeMap } from "thalweg";
 * const quadraticMap = slopeMap(polynomialLandscape([0, 0, -1]), { offset: 1 }); // the map 1 − ax²
 * lyapunov(quadraticMap, { rates: 2, starts: 0.3 }).exponents; // ≈ [0.693]: ln 2
 * ```
 *
 * Source: Collet and Eckmann, "Iterated maps on the interval as dynamical systems", 1980, §I.1.
 */
export function slopeMap(
  landscape: Landscape,
  options: {
    /** The factor of x: finite, default 0. */
    readonly keep?: number;
    /** Added in each step: finite, default 0. */
    readonly offset?: number;
  } = {},
): DynamicalMap {
  const slope = declaredSlope(landscape);
  checkKeys("slopeMap", options, ["keep", "offset"]);
  const { keep = 0, offset = 0 } = options;
  checkNumberOption("slopeMap", "keep", keep, "(−∞, ∞)", Number.isFinite);
  checkNumberOption("slopeMap", "offset", offset, "(−∞, ∞)", Number.isFinite);
  const map = iteratedMap((x, rate) => keep * x + offset + rate * slopeAt(slope, x), {
    derivative: (x, rate) => keep + rate * bendAt(slope, x),
    start: landscape.start,
    name: `slopeMap(${landscape.name})`,
  });
  return Object.freeze({ ...map, compiled: { slope, method: "affine", keep, offset } as const });
}
