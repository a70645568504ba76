import type { ArrayInput } from "../core/array-input.ts";
import {
  checkCount,
  checkKeys,
  checkNumber,
  checkNumberOption,
  checkPrecision,
  checkSeed,
} from "../core/check.ts";
import { formatNumber } from "../core/format.ts";
import type { Kernels, Pointer } from "../core/kernels.ts";
import { groupedMoments, unskewed } from "../core/mean-interval.ts";
import { machineEpsilon, type Numbers, type Precision, paddedLength } from "../core/precision.ts";
import { Random } from "../core/random.ts";
import { studentSize } from "../core/student.ts";
import { Workspace } from "../core/workspace.ts";
import { COMPLETE_LIMIT } from "../curvature/curvature.ts";
import { boundFrom, krylovMiss } from "../curvature/krylov-bound.ts";
import { Lanczos, lanczosMemory } from "../curvature/lanczos.ts";
import type { BoundObjective, Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { atPoint, type Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import { onBatches } from "../sampling/on-batches.ts";

/** How a curvature is measured on batches. */
export interface BatchMeasurement {
  /** Rows of a batch: an integer ≥ 1, default 8. */
  readonly batchSize?: number;
  /** Batches to draw: an integer ≥ 16, default 128. */
  readonly batches?: number;
  /** The probability of the interval, in (0, 1), default 0.95. */
  readonly confidence?: number;
  /** Of the rows drawn and of the starts of Lanczos: an integer in [0, 2⁵³), default 0. */
  readonly seed?: number;
  /** Of the products: "f64" (default) or "f32". */
  readonly precision?: Precision;
}

/** Names of the options of {@link BatchMeasurement}. */
export const batchMeasurementNames = ["batchSize", "batches", "confidence", "seed", "precision"] as const;

/** Options of {@link stochasticCurvature}. */
export interface StochasticCurvatureOptions<P = ArrayInput> extends BatchMeasurement {
  /** The point: one array, or named blocks; zeros if left out where the dimension is known. */
  readonly at?: P;
}

/** λmax of a mean over rows, from some of them, and the step that follows. */
export interface StochasticCurvature {
  /** λmax of all rows lies below with probability (1 − confidence)/2 at most. */
  readonly lower: number;
  /** It lies above with probability (1 − confidence)/2 at most. */
  readonly upper: number;
  /** The probability with which the interval holds it, from some hundred rows on; fewer tell too little of their skewness. */
  readonly confidence: number;
  /** Between the two estimates that the ends stand on, whose biases have opposite signs. */
  readonly lambdaMax: number;
  /** The mean curvature of batches along directions found on older ones: biased downwards. */
  readonly along: number;
  /** λmax of the mean over all rows drawn: biased upwards. */
  readonly ofSample: number;
  /** The standard error of either, as far as rows differ. */
  readonly standardError: number;
  /** Rows drawn. */
  readonly rows: number;
  /** Products of a Hessian on rows with a vector, each counted once for each row it is of. */
  readonly rowProducts: number;
  /** 2/upper: gradient descent on all rows is stable below, with probability (1 + confidence)/2 at least; ∞ where nothing curves upwards. */
  readonly speedLimit: number;
  /** One or two sentences: how large the step may be, how surely, and why. */
  readonly message: string;
}

/** The stream of a seed that rows are drawn from, so that they share no number with a sampler's batches. */
const STREAM = 0x63757276;

/** Parts of the batches at which the direction is found anew on all that came before. */
const RENEWALS = [1 / 8, 1 / 4, 1 / 2] as const;

/** Lanczos steps for a direction, which need not be the best one. */
const DIRECTION_STEPS = 32;

/** Lanczos steps for λmax of the sample, beyond COMPLETE_LIMIT parameters. */
const SAMPLE_STEPS = 96;

/** The part of what may fail above that is left to the start of Lanczos, where the spectrum is not complete. */
const KRYLOV_SHARE = 0.1;

/** What the measurement is made with, checked. */
export type Measurement = Required<BatchMeasurement>;

/** Checks how a curvature is to be measured, and fills in the defaults. */
export function readMeasurement(owner: string, options: BatchMeasurement): Measurement {
  const { batchSize = 8, batches = 128, confidence = 0.95, seed = 0, precision = "f64" } = options;
  const most = 2 ** 31;
  const within = (least: number) => (v: number) => Number.isSafeInteger(v) && v >= least && v <= most;
  checkNumber(owner, "batchSize", batchSize, `the integers from 1 to ${most}`, within(1));
  checkCount(owner, "batches", batches, 16);
  checkNumber(
    owner,
    "batches × batchSize",
    batches * batchSize,
    `the integers from 16 to ${most}`,
    within(16),
  );
  checkNumberOption(owner, "confidence", confidence, "(0, 1)", (v) => v > 0 && v < 1);
  checkSeed(owner, seed);
  checkPrecision(owner, precision);
  return { batchSize, batches, confidence, seed, precision };
}

/**
 * λmax of a mean over rows of data, from Hessian–vector products (or differences of gradients) on batches of them: a two-sided
 * interval that holds the λmax of all rows with the stated confidence, and a conservative step from its upper end.
 *
 * A batch's Hessian H_b is unbiased, its λmax is not, and no batch's top direction is the true one. Two estimates err on known
 * sides. λmax of the mean H_S over all rows drawn is too large in the mean, since λmax is convex (Jensen): the upper end is
 * that and what the noise of the rows allows. The curvature uᵀH_b u along a direction u that was found on older batches is uᵀHu in
 * the mean, since the batch does not know u, and never more than λmax: the lower end is the mean of these less what noise
 * allows. (Measured on the batches that u was found on, it would be too large.) The directions are found anew after 1/8, 1/4
 * and 1/2 of the batches, so that the deviations of uᵀH_b u from their means are martingale differences; Student's
 * limits for them are corrected for their skewness (Hall 1992). Where λmax stands apart from the other eigenvalues, both biases
 * fall as 1/rows and the interval comes close to that of one who knows the top direction; where it does not, it is wider,
 * and holds λmax more often than stated. Beyond 256 parameters the upper end includes what Lanczos may have missed.
 *
 * No interval from a sample knows of rows that were not drawn. Where a few rows in a hundred thousand curve as much as all the others
 * together, it takes as many draws as find them before the ends mean what they say.
 *
 * Differences of gradients are taken on the same rows at both ends: their noise then is that of the Hessian. On different rows it
 * would be that of the gradients over the difference's length, and drown it.
 *
 * @param problem - a data objective, or `{ rows, gradient(x, g, batch), … }` of your own; where rows are no data but draws, any
 * large number of them will do, with the row as a seed
 * @param options.at - the point; zeros if left out where the dimension is known
 * @param options.batchSize - rows of a batch: an integer ≥ 1, default 8
 * @param options.batches - batches to draw, with replacement: an integer ≥ 16, default 128
 * @param options.confidence - the probability of the interval, in (0, 1), default 0.95
 * @param options.seed - an integer in [0, 2⁵³), default 0
 * @param options.precision - "f64" (default) or "f32"
 * @returns the interval, the step that follows, and what they rest on: see {@link StochasticCurvature}
 * @throws TypeError or RangeError naming the argument that is wrong; RangeError where a product is not finite
 *
 * @example
 * ```ts
 * import { curvature, leastSquares, Random, stochasticCurvature } from "thalweg";
 * const random = new Random(1);
 * const rows = Array.from({ length: 20_000 }, () => [2 * random.normal(), random.normal(), random.normal()]);
 * const problem = leastSquares(rows, new Float64Array(20_000));
 * const { lower, upper, message } = stochasticCurvature(problem, { seed: 3 }); // of 1024 rows
 * const { lambdaMax } = curvature(problem);
 * lower < lambdaMax && lambdaMax < upper; // true
 * message.startsWith("λmax of all rows lies between"); // true
 * ```
 *
 * Source: the estimates and their combination are made here; Jensen's inequality and a direction from older data are also behind
 * Mak, Morton and Wood, "Monte Carlo bounding techniques for determining solution quality in stochastic programs", Oper.
 * Res. Lett. 24, 1999. Hall, "On the removal of skewness by transformation", J. R. Statist. Soc. B 54, 1992.
 */
export function stochasticCurvature(
  problem: Objective | UserProblem,
  options?: StochasticCurvatureOptions,
): StochasticCurvature;
export function stochasticCurvature<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: StochasticCurvatureOptions<P>,
): StochasticCurvature;
export function stochasticCurvature(
  problem: Problem,
  options: StochasticCurvatureOptions<ParametersInput> = {},
): StochasticCurvature {
  const owner = "stochasticCurvature";
  checkKeys(owner, options, ["at", ...batchMeasurementNames]);
  return measureOnBatches(owner, problem, options.at, readMeasurement(owner, options), 0);
}

/**
 * The measurement behind `stochasticCurvature`.
 *
 * @param turn - measurements of the same seed have different rows
 */
export function measureOnBatches(
  owner: string,
  problem: Problem,
  at: ParametersInput | undefined,
  measurement: Measurement,
  turn: number,
): StochasticCurvature {
  const { objective, point } = atPoint(owner, problem, "at", at);
  const { rows } = objective;
  const drawn = measurement.batches * measurement.batchSize;
  const onRows = onBatches(owner, problem, objective, rows ?? 0, drawn);
  if (rows === undefined) {
    throw new TypeError(`${owner}: rows is needed: let the problem say how many rows of data it has`);
  }
  const session = new Session(owner, onRows, point, measurement);
  try {
    return session.measure(rows, turn);
  } finally {
    session.dispose();
  }
}

/** An objective on batches, with memory for Lanczos, at one point. */
class Session {
  readonly #owner: string;
  readonly #measurement: Measurement;
  readonly #workspace: Workspace;
  readonly #kernels: Kernels;
  readonly #bound: BoundObjective;
  readonly #dimension: number;
  readonly #count: number;
  readonly #sampleSteps: number;
  readonly #x: Pointer;
  readonly #v: Pointer;
  readonly #image: Pointer;
  #rowProducts = 0;

  constructor(owner: string, objective: Objective, point: Numbers, measurement: Measurement) {
    const { dimension } = objective;
    const { precision } = measurement;
    this.#owner = owner;
    this.#measurement = measurement;
    this.#dimension = dimension;
    this.#count = paddedLength(dimension, precision);
    this.#sampleSteps = dimension <= COMPLETE_LIMIT ? dimension : Math.min(dimension, SAMPLE_STEPS);
    const names = ["x", "batch.v", "batch.image"];
    this.#workspace = new Workspace(
      [
        ...names.map((name) => ({ name, length: dimension })),
        ...lanczosMemory(
          dimension,
          Math.max(this.#sampleSteps, Math.min(dimension, DIRECTION_STEPS)),
          precision,
        ),
        ...objective.memory(precision),
      ],
      precision,
    );
    try {
      this.#kernels = this.#workspace.kernels;
      [this.#x, this.#v, this.#image] = names.map((name) => this.#workspace.pointer(name));
      this.#bound = objective.bind(this.#workspace);
      this.#workspace.real("x").set(point);
    } catch (error) {
      this.#workspace.dispose();
      throw error;
    }
  }

  measure(rows: number, turn: number): StochasticCurvature {
    const { batchSize, batches, confidence, seed } = this.#measurement;
    const random = new Random(seed, STREAM);
    random.seek(turn);
    const sample = Uint32Array.from({ length: batches * batchSize }, () => random.below(rows));
    const cuts = [...RENEWALS.map((part) => Math.ceil(part * batches)), batches];
    const groups = RENEWALS.map((_, k) => {
      this.#direction(sample.subarray(0, cuts[k] * batchSize), random);
      return Array.from({ length: cuts[k + 1] - cuts[k] }, (_, j) => {
        const from = (cuts[k] + j) * batchSize;
        return this.#along(sample.subarray(from, from + batchSize));
      });
    });
    const tail = (1 - confidence) / 2;
    const top = this.#top(sample, random, KRYLOV_SHARE * tail);
    const moments = groupedMoments(groups);
    const { mean, deviation, skewness, degrees } = moments;
    const offset = (probability: number, side: 1 | -1, count: number) =>
      (deviation / Math.sqrt(count)) *
      unskewed(side * studentSize(1 - 2 * probability, degrees), skewness, count);
    const lower = mean - offset(tail, 1, moments.count) - top.error;
    const upper =
      top.bound - offset(top.complete ? tail : (1 - KRYLOV_SHARE) * tail, -1, batches) + top.error;
    const found = {
      lower,
      upper,
      confidence,
      lambdaMax: (mean + top.value) / 2,
      along: mean,
      ofSample: top.value,
      standardError: deviation / Math.sqrt(batches),
      rows: sample.length,
      rowProducts: this.#rowProducts,
      speedLimit: upper > 0 ? 2 / upper : Infinity,
    };
    return { ...found, message: sentence(found, rows) };
  }

  dispose(): void {
    this.#workspace.dispose();
  }

  #select(rows: Uint32Array): void {
    this.#bound.selectRows?.(rows);
    this.#bound.linearize(this.#x);
  }

  /** Lanczos on the rows that are selected, which are `rows` many. */
  #lanczos(steps: number, rows: number, random: Random): Lanczos {
    this.#workspace.real("lanczos.basis").fill(0);
    const lanczos = new Lanczos(this.#bound, this.#workspace, this.#dimension, random);
    while (lanczos.steps < steps) {
      if (!lanczos.step()) {
        throw new RangeError(`${this.#owner}: a Hessian–vector product at this point is not finite`);
      }
    }
    this.#rowProducts += (steps + 1) * rows;
    return lanczos;
  }

  /** Puts the direction in which the mean over rows curves most into `#v`, as far as some steps of Lanczos find it. */
  #direction(rows: Uint32Array, random: Random): void {
    this.#select(rows);
    const steps = Math.min(this.#dimension, DIRECTION_STEPS);
    const [{ vector }] = this.#lanczos(steps, rows.length, random).ritzVectors([0]);
    this.#workspace.real("batch.v").set(vector);
  }

  /** The curvature of a batch along the direction. */
  #along(rows: Uint32Array): number {
    this.#select(rows);
    this.#bound.hessianVectorProduct(this.#v, this.#image);
    this.#rowProducts += rows.length;
    const along = this.#kernels.dot(this.#count, this.#v, this.#image);
    if (Number.isFinite(along)) return along;
    throw new RangeError(`${this.#owner}: a Hessian–vector product at this point is not finite`);
  }

  /** λmax of the mean over rows: measured, bounded, and how far products and rounding may be off. */
  #top(
    rows: Uint32Array,
    random: Random,
    failure: number,
  ): { readonly value: number; readonly bound: number; readonly error: number; readonly complete: boolean } {
    this.#select(rows);
    const lanczos = this.#lanczos(this.#sampleSteps, rows.length, random);
    const [{ value, productError }] = lanczos.ritzVectors([0]);
    const ritz = lanczos.ritzValues();
    const bottom = ritz[ritz.length - 1].value;
    const complete = lanczos.exhausted;
    const missed = complete ? 0 : krylovMiss(this.#dimension, this.#sampleSteps, failure / 2);
    const size = Math.max(Math.abs(value), Math.abs(bottom));
    const rounding = 8 * machineEpsilon[this.#measurement.precision] * Math.sqrt(this.#dimension) * size;
    return {
      value,
      bound: boundFrom(value, bottom, undefined, missed),
      error: productError + rounding,
      complete,
    };
  }
}

function sentence(f: Omit<StochasticCurvature, "message">, rows: number): string {
  const text = (value: number) => formatNumber(value, 4);
  const all =
    f.rows >= rows
      ? ` There are no more than ${formatNumber(rows)} rows: curvature(…) tells it exactly.`
      : "";
  const surely = formatNumber((1 + f.confidence) / 2, 6);
  const found = `λmax of all rows lies between ${text(f.lower)} and ${text(f.upper)} with confidence ${f.confidence}, by ${formatNumber(f.rows)} of them`;
  if (f.upper <= 0) return `${found}: nothing curves upwards here, and curvature sets no limit.${all}`;
  return `${found}: learning rates below ${text(f.speedLimit)} = 2/${text(f.upper)} are stable with probability ${surely}.${all}`;
}
