import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.ts";
import { checkGradient } from "../../src/curvature/check-gradient.ts";
import { beale, doubleWell, plateauBasin, rosenbrock, saddle } from "../../src/objectives/landscapes.ts";
import { asObjective } from "../../src/objectives/user.ts";
import { Probe } from "./probe.ts";

const landscapes = [rosenbrock, beale, plateauBasin, saddle, doubleWell];

describe.each(landscapes)("$name", (landscape) => {
  it("has a gradient and Hessian–vector products that differences confirm", () => {
    const random = new Random(1);
    const points = [
      landscape.start,
      ...[0.05, 0.5, 2].map((size) => landscape.start.map(() => size * random.normal())),
    ];
    for (const at of points) {
      const { ok, message, hessianVectorProduct } = checkGradient(landscape, { at });
      expect(ok, message).toBe(true);
      expect(hessianVectorProduct?.ok, hessianVectorProduct?.message).toBe(true);
    }
  });

  it("has the minimum it names, with no gradient there", () => {
    const { minimum } = landscape;
    if (!minimum) {
      expect(landscape.value([0, 100])).toBeLessThan(-1000);
      return;
    }
    const probe = new Probe(asObjective(landscape)).at(minimum.x);
    const { value, gradient } = probe.valueAndGradient();
    expect(value).toBe(minimum.value);
    expect(gradient.every((entry) => entry === 0)).toBe(true);
    expect(landscape.value(landscape.start)).toBeGreaterThan(minimum.value);
  });
});

describe("landscapes", () => {
  it("Rosenbrock's Hessian at the minimum has the eigenvalues of truths.md, row 11", () => {
    const probe = new Probe(asObjective(rosenbrock)).at([1, 1]);
    const [[a, b], [, c]] = [probe.product([1, 0]), probe.product([0, 1])];
    const root = Math.sqrt(((a - c) / 2) ** 2 + b * b);
    expect((a + c) / 2 + root).toBeCloseTo(1001.60064, 5);
    expect((a + c) / 2 - root).toBeCloseTo(0.3993608, 7);
  });

  it("[plateau-basin] the basin is 20,000 times as curved as the plateau is steep", () => {
    const probe = new Probe(asObjective(plateauBasin));
    expect(probe.at([0, 0]).product([1, 0])[0]).toBeCloseTo(200.01, 10);
    for (const at of [
      [3, 2],
      [1, 0],
      [0, -0.5],
    ]) {
      const [gx, gy] = probe.at(at).gradient();
      expect(Math.sqrt(gx * gx + gy * gy)).toBeLessThan(0.01);
    }
  });

  it("[chaos] gradient descent on the double well leaves the minimum for a 2-cycle at η = 1 (truths.md, row 3)", () => {
    const g = [0];
    const settle = (rate: number) => {
      let x = 0.9;
      const tail: number[] = [];
      for (let step = 0; step < 20_000; step++) {
        doubleWell.gradient([x], g);
        x -= rate * g[0];
        if (step >= 19_998) tail.push(x);
      }
      return Math.abs(tail[1] - tail[0]);
    };
    expect(settle(0.98)).toBeLessThan(1e-12);
    expect(settle(1.02)).toBeGreaterThan(0.1);
  });
});
