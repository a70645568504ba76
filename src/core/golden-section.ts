const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The point between two at which a function that first falls and then rises is least, by golden section; each round leaves 0.62 of the
 * interval.
 *
 * Kiefer, "Sequential minimax search for a maximum", Proceedings of the American Mathematical Society 4, 1953.
 */
export function goldenSection(f: (x: number) => number, from: number, to: number, rounds: number): number {
  let low = from;
  let high = to;
  let left = high - GOLDEN * (high - low);
  let right = low + GOLDEN * (high - low);
  let atLeft = f(left);
  let atRight = f(right);
  for (let round = 0; round < rounds; round++) {
    if (atLeft <= atRight) {
      high = right;
      right = left;
      atRight = atLeft;
      left = high - GOLDEN * (high - low);
      atLeft = f(left);
    } else {
      low = left;
      left = right;
      atLeft = atRight;
      right = low + GOLDEN * (high - low);
      atRight = f(right);
    }
  }
  return (low + high) / 2;
}
