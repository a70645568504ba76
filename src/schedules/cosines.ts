import { cos, log1p, pow } from "../core/scalar.ts";
import type { RampOptions } from "./decay.ts";
import { make, type ScheduleDeclaration } from "./define.ts";
import { atLeastOne, finite, nonNegative, steps } from "./parameters.ts";
import { scaled } from "./scaled.ts";
import type { Schedule } from "./schedule.ts";

/** As {@link RampOptions}, with a power of the wave. */
export interface CosineDecayOptions extends RampOptions {
  /** The exponent of the wave, which falls from 1 to 0: ≥ 0, default 1. */
  readonly power?: number;
}

/** From one value to another along half a wave, and back to the start, again and again. */
export interface CosineRestartsOptions {
  /** The value at the start of the first round: any finite number. */
  readonly from: number;
  /** The value that each round falls to: any finite number, default 0. */
  readonly to?: number;
  /** The steps of the first round: an integer ≥ 1. */
  readonly steps: number;
  /** How many times as long each round is as the one before: ≥ 1, default 1. */
  readonly lengthFactor?: number;
  /** How many times as high above `to` each round starts: ≥ 0, default 1. */
  readonly peakFactor?: number;
}

const ramp = { from: finite(), to: finite(0), steps };

/** (1 + cos πx)/2: from 1 to 0 as x goes from 0 to 1, and up again. */
const wave = (x: number): number => (1 + cos(Math.PI * x)) / 2;

export const cosineDecayDeclaration: ScheduleDeclaration<CosineDecayOptions> = {
  name: "cosineDecay",
  summary: "along a power of half a cosine wave, then constant",
  formula: "to + (from − to)·((1 + cos(πt/steps))/2)^power, from t = steps on: to",
  elsewhere: "Optax cosine_decay_schedule with exponent",
  parameters: { ...ramp, power: nonNegative(1) },
  commandLine: {
    main: "power",
    defaults: ({ learningRate, steps }) => ({ from: learningRate, steps }),
  },
  at:
    ({ from, to, steps, power }) =>
    (t) =>
      t < steps ? to + (from - to) * pow(wave(t / steps), power) : to,
};

export const cosineAnnealingDeclaration: ScheduleDeclaration<RampOptions> = {
  name: "cosineAnnealing",
  summary: "along a cosine wave without end, down and up again",
  formula: "to + (from − to)·(1 + cos(πt/steps))/2",
  elsewhere: "PyTorch CosineAnnealingLR",
  parameters: ramp,
  commandLine: {
    main: "steps",
    defaults: ({ learningRate, steps }) => ({ from: learningRate, steps }),
  },
  at:
    ({ from, to, steps }) =>
    (t) =>
      to + (from - to) * wave((t % (2 * steps)) / steps),
};

/** A number that is an integer but for rounding as that integer: a round that begins at a step begins at no later one. */
function whole(value: number): number {
  const nearest = Math.round(value);
  return Math.abs(value - nearest) <= 1e-12 * nearest ? nearest : value;
}

/** Which round step t is in, where that round starts, and how long it is. */
function roundOf(t: number, steps: number, factor: number): [round: number, start: number, length: number] {
  if (factor === 1) {
    const round = Math.floor(t / steps);
    return [round, round * steps, steps];
  }
  const startOf = (round: number) => whole((steps * (pow(factor, round) - 1)) / (factor - 1));
  // The logarithm may be off by its rounding at the very start of a round.
  let round = Math.floor(log1p((t * (factor - 1)) / steps) / log1p(factor - 1));
  while (round > 0 && startOf(round) > t) round--;
  while (startOf(round + 1) <= t) round++;
  return [round, startOf(round), steps * pow(factor, round)];
}

export const cosineRestartsDeclaration: ScheduleDeclaration<CosineRestartsOptions> = {
  name: "cosineRestarts",
  summary: "down half a cosine wave again and again, in rounds that may grow",
  formula:
    "to + (from − to)·peakFactorⁱ·(1 + cos(πx))/2, x the part of round i of length steps·lengthFactorⁱ",
  elsewhere: "PyTorch CosineAnnealingWarmRestarts; Optax sgdr_schedule; Keras CosineDecayRestarts",
  parameters: { ...ramp, lengthFactor: atLeastOne(1), peakFactor: nonNegative(1) },
  commandLine: {
    main: "steps",
    // Three rounds, each twice as long as the one before.
    defaults: ({ learningRate, steps }) => ({
      from: learningRate,
      steps: Math.ceil(steps / 7),
      lengthFactor: 2,
    }),
  },
  at:
    ({ from, to, steps, lengthFactor, peakFactor }) =>
    (t) => {
      const [round, start, length] = roundOf(t, steps, lengthFactor);
      return to + scaled(from - to, peakFactor, round) * wave((t - start) / length);
    },
};

/**
 * Half a cosine wave, raised to a power: to + (from − to)·((1 + cos(πt/steps))/2)^power, and `to` from step `steps` on.
 *
 * @param options.from - the value at step 0: any finite number
 * @param options.to - the value from step `steps` on: any finite number, default 0
 * @param options.steps - an integer ≥ 1
 * @param options.power - ≥ 0, default 1, where it is {@link cosine}; above 1 the fall is fast first
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { cosineDecay } from "thalweg";
 * cosineDecay({ from: 0.1, steps: 100, power: 2 })(50); // 0.025
 * ```
 *
 * Source: in the form of optax.cosine_decay_schedule, whose exponent is `power` and alpha to/from.
 */
export function cosineDecay(options: CosineDecayOptions): Schedule {
  return make(cosineDecayDeclaration, options);
}

/**
 * A cosine wave that does not stop at its lowest point: to + (from − to)·(1 + cos(πt/steps))/2. It is back at `from` at
 * step 2·steps. {@link cosine} is the same up to step `steps`, and stays there.
 *
 * @param options.from - the value at step 0: any finite number
 * @param options.to - the value at step `steps`: any finite number, default 0
 * @param options.steps - the steps of half a wave: an integer ≥ 1
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { cosineAnnealing } from "thalweg";
 * const rate = cosineAnnealing({ from: 0.1, steps: 50 });
 * rate(50); // 0
 * rate(75); // 0.05
 * rate(100); // 0.1
 * ```
 *
 * Source: in the form of torch.optim.lr_scheduler.CosineAnnealingLR, whose T_max is `steps` and eta_min `to`.
 */
export function cosineAnnealing(options: RampOptions): Schedule {
  return make(cosineAnnealingDeclaration, options);
}

/**
 * Warm restarts: half a cosine wave down, then up at once and down again, in rounds of steps·lengthFactorⁱ. A round starts
 * at its first step; its last one has not yet reached `to`.
 *
 * @param options.from - the value at the start of the first round: any finite number
 * @param options.to - what each round falls towards: any finite number, default 0
 * @param options.steps - the steps of the first round: an integer ≥ 1
 * @param options.lengthFactor - how many times as long each round is as the one before: ≥ 1, default 1
 * @param options.peakFactor - how many times as high above `to` each round starts: ≥ 0, default 1
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { cosineRestarts } from "thalweg";
 * const rate = cosineRestarts({ from: 0.1, steps: 50, lengthFactor: 2, peakFactor: 0.5 });
 * rate(25); // 0.05
 * rate(50); // 0.05: the second round begins
 * rate(150); // 0.025: the third
 * ```
 *
 * Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, equation 5.
 * lengthFactor is PyTorch's T_mult and Keras' t_mul, peakFactor Keras' m_mul.
 */
export function cosineRestarts(options: CosineRestartsOptions): Schedule {
  return make(cosineRestartsDeclaration, options);
}
