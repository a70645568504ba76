import { checkKeys, checkPrecision } from "../core/check.ts";
import { type Numbers, type Precision, paddedLength, type RealArray } from "../core/precision.ts";
import { Workspace } from "../core/workspace.ts";
import { atPoint } from "../objectives/at-point.ts";
import type { BoundObjective, Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import type { Rule } from "../rules/rule.ts";
import { checkRule } from "./optimizer.ts";
import { ruleMemory, Stepper } from "./stepper.ts";

/** What every way of descending takes. */
export interface DescentOptions {
  /** The update rule, such as `adam({ learningRate: 0.01 })`. */
  readonly rule: Rule;
  /** Where to start; for a declared objective (such as `leastSquares`) zeros if left out. */
  readonly start?: Numbers;
  /** Default "f64". */
  readonly precision?: Precision;
}

/** Names of the options of {@link DescentOptions}. */
export const descentOptionNames = ["rule", "start", "precision"] as const;

/** An objective and a rule in one workspace: gradients are written where the rule's kernel reads them. */
export class Descent {
  readonly objective: Objective;
  readonly rule: Rule;
  readonly precision: Precision;
  readonly start: Numbers;
  readonly x: RealArray;
  /** The value at `x`, after `evaluate`. */
  value = Number.NaN;
  /** ‖gradient‖₂ at `x`, after `evaluate`. */
  gradientNorm = Number.NaN;
  readonly #bound: BoundObjective;
  readonly #workspace: Workspace;
  readonly #stepper: Stepper;
  readonly #xAt: number;
  readonly #gradientAt: number;
  readonly #count: number;

  constructor(owner: string, problem: Objective | UserProblem, options: DescentOptions) {
    checkRule(owner, options.rule);
    checkPrecision(owner, options.precision);
    const { rule, precision = "f64" } = options;
    const { objective, point: start } = atPoint(owner, problem, "start", options.start);
    const { dimension } = objective;
    this.objective = objective;
    this.rule = rule;
    this.precision = precision;
    this.start = start;
    this.#workspace = new Workspace(
      [
        { name: "x", length: dimension },
        { name: "gradient", length: dimension },
        ...ruleMemory(rule, dimension, precision),
        ...objective.memory(precision),
      ],
      precision,
    );
    this.x = this.#workspace.real("x");
    this.x.set(start);
    this.#xAt = this.#workspace.pointer("x");
    this.#gradientAt = this.#workspace.pointer("gradient");
    this.#count = paddedLength(dimension, precision);
    this.#bound = objective.bind(this.#workspace);
    this.#stepper = new Stepper(rule, this.#workspace, dimension, this.#xAt, this.#gradientAt);
  }

  /** Steps taken so far. */
  get index(): number {
    return this.#stepper.stepCount;
  }

  get learningRate(): number {
    return this.#stepper.learningRate;
  }

  /** How often the objective was evaluated (its value, its gradient, or both at once). */
  get evaluations(): number {
    const { value, gradient } = this.#bound.evaluations;
    return Math.max(value, gradient);
  }

  /** Whether value and gradient at `x` are finite: only then may a step be taken. */
  get finite(): boolean {
    return Number.isFinite(this.value) && Number.isFinite(this.gradientNorm);
  }

  /** ‖x‖₂. */
  get parameterNorm(): number {
    return this.#workspace.kernels.norm(this.#count, this.#xAt);
  }

  /** Evaluates value and gradient at `x`. */
  evaluate(): void {
    this.value = this.#bound.valueAndGradient(this.#xAt, this.#gradientAt);
    this.gradientNorm = this.#workspace.kernels.norm(this.#count, this.#gradientAt);
  }

  /** Takes one step from the gradient of the last `evaluate`. */
  step(): void {
    this.#stepper.step();
  }

  dispose(): void {
    this.#workspace.dispose();
  }
}

/** Checks the options object's keys: those of every descent and `more`. */
export function checkDescentOptions(owner: string, options: unknown, more: readonly string[]): void {
  checkKeys(owner, options, [...descentOptionNames, ...more]);
}
