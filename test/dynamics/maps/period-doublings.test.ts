import { describe, expect, test } from "vitest";
import {
  adam,
  cosineLandscape,
  cubicValley,
  type DynamicalMap,
  doubleWell,
  factorization,
  feigenbaum,
  gradientDescent,
  heavyBall,
  iteratedMap,
  momentum,
  nesterov,
  optimizerMap,
  periodDoublings,
  periods,
  polynomialLandscape,
  qhm,
  quadratic,
  rosenbrock,
  sgd,
  slopeMap,
  speedLimit,
} from "../../../src/index.ts";

const cubic = optimizerMap(gradientDescent(), cubicValley);
const well = optimizerMap(gradientDescent(), doubleWell);
const logistic = slopeMap(cubicValley);

const DELTA = 4.66920160910299;
const ALPHA = 2.50290787509589;

/** Numbers with 240 bits behind the point: an arithmetic that has nothing to do with f64's rounding. */
const BITS = 240n;
const ONE = 1n << BITS;
const exactly = (x: number): bigint => BigInt(x * 2 ** 60) << (BITS - 60n);
const times = (a: bigint, b: bigint): bigint => (a * b) >> BITS;
const over = (a: bigint, b: bigint): bigint => (a << BITS) / b;

/** The multiplier of a cycle of x ← x − ηf′(x) in long arithmetic, from a point near it. */
function exactMultiplier(
  slope: (x: bigint) => bigint,
  bend: (x: bigint) => bigint,
  rate: bigint,
  near: number,
  period: number,
): bigint {
  let x = exactly(near);
  let multiplier = ONE;
  for (let newton = 0; newton < 12; newton++) {
    let moved = x;
    multiplier = ONE;
    for (let k = 0; k < period; k++) {
      multiplier = times(multiplier, ONE - times(rate, bend(moved)));
      moved -= times(rate, slope(moved));
    }
    x -= over(moved - x, multiplier - ONE);
  }
  return multiplier;
}

describe("period doublings", () => {
  test("[chaos] of x²/2 − x³/3 are those of the logistic map (truths 2)", () => {
    const { doublings, complete, message } = periodDoublings(cubic);
    expect(complete).toBe(true);
    expect(message).toBe("gradientDescent on cubicValley: 5 doublings of period 1 were located");
    expect(doublings.map(({ period }) => period)).toEqual([1, 2, 4, 8, 16]);
    const rates = doublings.map(({ rate }) => rate);
    expect(Math.abs(rates[0] - 2)).toBeLessThan(1e-14);
    expect(Math.abs(rates[1] - Math.sqrt(6))).toBeLessThan(1e-14);
    expect(rates[2]).toBeCloseTo(2.54409, 6);
    expect(rates[3]).toBeCloseTo(2.564407, 6);
    // r = 1 + η of the third is an algebraic number: a root of this polynomial (Borwein and Bailey 2003).
    const polynomial = [4913, 0, 2108, -604, -977, 8, 44, 392, -193, -40, 48, -12, 1];
    const r = 1 + rates[2];
    const value = polynomial.reduceRight((sum, c) => sum * r + c, 0);
    const slope = polynomial.reduceRight((sum, c, k) => (k > 0 ? sum * r + k * c : sum), 0);
    expect(Math.abs(value / slope)).toBeLessThan(1e-11);
    for (const [k, superstable] of [1, Math.sqrt(5), 2.4985616993, 2.5546408628, 2.5666673799].entries()) {
      expect(Math.abs(doublings[k].superstable - superstable)).toBeLessThan(6e-11);
    }
  });

  test.each([
    ["x²/2 − x³/3", cubic, (x: bigint) => x - times(x, x), (x: bigint) => ONE - 2n * x],
    [
      "the double well",
      well,
      (x: bigint) => times(times(x, x), x) - x,
      (x: bigint) => 3n * times(x, x) - ONE,
    ],
  ] as const)(
    "[chaos] the first five of %s are right to 13 digits and more, in long arithmetic",
    (_, map, slope, bend) => {
      for (const { rate, period, cycle } of periodDoublings(map).doublings) {
        // The multiplier passes −1 between the neighbours of the rate.
        const [before, after] = [rate - 5e-14, rate + 5e-14].map((near) =>
          exactMultiplier(slope, bend, exactly(near), cycle[0], period),
        );
        expect([before > -ONE, after < -ONE]).toEqual([true, true]);
      }
    },
  );

  test("[chaos] of the double well are 1 and √5 − 1 (truths 3), about either minimum", () => {
    for (const start of [0.6, -0.6]) {
      const { doublings } = periodDoublings(well, { start, count: 3 });
      expect(doublings[0].rate).toBeCloseTo(1, 14);
      expect(doublings[1].rate).toBeCloseTo(Math.sqrt(5) - 1, 13);
      expect(Math.sign(doublings[2].cycle[0])).toBe(Math.sign(start));
    }
  });

  test("[chaos] the first is the speed limit of the rule at the minimum's curvature", () => {
    for (const rule of [
      gradientDescent(),
      sgd({ momentum: 0.4 }),
      sgd({ momentum: 0.4, nesterov: true }),
      momentum({ beta: 0.4 }),
      heavyBall({ beta: 0.4 }),
      nesterov({ momentum: 0.4 }),
      qhm({ beta: 0.4, nu: 0.6 }),
    ]) {
      const map = optimizerMap(rule, cosineLandscape({ stiffness: 0.5 }));
      const [{ rate }] = periodDoublings(map, { count: 1 }).doublings;
      expect(rate).toBeCloseTo(speedLimit(rule, { lambdaMax: 1.5 }), 12);
    }
  });

  test("[chaos] of many variables, too: the steepest of a quadratic, and of wells that do not know of each other", () => {
    for (const diagonal of [[3, 1], [1, 2, 3, 4, 5, 6], Array.from({ length: 20 }, (_, i) => 1 + i / 4)]) {
      const map = optimizerMap(gradientDescent(), quadratic({ diagonal }));
      const { doublings } = periodDoublings(map);
      expect(doublings.map(({ rate }) => rate * Math.max(...diagonal))).toEqual([expect.closeTo(2, 12)]);
    }
    // One cubic valley that doubles, and four round ones beside it that have settled by then.
    const side = [0.1, 0.2, 0.3, 0.4];
    const wells = optimizerMap(gradientDescent(), {
      dimension: 5,
      value: () => 0,
      gradient(x, g) {
        g[0] = x[0] - x[0] * x[0];
        side.forEach((curvature, i) => {
          g[i + 1] = curvature * x[i + 1];
        });
      },
    });
    const rates = periodDoublings(wells, { count: 3, start: [0.3, 0, 0, 0, 0] }).doublings.map(
      ({ rate }) => rate,
    );
    [2, Math.sqrt(6), 2.54409].forEach((rate, i) => {
      expect(rates[i]).toBeCloseTo(rate, 5);
    });
  });

  test("[chaos] the cycles are those that orbits find on either side", () => {
    for (const { rate, period, cycle } of periodDoublings(cubic, { count: 4 }).doublings) {
      const found = periods(cubic, { rates: [rate - 1e-3, rate + 1e-3], burnIn: 100_000 });
      expect([...found.periods]).toEqual([period, 2 * period]);
      const points = [...found.points.subarray(0, period)].sort((a, b) => a - b);
      [...cycle]
        .sort((a, b) => a - b)
        .forEach((x, k) => void expect(Math.abs(points[k] - x)).toBeLessThan(5e-3));
    }
  });

  test("[chaos] where a symmetry breaks the cycle that takes over is followed: the pendulum", () => {
    // x ← x − η sin x: 0 doubles at 2. The 2-cycle ±x keeps its symmetry up to η = π; then a, a − π with η sin a = π
    // takes over, superstable at cos a = 1/η, η = √(π² + 1), with the multiplier (1 − η cos a)(1 + η cos a) = 1 − η² + π², −1 at √(π² + 2).
    const { doublings } = periodDoublings(optimizerMap(gradientDescent(), cosineLandscape()), { count: 2 });
    expect(doublings[0].rate).toBeCloseTo(2, 13);
    expect(doublings[1].rate).toBeCloseTo(Math.sqrt(Math.PI ** 2 + 2), 12);
    expect(doublings[1].superstable).toBeCloseTo(Math.sqrt(Math.PI ** 2 + 1), 12);
    expect(Math.abs(doublings[1].cycle[0] - doublings[1].cycle[1])).toBeCloseTo(Math.PI, 12);
  });

  test("[chaos] a window has a cascade of its own: that of period 3 begins at r = 3.8415", () => {
    const { doublings } = periodDoublings(logistic, { from: 3.83, period: 3, count: 3 });
    expect(doublings.map(({ period }) => period)).toEqual([3, 6, 12]);
    // 3 → 6 at 3.841499… (Gordon 1996), where the multiplier of the 3-cycle is −1.
    expect(doublings[0].rate).toBeCloseTo(3.841499, 6);
    expect(doublings[0].superstable).toBeCloseTo(3.831874055, 9);
  });

  test("[chaos] maps of one's own, with and without derivatives, and of two variables", () => {
    const derivative = (x: number, r: number) => r * (1 - 2 * x);
    const own = iteratedMap((x, r) => r * x * (1 - x), { derivative });
    const exact = periodDoublings(own).doublings;
    const differences = periodDoublings(iteratedMap((x, r) => r * x * (1 - x))).doublings;
    periodDoublings(cubic).doublings.forEach(({ rate }, k) => {
      expect(Math.abs(exact[k].rate - 1 - rate)).toBeLessThan(1e-13);
      expect(Math.abs(differences[k].rate - 1 - rate)).toBeLessThan(1e-9);
    });
    // Hénon's map at b = 0.3: the fixed point doubles at 3(1 − b)²/4 = 0.3675, the 2-cycle at 0.9125 (Hénon 1976; (1 − b)² + (1 + b)²/4).
    const henon = iteratedMap({
      dimension: 2,
      step([x, y], a, next) {
        next[0] = 1 - a * x * x + y;
        next[1] = 0.3 * x;
      },
    });
    const { doublings } = periodDoublings(henon, { count: 2, start: [0, 0] });
    expect(doublings[0].rate).toBeCloseTo(0.3675, 8);
    expect(doublings[1].rate).toBeCloseTo(0.49 + 1.69 / 4, 8);
    expect(doublings[0].superstable).toBeNaN();
  });

  test("a cascade that ends says where and why", () => {
    const line = periodDoublings(optimizerMap(gradientDescent(), polynomialLandscape([0, 4])));
    expect(line.doublings.map(({ rate }) => rate)).toEqual([0.5]);
    expect(line).toMatchObject({
      complete: false,
      message: expect.stringMatching(
        /ends after 1 of 5 doublings: no stable cycle of period 2 was found beyond 0\.5/,
      ),
    });
    const flat = periodDoublings(optimizerMap(gradientDescent(), factorization()));
    expect(flat).toMatchObject({
      doublings: [],
      message: expect.stringMatching(/no stable cycle of period 1.*say by from and start/),
    });
    const there = periodDoublings(logistic, { from: 3.7 });
    expect(there).toMatchObject({
      doublings: [],
      message: expect.stringMatching(/no stable cycle of period 1 was found at 3\.7/),
    });
    const turning = periodDoublings(
      iteratedMap({
        dimension: 2,
        // A spiral that loses its stability by turning: eigenvalues rate·e^{±i}.
        step([x, y], rate, next) {
          const r = rate * (1 - x * x - y * y);
          next[0] = r * (Math.cos(1) * x - Math.sin(1) * y);
          next[1] = r * (Math.sin(1) * x + Math.cos(1) * y);
        },
      }),
      { start: [0.1, 0.1] },
    );
    expect(turning).toMatchObject({
      doublings: [],
      message: expect.stringMatching(/cannot be followed beyond (0\.9999|1)/),
    });
    expect(periodDoublings(optimizerMap(adam(), doubleWell)).complete).toBe(false);
    expect(
      periodDoublings(optimizerMap(gradientDescent(), rosenbrock), { count: 1 }).doublings[0].rate,
    ).toBeCloseTo(2 / 1001.60064, 6);
  });
});

describe("Feigenbaum's constants", () => {
  test("[chaos] δ to 6 digits and α to 4, and the onset at 2.569946, from x²/2 − x³/3 (truths 2)", () => {
    const { delta, alpha, onset, deltas, rates } = feigenbaum(cubic);
    expect(Math.abs(delta / DELTA - 1)).toBeLessThan(5e-8);
    expect(Math.abs(alpha / ALPHA - 1)).toBeLessThan(5e-7);
    // 1 + η = 3.5699456718709449018… (Briggs 1991).
    expect(Math.abs(onset - 2.569945671870945)).toBeLessThan(1e-12);
    expect(rates).toHaveLength(11);
    // Each quotient is nearer than the last, by about δ.
    deltas.slice(2, 8).forEach((quotient, k) => {
      expect(Math.abs(quotient - DELTA)).toBeLessThan(Math.abs(deltas[k + 1] - DELTA));
    });
  });

  const maps: readonly (readonly [string, DynamicalMap])[] = [
    ["the double well", well],
    ["the pendulum", optimizerMap(gradientDescent(), cosineLandscape())],
    ["heavy-ball momentum, whose state has two numbers", optimizerMap(sgd({ momentum: 0.3 }), cubicValley)],
    ["averaging momentum", optimizerMap(momentum({ beta: 0.5 }), cosineLandscape({ stiffness: 0.2 }))],
    ["the sine map of one's own, by differences", iteratedMap((x, r) => r * Math.sin(Math.PI * x))],
  ];
  test.each(maps)("[chaos] are the same for %s", (_, map) => {
    const { delta, alpha } = feigenbaum(map, { count: 10 });
    expect(Math.abs(delta / DELTA - 1)).toBeLessThan(1e-6);
    expect(Math.abs(alpha / ALPHA - 1)).toBeLessThan(5e-5);
  });

  test("[chaos] are others where the maximum is of the fourth order: δ = 7.28469, α = 1.69030", () => {
    // x ← 1 − ax⁴ (Briggs 1991, z = 4).
    const map = slopeMap(polynomialLandscape([0, 0, 0, 0, -1]), { offset: 1 });
    const { delta, alpha } = feigenbaum(map, { count: 7 });
    expect(delta).toBeCloseTo(7.28469, 2);
    expect(alpha).toBeCloseTo(1.6903, 2);
  });

  test("[chaos] limits that have not settled are told as they stand, with how far the last doubling moved them", () => {
    const heavy = optimizerMap(heavyBall({ beta: 0.9 }), doubleWell);
    const { delta, deltas, onset, rates, moved } = feigenbaum(heavy, { count: 8 });
    // Maps that keep areas have 8.721097 (Bountis 1981); this one, which nearly does, begins there.
    expect(deltas[0]).toBeGreaterThan(8);
    expect(delta).toBe(deltas.at(-1));
    expect(moved.delta).toBeGreaterThan(0.5);
    expect(onset).toBeGreaterThan(rates.at(-1)!);
    const sure = feigenbaum(cubic);
    expect(sure.moved.delta).toBeLessThan(1e-6);
    expect(Math.abs(sure.onset - 2.569945671870945)).toBeLessThanOrEqual(10 * sure.moved.onset + 1e-12);
    expect(feigenbaum(cubic, { count: 3 }).moved).toEqual({
      delta: Number.NaN,
      alpha: Number.NaN,
      onset: Number.NaN,
    });
  });

  test("are NaN where there are fewer than three doublings, and the message says why", () => {
    const { delta, alpha, onset, rates, message } = feigenbaum(
      optimizerMap(gradientDescent(), polynomialLandscape([0, 4])),
    );
    expect([delta, alpha, onset]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(rates).toEqual([0.5]);
    expect(message).toMatch(/ends after 1 of 11/);
  });
});
