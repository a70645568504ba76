import type { Descent } from "./descent.ts";

/**
 * Tells the schedules of a descent that watch what a run has come to: the value at every point, or with batches, whose
 * values do not compare, the mean over each epoch, ahead of the first step of the next.
 */
export class Observed {
  readonly #descent: Descent;
  #epoch = -1;
  #sum = 0;
  #count = 0;

  /** Undefined where no schedule watches. */
  static of(descent: Descent): Observed | undefined {
    return descent.watches ? new Observed(descent) : undefined;
  }

  private constructor(descent: Descent) {
    this.#descent = descent;
  }

  /**
   * Takes notice of the point that was just evaluated.
   *
   * @param all - whether it was evaluated on all rows, at the end of batches
   */
  point(all: boolean): void {
    const descent = this.#descent;
    const { value, epoch } = descent;
    if (!descent.batches) {
      descent.observe(value);
      return;
    }
    if (epoch !== this.#epoch) {
      if (this.#count > 0) descent.observe(this.#sum / this.#count);
      this.#epoch = epoch;
      this.#sum = 0;
      this.#count = 0;
    }
    if (all) return;
    this.#sum += value;
    this.#count++;
  }

  /** Takes notice of what was monitored instead. */
  monitored(value: number): void {
    this.#descent.observe(value);
  }
}
