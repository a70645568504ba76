import type { ArrayInput } from "../../core/array-input.ts";
import { checkKeys } from "../../core/check.ts";
import { type Flow, follow } from "../follow.ts";
import { checkFlowOptions, type FlowOptions, flowOptionNames } from "./flow-options.ts";
import { type Field, fieldFrom } from "./right-hand-side.ts";

/** Options of {@link integrate}. */
export interface IntegrateOptions extends FlowOptions {
  /** Where to start. */
  readonly start: ArrayInput;
  /** Stop where ‖f‖₂ is at most this, ≥ 0; default 0, which is off. */
  readonly restTolerance?: number;
}

/**
 * Follows dx/dt = f(x, t) from a start, by the pair of Dormand and Prince: steps of order 5 whose error, by that of
 * order 4, is kept within a tolerance by a proportional–integral controller.
 *
 * A solution that leaves every bound in a finite time, or grows stiff, is a result that says so.
 *
 * @param field - f: writes into its second argument
 * @param options - the start, until when, how closely, and which points to give: see {@link IntegrateOptions}
 * @throws TypeError or RangeError naming the argument that is wrong; what the field throws passes through untouched
 *
 * @example
 * ```ts
 * import { integrate } from "thalweg";
 * const turn = integrate(([x, y], out) => { out[0] = -y; out[1] = x; }, { start: [1, 0], time: Math.PI });
 * turn.x; // ≈ [-1, 0]
 * turn.reason; // "time"
 * ```
 *
 * Source: Dormand and Prince, "A family of embedded Runge–Kutta formulae", Journal of Computational and Applied
 * Mathematics 6, 1980; control, continuous extension and the test for stiffness: Hairer, Nørsett, Wanner, "Solving
 * ordinary differential equations I" and "II", §II.4–6 and §IV.2.
 */
export function integrate(field: Field, options: IntegrateOptions): Flow {
  const owner = "integrate";
  checkKeys(owner, options, [...flowOptionNames, "start", "restTolerance"]);
  checkFlowOptions(owner, options, ["restTolerance", options.restTolerance]);
  const side = fieldFrom(owner, field, options.start, options.precision ?? "f64");
  return follow(side, options, options.restTolerance ?? 0);
}
