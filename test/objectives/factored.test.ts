import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { machineEpsilon } from "../../src/core/precision.ts";
import { Random } from "../../src/core/random.ts";
import { checkGradient } from "../../src/curvature/check-gradient.ts";
import { curvature } from "../../src/curvature/curvature.ts";
import { descend } from "../../src/descent/descend.ts";
import { factorProduct } from "../../src/dynamics/factors.ts";
import { type FactorShape, matrixCompletion, matrixSensing } from "../../src/objectives/index.ts";
import { gradientDescent } from "../../src/rules/index.ts";
import { shuffle } from "../../src/sampling/index.ts";
import { Probe, relativeDistance } from "./probe.ts";

const normals = (random: Random, count: number) =>
  Float64Array.from({ length: count }, () => random.normal());

/** 1/(2n) Σ (⟨Aᵢ, W₂W₁⟩ − yᵢ)² as the formula has it. */
function plainValue(
  { rows, columns, inner }: FactorShape,
  measurements: readonly ArrayLike<number>[],
  targets: ArrayLike<number>,
  w: ArrayLike<number>,
): number {
  let sum = 0;
  measurements.forEach((a, m) => {
    let product = -targets[m];
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        for (let k = 0; k < inner; k++) {
          product += a[i * columns + j] * w[inner * columns + i * inner + k] * w[k * columns + j];
        }
      }
    }
    sum += product * product;
  });
  return sum / (2 * measurements.length);
}

const shapes: readonly FactorShape[] = [
  { rows: 1, columns: 1, inner: 1 },
  { rows: 3, columns: 5, inner: 2 },
  { rows: 5, columns: 3, inner: 3 },
  { rows: 4, columns: 4, inner: 4 },
  { rows: 2, columns: 9, inner: 5 },
  { rows: 7, columns: 6, inner: 1 },
];

describe.each(["f64", "f32"] as const)("in %s", (precision) => {
  const epsilon = machineEpsilon[precision];

  test.each(shapes)("sensing of %j has the value of its formula, and that value's derivatives", (shape) => {
    const random = new Random(2);
    const entries = shape.rows * shape.columns;
    const measurements = Array.from({ length: 9 }, () => normals(random, entries));
    const targets = normals(random, 9);
    const problem = matrixSensing({ measurements, targets, ...shape });
    const probe = new Probe(problem, precision);
    const [w, v] = [normals(random, problem.dimension), normals(random, problem.dimension)];
    const expected = plainValue(shape, measurements, targets, w);
    expect(Math.abs(probe.at(w).value() / expected - 1)).toBeLessThan(64 * epsilon);
    const both = probe.valueAndGradient();
    expect(both.value).toBe(probe.value());
    expect(both.gradient).toEqual(probe.gradient());
    // The value along a line is a polynomial of degree 4, whose derivatives a five-point rule finds exactly, but for rounding.
    const along = (t: number) =>
      plainValue(
        shape,
        measurements,
        targets,
        w.map((entry, i) => entry + t * v[i]),
      );
    const [m2, m1, p1, p2] = [-0.5, -0.25, 0.25, 0.5].map(along);
    const slope = (m2 - 8 * m1 + 8 * p1 - p2) / 3;
    const bend = (16 * (-m2 + 16 * m1 - 30 * along(0) + 16 * p1 - p2)) / 12;
    const size = Math.abs(slope) + Math.abs(bend) + expected;
    const product = probe.product(v);
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a).reduce((s, x, i) => s + x * b[i], 0);
    expect(Math.abs(dot(both.gradient, v) - slope)).toBeLessThan(1e3 * epsilon * size);
    expect(Math.abs(dot(product, v) - bend)).toBeLessThan(1e3 * epsilon * size);
    expect(probe.intact).toBe(true);
  });

  test("Hessian products stay those of the linearized point, whatever is evaluated between, and know their error", () => {
    const random = new Random(5);
    const shape = { rows: 3, columns: 6, inner: 2 };
    const measurements = Array.from({ length: 20 }, () => normals(random, 18));
    const problem = matrixSensing({ measurements, targets: normals(random, 20), ...shape });
    const exact = new Probe(problem);
    const probe = new Probe(problem, precision);
    const [w, v, other] = [0, 1, 2].map(() =>
      Float64Array.from(Float32Array.from(normals(random, problem.dimension))),
    );
    const product = probe.at(w).product(v);
    probe.at(other).valueAndGradient();
    probe.bound.hessianVectorProduct(probe.v, probe.workspace.pointer("product"));
    expect(Float64Array.from(probe.workspace.real("product"))).toEqual(product);
    const truth = exact.at(w).product(v);
    const off = Math.sqrt(product.reduce((sum, entry, i) => sum + (entry - truth[i]) ** 2, 0));
    if (precision === "f32") {
      expect(off).toBeLessThan(probe.productError());
      expect(probe.productError()).toBeLessThan(1e5 * (off + epsilon));
    }
  });

  test("completion is sensing by measurements that look at one entry each", () => {
    const random = new Random(7);
    for (const shape of shapes) {
      const entries = Array.from({ length: shape.rows * shape.columns }, (_, at) => at)
        .filter((at) => at === 0 || random.uniform() < 0.6)
        .map((at) => [Math.floor(at / shape.columns), at % shape.columns, random.normal()] as const);
      const measurements = entries.map(([i, j]) => {
        const unit = new Float64Array(shape.rows * shape.columns);
        unit[i * shape.columns + j] = 1;
        return unit;
      });
      const targets = entries.map(([, , value]) => value);
      const completion = new Probe(matrixCompletion({ entries, ...shape }), precision);
      const sensing = new Probe(matrixSensing({ measurements, targets, ...shape }), precision);
      const dimension = shape.inner * (shape.rows + shape.columns);
      const [w, v] = [normals(random, dimension), normals(random, dimension)];
      const [a, b] = [completion, sensing].map((probe) => probe.at(w).valueAndGradient());
      expect(Math.abs(a.value - b.value)).toBeLessThan(64 * epsilon * b.value);
      expect(relativeDistance(a.gradient, b.gradient)).toBeLessThan(64 * epsilon);
      expect(relativeDistance(completion.product(v), sensing.product(v))).toBeLessThan(256 * epsilon);
      expect(completion.intact).toBe(true);
    }
  });
});

test("differences of values agree with the gradient, and of gradients with the curvature", () => {
  const random = new Random(1);
  const problem = matrixCompletion({
    entries: [
      [0, 1, 2],
      [2, 0, -1],
      [1, 1, 0.5],
    ],
    rows: 3,
    columns: 2,
  });
  const at = normals(random, problem.dimension);
  expect(checkGradient(problem, { at }).ok).toBe(true);
  expect(curvature(problem, { at }).definiteness).toBe("indefinite");
});

test("measurements are taken as rows, as matrices or as one array", () => {
  const shape = { rows: 2, columns: 3, inner: 1 };
  const targets = [1, 2];
  const flat = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
  const rows = [flat.slice(0, 6), flat.slice(6)];
  const matrices = rows.map((row) => [row.slice(0, 3), row.slice(3)]);
  const w = [1, -1, 2, 0.5, 3];
  const values = [flat, rows, matrices].map((measurements) =>
    new Probe(matrixSensing({ measurements, targets, ...shape })).at(w).value(),
  );
  // W₂W₁ = ((0.5 −0.5 1), (3 −3 6)); ⟨A₁, ·⟩ = 35.5, ⟨A₂, ·⟩ = 77.5 + …: by hand.
  const product = [0.5, -0.5, 1, 3, -3, 6];
  const expected =
    rows.reduce(
      (sum, row, m) => sum + (row.reduce((s, a, k) => s + a * product[k], 0) - targets[m]) ** 2,
      0,
    ) / 4;
  for (const value of values) expect(value).toBeCloseTo(expected, 12);
});

test("gradient descent on batches of measurements draws near in the mean", () => {
  const random = new Random(11);
  const shape = { rows: 3, columns: 3, inner: 1 };
  const truth = factorProduct(shape, normals(random, 6)).flatMap((row) => Array.from(row));
  const measurements = Array.from({ length: 40 }, () => normals(random, 9));
  const targets = measurements.map((a) => a.reduce((sum, x, k) => sum + x * truth[k], 0));
  const problem = matrixSensing({ measurements, targets, ...shape });
  expect(problem.rows).toBe(40);
  let value = Infinity;
  const batches = shuffle({ rows: 40, batchSize: 8, seed: 1 });
  for (const step of descend(problem, {
    rule: gradientDescent({ learningRate: 0.05 }),
    start: normals(random, 6),
    batches,
    steps: 2000,
  })) {
    value = step.value;
  }
  expect(value).toBeLessThan(1e-12);
});

test("a product of any shape is what the definition says", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(),
      (rows, columns, inner, seed) => {
        const w = normals(new Random(seed), inner * (rows + columns));
        factorProduct({ rows, columns, inner }, w).forEach((row, i) => {
          row.forEach((entry, j) => {
            let sum = 0;
            for (let k = 0; k < inner; k++) sum += w[inner * columns + i * inner + k] * w[k * columns + j];
            expect(entry).toBeCloseTo(sum, 12);
          });
        });
      },
    ),
    { numRuns: 50, seed: 2 },
  );
});

describe("what is wrong is named", () => {
  const shape = { rows: 2, columns: 2 };
  const ok = { measurements: [[1, 0, 0, 1]], targets: [1], ...shape };
  test.each<readonly [string, () => unknown, string]>([
    [
      "no rows",
      () => matrixSensing({ ...ok, rows: undefined as never }),
      "matrixSensing: rows must be a number in the integers from 1, got undefined",
    ],
    [
      "half a column",
      () => matrixSensing({ ...ok, columns: 2.5 }),
      "matrixSensing: columns must lie in the integers from 1, got 2.5",
    ],
    [
      "no width",
      () => matrixSensing({ ...ok, inner: 0 }),
      "matrixSensing: inner must lie in the integers from 1, got 0",
    ],
    [
      "a misspelt option",
      () => matrixSensing({ ...ok, rank: 1 } as never),
      'matrixSensing: unknown option "rank"',
    ],
    [
      "matrices of another shape",
      () => matrixSensing({ ...ok, measurements: [[[1, 0]]] }),
      "matrixSensing: measurements must be matrices of 2 × 2, got 1 × 1 × 2 numbers",
    ],
    [
      "rows of another length",
      () => matrixSensing({ ...ok, measurements: [[1, 2, 3]] }),
      "matrixSensing: measurements must be matrices of 2 × 2, got 1 × 3 numbers",
    ],
    [
      "an array of another length",
      () => matrixSensing({ ...ok, measurements: [1, 2, 3] }),
      "matrixSensing: measurements must be matrices of 2 × 2, got 3 numbers",
    ],
    [
      "a NaN",
      () => matrixSensing({ ...ok, measurements: [[1, Number.NaN, 0, 0]] }),
      "matrixSensing: measurements[0][1] must be finite, got NaN",
    ],
    [
      "too many targets",
      () => matrixSensing({ ...ok, targets: [1, 2] }),
      "matrixSensing: 1 rows of features need 1 targets, got 2",
    ],
    [
      "no entries",
      () => matrixCompletion({ entries: [], ...shape }),
      "matrixCompletion: entries must not be empty",
    ],
    [
      "entries of two",
      () => matrixCompletion({ entries: [[1, 2] as never], ...shape }),
      "matrixCompletion: entries[0] must be [row, column, value], got an array of 2",
    ],
    [
      "an entry outside",
      () => matrixCompletion({ entries: [[0, 2, 1]], ...shape }),
      "matrixCompletion: the column of entries[0] must be an integer in [0, 2), got 2",
    ],
    [
      "an entry twice",
      () =>
        matrixCompletion({
          entries: [
            [0, 1, 1],
            [0, 1, 2],
          ],
          ...shape,
        }),
      "matrixCompletion: entries[1] gives row 0, column 1 again",
    ],
    [
      "a value ∞",
      () => matrixCompletion({ entries: [[0, 1, Infinity]], ...shape }),
      "matrixCompletion: values must be finite numbers, got Infinity in entries[0]",
    ],
    [
      "no array",
      () => matrixCompletion({ entries: 3 as never, ...shape }),
      "matrixCompletion: entries must be an array of [row, column, value], got 3",
    ],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(message);
  });
});
