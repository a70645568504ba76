import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { biasCorrection } from "./conventions.ts";
import { measurePlainly } from "./measure.ts";
import { constant, count, flag, fraction, nonNegative, rate } from "./options.ts";
import { PANEL_BYTES, paddedBytes } from "./padded.ts";
import { combined, matrix, type PlainMatrix, times, transposed } from "./plain-matrix.ts";
import { defineRule, plainDivide } from "./rule.ts";

/** Jordan's quintic of a matrix X with at most as many rows as columns: (aI + bA + cA²)X with A = XXᵀ. */
function quintic(x: PlainMatrix): PlainMatrix {
  const gram = times(x, transposed(x));
  const polynomial = combined(
    gram,
    times(gram, gram),
    (entry, square, i, j) => (i === j ? 3.4445 : 0) - 4.775 * entry + 2.0315 * square,
  );
  return times(polynomial, x);
}

/**
 * Muon: momentum whose singular values are brought near 1, so that a step is as long in every direction of a matrix.
 *
 * b ← μb + (1−μ)g, u = (1−μ)g + μb (without Nesterov b), X = u/max(‖u‖, ε), then five times X ← (aI + bA + cA²)X with
 * A = XXᵀ and (a, b, c) = (3.4445, −4.7750, 2.0315); x ← x − η(s·X + weightDecay·x), s = √max(1, rows/columns).
 *
 * Singular values of X from 0.01 on end between 0.68 and 1.135; smaller ones are multiplied by 3.4445 each time. A block
 * of one row has one singular value, its length: Muon is then momentum with steps of a fixed length, 0.696η. It is meant
 * for the matrices inside a network; give vectors, embeddings and the last layer to another rule, in a group of their
 * own. Of a block of more than two axes the first is the rows, and all others together are the columns. A gradient that
 * is not finite makes the whole block NaN, and stays in b.
 *
 * @param options.learningRate - η ≥ 0, default 0.02 (PyTorch: 0.001)
 * @param options.momentum - μ in [0, 1), default 0.95
 * @param options.nesterov - look ahead along the momentum, default true
 * @param options.weightDecay - decoupled, times the learning rate, ≥ 0, default 0 (PyTorch: 0.1)
 * @param options.iterations - Newton–Schulz iterations, a whole number ≥ 1, default 5
 * @param options.epsilon - ε ≥ 0, the least length that u is divided by; default 1e-7
 * @param options.epsilonAdded - divide by ‖u‖ + ε, as Jordan's code, Optax and Keras do, default false
 * @param options.biasCorrection - u = (1−μ)g/(1−μᵗ) + μb/(1−μᵗ⁺¹), without Nesterov b/(1−μᵗ), as Optax has it; default false
 * @param options.matchRms - s = 0.2·√max(rows, columns), with which a step has the root mean square of AdamW's;
 * default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { createOptimizer, muon } from "thalweg";
 * const rule = muon({ learningRate: 1, weightDecay: 0, iterations: 8 });
 * const optimizer = createOptimizer(rule, { w: { shape: [2, 2], values: [0, 0, 0, 0] } });
 * optimizer.gradient.w.set([0, 5, 2, 0]);
 * optimizer.step();
 * const [a, b, c, d] = optimizer.parameters.w;
 * [a, d]; // [0, 0]
 * Math.abs(b + 1) < 0.32 && Math.abs(c + 1) < 0.32; // true: 5 and 2 alike
 * optimizer.dispose();
 * ```
 *
 * Source: Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024, in the form of
 * torch.optim.Muon, whose "original" is the default and whose "match_rms_adamw" is matchRms (Liu et al., "Muon is
 * scalable for LLM training", arXiv 2502.16982). Both round X to bfloat16; here it has the precision of the parameters.
 * Jordan's code is `epsilonAdded: true`; Keras' too, with an ε that is 1 − μ of its own, since its b is a sum, and with matchRms; its
 * rms_rate of null is s = 1, which is not had here where there are more rows than columns. Optax is `epsilonAdded: true, biasCorrection: true` with an ε of 1e-8, and its matrices are the transposes. PyTorch refuses what
 * is no matrix; Keras and Optax give it to Adam.
 */
export const muon = defineRule({
  name: "muon",
  summary: "momentum with its singular values brought near 1",
  formula: "b ← μb + (1−μ)g, X = NS₅(((1−μ)g + μb)/‖·‖), x ← x − η(s·X + λx)",
  use: "you train the weight matrices inside a network",
  source: "Jordan et al. 2024; torch.optim.Muon",
  options: {
    learningRate: rate(0.02),
    momentum: fraction(0.95),
    nesterov: flag(true),
    weightDecay: nonNegative(0),
    iterations: constant(count(5, 1)),
    epsilon: nonNegative(1e-7),
    epsilonAdded: flag(false),
    biasCorrection: biasCorrection(false),
    matchRms: flag(false),
  },
  slots: (): "buffer"[] => ["buffer"],
  carries: [1, 0],
  kernel: () => "muon",
  scratch(_, rows, columns) {
    const [short, long] = rows < columns ? [rows, columns] : [columns, rows];
    return 3 * paddedBytes(short, long) + 2 * paddedBytes(short, short) + PANEL_BYTES;
  },
  scalars(out, o, { carried }) {
    const power = o.biasCorrection ? multiplyRunning(carried, 0, o.momentum) : 0;
    out[0] = o.momentum;
    out[1] = 1 - o.momentum;
    out[2] = o.nesterov ? (1 - o.momentum) / (1 - power) : 0;
    out[3] = o.nesterov ? o.momentum / (1 - power * o.momentum) : 1 / (1 - power);
    out[4] = o.epsilonAdded ? 0 : o.epsilon;
    out[5] = o.iterations;
    out[6] = o.learningRate;
    out[7] = o.learningRate * o.weightDecay;
    out[8] = o.matchRms ? 1 : 0;
    out[9] = o.epsilonAdded ? o.epsilon : 0;
  },
  blockTextbook({ t, rows, columns, x, g, slots: { buffer } }, o) {
    const corrected = (value: number, steps: number) =>
      o.biasCorrection ? value / (1 - pow(o.momentum, steps)) : value;
    const update = g.map((gradient, k) => {
      buffer[k] = o.momentum * buffer[k] + (1 - o.momentum) * gradient;
      if (!o.nesterov) return corrected(buffer[k], t);
      return (1 - o.momentum) * corrected(gradient, t) + o.momentum * corrected(buffer[k], t + 1);
    });
    const norm = measurePlainly({ norm: "g" }, [{ g: update }]);
    const by = o.epsilonAdded ? norm + o.epsilon : Math.max(norm, o.epsilon);
    const scaled = matrix(
      rows,
      columns,
      update.map((entry) => plainDivide(entry, by)),
    );
    let orthogonal = rows > columns ? transposed(scaled) : scaled;
    for (let k = 0; k < o.iterations; k++) orthogonal = quintic(orthogonal);
    const { entries } = rows > columns ? transposed(orthogonal) : orthogonal;
    const fit = o.matchRms
      ? 0.2 * Math.sqrt(Math.max(rows, columns))
      : Math.sqrt(Math.max(1, rows / columns));
    for (let k = 0; k < x.length; k++) {
      x[k] -= o.learningRate * (fit * entries[k] + o.weightDecay * x[k]);
    }
  },
});
