import { checkCount, checkFlag, checkNumberReturned, checkTakesTarget, checkWritten } from "../core/check.ts";
import { describe, nearest } from "../core/describe.ts";
import type { Pointer } from "../core/kernels.ts";
import { machineEpsilon, paddedLength, type RealArray } from "../core/precision.ts";
import type { Workspace } from "../core/workspace.ts";
import {
  centralGradient,
  euclideanNorm,
  FIRST_STEP,
  powerOfTwoBelow,
  SECOND_STEP,
  stepScale,
} from "./differences.ts";
import { type BoundObjective, type Evaluations, isObjective, type Objective } from "./objective.ts";
import { rowFisher } from "./row-fisher.ts";

/**
 * A function to minimise, as a user writes it. One of `value` and `valueAndGradient` is needed;
 * derivatives that are left out are taken by central differences.
 *
 * The arrays are views of the library's memory, valid during the call: Float64Array or, with
 * precision "f32", Float32Array (differences are taken in Float64Array). What a function writes to
 * holds zeros when it is called. What it throws passes through untouched.
 *
 * A mean over rows of data can be descended in mini-batches: its functions then take, last, the rows that
 * the mean is to be over. They are undefined where all rows are meant.
 */
export interface UserProblem {
  /** The value at x. */
  value?(x: RealArray, batch?: Uint32Array): number;
  /** Writes the gradient at x into g. */
  gradient?(x: RealArray, g: RealArray, batch?: Uint32Array): void;
  /** Writes the gradient at x into g and returns the value: for functions that share work. */
  valueAndGradient?(x: RealArray, g: RealArray, batch?: Uint32Array): number;
  /** Writes the Hessian at x times v into product. */
  hessianVectorProduct?(x: RealArray, v: RealArray, product: RealArray, batch?: Uint32Array): void;
  /** The rows of data that batches are of, where it knows them. */
  readonly rows?: number;
  /** The number of parameters, where it is fixed. */
  readonly dimension?: number;
  /** Say true if the Hessian is positive semi-definite everywhere; default false. */
  readonly convex?: boolean;
  /** Say true if the Hessian is the same everywhere: differences are then exact but for rounding. Default false. */
  readonly quadratic?: boolean;
}

const functions = ["value", "gradient", "valueAndGradient", "hessianVectorProduct"] as const;

/** What other libraries call a problem's functions. */
const neighbours: Readonly<Record<string, string>> = {
  f: "value",
  fn: "value",
  fun: "value",
  func: "value",
  loss: "value",
  cost: "value",
  objective: "value",
  grad: "gradient",
  jac: "gradient",
  df: "gradient",
  dfdx: "gradient",
  fprime: "gradient",
  fdf: "valueAndGradient",
  valueAndGrad: "valueAndGradient",
  hvp: "hessianVectorProduct",
  hessp: "hessianVectorProduct",
};

/** Throws unless `problem` is a user's problem whose functions can be called. */
function checkProblem(problem: unknown): asserts problem is UserProblem {
  if (typeof problem === "function") {
    throw new TypeError("problem must be an object of functions such as { value }, got a function");
  }
  if (typeof problem !== "object" || problem === null) {
    throw new TypeError(`problem must be an objective or an object with value, got ${describe(problem)}`);
  }
  const given = problem as Record<string, unknown>;
  for (const key of Object.keys(given)) {
    if (typeof given[key] !== "function" || (functions as readonly string[]).includes(key)) continue;
    const meant = neighbours[key] ?? nearest(key, functions);
    if (meant) throw new TypeError(`problem: unknown function "${key}"; did you mean ${meant}?`);
  }
  for (const key of functions) {
    if (given[key] !== undefined && typeof given[key] !== "function") {
      throw new TypeError(`problem: ${key} must be a function, got ${describe(given[key])}`);
    }
  }
  for (const key of ["gradient", "valueAndGradient"]) checkTakesTarget(`problem: ${key}`, given[key]);
  if (!given.value && !given.valueAndGradient) {
    throw new TypeError("problem: value or valueAndGradient is needed, got neither");
  }
  for (const key of ["convex", "quadratic"]) checkFlag("problem", key, given[key]);
  checkCount("problem", "rows", given.rows, 1);
}

class BoundUser implements BoundObjective {
  readonly evaluations: Evaluations = { value: 0, gradient: 0, hessianVectorProduct: 0 };
  readonly hessian: "exact" | "differences";
  readonly #problem: UserProblem;
  readonly #workspace: Workspace;
  readonly #dimension: number;
  readonly #views = new Map<Pointer, RealArray>();
  readonly #hasGradient: boolean;
  readonly #gradientStep: number;
  readonly #productStep: number;
  readonly #valueAt = (x: RealArray): number => this.#value(x);

  // Scratch of differences and of the linearized point; everything but `exactPoint` in f64.
  readonly #shifted: Float64Array;
  readonly #steps: Float64Array;
  readonly #spare: Float64Array;
  readonly #point: Float64Array;
  readonly #exactPoint: RealArray;
  readonly #forward: Float64Array;
  readonly #backward: Float64Array;
  readonly #product: Float64Array;

  #batch: Uint32Array | undefined;
  /** ‖x‖ at the linearized point, as a power of two. */
  #scale = 1;
  /** The largest ‖Hv‖/‖v‖ since the point was linearized: how steep the gradient can be. */
  #steepest = 0;
  /** The largest |value| or ‖gradient‖ met in the differences of the last product. */
  #magnitude = 0;

  constructor(problem: UserProblem, dimension: number, workspace: Workspace) {
    this.#problem = problem;
    this.#workspace = workspace;
    this.#dimension = dimension;
    this.hessian = problem.hessianVectorProduct ? "exact" : "differences";
    this.#hasGradient = Boolean(problem.gradient ?? problem.valueAndGradient);
    // A quadratic has no truncation error, so its steps may be as large as x.
    this.#gradientStep = problem.quadratic ? 1 : FIRST_STEP;
    this.#productStep = problem.quadratic ? 1 : this.#hasGradient ? FIRST_STEP : SECOND_STEP;
    this.#shifted = new Float64Array(dimension);
    this.#steps = new Float64Array(dimension);
    this.#spare = new Float64Array(dimension);
    this.#point = new Float64Array(dimension);
    this.#exactPoint = workspace.precision === "f64" ? this.#point : new Float32Array(dimension);
    this.#forward = new Float64Array(dimension);
    this.#backward = new Float64Array(dimension);
    this.#product = new Float64Array(dimension);
  }

  selectRows(indices: Uint32Array | undefined): void {
    this.#batch = indices;
  }

  value(x: Pointer): number {
    return this.#value(this.#view(x));
  }

  gradient(x: Pointer, g: Pointer): void {
    this.#gradient(this.#view(x), this.#view(g));
  }

  valueAndGradient(x: Pointer, g: Pointer): number {
    const point = this.#view(x);
    const gradient = this.#view(g);
    if (this.#problem.valueAndGradient) return this.#valueAndGradient(point, gradient);
    const value = this.#value(point);
    this.#gradient(point, gradient);
    return value;
  }

  linearize(x: Pointer): void {
    const point = this.#view(x);
    this.#point.set(point);
    this.#exactPoint.set(point);
    this.#scale = stepScale(this.#norm(x));
    this.#steepest = 0;
  }

  hessianVectorProduct(v: Pointer, product: Pointer): void {
    this.evaluations.hessianVectorProduct++;
    const direction = this.#view(v);
    const out = this.#view(product);
    if (this.#problem.hessianVectorProduct) {
      out.fill(0);
      const returned: unknown = this.#problem.hessianVectorProduct(
        this.#exactPoint,
        direction,
        out,
        this.#batch,
      );
      checkWritten("problem: hessianVectorProduct", returned, out);
      this.#product.set(out);
    } else {
      this.#difference(v, 1, this.#product);
      out.set(this.#product);
    }
    const length = this.#norm(v);
    if (length > 0) this.#steepest = Math.max(this.#steepest, euclideanNorm(this.#product) / length);
  }

  /**
   * Rounding alone where the product is exact. Else what the product at twice the step differs by
   * (three times the truncation error, and a sample of the rounding), and what one relative rounding
   * of values, gradients and x can cause.
   */
  productError(v: Pointer): number {
    const length = this.#norm(v);
    const size = euclideanNorm(this.#product);
    const stored = machineEpsilon[this.#workspace.precision] * size;
    if (length === 0) return 0;
    if (this.hessian === "exact") {
      const epsilon = machineEpsilon[this.#workspace.precision];
      return 2 * epsilon * Math.sqrt(this.#dimension) * this.#steepest * length + stored;
    }
    const twice = this.#spare;
    const step = this.#difference(v, 2, twice) / 2;
    let squares = 0;
    for (let i = 0; i < twice.length; i++) squares += (twice[i] - this.#product[i]) ** 2;
    const slope = this.#steepest * this.#scale;
    const inner = this.#productStep;
    const noise = this.#hasGradient
      ? (this.#magnitude + slope) / step
      : (Math.sqrt(this.#dimension) * (this.#magnitude / inner + slope)) / step;
    return Math.sqrt(squares) + machineEpsilon.f64 * noise + stored;
  }

  /** Writes (∇f(x + hv) − ∇f(x − hv)) / 2h to `out`, with `multiple` times the usual step h, and returns h. */
  #difference(v: Pointer, multiple: number, out: Float64Array): number {
    const length = this.#norm(v);
    const direction = this.#view(v);
    if (length === 0) {
      out.fill(0);
      return 1;
    }
    const inner = multiple * this.#productStep;
    const step = (inner * this.#scale) / powerOfTwoBelow(length);
    this.#magnitude = 0;
    this.#shiftedGradient(direction, step, inner, this.#forward);
    this.#shiftedGradient(direction, -step, inner, this.#backward);
    for (let i = 0; i < out.length; i++) out[i] = (this.#forward[i] - this.#backward[i]) / (2 * step);
    return step;
  }

  #shiftedGradient(v: RealArray, step: number, inner: number, g: Float64Array): void {
    const x = this.#shifted;
    for (let i = 0; i < x.length; i++) x[i] = this.#point[i] + step * v[i];
    if (this.#hasGradient) {
      this.#gradient(x, g);
      this.#magnitude = Math.max(this.#magnitude, euclideanNorm(g));
    } else {
      this.evaluations.gradient++;
      // The same steps on both sides, or their truncation errors would not cancel.
      this.#setSteps(this.#point, inner);
      centralGradient(this.#watchedValue, x, this.#steps, g);
    }
  }

  readonly #watchedValue = (x: Float64Array): number => {
    const value = this.#value(x);
    this.#magnitude = Math.max(this.#magnitude, Math.abs(value));
    return value;
  };

  #setSteps(x: RealArray, step: number): void {
    for (let i = 0; i < x.length; i++) this.#steps[i] = step * stepScale(Math.abs(x[i]));
  }

  #value(x: RealArray): number {
    const problem = this.#problem;
    if (!problem.value) return this.#valueAndGradient(x, this.#spare);
    this.evaluations.value++;
    const value: unknown = problem.value(x, this.#batch);
    checkNumberReturned("problem: value", value);
    return value;
  }

  #gradient(x: RealArray, g: RealArray): void {
    const problem = this.#problem;
    if (problem.gradient) {
      this.evaluations.gradient++;
      g.fill(0);
      checkWritten("problem: gradient", problem.gradient(x, g, this.#batch) as unknown, g);
    } else if (problem.valueAndGradient) {
      this.#valueAndGradient(x, g);
    } else {
      this.evaluations.gradient++;
      this.#shifted.set(x);
      this.#setSteps(x, this.#gradientStep);
      centralGradient(this.#valueAt, this.#shifted, this.#steps, g);
    }
  }

  #valueAndGradient(x: RealArray, g: RealArray): number {
    this.evaluations.value++;
    this.evaluations.gradient++;
    g.fill(0);
    const value: unknown = this.#problem.valueAndGradient?.(x, g, this.#batch);
    checkNumberReturned("problem: valueAndGradient", value);
    return value;
  }

  #norm(x: Pointer): number {
    return this.#workspace.kernels.norm(paddedLength(this.#dimension, this.#workspace.precision), x);
  }

  #view(pointer: Pointer): RealArray {
    let view = this.#views.get(pointer);
    if (!view) {
      view = this.#workspace.realAt(pointer, this.#dimension);
      this.#views.set(pointer, view);
    }
    return view;
  }
}

/**
 * A problem as the library's own objectives are declared; an objective passes as it is.
 *
 * @param problem - an objective, or a user's functions
 * @param dimension - the number of parameters; may be left out where the problem says it
 * @throws TypeError if the problem has neither value nor valueAndGradient, or its dimension is
 * unknown; RangeError if the dimension differs from the one it says
 */
export function asObjective(problem: Objective | UserProblem, dimension?: number): Objective {
  if (!isObjective(problem)) checkProblem(problem);
  const size = dimension ?? problem.dimension;
  if (size === undefined) throw new TypeError("problem: the number of parameters is needed, got none");
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new RangeError(`problem: dimension must be an integer ≥ 1, got ${describe(size)}`);
  }
  if (problem.dimension !== undefined && problem.dimension !== size) {
    throw new RangeError(`problem: it has ${describe(problem.dimension)} parameters, got a point of ${size}`);
  }
  if (isObjective(problem)) return problem;
  const objective: Objective = {
    name: "problem",
    dimension: size,
    quadratic: problem.quadratic ?? false,
    convex: problem.convex ?? false,
    rows: problem.rows,
    withBatches: () => objective,
    withFisher(kind, penalised) {
      if (kind === "exact") {
        throw new RangeError(
          'fisher: functions do not tell how labels are distributed; of a problem of your own only kind "empirical" is known',
        );
      }
      if (penalised) {
        throw new RangeError(
          "fisher: the penalty of a problem of your own is in its gradients, and not known by itself",
        );
      }
      const { rows } = objective;
      if (rows === undefined) {
        throw new RangeError(
          "fisher: the empirical Fisher information is one over rows of data: give the problem rows, and functions that take a batch",
        );
      }
      return rowFisher({ ...objective, rows, withBatches: () => objective });
    },
    memory: () => [],
    bind: (workspace) => new BoundUser(problem, size, workspace),
  };
  return objective;
}
