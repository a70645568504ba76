import { describe, expect, test } from "vitest";
import { fitLine } from "../../../src/core/line-fit.ts";
import { cos, log, sin } from "../../../src/core/scalar.ts";
import {
  type EscapeStatisticsOptions,
  escapeStatistics,
  Random,
  type TwoValleys,
  twoValleys,
  valleyOccupancy,
} from "../../../src/index.ts";

/** A sharp valley of λ = 10 and a flat one of λ = 1, both 1 deep. */
const landscape = twoValleys({ curvatures: [10, 1], passCurvature: 4 });
const [sharp, flat] = landscape.valleys;

/** Box and Muller's transform of a block of Philox each two numbers, by the scalar functions of the core. */
function* normals(seed: number, run: number, condition: number): Generator<number, never> {
  const random = new Random(seed, run);
  random.seek(condition);
  for (;;) {
    const radius = Math.sqrt(-2 * log(1 - random.uniform()));
    const angle = 2 * Math.PI * random.uniform();
    yield radius * cos(angle);
    yield radius * sin(angle);
  }
}

/** The positions of one run, from the landscape's own gradient. */
function* walk(
  { gradient }: TwoValleys,
  {
    start,
    rate,
    deviation,
    noise,
  }: {
    readonly start: number;
    readonly rate: number;
    readonly deviation: (x: number) => number;
    readonly noise: Iterator<number, never>;
  },
): Generator<number, never> {
  const g = [0];
  for (let x = start; ; ) {
    gradient([x], g);
    x -= rate * (g[0] + deviation(x) * noise.next().value);
    yield x;
  }
}

describe("escapeStatistics", () => {
  test("[noise-escape] the rate of escape from the sharp valley rises with η and falls with the batch size, over 90,000 runs", () => {
    const statistics = escapeStatistics(landscape, {
      learningRates: [0.01, 0.02, 0.04],
      batchSizes: [1, 2, 4],
      noise: 14,
      precision: "f32",
    });
    expect(statistics).toHaveLength(9);
    const rate = (i: number, j: number) => statistics[3 * i + j].escapeRate;
    const error = (i: number, j: number) => {
      const { escapeRate, standardError, meanSteps } = statistics[3 * i + j];
      return (escapeRate * standardError) / meanSteps;
    };
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        expect(statistics[3 * i + j].firstPassages).toHaveLength(10_000);
        // By more than ten standard errors each.
        if (i > 0) expect(rate(i, j) - rate(i - 1, j)).toBeGreaterThan(10 * (error(i, j) + error(i - 1, j)));
        if (j > 0) expect(rate(i, j - 1) - rate(i, j)).toBeGreaterThan(10 * (error(i, j) + error(i, j - 1)));
      }
    }
  });

  test("[noise-escape] the logarithm of the escape time grows with B/η by 2ΔF/σ², Kramers' exponent", () => {
    // ΔF/T from 4 to 6 at ηλ = 0.05; the batch size stands for 1/T.
    const rate = 0.005;
    const noise = 100;
    const batchSizes = [100, 113, 125, 138, 150];
    const statistics = escapeStatistics(landscape, {
      learningRates: rate,
      batchSizes,
      noise,
      runs: 3000,
      steps: 1_000_000,
      precision: "f32",
    });
    for (const { reason, temperatures, batchSize } of statistics) {
      expect(reason).toBe("escaped");
      expect(temperatures[0]).toBeCloseTo((rate * noise ** 2) / (2 * batchSize), 12);
    }
    const slopeOf = (steps: readonly number[]) =>
      fitLine(
        batchSizes.map((size) => size / rate),
        steps.map(Math.log),
      ).slope;
    const measured = slopeOf(statistics.map(({ meanSteps }) => meanSteps));
    // ln of five means of 3000 runs, 1/√3000 each, over 1/T with Σ(1/T − mean)² = 2.5: a standard error of 1.2%, four times.
    const diffusion = slopeOf(statistics.map(({ langevinSteps }) => langevinSteps));
    expect(Math.abs(measured / diffusion - 1)).toBeLessThan(0.047);
    // Kramers' own, which leaves out the way down from the pass: at ΔF/T from 4 to 6 that takes 4% of the slope.
    const kramers = 2 / noise ** 2;
    expect(slopeOf(statistics.map(({ kramersSteps }) => kramersSteps)) / kramers).toBeCloseTo(1, 10);
    expect(measured / kramers).toBeGreaterThan(0.91);
    expect(measured / kramers).toBeLessThan(1.01);
  });

  test("[noise-escape] Kramers' prefactor, with the curvatures of valley and pass, is met within 15%", () => {
    const pairs = [
      [4, 4],
      [10, 4],
      [4, 10],
      [20, 20],
      [40, 2],
    ];
    for (const [curvature, passCurvature] of pairs) {
      const rate = 0.04 / Math.max(curvature, passCurvature);
      const temperature = 1 / 5;
      const [found] = escapeStatistics(twoValleys({ curvatures: [curvature, 8], passCurvature }), {
        learningRates: rate,
        noise: Math.sqrt((2 * temperature) / rate),
        runs: 2000,
        steps: 10_000_000,
        precision: "f32",
      });
      const formula = (2 * Math.PI * Math.exp(5)) / (rate * Math.sqrt(curvature * passCurvature));
      expect(found.kramersSteps / formula).toBeCloseTo(1, 12);
      // The statistical error is 2.2%. Kramers' formula leaves out what is not exponentially long: where the pass is wide and low
      // beside the valley's wall, that is 28%, and the diffusion's mean first passage has it all.
      expect(Math.abs(found.meanSteps / found.langevinSteps - 1)).toBeLessThan(0.07);
      if (curvature < 40) expect(Math.abs(found.meanSteps / formula - 1)).toBeLessThan(0.15);
    }
  });

  test("[noise-escape] at the same η/B runs escape at the same rate in the time ηt of the flow", () => {
    const pairs = [
      [0.0025, 1],
      [0.005, 2],
      [0.01, 4],
    ];
    const times = pairs.map(([learningRates, batchSizes], k) => {
      const options = { learningRates, batchSizes, noise: 13, runs: 4000, steps: 1_000_000, seed: k };
      const [{ meanSteps }] = escapeStatistics(landscape, { ...options, precision: "f32" });
      return learningRates * meanSteps;
    });
    // Two means of 4000 exponential times differ by 2.2% (one standard error); steps of ηλ = 0.1 add some percent.
    expect(Math.abs(times[1] / times[0] - 1)).toBeLessThan(0.08);
    expect(Math.abs(times[2] / times[0] - 1)).toBeLessThan(0.08);
    // At η/B twice as large they do not.
    const [hot] = escapeStatistics(landscape, {
      learningRates: 0.005,
      noise: 13,
      runs: 1000,
      steps: 1_000_000,
    });
    expect((0.005 * hot.meanSteps) / times[0]).toBeLessThan(0.25);
  });

  test("[noise-escape] runs leave the sharp valley sooner than the flat one, by the roots of the curvatures as Kramers says", () => {
    const options = {
      learningRates: 0.004,
      noise: 10,
      runs: 4000,
      steps: 1_000_000,
      precision: "f32",
    } as const;
    const [fromSharp] = escapeStatistics(landscape, options);
    const [fromFlat] = escapeStatistics(landscape, { ...options, start: flat.at });
    // √(10/1) = 3.16, within the statistical error of 2.2% and the corrections to the law.
    expect(fromFlat.kramersSteps / fromSharp.kramersSteps).toBeCloseTo(Math.sqrt(10), 10);
    const measured = fromFlat.meanSteps / fromSharp.meanSteps;
    expect(Math.abs(measured / (fromFlat.langevinSteps / fromSharp.langevinSteps) - 1)).toBeLessThan(0.08);
    expect(measured).toBeGreaterThan(2.5);
  });

  test.each(["f64", "f32"] as const)(
    "[noise-escape] without noise nothing escapes below ηλ = 2, and large steps leave the sharp valley for the flat one, in %s",
    (precision) => {
      const { curvature, at } = sharp;
      const common = { noise: 0, runs: 3, steps: 20_000, precision } as const;
      // The parabola ends w from the bottom. A step from there leads (ηλ − 1)w to its left, the next one to (ηλ − 1)²w on its right, and
      // the pass is w(1 + λ/μ) away.
      const least = 1 + Math.sqrt(1 + curvature / landscape.passCurvature);
      const strengths = [0.5, 1.5, 1.99, 2.02, 0.99 * least, 1.01 * least, 1.2 * least];
      for (const away of [1e-3, 0.02, -0.15]) {
        const options = { ...common, learningRates: strengths.map((s) => s / curvature), start: at + away };
        const statistics = escapeStatistics(landscape, options);
        for (const { reason, escaped, message, kramersSteps } of statistics.slice(0, 3)) {
          expect({ reason, escaped, kramersSteps }).toEqual({
            reason: "none",
            escaped: 0,
            kramersSteps: Infinity,
          });
          expect(message).toContain("without noise a valley with ηλ below 2 is not left");
        }
        for (const { reason, escaped, message, kramersSteps } of statistics.slice(3, 5)) {
          expect({ reason, escaped, kramersSteps }).toEqual({
            reason: "unstable",
            escaped: 0,
            kramersSteps: NaN,
          });
          expect(message).toContain("is above 2: runs do not settle in this valley");
        }
        for (const { reason, escaped } of statistics.slice(5)) {
          expect({ reason, escaped }).toEqual({ reason: "unstable", escaped: 3 });
        }
        const shares = valleyOccupancy(landscape, options).map(({ rightShare }) => rightShare);
        expect(shares).toEqual([0, 0, 0, 0, 0, 1, 1]);
      }
      // At the rates that the sharp valley cannot hold, the flat one does.
      const learningRates = strengths.map((s) => s / curvature);
      const fromFlat = escapeStatistics(landscape, { ...common, learningRates, start: flat.at + 0.5 });
      expect(fromFlat.map(({ escaped }) => escaped)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    },
  );

  test("a run is what the textbook gives with the same random numbers, whichever condition and side it has", () => {
    const noise = [7, 5] as const;
    const learningRates = [0.01, 0.02];
    const batchSizes = [1, 2];
    for (const { at: start } of landscape.valleys) {
      const options = { learningRates, batchSizes, noise, runs: 40, steps: 5000, seed: 2 ** 40 + 3, start };
      const statistics = escapeStatistics(landscape, options);
      statistics.forEach(({ learningRate: rate, batchSize, firstPassages, temperatures }, k) => {
        expect(temperatures[1]).toBeCloseTo((rate * 25) / (2 * batchSize), 14);
        const deviation = (x: number) => (x < 0 ? noise[0] : noise[1]) / Math.sqrt(batchSize);
        for (const run of [0, 1, 15, 16, 17, 39]) {
          let step = 0;
          let passage = -1;
          for (const x of walk(landscape, { start, rate, deviation, noise: normals(options.seed, run, k) })) {
            step++;
            if (start < 0 ? x >= 0.9 * flat.at : x <= 0.9 * sharp.at) passage = step;
            if (passage > 0 || step === options.steps) break;
          }
          expect(firstPassages[run]).toBe(passage);
        }
      });
    }
  });

  test.each(["f64", "f32"] as const)(
    "a run does not depend on how many others there are, in %s",
    (precision) => {
      const options = { learningRates: [0.02, 0.01], noise: 8, steps: 3000, seed: 5, precision } as const;
      const passages = (runs: number) =>
        escapeStatistics(landscape, { ...options, runs }).map(({ firstPassages }) => firstPassages);
      const all = passages(200);
      expect(all).toEqual(passages(200));
      for (const runs of [1, 15, 16, 17, 100]) {
        expect(passages(runs)).toEqual(all.map((steps) => steps.slice(0, runs)));
      }
      expect(all[0]).not.toEqual(all[1]);
      // More time only finds more of the same.
      const longer = escapeStatistics(landscape, { ...options, runs: 200, steps: 9001 });
      longer.forEach(({ firstPassages }, k) => {
        expect(firstPassages.map((step) => (step <= 3000 ? step : -1))).toEqual(all[k]);
      });
    },
  );

  test("f32 tells the same mean as f64, within the statistical error", () => {
    const options = { learningRates: 0.02, noise: 8, runs: 20_000, steps: 100_000 };
    const [[wide], [narrow]] = (["f64", "f32"] as const).map((precision) =>
      escapeStatistics(landscape, { ...options, precision }),
    );
    const apart = Math.abs(wide.meanSteps - narrow.meanSteps);
    expect(apart).toBeLessThan(4 * Math.hypot(wide.standardError, narrow.standardError));
  });

  test("intervals of complete and of censored runs hold the mean as often as they say", () => {
    const options: EscapeStatisticsOptions = {
      learningRates: 0.05,
      noise: 2.8,
      runs: 50_000,
      steps: 1_000_000,
      precision: "f32",
    };
    const [{ meanSteps: truth }] = escapeStatistics(landscape, options);
    for (const [steps, runs] of [
      [1_000_000, 60],
      [Math.round(truth / 2), 60],
      [Math.round(truth / 5), 40],
    ]) {
      let [above, below] = [0, 0];
      const repeats = 400;
      for (let seed = 1; seed <= repeats; seed++) {
        const [{ interval }] = escapeStatistics(landscape, {
          ...options,
          runs,
          steps,
          seed,
          confidence: 0.9,
        });
        if (interval[0] > truth) above++;
        if (interval[1] < truth) below++;
      }
      // Binomial: 5% on each side, and three standard errors of 1.1%; a Poisson count of few is covered more often.
      expect(above).toBeLessThan(0.085 * repeats);
      expect(below).toBeLessThan(0.085 * repeats);
    }
  });

  test("where no run escapes the reason says so, the interval is one-sided and the message says what to do", () => {
    const [found] = escapeStatistics(landscape, { learningRates: 0.01, noise: 1, runs: 100, steps: 1000 });
    expect(found).toMatchObject({ reason: "none", escaped: 0, censoredShare: 1, escapeRate: 0 });
    expect(found.firstPassages.every((step) => step === -1)).toBe(true);
    expect(found.meanSteps).toBe(Infinity);
    // 100,000 steps without an escape: with 95% two-sided, e^(−x) = 0.025.
    expect(found.interval[0] / (100_000 / -Math.log(0.025))).toBeCloseTo(1, 1);
    expect(found.interval[1]).toBe(Infinity);
    expect(found.message).toMatch(
      /^No run escaped within 1000 steps: .* Take more steps, a larger rate or smaller batches\.$/,
    );
  });

  test("runs that overflow do not count as escaped", () => {
    const steep = twoValleys({ curvatures: [1e200, 1], passCurvature: 1e200 });
    const from = (start: number) => {
      const options = { learningRates: 1e-20, noise: 0, runs: 3, steps: 100, start };
      return escapeStatistics(steep, options)[0];
    };
    // A step of 1e280 leads beyond the pass, one of 1e340 nowhere.
    expect(from(-1e100).firstPassages).toEqual(Int32Array.of(1, 1, 1));
    expect(from(-1e160)).toMatchObject({ escaped: 0, reason: "unstable" });
  });

  test("where some escape the likelier mean is told, and limits of the law are named", () => {
    const [found] = escapeStatistics(landscape, { learningRates: 0.05, noise: 4, runs: 1000, steps: 400 });
    expect(found.reason).toBe("censored");
    expect(found.escaped).toBe(found.firstPassages.filter((step) => step > 0).length);
    expect(found.censoredShare).toBeCloseTo(1 - found.escaped / 1000, 14);
    const total = found.firstPassages.reduce((sum, step) => sum + (step > 0 ? step : 400), 0);
    expect(found.meanSteps).toBeCloseTo(total / found.escaped, 10);
    expect(found.escapeRate * found.meanSteps).toBeCloseTo(1, 14);
    expect(found.message).toContain("ηλ = 0.5 is no small step");
    expect(found.message).toContain("too shallow for Kramers' law");
    const [one] = escapeStatistics(landscape, { learningRates: 0.05, noise: 4, runs: 1, steps: 1e6 });
    expect(Number.isFinite(one.standardError)).toBe(true);
    expect(one.interval[0]).toBeLessThan(one.meanSteps);
    expect(one.interval[1]).toBeGreaterThan(one.meanSteps);
  });

  test("mistakes are told", () => {
    const call =
      (options: object, on: unknown = landscape) =>
      () =>
        escapeStatistics(on as TwoValleys, { learningRates: 0.1, runs: 4, steps: 4, ...options });
    expect(call({}, { value: () => 0 })).toThrow("escapeStatistics: landscape must be one of twoValleys");
    expect(call({}, null)).toThrow(TypeError);
    expect(call({ batchsizes: 2 })).toThrow(
      'escapeStatistics: unknown option "batchsizes"; did you mean batchSizes?',
    );
    expect(call({ learningRates: undefined })).toThrow(
      /learningRates must be an array of numbers, got undefined/,
    );
    expect(call({ learningRates: 0 })).toThrow("learningRates must lie in (0, ∞), got 0");
    expect(call({ learningRates: [0.1, Number.NaN] })).toThrow("learningRates[1] must be finite, got NaN");
    expect(call({ learningRates: [] })).toThrow("learningRates must not be empty");
    expect(call({ batchSizes: [1, 1.5] })).toThrow("batchSizes[1] must lie in the integers from 1, got 1.5");
    expect(call({ batchSizes: 0 })).toThrow(RangeError);
    expect(call({ noise: -1 })).toThrow("noise must lie in [0, ∞), got -1");
    expect(call({ noise: [1, 0] })).toThrow("noise[1] must lie in (0, ∞), got 0");
    expect(call({ noise: [1, 2, 3] })).toThrow("noise must have 2 entries, got 3");
    expect(call({ runs: 0 })).toThrow("runs must lie in the integers from 1, got 0");
    expect(call({ runs: 2 ** 27 })).toThrow("runs must lie in [1, 2^26]");
    expect(call({ steps: 2 ** 31 })).toThrow("steps must lie in [1, 2^31)");
    expect(call({ steps: 1.5 })).toThrow(RangeError);
    expect(call({ start: 0 })).toThrow("start must lie in the numbers but 0, where the pass is, got 0");
    expect(call({ start: Infinity })).toThrow(RangeError);
    expect(call({ confidence: 1 })).toThrow("confidence must lie in (0, 1), got 1");
    expect(call({ seed: -1 })).toThrow("seed must be an integer");
    expect(call({ learningRates: 1e-60, precision: "f32" })).toThrow(
      'learningRates has 1e-60, which f32 does not hold; use precision "f64"',
    );
    expect(call({ noise: [1e39, 1], precision: "f32" })).toThrow("noise has 1e+39, which f32 does not hold");
    expect(call({ precision: "f16" })).toThrow('precision must be "f64" or "f32"');
  });
});

describe("valleyOccupancy", () => {
  test("[noise-escape] the flat valley has most runs in the end though both are equally deep, more so where noise grows with curvature", () => {
    const options = { learningRates: 0.02, steps: 5000, precision: "f32" } as const;
    const [alike] = valleyOccupancy(landscape, { ...options, noise: 10 });
    expect(alike.reason).toBe("mixed");
    expect(alike.finalValleys).toHaveLength(10_000);
    // Boltzmann: √10/(1 + √10) = 0.76 for deep valleys.
    expect(alike.rightShare).toBeGreaterThan(0.7);
    expect(Math.abs(alike.rightShare - alike.predictedShare)).toBeLessThan(4 * alike.rightShareError + 0.02);
    expect(Math.abs(alike.meanOccupancy - alike.predictedShare)).toBeLessThan(0.02);
    // σ² in proportion to λ.
    const [grown] = valleyOccupancy(landscape, { ...options, noise: [Math.sqrt(10) * 5, 5] });
    expect(grown.rightShare).toBeGreaterThan(0.95);
    expect(grown.rightShare).toBeGreaterThan(alike.rightShare);
    // The other way round it is the same valley that wins.
    const turned = twoValleys({ curvatures: [1, 10], passCurvature: 4 });
    const [flatLeft] = valleyOccupancy(turned, { ...options, noise: 10, start: 0 });
    expect(1 - flatLeft.rightShare).toBeGreaterThan(0.7);
  });

  test("[noise-escape] valleys alike have one half of the runs each, within the statistical error", () => {
    const alike = twoValleys({ curvatures: [3, 3], passCurvature: 4 });
    for (const start of [0, alike.valleys[0].at]) {
      const [{ rightShare, rightShareError, meanOccupancy, predictedShare, reason }] = valleyOccupancy(
        alike,
        {
          learningRates: 0.05,
          noise: 6,
          steps: 4000,
          start,
          precision: "f32",
        },
      );
      expect(reason).toBe("mixed");
      expect(rightShareError).toBeCloseTo(0.005, 4);
      expect(Math.abs(rightShare - 0.5)).toBeLessThan(3 * rightShareError);
      expect(Math.abs(meanOccupancy - 0.5)).toBeLessThan(0.01);
      expect(predictedShare).toBeCloseTo(0.5, 12);
    }
  });

  test("[noise-escape] the shares follow the depths as Boltzmann's law says", () => {
    const rate = 0.01;
    const temperature = 0.5;
    const uneven = twoValleys({ curvatures: [4, 4], depths: [1, 1.5], passCurvature: 4 });
    const [found] = valleyOccupancy(uneven, {
      learningRates: rate,
      noise: Math.sqrt((2 * temperature) / rate),
      precision: "f32",
    });
    // Sums of e^{−f/T} on a fine grid, in plain arithmetic.
    const weight = (from: number, to: number) => {
      let sum = 0;
      for (let i = 0; i < 200_000; i++) {
        sum += Math.exp(-uneven.value([from + ((to - from) * (i + 0.5)) / 200_000]) / temperature);
      }
      return sum * (to - from);
    };
    const [low, high] = [weight(-8, 0), weight(0, 8)];
    expect(found.predictedShare).toBeCloseTo(high / (low + high), 8);
    expect(Math.abs(found.rightShare - found.predictedShare)).toBeLessThan(4 * found.rightShareError + 0.005);
  });

  test("a run is what the textbook gives with the same random numbers", () => {
    const options = { learningRates: [0.03], batchSizes: [3, 1], noise: 9, runs: 21, steps: 1001, seed: 9 };
    valleyOccupancy(landscape, options).forEach(({ occupancies, finalValleys, batchSize }, k) => {
      for (const run of [0, 1, 15, 16, 20]) {
        const deviation = () => 9 / Math.sqrt(batchSize);
        const noise = normals(9, run, k);
        let [step, right, last] = [0, 0, 0];
        for (const x of walk(landscape, { start: 0, rate: 0.03, deviation, noise })) {
          if (x >= 0) right++;
          last = x;
          if (++step === 1001) break;
        }
        expect(occupancies[run]).toBe(right / 1001);
        expect(finalValleys[run]).toBe(last < 0 ? 0 : 1);
      }
    });
  });

  test("a landscape that is too steep for the rate is a result with a reason", () => {
    const steep = twoValleys({ curvatures: [30, 30], passCurvature: 4 });
    for (const precision of ["f64", "f32"] as const) {
      const [found] = valleyOccupancy(steep, { learningRates: 0.2, noise: 1, runs: 50, precision });
      expect(found.reason).toBe("diverged");
      expect(found.finalValleys.every((valley) => valley === -1)).toBe(true);
      expect(found.rightShare).toBeNaN();
      expect(found.message).toBe("50 of 50 runs left every bound: the rate is too large for this landscape.");
    }
  });

  test("runs that had no time to forget their start are said to have had none", () => {
    const [found] = valleyOccupancy(landscape, {
      learningRates: 0.01,
      noise: 2,
      runs: 100,
      steps: 500,
      start: sharp.at,
    });
    expect(found).toMatchObject({ reason: "unmixed", rightShare: 0 });
    expect(found.message).toContain("too few to forget where they began");
    const [still] = valleyOccupancy(landscape, { learningRates: 0.01, noise: 0, runs: 3, steps: 50 });
    expect(still).toMatchObject({ reason: "unmixed", mixingSteps: Infinity });
  });

  test("mistakes are told", () => {
    const call = (options: object) => () => valleyOccupancy(landscape, { learningRates: 0.1, ...options });
    expect(call({ confidence: 0.9 })).toThrow('valleyOccupancy: unknown option "confidence"');
    expect(call({ steps: 0 })).toThrow("valleyOccupancy: steps must lie in the integers from 1, got 0");
    expect(call({ start: Number.NaN })).toThrow("start must lie in (−∞, ∞), got NaN");
  });
});
