/** A landscape of two valleys with a rate and the noise of a batch. */
export interface EscapeProblem {
  readonly left: { readonly at: number; readonly curvature: number; readonly joint: number };
  readonly right: { readonly at: number; readonly curvature: number; readonly joint: number };
  readonly mu: number;
  readonly rate: number;
  readonly deviation: number;
  readonly start: number;
  readonly target: number;
}
export function plainEscapes(
  problem: EscapeProblem,
  steps: number,
  seed: number,
  single: boolean,
  passages: Int32Array,
): void;
export function plainEscapesPolar(
  problem: EscapeProblem,
  steps: number,
  seed: number,
  passages: Int32Array,
): void;
