/**
 * Indices of at most `limit` (≥ 4, default 600) of the values, such that a line through them looks like the
 * line through all: the first and the last, and the lowest and the highest of each of many equal stretches.
 * So every extreme is kept, and a run that jumps between two levels stays as wide as it was.
 *
 * @param values finite numbers
 */
export function thin(values: ArrayLike<number>, limit = 600): number[] {
  const count = values.length;
  if (count <= limit) return Array.from({ length: count }, (_, i) => i);
  const stretches = Math.floor((limit - 2) / 2);
  const kept = new Set([0]);
  for (let s = 0; s < stretches; s++) {
    const end = Math.floor(((s + 1) * count) / stretches);
    let low = Math.floor((s * count) / stretches);
    let high = low;
    for (let i = low + 1; i < end; i++) {
      if (values[i] < values[low]) low = i;
      if (values[i] > values[high]) high = i;
    }
    kept.add(Math.min(low, high)).add(Math.max(low, high));
  }
  return [...kept.add(count - 1)];
}

/** How many values stand before the first that is not finite. */
export function finiteLength(values: ArrayLike<number>): number {
  let length = 0;
  while (length < values.length && Number.isFinite(values[length])) length++;
  return length;
}
