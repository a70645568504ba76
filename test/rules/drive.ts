import { lanes, type Precision, paddedLength, type RealArray } from "../../src/core/precision.ts";
import { Workspace } from "../../src/core/workspace.ts";
import { resolveOptions } from "../../src/rules/options.ts";
import { plainDivide, type Rule } from "../../src/rules/rule.ts";

const SCALARS = 16;

/** A rule's options at a step's index, schedules replaced by their values. */
export function optionsAt(rule: Rule, index: number): Record<string, number | boolean> {
  const values: Record<string, number | boolean> = {};
  resolveOptions(rule.name, rule.declaration.options, rule.options, index, values);
  return values;
}

/** A rule's kernel on one block of parameters, alone in a workspace. */
export class Driver {
  readonly x: RealArray;
  readonly gradient: RealArray;
  readonly slots: Readonly<Record<string, RealArray>>;
  /** The padding of the parameters, and of each slot. */
  readonly padding: readonly RealArray[];
  readonly #rule: Rule;
  readonly #workspace: Workspace;
  readonly #count: number;
  readonly #scalars: RealArray;
  readonly #context;

  constructor(rule: Rule, precision: Precision, start: ArrayLike<number>) {
    const { declaration, options } = rule;
    const { length } = start;
    const names: readonly string[] = declaration.slots(options);
    const count = paddedLength(length, precision);
    const workspace = new Workspace(
      [
        { name: "x", length },
        { name: "g", length },
        { name: "state", length: names.length * count },
        { name: "scalars", length: SCALARS },
      ],
      precision,
    );
    this.#rule = rule;
    this.#workspace = workspace;
    this.#count = count;
    this.#scalars = workspace.real("scalars");
    this.#context = { t: 0, gradientNorm: 0, carried: Float64Array.from(declaration.carries ?? []) };
    this.x = workspace.real("x");
    this.x.set(start);
    this.gradient = workspace.real("g");
    const bytes = 16 / lanes[precision];
    const initial = declaration.initial?.(options) ?? {};
    const at = (slot: number) => workspace.pointer("state") + slot * count * bytes;
    this.slots = Object.fromEntries(
      names.map((name, i) => [name, workspace.realAt(at(i), length).fill(initial[name] ?? 0)]),
    );
    this.padding = [workspace.pointer("x"), ...names.map((_, i) => at(i))].map((block) =>
      workspace.realAt(block + length * bytes, count - length),
    );
  }

  step(gradient: ArrayLike<number>): void {
    this.gradient.set(gradient);
    const context = this.#context;
    const { kernels } = this.#workspace;
    const { declaration, options } = this.#rule;
    const atStep = optionsAt(this.#rule, context.t);
    context.t++;
    const g = this.#workspace.pointer("g");
    if (declaration.measures?.includes("gradientNorm")) context.gradientNorm = kernels.norm(this.#count, g);
    declaration.scalars(this.#scalars, atStep, context);
    const pointer = (name: string) => this.#workspace.pointer(name);
    kernels[declaration.kernel(options)](this.#count, pointer("x"), g, pointer("state"), pointer("scalars"));
  }

  dispose(): void {
    this.#workspace.dispose();
  }
}

/** ‖g‖₂, scaled so that no square over- or underflows. */
export function norm(values: ArrayLike<number>): number {
  const largest = Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!(largest > 0 && largest < Infinity)) return largest;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] / largest) ** 2;
  return largest * Math.sqrt(squares);
}

/**
 * A rule's textbook on every parameter of a vector, in f64; but x is held in `precision` between
 * assignments to it, because an error of storing it is no error of the rule. AdamW assigns twice:
 * x ← (1 − ηλ)x, then the step of Adam.
 */
export class Textbook {
  readonly x: Float64Array;
  readonly states: Record<string, number>[];
  readonly #rule: Rule;
  readonly #hold: (x: number) => number;
  readonly #decaysFirst: boolean;
  #t = 0;

  constructor(rule: Rule, precision: Precision, start: ArrayLike<number>) {
    this.#rule = rule;
    this.#hold = precision === "f32" ? Math.fround : (x) => x;
    this.#decaysFirst = rule.name === "adamw" && precision === "f32";
    this.x = Float64Array.from(start);
    const { declaration, options } = rule;
    const zeros = Object.fromEntries(declaration.slots(options).map((slot: string) => [slot, 0]));
    this.states = Array.from(this.x, (x) => ({ ...zeros, ...declaration.initial?.(options), x }));
  }

  step(gradient: ArrayLike<number>): void {
    const { declaration } = this.#rule;
    const options = optionsAt(this.#rule, this.#t);
    const keep = this.#decaysFirst ? 1 - Number(options.learningRate) * Number(options.weightDecay) : 1;
    if (this.#decaysFirst) options.weightDecay = 0;
    const t = ++this.#t;
    const gradientNorm = declaration.measures ? norm(gradient) : 0;
    for (let i = 0; i < this.x.length; i++) {
      const state = this.states[i];
      state.x = this.#hold(keep * state.x);
      state.g = gradient[i];
      state.t = t;
      state.gradientNorm = gradientNorm;
      Object.assign(state, declaration.textbook(state, options, plainDivide));
      state.x = this.#hold(state.x);
      this.x[i] = state.x;
    }
  }
}
