import { type ArrayInput, readArray } from "../core/array-input.ts";
import { checkCount, checkKeys, checkNumberReturned, checkSeed } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { Random } from "../core/random.ts";
import { createOptimizer } from "../descent/optimizer.ts";
import { checkRule, type Rule } from "../rules/rule.ts";

/** Options of {@link updateVariance}. */
export interface UpdateVarianceOptions {
  /** The rule whose updates are looked at: one that steps each parameter by itself. */
  readonly rule: Rule;
  /** Where noise is drawn: finite numbers. */
  readonly positions: ArrayInput;
  /** A stochastic gradient at a position, drawn with `random`: finite. */
  gradient(position: number, random: Random): number;
  /** Updates over which variances are taken: an integer ≥ 2, default 4000. */
  readonly steps?: number;
  /** Updates before these, in which moments settle: an integer ≥ 0, default 1000. */
  readonly warmUp?: number;
  /** An integer in [0, 2⁵³), default 0. */
  readonly seed?: number;
}

/** What updates vary by. */
export interface UpdateVariances {
  /** The variance of the updates at each position. */
  readonly variances: Float64Array;
  /** Their mean at each. */
  readonly means: Float64Array;
  /** The largest variance over the least; 1 where they are all alike. */
  readonly spread: number;
}

/**
 * How much a rule's updates vary with where they are taken, where the gradient's noise depends on the position: raw steps are as
 * noisy as the gradient there, steps divided by the root of the second moment are as noisy everywhere. The positions are held; all are
 * looked at together, a parameter each.
 *
 * @param options - the rule, the positions, the noisy gradient, how many updates: see {@link UpdateVarianceOptions}
 * @returns variances and means of the updates by position, and how far the variances lie apart
 * @throws TypeError or RangeError naming the argument that is wrong
 *
 * @example
 * ```ts
 * import { gradientDescent, type Random, rmsprop, updateVariance } from "thalweg";
 * const gradient = (x: number, random: Random) => (1 + x * x) * random.normal();
 * const noisy = { positions: [0, 1, 3], gradient };
 * updateVariance({ rule: gradientDescent(), ...noisy }).spread; // > 80: near (1 + 3²)²
 * updateVariance({ rule: rmsprop(), ...noisy }).spread; // < 1.2
 * ```
 *
 * Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, §2.1: the signal-to-noise ratio sets the step,
 * not the gradient's scale.
 */
export function updateVariance(options: UpdateVarianceOptions): UpdateVariances {
  const owner = "updateVariance";
  checkKeys(owner, options, ["rule", "positions", "gradient", "steps", "warmUp", "seed"]);
  const { rule, gradient, steps = 4000, warmUp = 1000, seed = 0 } = options;
  checkRule(owner, rule);
  const { measures, blockTextbook } = rule.declaration;
  if (measures || blockTextbook) {
    throw new RangeError(
      `${owner}: rule must step each parameter by itself; ${rule.name} lets them depend on one another`,
    );
  }
  if (typeof gradient !== "function") {
    throw new TypeError(
      `${owner}: gradient must be a function of a position and a Random, got ${describe(gradient)}`,
    );
  }
  const { values: positions } = readArray(owner, "positions", options.positions);
  checkCount(owner, "steps", steps, 2);
  checkCount(owner, "warmUp", warmUp);
  checkSeed(owner, seed);
  const random = new Random(seed);
  const { length } = positions;
  const means = new Float64Array(length);
  const squares = new Float64Array(length);
  const optimizer = createOptimizer(rule, new Float64Array(length));
  try {
    const { parameters: x, gradient: g } = optimizer;
    for (let t = 0; t < warmUp + steps; t++) {
      for (let i = 0; i < length; i++) {
        const drawn: unknown = gradient(positions[i], random);
        checkNumberReturned("gradient", drawn);
        if (!Number.isFinite(drawn)) {
          throw new RangeError(`${owner}: gradient must be finite, got ${drawn} at position ${positions[i]}`);
        }
        g[i] = drawn;
      }
      x.fill(0);
      optimizer.step();
      if (t < warmUp) continue;
      // Welford 1962: no square of a mean is taken from a mean of squares.
      const count = t - warmUp + 1;
      for (let i = 0; i < length; i++) {
        const away = x[i] - means[i];
        means[i] += away / count;
        squares[i] += away * (x[i] - means[i]);
      }
    }
  } finally {
    optimizer.dispose();
  }
  const variances = squares.map((square) => square / (steps - 1));
  const least = variances.reduce((low, variance) => Math.min(low, variance), Infinity);
  const most = variances.reduce((high, variance) => Math.max(high, variance), 0);
  return { variances, means, spread: most === least ? 1 : most / least };
}
