import type { RealArray } from "../core/precision.ts";

/** Where a descent is: the record is one object, rewritten at each step. */
export interface StepRecord<X = RealArray> {
  /** Steps taken so far: 0 at the start. */
  index: number;
  /** The value here: where there are batches that of this step's batch. */
  value: number;
  /** ‖gradient‖₂ here, likewise. */
  gradientNorm: number;
  /** The rate that the step from here would take; of rules that work it out by themselves, that of the step before. */
  learningRate: number;
  /** Where there are batches: epochs finished before this step's batch. */
  epoch?: number;
  /** The parameters here. A view while the loop runs; a copy of the last ones after it. */
  x: X;
}
