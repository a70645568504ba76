/// <reference lib="esnext.disposable" preserve="true" />

import type { ArrayInput } from "../core/array-input.ts";
import { checkKeys, checkPrecision, refusePromise } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { type Precision, paddedLength, type RealArray } from "../core/precision.ts";
import { Workspace } from "../core/workspace.ts";
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
import { checkRule, type Rule } from "../rules/rule.ts";
import { checkObserved } from "../schedules/watching.ts";
import type { JsonRecord } from "../state/json.ts";
import type { WrapperReport } from "../wrappers/wrapper.ts";
import { Pipeline, pipelineMemory } from "./pipeline.ts";
import { SparseRows } from "./sparse-rows.ts";
import { OptimizerState, type SaveOptions } from "./state.ts";

/** Options of {@link createOptimizer}. */
export interface OptimizerOptions {
  /** Of parameters, gradient and state: "f64" (default) or "f32". */
  readonly precision?: Precision;
  /** Look at the gradient before each step and refuse one that is not finite (costs a pass). Default false. */
  readonly guard?: boolean;
  /** Blocks with options, a rule, a scale factor of their own, or frozen; the first group that names a block has it. */
  readonly groups?: readonly GroupInput[];
}

/** What a step takes besides the gradient, for the rules that need it: see `optimizer.needs`. */
export interface StepInputs<P = ArrayInput> {
  /** The objective's value at the parameters. */
  readonly value?: number;
  /** Writes the Hessian at the parameters times v into product, both in the form of `parameters`. */
  readonly hessianVectorProduct?: (v: Views<P>, product: Views<P>) => void;
}

/** What the coming step of a rule takes besides the gradient. */
export interface StepNeeds {
  /** Whether it takes the objective's value. */
  readonly value: boolean;
  /** Whether it takes products with the Hessian. */
  readonly hessianVectorProduct: boolean;
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
  readonly #state: OptimizerState;
  readonly #guard: boolean;
  /** Whether some step takes more than the gradient. */
  readonly #takes: boolean;
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
    const parameters = readParameters(owner, "initial", initial, precision);
    const groups = readGroups(owner, rule, parameters, options.groups);
    const order = groups.flatMap(({ blocks }) => blocks);
    const frame = paddedFrame(parameters, precision, order);
    const spec = { rule, frame, groups };
    this.rule = rule;
    this.precision = precision;
    this.#guard = guard;
    this.#frame = frame;
    this.#workspace = new Workspace(pipelineMemory(spec, precision), precision);
    try {
      const x = this.#workspace.real("x");
      fill(frame, parameters, x);
      this.parameters = cut(frame, x) as Views<P>;
      this.gradient = cut(frame, this.#workspace.real("gradient")) as Views<P>;
      this.#pipeline = new Pipeline(spec, this.#workspace);
      this.#takes = this.#pipeline.steppers.some(({ rule: { declaration } }) => declaration.needs);
      this.#sparse = new SparseRows(this.#pipeline, precision);
      this.#state = new OptimizerState({ spec, pipeline: this.#pipeline, x, precision });
      this.#pipeline.start();
    } catch (error) {
      this.#workspace.dispose();
      throw error;
    }
  }

  /** Steps that the rule has taken so far. */
  get stepCount(): number {
    return this.#pipeline.stepCount;
  }

  /**
   * The learning rate of the coming step (of the first group); of the last one, and 0 before there was any, where the
   * rule works it out by itself.
   * @throws Error after `dispose` or during a step; RangeError where its schedule leaves the option's domain
   */
  get learningRate(): number {
    this.#idle("learningRate");
    this.#busy = true;
    try {
      return this.#pipeline.learningRate;
    } finally {
      this.#busy = false;
    }
  }

  /**
   * What the coming step takes besides the gradient: nothing, for most rules.
   * @throws Error after `dispose` or during a step; RangeError where a schedule leaves its option's domain
   */
  get needs(): StepNeeds {
    this.#idle("needs");
    const { needsValue, needsDiagonal } = this.#pipeline;
    return { value: needsValue, hessianVectorProduct: needsDiagonal };
  }

  /**
   * Takes one step from the gradient in `gradient`.
   *
   * @param inputs - what the rule takes besides, see {@link StepInputs}; what it does not need is ignored
   * @throws Error after `dispose` or if called from within a step; RangeError where a schedule leaves its
   * option's domain or, with `guard`, where the gradient is not finite; TypeError where the rule needs what is not
   * given. Nothing has changed then.
   */
  step(inputs?: StepInputs<P>): void {
    this.#idle("step");
    this.#busy = true;
    try {
      if (this.#guard) this.#checkGradient();
      const value = inputs === undefined ? Number.NaN : this.#readInputs(inputs);
      if (this.#takes) this.#meetNeeds(inputs);
      this.#pipeline.step(value, this.#sparse);
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
  setSparseGradient(block: string, rows: ArrayInput, gradients: ArrayInput): void {
    this.#idle("setSparseGradient");
    this.#sparse.set(block, rows, gradients);
  }

  /**
   * A copy of the averaged parameters, in the form of `parameters` (frozen blocks as they are), where the rule
   * averages, as Schedule-Free does, or was chained with an averaging wrapper such as `ema`.
   * @throws Error where nothing averages
   */
  averaged(): Views<P> {
    this.#idle("averaged");
    const all = this.#workspace.real("x").slice();
    if (!this.#pipeline.writeAverage(all) && !this.#pipeline.writeResult(all)) {
      throw new Error(
        "optimizer.averaged: neither the rule nor a wrapper averages; chain the rule with ema() or the like",
      );
    }
    return cut(this.#frame, all) as Views<P>;
  }

  /**
   * Everything that the coming steps depend on but for the gradient, as a file that {@link load} reads: parameters, state
   * of rule and wrappers, steps so far, and a description of all options. It is a safetensors file with a checksum.
   *
   * @param options.extra - what is to be saved along, such as a sampler's state; `load` returns it
   * @throws TypeError or RangeError where `extra` is not JSON or too long; Error after `dispose`, during a step,
   * and while rows given by `setSparseGradient` wait for their step
   *
   * @example
   * ```ts
   * import { adam, createOptimizer } from "thalweg";
   * const [first, second] = [createOptimizer(adam(), [3, -2]), createOptimizer(adam(), [0, 0])];
   * first.gradient.set([1, 1]);
   * first.step();
   * second.load(first.save({ extra: { epoch: 1 } })).epoch; // 1
   * second.parameters[0] === first.parameters[0]; // true
   * ```
   */
  save(options: SaveOptions = {}): Uint8Array {
    this.#idle("save");
    checkKeys("optimizer.save", options, ["extra"]);
    if (this.#sparse.waiting) {
      throw new Error("optimizer.save: rows of a sparse gradient wait for the coming step; take it first");
    }
    return this.#state.save("optimizer.save", options.extra);
  }

  /**
   * Takes over a state that an optimizer of the same making has saved: the steps that follow have the same bits as
   * those that followed there. The gradient stays; rows given by `setSparseGradient` are forgotten.
   *
   * @param bytes - what `save` returned; it is not kept
   * @returns what was saved along as `extra`, without checking that it is of the type that is expected
   * @throws TypeError if `bytes` is no Uint8Array; RangeError for a file that is damaged or foreign, or of an optimizer
   * that differs in rule, options, schedules, wrappers, groups, blocks or precision, naming what differs; Error after
   * `dispose` and during a step. Nothing has changed then.
   */
  load<Extra = JsonRecord>(bytes: Uint8Array): Extra {
    this.#idle("load");
    const extra = this.#state.load("optimizer.load", bytes);
    this.#sparse.forget();
    return extra as Extra;
  }

  /**
   * Tells the schedules that watch, such as {@link reduceOnPlateau}, a value of what they watch: the loss of an epoch, or
   * one on rows that are held out. The coming step's rate follows from it. Where no schedule watches, nothing happens.
   *
   * @param value - a number; NaN is no improvement
   * @throws TypeError if it is no number; Error after `dispose` and during a step
   */
  observe(value: number): void {
    this.#idle("observe");
    checkObserved("optimizer.observe", value);
    this.#pipeline.observe(value);
  }

  /** What the wrappers tell of their work, such as `clipByGlobalNorm.clippedFraction`. */
  report(): WrapperReport {
    this.#idle("report");
    return this.#pipeline.report();
  }

  /**
   * Gives the memory back. The views must not be used after that; a second call does nothing.
   * @throws Error if called from within a step
   */
  dispose(): void {
    if (this.#disposed) return;
    this.#idle("dispose");
    this.#disposed = true;
    this.#sparse.dispose();
    this.#workspace.dispose();
  }

  /** As `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #idle(method: string): void {
    if (this.#disposed) throw new Error(`optimizer.${method}: this optimizer was disposed`);
    if (this.#busy) throw new Error(`optimizer.${method}: called from within a step (by a schedule?)`);
  }

  /** The value that was given. */
  #readInputs(inputs: StepInputs<P>): number {
    checkKeys("optimizer.step", inputs, ["value", "hessianVectorProduct"]);
    const { value = Number.NaN, hessianVectorProduct } = inputs;
    if (typeof value !== "number") {
      throw new TypeError(`optimizer.step: value must be a number, got ${describe(value)}`);
    }
    if (hessianVectorProduct !== undefined && typeof hessianVectorProduct !== "function") {
      throw new TypeError(
        `optimizer.step: hessianVectorProduct must be a function, got ${describe(hessianVectorProduct)}`,
      );
    }
    return value;
  }

  /** Throws where the rule needs what was not given; makes of the Hessian what it takes. */
  #meetNeeds(inputs: StepInputs<P> | undefined): void {
    const { rule } = this;
    const { needsValue, needsDiagonal } = this.#pipeline;
    if (needsValue && inputs?.value === undefined) {
      throw new TypeError(
        `optimizer.step: ${rule.name} needs the value at the parameters: step({ value: … })`,
      );
    }
    if (!needsDiagonal) return;
    const multiply = inputs?.hessianVectorProduct;
    if (!multiply) {
      throw new TypeError(
        `optimizer.step: ${rule.name} needs products with the Hessian: step({ hessianVectorProduct(v, product) { … } })`,
      );
    }
    const { size } = this.#frame;
    this.#pipeline.estimateDiagonal((v, product) => {
      const [from, to] = [v, product].map((at) => cut(this.#frame, this.#workspace.realAt(at, size)));
      refusePromise("hessianVectorProduct", multiply(from as Views<P>, to as Views<P>));
    });
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
