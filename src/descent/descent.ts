import { checkKeys, checkPrecision } from "../core/check.ts";
import type { Pointer } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import { type Numbers, type Precision, paddedLength, type RealArray } from "../core/precision.ts";
import { Workspace } from "../core/workspace.ts";
import type { BoundObjective, Objective } from "../objectives/objective.ts";
import { asObjective } from "../objectives/user.ts";
import { onArray, type Problem, readPoint } from "../parameters/at-point.ts";
import { cut, type Frame, fill, type ParametersInput, paddedFrame } from "../parameters/frame.ts";
import { type BlockProblem, frameProblem } from "../parameters/frame-problem.ts";
import { type GroupInput, readGroups } from "../parameters/groups.ts";
import { checkRule, type Rule } from "../rules/rule.ts";
import { onBatches } from "../sampling/on-batches.ts";
import type { Sampler } from "../sampling/sampler.ts";
import { type BatchOptions, batchOptionNames, checkBatches } from "./batches.ts";
import { Pipeline, pipelineMemory } from "./pipeline.ts";

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

/** What keeps a learning rate measured while a descent goes on; see "auto". */
export interface RateWatcher {
  /** What it needs for vectors of a size. */
  memory(size: number): readonly BlockRequest[];
  /** Called once, before the first `observe`. */
  attach(bound: BoundObjective, workspace: Workspace, x: Pointer, size: number): void;
  /** Called at each point, once value and gradient are known to be finite. */
  observe(index: number, value: number, gradientNorm: number): void;
}

/** An objective and a rule in one workspace: gradients are written where the rule's kernel reads them. */
export class Descent {
  readonly objective: Objective;
  readonly rule: Rule;
  readonly precision: Precision;
  /** Where it started, as a vector of the objective's space. */
  readonly start: Numbers;
  /** The parameters, all in one, padding included. */
  readonly x: RealArray;
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
  readonly #frame: Frame;
  readonly #bound: BoundObjective;
  readonly #workspace: Workspace;
  readonly #pipeline: Pipeline;
  readonly #watcher: RateWatcher | undefined;
  readonly #xAt: number;
  readonly #gradientAt: number;

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
    const spec = { rule, frame, groups };
    this.objective = objective;
    this.rule = rule;
    this.precision = precision;
    this.batches = batches;
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
      this.views = this.show(this.x);
      this.#xAt = this.#workspace.pointer("x");
      this.#gradientAt = this.#workspace.pointer("gradient");
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
    const { averaged } = this.#pipeline;
    if (!averaged) return undefined;
    const all = this.x.slice();
    all.set(averaged);
    return this.show(all);
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
    this.value = this.#bound.valueAndGradient(this.#xAt, this.#gradientAt);
    this.gradientNorm = this.#workspace.kernels.norm(this.#pipeline.count, this.#gradientAt);
    if (this.#watcher && this.finite) this.#watcher.observe(this.index, this.value, this.gradientNorm);
  }

  /** Takes one step from the gradient of the last `evaluate`. */
  step(): void {
    this.#pipeline.step();
  }

  dispose(): void {
    this.#workspace.dispose();
  }
}

/** Checks the options object's keys: those of every descent and `more`. */
export function checkDescentOptions(owner: string, options: unknown, more: readonly string[]): void {
  checkKeys(owner, options, [...descentOptionNames, ...more]);
  checkBatches(owner, options as BatchOptions);
}
