import type { ArrayInput } from "../core/array-input.ts";
import { checkKeys, checkNumberOption } from "../core/check.ts";
import { formatNumber } from "../core/format.ts";
import { log } from "../core/scalar.ts";
import {
  type Extremes,
  extremesOf,
  type HessianInput,
  readHessian,
  readInterval,
  type Spread,
  spreadOf,
  type UncertaintySet,
} from "./uncertainty-set.ts";

const owner = "robustStep";

/** Options of {@link robustStep}. */
export interface RobustStepOptions {
  /** The point whose Hessians are meant, for problems that are no quadratics; zeros if left out where the dimension is known. */
  readonly at?: ArrayInput;
  /** A number that no eigenvalue of what is meant lies below, such as the l2 of a convex problem; default none. */
  readonly floor?: number;
  /** What the price is reckoned against; default H₀ (for a box: H₀ and its middle), the first of a list, nothing for eigenvalues. */
  readonly nominal?: HessianInput | { readonly eigenvalues: readonly [low: number, high: number] };
}

/** What being safe for a whole set costs against one Hessian of it. */
export interface RobustPrice {
  /** λmax of the nominal Hessian. */
  readonly lambdaMax: number;
  /** Its smallest eigenvalue that is not 0. */
  readonly lambdaMin: number;
  /** Its own best constant step. */
  readonly optimalStep: number;
  /** The factor a step of that on the nominal Hessian. */
  readonly contractionRate: number;
  /** The factor of the robust step on the nominal Hessian. */
  readonly robustRate: number;
  /** Steps of the robust step for one of the nominal step, on the nominal Hessian; ∞ where one step would do, or it does not settle. */
  readonly slowdown: number;
  /** The factor of the nominal step on the worst of the set: it diverges where this is above 1. */
  readonly worstRate: number;
}

/** A step that is safe for a whole set of Hessians, and what it rests on. */
export interface RobustStep {
  /** M̄: no member of the set has an eigenvalue above. */
  readonly lambdaMax: number;
  /** m̲: none has one below. */
  readonly lambdaMin: number;
  /** Whether some member of the set comes to M̄ and some to m̲ (up to the eigenvalues' own error), or they are bounds only. */
  readonly exact: { readonly lambdaMax: boolean; readonly lambdaMin: boolean };
  /** The smallest eigenvalue to be reckoned with that is not 0: m̲, or on the range of singular members; 0 where there is none. */
  readonly smallestPositive: number;
  /** 2/M̄: below it the step is stable for every member; 0 where one has a negative eigenvalue. */
  readonly speedLimit: number;
  /** 2/(M̄ + m̲), with the best worst case of all constant steps; 1/M̄ where m̲ = 0, and 0 where it is negative. */
  readonly optimalStep: number;
  /** (M̄ − m̲)/(M̄ + m̲): no mode of any member shrinks by less in a step. */
  readonly contractionRate: number;
  /** The probability that M̄ and m̲ hold: 1 but for more than 256 parameters, where they come from random starts. */
  readonly probability: number;
  /** Hessians whose eigenvalues were computed. */
  readonly evaluations: number;
  /** Against the nominal Hessian, where there is one with a positive eigenvalue and none that is negative. */
  readonly price?: RobustPrice;
  /** One or two sentences: how large the step may be, for what, and why. */
  readonly message: string;
}

function readNominal(nominal: unknown, at: ArrayInput | undefined): Extremes {
  if (typeof nominal === "object" && nominal !== null && "eigenvalues" in nominal) {
    checkKeys(`${owner}: nominal`, nominal, ["eigenvalues"]);
    const [low, high] = readInterval("nominal.eigenvalues", nominal.eigenvalues);
    return { low, high, positive: Math.max(0, low), exact: true, failure: 0 };
  }
  return extremesOf(readHessian("nominal", nominal, at));
}

/** The set without its members that have an eigenvalue below the floor. */
function above(floor: number, spread: Spread): Spread {
  const { low, high, exactLow, exactHigh, reachedFrom = -Infinity, lowOfHighest } = spread;
  if (low >= floor) return spread;
  if (high < floor) {
    throw new RangeError(
      `${owner}: floor must not lie above all eigenvalues of the set, got ${floor} where they reach to ${high}`,
    );
  }
  return {
    ...spread,
    low: floor,
    high,
    positive: Math.max(0, floor),
    // On the way from a member that is meant to one that is not, λmin passes the floor.
    exactLow: exactLow && reachedFrom >= floor,
    exactHigh: exactHigh && lowOfHighest >= floor,
  };
}

/**
 * A step that is safe for every Hessian of a set, and the best of all constant steps for the worst of them. With M̄ the
 * largest and m̲ the smallest eigenvalue that any member has, the step η leaves max(|1 − ηM̄|, |1 − ηm̲|) of the slowest mode
 * of the worst member, which is least at
 *
 *   η = 2/(M̄ + m̲),   where it is (M̄ − m̲)/(M̄ + m̲).
 *
 * M̄ and m̲ are exact for eigenvalues in intervals, for lists, for balls in the spectral and Frobenius's norm, for uncertain
 * scales of features, and for linear families in which at most 12 directions are indefinite (at 2ᵏ vertices for k of them); else
 * they are bounds, and `exact` says so. Beyond 256 parameters they hold with `probability`.
 *
 * @param set - the Hessians: `{ eigenvalues: [low, high] }`; `{ hessians: [...] }`; `{ hessian, radius, norm }`;
 * `{ hessian, directions, box }` for H₀ + Σ uᵢHᵢ; `{ hessian, scale: ρ }` where the unit of each feature is known to a share ρ. A
 * Hessian is a symmetric matrix, an objective, or `{ value, gradient }`
 * @param options.at - the point whose Hessians are meant; zeros if left out where the dimension is known
 * @param options.floor - a number that no eigenvalue of what is meant lies below; default none
 * @param options.nominal - what the price is reckoned against: a Hessian or `{ eigenvalues: [low, high] }`; default H₀, or the first of a list
 * @returns M̄ and m̲ with the step, its guaranteed rate, its `price`, and a sentence: see {@link RobustStep}
 * @throws TypeError or RangeError naming the argument that is wrong; RangeError where a Hessian–vector product is not finite
 *
 * @example
 * ```ts
 * import { robustStep } from "thalweg";
 * const { optimalStep, contractionRate } = robustStep({ eigenvalues: [1, 9] });
 * optimalStep; // 2 / 10
 * contractionRate; // 8 / 10
 * const ball = robustStep({ hessian: [[10, 0], [0, 2]], radius: 1 });
 * ball.lambdaMax; // 11
 * ball.lambdaMin; // 1
 * const family = robustStep({ hessian: [[4, 0], [0, 4]], directions: [[[0, 1], [1, 0]], [[1, 0], [0, -1]]] });
 * family.lambdaMax; // 4 + 1.4142135623730951
 * family.exact; // { lambdaMax: true, lambdaMin: true }
 * ```
 *
 * Source: Polyak, "Introduction to optimization", 1987, §1.4, theorem 3, for the step; Horn and Johnson, "Matrix analysis", §4.3
 * (Weyl), §4.2 (Courant and Fischer), §4.5 (Sylvester and Ostrowski), for M̄ and m̲.
 */
export function robustStep(set: UncertaintySet, options: RobustStepOptions = {}): RobustStep {
  checkKeys(owner, options, ["at", "floor", "nominal"]);
  const { at, floor, nominal } = options;
  checkNumberOption(owner, "floor", floor, "(−∞, ∞)", Number.isFinite);
  const whole = spreadOf(set, at);
  const reference = nominal === undefined ? whole.nominal : readNominal(nominal, at);
  const spread = floor === undefined ? whole : above(floor, whole);
  const result = {
    lambdaMax: spread.high,
    lambdaMin: spread.low,
    exact: { lambdaMax: spread.exactHigh, lambdaMin: spread.exactLow },
    smallestPositive: spread.positive,
    ...stepsFor(spread.low, spread.high, spread.positive),
    probability: Math.max(0, 1 - spread.failure),
    evaluations: spread.evaluations,
  };
  const price = priceOf(result, reference);
  return { ...result, ...(price ? { price } : {}), message: sentence(result, price) };
}

type Steps = Pick<RobustStep, "speedLimit" | "optimalStep" | "contractionRate">;

function stepsFor(low: number, high: number, positive: number): Steps {
  if (low < 0) return { speedLimit: 0, optimalStep: 0, contractionRate: 1 };
  if (high === 0) return { speedLimit: Infinity, optimalStep: Infinity, contractionRate: 1 };
  const speedLimit = 2 / high;
  if (positive === 0) return { speedLimit, optimalStep: 1 / high, contractionRate: 1 };
  return {
    speedLimit,
    optimalStep: 2 / (high + positive),
    contractionRate: (high - positive) / (high + positive),
  };
}

/** The factor of the slowest mode of the worst spectrum in [low, high]. */
const worst = (step: number, low: number, high: number) =>
  Math.max(Math.abs(1 - step * low), Math.abs(1 - step * high));

function priceOf(
  {
    optimalStep: robust,
    lambdaMax: high,
    lambdaMin,
    smallestPositive,
  }: Omit<RobustStep, "message" | "price">,
  nominal: Extremes | undefined,
): RobustPrice | undefined {
  if (!nominal || nominal.low < 0 || nominal.positive === 0) return undefined;
  const { optimalStep, contractionRate } = stepsFor(nominal.low, nominal.high, nominal.positive);
  const robustRate = worst(robust, nominal.positive, nominal.high);
  const slow =
    contractionRate === 0 ? (robustRate === 0 ? 1 : Infinity) : log(contractionRate) / log(robustRate);
  return {
    lambdaMax: nominal.high,
    lambdaMin: nominal.positive,
    optimalStep,
    contractionRate,
    robustRate,
    slowdown: robustRate < 1 ? slow : Infinity,
    worstRate: worst(optimalStep, lambdaMin < 0 ? lambdaMin : smallestPositive, high),
  };
}

/** A slowdown of less is rounding. */
const NOTHING = 1e-6;

function sentence(r: Omit<RobustStep, "message" | "price">, price: RobustPrice | undefined): string {
  const text = (value: number) => formatNumber(value, 4);
  const how = r.exact.lambdaMax && r.exact.lambdaMin ? "" : " at most";
  const surely = r.probability < 1 ? ` with probability ${formatNumber(r.probability, 6)}` : "";
  const spread = `the eigenvalues of the set reach from ${text(r.lambdaMin)} to ${text(r.lambdaMax)}${how}${surely}`;
  if (r.lambdaMin < 0) {
    const some = r.exact.lambdaMin ? "some member curves" : "some member may curve";
    return `No step is stable for the whole set: ${spread}, so that ${some} downwards; a floor tells what is not meant.`;
  }
  if (r.lambdaMax === 0) return `Nothing curves in this set, and curvature sets no limit.`;
  if (r.smallestPositive === 0) {
    return `Steps below ${text(r.speedLimit)} = 2/M̄ are stable for the whole set, and none has a rate below 1, since ${spread}; ${text(r.optimalStep)} = 1/M̄ overshoots in no mode.`;
  }
  const rate = `${text(r.optimalStep)} = 2/(M̄ + m̲) leaves at most ${text(r.contractionRate)} of any mode in a step, whichever member it meets: ${spread}.`;
  if (!price) return rate;
  if (Math.abs(price.slowdown - 1) < NOTHING) return `${rate} It is the best of the nominal Hessian, too.`;
  const slower =
    price.slowdown === Infinity
      ? "On the nominal Hessian a step of its own would do in one."
      : `On the nominal Hessian it takes ${formatNumber(price.slowdown)} times as many steps as ${text(price.optimalStep)}, its own best`;
  const then =
    price.worstRate > 1
      ? `, which diverges on the worst member by ${text(price.worstRate)} a step.`
      : `, which leaves ${text(price.worstRate)} on the worst member.`;
  return `${rate} ${slower}${price.slowdown === Infinity ? "" : then}`;
}
