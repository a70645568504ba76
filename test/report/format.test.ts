import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatCount,
  formatFactor,
  formatNumber,
  formatPercent,
  formatPlural,
  typeset,
  typesetNumber,
} from "../../src/report/format.ts";

describe("formatNumber", () => {
  it("keeps three digits, drops trailing zeros and separates thousands", () => {
    expect([0.19968, 0.2, 2508.0096, 12345.6, 66.04, -0.5].map((x) => formatNumber(x))).toEqual([
      "0.2",
      "0.2",
      "2,510",
      "12,300",
      "66",
      "-0.5",
    ]);
  });

  it("writes an exponent below 0.001 and from 100,000 on, also where rounding reaches it", () => {
    expect([1668741.3, 1e5, 99999.9, 7.01e-7, -1e-12, 0.001, 0.00099999].map((x) => formatNumber(x))).toEqual(
      ["1.67e6", "1e5", "1e5", "7.01e-7", "-1e-12", "0.001", "0.001"],
    );
  });

  it("keeps all digits of whole numbers below 100,000 and as many as asked of others", () => {
    expect(formatNumber(20480)).toBe("20,480");
    expect(formatNumber(Math.PI, 6)).toBe("3.14159");
    expect(formatNumber(1234.5678, 7)).toBe("1,234.568");
  });

  it("writes zero without a sign, and what is not finite as it is", () => {
    expect([0, -0, Number.NaN, Infinity, -Infinity].map((x) => formatNumber(x))).toEqual([
      "0",
      "0",
      "NaN",
      "Infinity",
      "-Infinity",
    ]);
  });

  it("is the number again to three digits, for every number", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e308, max: 1e308 }), (x) => {
        const back = Number(formatNumber(x).replaceAll(",", ""));
        expect(Math.abs(back - x)).toBeLessThanOrEqual(0.00501 * Math.abs(x));
      }),
    );
  });
});

describe("formatFactor", () => {
  it("writes factors near 1 by their distance from it", () => {
    expect([0.98, 0.999, 1 - 8.3e-13, 1.005, 1, 0].map((x) => formatFactor(x, 2))).toEqual([
      "0.98",
      "1 - 0.001",
      "1 - 8.3e-13",
      "1 + 0.005",
      "1",
      "0",
    ]);
  });
});

describe("counts, nouns and shares", () => {
  it("separates thousands", () => {
    expect([0, 569, 1797, 1234567].map(formatCount)).toEqual(["0", "569", "1,797", "1,234,567"]);
  });

  it("agrees the noun with the count", () => {
    expect(formatPlural(1, "step")).toBe("1 step");
    expect(formatPlural(0, "step")).toBe("0 steps");
    expect(formatPlural(2000, "entry", "entries")).toBe("2,000 entries");
  });

  it("writes shares as percentages and never calls something nothing", () => {
    expect([0, 1e-9, 0.00173, 0.658, 0.99999, 1].map(formatPercent)).toEqual([
      "0%",
      "<0.1%",
      "0.173%",
      "65.8%",
      "100%",
      "100%",
    ]);
  });
});

describe("typeset", () => {
  it("sets powers of ten, minus signs, infinities and missing values", () => {
    expect(typesetNumber(1668741.3)).toBe("1.67\u00a0×\u00a010⁶");
    expect(typesetNumber(-1.2e-12)).toBe("−1.2\u00a0×\u00a010⁻¹²");
    expect(typesetNumber(1e-6)).toBe("10⁻⁶");
    expect(typesetNumber(-Infinity)).toBe("−∞");
    expect(typesetNumber(Number.NaN)).toBe("–");
    expect(typeset("from -3 to 1e5, × (1 - 8.3e-13)")).toBe("from −3 to 10⁵, × (1 − 8.3\u00a0×\u00a010⁻¹³)");
  });

  it("leaves words, hyphens and names alone", () => {
    for (const text of ["breast-cancer.csv", "x1e5", "v1.2e3", "a - b", "2-cycle", "mean_area"]) {
      expect(typeset(text)).toBe(text);
    }
  });
});
