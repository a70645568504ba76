// Plain implementations of the data objectives, as their formulas are printed: what the kernels
// are held against. Sums run in f64, in order.
import type { Random } from "../../src/core/random.ts";

export interface Plain {
  readonly value: number;
  readonly gradient: Float64Array;
  /** Hv for the direction given. */
  readonly product: Float64Array;
}

export interface PlainProblem {
  readonly rows: readonly Float64Array[];
  /** y of least squares, ±1 of logistic regression, the class of softmax. */
  readonly targets: ArrayLike<number>;
  readonly l2: number;
  readonly classes: number;
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>, from = 0, step = 1): number => {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[from + j * step];
  return sum;
};

function penalised(p: Plain, l2: number, w: Float64Array, v: Float64Array): Plain {
  return {
    value: p.value + (l2 / 2) * dot(w, w),
    gradient: p.gradient.map((g, i) => g + l2 * w[i]),
    product: p.product.map((g, i) => g + l2 * v[i]),
  };
}

function linear(
  p: PlainProblem,
  w: Float64Array,
  v: Float64Array,
  loss: (z: number, y: number) => readonly [value: number, slope: number, curvature: number],
): Plain {
  let value = 0;
  const gradient = new Float64Array(w.length);
  const product = new Float64Array(w.length);
  const n = p.rows.length;
  p.rows.forEach((a, i) => {
    const [own, slope, curvature] = loss(dot(a, w), p.targets[i]);
    value += own / n;
    const along = curvature * dot(a, v);
    a.forEach((entry, j) => {
      gradient[j] += (slope * entry) / n;
      product[j] += (along * entry) / n;
    });
  });
  return penalised({ value, gradient, product }, p.l2, w, v);
}

export const plainLeastSquares = (p: PlainProblem, w: Float64Array, v: Float64Array): Plain =>
  linear(p, w, v, (z, y) => [0.5 * (z - y) ** 2, z - y, 1]);

export const plainLogistic = (p: PlainProblem, w: Float64Array, v: Float64Array): Plain =>
  linear(p, w, v, (z, s) => {
    const sigmoid = 1 / (1 + Math.exp(-Math.abs(z)));
    const wrong = s * z > 0 ? Math.exp(-Math.abs(z)) * sigmoid : sigmoid;
    const value = Math.max(-s * z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
    return [value, -s * wrong, sigmoid * Math.exp(-Math.abs(z)) * sigmoid];
  });

export function plainSoftmax(p: PlainProblem, w: Float64Array, v: Float64Array): Plain {
  const k = p.classes;
  const n = p.rows.length;
  let value = 0;
  const gradient = new Float64Array(w.length);
  const product = new Float64Array(w.length);
  p.rows.forEach((a, i) => {
    const z = Array.from({ length: k }, (_, c) => dot(a, w, c, k));
    const u = Array.from({ length: k }, (_, c) => dot(a, v, c, k));
    const top = Math.max(...z);
    const e = z.map((score) => Math.exp(score - top));
    const sum = e.reduce((s, t) => s + t, 0);
    const prob = e.map((t) => t / sum);
    value += (top - z[p.targets[i]] + Math.log(sum)) / n;
    const mean = dot(prob, u);
    a.forEach((entry, j) => {
      for (let c = 0; c < k; c++) {
        gradient[j * k + c] += (entry * (prob[c] - (c === p.targets[i] ? 1 : 0))) / n;
        product[j * k + c] += (entry * prob[c] * (u[c] - mean)) / n;
      }
    });
  });
  return penalised({ value, gradient, product }, p.l2, w, v);
}

/** A vector of standard normals; in f32 the same numbers are rounded, so that both sides get the same data. */
export function normals(random: Random, count: number): Float64Array {
  return Float64Array.from({ length: count }, () => Math.fround(random.normal()));
}

export function normalRows(random: Random, rows: number, columns: number): Float64Array[] {
  return Array.from({ length: rows }, () => normals(random, columns));
}
