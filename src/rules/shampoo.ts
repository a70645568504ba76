import { describe } from "../core/describe.ts";
import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { measurePlainly } from "./measure.ts";
import {
  constant,
  count,
  flag,
  fraction,
  nonNegative,
  type OptionsAtStep,
  positive,
  rate,
  share,
} from "./options.ts";
import { PANEL_BYTES, paddedBytes } from "./padded.ts";
import { plainEigen } from "./plain-eigen.ts";
import { matrix, type PlainMatrix, times, transposed } from "./plain-matrix.ts";
import { defineRule, plainDivide } from "./rule.ts";

const options = {
  learningRate: rate(0.1),
  momentum: fraction(0),
  decay: share(1),
  epsilon: positive(1e-4),
  order: constant(count(4, 1)),
  every: constant(count(1, 1)),
  maxSide: constant(count(512, 1)),
  graftGradient: flag(false),
  graftDiagonal: flag(false),
  weightDecay: nonNegative(0),
};

type ShampooSlot = "left" | "right" | "leftRoot" | "rightRoot" | "squares" | "buffer";

/** Under the roots of the diagonal step whose length is grafted: GRAFT_EPSILON of the kernel. */
const GRAFT_EPSILON = 1e-10;

/** The shape of what is kept of a side: a square, its diagonal where it is too large, one number that stays 0 where the side is not used. */
const sideShape = (side: number, isUsed: boolean, maxSide: number): readonly number[] =>
  !isUsed ? [1] : side > maxSide ? [side] : [side, side];
const leftShape = (rows: number, _: number, o: { readonly maxSide: number }) =>
  sideShape(rows, rows > 1, o.maxSide);
const rightShape = (rows: number, columns: number, o: { readonly maxSide: number }) =>
  sideShape(columns, columns > 1 || rows === 1, o.maxSide);

/** 1 where the roots are renewed at this step, else 0. */
const isDue = (t: number, every: number) => (t - 1) % every === 0;

/** What the sum or average of squares is multiplied by, so that an average that begins at 0 is unbiased. */
const correctionAt = (t: number, decay: number) => (decay === 1 ? 1 : 1 / (1 - pow(decay, t)));

type OptionsNow = OptionsAtStep<typeof options>;

/** S ← keep·S + take·GGᵀ, or of its diagonal; and when it is due root ← (S + εI)^(−exponent). */
function renewSide(
  t: number,
  g: PlainMatrix,
  statistic: Float64Array,
  root: Float64Array,
  exponent: number,
  o: OptionsNow,
) {
  const { rows: n } = g;
  const take = o.decay === 1 ? 1 : 1 - o.decay;
  const { entries } = times(g, transposed(g));
  const isWhole = n <= o.maxSide;
  const inverse = (value: number) =>
    pow(Math.max(value * correctionAt(t, o.decay), 0) + o.epsilon, -exponent);
  for (let k = 0; k < statistic.length; k++) {
    statistic[k] = o.decay * statistic[k] + take * entries[isWhole ? k : k * n + k];
  }
  if (!isDue(t, o.every)) return;
  if (!isWhole) {
    root.set(statistic.map(inverse));
    return;
  }
  const { values, vectors } = plainEigen(matrix(n, n, statistic));
  const scaled = vectors.entries.map((entry, k) => entry * inverse(values[Math.floor(k / n)]));
  root.set(times(transposed(vectors), matrix(n, n, scaled)).entries);
}

/** A root times A; of a root of which the diagonal is all that is kept, row by row. */
function rooted(root: Float64Array, a: PlainMatrix): PlainMatrix {
  if (root.length !== a.rows) return times(matrix(a.rows, a.rows, root), a);
  return { ...a, entries: a.entries.map((entry, k) => root[Math.floor(k / a.columns)] * entry) };
}

const lengthOf = (values: Float64Array) => measurePlainly({ norm: "g" }, [{ g: values }]);

/**
 * Shampoo: gradients preconditioned from both sides of a matrix by inverse roots of what they have been.
 *
 * L ← L + GGᵀ, R ← R + GᵀG, U = (L + εI)^(−1/p)·G·(R + εI)^(−1/p), b ← μb + U, x ← x − η(b + weightDecay·x), p = 4.
 *
 * Every `every` steps, from the first on, the roots are worked out anew, by eigenvalues in f64. A side above maxSide
 * keeps the diagonal of its statistic. A block of one row or one column has one side, whose root takes the powers of
 * both: 2/p, which is Adagrad with a full matrix. Of a block of more than two axes the first is the rows, and all others
 * together are the columns. A gradient that is not finite stays in the statistics, and with a side that keeps a square
 * makes its whole block NaN.
 *
 * @param options.learningRate - η ≥ 0, default 0.1
 * @param options.momentum - μ in [0, 1) of the preconditioned gradients, default 0
 * @param options.decay - in [0, 1], default 1: sums, as in the paper; below 1 averages, L ← decay·L + (1−decay)GGᵀ,
 * divided by 1 − decayᵗ
 * @param options.epsilon - ε > 0, default 1e-4
 * @param options.order - p, a whole number ≥ 1, default 4 (the paper's for matrices); 2 makes the product of both sides a
 * full inverse root
 * @param options.every - steps between two roots, a whole number ≥ 1, default 1
 * @param options.maxSide - the largest side that keeps a square, a whole number ≥ 1, default 512
 * @param options.graftGradient - give U the length of the gradient, default false
 * @param options.graftDiagonal - give U the length of Adagrad's step (of RMSProp's at a decay below 1), default false
 * @param options.weightDecay - decoupled, times the learning rate, ≥ 0, default 0
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain; RangeError
 * where two lengths are asked for
 *
 * @example
 * ```ts
 * import { createOptimizer, shampoo } from "thalweg";
 * const rule = shampoo({ learningRate: 1, epsilon: 1e-12 });
 * const optimizer = createOptimizer(rule, { w: { shape: [2, 2], values: [0, 0, 0, 0] } });
 * optimizer.gradient.w.set([0, 50, 2, 0]); // at the first step every singular value becomes 1
 * optimizer.step();
 * optimizer.parameters.w; // ≈ [0, -1, -1, 0]
 * optimizer.dispose();
 * ```
 *
 * Source: Gupta, Koren, Singer, "Shampoo: preconditioned stochastic tensor optimization", ICML 2018, algorithm 1, with ε
 * added when the root is taken, where it is not lost in a large sum; grafting: Agarwal et al., arXiv 2002.11803, and
 * averages: Shi et al., "A distributed data-parallel PyTorch implementation of the distributed Shampoo optimizer", arXiv
 * 2309.06497 (whose default side is 1024, and which cuts larger ones into blocks). The paper has a root for each axis of
 * a tensor. torch_optimizer takes p = 2 for matrices, and adds the weight decay to the gradient.
 */
export const shampoo = defineRule({
  name: "shampoo",
  summary: "gradients preconditioned from both sides of a matrix",
  formula: "L ← L + GGᵀ, R ← R + GᵀG, x ← x − η(L + εI)^(−1/p)·G·(R + εI)^(−1/p)",
  use: "the curvature of a layer mixes its rows or its columns",
  source: "Gupta, Koren & Singer 2018, algorithm 1",
  options,
  validate({ graftGradient, graftDiagonal }, owner) {
    if (graftGradient && graftDiagonal) {
      throw new RangeError(
        `${owner}: a step can have one length: graftGradient or graftDiagonal, got ${describe(true)} for both`,
      );
    }
  },
  slots: (o): ShampooSlot[] => [
    ...(["left", "right", "leftRoot", "rightRoot"] as const),
    ...(o.graftDiagonal ? ["squares" as const] : []),
    ...(o.momentum === 0 ? [] : ["buffer" as const]),
  ],
  slotShapes: { left: leftShape, right: rightShape, leftRoot: leftShape, rightRoot: rightShape },
  kernel: (o) => (o.momentum === 0 ? "shampoo" : "shampooMomentum"),
  scratch(o, rows, columns) {
    const side = Math.max(...[rows, columns].map((n) => (n <= o.maxSide ? n : 1)));
    const blocks = 3 * paddedBytes(rows, columns) + 8 * columns;
    return blocks + 4 * paddedBytes(side, side) + 16 * side + PANEL_BYTES;
  },
  carries: [1, 0],
  scalars(out, o, { t, carried }) {
    const power = multiplyRunning(carried, 0, o.decay);
    out[0] = o.decay;
    out[1] = o.decay === 1 ? 1 : 1 - o.decay;
    out[2] = o.epsilon;
    out[3] = o.decay === 1 ? 1 : 1 / (1 - power);
    out[4] = isDue(t, o.every) ? 1 : 0;
    out[5] = o.maxSide;
    out[6] = o.order;
    out[7] = o.graftGradient ? 1 : o.graftDiagonal ? 2 : 0;
    out[8] = o.learningRate;
    out[9] = o.learningRate * o.weightDecay;
    out[10] = o.momentum;
  },
  blockTextbook({ t, rows, columns, x, g, slots }, o) {
    const { left, right, leftRoot, rightRoot, squares, buffer } = slots;
    const gradient = matrix(rows, columns, g);
    const [hasLeft, hasRight] = [rows > 1, columns > 1 || rows === 1];
    const exponent = (hasLeft && hasRight ? 1 : 2) / o.order;
    let update = gradient;
    if (hasLeft) {
      renewSide(t, gradient, left, leftRoot, exponent, o);
      update = rooted(leftRoot, update);
    }
    if (hasRight) {
      renewSide(t, transposed(gradient), right, rightRoot, exponent, o);
      update = transposed(rooted(rightRoot, transposed(update)));
    }
    const take = o.decay === 1 ? 1 : 1 - o.decay;
    const diagonal = squares?.map((square, k) => o.decay * square + take * g[k] ** 2);
    squares?.set(diagonal);
    const steps = diagonal?.map((square, k) =>
      plainDivide(g[k], Math.sqrt(square * correctionAt(t, o.decay)) + GRAFT_EPSILON),
    );
    const grafted = o.graftGradient ? lengthOf(g) : steps ? lengthOf(steps) : undefined;
    const length = lengthOf(update.entries);
    const fit = grafted === undefined || length === 0 ? 1 : grafted / length;
    for (let k = 0; k < x.length; k++) {
      let step = fit * update.entries[k];
      if (buffer) {
        step += o.momentum * buffer[k];
        buffer[k] = step;
      }
      x[k] -= o.learningRate * (step + o.weightDecay * x[k]);
    }
  },
});
