import { checkKeys, checkNumber } from "../core/check.ts";
import { describe, didYouMean } from "../core/describe.ts";
import { formatNumber } from "../core/format.ts";
import { goldenSection } from "../core/golden-section.ts";
import { exp, log } from "../core/scalar.ts";
import type { NumberOption } from "../rules/options.ts";
import { checkRule, type Rule, withOptions } from "../rules/rule.ts";
import { accelerated, type ClosedForm, polyak, steepest } from "./closed-forms.ts";
import { checkModes, checkUnwrapped, modeMatrix, modeSystem } from "./mode.ts";
import { spectralRadius } from "./schur-cohn.ts";

/** Options of {@link bestCoefficients}. */
export interface BestCoefficientsOptions {
  /** m: the smallest eigenvalue of the (preconditioned) Hessian, > 0. */
  readonly lambdaMin: number;
  /** M: the largest, ≥ m and finite. */
  readonly lambdaMax: number;
  /**
   * Names of the options to choose, one to three; the others stay as they are. Default: the learning rate and the coefficient of the
   * momentum, where the rule has one.
   */
  readonly tune?: readonly string[];
}

/** What {@link bestCoefficients} found. */
export interface BestCoefficients {
  /** The rule with these coefficients. */
  readonly rule: Rule;
  /** What was chosen, by the options' names. */
  readonly coefficients: Readonly<Record<string, number>>;
  /** What they leave of the slowest mode in a step, in the long run. */
  readonly rate: number;
  /** Whether a formula gave them, rather than a search. */
  readonly closedForm: boolean;
  /** One sentence. */
  readonly message: string;
}

type Coefficients = Record<string, number>;

/** Modes between the ends that a rule of more than two states is looked at on, in the search and at the end. */
const [FEW, MANY] = [9, 200];
/** The largest condition number: at ten times more the best momentum is 1 but for some roundings. */
const WIDEST = 1e28;
/** Rounds of the search for the learning rate, and for each other coefficient. */
const [RATE_ROUNDS, OTHER_ROUNDS] = [60, 40];
/** Learning rates are not looked for beyond this over M. */
const MOST = 2 ** 60;
/** A formula counts if the rule is as fast as it says: double poles are known to this. */
const AGREEMENT = 1e-6;

interface Formula {
  readonly coefficients: Coefficients;
  readonly rate: number;
}

/** By a rule's name, the formula in the rule's own options. Of a rule that averages, the learning rate is larger by 1/(1 − β). */
const formulas: Readonly<
  Record<string, (m: number, M: number, options: Rule["options"]) => Formula | undefined>
> = {
  gradientDescent: (m, M) => {
    const { learningRate, rate } = steepest(m, M);
    return { coefficients: { learningRate }, rate };
  },
  heavyBall: (m, M) => inOptions(polyak(m, M), "beta"),
  sgd(m, M, { nesterov: ahead, dampening }) {
    // Its Nesterov form takes no momentum of 0, the best for m = M.
    if (ahead) return m < M ? inOptions(accelerated(m, M), "momentum") : undefined;
    return inOptions(polyak(m, M), "momentum", dampening as number);
  },
  nesterov: (m, M) => inOptions(accelerated(m, M), "momentum"),
  momentum: (m, M) => inOptions(polyak(m, M), "beta", polyak(m, M).momentum),
  qhm(m, M) {
    const { coefficients, rate } = inOptions(polyak(m, M), "beta", polyak(m, M).momentum);
    return { coefficients: { ...coefficients, nu: 1 }, rate };
  },
};

const inOptions = ({ learningRate, momentum, rate }: ClosedForm, name: string, averaged = 0): Formula => ({
  coefficients: { learningRate: learningRate / (1 - averaged), [name]: momentum },
  rate,
});

/** What the formula says, where there is one for these options and it holds for the others as they are. */
function byFormula(
  rule: Rule,
  m: number,
  M: number,
  tune: readonly string[] | undefined,
): Coefficients | undefined {
  const formula = formulas[rule.name]?.(m, M, rule.options);
  if (!formula || !Object.values(formula.coefficients).every(Number.isFinite)) return undefined;
  const { coefficients, rate } = formula;
  const names = Object.keys(coefficients);
  if (tune && !(tune.length === names.length && tune.every((name) => names.includes(name)))) return undefined;
  const found = worstRate(withOptions(rule, coefficients), m, M, MANY);
  return Math.abs(found - rate) <= AGREEMENT ? coefficients : undefined;
}

/** The factor of the slowest mode between m and M. Of a rule of two states that is one of the ends. */
function worstRate(rule: Rule, m: number, M: number, between: number): number {
  const system = modeSystem(rule);
  const factor = (lambda: number) =>
    spectralRadius(system.free.map(([x, ...slots], i) => [x + lambda * system.drive[i], ...slots]));
  let worst = Math.max(factor(m), factor(M));
  // Stable are the polynomials z² + bz + c of a triangle in (b, c): with its ends the whole stretch lies in it.
  if (system.drive.length <= 2) return worst;
  const ratio = log(M / m) / (between + 1);
  for (let k = 1; k <= between; k++) worst = Math.max(worst, factor(m * exp(k * ratio)));
  return worst;
}

/** The options that a rule's step on a mode depends on and that are fractions below 1: the memories of its averages. */
function memories(rule: Rule): string[] {
  const { options } = rule.declaration;
  const seen = (name: string, value: number) =>
    JSON.stringify(modeMatrix(withOptions(rule, { [name]: value }), 1));
  return Object.keys(options).filter((name) => {
    const option = options[name];
    if (option.kind !== "number" || option.domain !== "[0, 1)" || "constant" in option) return false;
    return seen(name, 0.25) !== seen(name, 0.5);
  });
}

/** What is chosen where nobody says it. */
function usualTune(owner: string, rule: Rule): readonly string[] {
  const found = memories(rule);
  if (found.length > 1) {
    throw new TypeError(
      `${owner}: ${rule.name} has more than one memory; name what to choose in tune: ${found.join(", ")}`,
    );
  }
  return ["learningRate", ...found].filter((name) => name in rule.declaration.options);
}

function checkTune(owner: string, rule: Rule, tune: unknown): asserts tune is readonly string[] | undefined {
  if (tune === undefined) return;
  const { options } = rule.declaration;
  if (!Array.isArray(tune) || tune.length < 1 || tune.length > 3 || new Set(tune).size < tune.length) {
    throw new TypeError(`${owner}: tune must hold one to three names of options, got ${describe(tune)}`);
  }
  for (const name of tune) {
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) {
      throw new TypeError(
        `${owner}: unknown option ${describe(name)} in tune${didYouMean(String(name), Object.keys(options))}`,
      );
    }
    if (name !== "learningRate" && !isSearched(option)) {
      throw new RangeError(
        `${owner}: ${name} cannot be chosen: only the learning rate and numbers between 0 and 1 can`,
      );
    }
  }
}

const isSearched = (option: object): option is NumberOption =>
  "domain" in option &&
  ["[0, 1)", "[0, 1]", "(0, 1]"].includes(option.domain as string) &&
  !("constant" in option);

/** The rule with the best of the named options, by golden sections one within the other, the learning rate innermost. */
function search(rule: Rule, names: readonly string[], m: number, M: number): Rule {
  const isRate = (each: string) => each === "learningRate";
  const [name, ...rest] = [...names].sort((a, b) => Number(isRate(a)) - Number(isRate(b)));
  if (name === undefined) return rule;
  const at = (value: number): Rule => search(withOptions(rule, { [name]: value }), rest, m, M);
  const worst = (value: number) => worstRate(at(value), m, M, FEW);
  if (isRate(name)) {
    let high = 1 / M;
    while (high < MOST / M && worst(high) < 1) high *= 2;
    return at(goldenSection(worst, 0, high, RATE_ROUNDS));
  }
  const { domain } = rule.declaration.options[name] as NumberOption;
  if (domain !== "[0, 1)") return at(goldenSection(worst, domain === "[0, 1]" ? 0 : 1e-9, 1, OTHER_ROUNDS));
  // A memory of 1/(1 − β) steps, by its logarithm.
  const memory = (length: number) => 1 - exp(-length);
  const longest = log(M / m) + 4;
  return at(memory(goldenSection((length) => worst(memory(length)), 0, longest, OTHER_ROUNDS)));
}

/**
 * The learning rate and momentum with which a rule is fastest on all quadratics whose eigenvalues lie between m and M: those of the least
 * spectral radius on the slowest mode. By formula where there is one: gradient descent, Polyak's for heavy ball in all its forms (also those
 * that average, and quasi-hyperbolic momentum, which does best as heavy ball), Lessard, Recht and Packard's for Nesterov's. Else by
 * golden section.
 *
 * Where it is best the poles of both extreme modes coincide, and the radius has a kink: a step that is a little too long, or a momentum that is
 * a little too small, costs more than the same on the other side.
 *
 * @param rule - its options that are not chosen stay as they are
 * @param options.lambdaMin - m: the smallest eigenvalue of the (preconditioned) Hessian, > 0
 * @param options.lambdaMax - M: the largest, ≥ m and finite
 * @param options.tune - names of the options to choose, one to three, each a learning rate or a number between 0 and 1; default the
 * learning rate and the coefficient of the momentum (of `qhm` by formula also nu)
 * @returns the coefficients, the rule with them, and the rate: see {@link BestCoefficients}
 * @throws TypeError or RangeError naming the argument that is unknown or outside its domain; RangeError for rules whose step on
 * one mode cannot be told by itself
 *
 * @example
 * ```ts
 * import { bestCoefficients, gradientDescent, heavyBall, nesterov } from "thalweg";
 * const valley = { lambdaMin: 1, lambdaMax: 100 };
 * bestCoefficients(gradientDescent(), valley).rate; // 99 / 101
 * bestCoefficients(heavyBall(), valley).coefficients; // { learningRate: 4 / 121, beta: (9 / 11) * (9 / 11) }
 * bestCoefficients(heavyBall(), valley).rate; // 9 / 11
 * bestCoefficients(nesterov(), valley).rate; // ≈ 0.8847
 * ```
 *
 * Source: Polyak, "Introduction to optimization", 1987, §3.2; Lessard, Recht, Packard, SIAM J. Optimization 26, 2016, table 1.
 */
export function bestCoefficients(rule: Rule, options: BestCoefficientsOptions): BestCoefficients {
  const owner = "bestCoefficients";
  checkRule(owner, rule);
  checkUnwrapped(owner, rule);
  checkModes(owner, rule);
  checkKeys(owner, options, ["lambdaMin", "lambdaMax", "tune"]);
  const { lambdaMin: m, lambdaMax: M } = options;
  checkNumber(owner, "lambdaMin", m, "(0, ∞)", (v) => v > 0 && v < Infinity);
  checkNumber(owner, "lambdaMax", M, "[lambdaMin, ∞)", (v) => v >= m && v < Infinity);
  if (!(M / m <= WIDEST)) {
    throw new RangeError(
      `${owner}: lambdaMax must be at most ${WIDEST} times lambdaMin, got ${m} and ${M}: beyond, no coefficient of f64 is near enough to 1`,
    );
  }
  const { tune } = options;
  checkTune(owner, rule, tune);
  const known = byFormula(rule, m, M, tune);
  const names = known ? Object.keys(known) : (tune ?? usualTune(owner, rule));
  const best = known ? withOptions(rule, known) : search(rule, names, m, M);
  const coefficients = Object.fromEntries(names.map((name) => [name, best.options[name] as number]));
  const rate = worstRate(best, m, M, MANY);
  const told = Object.entries(coefficients).map(([name, value]) => `${name} ${formatNumber(value, 4)}`);
  return {
    ...{ rule: best, coefficients, rate, closedForm: known !== undefined },
    message: `${rule.name} with ${told.join(", ")} leaves ${formatNumber(rate, 4)} of the slowest mode between ${formatNumber(m)} and ${formatNumber(M)} in a step, the least that it can.`,
  };
}
