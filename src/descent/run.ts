import { refusePromise } from "../core/check.ts";
import { formatNumber } from "../core/format.ts";
import { machineEpsilon, type RealArray } from "../core/precision.ts";
import { isOver, type Progress, type Slice, type Sliced } from "../core/slice.ts";
import { type Rule, worksOutRate } from "../rules/rule.ts";
import { explainDivergence } from "../stepsize/explain.ts";
import { isPreconditioned } from "../stepsize/mode.ts";
import type { AnyViews, Descent } from "./descent.ts";
import type { BestPoint, EarlyStopping } from "./early-stopping.ts";
import type { History, HistoryRecorder } from "./history.ts";
import { Observed } from "./observed.ts";
import type { StepRecord } from "./step-record.ts";
import { DEFAULT_STEPS, type Reason, type Stop, type StoppingOptions, StoppingRule } from "./stopping.ts";

/** What a minimisation came to. */
export interface MinimizeResult<X = RealArray> {
  /**
   * The last point at which value and gradient were finite (of rules that average, such as Schedule-Free, the average
   * that is their answer); the best monitored one, where that was restored.
   */
  readonly x: X;
  /** Where the rule averages, or was chained with an averaging wrapper: the averaged parameters, as they were at the end. */
  readonly averaged?: X;
  /** The value at `x`, on all rows also where the steps were on batches. */
  readonly value: number;
  /** ‖gradient‖₂ at `x`, likewise. */
  readonly gradientNorm: number;
  /** Whether a tolerance was met (reason "gradient" or "value"). */
  readonly converged: boolean;
  /** Why it ended. */
  readonly reason: Reason;
  /** One sentence that a person can act on. */
  readonly message: string;
  /** Steps taken. */
  readonly steps: number;
  /** Evaluations of value and gradient. */
  readonly evaluations: number;
  /** The rate that the next step would have taken; of rules that work it out by themselves, that of the last. */
  readonly learningRate: number;
  /** The rule that descended: the one given, or the one chosen. */
  readonly rule: Rule;
  /** Where no rule was given: which was chosen, and why. */
  readonly choice?: string;
  /** Where something was monitored: the best of it. */
  readonly best?: BestPoint;
  /** Where the option `history` asked for it: the learning curves. */
  readonly history?: History;
}

/** What a run takes besides its descent. */
export interface RunOptions extends StoppingOptions {
  /** Steps taken before this run, in which `callback` and `steps` count too; default 0. */
  readonly stepsBefore?: number;
  /** A further reason to stop. */
  readonly watch?: (descent: Descent) => Stop | undefined;
  /** What looks for the best point, in this run and those before. */
  readonly earlyStopping?: EarlyStopping;
  /** What keeps the learning curves, of this run and those before. */
  readonly recorder?: HistoryRecorder;
}

/** A descent until a stopping rule holds, which can be left at the end of a slice and taken up again. */
export class Run {
  readonly #descent: Descent;
  readonly #options: RunOptions;
  readonly #stopping: StoppingRule;
  readonly #record: StepRecord<AnyViews>;
  readonly #observed: Observed | undefined;
  readonly #finite: { readonly x: RealArray; value: number; gradientNorm: number };
  /** The index of the point after the last step. */
  readonly #last: number;
  /** The rate at the last point that was not diverged; until there is one, the coming step's. */
  #rate: number | undefined;
  #begun = false;
  #stop: Stop | undefined;

  constructor(descent: Descent, options: RunOptions) {
    this.#descent = descent;
    this.#options = options;
    const { precision, batches, objective } = descent;
    this.#stopping = new StoppingRule(options, precision, batches !== undefined, objective.field);
    this.#last = options.steps ?? DEFAULT_STEPS;
    this.#record = { index: 0, value: 0, gradientNorm: 0, learningRate: 0, x: descent.views };
    this.#observed = Observed.of(descent);
    this.#finite = { x: descent.x.slice(), value: Number.NaN, gradientNorm: Number.NaN };
  }

  /** Steps taken so far, those before this run included. */
  get steps(): number {
    return (this.#options.stepsBefore ?? 0) + this.#descent.index;
  }

  /** The last point at which value and gradient were finite. */
  get x(): AnyViews {
    return this.#descent.show(this.#finite.x);
  }

  /** Goes on until the slice is over or there is a reason to stop; says whether there is. */
  advance(slice: Slice): boolean {
    const descent = this.#descent;
    if (slice.aborted) {
      this.abort();
      return true;
    }
    if (this.#begun) descent.step();
    this.#begun = true;
    for (;;) {
      descent.evaluate(this.steps >= this.#last);
      this.#stop = this.#look();
      if (this.#stop || isOver(slice)) {
        slice.progress = this.#progress();
        return this.#stop !== undefined;
      }
      descent.step();
    }
  }

  /** Ends the run where it is: at the last point that was evaluated. */
  abort(): void {
    if (!this.#begun) {
      this.#descent.evaluate(true);
      this.#keep();
    }
    this.#stop = { reason: "aborted", detail: "it was aborted" };
  }

  /** What the run came to, once it has stopped. */
  result(): MinimizeResult<AnyViews> {
    const stop = this.#stop!;
    const descent = this.#descent;
    const { earlyStopping, recorder } = this.#options;
    if (stop.reason !== "aborted" && descent.finite) earlyStopping?.last(this.steps, descent);
    recorder?.last(this.steps, descent, this.#learningRate, earlyStopping);
    const averaged = descent.averaged();
    const kept = earlyStopping?.restored() ?? this.#answer() ?? this.#finite;
    const { x } = kept;
    const { value, gradientNorm } = descent.batches && !this.#sawAll(kept) ? this.#onAllRows(x) : kept;
    return {
      x: descent.show(x),
      ...(averaged ? { averaged } : {}),
      value,
      gradientNorm,
      converged: stop.reason === "gradient" || stop.reason === "value",
      reason: stop.reason,
      message: sentence(stop, descent, this.steps, this.#learningRate),
      steps: this.steps,
      evaluations: descent.evaluations,
      learningRate: this.#learningRate,
      rule: descent.rule,
      ...(earlyStopping?.best ? { best: earlyStopping.best } : {}),
      ...(recorder ? { history: recorder.history() } : {}),
    };
  }

  get #learningRate(): number {
    return this.#rate ?? this.#descent.learningRate;
  }

  /** Whether value and gradient of the point were taken on all rows: it is the one after the last step. */
  #sawAll(point: object): boolean {
    return point === this.#finite && this.#stop?.reason === "steps";
  }

  /** The rule's answer where it is another point than the last, and value and gradient are finite there. */
  #answer(): { readonly x: RealArray; readonly value: number; readonly gradientNorm: number } | undefined {
    const descent = this.#descent;
    const x = descent.finite ? descent.answer() : undefined;
    if (!x) return undefined;
    const { value, gradientNorm } = this.#onAllRows(x);
    return descent.finite ? { x, value, gradientNorm } : undefined;
  }

  #onAllRows(x: RealArray): { readonly value: number; readonly gradientNorm: number } {
    this.#descent.x.set(x);
    this.#descent.evaluate(true);
    return this.#descent;
  }

  /** Looks at the point that was just evaluated: the reason to stop at it, if there is one. */
  #look(): Stop | undefined {
    const descent = this.#descent;
    const { callback, watch, earlyStopping, recorder } = this.#options;
    const { value, gradientNorm } = descent;
    const index = this.steps;
    this.#keep();
    let stop = this.#stopping.at(index, value, gradientNorm) ?? watch?.(descent);
    const lost = descent.finite ? earlyStopping?.at(index, descent) : undefined;
    if (descent.finite) this.#tell(index);
    // A rate that the rule works out is that of the step which led here; any other is that of the coming step.
    const isOfLastStep = descent.rule.declaration.effectiveRate !== undefined;
    if (stop?.reason !== "diverged" || isOfLastStep) this.#rate = descent.learningRate;
    stop ??= lost;
    recorder?.at(index, descent, this.#learningRate, earlyStopping);
    if (callback) {
      const record = this.#record;
      record.index = index;
      record.value = value;
      record.gradientNorm = gradientNorm;
      record.learningRate = this.#learningRate;
      if (descent.batches) record.epoch = descent.epoch;
      const returned = callback(record as StepRecord);
      refusePromise("callback", returned);
      if (returned === true) stop ??= { reason: "callback", detail: "the callback asked for it" };
    }
    return stop;
  }

  /** Tells the schedules that watch: what the user monitors, or else the value. */
  #tell(index: number): void {
    const { earlyStopping } = this.#options;
    if (!earlyStopping?.hasMonitor) this.#observed?.point(index >= this.#last);
    else if (earlyStopping.sawPoint(index)) this.#observed?.monitored(earlyStopping.monitoredAt(index));
  }

  /** Keeps the point, if it is finite. */
  #keep(): void {
    const descent = this.#descent;
    if (!descent.finite) return;
    this.#finite.x.set(descent.x);
    this.#finite.value = descent.value;
    this.#finite.gradientNorm = descent.gradientNorm;
  }

  #progress(): Progress {
    const { value, gradientNorm } = this.#descent;
    const index = this.steps;
    const fraction = this.#stop ? 1 : this.#stopping.fraction(index, gradientNorm);
    return { index, value, gradientNorm, fraction };
  }
}

/** Descends until a stopping rule holds, slice by slice. */
export function* runSliced(
  descent: Descent,
  options: RunOptions,
  slice: Slice,
): Sliced<MinimizeResult<AnyViews>> {
  const run = new Run(descent, options);
  while (!run.advance(slice)) yield;
  return run.result();
}

function sentence(stop: Stop, descent: Descent, count: number, learningRate: number): string {
  const { rule, precision } = descent;
  const steps = `${count} step${count === 1 ? "" : "s"}`;
  const { batches } = descent;
  if (batches && stop.reason !== "diverged") {
    const { value, gradientNorm } = descent;
    const ended = stop.reason === "gradient" || stop.reason === "value" ? "converged" : "stopped";
    const epochs = formatNumber(count / batches.batchesPerEpoch);
    const detail = stop.reason === "steps" ? "" : `${stop.detail}; `;
    return (
      `${rule.name} ${ended} after ${steps}, epochs: ${epochs}; ${detail}` +
      `on all ${batches.rows} rows the value is ${formatNumber(value)} and the gradient's norm ${formatNumber(gradientNorm)}.`
    );
  }
  switch (stop.reason) {
    case "gradient":
    case "value":
      return `${rule.name} converged after ${steps}: ${stop.detail}.`;
    case "diverged":
      if (count === 0) {
        return `${rule.name} took no step: ${stop.detail} at the start; begin where it is finite.`;
      }
      return (
        `${rule.name} diverged after ${steps}: ${stop.detail}. ` +
        explainDivergence(descent.objective, rule, descent.start, learningRate)
      );
    case "steps": {
      const floor = machineEpsilon[precision] * Math.abs(descent.value);
      const advice =
        !descent.objective.field && descent.gradientNorm * learningRate * descent.gradientNorm < floor
          ? "steps no longer change the value in this precision"
          : worksOutRate(rule) || typeof rule.options.learningRate !== "number"
            ? "allow more steps"
            : isPreconditioned(rule)
              ? "allow more steps, or see by rateSweep which learning rate needs the fewest"
              : `allow more steps, or take the step that ${descent.objective.field ? "rotation(field, { at })" : "curvature(problem)"} advises`;
      return `${rule.name} stopped after ${steps}: ${stop.detail}; ${advice}.`;
    }
    default:
      return `${rule.name} stopped after ${steps}: ${stop.detail}.`;
  }
}
