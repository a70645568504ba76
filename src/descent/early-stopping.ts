import { checkCount, checkNumberReturned, checkTolerance } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { formatNumber, withSeparators } from "../core/format.ts";
import type { RealArray } from "../core/precision.ts";
import type { AnyViews, Descent } from "./descent.ts";
import { evaluatedNames, type Stop } from "./stopping.ts";

/** When to stop because it gets no better, and what "better" is. */
export interface EarlyStoppingOptions<X = RealArray> {
  /** Stop after so many evaluations of `monitor` in a row without an improvement: an integer ≥ 1. */
  readonly patience?: number;
  /** What an improvement has to exceed, ≥ 0; default 0. Needs `patience`. */
  readonly minimumImprovement?: number;
  /** What an improvement has to exceed, times |the value that it improves on|; ≥ 0, default 0. Needs `patience`. */
  readonly relativeMinimumImprovement?: number;
  /**
   * What is to get smaller, such as the loss on rows that are held out; default the value itself. It reads x, and
   * must not write to it. NaN is no improvement.
   */
  monitor?(x: X): number;
  /** Steps from one evaluation of `monitor` to the next: an integer ≥ 1, default 1. The last point is one more. */
  readonly monitorEvery?: number;
  /** Whether the result is at the best monitored point; default true where `patience` or `monitor` is given. */
  readonly restoreBest?: boolean;
}

/** Names of the options of {@link EarlyStoppingOptions}. */
export const earlyStoppingOptionNames = [
  "patience",
  "minimumImprovement",
  "relativeMinimumImprovement",
  "monitor",
  "monitorEvery",
  "restoreBest",
] as const;

/** Throws where an option of early stopping is out of its domain, or has no effect. */
export function checkEarlyStopping(owner: string, options: EarlyStoppingOptions<AnyViews>): void {
  const { patience, monitor, restoreBest } = options;
  checkCount(owner, "patience", patience, 1);
  checkCount(owner, "monitorEvery", options.monitorEvery, 1);
  for (const name of ["minimumImprovement", "relativeMinimumImprovement"] as const) {
    checkTolerance(owner, name, options[name]);
    if (options[name] !== undefined && patience === undefined) {
      throw new TypeError(`${owner}: ${name} needs patience, which says how long to wait for it`);
    }
  }
  if (monitor !== undefined && typeof monitor !== "function") {
    throw new TypeError(`${owner}: monitor must be a function, got ${describe(monitor)}`);
  }
  if (restoreBest !== undefined && typeof restoreBest !== "boolean") {
    throw new TypeError(`${owner}: restoreBest must be true or false, got ${describe(restoreBest)}`);
  }
  if (options.monitorEvery !== undefined && !monitors(options)) {
    throw new TypeError(`${owner}: monitorEvery needs monitor or patience`);
  }
}

/** Whether anything is monitored. */
const monitors = ({ patience, monitor, restoreBest }: EarlyStoppingOptions<AnyViews>): boolean =>
  patience !== undefined || monitor !== undefined || restoreBest === true;

/** The best monitored point. */
export interface BestPoint {
  /** Steps taken before it. */
  readonly step: number;
  /** What was monitored, there. */
  readonly monitored: number;
}

/** Watches something get smaller, keeps the point at which it was smallest, and says when to wait no longer. */
export class EarlyStopping {
  readonly #patience: number;
  readonly #absolute: number;
  readonly #relative: number;
  readonly #monitor: ((x: AnyViews) => number) | undefined;
  readonly #every: number;
  readonly #restores: boolean;
  #lastIndex = -1;
  #monitored = Number.NaN;
  /** What an improvement is measured from: small ones may add up to one. */
  #reference = Infinity;
  #waited = 0;
  #best: BestPoint | undefined;
  #x: RealArray | undefined;
  #value = Number.NaN;
  #gradientNorm = Number.NaN;

  /** Undefined where the options ask for nothing of the kind. */
  static from(options: EarlyStoppingOptions<AnyViews>): EarlyStopping | undefined {
    return monitors(options) ? new EarlyStopping(options) : undefined;
  }

  private constructor(options: EarlyStoppingOptions<AnyViews>) {
    this.#patience = options.patience ?? Infinity;
    this.#absolute = options.minimumImprovement ?? 0;
    this.#relative = options.relativeMinimumImprovement ?? 0;
    this.#monitor = options.monitor?.bind(options);
    this.#every = options.monitorEvery ?? 1;
    this.#restores = options.restoreBest ?? true;
  }

  get best(): BestPoint | undefined {
    return this.#best;
  }

  /** Whether it is a function of the user's that is monitored, and not the value. */
  get hasMonitor(): boolean {
    return this.#monitor !== undefined;
  }

  /** Whether a point was monitored. */
  sawPoint(index: number): boolean {
    return index === this.#lastIndex;
  }

  /** What was monitored at a point; NaN where nothing was. */
  monitoredAt(index: number): number {
    return index === this.#lastIndex ? this.#monitored : Number.NaN;
  }

  /** Monitors the point that was just evaluated, if it is its turn; the reason to stop there, if there is one. */
  at(index: number, descent: Descent): Stop | undefined {
    if (index % this.#every !== 0) return undefined;
    return this.last(index, descent);
  }

  /** Monitors the point that was just evaluated, unless it was before. */
  last(index: number, descent: Descent): Stop | undefined {
    if (index === this.#lastIndex) return undefined;
    const monitored = this.#monitor ? this.#monitor(descent.views) : descent.value;
    checkNumberReturned("monitor", monitored);
    this.#lastIndex = index;
    this.#monitored = monitored;
    if (monitored < (this.#best?.monitored ?? Infinity)) this.#keep(index, monitored, descent);
    const least = Math.max(this.#absolute, this.#relative * Math.abs(this.#reference));
    if (this.#reference === Infinity ? monitored < Infinity : monitored < this.#reference - least) {
      this.#reference = monitored;
      this.#waited = 0;
      return undefined;
    }
    this.#waited++;
    return this.#waited < this.#patience
      ? undefined
      : { reason: "patience", detail: this.#sentence(descent) };
  }

  /** The best monitored point, where the result is to be there. */
  restored(): { readonly x: RealArray; readonly value: number; readonly gradientNorm: number } | undefined {
    if (!this.#restores || !this.#x) return undefined;
    return { x: this.#x, value: this.#value, gradientNorm: this.#gradientNorm };
  }

  #keep(step: number, monitored: number, descent: Descent): void {
    this.#best = { step, monitored };
    if (!this.#restores) return;
    this.#x ??= descent.x.slice();
    this.#x.set(descent.x);
    this.#value = descent.value;
    this.#gradientNorm = descent.gradientNorm;
  }

  #sentence({ objective }: Descent): string {
    const what = this.#monitor ? "what is monitored" : evaluatedNames(objective.field).value;
    const times = this.#waited === 1 ? "once" : `${this.#waited} times in a row`;
    const missed = `${what} did not improve, ${times}`;
    if (!this.#best) return missed;
    const { step, monitored } = this.#best;
    const where = `step ${withSeparators(String(step))}`;
    return `${missed}; the best, ${formatNumber(monitored, 6)} at ${where}, is ${this.#restores ? "" : "not "}restored`;
  }
}
