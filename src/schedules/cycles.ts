import { pow } from "../core/scalar.ts";
import { make, type ScheduleDeclaration } from "./define.ts";
import { finite, flag, nonNegative, positive, share, steps, word } from "./parameters.ts";
import type { Schedule } from "./schedule.ts";
import { namesOf, waves } from "./shapes.ts";

/** One rise and one fall. */
export interface OneCycleOptions {
  /** The highest value: any finite number. */
  readonly peak: number;
  /** The steps of the whole: an integer ≥ 1. */
  readonly steps: number;
  /** The share of the steps in which it rises: in [0, 1], default 0.3. */
  readonly rise?: number;
  /** It begins at peak/initialDivisor: > 0, default 25. */
  readonly initialDivisor?: number;
  /** It ends at peak/(initialDivisor·finalDivisor): > 0, default 10⁴. */
  readonly finalDivisor?: number;
  /** "cosine" (default) or "linear": the way between. */
  readonly shape?: keyof typeof waves;
  /** Whether it falls as fast as it rose, back to where it began, and only then to the end; default false. */
  readonly threePhases?: boolean;
}

/** How the heights of a cyclic schedule go on. */
export type CyclicMode = "triangular" | "triangular2" | "expRange";

/** Up and down again and again. */
export interface CyclicOptions {
  /** The lowest value, where it begins: any finite number. */
  readonly from: number;
  /** The highest value: any finite number. */
  readonly peak: number;
  /** The steps of a rise: > 0. */
  readonly up: number;
  /** The steps of a fall: ≥ 0, default those of a rise. */
  readonly down?: number;
  /** "triangular" (default): as high each time; "triangular2": half as high each time; "expRange": times factorᵗ. */
  readonly mode?: CyclicMode;
  /** For "expRange": ≥ 0, default 1. */
  readonly factor?: number;
}

export const oneCycleDeclaration: ScheduleDeclaration<OneCycleOptions> = {
  name: "oneCycle",
  summary: "up to a peak and down far below the start, once",
  formula:
    "peak/initialDivisor at 0, peak at rise·steps − 1, peak/(initialDivisor·finalDivisor) from steps − 1 on",
  elsewhere: "PyTorch OneCycleLR",
  parameters: {
    peak: finite(),
    steps,
    rise: share(0.3),
    initialDivisor: positive(25),
    finalDivisor: positive(1e4),
    shape: word(namesOf(waves), "cosine"),
    threePhases: flag,
  },
  commandLine: { main: "steps", defaults: ({ learningRate, steps }) => ({ peak: learningRate, steps }) },
  at({ peak, steps, rise, initialDivisor, finalDivisor, shape, threePhases }) {
    const initial = peak / initialDivisor;
    const levels = threePhases ? [initial, peak, initial] : [initial, peak];
    const ends = threePhases ? [rise * steps - 1, 2 * rise * steps - 2] : [rise * steps - 1];
    const last = initial / finalDivisor;
    const between = waves[shape];
    levels.push(last);
    ends.push(steps - 1);
    return (t) => {
      if (t >= steps) return last;
      let start = 0;
      for (let i = 0; ; i++) {
        const end = ends[i];
        if (t <= end || i === ends.length - 1) {
          // A phase of no length is at its end.
          return between(levels[i], levels[i + 1], end === start ? 1 : (t - start) / (end - start));
        }
        start = end;
      }
    };
  },
};

/** What the heights are multiplied by, in a cycle and at a step. */
const heights: Readonly<Record<CyclicMode, (cycle: number, t: number, factor: number) => number>> = {
  triangular: () => 1,
  triangular2: (cycle) => pow(0.5, cycle),
  expRange: (_, t, factor) => pow(factor, t),
};

export const cyclicDeclaration: ScheduleDeclaration<CyclicOptions> = {
  name: "cyclic",
  summary: "up and down along lines, again and again, as high or less high each time",
  formula: "from + (peak − from)·triangle(t)·h, h = 1, ½^cycle or factorᵗ",
  elsewhere: "PyTorch CyclicLR",
  parameters: {
    from: finite(),
    peak: finite(),
    up: positive(),
    down: nonNegative(({ up }) => up as number),
    mode: word(["triangular", "triangular2", "expRange"], "triangular"),
    factor: nonNegative(1),
  },
  commandLine: {
    main: "up",
    // Four cycles, from a tenth of the rate.
    defaults: ({ learningRate, steps }) => ({
      from: learningRate / 10,
      peak: learningRate,
      up: Math.ceil(steps / 8),
    }),
  },
  at({ from, peak, up, down, mode, factor }) {
    const length = up + down;
    const height = heights[mode];
    return (t) => {
      const cycle = Math.floor(t / length);
      const within = t - cycle * length;
      const triangle = within <= up ? within / up : (length - within) / down;
      // At the bottom nothing is added, however far the height has grown.
      return triangle === 0 ? from : from + (peak - from) * triangle * height(cycle, t, factor);
    };
  },
};

/**
 * The one-cycle policy: from peak/initialDivisor up to the peak, which is reached at step rise·steps − 1, and down to
 * peak/(initialDivisor·finalDivisor) at step steps − 1, where it stays.
 *
 * @param options.peak - the highest value: any finite number
 * @param options.steps - the steps of the whole: an integer ≥ 1
 * @param options.rise - the share of the steps in which it rises: in [0, 1], default 0.3
 * @param options.initialDivisor - > 0, default 25
 * @param options.finalDivisor - > 0, default 10⁴
 * @param options.shape - "cosine" (default) or "linear"
 * @param options.threePhases - whether it first falls as fast as it rose, back to where it began; default false
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { oneCycle } from "thalweg";
 * const rate = oneCycle({ peak: 0.5, steps: 100 });
 * rate(0); // 0.02
 * rate(29); // 0.5
 * rate(99); // 2e-6
 * ```
 *
 * Source: Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates", 2018; in
 * the form of torch.optim.lr_scheduler.OneCycleLR, which goes on past its last step for one more and then fails.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  return make(oneCycleDeclaration, options);
}

/**
 * Cyclical rates: up from `from` to `peak` and down again along lines, in cycles of up + down steps.
 *
 * @param options.from - the lowest value, where it begins: any finite number
 * @param options.peak - the highest value: any finite number
 * @param options.up - the steps of a rise: > 0
 * @param options.down - the steps of a fall: ≥ 0, default those of a rise
 * @param options.mode - "triangular" (default), "triangular2" (half as high each cycle) or "expRange" (times factorᵗ)
 * @param options.factor - for "expRange": ≥ 0, default 1
 * @throws TypeError or RangeError naming the parameter that is unknown, missing or outside its domain
 *
 * @example
 * ```ts
 * import { cyclic } from "thalweg";
 * const rate = cyclic({ from: 0.1, peak: 0.3, up: 10, mode: "triangular2" });
 * rate(10); // 0.3
 * rate(20); // 0.1
 * rate(30); // 0.2
 * ```
 *
 * Source: Smith, "Cyclical learning rates for training neural networks", WACV 2017, section 3.1; in the form of
 * torch.optim.lr_scheduler.CyclicLR, whose gamma is `factor`.
 */
export function cyclic(options: CyclicOptions): Schedule {
  return make(cyclicDeclaration, options);
}
