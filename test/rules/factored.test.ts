// SM3 and Adafactor, written down from the papers with bookkeeping of their own, and by hand.
import { describe, expect, test } from "vitest";
import { adafactor, adagrad, sm3 } from "../../src/rules/index.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { type Blocks, distance, normalBlocks, path } from "./blocks.ts";

const [ROWS, COLUMNS] = [5, 7];
const shapes = { w: [ROWS, COLUMNS] };
const STEPS = 60;
const [start] = normalBlocks(shapes, 1, 3);
const gradients = normalBlocks(shapes, STEPS, 4).map(({ w }) => ({
  w: w.map((g, k) => g * 2 ** ((k % COLUMNS) - Math.floor(k / COLUMNS))),
}));

const grid = <T>(make: (i: number, j: number) => T): T[][] =>
  Array.from({ length: ROWS }, (_, i) => Array.from({ length: COLUMNS }, (_, j) => make(i, j)));
const rowsOf = (values: readonly number[]) => grid((i, j) => values[i * COLUMNS + j]);

/** Runs a paper's algorithm on the matrix: `step` renews x from its gradient. */
function byPaper(step: (x: number[][], g: number[][], t: number) => number[][]): Blocks[] {
  let x = rowsOf(start.w);
  return gradients.map(({ w }, k) => {
    x = step(x, rowsOf(w), k + 1);
    return { w: x.flat() };
  });
}

const once = (rule: Rule, shape: readonly number[], x: readonly number[], g: readonly number[]) =>
  path(rule, { w: shape }, { w: x }, [{ w: g }])[0].w;

describe("sm3", () => {
  test.each([
    { momentum: 0, decay: 1 },
    { momentum: 0.8, decay: 1 },
    { momentum: 0.5, decay: 0.9 },
  ])("is SM3-II of Anil et al., a row and a column covering each entry, with %j", ({ momentum, decay }) => {
    const rule = sm3({ learningRate: 0.3, epsilon: 1e-8, weightDecay: 0.01, momentum, decay });
    let [byRow, byColumn] = [Array(ROWS).fill(0), Array(COLUMNS).fill(0)];
    let m = grid(() => 0);
    const expected = byPaper((x, g) => {
      const nu = grid(
        (i, j) => decay * Math.min(byRow[i], byColumn[j]) + (decay === 1 ? 1 : 1 - decay) * g[i][j] ** 2,
      );
      const step = grid((i, j) => g[i][j] / Math.sqrt(nu[i][j] + 1e-8));
      m = grid((i, j) => momentum * m[i][j] + (1 - momentum) * step[i][j]);
      byRow = nu.map((row) => Math.max(...row));
      byColumn = byColumn.map((_, j) => Math.max(...nu.map((row) => row[j])));
      return grid((i, j) => x[i][j] - 0.3 * (m[i][j] + 0.01 * x[i][j]));
    });
    expect(distance(path(rule, shapes, start, gradients), expected)).toBeLessThan(1e-13);
  });

  test("keeps what bounds Adagrad's sums from above, entry by entry", () => {
    const sums = grid(() => 0);
    const rule = sm3({ learningRate: 1 });
    let before = rowsOf(start.w);
    path(rule, shapes, start, gradients).forEach(({ w }, t) => {
      const x = rowsOf(w);
      rowsOf(gradients[t].w).forEach((row, i) => {
        row.forEach((g, j) => {
          sums[i][j] += g * g;
          const nu = (g / (before[i][j] - x[i][j])) ** 2;
          expect(nu).toBeGreaterThan(sums[i][j] * (1 - 1e-9));
        });
      });
      before = x;
    });
  });

  test("is Adagrad on a single row, and on a single column", () => {
    const options = { learningRate: 0.2 };
    const row = gradients.map(({ w }) => ({ w: w.slice(0, 9) }));
    const begin = { w: start.w.slice(0, 9) };
    const plain = path(adagrad({ ...options, epsilon: 0 }), { w: [9] }, begin, row);
    for (const shape of [[9], [1, 9], [9, 1]]) {
      expect(distance(path(sm3({ ...options, epsilon: 0 }), { w: shape }, begin, row), plain)).toBeLessThan(
        1e-14,
      );
    }
  });

  test("keeps a NaN at its place, and out of the accumulators", () => {
    const holed = { w: gradients[1].w.map((g, k) => (k === 9 ? Number.NaN : g)) };
    const hit = path(sm3(), shapes, start, [gradients[0], holed, ...gradients.slice(2, 6)]).at(-1)!.w;
    expect(hit.map((x, k) => (Number.isNaN(x) ? k : -1)).filter((k) => k >= 0)).toEqual([9]);
  });
});

describe("adafactor", () => {
  const rms = (values: readonly number[][]) =>
    Math.sqrt(values.flat().reduce((sum, x) => sum + x * x, 0) / (ROWS * COLUMNS));

  /** Algorithm 4 of Shazeer and Stern with sums, as printed; `form` says what the libraries do otherwise. */
  function paper(form: {
    relativeStep?: boolean;
    scaleParameter?: boolean;
    beta1?: number;
    torch?: number;
    weightDecay?: number;
  }): Blocks[] {
    const { relativeStep = true, scaleParameter = true, beta1 = 0, torch, weightDecay = 0 } = form;
    let [R, C] = [Array(ROWS).fill(0), Array(COLUMNS).fill(0)];
    let m = grid(() => 0);
    return byPaper((x, g, t) => {
      const beta2 = 1 - t ** -0.8;
      const squares = g.map((row) => row.map((value) => value * value + (torch === undefined ? 1e-4 : 0)));
      R = R.map((r, i) => beta2 * r + (1 - beta2) * squares[i].reduce((sum, q) => sum + q, 0));
      C = C.map((c, j) => beta2 * c + (1 - beta2) * squares.reduce((sum, row) => sum + row[j], 0));
      const total = R.reduce((sum, r) => sum + r, 0);
      const V = grid((i, j) => {
        if (torch === undefined) return (R[i] * C[j]) / total;
        // PyTorch keeps means and bounds the mean of the row means, and the root.
        const [r, c, mean] = [R[i] / COLUMNS, C[j] / ROWS, total / (ROWS * COLUMNS)];
        return Math.max((r * c) / Math.max(mean, torch), torch ** 2);
      });
      const U = grid((i, j) => g[i][j] / Math.sqrt(V[i][j]));
      const clipped = U.map((row) => row.map((u) => u / Math.max(1, rms(U) / 0.9)));
      const rho = relativeStep ? Math.min(0.2, 1 / Math.sqrt(t)) : 0.2;
      const alpha = scaleParameter ? Math.max(0.001, rms(x)) * rho : rho;
      m = grid((i, j) => beta1 * m[i][j] + (1 - beta1) * alpha * clipped[i][j]);
      return grid((i, j) => x[i][j] - m[i][j] - 0.2 * weightDecay * x[i][j]);
    });
  }

  const options = { learningRate: 0.2, clipThreshold: 0.9, epsilon1: 1e-4 };
  test.each([
    ["the paper's form, and Keras'", {}, {}],
    ["Optax's form", { relativeStep: false, beta1: 0.9 }, { relativeStep: false, beta1: 0.9 }],
    [
      "an absolute step",
      { scaleParameter: false, relativeStep: false },
      { scaleParameter: false, relativeStep: false },
    ],
    [
      "PyTorch's form",
      { clampVariance: true, epsilon1: 0.3, weightDecay: 0.1 },
      { torch: 0.3, weightDecay: 0.1 },
    ],
  ])("has %s", (_, switches, form) => {
    const actual = path(adafactor({ ...options, ...switches }), shapes, start, gradients);
    expect(distance(actual, paper(form))).toBeLessThan(1e-13);
  });

  test("divides by g² itself where that has rank 1, so that the step is the signs", () => {
    const g = grid((i, j) => (i + 1) * (j + 2) * ((i + j) % 2 === 0 ? 1 : -1)).flat();
    const x = Array(ROWS * COLUMNS).fill(2);
    const moved = once(adafactor({ learningRate: 0.1, epsilon1: 0 }), [ROWS, COLUMNS], x, g);
    moved.forEach((value, k) => {
      expect(value).toBeCloseTo(2 - 0.1 * 2 * Math.sign(g[k]), 12);
    });
  });

  test("keeps no more than a number for each row and column, and is not factored on one row or column", () => {
    const { declaration, options: defaults } = adafactor();
    const sizes = declaration
      .slots(defaults)
      .map((slot: string) => declaration.slotShapes?.[slot]?.(300, 200, defaults));
    expect(sizes).toEqual([[300], [200]]);
    const row = gradients.map(({ w }) => ({ w: w.slice(0, 9) }));
    const begin = { w: start.w.slice(0, 9) };
    // V of a parameter is the average of its own g², with nothing of its neighbours.
    const v = Array(9).fill(0);
    let x = [...begin.w];
    const expected = row.map(({ w: g }, k) => {
      const beta2 = 1 - (k + 1) ** -0.8;
      const u = g.map((gi, i) => {
        v[i] = beta2 * v[i] + (1 - beta2) * (gi * gi + 1e-30);
        return gi / Math.sqrt(v[i]);
      });
      const size = (values: readonly number[]) =>
        Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / 9);
      const step = (Math.min(0.01, 1 / Math.sqrt(k + 1)) * Math.max(0.001, size(x))) / Math.max(1, size(u));
      x = x.map((xi, i) => xi - step * u[i]);
      return { w: x };
    });
    for (const shape of [[9], [1, 9], [9, 1]]) {
      expect(distance(path(adafactor(), { w: shape }, begin, row), expected)).toBeLessThan(1e-13);
    }
  });

  test("begins with β₂ = 0, and lets its rate fall as 1/√t from η on", () => {
    // A gradient that stays the same: U is the signs, of RMS 1.
    const x = [100, -100];
    const steady = Array.from({ length: 9 }, () => ({ w: [1, 1] }));
    const rule = adafactor({ learningRate: 0.5, scaleParameter: false, epsilon1: 0 });
    let at = 100;
    path(rule, { w: [2] }, { w: x }, steady).forEach(({ w }, k) => {
      at -= Math.min(0.5, 1 / Math.sqrt(k + 1));
      expect(w[0]).toBeCloseTo(at, 12);
    });
  });

  test("makes its whole block NaN of one gradient that is, and no other block", () => {
    const two = { a: [2, 2], b: [2] };
    const one = { a: [1, 2, 3, 4], b: [5, 6] };
    const [first] = path(adafactor(), two, one, [{ a: [1, Number.NaN, 1, 1], b: [1, 1] }]);
    expect(first.a.every(Number.isNaN)).toBe(true);
    expect(first.b.every(Number.isFinite)).toBe(true);
  });
});
