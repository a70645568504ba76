import { describe, expect, test } from "vitest";
import { gaussLegendre } from "../../src/core/gauss-legendre.ts";
import { normalCdf, normalDensity, normalQuantile } from "../../src/core/normal.ts";
import { atan2, sin } from "../../src/core/scalar.ts";
import { studentSize } from "../../src/core/student.ts";

const relative = (actual: number, expected: number) => Math.abs(actual / expected - 1);

test("sin and atan2 agree with the engine's own to the last digits", () => {
  for (let i = -40; i <= 40; i++) {
    const x = i * 0.171;
    expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThan(3e-16);
    expect(Math.abs(atan2(x, 1.3) - Math.atan2(x, 1.3))).toBeLessThan(5e-16);
    expect(Math.abs(atan2(x, -0.2) - Math.atan2(x, -0.2))).toBeLessThan(5e-16);
  }
});

describe("the normal distribution", () => {
  // Of mpmath 1.3 (ncdf), in 30 digits.
  test.each([
    [-30, 4.906713927148187e-198],
    [-9, 1.1285884059538408e-19],
    [-2.5, 0.006209665325776135],
    [-2.4, 0.008197535924596131],
    [-1, 0.15865525393145705],
    [-0.3, 0.3820885778110473],
    [0.7, 0.758036347776927],
    [2, 0.9772498680518208],
  ])("is at most %s with probability %s", (z, p) => {
    expect(relative(normalCdf(z), p)).toBeLessThan(z < -20 ? 2e-14 : 4e-15);
  });

  test("has the quantile that undoes it, in both tails", () => {
    for (const p of [1e-300, 1e-20, 1e-5, 0.0999, 0.1, 0.3]) {
      expect(relative(normalCdf(normalQuantile(p)), p)).toBeLessThan(1e-12);
    }
    for (const p of [0.7, 0.975, 1 - 1e-12]) {
      expect(normalQuantile(p)).toBe(-normalQuantile(1 - p));
    }
    expect(normalQuantile(0.5)).toBe(0);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
    expect(normalDensity(1)).toBeCloseTo(0.24197072451914337, 16);
  });
});

describe("Student's distribution", () => {
  // Of mpmath 1.3 (betainc), in 30 digits.
  test.each([
    [1e-8, 3, 7.351051938957227e-9],
    [0.5, 2, 1 / 3],
    [2, 1, 0.7048327646991335],
    [2.5, 7, 0.9590077814142471],
    [0.001, 299, 0.0007972175799940961],
    [1.2, 299, 0.7689107182141376],
  ])("stays below %s in size for %s degrees of freedom with probability %s", (size, degrees, p) => {
    expect(relative(studentSize(p, degrees), size)).toBeLessThan(1e-12);
  });

  test("has the printed two-sided 95% and 99.9% sizes", () => {
    // Fisher and Yates, Statistical tables, table III.
    expect(studentSize(0.95, 1)).toBeCloseTo(12.706, 3);
    expect(studentSize(0.95, 10)).toBeCloseTo(2.228, 3);
    expect(studentSize(0.95, 30)).toBeCloseTo(2.042, 3);
    expect(studentSize(0.999, 60)).toBeCloseTo(3.46, 3);
    expect(studentSize(0.95, 1e7)).toBeCloseTo(1.959964, 6);
  });

  test("is Cauchy's for one degree of freedom, and has a closed form for two, from tiny probabilities to those next to 1", () => {
    for (const p of [1e-12, 1e-6, 0.3, 0.5, 0.95, 1 - 1e-9]) {
      const tail = (1 - p) / 2;
      const cauchy = p < 0.5 ? Math.tan((Math.PI * p) / 2) : 1 / Math.tan(Math.PI * tail);
      expect(relative(studentSize(p, 1), cauchy)).toBeLessThan(1e-12);
      // |T| < t with probability t/√(2 + t²).
      const two = p < 0.5 ? p * Math.sqrt(2 / (1 - p * p)) : p / Math.sqrt(2 * tail * (1 - tail));
      expect(relative(studentSize(p, 2), two)).toBeLessThan(1e-12);
    }
  });
});

describe("Gauss's quadrature", () => {
  test.each([1, 2, 5, 16, 44])("of %s points is exact for polynomials of twice the degree", (n) => {
    const { nodes, weights, cumulative } = gaussLegendre(n);
    const total = (f: (x: number) => number) => nodes.reduce((sum, x, k) => sum + weights[k] * f(x), 0);
    for (let degree = 0; degree < 2 * n; degree++) {
      expect(total((x) => x ** degree)).toBeCloseTo(degree % 2 === 0 ? 2 / (degree + 1) : 0, 13);
    }
    // Up to each node it integrates what is interpolated.
    nodes.forEach((end, k) => {
      const degree = n - 1;
      const sum = nodes.reduce((s, x, l) => s + cumulative[k * n + l] * x ** degree, 0);
      expect(sum).toBeCloseTo((end ** n - (-1) ** n) / n, 13);
    });
  });

  test("of three points is the printed one", () => {
    // DLMF table 3.5.1
    const { nodes, weights } = gaussLegendre(3);
    expect(nodes[2]).toBeCloseTo(Math.sqrt(3 / 5), 15);
    expect(Array.from(weights, (w) => w * 9)).toEqual([5, 8, 5].map((w) => expect.closeTo(w, 13)));
  });
});
