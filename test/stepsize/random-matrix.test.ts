import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gaussLegendre } from "../../src/core/gauss-legendre.ts";
import { Random } from "../../src/core/random.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { applyScaling, parseCsv, scaling } from "../../src/data/index.ts";
import { leastSquares, logisticRegression, softmaxRegression } from "../../src/objectives/index.ts";
import { marchenkoPastur } from "../../src/stepsize/marchenko-pastur.ts";
import { predictLambdaMax } from "../../src/stepsize/predict-lambda-max.ts";
import { spectrumAgainstRandom } from "../../src/stepsize/spectrum-against-random.ts";
import { tracyWidom } from "../../src/stepsize/tracy-widom.ts";
import { LargestWishartEigenvalue } from "../../src/stepsize/wishart.ts";
import { badNumbers, expectRefusal, noNumbers } from "../errors/bad-values.ts";
import { tracyWidomByDeterminant, tracyWidomTail } from "./random/airy.ts";
import { entries, largestOfData, largestWishart } from "./random/draws.ts";

const rule = gaussLegendre(20);

/** ∫ f from low to high by Gauss's rule on panels. */
function integral(f: (x: number) => number, low: number, high: number, panels = 20): number {
  const half = (high - low) / panels / 2;
  let sum = 0;
  for (let panel = 0; panel < panels; panel++) {
    rule.nodes.forEach((node, k) => {
      sum += half * rule.weights[k] * f(low + half * (2 * panel + 1 + node));
    });
  }
  return sum;
}

const ratios = [1e-4, 0.01, 0.2, 0.249, 0.25, 0.251, 0.5, 0.9, 1, 1.2, 4, 100];

describe("the Marchenko–Pastur law", () => {
  test("[random-matrix] has the edges σ²(1 ± √γ)² and the density √((b − x)(x − a))/(2πσ²γx)", () => {
    // truths.md 8
    for (const aspectRatio of ratios) {
      const variance = 2.5;
      const law = marchenkoPastur({ aspectRatio, variance });
      expect(law.upper).toBeCloseTo(variance * (1 + Math.sqrt(aspectRatio)) ** 2, 12);
      expect(law.lower).toBeCloseTo(variance * (1 - Math.sqrt(aspectRatio)) ** 2, 12);
      for (const part of [0.1, 0.5, 0.8]) {
        const x = law.lower + part * (law.upper - law.lower);
        const printed =
          Math.sqrt((law.upper - x) * (x - law.lower)) / (2 * Math.PI * variance * aspectRatio * x);
        expect(law.density(x) / printed).toBeCloseTo(1, 12);
      }
      expect(law.atomAtZero).toBeCloseTo(Math.max(0, 1 - 1 / aspectRatio), 15);
    }
  });

  test("[random-matrix] its distribution function is the integral of its density, to 1e-12", () => {
    for (const aspectRatio of ratios) {
      const { lower, upper, density, cdf, atomAtZero } = marchenkoPastur({ aspectRatio });
      const width = upper - lower;
      // x = lower + width·sin²(t/2) takes the square roots out of the edges (and 1/√x out of 0 where γ = 1).
      const at = (t: number) => lower + width * Math.sin(t / 2) ** 2;
      const along = (t: number) => (density(at(t)) * width * Math.sin(t)) / 2;
      for (const t of [0.05, 0.7, 1.5, 2.4, 3.1]) {
        const expected = atomAtZero + integral(along, 0, t);
        expect(Math.abs(cdf(at(t)) - expected), `γ = ${aspectRatio}`).toBeLessThan(1e-12);
      }
      expect(atomAtZero + integral(along, 0, Math.PI)).toBeCloseTo(1, 12);
    }
  });

  test("[random-matrix] has the moments σ² and σ⁴(1 + γ)", () => {
    for (const aspectRatio of [0.3, 1, 3]) {
      const { lower, upper, density, quantile } = marchenkoPastur({ aspectRatio, variance: 2 });
      const mean = integral((p) => quantile(p), 0, 1, 60);
      expect(mean).toBeCloseTo(2, 4);
      const [middle, reach] = [(lower + upper) / 2, (upper - lower) / 2];
      const moment = (k: number) =>
        integral(
          (t) => {
            const x = middle - reach * Math.cos(t);
            return density(x) * x ** k * reach * Math.sin(t);
          },
          0,
          Math.PI,
        );
      expect(moment(1)).toBeCloseTo(2, 12);
      expect(moment(2)).toBeCloseTo(4 * (1 + aspectRatio), 11);
    }
  });

  test("[random-matrix] the quantile undoes the distribution function", () => {
    const ratio = fc.double({ min: -4, max: 4, noNaN: true }).map((e) => 10 ** e);
    fc.assert(
      fc.property(ratio, fc.double({ min: 0, max: 1, noNaN: true }), (aspectRatio, p) => {
        const law = marchenkoPastur({ aspectRatio });
        const x = law.quantile(p);
        expect(x).toBeLessThanOrEqual(law.upper);
        if (p <= law.atomAtZero) expect(x).toBe(law.atomAtZero > 0 ? 0 : law.lower);
        else expect(Math.abs(law.cdf(x) - p)).toBeLessThan(1e-11);
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  test("counts nothing outside, and everything at the ends", () => {
    const law = marchenkoPastur({ aspectRatio: 4 });
    expect([law.cdf(-1), law.cdf(0), law.cdf(0.99), law.cdf(9), law.cdf(Infinity)]).toEqual([
      0, 0.75, 0.75, 1, 1,
    ]);
    expect([law.density(0), law.density(0.5), law.density(10), law.density(-Infinity)]).toEqual([0, 0, 0, 0]);
    expect([law.quantile(0), law.quantile(0.75), law.quantile(1)]).toEqual([0, 0, law.upper]);
    const square = marchenkoPastur({ aspectRatio: 1 });
    expect([square.density(0), square.cdf(0), square.lower, square.quantile(0)]).toEqual([Infinity, 0, 0, 0]);
  });

  test("bad input is refused by name", () => {
    const positive = (v: number) => v > 0 && v < Infinity;
    for (const [shown, value] of badNumbers(positive)) {
      const bad = value as number;
      expectRefusal(
        () => marchenkoPastur({ aspectRatio: bad }),
        "marchenkoPastur: aspectRatio",
        `got ${shown}`,
      );
      expectRefusal(
        () => marchenkoPastur({ aspectRatio: 1, variance: bad }),
        "marchenkoPastur: variance",
        `got ${shown}`,
      );
    }
    expectRefusal(() => marchenkoPastur({ ratio: 1 } as never), 'unknown option "ratio"');
    expectRefusal(() => marchenkoPastur(undefined as never), "options must be an object, got undefined");
    const law = marchenkoPastur({ aspectRatio: 0.5 });
    expectRefusal(() => law.cdf(Number.NaN), "the x of cdf", "got NaN");
    expectRefusal(() => law.density("1" as never), "the x of density", 'got "1"');
    expectRefusal(() => law.quantile(1.5), "the p of quantile", "[0, 1], got 1.5");
  });
});

describe("the Tracy–Widom distribution", () => {
  test("[random-matrix] has the published mean, variance and quantiles", () => {
    // truths.md 8; to all digits: Bornemann, "On the numerical evaluation of distributions in random matrix theory", 2010
    expect(tracyWidom.mean).toBeCloseTo(-1.20653, 5);
    expect(tracyWidom.variance).toBeCloseTo(1.60778, 5);
    expect(tracyWidom.quantile(0.9)).toBeCloseTo(0.4501, 4);
    expect(tracyWidom.quantile(0.95)).toBeCloseTo(0.9793, 4);
    expect(tracyWidom.quantile(0.99)).toBeCloseTo(2.0234, 4);
    const moment = (k: number) => integral((s) => s ** k * tracyWidom.density(s), -10, 14, 40);
    expect(moment(0)).toBeCloseTo(1, 11);
    expect(moment(1)).toBeCloseTo(tracyWidom.mean, 11);
    expect(moment(2) - moment(1) ** 2).toBeCloseTo(tracyWidom.variance, 10);
  });

  test("[random-matrix] is the Fredholm determinant that defines it, to 2e-12", () => {
    for (let s = -7; s <= 7; s += 0.25) {
      expect(Math.abs(tracyWidom.cdf(s) - tracyWidomByDeterminant(s)), `s = ${s}`).toBeLessThan(2e-12);
    }
    for (const s of [4, 5, 6, 7]) {
      expect((1 - tracyWidom.cdf(s)) / tracyWidomTail(s)).toBeCloseTo(1, 9);
    }
  });

  test("[random-matrix] falls in the lower tail as τ exp(−|s|³/24 − |s|^{3/2}/(3√2))/|s|^{1/16}", () => {
    // Baik, Buckingham, DiFranco, Comm. Math. Phys. 280, 2008: ln τ = −(11/48) ln 2 + ζ′(−1)/2, and the term in
    // |s|^{−3/2} is −1/(24√2); ζ′(−1) = −0.1654211437.
    for (const s of [-8, -9, -9.9]) {
      const size = -s;
      const log =
        (-11 / 48) * Math.LN2 -
        0.1654211437 / 2 -
        size ** 3 / 24 -
        size ** 1.5 / (3 * Math.SQRT2) -
        Math.log(size) / 16 -
        1 / (24 * Math.SQRT2 * size ** 1.5);
      expect(Math.abs(Math.log(tracyWidom.cdf(s)) - log)).toBeLessThan(1e-3);
    }
  });

  test("the quantile undoes the distribution function, from 1e-21 to the last number below 1", () => {
    for (const p of [1e-21, 1e-15, 1e-6, 0.01, 0.5, 0.975, 1 - 1e-9, 1 - 2 ** -53]) {
      const s = tracyWidom.quantile(p);
      expect(Math.abs(tracyWidom.cdf(s) / p - 1)).toBeLessThan(1e-10);
    }
    expect([tracyWidom.cdf(-Infinity), tracyWidom.cdf(Infinity), tracyWidom.density(-20)]).toEqual([0, 1, 0]);
  });

  test("bad input is refused by name", () => {
    expectRefusal(() => tracyWidom.cdf(Number.NaN), "tracyWidom: the s of cdf", "got NaN");
    expectRefusal(() => tracyWidom.density(null as never), "tracyWidom: the s of density", "got null");
    for (const p of [0, 1, -1, 1e-22, Number.NaN]) {
      expectRefusal(() => tracyWidom.quantile(p), "tracyWidom: the p of quantile", `got ${p}`);
    }
  });
});

describe("the exact distribution of the largest Wishart eigenvalue", () => {
  test("[random-matrix] of one column is χ²: 1 − e^{−x/2} Σ (x/2)ᵏ/k! for an even number of rows", () => {
    for (const [rows, columns] of [
      [2, 1],
      [10, 1],
      [1, 6],
    ] as const) {
      const exact = new LargestWishartEigenvalue(rows, columns);
      const half = Math.max(rows, columns) / 2;
      for (const x of [0.5, 2, 7, 15, 30]) {
        let term = 1;
        let sum = 1;
        for (let k = 1; k < half; k++) {
          term *= x / 2 / k;
          sum += term;
        }
        expect(Math.abs(exact.cdf(x) - (1 - Math.exp(-x / 2) * sum))).toBeLessThan(1e-13);
      }
    }
  });

  test("[random-matrix] of two and three columns is the integral of the joint density of the eigenvalues", () => {
    // The density is Π λᵢ^{(n−d−1)/2} e^{−λᵢ/2} Π|λᵢ − λⱼ| (James 1964); ordered, it is smooth.
    const rows = 5;
    const weight = (x: number, power: number) => x ** power * Math.exp(-x / 2);
    const two = (end: number) =>
      integral((b) => integral((a) => weight(a, 1) * weight(b, 1) * (b - a), 0, b, 3), 0, end, 8);
    const exact = new LargestWishartEigenvalue(rows, 2);
    const all = two(120);
    for (const end of [2, 6, 10, 20]) {
      expect(Math.abs(exact.cdf(end) - two(end) / all)).toBeLessThan(1e-10);
    }
    const three = (end: number) =>
      integral(
        (c) =>
          weight(c, 0.5) *
          integral(
            (b) =>
              weight(b, 0.5) *
              (c - b) *
              integral((t) => 2 * t * weight(t * t, 0.5) * (b - t * t) * (c - t * t), 0, Math.sqrt(b), 1),
            0,
            c,
            2,
          ),
        0,
        end,
        6,
      );
    const triple = new LargestWishartEigenvalue(5, 3);
    expect(Math.abs(triple.cdf(12) / triple.cdf(6) / (three(12) / three(6)) - 1)).toBeLessThan(1e-5);
  });

  test("[random-matrix] tends to Tracy and Widom's as the sides grow, the larger way round or the other", () => {
    const distance = (rows: number, columns: number) => {
      const exact = new LargestWishartEigenvalue(rows, columns);
      const n = Math.sqrt(rows - 0.5);
      const d = Math.sqrt(columns - 0.5);
      const s = (n + d) * (1 / n + 1 / d) ** (1 / 3);
      return Math.max(
        ...[0.05, 0.3, 0.6, 0.95].map((p) =>
          Math.abs(exact.cdf((n + d) ** 2 + s * tracyWidom.quantile(p)) - p),
        ),
      );
    };
    expect(distance(8, 8)).toBeGreaterThan(2 * distance(40, 40));
    expect(distance(40, 40)).toBeLessThan(0.02);
    expect(distance(30, 12)).toBe(distance(12, 30));
  });
});

/** Of draws of λmax: the shares that lie below, within and above a prediction. */
function coverage(
  draws: number,
  { lower, upper }: { readonly lower: number; readonly upper: number },
  draw: () => number,
) {
  let below = 0;
  let above = 0;
  for (let i = 0; i < draws; i++) {
    const lambda = draw();
    if (lambda < lower) below++;
    if (lambda > upper) above++;
  }
  return { below: below / draws, above: above / draws, within: 1 - (below + above) / draws };
}

describe("the prediction of λmax", () => {
  const shapes = [
    ["tall", 1000, 10],
    ["tall", 400, 50],
    ["square", 64, 64],
    ["square-ish, beyond the exact distribution", 150, 100],
    ["wide", 80, 400],
    ["small", 20, 10],
    ["very small", 4, 3],
    ["a single row", 1, 30],
  ] as const;
  test.each(shapes)(
    "[random-matrix] holds 95 ± 1% of 4,000 draws, half of the rest on either side: %s, %s × %s",
    (_, rows, columns) => {
      const random = new Random(11, rows * 1000 + columns);
      const found = coverage(
        4000,
        predictLambdaMax({ rows, columns }),
        () => largestWishart(random, rows, columns) / rows,
      );
      expect(Math.abs(found.within - 0.95)).toBeLessThan(0.01);
      expect(Math.abs(found.below - 0.025)).toBeLessThan(0.0075);
      expect(Math.abs(found.above - 0.025)).toBeLessThan(0.0075);
    },
  );

  test("[random-matrix] holds as many of whole matrices, read by Lanczos, at other confidences and variances", () => {
    const random = new Random(12);
    const options = { rows: 20, columns: 10, variance: 9, confidence: 0.8 };
    const found = coverage(4000, predictLambdaMax(options), () =>
      largestOfData(20, 10, () => 3 * random.normal()),
    );
    // Binomial deviation: √(0.8·0.2/4000) = 0.0063.
    expect(Math.abs(found.within - 0.8)).toBeLessThan(0.019);
  });

  test("[random-matrix] holds of standardised data: centred, it counts a row less", () => {
    const random = new Random(13);
    const options = { rows: 12, columns: 6, variance: 11 / 12, centered: true };
    const found = coverage(3000, predictLambdaMax(options), () => {
      const data = Array.from({ length: 12 }, () => Array.from({ length: 6 }, () => random.normal()));
      for (let j = 0; j < 6; j++) {
        const mean = data.reduce((sum, row) => sum + row[j], 0) / 12;
        for (const row of data) row[j] -= mean;
      }
      return curvature(leastSquares(data, new Float64Array(12))).lambdaMax;
    });
    expect(Math.abs(found.within - 0.95)).toBeLessThan(0.012);
  });

  test.each(Object.entries(entries))(
    "[random-matrix] is universal: %s lie in it about as often, and told their kurtosis it puts the rest on both sides",
    (_, { kurtosis, draw }) => {
      const random = new Random(14);
      const shape = { rows: 100, columns: 25 };
      const lambdas = Array.from({ length: 1500 }, () => largestOfData(100, 25, () => draw(random)));
      const share = (prediction: { readonly lower: number; readonly upper: number }) => {
        let i = 0;
        return coverage(lambdas.length, prediction, () => lambdas[i++]);
      };
      const plain = share(predictLambdaMax(shape));
      const told = share(predictLambdaMax({ ...shape, kurtosis }));
      // The limit is reached as n^{−1/3}: at this size heavy tails are seen, and light ones hardly.
      if (kurtosis < 0) expect(Math.abs(plain.within - 0.95)).toBeLessThan(0.025);
      else expect(plain.above).toBeGreaterThan(0.1);
      expect(Math.abs(told.within - 0.95)).toBeLessThan(0.03);
      expect(Math.abs(told.above - 0.025)).toBeLessThan(0.02);
    },
  );

  const small = [
    ["one row", 1, 30],
    ["two columns", 300, 2],
    ["a few of either", 20, 10],
  ] as const;
  test.each(small)(
    "[random-matrix] knows what kurtosis does to small data, too: %s, %s × %s",
    (_, rows, columns) => {
      for (const { kurtosis, draw } of Object.values(entries)) {
        const random = new Random(16, rows);
        const prediction = predictLambdaMax({ rows, columns, kurtosis });
        const lambdas = Array.from({ length: 1000 }, () =>
          rows === 1
            ? Array.from({ length: columns }, () => draw(random) ** 2).reduce((sum, square) => sum + square)
            : largestOfData(rows, columns, () => draw(random)),
        );
        let i = 0;
        const told = coverage(lambdas.length, prediction, () => lambdas[i++]);
        // The mean is right; normal tails are not those of such numbers.
        const mean = lambdas.reduce((sum, lambda) => sum + lambda) / lambdas.length;
        const half = (prediction.upper - prediction.lower) / 2;
        expect(Math.abs(mean - (prediction.upper + prediction.lower) / 2)).toBeLessThan(0.25 * half + 1e-6);
        if (rows > 1 || kurtosis > -2) expect(told.within).toBeGreaterThan(0.92);
        // The squares of signs are 1: so is their mean, of every row.
        else
          expect([prediction.lower, prediction.upper, mean]).toEqual(
            [30, 30, 30].map((v) => expect.closeTo(v, 4)),
          );
      }
    },
  );

  test("[random-matrix] gives the limit of least squares, and of logistic and softmax models at zero weights", () => {
    const random = new Random(15);
    const [rows, columns] = [500, 20];
    const data = Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.normal()));
    const labels = data.map((_, i) => i % 4);
    const l2 = 0.3;
    const limits = [
      [leastSquares(data, new Float64Array(rows), { l2 }), 1],
      [
        logisticRegression(
          data,
          labels.map((k) => k > 1),
          { l2 },
        ),
        1 / 4,
      ],
      [softmaxRegression(data, labels, { l2 }), 1 / 4],
    ] as const;
    for (const [objective, scale] of limits) {
      const { lower, upper, speedLimit, optimalStep, contractionRate } = predictLambdaMax({
        rows,
        columns,
        scale,
        shift: l2,
      });
      const found = curvature(objective);
      expect(found.lambdaMax).toBeGreaterThan(lower);
      expect(found.lambdaMax).toBeLessThan(upper);
      expect(speedLimit).toBe(2 / upper);
      expect(speedLimit).toBeLessThan(found.steepestLimit);
      if (objective.name.startsWith("softmax")) continue;
      // A softmax has flat directions; the others are as round as the law says.
      expect(optimalStep / found.optimalStep).toBeGreaterThan(0.9);
      expect(optimalStep / found.optimalStep).toBeLessThan(1.05);
      expect(Math.abs(contractionRate - found.contractionRate)).toBeLessThan(0.05);
    }
  });

  test("[random-matrix] says what it is sure of, in words", () => {
    const { message, method, median, lower, upper, edge } = predictLambdaMax({ rows: 1000, columns: 250 });
    expect(message).toBe(
      "Independent entries in 1000 × 250 data put λmax between 2.172 and 2.279 with probability 0.95: learning rates below 0.8775 = 2/2.279 are stable with probability 0.975.",
    );
    expect(method).toBe("asymptotic");
    expect(predictLambdaMax({ rows: 64, columns: 1000 }).method).toBe("exact");
    expect(median).toBeGreaterThan(lower);
    expect(median).toBeLessThan(upper);
    expect(edge).toBeCloseTo(2.25, 12);
  });

  test("[random-matrix] the exact and the asymptotic distribution meet where they change places", () => {
    const at = (columns: number) => predictLambdaMax({ rows: 300, columns });
    const [below, above, further] = [at(64), at(65), at(66)];
    for (const end of ["lower", "median", "upper"] as const) {
      const step = further[end] - above[end];
      expect(Math.abs(above[end] - below[end] - step)).toBeLessThan(0.4 * step);
    }
  });

  test("bad input is refused by name", () => {
    const count = (v: number) => Number.isSafeInteger(v) && v >= 1;
    const positive = (v: number) => v > 0 && v < Infinity;
    const takes: Readonly<Record<string, (v: number) => boolean>> = {
      rows: count,
      columns: count,
      variance: positive,
      confidence: (v) => v > 0 && v < 1,
      kurtosis: (v) => v >= -2 && v < Infinity,
      scale: positive,
      shift: (v) => v >= 0 && v < Infinity,
    };
    for (const [name, contains] of Object.entries(takes)) {
      for (const [shown, value] of badNumbers(contains)) {
        expectRefusal(
          () => predictLambdaMax({ rows: 3, columns: 2, [name]: value }),
          `predictLambdaMax: ${name}`,
          `got ${shown}`,
        );
      }
    }
    for (const [shown, value] of noNumbers) {
      if (typeof value === "boolean") continue;
      expectRefusal(
        () => predictLambdaMax({ rows: 3, columns: 2, centered: value as never }),
        "centered must be true or false",
        `got ${shown}`,
      );
    }
    expectRefusal(
      () => predictLambdaMax({ rows: 1, columns: 2, centered: true }),
      "rows must lie in the integers from 2",
    );
    expectRefusal(() => predictLambdaMax({ rows: 3 } as never), "predictLambdaMax: columns is needed");
    expectRefusal(
      () => predictLambdaMax({ rows: 3, columns: 2, confidense: 0.9 } as never),
      "did you mean confidence",
    );
    expectRefusal(() => predictLambdaMax(3 as never), "options must be an object");
  });
});

function standardised(file: string, target: string, task: "regression" | "classification") {
  const folder = file === "breast-cancer" ? "../../examples/data" : "../data";
  const text = readFileSync(new URL(`${folder}/${file}.csv`, import.meta.url), "utf8");
  const data = parseCsv(text, { target, task });
  return {
    features: applyScaling(scaling(data, "standard"), data.features),
    columns: data.columns.length,
  };
}

describe("real data against random data", () => {
  test.each([
    // λmax and exp(−Σ s ln s): of LAPACK's eigenvalues (numpy.linalg.eigvalsh of the standardised AᵀA/n).
    ["diabetes", "progression", "regression", 4.024210750152784, 6.14585809381527, 2, 2.94],
    ["breast-cancer", "benign", "classification", 13.28160768225791, 6.615644963791034, 5, 8.56],
    ["digits", "digit", "classification", 7.340688819618298, 31.090848461448928, 13, 5.38],
  ] as const)(
    "[random-matrix] standardised %s departs from the law, and by how much is told",
    (file, target, task, lambdaMax, effectiveRank, outliers, excess) => {
      const { features, columns } = standardised(file, target, task);
      const found = spectrumAgainstRandom(features, { columns, centered: true });
      expect(found.lambdaMax / lambdaMax).toBeCloseTo(1, 10);
      expect(found.effectiveRank / effectiveRank).toBeCloseTo(1, 9);
      const trace = found.spectrum.reduce((sum, value) => sum + value, 0);
      expect(trace).toBeCloseTo(found.variance * columns, 9);
      expect(found.withinPrediction).toBe(false);
      expect(found.outliers).toBe(outliers);
      expect(found.excess).toBeCloseTo(excess, 2);
      expect(found.excess).toBe(found.lambdaMax / found.predicted.upper);
      const above = found.spectrum.slice(0, outliers).reduce((sum, value) => sum + value, 0);
      expect(found.outlierShare).toBeCloseTo(above / trace, 12);
      expect(found.effectiveRank).toBeLessThan(0.7 * found.randomEffectiveRank);
      expect(found.distance).toBeGreaterThan(0.5);
      expect(found.message).toContain("the step may be");
      // The step from the shape alone would diverge.
      expect(found.predicted.speedLimit).toBeGreaterThan(2 / found.lambdaMax);
    },
  );

  test("[random-matrix] independent entries follow it: tall, wide, and beyond 256 columns", () => {
    for (const [rows, columns, distance] of [
      [600, 60, 0.06],
      [60, 600, 0.02],
      [500, 300, 0.015],
    ] as const) {
      const random = new Random(16, columns);
      const data = new Float64Array(rows * columns).map(() => 2 * random.normal());
      const found = spectrumAgainstRandom(data, { columns, confidence: 0.999 });
      expect(found.withinPrediction, found.message).toBe(true);
      expect(found.outliers).toBe(0);
      expect(found.outlierShare).toBe(0);
      expect(found.distance).toBeLessThan(distance);
      expect(found.spectrum.length).toBe(columns);
      expect(found.effectiveRank / found.randomEffectiveRank).toBeCloseTo(1, 1);
      expect(found.variance).toBeCloseTo(4, 0);
      expect(found.message).toContain("nothing in these data shortens the step");
    }
  });

  test("the effective rank is 1 of parallel rows and d of orthogonal columns", () => {
    const parallel = spectrumAgainstRandom([
      [1, 2],
      [2, 4],
      [-3, -6],
    ]);
    expect(parallel.effectiveRank).toBeCloseTo(1, 6);
    // Walsh functions: the sign of column j in row i is that of the bits that i and j share.
    const bits = (k: number): number => (k === 0 ? 0 : (k & 1) + bits(k >> 1));
    const walsh = Array.from({ length: 16 }, (_, i) =>
      [1, 2, 3, 4, 5, 6, 7, 8].map((j) => (-1) ** bits(i & j)),
    );
    const orthogonal = spectrumAgainstRandom(walsh);
    expect(orthogonal.effectiveRank).toBeCloseTo(8, 12);
    expect(orthogonal.message).toContain("lies below");
  });

  test("bad input is refused by name", () => {
    const owner = "spectrumAgainstRandom: ";
    expectRefusal(() => spectrumAgainstRandom("x" as never), `${owner}features must be an array`);
    expectRefusal(() => spectrumAgainstRandom([[1], [Number.NaN]]), owner, "row 1, column 0");
    expectRefusal(() => spectrumAgainstRandom(Float64Array.of(1, 2)), owner, "columns");
    expectRefusal(() => spectrumAgainstRandom([[0, 0]]), `${owner}features must not all be 0`);
    expectRefusal(() => spectrumAgainstRandom([[1, 2]], { confidence: 1 }), `${owner}confidence`);
    expectRefusal(() => spectrumAgainstRandom([[1, 2]], { centered: true }), `${owner}rows`);
    expectRefusal(() => spectrumAgainstRandom([[1, 2]], { columns: 0 }), `${owner}columns`);
    expectRefusal(() => spectrumAgainstRandom([[1, 2]], { center: true } as never), "did you mean centered");
    expectRefusal(() => spectrumAgainstRandom([[1, 2]], null as never), `${owner}options must be an object`);
  });
});
