import { cos } from "./scalar.ts";

/** A quadrature rule on [−1, 1]. */
export interface Quadrature {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
  /** Entry k·n + l: what node l counts in the integral from −1 to node k. */
  readonly cumulative: Float64Array;
}

/**
 * Gauss's rule of n points on [−1, 1], exact for polynomials of degree 2n − 1, with the integrals of its
 * interpolating polynomial up to each node: ∫ℓₗ = wₗ Σ (m + ½) Pₘ(xₗ) ∫Pₘ, where (2m + 1)∫Pₘ = Pₘ₊₁ − Pₘ₋₁.
 *
 * DLMF 3.5.18 and 18.17.1.
 */
export function gaussLegendre(n: number): Quadrature {
  const nodes = new Float64Array(n);
  const weights = new Float64Array(n);
  const polynomials: Float64Array[] = [];
  for (let k = 0; k < n; k++) {
    let x = -cos((Math.PI * (k + 0.75)) / (n + 0.5));
    for (let turn = 0; turn < 4; turn++) {
      const p = legendre(n, x);
      x -= (p[n] * (1 - x * x)) / (n * (p[n - 1] - x * p[n]));
    }
    const p = legendre(n, x);
    nodes[k] = x;
    weights[k] = (2 * (1 - x * x)) / (n * p[n - 1]) ** 2;
    polynomials.push(p);
  }
  const cumulative = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    for (let l = 0; l < n; l++) {
      let sum = (nodes[k] + 1) / 2;
      for (let m = 1; m < n; m++) {
        sum += (polynomials[l][m] * (polynomials[k][m + 1] - polynomials[k][m - 1])) / 2;
      }
      cumulative[k * n + l] = weights[l] * sum;
    }
  }
  return { nodes, weights, cumulative };
}

/** Legendre's polynomials of degrees 0 to n at x. */
function legendre(n: number, x: number): Float64Array {
  const p = new Float64Array(n + 1);
  p[0] = 1;
  p[1] = x;
  for (let m = 1; m < n; m++) p[m + 1] = ((2 * m + 1) * x * p[m] - m * p[m - 1]) / (m + 1);
  return p;
}
