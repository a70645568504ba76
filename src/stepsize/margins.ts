import { checkNumber } from "../core/check.ts";
import { formatNumber } from "../core/format.ts";
import { atan2 } from "../core/scalar.ts";
import { checkRule, type Rule } from "../rules/rule.ts";
import { checkModeOptions, checkModes, checkUnwrapped, type ModeOptions } from "./mode.ts";
import { crossovers, loopAt, onCircle, openLoop } from "./open-loop.ts";
import { poles } from "./poles.ts";
import { curvatureLimit, rateAt, speedLimit } from "./speed-limit.ts";

/** How much a rule's loop on a mode bears before it is unstable. */
export interface StabilityMargins {
  /** Whether the mode comes to rest. */
  readonly stable: boolean;
  /** The factor by which the curvature may grow (below 1: has to fall) until the limit: `curvatureLimit`/λ. */
  readonly gain: number;
  /** The factor by which the learning rate may: `speedLimit`/η. The same, but for rules whose weight decay is apart. */
  readonly rate: number;
  /** By how many whole steps the gradient may be late; ∞ where by any number, −1 where the loop is unstable as it is. */
  readonly delay: number;
  /** The same in steps of any length, at the frequency that bears least; NaN where the loop is unstable. */
  readonly phaseDelay: number;
  /** By how many radians the loop's phase may lag; ∞ where by any number, NaN where the loop is unstable. */
  readonly phase: number;
  /** The frequency at which `phaseDelay` is decided, where |L| = 1, in radians a step: NaN where there is none. */
  readonly crossover: number;
  /** One sentence that a person can act on. */
  readonly message: string;
}

/** Delays are known to this part. */
const MARGINAL = 1e-12;

/** The phase of L + π, in (0, 2π): what it may lag until L is negative. */
function lagLeft(re: number, im: number): number {
  const angle = atan2(-im, -re);
  return angle > 0 ? angle : angle + 2 * Math.PI;
}

/** Frequencies at which |L| = 1, with the lag that each bears. */
function lags(rule: Rule, lambda: number, options: ModeOptions) {
  const loop = openLoop(rule, options);
  const found = crossovers(loop, lambda).map((q) => {
    const { re, im } = loopAt(loop, lambda, onCircle(q));
    const frequency = 2 * atan2(Math.sqrt(q), Math.sqrt(4 - q));
    return { frequency, phase: lagLeft(re, im) };
  });
  // At the highest frequency a delay of one step turns the sign.
  const { re } = loopAt(loop, lambda, onCircle(4));
  return re >= 1 ? [...found, { frequency: Math.PI, phase: Math.PI }] : found;
}

/**
 * How far an optimiser is from its limit on a mode, as an engineer asks of a feedback loop: by what factor curvature or learning rate may grow,
 * and how old the gradient may be.
 *
 * A gradient that is d steps late turns L(e^{iω}) by e^{−iωd}; the loop is stable as long as that takes it at no crossover |L| = 1 round to −1. Gradient
 * descent bears d steps as long as ηλ < 2 sin(π/(4d + 2)).
 *
 * @param rule - with its learning rate
 * @param lambda - the curvature of the mode (of the preconditioned Hessian): finite and > 0
 * @param options - another learning rate, the preconditioner, the step of schedules: see {@link ModeOptions}
 * @returns the margins: see {@link StabilityMargins}
 * @throws TypeError or RangeError naming the argument that is unknown or outside its domain; RangeError for rules whose step on
 * one mode cannot be told by itself
 *
 * @example
 * ```ts
 * import { gradientDescent, stabilityMargins } from "thalweg";
 * const { gain, delay, phase, crossover } = stabilityMargins(gradientDescent({ learningRate: 0.1 }), 4);
 * gain; // 5: 2/λ = 0.5
 * delay; // 3
 * phase; // ≈ 1.369
 * crossover; // ≈ 0.4027
 * ```
 *
 * Source: Åström and Murray, "Feedback systems", 2008, §9.3, for the margins; Levin and May, "A note on difference-delay equations",
 * Theoretical Population Biology 9, 1976, for gradient descent with delays.
 */
export function stabilityMargins(rule: Rule, lambda: number, options: ModeOptions = {}): StabilityMargins {
  const owner = "stabilityMargins";
  checkRule(owner, rule);
  checkUnwrapped(owner, rule);
  checkModes(owner, rule);
  checkModeOptions(owner, options);
  checkNumber(owner, "lambda", lambda, "(0, ∞)", (v) => v > 0 && v < Infinity);
  const { learningRate = rateAt(rule, options.index ?? 0), ...rest } = options;
  const gain = curvatureLimit(rule, options) / lambda;
  const rate = speedLimit(rule, { ...rest, lambdaMax: lambda }) / learningRate;
  const stable = gain > 1 && poles(rule, lambda, options).radius < 1;
  if (!stable) {
    const none = { delay: -1, phaseDelay: Number.NaN, phase: Number.NaN, crossover: Number.NaN };
    return { stable, gain, rate, ...none, message: unstable(rule, gain) };
  }
  let least = { frequency: Number.NaN, phase: Infinity };
  for (const lag of lags(rule, lambda, options)) {
    if (!(lag.phase / lag.frequency >= least.phase / least.frequency)) least = lag;
  }
  const phaseDelay = least.phase === Infinity ? Infinity : least.phase / least.frequency;
  // A delay at which the loop swings for ever is too long.
  const delay = phaseDelay === Infinity ? Infinity : Math.ceil(phaseDelay * (1 - MARGINAL)) - 1;
  return {
    ...{ stable, gain, rate, delay, phaseDelay, phase: least.phase, crossover: least.frequency },
    message: `Under ${rule.name} the curvature may grow ${formatNumber(gain)} times, and the gradient ${lateness(delay)}.`,
  };
}

function lateness(delay: number): string {
  if (delay === 0) return "must not be a step late";
  return delay === Infinity
    ? "may be as late as it likes"
    : `may be ${formatNumber(delay)} step${delay === 1 ? "" : "s"} late`;
}

function unstable(rule: Rule, gain: number): string {
  if (gain > 1) return `A part of this mode stays as it is under ${rule.name}.`;
  const borne = gain > 0 ? `${formatNumber(gain)} of this curvature` : "no curvature at all";
  return `Unstable as it is: ${rule.name} bears ${borne}.`;
}
