import { describe, expect, it } from "vitest";
import { machineEpsilon, type Precision } from "../../src/core/precision.ts";
import { Workspace } from "../../src/core/workspace.ts";

type Mapping = "expInto" | "logInto" | "log1pInto" | "cbrtInto";

function mapped(precision: Precision, kernel: Mapping, x: ArrayLike<number>): Float64Array {
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
  kernel: Mapping,
  x: number[],
  reference: (x: number) => number,
): number {
  const points = x.map((entry) => rounded(precision, entry));
  const results = mapped(precision, kernel, points);
  let worst = 0;
  points.forEach((point, i) => {
    const expected = reference(point);
    const error = Math.abs(results[i] - expected) / Math.abs(expected) / machineEpsilon[precision];
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

  it("ln is within two units in the last place over the range of normal numbers, also next to 1", () => {
    const [least, most] = precision === "f64" ? [-1022, 1024] : [-126, 128];
    const powers = Array.from({ length: most - least }, (_, i) => 2 ** (least + i));
    const points = powers.flatMap((power) => [
      power,
      1.1 * power,
      0.999998 * Math.SQRT2 * power,
      1.000002 * Math.SQRT2 * power,
      1.9999 * power,
    ]);
    const near = Array.from({ length: 2001 }, (_, i) => 0.5 + i / 1000);
    const nearer = Array.from({ length: 40 }, (_, i) => 2 ** -i / 3).flatMap((u) => [1 - u, 1 + u]);
    const tested = [...points, ...near, ...nearer].filter((x) => rounded(precision, x) !== 1);
    expect(worstError(precision, "logInto", tested, Math.log)).toBeLessThan(1.1);
    expect(mapped(precision, "logInto", [1])[0]).toBe(0);
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

/** A number as m·2ᵉ with a whole m. */
function parts(x: number): { readonly m: bigint; readonly e: number } {
  const bits = new BigUint64Array(Float64Array.of(Math.abs(x)).buffer)[0];
  const exponent = Number(bits >> 52n);
  const fraction = bits & ((1n << 52n) - 1n);
  return exponent === 0 ? { m: fraction, e: -1074 } : { m: fraction | (1n << 52n), e: exponent - 1075 };
}

/**
 * How far a number `digits` bits long is from ∛x, in units in its last place: by whole numbers, from
 * (c³ − x)/3c² (whose error is of second order).
 */
function cubeRootError(x: number, root: number, digits: 24 | 53): number {
  const c = parts(root);
  const target = parts(x);
  const shift = target.e - 3 * c.e;
  const scale = 1n << BigInt(Math.max(0, -shift));
  const excess = c.m ** 3n * scale - (target.m << BigInt(Math.max(0, shift)));
  const inUlpsOfF64 = Number((excess * 10n ** 9n) / (3n * c.m * c.m * scale)) / 1e9;
  return inUlpsOfF64 / 2 ** (53 - digits);
}

describe.each(["f64", "f32"] as const)("the cube root of whole registers in %s", (precision) => {
  const digits = precision === "f64" ? 53 : 24;
  const largest = precision === "f64" ? Number.MAX_VALUE : (2 - 2 ** -23) * 2 ** 127;
  const least = precision === "f64" ? 5e-324 : 2 ** -149;
  const roots = (x: number[]) =>
    mapped(
      precision,
      "cbrtInto",
      x.map((each) => rounded(precision, each)),
    );

  /** Numbers from 2^low to 2^high, each exponent as likely as the next, and no two significands alike. */
  const spread = (low: number, high: number, count: number) =>
    Array.from({ length: count }, (_, i) =>
      rounded(precision, 2 ** (low + (high - low) * ((i * 0.618_033_988_749_895) % 1))),
    );

  it.each([
    ["three octaves, which have every kind of significand", 0, 3],
    ["all normal numbers", precision === "f64" ? -1022 : -126, precision === "f64" ? 1023.9 : 127.9],
    ["denormal numbers", precision === "f64" ? -1074 : -149, precision === "f64" ? -1022 : -126],
    ["the largest", precision === "f64" ? 1020 : 124, precision === "f64" ? 1023.999 : 127.999],
  ] as const)("is within 0.51 units in the last place of the exact one on %s", (_, low, high) => {
    const points = spread(low, high, 20_000);
    const found = roots(points);
    points.forEach((x, i) => {
      const error = Math.abs(cubeRootError(x, found[i], digits));
      if (!(error < 0.51)) expect(error, `∛${x}`).toBeLessThan(0.51);
    });
  });

  it("is Math.cbrt's to a unit in the last place, for both signs", () => {
    const points = spread(-60, 60, 5000).map((x, i) => (i % 2 ? x : -x));
    const found = roots(points);
    points.forEach((x, i) => {
      const expected = Math.cbrt(x);
      expect(Math.abs(found[i] / expected - 1)).toBeLessThanOrEqual(machineEpsilon[precision]);
    });
  });

  it("is exact for cubes, and keeps zeros, infinities and NaN", () => {
    const whole = Array.from({ length: 200 }, (_, i) => i - 100);
    expect(Array.from(roots(whole.map((n) => n ** 3)))).toEqual(whole.map((n) => (n === 0 ? 0 : n)));
    const [zero, minusZero, up, down, nan] = roots([0, -0, Infinity, -Infinity, Number.NaN]);
    expect([zero, up, down, nan]).toEqual([0, Infinity, -Infinity, Number.NaN]);
    expect(Object.is(minusZero, -0)).toBe(true);
    for (const extreme of [largest, least, -least]) {
      expect(roots([extreme])[0]).toBe(rounded(precision, Math.cbrt(extreme)));
    }
  });
});
