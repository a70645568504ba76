type Vector = readonly number[];
export function largestError(start: Vector, ours: readonly Vector[], reference: readonly Vector[]): number;
