import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { constant, count, fraction, nonNegative, rate } from "./options.ts";
import { PANEL_BYTES, paddedBytes } from "./padded.ts";
import { plainEigen } from "./plain-eigen.ts";
import { combined, matrix, type PlainMatrix, times, transposed } from "./plain-matrix.ts";
import { defineRule, plainDivide } from "./rule.ts";

type SoapSlot = "m" | "v" | "left" | "right" | "leftBasis" | "rightBasis";

/** Whether a side is turned into an eigenbasis: that of a matrix, up to a size. */
const isTurned = (side: number, other: number, { maxSide }: { readonly maxSide: number }) =>
  side > 1 && other > 1 && side <= maxSide;

const leftShape = (rows: number, columns: number, o: { readonly maxSide: number }) =>
  isTurned(rows, columns, o) ? [rows, rows] : [1];
const rightShape = (rows: number, columns: number, o: { readonly maxSide: number }) =>
  isTurned(columns, rows, o) ? [columns, columns] : [1];

/** The two sides of a block in a basis, as far as they have one: the rows of each matrix are its vectors. */
interface Bases {
  readonly left?: PlainMatrix;
  readonly right?: PlainMatrix;
}

/** E_L·A·E_Rᵀ. */
function turned(a: PlainMatrix, { left, right }: Bases): PlainMatrix {
  const half = left ? times(left, a) : a;
  return right ? times(half, transposed(right)) : half;
}

/** E_Lᵀ·A·E_R. */
function turnedBack(a: PlainMatrix, { left, right }: Bases): PlainMatrix {
  const half = left ? times(transposed(left), a) : a;
  return right ? times(half, right) : half;
}

/**
 * SOAP: Adam in the eigenbasis of Shampoo's statistics.
 *
 * G' = E_L·G·E_Rᵀ, m and v as Adam's of G', N' = m̂/(√v̂ + ε), x ← x − η(E_Lᵀ·N'·E_R + weightDecay·x),
 * L ← β₂L + (1−β₂)GGᵀ, R ← β₂R + (1−β₂)GᵀG; every `every` steps the rows of E_L and E_R become the eigenvectors of L and
 * R, in falling order, and m goes along.
 *
 * Until the first of these the bases are the identity, and the steps Adam's. A side above maxSide keeps the identity, and
 * so do both sides of a block of one row or one column, which Adam steps for good. Of a block of more than two axes the
 * first is the rows, and all others together are the columns. A gradient that is not finite makes its whole block NaN,
 * and stays in the moments and statistics.
 *
 * @param options.learningRate - η ≥ 0, default 0.003
 * @param options.beta1 - in [0, 1), default 0.95
 * @param options.beta2 - in [0, 1), of v, L and R; default 0.95
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 what had no gradient in its direction stays
 * @param options.every - steps between two bases, a whole number ≥ 1, default 10
 * @param options.maxSide - the largest side that gets a basis, a whole number ≥ 1, default 512 (the authors: 10000)
 * @param options.weightDecay - decoupled, times the learning rate, ≥ 0, default 0.01
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { createOptimizer, soap } from "thalweg";
 * const rule = soap({ learningRate: 0.1, weightDecay: 0 });
 * const optimizer = createOptimizer(rule, { w: { shape: [2, 2], values: [0, 0, 0, 0] } });
 * optimizer.gradient.w.set([4, 4, 0.01, -0.01]);
 * optimizer.step();
 * optimizer.parameters.w; // ≈ [-0.1, -0.1, -0.1, 0.1]: Adam's, for there is no basis yet
 * optimizer.dispose();
 * ```
 *
 * Source: Vyas et al., "SOAP: improving and stabilizing Shampoo using Adam", ICLR 2025, algorithm 3. There are three
 * departures. The authors renew a basis by one step of power iteration and a QR decomposition; here it is decomposed
 * anew, by Jacobi in f64, so that the basis is that of the statistics whatever came before. The authors take the first
 * basis from the first gradient, and skip its step: unless a block is square that gradient does not determine one. And m
 * is turned into each new basis, where the authors turn it at each step: the same in fewer products.
 */
export const soap = defineRule({
  name: "soap",
  summary: "Adam in the eigenbasis of Shampoo's statistics",
  formula: "G' = E_L·G·E_Rᵀ, N' = Adam(G'), x ← x − η(E_Lᵀ·N'·E_R + λx)",
  use: "Adam is too slow because the curvature mixes rows or columns",
  source: "Vyas et al. 2025, algorithm 3",
  options: {
    learningRate: rate(3e-3),
    beta1: fraction(0.95),
    beta2: fraction(0.95),
    epsilon: nonNegative(1e-8),
    every: constant(count(10, 1)),
    maxSide: constant(count(512, 1)),
    weightDecay: nonNegative(0.01),
  },
  slots: (): SoapSlot[] => ["m", "v", "left", "right", "leftBasis", "rightBasis"],
  slotShapes: { left: leftShape, right: rightShape, leftBasis: leftShape, rightBasis: rightShape },
  kernel: () => "soap",
  scratch(o, rows, columns) {
    const side = Math.max(isTurned(rows, columns, o) ? rows : 1, isTurned(columns, rows, o) ? columns : 1);
    return 4 * paddedBytes(rows, columns) + 3 * paddedBytes(side, side) + 16 * side + PANEL_BYTES;
  },
  carries: [1, 0, 1, 0],
  scalars(out, o, { t, carried }) {
    out[0] = o.maxSide;
    out[1] = t > o.every ? 1 : 0;
    out[2] = o.beta1;
    out[3] = 1 - o.beta1;
    out[4] = o.beta2;
    out[5] = 1 - o.beta2;
    out[6] = 1 / (1 - multiplyRunning(carried, 0, o.beta1));
    out[7] = 1 / Math.sqrt(1 - multiplyRunning(carried, 2, o.beta2));
    out[8] = o.epsilon;
    out[9] = o.learningRate;
    out[10] = o.learningRate * o.weightDecay;
    out[11] = t % o.every === 0 ? 1 : 0;
  },
  blockTextbook({ t, rows, columns, x, g, slots }, o) {
    const { m, v, left, right, leftBasis, rightBasis } = slots;
    const sides = {
      ...(isTurned(rows, columns, o) ? { left: matrix(rows, rows, leftBasis) } : {}),
      ...(isTurned(columns, rows, o) ? { right: matrix(columns, columns, rightBasis) } : {}),
    };
    const bases: Bases = t > o.every ? sides : {};
    const gradient = matrix(rows, columns, g);
    const inBasis = turned(gradient, bases);
    const normalised = inBasis.entries.map((entry, k) => {
      m[k] = o.beta1 * m[k] + (1 - o.beta1) * entry;
      v[k] = o.beta2 * v[k] + (1 - o.beta2) * entry ** 2;
      const [mHat, vHat] = [m[k] / (1 - pow(o.beta1, t)), v[k] / (1 - pow(o.beta2, t))];
      return plainDivide(mHat, Math.sqrt(vHat) + o.epsilon);
    });
    const step = turnedBack(matrix(rows, columns, normalised), bases);
    for (let k = 0; k < x.length; k++) {
      x[k] -= o.learningRate * (step.entries[k] + o.weightDecay * x[k]);
    }
    const renew = (statistic: Float64Array, a: PlainMatrix) => {
      const square = times(a, transposed(a));
      const old = matrix(square.rows, square.columns, statistic);
      statistic.set(combined(old, square, (s, q) => o.beta2 * s + (1 - o.beta2) * q).entries);
    };
    if (sides.left) renew(left, gradient);
    if (sides.right) renew(right, transposed(gradient));
    if (t % o.every !== 0) return;
    const moment = turnedBack(matrix(rows, columns, m), bases);
    if (sides.left) leftBasis.set(plainEigen(matrix(rows, rows, left)).vectors.entries);
    if (sides.right) rightBasis.set(plainEigen(matrix(columns, columns, right)).vectors.entries);
    m.set(turned(moment, sides).entries);
  },
});
