import { checkNumber } from "../core/check.ts";
import { checkRule, type Rule } from "../rules/rule.ts";
import {
  checkModeOptions,
  checkModes,
  checkUnwrapped,
  type ModeOptions,
  modeMatrix,
  modeOptionNames,
  modeSystem,
} from "./mode.ts";

type Matrix = readonly (readonly number[])[];

/** Options of {@link plateauCrossing}. */
export interface PlateauCrossingOptions extends ModeOptions {
  /** The gradient's size on the plateau: finite and > 0. */
  readonly slope: number;
  /** The way to its end: finite and > 0. */
  readonly distance: number;
}

/** How a rule crosses a plateau. */
export interface PlateauCrossing {
  /** The first step that ends at or behind the plateau's end; ∞ where it is never reached. */
  readonly steps: number;
  /** The way of a step in the long run. */
  readonly terminalVelocity: number;
}

/** Steps beyond which a plateau counts as one without an end, as a power of two. */
const MOST_DOUBLINGS = 53;
/** A way that is short of another by no more than rounding is as long. */
const ROUNDING = 1e-12;

const product = (a: Matrix, b: Matrix): number[][] =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, each, k) => sum + each * b[k][j], 0)));

/** A rule's step on (x, slots, 1) where the gradient is −slope wherever x is. */
function driven(rule: Rule, slope: number, options: ModeOptions): number[][] {
  const { free, drive } = modeSystem(rule, options);
  const pushed = free.map((row, i) => [...row, -slope * drive[i]]);
  return [...pushed, [...free.map(() => 0), 1]];
}

/**
 * How many steps a rule takes to cross a plateau: a slope that is the same everywhere, from rest at its one end. Gradient
 * descent goes η·slope a step; heavy ball gathers speed up to 1/(1−β) times that, within some 1/(1−β) steps; a moving average of
 * the gradient gains nothing, and comes some β/(1−β) steps later.
 *
 * Derived from the rule's textbook: its steps under a constant gradient are a linear recurrence, whose powers are taken by
 * repeated squaring.
 *
 * @param rule - with its options
 * @param options.slope - finite and > 0
 * @param options.distance - finite and > 0
 * @param options.learningRate - η ≥ 0, in place of the rule's own
 * @param options.preconditioner - what the rule divides by, frozen: > 0, default 1
 * @param options.index - the step whose values schedules take: an integer ≥ 0, default 0
 * @returns the steps, and the velocity that it comes to: see {@link PlateauCrossing}
 * @throws TypeError or RangeError naming the argument that is unknown or outside its domain; RangeError for rules whose steps do
 * not scale with the gradient
 *
 * @example
 * ```ts
 * import { gradientDescent, heavyBall, momentum, plateauCrossing } from "thalweg";
 * const plateau = { slope: 0.01, distance: 1 };
 * plateauCrossing(gradientDescent({ learningRate: 0.1 }), plateau).steps; // 1000
 * plateauCrossing(heavyBall({ learningRate: 0.1, beta: 0.9 }), plateau); // { steps: 109, terminalVelocity: 0.01 }
 * plateauCrossing(momentum({ learningRate: 0.1, beta: 0.9 }), plateau).steps; // 1009
 * ```
 *
 * Source: Polyak, "Introduction to optimization", 1987, §3.2, for heavy ball as a body with friction; Goodfellow, Bengio,
 * Courville, "Deep learning", 2016, §8.3.2, for its terminal velocity.
 */
export function plateauCrossing(rule: Rule, options: PlateauCrossingOptions): PlateauCrossing {
  const owner = "plateauCrossing";
  checkRule(owner, rule);
  checkUnwrapped(owner, rule);
  checkModes(owner, rule);
  checkModeOptions(owner, options, ["slope", "distance"]);
  const { slope, distance } = options;
  const positive = (value: number) => value > 0 && value < Infinity;
  checkNumber(owner, "slope", slope, "(0, ∞)", positive);
  checkNumber(owner, "distance", distance, "(0, ∞)", positive);
  const mode = Object.fromEntries(
    modeOptionNames.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
  const step = driven(rule, slope, mode);
  const last = step.length - 1;
  const wanted = distance * (1 - ROUNDING);
  // powers[k] is the recurrence's 2ᵏ-th power; its last column is where it leads from rest.
  const powers: Matrix[] = [step];
  while (powers[powers.length - 1][0][last] < wanted && powers.length <= MOST_DOUBLINGS) {
    const power = powers[powers.length - 1];
    powers.push(product(power, power));
  }
  return { steps: stepsTo(wanted, powers), terminalVelocity: velocity(step) };
}

/** The first number of steps after which the recurrence has led so far, by powers that double; x never turns back. */
function stepsTo(distance: number, powers: readonly Matrix[]): number {
  const last = powers[0].length - 1;
  if (!(powers[powers.length - 1][0][last] >= distance)) return Infinity;
  let taken = 0;
  let state: Matrix = powers[0].map((_, i) => [i === last ? 1 : 0]);
  for (let k = powers.length - 1; k >= 0; k--) {
    const there = product(powers[k], state);
    if (there[0][0] >= distance) continue;
    state = there;
    taken += 2 ** k;
  }
  return taken + 1;
}

/** The way of a step when the slots have come to rest: by doubling, which they need no more than their memory for. */
function velocity(step: Matrix): number {
  const last = step.length - 1;
  let power = step;
  for (let k = 0; k < MOST_DOUBLINGS; k++) {
    const twice = product(power, power);
    const rest = (matrix: Matrix) => matrix.slice(1).map((row) => row[last]);
    const settled = rest(twice).every((each, i) => each === rest(power)[i]);
    power = twice;
    if (settled) break;
  }
  const slots = power.slice(1).map((row) => row[last]);
  return step[0].slice(1).reduce((sum, each, i) => sum + each * slots[i], 0);
}

/** How far a run from rest goes beyond the minimum. */
export interface Overshoot {
  /** The way beyond the minimum, over the way to it: 0 where the run never crosses it. */
  readonly ratio: number;
  /** The step at which it turns; ∞ where it never crosses the minimum. */
  readonly step: number;
}

/** A run that has not crossed the minimum, or turned, by then counts as one that never does. */
const MOST_STEPS = 1_000_000;
/** Nearer than this part of the way, step after step, it has come to rest. */
const AT_REST = 1e-12;

/**
 * How far a rule overshoots the minimum of λx²/2 in its first swing, from rest: predicted from its textbook. A heavy ball is a
 * damped oscillator of frequency √(ηλ) and damping ratio ζ = (1−β)/(2√(ηλ)), which overshoots by exp(−πζ/√(1−ζ²)) where ζ < 1 and not
 * at all from there on; Nesterov's form has ζ = (1 − μ + μηλ)/(2√(ηλ)).
 *
 * @param rule - with its options
 * @param lambda - the curvature (of the preconditioned Hessian): finite and > 0
 * @param options - another learning rate, the preconditioner, the step of schedules: see {@link ModeOptions}
 * @returns how far, as a part of the way (less than 10⁻¹² of it counts as none, and so does a swing that takes more than a million
 * steps), and at which step it turns: see {@link Overshoot}
 * @throws TypeError or RangeError naming the argument that is unknown or outside its domain; RangeError for rules whose steps do
 * not scale with the gradient
 *
 * @example
 * ```ts
 * import { gradientDescent, heavyBall, overshoot } from "thalweg";
 * overshoot(heavyBall({ learningRate: 0.01, beta: 0.9 }), 1).ratio; // ≈ 0.153
 * overshoot(gradientDescent({ learningRate: 0.5 }), 1).ratio; // 0
 * ```
 *
 * Source: Qian, "On the momentum term in gradient descent learning algorithms", Neural Networks 12 (1999), for the damped
 * oscillator; its overshoot is that of any second-order system (Åström and Murray, "Feedback systems", 2008, §6.3).
 */
export function overshoot(rule: Rule, lambda: number, options: ModeOptions = {}): Overshoot {
  const owner = "overshoot";
  checkRule(owner, rule);
  checkUnwrapped(owner, rule);
  checkModes(owner, rule);
  checkModeOptions(owner, options);
  checkNumber(owner, "lambda", lambda, "(0, ∞)", (value) => value > 0 && value < Infinity);
  const matrix = modeMatrix(rule, lambda, options);
  let state = matrix.map((_, i) => Number(i === 0));
  for (let step = 1; step <= MOST_STEPS; step++) {
    const next = matrix.map((row) => row.reduce((sum, each, i) => sum + each * state[i], 0));
    const [x] = state;
    if (Math.abs(x) < AT_REST && Math.abs(next[0]) < AT_REST) break;
    if (x < 0 && next[0] >= x) return { ratio: -x, step: step - 1 };
    state = next;
  }
  return { ratio: 0, step: Infinity };
}
