import type { RealArray } from "../core/precision.ts";
import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import type { Schedule } from "../schedules/schedule.ts";
import { effectiveGradient } from "./effective-gradient.ts";
import { flag, fraction, nonNegative, type OptionsAtStep, rate } from "./options.ts";
import { type Divide, defineRule, type StepContext, type TextbookState } from "./rule.ts";

const moments = {
  learningRate: rate(1e-3),
  beta1: fraction(0.9),
  beta2: fraction(0.999),
  epsilon: nonNegative(1e-8),
};

type AdamSlot = "m" | "v" | "largest";

interface AdamStep extends OptionsAtStep<typeof moments> {
  readonly weightDecay: number;
  readonly maximize: boolean;
}

/** What differs within the family: whether decay is decoupled from the gradient, and whether v is the largest so far. */
interface Variant {
  readonly decoupled: boolean;
  readonly maximum: boolean;
}

function writeScalars(out: RealArray, o: AdamStep, { carried }: StepContext, decoupled: boolean): void {
  const correction1 = 1 - multiplyRunning(carried, 0, o.beta1);
  const correction2 = 1 - multiplyRunning(carried, 2, o.beta2);
  out[0] = o.maximize ? -1 : 1;
  out[1] = decoupled ? 0 : o.weightDecay;
  out[2] = decoupled ? 1 - o.learningRate * o.weightDecay : 1;
  out[3] = o.beta1;
  out[4] = 1 - o.beta1;
  out[5] = o.beta2;
  out[6] = 1 - o.beta2;
  out[7] = o.learningRate / correction1;
  out[8] = 1 / Math.sqrt(correction2);
  out[9] = o.epsilon;
}

function textbook(s: TextbookState<AdamSlot>, o: AdamStep, divide: Divide, { decoupled, maximum }: Variant) {
  const { learningRate, beta1, beta2 } = o;
  const gradient = effectiveGradient(s, decoupled ? { ...o, weightDecay: 0 } : o);
  const x = decoupled ? s.x - learningRate * o.weightDecay * s.x : s.x;
  const m = beta1 * s.m + (1 - beta1) * gradient;
  const v = beta2 * s.v + (1 - beta2) * gradient ** 2;
  const largest = maximum ? Math.max(s.largest, v) : 0;
  const mHat = m / (1 - pow(beta1, s.t));
  const vHat = (maximum ? largest : v) / (1 - pow(beta2, s.t));
  return { x: x - learningRate * divide(mHat, Math.sqrt(vHat) + o.epsilon), m, v, largest };
}

/** The kernel that leaves the gradient as it is, or the one for decay added to it and for ascent. */
function kernel(
  o: { readonly weightDecay: number | Schedule; readonly maximize: boolean },
  { decoupled, maximum }: Variant,
) {
  const plain = (decoupled || o.weightDecay === 0) && !o.maximize;
  if (maximum) return plain ? "amsgrad" : "amsgradDecayed";
  return plain ? "adam" : "adamDecayed";
}

const carries = [1, 0, 1, 0];

/**
 * Adam: steps of the size of the learning rate, scaled by the gradient's first and second moments.
 *
 * m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², x ← x − η·m̂/(√v̂ + ε) with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).
 *
 * @param options.learningRate - η ≥ 0, default 0.001
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2, PyTorch's form); default 0
 * @param options.amsgrad - divide by the largest v so far, default false
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { adam, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: adam({ learningRate: 0.1 }), start: [3], steps: 2000 }).x; // ≈ [0]
 * ```
 *
 * Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1;
 * AMSGrad: Reddi, Kale, Kumar, "On the convergence of Adam and beyond", ICLR 2018, algorithm 2, with
 * the bias corrections that PyTorch keeps and the paper leaves out.
 */
export const adam = defineRule({
  name: "adam",
  summary: "first moment over the root of the second",
  formula: "m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², x ← x − η·m̂/(√v̂ + ε)",
  use: "you train a network, or know little of the scales",
  source: "Kingma & Ba 2015, algorithm 1",
  options: { ...moments, weightDecay: nonNegative(0), amsgrad: flag(false), maximize: flag(false) },
  slots: (o): AdamSlot[] => (o.amsgrad ? ["m", "v", "largest"] : ["m", "v"]),
  carries,
  kernel: (o) => kernel(o, { decoupled: false, maximum: o.amsgrad }),
  scalars: (out, o, context) => writeScalars(out, o, context, false),
  textbook: (s, o, divide) => textbook(s, o, divide, { decoupled: false, maximum: o.amsgrad }),
});

/**
 * AMSGrad: {@link adam} with the largest second moment so far, so that the effective rate never rises again.
 *
 * m and v as Adam's, s ← max(s, v), x ← x − η·m̂/(√ŝ + ε) with m̂ = m/(1−β₁ᵗ), ŝ = s/(1−β₂ᵗ).
 *
 * @param options.learningRate - η ≥ 0, default 0.001
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2); default 0
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { amsgrad, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: amsgrad({ learningRate: 0.1 }), start: [3], steps: 2000 }).x; // ≈ [0]
 * ```
 *
 * Source: Reddi, Kale, Kumar, "On the convergence of Adam and beyond", ICLR 2018, algorithm 2, with
 * the bias corrections that PyTorch keeps and the paper leaves out.
 */
export const amsgrad = defineRule({
  name: "amsgrad",
  summary: "Adam whose second moment never shrinks",
  formula: "as adam, with v̂ = max(v₁ … vₜ)/(1−β₂ᵗ)",
  use: "Adam does not settle: rare large gradients are forgotten too soon",
  source: "Reddi et al. 2018, algorithm 2",
  options: { ...moments, weightDecay: nonNegative(0), maximize: flag(false) },
  slots: (): AdamSlot[] => ["m", "v", "largest"],
  carries,
  kernel: (o) => kernel(o, { decoupled: false, maximum: true }),
  scalars: (out, o, context) => writeScalars(out, o, context, false),
  textbook: (s, o, divide) => textbook(s, o, divide, { decoupled: false, maximum: true }),
});

/**
 * AdamW: {@link adam} with weight decay decoupled from the gradient.
 *
 * x ← (1 − η·weightDecay)x, then Adam's step from the gradient alone.
 *
 * @param options.learningRate - η ≥ 0, default 0.001
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @param options.weightDecay - ≥ 0, the share of x that is taken off per unit of learning rate; default 0.01
 * @param options.amsgrad - divide by the largest v so far, default false
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { adamw, createOptimizer } from "thalweg";
 * const optimizer = createOptimizer(adamw({ learningRate: 0.1, weightDecay: 0.5 }), [2]);
 * optimizer.step(); // its gradient is 0, so that only the decay acts
 * optimizer.parameters; // [1.9]
 * optimizer.dispose();
 * ```
 *
 * Source: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2,
 * with the decay multiplied by the learning rate as PyTorch does.
 */
export const adamw = defineRule({
  name: "adamw",
  summary: "Adam with decoupled weight decay",
  formula: "x ← (1−ηλ)x, then as adam",
  use: "you train a network that is regularised by weight decay",
  source: "Loshchilov & Hutter 2019, algorithm 2",
  options: { ...moments, weightDecay: nonNegative(0.01), amsgrad: flag(false), maximize: flag(false) },
  slots: (o): AdamSlot[] => (o.amsgrad ? ["m", "v", "largest"] : ["m", "v"]),
  carries,
  kernel: (o) => kernel(o, { decoupled: true, maximum: o.amsgrad }),
  scalars: (out, o, context) => writeScalars(out, o, context, true),
  textbook: (s, o, divide) => textbook(s, o, divide, { decoupled: true, maximum: o.amsgrad }),
});
