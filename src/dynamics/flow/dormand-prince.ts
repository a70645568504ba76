// The pair of Dormand and Prince, of orders 5 and 4: seven stages, of which the last is the first of the next step.
//
// Dormand and Prince, "A family of embedded Runge–Kutta formulae", Journal of Computational and Applied Mathematics 6,
// 1980, table 2; the continuous extension of order 4: Hairer, Nørsett, Wanner, "Solving ordinary differential equations
// I", 2nd edition, §II.6, equation 6.12, with its coefficients from §II.10 of the same book.

/** Stages of a step, the first of the next one included. */
export const STAGES = 7;

/** Where in the step each stage is evaluated. */
export const nodes = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1] as const;

/** Row i holds the weights of the stages before i; the last row is the step of order 5. */
export const weights: readonly (readonly number[])[] = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];

/** What the steps of order 5 and 4 differ by. */
export const errorWeights = [
  71 / 57600,
  0,
  -71 / 16695,
  71 / 1920,
  -17253 / 339200,
  22 / 525,
  -1 / 40,
] as const;

const bend = [
  -12715105075 / 11282082432,
  0,
  87487479700 / 32700410799,
  -10690763975 / 1880347072,
  701980252875 / 199316789632,
  -1453857185 / 822651844,
  69997945 / 29380423,
] as const;

/**
 * The continuous extension: x(t + θh) = x + h Σⱼ pⱼ(θ) Σₖ shapes[j][k] kₖ, with the polynomials of {@link shapesAt}.
 * Shape 0 is the step, 1 and 2 make the slopes at both ends right, 3 bends it to order 4.
 */
export const shapes: readonly (readonly number[])[] = [0, 1, 2, 3].map((shape) =>
  Array.from({ length: STAGES }, (_, k) => {
    const step = weights[STAGES - 1][k] ?? 0;
    const first = k === 0 ? 1 : 0;
    const last = k === STAGES - 1 ? 1 : 0;
    return [step, first - step, 2 * step - first - last, bend[k]][shape];
  }),
);

/** The polynomials that the shapes are taken with at θ in [0, 1]. */
export function shapesAt(theta: number): [number, number, number, number] {
  const rest = 1 - theta;
  return [theta, theta * rest, theta * theta * rest, theta * theta * rest * rest];
}

/** The stability interval on the negative axis ends here: |1 + z + … | = 1 at z = −3.3. */
export const STABILITY_LIMIT = 3.3;
