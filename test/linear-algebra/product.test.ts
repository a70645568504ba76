import { describe, expect, test } from "vitest";
import { elementBytes, machineEpsilon, type Precision } from "../../src/core/precision.ts";
import { Random } from "../../src/core/random.ts";
import { Workspace } from "../../src/core/workspace.ts";

const PANEL_BYTES = 16_384;

/** `count` rounded up to whole panels of 32 bytes. */
const panelled = (count: number, precision: Precision) => {
  const width = 32 / elementBytes[precision];
  return Math.ceil(count / width) * width;
};

interface Dense {
  readonly rows: number;
  readonly columns: number;
  readonly at: (i: number, j: number) => number;
}

/** Whole numbers up to 8 in magnitude, whose products up to a depth of 1200 are summed exactly in f32 too. */
function wholeNumbers(rows: number, columns: number, seed: number): Dense {
  const random = new Random(seed);
  const entries = Int8Array.from({ length: rows * columns }, () => Math.floor(random.uniform() * 17) - 8);
  return { rows, columns, at: (i, j) => entries[i * columns + j] };
}

type Product = "matrixProduct" | "matrixProductTransposed" | "gram";

/** A product by the core, whose panel and result hold other numbers before, and what lies behind the used entries of the result. */
function multiply(precision: Precision, kind: Product, a: Dense, b: Dense) {
  const columns = kind === "matrixProduct" ? b.columns : b.rows;
  const pad = (count: number) => panelled(count, precision);
  const size = ({ rows, columns }: { rows: number; columns: number }) => pad(rows) * pad(columns);
  const workspace = new Workspace(
    [
      { name: "a", length: size(a) },
      { name: "b", length: size(b) },
      { name: "c", length: pad(a.rows) * pad(columns) },
      { name: "panel", length: PANEL_BYTES / 8, kind: "f64" },
    ],
    precision,
  );
  try {
    for (const [name, matrix] of Object.entries({ a, b })) {
      const entries = workspace.real(name);
      for (let i = 0; i < matrix.rows; i++) {
        for (let j = 0; j < matrix.columns; j++) entries[i * pad(matrix.columns) + j] = matrix.at(i, j);
      }
    }
    workspace.f64("panel").fill(Number.NaN);
    workspace.real("c").fill(Number.NaN);
    const [aAt, bAt, cAt, panel] = ["a", "b", "c", "panel"].map((name) => workspace.pointer(name));
    const { kernels } = workspace;
    if (kind === "gram") kernels.gram(pad(a.rows), pad(a.columns), aAt, cAt, panel);
    else kernels[kind](pad(a.rows), pad(a.columns), pad(columns), aAt, bAt, cAt, panel);
    const c = workspace.real("c").slice();
    return {
      at: (i: number, j: number) => c[i * pad(columns) + j],
      height: pad(a.rows),
      width: pad(columns),
    };
  } finally {
    workspace.dispose();
  }
}

const sides = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];
/** Around the depth of a panel, 512. */
const depths = [511, 512, 513, 1030];

describe.each(["f64", "f32"] as const)("%s", (precision) => {
  test("A·B, A·Bᵀ and A·Aᵀ are exact on whole numbers, of any sides, and zero in the padding", () => {
    const shapes = [
      ...sides.map((side) => [side, 5, 9]),
      ...sides.map((side) => [6, side, 3]),
      ...sides.map((side) => [3, 10, side]),
      ...depths.map((depth) => [5, depth, 6]),
    ];
    for (const [rows, depth, columns] of shapes) {
      const a = wholeNumbers(rows, depth, 1);
      const b = wholeNumbers(depth, columns, 2);
      const turned: Dense = { rows: columns, columns: depth, at: (i, j) => b.at(j, i) };
      const sum = (i: number, j: number, second: (k: number, j: number) => number) => {
        let total = 0;
        for (let k = 0; k < depth; k++) total += a.at(i, k) * second(k, j);
        return total;
      };
      for (const [kind, second, other] of [
        ["matrixProduct", b, b.at],
        ["matrixProductTransposed", turned, b.at],
        ["gram", a, (k: number, j: number) => a.at(j, k)],
      ] as const) {
        const c = multiply(precision, kind, a, second);
        const used = kind === "gram" ? rows : columns;
        for (let i = 0; i < c.height; i++) {
          for (let j = 0; j < c.width; j++) {
            const expected = i < rows && j < used ? sum(i, j, other) : 0;
            if (c.at(i, j) !== expected)
              expect(c.at(i, j), `${kind} ${rows}×${depth}×${columns}`).toBe(expected);
          }
        }
      }
    }
  });

  test("the rounding of a product is that of sums of 512, however deep it is", () => {
    for (const depth of [100, 3000]) {
      const random = new Random(depth);
      const held = (value: number) => (precision === "f32" ? Math.fround(value) : value);
      const entries = Array.from({ length: 2 * depth }, () => held(random.uniform()));
      const a: Dense = { rows: 1, columns: depth, at: (_, k) => entries[k] };
      const b: Dense = { rows: depth, columns: 1, at: (k) => entries[depth + k] };
      const exact = entries.slice(0, depth).reduce((sum, entry, k) => sum + entry * entries[depth + k], 0);
      const error = Math.abs(multiply(precision, "matrixProduct", a, b).at(0, 0) / exact - 1);
      // √512 times half a unit, threefold; in f64 the sum in the test rounds as much.
      expect(error).toBeLessThan(3 * Math.sqrt(512) * machineEpsilon[precision]);
    }
  });

  test("A·Aᵀ is symmetric to the last bit", () => {
    const random = new Random(3);
    const entries = Array.from({ length: 13 * 40 }, () => random.normal());
    const a: Dense = { rows: 13, columns: 40, at: (i, j) => entries[i * 40 + j] };
    const c = multiply(precision, "gram", a, a);
    for (let i = 0; i < 13; i++) for (let j = 0; j < i; j++) expect(c.at(i, j)).toBe(c.at(j, i));
  });
});
