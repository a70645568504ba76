import { multiplyRunning } from "../core/running-product.ts";
import { constant, count, flag, fraction } from "../rules/options.ts";
import { defineWrapper, type WrapperContext } from "./wrapper.ts";

/** Declared by wrappers whose only slot is an average of the parameters; until it begins, that is x. */
const averaging = {
  place: "after",
  slots: () => ["average"],
  averagedSlot: 0,
  start({ xView, slotViews }: WrapperContext) {
    slotViews[0].set(xView);
  },
} as const;

/** Takes x into the average as the last of n: a ← (1 − 1/n)·a + x/n. */
function takeIn({ kernels, count, x, xView, slots, slotViews }: WrapperContext, n: number): void {
  if (n === 1) slotViews[0].set(xView);
  else kernels.combine(count, 1 - 1 / n, slots[0], 1 / n, x, slots[0]);
}

/**
 * An exponential moving average of the parameters: a ← decay·a + (1 − decay)·x after each step, starting from
 * the first parameters. See `optimizer.averaged()` and `minimize`'s `averaged`.
 *
 * With `debias` the first parameters do not count: the weights (1 − decay)·decayᵗ⁻ⁱ of x₁ … xₜ are divided by their
 * sum 1 − decayᵗ, as Adam's moments are.
 *
 * @param options.decay - in [0, 1), default 0.999; may be a schedule
 * @param options.debias - leave the first parameters out, default false
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { chain, createOptimizer, ema, sgd } from "thalweg";
 * const optimizer = createOptimizer(chain(sgd({ learningRate: 1 }), ema({ decay: 0.5 })), [4]);
 * optimizer.gradient.set([2]);
 * optimizer.step();
 * optimizer.averaged(); // [3]
 * ```
 *
 * Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992, with
 * exponential weights.
 */
export const ema = defineWrapper({
  ...averaging,
  name: "ema",
  summary: "exponential moving average of the parameters",
  source: "Polyak & Juditsky 1992, exponentially weighted",
  options: { decay: fraction(0.999), debias: flag(false) },
  carries: [1, 0],
  after({ kernels, count, x, slots, carried }, { decay, debias }) {
    const rest = debias ? (1 - decay) / (1 - multiplyRunning(carried, 0, decay)) : 1 - decay;
    kernels.combine(count, debias ? 1 - rest : decay, slots[0], rest, x, slots[0]);
  },
});

/**
 * Stochastic weight averaging: the mean of the parameters after the steps start, start + every, start + 2·every …
 * Until the first of these, `averaged()` is the parameters themselves.
 *
 * @param options.start - the first step to take in, a whole number ≥ 1, default 1
 * @param options.every - steps from one to the next, a whole number ≥ 1, default 1: the length of a cycle, if the learning rate
 * goes in cycles
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { chain, createOptimizer, sgd, swa } from "thalweg";
 * const rule = chain(sgd({ learningRate: 1 }), swa({ start: 2, every: 2 }));
 * const optimizer = createOptimizer(rule, [0]);
 * optimizer.gradient.set([-1]);
 * for (let t = 1; t <= 4; t++) optimizer.step(); // to 1, 2, 3, 4
 * optimizer.averaged(); // [3]
 * ```
 *
 * Source: Izmailov, Podoprikhin, Garipov, Vetrov, Wilson, "Averaging weights leads to wider optima and better
 * generalization", UAI 2018, algorithm 1.
 */
export const swa = defineWrapper({
  ...averaging,
  name: "swa",
  summary: "mean of the parameters from a step on, once a cycle",
  source: "Izmailov et al. 2018, algorithm 1",
  options: { start: constant(count(1, 1)), every: constant(count(1, 1)) },
  carries: [0, 0],
  after(context, { start, every }) {
    const { carried, xView, slotViews } = context;
    const step = ++carried[0];
    if (step < start) slotViews[0].set(xView);
    else if ((step - start) % every === 0) takeIn(context, ++carried[1]);
  },
});

/**
 * Polyak–Ruppert averaging: the mean of the parameters after every step so far, x₁ … xₜ; the first
 * parameters x₀ do not count.
 *
 * @param options - none
 * @throws TypeError or RangeError naming the option that is unknown, of the wrong kind, or outside its domain
 *
 * @example
 * ```ts
 * import { chain, createOptimizer, polyakAverage, sgd } from "thalweg";
 * const optimizer = createOptimizer(chain(sgd({ learningRate: 1 }), polyakAverage()), [0]);
 * optimizer.gradient.set([-1]);
 * for (let t = 1; t <= 3; t++) optimizer.step(); // to 1, 2, 3
 * optimizer.averaged(); // [2]
 * ```
 *
 * Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", SIAM J. Control Optim. 30,
 * 1992.
 */
export const polyakAverage = defineWrapper({
  ...averaging,
  name: "polyakAverage",
  summary: "mean of the parameters after every step",
  source: "Polyak & Juditsky 1992",
  options: {},
  carries: [0],
  after(context) {
    takeIn(context, ++context.carried[0]);
  },
});
