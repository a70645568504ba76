import type { Pointer, RuleKernel } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import { elementBytes, type Precision, paddedLength, type RealArray } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import { resolveOptions } from "../rules/options.ts";
import type { Rule, StepContext } from "../rules/rule.ts";

const SCALARS = 16;

/** The memory that a rule needs for parameters of a dimension: its slots and the kernel's scalars. */
export function ruleMemory(rule: Rule, dimension: number, precision: Precision): BlockRequest[] {
  const slots = rule.declaration.slots(rule.options).length;
  return [
    { name: "rule.state", length: slots * paddedLength(dimension, precision) },
    { name: "rule.scalars", length: SCALARS },
  ];
}

/** A rule on one block of parameters in a workspace that has its memory. */
export class Stepper {
  readonly #rule: Rule;
  readonly #kernels: Workspace["kernels"];
  readonly #kernel: RuleKernel;
  readonly #count: number;
  readonly #x: Pointer;
  readonly #g: Pointer;
  readonly #state: Pointer;
  readonly #scalarsAt: Pointer;
  readonly #scalars: RealArray;
  readonly #options: Record<string, number | boolean> = {};
  readonly #scheduled: boolean;
  readonly #measuresNorm: boolean;
  readonly #context: StepContext;
  #prepared = -1;

  constructor(rule: Rule, workspace: Workspace, dimension: number, x: Pointer, g: Pointer) {
    const { declaration, options } = rule;
    this.#rule = rule;
    this.#kernels = workspace.kernels;
    this.#kernel = workspace.kernels[declaration.kernel(options)];
    this.#count = paddedLength(dimension, workspace.precision);
    this.#x = x;
    this.#g = g;
    this.#state = workspace.pointer("rule.state");
    this.#scalarsAt = workspace.pointer("rule.scalars");
    this.#scalars = workspace.real("rule.scalars");
    this.#scheduled = Object.values(options).some((value) => typeof value === "function");
    this.#measuresNorm = declaration.measures?.includes("gradientNorm") ?? false;
    this.#context = { t: 0, gradientNorm: 0, carried: Float64Array.from(declaration.carries ?? []) };
    resolveOptions(rule.name, declaration.options, options, 0, this.#options);
    const initial = declaration.initial?.(options) ?? {};
    declaration.slots(options).forEach((slot: string, i: number) => {
      const at = this.#state + i * this.#count * elementBytes[workspace.precision];
      workspace.realAt(at, dimension).fill(initial[slot] ?? 0);
    });
  }

  /** Steps taken so far; the index of the coming step, from 0. */
  get stepCount(): number {
    return this.#context.t;
  }

  /** The learning rate of the coming step. Throws where a schedule leaves its option's domain. */
  get learningRate(): number {
    this.#prepare();
    return this.#options.learningRate as number;
  }

  /** Takes one step, from the gradient in memory. Throws, changing nothing, where a schedule does. */
  step(): void {
    if (this.#scheduled) this.#prepare();
    const context = this.#context;
    if (this.#measuresNorm) context.gradientNorm = this.#kernels.norm(this.#count, this.#g);
    context.t++;
    this.#rule.declaration.scalars(this.#scalars, this.#options, context);
    this.#kernel(this.#count, this.#x, this.#g, this.#state, this.#scalarsAt);
  }

  #prepare(): void {
    const { t } = this.#context;
    if (!this.#scheduled || this.#prepared === t) return;
    this.#prepared = -1;
    const { name, declaration, options } = this.#rule;
    resolveOptions(name, declaration.options, options, t, this.#options);
    this.#prepared = t;
  }
}
