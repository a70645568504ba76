import type { ArrayInput } from "../core/array-input.ts";
import { checkKeys, checkNumberOption, refusePromise } from "../core/check.ts";
import type { Kernels, Pointer } from "../core/kernels.ts";
import { machineEpsilon, paddedLength, type RealArray } from "../core/precision.ts";
import { Workspace } from "../core/workspace.ts";
import { ConjugateGradients, conjugateMemory, type SolveOptions } from "../curvature/conjugate-gradients.ts";
import { withFisher } from "../curvature/fisher.ts";
import {
  checkSolving,
  type NaturalGradientSolving,
  solveOptions,
  solvingOptionNames,
} from "../curvature/natural-gradient.ts";
import type { BoundObjective, Objective } from "../objectives/objective.ts";
import type { UserProblem } from "../objectives/user.ts";
import { atPoint } from "../parameters/at-point.ts";
import type { StepRecord } from "./step-record.ts";
import {
  checkStopping,
  type Reason,
  type Stop,
  type StoppingOptions,
  StoppingRule,
  stoppingOptionNames,
} from "./stopping.ts";

/** Options of {@link naturalDescent}. */
export interface NaturalDescentOptions extends NaturalGradientSolving, StoppingOptions {
  /** Where to start: one array; zeros if left out where the dimension is known. */
  readonly start?: ArrayInput;
  /** The part of the natural gradient that is tried first: in (0, 1], default 1. */
  readonly learningRate?: number;
}

/** What {@link naturalDescent} came to. */
export interface NaturalDescentResult {
  /** The last point. */
  readonly x: RealArray;
  /** The value there. */
  readonly value: number;
  /** ‖gradient‖₂ there. */
  readonly gradientNorm: number;
  /** Whether a tolerance was met, or the value can fall no further in this precision (reason "gradient" or "value"). */
  readonly converged: boolean;
  /** Why it ended; "stalled" where no step along the natural gradient lowers the value. */
  readonly reason: Reason | "stalled";
  /** One sentence that a person can act on. */
  readonly message: string;
  /** Steps taken. */
  readonly steps: number;
  /** Evaluations of value and gradient. */
  readonly evaluations: number;
  /** Products with the Fisher information. */
  readonly products: number;
}

/** The part of the fall that the slope promises which a step has to bring (Armijo). */
const SUFFICIENT = 1e-4;
/** Halvings of a step before it is given up: where a model is sure of everything its curvature is that small. */
const HALVINGS = 60;
/** The value's rounding error, in units of its own: what a step promises below is not seen in it. */
const ROUNDINGS = 64;

const names = ["x", "natural.gradient", "natural.direction", "natural.trial", "natural.there"] as const;

/** A descent in its workspace. */
class NaturalDescent {
  value: number;
  gradientNorm: number;
  /** The part of the natural gradient that the last step took. */
  rate: number;
  readonly x: RealArray;
  readonly bound: BoundObjective;
  readonly #workspace: Workspace;
  readonly #kernels: Kernels;
  readonly #count: number;
  readonly #solver: ConjugateGradients;
  readonly #solving: SolveOptions;
  readonly #first: number;
  readonly #at: Readonly<Record<"x" | "g" | "d" | "trial" | "there", Pointer>>;

  constructor(workspace: Workspace, objective: Objective, solving: SolveOptions, rate: number) {
    const { dimension } = objective;
    const [x, g, d, trial, there] = names.map((name) => workspace.pointer(name));
    this.#workspace = workspace;
    this.#kernels = workspace.kernels;
    this.#count = paddedLength(dimension, workspace.precision);
    this.#at = { x, g, d, trial, there };
    this.#solving = solving;
    this.#first = rate;
    this.rate = rate;
    this.bound = objective.bind(workspace);
    this.#solver = new ConjugateGradients(this.bound, workspace, dimension);
    this.x = workspace.real("x");
    this.value = Number.NaN;
    this.gradientNorm = Number.NaN;
  }

  /** Evaluates the start. */
  begin(): void {
    const { x, g } = this.#at;
    this.value = this.bound.valueAndGradient(x, g);
    this.gradientNorm = this.#kernels.norm(this.#count, g);
  }

  /** Takes a step; the reason to stop where none can be taken. */
  step(): Stop | { readonly reason: "stalled"; readonly detail: string } | undefined {
    const { x, g, d, trial, there } = this.#at;
    const count = this.#count;
    const kernels = this.#kernels;
    this.bound.linearize(x);
    if (!this.#solver.solve(g, d, this.#solving)) {
      return { reason: "diverged", detail: "a product with the Fisher information is not finite" };
    }
    const slope = kernels.dot(count, g, d);
    if (!(slope > 0)) {
      return {
        reason: "stalled",
        detail: "the Fisher information has no curvature along the gradient; add damping",
      };
    }
    const rounding = ROUNDINGS * machineEpsilon[this.#workspace.precision] * Math.abs(this.value);
    // Near the minimum values cannot tell, but gradients can.
    const hidden = this.#first * slope <= rounding;
    for (let halvings = 0; halvings <= HALVINGS; halvings++) {
      const rate = this.#first / 2 ** halvings;
      kernels.combine(count, 1, x, -rate, d, trial);
      const value = this.bound.valueAndGradient(trial, there);
      const gradientNorm = kernels.norm(count, there);
      const falls = hidden
        ? gradientNorm < this.gradientNorm
        : value < this.value && value <= this.value - SUFFICIENT * rate * slope && gradientNorm < Infinity;
      if (falls) {
        this.#workspace.real("x").set(this.#workspace.real("natural.trial"));
        this.#workspace.real("natural.gradient").set(this.#workspace.real("natural.there"));
        this.value = value;
        this.gradientNorm = gradientNorm;
        this.rate = rate;
        return undefined;
      }
      if (hidden) {
        return { reason: "value", detail: "what a step promises is less than the rounding of the value" };
      }
    }
    return {
      reason: "stalled",
      detail: "no step along the natural gradient lowers the value; check the gradient, or add damping",
    };
  }
}

/**
 * Natural gradient descent: x ← x − η(F + δI)⁻¹g, with the natural gradient of each point by conjugate gradients, and η halved until
 * the value falls by 10⁻⁴ of what the slope promises. With the exact information of a logistic or softmax model (and `penalty` where
 * it has one) it is Newton's method, known as iteratively reweighted least squares.
 *
 * @param problem - as {@link fisher} takes it, on one array; one with Fisher products already is taken as it is
 * @param options - where to start, the Fisher information, its damping, how closely to solve, when to stop (after 100 steps if not told
 * otherwise): see {@link NaturalDescentOptions}
 * @throws TypeError or RangeError naming the argument that is wrong, or why the problem has no information of that kind
 *
 * @example
 * ```ts
 * import { logisticRegression, naturalDescent } from "thalweg";
 * const problem = logisticRegression([[53], [57], [63], [66], [70], [75]], [1, 1, 0, 1, 0, 0], { intercept: true });
 * const { steps, x, message } = naturalDescent(problem);
 * steps; // < 10
 * x; // ≈ [-0.333, 21.4]
 * message; // "Converged after …"
 * ```
 *
 * Source: Amari, "Natural gradient works efficiently in learning", Neural Computation 10, 1998; as scoring: McCullagh and Nelder,
 * "Generalized linear models", 1989, §2.5; the halving: Armijo, Pacific Journal of Mathematics 16, 1966.
 */
export function naturalDescent(
  problem: Objective | UserProblem,
  options: NaturalDescentOptions = {},
): NaturalDescentResult {
  const owner = "naturalDescent";
  checkKeys(owner, options, ["start", "learningRate", ...solvingOptionNames, ...stoppingOptionNames]);
  checkSolving(owner, options);
  checkStopping(owner, options);
  const { precision = "f64", learningRate = 1, callback } = options;
  checkNumberOption(owner, "learningRate", learningRate, "(0, 1]", (v) => v > 0 && v <= 1);
  const { objective: plain, point } = atPoint(owner, problem, "start", options.start, precision);
  const objective = withFisher(owner, plain, options);
  const { dimension } = objective;
  const workspace = new Workspace(
    [
      ...names.map((name) => ({ name, length: dimension })),
      ...conjugateMemory(dimension),
      ...objective.memory(precision),
    ],
    precision,
  );
  try {
    const descent = new NaturalDescent(workspace, objective, solveOptions(options, dimension), learningRate);
    descent.x.set(point);
    descent.begin();
    const stopping = new StoppingRule({ steps: 100, ...options }, precision);
    const record: StepRecord = { index: 0, value: 0, gradientNorm: 0, learningRate, x: descent.x };
    for (let index = 0; ; index++) {
      const { value, gradientNorm } = descent;
      let stop: ReturnType<NaturalDescent["step"]> = stopping.at(index, value, gradientNorm);
      if (callback) {
        Object.assign(record, { index, value, gradientNorm, learningRate: descent.rate });
        const returned = callback(record);
        refusePromise("callback", returned);
        if (returned === true) stop ??= { reason: "callback", detail: "the callback asked for it" };
      }
      stop ??= descent.step();
      if (stop) return outcome(descent, stop, index);
    }
  } finally {
    workspace.dispose();
  }
}

function outcome(
  { x, value, gradientNorm, bound }: NaturalDescent,
  { reason, detail }: NonNullable<ReturnType<NaturalDescent["step"]>>,
  steps: number,
): NaturalDescentResult {
  const converged = reason === "gradient" || reason === "value";
  const how = converged ? "Converged" : reason === "diverged" ? "Diverged" : "Stopped";
  return {
    x: x.slice(),
    value,
    gradientNorm,
    converged,
    reason,
    message: `${how} after ${steps} ${steps === 1 ? "step" : "steps"}: ${detail}.`,
    steps,
    evaluations: bound.evaluations.gradient,
    products: bound.evaluations.hessianVectorProduct,
  };
}
