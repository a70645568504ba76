import { flag, fraction, nonNegative, rate, share } from "./options.ts";
import { defineRule, plainDivide } from "./rule.ts";

type Sm3Slot = "rowMaxima" | "columnMaxima" | "m";

/**
 * SM3: Adagrad with one accumulator for each row and each column of a block, in place of one for each parameter.
 *
 * ν = min(rᵢ, cⱼ) + g², x ← x − η·g/√(ν + ε), rᵢ ← maxⱼ ν, cⱼ ← maxᵢ ν. With momentum m ← βm + (1−β)g/√(ν + ε),
 * x ← x − ηm.
 *
 * A block of one row is Adagrad itself: cⱼ is then the sum of the parameter's own squares, and rᵢ is no less. Of a block
 * of more than two axes the first is the rows, and all others together are the columns. A gradient that is NaN makes its
 * own parameter NaN, and stays out of the accumulators.
 *
 * @param options.learningRate - η ≥ 0, default 0.1
 * @param options.momentum - β in [0, 1), default 0 (Optax: 0.9)
 * @param options.decay - in [0, 1], default 1: sums of squares; below 1 averages, ν = decay·min(rᵢ, cⱼ) + (1−decay)g²
 * (Optax's b2)
 * @param options.epsilon - ε ≥ 0, under the root; default 1e-30 (Optax: 1e-8); at 0 a parameter whose gradients were all
 * 0 stays
 * @param options.weightDecay - decoupled, times the learning rate, ≥ 0, default 0
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { createOptimizer, sm3 } from "thalweg";
 * const optimizer = createOptimizer(sm3({ learningRate: 1 }), { w: { shape: [2, 2], values: [0, 0, 0, 0] } });
 * for (const gradient of [[3, 0, 0, 4], [0, 3, 4, 0]]) {
 *   optimizer.gradient.w.set(gradient);
 *   optimizer.step();
 * }
 * optimizer.parameters.w; // ≈ [-1, -0.707, -0.8, -1]: rows and columns have seen 9 and 16 before
 * optimizer.dispose();
 * ```
 *
 * Source: Anil, Gupta, Koren, Singer, "Memory-efficient adaptive optimization", NeurIPS 2019, algorithm SM3-II. The paper
 * has an accumulator for each slice along each axis of a tensor; decay, momentum as an average and decoupled weight decay
 * are additions, of which Optax has the first two.
 */
export const sm3 = defineRule({
  name: "sm3",
  summary: "Adagrad with accumulators for rows and columns only",
  formula: "ν = min(rᵢ, cⱼ) + g², x ← x − ηg/√(ν + ε), rᵢ ← maxⱼ ν, cⱼ ← maxᵢ ν",
  use: "you want Adagrad for an embedding or a large layer at hardly any memory",
  source: "Anil et al. 2019, algorithm SM3-II",
  options: {
    learningRate: rate(0.1),
    momentum: fraction(0),
    decay: share(1),
    epsilon: nonNegative(1e-30),
    weightDecay: nonNegative(0),
    maximize: flag(false),
  },
  slots: (o): Sm3Slot[] => ["rowMaxima", "columnMaxima", ...(o.momentum === 0 ? [] : ["m" as const])],
  slotShapes: { rowMaxima: (rows) => [rows], columnMaxima: (_, columns) => [columns] },
  kernel: (o) => (o.momentum === 0 ? "sm3" : "sm3Momentum"),
  scratch: (_, __, columns) => 8 * (columns + 1),
  scalars(out, o) {
    out[0] = o.learningRate;
    out[1] = o.maximize ? -1 : 1;
    out[2] = o.decay;
    out[3] = o.decay === 1 ? 1 : 1 - o.decay;
    out[4] = o.epsilon;
    out[5] = o.momentum;
    out[6] = 1 - o.momentum;
    out[7] = o.learningRate * o.weightDecay;
  },
  blockTextbook({ rows, columns, x, g, slots: { rowMaxima, columnMaxima, m } }, o) {
    const nextRows = new Float64Array(rows);
    const nextColumns = new Float64Array(columns);
    const take = o.decay === 1 ? 1 : 1 - o.decay;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const k = i * columns + j;
        const gradient = o.maximize ? -g[k] : g[k];
        const nu = o.decay * Math.min(rowMaxima[i], columnMaxima[j]) + take * gradient ** 2;
        // Not Math.max: a NaN stays out of the accumulators.
        if (nu > nextRows[i]) nextRows[i] = nu;
        if (nu > nextColumns[j]) nextColumns[j] = nu;
        let step = plainDivide(gradient, Math.sqrt(nu + o.epsilon));
        if (m) {
          step = o.momentum * m[k] + (1 - o.momentum) * step;
          m[k] = step;
        }
        x[k] -= o.learningRate * (step + o.weightDecay * x[k]);
      }
    }
    rowMaxima.set(nextRows);
    columnMaxima.set(nextColumns);
  },
});
