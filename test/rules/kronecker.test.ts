// Shampoo and SOAP, written down from the papers with eigenvectors found by a method of their own.
import { describe, expect, test } from "vitest";
import { Random } from "../../src/core/random.ts";
import { symmetricEigen } from "../../src/curvature/symmetric-eigen.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { adamw, shampoo, soap } from "../../src/rules/index.ts";
import { type Blocks, distance, normalBlocks, path } from "./blocks.ts";
import {
  apart,
  type Dense,
  dense,
  fromFlat,
  identity,
  normals,
  plus,
  product,
  svd,
  turned,
} from "./dense.ts";

/** S^power of a symmetric positive semidefinite matrix by its singular values, plus ε on each. */
function power(s: Dense, exponent: number, epsilon = 0): number[][] {
  const { left, values } = svd(s);
  return product(
    turned(left),
    left.map((row, k) => row.map((x) => (values[k] + epsilon) ** exponent * x)),
  );
}

const flat = (matrices: readonly Dense[]): Blocks[] => matrices.map((w) => ({ w: w.flat() }));

/** A symmetric positive definite matrix with condition number 100. */
function definite(n: number, seed: number): number[][] {
  const { left } = svd(normals(n, n, seed));
  return product(
    turned(left),
    left.map((row, k) => row.map((x) => 100 ** (k / (n - 1)) * x)),
  );
}

describe("shampoo", () => {
  const [ROWS, COLUMNS] = [4, 6];
  const gradients = Array.from({ length: 40 }, (_, t) => normals(ROWS, COLUMNS, 20 + t));
  const start = normals(ROWS, COLUMNS, 19);
  const shape = { w: [ROWS, COLUMNS] };

  test.each([
    { order: 4, every: 1, momentum: 0, decay: 1 },
    { order: 2, every: 1, momentum: 0.8, decay: 1 },
    { order: 4, every: 5, momentum: 0, decay: 0.9 },
  ])("is algorithm 1 of Gupta, Koren and Singer, with %j", ({ order, every, momentum, decay }) => {
    let [L, R] = [dense(ROWS, ROWS, () => 0), dense(COLUMNS, COLUMNS, () => 0)];
    let roots: [number[][], number[][]] = [identity(ROWS), identity(COLUMNS)];
    let b = dense(ROWS, COLUMNS, () => 0);
    let x: number[][] = start;
    const expected = gradients.map((g, k) => {
      const take = decay === 1 ? 1 : 1 - decay;
      const scaled = (s: Dense) => s.map((row) => row.map((value) => decay * value));
      L = plus(scaled(L), product(g, turned(g)), take);
      R = plus(scaled(R), product(turned(g), g), take);
      const bias = decay === 1 ? 1 : 1 - decay ** (k + 1);
      const unbiased = (s: Dense) => s.map((row) => row.map((value) => value / bias));
      if (k % every === 0) roots = [power(unbiased(L), -1 / order, 0.5), power(unbiased(R), -1 / order, 0.5)];
      b = plus(product(product(roots[0], g), roots[1]), b, momentum);
      x = dense(ROWS, COLUMNS, (i, j) => x[i][j] - 0.3 * (b[i][j] + 0.01 * x[i][j]));
      return x;
    });
    const rule = shampoo({
      learningRate: 0.3,
      epsilon: 0.5,
      weightDecay: 0.01,
      order,
      every,
      momentum,
      decay,
    });
    expect(distance(path(rule, shape, { w: start.flat() }, flat(gradients)), flat(expected))).toBeLessThan(
      1e-12,
    );
  });

  test("makes every singular value of the first gradient 1, as Muon would without end", () => {
    const g = normals(3, 3, 31);
    const rule = shampoo({ learningRate: 1, epsilon: 1e-12 });
    const [{ w }] = path(rule, { w: [3, 3] }, { w: Array(9).fill(0) }, flat([g]));
    for (const sigma of svd(fromFlat(w, 3)).values) expect(sigma).toBeCloseTo(1, 8);
  });

  test("preconditions a quadratic whose Hessian is A ⊗ B exactly: κ of 10⁴ becomes 1 at p = 2, and 100 at p = 4", () => {
    // f = ½ tr(WᵀAWB) has the gradient AWB. Over all unit matrices W the statistics are tr(B²)A² and tr(A²)B².
    const [m, n] = [4, 3];
    const [A, B] = [definite(m, 41), definite(n, 42)];
    const gradient = (w: Dense) => product(product(A, w), B);
    const units = Array.from({ length: m * n }, (_, k) => dense(m, n, (i, j) => (i * n + j === k ? 1 : 0)));
    for (const [order, kappa] of [
      [2, 1],
      [4, 100],
    ] as const) {
      // The rate is 0 while the statistics are gathered; then a step from W has the length of the preconditioned Hessian on W.
      const learningRate = (t: number) => (t < m * n ? 0 : 1);
      const images = units.map((unit) => {
        const optimizer = createOptimizer(shampoo({ learningRate, order, epsilon: 1e-13 }), {
          w: { shape: [m, n], values: unit.flat() },
        });
        for (const w of units) {
          optimizer.gradient.w.set(gradient(w).flat());
          optimizer.step();
        }
        // A gradient so small that it leaves the statistics as they are.
        optimizer.gradient.w.set(
          gradient(unit)
            .flat()
            .map((x) => 1e-9 * x),
        );
        optimizer.step();
        const moved = Array.from(optimizer.parameters.w, (x, k) => 1e9 * (unit.flat()[k] - x));
        optimizer.dispose();
        return moved;
      });
      const { values } = symmetricEigen(images.map((row, i) => row.map((x, j) => (x + images[j][i]) / 2)));
      const found = values[0] / values[m * n - 1];
      expect(Math.abs(found / kappa - 1)).toBeLessThan(1e-5);
    }
  });

  test("is full-matrix Adagrad on a single row or column", () => {
    const steps = normalBlocks({ w: [5] }, 12, 51);
    let S = dense(5, 5, () => 0);
    let x = [1, 2, 3, 4, 5];
    const expected = steps.map(({ w: g }) => {
      S = plus(
        S,
        dense(5, 5, (i, j) => g[i] * g[j]),
      );
      const [u] = turned(
        product(
          power(S, -0.5, 0.2),
          g.map((value) => [value]),
        ),
      );
      x = x.map((value, i) => value - 0.1 * u[i]);
      return { w: x };
    });
    for (const shape of [[5], [1, 5], [5, 1]]) {
      const actual = path(shampoo({ epsilon: 0.2 }), { w: shape }, { w: [1, 2, 3, 4, 5] }, steps);
      expect(distance(actual, expected)).toBeLessThan(1e-13);
    }
  });

  test("keeps the diagonal of a side above maxSide: with both above, each entry has its row's and its column's sums", () => {
    const rule = shampoo({ learningRate: 1, epsilon: 1, maxSide: 1 });
    const { declaration, options } = rule;
    const shapes = declaration
      .slots(options)
      .map((slot: string) => declaration.slotShapes?.[slot]?.(4, 6, options));
    expect(shapes).toEqual([[4], [6], [4], [6]]);
    const g = gradients[0];
    const rows = g.map((row) => row.reduce((sum, x) => sum + x * x, 0));
    const columns = turned(g).map((row) => row.reduce((sum, x) => sum + x * x, 0));
    const [{ w }] = path(rule, shape, { w: Array(24).fill(0) }, flat([g]));
    const expected = dense(4, 6, (i, j) => -g[i][j] / ((rows[i] + 1) * (columns[j] + 1)) ** 0.25);
    expect(apart(fromFlat(w, 6), expected)).toBeLessThan(1e-14);
  });

  test("grafts the length of the gradient, or of Adagrad's step, and keeps its own direction", () => {
    const norm = (values: readonly number[]) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
    const take = (options: object) =>
      path(shampoo({ learningRate: 1, ...options }), shape, { w: Array(24).fill(0) }, flat([gradients[0]]))[0]
        .w;
    const own = take({});
    for (const [grafted, length] of [
      [take({ graftGradient: true }), norm(gradients[0].flat())],
      // At the first step every entry of Adagrad's step is a sign.
      [take({ graftDiagonal: true }), Math.sqrt(24)],
      [take({ graftDiagonal: true, decay: 0.9 }), Math.sqrt(24)],
    ] as const) {
      expect(norm(grafted)).toBeCloseTo(length, 8);
      grafted.forEach((x, k) => {
        expect(x / norm(grafted)).toBeCloseTo(own[k] / norm(own), 1);
      });
    }
    expect(() => shampoo({ graftGradient: true, graftDiagonal: true })).toThrow(
      "shampoo: a step can have one length: graftGradient or graftDiagonal, got true for both",
    );
  });

  test("a NaN makes its block NaN, no other, and the eigensolver ends", () => {
    const wrong = { a: [1, Number.NaN, 1, 1], b: [1, 2, 3, 4] };
    const clean = { a: [1, 1, 1, 1], b: [1, 2, 3, 4] };
    for (const rule of [shampoo(), soap({ every: 1 })]) {
      const last = path(rule, { a: [2, 2], b: [2, 2] }, clean, [clean, wrong, clean, clean])[3];
      expect(last.a.every(Number.isNaN)).toBe(true);
      expect(last.b.every(Number.isFinite)).toBe(true);
    }
  });
});

describe("soap", () => {
  const [ROWS, COLUMNS] = [4, 6];
  const gradients = Array.from({ length: 45 }, (_, t) =>
    normals(ROWS, COLUMNS, 60 + t).map((row, i) => row.map((x, j) => x * 1.3 ** (i - j))),
  );
  const start = normals(ROWS, COLUMNS, 59);
  const shape = { w: [ROWS, COLUMNS] };
  /** Rows are eigenvectors, the largest eigenvalue first. */
  const eigenbasis = (s: Dense) => {
    const { left, values } = svd(s);
    const order = values.map((_, k) => k).sort((a, b) => values[b] - values[a]);
    return order.map((k) => left[k]);
  };

  test.each([10, 15])(
    "is algorithm 3 of Vyas et al. with bases every %i steps, m kept where the gradient is",
    (every) => {
      let [L, R] = [dense(ROWS, ROWS, () => 0), dense(COLUMNS, COLUMNS, () => 0)];
      let [left, right] = [identity(ROWS), identity(COLUMNS)];
      let [M, V] = [dense(ROWS, COLUMNS, () => 0), dense(ROWS, COLUMNS, () => 0)];
      let x: number[][] = start;
      const into = (a: Dense) => product(product(left, a), turned(right));
      const expected = gradients.map((g, k) => {
        const t = k + 1;
        M = dense(ROWS, COLUMNS, (i, j) => 0.9 * M[i][j] + 0.1 * g[i][j]);
        const [G, m] = [into(g), into(M)];
        V = dense(ROWS, COLUMNS, (i, j) => 0.95 * V[i][j] + 0.05 * G[i][j] ** 2);
        const N = dense(
          ROWS,
          COLUMNS,
          (i, j) => m[i][j] / (1 - 0.9 ** t) / (Math.sqrt(V[i][j] / (1 - 0.95 ** t)) + 1e-8),
        );
        const step = product(product(turned(left), N), right);
        x = dense(ROWS, COLUMNS, (i, j) => x[i][j] - 0.02 * (step[i][j] + 0.01 * x[i][j]));
        const scaled = (s: Dense) => s.map((row) => row.map((value) => 0.95 * value));
        L = plus(scaled(L), product(g, turned(g)), 0.05);
        R = plus(scaled(R), product(turned(g), g), 0.05);
        if (t % every === 0) [left, right] = [eigenbasis(L), eigenbasis(R)];
        return x;
      });
      const rule = soap({ learningRate: 0.02, beta1: 0.9, beta2: 0.95, every });
      expect(distance(path(rule, shape, { w: start.flat() }, flat(gradients)), flat(expected))).toBeLessThan(
        1e-11,
      );
    },
  );

  const options = { learningRate: 0.02, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1 };

  test("is AdamW until the first basis, on sides that are too large, and on a single row or column", () => {
    const begin = { w: start.flat() };
    const plain = path(adamw(options), shape, begin, flat(gradients));
    const within = (rule: ReturnType<typeof soap>, sides: Record<string, number[]>, count: number) =>
      expect(
        distance(path(rule, sides, begin, flat(gradients).slice(0, count)), plain.slice(0, count)),
      ).toBeLessThan(1e-14);
    within(soap(options), shape, 10);
    within(soap({ ...options, maxSide: 3, every: 2 }), shape, 45);
    for (const sides of [[24], [1, 24], [24, 1]]) within(soap({ ...options, every: 2 }), { w: sides }, 45);
  });

  test("is AdamW where the eigenbasis is the identity: gradients with one entry, in rows and columns of falling size", () => {
    const entries = Array.from({ length: 40 }, (_, t) =>
      dense(3, 3, (i, j) => (i === t % 3 && j === t % 3 ? (1 + 0.1 * t) * 3 ** -i : 0)),
    );
    const begin = { w: Array.from({ length: 9 }, (_, k) => k - 4) };
    const sides = { w: [3, 3] };
    const actual = path(soap({ ...options, every: 3 }), sides, begin, flat(entries));
    expect(distance(actual, path(adamw(options), sides, begin, flat(entries)))).toBeLessThan(1e-14);
  });

  test("resumes between two bases, bit for bit, in both precisions", () => {
    for (const precision of ["f64", "f32"] as const) {
      const make = () =>
        createOptimizer(
          soap({ ...options, every: 4 }),
          { w: { shape: [ROWS, COLUMNS], values: start.flat() } },
          { precision },
        );
      const [whole, resumed] = [make(), make()];
      gradients.forEach((g, t) => {
        if (t === 14) resumed.load(whole.save());
        for (const optimizer of t < 14 ? [whole] : [whole, resumed]) {
          optimizer.gradient.w.set(g.flat());
          optimizer.step();
        }
      });
      expect(resumed.save()).toEqual(whole.save());
      whole.dispose();
      resumed.dispose();
    }
  });

  test("finds its way in a rotated valley in which Adam does not", () => {
    // f = ½ tr(WᵀAWB), κ = 10⁴, in a basis that is not the coordinates'.
    const [A, B] = [definite(5, 71), definite(4, 72)];
    const value = (w: Dense) =>
      0.5 * w.flat().reduce((sum, x, k) => sum + x * product(product(A, w), B).flat()[k], 0);
    const run = (rule: ReturnType<typeof soap>) => {
      const optimizer = createOptimizer(rule, { w: { shape: [5, 4], values: normals(5, 4, 73).flat() } });
      const random = new Random(74);
      for (let t = 0; t < 600; t++) {
        const w = fromFlat(optimizer.parameters.w, 4).map((row) =>
          row.map((x) => x + 0.01 * random.normal()),
        );
        optimizer.gradient.w.set(product(product(A, w), B).flat());
        optimizer.step();
      }
      const end = value(fromFlat(optimizer.parameters.w, 4));
      optimizer.dispose();
      return end;
    };
    const settings = { learningRate: 0.01, beta1: 0.9, beta2: 0.99, weightDecay: 0 };
    expect(run(soap(settings))).toBeLessThan(0.5 * run(adamw(settings)));
  });
});
