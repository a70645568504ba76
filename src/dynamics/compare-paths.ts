import { type ArrayInput, readArray } from "../core/array-input.ts";
import { checkCount, checkKeys, checkNumber, checkNumberOption } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { minimize } from "../descent/minimize.ts";
import type { Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { checkRule, type Rule } from "../rules/rule.ts";

/** Options of {@link comparePaths}. */
export interface ComparePathsOptions<Name extends string = string> {
  /** The rules to compare, by the names that the result has them under. */
  readonly rules: Readonly<Record<Name, Rule>>;
  /** Where all of them start: one array. */
  readonly start: ArrayInput;
  /** Steps of each at most: an integer ≥ 1, default 1000. */
  readonly steps?: number;
  /** The part of the first value's height above the least that counts as arrived: in (0, 1), default 1e-6. */
  readonly tolerance?: number;
  /** The least value, where it is known; else the lowest that any of the rules came to. */
  readonly minimumValue?: number;
}

/** The way that a rule took. */
export interface DescentPath {
  /** Every point from the start on, one behind the other. */
  readonly points: Float64Array;
  /** The value at each. */
  readonly values: Float64Array;
  /** Steps taken: fewer than allowed where it diverged, or the gradient became 0. */
  readonly steps: number;
  /** The first step from which on the value stays within the tolerance; ∞ where it never does. */
  readonly stepsToTolerance: number;
  /** The part of steps that turn back: by more than a right angle from the step before. A zigzag has 1. */
  readonly reversals: number;
  /** How long the way is. */
  readonly length: number;
  /** Whether value or gradient left the finite numbers, or rose without bound. */
  readonly diverged: boolean;
  /** How it ended, in a sentence. */
  readonly message: string;
}

/** What a run of a rule leaves. */
interface Run {
  readonly points: Float64Array;
  readonly values: Float64Array;
  readonly diverged: boolean;
  readonly message: string;
}

function run(problem: Objective | UserProblem, rule: Rule, start: ArrayInput, steps: number): Run {
  const points: number[] = [];
  const values: number[] = [];
  const { reason, message } = minimize(problem, {
    rule,
    start,
    steps,
    gradientTolerance: 0,
    callback({ x, value, gradientNorm }) {
      if (!Number.isFinite(value) || !Number.isFinite(gradientNorm)) return;
      for (let i = 0; i < x.length; i++) points.push(x[i]);
      values.push(value);
    },
  });
  return {
    points: Float64Array.from(points),
    values: Float64Array.from(values),
    diverged: reason === "diverged",
    message,
  };
}

/** How long a way is, and the part of its steps that turn back. */
function shapeOf({ points, values }: Run): { readonly length: number; readonly reversals: number } {
  const dimension = points.length / values.length;
  const difference = (step: number, i: number) =>
    points[(step + 1) * dimension + i] - points[step * dimension + i];
  let length = 0;
  let turned = 0;
  for (let step = 0; step + 1 < values.length; step++) {
    let square = 0;
    let product = 0;
    for (let i = 0; i < dimension; i++) {
      square += difference(step, i) ** 2;
      if (step > 0) product += difference(step, i) * difference(step - 1, i);
    }
    length += Math.sqrt(square);
    if (product < 0) turned++;
  }
  return { length, reversals: values.length > 2 ? turned / (values.length - 2) : 0 };
}

function arrival(values: Float64Array, least: number, tolerance: number): number {
  const bound = least + tolerance * (values[0] - least);
  let first = values.length;
  while (first > 0 && values[first - 1] <= bound) first--;
  return first < values.length ? first : Infinity;
}

/**
 * The ways that rules take over one landscape from one start, side by side: as data to draw, with the steps each needs, how
 * much of its way goes back and forth, and how it ended.
 *
 * @param problem - an objective such as `leastSquares(…)`, or `{ value, gradient }` of your own, on one array
 * @param options - the rules, the start, how many steps, what counts as arrived: see {@link ComparePathsOptions}
 * @returns by the rules' names, their paths
 * @throws TypeError or RangeError naming the argument that is wrong
 *
 * @example
 * ```ts
 * import { comparePaths, gradientDescent, quadratic, sgd } from "thalweg";
 * const valley = quadratic({ diagonal: [100, 1] });
 * const { plain, heavy } = comparePaths(valley, {
 *   rules: {
 *     plain: gradientDescent({ learningRate: 2 / 101 }),
 *     heavy: sgd({ learningRate: 4 / 121, momentum: (9 / 11) ** 2 }), // Polyak's best for κ = 100
 *   },
 *   start: [1, 100],
 *   minimumValue: 0,
 * });
 * plain.stepsToTolerance; // 346
 * heavy.stepsToTolerance; // < 60
 * ```
 *
 * Source: Goh, "Why momentum really works", Distill, 2017, whose pictures these are the data of.
 */
export function comparePaths<Name extends string>(
  problem: Objective | UserProblem,
  options: ComparePathsOptions<Name>,
): Record<Name, DescentPath> {
  const owner = "comparePaths";
  checkKeys(owner, options, ["rules", "start", "steps", "tolerance", "minimumValue"]);
  const { rules, start, steps = 1000, tolerance = 1e-6, minimumValue } = options;
  if (typeof rules !== "object" || rules === null || Object.keys(rules).length === 0) {
    throw new TypeError(`${owner}: rules must be a record such as { adam: adam() }, got ${describe(rules)}`);
  }
  for (const [name, rule] of Object.entries(rules)) checkRule(`${owner}: rules.${name}`, rule);
  readArray(owner, "start", start);
  checkCount(owner, "steps", steps, 1);
  checkNumberOption(owner, "tolerance", tolerance, "(0, 1)", (v) => v > 0 && v < 1);
  if (minimumValue !== undefined) {
    checkNumber(owner, "minimumValue", minimumValue, "the finite numbers", Number.isFinite);
  }
  const runs = Object.entries(rules).map(
    ([name, rule]) => [name, run(problem, rule as Rule, start, steps)] as const,
  );
  const lowest = runs.reduce(
    (least, [, { values }]) => values.reduce((low, value) => Math.min(low, value), least),
    Infinity,
  );
  const least = minimumValue ?? lowest;
  return Object.fromEntries(
    runs.map(([name, one]) => [
      name,
      {
        ...one,
        ...shapeOf(one),
        steps: one.values.length - 1,
        stepsToTolerance: one.diverged ? Infinity : arrival(one.values, least, tolerance),
      },
    ]),
  ) as Record<Name, DescentPath>;
}
