// Cycles of a map: found by letting an orbit settle, solved for, and what they do to their neighbourhood.
import { machineEpsilon, type Numbers } from "../../core/precision.ts";
import { characteristicPolynomial, rootsWithin } from "../../stepsize/schur-cohn.ts";
import type { Iteration, LaneParameters } from "./map.ts";
import { determinant, solveShifted } from "./small-matrix.ts";

/** The step whose bias corrections and schedules count: so late that the map no longer changes. */
const LATE = 2 ** 31;

/** A cycle at a rate, and the Jacobian once around it. */
export interface Cycle {
  readonly rate: number;
  readonly period: number;
  /** One of its states. */
  readonly state: Float64Array;
  /** Row by row, of those numbers of the state that may change. */
  readonly around: readonly (readonly number[])[];
}

/** det(J + I) of the Jacobian once around: it reaches 0 where the period doubles. Of one variable, the multiplier + 1. */
export const doublingTest = ({ around }: Cycle): number => determinant(around, 1);

/** Whether the cycle attracts its neighbourhood. */
export const isStable = ({ around }: Cycle): boolean =>
  around.every((row) => row.every(Number.isFinite)) && rootsWithin(characteristicPolynomial(around), 1);

const NEWTON_STEPS = 60;
/** States of a cycle this near to one another, relative to their size, are the same. */
const SAME = 1e-9;
/** Rounds that an orbit is given to settle. */
const ROUNDS = 64;

/** Entries of a Jacobian by differences this near to those of the identity are those of the identity. */
const ROUNDING = 1e-9;

/** The numbers of a state that a map changes at all: the others, such as a start that is remembered, keep their row of the identity. */
function movingOf(around: readonly (readonly number[])[]): number[] {
  const isKept = (i: number) =>
    around[i].every((entry, j) => Math.abs(entry - (i === j ? 1 : 0)) <= ROUNDING) && i > 0;
  return [...around.keys()].filter((i) => !isKept(i));
}

/** The primes that divide a number. */
function primeDivisors(number: number): number[] {
  const primes: number[] = [];
  let rest = number;
  for (let divisor = 2; rest > 1; divisor++) {
    if (rest % divisor === 0) primes.push(divisor);
    while (rest % divisor === 0) rest /= divisor;
  }
  return primes;
}

/** Finds cycles of a map at a momentum. */
export class CycleFinder {
  readonly #iteration: Iteration;
  readonly #parameters: LaneParameters;

  constructor(iteration: Iteration, momentum: number) {
    this.#iteration = iteration;
    this.#parameters = { rate: 0, momentum };
  }

  /** The state in which an orbit from a point begins. */
  begin(x: Numbers): Float64Array {
    const state = new Float64Array(this.#iteration.stateLength);
    this.#iteration.begin(x, state);
    return state;
  }

  /** The state that an orbit from `state` is in after some steps. */
  after(state: Float64Array, rate: number, steps: number): Float64Array {
    const moved = state.slice();
    this.#parameters.rate = rate;
    for (let step = 0; step < steps; step++) this.#iteration.next(moved, this.#parameters, LATE);
    return moved;
  }

  /** The states of a cycle, in order. */
  orbit({ state, rate, period }: Cycle): Float64Array[] {
    const states = [state];
    while (states.length < period) states.push(this.after(states[states.length - 1], rate, 1));
    return states;
  }

  /**
   * The cycle of a period near a state, by Newton's method on the orbit once around with its variational equation; undefined
   * where the method does not converge, or only to a shorter cycle.
   */
  solve(from: Float64Array, rate: number, period: number): Cycle | undefined {
    const state = from.slice();
    let smallest = Infinity;
    for (let step = 0; step < NEWTON_STEPS; step++) {
      const { end, around: whole } = this.#around(state, rate, period);
      const moving = movingOf(whole);
      const around = moving.map((i) => moving.map((j) => whole[i][j]));
      const correction = solveShifted(
        around,
        moving.map((i) => state[i] - end[i]),
      );
      const size = Math.max(0, ...correction.map(Math.abs));
      const scale = Math.max(...state.map(Math.abs), Number.MIN_VALUE);
      if (!Number.isFinite(size)) return undefined;
      // Rounding has the word once corrections no longer shrink.
      if (size <= machineEpsilon.f64 * scale || (size < 1e-8 * scale && size >= smallest)) {
        return this.#isShorter(state, rate, period, scale) ? undefined : { rate, period, state, around };
      }
      smallest = Math.min(smallest, size);
      moving.forEach((i, k) => {
        state[i] += correction[k];
      });
    }
    return undefined;
  }

  /** The stable cycle of a period that an orbit from a state settles on, if it does. */
  settle(from: Float64Array, rate: number, period: number): Cycle | undefined {
    const state = this.after(from, rate, ROUNDS * period);
    if (!state.every(Number.isFinite)) return undefined;
    const cycle = this.solve(state, rate, period);
    return cycle && isStable(cycle) ? cycle : undefined;
  }

  /** Whether the orbit is back before a period is over. */
  #isShorter(state: Float64Array, rate: number, period: number, scale: number): boolean {
    return primeDivisors(period).some((divisor) =>
      this.after(state, rate, period / divisor).every(
        (entry, i) => Math.abs(entry - state[i]) <= SAME * scale,
      ),
    );
  }

  /** The state once around, and the product of the Jacobians on the way. */
  #around(state: Float64Array, rate: number, period: number): { end: Float64Array; around: number[][] } {
    const { length } = state;
    const end = state.slice();
    const columns = Array.from({ length }, (_, j) =>
      Float64Array.from({ length }, (_, i) => (i === j ? 1 : 0)),
    );
    this.#parameters.rate = rate;
    for (let step = 0; step < period; step++) {
      for (const column of columns) this.#iteration.push(end, this.#parameters, LATE, column);
      this.#iteration.next(end, this.#parameters, LATE);
    }
    const around = Array.from({ length }, (_, i) => columns.map((column) => column[i]));
    return { end, around };
  }
}
