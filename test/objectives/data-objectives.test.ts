import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Precision } from "../../src/core/precision.ts";
import { Random } from "../../src/core/random.ts";
import { leastSquares } from "../../src/objectives/least-squares.ts";
import { logisticRegression } from "../../src/objectives/logistic.ts";
import type { Objective } from "../../src/objectives/objective.ts";
import { softmaxRegression } from "../../src/objectives/softmax.ts";
import {
  normalRows,
  normals,
  type Plain,
  type PlainProblem,
  plainLeastSquares,
  plainLogistic,
  plainSoftmax,
} from "./plain.ts";
import { distance, Probe, relativeDistance } from "./probe.ts";

interface Model {
  readonly name: string;
  readonly classes: number;
  make(p: PlainProblem): Objective;
  plain(p: PlainProblem, w: Float64Array, v: Float64Array): Plain;
}

const softmax = (classes: number): Model => ({
  name: `softmax of ${classes}`,
  classes,
  make: (p) =>
    softmaxRegression(p.rows, p.targets, {
      l2: p.l2,
      classes: Array.from({ length: classes }, (_, c) => c),
    }),
  plain: plainSoftmax,
});

const models: readonly Model[] = [
  {
    name: "least squares",
    classes: 1,
    make: (p) => leastSquares(p.rows, p.targets, { l2: p.l2 }),
    plain: plainLeastSquares,
  },
  {
    name: "logistic",
    classes: 1,
    make: (p) => logisticRegression(p.rows, p.targets, { l2: p.l2 }),
    plain: plainLogistic,
  },
  softmax(2),
  softmax(3),
  softmax(10),
];

function randomProblem(model: Model, rows: number, columns: number, seed: number): PlainProblem {
  const random = new Random(seed);
  const data = normalRows(random, rows, columns);
  const targets = data.map((_, i) => {
    if (model.name === "least squares") return Math.fround(random.normal());
    // Both signs occur from two rows on.
    if (model.name === "logistic") return i === 0 ? -1 : i === 1 ? 1 : random.below(2) * 2 - 1;
    return random.below(model.classes);
  });
  return { rows: data, targets, l2: 0.125, classes: model.classes };
}

/** Widths around lanes (2, 4), blocks (4, 8), chunks (32) and their neighbours. */
const shapes: readonly [rows: number, columns: number][] = [
  ...[2, 3, 4, 5, 6, 7, 8, 9].map((n): [number, number] => [n, 3]),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((d): [number, number] => [5, d]),
  [31, 31],
  [32, 32],
  [33, 33],
  [65, 5],
  [9, 65],
  [97, 66],
  [40, 300],
];

const tolerance: Record<Precision, number> = { f64: 1e-13, f32: 1e-5 };

describe.each(["f64", "f32"] as const)("data objectives in %s", (precision) => {
  it.each(models)("$name gives the printed formula's value, gradient and Hessian–vector product", (model) => {
    shapes.forEach(([n, d], seed) => {
      const problem = randomProblem(model, n, d, seed);
      const random = new Random(seed, 1);
      const w = normals(random, d * model.classes);
      const v = normals(random, d * model.classes);
      const expected = model.plain(problem, w, v);
      const probe = new Probe(model.make(problem), precision).at(w);
      const where = `${n} × ${d}`;
      const both = probe.valueAndGradient();
      const bound = tolerance[precision];
      expect(Math.abs(both.value - expected.value) / expected.value, where).toBeLessThan(bound);
      expect(relativeDistance(both.gradient, expected.gradient), where).toBeLessThan(bound);
      expect(relativeDistance(probe.product(v), expected.product), where).toBeLessThan(bound);
      expect(probe.value(), where).toBe(both.value);
      expect(probe.gradient(), where).toEqual(both.gradient);
      expect(probe.intact, where).toBe(true);
      expect(probe.bound.evaluations).toEqual({ value: 2, gradient: 2, hessianVectorProduct: 1 });
    });
  });

  it.each(models)("$name claims no smaller an error of its products than they have", (model) => {
    const ratios = [1, 100].map((size) => {
      const problem = randomProblem(model, 200, 12, 5);
      const random = new Random(6, 1);
      const w = normals(random, 12 * model.classes).map((entry) => Math.fround(size * entry));
      const v = normals(random, 12 * model.classes);
      const probe = new Probe(model.make(problem), precision).at(w);
      const error = distance(probe.product(v), model.plain(problem, w, v).product);
      return error / probe.productError();
    });
    // The reference is summed in f64 itself, so that in f64 its own rounding is part of the error.
    for (const ratio of ratios) expect(ratio).toBeLessThan(1);
    // A worst case over all directions is allowed to exceed one sample, but not without limit.
    expect(ratios[0]).toBeGreaterThan(1e-4);
  });

  it.each(models)("$name gives the same bits for row-major features as for rows", (model) => {
    const problem = randomProblem(model, 11, 5, 3);
    const w = normals(new Random(4), 5 * model.classes);
    const flat = Float64Array.from(problem.rows.flatMap((row) => [...row]));
    const options = { l2: problem.l2, columns: 5 };
    const fromFlat = model.name.startsWith("softmax")
      ? softmaxRegression(flat, problem.targets, { ...options, classes: [...Array(model.classes).keys()] })
      : model.name === "logistic"
        ? logisticRegression(flat, problem.targets, options)
        : leastSquares(flat, problem.targets, options);
    const one = new Probe(model.make(problem), precision).at(w).valueAndGradient();
    expect(new Probe(fromFlat, precision).at(w).valueAndGradient()).toEqual(one);
  });

  it.each(models)("$name stays finite where scores reach ±10⁴ and beyond", (model) => {
    const problem = randomProblem(model, 9, 3, 1);
    for (const size of [1e4, 1e6]) {
      const w = normals(new Random(2), 3 * model.classes).map((entry) => size * entry);
      const probe = new Probe(model.make(problem), precision).at(w);
      const { value, gradient } = probe.valueAndGradient();
      expect(Number.isFinite(value)).toBe(true);
      expect(gradient.every(Number.isFinite)).toBe(true);
      expect(probe.product(gradient).every(Number.isFinite)).toBe(true);
      const exact = model.plain(problem, Float64Array.from(w, precision === "f32" ? Math.fround : Number), w);
      expect(Math.abs(value - exact.value) / exact.value).toBeLessThan(tolerance[precision]);
    }
  });

  it.each(models)("$name passes on NaN among the parameters instead of hiding it", (model) => {
    const problem = randomProblem(model, 9, 3, 1);
    const w = new Float64Array(3 * model.classes).fill(Number.NaN);
    const { value, gradient } = new Probe(model.make(problem), precision).at(w).valueAndGradient();
    expect(value).toBeNaN();
    expect(gradient.every(Number.isNaN)).toBe(true);
  });
});

describe("data objectives", () => {
  it.each(models)("$name in f32 has an error of the gradient that does not grow with the rows", (model) => {
    const errors = [200, 20_000].map((n) => {
      const problem = randomProblem(model, n, 6, 9);
      const w = normals(new Random(10), 6 * model.classes);
      const { gradient } = new Probe(model.make(problem), "f32").at(w).valueAndGradient();
      return relativeDistance(gradient, model.plain(problem, w, w).gradient);
    });
    expect(errors[1]).toBeLessThan(5e-7);
    expect(errors[1]).toBeLessThan(3 * errors[0]);
  });

  it.each(models)("$name has products that are the differences of its gradient", (model) => {
    const problem = randomProblem(model, 50, 7, 11);
    const random = new Random(12);
    const w = normals(random, 7 * model.classes);
    const v = normals(random, 7 * model.classes);
    const probe = new Probe(model.make(problem)).at(w);
    const product = probe.product(v);
    const h = 2 ** -17;
    const above = probe.at(w.map((entry, i) => entry + h * v[i])).gradient();
    const below = probe.at(w.map((entry, i) => entry - h * v[i])).gradient();
    const differences = above.map((entry, i) => (entry - below[i]) / (2 * h));
    expect(relativeDistance(product, differences)).toBeLessThan(1e-8);
  });

  it.each(models)(
    "$name has no product longer than its curvature bound, nor shorter than its floor",
    (model) => {
      const problem = randomProblem(model, 60, 5, 13);
      const objective = model.make(problem);
      expect(objective.curvatureFloor).toBe(0.125);
      expect(objective.convex).toBe(true);
      const { scale, shift, hessian } = objective.curvatureBound ?? {
        scale: 1,
        shift: 0,
        hessian: objective,
      };
      // The trace bounds λmax of the hessian objective, which is a Gram matrix.
      const gram = new Probe(hessian);
      let trace = 0;
      for (let j = 0; j < 5; j++)
        trace += gram.product(Float64Array.from({ length: 5 }, (_, i) => +(i === j)))[j];
      const random = new Random(14);
      const probe = new Probe(objective);
      for (let trial = 0; trial < 20; trial++) {
        const v = normals(random, objective.dimension);
        const hv = probe.at(normals(random, objective.dimension)).product(v);
        const rayleigh = hv.reduce((s, t, i) => s + t * v[i], 0) / v.reduce((s, t) => s + t * t, 0);
        expect(rayleigh).toBeGreaterThanOrEqual(0.125 * (1 - 1e-12));
        expect(rayleigh).toBeLessThanOrEqual(scale * trace + shift);
      }
    },
  );

  it("an intercept is a column of ones behind the features", () => {
    const rows = normalRows(new Random(15), 13, 4);
    const extended = rows.map((row) => Float64Array.from([...row, 1]));
    const targets = normals(new Random(16), 13);
    const w = normals(new Random(17), 5);
    const given = new Probe(leastSquares(extended, targets, { l2: 0.5 })).at(w).valueAndGradient();
    const made = leastSquares(rows, targets, { l2: 0.5, intercept: true });
    expect(made.dimension).toBe(5);
    expect(new Probe(made).at(w).valueAndGradient()).toEqual(given);
  });

  it("the bound of a logistic and a softmax model refers to λmax(AᵀA/n) of the same features", () => {
    const rows = normalRows(new Random(18), 13, 4);
    const gram = new Probe(leastSquares(rows, new Float64Array(13), { intercept: true }));
    const v = normals(new Random(19), 5);
    const labels = rows.map((_, i) => i % 2);
    const made = [logisticRegression, softmaxRegression].map((make) =>
      make(rows, labels, { l2: 0.25, intercept: true }),
    );
    for (const { curvatureBound } of made) {
      expect(curvatureBound?.shift).toBe(0.25);
      expect(new Probe(curvatureBound!.hessian).product(v)).toEqual(gram.product(v));
    }
    expect(made.map((objective) => objective.curvatureBound?.scale)).toEqual([0.25, 0.5]);
  });
});

describe("labels", () => {
  const rows = [[1], [2], [3], [4]];
  const w = [0.3];
  const signs = [-1, 1, 1, -1];

  it.each([
    ["numbers by value", [9, 10, 10, 9], [9, 10]],
    ["strings by code unit", ["B", "a", "a", "B"], ["B", "a"]],
    ["false before true", [false, true, true, false], [false, true]],
  ])("of two classes are sorted, %s, and the larger is +1", (_, labels, classes) => {
    const objective = logisticRegression(rows, labels as number[]);
    expect(objective.classes).toEqual(classes);
    const expected = new Probe(logisticRegression(rows, signs)).at(w).value();
    expect(new Probe(objective).at(w).value()).toBe(expected);
  });

  it("of a softmax model index the columns of W in sorted order", () => {
    const objective = softmaxRegression(rows, ["c", "a", "b", "a"]);
    expect(objective.classes).toEqual(["a", "b", "c"]);
    expect(objective.dimension).toBe(3);
    // A weight that raises class b alone lowers the loss of row 2 alone: its gradient is the mean of
    // a(p − 1) over rows of b and a·p over the others, with p = 1/3 at W = 0.
    const { gradient } = new Probe(objective).at([0, 0, 0]).valueAndGradient();
    expect(gradient[1]).toBeCloseTo((1 + 2 + 4) / 12 - (3 * 2) / 12, 14);
  });

  it("may name classes that no row has", () => {
    const objective = softmaxRegression(rows, [1, 2, 1, 2], { classes: [3, 2, 1] });
    expect(objective.classes).toEqual([1, 2, 3]);
    expect(new Probe(objective).at([0, 0, 0]).value()).toBeCloseTo(Math.log(3), 14);
  });

  it.each([
    [() => logisticRegression(rows, [1, 1, 1, 1]), "labels must hold two classes, got only 1"],
    [() => logisticRegression(rows, ["a", "b", "c", "a"]), "two classes, got 3"],
    [() => softmaxRegression(rows, ["x", "x", "x", "x"]), 'at least two classes, got only "x"'],
    [() => softmaxRegression(rows, [0, 1, 5, 0], { classes: [0, 1] }), "row 2 has the label 5"],
    [() => softmaxRegression(rows, [0, 1, 0, 1], { classes: [0, 1, 1] }), "classes must be distinct"],
    [() => softmaxRegression(rows, [0, 1, 0, 1], { classes: "ab" as never }), "classes must be an array"],
    [() => logisticRegression(rows, [0, 1, "0", 1]), 'one kind, got "0" in row 2'],
    [() => logisticRegression(rows, [0, 1, Number.NaN, 1]), "got NaN in row 2"],
    [() => logisticRegression(rows, [0, 1, undefined as never, 1]), "got undefined in row 2"],
    [() => logisticRegression(rows, [0, 1, 1]), "4 rows of features need 4 labels, got 3"],
    [() => logisticRegression(rows, "abab" as never), "labels must be an array of 4"],
  ])("that are wrong are refused by name (%#)", (make, message) => {
    expect(make).toThrow(message);
  });
});

describe("bad data are refused by name:", () => {
  const y = [1, 2];
  it.each([
    [
      "rows of unequal length",
      () => leastSquares([[1, 2], [3]], y),
      "every row must have 2 features, row 1 has 1",
    ],
    [
      "NaN",
      () =>
        leastSquares(
          [
            [1, 2],
            [3, Number.NaN],
          ],
          y,
        ),
      "got NaN in row 1, column 1",
    ],
    [
      "∞ in a typed array",
      () => leastSquares(Float64Array.of(1, Infinity), y, { columns: 1 }),
      "row 1, column 0",
    ],
    ["a string", () => leastSquares([[1], ["2" as never]], y), 'got "2" in row 1, column 0'],
    [
      "NaN in targets",
      () => leastSquares([[1], [2]], [1, Number.NaN]),
      "targets must be finite numbers, got NaN in row 1",
    ],
    ["too few targets", () => leastSquares([[1], [2]], [1]), "2 rows of features need 2 targets, got 1"],
    ["no rows", () => leastSquares([], []), "at least one row"],
    ["no columns", () => leastSquares([[], []], y), "at least one feature"],
    ["no array", () => leastSquares(7 as never, y), "got 7"],
    ["a row that is none", () => leastSquares([[1], 2 as never], y), "got 2 as row 1"],
    ["row-major without columns", () => leastSquares(Float64Array.of(1, 2), y), "need the option columns"],
    [
      "row-major that does not fill rows",
      () => leastSquares([1, 2, 3], y, { columns: 2 }),
      "3 features do not fill",
    ],
    [
      "columns that differ",
      () => leastSquares([[1], [2]], y, { columns: 3 }),
      "must have 3 features, row 0 has 1",
    ],
    ["columns of 0", () => leastSquares([1, 2], y, { columns: 0 }), "columns"],
    ["a negative l2", () => leastSquares([[1], [2]], y, { l2: -1 }), "l2 must lie in [0, ∞), got -1"],
    ["an intercept of 1", () => leastSquares([[1], [2]], y, { intercept: 1 as never }), "true or false"],
    ["a misspelt option", () => leastSquares([[1], [2]], y, { L2: 1 } as never), "did you mean l2?"],
    [
      "classes for least squares",
      () => leastSquares([[1], [2]], y, { classes: [1] } as never),
      "unknown option",
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(message);
  });

  it("numbers beyond what f32 holds, when they are copied in", () => {
    const objective = leastSquares([[1e39], [1]], y);
    expect(() => new Probe(objective, "f32")).toThrow(/features reach 1e\+39, beyond what f32 holds/);
    expect(new Probe(objective).at([0]).value()).toBe(1.25);
    expect(() => new Probe(leastSquares([[1], [2]], [1, -1e39]), "f32")).toThrow(/targets reach 1e\+39/);
  });
});

interface Reference {
  readonly minimum: number;
  readonly minimizer: number[];
  readonly l2?: number;
}

/** test/references/problems.json: minima from LAPACK and Newton. */
const { problems } = JSON.parse(
  readFileSync(new URL("../references/problems.json", import.meta.url), "utf8"),
) as { problems: Record<string, Reference> };

function readTable(path: string): { features: number[][]; last: number[] } {
  const text = readFileSync(new URL(path, import.meta.url), "utf8").trim();
  const rows = text
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(",").map(Number));
  return { features: rows.map((row) => row.slice(0, -1)), last: rows.map((row) => row[row.length - 1]) };
}

/** Columns of mean 0 and population standard deviation 1. */
function standardized(features: number[][]): number[][] {
  const n = features.length;
  const moments = features[0].map((_, j) => {
    const mean = features.reduce((s, row) => s + row[j], 0) / n;
    const variance = features.reduce((s, row) => s + (row[j] - mean) ** 2, 0) / n;
    return [mean, Math.sqrt(variance)];
  });
  return features.map((row) => row.map((entry, j) => (entry - moments[j][0]) / moments[j][1]));
}

describe("at the minimisers found by LAPACK and Newton (references/problems.json)", () => {
  const diabetes = readTable("../data/diabetes.csv");
  const cancer = readTable("../../examples/data/breast-cancer.csv");

  it("[descent] least squares on standardised diabetes data has its minimum, with no gradient left", () => {
    const { minimum, minimizer } = problems["diabetes/standardized/least-squares"];
    const objective = leastSquares(standardized(diabetes.features), diabetes.last, { intercept: true });
    const { value, gradient } = new Probe(objective).at(minimizer).valueAndGradient();
    expect(Math.abs(value - minimum) / minimum).toBeLessThan(1e-12);
    expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-10);
  });

  it.each([0.001, 0.1])(
    "[descent] logistic regression on standardised breast-cancer data has its minimum at l2 = %d",
    (l2) => {
      const { minimum, minimizer } = problems[`breast-cancer/standardized/logistic/l2=${l2}`];
      const objective = logisticRegression(standardized(cancer.features), cancer.last, {
        l2,
        intercept: true,
      });
      const { value, gradient } = new Probe(objective).at(minimizer).valueAndGradient();
      expect(Math.abs(value - minimum) / minimum).toBeLessThan(1e-12);
      expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-14);
    },
  );

  it("softmax regression on the digits has LAPACK's value and λmax at zero", () => {
    const { at_zero } = problems["digits/scaled-by-16/softmax/l2=0.001"] as unknown as {
      at_zero: { value: number; lambda_max: number };
    };
    const digits = readTable("../data/digits.csv");
    const scaled = digits.features.map((row) => row.map((entry) => entry / 16));
    const objective = softmaxRegression(scaled, digits.last, { l2: 0.001, intercept: true });
    const probe = new Probe(objective).at(new Float64Array(650));
    expect(probe.value()).toBeCloseTo(at_zero.value, 14);
    let v = normals(new Random(1), 650);
    let lambda = 0;
    for (let step = 0; step < 60; step++) {
      const product = probe.product(v);
      lambda = distance(product, new Float64Array(650));
      v = product.map((entry) => entry / lambda);
    }
    expect(lambda).toBeCloseTo(at_zero.lambda_max, 9);
  });
});
