const SPLITTER = 134_217_729; // 2²⁷ + 1

/** Products below this become 0: 1 − βᵗ has long been 1, and denormal numbers cost a hundred cycles each. */
const NOTHING = 1e-200;

/**
 * Multiplies the running product held in `state[at] + state[at + 1]` by `factor` and returns it.
 * The product is kept in twice the precision, so that after any number of factors βᵗ is rounded
 * once, as a good `pow` would (Dekker 1971, "A floating-point technique for extending the
 * available precision"), at a fraction of its cost and with the same bits in every engine.
 */
export function multiplyRunning(state: Float64Array, at: number, factor: number): number {
  const high = state[at];
  const product = high * factor;
  const highSplit = SPLITTER * high;
  const highTop = highSplit - (highSplit - high);
  const highRest = high - highTop;
  const factorSplit = SPLITTER * factor;
  const factorTop = factorSplit - (factorSplit - factor);
  const factorRest = factor - factorTop;
  const error =
    highTop * factorTop - product + highTop * factorRest + highRest * factorTop + highRest * factorRest;
  const low = error + state[at + 1] * factor;
  const rounded = product + low;
  if (Math.abs(rounded) < NOTHING) {
    state[at] = 0;
    state[at + 1] = 0;
    return 0;
  }
  state[at] = rounded;
  state[at + 1] = low - (rounded - product);
  return rounded;
}
