import { cos, pow, sin } from "../core/scalar.ts";
import { make, type ScheduleDeclaration } from "./define.ts";
import { positive, steps } from "./parameters.ts";
import type { Schedule } from "./schedule.ts";

/** Between which eigenvalues the Hessian lies. */
export interface SpectrumBounds {
  /** M, a bound on the largest eigenvalue of the Hessian: > 0. */
  readonly lambdaMax: number;
  /** m, a bound on the smallest: in (0, lambdaMax]. */
  readonly lambdaMin: number;
}

/** Between which eigenvalues the Hessian lies, and in how many steps the error is to be small. */
export interface ChebyshevOptions extends SpectrumBounds {
  /** The steps of the plan: an integer ≥ 1. Then it begins anew. */
  readonly steps: number;
}

/** Throws unless the bounds on the spectrum are in order. */
export function checkSpectrum(owner: string, { lambdaMax, lambdaMin }: SpectrumBounds): void {
  if (lambdaMin > lambdaMax) {
    throw new RangeError(`${owner}: lambdaMin must lie in (0, lambdaMax], got ${lambdaMin} > ${lambdaMax}`);
  }
}

/**
 * Which root comes at a place of the plan: an odd number from 1 to 2n − 1. Roots come in pairs that balance each other,
 * θ and 2n − θ, in the order of the roots of half as many steps; of an odd number the middle one comes last.
 */
function rootAt(place: number, n: number): number {
  if (n % 2 === 1 && place === n - 1) return n;
  const root = rootAt(Math.floor(place / 2), Math.floor(n / 2));
  return place % 2 === 0 ? root : 2 * n - root;
}

export const chebyshevDeclaration: ScheduleDeclaration<ChebyshevOptions> = {
  name: "chebyshev",
  summary: "the best steps of gradient descent on quadratics, in an order that rounding does not upset",
  formula:
    "2/(M + m − (M − m)·cos(πθ/(2·steps))), θ the odd numbers below 2·steps in Lebedev and Finogenov's order",
  elsewhere: "Chebyshev or Richardson iteration, Young's method",
  parameters: { lambdaMax: positive(), lambdaMin: positive(), steps },
  check: (options) => checkSpectrum("chebyshev", options),
  commandLine: { main: "steps", defaults: ({ steps }) => ({ steps }) },
  plan: {
    bounds: "‖x − x*‖ over ‖x₀ − x*‖, on quadratics",
    at: "multiples of steps",
    // 1/Tₙ((M + m)/(M − m)) = 2qⁿ/(1 + q²ⁿ), q = (√κ − 1)/(√κ + 1).
    rate({ lambdaMax, lambdaMin, steps: n }, taken) {
      if (taken % n !== 0) return undefined;
      const root = Math.sqrt(lambdaMax / lambdaMin);
      const power = pow((root - 1) / (root + 1), n);
      return pow((2 * power) / (1 + power * power), taken / n);
    },
    usual: ({ steps: n }) => n,
  },
  at:
    ({ lambdaMax, lambdaMin, steps: n }) =>
    (t) => {
      // M sin² + m cos² of half the angle: without the difference of close numbers that the cosine's form has.
      const half = (Math.PI * rootAt(t % n, n)) / (4 * n);
      const [s, c] = [sin(half), cos(half)];
      return 1 / (lambdaMax * s * s + lambdaMin * c * c);
    },
};

/**
 * Chebyshev's plan: learning rates 1/λ at the roots of the Chebyshev polynomial of degree `steps` on [m, M], for
 * gradient descent on quadratics. After `steps` steps the error has shrunk to 1/T(κ) = 2qⁿ/(1 + q²ⁿ) with
 * q = (√κ − 1)/(√κ + 1), as far as any method gets that fixes its steps beforehand; {@link planRate} tells the figure.
 * Then it begins anew.
 *
 * On the way the error may grow, up to κ times: the first rate is almost 1/m. The order is such that no rounding error
 * is ever amplified by the steps that follow.
 *
 * @param options.lambdaMax - M, at least the largest eigenvalue of the Hessian: > 0
 * @param options.lambdaMin - m, at most the smallest: in (0, lambdaMax]
 * @param options.steps - the steps of the plan: an integer ≥ 1
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { chebyshev, gradientDescent, minimize, planRate, quadratic } from "thalweg";
 * const plan = chebyshev({ lambdaMax: 100, lambdaMin: 1, steps: 32 });
 * planRate(plan).rate; // ≈ 0.0033
 * const rule = gradientDescent({ learningRate: plan });
 * minimize(quadratic({ diagonal: [1, 10, 100] }), { rule, start: [1, 1, 1], steps: 32 }).x[0]; // ≈ 0.0033
 * ```
 *
 * Source: Young, "On Richardson's method for solving linear systems with positive definite matrices", 1953; the order for
 * powers of two is that of Lebedev and Finogenov, "On the order of choice of the iteration parameters in the Chebyshev
 * cyclic iteration method", 1971, and for other numbers that of Samarskii and Nikolaev, "Numerical methods for grid
 * equations", volume II, 1989, section 6.2.
 */
export function chebyshev(options: ChebyshevOptions): Schedule {
  return make(chebyshevDeclaration, options);
}
