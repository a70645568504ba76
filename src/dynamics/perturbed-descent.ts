import type { ArrayInput } from "../core/array-input.ts";
import { checkCount, checkKeys, checkNumber, checkSeed, checkTolerance } from "../core/check.ts";
import { formatNumber } from "../core/format.ts";
import type { Precision, RealArray } from "../core/precision.ts";
import { Random } from "../core/random.ts";
import { pow } from "../core/scalar.ts";
import { startDescent } from "../descent/automatic-rate.ts";
import type { AnyViews, Descent } from "../descent/descent.ts";
import { type Objective, refuseField } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { atPoint, type Problem } from "../parameters/at-point.ts";
import type { NamedBlocks, ParametersInput, Views } from "../parameters/frame.ts";
import type { BlockProblem } from "../parameters/frame-problem.ts";
import type { Rule } from "../rules/rule.ts";
import type { Perturbation } from "./perturbation.ts";

/** Options of {@link perturbedDescent}. */
export interface PerturbedDescentOptions<P = ArrayInput> extends Perturbation {
  /** The update rule; the paper's is gradient descent. */
  readonly rule: Rule;
  /** Where to start: one array, or named blocks; for a declared objective zeros if left out. */
  readonly start?: P;
  /** Steps to take at most: an integer ≥ 0, default 10,000. */
  readonly steps?: number;
  /** Seed of the perturbations: an integer in [0, 2⁵³), default 0. */
  readonly seed?: number;
  /** Of parameters, gradient and state: "f64" (default) or "f32". */
  readonly precision?: Precision;
}

/** What a perturbed descent came to. */
export interface PerturbedDescent<X = RealArray> {
  /** Where it settled: the point before the perturbation that was in vain; else the last that was finite. */
  readonly x: X;
  /** The value there. */
  readonly value: number;
  /** ‖gradient‖₂ there. */
  readonly gradientNorm: number;
  /** Whether a perturbation was in vain (settled), the steps were over, or value or gradient left the finite numbers. */
  readonly reason: "settled" | "steps" | "diverged";
  /** One sentence that a person can act on. */
  readonly message: string;
  /** Steps taken. */
  readonly steps: number;
  /** The steps before which it was perturbed. */
  readonly perturbedAt: readonly number[];
  /** Evaluations of value and gradient. */
  readonly evaluations: number;
}

/**
 * Perturbed gradient descent: where the gradient is small it moves to a random point of a small ball about where it is
 * and goes on; a saddle is left so, since some part of the move lies along its way down and grows. Where the value has
 * not fallen after a while there was no such way: that point is the answer, a minimum as far as can be told.
 *
 * @param problem - an objective such as `leastSquares(…)`, or `{ value, gradient }` of your own
 * @param options - the rule, the start, when to perturb and how much: see {@link PerturbedDescentOptions};
 * `perturbation(…)` has the values that the paper proves its bound for
 * @throws TypeError or RangeError naming the argument that is wrong; what the problem throws passes through untouched
 *
 * @example
 * ```ts
 * import { gradientDescent, minimize, perturbedDescent } from "thalweg";
 * // ½(uv − 1)²: the origin is a saddle, and gradient descent stays there.
 * const network = {
 *   value: ([u, v]: ArrayLike<number> & Iterable<number>) => 0.5 * (u * v - 1) ** 2,
 *   gradient([u, v]: ArrayLike<number> & Iterable<number>, g: { [i: number]: number }) {
 *     g[0] = (u * v - 1) * v;
 *     g[1] = (u * v - 1) * u;
 *   },
 * };
 * const rule = gradientDescent({ learningRate: 0.1 });
 * minimize(network, { rule, start: [0, 0] }).value; // 0.5
 * perturbedDescent(network, { rule, start: [0, 0] }).value; // < 1e-6
 * ```
 *
 * Source: Jin, Ge, Netrapalli, Kakade, Jordan, "How to escape saddle points efficiently", ICML 2017, algorithm 2.
 * Departures: any rule may take the steps, and the thresholds are options, with defaults of no theory.
 */
export function perturbedDescent(
  problem: Objective | UserProblem,
  options: PerturbedDescentOptions,
): PerturbedDescent;
export function perturbedDescent<P extends NamedBlocks>(
  problem: BlockProblem<P>,
  options: PerturbedDescentOptions<P>,
): PerturbedDescent<Views<P>>;
export function perturbedDescent(
  problem: Problem,
  options: PerturbedDescentOptions<ParametersInput>,
): PerturbedDescent<AnyViews> {
  const owner = "perturbedDescent";
  checkKeys(owner, options, [
    "rule",
    "start",
    "steps",
    "seed",
    "precision",
    "gradientThreshold",
    "radius",
    "waitingSteps",
    "valueThreshold",
  ]);
  const { rule, start, precision, steps = 10_000, seed = 0 } = options;
  const { gradientThreshold = 1e-4, radius = 1e-3, waitingSteps = 500, valueThreshold = 1e-8 } = options;
  checkCount(owner, "steps", steps);
  checkSeed(owner, seed);
  checkTolerance(owner, "gradientThreshold", gradientThreshold);
  checkNumber(owner, "radius", radius, "(0, ∞)", (r) => r > 0 && r < Infinity);
  checkCount(owner, "waitingSteps", waitingSteps, 1);
  checkTolerance(owner, "valueThreshold", valueThreshold);
  const { objective } = atPoint(owner, problem, "start", start, precision);
  refuseField(owner, objective, "whether a perturbation has led downwards cannot be told");
  const { descent } = startDescent(owner, problem, { rule, start, precision }, steps);
  try {
    return run(descent, new Random(seed), { gradientThreshold, radius, waitingSteps, valueThreshold }, steps);
  } finally {
    descent.dispose();
  }
}

interface Kept {
  readonly x: RealArray;
  value: number;
  gradientNorm: number;
}

function run(
  descent: Descent,
  random: Random,
  { gradientThreshold, radius, waitingSteps, valueThreshold }: Required<Perturbation>,
  most: number,
): PerturbedDescent<AnyViews> {
  const perturbedAt: number[] = [];
  const keeper = (): Kept => ({ x: descent.x.slice(), value: Number.NaN, gradientNorm: Number.NaN });
  const keep = (kept: Kept) => {
    kept.x.set(descent.x);
    kept.value = descent.value;
    kept.gradientNorm = descent.gradientNorm;
  };
  const before = keeper();
  const last = keeper();
  const result = (reason: PerturbedDescent["reason"], kept: Kept) => {
    const told = {
      value: kept.value,
      gradientNorm: kept.gradientNorm,
      reason,
      steps: descent.index,
      perturbedAt,
      evaluations: descent.evaluations,
    };
    return { x: descent.show(kept.x), ...told, message: sentence(told, radius, valueThreshold) };
  };
  let since = Infinity;
  descent.evaluate();
  for (;;) {
    if (!descent.finite) return result("diverged", last);
    keep(last);
    if (since === waitingSteps && descent.value - before.value > -valueThreshold) {
      return result("settled", before);
    }
    if (descent.index >= most) return result("steps", last);
    if (descent.gradientNorm <= gradientThreshold && since > waitingSteps) {
      keep(before);
      perturbedAt.push(descent.index);
      perturb(descent.views, random, radius);
      since = 0;
      descent.evaluate();
      if (!descent.finite) return result("diverged", last);
    }
    descent.step();
    since++;
    descent.evaluate();
  }
}

/** Moves the parameters to a point that is uniform in the ball of a radius about them. */
function perturb(views: AnyViews, random: Random, radius: number): void {
  const blocks = ArrayBuffer.isView(views) ? [views] : Object.values(views);
  let squares = 0;
  let count = 0;
  const moves = blocks.map(({ length }) => {
    count += length;
    return Float64Array.from({ length }, () => {
      const entry = random.normal();
      squares += entry * entry;
      return entry;
    });
  });
  // A normal vector has a uniform direction; the volume within a share s of the radius is sᵈ.
  const scale = (radius * pow(random.uniform(), 1 / count)) / Math.sqrt(squares);
  blocks.forEach((block, k) => {
    for (let i = 0; i < block.length; i++) block[i] += scale * moves[k][i];
  });
}

function sentence(
  { value, gradientNorm, reason, steps, perturbedAt }: Omit<PerturbedDescent, "x" | "message">,
  radius: number,
  valueThreshold: number,
): string {
  const times = (count: number) => `${count} perturbation${count === 1 ? "" : "s"}`;
  const where = `value ${formatNumber(value, 6)}, the gradient's norm ${formatNumber(gradientNorm)}`;
  switch (reason) {
    case "settled":
      return `Settled after ${steps} steps and ${times(perturbedAt.length)}: after the last one, of radius ${formatNumber(radius)}, the value fell by less than ${formatNumber(valueThreshold)} (${where}).`;
    case "steps":
      return `Stopped after ${steps} steps and ${times(perturbedAt.length)}: ${where}; allow more steps.`;
    default:
      return `Diverged after ${steps} steps and ${times(perturbedAt.length)}: take a smaller learning rate, or the function has no minimum.`;
  }
}
