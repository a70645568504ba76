import { machineEpsilon, type RealArray } from "../core/precision.ts";
import type { Rule } from "../rules/rule.ts";
import { explainDivergence } from "../stepsize/explain.ts";
import type { AnyViews, Descent } from "./descent.ts";
import type { StepRecord } from "./step-record.ts";
import { type Reason, type Stop, type StoppingOptions, StoppingRule } from "./stopping.ts";

/** What a minimisation came to. */
export interface MinimizeResult<X = RealArray> {
  /** The last point at which value and gradient were finite. */
  readonly x: X;
  /** Where the rule was chained with an averaging wrapper: the averaged parameters. */
  readonly averaged?: X;
  /** The value at `x`. */
  readonly value: number;
  /** ‖gradient‖₂ at `x`. */
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
  /** The rate that the next step would have taken. */
  readonly learningRate: number;
  /** The rule that descended: the one given, or the one chosen. */
  readonly rule: Rule;
  /** Where no rule was given: which was chosen, and why. */
  readonly choice?: string;
}

/** What a run takes besides its descent. */
export interface RunOptions extends StoppingOptions {
  /** Steps taken before this run, in which `callback` and `steps` count too; default 0. */
  readonly stepsBefore?: number;
  /** A further reason to stop. */
  readonly watch?: (descent: Descent) => Stop | undefined;
}

/** Descends until a stopping rule holds. */
export function runToEnd(descent: Descent, options: RunOptions): MinimizeResult<AnyViews> {
  const { callback, watch, stepsBefore = 0 } = options;
  const { precision } = descent;
  const stopping = new StoppingRule(options, precision);
  const record: StepRecord<AnyViews> = {
    index: 0,
    value: 0,
    gradientNorm: 0,
    learningRate: 0,
    x: descent.views,
  };
  const finite = { x: descent.x.slice(), value: Number.NaN, gradientNorm: Number.NaN };
  let learningRate = descent.learningRate;
  let stop: Stop | undefined;
  for (;;) {
    descent.evaluate();
    const { value, gradientNorm } = descent;
    const index = stepsBefore + descent.index;
    if (descent.finite) {
      finite.x.set(descent.x);
      finite.value = value;
      finite.gradientNorm = gradientNorm;
    }
    stop = stopping.at(index, value, gradientNorm) ?? watch?.(descent);
    if (stop?.reason !== "diverged") learningRate = descent.learningRate;
    if (callback) {
      record.index = index;
      record.value = value;
      record.gradientNorm = gradientNorm;
      record.learningRate = learningRate;
      if (callback(record as StepRecord) === true)
        stop ??= { reason: "callback", detail: "the callback asked for it" };
    }
    if (stop) break;
    descent.step();
  }
  const averaged = descent.averaged();
  const converged = stop.reason === "gradient" || stop.reason === "value";
  return {
    ...finite,
    x: descent.show(finite.x),
    ...(averaged ? { averaged } : {}),
    converged,
    reason: stop.reason,
    message: sentence(stop, descent, stepsBefore + descent.index, learningRate),
    steps: stepsBefore + descent.index,
    evaluations: descent.evaluations,
    learningRate,
    rule: descent.rule,
  };
}

function sentence(stop: Stop, descent: Descent, count: number, learningRate: number): string {
  const { rule, precision } = descent;
  const steps = `${count} step${count === 1 ? "" : "s"}`;
  switch (stop.reason) {
    case "gradient":
    case "value":
      return `${rule.name} converged after ${steps}: ${stop.detail}.`;
    case "diverged":
      return (
        `${rule.name} diverged after ${steps}: ${stop.detail}. ` +
        explainDivergence(descent.objective, rule, descent.start, learningRate)
      );
    case "steps": {
      const floor = machineEpsilon[precision] * Math.abs(descent.value);
      const advice =
        descent.gradientNorm * learningRate * descent.gradientNorm < floor
          ? "steps no longer change the value in this precision"
          : "allow more steps, or take the step that curvature(problem) advises";
      return `${rule.name} stopped after ${steps}: ${stop.detail}; ${advice}.`;
    }
    default:
      return `${rule.name} stopped after ${steps}: ${stop.detail}.`;
  }
}
