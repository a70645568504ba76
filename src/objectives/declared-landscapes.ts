import { type ArrayInput, readArray } from "../core/array-input.ts";
import { checkKeys, checkNumber, checkNumberOption } from "../core/check.ts";
import { cos } from "../core/scalar.ts";
import type { Landscape, Point, Target } from "./landscapes.ts";
import {
  bendAt,
  HIGHEST_POWER,
  isDivisor,
  type PolynomialSlope,
  polynomialValue,
  type SineSlope,
  slopeAt,
} from "./slope.ts";

/** A landscape of one variable along a declared slope. */
function alongSlope(
  name: string,
  slope: PolynomialSlope | SineSlope,
  value: (x: number) => number,
  start: number,
): Landscape {
  return Object.freeze({
    name,
    dimension: 1,
    start: Object.freeze([start]),
    // The kernels divide by the amplitude of a sine.
    ...(slope.kind === "polynomial" || isDivisor(slope.amplitude, slope.coefficients) ? { slope } : {}),
    value: (x: Point) => value(x[0]),
    gradient(x: Point, g: Target) {
      g[0] = slopeAt(slope, x[0]);
    },
    hessianVectorProduct(x: Point, v: Point, product: Target) {
      product[0] = bendAt(slope, x[0]) * v[0];
    },
  });
}

/**
 * The function of one variable whose derivative is the polynomial c₀ + c₁x + c₂x² + …, and whose value at 0 is 0:
 * λx²/2 is that of [0, λ].
 *
 * @param slope - c₀, c₁, …: at most eight finite numbers, one but c₀ not 0; zeros at the end do not count
 * @throws TypeError or RangeError naming the coefficient that is no finite number; RangeError where there are too
 * many, or the slope is the same everywhere
 *
 * @example
 * ```ts
 * import { gradientDescent, minimize, polynomialLandscape } from "thalweg";
 * const landscape = polynomialLandscape([-6, 0, 2]); // that of 2x³/3 − 6x
 * minimize(landscape, { rule: gradientDescent({ learningRate: 0.1 }), start: [1] }).x; // ≈ [1.732]
 * ```
 *
 * Source: the form in which Feigenbaum, "Quantitative universality for a class of nonlinear transformations", 1978,
 * takes his maps.
 */
export function polynomialLandscape(slope: ArrayInput): Landscape {
  const { values } = readArray("polynomialLandscape", "slope", slope);
  let length = values.length;
  while (length > 0 && values[length - 1] === 0) length--;
  if (length < 2)
    throw new RangeError("polynomialLandscape: a coefficient of slope other than the first must not be 0");
  if (length > HIGHEST_POWER + 1) {
    throw new RangeError(
      `polynomialLandscape: slope must have at most ${HIGHEST_POWER + 1} coefficients, got ${length}`,
    );
  }
  const coefficients = Object.freeze(Array.from({ length }, (_, k) => values[k]));
  const declared: PolynomialSlope = Object.freeze({ kind: "polynomial", coefficients });
  return alongSlope("polynomialLandscape", declared, (x) => polynomialValue(coefficients, x), 0.5);
}

/**
 * The cubic x²/2 − x³/3: a valley at 0, and a pass at 1 behind which it falls for ever. Gradient descent on it is the
 * logistic map with r = 1 + η, in other coordinates: it doubles its period at η = 2, √6, 2.5441, … and is chaotic from
 * η = 2.5699 on.
 *
 * @example
 * ```ts
 * import { cubicValley, optimizerMap, gradientDescent, periods } from "thalweg";
 * const map = optimizerMap(gradientDescent(), cubicValley);
 * periods(map, { rates: [1.9, 2.2, 2.5, 2.55] }).periods; // [1, 2, 4, 8]
 * ```
 *
 * Source: May, "Simple mathematical models with very complicated dynamics", Nature 261, 1976, for the logistic map.
 */
export const cubicValley: Landscape = alongSlope(
  "cubicValley",
  { kind: "polynomial", coefficients: [0, 1, -1] },
  (x) => x * x * (0.5 - x / 3),
  0.3,
);

/**
 * A row of valleys: amplitude·(1 − cos(frequency·x)) + stiffness·x²/2 − tilt·x. With a stiffness it is Rastrigin's
 * function; without one, gradient descent on it is the circle map.
 *
 * @param options.amplitude - half the height of the ridges: finite and not 0, default 1
 * @param options.frequency - > 0, default 1: valleys are 2π/frequency apart
 * @param options.stiffness - the curvature of the bowl that the valleys lie in: finite, default 0
 * @param options.tilt - the slope of the plain that they lie in: finite, default 0
 * @throws TypeError or RangeError naming the option that is unknown or outside its domain
 *
 * @example
 * ```ts
 * import { cosineLandscape, gradientDescent, minimize } from "thalweg";
 * const rastrigin = cosineLandscape({ amplitude: 10, frequency: 2 * Math.PI, stiffness: 2 });
 * minimize(rastrigin, { rule: gradientDescent({ learningRate: 0.001 }), start: [1.3] }).x; // ≈ [0.995]
 * ```
 *
 * Source: Rastrigin, "Systems of extremal control", 1974; Arnold, "Small denominators I", 1961, for the circle map.
 */
export function cosineLandscape(
  options: {
    /** Half the height of the ridges: finite and not 0, default 1. */
    readonly amplitude?: number;
    /** > 0, default 1: valleys are 2π/frequency apart. */
    readonly frequency?: number;
    /** The curvature of the bowl that the valleys lie in: finite, default 0. */
    readonly stiffness?: number;
    /** The slope of the plain that they lie in: finite, default 0. */
    readonly tilt?: number;
  } = {},
): Landscape {
  checkKeys("cosineLandscape", options, ["amplitude", "frequency", "stiffness", "tilt"]);
  const { amplitude = 1, frequency = 1, stiffness = 0, tilt = 0 } = options;
  const finite = Number.isFinite;
  checkNumber(
    "cosineLandscape",
    "amplitude",
    amplitude,
    "the finite numbers but 0",
    (v) => finite(v) && v !== 0,
  );
  checkNumber("cosineLandscape", "frequency", frequency, "(0, ∞)", (v) => finite(v) && v > 0);
  checkNumberOption("cosineLandscape", "stiffness", stiffness, "(−∞, ∞)", finite);
  checkNumberOption("cosineLandscape", "tilt", tilt, "(−∞, ∞)", finite);
  const slope: SineSlope = Object.freeze({
    kind: "sine",
    amplitude: amplitude * frequency,
    frequency,
    coefficients: Object.freeze([-tilt, stiffness] as const),
  });
  const value = (x: number) => amplitude * (1 - cos(frequency * x)) + ((stiffness * x) / 2) * x - tilt * x;
  return alongSlope("cosineLandscape", slope, value, 1);
}

/**
 * ½(uv − target)²: a number as the product of two, the smallest linear network with two layers. Its minima are a
 * hyperbola, along which the sharpness u² + v² grows from 2·|target| on: gradient descent ends only where that is at
 * most 2/η.
 *
 * @param target - what the product is to be: finite, default 1
 * @throws TypeError or RangeError if it is no finite number
 *
 * @example
 * ```ts
 * import { curvature, factorization, gradientDescent, minimize } from "thalweg";
 * const rule = gradientDescent({ learningRate: 0.05 });
 * const { x } = minimize(factorization(), { rule, start: [3, 0.1] });
 * x[0] * x[1]; // ≈ 1
 * curvature(factorization(), { at: [1, 1] }).lambdaMax; // 2
 * ```
 *
 * Source: Lewkowycz, Bahri, Dyer, Sohl-Dickstein, Gur-Ari, "The large learning rate phase of deep learning: the catapult
 * mechanism", arXiv 2003.02218.
 */
export function factorization(target = 1): Landscape {
  checkNumber("factorization", "target", target, "(−∞, ∞)", Number.isFinite);
  return Object.freeze({
    name: "factorization",
    dimension: 2,
    start: [1.5, 0.5],
    slope: Object.freeze({ kind: "product", target } as const),
    value(x: Point) {
      const error = x[0] * x[1] - target;
      return 0.5 * error * error;
    },
    gradient(x: Point, g: Target) {
      const error = x[0] * x[1] - target;
      g[0] = error * x[1];
      g[1] = error * x[0];
    },
    hessianVectorProduct(x: Point, v: Point, product: Target) {
      const uv = x[0] * x[1];
      const mixed = uv - target + uv;
      product[0] = x[1] * x[1] * v[0] + mixed * v[1];
      product[1] = mixed * v[0] + x[0] * x[0] * v[1];
    },
  });
}
