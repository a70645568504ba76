// Muon against the singular values that it is about, which the tests find by a method of their own.
import { describe, expect, test } from "vitest";
import { muon } from "../../src/rules/index.ts";
import { path } from "./blocks.ts";
import { apart, type Dense, dense, fromFlat, fromSvd, normals, product, svd, turned } from "./dense.ts";

/** What the singular value σ becomes in k iterations: the quintic whose coefficients Jordan found. */
function quintic(sigma: number, iterations = 5): number {
  let s = sigma;
  for (let k = 0; k < iterations; k++) s = 3.4445 * s - 4.775 * s ** 3 + 2.0315 * s ** 5;
  return s;
}

/** −(x₁ − x₀) of a first step with η = 1 and without decay. */
function direction(g: Dense, options: Parameters<typeof muon>[0] = {}): number[][] {
  const [rows, columns] = [g.length, g[0].length];
  const rule = muon({ learningRate: 1, weightDecay: 0, momentum: 0, ...options });
  const zeros = Array(rows * columns).fill(0);
  const [{ w }] = path(rule, { w: [rows, columns] }, { w: zeros }, [{ w: g.flat() }]);
  return fromFlat(
    w.map((x) => -x),
    columns,
  );
}

const frobenius = (a: Dense) => Math.sqrt(a.flat().reduce((sum, x) => sum + x * x, 0));
const wide = (a: Dense) => (a.length > a[0].length ? turned(a) : a);
/** The factor that Jordan's form gives to a tall matrix. */
const stretch = (a: Dense) => Math.sqrt(Math.max(1, a.length / a[0].length));

const shapes = [
  [2, 2],
  [3, 5],
  [5, 3],
  [8, 8],
  [9, 17],
  [20, 7],
] as const;

describe("muon's direction", () => {
  test.each(shapes)("is Σ φ(σ/‖G‖)uvᵀ of G = Σ σuvᵀ, %i × %i", (rows, columns) => {
    const g = normals(rows, columns, rows);
    const parts = svd(wide(g));
    const expected = fromSvd(parts, (sigma) => stretch(g) * quintic(sigma / frobenius(g)));
    expect(apart(wide(direction(g)), expected)).toBeLessThan(1e-12);
  });

  test("has singular values between 0.68 and 1.135 where those of G/‖G‖ are above 0.01", () => {
    for (const sigma of Array.from({ length: 991 }, (_, k) => 0.01 + 0.001 * k)) {
      expect(quintic(sigma)).toBeGreaterThan(0.68);
      expect(quintic(sigma)).toBeLessThan(1.135);
    }
    const g = normals(8, 24, 1);
    for (const sigma of svd(direction(g)).values) {
      expect(sigma).toBeGreaterThan(0.68);
      expect(sigma).toBeLessThan(1.135);
    }
  });

  test("is UVᵀ itself to within the band, entry by entry, and exactly in the singular vectors", () => {
    const g = normals(6, 6, 2);
    const parts = svd(g);
    const step = direction(g);
    // U(step)Vᵀ is diagonal.
    const inBasis = product(product(parts.left, step), turned(parts.right));
    inBasis.forEach((row, i) => {
      row.forEach((x, j) => {
        if (i === j) expect(Math.abs(x - 1)).toBeLessThan(0.34);
        else expect(Math.abs(x)).toBeLessThan(1e-12);
      });
    });
  });

  test("is that of G itself where G has rank 1, at a length of φ(1)", () => {
    const g = dense(4, 3, (i, j) => (i + 1) * (j - 1.5));
    const expected = g.map((row) => row.map((x) => (stretch(g) * quintic(1) * x) / frobenius(g)));
    expect(apart(direction(g), expected)).toBeLessThan(1e-13);
  });

  test("of a single row is the gradient at a length of φ(1) = 0.696", () => {
    for (const size of [1e-6, 1, 1e100]) {
      const [step] = direction([[3 * size, -4 * size]]);
      expect(step[0]).toBeCloseTo(0.6 * quintic(1), 12);
      expect(step[1]).toBeCloseTo(-0.8 * quintic(1), 12);
    }
    expect(quintic(1)).toBeCloseTo(0.696, 3);
  });

  test("takes as many iterations as it is told", () => {
    const g = normals(3, 4, 5);
    const parts = svd(g);
    for (const iterations of [1, 3, 8]) {
      const expected = fromSvd(parts, (sigma) => quintic(sigma / frobenius(g), iterations));
      expect(apart(direction(g, { iterations }), expected)).toBeLessThan(1e-11);
    }
  });

  test("is scaled by √max(1, rows/columns), or with matchRms by 0.2·√max(rows, columns) as in AdamW's steps", () => {
    for (const [rows, columns] of shapes) {
      const g = normals(rows, columns, 7);
      const [plain, matched] = [direction(g), direction(g, { matchRms: true })];
      const ratio = (0.2 * Math.sqrt(Math.max(rows, columns))) / stretch(g);
      expect(
        apart(
          matched,
          plain.map((row) => row.map((x) => ratio * x)),
        ),
      ).toBeLessThan(1e-13);
    }
    // Liu et al.: an orthogonal step of side n has the root mean square 1/√n, and so 0.2 here.
    const step = direction(normals(16, 16, 8), { matchRms: true });
    expect(frobenius(step) / 16).toBeGreaterThan(0.2 * 0.68);
    expect(frobenius(step) / 16).toBeLessThan(0.2 * 1.135);
  });

  test("is 0 without a gradient, and no longer than φ makes it for one shorter than ε", () => {
    expect(
      direction(dense(2, 2, () => 0))
        .flat()
        .map(Math.abs),
    ).toEqual([0, 0, 0, 0]);
    const [[step]] = direction([[1e-9]]);
    expect(step).toBeCloseTo(quintic(1e-9 / 1e-7), 12);
  });
});

test("muon follows its recurrence for 40 steps, with and without Nesterov's step", () => {
  for (const nesterov of [true, false]) {
    const gradients = Array.from({ length: 40 }, (_, t) => normals(3, 5, 100 + t));
    let buffer: number[][] = dense(3, 5, () => 0);
    let x = normals(3, 5, 99);
    const start = x.flat();
    const expected = gradients.map((g) => {
      buffer = dense(3, 5, (i, j) => 0.9 * buffer[i][j] + 0.1 * g[i][j]);
      const u = nesterov ? dense(3, 5, (i, j) => 0.1 * g[i][j] + 0.9 * buffer[i][j]) : buffer;
      const o = fromSvd(svd(u), (sigma) => quintic(sigma / frobenius(u)));
      x = dense(3, 5, (i, j) => x[i][j] - 0.05 * (o[i][j] + 0.2 * x[i][j]));
      return x;
    });
    const rule = muon({ learningRate: 0.05, momentum: 0.9, weightDecay: 0.2, nesterov });
    const actual = path(
      rule,
      { w: [3, 5] },
      { w: start },
      gradients.map((g) => ({ w: g.flat() })),
    );
    actual.forEach(({ w }, t) => {
      expect(apart(fromFlat(w, 5), expected[t])).toBeLessThan(1e-11);
    });
  }
});

test("muon takes the first axis of a tensor as rows", () => {
  const g = normals(3, 8, 11);
  const zeros = Array(24).fill(0);
  const rule = muon({ learningRate: 1 });
  const [asTensor, asMatrix] = [
    [3, 2, 4],
    [3, 8],
  ].map((shape) => path(rule, { w: shape }, { w: zeros }, [{ w: g.flat() }])[0].w);
  expect(asTensor).toEqual(asMatrix);
});

test("a NaN makes its matrix NaN, no other, and stays in the momentum", () => {
  const gradient = { a: [1, Number.NaN, 1, 1], b: [1, 2, 3, 4] };
  const clean = { a: [1, 1, 1, 1], b: [1, 2, 3, 4] };
  const last = path(muon(), { a: [2, 2], b: [2, 2] }, clean, [gradient, clean, clean])[2];
  expect(last.a.every(Number.isNaN)).toBe(true);
  expect(last.b.every(Number.isFinite)).toBe(true);
});
