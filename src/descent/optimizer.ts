/// <reference lib="esnext.disposable" preserve="true" />
import { checkKeys, checkPrecision, checkVector } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { type Numbers, type Precision, paddedLength, type RealArray } from "../core/precision.ts";
import { Workspace } from "../core/workspace.ts";
import type { Rule } from "../rules/rule.ts";
import { ruleMemory, Stepper } from "./stepper.ts";

/** Options of {@link createOptimizer}. */
export interface OptimizerOptions {
  /** Default "f64". */
  readonly precision?: Precision;
  /** Look at the gradient before each step and refuse one that is not finite (costs a pass). Default false. */
  readonly guard?: boolean;
}

/** Throws unless `rule` was made by a rule's function. */
export function checkRule(owner: string, rule: unknown): asserts rule is Rule {
  if (typeof rule === "object" && rule !== null && "declaration" in rule && "options" in rule) return;
  const hint = typeof rule === "function" ? "; call it, as in adam()" : "";
  throw new TypeError(
    `${owner}: rule must be a rule such as adam({ learningRate: 0.01 }), got ${describe(rule)}${hint}`,
  );
}

/**
 * A rule and its parameters, for loops of your own. `parameters` and `gradient` are views that stay
 * valid until `dispose`; write the gradient, then `step()`.
 */
export class Optimizer {
  /** The parameters, updated in place by `step`; may be written to. */
  readonly parameters: RealArray;
  /** Where the gradient at `parameters` is to be written before `step`. */
  readonly gradient: RealArray;
  readonly rule: Rule;
  readonly #workspace: Workspace;
  readonly #stepper: Stepper;
  readonly #guard: boolean;
  #disposed = false;

  constructor(rule: Rule, initial: Numbers, options: OptimizerOptions = {}) {
    checkRule("createOptimizer", rule);
    checkVector("createOptimizer", "initial", initial);
    checkKeys("createOptimizer", options, ["precision", "guard"]);
    const { precision = "f64", guard = false } = options;
    checkPrecision("createOptimizer", precision);
    if (typeof guard !== "boolean") {
      throw new TypeError(`createOptimizer: guard must be true or false, got ${describe(guard)}`);
    }
    const dimension = initial.length;
    this.rule = rule;
    this.#guard = guard;
    this.#workspace = new Workspace(
      [
        { name: "x", length: dimension },
        { name: "gradient", length: dimension },
        ...ruleMemory(rule, dimension, precision),
      ],
      precision,
    );
    this.parameters = this.#workspace.real("x");
    this.gradient = this.#workspace.real("gradient");
    this.parameters.set(initial);
    this.#stepper = new Stepper(
      rule,
      this.#workspace,
      dimension,
      this.#workspace.pointer("x"),
      this.#workspace.pointer("gradient"),
    );
  }

  /** Steps taken so far. */
  get stepCount(): number {
    return this.#stepper.stepCount;
  }

  /** The learning rate of the coming step. */
  get learningRate(): number {
    return this.#stepper.learningRate;
  }

  /**
   * Takes one step from the gradient in `gradient`.
   * @throws Error after `dispose`; RangeError where a schedule leaves its option's domain or, with
   * `guard`, where the gradient is not finite. Nothing has changed then.
   */
  step(): void {
    if (this.#disposed) throw new Error("optimizer.step: this optimizer was disposed");
    if (this.#guard) this.#checkGradient();
    this.#stepper.step();
  }

  /** Gives the memory back. The views must not be used after that. */
  dispose(): void {
    this.#disposed = true;
    this.#workspace.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #checkGradient(): void {
    const { kernels, precision } = this.#workspace;
    const count = paddedLength(this.gradient.length, precision);
    if (Number.isFinite(kernels.norm(count, this.#workspace.pointer("gradient")))) return;
    const at = this.gradient.findIndex((entry) => !Number.isFinite(entry));
    throw new RangeError(`optimizer.step: gradient[${at}] must be finite, got ${this.gradient[at]}`);
  }
}

/**
 * An optimizer for loops of your own.
 *
 * @param rule - such as `adam({ learningRate: 0.01 })`
 * @param initial - the starting parameters, copied in
 * @throws TypeError or RangeError naming the argument that is wrong
 *
 * @example
 * ```ts
 * import { createOptimizer, sgd } from "thalweg";
 * const optimizer = createOptimizer(sgd({ learningRate: 0.1 }), [3, -2]);
 * for (let i = 0; i < 100; i++) {
 *   optimizer.gradient.set(optimizer.parameters); // the gradient of ½‖x‖²
 *   optimizer.step();
 * }
 * optimizer.parameters; // ≈ [0, 0]
 * optimizer.dispose();
 * ```
 */
export function createOptimizer(rule: Rule, initial: Numbers, options?: OptimizerOptions): Optimizer {
  return new Optimizer(rule, initial, options);
}
