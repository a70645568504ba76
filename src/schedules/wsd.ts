import { make, type ScheduleDeclaration } from "./define.ts";
import { count, finite, steps, word } from "./parameters.ts";
import type { Schedule } from "./schedule.ts";
import { descents, multiplies, namesOf } from "./shapes.ts";

/** Warm-up, a stable stretch, and a decay. */
export interface WsdOptions {
  /** The value of the stable stretch: any finite number. */
  readonly peak: number;
  /** The value at the end: any finite number, default 0; above 0 for the shapes "exponential" and "inverse". */
  readonly to?: number;
  /** The steps of the ramp: an integer ≥ 0. */
  readonly warmup: number;
  /** The steps at the peak: an integer ≥ 0. */
  readonly stable: number;
  /** The steps of the decay: an integer ≥ 1. */
  readonly decay: number;
  /** The way down: "linear" (default), "cosine", "exponential", "squareRoot" (1 − √x), "square" (1 − x²) or "inverse". */
  readonly shape?: keyof typeof descents;
}

export const wsdDeclaration: ScheduleDeclaration<WsdOptions> = {
  name: "wsd",
  summary: "a ramp, a long stable stretch, and a decay at the end",
  formula: "peak·(t + 1)/warmup, then peak, then peak → to in decay steps, then to",
  elsewhere: "WSD, trapezoidal; Hugging Face get_wsd_schedule",
  parameters: {
    peak: finite(),
    to: finite(0),
    warmup: count(),
    stable: count(),
    decay: steps,
    shape: word(namesOf(descents), "linear"),
  },
  check({ peak, to, shape }) {
    if (multiplies(shape) && !(peak > 0 && to > 0)) {
      const which = peak > 0 ? `to must be > 0, got ${to}` : `peak must be > 0, got ${peak}`;
      throw new RangeError(`wsd: with the shape "${shape}" ${which}`);
    }
  },
  commandLine: {
    main: "decay",
    // A twentieth of the steps to warm up, a fifth to decay.
    defaults({ learningRate, steps }) {
      const warmup = Math.floor(steps / 20);
      const decay = Math.ceil(steps / 5);
      return { peak: learningRate, warmup, stable: Math.max(0, steps - warmup - decay), decay };
    },
  },
  at({ peak, to, warmup, stable, decay, shape }) {
    const falls = warmup + stable;
    const down = descents[shape];
    return (t) => {
      if (t < warmup) return (peak * (t + 1)) / warmup;
      if (t < falls) return peak;
      return t < falls + decay ? down(peak, to, (t - falls) / decay) : to;
    };
  },
};

/**
 * Warm-up, stable, decay: a ramp peak·(t + 1)/warmup, `stable` steps at the peak, and `decay` steps from there to `to`.
 * With x the share of the decay that is over, the way down is linear in x, √x ("squareRoot") or x² ("square"), half a
 * cosine wave, peak·(to/peak)ˣ ("exponential"), or 1/((1 − x)/peak + x/to) ("inverse").
 *
 * @param options.peak - the value of the stable stretch: any finite number
 * @param options.to - the value at the end: any finite number, default 0; > 0 for "exponential" and "inverse"
 * @param options.warmup - the steps of the ramp: an integer ≥ 0
 * @param options.stable - the steps at the peak: an integer ≥ 0
 * @param options.decay - the steps of the decay: an integer ≥ 1
 * @param options.shape - "linear" (default), "cosine", "exponential", "squareRoot", "square" or "inverse"
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { wsd } from "thalweg";
 * const rate = wsd({ peak: 0.1, warmup: 10, stable: 70, decay: 20, shape: "squareRoot" });
 * rate(4); // 0.05
 * rate(79); // 0.1
 * rate(85); // 0.05
 * rate(100); // 0
 * ```
 *
 * Source: Hu et al., "MiniCPM: unveiling the potential of small language models with scalable training strategies", 2024,
 * section 4; the shape 1 − √x is that of Hägele et al., "Scaling laws and compute-optimal training beyond fixed training
 * durations", NeurIPS 2024, and "inverse" that of Wen et al., "Understanding warmup-stable-decay learning rates", 2024.
 */
export function wsd(options: WsdOptions): Schedule {
  return make(wsdDeclaration, options);
}
