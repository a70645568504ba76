import { multiplyRunning } from "../core/running-product.ts";
import { pow } from "../core/scalar.ts";
import { flag, fraction, nonNegative, rate, share } from "./options.ts";
import { defineRule } from "./rule.ts";

const decay = { weightDecay: nonNegative(0), decoupled: flag(false) };

interface DecayAtStep {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly decoupled: boolean;
}

/** The gradient with the pull of a coupled weight decay. */
const pulled = ({ x, g }: { readonly x: number; readonly g: number }, o: DecayAtStep) =>
  o.decoupled ? g : g + o.weightDecay * x;

/** What a decoupled weight decay takes off x. */
const shrunk = ({ x }: { readonly x: number }, o: DecayAtStep) =>
  o.decoupled ? o.learningRate * o.weightDecay * x : 0;

/**
 * Quasi-hyperbolic momentum: a step along a blend of the gradient and its moving average.
 *
 * d ← βd + (1−β)g, x ← x − η((1−ν)g + νd). At ν = 0 it is gradient descent, at ν = 1 {@link momentum}, at ν = β Nesterov's
 * form of it. On a mode λ it is stable for η < (2 + 2β)/(λ(1 + β − 2νβ)).
 *
 * @param options.learningRate - η ≥ 0, default 0.01; that of gradient descent, not (1−β) times that of heavy ball
 * @param options.beta - β in [0, 1), default 0.999
 * @param options.nu - ν in [0, 1], the share of the average in the step, default 0.7
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2); default 0
 * @param options.decoupled - take η·weightDecay·x off x instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, qhm, quadratic, speedLimit } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * minimize(bowl, { rule: qhm({ learningRate: 0.3 }), start: [3], steps: 20_000 }).x; // ≈ [0]
 * speedLimit(qhm({ beta: 0.9, nu: 0.5 }), { lambdaMax: 1 }); // 3.8
 * ```
 *
 * Source: Ma and Yarats, "Quasi-hyperbolic momentum and Adam for deep learning", ICLR 2019, the QHM update, with the β and
 * ν of its rule of thumb (which goes with η = 1 where gradient descent would have that). The authors' qhoptim has both kinds
 * of decay too, as weight_decay_type "grad" and "direct".
 */
export const qhm = defineRule({
  name: "qhm",
  summary: "a step along a blend of the gradient and its average",
  formula: "d ← βd + (1−β)g, x ← x − η((1−ν)g + νd)",
  use: "you want the smoothing of a long memory without its delay",
  source: "Ma & Yarats 2019, QHM",
  options: { learningRate: rate(0.01), beta: fraction(0.999), nu: share(0.7), ...decay },
  slots: (): "average"[] => ["average"],
  kernel: () => "qhm",
  scalars(out, o) {
    out[0] = o.decoupled ? 0 : o.weightDecay;
    out[1] = o.decoupled ? o.learningRate * o.weightDecay : 0;
    out[2] = o.beta;
    out[3] = 1 - o.beta;
    out[4] = o.learningRate * (1 - o.nu);
    out[5] = o.learningRate * o.nu;
  },
  textbook(s, o) {
    const gradient = pulled(s, o);
    const average = o.beta * s.average + (1 - o.beta) * gradient;
    const step = o.learningRate * ((1 - o.nu) * gradient + o.nu * average);
    return { x: s.x - (step + shrunk(s, o)), average };
  },
});

/**
 * QHAdam: {@link adam} whose two moments are blended with the gradient and its square.
 *
 * m and v as Adam's, x ← x − η((1−ν₁)g + ν₁m̂)/(√((1−ν₂)g² + ν₂v̂) + ε) with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ). At ν₁ = ν₂ = 1
 * it is Adam, at ν₂ = 1 and ν₁ = β₁ Adam with Nesterov's momentum, at ν₁ = 0 RMSProp with a bias correction.
 *
 * @param options.learningRate - η ≥ 0, default 0.001
 * @param options.beta1 - in [0, 1), default 0.9
 * @param options.beta2 - in [0, 1), default 0.999
 * @param options.nu1 - ν₁ in [0, 1], the share of the average in the numerator, default 1
 * @param options.nu2 - ν₂ in [0, 1], the share of the mean square in the denominator, default 1
 * @param options.epsilon - ε ≥ 0, default 1e-8; at 0 a parameter whose gradients were all 0 stays
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2); default 0
 * @param options.decoupled - take η·weightDecay·x off x instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { minimize, qhadam, quadratic } from "thalweg";
 * const bowl = quadratic([[2]]); // x²
 * const rule = qhadam({ learningRate: 0.1, nu1: 0.7, beta1: 0.995 });
 * minimize(bowl, { rule, start: [3], steps: 3000 }).x; // ≈ [0]
 * ```
 *
 * Source: Ma and Yarats, "Quasi-hyperbolic momentum and Adam for deep learning", ICLR 2019, the QHAdam update, with the defaults of
 * the authors' qhoptim, which are Adam's; the paper advises ν₁ = 0.7 and β₁ = 0.995.
 */
export const qhadam = defineRule({
  name: "qhadam",
  summary: "Adam with both moments blended with the last gradient",
  formula: "m, v as adam's, x ← x − η((1−ν₁)g + ν₁m̂)/(√((1−ν₂)g² + ν₂v̂) + ε)",
  use: "Adam is slow to answer to the last gradient, or its denominator to a large one",
  source: "Ma & Yarats 2019, QHAdam",
  options: {
    learningRate: rate(1e-3),
    beta1: fraction(0.9),
    beta2: fraction(0.999),
    nu1: share(1),
    nu2: share(1),
    epsilon: nonNegative(1e-8),
    ...decay,
  },
  slots: (): ("m" | "v")[] => ["m", "v"],
  carries: [1, 0, 1, 0],
  kernel: () => "qhadam",
  scalars(out, o, { carried }) {
    const correction1 = 1 - multiplyRunning(carried, 0, o.beta1);
    const correction2 = 1 - multiplyRunning(carried, 2, o.beta2);
    out[0] = o.decoupled ? 0 : o.weightDecay;
    out[1] = o.decoupled ? o.learningRate * o.weightDecay : 0;
    out[2] = o.beta1;
    out[3] = 1 - o.beta1;
    out[4] = o.learningRate * (1 - o.nu1);
    out[5] = (o.learningRate * o.nu1) / correction1;
    out[6] = o.beta2;
    out[7] = 1 - o.beta2;
    out[8] = 1 - o.nu2;
    out[9] = o.nu2 / correction2;
    out[10] = o.epsilon;
  },
  textbook(s, o, divide) {
    const gradient = pulled(s, o);
    const m = o.beta1 * s.m + (1 - o.beta1) * gradient;
    const v = o.beta2 * s.v + (1 - o.beta2) * gradient ** 2;
    const along = (1 - o.nu1) * gradient + (o.nu1 * m) / (1 - pow(o.beta1, s.t));
    const square = (1 - o.nu2) * gradient ** 2 + (o.nu2 * v) / (1 - pow(o.beta2, s.t));
    const step = o.learningRate * divide(along, Math.sqrt(square) + o.epsilon);
    return { x: s.x - (step + shrunk(s, o)), m, v };
  },
});
