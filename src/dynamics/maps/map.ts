import { describe } from "../../core/describe.ts";
import type { Numbers } from "../../core/precision.ts";
import { FIRST_STEP, stepScale } from "../../objectives/differences.ts";
import type { Slope } from "../../objectives/slope.ts";

/** What may differ between the lanes of a sweep, besides the start. */
export interface LaneParameters {
  /** η of an optimiser, or the parameter of another map. */
  rate: number;
  /** β of a rule with momentum; NaN where there is none. */
  momentum: number;
}

/** A map at work in f64, with memory of its own: for one orbit at a time. */
export interface Iteration {
  /** Numbers of a state: the coordinates first, then what is carried from step to step. */
  readonly stateLength: number;
  /** Writes the state in which an orbit from x begins. */
  begin(x: Numbers, state: Float64Array): void;
  /** state ← the next one. `index` counts the steps from 0. */
  next(state: Float64Array, parameters: LaneParameters, index: number): void;
  /** vector ← J·vector, with the Jacobian J of the step that is next. */
  push(state: Float64Array, parameters: LaneParameters, index: number, vector: Float64Array): void;
  /** Gives back what it holds. */
  dispose(): void;
}

/** A parameter of a map: its value where a call gives none, and its domain. */
export interface MapParameter {
  /** What a call that says nothing gets; without one it has to say something. */
  readonly default?: number;
  /** The domain in words. */
  readonly domain: string;
  /** Whether a number lies in it. */
  contains(value: number): boolean;
}

/** v ← keep·v + take·g, x ← x − η(along·v + direct·g). */
export interface MomentumForm {
  /** What v keeps of itself in a step. */
  readonly keep: number;
  /** What v takes in of the gradient. */
  readonly take: number;
  /** The part of v in the step. */
  readonly along: number;
  /** The part of the gradient in the step. */
  readonly direct: number;
}

/** x ← x − rate·slope. */
export interface CompiledDescent {
  /** The gradient. */
  readonly slope: Slope;
  /** Which of the forms it is. */
  readonly method: "descent";
}

/** x ← keep·x + offset + rate·slope. */
export interface CompiledAffine {
  /** What is multiplied by the rate. */
  readonly slope: Slope;
  /** Which of the forms it is. */
  readonly method: "affine";
  /** The factor of x. */
  readonly keep: number;
  /** Added in each step. */
  readonly offset: number;
}

/** A {@link MomentumForm} for each momentum. */
export interface CompiledMomentum {
  /** The gradient. */
  readonly slope: Slope;
  /** Which of the forms it is. */
  readonly method: "momentum";
  /** The coefficients at a momentum. */
  form(momentum: number): MomentumForm;
}

/** What the core has to know of a map to sweep over it. */
export type CompiledMap = CompiledDescent | CompiledAffine | CompiledMomentum;

/**
 * A map that is iterated: an optimiser on a problem ({@link optimizerMap}), or any other ({@link iteratedMap}). It is
 * what {@link bifurcation}, {@link lyapunov}, {@link periods}, {@link basins}, {@link periodDoublings} and
 * {@link feigenbaum} take.
 */
export interface DynamicalMap {
  /** What messages and charts call it. */
  readonly name: string;
  /** Coordinates of a point. */
  readonly dimension: number;
  /** Where orbits begin unless told. */
  readonly start: readonly number[];
  /** The parameter that `rates` are of. */
  readonly rate: MapParameter;
  /** The parameter that `momenta` are of, where the map has one. */
  readonly momentum?: MapParameter;
  /** What the core's kernels iterate, thousands of lanes at a time; without it JavaScript does, lane by lane. */
  readonly compiled?: CompiledMap;
  /** Puts the map to work in JavaScript. */
  iteration(): Iteration;
}

/** Throws unless `map` was made by one of the functions that make maps. */
export function checkMap(owner: string, map: unknown): asserts map is DynamicalMap {
  if (typeof map === "object" && map !== null && typeof (map as DynamicalMap).iteration === "function")
    return;
  throw new TypeError(
    `${owner}: map must be made by optimizerMap, iteratedMap and the like, got ${describe(map)}`,
  );
}

/**
 * `push` by central differences of `next`, for maps that do not know their derivatives: truncation and rounding leave
 * about eleven digits.
 */
export function pushByDifferences(iteration: Pick<Iteration, "stateLength" | "next">): Iteration["push"] {
  const above = new Float64Array(iteration.stateLength);
  const below = new Float64Array(iteration.stateLength);
  return (state, parameters, index, vector) => {
    let size = 0;
    let scale = 0;
    for (let i = 0; i < vector.length; i++) {
      size = Math.max(size, Math.abs(vector[i]));
      scale = Math.max(scale, Math.abs(state[i]));
    }
    if (size === 0) return;
    const step = (FIRST_STEP * stepScale(scale)) / size;
    for (let i = 0; i < vector.length; i++) {
      above[i] = state[i] + step * vector[i];
      below[i] = state[i] - step * vector[i];
    }
    iteration.next(above, parameters, index);
    iteration.next(below, parameters, index);
    for (let i = 0; i < vector.length; i++) vector[i] = (above[i] - below[i]) / (2 * step);
  };
}
