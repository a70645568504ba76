import { describe, expect, test } from "vitest";
import type { Precision } from "../../src/core/precision.ts";
import { Random } from "../../src/core/random.ts";
import { precondition } from "../../src/curvature/precondition.ts";
import { leastSquares } from "../../src/objectives/least-squares.ts";
import { logisticRegression } from "../../src/objectives/logistic.ts";
import type { FisherKind, Objective } from "../../src/objectives/objective.ts";
import { softmaxRegression } from "../../src/objectives/softmax.ts";
import { asObjective, type UserProblem } from "../../src/objectives/user.ts";
import { normalRows, normals } from "./plain.ts";
import { distance, Probe, relativeDistance } from "./probe.ts";

type Vector = ArrayLike<number>;

const dot = (a: Vector, b: Vector, from = 0, step = 1) => {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[from + j * step];
  return sum;
};

interface Model {
  readonly name: string;
  readonly classes: number;
  make(rows: readonly Float64Array[], targets: readonly number[], l2: number): Objective;
  /** The labels that the model at w may have drawn for a row, each with its probability. */
  outcomes(row: Float64Array, w: Float64Array): readonly (readonly [label: number, probability: number])[];
  /** The gradient of a row's negative log-likelihood. */
  score(row: Float64Array, label: number, w: Float64Array): Float64Array;
}

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

function probabilities(row: Float64Array, w: Float64Array, classes: number): number[] {
  const scores = Array.from({ length: classes }, (_, c) => dot(row, w, c, classes));
  const top = Math.max(...scores);
  const parts = scores.map((score) => Math.exp(score - top));
  const sum = parts.reduce((total, part) => total + part);
  return parts.map((part) => part / sum);
}

const softmax = (classes: number): Model => ({
  name: `softmax of ${classes}`,
  classes,
  make: (rows, labels, l2) =>
    softmaxRegression(rows, labels, { l2, classes: Array.from({ length: classes }, (_, c) => c) }),
  outcomes: (row, w) => probabilities(row, w, classes).map((p, c) => [c, p] as const),
  score(row, label, w) {
    const p = probabilities(row, w, classes);
    return Float64Array.from({ length: row.length * classes }, (_, at) => {
      const c = at % classes;
      return row[(at - c) / classes] * (p[c] - (c === label ? 1 : 0));
    });
  },
});

const models: readonly Model[] = [
  {
    name: "least squares",
    classes: 0,
    make: (rows, targets, l2) => leastSquares(rows, targets, { l2 }),
    // Two points with the mean and the variance of normal noise: all that a second moment sees.
    outcomes: (row, w) => [
      [dot(row, w) + 1, 0.5],
      [dot(row, w) - 1, 0.5],
    ],
    score: (row, target, w) => row.map((entry) => entry * (dot(row, w) - target)),
  },
  {
    name: "logistic",
    classes: 2,
    make: (rows, labels, l2) => logisticRegression(rows, labels, { l2 }),
    outcomes: (row, w) => [
      [1, sigmoid(dot(row, w))],
      [0, sigmoid(-dot(row, w))],
    ],
    score: (row, label, w) => row.map((entry) => entry * (sigmoid(dot(row, w)) - label)),
  },
  softmax(2),
  softmax(3),
  softmax(10),
];

function data(model: Model, rows: number, columns: number, seed: number) {
  const random = new Random(seed);
  const features = normalRows(random, rows, columns);
  const targets = features.map((_, i) => {
    if (model.classes === 0) return Math.fround(random.normal());
    return i < model.classes ? i : random.below(model.classes);
  });
  return { features, targets, random };
}

/** Fv by the definition: 1/n Σ g(g·v), over the labels there are or weighed by those that the model expects. */
function plainFisher(
  kind: FisherKind,
  model: Model,
  features: readonly Float64Array[],
  targets: readonly number[],
  w: Float64Array,
  v: Float64Array,
): Float64Array {
  const product = new Float64Array(w.length);
  features.forEach((row, i) => {
    const outcomes = kind === "exact" ? model.outcomes(row, w) : ([[targets[i], 1]] as const);
    for (const [label, probability] of outcomes) {
      const g = model.score(row, label, w);
      const along = (probability * dot(g, v)) / features.length;
      g.forEach((entry, j) => {
        product[j] += along * entry;
      });
    }
  });
  return product;
}

/** The l2 of the tests. */
const PENALTY = 0.125;

/** product ← product + l2·v. */
function addPenalty(product: Float64Array, v: Float64Array): void {
  for (let j = 0; j < v.length; j++) product[j] += PENALTY * v[j];
}

/** Widths and numbers of rows around lanes (2, 4), blocks of four and chunks (32). */
const shapes: readonly (readonly [rows: number, columns: number])[] = [
  [10, 1],
  [11, 2],
  [12, 3],
  [13, 5],
  [31, 8],
  [33, 9],
  [101, 17],
];
const tolerance = { f64: 1e-13, f32: 3e-6 } as const;
const kinds = ["exact", "empirical"] as const;

describe.each(["f64", "f32"] as const)("Fisher information in %s", (precision: Precision) => {
  test.each(models)("[fisher] of $name is the mean of ggᵀ, over labels expected or observed", (model) => {
    shapes.forEach(([rows, columns], seed) => {
      const { features, targets, random } = data(model, rows, columns, seed);
      const objective = model.make(features, targets, PENALTY);
      const w = normals(random, objective.dimension);
      const v = normals(random, objective.dimension);
      for (const kind of kinds) {
        for (const penalised of [false, true]) {
          const expected = plainFisher(kind, model, features, targets, w, v);
          if (penalised) addPenalty(expected, v);
          const probe = new Probe(objective.withFisher!(kind, penalised), precision).at(w);
          const product = probe.product(v);
          expect(relativeDistance(product, expected)).toBeLessThan(tolerance[precision]);
          expect(distance(product, expected)).toBeLessThan(probe.productError());
          expect(probe.intact).toBe(true);
        }
      }
    });
  });

  test.each(models)("[fisher] of $name leaves value and gradient as they are", (model) => {
    const { features, targets, random } = data(model, 13, 5, 1);
    const objective = model.make(features, targets, PENALTY);
    const w = normals(random, objective.dimension);
    const plain = new Probe(objective, precision).at(w).valueAndGradient();
    for (const kind of kinds) {
      const probe = new Probe(objective.withFisher!(kind, false), precision).at(w);
      expect(probe.valueAndGradient()).toEqual(plain);
      expect(probe.value()).toBe(plain.value);
    }
  });

  test.each(models)("[fisher] of $name on a batch is that of these rows alone", (model) => {
    const { features, targets, random } = data(model, 40, 5, 2);
    const objective = model.make(features, targets, PENALTY);
    const w = normals(random, objective.dimension);
    const v = normals(random, objective.dimension);
    for (const kind of kinds) {
      // In either order.
      for (const batched of [
        objective.withFisher!(kind, true).withBatches!(33),
        objective.withBatches!(33).withFisher!(kind, true),
      ]) {
        const probe = new Probe(batched, precision).at(w);
        for (const size of [1, 4, 7, 32, 33]) {
          const batch = Uint32Array.from({ length: size }, () => random.below(40));
          const chosen = Array.from(batch, (row) => features[row]);
          const labels = Array.from(batch, (row) => targets[row]);
          const expected = plainFisher(kind, model, chosen, labels, w, v);
          addPenalty(expected, v);
          probe.bound.selectRows!(batch);
          expect(relativeDistance(probe.product(v), expected)).toBeLessThan(tolerance[precision]);
        }
        probe.bound.selectRows!(undefined);
        const whole = new Probe(objective.withFisher!(kind, true), precision).at(w).product(v);
        expect(probe.product(v)).toEqual(whole);
      }
    }
  });

  test("[fisher] of a user's functions is the mean of the outer products of their rows' gradients", () => {
    const model = models[1];
    for (const [rows, columns] of shapes) {
      const { features, targets, random } = data(model, rows, columns, 3);
      const own = ownLogistic(features, targets);
      const w = normals(random, columns);
      const v = normals(random, columns);
      const fisher = asObjective(own).withFisher!("empirical", false);
      const probe = new Probe(fisher.withBatches!(50), precision).at(w);
      const expected = plainFisher("empirical", model, features, targets, w, v);
      expect(relativeDistance(probe.product(v), expected)).toBeLessThan(tolerance[precision]);
      expect(probe.intact).toBe(true);
      const batch = Uint32Array.from({ length: 7 }, () => random.below(rows));
      probe.bound.selectRows!(batch);
      const ofBatch = plainFisher(
        "empirical",
        model,
        Array.from(batch, (row) => features[row]),
        Array.from(batch, (row) => targets[row]),
        w,
        v,
      );
      expect(relativeDistance(probe.product(v), ofBatch)).toBeLessThan(tolerance[precision]);
      // Rows of the matrix that a smaller batch does not use are cleared, and all rows come back.
      probe.bound.selectRows!(undefined);
      expect(relativeDistance(probe.product(v), expected)).toBeLessThan(tolerance[precision]);
    }
  });
});

/** Logistic regression as a user writes it, on batches too. */
function ownLogistic(features: readonly Float64Array[], labels: readonly number[]): UserProblem {
  const all = Uint32Array.from(features, (_, i) => i);
  return {
    rows: features.length,
    dimension: features[0].length,
    value: (w, batch = all) =>
      batch.reduce((sum, i) => {
        const z = dot(features[i], w);
        return sum + Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0) - labels[i] * z;
      }, 0) / batch.length,
    gradient(w, g, batch = all) {
      for (const i of batch) {
        const error = (sigmoid(dot(features[i], w)) - labels[i]) / batch.length;
        features[i].forEach((entry, j) => {
          g[j] += error * entry;
        });
      }
    },
  };
}

test("[fisher] of preconditioned variables is CᵀFC, whichever comes first", () => {
  const { features, targets, random } = data(models[1], 20, 3, 4);
  const objective = models[1].make(features, targets, 0.5);
  const scales = [2, 0.1, -3];
  const y = normals(random, 3);
  const v = normals(random, 3);
  for (const kind of kinds) {
    const inner = precondition(objective.withFisher!(kind, false), scales);
    const outer = precondition(objective, scales).withFisher!(kind, false);
    const w = y.map((entry, i) => scales[i] * entry);
    const u = v.map((entry, i) => scales[i] * entry);
    const expected = plainFisher(kind, models[1], features, targets, w, u).map(
      (entry, i) => scales[i] * entry,
    );
    for (const fisher of [inner, outer]) {
      expect(fisher.fisher).toBe(kind);
      expect(relativeDistance(new Probe(fisher).at(y).product(v), expected)).toBeLessThan(1e-13);
    }
  }
});

test("a batch of a user's rows that does not fit is refused", () => {
  const { features, targets } = data(models[1], 10, 2, 5);
  const probe = new Probe(asObjective(ownLogistic(features, targets)).withFisher!("empirical", false));
  expect(() => probe.bound.selectRows!(new Uint32Array(11))).toThrow(
    "selectRows: a batch must hold from 1 to 10 rows here, got 11",
  );
  expect(() => probe.bound.selectRows!(new Uint32Array(0))).toThrow(/got 0/);
});
