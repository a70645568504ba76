import type { ArrayInput } from "../core/array-input.ts";
import {
  checkCount,
  checkKeys,
  checkNumber,
  checkNumberOption,
  checkPrecision,
  checkVector,
} from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { formatNumber } from "../core/format.ts";
import type { Numbers, Precision, RealArray } from "../core/precision.ts";
import { pow } from "../core/scalar.ts";
import { curvature } from "../curvature/curvature.ts";
import { Descent } from "../descent/descent.ts";
import { StoppingRule } from "../descent/stopping.ts";
import type { Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import type { Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import { checkRule, type Rule, withOptions } from "../rules/rule.ts";
import { hasModes, isPreconditioned } from "../stepsize/mode.ts";
import { speedLimit } from "../stepsize/speed-limit.ts";

/** What came of a rate: the tolerance was met, the steps were over before it was, or the run diverged. */
export type RateOutcome = "converged" | "unfinished" | "diverged";

/** A rate and what came of it, as the callback of a sweep is told. */
export interface SweptRate {
  /** Its place among the rates, from 0. */
  readonly index: number;
  /** How many there are. */
  readonly count: number;
  /** η. */
  readonly learningRate: number;
  /** What came of it. */
  readonly outcome: RateOutcome;
}

/** Options of {@link rateSweep}. */
export interface RateSweepOptions<P = ArrayInput> {
  /** The update rule; its own learning rate does not matter. */
  readonly rule: Rule;
  /** The rates: > 0, rising. In place of `from`, `to` and `count`. */
  readonly learningRates?: Numbers;
  /** The least rate: > 0; default: a hundredth of the rule's speed limit at the start, or 10⁻⁵ where it has none. */
  readonly from?: number;
  /** The largest: above `from`; default: four times the limit, or 10. */
  readonly to?: number;
  /** How many, in equal ratios: an integer ≥ 2, default 33. */
  readonly count?: number;
  /** Where to start: one array, or named blocks; for a declared objective zeros if left out. */
  readonly start?: P;
  /** A run has converged when ‖gradient‖₂ is at most this times the one at the start: in (0, 1), default 1e-6. */
  readonly tolerance?: number;
  /** Steps of a run at most: an integer ≥ 1, default 1000. */
  readonly steps?: number;
  /** Of parameters, gradient and state: "f64" (default) or "f32". */
  readonly precision?: Precision;
  /** Called after each rate. */
  callback?(done: SweptRate): unknown;
}

/** What came of every rate. Entry i of each array belongs to entry i of `learningRates`. */
export interface RateSweep {
  /** The rule's name. */
  readonly rule: string;
  /** η, rising. */
  readonly learningRates: Float64Array;
  /** Steps until the tolerance was met; ∞ where it was not. */
  readonly stepsToTolerance: Float64Array;
  /**
   * The share of steps in which the gradient along the steepest direction, as long as it is more than rounding, changed
   * its sign, or the value rose: in [0, 1].
   */
  readonly oscillation: Float64Array;
  /** The step at which the run had diverged; ∞ where it had not. */
  readonly divergedAt: Float64Array;
  /** The value where the run ended: the last that was finite. */
  readonly finalValues: Float64Array;
  /** ‖gradient‖₂ there. */
  readonly finalGradientNorms: Float64Array;
  /** What came of it, in a word. */
  readonly outcomes: readonly RateOutcome[];
  /** The rate that met the tolerance in the fewest steps, the least of these; NaN where none did. */
  readonly best: number;
  /** The rule's speed limit at the start, where curvature sets one. */
  readonly speedLimit?: number;
  /** Steps that a run had. */
  readonly steps: number;
  /** What counted as converged. */
  readonly tolerance: number;
  /** One or two sentences that a person can act on. */
  readonly message: string;
}

const DEFAULT_COUNT = 33;
const DEFAULT_STEPS = 1000;
const DEFAULT_TOLERANCE = 1e-6;

/** A slope along the steepest direction that is smaller than this part of the largest has the sign of its rounding. */
const ROUNDING = 1e-6;

/** Products that the steepest direction of many parameters is worth: its λmax is right to some three digits then. */
const PRODUCTS = 48;

/** The rates of a sweep that is told none, in units of the speed limit; and where there is no limit. */
const AROUND_LIMIT = [0.01, 4] as const;
const ANYWHERE = [1e-5, 10] as const;

/**
 * Too small, just right, too large: descends from one start with each of many learning rates, and says of each how many
 * steps it took to the tolerance, how much it oscillated, whether it diverged and where it ended.
 *
 * All runs share one memory, in which the problem's data lie once. Left to itself the sweep goes from a hundredth of the
 * rule's speed limit at the start to four times that.
 *
 * @param problem - an objective such as `leastSquares(…)`, `{ value, gradient }` of your own, or a `vectorField(…)`
 * @param options - the rule, the rates, the start, the tolerance, the steps of a run: see {@link RateSweepOptions}
 * @returns arrays with an entry a rate, for `rateSweepChart` of thalweg/report, and what they come to in words
 * @throws TypeError or RangeError naming the argument that is wrong; what the problem or `callback` throws passes
 * through untouched
 *
 * @example
 * ```ts
 * import { gradientDescent, quadratic, rateSweep } from "thalweg";
 * const { best, outcomes, stepsToTolerance } = rateSweep(quadratic({ diagonal: [10, 1] }), {
 *   rule: gradientDescent(),
 *   start: [1, 1],
 *   learningRates: [0.001, 2 / 11, 0.21],
 * });
 * outcomes; // ["unfinished", "converged", "diverged"]
 * stepsToTolerance[1]; // 69
 * best; // 2 / 11
 * ```
 *
 * Source: the picture of the three cases: LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998, figure 6.
 */
export function rateSweep(problem: Objective | UserProblem, options: RateSweepOptions): RateSweep;
export function rateSweep<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: RateSweepOptions<P>,
): RateSweep;
export function rateSweep(problem: Problem, options: RateSweepOptions<ParametersInput>): RateSweep {
  const owner = "rateSweep";
  checkSweepOptions(owner, options);
  const { rule, start, precision = "f64", steps = DEFAULT_STEPS, tolerance = DEFAULT_TOLERANCE } = options;
  const still = withOptions(rule, { learningRate: 0 });
  const descent = new Descent(owner, problem, { rule: still, start, precision });
  try {
    const { top, limit } = steepest(descent, rule);
    const learningRates = ladder(owner, options, limit);
    descent.evaluate();
    const first = pointOf(descent);
    const runs = Array.from(learningRates, (learningRate, index) => {
      descent.restart(withOptions(rule, { learningRate }));
      const run = sweepOne(descent, first, top, steps, tolerance);
      options.callback?.({ index, count: learningRates.length, learningRate, outcome: run.outcome });
      return run;
    });
    const column = (of: (run: SweptRun) => number) => Float64Array.from(runs, of);
    const found = {
      rule: rule.name,
      learningRates,
      stepsToTolerance: column(({ outcome, steps: taken }) => (outcome === "converged" ? taken : Infinity)),
      oscillation: column(({ oscillation }) => oscillation),
      divergedAt: column(({ outcome, steps: taken }) => (outcome === "diverged" ? taken : Infinity)),
      finalValues: column(({ value }) => value),
      finalGradientNorms: column(({ gradientNorm }) => gradientNorm),
      outcomes: runs.map(({ outcome }) => outcome),
      best: bestOf(learningRates, runs),
      ...(limit === undefined ? {} : { speedLimit: limit }),
      steps,
      tolerance,
    };
    return { ...found, message: sentence(found) };
  } finally {
    descent.dispose();
  }
}

function checkSweepOptions(owner: string, options: RateSweepOptions<ParametersInput>): void {
  checkKeys(owner, options, [
    "rule",
    "learningRates",
    "from",
    "to",
    "count",
    "start",
    "tolerance",
    "steps",
    "precision",
    "callback",
  ]);
  const { rule, learningRates, from, to, count, tolerance, steps, precision, callback } = options;
  checkRule(owner, rule);
  if (!("learningRate" in rule.options)) {
    throw new TypeError(`${owner}: ${rule.name} has no learning rate to be swept`);
  }
  const positive = (v: number) => v > 0 && v < Infinity;
  if (learningRates !== undefined) {
    for (const [name, value] of Object.entries({ from, to, count })) {
      if (value !== undefined) {
        throw new TypeError(
          `${owner}: ${name} has no meaning where learningRates are given; leave one of them out`,
        );
      }
    }
    checkVector(owner, "learningRates", learningRates);
    for (let i = 0; i < learningRates.length; i++) {
      checkNumber(owner, `learningRates[${i}]`, learningRates[i], "(0, ∞)", positive);
      if (i > 0 && learningRates[i] <= learningRates[i - 1]) {
        throw new RangeError(
          `${owner}: learningRates must rise, got ${learningRates[i]} behind ${learningRates[i - 1]}`,
        );
      }
    }
  }
  checkNumberOption(owner, "from", from, "(0, ∞)", positive);
  checkNumberOption(owner, "to", to, "(0, ∞)", positive);
  checkCount(owner, "count", count, 2);
  checkNumberOption(owner, "tolerance", tolerance, "(0, 1)", (v) => v > 0 && v < 1);
  checkCount(owner, "steps", steps, 1);
  checkPrecision(owner, precision);
  if (callback !== undefined && typeof callback !== "function") {
    throw new TypeError(`${owner}: callback must be a function, got ${describe(callback)}`);
  }
}

interface Steepest {
  /** The eigenvector of λmax, as the descent's parameters lie; undefined where it cannot be had. */
  readonly top?: Float64Array;
  /** The rule's speed limit, where it is one of this λmax. */
  readonly limit?: number;
}

/** The steepest direction at the start of a descent, and the limit that it sets. */
function steepest({ objective, start, precision }: Descent, rule: Rule): Steepest {
  if (objective.field) return {};
  let measured: ReturnType<typeof curvature>;
  try {
    measured = curvature(objective, { at: start, precision, maxSteps: PRODUCTS });
  } catch (error) {
    // Where no product is finite the sweep goes without: its runs say more.
    if (error instanceof RangeError) return {};
    throw error;
  }
  const { topVector: top, lambdaMax } = measured;
  if (!hasModes(rule) || isPreconditioned(rule) || !(lambdaMax > 0)) return { top };
  const limit = speedLimit(rule, { lambdaMax });
  return { top, ...(limit > 0 && limit < Infinity ? { limit } : {}) };
}

/** The rates that the options ask for. */
function ladder(
  owner: string,
  { learningRates, from, to, count = DEFAULT_COUNT }: RateSweepOptions<ParametersInput>,
  limit: number | undefined,
): Float64Array {
  if (learningRates !== undefined) return Float64Array.from(learningRates);
  const [low, high] = limit === undefined ? ANYWHERE : AROUND_LIMIT.map((share) => share * limit);
  const least = from ?? Math.min(low, (to ?? Infinity) / 100);
  const most = to ?? Math.max(high, 100 * least);
  if (!(least < most)) {
    throw new RangeError(`${owner}: from must be less than to, got ${least} and ${most}`);
  }
  return Float64Array.from({ length: count }, (_, i) =>
    i === 0 ? least : i === count - 1 ? most : least * pow(most / least, i / (count - 1)),
  );
}

/** What was evaluated at the start, which all runs share. */
interface StartPoint {
  readonly value: number;
  readonly gradientNorm: number;
  readonly gradient: RealArray;
}

const pointOf = ({ value, gradientNorm, gradient }: Descent): StartPoint => ({
  value,
  gradientNorm,
  gradient: gradient.slice(),
});

interface SweptRun {
  readonly outcome: RateOutcome;
  readonly steps: number;
  readonly oscillation: number;
  readonly value: number;
  readonly gradientNorm: number;
}

const along = (direction: Float64Array, gradient: RealArray): number => {
  let sum = 0;
  for (let i = 0; i < direction.length; i++) sum += direction[i] * gradient[i];
  return sum;
};

/** One run from the start, where the descent stands. */
function sweepOne(
  descent: Descent,
  first: StartPoint,
  top: Float64Array | undefined,
  steps: number,
  tolerance: number,
): SweptRun {
  const options = { steps, gradientTolerance: 0, relativeGradientTolerance: tolerance };
  const stopping = new StoppingRule(options, descent.precision, false, descent.objective.field);
  descent.gradient.set(first.gradient);
  [descent.value, descent.gradientNorm] = [first.value, first.gradientNorm];
  let [value, gradientNorm] = [Number.NaN, Number.NaN];
  let slope = 0;
  let steepestSlope = 0;
  let swings = 0;
  for (;;) {
    const { index } = descent;
    const stop = stopping.at(index, descent.value, descent.gradientNorm);
    let newSlope = top ? along(top, descent.gradient) : 0;
    steepestSlope = Math.max(steepestSlope, Math.abs(newSlope));
    if (Math.abs(newSlope) <= ROUNDING * steepestSlope) newSlope = 0;
    if (index > 0 && (newSlope * slope < 0 || !(descent.value <= value))) swings++;
    slope = newSlope;
    if (descent.finite) [value, gradientNorm] = [descent.value, descent.gradientNorm];
    if (stop) {
      const converged = stop.reason === "gradient";
      // Where the steps are over and the value is above the first, the run was on its way out.
      const diverged = stop.reason === "diverged" || (!converged && value > first.value);
      return {
        outcome: converged ? "converged" : diverged ? "diverged" : "unfinished",
        steps: index,
        oscillation: index > 0 ? swings / index : 0,
        value,
        gradientNorm,
      };
    }
    descent.step();
    descent.evaluate();
  }
}

function bestOf(learningRates: Float64Array, runs: readonly SweptRun[]): number {
  let best = -1;
  runs.forEach(({ outcome, steps }, i) => {
    if (outcome === "converged" && (best < 0 || steps < runs[best].steps)) best = i;
  });
  return best < 0 ? Number.NaN : learningRates[best];
}

const lowestOf = (values: Float64Array): number =>
  values.reduce((lowest, value, i) => (value < values[lowest] ? i : lowest), 0);

function sentence(found: Omit<RateSweep, "message">): string {
  const { rule, learningRates, outcomes, stepsToTolerance, finalValues, best, steps, tolerance } = found;
  const text = (value: number) => formatNumber(value);
  const last = learningRates.length - 1;
  const range = `Of ${last + 1} rate${last === 0 ? "" : "s"} of ${rule} from ${text(learningRates[0])} to ${text(learningRates[last])}`;
  const goal = `${text(tolerance)} of the first gradient in ${text(steps)} steps`;
  const good = [...outcomes.keys()].filter((i) => outcomes[i] === "converged");
  if (good.length === 0) {
    const wild = outcomes.filter((outcome) => outcome === "diverged").length;
    const lowest = lowestOf(finalValues);
    const got = `${text(learningRates[lowest])} got lowest`;
    const advice =
      wild === outcomes.length
        ? "try smaller rates"
        : wild > 0
          ? `those from ${text(learningRates[outcomes.indexOf("diverged")])} on diverge, the others need more steps; ${got}`
          : lowest === last
            ? "allow more steps, or larger rates"
            : `allow more steps; ${got}`;
    return `${range} none comes to ${goal}: ${advice}.`;
  }
  const [least, most] = [good[0], good[good.length - 1]];
  const fewest = stepsToTolerance[learningRates.indexOf(best)];
  const below = least > 0 ? " Smaller ones are too slow." : "";
  const above =
    most === last
      ? ""
      : outcomes[most + 1] === "diverged"
        ? ` Larger ones diverge, from ${text(learningRates[most + 1])} on.`
        : ` Larger ones do not settle, from ${text(learningRates[most + 1])} on.`;
  const which =
    good.length === 1
      ? `${text(best)} alone comes to ${goal}, after ${text(fewest)}`
      : `those from ${text(learningRates[least])} to ${text(learningRates[most])} come to ${goal}, ${text(best)} first, after ${text(fewest)}`;
  return `${range} ${which}.${below}${above}`;
}
