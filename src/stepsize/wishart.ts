import { gaussLegendre, type Quadrature } from "../core/gauss-legendre.ts";
import { exp, log, log1p } from "../core/scalar.ts";

/** Points of a panel of the quadrature. */
const POINTS = 16;
/** Panels: a few, and one more for each so many functions of the basis, the last of which has as many zeros. */
const FEWEST_PANELS = 6;
const ZEROS_PER_PANEL = 3;
/** Standard deviations of the singular values' edges beyond which the weight is below 1e-30. */
const REACH = 12;

let quadrature: Quadrature | undefined;

/**
 * The exact distribution of the largest eigenvalue of AᵀA for a matrix A of independent standard normal entries.
 *
 * With m the smaller side and M the larger, the eigenvalues λ = t² of AᵀA (or AAᵀ) have the density
 * Π tᵢ^{M−m} e^{−tᵢ²/2} Π|tᵢ² − tⱼ²|, so that by de Bruijn's formula P(λmax ≤ x) is the ratio of two Pfaffians of
 * order m (m + 1 where m is odd), Pf(A(√x))/Pf(A(∞)), with
 *
 *   A(X)ᵢⱼ = ∫₀ˣ∫₀ˣ sign(v − u) gᵢ(u) gⱼ(v) du dv,   and in the row that is added ∫₀ˣ gᵢ(u) du.
 *
 * Any basis gᵢ(t) = pᵢ(t²) t^{M−m} e^{−t²/2} with polynomials pᵢ of degree i gives the same ratio; orthonormal ones
 * (generalised Hermite functions) keep the matrix well-conditioned. The integrals are taken by Gauss's rule on panels,
 * and Pf² = det.
 *
 * James 1964 for the density; de Bruijn, "On some multiple integrals involving determinants", 1955; Chiani,
 * "Distribution of the largest eigenvalue for real Wishart and Gaussian random matrices", J. Multivariate Anal. 129,
 * 2014, which evaluates the same Pfaffian by a recursion of incomplete gamma functions.
 */
export class LargestWishartEigenvalue {
  readonly #small: number;
  readonly #power: number;
  readonly #center: number;
  /** Singular values between which the weight is not negligible. */
  readonly #start: number;
  readonly #end: number;
  readonly #whole: number;

  /** The sides of A: integers ≥ 1. */
  constructor(rows: number, columns: number) {
    this.#small = Math.min(rows, columns);
    this.#power = Math.max(rows, columns) - this.#small;
    this.#center = Math.sqrt(this.#power);
    const large = Math.sqrt(Math.max(rows, columns));
    this.#start = Math.max(0, large - Math.sqrt(this.#small) - REACH);
    this.#end = large + Math.sqrt(this.#small) + REACH;
    this.#whole = this.#logPfaffian(this.#end);
  }

  /** P(λmax ≤ x), to about 1e-12. */
  cdf(x: number): number {
    if (!(x > 0)) return 0;
    return Math.min(1, exp(this.#logPfaffian(Math.min(Math.sqrt(x), this.#end)) - this.#whole));
  }

  /** ln |Pf A(X)|, up to a constant. */
  #logPfaffian(end: number): number {
    const m = this.#small;
    const start = this.#start;
    if (end <= start) return -Infinity;
    quadrature ??= gaussLegendre(POINTS);
    const { nodes, weights, cumulative } = quadrature;
    const panels = FEWEST_PANELS + Math.ceil(m / ZEROS_PER_PANEL);
    const half = (end - start) / panels / 2;
    const total = panels * POINTS;
    // Functions of the basis at all points (then times the weights), their integrals from the start to each, and in all.
    const values = new Float64Array(m * total);
    const integrals = new Float64Array(m * total);
    const whole = new Float64Array(m);
    for (let q = 0; q < total; q++) {
      const panel = Math.floor(q / POINTS);
      this.#basis(start + half * (2 * panel + 1 + nodes[q % POINTS]), values, q, total);
    }
    for (let i = 0; i < m; i++) {
      let before = 0;
      for (let from = i * total; from < (i + 1) * total; from += POINTS) {
        for (let k = 0; k < POINTS; k++) {
          let part = 0;
          for (let l = 0; l < POINTS; l++) part += cumulative[k * POINTS + l] * values[from + l];
          integrals[from + k] = before + half * part;
        }
        for (let k = 0; k < POINTS; k++) {
          values[from + k] *= half * weights[k];
          before += values[from + k];
        }
      }
      whole[i] = before;
    }
    const order = m + (m % 2);
    const matrix = new Float64Array(order * order);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < i; j++) {
        // ∫ gᵢ(u) (Gⱼ(X) − 2Gⱼ(u)) du.
        let sum = 0;
        for (let q = 0; q < total; q++) sum += values[i * total + q] * integrals[j * total + q];
        const entry = whole[i] * whole[j] - 2 * sum;
        matrix[i * order + j] = entry;
        matrix[j * order + i] = -entry;
      }
      if (order > m) {
        matrix[i * order + m] = whole[i];
        matrix[m * order + i] = -whole[i];
      }
    }
    return logDeterminant(matrix, order) / 2;
  }

  /** Writes g₀ … at t to every `pitch`-th entry from `at` on, by the recurrence of Laguerre's polynomials of t². */
  #basis(t: number, values: Float64Array, at: number, pitch: number): void {
    const power = this.#power;
    const center = this.#center;
    // t^power e^{−t²/2}, as a part of its largest value.
    const tilt = power === 0 ? 0 : power * log1p((t - center) / center);
    let now = exp(tilt - ((t - center) * (t + center)) / 2);
    let before = 0;
    const a = power - 0.5;
    for (let k = 0; k < this.#small; k++) {
      values[at + k * pitch] = now;
      const next =
        ((2 * k + 1 + a - t * t) * now - Math.sqrt(k * (k + a)) * before) / Math.sqrt((k + 1) * (k + 1 + a));
      before = now;
      now = next;
    }
  }
}

/** ln |det| by Gaussian elimination with partial pivoting, in place; −∞ where it is 0. */
function logDeterminant(matrix: Float64Array, order: number): number {
  let sum = 0;
  for (let k = 0; k < order; k++) {
    let pivot = k;
    for (let i = k + 1; i < order; i++) {
      if (Math.abs(matrix[i * order + k]) > Math.abs(matrix[pivot * order + k])) pivot = i;
    }
    for (let j = k; j < order; j++) {
      const swapped = matrix[k * order + j];
      matrix[k * order + j] = matrix[pivot * order + j];
      matrix[pivot * order + j] = swapped;
    }
    const diagonal = matrix[k * order + k];
    if (diagonal === 0) return -Infinity;
    sum += log(Math.abs(diagonal));
    for (let i = k + 1; i < order; i++) {
      const factor = matrix[i * order + k] / diagonal;
      for (let j = k + 1; j < order; j++) matrix[i * order + j] -= factor * matrix[k * order + j];
    }
  }
  return sum;
}
