import { checkCount, checkNumberOption, checkTolerance } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { formatNumber } from "../core/format.ts";
import type { Precision, RealArray } from "../core/precision.ts";
import { log } from "../core/scalar.ts";
import type { StepRecord } from "./step-record.ts";

/** Steps of a run whose options say none. */
export const DEFAULT_STEPS = 10_000;

/**
 * Why a minimisation ended: a tolerance was met by the gradient or by the value, steps or time are over, it
 * got no better for as long as patience allows, it was aborted or the callback asked for it, or value or gradient left
 * the finite numbers or rose without bound.
 */
export type Reason =
  | "gradient"
  | "value"
  | "steps"
  | "time"
  | "patience"
  | "aborted"
  | "callback"
  | "diverged";

/**
 * When to stop. Tolerances of 0 are off, except that a gradient of exactly 0 always stops, unless it is that of a
 * batch. With `batches` a tolerance above 0 compares values and gradients of batches.
 */
export interface StoppingOptions<X = RealArray> {
  /** Steps to take at most: an integer ≥ 0, default 10,000, or as many as `epochs` has. */
  readonly steps?: number;
  /** Stop when ‖gradient‖₂ is at most this, ≥ 0; default 1e-8 (f64) or 1e-4 (f32), with `batches` 0. */
  readonly gradientTolerance?: number;
  /** Stop when ‖gradient‖₂ is at most this times the one at the start; ≥ 0, default 0. */
  readonly relativeGradientTolerance?: number;
  /** Stop when a step changes the value by at most this; ≥ 0, default 0. */
  readonly valueTolerance?: number;
  /** Stop when a step changes the value by at most this times |value|; ≥ 0, default 0. */
  readonly relativeValueTolerance?: number;
  /** Stop after this many milliseconds, ≥ 0; default Infinity. */
  readonly timeLimit?: number;
  /** Called at every point, the start included; stop when it returns true. The record is rewritten at each step. */
  callback?(step: Readonly<StepRecord<X>>): unknown;
}

/** Names of the options of {@link StoppingOptions}. */
export const stoppingOptionNames = [
  "steps",
  "gradientTolerance",
  "relativeGradientTolerance",
  "valueTolerance",
  "relativeValueTolerance",
  "timeLimit",
  "callback",
] as const;

/** Throws where an option of stopping is out of its domain. */
export function checkStopping(owner: string, options: StoppingOptions): void {
  checkCount(owner, "steps", options.steps);
  for (const name of stoppingOptionNames) {
    if (name.endsWith("Tolerance")) checkTolerance(owner, name, options[name]);
  }
  checkNumberOption(owner, "timeLimit", options.timeLimit, "[0, ∞]", (v) => v >= 0);
  if (options.callback !== undefined && typeof options.callback !== "function") {
    throw new TypeError(`${owner}: callback must be a function, got ${describe(options.callback)}`);
  }
}

/** What the value and the gradient's norm of an objective are, in words: a field has half the square of its norm for a value. */
export const evaluatedNames = (field = false): { readonly value: string; readonly gradient: string } =>
  field
    ? { value: "half the square of the field's norm", gradient: "the field's norm" }
    : { value: "the value", gradient: "the gradient's norm" };

/** A reason to stop, and what was compared with what. */
export interface Stop {
  readonly reason: Reason;
  readonly detail: string;
}

/**
 * A value this many times (1 + |first value| + the fall so far) above the first one has diverged:
 * rules that do not descend monotonically overshoot, but not by twelve orders of magnitude.
 */
const DIVERGENCE = 1e12;

/** Watches a descent point by point and says when and why it ends. */
export class StoppingRule {
  readonly #steps: number;
  readonly #noisy: boolean;
  /** What the value and the gradient are, in words. */
  readonly #names: { readonly value: string; readonly gradient: string };
  readonly #gradient: number;
  readonly #relativeGradient: number;
  readonly #value: number;
  readonly #relativeValue: number;
  readonly #deadline: number;
  readonly #timeLimit: number;
  #firstValue = 0;
  #lowestValue = 0;
  #firstGradient = 0;
  #previousValue = Number.NaN;

  /**
   * @param noisy - whether values and gradients are those of batches
   * @param field - whether what is descended is a field, with half the square of its norm for a value
   */
  constructor(options: StoppingOptions, precision: Precision, noisy = false, field = false) {
    const usualGradient = precision === "f64" ? 1e-8 : 1e-4;
    this.#noisy = noisy;
    this.#names = evaluatedNames(field);
    this.#steps = options.steps ?? DEFAULT_STEPS;
    this.#gradient = options.gradientTolerance ?? (noisy ? 0 : usualGradient);
    this.#relativeGradient = options.relativeGradientTolerance ?? 0;
    this.#value = options.valueTolerance ?? 0;
    this.#relativeValue = options.relativeValueTolerance ?? 0;
    this.#timeLimit = options.timeLimit ?? Infinity;
    this.#deadline = this.#timeLimit === Infinity ? Infinity : performance.now() + this.#timeLimit;
  }

  /** The reason to stop at this point, if there is one. */
  at(index: number, value: number, gradientNorm: number): Stop | undefined {
    const stop = this.#divergence(value, gradientNorm) ?? this.#convergence(value, gradientNorm);
    this.#previousValue = value;
    if (stop) return stop;
    if (index >= this.#steps) {
      const bound = this.#gradientBound;
      return {
        reason: "steps",
        detail: `${this.#names.gradient} is ${formatNumber(gradientNorm)}${bound > 0 ? ` where ${formatNumber(bound)} was asked for` : ""}`,
      };
    }
    if (this.#deadline !== Infinity && performance.now() >= this.#deadline) {
      return { reason: "time", detail: `${this.#timeLimit} ms are over` };
    }
    return undefined;
  }

  /** How much of the descent is over at a point after the first, by whichever limit it is nearest to: in [0, 1]. */
  fraction(index: number, gradientNorm: number): number {
    const bySteps = this.#steps > 0 ? index / this.#steps : 1;
    const byTime =
      this.#deadline === Infinity ? 0 : 1 - (this.#deadline - performance.now()) / this.#timeLimit;
    const bound = this.#gradientBound;
    const byGradient =
      bound > 0 && bound < this.#firstGradient
        ? log(gradientNorm / this.#firstGradient) / log(bound / this.#firstGradient)
        : 0;
    return Math.max(0, Math.min(1, Math.max(bySteps, byTime, byGradient)));
  }

  #divergence(value: number, gradientNorm: number): Stop | undefined {
    const verb = Number.isNaN(this.#previousValue) ? "is" : "became";
    if (!Number.isFinite(value)) {
      return { reason: "diverged", detail: `${this.#names.value} ${verb} ${value}` };
    }
    if (!Number.isFinite(gradientNorm)) {
      return { reason: "diverged", detail: `${this.#names.gradient} ${verb} ${gradientNorm}` };
    }
    if (Number.isNaN(this.#previousValue)) {
      this.#firstValue = this.#lowestValue = value;
      this.#firstGradient = gradientNorm;
    }
    if (value < this.#lowestValue) this.#lowestValue = value;
    const scale = 1 + Math.abs(this.#firstValue) + (this.#firstValue - this.#lowestValue);
    if (value - this.#firstValue > DIVERGENCE * scale) {
      return {
        reason: "diverged",
        detail: `${this.#names.value} rose from ${formatNumber(this.#firstValue)} to ${formatNumber(value)}`,
      };
    }
    return undefined;
  }

  get #gradientBound(): number {
    return Math.max(this.#gradient, this.#relativeGradient * this.#firstGradient);
  }

  #convergence(value: number, gradientNorm: number): Stop | undefined {
    const gradientBound = this.#gradientBound;
    if (gradientNorm <= gradientBound && !(this.#noisy && gradientBound === 0)) {
      return {
        reason: "gradient",
        detail: `${this.#names.gradient} ${formatNumber(gradientNorm)} is within ${formatNumber(gradientBound)}`,
      };
    }
    const change = Math.abs(value - this.#previousValue);
    const valueBound = Math.max(this.#value, this.#relativeValue * Math.abs(value));
    if (valueBound > 0 && change <= valueBound) {
      return {
        reason: "value",
        detail: `the last step changed ${this.#names.value} by ${formatNumber(change)}`,
      };
    }
    return undefined;
  }
}
