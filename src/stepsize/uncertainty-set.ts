import { type ArrayInput, isArrayInput, isList } from "../core/array-input.ts";
import { checkKeys, checkNumber, checkVector } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import type { Numbers } from "../core/precision.ts";
import { type Curvature, curvature } from "../curvature/curvature.ts";
import { type HessianAt, HessianSum } from "../curvature/hessian-sum.ts";
import { precondition } from "../curvature/precondition.ts";
import type { Objective } from "../objectives/objective.ts";
import { quadratic } from "../objectives/quadratic.ts";
import type { SymmetricMatrix } from "../objectives/symmetric-matrix.ts";
import type { UserProblem } from "../objectives/user.ts";
import { atPoint } from "../parameters/at-point.ts";

/** A Hessian: a symmetric matrix, or a problem whose Hessian at `options.at` is meant. */
export type HessianInput = SymmetricMatrix | Objective | UserProblem;

/** The Hessians that a step has to be safe for. */
export type UncertaintySet =
  /** All whose eigenvalues lie in an interval [low, high], or in one of several. */
  | { readonly eigenvalues: readonly [low: number, high: number] | readonly (readonly [number, number])[] }
  /** These. */
  | { readonly hessians: readonly HessianInput[] }
  /** All symmetric H with ‖H − H₀‖ ≤ radius, in the spectral norm (default) or Frobenius's. */
  | { readonly hessian: HessianInput; readonly radius: number; readonly norm?: "spectral" | "frobenius" }
  /** All H₀ + Σ uᵢHᵢ with uᵢ in the i-th interval of the box; default [−1, 1] each. */
  | {
      readonly hessian: HessianInput;
      readonly directions: readonly HessianInput[];
      readonly box?: readonly (readonly [low: number, high: number])[];
    }
  /** All DH₀D with dᵢᵢ in [1 − ρᵢ, 1 + ρᵢ]: the scale of every feature is known to a share ρ of it, or ρᵢ each. */
  | { readonly hessian: HessianInput; readonly scale: number | readonly number[] };

/** Directions of a family whose both ends are tried: 2ᵏ Hessians. */
const VERTICES = 12;

/** The spectrum of one Hessian, as far as it can be told: [low, high] holds all of it. */
export interface Extremes {
  readonly low: number;
  readonly high: number;
  /** The smallest eigenvalue that is not 0, or 0. */
  readonly positive: number;
  /** Whether the ends are eigenvalues, up to their error. */
  readonly exact: boolean;
  readonly failure: number;
}

/** What is known of a set. */
export interface Spread {
  readonly low: number;
  readonly high: number;
  /** The smallest eigenvalue of a member that is not 0, or 0. */
  readonly positive: number;
  readonly exactLow: boolean;
  readonly exactHigh: boolean;
  /** The smallest eigenvalue of a member from which all others can be reached within the set; undefined where there is none. */
  readonly reachedFrom?: number;
  /** The smallest eigenvalue of the member that has the largest. */
  readonly lowOfHighest: number;
  readonly failure: number;
  readonly evaluations: number;
  /** H₀, or the first of a list. */
  readonly nominal?: Extremes;
}

/** Whom messages name: sets are read for nobody else. */
const owner = "robustStep";

export function extremesOf({ objective, point }: HessianAt): Extremes {
  const c: Curvature = curvature(objective, { at: point });
  const { lambdaMax, lambdaMin, errorBounds, complete, definiteness, probability } = c;
  const high = complete ? lambdaMax + errorBounds.lambdaMax : c.lambdaMaxBound;
  // What a random start may have missed at one end it may have missed at the other.
  const missed = complete ? 0 : high - lambdaMax - errorBounds.lambdaMax;
  const known = objective.curvatureFloor ?? (objective.convex ? 0 : -Infinity);
  const flat = definiteness === "semidefinite" || definiteness === "zero";
  const measured = complete && flat ? 0 : lambdaMin - errorBounds.lambdaMin - missed;
  const low = Math.max(measured, known);
  const positive =
    complete && low === 0 ? Math.max(0, c.smallestPositive - errorBounds.lambdaMax) : Math.max(0, low);
  return { low, high: Math.max(high, low), positive, exact: complete, failure: 1 - probability };
}

/** A Hessian of a set, read. */
export function readHessian(name: string, input: unknown, at: ArrayInput | undefined): HessianAt {
  const isMatrix =
    isArrayInput(input) || (typeof input === "object" && input !== null && "diagonal" in input);
  if (isMatrix) {
    const objective = inName(name, () => quadratic(input as SymmetricMatrix));
    return { objective, point: new Float64Array(objective.dimension) };
  }
  if (typeof input !== "object" || input === null) {
    throw new TypeError(
      `${owner}: ${name} must be a symmetric matrix, an objective or { value, gradient }, got ${describe(input)}`,
    );
  }
  return atPoint(owner, input as Objective, "at", at);
}

/** Errors of a matrix in the name of the argument that it was given as. */
function inName<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof RangeError)) throw error;
    const Same = error.constructor as new (message: string) => Error;
    throw new Same(
      error.message
        .replace(/^quadratic: matrix/, `${owner}: ${name}`)
        .replace(/^quadratic:/, `${owner}: ${name}:`),
    );
  }
}

export function readInterval(name: string, input: unknown): readonly [number, number] {
  checkVector(owner, name, input);
  const [low, high] = input as Numbers as [number, number];
  if ((input as Numbers).length !== 2 || low > high) {
    throw new RangeError(
      `${owner}: ${name} must be [low, high] with low ≤ high, got [${Array.from(input as Numbers).join(", ")}]`,
    );
  }
  return [low, high];
}

function readList(name: string, input: unknown): readonly unknown[] {
  if (!Array.isArray(input)) {
    throw new TypeError(`${owner}: ${name} must be an array, got ${describe(input)}`);
  }
  if (input.length === 0) throw new RangeError(`${owner}: ${name} must not be empty`);
  return Array.from(input);
}

function checkAlike(name: string, parts: readonly HessianAt[], first: HessianAt): void {
  const expected = first.objective.dimension;
  parts.forEach(({ objective: { dimension } }, i) => {
    if (dimension === expected) return;
    throw new RangeError(
      `${owner}: ${name}[${i}] must have ${expected} parameters as the first Hessian has, got ${dimension}`,
    );
  });
}

/** All Hessians with eigenvalues in intervals: the ends are attained by multiples of the identity. */
function ofEigenvalues(input: unknown): Spread {
  const several = isList(input) && input.length > 0 && isList(input[0]);
  const intervals = several
    ? readList("set.eigenvalues", input).map((each, i) => readInterval(`set.eigenvalues[${i}]`, each))
    : [readInterval("set.eigenvalues", input)];
  const low = Math.min(...intervals.map(([from]) => from));
  const high = Math.max(...intervals.map(([, to]) => to));
  return {
    low,
    high,
    positive: Math.max(0, low),
    exactLow: true,
    exactHigh: true,
    ...(several ? {} : { reachedFrom: high }),
    lowOfHighest: high,
    failure: 0,
    evaluations: 0,
  };
}

function ofList(input: unknown, at: ArrayInput | undefined): Spread {
  const parts = readList("set.hessians", input).map((each, i) => readHessian(`set.hessians[${i}]`, each, at));
  checkAlike("set.hessians", parts, parts[0]);
  const all = parts.map(extremesOf);
  const highest = all.reduce((a, b) => (b.high > a.high ? b : a));
  // A member that is zero everywhere moves nothing.
  const positive = all.map((each) => each.positive).filter((value) => value > 0);
  return {
    low: Math.min(...all.map(({ low }) => low)),
    high: highest.high,
    positive: positive.length > 0 ? Math.min(...positive) : 0,
    exactLow: all.every(({ exact }) => exact),
    exactHigh: all.every(({ exact }) => exact),
    lowOfHighest: highest.low,
    failure: all.reduce((sum, each) => sum + each.failure, 0),
    evaluations: all.length,
    nominal: all[0],
  };
}

/**
 * A ball: λmax(H₀ + E) ≤ λmax(H₀) + ‖E‖₂ and ‖E‖₂ ≤ ‖E‖F (Weyl); E = ±r·vvᵀ with the eigenvector v of either end has both
 * norms r and attains it.
 */
function ofBall(center: HessianAt, radius: unknown, norm: unknown): Spread {
  checkNumber(owner, "set.radius", radius, "[0, ∞)", (r) => r >= 0 && r < Infinity);
  if (norm !== undefined && norm !== "spectral" && norm !== "frobenius") {
    throw new TypeError(`${owner}: set.norm must be "spectral" or "frobenius", got ${describe(norm)}`);
  }
  const nominal = extremesOf(center);
  const low = nominal.low - radius;
  return {
    low,
    high: nominal.high + radius,
    positive: radius === 0 ? nominal.positive : Math.max(0, low),
    exactLow: nominal.exact,
    exactHigh: nominal.exact,
    reachedFrom: nominal.low,
    // r·vvᵀ lowers nothing.
    lowOfHighest: nominal.low,
    failure: nominal.failure,
    evaluations: 1,
    nominal,
  };
}

/**
 * DH₀D with D = diag(d), by its extreme ds alone. With y = Dx its quotient is yᵀH₀y / Σ yᵢ²/dᵢ²: λmax, the largest, is positive
 * where λmax(H₀) is (Sylvester's law of inertia), and a y at which it is positive gains by every larger dᵢ; where it is not
 * positive, it gains by every smaller one. λmin likewise with the signs turned round, and by Courant and Fischer's minima and maxima
 * over subspaces every eigenvalue in between. So M̄ and m̲ are those of two members.
 */
function ofScales(center: HessianAt, scale: unknown): Spread {
  const { dimension } = center.objective;
  const shares =
    typeof scale === "number" ? new Float64Array(dimension).fill(scale) : (scale as readonly number[]);
  checkVector(owner, "set.scale", shares, dimension);
  Array.from(shares).forEach((share, i) => {
    const name = typeof scale === "number" ? "set.scale" : `set.scale[${i}]`;
    checkNumber(owner, name, share, "[0, 1)", (v) => v >= 0 && v < 1);
  });
  const member = (sign: number) => {
    const factors = Float64Array.from(shares, (share) => 1 + sign * share);
    const objective = precondition(center.objective, factors, { at: Float64Array.from(center.point) });
    return extremesOf({ objective, point: objective.preconditioned(Float64Array.from(center.point)) });
  };
  const nominal = extremesOf(center);
  const [large, small] = [member(1), member(-1)];
  const highest = large.high > 0 ? large : small;
  const lowest = large.low < 0 ? large : small;
  return {
    low: lowest.low,
    high: highest.high,
    positive: lowest.low < 0 ? 0 : lowest.positive,
    exactLow: lowest.exact,
    exactHigh: highest.exact,
    reachedFrom: nominal.low,
    lowOfHighest: highest.low,
    failure: large.failure + small.failure,
    evaluations: 3,
    nominal,
  };
}

/**
 * A linear family over a box. λmax(H₀ + Σ uᵢHᵢ) = max over unit x of xᵀH₀x + Σ uᵢxᵀHᵢx is a maximum of functions linear in u,
 * hence convex, and a convex function on a box is largest at a vertex: a point of the box is a mean of vertices, and the
 * function there no more than the mean of its values at them. λmin is concave likewise, and smallest at a vertex. Where Hᵢ is
 * semidefinite, both ends rise (or fall) with uᵢ, so that its end is known; the others are tried in all combinations, up to
 * VERTICES of them, those that may matter most. What is left moves no eigenvalue by more than rᵢ‖Hᵢ‖₂ from the middle of its
 * interval (Weyl): a bound.
 */
function ofFamily(center: HessianAt, inputs: unknown, box: unknown, at: ArrayInput | undefined): Spread {
  const parts = readList("set.directions", inputs).map((each, i) =>
    readHessian(`set.directions[${i}]`, each, at),
  );
  checkAlike("set.directions", parts, center);
  const bounds = box === undefined ? parts.map(() => [-1, 1] as const) : readBox(box, parts.length);
  const spectra = parts.map(extremesOf);
  const sum = new HessianSum([center, ...parts]);
  let failure = spectra.reduce((total, each) => total + each.failure, 0);
  let evaluations = parts.length;
  const measure = (u: readonly number[]): Extremes => {
    evaluations++;
    const found = extremesOf({
      objective: sum.objective([1, ...u]),
      point: new Float64Array(center.objective.dimension),
    });
    failure += found.failure;
    return found;
  };
  try {
    const middle = bounds.map(([low, high]) => (low + high) / 2);
    const nominal = measure(middle);
    const moves = bounds
      .map(([low, high], i) => ({ i, size: ((high - low) / 2) * Math.max(spectra[i].high, -spectra[i].low) }))
      .filter(({ size }) => size > 0)
      .sort((a, b) => b.size - a.size);
    const isMonotone = ({ i }: { readonly i: number }) => spectra[i].low >= 0 || spectra[i].high <= 0;
    const open = moves.filter((move) => !isMonotone(move));
    const tried = open.slice(0, VERTICES);
    const rest = open.slice(VERTICES).reduce((total, { size }) => total + size, 0);
    const vertices = (side: 0 | 1): Extremes[] => {
      const u = [...middle];
      // Where Hᵢ is semidefinite, the end that raises (side 1) or lowers all eigenvalues.
      for (const { i } of moves.filter(isMonotone)) u[i] = bounds[i][spectra[i].low >= 0 ? side : 1 - side];
      return Array.from({ length: 2 ** tried.length }, (_, bits) => {
        tried.forEach(({ i }, k) => {
          u[i] = bounds[i][(bits >> k) & 1];
        });
        return measure(u);
      });
    };
    const settled = moves.some(isMonotone);
    const above = vertices(1);
    const below = settled ? vertices(0) : above;
    const highest = above.reduce((a, b) => (b.high > a.high ? b : a));
    const lowest = below.reduce((a, b) => (b.low < a.low ? b : a));
    const low = lowest.low - rest;
    return {
      high: highest.high + rest,
      low,
      positive: Math.max(0, low),
      exactHigh: rest === 0 && highest.exact,
      exactLow: rest === 0 && lowest.exact,
      reachedFrom: nominal.low,
      lowOfHighest: highest.low,
      failure,
      evaluations,
      nominal,
    };
  } finally {
    sum.dispose();
  }
}

function readBox(box: unknown, count: number): (readonly [number, number])[] {
  const intervals = readList("set.box", box);
  if (intervals.length !== count) {
    throw new RangeError(
      `${owner}: set.box must have ${count} intervals, one a direction, got ${intervals.length}`,
    );
  }
  return intervals.map((each, i) => readInterval(`set.box[${i}]`, each));
}

const forms = {
  eigenvalues: ["eigenvalues"],
  hessians: ["hessians"],
  radius: ["hessian", "radius", "norm"],
  directions: ["hessian", "directions", "box"],
  scale: ["hessian", "scale"],
} as const;

/**
 * The extreme eigenvalues of a set, which is told by the key that only its form has.
 *
 * @throws TypeError or RangeError naming the part of the set that is wrong
 */
export function spreadOf(set: unknown, at: ArrayInput | undefined): Spread {
  if (typeof set !== "object" || set === null || isList(set)) {
    throw new TypeError(
      `${owner}: set must be an object such as { eigenvalues: [low, high] }, got ${describe(set)}`,
    );
  }
  const given = set as Record<string, unknown>;
  const form = (Object.keys(forms) as (keyof typeof forms)[]).find((key) => key in given);
  if (form === undefined) {
    const known = [...new Set(Object.values(forms).flat())];
    checkKeys(`${owner}: set`, set, known);
    throw new TypeError(
      `${owner}: set must have eigenvalues, hessians, or hessian with radius, directions or scale, got ${Object.keys(given).join(", ") || "none of them"}`,
    );
  }
  checkKeys(`${owner}: set`, set, forms[form]);
  if (form === "eigenvalues") return ofEigenvalues(given.eigenvalues);
  if (form === "hessians") return ofList(given.hessians, at);
  const center = readHessian("set.hessian", given.hessian, at);
  if (form === "radius") return ofBall(center, given.radius, given.norm);
  if (form === "scale") return ofScales(center, given.scale);
  return ofFamily(center, given.directions, given.box, at);
}
