import { checkTakesTarget, checkWritten } from "../../core/check.ts";
import { describe } from "../../core/describe.ts";
import type { Kernels, Pointer } from "../../core/kernels.ts";
import type { BlockRequest } from "../../core/layout.ts";
import { type Numbers, type Precision, paddedLength, type RealArray } from "../../core/precision.ts";
import type { Workspace } from "../../core/workspace.ts";
import type { Objective } from "../../objectives/objective.ts";
import { atPoint, type Problem } from "../../parameters/at-point.ts";
import { type ParametersInput, readParameters } from "../../parameters/frame.ts";

/**
 * The right-hand side of dx/dt = f(x, t): writes f into `out`. The arrays are views of the library's memory, valid
 * during the call; `out` holds zeros when it is called. What it throws passes through untouched.
 */
export type Field = (x: RealArray, out: RealArray, t: number) => void;

/** A right-hand side in a workspace. */
export interface BoundField {
  readonly evaluations: number;
  /** Writes f(x, t) to `out`. */
  evaluate(t: number, x: Pointer, out: Pointer): void;
  /** The same at a point that the path goes through; returns the value there, NaN where there is none. */
  arrive(t: number, x: Pointer, out: Pointer): number;
}

/** A right-hand side as it was given: a field, or a problem, whose flow is dx/dt = −∇f(x). */
export interface RightHandSide {
  readonly start: Numbers;
  readonly dimension: number;
  /** Whether it has values along its paths. */
  readonly hasValue: boolean;
  memory(precision: Precision): readonly BlockRequest[];
  bind(workspace: Workspace): BoundField;
}

class BoundFunction implements BoundField {
  evaluations = 0;
  readonly #field: Field;
  readonly #name: string;
  readonly #workspace: Workspace;
  readonly #dimension: number;
  readonly #views = new Map<Pointer, RealArray>();

  constructor(name: string, field: Field, workspace: Workspace, dimension: number) {
    this.#name = name;
    this.#field = field;
    this.#workspace = workspace;
    this.#dimension = dimension;
  }

  evaluate(t: number, x: Pointer, out: Pointer): void {
    this.evaluations++;
    const target = this.#view(out);
    target.fill(0);
    const returned: unknown = this.#field(this.#view(x), target, t);
    checkWritten(this.#name, returned, target, "second");
  }

  arrive(t: number, x: Pointer, out: Pointer): number {
    this.evaluate(t, x, out);
    return Number.NaN;
  }

  #view(pointer: Pointer): RealArray {
    let view = this.#views.get(pointer);
    if (!view) {
      view = this.#workspace.realAt(pointer, this.#dimension);
      this.#views.set(pointer, view);
    }
    return view;
  }
}

class BoundGradientFlow implements BoundField {
  readonly #bound: ReturnType<Objective["bind"]>;
  readonly #kernels: Kernels;
  readonly #count: number;

  constructor(objective: Objective, workspace: Workspace) {
    this.#bound = objective.bind(workspace);
    this.#kernels = workspace.kernels;
    this.#count = paddedLength(objective.dimension, workspace.precision);
  }

  get evaluations(): number {
    return this.#bound.evaluations.gradient;
  }

  evaluate(_t: number, x: Pointer, out: Pointer): void {
    this.#bound.gradient(x, out);
    this.#kernels.scale(this.#count, -1, out);
  }

  arrive(_t: number, x: Pointer, out: Pointer): number {
    const value = this.#bound.valueAndGradient(x, out);
    this.#kernels.scale(this.#count, -1, out);
    return value;
  }
}

/** The flow of a problem from a point. */
export function flowOf(
  owner: string,
  problem: Problem,
  start: ParametersInput | undefined,
  precision: Precision,
): RightHandSide {
  const { objective, point } = atPoint(owner, problem, "start", start, precision);
  return {
    start: point,
    dimension: objective.dimension,
    hasValue: true,
    memory: (p) => objective.memory(p),
    bind: (workspace) => new BoundGradientFlow(objective, workspace),
  };
}

/** A field from a point. */
export function fieldFrom(
  owner: string,
  field: unknown,
  start: unknown,
  precision: Precision,
): RightHandSide {
  if (typeof field !== "function") {
    throw new TypeError(`${owner}: field must be a function (x, out, t), got ${describe(field)}`);
  }
  checkTakesTarget(`${owner}: field`, field);
  const parameters = readParameters(owner, "start", start, precision);
  if (parameters.named) throw new TypeError(`${owner}: start must be one array of numbers, got named blocks`);
  const [{ values }] = parameters.blocks;
  return {
    start: values,
    dimension: values.length,
    hasValue: false,
    memory: () => [],
    bind: (workspace) => new BoundFunction(`${owner}: field`, field as Field, workspace, values.length),
  };
}
