import { checkCount } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { originOf } from "./define.ts";
import type { Schedule } from "./schedule.ts";

/** What is proven of a plan of steps. */
export interface PlanRate {
  /** After how many steps. */
  readonly steps: number;
  /** The bound: no function of the class ends above it. */
  readonly rate: number;
  /** What is bounded, as a share of what, and for which functions. */
  readonly bounds: string;
}

/**
 * The proven worst case of a plan of steps for gradient descent: {@link chebyshev}, {@link silver} or
 * {@link silverStronglyConvex}.
 *
 * @param plan - the plan
 * @param steps - after how many steps: an integer ≥ 0; by default those of one round of the plan, of silver 127
 * @returns the bound, and what it bounds
 * @throws TypeError if nothing is proven of such a schedule, RangeError if nothing is of that number of steps
 *
 * @example
 * ```ts
 * import { chebyshev, planRate } from "thalweg";
 * const plan = chebyshev({ lambdaMax: 9, lambdaMin: 1, steps: 2 });
 * planRate(plan); // { steps: 2, rate: 8 / 17, bounds: "‖x − x*‖ over ‖x₀ − x*‖, on quadratics" }
 * planRate(plan, 3); // throws RangeError: planRate: of chebyshev something is proven after multiples of steps, got 3
 * ```
 *
 * Source: as the plans.
 */
export function planRate(plan: Schedule, steps?: number): PlanRate {
  const origin = typeof plan === "function" ? originOf(plan) : undefined;
  const proven = origin?.declaration.plan;
  if (!origin || !proven) {
    throw new TypeError(
      `planRate: plan must be a plan of steps (chebyshev, silver, silverStronglyConvex), got ${
        origin ? `the schedule ${origin.declaration.name}` : describe(plan)
      }`,
    );
  }
  checkCount("planRate", "steps", steps);
  const taken = steps ?? proven.usual(origin.values);
  const rate = proven.rate(origin.values, taken);
  if (rate === undefined) {
    throw new RangeError(
      `planRate: of ${origin.declaration.name} something is proven after ${proven.at}, got ${taken}`,
    );
  }
  return { steps: taken, rate, bounds: proven.bounds };
}
