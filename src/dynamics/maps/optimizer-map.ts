import { checkCount, checkKeys, checkNumberReturned } from "../../core/check.ts";
import { describe } from "../../core/describe.ts";
import type { Numbers } from "../../core/precision.ts";
import { Workspace } from "../../core/workspace.ts";
import { FIRST_STEP, stepScale } from "../../objectives/differences.ts";
import type { Landscape } from "../../objectives/landscapes.ts";
import { isObjective, type Objective } from "../../objectives/objective.ts";
import { bendAt, slopeAt } from "../../objectives/slope.ts";
import { asObjective, type UserProblem } from "../../objectives/user.ts";
import { type PlainBlock, wholeStepByTextbook } from "../../rules/by-textbook.ts";
import { rules } from "../../rules/index.ts";
import { type NumberOption, resolveOptions } from "../../rules/options.ts";
import { type AnyRuleFactory, checkRule, type Rule, type StepContext, slotShape } from "../../rules/rule.ts";
import { checkUnwrapped } from "../../stepsize/mode.ts";
import {
  type CompiledMap,
  type DynamicalMap,
  type Iteration,
  type LaneParameters,
  type MapParameter,
  type MomentumForm,
  pushByDifferences,
} from "./map.ts";

/** What an optimiser can be put on: an objective, a landscape or functions of yours, or of one variable the derivative f′ alone. */
export type OptimizerProblem = Objective | UserProblem | ((x: number) => number);

/** Options of {@link optimizerMap}. */
export interface OptimizerMapOptions {
  /** The number of parameters: an integer ≥ 1; default what the problem says, else 1. */
  readonly dimension?: number;
}

/** Gradients of a problem at points in f64, and products with its Hessian. */
interface Slopes {
  gradient(x: Float64Array, g: Float64Array): void;
  product(x: Float64Array, v: Float64Array, product: Float64Array): void;
  value(x: Float64Array): number;
  dispose(): void;
}

/** Of a function of one variable that is given by its derivative. */
function slopesOfDerivative(derivative: (x: number) => number): Slopes {
  const at = (x: number): number => {
    const slope: unknown = derivative(x);
    checkNumberReturned("optimizerMap: problem", slope);
    return slope;
  };
  const bend = (x: number): number => {
    const step = FIRST_STEP * stepScale(Math.abs(x));
    return (at(x + step) - at(x - step)) / (2 * step);
  };
  return slopesOfOne(at, bend, () => Number.NaN);
}

/** Of a function of one variable: its derivatives and its value. */
const slopesOfOne = (
  slope: (x: number) => number,
  bend: (x: number) => number,
  value: (x: Float64Array) => number,
): Slopes => ({
  gradient(x, g) {
    g[0] = slope(x[0]);
  },
  product(x, v, product) {
    product[0] = bend(x[0]) * v[0];
  },
  value,
  dispose() {},
});

/** Of whatever problem it is. */
function slopesOf(problem: OptimizerProblem, dimension: number): Slopes {
  if (typeof problem === "function") return slopesOfDerivative(problem);
  const { slope, value } = problem as Landscape;
  if (!slope || slope.kind === "product") return slopesOfObjective(asObjective(problem, dimension));
  return slopesOfOne(
    (x) => slopeAt(slope, x),
    (x) => bendAt(slope, x),
    value,
  );
}

/** Of an objective, evaluated in a workspace. */
function slopesOfObjective(objective: Objective): Slopes {
  const { dimension } = objective;
  const vectors = ["x", "g", "v", "product"].map((name) => ({ name, length: dimension }));
  const workspace = new Workspace([...vectors, ...objective.memory("f64")], "f64");
  const bound = objective.bind(workspace);
  const [x, g, v, product] = vectors.map(({ name }) => ({
    at: workspace.pointer(name),
    view: workspace.real(name),
  }));
  return {
    gradient(point, out) {
      x.view.set(point);
      bound.gradient(x.at, g.at);
      out.set(g.view);
    },
    product(point, direction, out) {
      x.view.set(point);
      v.view.set(direction);
      bound.linearize(x.at);
      bound.hessianVectorProduct(v.at, product.at);
      out.set(product.view);
    },
    value(point) {
      x.view.set(point);
      return bound.value(x.at);
    },
    dispose: () => workspace.dispose(),
  };
}

/** A rule on a problem by its textbook. The state is x, the slots, and the carried numbers, one behind the other. */
class TextbookIteration implements Iteration {
  readonly stateLength: number;
  readonly push: Iteration["push"];
  readonly #rule: Rule;
  readonly #slopes: Slopes;
  readonly #dimension: number;
  readonly #block: PlainBlock & { readonly x: Float64Array; readonly g: Float64Array };
  readonly #parts: readonly Float64Array[];
  readonly #context: StepContext;
  readonly #given: Rule["options"];
  readonly #options: Record<string, number | boolean> = {};
  readonly #momentumName: string | undefined;

  constructor(rule: Rule, slopes: Slopes, dimension: number, recurrence: MomentumRule | undefined) {
    const { declaration, options } = rule;
    this.#rule = rule;
    this.#slopes = slopes;
    this.#dimension = dimension;
    this.#momentumName = momentumNameOf(rule);
    // The rate is the map's parameter: what the rule says of it is not asked.
    this.#given = "learningRate" in options ? { ...options, learningRate: 0 } : options;
    const names = declaration.slots(options) as string[];
    const slots = Object.fromEntries(
      names.map((name) => {
        const length = slotShape(rule, name, [dimension]).reduce((product, side) => product * side, 1);
        return [name, new Float64Array(length)];
      }),
    );
    const vector = () => new Float64Array(dimension);
    this.#block = { rows: 1, columns: dimension, x: vector(), g: vector(), slots };
    this.#context = {
      t: 0,
      value: Number.NaN,
      measured: {},
      length: dimension,
      carried: Float64Array.from(declaration.carries ?? []),
    };
    this.#parts = [this.#block.x, ...names.map((name) => slots[name]), this.#context.carried];
    this.stateLength = this.#parts.reduce((sum, { length }) => sum + length, 0);
    this.push = recurrence ? this.#pushByRecurrence(recurrence) : pushByDifferences(this);
  }

  begin(x: Numbers, state: Float64Array): void {
    const { declaration, options } = this.#rule;
    const initial = declaration.initial?.(options) ?? {};
    this.#block.x.set(x);
    for (const [name, slot] of Object.entries(this.#block.slots)) {
      const first = initial[name] ?? 0;
      if (first === "parameters") slot.set(x);
      else slot.fill(first);
    }
    this.#context.carried.set(declaration.carries ?? []);
    this.#write(state);
  }

  next(state: Float64Array, parameters: LaneParameters, index: number): void {
    const { declaration } = this.#rule;
    const block = this.#block;
    const context = this.#context;
    this.#read(state);
    const options = this.#resolve(parameters, index);
    context.t = index + 1;
    if (declaration.needs?.value) context.value = this.#slopes.value(block.x);
    this.#slopes.gradient(block.x, block.g);
    wholeStepByTextbook(this.#rule, block, options, context);
    this.#write(state);
  }

  dispose(): void {
    this.#slopes.dispose();
  }

  /** The Jacobian of the linear recurrence that rules with plain momentum are. */
  #pushByRecurrence({ form, inSlot: isVelocity }: MomentumRule): Iteration["push"] {
    const d = this.#dimension;
    const point = this.#block.x;
    const moved = new Float64Array(d);
    const product = new Float64Array(d);
    const hasVelocity = this.stateLength > d;
    return (state, { rate, momentum }, _, vector) => {
      const { keep, take, along, direct } = form(momentum);
      point.set(state.subarray(0, d));
      moved.set(vector.subarray(0, d));
      this.#slopes.product(point, moved, product);
      // The slot is the velocity, or −η times it.
      const [slotPerVelocity, stepPerSlot] = isVelocity ? [1, rate] : [-rate, -1];
      for (let i = 0; i < d; i++) {
        const slot = (hasVelocity ? keep * vector[d + i] : 0) + slotPerVelocity * take * product[i];
        if (hasVelocity) vector[d + i] = slot;
        vector[i] -= stepPerSlot * along * slot + rate * direct * product[i];
      }
    };
  }

  #resolve({ rate, momentum }: LaneParameters, index: number): Record<string, number | boolean> {
    const { name, declaration } = this.#rule;
    resolveOptions(name, declaration.options, this.#given, index, this.#options);
    if ("learningRate" in declaration.options) this.#options.learningRate = rate;
    if (this.#momentumName !== undefined) this.#options[this.#momentumName] = momentum;
    return this.#options;
  }

  #read(state: Float64Array): void {
    let at = 0;
    for (const part of this.#parts) {
      part.set(state.subarray(at, at + part.length));
      at += part.length;
    }
  }

  #write(state: Float64Array): void {
    let at = 0;
    for (const part of this.#parts) {
      state.set(part, at);
      at += part.length;
    }
  }
}

/** The option that `momenta` are of, of rules that remember something. */
function momentumNameOf({ declaration, options }: Rule): string | undefined {
  if (declaration.slots(options).length === 0) return undefined;
  return ["momentum", "beta", "beta1"].find(
    (name) => name in declaration.options && typeof options[name] === "number",
  );
}

/** A rule that is one linear recurrence in x and a velocity, from the first step on. */
interface MomentumRule {
  form(momentum: number): MomentumForm;
  /** Whether the rule's slot is that velocity; else it is −η times it, and steps differ from the form's by rounding. */
  readonly inSlot: boolean;
}

const inSlot = (form: MomentumRule["form"]): MomentumRule => ({ form, inSlot: true });
const scaled = (form: MomentumRule["form"]): MomentumRule => ({ form, inSlot: false });

const plain: MomentumForm = { keep: 0, take: 1, along: 1, direct: 0 };
const heavy = (keep: number): MomentumForm => ({ keep, take: 1, along: 1, direct: 0 });
const ahead = (keep: number): MomentumForm => ({ keep, take: 1, along: keep, direct: 1 });

/** Such rules by name, with the options with which they are that. */
const momentumRules: Readonly<Record<string, (options: Rule["options"]) => MomentumRule | undefined>> = {
  gradientDescent: () => inSlot(() => plain),
  sgd({ momentum, dampening, nesterov, weightDecay, maximize }) {
    if (dampening !== 0 || weightDecay !== 0 || maximize || typeof momentum !== "number") return undefined;
    if (momentum === 0) return inSlot(() => plain);
    return inSlot(nesterov ? ahead : heavy);
  },
  momentum: ({ beta }) =>
    typeof beta === "number" ? inSlot((keep) => ({ keep, take: 1 - keep, along: 1, direct: 0 })) : undefined,
  heavyBall: ({ beta }) => (typeof beta === "number" ? scaled(heavy) : undefined),
  nesterov: ({ momentum, sequence }) =>
    typeof momentum === "number" && !sequence ? scaled(ahead) : undefined,
  qhm({ beta, nu, weightDecay }) {
    if (typeof beta !== "number" || typeof nu !== "number" || weightDecay !== 0) return undefined;
    return inSlot((keep) => ({ keep, take: 1 - keep, along: nu, direct: 1 - nu }));
  },
};

/** What a rule of the library is of these; a rule of one's own may have the same name and do something else. */
function momentumRuleOf({ name, declaration, options }: Rule): MomentumRule | undefined {
  const own: Partial<Record<string, AnyRuleFactory>> = rules;
  if (!Object.hasOwn(momentumRules, name) || own[name]?.declaration !== declaration) return undefined;
  return momentumRules[name](options);
}

/** A number option as a parameter of the map. */
function parameterOf(rule: Rule, name: string): MapParameter {
  const { domain, contains } = rule.declaration.options[name] as NumberOption;
  const value = rule.options[name];
  return { domain, contains, ...(typeof value === "number" ? { default: value } : {}) };
}

function compiledMap(
  problem: unknown,
  form: MomentumRule["form"] | undefined,
  hasMomentum: boolean,
): CompiledMap | undefined {
  const slope = (problem as Partial<Landscape>).slope;
  if (!slope || !form) return undefined;
  if (!hasMomentum) return { slope, method: "descent" };
  return slope.kind === "product" ? undefined : { slope, method: "momentum", form };
}

/**
 * An optimiser as a dynamical system: the map that takes x (with what the rule remembers) to the next, with the learning
 * rate as its parameter.
 *
 * On landscapes with a declared slope (cubicValley, doubleWell, polynomialLandscape, cosineLandscape, and factorization for
 * gradientDescent) the core sweeps over gradientDescent, sgd without dampening, weight decay or maximize, heavyBall, nesterov,
 * momentum and qhm.
 * Any other pair is iterated in JavaScript, in f64, by the rule's textbook.
 *
 * @param rule - any rule without wrappers, also one of your own; its learning rate is what `rates` leave out
 * @param problem - an objective, a landscape or functions of yours (`gradient`, and `hessianVectorProduct` where the Lyapunov
 * exponent shall be exact), or, of one variable, the derivative f′ alone
 * @param options.dimension - the number of parameters: an integer ≥ 1; default what the problem says, else 1
 * @throws TypeError or RangeError naming the argument that is no rule, no problem, unknown, or outside its domain;
 * RangeError for rules that need random probes of the Hessian
 *
 * @example
 * ```ts
 * import { doubleWell, gradientDescent, optimizerMap, periods, sgd } from "thalweg";
 * const descent = optimizerMap(gradientDescent(), doubleWell);
 * periods(descent, { rates: [0.5, 1.1, 1.25] }).periods; // [1, 2, 4]
 * const slope = (x: number) => (x < 1 ? 25 * x : x < 2 ? x + 24 : 25 * x - 24); // strongly convex
 * const heavyBall = optimizerMap(sgd({ momentum: 4 / 9 }), slope);
 * periods(heavyBall, { rates: 1 / 9, starts: 3.3 }).periods; // [3]
 * ```
 *
 * Source: Lessard, Recht, Packard, "Analysis and design of optimization algorithms via integral quadratic constraints",
 * SIAM J. Optim. 26, 2016, §4.6, for that cycle.
 */
export function optimizerMap(
  rule: Rule,
  problem: OptimizerProblem,
  options: OptimizerMapOptions = {},
): DynamicalMap {
  checkRule("optimizerMap", rule);
  const { name, declaration } = rule;
  checkUnwrapped("optimizerMap", rule);
  if (declaration.needs?.hessianDiagonal) {
    throw new RangeError(`optimizerMap: ${name} draws random probes of the Hessian, which a map does not`);
  }
  checkKeys("optimizerMap", options, ["dimension"]);
  checkCount("optimizerMap", "dimension", options.dimension, 1);
  const isDerivative = typeof problem === "function";
  if (!isDerivative && (typeof problem !== "object" || problem === null)) {
    throw new TypeError(
      `optimizerMap: problem must be an objective, { value, gradient } or the derivative of a function of one variable, got ${describe(problem)}`,
    );
  }
  const dimension = options.dimension ?? (isDerivative ? 1 : (problem.dimension ?? 1));
  if (isDerivative && dimension !== 1) {
    throw new RangeError(`optimizerMap: a derivative is of one variable, got a dimension of ${dimension}`);
  }
  if (!isDerivative) asObjective(problem, dimension);
  const start = isDerivative ? undefined : (problem as Partial<Landscape>).start;
  const momentumName = momentumNameOf(rule);
  const recurrence = momentumRuleOf(rule);
  const compiled = compiledMap(problem, recurrence?.form, momentumName !== undefined);
  const called = isDerivative
    ? "f′"
    : isObjective(problem)
      ? problem.name
      : ((problem as Partial<Landscape>).name ?? "problem");
  const rated = "learningRate" in declaration.options;
  return Object.freeze({
    name: `${name} on ${called}`,
    dimension,
    start: Object.freeze(Array.from(start ?? new Array<number>(dimension).fill(0.5))),
    rate: rated
      ? parameterOf(rule, "learningRate")
      : { default: 1, domain: "{1}: this rule has no learningRate", contains: (v) => v === 1 },
    ...(momentumName === undefined ? {} : { momentum: parameterOf(rule, momentumName) }),
    ...(compiled ? { compiled } : {}),
    iteration: () => new TextbookIteration(rule, slopesOf(problem, dimension), dimension, recurrence),
  } satisfies DynamicalMap);
}
