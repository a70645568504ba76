/** How often 2 divides an integer ≥ 1. */
export function valuation(n: number): number {
  let [rest, times] = [n, 0];
  for (; rest % 2 === 0; times++) rest /= 2;
  return times;
}

/** Whether an integer ≥ 1 is a power of two. */
export function isPowerOfTwo(n: number): boolean {
  let rest = n;
  while (rest % 2 === 0) rest /= 2;
  return rest === 1;
}
