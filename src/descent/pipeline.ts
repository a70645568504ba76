import type { Pointer } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import { elementBytes, type Precision, paddedLength, type RealArray } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Frame, PlacedBlock } from "../parameters/frame.ts";
import type { Group } from "../parameters/groups.ts";
import { resolveOptions } from "../rules/options.ts";
import type { Rule } from "../rules/rule.ts";
import {
  type WrappedBlock,
  type Wrapper,
  type WrapperContext,
  type WrapperReport,
  wrappersOf,
} from "../wrappers/wrapper.ts";
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
  return [
    { name: "x", length: frame.size },
    { name: "gradient", length: frame.size },
    ...(before.length > 0 ? [{ name: "effectiveGradient", length: count }] : []),
    ...groups.flatMap((group, k) =>
      group.frozen ? [] : stepperMemory(`group${k}`, group.rule, blocksOf(spec, group), precision),
    ),
    ...[...before, ...after].map((wrapper, k) => ({
      name: `wrapper${k}.state`,
      length: wrapperSlots(wrapper) * count,
    })),
  ];
}

/** A wrapper at work. */
interface BoundWrapper {
  readonly wrapper: Wrapper;
  readonly context: WrapperContext;
  readonly options: Record<string, number | boolean>;
}

/** Rules on groups of blocks, with wrappers before and after: one step of everything. */
export class Pipeline {
  readonly steppers: readonly Stepper[];
  readonly wrappers: readonly BoundWrapper[];
  /** Whether wrappers rewrite the gradient. */
  readonly rewritesGradient: boolean;
  /** Elements that are not frozen, padding included: they come first. */
  readonly count: number;
  /** Calls of `step` so far; rules may have stepped less often. */
  calls = 0;
  readonly #workspace: Workspace;
  readonly #before: number;
  readonly #userGradient: RealArray;
  readonly #gradient: RealArray;
  readonly #gradientAt: Pointer;
  readonly #measuresNorm: boolean;

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
    this.steppers = spec.groups.flatMap((group, k) =>
      group.frozen
        ? []
        : [
            new Stepper(
              `group${k}`,
              group.rule,
              workspace,
              blocksOf(spec, group),
              x,
              this.#gradientAt,
              group.scale,
            ),
          ],
    );
    this.#measuresNorm = this.steppers.some(({ measuresNorm }) => measuresNorm);
    const blocks = active.flatMap((group) => blocksOf(spec, group));
    this.wrappers = [...before, ...after].map((wrapper, k) =>
      this.#bind(wrapper, `wrapper${k}.state`, blocks, x),
    );
  }

  /** Tells the wrappers that the parameters have their first values. */
  start(): void {
    for (const { wrapper, context, options } of this.wrappers) {
      wrapper.declaration.start?.(context, options, wrapper.settings);
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

  /**
   * Takes one step from the gradient in memory. Throws, changing nothing, where a schedule leaves its
   * option's domain or a wrapper refuses the gradient. Returns whether the rules stepped.
   */
  step(): boolean {
    if (this.wrappers.length === 0 && this.steppers.length === 1) {
      const stepper = this.steppers[0];
      stepper.prepare();
      stepper.step(this.#measuresNorm ? this.#workspace.kernels.norm(this.count, this.#gradientAt) : 0);
      this.calls++;
      return true;
    }
    const { steppers, wrappers } = this;
    for (let i = 0; i < steppers.length; i++) steppers[i].prepare();
    for (let i = 0; i < wrappers.length; i++) this.#prepare(wrappers[i]);
    if (this.rewritesGradient) {
      this.#gradient.set(this.#userGradient);
      for (let i = 0; i < this.#before; i++) {
        const { wrapper, context, options } = wrappers[i];
        if (!(wrapper.declaration.before?.(context, options, wrapper.settings) ?? true)) {
          this.calls++;
          return false;
        }
      }
    }
    for (let i = this.#before; i < wrappers.length; i++) {
      const { wrapper, context, options } = wrappers[i];
      wrapper.declaration.before?.(context, options, wrapper.settings);
    }
    const norm = this.#measuresNorm ? this.#workspace.kernels.norm(this.count, this.#gradientAt) : 0;
    for (let i = 0; i < steppers.length; i++) steppers[i].step(norm);
    for (let i = 0; i < wrappers.length; i++) {
      const { wrapper, context, options } = wrappers[i];
      wrapper.declaration.after?.(context, options, wrapper.settings);
    }
    this.calls++;
    return true;
  }

  /** The averaged parameters, of all blocks that are not frozen; undefined where no wrapper averages. */
  get averaged(): RealArray | undefined {
    for (const { wrapper, context } of this.wrappers) {
      const { averagedSlot } = wrapper.declaration;
      if (averagedSlot !== undefined) return context.slotViews[averagedSlot];
    }
    return undefined;
  }

  /** Elements of this pipeline's memory. */
  view(at: Pointer, length: number): RealArray {
    return this.#workspace.realAt(at, length);
  }

  /** What the wrappers tell of their work, as `wrapper.figure`. */
  report(): WrapperReport {
    const report: Record<string, number> = {};
    for (const { wrapper, context } of this.wrappers) {
      const figures = wrapper.declaration.report?.(context.carried) ?? {};
      for (const [figure, value] of Object.entries(figures)) report[`${wrapper.name}.${figure}`] = value;
    }
    return report;
  }

  #bind(wrapper: Wrapper, stateName: string, blocks: readonly PlacedBlock[], x: Pointer): BoundWrapper {
    const workspace = this.#workspace;
    const { precision } = workspace;
    const bytes = elementBytes[precision];
    const count = this.count;
    const slots = wrapper.declaration.slots?.(wrapper.options) ?? [];
    const state = workspace.pointer(stateName);
    const pointers = slots.map((_: string, i: number) => state + i * count * bytes);
    const wrapped = blocks.map(
      ({ name, shape, offset, length }): WrappedBlock => ({
        name,
        shape,
        length,
        offset,
        count: paddedLength(length, precision),
        x: x + offset * bytes,
        gradient: this.#gradientAt + offset * bytes,
      }),
    );
    const bound: BoundWrapper = {
      wrapper,
      options: {},
      context: {
        kernels: workspace.kernels,
        count,
        blocks: wrapped,
        x,
        gradient: this.#gradientAt,
        xView: workspace.realAt(x, count),
        gradientView: this.#gradient,
        slots: pointers,
        slotViews: pointers.map((at: Pointer) => workspace.realAt(at, count)),
        carried: Float64Array.from(wrapper.declaration.carries ?? []),
        learningRate: 0,
        index: 0,
        elementBytes: bytes,
      },
    };
    resolveOptions(wrapper.name, wrapper.declaration.options, wrapper.options, 0, bound.options);
    return bound;
  }

  /** Wrappers' schedules count the steps of the rule. */
  #prepare({ wrapper, context, options }: BoundWrapper): void {
    context.index = this.calls;
    context.learningRate = this.learningRate;
    resolveOptions(wrapper.name, wrapper.declaration.options, wrapper.options, this.stepCount, options);
  }
}
