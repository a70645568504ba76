import { checkKeys, checkNumber, checkTakesTarget, checkWritten } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import type { RealArray } from "../core/precision.ts";
import { euclideanNorm } from "./differences.ts";
import type { Objective } from "./objective.ts";
import { asObjective } from "./user.ts";

/** Options of {@link vectorField}. */
export interface VectorFieldOptions {
  /** Writes the Jacobian at x times v into `product`; by differences of the field if left out. */
  jacobianVectorProduct?(x: RealArray, v: RealArray, product: RealArray): void;
  /** Say true if the field is linear but for a constant: differences are then exact but for rounding. Default false. */
  readonly linear?: boolean;
}

/**
 * A field F to be descended, x ← x − ηF(x), that need not be the gradient of anything: the gradients of several players,
 * each of a loss of its own, or a fixed point to be found. F takes the gradient's place everywhere.
 *
 * It has no value. Where one is asked for it is ½‖F(x)‖², which is 0 exactly where the field rests: so `minimize` stops
 * by the field's norm, and counts it as diverged once that has grown a millionfold. What needs a function's value or its
 * symmetric Hessian refuses a field.
 *
 * @param dimension - entries of x: an integer ≥ 1
 * @param field - F: writes into its second argument, which holds zeros when it is called
 * @param options.jacobianVectorProduct - the derivative of F along v; by differences if left out
 * @param options.linear - whether F is linear but for a constant; default false
 * @returns an objective, for `minimize`, `descend`, `rotation` and the like
 * @throws TypeError or RangeError naming the argument that is wrong
 *
 * @example
 * ```ts
 * import { gradientDescent, minimize, rotation, vectorField } from "thalweg";
 * const spiral = vectorField(2, ([x, y], out) => { out[0] = x - 3 * y; out[1] = 3 * x + y; });
 * rotation(spiral, { at: [0, 0] }).stepLimit; // ≈ 0.2
 * const { reason, message } = minimize(spiral, { rule: gradientDescent({ learningRate: 0.1 }), start: [1, 0] });
 * reason; // "gradient"
 * message; // "gradientDescent converged after 372 steps: the field's norm …"
 * ```
 *
 * Source: Balduzzi et al., "The mechanics of n-player differentiable games", ICML 2018, §2, where ½‖F‖² is the
 * Hamiltonian.
 */
export function vectorField(
  dimension: number,
  field: (x: RealArray, out: RealArray) => void,
  options: VectorFieldOptions = {},
): Objective {
  const owner = "vectorField";
  checkNumber(owner, "dimension", dimension, "the integers from 1", (n) => Number.isSafeInteger(n) && n >= 1);
  if (typeof field !== "function") {
    throw new TypeError(`${owner}: field must be a function (x, out), got ${describe(field)}`);
  }
  checkTakesTarget(`${owner}: field`, field);
  checkKeys(owner, options, ["jacobianVectorProduct", "linear"]);
  const { jacobianVectorProduct, linear = false } = options;
  if (jacobianVectorProduct !== undefined && typeof jacobianVectorProduct !== "function") {
    throw new TypeError(
      `${owner}: jacobianVectorProduct must be a function, got ${describe(jacobianVectorProduct)}`,
    );
  }
  if (typeof linear !== "boolean") {
    throw new TypeError(`${owner}: linear must be true or false, got ${describe(linear)}`);
  }
  const gradient = (x: RealArray, out: RealArray) =>
    checkWritten(`${owner}: field`, field(x, out) as unknown, out, "second");
  const { withBatches, withFisher, ...objective } = asObjective(
    {
      gradient,
      valueAndGradient(x, out) {
        gradient(x, out);
        const size = euclideanNorm(out);
        return 0.5 * size * size;
      },
      ...(jacobianVectorProduct && {
        hessianVectorProduct: (x, v, product) =>
          checkWritten(
            `${owner}: jacobianVectorProduct`,
            jacobianVectorProduct(x, v, product) as unknown,
            product,
          ),
      }),
      quadratic: linear,
    },
    dimension,
  );
  return { ...objective, name: "vectorField", quadratic: false, field: true };
}
