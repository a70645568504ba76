import type { Pointer } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import { elementBytes, type Precision, paddedLength, type RealArray } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Frame, PlacedBlock } from "../parameters/frame.ts";
import type { Group } from "../parameters/groups.ts";
import { resolveOptions } from "../rules/options.ts";
import type { AnyRuleDeclaration, Rule } from "../rules/rule.ts";
import { type LiveOptions, liveOptions, type WatchingSchedule } from "../schedules/watching.ts";
import { applyMask } from "../wrappers/mask.ts";
import {
  type WrappedBlock,
  type Wrapper,
  type WrapperContext,
  type WrapperReport,
  wrappersOf,
} from "../wrappers/wrapper.ts";
import { DiagonalEstimate, diagonalMemory, type HessianProduct, takesDiagonal } from "./diagonal.ts";
import { Stepper, stepperMemory } from "./stepper.ts";

/** What a pipeline steps: where the blocks lie, and the groups that they belong to. */
export interface PipelineSpec {
  /** The rule at large; its wrappers work on all groups that are not frozen. */
  readonly rule: Rule;
  readonly frame: Frame;
  readonly groups: readonly Group[];
}

const blocksOf = ({ frame }: PipelineSpec, { blocks }: Group): PlacedBlock[] =>
  blocks.map((i) => frame.blocks[i]);

/** Elements that are not frozen: frozen groups lie last. */
function activeCount(spec: PipelineSpec, precision: Precision): number {
  const active = spec.groups.filter(({ frozen }) => !frozen).flatMap((group) => blocksOf(spec, group));
  return active.reduce((sum, { length }) => sum + paddedLength(length, precision), 0);
}

/** The memory of a pipeline: parameters "x", "gradient", and what its rules and wrappers keep. */
export function pipelineMemory(spec: PipelineSpec, precision: Precision): BlockRequest[] {
  const { frame, rule, groups } = spec;
  const { before, after } = wrappersOf(rule);
  const count = activeCount(spec, precision);
  const wrapperSlots = (wrapper: Wrapper) => wrapper.declaration.slots?.(wrapper.options).length ?? 0;
  const takes = groups.some((group) => !group.frozen && takesDiagonal(group.rule));
  return [
    { name: "x", length: frame.size },
    { name: "gradient", length: frame.size },
    ...(before.length > 0 ? [{ name: "effectiveGradient", length: count }] : []),
    ...(takes ? diagonalMemory(frame.size) : []),
    ...groups.flatMap((group, k) =>
      group.frozen ? [] : stepperMemory(`group${k}`, group.rule, blocksOf(spec, group), precision),
    ),
    ...[...before, ...after].map((wrapper, k) => ({
      name: `wrapper${k}.state`,
      length: wrapperSlots(wrapper) * count,
    })),
  ];
}

/** What a pipeline is at besides its memory. */
export interface PipelineMark {
  readonly calls: number;
  readonly groups: readonly { readonly t: number; readonly carried: Float64Array }[];
  readonly wrappers: readonly Float64Array[];
  /** What schedules that watch remember. */
  readonly watching: readonly Float64Array[];
}

/** A wrapper at work. */
interface BoundWrapper {
  /** What its figures are told under. */
  readonly label: string;
  readonly wrapper: Wrapper;
  readonly context: WrapperContext;
  readonly options: Record<string, number | boolean>;
  /** Whether an option follows a schedule. */
  readonly scheduled: boolean;
  /** The wrapper's options, the schedules that watch set going. */
  readonly live: LiveOptions<Wrapper["options"]>;
}

/** Rules on groups of blocks, with wrappers before and after: one step of everything. */
export class Pipeline {
  readonly steppers: readonly Stepper[];
  readonly wrappers: readonly BoundWrapper[];
  /** Whether wrappers rewrite the gradient. */
  readonly rewritesGradient: boolean;
  /** The wrapper that compares the step with the whole gradient, if one does. */
  readonly gradientReader: string | undefined;
  /** Elements that are not frozen, padding included: they come first. */
  readonly count: number;
  /** Calls of `step` so far; rules may have stepped less often. */
  calls = 0;
  readonly #workspace: Workspace;
  readonly #before: number;
  readonly #userGradient: RealArray;
  readonly #gradient: RealArray;
  readonly #gradientAt: Pointer;
  readonly #diagonal: DiagonalEstimate | undefined;
  /** Schedules that watch, of all rules and wrappers. */
  readonly #watching: readonly WatchingSchedule[];

  constructor(spec: PipelineSpec, workspace: Workspace) {
    const { precision } = workspace;
    const { before, after } = wrappersOf(spec.rule);
    const active = spec.groups.filter(({ frozen }) => !frozen);
    const count = activeCount(spec, precision);
    const x = workspace.pointer("x");
    this.#workspace = workspace;
    this.#before = before.length;
    this.count = count;
    this.rewritesGradient = before.length > 0;
    this.#gradientAt = workspace.pointer(this.rewritesGradient ? "effectiveGradient" : "gradient");
    this.#userGradient = workspace.realAt(workspace.pointer("gradient"), count);
    this.#gradient = workspace.realAt(this.#gradientAt, count);
    const takes = active.some(({ rule }) => takesDiagonal(rule));
    this.#diagonal = takes
      ? new DiagonalEstimate(
          workspace,
          spec.frame.size,
          active.flatMap((group) =>
            group.blocks.map((number) => ({ block: spec.frame.blocks[number], number })),
          ),
        )
      : undefined;
    const vectors = {
      x,
      gradient: this.#gradientAt,
      ...(takes ? { diagonal: workspace.pointer("diagonal") } : {}),
    };
    this.steppers = spec.groups.flatMap((group, k) =>
      group.frozen
        ? []
        : [new Stepper(`group${k}`, group.rule, workspace, blocksOf(spec, group), vectors, group.scale)],
    );
    const all = { count, x, gradient: this.#gradientAt, slotsAt: {} };
    for (const stepper of this.steppers) {
      const alike = this.steppers.filter(({ rule }) => rule.declaration === stepper.rule.declaration);
      stepper.measureOver(
        all,
        alike.flatMap(({ blocks }) => blocks),
      );
    }
    this.gradientReader = after.find(({ declaration }) => declaration.readsGradient)?.name;
    const blocks = active.flatMap((group, k) =>
      group.blocks.map((number) => this.#wrapped(spec.frame.blocks[number], number, this.steppers[k], x)),
    );
    const { named } = spec.frame;
    const names = spec.frame.blocks.map(({ name }) => name);
    const seen = new Map<string, number>();
    this.wrappers = [...before, ...after].map((wrapper, k) => {
      const { name, settings } = wrapper;
      const isIn = applyMask(name, settings, names, named);
      const some = blocks.filter(({ number }) => isIn(number));
      const times = (seen.get(name) ?? 0) + 1;
      seen.set(name, times);
      return this.#bind(wrapper, times === 1 ? name : `${name}${times}`, `wrapper${k}.state`, some, x);
    });
    this.#watching = [
      ...this.steppers.map(({ watching }) => watching),
      ...this.wrappers.map(({ live }) => live.watching),
    ]
      .flat()
      .map(([, schedule]) => schedule);
  }

  /** Forgets what was resolved for the coming step: a measured rate has changed. */
  renew(): void {
    for (const stepper of this.steppers) stepper.renew();
  }

  /** Whether a schedule watches, and is to be told values. */
  get watches(): boolean {
    return this.#watching.length > 0;
  }

  /** Tells the schedules that watch a value, ahead of the coming step. */
  observe(value: number): void {
    for (const schedule of this.#watching) schedule.observe(value);
    this.renew();
  }

  /** The counters and carried numbers, to come back to with the memory of that point: see `back`. */
  mark(): PipelineMark {
    return {
      calls: this.calls,
      groups: this.steppers.map(({ stepCount, carried }) => ({ t: stepCount, carried: carried.slice() })),
      wrappers: this.wrappers.map(({ context }) => context.carried.slice()),
      watching: this.#watching.map(({ state }) => state.slice()),
    };
  }

  /** Takes the counters and carried numbers back to a mark. */
  back({ calls, groups, wrappers, watching }: PipelineMark): void {
    this.calls = calls;
    this.steppers.forEach((stepper, k) => {
      stepper.stepCount = groups[k].t;
      stepper.carried.set(groups[k].carried);
    });
    this.wrappers.forEach(({ context }, k) => {
      context.carried.set(wrappers[k]);
    });
    this.#watching.forEach(({ state }, k) => {
      state.set(watching[k]);
    });
    this.renew();
  }

  /** Tells the wrappers that the parameters have their first values. */
  start(): void {
    for (const stepper of this.steppers) stepper.copyParameters();
    for (const { wrapper, context, options } of this.wrappers) {
      wrapper.declaration.start?.(context, options);
    }
  }

  /** Steps that the rule has taken. */
  get stepCount(): number {
    return this.steppers[0]?.stepCount ?? this.calls;
  }

  /** The learning rate of the coming step, of the first group. */
  get learningRate(): number {
    return this.steppers[0]?.learningRate ?? 0;
  }

  /** Whether a rule takes the objective's value at its coming step. */
  get needsValue(): boolean {
    return this.steppers.some(({ needsValue }) => needsValue);
  }

  /** Whether a rule takes an estimate of the Hessian's diagonal at its coming step: `estimateDiagonal` comes first then. */
  get needsDiagonal(): boolean {
    return this.#diagonal !== undefined && this.steppers.some(({ diagonalProbes }) => diagonalProbes > 0);
  }

  /** Estimates the Hessian's diagonal where the coming step takes it, by products with the Hessian at the parameters. */
  estimateDiagonal(multiply: HessianProduct): void {
    const probes = this.steppers.map(({ diagonalProbes }) => diagonalProbes);
    const most = Math.max(...probes);
    if (!this.#diagonal || most === 0) return;
    const { options } = this.steppers[probes.indexOf(most)].rule;
    this.#diagonal.renew(this.stepCount, (options.seed as number | undefined) ?? 0, most, multiply);
  }

  /**
   * Takes one step from the gradient in memory. Throws, changing nothing, where a schedule leaves its
   * option's domain or a wrapper refuses the gradient. Returns whether the rules stepped.
   *
   * @param value - the objective's, for rules that need it
   * @param rows - steps what the rules leave to it, ahead of the wrappers behind them
   */
  step(value = Number.NaN, rows?: { step(): void }): boolean {
    const { steppers, wrappers } = this;
    if (wrappers.length === 0 && steppers.length === 1) {
      const stepper = steppers[0];
      stepper.resolve();
      stepper.step(value);
      rows?.step();
      this.calls++;
      return true;
    }
    for (let i = 0; i < steppers.length; i++) steppers[i].resolve();
    // Wrappers' schedules count the steps of the rule.
    for (let i = 0; i < wrappers.length; i++) {
      if (wrappers[i].scheduled) this.#resolve(wrappers[i], this.stepCount);
    }
    if (this.rewritesGradient) {
      this.#gradient.set(this.#userGradient);
      for (let i = 0; i < this.#before; i++) {
        const { wrapper, context, options } = wrappers[i];
        if (!(wrapper.declaration.before?.(context, options) ?? true)) {
          this.calls++;
          return false;
        }
      }
    }
    for (let i = 0; i < wrappers.length; i++) {
      const { wrapper, context, options } = wrappers[i];
      wrapper.declaration.beforeStep?.(context, options);
    }
    for (let i = 0; i < steppers.length; i++) steppers[i].prepare(value);
    for (let i = 0; i < steppers.length; i++) steppers[i].measure();
    for (let i = 0; i < steppers.length; i++) steppers[i].take();
    rows?.step();
    for (let i = 0; i < wrappers.length; i++) {
      const { wrapper, context, options } = wrappers[i];
      wrapper.declaration.after?.(context, options);
    }
    this.calls++;
    return true;
  }

  /**
   * Writes the averaged parameters over a copy of all parameters: those of an averaging wrapper, or else of rules that
   * average. False where nothing does.
   */
  writeAverage(all: RealArray): boolean {
    for (const { wrapper, context } of this.wrappers) {
      const { averagedSlot } = wrapper.declaration;
      if (averagedSlot === undefined) continue;
      all.set(context.slotViews[averagedSlot]);
      return true;
    }
    return this.#writeSlots(all, ({ averages }) => averages);
  }

  /** Writes the rules' answer over a copy of all parameters, where it is not the parameters; false where it is. */
  writeResult(all: RealArray): boolean {
    if (!this.#writeSlots(all, ({ result }) => result)) return false;
    for (const { wrapper, context } of this.wrappers) wrapper.declaration.answer?.(context, all);
    return true;
  }

  /** Elements of this pipeline's memory. */
  view(at: Pointer, length: number): RealArray {
    return this.#workspace.realAt(at, length);
  }

  /** What the wrappers tell of their work, as `wrapper.figure`; the second of a name is `wrapper2`. */
  report(): WrapperReport {
    const report: Record<string, number> = {};
    for (const { label, wrapper, context } of this.wrappers) {
      const figures = wrapper.declaration.report?.(context.carried) ?? {};
      for (const [figure, value] of Object.entries(figures)) report[`${label}.${figure}`] = value;
    }
    return report;
  }

  /** Writes the slot that is chosen of each rule, if it is, over the blocks of these rules. */
  #writeSlots(all: RealArray, choose: (declaration: AnyRuleDeclaration) => string | undefined): boolean {
    let written = false;
    const start = this.#workspace.pointer("x");
    for (const { rule, blocks } of this.steppers) {
      const slot = choose(rule.declaration);
      if (slot === undefined) continue;
      for (const { x, length, slotsAt } of blocks) {
        all.set(this.view(slotsAt[slot], length), (x - start) / all.BYTES_PER_ELEMENT);
      }
      written = true;
    }
    return written;
  }

  #wrapped(block: PlacedBlock, number: number, stepper: Stepper, x: Pointer): WrappedBlock {
    const { name, shape, offset, length } = block;
    const { precision } = this.#workspace;
    const start = offset * elementBytes[precision];
    return {
      name,
      shape,
      length,
      offset,
      number,
      count: paddedLength(length, precision),
      x: x + start,
      gradient: this.#gradientAt + start,
      keepsPoint: stepper.rule.declaration.result !== undefined,
      get learningRate() {
        return stepper.learningRate;
      },
    };
  }

  #bind(
    wrapper: Wrapper,
    label: string,
    stateName: string,
    blocks: readonly WrappedBlock[],
    x: Pointer,
  ): BoundWrapper {
    const workspace = this.#workspace;
    const bytes = elementBytes[workspace.precision];
    const count = this.count;
    const slots = wrapper.declaration.slots?.(wrapper.options) ?? [];
    const state = workspace.pointer(stateName);
    const pointers = slots.map((_: string, i: number) => state + i * count * bytes);
    const bound: BoundWrapper = {
      label,
      wrapper,
      live: liveOptions(wrapper.options),
      options: {},
      scheduled: Object.values(wrapper.options).some((value) => typeof value === "function"),
      context: {
        kernels: workspace.kernels,
        count,
        blocks,
        x,
        gradient: this.#gradientAt,
        xView: workspace.realAt(x, count),
        gradientView: this.#gradient,
        slots: pointers,
        slotViews: pointers.map((at: Pointer) => workspace.realAt(at, count)),
        carried: Float64Array.from(wrapper.declaration.carries ?? []),
        elementBytes: bytes,
      },
    };
    this.#resolve(bound, 0);
    return bound;
  }

  #resolve({ wrapper, live, options }: BoundWrapper, index: number): void {
    const { name, declaration } = wrapper;
    resolveOptions(name, declaration.options, live.options, index, options);
    declaration.validate?.(options, name);
  }
}
