import { describe, expect, it } from "vitest";
import { Random } from "../../src/core/random.ts";
import { checkGradient } from "../../src/curvature/check-gradient.ts";
import { beale, doubleWell, plateauBasin, rosenbrock, saddle } from "../../src/objectives/landscapes.ts";
import { twoValleys } from "../../src/objectives/two-valleys.ts";
import { asObjective } from "../../src/objectives/user.ts";
import { Probe } from "./probe.ts";

const uneven = twoValleys({ curvatures: [9, 2], depths: [0.5, 3], passCurvature: 5 });
const landscapes = [rosenbrock, beale, plateauBasin, saddle, doubleWell, uneven];

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

  it("[noise-escape] two valleys have the curvatures and depths that are asked for, and one piece goes over into the next", () => {
    const g = [0];
    const product = [0];
    for (const [curvatures, depths, passCurvature] of [
      [[16, 1], [1, 1], 4],
      [[0.1, 100], [2, 0.5], 30],
      [[1e-3, 1e3], [1e3, 1e-3], 1],
    ] as const) {
      const landscape = twoValleys({ curvatures, depths, passCurvature });
      expect(landscape.value([0])).toBe(0);
      landscape.hessianVectorProduct([0], [1], product);
      expect(product[0]).toBe(-passCurvature);
      landscape.valleys.forEach(({ at, joint, curvature, depth }, side) => {
        expect([curvature, depth]).toEqual([curvatures[side], depths[side]]);
        expect(Math.sign(at)).toBe(side === 0 ? -1 : 1);
        expect(landscape.value([at])).toBe(-depth);
        landscape.gradient([at], g);
        landscape.hessianVectorProduct([at], [1], product);
        expect([g[0], product[0]]).toEqual([0, curvature]);
        // About the joint values and slopes differ by no more than a step so short makes of them.
        const step = 1e-9 * Math.abs(joint);
        const slopes = [joint - step, joint + step].map((x) => {
          landscape.gradient([x], g);
          return g[0];
        });
        const largest = Math.max(curvature, passCurvature);
        expect(Math.abs(slopes[1] - slopes[0])).toBeLessThanOrEqual(2.1 * step * largest);
        const rise = landscape.value([joint + step]) - landscape.value([joint - step]);
        expect(Math.abs(rise - 2 * step * slopes[0])).toBeLessThan(
          1e-13 * depth + 1e-15 * passCurvature * joint ** 2,
        );
      });
      expect(landscape.minimum).toEqual(
        depths[0] === depths[1]
          ? undefined
          : { x: [landscape.valleys[depths[0] > depths[1] ? 0 : 1].at], value: -Math.max(...depths) },
      );
    }
  });

  it("mistakes about two valleys are told", () => {
    const call = (options: object) => () => twoValleys(options);
    expect(call({ curvature: [1, 2] })).toThrow(
      'twoValleys: unknown option "curvature"; did you mean curvatures?',
    );
    expect(call({ curvatures: [1] })).toThrow("twoValleys: curvatures must have 2 entries, got 1");
    expect(call({ curvatures: [1, -1] })).toThrow("twoValleys: curvatures[1] must lie in (0, ∞), got -1");
    expect(call({ curvatures: 3 })).toThrow(TypeError);
    expect(call({ depths: [0, 1] })).toThrow("twoValleys: depths[0] must lie in (0, ∞), got 0");
    expect(call({ passCurvature: Number.NaN })).toThrow(
      "twoValleys: passCurvature must lie in (0, ∞), got NaN",
    );
    expect(call({ curvatures: [1e-300, 1], passCurvature: 1e300 })).toThrow(/lie too far apart for f64/);
  });
});
