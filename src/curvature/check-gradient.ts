import type { ArrayInput } from "../core/array-input.ts";
import { checkKeys, checkNumber } from "../core/check.ts";
import type { Pointer } from "../core/kernels.ts";
import type { Numbers } from "../core/precision.ts";
import { Random } from "../core/random.ts";
import { Workspace } from "../core/workspace.ts";
import { euclideanNorm, extrapolate, stepScale } from "../objectives/differences.ts";
import { isObjective, type Objective, refuseField } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { atPoint, type Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";

/** Options of {@link checkGradient}. */
export interface CheckGradientOptions<P = ArrayInput> {
  /** The point to check at, one array or named blocks: not a minimum, where every derivative is near 0. */
  readonly at: P;
  /** The relative error that is let pass, > 0, default 1e-6. */
  readonly tolerance?: number;
}

/** The component that differs most from its reference. */
export interface WorstComponent {
  /** Its place in the gradient or product, from 0; named blocks count one behind the other. */
  readonly index: number;
  /** What the function under test gave. */
  readonly given: number;
  /** What differences give. */
  readonly expected: number;
  /** Their relative distance, less what the differences themselves may be off. */
  readonly error: number;
}

/** Whether a derivative stands the comparison with differences. */
export interface DerivativeCheck {
  /** Whether every component is within the tolerance. */
  readonly ok: boolean;
  /** The component that is furthest off. */
  readonly worst: WorstComponent;
  /** One sentence that says what is wrong, or that nothing is. */
  readonly message: string;
}

/** What {@link checkGradient} found. */
export interface GradientCheck extends DerivativeCheck {
  /** The same for hessianVectorProduct against differences of the gradient, where it is given. */
  readonly hessianVectorProduct?: DerivativeCheck;
}

// Components below this fraction of the largest are judged on its scale.
const NEGLIGIBLE = 1e-3;

function compare(
  name: string,
  given: ArrayLike<number>,
  expected: ArrayLike<number>,
  uncertainty: ArrayLike<number>,
  tolerance: number,
): DerivativeCheck {
  let largest = 0;
  for (let i = 0; i < given.length; i++) {
    if (Number.isFinite(expected[i])) largest = Math.max(largest, Math.abs(expected[i]));
  }
  let worst: WorstComponent = { index: 0, given: given[0], expected: expected[0], error: 0 };
  for (let i = 0; i < given.length; i++) {
    const distance = Math.max(0, Math.abs(given[i] - expected[i]) - uncertainty[i]);
    const scale = Math.max(Math.abs(given[i]), Math.abs(expected[i]), NEGLIGIBLE * largest);
    // NaN and ∞ on either side are the worst there is.
    const error = distance === 0 ? 0 : Number.isFinite(distance / scale) ? distance / scale : Infinity;
    if (error > worst.error) worst = { index: i, given: given[i], expected: expected[i], error };
  }
  const ok = worst.error <= tolerance;
  const message = ok
    ? `${name} agrees with differences to ${tolerance}`
    : `${name}[${worst.index}] is ${worst.given}, but differences give ${worst.expected} (relative error ${worst.error.toPrecision(2)})`;
  return { ok, worst, message };
}

/**
 * Compares a problem's gradient with extrapolated central differences of its value, and its
 * hessianVectorProduct, where it has one, with differences of its gradient in a random direction.
 *
 * @param problem - `{ value, gradient }` of your own, or an objective
 * @param options.at - the point, not a minimum, where every derivative is near 0
 * @param options.tolerance - relative error that is let pass, > 0, default 1e-6
 * @returns `ok`, the `worst` component, and a `message` that names it; a NaN in a gradient is a
 * result, not an exception
 * @throws TypeError if the problem has no gradient to check, or for a bad option
 *
 * @example
 * ```ts
 * import { checkGradient, type UserProblem } from "thalweg";
 * const wrong: UserProblem = {
 *   value: ([x, y]) => x * x + y * y,
 *   gradient([x, y], g) {
 *     g[0] = 2 * x;
 *     g[1] = y; // the factor 2 is missing
 *   },
 * };
 * const { ok, message } = checkGradient(wrong, { at: [1, 2] });
 * ok; // false
 * message; // "gradient[1] is 2, but differences give 4 …"
 * ```
 *
 * Source: Ridders, "Accurate computation of F′(x) and F′(x)F″(x)", Advances in Engineering Software
 * 4, 1982.
 */
export function checkGradient(problem: Objective | UserProblem, options: CheckGradientOptions): GradientCheck;
export function checkGradient<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: CheckGradientOptions<P>,
): GradientCheck;
export function checkGradient(
  problem: Problem,
  options: CheckGradientOptions<ParametersInput>,
): GradientCheck {
  checkKeys("checkGradient", options, ["at", "tolerance"]);
  const { tolerance = 1e-6 } = options;
  if (options.at === undefined) throw new TypeError("checkGradient: at is needed, got undefined");
  checkNumber("checkGradient", "tolerance", tolerance, "(0, ∞)", (t) => t > 0 && t < Infinity);
  const { objective, point: at } = atPoint("checkGradient", problem, "at", options.at);
  refuseField("checkGradient", objective, "there is nothing to compare it with");
  if (!isObjective(problem) && !problem.gradient && !problem.valueAndGradient) {
    throw new TypeError("checkGradient: problem must have gradient or valueAndGradient, got neither");
  }
  const names = ["x", "g", "v", "product"];
  const blocks = names.map((name) => ({ name: `check.${name}`, length: at.length }));
  const workspace = new Workspace([...blocks, ...objective.memory("f64")], "f64");
  try {
    return checkIn(workspace, objective, at, tolerance);
  } finally {
    workspace.dispose();
  }
}

function checkIn(workspace: Workspace, objective: Objective, at: Numbers, tolerance: number): GradientCheck {
  const bound = objective.bind(workspace);
  const view = (name: string) => workspace.real(`check.${name}`) as Float64Array;
  const pointer = (name: string): Pointer => workspace.pointer(`check.${name}`);
  const x = view("x");
  const g = view("g");
  const count = at.length;
  const middle = Float64Array.from(at);
  x.set(middle);
  bound.gradient(pointer("x"), pointer("g"));
  const given = Float64Array.from(g);

  const expected = new Float64Array(count);
  const uncertainty = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const valueAt = (shift: number): number => {
      x[i] = middle[i] + shift;
      return bound.value(pointer("x"));
    };
    const estimate = extrapolate(1, stepScale(Math.abs(middle[i])), (h, out) => {
      const above = valueAt(h);
      const below = valueAt(-h);
      out[0] = (above - below) / (2 * h);
      return Math.max(Math.abs(above), Math.abs(below));
    });
    x[i] = middle[i];
    expected[i] = estimate.value[0];
    uncertainty[i] = estimate.uncertainty[0];
  }
  const gradient = compare("gradient", given, expected, uncertainty, tolerance);
  if (bound.hessian !== "exact" || objective.fisher) return gradient;

  const v = view("v");
  const random = new Random(0);
  for (let i = 0; i < count; i++) v[i] = random.normal();
  const direction = Float64Array.from(v);
  bound.linearize(pointer("x"));
  bound.hessianVectorProduct(pointer("v"), pointer("product"));
  const product = Float64Array.from(view("product"));
  const scale = stepScale(euclideanNorm(middle));
  const below = new Float64Array(count);
  const estimate = extrapolate(count, scale / stepScale(Math.sqrt(count)), (h, out) => {
    for (let i = 0; i < count; i++) x[i] = middle[i] - h * direction[i];
    bound.gradient(pointer("x"), pointer("g"));
    below.set(g);
    for (let i = 0; i < count; i++) x[i] = middle[i] + h * direction[i];
    bound.gradient(pointer("x"), pointer("g"));
    let largest = 0;
    for (let i = 0; i < count; i++) {
      out[i] = (g[i] - below[i]) / (2 * h);
      largest = Math.max(largest, Math.abs(g[i]), Math.abs(below[i]));
    }
    return largest;
  });
  const { value, uncertainty: doubt } = estimate;
  return {
    ...gradient,
    hessianVectorProduct: compare("hessianVectorProduct", product, value, doubt, tolerance),
  };
}
