import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rootBetween } from "../../src/core/root.ts";

/** The root that is found, and how often the function was asked. */
function find(f: (x: number) => number, low: number, high: number) {
  let asked = 0;
  const counted = (x: number) => {
    asked++;
    return f(x);
  };
  const root = rootBetween(counted, low, high);
  return { root, asked };
}

describe("a root between two points", () => {
  test.each([
    ["√2", (x: number) => x * x - 2, 0, 2, Math.SQRT2],
    ["ln 3", (x: number) => Math.exp(x) - 3, -1, 4, Math.log(3)],
    ["falling, with its larger value at the right", (x: number) => 2 - x ** 9, 0, 3, 2 ** (1 / 9)],
    ["a line", (x: number) => 0.3 - x, -5, 7, 0.3],
    ["π, steep and flat", (x: number) => Math.sin(x) * 1e-30, 2, 5, Math.PI],
  ] as const)(
    "is found to the last bits, in few steps where the function is smooth: %s",
    (_, f, low, high, expected) => {
      const { root, asked } = find(f, low, high);
      expect(Math.abs(root - expected)).toBeLessThanOrEqual(2 ** -51 * expected);
      expect(asked).toBeLessThan(16);
    },
  );

  test("is the place of a jump, by halving, and the end where the value is 0", () => {
    const { root, asked } = find((x) => (x < 1 / 3 ? -1 : 1), 0, 1);
    expect(Math.abs(root - 1 / 3)).toBeLessThan(2 ** -52);
    expect(asked).toBeLessThan(120);
    expect(find((x) => x, -1, 0).root).toBe(0);
  });

  test("is not there where the function cannot be evaluated", () => {
    expect(rootBetween((x) => (x === 0 ? 1 : x === 1 ? -1 : Number.NaN), 0, 1)).toBeNaN();
  });

  test("is found wherever a monotone cubic has it", () => {
    const number = fc.double({ min: -10, max: 10, noNaN: true });
    fc.assert(
      fc.property(number, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (at, steepness) => {
        const { root } = find((x) => steepness * (x - at + (x - at) ** 3), -11, 12);
        expect(Math.abs(root - at)).toBeLessThan(1e-14);
      }),
      { numRuns: 100, seed: 9 },
    );
  });

  test("is found where the function is smooth, flat, steep, or jumps", () => {
    expect(rootBetween((x) => x * x - 2, 0, 2)).toBeCloseTo(Math.SQRT2, 15);
    expect(Math.abs(rootBetween((x) => x ** 3, -1, 2))).toBeLessThan(1e-22);
    expect(rootBetween((x) => Math.tanh(50 * (x - 0.9)), 0, 1)).toBeCloseTo(0.9, 14);
    expect(rootBetween((x) => (x < 0.3 ? -1 : 1), 0, 1)).toBeCloseTo(0.3, 14);
    expect(rootBetween((x) => x - 3, 3, 5)).toBe(3);
    expect(rootBetween((x) => 5 - x, 3, 5)).toBe(5);
  });

  test("is found in a few turns, fewer where less is asked for", () => {
    let turns = 0;
    const counted = (x: number) => {
      turns++;
      return Math.exp(x) - 3;
    };
    rootBetween(counted, -5, 5);
    const all = turns;
    expect(all).toBeLessThan(20);
    turns = 0;
    expect(Math.abs(rootBetween(counted, -5, 5, 1e-3) - Math.log(3))).toBeLessThan(2e-3);
    expect(turns).toBeLessThan(all);
  });
});
