import { rootBetween } from "../core/root.ts";

/** c₀ + c₁x + … at x. */
export function polynomialAt(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (let k = coefficients.length - 1; k >= 0; k--) value = value * x + coefficients[k];
  return value;
}

/**
 * The points of [low, high] at which a polynomial (lowest power first) changes its sign, in rising order: between two roots of its
 * derivative, which are found likewise, there is one at most.
 */
export function signChanges(coefficients: readonly number[], low: number, high: number): number[] {
  if (coefficients.length < 2) return [];
  const derivative = coefficients.slice(1).map((c, k) => (k + 1) * c);
  const at = (x: number) => polynomialAt(coefficients, x);
  const bends = [low, ...signChanges(derivative, low, high), high];
  const roots: number[] = [];
  for (let k = 0; k + 1 < bends.length; k++) {
    const [from, to] = [bends[k], bends[k + 1]];
    if (at(from) !== 0 && at(from) < 0 !== at(to) < 0) roots.push(rootBetween(at, from, to));
  }
  return roots;
}
