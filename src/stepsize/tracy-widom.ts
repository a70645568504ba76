import { checkNumber } from "../core/check.ts";
import { normalCdf, normalDensity, normalQuantile } from "../core/normal.ts";
import { rootBetween } from "../core/root.ts";

/** Where the approximation begins and ends: F₁ is 3.2e-22 at the left end, and 1 − 1.3e-17 at the right one. */
const LEFT = -10;
const RIGHT = 14;

/** The smallest probability that `quantile` takes: F₁ is larger at LEFT than any below. */
const LEAST = 1e-21;

/**
 * Chebyshev coefficients of z(s) = Φ⁻¹(F₁(s)) on [LEFT, RIGHT], which has neither tails nor digits to lose. F₁(s) was
 * computed at 96 Chebyshev points as the Fredholm determinant of Ai(s + u + v) on u, v > 0 (Ferrari and Spohn 2005) by
 * Gauss–Legendre quadrature (Bornemann 2010) with 84 points in 40 digits. What was cut off sums to 3e-12 in z.
 */
const coefficients = [
  0.8731371317315705, 8.747804967009747, -1.4538488088592265, 0.3220843025403745, -0.00520436991360455,
  -0.03012835047645028, 0.00691774945072169, 0.0041100478220023, -0.0023780296395751, -0.00046487788173702,
  0.00071880474444525, -3.086605249181e-5, -0.00020048306496961, 5.358204544679e-5, 5.000359161559e-5,
  -2.796854121451e-5, -9.96867451604e-6, 1.136317471147e-5, 8.214423056e-7, -4.00235270507e-6, 5.966150651e-7,
  1.24023391801e-6, -4.7657158135e-7, -3.2614653818e-7, 2.373011855e-7, 6.237398257e-8, -9.699110473e-8,
  -7.9076366e-10, 3.444854985e-8, -7.26079689e-9, -1.063663925e-8, 4.91632228e-9, 2.70835621e-9,
  -2.34992269e-9, -4.4945481e-10, 9.3972067e-10, -4.687124e-11, -3.2648148e-10, 8.924578e-11, 9.744149e-11,
  -5.376776e-11, -2.308423e-11, 2.4516e-11, 2.84414e-12, -9.48071e-12, 1.09616e-12, 3.17993e-12, -1.10993e-12,
];

/** The sum of the series at s, and its derivative by s (Clenshaw's recurrence). */
function score(s: number): { readonly z: number; readonly slope: number } {
  const x = (2 * s - LEFT - RIGHT) / (RIGHT - LEFT);
  let [value, before] = [0, 0];
  let [slope, slopeBefore] = [0, 0];
  for (let k = coefficients.length - 1; k > 0; k--) {
    [slope, slopeBefore] = [2 * x * slope - slopeBefore + 2 * value, slope];
    [value, before] = [2 * x * value - before + coefficients[k], value];
  }
  return {
    z: x * value - before + coefficients[0],
    slope: ((x * slope - slopeBefore + value) * 2) / (RIGHT - LEFT),
  };
}

const checked = (name: string, s: number) =>
  checkNumber("tracyWidom", `the s of ${name}`, s, "[−∞, ∞]", (value) => !Number.isNaN(value));

/** A distribution of one number. */
export interface Distribution {
  /** Its mean. */
  readonly mean: number;
  /** Its variance. */
  readonly variance: number;
  /** The density at s. */
  density(s: number): number;
  /** The probability of being at most s. */
  cdf(s: number): number;
  /** The s that it is at most with probability p. */
  quantile(p: number): number;
}

/**
 * The Tracy–Widom distribution of real random matrices, TW₁: what (nλmax − μ)/σ of a large n × d matrix of independent
 * entries tends to, λmax being that of AᵀA/n; see {@link predictLambdaMax} for μ and σ.
 *
 * `cdf` is right to 2e-12, and relatively to 1e-10 in the lower tail. Left of −10 (probability 3e-22) it is 0. `quantile`
 * takes p in [1e-21, 1).
 *
 * @throws TypeError or RangeError from its functions where s is NaN, or p outside its domain
 *
 * @example
 * ```ts
 * import { tracyWidom } from "thalweg";
 * tracyWidom.mean; // -1.20653…
 * tracyWidom.quantile(0.95); // 0.97931…
 * tracyWidom.cdf(2.0234); // ≈ 0.99
 * ```
 *
 * Source: Tracy and Widom, "On orthogonal and symplectic matrix ensembles", Comm. Math. Phys. 177, 1996; as a
 * determinant: Ferrari and Spohn, J. Phys. A 38, 2005; its quadrature: Bornemann, Math. Comp. 79, 2010.
 */
export const tracyWidom: Distribution = Object.freeze({
  mean: -1.206533574582025,
  variance: 1.607781034581361,
  density(s: number): number {
    checked("density", s);
    if (s <= LEFT || s >= RIGHT) return 0;
    const { z, slope } = score(s);
    return normalDensity(z) * slope;
  },
  cdf(s: number): number {
    checked("cdf", s);
    if (s <= LEFT) return 0;
    if (s >= RIGHT) return 1;
    return normalCdf(score(s).z);
  },
  quantile(p: number): number {
    checkNumber(
      "tracyWidom",
      "the p of quantile",
      p,
      `[${LEAST}, 1)`,
      (value) => value >= LEAST && value < 1,
    );
    const z = normalQuantile(p);
    return rootBetween((s) => score(s).z - z, LEFT, RIGHT);
  },
});
