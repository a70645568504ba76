/** Where a run was when it was last heard of. */
export interface Progress {
  /** Steps taken so far. */
  readonly index: number;
  /** The value there. */
  readonly value: number;
  /** ‖gradient‖₂ there. */
  readonly gradientNorm: number;
  /**
   * How much of the run is over, as far as its limits and the gradient tell: between 0 and 1. An estimate, which
   * may go back.
   */
  readonly fraction: number;
}

/**
 * A stretch of a run: how long it may go on, and what is told of it. Shared by the run and whoever drives it;
 * the one that never ends is what a synchronous run has.
 */
export interface Slice {
  /** When it is over, on the clock of `performance.now()`. */
  deadline: number;
  /** Whether the run is to end where it is. */
  aborted: boolean;
  /** Where the run was at the end of the last slice. */
  progress?: Progress;
}

/** Whether a slice is over. The one without an end costs no look at the clock. */
export const isOver = ({ deadline }: Slice): boolean =>
  deadline !== Infinity && performance.now() >= deadline;

/** A run in slices: yields at the end of each, and returns what the run came to. */
export type Sliced<Result> = Generator<void, Result, void>;

/** Drives a run to its end without a break. */
export function inOneGo<Result>(run: (slice: Slice) => Sliced<Result>): Result {
  const sliced = run({ deadline: Infinity, aborted: false });
  for (;;) {
    const { done, value } = sliced.next();
    if (done) return value;
  }
}
