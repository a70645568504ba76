import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FIRST_BLOCK, layout } from "../../src/core/layout.ts";
import { multiplyRunning } from "../../src/core/running-product.ts";
import { cos, exp, log, pow, sin } from "../../src/core/scalar.ts";
import { Workspace } from "../../src/core/workspace.ts";

describe("layout", () => {
  test("places blocks on 16 bytes, apart from each other, padding included", () => {
    const kinds = fc.constantFrom("real" as const, "f64" as const, "u32" as const);
    const blocks = fc.array(fc.tuple(fc.nat(70), kinds), { maxLength: 12 });
    fc.assert(
      fc.property(blocks, fc.constantFrom("f64" as const, "f32" as const), (sizes, precision) => {
        const requests = sizes.map(([length, kind], i) => ({ name: `b${i}`, length, kind }));
        const placed = layout(requests, precision);
        let end = FIRST_BLOCK;
        for (const { name, length, kind } of requests) {
          const { offset } = placed.blocks.get(name)!;
          expect(offset % 16).toBe(0);
          expect(offset).toBeGreaterThanOrEqual(end);
          const element = kind === "f64" || (kind === "real" && precision === "f64") ? 8 : 4;
          end = offset + Math.ceil((length * element) / 16) * 16;
        }
        expect(placed.bytes).toBe(end);
      }),
    );
  });

  test("refuses two blocks of one name", () => {
    expect(() =>
      layout(
        [
          { name: "x", length: 1 },
          { name: "x", length: 1 },
        ],
        "f64",
      ),
    ).toThrow(/named "x"/);
  });
});

describe("a workspace", () => {
  test("is zeroed when its memory is used again", () => {
    const request = [{ name: "x", length: 100 }];
    const first = new Workspace(request, "f64");
    first.real("x").fill(7);
    first.dispose();
    first.dispose();
    const second = new Workspace(request, "f64");
    const third = new Workspace(request, "f64");
    expect([...second.real("x")].every((v) => v === 0)).toBe(true);
    third.real("x").fill(3);
    expect([...second.real("x")].every((v) => v === 0)).toBe(true);
  });

  test("says so when a problem does not fit into one memory", () => {
    expect(() => new Workspace([{ name: "x", length: 2 ** 30 }], "f64")).toThrow(/8\.0 GiB/);
  });

  test("reduces lengths around the lane width right, in both precisions", () => {
    for (const precision of ["f64", "f32"] as const) {
      for (let n = 1; n <= 70; n++) {
        const workspace = new Workspace(
          [
            { name: "x", length: n },
            { name: "y", length: n },
          ],
          precision,
        );
        const [x, y] = [workspace.pointer("x"), workspace.pointer("y")];
        const padded = Math.ceil(n / 4) * 4;
        workspace.real("x").set(Array.from({ length: n }, (_, i) => i + 1));
        workspace.real("y").set(Array.from({ length: n }, (_, i) => (i % 3) - 1));
        let dot = 0;
        for (let i = 0; i < n; i++) dot += (i + 1) * ((i % 3) - 1);
        const count = precision === "f64" ? Math.ceil(n / 2) * 2 : padded;
        expect(workspace.kernels.dot(count, x, y)).toBe(dot);
        expect(workspace.kernels.sum(count, x)).toBe((n * (n + 1)) / 2);
        expect(workspace.kernels.maxAbs(count, x)).toBe(n);
        workspace.dispose();
      }
    }
  });

  test("sums a million f32 numbers with an error that does not grow with their count", () => {
    const n = 1_000_000;
    const workspace = new Workspace([{ name: "x", length: n }], "f32");
    workspace.real("x").fill(0.1);
    const exact = n * Math.fround(0.1);
    expect(Math.abs(workspace.kernels.sum(n, workspace.pointer("x")) / exact - 1)).toBeLessThan(3e-6);
    workspace.dispose();
  });

  test.each([1e-200, 1e200, 5e-324, 1])("has the norm of (3, 4)·%s without overflow or underflow", (size) => {
    const workspace = new Workspace([{ name: "x", length: 2 }], "f64");
    workspace.real("x").set([3 * size, 4 * size]);
    const norm = workspace.kernels.norm(2, workspace.pointer("x"));
    expect(Math.abs(norm / (5 * size) - 1)).toBeLessThan(1e-15);
    workspace.dispose();
  });

  test("has a norm of NaN or ∞ where an entry is", () => {
    const workspace = new Workspace([{ name: "x", length: 4 }], "f64");
    workspace.real("x").set([1, Number.NaN, 2, 3]);
    expect(workspace.kernels.norm(4, workspace.pointer("x"))).toBeNaN();
    workspace.real("x").set([1, -Infinity, 2, 3]);
    expect(workspace.kernels.norm(4, workspace.pointer("x"))).toBe(Infinity);
    workspace.dispose();
  });
});

describe("scalar functions", () => {
  test("agree with the engine's own to the last digits", () => {
    for (let i = -50; i <= 50; i++) {
      const x = i * 0.137;
      expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(4e-16);
      expect(Math.abs(cos(x) - Math.cos(x))).toBeLessThan(3e-16);
      expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThan(3e-16);
      expect(Math.abs(log(Math.abs(x) + 0.1) - Math.log(Math.abs(x) + 0.1))).toBeLessThan(5e-16);
      expect(Math.abs(pow(0.9, i) / 0.9 ** i - 1)).toBeLessThan(4e-16);
    }
  });
});

describe("a running product", () => {
  test("is βᵗ to the last bit or its neighbour after any number of steps", () => {
    for (const beta of [0.9, 0.999, 0.9999, 0.5, 0.123456789]) {
      const state = Float64Array.of(1, 0);
      for (let t = 1; t <= 20_000; t++) {
        const product = multiplyRunning(state, 0, beta);
        const exact = pow(beta, t);
        if (exact < 1e-200) {
          expect(product).toBe(0);
          break;
        }
        expect(Math.abs(product / exact - 1)).toBeLessThan(2.3e-16);
      }
    }
  });

  test("stays 0 once a factor was 0", () => {
    const state = Float64Array.of(1, 0);
    expect(multiplyRunning(state, 0, 0)).toBe(0);
    expect(multiplyRunning(state, 0, 0.9)).toBe(0);
  });
});
