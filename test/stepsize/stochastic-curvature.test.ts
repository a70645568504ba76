import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { groupedMoments, unskewed } from "../../src/core/mean-interval.ts";
import { Random } from "../../src/core/random.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import {
  leastSquares,
  logisticRegression,
  quadratic,
  softmaxRegression,
} from "../../src/objectives/index.ts";
import { stochasticCurvature } from "../../src/stepsize/stochastic-curvature.ts";
import { badNumbers, expectRefusal } from "../errors/bad-values.ts";
import { standardized } from "../sampling/standardized.ts";
import { entries } from "./random/draws.ts";

const SEEDS = 4000;
/** 97.5% of the standard normal distribution: the interval of one who knows the variance. */
const NORMAL = 1.959963984540054;

const random = new Random(4);
const draw = (scales: readonly number[], rows: number, entry = () => random.normal()) =>
  Array.from({ length: rows }, () => scales.map((scale) => Math.sqrt(scale) * entry()));

/** The first columns of a table, standardised. */
function standard(file: string, columns: number): number[][] {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8").trim();
  const lines = text.split(/\r?\n/).slice(1);
  return standardized(lines.map((line) => line.split(",").slice(0, columns).map(Number)));
}

/** Rows of a model whose i-th Hessian is ℓ″ᵢ·aᵢaᵢᵀ, at a point. */
interface Population {
  readonly problem: ReturnType<typeof leastSquares>;
  readonly at: readonly number[];
  readonly rows: readonly (readonly number[])[];
  readonly weight: (row: readonly number[]) => number;
}

const squares = (rows: number[][]): Population => ({
  problem: leastSquares(rows, new Float64Array(rows.length)),
  at: rows[0].map(() => 0),
  rows,
  weight: () => 1,
});

function logistic(): Population {
  const rows = draw([4, 1, 1], 600);
  const at = [0.5, 1, -1];
  const problem = logisticRegression(
    rows,
    rows.map(([a]) => a > 0),
  );
  const weight = (row: readonly number[]) => {
    const p = 1 / (1 + Math.exp(-row.reduce((sum, x, j) => sum + x * at[j], 0)));
    return p * (1 - p);
  };
  return { problem, at, rows, weight };
}

const populations = {
  "rows with heavy tails": squares(draw([4, 1, 1], 600, () => entries.laplace.draw(random))),
  "least squares on normal rows": squares(draw([4, 1, 1, 1], 600)),
  "a logistic model away from its minimum": logistic(),
  "the standardised diabetes data": squares(standard("test/data/diabetes.csv", 10)),
  "the standardised breast-cancer data": squares(standard("examples/data/breast-cancer.csv", 30)),
  "two top eigenvalues that are equal": squares(draw([4, 4, 1, 1], 600)),
  "five eigenvalues that are nearly equal": squares(draw([1, 1, 1, 1, 1], 600)),
  "twenty eigenvalues that are nearly equal": squares(draw(new Array<number>(20).fill(1), 2000)),
};

/** The interval of an oracle who knows the top direction of all rows and the variance of their curvatures along it. */
function oracle({ problem, at, rows, weight }: Population, drawn: number) {
  const { lambdaMax, topVector } = curvature(problem, { at });
  const along = rows.map((row) => weight(row) * row.reduce((sum, x, j) => sum + x * topVector[j], 0) ** 2);
  const mean = along.reduce((sum, q) => sum + q, 0) / rows.length;
  expect(mean / lambdaMax).toBeCloseTo(1, 10);
  const variance = along.reduce((sum, q) => sum + (q - mean) ** 2, 0) / rows.length;
  return { lambdaMax, width: 2 * NORMAL * Math.sqrt(variance / drawn) };
}

/** Three deviations of a binomial share over the seeds. */
const chance = (p: number, seeds: number) => 3 * Math.sqrt((p * (1 - p)) / seeds);

describe("λmax from batches, with its interval", () => {
  test.each([
    ["least squares on normal rows", SEEDS, 64, 1.25],
    ["a logistic model away from its minimum", SEEDS, 64, 1.25],
    ["the standardised diabetes data", SEEDS, 64, 1.25],
    ["the standardised breast-cancer data", 1000, 128, 1.25],
    ["rows with heavy tails", 1500, 256, 1.25],
    ["two top eigenvalues that are equal", 1500, 64, 1.6],
    ["five eigenvalues that are nearly equal", 1500, 64, 2],
    // The oracle is told a direction that this many rows cannot tell from the others.
    ["twenty eigenvalues that are nearly equal", 300, 64, 2.6],
  ] as const)(
    "[stochastic-curvature] holds λmax of %s as often as stated, in %s seeds with %s batches of 8, at most %s times as wide as an oracle",
    (name, seeds, batches, most) => {
      const population = populations[name];
      const { problem, at } = population;
      const { lambdaMax, width } = oracle(population, 8 * batches);
      let [below, above, widths] = [0, 0, 0];
      for (let seed = 0; seed < seeds; seed++) {
        const { lower, upper } = stochasticCurvature(problem, { at, seed, batches });
        if (lambdaMax < lower) below++;
        if (lambdaMax > upper) above++;
        widths += upper - lower;
      }
      expect((below + above) / seeds).toBeLessThan(0.05 + chance(0.05, seeds));
      // The step from the upper end is too long no more often than it says.
      expect(above / seeds).toBeLessThan(0.025 + chance(0.025, seeds));
      expect(below / seeds).toBeLessThan(0.025 + chance(0.025, seeds));
      expect(widths / seeds / width).toBeLessThan(most);
    },
  );

  test("[stochastic-curvature] comes to the oracle's width as rows are added, and holds as often at other confidences", () => {
    const population = populations["least squares on normal rows"];
    const { problem } = population;
    const widthOf = (batches: number) => {
      const { width } = oracle(population, 8 * batches);
      let sum = 0;
      for (let seed = 0; seed < 150; seed++) {
        const { lower, upper } = stochasticCurvature(problem, { seed, batches });
        sum += (upper - lower) / 150;
      }
      return sum / width;
    };
    const [few, some, many] = [16, 128, 1024].map(widthOf);
    expect(few).toBeGreaterThan(some);
    expect(many).toBeLessThan(1.08);
    expect(many).toBeGreaterThan(0.98);
    const { lambdaMax } = curvature(problem);
    let missed = 0;
    for (let seed = 0; seed < 1500; seed++) {
      const { lower, upper, confidence } = stochasticCurvature(problem, {
        seed,
        batches: 64,
        confidence: 0.7,
      });
      expect(confidence).toBe(0.7);
      if (lambdaMax < lower || lambdaMax > upper) missed++;
    }
    expect(missed / 1500).toBeLessThan(0.3 + chance(0.3, 1500));
    expect(missed / 1500).toBeGreaterThan(0.15);
  });

  test("[stochastic-curvature] its two estimates err on opposite sides, and what lies between them hardly", () => {
    const population = populations["two top eigenvalues that are equal"];
    const { lambdaMax } = curvature(population.problem);
    let [along, ofSample] = [0, 0];
    const seeds = 600;
    for (let seed = 0; seed < seeds; seed++) {
      const found = stochasticCurvature(population.problem, { seed, batches: 32 });
      along += found.along / seeds;
      ofSample += found.ofSample / seeds;
      expect(found.lambdaMax).toBe((found.along + found.ofSample) / 2);
    }
    // Standard error of a mean of 600: about 0.35/√600.
    expect(along).toBeLessThan(lambdaMax - 0.05);
    expect(ofSample).toBeGreaterThan(lambdaMax + 0.05);
    expect(Math.abs((along + ofSample) / 2 - lambdaMax)).toBeLessThan(0.08);
  });

  test("[stochastic-curvature] takes differences of gradients on the same rows, and functions of one's own", () => {
    const rows = draw([4, 1, 1, 1], 300);
    const problem = {
      rows: rows.length,
      value: () => 0,
      gradient(w: ArrayLike<number>, g: { [i: number]: number }, batch?: Uint32Array) {
        const some = batch ?? rows.keys();
        const count = batch?.length ?? rows.length;
        for (const i of some) {
          // A noise of the gradient that does not depend on w, and would drown differences on different rows.
          const residual = 1e3 * Math.sin(i) + rows[i].reduce((sum, x, j) => sum + x * w[j], 0);
          rows[i].forEach((x, j) => {
            g[j] += (residual * x) / count;
          });
        }
      },
    };
    const { lambdaMax } = curvature(leastSquares(rows, new Float64Array(300)));
    const options = { at: [0, 0, 0, 0], batches: 32, seed: 5 };
    const own = stochasticCurvature(problem, options);
    expect(own.lower).toBeLessThan(lambdaMax);
    expect(own.upper).toBeGreaterThan(lambdaMax);
    const compiled = stochasticCurvature(leastSquares(rows, new Float64Array(300)), options);
    expect(own.lower / compiled.lower).toBeCloseTo(1, 6);
    expect(own.upper / compiled.upper).toBeCloseTo(1, 6);
  });

  test("[stochastic-curvature] takes draws in place of data: a row is the seed of one", () => {
    const curvatures = { a: 3, b: 1 };
    const problem = {
      rows: 2 ** 32 - 1,
      value: () => 0,
      gradient(
        { a, b }: { readonly a: ArrayLike<number>; readonly b: ArrayLike<number> },
        g: { readonly a: { [i: number]: number }; readonly b: { [i: number]: number } },
        batch?: Uint32Array,
      ) {
        for (const row of batch ?? []) {
          const noise = new Random(row);
          g.a[0] += ((curvatures.a + noise.normal()) * a[0]) / (batch?.length ?? 1);
          g.b[0] += ((curvatures.b + noise.normal()) * b[0]) / (batch?.length ?? 1);
        }
      },
    };
    let missed = 0;
    for (let seed = 0; seed < 60; seed++) {
      const { lower, upper } = stochasticCurvature(problem, {
        at: { a: [0], b: [0] },
        batchSize: 4,
        batches: 32,
        seed,
      });
      if (lower > 3 || upper < 3) missed++;
    }
    expect(missed / 60).toBeLessThan(0.05 + chance(0.05, 60));
  });

  test("[stochastic-curvature] beyond 256 parameters the upper end includes what Lanczos may have missed", () => {
    const rows = draw(
      Array.from({ length: 40 }, (_, j) => (j === 0 ? 6 : 1)),
      900,
    );
    const labels = rows.map((_, i) => i % 8);
    const problem = softmaxRegression(rows, labels, { l2: 0.01 });
    expect(problem.dimension).toBe(320);
    const { lambdaMax } = curvature(problem);
    let missed = 0;
    let widths = 0;
    for (let seed = 0; seed < 12; seed++) {
      const { lower, upper } = stochasticCurvature(problem, { seed });
      if (lambdaMax < lower || lambdaMax > upper) missed++;
      widths += (upper - lower) / lambdaMax / 12;
    }
    expect(missed).toBeLessThanOrEqual(2);
    expect(widths).toBeLessThan(0.5);
  });

  test("[stochastic-curvature] gives a step, and says why and how surely", () => {
    const { problem } = populations["least squares on normal rows"];
    const found = stochasticCurvature(problem, { seed: 2 });
    expect(found.speedLimit).toBe(2 / found.upper);
    expect(found.speedLimit).toBeLessThan(curvature(problem).speedLimit);
    expect(found.rows).toBe(1024);
    expect(found.message).toMatch(
      /^λmax of all rows lies between 3\.\d+ and 4\.\d+ with confidence 0\.95, by 1,024 of them: learning rates below 0\.4\d+ = 2\/4\.\d+ are stable with probability 0\.975\. There are no more than 600 rows: curvature\(…\) tells it exactly\.$/,
    );
    expect(stochasticCurvature(problem, { batches: 64 }).message).not.toContain("exactly");
    const { rows } = populations["least squares on normal rows"];
    const concave = {
      rows: rows.length,
      value: () => 0,
      gradient(w: ArrayLike<number>, g: { [i: number]: number }, batch?: Uint32Array) {
        for (const i of batch ?? rows.keys()) {
          rows[i].forEach((x, j) => {
            g[j] -= ((x * x + 1) * w[j]) / (batch?.length ?? rows.length);
          });
        }
      },
    };
    const flat = stochasticCurvature(concave, { at: [1, 1, 1, 1] });
    expect(flat.upper).toBeLessThan(0);
    expect(flat.speedLimit).toBe(Infinity);
    expect(flat.message).toContain("nothing curves upwards");
  });

  test("rows that are all alike leave no width but that of rounding", () => {
    const alike = Array.from({ length: 50 }, () => [1, 2]);
    const { lower, upper, standardError } = stochasticCurvature(leastSquares(alike, new Float64Array(50)));
    expect(standardError).toBeLessThan(1e-14);
    expect(lower).toBeLessThanOrEqual(5);
    expect(upper).toBeGreaterThanOrEqual(5);
    expect(upper - lower).toBeLessThan(1e-12);
  });

  test("is the same for the same seed, and in f32 nearly so", () => {
    const { problem } = populations["the standardised diabetes data"];
    expect(stochasticCurvature(problem, { seed: 4 })).toEqual(stochasticCurvature(problem, { seed: 4 }));
    const double = stochasticCurvature(problem, { seed: 4 });
    const single = stochasticCurvature(problem, { seed: 4, precision: "f32" });
    expect(single.upper / double.upper).toBeCloseTo(1, 4);
    expect(stochasticCurvature(problem, { seed: 5 }).upper).not.toBe(double.upper);
  });

  test("bad input is refused by name", () => {
    const { problem } = populations["least squares on normal rows"];
    const count = (least: number) => (v: number) => Number.isSafeInteger(v) && v >= least;
    const takes: Readonly<Record<string, (v: number) => boolean>> = {
      batches: count(16),
      batchSize: (v) => Number.isSafeInteger(v) && v >= 1 && v <= 2 ** 31,
      confidence: (v) => v > 0 && v < 1,
      seed: count(0),
      precision: () => false,
    };
    for (const [name, contains] of Object.entries(takes)) {
      for (const [shown, value] of badNumbers(contains)) {
        if (value === 2 ** 53 || value === 1e300) continue;
        expectRefusal(
          () => stochasticCurvature(problem, { [name]: value }),
          `stochasticCurvature: ${name}`,
          `got ${shown}`,
        );
      }
    }
    const owner = "stochasticCurvature: ";
    expectRefusal(() => stochasticCurvature(problem, { batchSize: 2 ** 30 }), `${owner}batches × batchSize`);
    expectRefusal(() => stochasticCurvature(problem, { at: [1] }), "at must have 4 entries, got 1");
    expectRefusal(() => stochasticCurvature(problem, { batch: 3 } as never), 'unknown option "batch"');
    expectRefusal(() => stochasticCurvature(problem, null as never), "options must be an object");
    expectRefusal(() => stochasticCurvature(null as never), "problem must be an objective");
    expectRefusal(
      () => stochasticCurvature(quadratic({ diagonal: [1] })),
      "batches need an objective on rows",
    );
    expectRefusal(
      () => stochasticCurvature({ value: ([x], batch) => x + (batch?.length ?? 0) }, { at: [1] }),
      `${owner}rows is needed`,
    );
    expectRefusal(
      () => stochasticCurvature({ rows: 9, value: () => Number.NaN }, { at: [1] }),
      `${owner}a Hessian–vector product at this point is not finite`,
    );
  });
});

describe("an interval for the mean of skewed numbers", () => {
  test("[stochastic-curvature] misses about as often on either side, where Student's does not", () => {
    const own = new Random(8);
    const missed = { plain: [0, 0], corrected: [0, 0] };
    const [count, repetitions, z] = [40, 6000, 2.0227];
    for (let k = 0; k < repetitions; k++) {
      const numbers = Array.from({ length: count }, () => -Math.log(1 - own.uniform()));
      const { mean, deviation, skewness } = groupedMoments([numbers]);
      const error = deviation / Math.sqrt(count);
      if (mean - z * error > 1) missed.plain[0]++;
      if (mean + z * error < 1) missed.plain[1]++;
      if (mean - error * unskewed(z, skewness, count) > 1) missed.corrected[0]++;
      if (mean - error * unskewed(-z, skewness, count) < 1) missed.corrected[1]++;
    }
    const [below, above] = missed.plain.map((n) => n / repetitions);
    expect(above).toBeGreaterThan(4 * below);
    for (const share of missed.corrected) {
      expect(share / repetitions).toBeGreaterThan(0.012);
      expect(share / repetitions).toBeLessThan(0.04);
    }
  });

  test("pools deviations within groups, whose means may differ", () => {
    const { mean, deviation, skewness, count, degrees } = groupedMoments([
      [1, 3],
      [10, 12, 17],
    ]);
    expect(mean).toBeCloseTo(43 / 5, 14);
    // Squares (−1, 1), (−3, −1, 4): 2 + 26 over 5 − 2; cubes 0 + 36.
    expect(deviation).toBeCloseTo(Math.sqrt(28 / 3), 14);
    expect(skewness).toBeCloseTo(36 / 5 / (28 / 5) ** 1.5, 14);
    expect([count, degrees]).toEqual([5, 3]);
    expect(groupedMoments([[2, 2, 2]])).toMatchObject({ deviation: 0, skewness: 0 });
  });

  test("the correction vanishes without skewness, and inverts Hall's cubic with it", () => {
    expect(unskewed(1.7, 0, 50)).toBe(1.7);
    for (const skewness of [1e-9, 1e-5, 0.3, 2, -2]) {
      for (const z of [-2.5, -1, 0, 1, 2.5]) {
        const a = skewness / Math.sqrt(30);
        const t = unskewed(z, skewness, 30);
        expect(t + (a * t * t) / 3 + (a * a * t * t * t) / 27 + a / 6).toBeCloseTo(z, 9);
      }
    }
  });
});
