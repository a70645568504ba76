import type { ArrayInput } from "../core/array-input.ts";
import { checkKeys, checkVector } from "../core/check.ts";
import { formatNumber } from "../core/format.ts";
import type { Kernels, Pointer } from "../core/kernels.ts";
import { fitLine } from "../core/line-fit.ts";
import { machineEpsilon, type Numbers, paddedLength } from "../core/precision.ts";
import { log } from "../core/scalar.ts";
import { Workspace } from "../core/workspace.ts";
import { FIRST_STEP, powerOfTwoBelow } from "../objectives/differences.ts";
import { type BoundObjective, isObjective, type Objective, refuseField } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { atPoint, type Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";

/** Options of {@link linearizationError}. */
export interface LinearizationOptions<P = ArrayInput> {
  /** The point: one array, or named blocks; zeros if left out where the dimension is known. */
  readonly at?: P;
  /** The rates to measure at: > 0, at least two of them different; default: chosen, see {@link linearizationError}. */
  readonly learningRates?: Numbers;
}

/**
 * What was found: an error of second order (measured); that the gradient is 0 (stationary); that the prediction is exact
 * to rounding; an error of higher order, since nothing curves along the gradient (flat); one of first order, which a
 * right gradient does not leave (gradient); or that no stretch of rates has a slope (rough).
 */
export type LinearizationReason = "measured" | "stationary" | "exact" | "flat" | "gradient" | "rough";

/** How far the linear prediction of one step is off. */
export interface Linearization {
  /** η, falling. */
  readonly learningRates: Float64Array;
  /** f(x − η∇f) − (f(x) − η‖∇f‖²) at each: above 0 where the function curves upwards. */
  readonly errors: Float64Array;
  /** Of log |error| over log η: 2 where f is smooth and curves along its gradient; NaN where there is nothing to fit. */
  readonly slope: number;
  /** Of the slope, from the scatter about the line. */
  readonly standardError: number;
  /** The measured error over η², for η → 0; NaN where it is not of second order. */
  readonly coefficient: number;
  /** What it should be: ½ gᵀHg. */
  readonly predictedCoefficient: number;
  /** ‖∇f‖₂ at the point. */
  readonly gradientNorm: number;
  /** How much f differs between neighbouring points by rounding, measured. */
  readonly noise: number;
  /** What was found. */
  readonly reason: LinearizationReason;
  /** One sentence that says it. */
  readonly message: string;
}

/** Points along the gradient that the rounding of f is measured on. */
const NOISE_POINTS = 9;
/**
 * Their distance from each other, relative to x or 1: so small that f is a parabola there but for rounding; more, up to
 * the second, where half of the values are the same, as those of single precision would be.
 */
const NOISE_STEP = 2 ** -40;
const WIDEST_NOISE_STEP = 2 ** -16;
/** Orders of differences that are looked at; the lower ones still hold what is smooth in f. */
const NOISE_ORDERS = [4, 5, 6];
/** An error is measured well where rounding makes up no more than this part of it. */
const NOISE_SHARE = 1e-3;
/** Two neighbouring slopes of the stretch that is fitted differ by no more: higher orders are then as small. */
const BEND = 0.01;
/** Fewer points than these have no slope. */
const LEAST_POINTS = 4;
/** Halvings of η at most, and in a row with nothing but rounding in their errors until it is certain that none follows. */
const HALVINGS = 80;
const QUIET = 6;
/** How far a gradient from central differences is off, relative to it: the square of their step. */
const DIFFERENCED = 2 * FIRST_STEP * FIRST_STEP;
/** Below the first a slope is that of an order lower than the second, beyond the second that of a higher one. */
const LOWER_ORDER = 1.5;
const HIGHER_ORDER = 2.5;

/**
 * The error of the linear prediction f(x) − η‖∇f(x)‖² of one step of gradient descent, over a ladder of η: it is
 * ½η² gᵀHg + O(η³), so that its slope in a log–log plot is 2.
 *
 * Left to itself the ladder halves η from the curvature along the gradient, 1/(gᵀHg/gᵀg), down to where rounding, which is
 * measured, makes up a thousandth of the error; and the fit takes the longest stretch at its lower end along which the
 * slope, whatever it is, does not bend. Everything is computed in f64. The step is taken as it is after rounding
 * x − η∇f, so that the rounding of x does not count as an error of the prediction.
 *
 * @param problem - an objective such as `logisticRegression(…)`, or `{ value, gradient }` of your own
 * @param options - where (`at`), and which rates: see {@link LinearizationOptions}
 * @returns the errors, their slope with its standard error, and the coefficient, measured and predicted; or the reason why
 * there is none
 * @throws TypeError or RangeError naming the argument that is wrong; RangeError where value, gradient or product are not
 * finite
 *
 * @example
 * ```ts
 * import { linearizationError, rosenbrock } from "thalweg";
 * const { slope, coefficient, predictedCoefficient } = linearizationError(rosenbrock, { at: [-1.2, 1] });
 * slope; // ≈ 2
 * coefficient / predictedCoefficient; // ≈ 1
 * linearizationError({ value: ([x, y]) => 3 * x - y }, { at: [1, 2] }).reason; // "exact"
 * ```
 *
 * Source: Taylor's theorem; the rounding of f: Moré and Wild, "Estimating computational noise", SIAM Journal on
 * Scientific Computing 33, 2011.
 */
export function linearizationError(
  problem: Objective | UserProblem,
  options?: LinearizationOptions,
): Linearization;
export function linearizationError<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: LinearizationOptions<P>,
): Linearization;
export function linearizationError(
  problem: Problem,
  options: LinearizationOptions<ParametersInput> = {},
): Linearization {
  const owner = "linearizationError";
  checkKeys(owner, options, ["at", "learningRates"]);
  const { learningRates } = options;
  if (learningRates !== undefined) {
    checkVector(owner, "learningRates", learningRates);
    for (let i = 0; i < learningRates.length; i++) {
      if (!(learningRates[i] > 0)) {
        throw new RangeError(`${owner}: learningRates[${i}] must lie in (0, ∞), got ${learningRates[i]}`);
      }
    }
    if (new Set(Array.from(learningRates)).size < 2) {
      throw new RangeError(`${owner}: learningRates must hold at least two different rates`);
    }
  }
  const { objective, point } = atPoint(owner, problem, "at", options.at);
  refuseField(owner, objective, "it has no value to predict");
  const names = ["x", "gradient", "moved", "step"].map((name) => `linearization.${name}`);
  const workspace = new Workspace(
    [...names.map((name) => ({ name, length: objective.dimension })), ...objective.memory("f64")],
    "f64",
  );
  try {
    workspace.real("linearization.x").set(point);
    const line = new GradientLine(owner, objective, workspace, names);
    const differenced = !isObjective(problem) && !problem.gradient && !problem.valueAndGradient;
    return measure(line, learningRates, machineEpsilon.f64 + (differenced ? DIFFERENCED : 0));
  } finally {
    workspace.dispose();
  }
}

/** f along x − η∇f(x). */
class GradientLine {
  readonly value: number;
  /** ‖∇f‖². */
  readonly square: number;
  readonly pointNorm: number;
  /** gᵀHg, and how far from it that may be. */
  readonly curvature: number;
  readonly curvatureError: number;
  readonly #bound: BoundObjective;
  readonly #kernels: Kernels;
  readonly #count: number;
  readonly #x: Pointer;
  readonly #gradient: Pointer;
  readonly #moved: Pointer;
  readonly #step: Pointer;

  constructor(owner: string, objective: Objective, workspace: Workspace, names: readonly string[]) {
    this.#bound = objective.bind(workspace);
    this.#kernels = workspace.kernels;
    this.#count = paddedLength(objective.dimension, "f64");
    [this.#x, this.#gradient, this.#moved, this.#step] = names.map((name) => workspace.pointer(name));
    this.value = this.#bound.valueAndGradient(this.#x, this.#gradient);
    const gradientNorm = this.#kernels.norm(this.#count, this.#gradient);
    this.square = gradientNorm * gradientNorm;
    this.pointNorm = this.#kernels.norm(this.#count, this.#x);
    if (!Number.isFinite(this.value) || !Number.isFinite(this.square)) {
      throw new RangeError(`${owner}: value or gradient at this point is not finite`);
    }
    this.#bound.linearize(this.#x);
    this.#bound.hessianVectorProduct(this.#gradient, this.#step);
    this.curvature = this.#kernels.dot(this.#count, this.#gradient, this.#step);
    if (!Number.isFinite(this.curvature)) {
      throw new RangeError(`${owner}: the Hessian–vector product at this point is not finite`);
    }
    const rounding = machineEpsilon.f64 * this.#kernels.norm(this.#count, this.#step);
    this.curvatureError = gradientNorm * (this.#bound.productError(this.#gradient) + 4 * rounding);
  }

  /** f(x − ηg). */
  at(learningRate: number): number {
    this.#kernels.combine(this.#count, 1, this.#x, -learningRate, this.#gradient, this.#moved);
    return this.#bound.value(this.#moved);
  }

  /** f(x + d) − f(x) − gᵀd for the step d that x − ηg is after rounding. */
  error(learningRate: number): number {
    const rise = this.at(learningRate) - this.value;
    this.#kernels.combine(this.#count, 1, this.#moved, -1, this.#x, this.#step);
    return rise - this.#kernels.dot(this.#count, this.#gradient, this.#step);
  }

  /**
   * The standard deviation of the rounding of f, from differences of high order of its values at points that are so near
   * to each other that everything smooth in it has none.
   */
  noise(): number {
    const unit = powerOfTwoBelow(Math.max(1, this.pointNorm) / Math.sqrt(this.square));
    let row: number[] = [];
    for (let step = NOISE_STEP; step <= WIDEST_NOISE_STEP; step *= 64) {
      row = Array.from({ length: NOISE_POINTS }, (_, k) => this.at(k * step * unit));
      if (new Set(row).size > NOISE_POINTS / 2) break;
    }
    let largest = 0;
    // The k-th difference of independent numbers has (2k)!/k!² times their variance.
    let growth = 1;
    for (let order = 1; order <= Math.max(...NOISE_ORDERS); order++) {
      row = row.slice(1).map((value, i) => value - row[i]);
      growth *= (4 * order - 2) / order;
      if (!NOISE_ORDERS.includes(order)) continue;
      const mean = row.reduce((sum, value) => sum + value * value, 0) / row.length;
      largest = Math.max(largest, Math.sqrt(mean / growth));
    }
    const rounded = (machineEpsilon.f64 / 2) * Math.abs(this.value);
    return Number.isFinite(largest) ? Math.max(largest, rounded) : rounded;
  }
}

/** @param off - how far the gradient is off, relative to it */
function measure(line: GradientLine, wanted: Numbers | undefined, off: number): Linearization {
  const { square, curvature } = line;
  const facts = { predictedCoefficient: 0.5 * curvature, gradientNorm: Math.sqrt(square) };
  if (square === 0) return nothing("stationary", facts, 0);
  const noise = line.noise();
  /** What may be wrong with an error: the rounding of two values and of their difference, and the gradient. */
  const doubt = (learningRate: number) =>
    2 * noise + machineEpsilon.f64 * Math.abs(line.value) + off * learningRate * square;
  const ladder = wanted
    ? Array.from(wanted)
        .sort((a, b) => b - a)
        .map((learningRate) => ({ learningRate, error: line.error(learningRate) }))
    : halvings(line, doubt);
  const heard = ladder.filter(({ learningRate, error }) => Math.abs(error) > doubt(learningRate));
  if (heard.length < 2) return nothing("exact", facts, noise, ladder);
  const fitted = wanted ? heard : straightEnd(ladder, doubt);
  if (!fitted?.every(({ error }) => Number.isFinite(error))) {
    return nothing("rough", facts, noise, ladder);
  }
  const { slope, standardError } = fitLine(
    fitted.map(({ learningRate }) => log(learningRate)),
    fitted.map(({ error }) => log(Math.abs(error))),
  );
  const reason = slope < LOWER_ORDER ? "gradient" : slope > HIGHER_ORDER ? "flat" : "measured";
  const { intercept } = fitLine(
    fitted.map(({ learningRate }) => learningRate),
    // Over f's own scale, so that large numbers do not overflow in sums.
    fitted.map(({ learningRate, error }) => error / square / learningRate / learningRate),
  );
  const coefficient = reason === "measured" ? intercept * square : Number.NaN;
  const found = { ...facts, ...arraysOf(fitted), slope, standardError, coefficient, noise, reason } as const;
  return { ...found, message: sentence(found) };
}

interface Rung {
  readonly learningRate: number;
  readonly error: number;
}

/** Errors at rates that halve, until nothing but rounding is heard in them. */
function halvings(line: GradientLine, doubt: (learningRate: number) => number): Rung[] {
  const { square, curvature, curvatureError, pointNorm } = line;
  const bends = Math.abs(curvature) > curvatureError;
  const natural = bends ? square / Math.abs(curvature) : Math.max(1, pointNorm) / Math.sqrt(square);
  const ladder: Rung[] = [];
  let quiet = 0;
  for (let k = 0, learningRate = natural; k < HALVINGS && quiet < QUIET; k++, learningRate /= 2) {
    const error = line.error(learningRate);
    quiet = Math.abs(error) * NOISE_SHARE > doubt(learningRate) ? 0 : quiet + 1;
    ladder.push({ learningRate, error });
  }
  return ladder;
}

/**
 * The longest stretch at the lower end of the ladder whose errors are well above rounding and whose slope, from rung to
 * rung, does not bend by more than that and a little; undefined where that is too short.
 */
function straightEnd(ladder: readonly Rung[], doubt: (learningRate: number) => number): Rung[] | undefined {
  const clear = ({ learningRate, error }: Rung) => Math.abs(error) * NOISE_SHARE > doubt(learningRate);
  let last = ladder.length - 1;
  while (last >= 0 && !clear(ladder[last])) last--;
  const slope = (i: number) => log(ladder[i].error / ladder[i + 1].error) / log(2);
  let first = last - 1;
  for (; first > 0 && clear(ladder[first - 1]); first--) {
    const bend = Math.abs(slope(first - 1) - slope(first));
    const blur = ladder
      .slice(first - 1, first + 2)
      .reduce((sum, { learningRate, error }) => sum + doubt(learningRate) / Math.abs(error), 0);
    if (!(bend <= BEND + 3 * blur)) break;
  }
  return last - first + 1 >= LEAST_POINTS ? ladder.slice(first, last + 1) : undefined;
}

function arraysOf(ladder: readonly Rung[]): Pick<Linearization, "learningRates" | "errors"> {
  return {
    learningRates: Float64Array.from(ladder, ({ learningRate }) => learningRate),
    errors: Float64Array.from(ladder, ({ error }) => error),
  };
}

function nothing(
  reason: LinearizationReason,
  facts: Pick<Linearization, "predictedCoefficient" | "gradientNorm">,
  noise: number,
  ladder: readonly Rung[] = [],
): Linearization {
  const none = { slope: Number.NaN, standardError: Number.NaN, coefficient: Number.NaN };
  const found = { ...facts, ...arraysOf(ladder), ...none, noise, reason };
  return { ...found, message: sentence(found) };
}

function sentence(found: Omit<Linearization, "message">): string {
  const { reason, slope, standardError, coefficient, predictedCoefficient, noise } = found;
  const error = Number.isNaN(standardError) ? "" : ` ± ${formatNumber(standardError, 1)}`;
  const sloped = `The error goes like η to the power ${formatNumber(slope, 4)}${error}`;
  switch (reason) {
    case "measured":
      return `${sloped}, with ${formatNumber(coefficient, 4)} η² where ½gᵀHg = ${formatNumber(predictedCoefficient, 4)} was predicted.`;
    case "flat":
      return `${sloped}: the curvature along the gradient, gᵀHg, is nothing next to what is of higher order.`;
    case "gradient":
      return `${sloped}, which is not that of a right gradient: see checkGradient.`;
    case "stationary":
      return "The gradient is 0 here: a step of gradient descent goes nowhere, and there is nothing to predict.";
    case "exact":
      return `The prediction is exact within rounding (${formatNumber(noise)}): along its gradient the function is a straight line.`;
    default:
      return `No stretch of rates has a slope: the function is not smooth here, or its values are too noisy (${formatNumber(noise)}) to tell.`;
  }
}
