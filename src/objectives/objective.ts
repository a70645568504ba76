import type { Pointer } from "../core/kernels.ts";
import type { BlockRequest } from "../core/layout.ts";
import type { Precision } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";

/** Which Fisher information: with labels as the model expects them, or as they were observed. */
export type FisherKind = "exact" | "empirical";

/**
 * An objective as the library declares it: the memory it needs, and how it is evaluated in a
 * workspace that has that memory. Its data are kept by reference and copied in once per binding.
 * The names of its blocks start with "objective.".
 */
export interface Objective {
  /** What messages call it. */
  readonly name: string;
  /** The number of parameters. */
  readonly dimension: number;
  /** Whether the Hessian is the same everywhere. */
  readonly quadratic: boolean;
  /** Whether the Hessian is positive semi-definite everywhere. */
  readonly convex: boolean;
  /**
   * Whether it is a field, which takes the gradient's place and need not be that of any function: its value is then half
   * the square of the field's norm, and its Hessian the field's Jacobian, which need not be symmetric.
   */
  readonly field?: boolean;
  /**
   * A bound on λmax everywhere, where one is known: scale × λmax(of `hessian`'s Hessian) + shift.
   * For a logistic model: ¼ × that of least squares on the same data, + l2. `reason` says why it holds.
   */
  readonly curvatureBound?: {
    readonly hessian: Objective;
    readonly scale: number;
    readonly shift: number;
    readonly reason: string;
  };
  /** A number that no eigenvalue of the Hessian lies below, anywhere (the l2 of a data objective). */
  readonly curvatureFloor?: number;
  /**
   * All eigenvalues of the Hessian in falling order, where a quadratic knows them without being measured; undefined where it turns
   * out not to.
   */
  spectrum?(): Float64Array | undefined;
  /** Rows of data that it is the mean over, where it has any. */
  readonly rows?: number;
  /**
   * The same objective with memory for batches of up to `size` rows, to be chosen by `selectRows`. Objectives
   * that are no mean over rows have none.
   */
  withBatches?(size: number): Objective;
  /** Where products are with Fisher information in place of the Hessian: its kind. */
  readonly fisher?: FisherKind;
  /**
   * The same objective, whose products are with the Fisher information of its model in place of the Hessian; `penalised`: with
   * l2·I added. Objectives that are no likelihood have none.
   *
   * @throws RangeError where there is none of that kind
   */
  withFisher?(kind: FisherKind, penalised: boolean): Objective;
  /** The blocks of memory that it needs. Pure. */
  memory(precision: Precision): readonly BlockRequest[];
  /** Copies its data into a workspace that has its memory, to be evaluated there. */
  bind(workspace: Workspace): BoundObjective;
}

/** How often an objective was asked. */
export interface Evaluations {
  value: number;
  gradient: number;
  hessianVectorProduct: number;
}

/**
 * An objective in a workspace. Points, gradients and directions are pointers to padded blocks of
 * `dimension` elements; padding of what it writes is zero.
 */
export interface BoundObjective {
  readonly evaluations: Evaluations;
  /**
   * From here on the mean is over these rows (one may occur more than once) instead of all, the penalty
   * staying as it is; undefined: all rows again. Products need `linearize` anew.
   *
   * @throws RangeError, changing nothing, if the batch is empty, or holds more rows than there is memory
   * for, or one that does not exist
   */
  selectRows?(indices: Uint32Array | undefined): void;
  /** Where a product comes from: the exact Hessian, or differences of gradients. */
  readonly hessian: "exact" | "differences";
  value(x: Pointer): number;
  /** Writes the gradient to `g`. */
  gradient(x: Pointer, g: Pointer): void;
  /** Writes the gradient to `g` and returns the value. */
  valueAndGradient(x: Pointer, g: Pointer): number;
  /** Fixes the point whose Hessian the following products are of. */
  linearize(x: Pointer): void;
  /** Writes Hv to `product`, with H at the last `linearize`d point. */
  hessianVectorProduct(v: Pointer, product: Pointer): void;
  /**
   * An estimate of ‖(computed − true) Hv‖ for the unit vector v and its product just computed:
   * what differences of gradients lose to rounding and to higher derivatives, or rounding alone.
   */
  productError(v: Pointer): number;
}

/** Throws where a function's value or its symmetric Hessian is needed and there is only a field; `advice` says what else to do. */
export function refuseField(owner: string, { field }: Objective, advice: string): void {
  if (field) throw new TypeError(`${owner}: a vector field is not the gradient of a function; ${advice}`);
}

/** Whether a problem is a declared objective rather than a user's functions. */
export function isObjective(problem: unknown): problem is Objective {
  return typeof problem === "object" && problem !== null && "bind" in problem && "memory" in problem;
}
