import { checkCount, checkKeys, checkNumberOption, checkTolerance } from "../core/check.ts";
import { describe } from "../core/describe.ts";
import { formatNumber } from "../core/format.ts";
import { gaussLegendre } from "../core/gauss-legendre.ts";
import { normalQuantile } from "../core/normal.ts";
import { rootBetween } from "../core/root.ts";
import { pow } from "../core/scalar.ts";
import { tracyWidom } from "./tracy-widom.ts";
import { LargestWishartEigenvalue } from "./wishart.ts";

/** Options of {@link predictLambdaMax}. */
export interface PredictLambdaMaxOptions {
  /** n, the rows of the data: an integer ≥ 1. */
  readonly rows: number;
  /** d, the columns: an integer ≥ 1. */
  readonly columns: number;
  /** σ² > 0 of an entry, default 1: that of standardised data. */
  readonly variance?: number;
  /** The probability with which the interval holds λmax, in (0, 1 − 1e-9], default 0.95. */
  readonly confidence?: number;
  /** Excess kurtosis E x⁴/σ⁴ − 3 of an entry: ≥ −2, default 0: that of normal numbers; −1.2 of uniform ones, −2 of signs. */
  readonly kurtosis?: number;
  /** Whether the mean of each column is taken off the data, which costs a row of freedom (`variance` is of what is left); default false. */
  readonly centered?: boolean;
  /** ℓ″ of the loss at the start: > 0; 1 of least squares (the default), 1/4 of a logistic model at 0, 1/k of a softmax of k classes at 0. */
  readonly scale?: number;
  /** What a penalty adds to every eigenvalue (l2): ≥ 0, default 0. */
  readonly shift?: number;
}

/** Where λmax of data will lie that nobody has read yet, and the steps that follow. */
export interface LambdaMaxPrediction {
  /** The lower end of the interval: λmax lies below with probability (1 − confidence)/2. */
  readonly lower: number;
  /** The upper end, likewise. */
  readonly upper: number;
  /** λmax is as likely to lie above as below. */
  readonly median: number;
  /** The probability of the interval. */
  readonly confidence: number;
  /** (1 + √γ)²σ², times `scale`, plus `shift`: where λmax of ever larger data of this aspect ratio goes. */
  readonly edge: number;
  /** "exact" where the distribution for normal entries was computed for this very shape, else "asymptotic" (Tracy–Widom). */
  readonly method: "exact" | "asymptotic";
  /** 2/upper: the learning rate below which gradient descent is stable with probability (1 + confidence)/2. */
  readonly speedLimit: number;
  /** 2/(upper + m), m being the lower edge: about the fastest constant rate. */
  readonly optimalStep: number;
  /** The factor by which that rate shrinks the slowest mode in each step, on the range where there are more columns than rows. */
  readonly contractionRate: number;
  /** One sentence: how large the step may be before the data are read, and why. */
  readonly message: string;
}

/** Up to this many rows or columns (the fewer of them) the distribution is computed for the very shape. */
const EXACT_LIMIT = 64;

/** The largest confidence: what is left in the tails is then still far above the rounding of the exact distribution. */
const MOST = 1 - 1e-9;

/** Where the score of a probability that rounds to 0 or 1 is taken to be. */
const FAR = 40;

/** Quantiles of the exact distribution are found to this part of its scale. */
const PRECISION = 1e-9;

const score = (p: number) => (p <= 0 ? -FAR : p >= 1 ? FAR : normalQuantile(p));

/** The center μ and the scale σ of nλmax for unit variance: Johnstone and Ma's, whose error falls as n^{−2/3}. */
function centering(rows: number, columns: number): { readonly mu: number; readonly sigma: number } {
  const n = Math.sqrt(rows - 0.5);
  const d = Math.sqrt(columns - 0.5);
  return { mu: (n + d) ** 2, sigma: (n + d) * pow(1 / n + 1 / d, 1 / 3) };
}

/** The quantiles of nλmax for normal entries of unit variance. */
function quantiles(rows: number, columns: number): (p: number) => number {
  const { mu, sigma } = centering(rows, columns);
  const asymptotic = (p: number) => mu + sigma * tracyWidom.quantile(p);
  if (Math.min(rows, columns) > EXACT_LIMIT) return asymptotic;
  const exact = new LargestWishartEigenvalue(rows, columns);
  return (p) => {
    const z = normalQuantile(p);
    const distance = (x: number) => score(exact.cdf(x)) - z;
    // Asymptotic quantiles are off by less than the width of the distribution, but for the smallest shapes.
    const near = asymptotic(p);
    let low = Math.max(0, near - sigma);
    let high = near + sigma;
    while (low > 0 && distance(low) > 0) low = Math.max(0, low - 2 * sigma);
    while (distance(high) < 0) high += 2 * sigma;
    return rootBetween(distance, low, high, PRECISION * sigma);
  };
}

/**
 * Where λmax of AᵀA/n will lie for data of n rows and d columns of independent entries of mean 0 and variance σ²:
 * an interval before the data are read, and the learning rate that follows. For least squares λmax is that of the
 * Hessian; for logistic and softmax models at zero weights it is times `scale`.
 *
 * For normal entries nλmax/σ² is the largest eigenvalue of a Wishart matrix. Where n or d is at most 64, its exact
 * distribution is computed for this shape; above, (nλmax/σ² − μ)/s follows Tracy and Widom's TW₁ with
 * μ = (√(n−½) + √(d−½))² and s = (√(n−½) + √(d−½))(1/√(n−½) + 1/√(d−½))^{1/3}. Other entries have the same limit; what
 * their kurtosis κ changes is the mean and the variance, to first order in κ: by κμ/√(nd) and κμ²/(nd) where n and d are large,
 * by 0 and κnd where one of them is 1.
 *
 * @param options.rows - n: an integer ≥ 1
 * @param options.columns - d: an integer ≥ 1; an intercept counts as one more
 * @param options.variance - σ² > 0 of an entry, default 1
 * @param options.confidence - the probability of the interval, in (0, 1 − 1e-9], default 0.95
 * @param options.kurtosis - excess kurtosis of an entry, ≥ −2, default 0
 * @param options.centered - whether the mean of each column is taken off the data, default false
 * @param options.scale - ℓ″ of the loss at the start, > 0, default 1
 * @param options.shift - what a penalty adds to every eigenvalue, ≥ 0, default 0
 * @returns the interval with its `median`, the limit that follows, and a sentence: see {@link LambdaMaxPrediction}
 * @throws TypeError or RangeError naming the option that is unknown or outside its domain
 *
 * @example
 * ```ts
 * import { predictLambdaMax } from "thalweg";
 * const { lower, upper, speedLimit, message } = predictLambdaMax({ rows: 1000, columns: 250 });
 * lower; // ≈ 2.17
 * upper; // ≈ 2.28
 * speedLimit; // ≈ 0.877
 * message; // "Independent entries in 1000 × 250 data put λmax between 2.172 and 2.279 with probability 0.95: …"
 * ```
 *
 * Source: Johnstone, "On the distribution of the largest eigenvalue in principal components analysis", Ann. Statist.
 * 29, 2001; Johnstone and Ma, "Fast approach to the Tracy–Widom law at the edge of GOE and GUE", Ann. Appl. Probab.
 * 22, 2012, for μ and s; for the shift by the kurtosis Hwang, Lee and Schnelli, "Local law and Tracy–Widom limit for
 * sparse sample covariance matrices", Ann. Appl. Probab. 29, 2019. The change of both moments for shapes of any size is derived
 * here, as is the exact distribution where the limit is far.
 */
export const predictLambdaMax = (options: PredictLambdaMaxOptions): LambdaMaxPrediction =>
  predict("predictLambdaMax", options);

/** As `predictLambdaMax`, on behalf of a function that messages name. */
export function predict(owner: string, options: PredictLambdaMaxOptions): LambdaMaxPrediction {
  checkKeys(owner, options, [
    ...["rows", "columns", "variance", "confidence", "kurtosis", "centered", "scale", "shift"],
  ]);
  const { centered = false, variance = 1, confidence = 0.95, kurtosis = 0, scale = 1, shift = 0 } = options;
  if (typeof centered !== "boolean") {
    throw new TypeError(`${owner}: centered must be true or false, got ${describe(centered)}`);
  }
  for (const name of ["rows", "columns"] as const) {
    if (options[name] === undefined) throw new TypeError(`${owner}: ${name} is needed, got undefined`);
    checkCount(owner, name, options[name], name === "rows" && centered ? 2 : 1);
  }
  const positive = (value: number) => value > 0 && value < Infinity;
  checkNumberOption(owner, "variance", variance, "(0, ∞)", positive);
  checkNumberOption(owner, "confidence", confidence, "(0, 1 − 1e-9]", (v) => v > 0 && v <= MOST);
  checkNumberOption(owner, "kurtosis", kurtosis, "[−2, ∞)", (v) => v >= -2 && v < Infinity);
  checkNumberOption(owner, "scale", scale, "(0, ∞)", positive);
  checkTolerance(owner, "shift", shift);
  const { rows, columns } = options;
  const free = centered ? rows - 1 : rows;
  const ofNormal = quantiles(free, columns);
  const adjust = forKurtosis(free, columns, kurtosis);
  const unit = (scale * variance) / free;
  const [lower, median, upper] = [(1 - confidence) / 2, 0.5, (1 + confidence) / 2].map(
    (p) => unit * Math.max(0, adjust(ofNormal(p))) + shift,
  );
  const [n, d] = [Math.sqrt(free), Math.sqrt(columns)];
  const bottom = unit * (n - d) ** 2 + shift;
  const found = {
    lower,
    upper,
    median,
    confidence,
    edge: unit * (n + d) ** 2 + shift,
    method: Math.min(free, columns) <= EXACT_LIMIT ? ("exact" as const) : ("asymptotic" as const),
    speedLimit: 2 / upper,
    optimalStep: 2 / (upper + bottom),
    contractionRate: (upper - bottom) / (upper + bottom),
  };
  const text = (value: number) => formatNumber(value, 4);
  return {
    ...found,
    message:
      `Independent entries in ${rows} × ${columns} data put λmax between ${text(lower)} and ${text(upper)} with probability ${confidence}: ` +
      `learning rates below ${text(found.speedLimit)} = 2/${text(upper)} are stable with probability ${formatNumber((1 + confidence) / 2, 6)}.`,
  };
}

/** Mean, variance and third central moment. */
interface Moments {
  readonly mean: number;
  readonly variance: number;
  readonly third: number;
}

/** E(X − EX)³/√VarX³ of Tracy and Widom's distribution (Bornemann 2010, table 9). */
const TRACY_WIDOM_SKEWNESS = 0.29346452408;

/** What a singular value may be away from its center, below and above, in standard deviations of an entry; and panels between. */
const [BELOW, ABOVE] = [8, 10];
const PANELS = 6;

/** The moments of nλmax for normal entries of unit variance. */
function momentsOf(rows: number, columns: number): Moments {
  const { mu, sigma } = centering(rows, columns);
  const center = mu + sigma * tracyWidom.mean;
  if (Math.min(rows, columns) > EXACT_LIMIT) {
    const variance = sigma * sigma * tracyWidom.variance;
    return { mean: center, variance, third: TRACY_WIDOM_SKEWNESS * variance * Math.sqrt(variance) };
  }
  // With the singular value t, E h(t²) = h(a²) + ∫ 2t h′(t²) P(λmax > t²) dt from any a that t is not below.
  const exact = new LargestWishartEigenvalue(rows, columns);
  const { nodes, weights } = gaussLegendre(16);
  const middle = Math.sqrt(Math.max(0, center));
  const start = Math.max(0, middle - BELOW);
  const half = (middle + ABOVE - start) / PANELS / 2;
  const from = start * start - center;
  const about = [1, from, from ** 2, from ** 3];
  for (let panel = 0; panel < PANELS; panel++) {
    nodes.forEach((node, k) => {
      const t = start + half * (2 * panel + 1 + node);
      const away = t * t - center;
      const share = half * weights[k] * 2 * t * (1 - exact.cdf(t * t));
      for (let order = 1; order <= 3; order++) about[order] += share * order * away ** (order - 1);
    });
  }
  const [, first, second, third] = about;
  return {
    mean: center + first,
    variance: second - first ** 2,
    third: third - 3 * first * second + 2 * first ** 3,
  };
}

/**
 * Moves a quantile of nλmax from normal entries to ones of an excess kurtosis κ.
 *
 * Edgeworth's expansion of the entries' distribution moves the mean of any f(A) by κ/24·Σᵢⱼ E f(A)·He₄(aᵢⱼ), to first order in κ. For
 * f = (nλmax)ᵏ, which rotations of rows and columns leave as it is, Σ He₄ may be averaged over them, where it is a polynomial of
 * T = tr AᵀA and tr(AᵀA)²; and by Stein's lemma all of it comes down to moments of nλmax itself, here with mean m, variance v and third
 * central moment s for normal entries:
 *
 *   mean:     m + κ/2·(v + m(m − n − d − 1))/((n + 2)(d + 2)),
 *   variance: v + κ(m² + (2m − n − d)v + s)/((n + 2)(d + 2)).
 *
 * Of a single row that is exact: nλmax is then the sum of its squares. Entries with less kurtosis than normal ones are no small change where
 * n and d are small: there the variance is that which the trace alone brings, v + κm²/(nd), where that is more.
 */
function forKurtosis(rows: number, columns: number, kurtosis: number): (x: number) => number {
  if (kurtosis === 0) return (x) => x;
  const { mean, variance, third } = momentsOf(rows, columns);
  const sides = rows + columns;
  const change = kurtosis / ((rows + 2) * (columns + 2));
  const further = (change / 2) * (variance + mean * (mean - sides - 1));
  const whole = variance + change * (mean * mean + (2 * mean - sides) * variance + third);
  const ofTrace = variance + (kurtosis * mean * mean) / (rows * columns);
  const wider = Math.sqrt(Math.max(0, whole, ofTrace) / variance);
  return (x) => mean + further + wider * (x - mean);
}
