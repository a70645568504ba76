import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { finiteLength, thin } from "../../src/report/thin.ts";

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe("thin", () => {
  it("keeps everything up to the limit", () => {
    expect(thin([3, 1, 2], 4)).toEqual([0, 1, 2]);
    expect(thin([], 4)).toEqual([]);
  });

  it("keeps at most the limit, in order, with both ends and both extremes", () => {
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 4, max: 60 }),
        (values, limit) => {
          const kept = thin(values, limit);
          expect(kept.length).toBeLessThanOrEqual(limit);
          expect(kept.every((index, i) => i === 0 || index > kept[i - 1])).toBe(true);
          expect(kept[0]).toBe(0);
          expect(kept.at(-1)).toBe(values.length - 1);
          const shown = kept.map((i) => values[i]);
          expect(Math.max(...shown)).toBe(Math.max(...values));
          expect(Math.min(...shown)).toBe(Math.min(...values));
        },
      ),
    );
  });

  it("leaves a run that jumps between two levels as wide as it was, everywhere", () => {
    const values = Float64Array.from({ length: 100_001 }, (_, i) => (i % 2 ? 1 : -1));
    const kept = thin(values);
    expect(kept.length).toBeLessThanOrEqual(600);
    const windows = Array.from({ length: 100 }, (_, w) => kept.filter((i) => Math.floor(i / 1000) === w));
    for (const window of windows) expect(new Set(window.map((i) => values[i]))).toEqual(new Set([-1, 1]));
  });
});

describe("finiteLength", () => {
  it("counts what stands before the first value that is not finite", () => {
    expect(finiteLength([1, 2, Infinity, 3])).toBe(2);
    expect(finiteLength([Number.NaN])).toBe(0);
    expect(finiteLength([1, 2])).toBe(2);
  });
});
