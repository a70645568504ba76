import { checkKeys, checkNumber, checkNumberOption } from "../core/check.ts";
import { rootBetween } from "../core/root.ts";
import { atan2, cos, sin } from "../core/scalar.ts";

/** Options of {@link marchenkoPastur}. */
export interface MarchenkoPasturOptions {
  /** γ > 0: columns over rows. */
  readonly aspectRatio: number;
  /** σ² > 0 of an entry, default 1. */
  readonly variance?: number;
}

/** The Marchenko–Pastur law of one aspect ratio and variance. */
export interface MarchenkoPastur {
  /** γ. */
  readonly aspectRatio: number;
  /** σ²; also the mean of the law. */
  readonly variance: number;
  /** σ²(1 − √γ)²: no eigenvalue but 0 lies below in the limit. */
  readonly lower: number;
  /** σ²(1 + √γ)²: none lies above in the limit. */
  readonly upper: number;
  /** The share of eigenvalues that are 0: 1 − 1/γ where there are more columns than rows, else 0. */
  readonly atomAtZero: number;
  /** The density at x, without the atom: ∞ at 0 where γ = 1. */
  density(x: number): number;
  /** The share of eigenvalues that are at most x, the atom included, as exactly as x and the edges are rounded. */
  cdf(x: number): number;
  /** The x that a share p of the eigenvalues is at most, for p in [0, 1]. */
  quantile(p: number): number;
}

/** Below this √γ the closed form loses digits, and a power series of √γ is short. */
const SHORT_SERIES = 0.5;

/**
 * The share of eigenvalues at most (1 − r)² + 4r·sin²(ψ/2) of the law with γ = r² ≤ 1 and σ² = 1.
 *
 * With x = 1 + r² − 2r·cos ψ the density becomes (2/π) sin²ψ / (1 + r² − 2r·cos ψ) dψ, in which sin ψ over the
 * denominator is Σ rᵏ sin (k+1)ψ. Integrated term by term from 0 to ψ, and summed up again by
 * φ = Σ rᵐ sin(mψ)/m = arg(1/(1 − r·e^{iψ})): π·F = ψ + φ − (φ − r·sin ψ)/r².
 */
function shareBelow(psi: number, r: number): number {
  const sine = sin(psi);
  const phi = atan2(r * sine, 1 - r * cos(psi));
  let rest = (phi - r * sine) / (r * r);
  if (r < SHORT_SERIES) {
    // Σ rᵐ⁻² sin(mψ)/m from m = 2 on, with sin(mψ) by Chebyshev's recurrence.
    const twice = 2 * cos(psi);
    let before = sine;
    let now = twice * sine;
    let power = 1;
    rest = 0;
    for (let m = 2; power > 1e-18; m++) {
      rest += (power * now) / m;
      power *= r;
      [before, now] = [now, twice * now - before];
    }
  }
  return (psi + phi - rest) / Math.PI;
}

/**
 * The Marchenko–Pastur law: how the eigenvalues of AᵀA/n lie for a large n × d matrix A of independent entries
 * of mean 0 and variance σ², as d/n → γ. Its upper edge is λmax of such data, so that 2/(σ²(1 + √γ)²) is the
 * speed limit of least squares before the data are read; see {@link predictLambdaMax} for finite data.
 *
 * @param options.aspectRatio - γ > 0: columns over rows
 * @param options.variance - σ² > 0 of an entry, default 1
 * @returns the edges, the atom at 0, and the functions `density`, `cdf` and `quantile`
 * @throws TypeError or RangeError naming the argument that is unknown or outside its domain
 *
 * @example
 * ```ts
 * import { marchenkoPastur } from "thalweg";
 * const law = marchenkoPastur({ aspectRatio: 0.25, variance: 1 });
 * law.lower; // 0.25
 * law.upper; // 2.25
 * law.cdf(law.quantile(0.9)); // ≈ 0.9
 * marchenkoPastur({ aspectRatio: 4 }).atomAtZero; // 0.75
 * ```
 *
 * Source: Marchenko and Pastur, "Distribution of eigenvalues for some sets of random matrices", Math. USSR Sbornik
 * 1, 1967; the distribution function is integrated here.
 */
export function marchenkoPastur(options: MarchenkoPasturOptions): MarchenkoPastur {
  const owner = "marchenkoPastur";
  checkKeys(owner, options, ["aspectRatio", "variance"]);
  const positive = (value: number) => value > 0 && value < Infinity;
  checkNumber(owner, "aspectRatio", options.aspectRatio, "(0, ∞)", positive);
  checkNumberOption(owner, "variance", options.variance, "(0, ∞)", positive);
  const { aspectRatio, variance = 1 } = options;
  // AᵀA and AAᵀ have the same eigenvalues but zeros: a wide matrix has the law of its transpose, times γ.
  const wide = aspectRatio > 1;
  const r = Math.sqrt(wide ? 1 / aspectRatio : aspectRatio);
  const unit = wide ? variance * aspectRatio : variance;
  const share = wide ? 1 / aspectRatio : 1;
  const atomAtZero = 1 - share;
  const low = ((1 - r * r) / (1 + r)) ** 2;
  const high = (1 + r) ** 2;
  const lower = unit * low;
  const upper = unit * high;
  const checked = (name: string, x: number) =>
    checkNumber(owner, `the x of ${name}`, x, "[−∞, ∞]", (value) => !Number.isNaN(value));
  return {
    aspectRatio,
    variance,
    lower,
    upper,
    atomAtZero,
    density(x) {
      checked("density", x);
      if (x < lower || x > upper) return 0;
      const root = Math.sqrt(((upper - x) / unit) * ((x - lower) / unit));
      if (x === 0) return Infinity;
      return (share * root) / (2 * Math.PI * r * r * x);
    },
    cdf(x) {
      checked("cdf", x);
      if (x < 0) return 0;
      if (x >= upper) return 1;
      if (x <= lower) return atomAtZero;
      const psi = 2 * atan2(Math.sqrt(x / unit - low), Math.sqrt(high - x / unit));
      return atomAtZero + share * Math.max(0, shareBelow(psi, r));
    },
    quantile(p) {
      checkNumber(owner, "the p of quantile", p, "[0, 1]", (value) => value >= 0 && value <= 1);
      if (p === 1) return upper;
      const within = (p - atomAtZero) / share;
      if (within <= 0) return wide ? 0 : lower;
      const psi = rootBetween((angle) => shareBelow(angle, r) - within, 0, Math.PI);
      return unit * (low + 4 * r * sin(psi / 2) ** 2);
    },
  };
}
