import type { RealArray } from "../core/precision.ts";
import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import type { Schedule } from "../schedules/schedule.ts";
import { decoupledDecay, epsilonRoot } from "./conventions.ts";
import { effectiveGradient } from "./effective-gradient.ts";
import {
  alsoCalled,
  flag,
  fraction,
  nonNegative,
  nonNegativeOrInfinite,
  type OptionsAtStep,
  rate,
} from "./options.ts";
import {
  type Divide,
  defineRule,
  type StepContext,
  type Store,
  type TextbookState,
  unrounded,
} from "./rule.ts";

const moments = {
  beta1: fraction(0.9),
  beta2: fraction(0.999),
  epsilon: nonNegative(1e-8),
  epsilonRoot: epsilonRoot(),
};
const momentumDecay = (value: number) =>
  alsoCalled(nonNegativeOrInfinite(value), "momentum_decay", "schedule_decay", "psi");

type NadamSlot = "m" | "v";

interface NadamStep extends OptionsAtStep<typeof moments> {
  readonly learningRate: number;
  readonly momentumDecay: number;
  readonly roundedProduct?: boolean;
  readonly repeatedMu?: boolean;
  readonly weightDecay: number;
  readonly maximize: boolean;
}

/** µₜ = β₁(1 − ½·0.96^(tψ)). */
const mu = (t: number, { beta1, momentumDecay }: NadamStep): number =>
  beta1 * (1 - 0.5 * pow(0.96, t * momentumDecay));

/**
 * Takes µₜ into the product of all so far, the first carried number. That begins at the first step, so that it is 0
 * where no step was taken, as it is after many.
 */
function advance(o: NadamStep, { t, carried }: Pick<StepContext, "t" | "carried">): void {
  if (t === 1) {
    carried[0] = 1;
    carried[1] = 0;
  }
  if (o.roundedProduct) carried[0] = Math.fround(carried[0] * Math.fround(mu(t, o)));
  else multiplyRunning(carried, 0, mu(t, o));
}

/** The product of the µ up to the next one, from that up to this one. */
function nextProduct(product: number, t: number, o: NadamStep): number {
  const next = mu(t + 1, o);
  if (!o.repeatedMu) return product * next;
  const now = mu(t, o);
  if (!o.roundedProduct) return product * now * next;
  return Math.fround(Math.fround(product * Math.fround(now)) * Math.fround(next));
}

/** How far a step goes along the gradient, as a factor of the learning rate. */
const alongGradient = ({ t, carried }: Pick<StepContext, "t" | "carried">, o: NadamStep): number =>
  (1 - mu(t, o)) / (1 - carried[0]);

/** How far it goes along the first moment. */
const alongMoment = ({ t, carried }: Pick<StepContext, "t" | "carried">, o: NadamStep): number =>
  mu(t + 1, o) / (1 - nextProduct(carried[0], t, o));

function writeScalars(out: RealArray, o: NadamStep, context: StepContext, decoupled: boolean): void {
  const correction = 1 - multiplyRunning(context.carried, 2, o.beta2);
  out[0] = o.maximize ? -1 : 1;
  out[1] = decoupled ? 0 : o.weightDecay;
  out[2] = decoupled ? 1 - o.learningRate * o.weightDecay : 1;
  out[3] = o.beta1;
  out[4] = 1 - o.beta1;
  out[5] = o.beta2;
  out[6] = 1 - o.beta2;
  out[7] = o.learningRate * alongGradient(context, o);
  out[8] = o.learningRate * alongMoment(context, o);
  out[9] = 1 / Math.sqrt(correction);
  out[10] = o.epsilonRoot * correction;
  out[11] = o.epsilon;
  out[12] = 1;
}

function textbook(
  s: TextbookState<NadamSlot>,
  o: NadamStep,
  decoupled: boolean,
  divide: Divide,
  store: Store = unrounded,
) {
  const gradient = effectiveGradient(s, decoupled ? { ...o, weightDecay: 0 } : o);
  const x = decoupled ? store((1 - o.learningRate * o.weightDecay) * s.x) : s.x;
  const m = o.beta1 * s.m + (1 - o.beta1) * gradient;
  const v = o.beta2 * s.v + (1 - o.beta2) * gradient ** 2;
  const root = Math.sqrt(v / (1 - pow(o.beta2, s.t)) + o.epsilonRoot) + o.epsilon;
  const moved = store(x - o.learningRate * alongGradient(s, o) * divide(gradient, root));
  return { x: moved - o.learningRate * alongMoment(s, o) * divide(m, root), m, v };
}

/** The kernel that leaves the gradient as it is, or the one for decay added to it and for ascent. */
const kernel = (
  o: { readonly weightDecay: number | Schedule; readonly maximize: boolean },
  decoupled: boolean,
) => ((decoupled || o.weightDecay === 0) && !o.maximize ? "nadam" : "nadamDecayed");

const slots = (): NadamSlot[] => ["m", "v"];
/** The product of the µ, and β₂ᵗ: each in two numbers. */
const carries = [0, 0, 1, 0];

/**
 * NAdam: Adam whose momentum looks one step ahead, as Nesterov's does.
 *
 * m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², x ← x − η[(1−µₜ)/(1−Πₜ)·g + µₜ₊₁/(1−Πₜ₊₁)·m]/(√v̂ + ε) with v̂ = v/(1−β₂ᵗ),
 * µₜ = β₁(1 − ½·0.96^(tψ)) and Πₜ = µ₁…µₜ.
 *
 * @param options.learningRate - η ≥ 0, default 0.002
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @param options.epsilonRoot - ε ≥ 0 inside the root, √(v̂ + ε), default 0 (Optax's eps_root)
 * @param options.momentumDecay - ψ ≥ 0 or ∞, default 0.004: how fast µ grows from about β₁/2 to β₁; 1 is Keras' form, ∞ Optax's, in
 * which µ is β₁ from the first step on
 * @param options.roundedProduct - keep Π in f32, as PyTorch does whatever the parameters' precision, default false
 * @param options.repeatedMu - count µₜ twice in Πₜ₊₁, as PyTorch did before 2.0, default false
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2), default 0
 * @param options.decoupledDecay - x ← (1 − η·weightDecay)x before the step, and not into the gradient; default false
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, nadam, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: nadam({ learningRate: 0.1 }), start: [3], steps: 2000 }).x; // ≈ [0]
 * ```
 *
 * Source: Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016, in the form of torch.optim.NAdam. The
 * defaults are those of PyTorch 2 but for the rounding of Π, which moves f64 steps by some 1e-8 of their size; `roundedProduct: true`
 * follows it to the last digits, together with `repeatedMu: true` PyTorch 1.13.
 */
export const nadam = defineRule({
  name: "nadam",
  summary: "Adam whose momentum looks one step ahead",
  formula:
    "m and v as Adam's, x ← x − η[(1−µₜ)/(1−Πₜ)·g + µₜ₊₁/(1−Πₜ₊₁)·m]/(√v̂ + ε), µₜ = β₁(1 − ½·0.96^(tψ)), Πₜ = µ₁…µₜ",
  use: "Adam suits the problem and lags behind gradients that turn",
  source: "Dozat 2016; torch.optim.NAdam",
  options: {
    learningRate: rate(2e-3),
    ...moments,
    momentumDecay: momentumDecay(4e-3),
    roundedProduct: flag(false),
    repeatedMu: flag(false),
    weightDecay: nonNegative(0),
    decoupledDecay: decoupledDecay(false),
    maximize: flag(false),
  },
  slots,
  carries,
  advance,
  kernel: (o) => kernel(o, o.decoupledDecay),
  scalars: (out, o, context) => writeScalars(out, o, context, o.decoupledDecay),
  textbook: (s, o, divide, store) => textbook(s, o, o.decoupledDecay, divide, store),
});

/**
 * NAdamW: {@link nadam} with weight decay decoupled from the gradient, in Optax's form.
 *
 * x ← (1 − ηλ)x, then x ← x − η[(1−β₁)g/(1−β₁ᵗ) + β₁m/(1−β₁ᵗ⁺¹)]/(√v̂ + ε), m and v as Adam's: NAdam's step where
 * µ is β₁ throughout. With a finite ψ it is NAdam's step in full.
 *
 * @param options.learningRate - η ≥ 0, default 0.001
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @param options.epsilonRoot - ε ≥ 0 inside the root, √(v̂ + ε), default 0 (Optax's eps_root)
 * @param options.momentumDecay - ψ ≥ 0 or ∞, default ∞: how fast µ grows from about β₁/2 to β₁; PyTorch's is 0.004
 * @param options.weightDecay - λ ≥ 0, the share of x that is taken off per unit of learning rate; default 0.0001
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { createOptimizer, nadamw } from "thalweg";
 * const optimizer = createOptimizer(nadamw({ learningRate: 0.1, weightDecay: 0.5 }), [2]);
 * optimizer.step(); // its gradient is 0, so that only the decay acts
 * optimizer.parameters; // [1.9]
 * optimizer.dispose();
 * ```
 *
 * Source: Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016; Loshchilov and Hutter, "Decoupled weight
 * decay regularization", ICLR 2019; in the form of optax.nadamw, with its decay of 1e-4. PyTorch's NAdam with
 * decoupled_weight_decay is {@link nadam} with `decoupledDecay: true`.
 */
export const nadamw = defineRule({
  name: "nadamw",
  summary: "NAdam with decoupled weight decay",
  formula: "x ← (1−ηλ)x, x ← x − η[(1−β₁)g/(1−β₁ᵗ) + β₁m/(1−β₁ᵗ⁺¹)]/(√v̂ + ε), m and v as Adam's",
  use: "AdamW suits the network and you want the momentum to look ahead",
  source: "Dozat 2016; Loshchilov & Hutter 2019; optax.nadamw",
  options: {
    learningRate: rate(1e-3),
    ...moments,
    momentumDecay: momentumDecay(Infinity),
    weightDecay: nonNegative(1e-4),
    maximize: flag(false),
  },
  slots,
  carries,
  advance,
  kernel: (o) => kernel(o, true),
  scalars: (out, o, context) => writeScalars(out, o, context, true),
  textbook: (s, o, divide, store) => textbook(s, o, true, divide, store),
});
