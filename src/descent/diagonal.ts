import type { Kernels, Pointer } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import { elementBytes, paddedLength } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import type { PlacedBlock } from "../parameters/frame.ts";
import type { Rule } from "../rules/rule.ts";

const WORD = 2 ** 32;

/** Streams of their own: those of `Random` and of gradient noise have smaller numbers here. */
const PROBES = 2 ** 31;

/** Writes the Hessian at the current point times v to `product`. */
export type HessianProduct = (v: Pointer, product: Pointer) => void;

/** Whether a rule takes estimates of the Hessian's diagonal. */
export const takesDiagonal = ({ declaration }: Rule): boolean =>
  declaration.needs?.hessianDiagonal !== undefined;

/** The memory of an estimate, for vectors of a size. */
export const diagonalMemory = (size: number): BlockRequest[] =>
  ["diagonal", "diagonal.probe", "diagonal.product"].map((name) => ({ name, length: size }));

/**
 * Estimates the Hessian's diagonal as the mean of z ∘ Hz over probes z of independent random signs, whose
 * expectation it is (Hutchinson 1990; Bekas, Kokiopoulou, Saad 2007). The signs are a pure function of the
 * seed, the step, the block's place among the blocks and the entry's in its block.
 */
export class DiagonalEstimate {
  readonly #kernels: Kernels;
  readonly #count: number;
  readonly #parts: readonly { readonly length: number; readonly number: number; readonly at: Pointer }[];
  readonly #diagonal: Pointer;
  readonly #probe: Pointer;
  readonly #product: Pointer;

  /** @param blocks - those that are not frozen, with their places among all blocks */
  constructor(
    workspace: Workspace,
    size: number,
    blocks: readonly { readonly block: PlacedBlock; readonly number: number }[],
  ) {
    this.#kernels = workspace.kernels;
    this.#count = paddedLength(size, workspace.precision);
    this.#diagonal = workspace.pointer("diagonal");
    this.#probe = workspace.pointer("diagonal.probe");
    this.#product = workspace.pointer("diagonal.product");
    const bytes = elementBytes[workspace.precision];
    this.#parts = blocks.map(({ block: { length, offset }, number }) => ({
      length,
      number,
      at: this.#probe + offset * bytes,
    }));
  }

  /** Estimates anew, for the step after `step` of them, from so many probes. */
  renew(step: number, seed: number, probes: number, multiply: HessianProduct): void {
    const kernels = this.#kernels;
    const count = this.#count;
    for (let k = 0; k < probes; k++) {
      const stream = step * probes + k;
      const top = PROBES + Math.floor(stream / WORD);
      for (let i = 0; i < this.#parts.length; i++) {
        const { length, number, at } = this.#parts[i];
        kernels.randomSigns(length, number, stream % WORD, top, seed % WORD, Math.floor(seed / WORD), at);
      }
      multiply(this.#probe, this.#product);
      if (k === 0) kernels.multiply(count, this.#probe, this.#product, this.#diagonal);
      else {
        kernels.multiply(count, this.#probe, this.#product, this.#product);
        kernels.axpy(count, 1, this.#product, this.#diagonal);
      }
    }
    if (probes > 1) kernels.scale(count, 1 / probes, this.#diagonal);
  }
}
