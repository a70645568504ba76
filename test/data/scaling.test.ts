import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyScaling,
  parseCsv,
  parseScale,
  type Scale,
  scaling,
  unscaleCoefficients,
} from "../../src/data/index.ts";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const diabetes = parseCsv(read("data/diabetes.csv"), { target: "progression", task: "regression" });
/** Spectra and minimizers from LAPACK on the same files. */
const { problems } = JSON.parse(read("references/problems.json"));

const table = (columns: readonly string[], features: readonly number[]) => ({
  columns,
  rows: features.length / columns.length,
  features: Float64Array.from(features),
});

/** √(numerator / denominator) of whole numbers, rounded down to 60 bits or more. */
function exactRoot(numerator: bigint, denominator: bigint): number {
  const bits = 240n;
  const square = (numerator << bits) / denominator;
  let root = 1n << BigInt(Math.ceil(square.toString(2).length / 2));
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) break;
    root = next;
  }
  return Number(root) / 2 ** Number(bits / 2n);
}

/** Mean and population standard deviation of whole numbers, in exact arithmetic. */
function exactMoments(values: readonly number[]): { mean: number; deviation: number } {
  const whole = values.map(BigInt);
  const n = BigInt(whole.length);
  const sum = whole.reduce((a, b) => a + b, 0n);
  const squares = whole.reduce((a, b) => a + b * b, 0n);
  const mean = Number((sum << 80n) / n) / 2 ** 80;
  return { mean, deviation: exactRoot(n * squares - sum * sum, n * n) };
}

describe("standard", () => {
  it("has the mean and population deviation of exact arithmetic, however far from 0 the data lie", () => {
    const far = fc.constantFrom(0, 1, -1000, 1e6, -1e9, 1e12, 2 ** 52);
    const spread = fc.constantFrom(3, 100, 1e6);
    const columns = fc.tuple(far, spread).chain(([centre, width]) =>
      fc.array(
        fc.integer({ min: -width, max: width }).map((offset) => centre + offset),
        { minLength: 2, maxLength: 200 },
      ),
    );
    fc.assert(
      fc.property(
        columns.filter((values) => new Set(values).size > 1),
        (values) => {
          const exact = exactMoments(values);
          const { means, scales } = scaling(table(["a"], values), "standard");
          expect(Math.abs(means[0] - exact.mean)).toBeLessThanOrEqual(4e-16 * Math.abs(exact.mean) + 1e-23);
          expect(Math.abs(scales[0] - exact.deviation)).toBeLessThanOrEqual(1e-15 * exact.deviation);
        },
      ),
    );
  });

  it("adds without loss: small numbers count between large ones that cancel, and many are as exact as few", () => {
    expect(scaling(table(["a"], [2 ** 53, 1, 1, -(2 ** 53)]), "standard").means[0]).toBe(0.5);
    const values = Array.from({ length: 100_000 }, (_, i) => 1e9 + ((i * i) % 1009));
    const exact = exactMoments(values);
    const { means, scales } = scaling(table(["a"], values), "standard");
    expect(Math.abs(means[0] / exact.mean - 1)).toBeLessThan(3e-16);
    expect(Math.abs(scales[0] / exact.deviation - 1)).toBeLessThan(3e-16);
  });

  it("gives every diabetes column mean 0 and mean square 1", () => {
    const z = applyScaling(scaling(diabetes, "standard"), diabetes.features);
    for (let j = 0; j < 10; j++) {
      const column = z.filter((_, i) => i % 10 === j);
      expect(Math.abs(column.reduce((sum, value) => sum + value, 0))).toBeLessThan(1e-11);
      expect(column.reduce((sum, value) => sum + value * value, 0) / 442).toBeCloseTo(1, 13);
    }
  });

  it("gives the diabetes problem the λmax that LAPACK finds after standardising, 4.0242107501528", () => {
    const z = applyScaling(scaling(diabetes, "standard"), diabetes.features);
    let v = Array.from({ length: 10 }, (_, j) => 1 / (j + 1));
    let lambda = 0;
    for (let step = 0; step < 100; step++) {
      const product = new Array<number>(10).fill(0);
      for (let i = 0; i < 442; i++) {
        const row = z.subarray(10 * i, 10 * i + 10);
        const along = row.reduce((sum, value, j) => sum + value * v[j], 0) / 442;
        for (let j = 0; j < 10; j++) product[j] += along * row[j];
      }
      lambda = Math.hypot(...product);
      v = product.map((value) => value / lambda);
    }
    const reference = problems["diabetes/standardized/least-squares"].lambda_max;
    expect(Math.abs(lambda / reference - 1)).toBeLessThan(1e-12);
  });

  it("names constant columns and leaves them as they are", () => {
    const data = table(["a", "b", "c"], [1, 0.1, 5, 2, 0.1, 5, 3, 0.1, 5]);
    const scale = scaling(data, "standard");
    expect(scale.constantColumns).toEqual(["b", "c"]);
    expect(scale.means).toEqual([2, 0, 0]);
    expect(scale.scales).toEqual([Math.sqrt(2 / 3), 1, 1]);
    expect(applyScaling(scale, data.features)[7]).toBe(0.1);
  });

  it("stands numbers whose squares over- or underflow", () => {
    for (const unit of [1e300, 1e-300, 1e-160]) {
      const scale = scaling(table(["a"], [unit, 3 * unit]), "standard");
      expect(scale.means[0] / unit).toBeCloseTo(2, 14);
      expect(scale.scales[0] / unit).toBeCloseTo(1, 14);
    }
  });
});

it("divides by one number, or changes nothing", () => {
  const data = table(["a", "b"], [16, 8, 4, 8]);
  expect([...applyScaling(scaling(data, { divide: 16 }), data.features)]).toEqual([1, 0.5, 0.25, 0.5]);
  expect([...applyScaling(scaling(data, "none"), data.features)]).toEqual([16, 8, 4, 8]);
  expect(scaling(data, { divide: 16 }).constantColumns).toEqual(["b"]);
});

it("survives JSON unchanged", () => {
  const scale = scaling(diabetes, "standard");
  const saved = JSON.parse(JSON.stringify(scale));
  expect(saved).toEqual(scale);
  expect(applyScaling(saved, diabetes.features)).toEqual(applyScaling(scale, diabetes.features));
});

it("rescales no rows to no rows", () => {
  expect(applyScaling(scaling(diabetes, "standard"), new Float64Array(0))).toEqual(new Float64Array(0));
});

describe("coefficients in the data's own units", () => {
  it("turns LAPACK's minimizer on the standardised diabetes data into the one on the raw data", () => {
    const { minimizer } = problems["diabetes/standardized/least-squares"];
    const raw = unscaleCoefficients(scaling(diabetes, "standard"), minimizer);
    const reference: number[] = problems["diabetes/raw/least-squares"].minimizer;
    // The raw problem's κ is 5.2e7, so that LAPACK's own figures hold to some 9 digits.
    raw.forEach((value, j) => {
      expect(Math.abs(value - reference[j])).toBeLessThan(1e-8 * Math.abs(reference[j]));
    });
  });

  it("predict the same from raw features as the scaled ones do from scaled features", () => {
    const number = fc.integer({ min: -100_000, max: 100_000 }).map((n) => n / 1000);
    const models = fc.record({
      width: fc.integer({ min: 1, max: 5 }),
      outputs: fc.integer({ min: 1, max: 4 }),
      pool: fc.array(number, { minLength: 60, maxLength: 60 }),
      kind: fc.constantFrom<Scale>("none", "standard", { divide: 16 }, { divide: -0.25 }),
    });
    fc.assert(
      fc.property(models, ({ width, outputs, pool, kind }) => {
        const rows = 6;
        const columns = Array.from({ length: width }, (_, j) => `c${j}`);
        const data = table(columns, pool.slice(0, rows * width));
        const x = pool.slice(-(width + 1) * outputs);
        const scale = scaling(data, kind);
        const z = applyScaling(scale, data.features);
        const raw = unscaleCoefficients(scale, x, { outputs });
        for (let i = 0; i < rows; i++) {
          for (let k = 0; k < outputs; k++) {
            let [fromScaled, fromRaw] = [x[width * outputs + k], raw[width * outputs + k]];
            let size = Math.abs(fromScaled) + Math.abs(fromRaw);
            for (let j = 0; j < width; j++) {
              fromScaled += x[j * outputs + k] * z[i * width + j];
              fromRaw += raw[j * outputs + k] * data.features[i * width + j];
              size += Math.abs(x[j * outputs + k] * z[i * width + j]);
              size +=
                Math.abs(raw[j * outputs + k]) *
                (Math.abs(data.features[i * width + j]) + Math.abs(scale.means[j]));
            }
            expect(Math.abs(fromScaled - fromRaw)).toBeLessThanOrEqual(1e-14 * size);
          }
        }
      }),
    );
  });

  it("need an intercept only if there are means to absorb", () => {
    const data = table(["a", "b"], [1, 2, 3, 5]);
    const halves = scaling(data, { divide: 2 });
    expect([...unscaleCoefficients(halves, [4, 6], { intercept: false })]).toEqual([2, 3]);
    const standard = scaling(data, "standard");
    expect(() => unscaleCoefficients(standard, [4, 6], { intercept: false })).toThrow(
      'unscaleCoefficients: a model without intercept cannot absorb the means of a "standard" scaling',
    );
  });
});

describe("a scale on the command line", () => {
  it("is none, standard or a division", () => {
    expect(parseScale("none")).toBe("none");
    expect(parseScale("standard")).toBe("standard");
    expect(parseScale("divide:16")).toEqual({ divide: 16 });
    expect(parseScale("divide: 2.5e-1")).toEqual({ divide: 0.25 });
  });

  it.each([
    ["standrad", 'got "standrad"; did you mean standard?'],
    ["minmax", 'parseScale: the scale must be none, standard or divide:<number>, got "minmax"'],
    ["", "parseScale: the scale must be none"],
    ["divide", "parseScale: the scale must be none"],
    ["divide:", "must be followed by a finite number other than 0"],
    ["divide:0", "must be followed by a finite number other than 0"],
    ["divide:NaN", "must be followed by a finite number other than 0"],
    ["divide:1e999", "must be followed by a finite number other than 0"],
    ["divide:0x10", "must be followed by a finite number other than 0"],
  ])("%o is refused", (text, message) => {
    expect(() => parseScale(text)).toThrow(RangeError);
    expect(() => parseScale(text)).toThrow(message);
  });
});

it("refuses what cannot be rescaled, naming it", () => {
  const data = table(["a", "b"], [1, 2, 3, 5]);
  const scale = scaling(data, "standard");
  expect(() => scaling(data, { divide: 0 })).toThrow(
    "scaling: divide must be a finite number other than 0, got 0",
  );
  expect(() => scaling(data, { divide: Number.NaN })).toThrow("scaling: divide must be a finite number");
  expect(() => scaling(data, { by: 2 } as never)).toThrow('scaling: the kind must be "none", "standard" or');
  expect(() => scaling(data, "minmax" as never)).toThrow('got "minmax"');
  expect(() => scaling({ ...data, rows: 3 }, "none")).toThrow("scaling: features must have 6 entries, got 4");
  expect(() => scaling(table(["a"], [1, Number.NaN]), "none")).toThrow("scaling: features[1] must be finite");
  expect(() => applyScaling(scale, [1, 2, 3])).toThrow("whole rows of 2 columns, got 3 numbers");
  expect(() => applyScaling(scale, [1, Number.NaN])).toThrow(
    "applyScaling: features[1] must be finite, got NaN",
  );
  expect(() => applyScaling({ ...scale, scales: [1, 0] }, [1, 2])).toThrow("scaling.scales[1] must not be 0");
  expect(() => applyScaling(scaling(data, { divide: 1e-300 }), [1e10, 1])).toThrow(
    'applyScaling: "a" = 10000000000 leaves the range of numbers',
  );
  expect(() => unscaleCoefficients(scale, [1, 2])).toThrow(
    "unscaleCoefficients: x must have 3 entries, got 2",
  );
  expect(() => unscaleCoefficients(scale, [1, 2, 3], { outputs: 0 })).toThrow(
    "unscaleCoefficients: outputs must",
  );
});
