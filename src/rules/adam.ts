import type { RealArray } from "../core/precision.ts";
import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import type { Schedule } from "../schedules/schedule.ts";
import { biasCorrection, epsilonHat, epsilonRoot } from "./conventions.ts";
import { effectiveGradient } from "./effective-gradient.ts";
import { alsoCalled, flag, fraction, nonNegative, type OptionsAtStep, rate } from "./options.ts";
import {
  type Divide,
  defineRule,
  type StepContext,
  type Store,
  type TextbookState,
  unrounded,
} from "./rule.ts";

const moments = {
  learningRate: rate(1e-3),
  beta1: fraction(0.9),
  beta2: fraction(0.999),
  epsilon: nonNegative(1e-8),
  epsilonRoot: epsilonRoot(),
  epsilonHat: epsilonHat(false),
  biasCorrection: biasCorrection(true),
};
const switches = { correctionFirst: flag(false), maximize: flag(false) };

type AdamSlot = "m" | "v" | "largest";

interface AdamStep extends OptionsAtStep<typeof moments & typeof switches> {
  readonly weightDecay: number;
  readonly independentDecay?: boolean;
}

/** What differs within the family: whether decay is decoupled from the gradient, and whether v is the largest so far. */
interface Variant {
  readonly decoupled: boolean;
  readonly maximum: boolean;
}

/** What a step leaves of x before it goes along the gradient. */
const kept = (o: AdamStep, decoupled: boolean): number =>
  decoupled ? 1 - (o.independentDecay ? o.weightDecay : o.learningRate * o.weightDecay) : 1;

function writeScalars(out: RealArray, o: AdamStep, { carried }: StepContext, decoupled: boolean): void {
  const power1 = multiplyRunning(carried, 0, o.beta1);
  const power2 = multiplyRunning(carried, 2, o.beta2);
  const correction1 = o.biasCorrection ? 1 - power1 : 1;
  const correction2 = o.biasCorrection ? 1 - power2 : 1;
  const rootScale = 1 / Math.sqrt(correction2);
  out[0] = o.maximize ? -1 : 1;
  out[1] = decoupled ? 0 : o.weightDecay;
  out[2] = kept(o, decoupled);
  out[3] = o.beta1;
  out[4] = 1 - o.beta1;
  out[5] = o.beta2;
  out[6] = 1 - o.beta2;
  out[7] = o.learningRate / correction1;
  out[8] = o.correctionFirst ? 1 : rootScale;
  out[9] = o.epsilonHat ? o.epsilon * rootScale : o.epsilon;
  out[10] = o.correctionFirst ? o.epsilonRoot : o.epsilonRoot * correction2;
  out[11] = o.correctionFirst ? 1 / correction2 : 1;
}

function textbook(
  s: TextbookState<AdamSlot>,
  o: AdamStep,
  { decoupled, maximum }: Variant,
  divide: Divide,
  store: Store = unrounded,
) {
  const gradient = effectiveGradient(s, decoupled ? { ...o, weightDecay: 0 } : o);
  const x = decoupled ? store(kept(o, decoupled) * s.x) : s.x;
  const m = o.beta1 * s.m + (1 - o.beta1) * gradient;
  const v = o.beta2 * s.v + (1 - o.beta2) * gradient ** 2;
  const correction1 = o.biasCorrection ? 1 - pow(o.beta1, s.t) : 1;
  const correction2 = o.biasCorrection ? 1 - pow(o.beta2, s.t) : 1;
  const largest = maximum ? Math.max(s.largest, o.correctionFirst ? v / correction2 : v) : 0;
  const corrected = maximum && o.correctionFirst;
  const vHat = corrected ? largest : (maximum ? largest : v) / correction2;
  const epsilon = o.epsilonHat ? o.epsilon / Math.sqrt(correction2) : o.epsilon;
  const step = divide(m / correction1, Math.sqrt(vHat + o.epsilonRoot) + epsilon);
  return { x: x - o.learningRate * step, m, v, largest };
}

/** The kernel that leaves the gradient as it is, the one for decay added to it and for ascent, or the one for all. */
function kernel(
  o: {
    readonly weightDecay: number | Schedule;
    readonly epsilonRoot: number | Schedule;
    readonly correctionFirst: boolean;
    readonly maximize: boolean;
  },
  { decoupled, maximum }: Variant,
) {
  if (o.epsilonRoot !== 0 || o.correctionFirst) return maximum ? "amsgradGeneral" : "adamGeneral";
  const plain = (decoupled || o.weightDecay === 0) && !o.maximize;
  if (maximum) return plain ? "amsgrad" : "amsgradDecayed";
  return plain ? "adam" : "adamDecayed";
}

function checkOrder(
  o: { readonly amsgrad: boolean; readonly correctionFirst: boolean },
  owner: string,
): void {
  if (o.correctionFirst && !o.amsgrad) {
    throw new RangeError(`${owner}: correctionFirst needs amsgrad: it says what comes before the largest v`);
  }
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
 * @param options.epsilonRoot - ε ≥ 0 inside the root, √(v̂ + ε), default 0 (Optax's eps_root)
 * @param options.epsilonHat - put ε beside √v, before its correction, default false; true is the paper's ε̂ (section 2), and
 * what TensorFlow and Keras do
 * @param options.biasCorrection - divide m by 1−β₁ᵗ and v by 1−β₂ᵗ, default true
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2, PyTorch's form); default 0
 * @param options.amsgrad - divide by the largest v so far, default false
 * @param options.correctionFirst - take the largest of v/(1−β₂ᵗ), as Optax, and not of v, as PyTorch and Keras;
 * default false; needs amsgrad
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain;
 * RangeError where correctionFirst is asked for without amsgrad
 *
 * @example
 * ```ts
 * import { adam, minimize, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: adam({ learningRate: 0.1 }), start: [3], steps: 2000 }).x; // ≈ [0]
 * ```
 *
 * Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1; AMSGrad: {@link amsgrad}.
 * The defaults are PyTorch's; Keras' Adam is `epsilonHat: true` with an ε of 1e-7.
 */
export const adam = defineRule({
  name: "adam",
  summary: "first moment over the root of the second",
  formula: "m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², x ← x − η·m̂/(√v̂ + ε)",
  use: "you train a network, or know little of the scales",
  source: "Kingma & Ba 2015, algorithm 1",
  options: { ...moments, weightDecay: nonNegative(0), amsgrad: flag(false), ...switches },
  validate: checkOrder,
  slots: (o): AdamSlot[] => (o.amsgrad ? ["m", "v", "largest"] : ["m", "v"]),
  carries,
  kernel: (o) => kernel(o, { decoupled: false, maximum: o.amsgrad }),
  scalars: (out, o, context) => writeScalars(out, o, context, false),
  textbook: (s, o, divide, store) => textbook(s, o, { decoupled: false, maximum: o.amsgrad }, divide, store),
});

/**
 * AMSGrad: {@link adam} with the largest second moment so far, so that the effective rate never rises again.
 *
 * m and v as Adam's, s ← max(s, v), x ← x − η·m̂/(√ŝ + ε) with m̂ = m/(1−β₁ᵗ), ŝ = s/(1−β₂ᵗ). With `correctionFirst`
 * s ← max(s, v/(1−β₂ᵗ)) and ŝ = s: what v is divided by grows from step to step, so that the largest may then be an early one.
 *
 * @param options.learningRate - η ≥ 0, default 0.001
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @param options.epsilonRoot - ε ≥ 0 inside the root, √(v̂ + ε), default 0 (Optax's eps_root)
 * @param options.epsilonHat - put ε beside √v, before its correction, default false; true is the paper's ε̂ (section 2), and
 * what TensorFlow and Keras do
 * @param options.biasCorrection - divide m by 1−β₁ᵗ and v by 1−β₂ᵗ, default true; false in the
 * paper, and in Optax with bias_correction_mu and bias_correction_nu false
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2); default 0
 * @param options.correctionFirst - take the largest of v/(1−β₂ᵗ), as Optax, and not of v, as PyTorch and Keras;
 * default false
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
 * Source: Reddi, Kale, Kumar, "On the convergence of Adam and beyond", ICLR 2018, algorithm 2. The paper has no bias
 * corrections and no ε (`biasCorrection: false`, `epsilon: 0`); PyTorch's Adam with amsgrad corrects what is largest, which is
 * the default here, Optax's amsgrad takes the largest of what is corrected (`correctionFirst: true`), and Keras' Adam with amsgrad
 * has PyTorch's order and ε beside √s (`epsilonHat: true`).
 */
export const amsgrad = defineRule({
  name: "amsgrad",
  summary: "Adam whose second moment never shrinks",
  formula: "as adam, with v̂ = max(v₁ … vₜ)/(1−β₂ᵗ)",
  use: "Adam does not settle: rare large gradients are forgotten too soon",
  source: "Reddi et al. 2018, algorithm 2",
  options: { ...moments, weightDecay: nonNegative(0), ...switches },
  slots: (): AdamSlot[] => ["m", "v", "largest"],
  carries,
  kernel: (o) => kernel(o, { decoupled: false, maximum: true }),
  scalars: (out, o, context) => writeScalars(out, o, context, false),
  textbook: (s, o, divide, store) => textbook(s, o, { decoupled: false, maximum: true }, divide, store),
});

/**
 * AdamW: {@link adam} with weight decay decoupled from the gradient.
 *
 * x ← (1 − ηλ)x, then Adam's step from the gradient alone; with `independentDecay` x ← (1 − λ)x.
 *
 * @param options.learningRate - η ≥ 0, default 0.001
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @param options.epsilonRoot - ε ≥ 0 inside the root, √(v̂ + ε), default 0 (Optax's eps_root)
 * @param options.epsilonHat - put ε beside √v, before its correction, default false; true is the paper's ε̂ (section 2), and
 * what TensorFlow and Keras do
 * @param options.biasCorrection - divide m by 1−β₁ᵗ and v by 1−β₂ᵗ, default true
 * @param options.weightDecay - λ ≥ 0, the share of x that is taken off per unit of learning rate; default 0.01
 * @param options.independentDecay - take off λx, whatever the learning rate, default false
 * @param options.amsgrad - divide by the largest v so far, default false
 * @param options.correctionFirst - take the largest of v/(1−β₂ᵗ), as Optax, and not of v, as PyTorch and Keras;
 * default false; needs amsgrad
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain;
 * RangeError where correctionFirst is asked for without amsgrad
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
 * Source: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2. PyTorch, Keras and Optax
 * multiply the decay by the learning rate, which is the default here. The paper multiplies it by its schedule's multiplier alone:
 * `independentDecay: true` is the paper's form with a multiplier of 1; where the multiplier changes let both
 * `learningRate` and `weightDecay` follow it.
 */
export const adamw = defineRule({
  name: "adamw",
  summary: "Adam with decoupled weight decay",
  formula: "x ← (1−ηλ)x, then as adam",
  use: "you train a network that is regularised by weight decay",
  source: "Loshchilov & Hutter 2019, algorithm 2",
  options: {
    ...moments,
    weightDecay: nonNegative(0.01),
    independentDecay: alsoCalled(flag(false), "fixed_decay", "fixedDecay"),
    amsgrad: flag(false),
    ...switches,
  },
  validate: checkOrder,
  slots: (o): AdamSlot[] => (o.amsgrad ? ["m", "v", "largest"] : ["m", "v"]),
  carries,
  kernel: (o) => kernel(o, { decoupled: true, maximum: o.amsgrad }),
  scalars: (out, o, context) => writeScalars(out, o, context, true),
  textbook: (s, o, divide, store) => textbook(s, o, { decoupled: true, maximum: o.amsgrad }, divide, store),
});
