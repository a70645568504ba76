import { checkNumber } from "../../core/check.ts";
import { formatNumber } from "../../core/format.ts";
import { groupedMoments, unskewed } from "../../core/mean-interval.ts";
import { normalQuantile } from "../../core/normal.ts";
import type { TwoValleys } from "../../objectives/two-valleys.ts";
import { kramersTime, meanPassageTime, type Temperatures } from "./langevin.ts";
import { type NoisyRunsOptions, readNoisyRuns, ValleyRuns } from "./valley-runs.ts";

/** Options of {@link escapeStatistics}. */
export interface EscapeStatisticsOptions extends NoisyRunsOptions {
  /** Steps after which a run that has not escaped is given up: an integer in [1, 2³¹), default 50,000. */
  readonly steps?: number;
  /** Where runs begin: any number but 0, the pass; default the bottom of the left valley. */
  readonly start?: number;
  /** The probability that an interval holds the mean: in (0, 1), default 0.95. */
  readonly confidence?: number;
}

/**
 * What came of the runs: all of them escaped, some did, none did, or the step is beyond 2/λ of the valley, so that they do not settle
 * in it without noise either.
 */
export type EscapeReason = "escaped" | "censored" | "none" | "unstable";

/** The escapes under one condition. */
export interface Escapes {
  /** η. */
  readonly learningRate: number;
  /** B. */
  readonly batchSize: number;
  /** T = ησ²/(2B) left and right of the pass. */
  readonly temperatures: Temperatures;
  /** The step at which each run had first come nine tenths of the way from the pass to the bottom of the other valley; −1 where it did not. */
  readonly firstPassages: Int32Array;
  /** How many did. */
  readonly escaped: number;
  /** The share that did not. */
  readonly censoredShare: number;
  /** Escapes over all steps that runs were on the way: the likeliest rate a step. */
  readonly escapeRate: number;
  /** 1/`escapeRate`: where all have escaped, the mean of their first passages. ∞ where none did. */
  readonly meanSteps: number;
  /** Of `meanSteps`: from the scatter where all have escaped and are at least 30, else that of exponential times. */
  readonly standardError: number;
  /** Holds the mean with the confidence asked for. */
  readonly interval: readonly [low: number, high: number];
  /** Kramers' law: 2π/(η√(λμ))·e^{ΔF/T}, for small steps and ΔF ≫ T. ∞ without noise, NaN where the valley is unstable. */
  readonly kramersSteps: number;
  /** The mean first passage of the diffusion that small steps follow, whatever ΔF/T is. */
  readonly langevinSteps: number;
  /** What came of it, in a word. */
  readonly reason: EscapeReason;
  /** One or two sentences that a person can act on. */
  readonly message: string;
}

/** From so many runs on the mean of their times is as good as normal, but for its skewness. */
const MANY = 30;
/** Laws of small steps and of deep valleys are told of where ηλ is above, or ΔF/T below. */
const SMALL_STEP = 0.1;
const DEEP = 4;

/** The quantile of χ² of ν degrees of freedom over ν at a normal quantile z (Wilson and Hilferty 1931). */
function chiSquare(degrees: number, z: number): number {
  const share = 2 / (9 * degrees);
  return (1 - share + z * Math.sqrt(share)) ** 3;
}

/**
 * Limits of the mean of exponential times of which `escaped` were seen to end in `total` steps: the escapes are a Poisson count, with
 * Garwood's limits (Biometrika 28, 1936).
 */
function poissonLimits(escaped: number, total: number, z: number): readonly [number, number] {
  const most = (escaped + 1) * chiSquare(2 * escaped + 2, z);
  const least = escaped > 0 ? escaped * Math.max(0, chiSquare(2 * escaped, -z)) : 0;
  return [total / most, total / least];
}

/** What first passages tell of the mean. */
function estimate(firstPassages: Int32Array, steps: number, confidence: number) {
  const runs = firstPassages.length;
  let escaped = 0;
  let total = 0;
  for (const passage of firstPassages) {
    if (passage > 0) escaped++;
    total += passage > 0 ? passage : steps;
  }
  const mean = total / escaped;
  const z = -normalQuantile((1 - confidence) / 2);
  let standardError = mean / Math.sqrt(escaped);
  let interval = poissonLimits(escaped, total, z);
  if (escaped === runs && runs >= MANY) {
    // Nothing has to be known of the times: from their scatter, and their skewness.
    const { deviation, skewness } = groupedMoments([Array.from(firstPassages)]);
    standardError = deviation / Math.sqrt(runs);
    const limit = (side: number) => mean - standardError * unskewed(side, skewness, runs);
    interval = [limit(z), limit(-z)];
  }
  return {
    escaped,
    censoredShare: 1 - escaped / runs,
    escapeRate: escaped / total,
    meanSteps: mean,
    standardError,
    interval,
  };
}

function sentence(
  found: Omit<Escapes, "message">,
  { steps, curvature, depth, temperature }: Record<string, number>,
): string {
  const { reason, firstPassages, escaped, meanSteps, standardError, interval, langevinSteps } = found;
  const step = found.learningRate * curvature;
  const runs = firstPassages.length;
  const measured = `${escaped} of ${runs} runs escaped, after ${formatNumber(meanSteps)} ± ${formatNumber(standardError, 1)} steps in the mean`;
  const law = `; small steps would take ${formatNumber(langevinSteps)}`;
  switch (reason) {
    case "unstable": {
      const came = escaped === 0 ? "none has come to the other valley yet" : measured;
      return `ηλ = ${formatNumber(step)} is above 2: runs do not settle in this valley however little noise there is; ${came}.`;
    }
    case "none": {
      if (temperature === 0) {
        return "No run escaped: without noise a valley with ηλ below 2 is not left. Give a noise, or a larger rate.";
      }
      return `No run escaped within ${steps} steps: the mean is likely above ${formatNumber(interval[0])}${law}. Take more steps, a larger rate or smaller batches.`;
    }
    default: {
      const limits = [
        ...(step > SMALL_STEP ? [`ηλ = ${formatNumber(step)} is no small step`] : []),
        ...(depth < DEEP * temperature
          ? [`the valley is only ${formatNumber(depth / temperature)} T deep, too shallow for Kramers' law`]
          : []),
      ];
      return `${measured}${law}${limits.length > 0 ? ` (${limits.join("; ")})` : ""}.`;
    }
  }
}

/**
 * How long noisy descent stays in a valley: thousands of runs of
 *
 * x ← x − η·(f′(x) + σξ/√B), ξ standard normal,
 *
 * from one valley of a landscape, each until it has first come nine tenths of the way from the pass to the bottom of the other. Noise that is ησ²/(2B) = T in the time
 * ηt of the flow leaves a valley of depth ΔF at Kramers' rate, (√(λμ)/2π)·e^{−ΔF/T}: the exponent has the learning rate over the batch size in it,
 * the prefactor the curvature, so that sharp valleys are left sooner than flat ones of the same depth.
 *
 * Without noise a valley is left only at ηλ above 2, where its bottom holds nothing; on this landscape from
 * ηλ = 1 + √(1 + λ/μ) on, where a step from as far out as runs come leads beyond the pass.
 *
 * Runs have streams of their own (run r under condition k draws from `new Random(seed, r)` after `seek(k)`, two numbers from a block, four in f32):
 * none depends on how many others there are. They run in the core; one that has escaped gives its lane to the next.
 *
 * @param landscape - a landscape of `twoValleys`
 * @param options.learningRates - η: numbers > 0, or one
 * @param options.batchSizes - B: integers ≥ 1, or one; default 1
 * @param options.noise - σ, the deviation of one sample's gradient: a number ≥ 0, or one > 0 for each side of the pass; default 1
 * @param options.runs - runs under each condition: an integer in [1, 2²⁶], default 10,000
 * @param options.steps - steps after which a run that has not escaped is given up: an integer in [1, 2³¹), default 50,000
 * @param options.start - where runs begin, and so which valley they are to leave: any number but 0, the pass; default the bottom of
 * the left one
 * @param options.confidence - the probability that `interval` holds the mean: in (0, 1), default 0.95
 * @param options.seed - of the random streams: an integer in [0, 2⁵³), default 0
 * @param options.precision - "f64" (default), or "f32", which is twice as fast
 * @returns for each rate, and within it each batch size, first passages and what they say: see {@link Escapes}
 * @throws TypeError or RangeError naming the argument that is missing, unknown, or outside its domain
 *
 * @example
 * ```ts
 * import { escapeStatistics, twoValleys } from "thalweg";
 * const landscape = twoValleys({ curvatures: [16, 1], passCurvature: 4 });
 * const options = { learningRates: 0.01, batchSizes: [1, 2], noise: 9, runs: 2000 };
 * const [one, two] = escapeStatistics(landscape, options);
 * two.meanSteps / one.meanSteps; // > 5
 * Math.abs(two.meanSteps / two.langevinSteps - 1) < 0.1; // true
 * const [flat] = escapeStatistics(landscape, { ...options, batchSizes: 1, start: landscape.valleys[1].at });
 * flat.meanSteps / one.meanSteps; // > 2: the flat valley keeps its runs longer
 * ```
 *
 * Source: Kramers, "Brownian motion in a field of force and the diffusion model of chemical reactions", Physica 7, 1940; for
 * descent on batches Jastrzębski et al., "Three factors influencing minima in SGD", arXiv 1711.04623, and Xie, Sato, Sugiyama, "A
 * diffusion theory for deep learning dynamics", ICLR 2021; for ηλ > 2 Wu, Ma, E, "How SGD selects the global minima in over-parameterized
 * learning: a dynamical stability perspective", NeurIPS 2018.
 */
export function escapeStatistics(landscape: TwoValleys, options: EscapeStatisticsOptions): Escapes[] {
  const owner = "escapeStatistics";
  const work = readNoisyRuns(owner, landscape, options, ["confidence"], {
    steps: 50_000,
    start: ({ valleys: [left] }) => left.at,
  });
  const { steps, start } = work;
  const { confidence = 0.95 } = options;
  checkNumber(owner, "confidence", confidence, "(0, 1)", (v) => v > 0 && v < 1);
  checkNumber(owner, "start", start, "the numbers but 0, where the pass is", (v) => v !== 0);
  const side = start < 0 ? 0 : 1;
  const { curvature, depth } = landscape.valleys[side];
  const runs = new ValleyRuns(work);
  try {
    return work.conditions.map((condition) => {
      const { learningRate, batchSize, temperatures } = condition;
      const firstPassages = runs.firstPassages(condition);
      const estimated = estimate(firstPassages, steps, confidence);
      const temperature = temperatures[side];
      const isStable = learningRate * curvature <= 2;
      const timeOf = (law: typeof kramersTime) => {
        if (!isStable) return Number.NaN;
        return temperature > 0 ? law(landscape, temperatures, start) / learningRate : Infinity;
      };
      const { escaped, censoredShare } = estimated;
      const found = {
        learningRate,
        batchSize,
        temperatures,
        firstPassages,
        ...estimated,
        kramersSteps: timeOf(kramersTime),
        langevinSteps: timeOf(meanPassageTime),
        reason: !isStable ? "unstable" : escaped === 0 ? "none" : censoredShare > 0 ? "censored" : "escaped",
      } as const;
      return { ...found, message: sentence(found, { steps, curvature, depth, temperature }) };
    });
  } finally {
    runs.dispose();
  }
}
