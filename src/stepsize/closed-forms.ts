/** Coefficients that are the best for quadratics with eigenvalues in [m, M], and what they leave of the slowest mode in a step. */
export interface ClosedForm {
  readonly learningRate: number;
  readonly momentum: number;
  readonly rate: number;
}

/** Gradient descent: 2/(M + m). Polyak, "Introduction to optimization", 1987, §1.4, theorem 3. */
export const steepest = (m: number, M: number): ClosedForm => ({
  learningRate: 2 / (M + m),
  momentum: 0,
  rate: (M - m) / (M + m),
});

/** Heavy ball: 4/(√M + √m)² and ((√κ−1)/(√κ+1))². Polyak 1964; 1987, §3.2, theorem 1. */
export function polyak(m: number, M: number): ClosedForm {
  const root = Math.sqrt(M / m);
  return {
    learningRate: 4 / (Math.sqrt(M) + Math.sqrt(m)) ** 2,
    momentum: ((root - 1) / (root + 1)) ** 2,
    rate: (root - 1) / (root + 1),
  };
}

/**
 * Nesterov's form: 4/(3M + m) and (√(3κ+1)−2)/(√(3κ+1)+2). Lessard, Recht, Packard, "Analysis and design of optimization algorithms via
 * integral quadratic constraints", SIAM J. Optimization 26, 2016, §2.2.
 */
export function accelerated(m: number, M: number): ClosedForm {
  const root = Math.sqrt((3 * M) / m + 1);
  return { learningRate: 4 / (3 * M + m), momentum: (root - 2) / (root + 2), rate: 1 - 2 / root };
}
