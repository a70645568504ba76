import { formatNumber } from "../core/format.ts";
import type { Kernels, Pointer } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import { paddedLength } from "../core/precision.ts";
import { Random } from "../core/random.ts";
import { inOneGo, type Slice, type Sliced } from "../core/slice.ts";
import type { Workspace } from "../core/workspace.ts";
import { type BoundObjective, refuseField } from "../objectives/objective.ts";
import { atPoint, copyPoint, type Problem, readPoint } from "../parameters/at-point.ts";
import { automaticRate } from "../rules/options.ts";
import { checkRule, type Rule, withOptions } from "../rules/rule.ts";
import { cosine, inverseSquareRoot } from "../schedules/index.ts";
import { schedule } from "../schedules/schedule.ts";
import { bestLearningRate, curvatureIntervalSliced } from "../stepsize/choose.ts";
import { isPreconditioned, modeMatrix } from "../stepsize/mode.ts";
import { speedLimit } from "../stepsize/speed-limit.ts";
import { wrappersOf } from "../wrappers/wrapper.ts";
import { ABORTED_MEASURING } from "./automatic.ts";
import { refuseBatches } from "./batches.ts";
import { Descent, type DescentOptions, type RateWatcher } from "./descent.ts";
import { probeLearningRate } from "./probe-rate.ts";

/** The part of the speed limit that is taken where the curvature moves: λmax may double before it binds. */
const SAFETY = 0.5;
/** Products of the first measurement, and of each later one, which starts from the vector that was found. */
const FIRST_PRODUCTS = 30;
const LATER_PRODUCTS = 4;
/** Steps between measurements, at first and at most. */
const FIRST_INTERVAL = 5;
const LONGEST_INTERVAL = 100;
/** A gradient that has grown by this factor in a step tells of new curvature: measure at once. */
const STEEPER = 1.5;
/** Steps in which a rule with momentum, or a wrapper that goes back, may swing above its last value without having been too fast. */
const SWING = 20;
/** A step that is taken back is tried again with the rate times this. */
const SHORTER = 0.25;
/** A rise within the rounding of values is none. */
const ROUNDING = 4 * Number.EPSILON;
/** A measurement may raise the rate by this factor at most. */
const GROWTH = 2;
/** Steps for which a learning rate is tried, where curvature does not tell it. */
const PROBE = 200;

/** A rule whose rate was measured, what watches over it, and why it is what it is. */
export interface AutomaticRate {
  readonly rule: Rule;
  readonly watcher?: RateWatcher;
  /** One sentence; undefined where the rule had a rate of its own. */
  readonly choice?: string;
}

/** Whether a rule's learning rate is "auto". */
export const isAutomatic = (rule: Rule): boolean => rule.options.learningRate === automaticRate;

/**
 * Puts a rate in place of "auto": from the bound on the curvature everywhere, where there is one; else measured
 * at the start and again and again on the way, by power iteration; and for rules that divide by what they
 * measure, whose limit is one on a Hessian that is not known yet, by trial.
 *
 * @param steps - how long the descent may go on
 */
export const resolveRate = (
  owner: string,
  problem: Problem,
  options: DescentOptions,
  steps: number,
): AutomaticRate => inOneGo((slice) => resolveSliced(owner, problem, options, steps, slice));

/** As `resolveRate`, in slices; where it was aborted, the rate is a makeshift that no step is taken with. */
function* resolveSliced(
  owner: string,
  problem: Problem,
  options: DescentOptions,
  steps: number,
  slice: Slice,
): Sliced<AutomaticRate> {
  const { rule } = options;
  if (!isAutomatic(rule)) return { rule };
  if (isPreconditioned(rule)) return yield* probed(owner, problem, options, steps, slice);
  const { objective, point } = atPoint(owner, problem, "start", options.start);
  refuseField(
    owner,
    objective,
    'in place of "auto" give a rate below the stepLimit of rotation(field, { at })',
  );
  const interval = keepsLimit(rule)
    ? yield* curvatureIntervalSliced(owner, objective, point, slice)
    : undefined;
  if (slice.aborted) {
    return { rule: withOptions(rule, { learningRate: 0 }), choice: ABORTED_MEASURING };
  }
  if (!interval) return measured(rule, options);
  const added = addedCurvature(rule);
  const whole = { ...interval, upper: interval.upper + added, lower: interval.lower + added };
  const steady = objective.quadratic || rule.name === "gradientDescent";
  const learningRate = steady
    ? bestLearningRate(rule, whole)
    : SAFETY * speedLimit(rule, { lambdaMax: whole.upper });
  const what = steady ? "the fastest constant rate of this rule" : `${SAFETY} of this rule's speed limit`;
  return {
    rule: withOptions(rule, { learningRate }),
    choice: `learning rate ${formatNumber(learningRate, 4)}, ${what}, since ${interval.reason}`,
  };
}

/** A descent whose rule has a rate: its own, or the one that "auto" became. */
export interface StartedDescent {
  readonly descent: Descent;
  readonly choice?: string;
}

/** A descent whose rule has a rate: its own, or one in place of "auto". */
export const startDescent = (
  owner: string,
  problem: Problem,
  options: DescentOptions,
  steps: number,
): StartedDescent => inOneGo((slice) => startSliced(owner, problem, options, steps, slice));

/** As `startDescent`, in slices. The start was read when the first of them ends. */
export function* startSliced(
  owner: string,
  problem: Problem,
  options: DescentOptions,
  steps: number,
  slice: Slice,
): Sliced<StartedDescent> {
  checkRule(owner, options.rule);
  if (isAutomatic(options.rule)) {
    const why = 'noise, not curvature, limits the learning rate of batches: give one instead of "auto"';
    refuseBatches(owner, options, why);
  }
  const read = isAutomatic(options.rule)
    ? { ...options, start: copyPoint(readPoint(owner, problem, "start", options.start)) }
    : options;
  const { rule, watcher, choice } = yield* resolveSliced(owner, problem, read, steps, slice);
  return { descent: new Descent(owner, problem, { ...read, rule }, watcher), choice };
}

function* probed(
  owner: string,
  problem: Problem,
  options: DescentOptions,
  steps: number,
  slice: Slice,
): Sliced<AutomaticRate> {
  const { rule } = options;
  const trial = Math.max(1, Math.min(PROBE, Math.floor(steps / 10)));
  const { learningRate, reason } = yield* probeLearningRate(
    owner,
    problem,
    options,
    (rate) => withOptions(rule, { learningRate: rate }),
    trial,
    slice,
  );
  // A rule of this kind takes steps of the length of its rate: it settles only if the rate falls.
  const falling = Number.isFinite(steps)
    ? { rate: cosine({ from: learningRate, steps: Math.max(1, steps) }), how: "falling to 0 along a cosine" }
    : {
        rate: inverseSquareRoot({ from: learningRate, timescale: trial }),
        how: "falling like the inverse root of the steps",
      };
  return {
    rule: withOptions(rule, { learningRate: falling.rate }),
    choice: `learning rate ${formatNumber(learningRate, 4)}, ${falling.how}: ${reason}`,
  };
}

function measured(rule: Rule, options: DescentOptions): AutomaticRate {
  const watcher = new CurvatureWatcher(rule, largestScale(options));
  const learningRate = schedule(() => watcher.learningRate, { schedule: "measured", safety: SAFETY });
  return {
    rule: withOptions(rule, { learningRate }),
    watcher,
    choice: `learning rate ${SAFETY} of this rule's speed limit at the λmax of where it is, measured again on the way; a step that leads upwards is taken back and shortened`,
  };
}

/** The largest factor, from 1 on, by which a group multiplies the rate. */
const largestScale = ({ groups = [] }: DescentOptions): number =>
  groups.reduce((largest, { scale = 1, frozen }) => (frozen ? largest : Math.max(largest, scale)), 1);

/** The curvature that wrappers add to the objective's: the weight decay of a chain. */
function addedCurvature(rule: Rule): number {
  const decays = wrappersOf(rule).before.filter(({ name }) => name === "weightDecay");
  return decays.reduce((sum, { options: { weightDecay } }) => {
    return sum + (typeof weightDecay === "function" ? weightDecay(0) : (weightDecay as number));
  }, 0);
}

/** Wrappers that leave the rule's step on a quadratic as it is, or shorten it. */
const harmless = new Set([
  "weightDecay",
  "clipByValue",
  "clipByNorm",
  "clipByGlobalNorm",
  "adaptiveClip",
  "accumulate",
  "skipNonFinite",
  "ema",
  "swa",
  "polyakAverage",
]);

/** Whether the limit of a chain is that of its rule. */
function keepsLimit(rule: Rule): boolean {
  const { before, after } = wrappersOf(rule);
  return [...before, ...after].every(({ name }) => harmless.has(name));
}

/**
 * Keeps a rate at a part of the speed limit where the descent is, by power iteration from the last vector, and
 * has steps taken back that end above all recent values.
 */
class CurvatureWatcher implements RateWatcher {
  learningRate: number;
  /** The rule's limit at λmax = 1: every limit is this over λmax. */
  readonly #unitLimit: number;
  #bound: BoundObjective | undefined;
  #kernels: Kernels | undefined;
  #count = 0;
  #x: Pointer = 0;
  #v: Pointer = 0;
  #product: Pointer = 0;
  #interval = FIRST_INTERVAL;
  #next = 0;
  /** The last values; ∞ before there are any. A step leads upwards where it ends above all of them. */
  readonly #recent: Float64Array;
  #lastGradient = Infinity;

  constructor(rule: Rule, largestScale: number) {
    const { default: usual } = rule.declaration.options.learningRate;
    this.learningRate = usual;
    this.#unitLimit = speedLimit(rule, { lambdaMax: 1 }) / largestScale;
    const remembers = modeMatrix(rule, 1, { learningRate: 1 }).length > 1 || !keepsLimit(rule);
    this.#recent = new Float64Array(remembers ? SWING : 1);
  }

  memory(size: number): BlockRequest[] {
    return [
      { name: "rate.vector", length: size },
      { name: "rate.product", length: size },
    ];
  }

  attach(bound: BoundObjective, workspace: Workspace, x: Pointer, size: number): void {
    this.#bound = bound;
    this.#kernels = workspace.kernels;
    this.#count = paddedLength(size, workspace.precision);
    this.#x = x;
    this.#v = workspace.pointer("rate.vector");
    this.#product = workspace.pointer("rate.product");
    const random = new Random(0);
    const vector = workspace.real("rate.vector");
    for (let i = 0; i < vector.length; i++) vector[i] = random.normal();
    this.#normalize(this.#v);
  }

  accepts(value: number, finite: boolean): boolean {
    const highest = this.#recent.reduce((most, recent) => Math.max(most, recent), -Infinity);
    return finite && value <= highest + ROUNDING * Math.abs(highest);
  }

  shorten(): void {
    this.learningRate *= SHORTER;
    this.#interval = FIRST_INTERVAL;
    this.#next = 0;
  }

  observe(index: number, value: number, gradientNorm: number, parameterNorm: number): void {
    if (index === 0) this.#recent.fill(value);
    const steeper = gradientNorm > STEEPER * this.#lastGradient;
    this.#recent[index % this.#recent.length] = value;
    this.#lastGradient = gradientNorm;
    if (index < this.#next && !steeper) return;
    this.#interval = steeper ? FIRST_INTERVAL : Math.min(LONGEST_INTERVAL, this.#interval * 2);
    this.#next = index + this.#interval;
    const sharpness = this.#measure(index === 0 ? FIRST_PRODUCTS : LATER_PRODUCTS);
    const rate = sharpness > 0 ? (SAFETY * this.#unitLimit) / sharpness : Infinity;
    // What is flat here need not be flat there: the first step is no longer than x, or 1.
    const most =
      index === 0 ? Math.max(1, parameterNorm) / gradientNorm : (steeper ? 1 : GROWTH) * this.learningRate;
    const next = Math.min(rate, most);
    if (next > 0 && Number.isFinite(next)) this.learningRate = next;
  }

  /** ‖Hv‖ after some products from the last vector: |λ|max to within a safety's reach. */
  #measure(products: number): number {
    const bound = this.#bound!;
    const kernels = this.#kernels!;
    bound.linearize(this.#x);
    let size = 0;
    for (let k = 0; k < products; k++) {
      bound.hessianVectorProduct(this.#v, this.#product);
      size = kernels.norm(this.#count, this.#product);
      if (!(size > 0) || !Number.isFinite(size)) return size;
      kernels.combine(this.#count, 1 / size, this.#product, 0, this.#product, this.#v);
    }
    return size;
  }

  #normalize(v: Pointer): void {
    const kernels = this.#kernels!;
    kernels.divide(this.#count, kernels.norm(this.#count, v), v);
  }
}
