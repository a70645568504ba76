import type { ArrayInput } from "../core/array-input.ts";
import { checkCount, checkKeys, checkTolerance } from "../core/check.ts";
import { formatNumber } from "../core/format.ts";
import type { Precision, RealArray } from "../core/precision.ts";
import { atan2 } from "../core/scalar.ts";
import { startDescent } from "../descent/automatic-rate.ts";
import { Descent } from "../descent/descent.ts";
import { Run } from "../descent/run.ts";
import { euclideanNorm } from "../objectives/differences.ts";
import type { Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { type Problem, readPoint } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import type { Rule } from "../rules/rule.ts";

/** Options of {@link pathAngles}. */
export interface PathAnglesOptions<P = ArrayInput> {
  /** The update rule that makes the path. */
  readonly rule: Rule;
  /** Where to start: one array, or named blocks; for a declared objective zeros if left out. */
  readonly start?: P;
  /** The point that the angles are to, in the form of `start`; default: where the path itself ends. */
  readonly minimizer?: P;
  /** Steps to take at most: an integer ≥ 0, default 1000. */
  readonly steps?: number;
  /** Stop when ‖gradient‖₂ is at most this, ≥ 0; default 1e-8 (f64) or 1e-4 (f32). */
  readonly gradientTolerance?: number;
  /** Of parameters, gradient and state: "f64" (default) or "f32". */
  readonly precision?: Precision;
}

/** Where a path was heading. Entry i of each array belongs to the point after i steps. */
export interface PathAngles {
  /** The angle between −gradient and the way to the minimiser, in radians from 0 to π; NaN where one of them is 0. */
  readonly angles: Float64Array;
  /** How far the minimiser was. */
  readonly distances: Float64Array;
  /** ‖gradient‖₂, or the field's norm. */
  readonly gradientNorms: Float64Array;
  /** Whether the path converged. */
  readonly converged: boolean;
  /** One sentence about the angles. */
  readonly message: string;
}

const DEGREES = 180 / Math.PI;

/** The angle between a and b, exact also where they nearly agree (Kahan); NaN where one of them is 0. */
function angleBetween(a: RealArray, b: Float64Array): number {
  const size = (v: ArrayLike<number>) => {
    let largest = 0;
    for (let i = 0; i < v.length; i++) largest = Math.max(largest, Math.abs(v[i]));
    let squares = 0;
    for (let i = 0; i < v.length; i++) squares += (v[i] / largest) ** 2;
    return largest * Math.sqrt(squares);
  };
  const [p, q] = [size(a), size(b)];
  let [apart, along] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    apart += (a[i] / p - b[i] / q) ** 2;
    along += (a[i] / p + b[i] / q) ** 2;
  }
  return 2 * atan2(Math.sqrt(apart), Math.sqrt(along));
}

/** Throws unless `minimizer` is a point of the same space as `start`. */
function checkSameForm(owner: string, problem: Problem, options: PathAnglesOptions<ParametersInput>): void {
  const formOf = (name: "start" | "minimizer") =>
    readPoint(owner, problem, name, options[name], options.precision)
      .blocks.map((block) => `${block.name}${block.name && ": "}${block.values.length}`)
      .join(", ");
  const [given, wanted] = [formOf("minimizer"), formOf("start")];
  if (given !== wanted) {
    throw new RangeError(`${owner}: minimizer must have the form of start, entries ${wanted}, got ${given}`);
  }
}

/**
 * The angle along a path between −∇f, where the rule is sent, and the way to the minimiser, where it ought to go: 0 on a
 * round bowl, nearly 90° on the floor of a long valley, and of a field that turns at a ± ib everywhere arctan(b/a), for
 * which the path is a spiral. Beyond 90° a step leads away, however short it is.
 *
 * Without a `minimizer` the path is walked twice: first to see where it ends.
 *
 * @param problem - an objective such as `leastSquares(…)`, `{ value, gradient }` of your own, or a `vectorField(…)`
 * @param options - the rule, the start, the minimiser, how far: see {@link PathAnglesOptions}
 * @throws TypeError or RangeError naming the argument that is wrong; what the problem throws passes through untouched
 *
 * @example
 * ```ts
 * import { gradientDescent, pathAngles, vectorField } from "thalweg";
 * const spiral = vectorField(2, ([x, y], out) => { out[0] = x - y; out[1] = x + y; });
 * const { angles } = pathAngles(spiral, {
 *   rule: gradientDescent({ learningRate: 0.5 }),
 *   start: [1, 0],
 *   minimizer: [0, 0],
 * });
 * angles[0]; // ≈ 0.7854: 45°
 * ```
 *
 * Source: Balduzzi et al., "The mechanics of n-player differentiable games", ICML 2018, §2; the angle: Kahan, "How
 * futile are mindless assessments of roundoff in floating-point computation?", 2006, §12.
 */
export function pathAngles(problem: Objective | UserProblem, options: PathAnglesOptions): PathAngles;
export function pathAngles<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: PathAnglesOptions<P>,
): PathAngles;
export function pathAngles(problem: Problem, options: PathAnglesOptions<ParametersInput>): PathAngles {
  const owner = "pathAngles";
  checkKeys(owner, options, ["rule", "start", "minimizer", "steps", "gradientTolerance", "precision"]);
  const { minimizer, steps = 1000, ...rest } = options;
  checkCount(owner, "steps", steps);
  checkTolerance(owner, "gradientTolerance", rest.gradientTolerance);
  const descend = (look: (descent: Descent) => void) => {
    const { rule, start, precision, gradientTolerance } = rest;
    const { descent } = startDescent(owner, problem, { rule, start, precision }, steps);
    try {
      const run = new Run(descent, {
        steps,
        gradientTolerance,
        callback: () => {
          if (descent.finite) look(descent);
        },
      });
      run.advance({ deadline: Infinity, aborted: false });
      return run.result();
    } finally {
      descent.dispose();
    }
  };
  let target: Float64Array | undefined;
  if (minimizer === undefined) {
    descend(({ x }) => {
      target ??= new Float64Array(x.length);
      target.set(x);
    });
  } else {
    checkSameForm(owner, problem, options);
    // Laid out as the descent's parameters are.
    const there = new Descent(owner, problem, {
      rule: options.rule,
      start: minimizer,
      precision: options.precision,
    });
    target = Float64Array.from(there.x);
    there.dispose();
  }
  const angles: number[] = [];
  const distances: number[] = [];
  const gradientNorms: number[] = [];
  const { converged } = descend(({ x, gradient, gradientNorm }) => {
    const end = target as Float64Array;
    const way = new Float64Array(x.length);
    for (let i = 0; i < way.length; i++) way[i] = x[i] - end[i];
    angles.push(angleBetween(gradient, way));
    distances.push(euclideanNorm(way));
    gradientNorms.push(gradientNorm);
  });
  return {
    angles: Float64Array.from(angles),
    distances: Float64Array.from(distances),
    gradientNorms: Float64Array.from(gradientNorms),
    converged,
    message: sentence(angles, minimizer === undefined && !converged),
  };
}

function sentence(angles: readonly number[], adrift: boolean): string {
  const told = angles.filter((angle) => !Number.isNaN(angle)).sort((a, b) => a - b);
  const end = adrift ? " The path did not converge: they are to where it ended." : "";
  if (told.length === 0)
    return `No point of the path has an angle: it starts where it ends, or is not finite.${end}`;
  const text = (angle: number) => `${formatNumber(DEGREES * angle)}°`;
  const [least, middle, most] = [told[0], told[told.length >> 1], told[told.length - 1]].map(text);
  const away = told.filter((angle) => angle > Math.PI / 2).length;
  const wrong = away > 0 ? ` At ${formatNumber((100 * away) / told.length)}% of the points it led away.` : "";
  return `The angle to the minimiser went from ${least} to ${most}, half of the points below ${middle}.${wrong}${end}`;
}
