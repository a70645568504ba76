import type { Pointer, RuleKernel } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import { elementBytes, type Precision, paddedLength, type RealArray } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import type { PlacedBlock } from "../parameters/frame.ts";
import { resolveOptions } from "../rules/options.ts";
import type { AnyRuleDeclaration, Rule, StepContext } from "../rules/rule.ts";

/** More scalars than any kernel takes. */
export const SCALARS = 16;

/** The memory that a rule needs for blocks of parameters: slots for each, and the kernel's scalars. */
export function stepperMemory(
  name: string,
  rule: Rule,
  blocks: readonly PlacedBlock[],
  precision: Precision,
): BlockRequest[] {
  const slots = rule.declaration.slots(rule.options).length;
  const elements = blocks.reduce((sum, { length }) => sum + paddedLength(length, precision), 0);
  return [
    { name: `${name}.state`, length: slots * elements },
    { name: `${name}.scalars`, length: SCALARS },
  ];
}

/** A block of parameters with the state that a rule keeps for it. */
export interface SteppedBlock {
  readonly name: string;
  readonly shape: readonly number[];
  readonly length: number;
  /** Padded elements. */
  readonly count: number;
  readonly x: Pointer;
  readonly gradient: Pointer;
  /** The slots one behind the other, each `count` elements. */
  readonly state: Pointer;
  /** Whether it is stepped by itself at this step, from the gradients of some rows. */
  sparse: boolean;
}

/** A rule on blocks of parameters in a workspace that has its memory. */
export class Stepper {
  readonly rule: Rule;
  readonly blocks: readonly SteppedBlock[];
  readonly context: StepContext;
  readonly measuresNorm: boolean;
  /** What the kernel takes at this step. */
  readonly scalars: RealArray;
  readonly #scale: number;
  readonly #kernel: RuleKernel;
  readonly #writeScalars: AnyRuleDeclaration["scalars"];
  readonly #scalarsAt: Pointer;
  readonly #options: Record<string, number | boolean> = {};
  readonly #scheduled: boolean;
  #prepared = -1;

  /**
   * @param name - as given to `stepperMemory`
   * @param x - where the vector of all parameters begins; the blocks' offsets count from there
   * @param gradient - likewise
   * @param scale - multiplies the learning rate
   */
  constructor(
    name: string,
    rule: Rule,
    workspace: Workspace,
    blocks: readonly PlacedBlock[],
    x: Pointer,
    gradient: Pointer,
    scale = 1,
  ) {
    const { declaration, options } = rule;
    const { precision } = workspace;
    const bytes = elementBytes[precision];
    const slots: readonly string[] = declaration.slots(options);
    this.rule = rule;
    this.#scale = scale;
    this.#kernel = workspace.kernels[declaration.kernel(options)];
    this.#writeScalars = declaration.scalars;
    this.#scalarsAt = workspace.pointer(`${name}.scalars`);
    this.scalars = workspace.real(`${name}.scalars`);
    this.#scheduled = Object.values(options).some((value) => typeof value === "function");
    this.measuresNorm = declaration.measures?.includes("gradientNorm") ?? false;
    this.context = { t: 0, gradientNorm: 0, carried: Float64Array.from(declaration.carries ?? []) };
    const initial = declaration.initial?.(options) ?? {};
    let state = workspace.pointer(`${name}.state`);
    this.blocks = blocks.map(({ name: block, shape, offset, length }) => {
      const count = paddedLength(length, precision);
      slots.forEach((slot, i) => {
        workspace.realAt(state + i * count * bytes, length).fill(initial[slot] ?? 0);
      });
      const at = state;
      state += slots.length * count * bytes;
      // Written out: V8 keeps numbers of a spread object on the heap, and each step would make new ones.
      return {
        name: block,
        shape,
        length,
        count,
        x: x + offset * bytes,
        gradient: gradient + offset * bytes,
        state: at,
        sparse: false,
      };
    });
    this.#resolve(0);
  }

  /** Steps taken so far; the index of the coming step, from 0. */
  get stepCount(): number {
    return this.context.t;
  }

  /** The learning rate of the coming step. Throws where a schedule leaves its option's domain. */
  get learningRate(): number {
    this.prepare();
    return this.#options.learningRate as number;
  }

  /** Resolves the options of the coming step. Throws, changing nothing, where a schedule does. */
  prepare(): void {
    const { t } = this.context;
    if (!this.#scheduled || this.#prepared === t) return;
    this.#prepared = -1;
    this.#resolve(t);
    this.#prepared = t;
  }

  /** Forgets what was resolved for the coming step: a measured rate has changed. */
  renew(): void {
    this.#prepared = -1;
  }

  /** Takes one step of the blocks that are not sparse, from the gradients in memory; `prepare` comes first. */
  step(gradientNorm: number): void {
    const { context } = this;
    context.gradientNorm = gradientNorm;
    context.t++;
    this.#writeScalars(this.scalars, this.#options, context);
    for (let i = 0; i < this.blocks.length; i++) {
      const { sparse, count, x, gradient, state } = this.blocks[i];
      if (!sparse) this.#kernel(count, x, gradient, state, this.#scalarsAt);
    }
  }

  #resolve(index: number): void {
    const { name, declaration, options } = this.rule;
    resolveOptions(name, declaration.options, options, index, this.#options);
    if (this.#scale !== 1) this.#options.learningRate = (this.#options.learningRate as number) * this.#scale;
  }
}
