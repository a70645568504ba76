import type { ArrayInput } from "../core/array-input.ts";
import { checkCount, checkKeys, checkNumberOption, checkPrecision, checkSeed } from "../core/check.ts";
import { formatNumber } from "../core/format.ts";
import { machineEpsilon, type Precision } from "../core/precision.ts";
import { Random } from "../core/random.ts";
import type { Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { atPoint, type Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import { boundFrom, krylovMiss } from "./krylov-bound.ts";
import { startLanczos } from "./lanczos.ts";

/** Options of {@link lambdaMaxBound}. */
export interface LambdaMaxBoundOptions<P = ArrayInput> {
  /** The point: one array, or named blocks; zeros if left out where the dimension is known. */
  readonly at?: P;
  /** With which the bound holds, in (0, 1), default 0.999. */
  readonly probability?: number;
  /** Hessian–vector products to take: an integer ≥ 2, default 30. The last one measures the error of the others. */
  readonly products?: number;
  /** A number that no eigenvalue lies below; if left out 0 (or l2) for convex problems, else both ends are bounded at once. */
  readonly floor?: number;
  /** Of the products: "f64" (default) or "f32". */
  readonly precision?: Precision;
  /** Seed of the random start: an integer in [0, 2⁵³), default 0. */
  readonly seed?: number;
}

/** An upper bound on λmax, and what it rests on. */
export interface LambdaMaxBound {
  /** With `probability` no eigenvalue lies above; ∞ where both ends are open and the products too few. */
  readonly bound: number;
  /** The largest Ritz value: λmax lies no lower, but for the products' error. */
  readonly lambdaMax: number;
  /** The probability asked for; 1 where the whole space was spanned. */
  readonly probability: number;
  /** The part of the spread of the spectrum by which λmax may have been missed. */
  readonly missed: number;
  /** Hessian–vector products taken. */
  readonly products: number;
  /** 2/bound: gradient descent is stable below, with that probability; ∞ where nothing curves upwards. */
  readonly speedLimit: number;
  /** One sentence: how large the step may be, how surely, and why. */
  readonly message: string;
}

/**
 * An upper bound on λmax from a few Hessian–vector products, with a stated probability: of the random start of
 * Lanczos, whatever the spectrum. For a Hessian whose eigenvalues lie above `floor`, with θ the largest Ritz value of
 * m steps,
 *
 *   λmax ≤ floor + (θ − floor)/(1 − ε),   ε = tanh²(asinh(√(n − 1)/t)/(2m − 1)),
 *
 * where Student's |T| with n − 1 degrees of freedom is below t with probability 1 − `probability`. Where no floor is
 * known, both ends of the spectrum are bounded by θ ± ε·spread with half of that each. No sample of spectra enters,
 * and none can defeat it: with one step on a Hessian of rank one it fails exactly as often as stated.
 *
 * @param problem - an objective such as `leastSquares(…)`, or `{ value, gradient }` of your own
 * @param options.at - the point; zeros if left out where the dimension is known
 * @param options.probability - with which the bound holds, in (0, 1), default 0.999
 * @param options.products - Hessian–vector products to take, an integer ≥ 2, default 30
 * @param options.floor - a number that no eigenvalue lies below; default what the problem says of itself
 * @param options.precision - "f64" (default) or "f32"
 * @param options.seed - of the random start, an integer in [0, 2⁵³), default 0
 * @returns the `bound`, the step that follows, and a sentence: see {@link LambdaMaxBound}
 * @throws TypeError or RangeError naming the argument that is wrong; RangeError where a product is not finite, or a
 * Ritz value lies below `floor`
 *
 * @example
 * ```ts
 * import { lambdaMaxBound, quadratic } from "thalweg";
 * const diagonal = Array.from({ length: 5000 }, (_, i) => 1 - 1 / (i + 2)); // λmax = 0.9998
 * const { bound, speedLimit, message } = lambdaMaxBound(quadratic({ diagonal }), { probability: 0.99 });
 * bound; // ≈ 1.013
 * speedLimit; // ≈ 1.974
 * message; // "λmax ≤ 1.013 with probability 0.99, from 30 products: learning rates below 1.974 = 2/1.013 are stable."
 * ```
 *
 * Source: Kuczyński and Woźniakowski, "Estimating the largest eigenvalue by the power and Lanczos algorithms with
 * a random start", SIAM J. Matrix Anal. Appl. 13, 1992, theorem 4.2, here with the exact distribution of the start's
 * component in place of their bound on it, so that fewer products are enough.
 */
export function lambdaMaxBound(
  problem: Objective | UserProblem,
  options?: LambdaMaxBoundOptions,
): LambdaMaxBound;
export function lambdaMaxBound<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: LambdaMaxBoundOptions<P>,
): LambdaMaxBound;
export function lambdaMaxBound(
  problem: Problem,
  options: LambdaMaxBoundOptions<ParametersInput> = {},
): LambdaMaxBound {
  const owner = "lambdaMaxBound";
  checkKeys(owner, options, ["at", "probability", "products", "floor", "precision", "seed"]);
  const { probability = 0.999, products = 30, precision = "f64", seed = 0 } = options;
  checkNumberOption(owner, "probability", probability, "(0, 1)", (v) => v > 0 && v < 1);
  checkCount(owner, "products", products, 2);
  checkNumberOption(owner, "floor", options.floor, "(−∞, ∞)", Number.isFinite);
  checkPrecision(owner, precision);
  checkSeed(owner, seed);
  const random = new Random(seed);
  const { objective, point } = atPoint(owner, problem, "at", options.at);
  const { dimension } = objective;
  const steps = Math.min(products - 1, dimension);
  const floor = options.floor ?? (objective.convex ? (objective.curvatureFloor ?? 0) : undefined);
  const { lanczos, bound, workspace } = startLanczos(objective, steps, random, precision, point);
  try {
    for (let k = 0; k < steps; k++) {
      if (!lanczos.step()) {
        throw new RangeError(`${owner}: a Hessian–vector product at this point is not finite`);
      }
    }
    const [top] = lanczos.ritzVectors([0]);
    const ritz = lanczos.ritzValues();
    const bottom = ritz[ritz.length - 1].value;
    const size = Math.max(Math.abs(top.value), Math.abs(bottom));
    const rounding = 8 * machineEpsilon[precision] * Math.sqrt(dimension) * size;
    const error = top.productError + rounding;
    if (floor !== undefined && top.value < floor - error) {
      throw new RangeError(
        `${owner}: floor must not lie above an eigenvalue, got ${floor} where one is at most ${top.value}`,
      );
    }
    const complete = lanczos.exhausted;
    const failure = (1 - probability) / (floor === undefined ? 2 : 1);
    const missed = complete ? 0 : krylovMiss(dimension, steps, failure);
    const found = {
      bound: boundFrom(top.value, bottom, floor, missed) + error,
      lambdaMax: top.value,
      probability: complete ? 1 : probability,
      missed,
      products: bound.evaluations.hessianVectorProduct,
    };
    const speedLimit = found.bound > 0 ? 2 / found.bound : Infinity;
    return { ...found, speedLimit, message: sentence({ ...found, speedLimit }) };
  } finally {
    workspace.dispose();
  }
}

function sentence({ bound, probability, products, speedLimit }: Omit<LambdaMaxBound, "message">): string {
  const text = (value: number) => formatNumber(value, 4);
  if (bound === Infinity) {
    return `${products} products are too few for a bound with probability ${probability} where the Hessian may be indefinite: take more, or give a floor.`;
  }
  const surely = probability < 1 ? ` with probability ${probability}` : "";
  const why = `λmax ≤ ${text(bound)}${surely}, from ${products} products`;
  if (bound <= 0) return `${why}: nothing curves upwards here, and curvature sets no limit.`;
  return `${why}: learning rates below ${text(speedLimit)} = 2/${text(bound)} are stable.`;
}
