import { pow } from "../core/scalar.ts";
import type { RampOptions } from "./decay.ts";
import { make, type ScheduleDeclaration } from "./define.ts";
import { finite, nonNegative, steps } from "./parameters.ts";
import type { Schedule } from "./schedule.ts";

/** As {@link RampOptions}, with the power of the remaining share. */
export interface PolynomialCycleOptions extends RampOptions {
  /** The exponent of the share of steps that remains: ≥ 0, default 1. */
  readonly power?: number;
}

export const polynomialCycleDeclaration: ScheduleDeclaration<PolynomialCycleOptions> = {
  name: "polynomialCycle",
  summary: "down to the end again and again, each time on a line from the start that is longer",
  formula: "to + (from − to)·(1 − t/(n·steps))^power, n = max(1, ⌈t/steps⌉)",
  elsewhere: "Keras PolynomialDecay with cycle",
  parameters: { from: finite(), to: finite(0), steps, power: nonNegative(1) },
  commandLine: {
    main: "power",
    defaults: ({ learningRate, steps }) => ({ from: learningRate, steps: Math.ceil(steps / 4) }),
  },
  at:
    ({ from, to, steps, power }) =>
    (t) => {
      const length = steps * Math.max(1, Math.ceil(t / steps));
      return to + (from - to) * pow(1 - t / length, power);
    },
};

/**
 * A polynomial that starts anew each time it has reached its end: to + (from − to)·(1 − t/(n·steps))^power, where n·steps
 * is t rounded up to a multiple of `steps`. Its n-th peak lies (1/n)^power as high.
 *
 * @param options.from - the value at step 0: any finite number
 * @param options.to - the value at every multiple of `steps` but 0: any finite number, default 0
 * @param options.steps - an integer ≥ 1
 * @param options.power - ≥ 0, default 1
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { polynomialCycle } from "thalweg";
 * const rate = polynomialCycle({ from: 0.1, steps: 100 });
 * rate(100); // 0
 * rate(150); // 0.025
 * ```
 *
 * Source: in the form of keras.optimizers.schedules.PolynomialDecay with cycle=True.
 */
export function polynomialCycle(options: PolynomialCycleOptions): Schedule {
  return make(polynomialCycleDeclaration, options);
}
