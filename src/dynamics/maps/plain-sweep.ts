import { log } from "../../core/scalar.ts";
import type { Lanes, SweepOutcome, SweepRequest } from "./lanes.ts";
import type { DynamicalMap, Iteration, LaneParameters } from "./map.ts";

const GOLDEN = 0.6180339887498949;

/** The logarithm of a product of positive factors of any number and size: a logarithm is taken seldom. */
class LogProduct {
  #product = 1;
  #logs = 0;

  multiply(factor: number): void {
    const product = this.#product * factor;
    if (product > 1e-200 && product < 1e200) this.#product = product;
    else {
      this.#logs += log(this.#product) + log(factor);
      this.#product = 1;
    }
  }

  get log(): number {
    return this.#logs + log(this.#product);
  }
}

/**
 * A direction of x that lies in no subspace that a map would single out. What else is in the state follows: numbers that
 * never change are not moved, and do not count as a direction in which orbits neither part nor meet.
 */
function anyDirection(dimension: number, length: number): Float64Array {
  const direction = new Float64Array(length);
  let squares = 0;
  for (let i = 0; i < dimension; i++) {
    direction[i] = 1 - (((i + 1) * GOLDEN) % 1) / 2;
    squares += direction[i] ** 2;
  }
  return direction.map((entry) => entry / Math.sqrt(squares));
}

/** Scales a vector to length 1 and returns what its length was. */
function normalize(vector: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < vector.length; i++) largest = Math.max(largest, Math.abs(vector[i]));
  if (!(largest > 0 && largest < Infinity)) return largest;
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += (vector[i] / largest) ** 2;
  const length = largest * Math.sqrt(squares);
  for (let i = 0; i < vector.length; i++) vector[i] /= length;
  return length;
}

/** One lane: its state, and how many steps it has taken. */
class Lane {
  readonly state: Float64Array;
  readonly #iteration: Iteration;
  readonly #single: boolean;
  readonly dimension: number;
  readonly #bound: number;
  readonly #parameters: LaneParameters;
  #taken = 0;
  /** The step at which it escaped, or −1. */
  escape = -1;

  constructor(iteration: Iteration, dimension: number, { bound, precision }: Lanes) {
    this.state = new Float64Array(iteration.stateLength);
    this.#iteration = iteration;
    this.#single = precision === "f32";
    this.dimension = dimension;
    this.#bound = bound;
    this.#parameters = { rate: 0, momentum: 0 };
  }

  begin(x: Float64Array, rate: number, momentum: number): void {
    this.#parameters.rate = this.#stored(rate);
    this.#parameters.momentum = this.#stored(momentum);
    this.#taken = 0;
    this.escape = -1;
    this.#iteration.begin(x, this.state);
    this.#round();
  }

  /** Takes a step, unless it has escaped. */
  step(): void {
    if (this.escape >= 0) return;
    this.#iteration.next(this.state, this.#parameters, this.#taken++);
    this.#round();
  }

  push(vector: Float64Array): void {
    this.#iteration.push(this.state, this.#parameters, this.#taken, vector);
  }

  #stored(value: number): number {
    return this.#single ? Math.fround(value) : value;
  }

  #round(): void {
    const { state } = this;
    if (this.#single) for (let i = 0; i < state.length; i++) state[i] = Math.fround(state[i]);
    for (let i = 0; i < this.dimension; i++) {
      if (!(Math.abs(state[i]) <= this.#bound)) this.escape = this.#taken;
    }
  }
}

/** The largest exponent over the steps to come: how fast a direction grows that is carried along. */
function exponentOf(lane: Lane, steps: number): number {
  const direction = anyDirection(lane.dimension, lane.state.length);
  const growth = new LogProduct();
  for (let step = 0; step < steps && lane.escape < 0; step++) {
    lane.push(direction);
    const length = normalize(direction);
    growth.multiply(length);
    if (length === 0) return -Infinity;
    lane.step();
  }
  return lane.escape < 0 ? growth.log / steps : Number.NaN;
}

/** Runs the lanes of a sweep in JavaScript, one by one. In f32 a step is worked out in f64 and rounded once. */
export function sweepPlainly(
  map: DynamicalMap,
  lanes: Lanes,
  { keep = 0, multiply = 0 }: SweepRequest,
): SweepOutcome {
  const { dimension } = map;
  const { count, rates, momenta, starts, burnIn, precision } = lanes;
  const length = count * keep * dimension;
  const values = precision === "f64" ? new Float64Array(length) : new Float32Array(length);
  const escapes = new Int32Array(count);
  const exponents = new Float64Array(multiply > 0 ? count : 0);
  const iteration = map.iteration();
  try {
    const lane = new Lane(iteration, dimension, lanes);
    for (let i = 0; i < count; i++) {
      lane.begin(starts.subarray(i * dimension, (i + 1) * dimension), rates[i], momenta[i]);
      for (let step = 0; step < burnIn && lane.escape < 0; step++) lane.step();
      if (multiply > 0) exponents[i] = exponentOf(lane, multiply);
      for (let k = 0; k < keep; k++) {
        lane.step();
        const at = (i * keep + k) * dimension;
        for (let j = 0; j < dimension; j++) values[at + j] = lane.escape < 0 ? lane.state[j] : Number.NaN;
      }
      escapes[i] = lane.escape;
    }
  } finally {
    iteration.dispose();
  }
  return { values, escapes, exponents };
}
