import type { Pointer, RuleKernel } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import { elementBytes, type Precision, paddedLength, type RealArray } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import type { PlacedBlock } from "../parameters/frame.ts";
import { type PlainBlock, prepareByTextbook, stepByTextbook } from "../rules/by-textbook.ts";
import type { Scope } from "../rules/measure.ts";
import { resolveOptions } from "../rules/options.ts";
import {
  type AnyRuleDeclaration,
  asMatrix,
  measuresOf,
  type Rule,
  type StepContext,
  slotShape,
} from "../rules/rule.ts";
import { type LiveOptions, liveOptions } from "../schedules/watching.ts";
import { type Extent, measurer } from "./measure.ts";

/** More scalars than any kernel takes. */
export const SCALARS = 32;

/** A slot of a block: its name and shape, and where it lies. */
export interface PlacedSlot {
  readonly name: string;
  readonly shape: readonly number[];
  /** Elements that are used. */
  readonly length: number;
  /** Padded elements. */
  readonly count: number;
  /** Elements from the beginning of the block's state. */
  readonly offset: number;
}

/** The slots of a block one behind the other, each padded by itself, and the elements of all. */
function placeSlots(
  rule: Rule,
  shape: readonly number[],
  precision: Precision,
): { readonly slots: readonly PlacedSlot[]; readonly count: number } {
  let offset = 0;
  const slots = rule.declaration.slots(rule.options).map((name: string) => {
    const shapeOf = slotShape(rule, name, shape);
    const length = shapeOf.reduce((product, extent) => product * extent, 1);
    const count = paddedLength(length, precision);
    const slot = { name, shape: shapeOf, length, count, offset };
    offset += count;
    return slot;
  });
  return { slots, count: offset };
}

/** The memory that a rule needs for blocks of parameters: slots for each, the kernel's scalars, room to work in. */
export function stepperMemory(
  name: string,
  rule: Rule,
  blocks: readonly PlacedBlock[],
  precision: Precision,
): BlockRequest[] {
  const { declaration, options } = rule;
  const state = blocks.reduce((sum, { shape }) => sum + placeSlots(rule, shape, precision).count, 0);
  const scratch = blocks.reduce((most, { shape }) => {
    const { rows, columns } = asMatrix(shape);
    return Math.max(most, declaration.scratch?.(options, rows, columns) ?? 0);
  }, 0);
  return [
    { name: `${name}.state`, length: state },
    { name: `${name}.scalars`, length: SCALARS },
    ...(scratch > 0
      ? [{ name: `${name}.scratch`, length: Math.ceil(scratch / 8), kind: "f64" as const }]
      : []),
  ];
}

/** A block of parameters with the state that a rule keeps for it. */
export interface SteppedBlock extends Extent {
  readonly name: string;
  readonly shape: readonly number[];
  readonly length: number;
  readonly rows: number;
  readonly columns: number;
  /** The estimate of the Hessian's diagonal; 0 where there is none. */
  readonly diagonal: Pointer;
  /** Where the slots begin: one behind the other, each padded to whole registers. */
  readonly state: Pointer;
  readonly slots: readonly PlacedSlot[];
  /** Whether it is stepped by itself at this step, from the gradients of some rows. */
  sparse: boolean;
}

/** Blocks that are measured together, with what is carried for them. */
interface Unit {
  readonly context: StepContext & { length: number };
  readonly blocks: readonly SteppedBlock[];
}

const lengthOf = (blocks: readonly SteppedBlock[]): number =>
  blocks.reduce((sum, { length }) => sum + length, 0);

/** Where the vectors of all parameters begin: the blocks' offsets count from there. */
export interface VectorsAt {
  readonly x: Pointer;
  readonly gradient: Pointer;
  /** The estimate of the Hessian's diagonal, where a rule takes one. */
  readonly diagonal?: Pointer;
}

type Scalars = NonNullable<AnyRuleDeclaration["scalars"]>;

/** A rule on blocks of parameters in a workspace that has its memory. */
export class Stepper {
  readonly rule: Rule;
  readonly blocks: readonly SteppedBlock[];
  readonly scope: Scope;
  /** The plain numbers carried between steps: of each unit, one behind the other. */
  readonly carried: Float64Array;
  /** What the kernel takes at this step. */
  readonly scalars: RealArray;
  readonly #workspace: Workspace;
  readonly #scale: number;
  readonly #units: readonly Unit[];
  /** Of the first unit, which most rules have alone. */
  readonly #context: Unit["context"];
  readonly #kernel: RuleKernel | undefined;
  readonly #prepareKernel: RuleKernel | undefined;
  readonly #writeScalars: Scalars | undefined;
  readonly #advance: AnyRuleDeclaration["advance"];
  readonly #scalarsAt: Pointer;
  readonly #scratchAt: Pointer;
  readonly #options: Record<string, number | boolean> = {};
  readonly #scheduled: boolean;
  /** The rule's options, the schedules that watch set going. */
  readonly #live: LiveOptions<Rule["options"]>;
  /** Whether a step is no more than a call of the kernel for each block, with the five pointers that all kernels take. */
  readonly #plain: boolean;
  readonly #shaped: boolean;
  readonly #copied: readonly string[];
  #measures: readonly (() => void)[] = [];
  readonly #plainBlocks = new Map<SteppedBlock, PlainBlock>();
  #resolved = -1;

  /**
   * @param name - as given to `stepperMemory`
   * @param scale - multiplies the learning rate
   */
  constructor(
    name: string,
    rule: Rule,
    workspace: Workspace,
    blocks: readonly PlacedBlock[],
    at: VectorsAt,
    scale = 1,
  ) {
    const { declaration, options } = rule;
    const { precision } = workspace;
    const bytes = elementBytes[precision];
    this.rule = rule;
    this.#workspace = workspace;
    this.#scale = scale;
    const kernelOf = ({ kernel }: Pick<AnyRuleDeclaration, "kernel">) =>
      kernel && workspace.kernels[kernel(options)];
    this.#kernel = kernelOf(declaration);
    this.#prepareKernel = this.#kernel && declaration.prepare && kernelOf(declaration.prepare);
    this.#writeScalars = declaration.scalars;
    this.#advance = declaration.advance;
    this.#shaped =
      declaration.takesShape === true ||
      declaration.slotShapes !== undefined ||
      declaration.blockTextbook !== undefined;
    this.#scalarsAt = workspace.pointer(`${name}.scalars`);
    this.scalars = workspace.real(`${name}.scalars`);
    this.#scratchAt = workspace.has(`${name}.scratch`) ? workspace.pointer(`${name}.scratch`) : 0;
    this.#live = liveOptions(options);
    this.#scheduled = Object.values(options).some((value) => typeof value === "function");
    const initial = declaration.initial?.(options) ?? {};
    this.#copied = Object.keys(initial).filter((slot) => initial[slot] === "parameters");
    let state = workspace.pointer(`${name}.state`);
    this.blocks = blocks.map(({ name: block, shape, offset, length }) => {
      const { slots, count } = placeSlots(rule, shape, precision);
      const { rows, columns } = asMatrix(shape);
      for (const slot of slots) {
        const first = initial[slot.name] ?? 0;
        if (typeof first === "number") {
          workspace.realAt(state + slot.offset * bytes, slot.length).fill(first);
        }
      }
      const blockState = state;
      state += count * bytes;
      // Written out: V8 keeps numbers of a spread object on the heap, and each step would make new ones.
      return {
        name: block,
        shape,
        length,
        rows,
        columns,
        count: paddedLength(length, precision),
        x: at.x + offset * bytes,
        gradient: at.gradient + offset * bytes,
        diagonal: at.diagonal === undefined ? 0 : at.diagonal + offset * bytes,
        state: blockState,
        slots,
        slotsAt: Object.fromEntries(slots.map((slot) => [slot.name, blockState + slot.offset * bytes])),
        sparse: false,
      };
    });
    this.scope = declaration.scope?.(options) ?? "everything";
    const unitBlocks = this.scope === "block" ? this.blocks.map((block) => [block]) : [this.blocks];
    const carries = declaration.carries ?? [];
    this.carried = Float64Array.from(unitBlocks.flatMap(() => carries));
    this.#units = unitBlocks.map((some, i) => ({
      blocks: some,
      context: {
        t: 0,
        value: Number.NaN,
        measured: Object.fromEntries(Object.keys(measuresOf(rule)).map((measure) => [measure, 0])),
        length: lengthOf(some),
        carried: this.carried.subarray(i * carries.length, (i + 1) * carries.length),
      },
    }));
    this.#context = this.#units[0].context;
    this.#plain =
      this.#units.length === 1 &&
      this.#kernel !== undefined &&
      !declaration.prepare &&
      !declaration.measures &&
      !declaration.needs &&
      !this.#shaped &&
      this.#copied.length === 0;
    this.copyParameters();
    this.#resolve(0);
  }

  /**
   * Says what measures over everything are over.
   *
   * @param all - the vectors of all parameters that are not frozen
   * @param peers - the blocks of all groups that this rule steps
   */
  measureOver(all: Extent, peers: readonly SteppedBlock[]): void {
    const { kernels } = this.#workspace;
    if (this.scope === "everything") this.#context.length = lengthOf(peers);
    this.#measures = this.#units.flatMap(({ context, blocks }) =>
      Object.entries(measuresOf(this.rule)).map(([name, measure]) => {
        const over = this.scope === "everything" ? { all, peers } : { peers: blocks };
        const read = measurer(kernels, measure, over);
        return () => {
          if (measure.when?.(context.t, context.carried) ?? true) context.measured[name] = read();
        };
      }),
    );
  }

  /** Schedules of the options that watch, by the options' names. */
  get watching(): LiveOptions<Rule["options"]>["watching"] {
    return this.#live.watching;
  }

  /** Steps taken so far; the index of the coming step, from 0. */
  get stepCount(): number {
    return this.#context.t;
  }

  set stepCount(t: number) {
    for (const { context } of this.#units) context.t = t;
  }

  /** The learning rate of the coming step, or of the last where the rule works it out. Throws where a schedule leaves its option's domain. */
  get learningRate(): number {
    this.resolve();
    const { effectiveRate } = this.rule.declaration;
    if (effectiveRate) return effectiveRate(this.#options, this.#context);
    return (this.#options.learningRate as number | undefined) ?? Number.NaN;
  }

  /** Whether the coming step takes the objective's value. */
  get needsValue(): boolean {
    return this.rule.declaration.needs?.value ?? false;
  }

  /** Probes of the estimate of the Hessian's diagonal that the coming step takes: 0 if it takes none. */
  get diagonalProbes(): number {
    const { hessianDiagonal } = this.rule.declaration.needs ?? {};
    if (!hessianDiagonal) return 0;
    this.resolve();
    return hessianDiagonal(this.stepCount + 1, this.#options);
  }

  /** Resolves the options of the coming step. Throws, changing nothing, where a schedule does. */
  resolve(): void {
    if (!this.#scheduled) return;
    const t = this.stepCount;
    if (this.#resolved === t) return;
    this.#resolved = -1;
    this.#resolve(t);
    this.#resolved = t;
  }

  /** Forgets what was resolved for the coming step: a measured rate has changed. */
  renew(): void {
    this.#resolved = -1;
  }

  /** Puts copies of the parameters into the slots that begin as these. */
  copyParameters(): void {
    for (const { x, length, slotsAt } of this.blocks) {
      for (const slot of this.#copied) {
        this.#workspace.realAt(slotsAt[slot], length).set(this.#workspace.realAt(x, length));
      }
    }
  }

  /** Takes one step of the blocks that are not sparse, from the gradients in memory; `resolve` comes first. */
  step(value: number): void {
    if (this.#plain) this.#stepPlainly();
    else {
      this.prepare(value);
      this.measure();
      this.take();
    }
  }

  /** Begins a step: up to what the measures wait for. */
  prepare(value: number): void {
    if (this.#plain) return;
    const { declaration } = this.rule;
    if (this.#copied.length > 0 && this.stepCount === 0) this.copyParameters();
    this.#averageDiagonal();
    for (const { context, blocks } of this.#units) {
      context.t++;
      context.value = value;
      if (!declaration.prepare) continue;
      if (this.#prepareKernel) {
        declaration.prepare.scalars(this.scalars, this.#options, context);
        this.#run(this.#prepareKernel, blocks);
      } else {
        for (const block of blocks) {
          prepareByTextbook(declaration, this.#plainly(block), this.#options, context);
        }
      }
    }
  }

  /** Measures what the step takes. */
  measure(): void {
    for (let i = 0; i < this.#measures.length; i++) this.#measures[i]();
  }

  /** Takes the step that was prepared. */
  take(): void {
    if (this.#plain) {
      this.#stepPlainly();
      return;
    }
    const { declaration } = this.rule;
    for (const { context, blocks } of this.#units) {
      this.#advance?.(this.#options, context);
      if (this.#kernel) {
        this.#writeScalars!(this.scalars, this.#options, context);
        this.#run(this.#kernel, blocks);
      } else {
        for (const block of blocks) {
          stepByTextbook(declaration, this.#plainly(block), this.#options, context);
        }
      }
    }
  }

  /** Averages a new estimate of the Hessian's diagonal over runs of entries, where the rule takes it so. */
  #averageDiagonal(): void {
    const run = this.rule.declaration.needs?.diagonalRun?.(this.#options) ?? 1;
    if (run === 1 || this.diagonalProbes === 0) return;
    for (let i = 0; i < this.blocks.length; i++) {
      const { length, diagonal } = this.blocks[i];
      this.#workspace.kernels.averageRuns(length, Math.min(run, length), diagonal);
    }
  }

  #stepPlainly(): void {
    const context = this.#context;
    context.t++;
    this.#advance?.(this.#options, context);
    this.#writeScalars!(this.scalars, this.#options, context);
    const kernel = this.#kernel!;
    for (let i = 0; i < this.blocks.length; i++) {
      const { sparse, count, x, gradient, state } = this.blocks[i];
      if (!sparse) kernel(count, x, gradient, state, this.#scalarsAt);
    }
  }

  #run(kernel: RuleKernel, blocks: readonly SteppedBlock[]): void {
    for (let i = 0; i < blocks.length; i++) {
      const { count, x, gradient, state, rows, columns, diagonal } = blocks[i];
      if (this.#shaped) kernel(count, x, gradient, state, this.#scalarsAt, rows, columns, this.#scratchAt);
      else kernel(count, x, gradient, state, this.#scalarsAt, diagonal);
    }
  }

  /** A block as the textbook takes it. */
  #plainly(block: SteppedBlock): PlainBlock {
    let plain = this.#plainBlocks.get(block);
    if (!plain) {
      const view = (at: Pointer, length = block.length) => this.#workspace.realAt(at, length);
      plain = {
        rows: block.rows,
        columns: block.columns,
        x: view(block.x),
        g: view(block.gradient),
        ...(block.diagonal === 0 ? {} : { h: view(block.diagonal) }),
        slots: Object.fromEntries(
          block.slots.map(({ name, length }) => [name, view(block.slotsAt[name], length)]),
        ),
      };
      this.#plainBlocks.set(block, plain);
    }
    return plain;
  }

  #resolve(index: number): void {
    const { name, declaration } = this.rule;
    resolveOptions(name, declaration.options, this.#live.options, index, this.#options);
    if (this.#scale !== 1) this.#options.learningRate = (this.#options.learningRate as number) * this.#scale;
  }
}
