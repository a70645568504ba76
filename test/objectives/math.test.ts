import { describe, expect, it } from "vitest";
import { machineEpsilon, type Precision } from "../../src/core/precision.ts";
import { Workspace } from "../../src/core/workspace.ts";

function mapped(precision: Precision, kernel: "expInto" | "log1pInto", x: ArrayLike<number>): Float64Array {
  const length = Math.ceil(x.length / 4) * 4;
  const blocks = ["x", "out"].map((name) => ({ name, length }));
  const workspace = new Workspace(blocks, precision);
  workspace.real("x").set(x);
  workspace.kernels[kernel](length, workspace.pointer("x"), workspace.pointer("out"));
  return Float64Array.from(workspace.real("out").subarray(0, x.length));
}

const rounded = (precision: Precision, x: number) => (precision === "f32" ? Math.fround(x) : x);

/** The largest relative error in units of ε = 2⁻⁵² or 2⁻²³ (one to two units in the last place). */
function worstError(
  precision: Precision,
  kernel: "expInto" | "log1pInto",
  x: number[],
  reference: (x: number) => number,
): number {
  const points = x.map((entry) => rounded(precision, entry));
  const results = mapped(precision, kernel, points);
  let worst = 0;
  points.forEach((point, i) => {
    const expected = reference(point);
    const error = Math.abs(results[i] - expected) / expected / machineEpsilon[precision];
    if (!(error <= worst)) worst = error;
  });
  return worst;
}

describe.each(["f64", "f32"] as const)("functions of whole registers in %s", (precision) => {
  const low = precision === "f64" ? -708 : -87;

  it("exp is within one unit in the last place from the least normal result to 0", () => {
    const points = Array.from({ length: 40_001 }, (_, i) => (low * i) / 40_000);
    const near = Array.from({ length: 2001 }, (_, i) => -i / 2000);
    expect(worstError(precision, "expInto", [...points, ...near], Math.exp)).toBeLessThan(1);
  });

  it("log1p is within one unit in the last place on (0, 1], down to the smallest arguments", () => {
    const points = Array.from({ length: 20_000 }, (_, i) => (i + 1) / 20_000);
    const small = Array.from({ length: 100 }, (_, i) => 2 ** -i * 0.7);
    expect(worstError(precision, "log1pInto", [...points, ...small], Math.log1p)).toBeLessThan(1.001);
  });

  it("exp is exact at 0, zero far below, and keeps NaN", () => {
    const [one, far, infinite, nan] = mapped(precision, "expInto", [0, -800, -Infinity, Number.NaN]);
    expect([one, far, infinite]).toEqual([1, 0, 0]);
    expect(nan).toBeNaN();
  });

  it("log1p is 0 at 0 and keeps NaN", () => {
    const [zero, nan] = mapped(precision, "log1pInto", [0, Number.NaN]);
    expect(zero).toBe(0);
    expect(nan).toBeNaN();
  });
});
