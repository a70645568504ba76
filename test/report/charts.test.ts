import { describe, expect, it } from "vitest";
import {
  gradientNormChart,
  lossChart,
  type RateSweepRecord,
  type RunRecord,
  rateSweepChart,
  regimesChart,
  renderReport,
  spectrumChart,
  topModeChart,
  trialChart,
} from "../../src/report/index.ts";
import { curvatureOf, quadraticRun, sample, spread } from "./sample.ts";
import { checkDrawing, drawnTexts, xmlElements } from "./well-formed.ts";

/** The corners of the lines drawn with the given stroke, as [x, y]. */
function corners(svg: string, stroke: string): [number, number][][] {
  const group = new RegExp(`<g(?=[^>]*stroke="${stroke}")[^>]*><path([^>]*)d="([^"]*)"`, "g");
  return [...svg.matchAll(group)].map(([, , d]) =>
    [...d.matchAll(/(-?[\d.]+),(-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]),
  );
}

const accent = "#0a5fa5";

/** A sweep on (10, 1) in whose steps a rate below 0.01 is too slow, and one above 0.2 diverges. */
const sweep: RateSweepRecord = {
  rule: "gradientDescent",
  learningRates: [0.002, 0.02, 0.05, 0.18, 0.8],
  stepsToTolerance: [Infinity, 690, 271, 70, Infinity],
  oscillation: [0, 0, 0, 0.9, 1],
  outcomes: ["unfinished", "converged", "converged", "converged", "diverged"],
  best: 0.18,
  speedLimit: 0.2,
  steps: 1000,
  tolerance: 1e-6,
};

describe("every chart", () => {
  const [raw] = sample.curvature;
  const many = spread(100, 1e-5, 5000);
  const charts: [string, (width?: number) => string][] = [
    ["loss", (width) => lossChart(sample.run!, { width })],
    ["loss of one step", (width) => lossChart(quadraticRun(0.5, 1), { width })],
    ["loss that reaches the minimum in one step", (width) => lossChart(quadraticRun(0, 2), { width })],
    ["loss that starts at the minimum", (width) => lossChart(quadraticRun(0, 2, 0.5), { width })],
    ["constant loss", (width) => lossChart({ ...quadraticRun(1, 5), minimum: undefined }, { width })],
    [
      "loss that is never finite",
      (width) => lossChart({ ...quadraticRun(1, 3), values: [NaN, 1, 2] }, { width }),
    ],
    ["loss that diverges", (width) => lossChart(quadraticRun(-3, 800), { width })],
    [
      "loss over the whole range of numbers",
      (width) =>
        lossChart(
          { rule: "r", learningRate: null, steps: [0, 1, 2], values: [-1.7e308, 0, 1.7e308] },
          { width },
        ),
    ],
    ["loss at the smallest numbers", (width) => lossChart(quadraticRun(1e-80, 6), { width })],
    ["gradient norm", (width) => gradientNormChart(sample.run!, { width })],
    [
      "gradient norm without data",
      (width) => gradientNormChart({ ...sample.run!, gradientNorms: undefined }, { width }),
    ],
    ["spectra", (width) => spectrumChart(sample.curvature, { width })],
    ["no spectrum", (width) => spectrumChart([], { width })],
    ["one eigenvalue", (width) => spectrumChart([curvatureOf("one", [7])], { width })],
    ["a spectrum of zeros", (width) => spectrumChart([curvatureOf("flat", [0, 0])], { width })],
    ["an empty spectrum", (width) => spectrumChart([{ ...raw, spectrum: [] }], { width })],
    ["negative eigenvalues", (width) => spectrumChart([curvatureOf("saddle", [-3, -1e-2, 0, 4])], { width })],
    ["only negative eigenvalues", (width) => spectrumChart([curvatureOf("peak", [-3, -1])], { width })],
    ["a large spectrum", (width) => spectrumChart([curvatureOf("large", many)], { width })],
    ["regimes", (width) => regimesChart(sample.regimes!, { width })],
    ["regimes without modes", (width) => regimesChart({ learningRate: 0.1, eigenvalues: [] }, { width })],
    [
      "regimes far beyond the chart",
      (width) => regimesChart({ learningRate: 1, eigenvalues: [-1e9, 0, 1, 2, 1e300, NaN] }, { width }),
    ],
    ["a trial", (width) => trialChart(sample.speedLimitTrial!, { width })],
    [
      "a trial of nothing",
      (width) =>
        trialChart(
          {
            speedLimit: 0.2,
            below: { factor: 0.99, distances: [] },
            above: { factor: 1.01, distances: [0] },
          },
          { width },
        ),
    ],
    ["a sweep", (width) => rateSweepChart(sweep, { width })],
    [
      "a sweep in which no rate is right",
      (width) =>
        rateSweepChart(
          {
            ...sweep,
            outcomes: sweep.outcomes.map(() => "diverged"),
            best: Number.NaN,
            speedLimit: undefined,
          },
          { width },
        ),
    ],
    [
      "a sweep of one rate that is there at once",
      (width) =>
        rateSweepChart(
          {
            ...sweep,
            learningRates: [1],
            stepsToTolerance: [0],
            oscillation: [0],
            outcomes: ["converged"],
            best: 1,
            steps: 1,
          },
          { width },
        ),
    ],
    ["top mode", (width) => topModeChart(sample.topMode!, { width })],
    ["top mode without columns", (width) => topModeChart([], { width })],
    ["top mode of zero shares", (width) => topModeChart([{ column: "a", share: 0 }], { width })],
  ];

  it.each(charts)("is a complete, well-formed drawing by itself, wide and narrow: %s", (_, chart) => {
    checkDrawing(chart());
    checkDrawing(chart(380));
    expect(xmlElements(chart(380))[0].attributes.width).toBe("380");
  });

  it("gives the same bytes for the same input", () => {
    for (const [, chart] of charts) expect(chart()).toBe(chart());
  });
});

describe("lossChart", () => {
  it("draws a run of constant rate as a straight line that covers its prediction", () => {
    const svg = lossChart(quadraticRun(0.9, 50));
    const [line] = corners(svg, accent);
    const [prediction] = corners(svg, "#5a636d").filter((points) => points.length === 2);
    const slope = ([x1, y1]: number[], [x2, y2]: number[]) => (y2 - y1) / (x2 - x1);
    expect(slope(line[0], line[49])).toBeCloseTo(slope(line[0], line[25]), 2);
    expect(slope(prediction[0], prediction[1])).toBeCloseTo(slope(line[0], line[49]), 2);
    expect(drawnTexts(svg)).toContain("predicted: × 0.81 per step");
  });

  it("draws differences at or below the minimum's rounding on the rounding line", () => {
    const run: RunRecord = {
      rule: "newton",
      learningRate: null,
      steps: [0, 1, 2, 3],
      values: [0.75, 0.5 + 1e-9, 0.5, 0.5 - 1e-16],
      minimum: 0.5,
    };
    const svg = lossChart(run);
    const [line] = corners(svg, accent);
    expect(line).toHaveLength(4);
    expect(line[3][1]).toBe(line[2][1]);
    expect(drawnTexts(svg).filter((text) => text === "rounding")).toHaveLength(2);
    expect(svg).toContain("no more than rounding");
  });

  it("draws the values themselves where no minimum is known, or a wrong one", () => {
    expect(drawnTexts(lossChart({ ...quadraticRun(0.9, 9), minimum: undefined }))).toContain("value");
    expect(drawnTexts(lossChart({ ...quadraticRun(0.9, 9), minimum: 10 }))).toContain("value");
  });

  it("draws a divergent run up to where it is finite and says where it ends", () => {
    const run = quadraticRun(-3, 800);
    const end = Array.from(run.values).findIndex((value) => !Number.isFinite(value));
    const svg = lossChart(run);
    expect(drawnTexts(svg)).toContain(`not finite from step ${end}`);
    expect(svg).toContain(`From step ${end} on it is not finite; it is drawn up to there.`);
    expect(corners(svg, accent)[0]).toHaveLength(end);
  });

  it("stays small for 100,000 steps and keeps the highest of them", () => {
    const values = Float64Array.from({ length: 100_000 }, (_, i) => 1 + ((i * 7919) % 1000) / 1000);
    values[54_321] = 50;
    const svg = lossChart({ rule: "sgd", learningRate: 0.1, steps: values.map((_, i) => i), values });
    expect(svg.length).toBeLessThan(20_000);
    const [line] = corners(svg, accent);
    expect(line.length).toBeLessThanOrEqual(600);
    const top = line.reduce((a, b) => (b[1] < a[1] ? b : a));
    const [first, last] = [line[0][0], line.at(-1)![0]];
    expect((top[0] - first) / (last - first)).toBeCloseTo(0.54321, 3);
  });

  it("refuses runs without steps and arrays of another length", () => {
    expect(() => lossChart({ ...quadraticRun(0.5, 3), steps: [] })).toThrow(
      new RangeError("lossChart: steps must hold at least one step, got 0"),
    );
    expect(() => gradientNormChart({ ...quadraticRun(0.5, 3), gradientNorms: [1] })).toThrow(
      new RangeError("gradientNormChart: gradientNorms must hold 3 entries, one per step, got an array of 1"),
    );
  });

  it("tells who gives the result of a run, or its history alone, what to give", () => {
    const hint = "of a result of minimize give { rule, learningRate, ...result.history }";
    const history = { steps: [0, 1], values: [2, 1] };
    expect(() => lossChart({ steps: 1, values: undefined, history } as never)).toThrow(
      new TypeError(`lossChart: run.steps must be an array, got 1; ${hint}`),
    );
    expect(() => lossChart(history as never)).toThrow(
      new TypeError(`lossChart: run.rule must be a text, got undefined; ${hint}`),
    );
    expect(() => gradientNormChart({ rule: "adam", ...history } as never)).toThrow(
      new TypeError(
        "gradientNormChart: run.learningRate must be a number, or null where there is none, got undefined",
      ),
    );
    expect(() => lossChart(undefined as never)).toThrow(
      new TypeError(`lossChart: run must be a record, got undefined; ${hint}`),
    );
  });
});

describe("what is no record", () => {
  it("is refused by name", () => {
    const found = { lambdaMax: 2, lambdaMin: 1, spectrum: [2, 1] };
    const hint = 'of a curvature give { where: "at the start", ...found }';
    expect(() => spectrumChart([found] as never)).toThrow(
      new TypeError(`spectrumChart: curvatures[0].where must be a text, got undefined; ${hint}`),
    );
    expect(() => spectrumChart(found as never)).toThrow(
      /^spectrumChart: curvatures must be an array such as .* got an object$/,
    );
    expect(() => rateSweepChart([1] as never)).toThrow(
      new TypeError(
        "rateSweepChart: record.learningRates must be an array, got undefined; give what rateSweep returns",
      ),
    );
    expect(() => renderReport({} as never)).toThrow(
      new TypeError("renderReport: input.summary must be an array, got undefined"),
    );
    const page = { title: "a", conclusion: "b", summary: [], curvature: [] };
    expect(() => renderReport({ ...page, curvature: [found] } as never)).toThrow(
      /curvatures\[0\]\.where must be a text/,
    );
    expect(() => renderReport({ ...page, run: { steps: 3 } } as never)).toThrow(
      /run\.steps must be an array, got 3/,
    );
  });
});

describe("spectrumChart", () => {
  it("names λmax with the limit that it sets, λmin, and powers of ten on the axis", () => {
    const texts = drawnTexts(spectrumChart(sample.curvature));
    const space = "\u00a0";
    expect(texts).toContain(`λmax = 1.67${space}×${space}10⁶,  2/λmax = 1.2${space}×${space}10⁻⁶`);
    expect(texts).toContain(`λmin = 7${space}×${space}10⁻⁷`);
    expect(texts).toContain("10⁻⁴");
  });

  it("counts eigenvalues that are zero to rounding instead of drawing them", () => {
    const svg = spectrumChart([curvatureOf("flat valley", [100, 1, 1e-15, 0, -1e-15])]);
    expect(drawnTexts(svg).join()).toContain("5 eigenvalues, 3 zero to rounding");
    expect(svg).not.toContain("Negative ones");
  });

  it("draws negative eigenvalues in a colour of their own and says how many there are", () => {
    const svg = spectrumChart([curvatureOf("saddle", [-3, -0.01, 1, 4])]);
    expect(drawnTexts(svg).join()).toContain("4 eigenvalues, 2 negative");
    expect(drawnTexts(svg)).toContain("λmin = −3");
    expect(
      xmlElements(svg).filter(({ name, attributes }) => name === "line" && attributes.stroke === "#bf4410"),
    ).toHaveLength(2);
  });

  it("adds the known ends to a spectrum that is not complete", () => {
    const svg = spectrumChart([{ ...curvatureOf("top", [9, 8]), lambdaMin: 0.5, complete: false }]);
    expect(drawnTexts(svg).join()).toContain("3 of the eigenvalues");
    expect(drawnTexts(svg)).toContain("λmin = 0.5");
  });
});

describe("regimesChart", () => {
  it("counts the modes of each of the five regimes", () => {
    const svg = regimesChart({ learningRate: 0.5, eigenvalues: [0.2, 1, 2, 3, 4, 5, 5.5] });
    const texts = drawnTexts(svg).join("|");
    for (const text of [
      "monotone2 modes",
      "oscillating1 mode",
      "divergent2 modes",
      "one step",
      "two-cycle",
    ]) {
      expect(texts).toContain(text);
    }
    expect(svg).toContain("2 monotone, 1 one step, 1 oscillating, 1 two-cycle, 2 divergent");
  });

  it("counts the modes beyond its edges", () => {
    const texts = drawnTexts(regimesChart({ learningRate: 1, eigenvalues: [-50, 1, 9, 1e7] }));
    expect(texts).toContain("2 beyond, to 10⁷ →");
    expect(texts).toContain("← 1 beyond, to −50");
  });
});

describe("trialChart", () => {
  it("says after how many steps the distance fell by 1e-6 and grew by 1e3", () => {
    // 0.98^684 < 1e-6 < 0.98^683 and 1.02^349 > 1e3 > 1.02^348
    const texts = drawnTexts(trialChart(sample.speedLimitTrial!));
    expect(texts).toContain("0.99 × the limit: fell by 10⁻⁶ in 684 steps");
    expect(texts).toContain("1.01 × the limit: grew by 1,000 in 349 steps");
  });

  it("says so when it did not", () => {
    const still = { factor: 0.99, distances: [1, 1, 1] };
    const texts = drawnTexts(trialChart({ ...sample.speedLimitTrial!, below: still }));
    expect(texts).toContain("0.99 × the limit: did not fall by 10⁻⁶ in 2 steps");
  });
});

describe("rateSweepChart", () => {
  it("[goldilocks] shows what is too small, just right and too large, the best rate and the limit", () => {
    const svg = rateSweepChart(sweep);
    const texts = drawnTexts(svg);
    for (const text of ["too small", "just right", "too large", "70 steps at 0.18", "speed limit 0.2"]) {
      expect(texts).toContain(text);
    }
    expect(texts).toContain("● swings in more than half of its steps");
    expect(svg).toContain(
      "Steps of gradientDescent until the gradient's norm is 1e-6 of the first, by learning rate, from 0.002 to 0.8. " +
        "The fewest, 70, at 0.18; at 1 of 3 rates more than half of the steps swing. 1 rate took more than 1,000 steps; 1 rate diverged.",
    );
    // Both axes are logarithmic: twice and a half the rate takes a rate's part of the steps, on one line.
    const [line] = corners(svg, accent);
    const slope = ([x1, y1]: number[], [x2, y2]: number[]) => (y2 - y1) / (x2 - x1);
    expect(line).toHaveLength(3);
    expect(slope(line[0], line[1]) / slope(line[1], line[2])).toBeCloseTo(
      Math.log(690 / 271) / Math.log(2.5) / (Math.log(271 / 70) / Math.log(3.6)),
      1,
    );
  });

  it("says where no rate is right, and refuses arrays that do not belong together", () => {
    const none = rateSweepChart({ ...sweep, outcomes: sweep.outcomes.map(() => "unfinished"), best: NaN });
    expect(none).toContain("No rate came so far. 5 rates took more than 1,000 steps.");
    expect(drawnTexts(none)).not.toContain("just right");
    expect(() => rateSweepChart({ ...sweep, learningRates: [] })).toThrow(
      new RangeError("rateSweepChart: learningRates must hold at least one rate, got 0"),
    );
    expect(() => rateSweepChart({ ...sweep, oscillation: [1] })).toThrow(
      new RangeError("rateSweepChart: oscillation must hold 5 entries, one per rate, got an array of 1"),
    );
  });
});

describe("topModeChart", () => {
  it("draws the ten largest shares in order and the others together", () => {
    const shares = Array.from({ length: 14 }, (_, i) => ({ column: `c${i}`, share: (i + 1) / 105 }));
    const texts = drawnTexts(topModeChart(shares));
    expect(texts.slice(0, 11)).toEqual([...Array.from({ length: 10 }, (_, i) => `c${13 - i}`), "4 others"]);
    expect(texts.slice(11)).toContain("9.52%");
  });

  it("shortens long names and keeps markup in them inert", () => {
    const svg = topModeChart([
      { column: "<script>alert(1)</script>", share: 0.6 },
      { column: "a very long column name ".repeat(20), share: 0.3 },
      { column: 'bell\u0007 & "quotes" \ud800', share: 0.1 },
    ]);
    checkDrawing(svg);
    expect(drawnTexts(svg)).toContain("<script>alert(1)</script>");
    expect(drawnTexts(svg)[1].length).toBeLessThan(60);
  });
});
