import { checkKeys, checkNumberReturned, checkVector, refusePromise } from "../../core/check.ts";
import { describe } from "../../core/describe.ts";
import type { Numbers } from "../../core/precision.ts";
import { type DynamicalMap, type Iteration, type MapParameter, pushByDifferences } from "./map.ts";

/** A map of one variable, written down: the next x, from x and the parameter. */
export type ScalarMap = (x: number, rate: number) => number;

/** A map of several variables, written down. Arrays are valid during the call. */
export interface VectorMap {
  /** The number of variables: an integer ≥ 1. */
  readonly dimension: number;
  /** Writes the next point into `next`. */
  step(x: Float64Array, rate: number, next: Float64Array): void;
  /** Writes the Jacobian of the step at x into `matrix`, row by row; left out: central differences. */
  jacobian?(x: Float64Array, rate: number, matrix: Float64Array): void;
}

/** Options of {@link iteratedMap}. */
export interface IteratedMapOptions {
  /** ∂(next x)/∂x of a map of one variable; left out: central differences. */
  readonly derivative?: ScalarMap;
  /** Where orbits begin unless told: one finite number a variable, default 0.5 each. */
  readonly start?: number | Numbers;
  /** What messages call it, default "iteratedMap". */
  readonly name?: string;
}

const anyRate: MapParameter = { domain: "(−∞, ∞)", contains: Number.isFinite };

/** Throws where a user's function returned an array instead of writing into the one it was given. */
function checkWritten(name: string, returned: unknown, target: Float64Array): void {
  if (returned === undefined || returned === target || typeof returned !== "object" || returned === null)
    return;
  refusePromise(`iteratedMap: ${name}`, returned);
  throw new TypeError(
    `iteratedMap: ${name} must write into its last argument, but it returned ${describe(returned)}`,
  );
}

class ScalarIteration implements Iteration {
  readonly stateLength = 1;
  readonly push: Iteration["push"];
  readonly #map: ScalarMap;

  constructor(map: ScalarMap, derivative: ScalarMap | undefined) {
    this.#map = map;
    this.push = derivative
      ? (state, { rate }, _, vector) => {
          const slope: unknown = derivative(state[0], rate);
          checkNumberReturned("iteratedMap: derivative", slope);
          vector[0] *= slope;
        }
      : pushByDifferences(this);
  }

  begin(x: Numbers, state: Float64Array): void {
    state[0] = x[0];
  }

  next(state: Float64Array, { rate }: { readonly rate: number }): void {
    const next: unknown = this.#map(state[0], rate);
    checkNumberReturned("iteratedMap: map", next);
    state[0] = next;
  }

  dispose(): void {}
}

class VectorIteration implements Iteration {
  readonly stateLength: number;
  readonly push: Iteration["push"];
  readonly #map: VectorMap;
  readonly #next: Float64Array;

  constructor(map: VectorMap) {
    this.#map = map;
    this.stateLength = map.dimension;
    this.#next = new Float64Array(map.dimension);
    this.push = map.jacobian
      ? this.#multiplyBy(new Float64Array(map.dimension ** 2))
      : pushByDifferences(this);
  }

  begin(x: Numbers, state: Float64Array): void {
    state.set(x);
  }

  next(state: Float64Array, { rate }: { readonly rate: number }): void {
    this.#next.fill(Number.NaN);
    checkWritten("step", this.#map.step(state, rate, this.#next) as unknown, this.#next);
    state.set(this.#next);
  }

  #multiplyBy(matrix: Float64Array): Iteration["push"] {
    const { dimension } = this.#map;
    return (state, { rate }, _, vector) => {
      matrix.fill(0);
      checkWritten("jacobian", this.#map.jacobian?.(state, rate, matrix) as unknown, matrix);
      for (let i = 0; i < dimension; i++) {
        this.#next[i] = 0;
        for (let j = 0; j < dimension; j++) this.#next[i] += matrix[i * dimension + j] * vector[j];
      }
      vector.set(this.#next);
    };
  }

  dispose(): void {}
}

function checkVectorMap(map: unknown): asserts map is VectorMap {
  checkKeys("iteratedMap", map, ["dimension", "step", "jacobian"]);
  const { dimension, step, jacobian } = map as Record<string, unknown>;
  if (!Number.isSafeInteger(dimension) || (dimension as number) < 1) {
    throw new RangeError(`iteratedMap: dimension must be an integer ≥ 1, got ${describe(dimension)}`);
  }
  if (typeof step !== "function")
    throw new TypeError(`iteratedMap: step must be a function, got ${describe(step)}`);
  if (jacobian !== undefined && typeof jacobian !== "function") {
    throw new TypeError(`iteratedMap: jacobian must be a function, got ${describe(jacobian)}`);
  }
}

/**
 * A map of your own, x ← F(x, rate), for {@link bifurcation}, {@link lyapunov}, {@link periods}, {@link basins},
 * {@link periodDoublings} and {@link feigenbaum}. It is iterated in JavaScript, in f64.
 *
 * @param map - of one variable, a function of x and the parameter that returns the next x; of several, an object with
 * `dimension`, `step(x, rate, next)` and, if known, `jacobian(x, rate, matrix)`. What they throw passes through
 * @param options.derivative - ∂F/∂x of a map of one variable; left out: central differences, good to about eleven digits
 * @param options.start - where orbits begin unless told: one finite number a variable, default 0.5 each
 * @param options.name - what messages call it, default "iteratedMap"
 * @throws TypeError or RangeError naming what is no function, unknown, or outside its domain
 *
 * @example
 * ```ts
 * import { iteratedMap, lyapunov, periods } from "thalweg";
 * const tent = iteratedMap((x, r) => r * Math.min(x, 1 - x), { derivative: (x, r) => (x < 0.5 ? r : -r) });
 * lyapunov(tent, { rates: 1.5 }).exponents; // ≈ [0.4055]: ln 1.5
 * const henon = iteratedMap({
 *   dimension: 2,
 *   step([x, y], a, next) {
 *     next[0] = 1 - a * x * x + y;
 *     next[1] = 0.3 * x;
 *   },
 * });
 * periods(henon, { rates: [0.2, 0.5, 1], starts: [0, 0] }).periods; // [1, 2, 4]
 * ```
 *
 * Source: Strogatz, "Nonlinear dynamics and chaos", 1994, chapter 10.
 */
export function iteratedMap(map: ScalarMap | VectorMap, options: IteratedMapOptions = {}): DynamicalMap {
  checkKeys("iteratedMap", options, ["derivative", "start", "name"]);
  const { derivative, start, name = "iteratedMap" } = options;
  if (typeof name !== "string")
    throw new TypeError(`iteratedMap: name must be a text, got ${describe(name)}`);
  const isScalar = typeof map === "function";
  if (!isScalar) checkVectorMap(map);
  if (derivative !== undefined && (typeof derivative !== "function" || !isScalar)) {
    throw new TypeError(
      isScalar
        ? `iteratedMap: derivative must be a function, got ${describe(derivative)}`
        : "iteratedMap: derivative is of maps of one variable; of several give jacobian",
    );
  }
  const dimension = isScalar ? 1 : map.dimension;
  const first =
    start === undefined
      ? new Array<number>(dimension).fill(0.5)
      : typeof start === "number"
        ? [start]
        : start;
  checkVector("iteratedMap", "start", first, dimension);
  return Object.freeze({
    name,
    dimension,
    start: Object.freeze(Array.from(first)),
    rate: anyRate,
    iteration: () => (isScalar ? new ScalarIteration(map, derivative) : new VectorIteration(map)),
  });
}
