import { checkKeys, checkNumber, checkVector } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import type { Landscape, Point, Target } from "./landscapes.ts";

/** A valley of {@link twoValleys}. */
export interface Valley {
  /** Where its bottom lies. */
  readonly at: number;
  /** λ > 0 there. */
  readonly curvature: number;
  /** How far its bottom lies below the pass: > 0. */
  readonly depth: number;
  /** From where on, seen from its bottom, the function bends towards the pass. */
  readonly joint: number;
}

/** A landscape of one variable with two valleys and a pass at 0, all of them parabolas. */
export interface TwoValleys extends Landscape {
  /** The left valley and the right one. */
  readonly valleys: readonly [left: Valley, right: Valley];
  /** μ > 0: the curvature at the pass is −μ. */
  readonly passCurvature: number;
}

/** Options of {@link twoValleys}. */
export interface TwoValleysOptions {
  /** λ of the left valley and of the right one: > 0, default [16, 1]. */
  readonly curvatures?: readonly [left: number, right: number];
  /** How far their bottoms lie below the pass: > 0, default [1, 1]. */
  readonly depths?: readonly [left: number, right: number];
  /** μ, where the curvature at the pass is −μ: > 0, default 4. */
  readonly passCurvature?: number;
}

/** Where a landscape is one parabola, with its curvature and its vertex. */
interface Piece {
  readonly curvature: number;
  readonly centre: number;
  readonly height: number;
}

const isPositive = (v: number) => v > 0 && v < Infinity;

function readPair(name: string, pair: readonly [number, number]): readonly [number, number] {
  checkVector("twoValleys", name, pair, 2);
  pair.forEach((value, i) => {
    checkNumber("twoValleys", `${name}[${i}]`, value, "(0, ∞)", isPositive);
  });
  return pair;
}

/**
 * A sharp valley and a flat one, with a pass between them: the function of one variable that is λ₁(x − a)²/2 − d₁ on the left,
 * −μx²/2 about 0, and λ₂(x − b)²/2 − d₂ on the right, joined where values and slopes meet. Its derivative is straight in
 * three pieces, so that curvatures and depths are exactly what is asked for; with them the bottoms lie
 * √(2d(1/λ + 1/μ)) from the pass.
 *
 * @param options.curvatures - λ₁ and λ₂: > 0, default [16, 1]
 * @param options.depths - d₁ and d₂: > 0, default [1, 1]
 * @param options.passCurvature - μ: > 0, default 4
 * @throws TypeError or RangeError naming the option that is unknown or outside its domain
 *
 * @example
 * ```ts
 * import { gradientDescent, minimize, twoValleys } from "thalweg";
 * const landscape = twoValleys({ curvatures: [16, 1] });
 * const [sharp, flat] = landscape.valleys;
 * sharp.at; // ≈ -0.7906: −√(2(1/16 + 1/4))
 * flat.at; // ≈ 1.5811: √(2(1 + 1/4))
 * landscape.value([sharp.at]) - landscape.value([flat.at]); // ≈ 0
 * minimize(landscape, { rule: gradientDescent({ learningRate: 0.1 }), start: [-0.1] }).x; // ≈ [-0.7906]
 * ```
 *
 * Source: Keskar, Mudigere, Nocedal, Smelyanskiy, Tang, "On large-batch training for deep learning: generalization gap and sharp
 * minima", ICLR 2017, figure 1, which is a sketch; the parabolas are those that Kramers, "Brownian motion in a field of force and the
 * diffusion model of chemical reactions", Physica 7, 1940, puts in place of a potential at its bottom and at its top.
 */
export function twoValleys(options: TwoValleysOptions = {}): TwoValleys {
  checkKeys("twoValleys", options, ["curvatures", "depths", "passCurvature"]);
  const { curvatures = [16, 1], depths = [1, 1], passCurvature = 4 } = options;
  readPair("curvatures", curvatures);
  readPair("depths", depths);
  checkNumber("twoValleys", "passCurvature", passCurvature, "(0, ∞)", isPositive);
  const valleyOf = (side: 0 | 1): Valley => {
    const curvature = curvatures[side];
    const depth = depths[side];
    const sign = side === 0 ? -1 : 1;
    const distance = Math.sqrt(2 * depth * (1 / curvature + 1 / passCurvature));
    // The slopes meet where λ·(distance − joint) = μ·joint.
    const joint = (distance * curvature) / (curvature + passCurvature);
    return Object.freeze({ at: sign * distance, curvature, depth, joint: sign * joint });
  };
  const [left, right] = [valleyOf(0), valleyOf(1)];
  for (const { at, joint } of [left, right]) {
    if (Number.isFinite(at) && joint !== 0 && joint !== at) continue;
    throw new RangeError(
      "twoValleys: curvatures, depths and passCurvature lie too far apart for f64 to tell the valleys from the pass",
    );
  }
  const pieces = [
    { curvature: left.curvature, centre: left.at, height: -left.depth },
    { curvature: -passCurvature, centre: 0, height: 0 },
    { curvature: right.curvature, centre: right.at, height: -right.depth },
  ] as const satisfies readonly Piece[];
  const pieceAt = (x: number): Piece => pieces[x < left.joint ? 0 : x < right.joint ? 1 : 2];
  const lowest = left.depth > right.depth ? left : right;
  return Object.freeze({
    name: "twoValleys",
    dimension: 1,
    start: Object.freeze([left.joint / 2]),
    ...(left.depth === right.depth ? {} : { minimum: { x: [lowest.at], value: -lowest.depth } }),
    valleys: Object.freeze([left, right] as const),
    passCurvature,
    value(x: Point) {
      const { curvature, centre, height } = pieceAt(x[0]);
      const away = x[0] - centre;
      return 0.5 * curvature * away * away + height;
    },
    gradient(x: Point, g: Target) {
      const { curvature, centre } = pieceAt(x[0]);
      g[0] = curvature * (x[0] - centre);
    },
    hessianVectorProduct(x: Point, v: Point, product: Target) {
      product[0] = pieceAt(x[0]).curvature * v[0];
    },
  });
}

/** Throws unless a landscape is one of {@link twoValleys}. */
export function checkTwoValleys(owner: string, landscape: unknown): asserts landscape is TwoValleys {
  const { valleys, passCurvature } = (landscape ?? {}) as Partial<TwoValleys>;
  if (Array.isArray(valleys) && valleys.length === 2 && typeof passCurvature === "number") return;
  throw new TypeError(`${owner}: landscape must be one of twoValleys, got ${describe(landscape)}`);
}
