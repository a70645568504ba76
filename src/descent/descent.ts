import { checkKeys, checkPrecision } from "../core/check.ts";
import type { Pointer } from "../core/kernels.ts";
import { type BlockRequest, FIRST_BLOCK, layout } from "../core/layout.ts";
import { type Numbers, type Precision, paddedLength, type RealArray } from "../core/precision.ts";
import { Workspace } from "../core/workspace.ts";
import { type BoundObjective, type Objective, refuseField } from "../objectives/objective.ts";
import { asObjective } from "../objectives/user.ts";
import { onArray, type Problem, readPoint } from "../parameters/at-point.ts";
import {
  cut,
  type Frame,
  fill,
  type Parameters,
  type ParametersInput,
  paddedFrame,
} from "../parameters/frame.ts";
import { type BlockProblem, frameProblem } from "../parameters/frame-problem.ts";
import { type GroupInput, readGroups } from "../parameters/groups.ts";
import { checkRule, type Rule } from "../rules/rule.ts";
import { onBatches } from "../sampling/on-batches.ts";
import type { Sampler } from "../sampling/sampler.ts";
import { type BatchOptions, batchOptionNames, checkBatches } from "./batches.ts";
import { Pipeline, type PipelineMark, pipelineMemory } from "./pipeline.ts";

/** What every way of descending takes. */
export interface DescentOptions<P = ParametersInput> extends BatchOptions {
  /** The update rule, such as `adam({ learningRate: 0.01 })`, or a `chain` of wrappers around one. */
  readonly rule: Rule;
  /** Where to start: one array, or named blocks; for a declared objective (such as `leastSquares`) zeros if left out. */
  readonly start?: P;
  /** Of parameters, gradient and state: "f64" (default) or "f32". */
  readonly precision?: Precision;
  /** Blocks with options, a rule, a scale factor of their own, or frozen. */
  readonly groups?: readonly GroupInput[];
}

/** Names of the options of {@link DescentOptions}. */
export const descentOptionNames = ["rule", "start", "precision", "groups", ...batchOptionNames] as const;

/** Parameters as they are shown: one array, or a record of arrays. */
export type AnyViews = RealArray | Readonly<Record<string, RealArray>>;

/** Times that a step is taken back and tried with a lower rate before it stands as it is. */
const MOST_TRIES = 60;

/** What keeps a learning rate measured while a descent goes on; see "auto". */
export interface RateWatcher {
  /** What it needs for vectors of a size. */
  memory(size: number): readonly BlockRequest[];
  /** Called once, before the first `observe`. */
  attach(bound: BoundObjective, workspace: Workspace, x: Pointer, size: number): void;
  /** Whether a step may end at this value; one that may not is taken back, after `shorten`. */
  accepts(value: number, finite: boolean): boolean;
  /** Lowers the rate of the step that is to be tried again. */
  shorten(): void;
  /** Called at each accepted point where value and gradient are finite. */
  observe(index: number, value: number, gradientNorm: number, parameterNorm: number): void;
}

/** An objective and a rule in one workspace: gradients are written where the rule's kernel reads them. */
export class Descent {
  readonly objective: Objective;
  readonly precision: Precision;
  /** Where it started, as a vector of the objective's space. */
  readonly start: Numbers;
  /** The parameters, all in one, padding included. */
  readonly x: RealArray;
  /** The gradient at `x`, after `evaluate`, likewise. */
  readonly gradient: RealArray;
  /** The parameters as the user knows them: views of `x`. */
  readonly views: AnyViews;
  /** Where each evaluation's rows are drawn from; undefined where they are always all. */
  readonly batches: Sampler | undefined;
  /** Epochs that were finished when the last batch was drawn. */
  epoch = 0;
  /** The value at `x`, after `evaluate`. */
  value = Number.NaN;
  /** ‖gradient‖₂ at `x` over what is not frozen, after `evaluate`. */
  gradientNorm = Number.NaN;
  readonly #owner: string;
  readonly #parameters: Parameters;
  readonly #groups: readonly GroupInput[] | undefined;
  readonly #frame: Frame;
  readonly #bound: BoundObjective;
  readonly #workspace: Workspace;
  #rule: Rule;
  #pipeline: Pipeline;
  readonly #watcher: RateWatcher | undefined;
  readonly #xAt: number;
  readonly #gradientAt: number;
  readonly #multiply = (v: Pointer, product: Pointer) => this.#bound.hessianVectorProduct(v, product);
  /** Parameters, gradient and the state of rules and wrappers: they are laid out first. */
  readonly #memory: Uint8Array;
  /** Where the last step was taken from, if it may have to be taken back. */
  #before: { readonly memory: Uint8Array; readonly mark: PipelineMark; readonly value: number } | undefined;

  constructor(owner: string, problem: Problem, options: DescentOptions, watcher?: RateWatcher) {
    checkRule(owner, options.rule);
    checkPrecision(owner, options.precision);
    const { rule, precision = "f64" } = options;
    const parameters = readPoint(owner, problem, "start", options.start, precision);
    const groups = readGroups(owner, rule, parameters, options.groups);
    const order = groups.flatMap(({ blocks }) => blocks);
    const frame = paddedFrame(parameters, precision, order);
    const objective = parameters.named
      ? asObjective(frameProblem(problem as BlockProblem, frame))
      : onArray(problem, parameters.blocks[0].values);
    const { batches } = options;
    const evaluated = batches
      ? onBatches(owner, problem, objective, batches.rows, batches.batchSize)
      : objective;
    for (const { rule: each } of groups) {
      if (each.declaration.needs) refuseField(owner, objective, `${each.name} needs more than a gradient`);
    }
    const spec = { rule, frame, groups };
    this.objective = objective;
    this.precision = precision;
    this.batches = batches;
    this.#owner = owner;
    this.#parameters = parameters;
    this.#groups = options.groups;
    this.#rule = rule;
    this.#frame = frame;
    this.#workspace = new Workspace(
      [
        ...pipelineMemory(spec, precision),
        ...evaluated.memory(precision),
        ...(watcher?.memory(objective.dimension) ?? []),
      ],
      precision,
    );
    try {
      this.x = this.#workspace.real("x");
      fill(frame, parameters, this.x);
      this.start = Float64Array.from(this.x.subarray(0, objective.dimension));
      this.gradient = this.#workspace.real("gradient");
      this.views = this.show(this.x);
      this.#xAt = this.#workspace.pointer("x");
      this.#gradientAt = this.#workspace.pointer("gradient");
      const stepped = layout(pipelineMemory(spec, precision), precision).bytes - FIRST_BLOCK;
      this.#memory = this.#workspace.bytesAt(FIRST_BLOCK, stepped);
      this.#bound = evaluated.bind(this.#workspace);
      this.#watcher = watcher;
      watcher?.attach(this.#bound, this.#workspace, this.#xAt, objective.dimension);
      this.#pipeline = new Pipeline(spec, this.#workspace);
      this.#pipeline.start();
    } catch (error) {
      this.#workspace.dispose();
      throw error;
    }
  }

  get rule(): Rule {
    return this.#rule;
  }

  /**
   * Goes back to the start, with the same rule at other values of its options, such as another learning rate: its state is
   * new, and the problem's data stay where they are.
   */
  restart(rule: Rule): void {
    const groups = readGroups(this.#owner, rule, this.#parameters, this.#groups);
    this.#memory.fill(0);
    this.x.set(this.start);
    this.#rule = rule;
    this.#pipeline = new Pipeline({ rule, frame: this.#frame, groups }, this.#workspace);
    this.#pipeline.start();
    Object.assign(this.#bound.evaluations, { value: 0, gradient: 0, hessianVectorProduct: 0 });
  }

  /** Steps taken so far. */
  get index(): number {
    return this.#pipeline.calls;
  }

  get learningRate(): number {
    return this.#pipeline.learningRate;
  }

  /** A vector such as `x`, as the user knows it: views of it. */
  show(x: RealArray): AnyViews {
    return cut(this.#frame, x);
  }

  /** A copy of the averaged parameters (frozen blocks as they are); undefined where no wrapper averages. */
  averaged(): AnyViews | undefined {
    const all = this.x.slice();
    return this.#pipeline.writeAverage(all) ? this.show(all) : undefined;
  }

  /** The rule's answer, where that is not the point at which it wants the gradient. */
  answer(): RealArray | undefined {
    const all = this.x.slice();
    return this.#pipeline.writeResult(all) ? all : undefined;
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
    return this.#workspace.kernels.norm(paddedLength(this.#frame.size, this.precision), this.#xAt);
  }

  /** Evaluates value and gradient at `x`: on the next batch where there are batches, unless `all` rows are asked for. */
  evaluate(all = false): void {
    const { batches } = this;
    if (batches) {
      this.epoch = batches.epoch;
      this.#bound.selectRows?.(all ? undefined : batches.draw());
    }
    this.#evaluate();
    const watcher = this.#watcher;
    if (!watcher) return;
    for (let tries = 0; this.#before && tries < MOST_TRIES; tries++) {
      if (watcher.accepts(this.value, this.finite)) break;
      this.#memory.set(this.#before.memory);
      this.#pipeline.back(this.#before.mark);
      watcher.shorten();
      this.#pipeline.step(this.#before.value);
      this.#evaluate();
    }
    if (!this.finite) return;
    watcher.observe(this.index, this.value, this.gradientNorm, this.parameterNorm);
    this.#pipeline.renew();
  }

  /** Whether a schedule watches, and is to be told values. */
  get watches(): boolean {
    return this.#pipeline.watches;
  }

  /** Tells the schedules that watch a value, ahead of the coming step. */
  observe(value: number): void {
    this.#pipeline.observe(value);
  }

  /** Takes one step from the gradient of the last `evaluate`. */
  step(): void {
    if (this.#watcher) {
      const memory = this.#before?.memory ?? this.#memory.slice();
      memory.set(this.#memory);
      this.#before = { memory, mark: this.#pipeline.mark(), value: this.value };
    }
    if (this.#pipeline.needsDiagonal) {
      this.#bound.linearize(this.#xAt);
      this.#pipeline.estimateDiagonal(this.#multiply);
    }
    this.#pipeline.step(this.value);
  }

  dispose(): void {
    this.#workspace.dispose();
  }

  #evaluate(): void {
    this.value = this.#bound.valueAndGradient(this.#xAt, this.#gradientAt);
    this.gradientNorm = this.#workspace.kernels.norm(this.#pipeline.count, this.#gradientAt);
  }
}

/** Checks the options object's keys: those of every descent and `more`. */
export function checkDescentOptions(owner: string, options: unknown, more: readonly string[]): void {
  checkKeys(owner, options, [...descentOptionNames, ...more]);
  checkBatches(owner, options as BatchOptions);
}
