import { log, pow } from "../core/scalar.ts";
import { checkSpectrum, type SpectrumBounds } from "./chebyshev.ts";
import { make, type ScheduleDeclaration } from "./define.ts";
import { isPowerOfTwo, valuation } from "./dyadic.ts";
import { positive, powerOfTwo } from "./parameters.ts";
import type { Schedule } from "./schedule.ts";

/** A bound on the curvature of a convex function. */
export interface SilverOptions {
  /** L, a bound on the largest eigenvalue of the Hessian everywhere: > 0. */
  readonly lambdaMax: number;
}

/** Bounds on the curvature of a strongly convex function, and in how many steps the error is to be small. */
export interface SilverStronglyConvexOptions extends SpectrumBounds {
  /** The steps of the plan: a power of two. Then it begins anew. */
  readonly steps: number;
}

/** The silver ratio ρ. */
const SILVER = 1 + Math.SQRT2;

export const silverDeclaration: ScheduleDeclaration<SilverOptions> = {
  name: "silver",
  summary: "steps of gradient descent on convex functions: mostly short, some long, as a fractal",
  formula: "(1 + ρ^(ν(t + 1) − 1))/L, ρ = 1 + √2, ν(n) how often 2 divides n",
  elsewhere: "silver stepsize schedule",
  parameters: { lambdaMax: positive() },
  // A learning rate of 1/L is the one that the steps are multiples of.
  commandLine: { main: "lambdaMax", defaults: ({ learningRate }) => ({ lambdaMax: 1 / learningRate }) },
  plan: {
    bounds: "f(x) − f* over L‖x₀ − x*‖², on convex functions",
    at: "powers of two less one",
    rate(_, taken) {
      if (!isPowerOfTwo(taken + 1)) return undefined;
      return 1 / (1 + Math.sqrt(4 * pow(SILVER, 2 * valuation(taken + 1)) - 3));
    },
    usual: () => 127,
  },
  at:
    ({ lambdaMax }) =>
    (t) =>
      (1 + pow(SILVER, valuation(t + 1) - 1)) / lambdaMax,
};

/**
 * The levels of the strongly convex plan: the step at the places that 2 divides so often, for all but the last place, and
 * the one at the last; and what the whole leaves of the distance.
 */
function levels({ lambdaMax, lambdaMin, steps }: SilverStronglyConvexOptions) {
  const inverse = lambdaMin / lambdaMax;
  const step = (t: number) => (1 + t / inverse) / (1 + t) / lambdaMax;
  const short: number[] = [];
  let z = inverse;
  for (let length = 1; length < steps; length *= 2) {
    const eta = 1 - z;
    // y and the next z are z/s and z·s, with s = η + √(1 + η²).
    const s = eta + Math.sqrt(1 + eta * eta);
    short.push(step(z / s));
    z *= s;
  }
  return { short, last: step(z), rate: (1 - z) / (1 + z) };
}

export const silverStronglyConvexDeclaration: ScheduleDeclaration<SilverStronglyConvexOptions> = {
  name: "silverStronglyConvex",
  summary: "steps of gradient descent on strongly convex functions: mostly short, some long, as a fractal",
  formula: "a(ν(t + 1)), at the last of each steps b: from Altschuler and Parrilo's recursion",
  elsewhere: "silver stepsize schedule",
  parameters: { lambdaMax: positive(), lambdaMin: positive(), steps: powerOfTwo },
  check: (options) => checkSpectrum("silverStronglyConvex", options),
  commandLine: {
    main: "steps",
    defaults: ({ steps }) => ({ steps: pow(2, Math.floor(log(steps) / log(2) + 1e-9)) }),
  },
  plan: {
    bounds: "‖x − x*‖ over ‖x₀ − x*‖, on strongly convex functions",
    at: "multiples of steps",
    rate(options, taken) {
      if (taken % options.steps !== 0) return undefined;
      return pow(levels(options).rate, taken / options.steps);
    },
    usual: ({ steps }) => steps,
  },
  at(options) {
    const { steps } = options;
    const { short, last } = levels(options);
    return (t) => {
      const place = (t % steps) + 1;
      return place === steps ? last : short[valuation(place)];
    };
  },
};

/**
 * The silver plan for convex functions: learning rates (1 + ρ^(ν(t + 1) − 1))/L, where ρ = 1 + √2 and ν(n) says how often
 * 2 divides n: √2, 2, √2, 2 + √2, √2, 2, √2, … over L. Gradient descent alone, without momentum, then needs some
 * ε^−0.79 steps in place of 1/ε. After n = 2ᵏ − 1 steps f(x) − f* ≤ L‖x₀ − x*‖²/(1 + √(4ρ²ᵏ − 3)), which
 * {@link planRate} tells; after other numbers of steps nothing is proven.
 *
 * @param options.lambdaMax - L, at least the largest eigenvalue of the Hessian anywhere: > 0
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { planRate, silver } from "thalweg";
 * const plan = silver({ lambdaMax: 10 });
 * plan(0); // √2: ≈ 0.1414
 * plan(1); // 0.2
 * planRate(plan, 7).rate; // ≈ 0.0344
 * ```
 *
 * Source: Altschuler and Parrilo, "Acceleration by stepsize hedging II: silver stepsize schedule for smooth convex
 * optimization", Mathematical Programming 2024, theorem 1.1.
 */
export function silver(options: SilverOptions): Schedule {
  return make(silverDeclaration, options);
}

/**
 * The silver plan for strongly convex functions. The plan of 2n steps is that of n steps without its last, a step a, the
 * same again, and a step b: a = ψ(z/s)/M and b = ψ(z·s)/M with ψ(t) = (1 + κt)/(1 + t), s = η + √(1 + η²), η = 1 − z,
 * and z ← z·s from z = 1/κ on. After `steps` steps ‖x − x*‖ is at most (1 − z)/(1 + z) of what it was, which
 * {@link planRate} tells; then it begins anew. It pays to take about κ^0.79 steps; more bring little.
 *
 * @param options.lambdaMax - M, at least the largest eigenvalue of the Hessian anywhere: > 0
 * @param options.lambdaMin - m, at most the smallest anywhere: in (0, lambdaMax]
 * @param options.steps - the steps of the plan: a power of two
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { planRate, silverStronglyConvex } from "thalweg";
 * const plan = silverStronglyConvex({ lambdaMax: 1, lambdaMin: 0.1, steps: 8 });
 * planRate(plan).rate ** 2; // ≈ 0.0169783
 * ```
 *
 * Source: Altschuler and Parrilo, "Acceleration by stepsize hedging I: multi-step descent and the silver stepsize
 * schedule", Journal of the ACM 2025, section 3 and theorem 4.1.
 */
export function silverStronglyConvex(options: SilverStronglyConvexOptions): Schedule {
  return make(silverStronglyConvexDeclaration, options);
}
