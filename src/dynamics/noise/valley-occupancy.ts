import { formatNumber } from "../../core/format.ts";
import type { TwoValleys } from "../../objectives/two-valleys.ts";
import { meanPassageTime, shareOnTheRight, type Temperatures } from "./langevin.ts";
import {
  type Condition,
  type NoisyRuns,
  type NoisyRunsOptions,
  readNoisyRuns,
  ValleyRuns,
} from "./valley-runs.ts";

/** Options of {@link valleyOccupancy}. */
export interface ValleyOccupancyOptions extends NoisyRunsOptions {
  /** Steps of each run: an integer in [1, 2³¹), default 10,000. */
  readonly steps?: number;
  /** Where runs begin: any finite number, default 0, the pass. */
  readonly start?: number;
}

/**
 * Whether runs had time to forget where they began, or had not; whether a step is beyond 2/λ of a valley, so that nothing stays
 * in it; or whether a run left every bound.
 */
export type OccupancyReason = "mixed" | "unmixed" | "unstable" | "diverged";

/** Where runs under one condition were. */
export interface ValleyOccupancy {
  /** η. */
  readonly learningRate: number;
  /** B. */
  readonly batchSize: number;
  /** T = ησ²/(2B) left and right of the pass. */
  readonly temperatures: Temperatures;
  /** Where each run ended: 0 in the left valley, 1 in the right one, −1 out of every bound. */
  readonly finalValleys: Int8Array;
  /** Of each run, the share of its steps that ended right of the pass. */
  readonly occupancies: Float64Array;
  /** The share of the runs that ended in the right valley; of those that did not diverge. */
  readonly rightShare: number;
  /** Its standard error. */
  readonly rightShareError: number;
  /** The mean of `occupancies`. */
  readonly meanOccupancy: number;
  /** Its standard error. */
  readonly meanOccupancyError: number;
  /** The share of its time that the diffusion which small steps follow spends on the right in the long run; NaN where a valley is unstable. */
  readonly predictedShare: number;
  /** The steps in which the memory of the start fades to 1/e, for small steps: 1/(1/τ + 1/τ′) of the passage times both ways. */
  readonly mixingSteps: number;
  /** What came of it, in a word. */
  readonly reason: OccupancyReason;
  /** One or two sentences that a person can act on. */
  readonly message: string;
}

/** A run is out of every bound so many widths of the landscape, and of noisy steps, away. */
const FAR = 1e6;
/** Mixing times after which less than a hundredth of the start is left. */
const MIXED = 5;

/** What small steps would do in the long run. */
function predict(landscape: TwoValleys, { learningRate, temperatures }: Condition, isStable: boolean) {
  if (!isStable) return { predictedShare: Number.NaN, mixingSteps: Number.NaN };
  if (temperatures[0] === 0) return { predictedShare: Number.NaN, mixingSteps: Infinity };
  const [there, back] = landscape.valleys.map(
    ({ at }) => meanPassageTime(landscape, temperatures, at) / learningRate,
  );
  return {
    predictedShare: shareOnTheRight(landscape, temperatures),
    mixingSteps: 1 / (1 / there + 1 / back),
  };
}

/** The mean of numbers, and its standard error. */
function meanOf(values: Float64Array): { readonly mean: number; readonly error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const scatter = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(scatter / (values.length - 1) / values.length) };
}

function sentence(
  found: Omit<ValleyOccupancy, "message">,
  {
    steps,
    diverged,
    unstable,
  }: { readonly steps: number; readonly diverged: number; readonly unstable: string },
): string {
  const { reason, finalValleys, rightShare, rightShareError, predictedShare, mixingSteps } = found;
  const ended = `${formatNumber(100 * rightShare)} ± ${formatNumber(100 * rightShareError, 1)} % of the runs ended in the right valley`;
  switch (reason) {
    case "diverged":
      return `${diverged} of ${finalValleys.length} runs left every bound: the rate is too large for this landscape.`;
    case "unstable":
      return `Nothing stays in the ${unstable} valley, whose ηλ is above 2; ${ended}.`;
    case "unmixed":
      return `${ended}, but ${steps} steps are too few to forget where they began: that takes ${formatNumber(MIXED * mixingSteps)}.`;
    default:
      return `${ended}; small steps would spend ${formatNumber(100 * predictedShare)} % of the time there.`;
  }
}

function describeRuns(work: NoisyRuns, condition: Condition, runs: ValleyRuns): ValleyOccupancy {
  const { landscape, noise, steps } = work;
  const { learningRate, batchSize, temperatures } = condition;
  const [left, right] = landscape.valleys;
  const { counts, ends } = runs.stepsOnTheRight(condition);
  const kick = (learningRate * Math.max(...noise)) / Math.sqrt(batchSize);
  const bound = FAR * (right.at - left.at + kick);
  const finalValleys = Int8Array.from(ends, (x) => (Math.abs(x) <= bound ? (x < 0 ? 0 : 1) : -1));
  let diverged = 0;
  let onTheRight = 0;
  for (const valley of finalValleys) {
    if (valley < 0) diverged++;
    else onTheRight += valley;
  }
  const kept = finalValleys.length - diverged;
  const rightShare = onTheRight / kept;
  const occupancies = Float64Array.from(counts, (count) => count / steps);
  const { mean, error } = meanOf(occupancies);
  const unstable = landscape.valleys.map(({ curvature }) => learningRate * curvature > 2);
  const isStable = !unstable.includes(true);
  const predicted = predict(landscape, condition, isStable);
  const found = {
    learningRate,
    batchSize,
    temperatures,
    finalValleys,
    occupancies,
    rightShare,
    rightShareError: Math.sqrt((rightShare * (1 - rightShare)) / kept),
    meanOccupancy: mean,
    meanOccupancyError: error,
    ...predicted,
    reason:
      diverged > 0
        ? "diverged"
        : !isStable
          ? "unstable"
          : steps < MIXED * predicted.mixingSteps
            ? "unmixed"
            : "mixed",
  } as const;
  const names = unstable[0] && unstable[1] ? "left or the right" : unstable[0] ? "left" : "right";
  return { ...found, message: sentence(found, { steps, diverged, unstable: names }) };
}

/**
 * In which valley noisy descent ends, and how much of its time it spends in each: thousands of runs of x ← x − η·(f′(x) + σξ/√B),
 * as in `escapeStatistics`, all of the same number of steps. In the long run the share of a valley does not depend on the start.
 *
 * With the same noise everywhere a flat valley has more of the runs than a sharp one of the same depth because it is wider, by √(λ/λ′) at low temperatures.
 * Batches are noisier where curvature is larger, σ² ≈ λ; the flat valley then has all but a part that is exponentially small.
 *
 * @param landscape - a landscape of `twoValleys`
 * @param options.learningRates - η: numbers > 0, or one
 * @param options.batchSizes - B: integers ≥ 1, or one; default 1
 * @param options.noise - σ, the deviation of one sample's gradient: a number ≥ 0, or one > 0 for each side of the pass; default 1
 * @param options.runs - runs under each condition: an integer in [1, 2²⁶], default 10,000
 * @param options.steps - steps of each run: an integer in [1, 2³¹), default 10,000
 * @param options.start - where runs begin: any finite number, default 0, the pass
 * @param options.seed - of the random streams: an integer in [0, 2⁵³), default 0
 * @param options.precision - "f64" (default), or "f32", which is twice as fast
 * @returns for each rate, and within it each batch size, where the runs were: see {@link ValleyOccupancy}
 * @throws TypeError or RangeError naming the argument that is missing, unknown, or outside its domain
 *
 * @example
 * ```ts
 * import { twoValleys, valleyOccupancy } from "thalweg";
 * const landscape = twoValleys({ curvatures: [16, 1], passCurvature: 4 });
 * const options = { learningRates: 0.01, runs: 1000, steps: 20_000 };
 * const [alike] = valleyOccupancy(landscape, { ...options, noise: 9 });
 * alike.rightShare; // > 0.7: the flat valley is wider
 * const [byCurvature] = valleyOccupancy(landscape, { ...options, noise: [4 * 3, 1 * 3] }); // σ² in proportion to λ
 * byCurvature.rightShare; // > 0.95
 * ```
 *
 * Source: Gardiner, "Handbook of stochastic methods", 2004, chapter 5, for the stationary density e^{−f/T}/T; Jastrzębski et al., "Three factors
 * influencing minima in SGD", arXiv 1711.04623, for the shares of valleys of one noise; Xie, Sato, Sugiyama, "A diffusion theory for
 * deep learning dynamics", ICLR 2021, for noise in proportion to the curvature.
 */
export function valleyOccupancy(landscape: TwoValleys, options: ValleyOccupancyOptions): ValleyOccupancy[] {
  const work = readNoisyRuns("valleyOccupancy", landscape, options, [], { steps: 10_000, start: () => 0 });
  const runs = new ValleyRuns(work);
  try {
    return work.conditions.map((condition) => describeRuns(work, condition, runs));
  } finally {
    runs.dispose();
  }
}
