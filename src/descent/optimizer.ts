/// <reference lib="esnext.disposable" preserve="true" />
import { checkKeys, checkPrecision } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { type Precision, paddedLength, type RealArray } from "../core/precision.ts";
import { Workspace } from "../core/workspace.ts";
import type { ArrayInput } from "../parameters/array-input.ts";
import {
  cut,
  type Frame,
  fill,
  type ParametersInput,
  paddedFrame,
  readParameters,
  type Views,
} from "../parameters/frame.ts";
import { type GroupInput, readGroups } from "../parameters/groups.ts";
import type { Rule } from "../rules/rule.ts";
import type { WrapperReport } from "../wrappers/wrapper.ts";
import { Pipeline, pipelineMemory } from "./pipeline.ts";
import { SparseRows } from "./sparse-rows.ts";

/** Options of {@link createOptimizer}. */
export interface OptimizerOptions {
  /** Of parameters, gradient and state: "f64" (default) or "f32". */
  readonly precision?: Precision;
  /** Look at the gradient before each step and refuse one that is not finite (costs a pass). Default false. */
  readonly guard?: boolean;
  /** Blocks with options, a rule, a scale factor of their own, or frozen; the first group that names a block has it. */
  readonly groups?: readonly GroupInput[];
}

/** Throws unless `rule` was made by a rule's function. */
export function checkRule(owner: string, rule: unknown): asserts rule is Rule {
  if (
    typeof rule === "object" &&
    rule !== null &&
    "declaration" in rule &&
    "options" in rule &&
    !("kind" in rule)
  )
    return;
  const hint = typeof rule === "function" ? "; call it, as in adam()" : "";
  throw new TypeError(
    `${owner}: rule must be a rule such as adam({ learningRate: 0.01 }), got ${describe(rule)}${hint}`,
  );
}

/**
 * A rule and its parameters, for loops of your own. `parameters` and `gradient` are views that stay
 * valid until `dispose`; write the gradient, then `step()`.
 */
export class Optimizer<P = ArrayInput> {
  /** The parameters, updated in place by `step`; may be written to. One array, or a record of arrays by block. */
  readonly parameters: Views<P>;
  /** Where the gradient at `parameters` is to be written before `step`; of the same form. */
  readonly gradient: Views<P>;
  /** The rule, as it was given. */
  readonly rule: Rule;
  /** The element type of the views: "f64" or "f32". */
  readonly precision: Precision;
  readonly #workspace: Workspace;
  readonly #frame: Frame;
  readonly #pipeline: Pipeline;
  readonly #sparse: SparseRows;
  readonly #guard: boolean;
  #busy = false;
  #disposed = false;

  constructor(rule: Rule, initial: P, options: OptimizerOptions = {}) {
    const owner = "createOptimizer";
    checkRule(owner, rule);
    checkKeys(owner, options, ["precision", "guard", "groups"]);
    const { precision = "f64", guard = false } = options;
    checkPrecision(owner, precision);
    if (typeof guard !== "boolean") {
      throw new TypeError(`${owner}: guard must be true or false, got ${describe(guard)}`);
    }
    const parameters = readParameters(owner, "initial", initial);
    const groups = readGroups(owner, rule, parameters, options.groups);
    const order = groups.flatMap(({ blocks }) => blocks);
    const frame = paddedFrame(parameters, precision, order);
    const spec = { rule, frame, groups };
    this.rule = rule;
    this.precision = precision;
    this.#guard = guard;
    this.#frame = frame;
    this.#workspace = new Workspace(pipelineMemory(spec, precision), precision);
    const x = this.#workspace.real("x");
    fill(frame, parameters, x);
    this.parameters = cut(frame, x) as Views<P>;
    this.gradient = cut(frame, this.#workspace.real("gradient")) as Views<P>;
    this.#pipeline = new Pipeline(spec, this.#workspace);
    this.#sparse = new SparseRows(this.#pipeline, precision);
    this.#pipeline.start();
  }

  /** Steps that the rule has taken so far. */
  get stepCount(): number {
    return this.#pipeline.stepCount;
  }

  /** The learning rate of the coming step (of the first group). */
  get learningRate(): number {
    return this.#pipeline.learningRate;
  }

  /**
   * Takes one step from the gradient in `gradient`.
   * @throws Error after `dispose` or if called from within itself; RangeError where a schedule leaves its
   * option's domain or, with `guard`, where the gradient is not finite. Nothing has changed then.
   */
  step(): void {
    if (this.#disposed) throw new Error("optimizer.step: this optimizer was disposed");
    if (this.#busy) throw new Error("optimizer.step: called from within itself (by a schedule?)");
    this.#busy = true;
    try {
      if (this.#guard) this.#checkGradient();
      if (this.#pipeline.step()) this.#sparse.step();
    } finally {
      this.#busy = false;
    }
  }

  /**
   * Gives some rows of a block as its gradient for the coming step: only these move, and only they cost.
   * For rules that leave parameters with a gradient of 0 where they are.
   *
   * @param block - the block's name; its first axis is the rows
   * @param rows - row indices from 0; a row that is given twice has its gradients summed
   * @param gradients - a row of gradients for each
   * @throws TypeError or RangeError naming what is wrong
   */
  setSparseGradient(block: string, rows: ArrayLike<number>, gradients: ArrayInput): void {
    this.#live("setSparseGradient");
    this.#sparse.set(block, rows, gradients);
  }

  /**
   * A copy of the averaged parameters, in the form of `parameters` (frozen blocks as they are), where the rule
   * was chained with an averaging wrapper such as `ema`.
   * @throws Error where no wrapper averages
   */
  averaged(): Views<P> {
    this.#live("averaged");
    const { averaged } = this.#pipeline;
    if (!averaged)
      throw new Error("optimizer.averaged: no wrapper averages; chain the rule with ema() or the like");
    const all = this.#workspace.real("x").slice();
    all.set(averaged);
    return cut(this.#frame, all) as Views<P>;
  }

  /** What the wrappers tell of their work, such as `clipByGlobalNorm.clippedFraction`. */
  report(): WrapperReport {
    this.#live("report");
    return this.#pipeline.report();
  }

  /** Gives the memory back. The views must not be used after that. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#sparse.dispose();
    this.#workspace.dispose();
  }

  /** As `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #live(method: string): void {
    if (this.#disposed) throw new Error(`optimizer.${method}: this optimizer was disposed`);
  }

  #checkGradient(): void {
    const { kernels, precision } = this.#workspace;
    const count = paddedLength(this.#frame.size, precision);
    if (Number.isFinite(kernels.norm(count, this.#workspace.pointer("gradient")))) return;
    const all: RealArray = this.#workspace.real("gradient");
    const at = all.findIndex((entry) => !Number.isFinite(entry));
    // Entries that are finite, but whose norm is not, are no mistake of the caller's.
    if (at < 0) return;
    const block = this.#frame.blocks.find(({ offset, length }) => at >= offset && at < offset + length);
    const name = block?.name ? `gradient.${block.name}` : "gradient";
    const index = at - (block?.offset ?? 0);
    throw new RangeError(`optimizer.step: ${name}[${index}] must be finite, got ${all[at]}`);
  }
}

/**
 * An optimizer for loops of your own.
 *
 * @param rule - such as `adam({ learningRate: 0.01 })`, or a `chain` of wrappers around one
 * @param initial - the starting parameters, copied in: one array, or named blocks
 * `{ w: { shape: [64, 10], values }, b: … }`
 * @param options - `precision`, `guard` and `groups`: see {@link OptimizerOptions}
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
export function createOptimizer<P extends ParametersInput>(
  rule: Rule,
  initial: P,
  options?: OptimizerOptions,
): Optimizer<P> {
  return new Optimizer(rule, initial, options);
}
