import type { ArrayInput } from "../core/array-input.ts";
import { checkCount, checkKeys, checkSeed } from "../core/check.ts";
import { paddedLength } from "../core/precision.ts";
import { Workspace } from "../core/workspace.ts";
import type { Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { atPoint, type Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import { onBatches } from "./on-batches.ts";
import { checkBatchSize } from "./sampler.ts";
import { withReplacement } from "./with-replacement.ts";

/** Options of {@link gradientNoiseScale}. */
export interface NoiseScaleOptions<P = ArrayInput> {
  /** The point; for a declared objective zeros if left out. */
  readonly at?: P;
  /** Rows of the small batches: an integer ≥ 1, default 1. */
  readonly batchSize?: number;
  /** Small batches to draw: an integer ≥ 2, default 100. */
  readonly batches?: number;
  /** An integer in [0, 2⁵³), default 0. */
  readonly seed?: number;
  /** Take the gradient of each row instead of drawing: as many evaluations as rows, and no error. Default false. */
  readonly exact?: boolean;
}

/** The noise of mini-batch gradients at a point. */
export interface NoiseScale {
  /** tr Σ / ‖G‖²: the batch size at which noise and gradient are equally long. ∞ where the gradient is 0. */
  readonly noiseScale: number;
  /** The standard error of `noiseScale`; 0 where it is exact. */
  readonly standardError: number;
  /** tr Σ: the sum of the variances of one row's gradient. A batch of b rows has tr Σ / b. */
  readonly variance: number;
  /** ‖G‖₂, of the gradient on all rows. */
  readonly gradientNorm: number;
}

/**
 * The gradient-noise scale of a mean over rows, tr Σ / ‖G‖², where G is the gradient on all rows and Σ the
 * covariance of that of one. Batches much smaller than this give gradients that are mostly noise; larger ones
 * save ever fewer steps.
 *
 * Small batches are drawn with replacement and compared with the big batch of all rows; their mean squared
 * distance from G, times their size, estimates tr Σ without bias. G has no error, so neither has the estimate
 * a bias.
 *
 * @param problem - a data objective, or `{ rows, gradient(x, g, batch), … }` of your own
 * @param options.at - the point; for a declared objective zeros if left out
 * @param options.batchSize - rows of the small batches: an integer ≥ 1, default 1
 * @param options.batches - small batches to draw: an integer ≥ 2, default 100
 * @param options.seed - an integer in [0, 2⁵³), default 0
 * @param options.exact - take the gradient of each row instead of drawing; default false
 * @returns the scale with its standard error, and what it consists of: see {@link NoiseScale}
 * @throws TypeError or RangeError naming the argument that is wrong
 *
 * @example
 * ```ts
 * import { gradientNoiseScale, leastSquares } from "thalweg";
 * const problem = leastSquares([[1], [1], [1]], [1, 2, 3]); // at 0 the rows' gradients are −1, −2 and −3
 * gradientNoiseScale(problem, { exact: true }).noiseScale; // ≈ 2 / 3 / 4
 * ```
 *
 * Source: McCandlish, Kaplan, Amodei, "An empirical model of large-batch training", arXiv:1812.06162, 2018,
 * equation 2.9 and appendix A.1.
 */
export function gradientNoiseScale(problem: Objective | UserProblem, options?: NoiseScaleOptions): NoiseScale;
export function gradientNoiseScale<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options?: NoiseScaleOptions<P>,
): NoiseScale;
export function gradientNoiseScale(
  problem: Problem,
  options: NoiseScaleOptions<ParametersInput> = {},
): NoiseScale {
  const owner = "gradientNoiseScale";
  checkKeys(owner, options, ["at", "batchSize", "batches", "seed", "exact"]);
  const { exact = false, seed = 0, batches = 100 } = options;
  if (typeof exact !== "boolean") throw new TypeError(`${owner}: exact must be true or false, got ${exact}`);
  if (exact && (options.batchSize ?? options.batches ?? options.seed) !== undefined) {
    throw new TypeError(`${owner}: exact takes every row; batchSize, batches and seed have no meaning then`);
  }
  checkCount(owner, "batches", batches, 2);
  checkSeed(owner, seed);
  const { batchSize = 1 } = options;
  checkBatchSize(owner, batchSize, 2 ** 31);
  const { objective, point } = atPoint(owner, problem, "at", options.at);
  const { rows } = objective;
  const onRows = onBatches(owner, problem, objective, rows ?? 0, batchSize);
  if (rows === undefined) {
    throw new TypeError(`${owner}: rows is needed: let the problem say how many rows of data it has`);
  }
  const row = new Uint32Array(1);
  const sampler = withReplacement({ rows, batchSize, seed });
  const draw = exact
    ? (k: number) => {
        row[0] = k;
        return row;
      }
    : () => sampler.draw();
  return measure(onRows, point, exact ? rows : batches, draw, exact);
}

function measure(
  objective: Objective,
  point: ArrayLike<number>,
  batches: number,
  draw: (k: number) => Uint32Array,
  exact: boolean,
): NoiseScale {
  const length = objective.dimension;
  const workspace = new Workspace(
    [...["x", "all", "batch"].map((name) => ({ name, length })), ...objective.memory("f64")],
    "f64",
  );
  try {
    workspace.real("x").set(point);
    const bound = objective.bind(workspace);
    const { kernels } = workspace;
    const count = paddedLength(length, "f64");
    const [x, all, batch] = ["x", "all", "batch"].map((name) => workspace.pointer(name));
    bound.gradient(x, all);
    const gradientNorm = kernels.norm(count, all);
    // Mean and squared deviations of the batches' ‖gradient − G‖² × size (Welford).
    let variance = 0;
    let deviations = 0;
    for (let k = 0; k < batches; k++) {
      const rows = draw(k);
      bound.selectRows?.(rows);
      bound.gradient(x, batch);
      kernels.axpy(count, -1, all, batch);
      const squares = rows.length * kernels.dot(count, batch, batch);
      const difference = squares - variance;
      variance += difference / (k + 1);
      deviations += difference * (squares - variance);
    }
    const error = exact ? 0 : Math.sqrt(deviations / (batches - 1) / batches);
    const over = gradientNorm * gradientNorm;
    return {
      noiseScale: variance === 0 ? 0 : variance / over,
      standardError: error === 0 ? 0 : error / over,
      variance,
      gradientNorm,
    };
  } finally {
    workspace.dispose();
  }
}
