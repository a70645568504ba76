import { pow } from "../core/scalar.ts";
import { effectiveGradient } from "./effective-gradient.ts";
import { alsoCalled, flag, nonNegative, type OptionsAtStep, rate } from "./options.ts";
import { defineRule } from "./rule.ts";

const options = {
  learningRate: rate(0.01),
  lambd: alsoCalled(nonNegative(1e-4), "lambda"),
  alpha: alsoCalled(nonNegative(0.75), "power"),
  t0: nonNegative(1e6),
  weightDecay: nonNegative(0),
  roundRates: flag(true),
  maximize: flag(false),
};

type Step = OptionsAtStep<typeof options>;

const held = (value: number, o: Step) => (o.roundRates ? Math.fround(value) : value);

/** ηₜ, from what it has fallen by. */
const rateNow = (divisor: number, o: Step) => held(o.learningRate / divisor, o);

/**
 * Averaged stochastic gradient descent: gradient descent with a falling rate, and the mean of the points it passes.
 *
 * ηₜ = η/(1 + lambd·η·(t−1))^alpha, x ← (1 − lambd·ηₜ)x − ηₜ(g + weightDecay·x), a ← a + μₜ(x − a) with
 * μₜ = 1/max(1, t − 1 − t0): a is x until step t0 + 2, and from then on its mean. `optimizer.averaged()` and the result's
 * `averaged` give it.
 *
 * @param options.learningRate - η ≥ 0, default 0.01
 * @param options.lambd - the decay of x and of the rate, ≥ 0, default 1e-4 (λ of the paper; PyTorch's word)
 * @param options.alpha - the power with which the rate falls, ≥ 0, default 0.75
 * @param options.t0 - steps before the mean begins, ≥ 0, default 1e6
 * @param options.weightDecay - ≥ 0, added to the gradient as weightDecay·x (L2); default 0
 * @param options.roundRates - hold ηₜ and μₜ in f32, whatever the parameters' precision, default true
 * @param options.maximize - ascend instead, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { asgd, createOptimizer, Random } from "thalweg";
 * const random = new Random(1);
 * const optimizer = createOptimizer(asgd({ learningRate: 0.1, t0: 100 }), [5]);
 * for (let t = 0; t < 20_000; t++) {
 *   optimizer.gradient[0] = optimizer.parameters[0] + random.normal(); // of x²/2, with noise
 *   optimizer.step();
 * }
 * Math.abs(optimizer.averaged()[0]); // < 0.05: the noise is averaged out
 * optimizer.dispose();
 * ```
 *
 * Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", SIAM J. Control and Optimization 30
 * (1992); the rate: Bottou, "Stochastic gradient descent tricks", 2012; in the form of torch.optim.ASGD, which holds η and μ in its default
 * type, float32, also where the parameters are f64: `roundRates` does so too. PyTorch works out the rate of a step in the one
 * before, from the learning rate as it was then; here a schedule counts at once.
 */
export const asgd = defineRule({
  name: "asgd",
  summary: "gradient descent with a falling rate, and the mean of its points",
  formula: "x ← (1 − λη)x − ηg, a ← a + μ(x − a), ηₜ = η/(1 + λη(t−1))^α",
  use: "gradients are noisy and the mean of the last points is what you want",
  source: "Polyak & Juditsky 1992; Bottou 2012; torch.optim.ASGD",
  options,
  slots: (): "average"[] => ["average"],
  initial: () => ({ average: "parameters" }),
  averages: "average",
  // What the rate has fallen by, and μ.
  carries: [1, 1],
  advance(o, { carried, t }) {
    carried[0] = pow(1 + o.lambd * o.learningRate * (t - 1), o.alpha);
    carried[1] = held(1 / Math.max(1, t - 1 - o.t0), o);
  },
  kernel: () => "asgd",
  scalars(out, o, { carried }) {
    const now = rateNow(carried[0], o);
    out[0] = 1 - o.lambd * now;
    out[1] = now;
    out[2] = o.maximize ? -1 : 1;
    out[3] = o.weightDecay;
    out[4] = carried[1];
    out[5] = 1;
  },
  textbook(s, o) {
    const now = rateNow(s.carried[0], o);
    const gradient = effectiveGradient(s, o);
    const x = (1 - o.lambd * now) * s.x - now * gradient;
    const share = s.carried[1];
    return { x, average: share === 1 ? x : s.average + share * (x - s.average) };
  },
});
