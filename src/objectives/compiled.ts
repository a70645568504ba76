import type { Kernels, Pointer } from "../core/kernels.ts";
import { paddedLength } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import type { BoundObjective, Evaluations } from "./objective.ts";

/** Bits of what an evaluation computes (assembly/objectives/common.ts). */
export const VALUE = 1;
export const GRADIENT = 2;

/** What the objectives with kernels of their own share: the Hessian is exact, evaluations are counted. */
export abstract class CompiledObjective implements BoundObjective {
  readonly evaluations: Evaluations = { value: 0, gradient: 0, hessianVectorProduct: 0 };
  readonly hessian = "exact";
  protected readonly kernels: Kernels;
  /** Where the kernels find the addresses of the data. */
  protected readonly data: Pointer;
  /** Padded elements of a point. */
  readonly #count: number;

  /**
   * Writes what the kernels read at `data`: `sizes`, then the addresses of the blocks, in the order
   * of the class that the kernels see it as.
   */
  constructor(workspace: Workspace, dimension: number, sizes: readonly number[], blocks: readonly string[]) {
    this.kernels = workspace.kernels;
    this.data = workspace.pointer("objective.data");
    this.#count = paddedLength(dimension, workspace.precision);
    const addresses = blocks.map((name) => workspace.pointer(`objective.${name}`));
    workspace.u32("objective.data").set([...sizes, ...addresses]);
  }

  /** Returns the value if `want` holds VALUE, and writes the gradient if it holds GRADIENT. */
  protected abstract evaluate(want: number, x: Pointer, g: Pointer): number;
  protected abstract multiply(v: Pointer, product: Pointer): void;
  /** A bound on ‖(computed − true) Hv‖ / ‖v‖. */
  protected abstract rounding(): number;
  abstract linearize(x: Pointer): void;

  value(x: Pointer): number {
    this.evaluations.value++;
    return this.evaluate(VALUE, x, 0);
  }

  gradient(x: Pointer, g: Pointer): void {
    this.evaluations.gradient++;
    this.evaluate(GRADIENT, x, g);
  }

  valueAndGradient(x: Pointer, g: Pointer): number {
    this.evaluations.value++;
    this.evaluations.gradient++;
    return this.evaluate(VALUE | GRADIENT, x, g);
  }

  hessianVectorProduct(v: Pointer, product: Pointer): void {
    this.evaluations.hessianVectorProduct++;
    this.multiply(v, product);
  }

  productError(v: Pointer): number {
    return this.rounding() * this.norm(v);
  }

  /** ‖x‖₂. */
  protected norm(x: Pointer): number {
    return this.kernels.norm(this.#count, x);
  }
}
