import { type Precision, paddedLength, type RealArray } from "../../src/core/precision.ts";
import { Workspace } from "../../src/core/workspace.ts";
import { Stepper, stepperMemory } from "../../src/descent/stepper.ts";
import { averagedDiagonal, type PlainBlock, wholeStepByTextbook } from "../../src/rules/by-textbook.ts";
import { resolveOptions } from "../../src/rules/options.ts";
import {
  asMatrix,
  type Rule,
  type StepContext,
  type Store,
  slotShape,
  unrounded,
} from "../../src/rules/rule.ts";

/** A rule's options at a step's index, schedules replaced by their values. */
export function optionsAt(rule: Rule, index: number): Record<string, number | boolean> {
  const values: Record<string, number | boolean> = {};
  resolveOptions(rule.name, rule.declaration.options, rule.options, index, values);
  return values;
}

/** What a step takes besides the gradient, where the rule needs it. */
export interface Inputs {
  readonly value?: number;
  readonly diagonal?: ArrayLike<number>;
}

/** A rule on one block of parameters, alone in a workspace: its kernel, or its textbook where it has none. */
export class Driver {
  readonly x: RealArray;
  readonly gradient: RealArray;
  readonly slots: Readonly<Record<string, RealArray>>;
  /** The padding of the parameters, and of each slot. */
  readonly padding: readonly RealArray[];
  readonly stepper: Stepper;
  readonly #diagonal: RealArray;
  readonly #workspace: Workspace;

  constructor(
    rule: Rule,
    precision: Precision,
    start: ArrayLike<number>,
    shape: readonly number[] = [start.length],
  ) {
    const { length } = start;
    const placed = [{ name: "", shape, offset: 0, length }];
    const vectors = ["x", "gradient", "diagonal"].map((name) => ({ name, length }));
    const workspace = new Workspace(
      [...vectors, ...stepperMemory("rule", rule, placed, precision)],
      precision,
    );
    this.#workspace = workspace;
    this.x = workspace.real("x");
    this.x.set(start);
    this.gradient = workspace.real("gradient");
    this.#diagonal = workspace.real("diagonal");
    const [x, gradient, diagonal] = vectors.map(({ name }) => workspace.pointer(name));
    this.stepper = new Stepper("rule", rule, workspace, placed, { x, gradient, diagonal });
    const [block] = this.stepper.blocks;
    this.stepper.measureOver({ ...block, slotsAt: {} }, this.stepper.blocks);
    this.slots = Object.fromEntries(
      block.slots.map((slot) => [slot.name, workspace.realAt(block.slotsAt[slot.name], slot.length)]),
    );
    const bytes = this.x.BYTES_PER_ELEMENT;
    const rest = (at: number, used: number, count: number) =>
      workspace.realAt(at + used * bytes, count - used);
    this.padding = [
      rest(x, length, paddedLength(length, precision)),
      ...block.slots.map((slot) => rest(block.slotsAt[slot.name], slot.length, slot.count)),
    ];
  }

  step(gradient: ArrayLike<number>, { value = Number.NaN, diagonal }: Inputs = {}): void {
    this.gradient.set(gradient);
    if (diagonal) this.#diagonal.set(diagonal);
    this.stepper.resolve();
    this.stepper.step(value);
  }

  dispose(): void {
    this.#workspace.dispose();
  }
}

/**
 * A rule's textbook on every parameter of a block, in f64; but x, and slots that begin as a copy of it, are
 * held in `precision` between assignments to them, because an error of storing a point is no error of the rule.
 */
export class Textbook {
  readonly x: Float64Array;
  readonly slots: Readonly<Record<string, Float64Array>>;
  readonly #rule: Rule;
  readonly #hold: Store;
  readonly #points: readonly Float64Array[];
  readonly #shape: readonly number[];
  readonly #context: StepContext;

  constructor(
    rule: Rule,
    precision: Precision,
    start: ArrayLike<number>,
    shape: readonly number[] = [start.length],
  ) {
    const { declaration, options } = rule;
    this.#rule = rule;
    this.#hold = precision === "f32" ? Math.fround : unrounded;
    this.#shape = shape;
    this.x = Float64Array.from(start);
    const initial = declaration.initial?.(options) ?? {};
    this.slots = Object.fromEntries(
      declaration.slots(options).map((slot: string) => {
        const length = slotShape(rule, slot, shape).reduce((product, extent) => product * extent, 1);
        const first = initial[slot] ?? 0;
        return [slot, first === "parameters" ? this.x.slice() : new Float64Array(length).fill(first)];
      }),
    );
    const slots = Object.entries(this.slots);
    this.#points = [this.x, ...slots.filter(([slot]) => initial[slot] === "parameters").map(([, at]) => at)];
    this.#context = {
      t: 0,
      value: Number.NaN,
      measured: {},
      length: start.length,
      carried: Float64Array.from(declaration.carries ?? []),
    };
  }

  step(gradient: ArrayLike<number>, { value = Number.NaN, diagonal }: Inputs = {}): void {
    const { declaration } = this.#rule;
    const context = this.#context;
    const options = optionsAt(this.#rule, context.t);
    context.t++;
    context.value = value;
    const block: PlainBlock = {
      ...asMatrix(this.#shape),
      x: this.x,
      g: gradient,
      ...(diagonal ? { h: averagedDiagonal(declaration, Array.from(diagonal), options) } : {}),
      slots: this.slots,
    };
    wholeStepByTextbook(this.#rule, block, options, context, this.#hold);
    for (const point of this.#points) {
      point.forEach((x, i) => {
        point[i] = this.#hold(x);
      });
    }
  }
}
