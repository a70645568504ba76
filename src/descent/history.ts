import { checkCount, checkKeys } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import type { Descent } from "./descent.ts";
import type { EarlyStopping } from "./early-stopping.ts";

/** Learning curves: entry i of each array belongs to the point after `steps[i]` steps. */
export interface History {
  /** Steps taken. */
  readonly steps: Float64Array;
  /** The value. */
  readonly values: Float64Array;
  /** ‖gradient‖₂. */
  readonly gradientNorms: Float64Array;
  /** The rate that the step from there took, or would have taken; of rules that work it out, that of the step before. */
  readonly learningRates: Float64Array;
  /** What `monitor` returned, where there is one; NaN where it was not called. */
  readonly monitored?: Float64Array;
}

/** Whether learning curves are kept, and how many of their points: every step, or every so many (an integer ≥ 1). */
export type HistoryOption = boolean | { readonly every?: number };

/** Throws where the option is of another form. */
export function checkHistory(owner: string, option: unknown): void {
  if (option === undefined || typeof option === "boolean") return;
  if (typeof option !== "object" || option === null) {
    throw new TypeError(
      `${owner}: history must be true, false or { every: a number of steps }, got ${describe(option)}`,
    );
  }
  checkKeys(`${owner}: history`, option, ["every"]);
  checkCount(owner, "history.every", (option as { every?: unknown }).every as number, 1);
}

const STEP = 0;
const VALUE = 1;
const GRADIENT = 2;
const RATE = 3;
const MONITORED = 4;
const FIRST_CAPACITY = 256;

/** Keeps points in columns that double where they are full. */
export class HistoryRecorder {
  readonly #every: number;
  readonly #columns: Float64Array[];
  #length = 0;

  /** Undefined where the option asks for none. */
  static from(option: HistoryOption | undefined, monitors: boolean): HistoryRecorder | undefined {
    if (!option) return undefined;
    return new HistoryRecorder(option === true ? 1 : (option.every ?? 1), monitors);
  }

  private constructor(every: number, monitors: boolean) {
    this.#every = every;
    const columns = monitors ? MONITORED + 1 : MONITORED;
    this.#columns = Array.from({ length: columns }, () => new Float64Array(FIRST_CAPACITY));
  }

  /** Keeps a point if it is its turn. */
  at(index: number, descent: Descent, learningRate: number, earlyStopping?: EarlyStopping): void {
    if (index % this.#every === 0) this.last(index, descent, learningRate, earlyStopping);
  }

  /** Keeps a point; one of the same index as the last takes its place. */
  last(index: number, descent: Descent, learningRate: number, earlyStopping?: EarlyStopping): void {
    if (this.#length > 0 && this.#columns[STEP][this.#length - 1] === index) this.#length--;
    if (this.#length === this.#columns[STEP].length) this.#grow();
    const at = this.#length++;
    const columns = this.#columns;
    columns[STEP][at] = index;
    columns[VALUE][at] = descent.value;
    columns[GRADIENT][at] = descent.gradientNorm;
    columns[RATE][at] = learningRate;
    if (columns.length > MONITORED) columns[MONITORED][at] = earlyStopping?.monitoredAt(index) ?? Number.NaN;
  }

  /** What was kept. */
  history(): History {
    const [steps, values, gradientNorms, learningRates, monitored] = this.#columns.map((column) =>
      column.slice(0, this.#length),
    );
    return { steps, values, gradientNorms, learningRates, ...(monitored ? { monitored } : {}) };
  }

  #grow(): void {
    for (const [i, column] of this.#columns.entries()) {
      const larger = new Float64Array(2 * column.length);
      larger.set(column);
      this.#columns[i] = larger;
    }
  }
}
