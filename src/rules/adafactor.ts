import { pow } from "../core/scalar.ts";
import { alsoCalled, flag, fraction, nonNegative, type OptionsAtStep, positive, rate } from "./options.ts";
import { defineRule, plainDivide, unrounded } from "./rule.ts";

const options = {
  learningRate: rate(0.01),
  relativeStep: flag(true),
  scaleParameter: alsoCalled(flag(true), "multiply_by_parameter_scale", "scale_parameter"),
  decayPower: alsoCalled(nonNegative(0.8), "beta2_decay", "beta_2_decay", "decay_rate"),
  clipThreshold: alsoCalled(positive(1), "clipping_threshold", "clip_threshold", "d"),
  epsilon1: alsoCalled(nonNegative(1e-30), "eps", "epsilon", "epsilon_1"),
  epsilon2: alsoCalled(nonNegative(1e-3), "epsilon_2"),
  clampVariance: flag(false),
  beta1: fraction(0),
  weightDecay: nonNegative(0),
  maximize: flag(false),
};

type AdafactorSlot = "rowMeans" | "columnMeans" | "m";

const rateAt = (t: number, { learningRate, relativeStep }: OptionsAtStep<typeof options>): number =>
  relativeStep ? Math.min(learningRate, 1 / Math.sqrt(t)) : learningRate;

function kernel({ clampVariance, beta1 }: { readonly clampVariance: boolean; readonly beta1: unknown }) {
  if (beta1 === 0) return clampVariance ? "adafactorClamped" : "adafactor";
  return clampVariance ? "adafactorClampedMomentum" : "adafactorMomentum";
}

const rms = (values: Float64Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);

/**
 * Adafactor: a second moment kept as means of rows and columns, steps relative to the parameters, clipped by their root
 * mean square.
 *
 * β₂ = 1 − t^−decayPower, R ← β₂R + (1−β₂)·mean of g² + ε₁ over each row, C likewise over each column, V = R·C/mean(R),
 * U = g/√V, U ← U/max(1, RMS(U)/d), α = min(η, 1/√t)·max(ε₂, RMS(x)), x ← x − (αU + η·weightDecay·x). With momentum
 * m ← β₁m + (1−β₁)αU takes the place of αU.
 *
 * A block of one row or one column is not factored: with one row R is the mean of R, so that V = C, the average of each
 * parameter's own g². Of a block of more than two axes the first is the rows, and all others together are the columns. A
 * gradient that is not finite stays in the means, and by way of RMS(U) makes the whole block NaN.
 *
 * @param options.learningRate - η ≥ 0, the largest relative step, default 0.01 (the paper's and PyTorch's; Keras: 0.001)
 * @param options.relativeStep - let the rate fall as 1/√t, default true; false is Optax's form: η as it is
 * @param options.scaleParameter - multiply the rate by max(ε₂, RMS(x)), default true
 * @param options.decayPower - c ≥ 0 in β₂ = 1 − t^−c, default 0.8
 * @param options.clipThreshold - d > 0: the largest RMS of a step before the rate, default 1
 * @param options.epsilon1 - ε₁ ≥ 0, added to g²; default 1e-30
 * @param options.epsilon2 - ε₂ ≥ 0, the least scale of a block, default 0.001
 * @param options.clampVariance - PyTorch's use of ε₁: max(mean(R), ε₁) and U = g/max(√V, ε₁), nothing added;
 * default false
 * @param options.beta1 - in [0, 1), default 0: no momentum, and no memory for it
 * @param options.weightDecay - decoupled, times the learning rate, ≥ 0, default 0
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { adafactor, createOptimizer } from "thalweg";
 * const optimizer = createOptimizer(adafactor(), { w: { shape: [2, 2], values: [3, 4, -3, -4] } });
 * optimizer.gradient.w.set([2, 4, -3, -6]); // g² has rank 1, so that V = g² exactly, and U is the signs
 * optimizer.step();
 * optimizer.parameters.w; // ≈ [2.96, 3.96, -2.96, -3.96]: by 0.01·RMS(x) = 0.0354
 * optimizer.dispose();
 * ```
 *
 * Source: Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost", ICML 2018, algorithms 4–6
 * (with means for its sums, which changes nothing). relativeStep with ε₁ added is the paper's form, and that of Keras and
 * of Hugging Face; relativeStep false is Optax's, whose default is to leave blocks with a side below 128 unfactored and
 * whose weight decay has no learning rate; clampVariance with epsilon1 2.2e-16 (f64) or 1.2e-7 (f32) is
 * torch.optim.Adafactor, which has it as the least mean(R) of a matrix of one row too. PyTorch and Keras factor the last two axes of
 * a tensor; Keras bounds the rate by 1/√t whether relative_step is true or not.
 */
export const adafactor = defineRule({
  name: "adafactor",
  summary: "second moments of rows and columns, and steps relative to the parameters",
  formula: "V = R·C/mean(R), U = g/√V clipped to RMS d, x ← x − min(η, 1/√t)·max(ε₂, RMS(x))·U",
  use: "memory is short, and one relative rate shall fit all blocks",
  source: "Shazeer & Stern 2018, algorithms 4–6",
  options,
  slots: (o): AdafactorSlot[] => ["rowMeans", "columnMeans", ...(o.beta1 === 0 ? [] : ["m" as const])],
  slotShapes: { rowMeans: (rows) => [rows], columnMeans: (_, columns) => [columns] },
  kernel,
  // Sums and factors of rows and columns, each padded, and two numbers.
  scratch: (_, rows, columns) => 16 * (rows + columns + 16),
  scalars(out, o, { t }) {
    const take = pow(t, -o.decayPower);
    out[0] = 1 - take;
    out[1] = take;
    out[2] = o.epsilon1;
    out[3] = o.epsilon2;
    out[4] = rateAt(t, o);
    out[5] = o.clipThreshold;
    out[6] = o.scaleParameter ? 1 : 0;
    const decay = o.learningRate * o.weightDecay;
    out[7] = o.clampVariance ? 1 - decay : decay;
    out[8] = o.beta1;
    out[9] = o.maximize ? -1 : 1;
  },
  blockTextbook({ t, rows, columns, x, g, slots: { rowMeans, columnMeans, m } }, o, store = unrounded) {
    const beta2 = 1 - pow(t, -o.decayPower);
    const added = o.clampVariance ? 0 : o.epsilon1;
    const square = (i: number, j: number) => g[i * columns + j] ** 2 + added;
    for (let i = 0; i < rows; i++) {
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += square(i, j);
      rowMeans[i] = beta2 * rowMeans[i] + (1 - beta2) * (sum / columns);
    }
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += square(i, j);
      columnMeans[j] = beta2 * columnMeans[j] + (1 - beta2) * (sum / rows);
    }
    const mean = rowMeans.reduce((sum, value) => sum + value, 0) / rows;
    const divisor = o.clampVariance && rows > 1 ? Math.max(mean, o.epsilon1) : mean;
    const update = g.map((gradient, k) => {
      const share = plainDivide(rowMeans[Math.floor(k / columns)], divisor);
      const root = Math.sqrt(share * columnMeans[k % columns]);
      return plainDivide(
        o.maximize ? -gradient : gradient,
        o.clampVariance ? Math.max(root, o.epsilon1) : root,
      );
    });
    const clip = Math.max(1, rms(update) / o.clipThreshold);
    const alpha = rateAt(t, o) * (o.scaleParameter ? Math.max(o.epsilon2, rms(x)) : 1);
    for (let k = 0; k < x.length; k++) {
      let step = (alpha * update[k]) / clip;
      if (m) {
        step = o.beta1 * m[k] + (1 - o.beta1) * step;
        m[k] = step;
      }
      const decay = o.learningRate * o.weightDecay;
      x[k] = o.clampVariance ? store((1 - decay) * x[k]) - step : x[k] - (step + decay * x[k]);
    }
  },
});
