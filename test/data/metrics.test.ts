import fc from "fast-check";
import { expect, it } from "vitest";
import { accuracy, rSquared } from "../../src/data/index.ts";

it("counts the share of equal predictions", () => {
  expect(accuracy([0, 1, 1, 2], Uint32Array.of(0, 1, 2, 2))).toBe(0.75);
  expect(accuracy(["a", "b"], ["b", "a"])).toBe(0);
  expect(accuracy([Number.NaN, 1], [Number.NaN, 1])).toBe(0.5);
});

it("gives R² = 1 to what is exact, 0 to the mean, and the textbook's value in between", () => {
  expect(rSquared([3, 1, 2], [3, 1, 2])).toBe(1);
  expect(rSquared([2, 2, 2], [1, 2, 3])).toBeCloseTo(0, 15);
  // 1 − 1 / (1 + 16 + 25) · 9 with the squares of 1, 2, 4 about 7/3 being 42/9
  expect(rSquared([1, 2, 3], [1, 2, 4])).toBeCloseTo(1 - 9 / 42, 15);
  expect(rSquared([3, 2, 1], [1, 2, 3])).toBeCloseTo(-3, 14);
});

it("does not change when predictions and values move and stretch together", () => {
  const value = fc.integer({ min: -1000, max: 1000 });
  const pairs = fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 20 });
  const units = fc.constantFrom(2 ** -1000, 2 ** -600, 1, 2 ** 600, 2 ** 1000);
  fc.assert(
    fc.property(
      pairs.filter((all) => new Set(all.map(([, y]) => y)).size > 1),
      units,
      (all, unit) => {
        const of = (map: (v: number) => number) =>
          rSquared(
            all.map(([p]) => map(p)),
            all.map(([, y]) => map(y)),
          )!;
        const plain = of((v) => v);
        expect(Math.abs(of((v) => v * unit) - plain)).toBeLessThanOrEqual(1e-13 * Math.abs(1 - plain));
        expect(Math.abs(of((v) => v + 2 ** 40) - plain)).toBeLessThanOrEqual(1e-13 * Math.abs(1 - plain));
      },
    ),
  );
});

it("gives no R² where none is defined: values that are all the same, or predictions that are not finite", () => {
  expect(rSquared([1, 2], [5, 5])).toBeNull();
  expect(rSquared([0.1, 0.1, 0.1], [0.1, 0.1, 0.1])).toBeNull();
  expect(rSquared([1, Number.NaN], [1, 2])).toBeNull();
  expect(rSquared([1, -Infinity], [1, 2])).toBeNull();
  expect(rSquared([1e200, 1], [1, 2])).toBe(-Infinity);
});

it("refuses lengths that differ or are 0, and values that are not finite", () => {
  expect(() => accuracy([1], [1, 2])).toThrow(
    "accuracy: predicted and actual must have the same length, got 1 and 2",
  );
  expect(() => accuracy([], [])).toThrow("accuracy: predicted and actual must not be empty");
  expect(() => rSquared([1, 2], [1])).toThrow("rSquared: predicted and actual must have the same length");
  expect(() => rSquared([1, 2], [1, Number.NaN])).toThrow("rSquared: actual[1] must be finite, got NaN");
});
