import type { Kernels, Pointer } from "../core/kernels.ts";
import { paddedLength } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import type { BoundObjective, Evaluations } from "./objective.ts";

/** Bits of what an evaluation computes (assembly/objectives/common.ts). */
export const VALUE = 1;
export const GRADIENT = 2;

/**
 * Writes what the kernels read to the block `name`: `sizes`, then the addresses of the blocks, in the
 * order of the class that the kernels see it as. All names go without "objective.".
 */
export function writeRecord(
  workspace: Workspace,
  name: string,
  sizes: readonly number[],
  blocks: readonly string[],
): Pointer {
  const addresses = blocks.map((block) => workspace.pointer(`objective.${block}`));
  workspace.u32(`objective.${name}`).set([...sizes, ...addresses]);
  return workspace.pointer(`objective.${name}`);
}

/** What the objectives with kernels of their own share: products are exact, evaluations are counted. */
export abstract class CompiledObjective implements BoundObjective {
  readonly evaluations: Evaluations = { value: 0, gradient: 0, hessianVectorProduct: 0 };
  readonly hessian = "exact";
  protected readonly kernels: Kernels;
  /** Where the kernels find the addresses of the data. */
  protected data: Pointer;
  /** Padded elements of a point. */
  readonly #count: number;

  /** Sizes and blocks (less "objective.") are those of the record that the kernels read: see `writeRecord`. */
  constructor(workspace: Workspace, dimension: number, sizes: readonly number[], blocks: readonly string[]) {
    this.kernels = workspace.kernels;
    this.data = writeRecord(workspace, "data", sizes, blocks);
    this.#count = paddedLength(dimension, workspace.precision);
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
