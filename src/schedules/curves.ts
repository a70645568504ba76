import { exp, tanh } from "../core/scalar.ts";
import type { RampOptions } from "./decay.ts";
import { make, type ScheduleDeclaration } from "./define.ts";
import { finite, positive, steps } from "./parameters.ts";
import type { Schedule } from "./schedule.ts";

/** As {@link RampOptions}, with the part of the hyperbolic tangent that is followed. */
export interface TanhDecayOptions extends RampOptions {
  /** Where on the curve it begins: any finite number, default −6. */
  readonly lower?: number;
  /** Where on the curve it ends: any finite number, default 3. */
  readonly upper?: number;
}

/** A fall about a step in the middle. */
export interface SigmoidDecayOptions {
  /** The value long before the middle: any finite number. */
  readonly from: number;
  /** The value long after it: any finite number, default 0. */
  readonly to?: number;
  /** The step at which it is halfway: any finite number. */
  readonly middle: number;
  /** The steps in which the odds fall by e: > 0. */
  readonly width: number;
}

export const rexDeclaration: ScheduleDeclaration<RampOptions> = {
  name: "rex",
  summary: "slowly first and ever faster, then constant",
  formula: "to + (from − to)·(1 − x)/(½ + ½(1 − x)), x = t/steps, from t = steps on: to",
  elsewhere: "REX of Chen et al. 2022",
  parameters: { from: finite(), to: finite(0), steps },
  commandLine: {
    main: "steps",
    defaults: ({ learningRate, steps }) => ({ from: learningRate, steps }),
  },
  at:
    ({ from, to, steps }) =>
    (t) =>
      t < steps ? to + ((from - to) * 2 * (steps - t)) / (2 * steps - t) : to,
};

export const tanhDecayDeclaration: ScheduleDeclaration<TanhDecayOptions> = {
  name: "tanhDecay",
  summary: "along a hyperbolic tangent, then constant",
  formula: "to + (from − to)·(1 − tanh(lower + (upper − lower)·min(t/steps, 1)))/2",
  elsewhere: "timm TanhLRScheduler",
  parameters: { from: finite(), to: finite(0), steps, lower: finite(-6), upper: finite(3) },
  commandLine: {
    main: "steps",
    defaults: ({ learningRate, steps }) => ({ from: learningRate, steps }),
  },
  at:
    ({ from, to, steps, lower, upper }) =>
    (t) =>
      to + ((from - to) * (1 - tanh(lower + (upper - lower) * Math.min(t / steps, 1)))) / 2,
};

export const sigmoidDecayDeclaration: ScheduleDeclaration<SigmoidDecayOptions> = {
  name: "sigmoidDecay",
  summary: "along a logistic curve about a step in the middle",
  formula: "to + (from − to)/(1 + exp((t − middle)/width))",
  elsewhere: "inverse sigmoid decay",
  parameters: { from: finite(), to: finite(0), middle: finite(), width: positive() },
  commandLine: {
    main: "middle",
    defaults: ({ learningRate, steps }) => ({ from: learningRate, middle: steps / 2, width: steps / 12 }),
  },
  at:
    ({ from, to, middle, width }) =>
    (t) =>
      to + (from - to) / (1 + exp((t - middle) / width)),
};

/**
 * REX, which stays high for long and falls ever faster: to + (from − to)·(1 − x)/(½ + ½(1 − x)) with x = t/steps.
 *
 * @param options.from - the value at step 0: any finite number
 * @param options.to - the value from step `steps` on: any finite number, default 0
 * @param options.steps - an integer ≥ 1
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { rex } from "thalweg";
 * rex({ from: 0.3, steps: 100 })(50); // 0.2
 * ```
 *
 * Source: Chen, Wolfe, Kyrillidis, "REX: revisiting budgeted training with an improved schedule", MLSys 2022, section 4.
 */
export function rex(options: RampOptions): Schedule {
  return make(rexDeclaration, options);
}

/**
 * Hyperbolic-tangent decay: to + (from − to)·(1 − tanh(lower + (upper − lower)·t/steps))/2, and from step `steps` on as
 * there. With the defaults it ends 0.25% of the way above `to`.
 *
 * @param options.from - the value where the curve is flat at its start: any finite number
 * @param options.to - the value that it falls towards: any finite number, default 0
 * @param options.steps - an integer ≥ 1
 * @param options.lower - where on the curve it begins: any finite number, default −6
 * @param options.upper - where on the curve it ends: any finite number, default 3
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { tanhDecay } from "thalweg";
 * tanhDecay({ from: 0.1, steps: 90 })(60); // 0.05
 * ```
 *
 * Source: Hsueh, Li, Wu, "Stochastic gradient descent with hyperbolic-tangent decay on classification", WACV 2019,
 * equation 1.
 */
export function tanhDecay(options: TanhDecayOptions): Schedule {
  return make(tanhDecayDeclaration, options);
}

/**
 * Along a logistic curve: to + (from − to)/(1 + exp((t − middle)/width)). Inverse sigmoid decay with constant k,
 * k/(k + exp(t/k)), has middle k·ln k and width k.
 *
 * @param options.from - the value long before the middle: any finite number
 * @param options.to - the value long after it: any finite number, default 0
 * @param options.middle - the step at which it is halfway: any finite number
 * @param options.width - the steps in which the odds fall by e; in 4.4 of them it falls from 90% to 10%: > 0
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { sigmoidDecay } from "thalweg";
 * sigmoidDecay({ from: 0.1, middle: 50, width: 8 })(50); // 0.05
 * ```
 *
 * Source: Bengio et al., "Scheduled sampling for sequence prediction with recurrent neural networks", NeurIPS 2015,
 * section 2.4, with middle and width apart.
 */
export function sigmoidDecay(options: SigmoidDecayOptions): Schedule {
  return make(sigmoidDecayDeclaration, options);
}
