import { cos, pow } from "../core/scalar.ts";
import { make, type ScheduleDeclaration } from "./define.ts";
import { finite, nonNegative, steps } from "./parameters.ts";
import { scaled } from "./scaled.ts";
import type { Schedule } from "./schedule.ts";

/** From one value to another in a number of steps. */
export interface RampOptions {
  /** The value at step 0: any finite number. */
  readonly from: number;
  /** The value from step `steps` on: any finite number, default 0. */
  readonly to?: number;
  /** The steps that it takes: an integer ≥ 1. */
  readonly steps: number;
}

/** As {@link RampOptions}, with the power of the remaining share. */
export interface PolynomialOptions extends RampOptions {
  /** The exponent of the share of steps that remains: ≥ 0; 1 is linear. */
  readonly power: number;
}

/** A value that is multiplied by the same factor again and again. */
export interface ExponentialOptions {
  /** The value at step 0: any finite number. */
  readonly from: number;
  /** What the value is multiplied by: ≥ 0, below 1 to decay. */
  readonly factor: number;
}

/** As {@link ExponentialOptions}, with the number of steps between two multiplications. */
export interface StepDecayOptions extends ExponentialOptions {
  /** Steps between two multiplications: an integer ≥ 1. */
  readonly every: number;
}

const ramp = { from: finite(), to: finite(0), steps };
const geometric = { from: finite(), factor: nonNegative() };

export const constantDeclaration: ScheduleDeclaration<{ readonly value: number }> = {
  name: "constant",
  summary: "the same value at every step",
  formula: "value",
  elsewhere: "PyTorch ConstantLR's factor; Optax constant_schedule",
  parameters: { value: finite() },
  commandLine: { main: "value", defaults: ({ learningRate }) => ({ value: learningRate }) },
  at:
    ({ value }) =>
    () =>
      value,
};

export const exponentialDeclaration: ScheduleDeclaration<ExponentialOptions> = {
  name: "exponential",
  summary: "multiplied by a factor at every step",
  formula: "from·factorᵗ",
  elsewhere: "PyTorch ExponentialLR",
  parameters: geometric,
  commandLine: {
    main: "factor",
    defaults: ({ learningRate, steps }) => ({ from: learningRate, factor: pow(1e-6, 1 / steps) }),
  },
  at:
    ({ from, factor }) =>
    (t) =>
      scaled(from, factor, t),
};

export const stepDecayDeclaration: ScheduleDeclaration<StepDecayOptions> = {
  name: "stepDecay",
  summary: "multiplied by a factor every so many steps",
  formula: "from·factor^⌊t/every⌋",
  elsewhere: "PyTorch StepLR; Optax exponential_decay and Keras ExponentialDecay with staircase",
  parameters: { ...geometric, every: steps },
  commandLine: {
    word: "step",
    main: "every",
    defaults: ({ learningRate, steps }) => ({ from: learningRate, factor: 0.1, every: Math.ceil(steps / 3) }),
  },
  at:
    ({ from, factor, every }) =>
    (t) =>
      scaled(from, factor, Math.floor(t / every)),
};

export const linearDeclaration: ScheduleDeclaration<RampOptions> = {
  name: "linear",
  summary: "along a straight line, then constant",
  formula: "from + (to − from)·t/steps, from t = steps on: to",
  elsewhere: "PyTorch LinearLR; Optax linear_schedule",
  parameters: ramp,
  commandLine: {
    main: "steps",
    defaults: ({ learningRate, steps }) => ({ from: learningRate, to: 0, steps }),
  },
  at:
    ({ from, to, steps }) =>
    (t) =>
      t < steps ? from + (to - from) * (t / steps) : to,
};

export const polynomialDeclaration: ScheduleDeclaration<PolynomialOptions> = {
  name: "polynomial",
  summary: "along a power of the share of steps that remains, then constant",
  formula: "to + (from − to)·(1 − t/steps)^power, from t = steps on: to",
  elsewhere: "PyTorch PolynomialLR; Optax polynomial_schedule; Keras PolynomialDecay",
  parameters: { ...ramp, power: nonNegative() },
  commandLine: {
    main: "power",
    defaults: ({ learningRate, steps }) => ({ from: learningRate, to: 0, steps, power: 2 }),
  },
  at:
    ({ from, to, steps, power }) =>
    (t) =>
      t < steps ? to + (from - to) * pow(1 - t / steps, power) : to,
};

export const cosineDeclaration: ScheduleDeclaration<RampOptions> = {
  name: "cosine",
  summary: "along half a cosine wave, then constant",
  formula: "to + (from − to)·(1 + cos(πt/steps))/2, from t = steps on: to",
  elsewhere: "PyTorch CosineAnnealingLR up to T_max; Optax cosine_decay_schedule; Keras CosineDecay",
  parameters: ramp,
  commandLine: {
    main: "steps",
    defaults: ({ learningRate, steps }) => ({ from: learningRate, to: 0, steps }),
  },
  at:
    ({ from, to, steps }) =>
    (t) =>
      t < steps ? to + ((from - to) * (1 + cos((Math.PI * t) / steps))) / 2 : to,
};

/**
 * The same value at every step.
 *
 * @param value - any finite number
 * @throws TypeError if it is not a number, RangeError if it is not finite
 *
 * @example
 * ```ts
 * import { constant } from "thalweg";
 * constant(0.1)(1000); // 0.1
 * ```
 */
export function constant(value: number): Schedule {
  return make(constantDeclaration, { value });
}

/**
 * Exponential decay (or growth): from·factorᵗ.
 *
 * @param options.from - the value at step 0: any finite number
 * @param options.factor - ≥ 0, below 1 to decay
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { exponential } from "thalweg";
 * exponential({ from: 0.1, factor: 0.5 })(2); // 0.025
 * ```
 *
 * Source: in the form of torch.optim.lr_scheduler.ExponentialLR, whose gamma is `factor`.
 */
export function exponential(options: ExponentialOptions): Schedule {
  return make(exponentialDeclaration, options);
}

/**
 * A staircase: from·factor^⌊t/every⌋.
 *
 * @param options.from - the value at step 0: any finite number
 * @param options.factor - ≥ 0, below 1 to decay
 * @param options.every - steps between two drops: an integer ≥ 1
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { stepDecay } from "thalweg";
 * stepDecay({ from: 0.1, factor: 0.5, every: 100 })(250); // 0.025
 * ```
 *
 * Source: in the form of torch.optim.lr_scheduler.StepLR, whose gamma is `factor` and step_size `every`.
 */
export function stepDecay(options: StepDecayOptions): Schedule {
  return make(stepDecayDeclaration, options);
}

/**
 * A straight line from `from` to `to`, where it stays: from + (to − from)·t/steps.
 *
 * @param options.from - the value at step 0: any finite number
 * @param options.to - the value from step `steps` on: any finite number, default 0
 * @param options.steps - an integer ≥ 1
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { linear } from "thalweg";
 * linear({ from: 0.1, steps: 100 })(50); // 0.05
 * ```
 *
 * Source: in the form of torch.optim.lr_scheduler.LinearLR, with values in place of its factors.
 */
export function linear(options: RampOptions): Schedule {
  return make(linearDeclaration, options);
}

/**
 * From `from` to `to`, where it stays: to + (from − to)·(1 − t/steps)^power.
 *
 * @param options.from - the value at step 0: any finite number
 * @param options.to - the value from step `steps` on: any finite number, default 0
 * @param options.steps - an integer ≥ 1
 * @param options.power - ≥ 0; 1 is linear, above it the fall is fast first
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { polynomial } from "thalweg";
 * polynomial({ from: 0.1, steps: 100, power: 2 })(50); // 0.025
 * ```
 *
 * Source: in the form of torch.optim.lr_scheduler.PolynomialLR, which always ends at 0.
 */
export function polynomial(options: PolynomialOptions): Schedule {
  return make(polynomialDeclaration, options);
}

/**
 * Half a cosine wave from `from` to `to`, where it stays: to + (from − to)·(1 + cos(πt/steps))/2.
 *
 * @param options.from - the value at step 0: any finite number
 * @param options.to - the value from step `steps` on: any finite number, default 0
 * @param options.steps - an integer ≥ 1
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { adam, cosine } from "thalweg";
 * const rate = cosine({ from: 1e-3, steps: 5000 });
 * rate(2500); // 0.0005
 * adam({ learningRate: rate });
 * ```
 *
 * Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, equation 5.
 */
export function cosine(options: RampOptions): Schedule {
  return make(cosineDeclaration, options);
}
