import { isList, readArray } from "../core/array-input.ts";
import { describe } from "../core/describe.ts";
import { elementBytes, type Precision, paddedLength } from "../core/precision.ts";
import { Workspace } from "../core/workspace.ts";
import type { Pipeline } from "./pipeline.ts";
import { SCALARS, type SteppedBlock, type Stepper } from "./stepper.ts";

/** Rows of a block and their gradients, each row once. */
interface PendingRows {
  readonly stepper: Stepper;
  readonly block: SteppedBlock;
  readonly rows: readonly number[];
  /** Row-major, in the order of `rows`. */
  readonly gradients: Float64Array;
  readonly width: number;
}

const owner = "optimizer.setSparseGradient";

/** Rules that with their default options take the gradients of some rows, in words: the registry would put all rules into every program. */
const ABLE = "gradientDescent, sgd, signDescent, adagrad, ftrl";

/**
 * Steps of single rows: their parameters, gradients and state are gathered into a small workspace, the
 * rule's kernel steps them there with the scalars of the whole, and they are put back.
 */
export class SparseRows {
  readonly #pipeline: Pipeline;
  readonly #precision: Precision;
  #pending: PendingRows[] = [];
  #scratch: Workspace | undefined;
  #capacity = 0;

  constructor(pipeline: Pipeline, precision: Precision) {
    this.#pipeline = pipeline;
    this.#precision = precision;
  }

  /** Takes the rows for the coming step; the last call for a block counts. */
  set(name: unknown, rowsInput: unknown, gradients: unknown): void {
    const { stepper, block } = this.#find(name);
    const { declaration, options, name: rule } = stepper.rule;
    if (!(declaration.sparse?.(options) ?? false)) {
      throw new RangeError(
        `${owner}: ${rule} with these options moves parameters whose gradient is 0, so it cannot take some rows alone; rules that can: ${ABLE}`,
      );
    }
    if (this.#pipeline.rewritesGradient) {
      throw new RangeError(
        `${owner}: wrappers before the rule rewrite the whole gradient; write it to optimizer.gradient`,
      );
    }
    if (this.#pipeline.gradientReader) {
      throw new RangeError(
        `${owner}: ${this.#pipeline.gradientReader} reads the whole gradient; write it to optimizer.gradient`,
      );
    }
    const [height] = block.shape;
    const width = block.length / height;
    const isEmpty = isList(rowsInput) && rowsInput.length === 0;
    const rows = isEmpty ? [] : readArray(owner, "rows", rowsInput).values;
    const values = isEmpty ? [] : readArray(owner, "gradients", gradients).values;
    if (values.length !== rows.length * width) {
      throw new RangeError(
        `${owner}: gradients must have ${rows.length} × ${width} entries, got ${values.length}`,
      );
    }
    const place = new Map<number, number>();
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (!Number.isSafeInteger(row) || row < 0 || row >= height) {
        throw new RangeError(
          `${owner}: rows[${i}] must be an integer in [0, ${height}), got ${describe(row)}`,
        );
      }
      if (!place.has(row)) place.set(row, place.size);
    }
    const summed = new Float64Array(place.size * width);
    for (let i = 0; i < rows.length; i++) {
      const at = place.get(rows[i])! * width;
      for (let j = 0; j < width; j++) summed[at + j] += values[i * width + j];
    }
    this.#pending = this.#pending.filter((pending) => pending.block !== block);
    this.#pending.push({ stepper, block, rows: [...place.keys()], gradients: summed, width });
    block.sparse = true;
  }

  /** Steps the rows that wait, after the dense blocks and ahead of the wrappers behind the rule. */
  step(): void {
    if (this.#pending.length === 0) return;
    for (const pending of this.#pending) this.#stepRows(pending);
    this.forget();
  }

  /** Whether rows wait for the coming step. */
  get waiting(): boolean {
    return this.#pending.length > 0;
  }

  /** Forgets the rows that wait. */
  forget(): void {
    for (const { block } of this.#pending) block.sparse = false;
    this.#pending = [];
  }

  dispose(): void {
    this.#scratch?.dispose();
    this.#scratch = undefined;
  }

  #find(name: unknown): { stepper: Stepper; block: SteppedBlock } {
    for (const stepper of this.#pipeline.steppers) {
      const block = stepper.blocks.find((candidate) => candidate.name === name);
      if (block) return { stepper, block };
    }
    const names = this.#pipeline.steppers.flatMap(({ blocks }) => blocks.map((block) => block.name));
    throw new RangeError(
      `${owner}: no block that is not frozen is named ${describe(name)}; known: ${names.join(", ")}`,
    );
  }

  #stepRows({ stepper, block, rows, gradients, width }: PendingRows): void {
    const length = rows.length * width;
    if (length === 0) return;
    const { declaration, options } = stepper.rule;
    const slots = block.slots.length;
    const count = paddedLength(length, this.#precision);
    const scratch = this.#scratchFor(count, slots);
    const bytes = elementBytes[this.#precision];
    const [x, g, state] = ["x", "gradient", "state"].map((name) => scratch.pointer(name));
    // x and each slot lie alike in the block and in the scratch.
    const parts = [
      { from: block.x, to: x },
      ...Array.from({ length: slots }, (_, k) => ({
        from: block.state + k * block.count * bytes,
        to: state + k * count * bytes,
      })),
    ].map(({ from, to }) => ({
      whole: this.#pipeline.view(from, block.length),
      some: scratch.realAt(to, count).fill(0),
    }));
    for (const { whole, some } of parts) {
      rows.forEach((row, i) => {
        some.set(whole.subarray(row * width, (row + 1) * width), i * width);
      });
    }
    scratch.realAt(g, count).fill(0).set(gradients);
    scratch.real("scalars").set(stepper.scalars);
    scratch.kernels[declaration.kernel!(options)](count, x, g, state, scratch.pointer("scalars"));
    for (const { whole, some } of parts) {
      rows.forEach((row, i) => {
        whole.set(some.subarray(i * width, (i + 1) * width), row * width);
      });
    }
  }

  #scratchFor(count: number, slots: number): Workspace {
    const needed = count * Math.max(1, slots);
    if (!this.#scratch || needed > this.#capacity) {
      this.#scratch?.dispose();
      this.#capacity = 2 ** Math.ceil(Math.log2(needed));
      const length = this.#capacity;
      const blocks = ["x", "gradient", "state"].map((name) => ({ name, length }));
      this.#scratch = new Workspace([...blocks, { name: "scalars", length: SCALARS }], this.#precision);
    }
    return this.#scratch;
  }
}
