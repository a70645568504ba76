import type { Pointer } from "../../src/core/kernels.ts";
import type { Precision } from "../../src/core/precision.ts";
import { Workspace } from "../../src/core/workspace.ts";
import type { BoundObjective, Objective } from "../../src/objectives/objective.ts";

/** An objective in a workspace of its own, driven with plain arrays. */
export class Probe {
  readonly workspace: Workspace;
  readonly bound: BoundObjective;
  readonly x: Pointer;
  readonly v: Pointer;
  readonly #names = ["x", "g", "v", "product"] as const;

  constructor(objective: Objective, precision: Precision = "f64") {
    // The guards show a kernel that writes past its block.
    const own = this.#names.flatMap((name) => [
      { name, length: objective.dimension },
      { name: `${name} guard`, length: 4 },
    ]);
    this.workspace = new Workspace([...own, ...objective.memory(precision)], precision);
    for (const name of this.#names) this.workspace.real(`${name} guard`).fill(7);
    this.bound = objective.bind(this.workspace);
    this.x = this.workspace.pointer("x");
    this.v = this.workspace.pointer("v");
  }

  at(x: ArrayLike<number>): this {
    this.workspace.real("x").set(x);
    return this;
  }

  value(): number {
    return this.bound.value(this.x);
  }

  gradient(): Float64Array {
    this.bound.gradient(this.x, this.workspace.pointer("g"));
    return Float64Array.from(this.workspace.real("g"));
  }

  valueAndGradient(): { value: number; gradient: Float64Array } {
    const value = this.bound.valueAndGradient(this.x, this.workspace.pointer("g"));
    return { value, gradient: Float64Array.from(this.workspace.real("g")) };
  }

  /** Hv, with H at the point last given to `at`. */
  product(v: ArrayLike<number>): Float64Array {
    this.bound.linearize(this.x);
    this.workspace.real("v").set(v);
    this.bound.hessianVectorProduct(this.v, this.workspace.pointer("product"));
    return Float64Array.from(this.workspace.real("product"));
  }

  /** The error that is claimed for the product just computed. */
  productError(): number {
    return this.bound.productError(this.v);
  }

  /** Whether nothing was written outside the blocks that are the objective's to write. */
  get intact(): boolean {
    const untouched = (name: string) => this.workspace.real(`${name} guard`).every((entry) => entry === 7);
    return this.#names.every(untouched);
  }
}

/** max |aᵢ − bᵢ| relative to the largest |bᵢ| (or to 1 where all are smaller than `floor`). */
export function relativeDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let distance = 0;
  let largest = 1e-300;
  for (let i = 0; i < b.length; i++) {
    if (!(Math.abs(a[i] - b[i]) <= distance)) distance = Math.abs(a[i] - b[i]);
    largest = Math.max(largest, Math.abs(b[i]));
  }
  return distance / largest;
}

/** ‖a − b‖₂. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < b.length; i++) squares += (a[i] - b[i]) ** 2;
  return Math.sqrt(squares);
}
