import { describe, expect, test } from "vitest";
import { kramersTime, meanPassageTime, shareOnTheRight } from "../../../src/dynamics/noise/langevin.ts";
import { type TwoValleys, twoValleys } from "../../../src/index.ts";

/**
 * The mean first passage by another way: −Tτ″ + f′τ′ = 1 with τ = 0 where it has arrived, as a random walk between the points of a
 * grid with the rates of Chang and Cooper's kind, whose backward equation is one sweep of recurrences.
 */
function onGrid(landscape: TwoValleys, temperatures: readonly number[], start: number): number {
  const target = 0.9 * landscape.valleys[start < 0 ? 1 : 0].at;
  const far = start < 0 ? -12 : 12;
  const points = 400_000;
  const step = (target - far) / points;
  const value = (i: number) => {
    const x = far + i * step;
    return landscape.value([x]) / temperatures[x < 0 ? 0 : 1];
  };
  // Mean time from i to i + 1: (1/right) + (left/right)·(mean time from i − 1 to i).
  let [time, total] = [0, 0];
  for (let i = 0; i < points; i++) {
    const temperature = temperatures[far + i * step < 0 ? 0 : 1];
    const right = (temperature / step ** 2) * Math.exp((value(i) - value(i + 1)) / 2);
    const left = (temperature / step ** 2) * Math.exp((value(i) - value(i - 1)) / 2);
    time = i === 0 ? 1 / right : (1 + left * time) / right;
    if (Math.abs(far + i * step) < Math.abs(start) || Math.sign(far + i * step) !== Math.sign(start))
      total += time;
  }
  return total;
}

describe("the diffusion that small steps follow", () => {
  const landscape = twoValleys({ curvatures: [10, 1], depths: [1, 1.2], passCurvature: 4 });

  test("[noise-escape] takes as long from valley to valley as a random walk on a fine grid", () => {
    for (const [left, right] of [
      [0.2, 0.2],
      [1, 1],
      [0.3, 0.6],
      [0.6, 0.05],
    ]) {
      for (const { at } of landscape.valleys) {
        const time = meanPassageTime(landscape, [left, right], at);
        expect(Math.abs(time / onGrid(landscape, [left, right], at) - 1)).toBeLessThan(2e-4);
      }
    }
  });

  test("[noise-escape] comes to Kramers' law in deep valleys, also with two temperatures", () => {
    const even = twoValleys({ curvatures: [6, 4], passCurvature: 5 });
    for (const [left, right] of [
      [1, 1],
      [1, 2],
      [2, 1],
    ]) {
      const error = (cold: number) => {
        const temperatures = [left / cold, right / cold] as const;
        return Math.abs(
          meanPassageTime(even, temperatures, -0.5) / kramersTime(even, temperatures, -0.5) - 1,
        );
      };
      expect(error(60)).toBeLessThan(1e-6);
      expect(error(20)).toBeLessThan(0.01);
    }
    const formula = ((2 * Math.PI) / Math.sqrt(6 * 5)) * Math.exp(1 / 0.1);
    expect(kramersTime(even, [0.1, 0.1], -0.5) / formula).toBeCloseTo(1, 12);
  });

  test("stays finite where only one valley is deep beside the noise, and is infinite beyond the range of f64", () => {
    // On the cold side nothing but a descent: from the pass, where it is infinitely slow, on by the last of the noise.
    expect(meanPassageTime(landscape, [1, 1e-9], -1)).toBeLessThan(50);
    expect(meanPassageTime(landscape, [1, 1e-9], -1)).toBeGreaterThan(
      meanPassageTime(landscape, [1, 0.1], -1),
    );
    expect(meanPassageTime(landscape, [1, 1e9], -1)).toBeGreaterThan(0);
    expect(meanPassageTime(landscape, [1e-3, 1e-3], -1)).toBe(Infinity);
    const from = (start: number) => meanPassageTime(landscape, [0.5, 0.5], start);
    expect(from(-50)).toBeGreaterThan(from(-5));
    // Ten times as far away, a descent is longer by ln 10/λ.
    expect(from(-1e6) - from(-1e5)).toBeCloseTo(Math.log(10) / 10, 4);
    expect(meanPassageTime(landscape, [0.5, 0.5], -1e-9)).toBeGreaterThan(0);
  });

  test("has the shares that widths and depths give, from the coldest to the hottest", () => {
    const even = twoValleys({ curvatures: [16, 1], passCurvature: 4 });
    // Cold: Gauss's integrals, whose widths are 1/√λ.
    for (const temperature of [5e-3, 1e-3, 1e-9]) {
      expect(shareOnTheRight(even, [temperature, temperature])).toBeCloseTo(0.8, 8);
    }
    expect(shareOnTheRight(even, [1e12, 1e12])).toBeCloseTo(0.8, 5);
    // A deeper valley has all of it.
    expect(shareOnTheRight(landscape, [1e-4, 1e-4])).toBe(1);
    expect(shareOnTheRight(even, [0.2, 0.01])).toBe(1);
  });
});
