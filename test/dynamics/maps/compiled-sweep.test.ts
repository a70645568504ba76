// The core's sweeps against recurrences written down here, one orbit and one operation at a time.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Precision } from "../../../src/core/precision.ts";
import {
  bifurcation,
  cosineLandscape,
  cubicValley,
  type DynamicalMap,
  doubleWell,
  factorization,
  gradientDescent,
  type Landscape,
  lyapunov,
  momentum,
  optimizerMap,
  polynomialLandscape,
  sgd,
  slopeMap,
} from "../../../src/index.ts";

/** Rounds as the precision stores: each operation is rounded once. */
const rounded = { f64: (x: number) => x, f32: Math.fround } as const;

type Step = (x: number, v: number, rate: number, r: (value: number) => number) => readonly [number, number];

/** c₀ + c₁x + … from the highest power down, each operation rounded. */
const horner =
  (coefficients: readonly number[]) =>
  (x: number, r: (value: number) => number): number =>
    coefficients.reduceRight((sum, c) => r(r(sum * x) + c));

// Coefficients whose leading one is a power of two, so that it can be taken out without rounding.
const cubicSlope = horner([0, 1, -1]);
const quarticSlope = horner([0.25, -1, 0.5, 1]);
const highSlope = horner([0.125, -1, 0.25, 0.5, -0.125, 0.25]);

const descent =
  (slope: ReturnType<typeof horner>): Step =>
  (x, v, rate, r) => [r(x - r(rate * slope(x, r))), v];
const heavyBall =
  (beta: number, slope: ReturnType<typeof horner>): Step =>
  (x, v, rate, r) => {
    const velocity = r(r(r(beta) * v) + slope(x, r));
    return [r(x - r(rate * velocity)), velocity];
  };
const nesterov =
  (beta: number, slope: ReturnType<typeof horner>): Step =>
  (x, v, rate, r) => {
    const g = slope(x, r);
    const velocity = r(r(r(beta) * v) + g);
    return [r(x - r(rate * r(r(r(beta) * velocity) + g))), velocity];
  };
const average =
  (beta: number, slope: ReturnType<typeof horner>): Step =>
  (x, v, rate, r) => {
    const velocity = r(r(r(beta) * v) + r(r(1 - beta) * slope(x, r)));
    return [r(x - r(rate * velocity)), velocity];
  };
const product: Step = (u, v, rate, r) => {
  const error = r(r(u * v) - 1);
  return [r(u - r(rate * r(error * v))), r(v - r(rate * r(error * u)))];
};

const quartic = polynomialLandscape([0.25, -1, 0.5, 1]);
const high = polynomialLandscape([0.125, -1, 0.25, 0.5, -0.125, 0.25]);
const heavy = sgd({ momentum: 0.4 });
const looking = sgd({ momentum: 0.4, nesterov: true });
const averaging = momentum({ beta: 0.4 });

const cases: readonly (readonly [name: string, map: DynamicalMap, step: Step, from: number, to: number])[] = [
  ["descent, two powers", optimizerMap(gradientDescent(), cubicValley), descent(cubicSlope), 0.1, 2.9],
  ["descent, three powers", optimizerMap(gradientDescent(), quartic), descent(quarticSlope), 0.05, 1.2],
  [
    "descent, the double well",
    optimizerMap(gradientDescent(), doubleWell),
    descent(horner([0, -1, 0, 1])),
    0.1,
    1.9,
  ],
  ["descent, five powers", optimizerMap(gradientDescent(), high), descent(highSlope), 0.05, 0.9],
  [
    "descent, one power",
    optimizerMap(gradientDescent(), polynomialLandscape([-1, 2])),
    descent(horner([-1, 2])),
    0.1,
    0.99,
  ],
  ["heavy ball, two powers", optimizerMap(heavy, cubicValley), heavyBall(0.4, cubicSlope), 0.1, 2.9],
  ["heavy ball, three powers", optimizerMap(heavy, quartic), heavyBall(0.4, quarticSlope), 0.05, 1.2],
  ["heavy ball, five powers", optimizerMap(heavy, high), heavyBall(0.4, highSlope), 0.05, 0.9],
  ["Nesterov, two powers", optimizerMap(looking, cubicValley), nesterov(0.4, cubicSlope), 0.1, 1.6],
  ["Nesterov, three powers", optimizerMap(looking, quartic), nesterov(0.4, quarticSlope), 0.05, 0.7],
  ["Nesterov, five powers", optimizerMap(looking, high), nesterov(0.4, highSlope), 0.05, 0.5],
  ["averages, three powers", optimizerMap(averaging, quartic), average(0.4, quarticSlope), 0.05, 1.5],
  ["the logistic map", slopeMap(cubicValley), (x, v, p, r) => [r(p * r(x * r(1 - x))), v], 1, 3.99],
  [
    "an affine map of three powers",
    slopeMap(quartic, { keep: 0.5, offset: 0.25 }),
    (x, v, p, r) => [r(r(p * quarticSlope(x, r)) + r(r(0.5 * x) + 0.25)), v],
    -0.9,
    0.5,
  ],
  [
    "an affine map of five powers",
    slopeMap(high, { keep: 0.5, offset: 0.25 }),
    (x, v, p, r) => [r(r(p * highSlope(x, r)) + r(r(0.5 * x) + 0.25)), v],
    -0.9,
    0.5,
  ],
  ["the product of two", optimizerMap(gradientDescent(), factorization()), product, 0.05, 0.95],
];

/** `count` numbers from one to another. */
const between = (from: number, to: number, count: number) =>
  Float64Array.from({ length: count }, (_, i) => from + ((to - from) * i) / Math.max(1, count - 1));

/** The points of a lane after the burn-in, and the step at which it passed the bound. */
function runPlainly(
  step: Step,
  pair: boolean,
  start: readonly number[],
  rate: number,
  burnIn: number,
  keep: number,
  bound: number,
  precision: Precision,
) {
  const r = rounded[precision];
  const points: number[] = [];
  let [x, v] = [r(start[0]), r(start[1] ?? 0)];
  const isOut = () => !(Math.abs(x) <= bound && (!pair || Math.abs(v) <= bound));
  let escape = isOut() ? 0 : -1;
  for (let t = 1; t <= burnIn + keep; t++) {
    [x, v] = step(x, v, r(rate), r);
    if (escape < 0 && isOut()) escape = t;
    if (t > burnIn)
      points.push(...(escape < 0 ? (pair ? [x, v] : [x]) : pair ? [Number.NaN, Number.NaN] : [Number.NaN]));
  }
  return { points, escape };
}

for (const precision of ["f64", "f32"] as const) {
  describe(`sweeps in ${precision}`, () => {
    test.each(cases)("[chaos] %s: every lane has the bits of the recurrence", (_, map, step, from, to) => {
      const pair = map.dimension === 2;
      const rates = between(from, to, 300);
      const { values, escapes } = bifurcation(map, { rates, burnIn: 150, keep: 5, precision });
      const row = 5 * map.dimension;
      let settled = 0;
      rates.forEach((rate, i) => {
        const { points, escape } = runPlainly(step, pair, map.start, rate, 150, 5, 1e6, precision);
        expect(escapes[i]).toBe(escape);
        const found = [...values.subarray(i * row, (i + 1) * row)];
        // The core's coordinates are scaled: numbers near the end of the range may lose digits.
        const isTiny = points.some((x) => Math.abs(x) < (precision === "f64" ? 1e-290 : 1e-25));
        if (isTiny) points.forEach((x, k) => void expect(Math.abs(found[k] - x)).toBeLessThan(1e-20));
        else expect(found).toEqual(points);
        if (escape < 0) settled++;
      });
      expect(settled).toBeGreaterThan(100);
    });

    test("lanes have the same bits alone, in any company and in any place", () => {
      const map = optimizerMap(heavy, doubleWell);
      const rates = between(0.2, 2.6, 150);
      const options = { burnIn: 40, keep: 3, precision };
      const all = bifurcation(map, { ...options, rates });
      fc.assert(
        fc.property(fc.array(fc.nat(149), { minLength: 1, maxLength: 140 }), (chosen) => {
          const some = bifurcation(map, { ...options, rates: chosen.map((i) => rates[i]) });
          chosen.forEach((i, lane) => {
            expect(some.escapes[lane]).toBe(all.escapes[i]);
            expect([...some.values.subarray(3 * lane, 3 * lane + 3)]).toEqual([
              ...all.values.subarray(3 * i, 3 * i + 3),
            ]);
          });
        }),
        { numRuns: 25, seed: 11 },
      );
    });

    test("any number of lanes goes, around the widths of registers and chunks", () => {
      const map = slopeMap(cubicValley);
      for (const count of [1, 2, 3, 4, 5, 63, 64, 65, 127, 128, 129, 257]) {
        const rates = between(2.8, 4, count);
        const { values, escapes } = bifurcation(map, { rates, burnIn: 20, keep: 2, precision });
        expect([values.length, escapes.length]).toEqual([2 * count, count]);
        const [, , step] = cases[12];
        const { points } = runPlainly(step, false, [0.3], rates[count - 1], 20, 2, 1e6, precision);
        expect([...values.subarray(-2)]).toEqual(points);
      }
    });

    test("an escape is the first step beyond the bound, also where orbits come back, whatever the bound", () => {
      const [, map, step] = cases[12];
      const rates = between(2.9, 3.99, 200);
      for (const bound of [0.5, 0.7, 0.9, 0.95, 0.975, 1]) {
        const { values, escapes } = bifurcation(map, { rates, burnIn: 300, keep: 4, bound, precision });
        const found = new Set<number>();
        rates.forEach((rate, i) => {
          const { points, escape } = runPlainly(step, false, [0.3], rate, 300, 4, bound, precision);
          expect(escapes[i]).toBe(escape);
          expect([...values.subarray(4 * i, 4 * i + 4)]).toEqual(points);
          found.add(escape);
        });
        if (bound > 0.7 && bound < 1) expect(found.size).toBeGreaterThan(5);
      }
      const { escapes } = bifurcation(map, { rates: 3.2, starts: [0.2, -3, 2], bound: 1.5, precision });
      expect([...escapes]).toEqual([-1, 0, 0]);
    });

    test("an escape is the first step beyond a bound next to 0, too", () => {
      // From a tenth of the bound x ← (1 − η)x triples, grows by 6/5 or shrinks: 3³ > 10 and 1.2¹³ > 10.
      for (const landscape of [cubicValley, cosineLandscape(), polynomialLandscape([0, 1, 1, 1, 1])]) {
        const map = optimizerMap(gradientDescent(), landscape);
        for (const bound of precision === "f64"
          ? [1e-30, 1e-120, 1e-200, 1e-290]
          : [1e-6, 1e-12, 1e-20, 1e-30]) {
          const { escapes } = bifurcation(map, {
            rates: [4, 2.2, 1.5],
            starts: bound / 10,
            bound,
            keep: 2,
            precision,
          });
          expect([...escapes]).toEqual([3, 13, -1]);
        }
      }
    });

    test("the rate, the momentum and the start of each lane may differ", () => {
      const map = optimizerMap(sgd({ momentum: 0.9 }), doubleWell);
      const rates = [0.1, 0.2, 0.3];
      const momenta = [0, 0.5, 0.25];
      const starts = [0.5, -0.5, 2];
      const { values } = bifurcation(map, { rates, momenta, starts, burnIn: 0, keep: 10, precision });
      rates.forEach((rate, i) => {
        const step = heavyBall(momenta[i], horner([0, -1, 0, 1]));
        const { points } = runPlainly(step, false, [starts[i]], rate, 0, 10, 1e6, precision);
        expect([...values.subarray(10 * i, 10 * i + 10)]).toEqual(points);
      });
    });
  });
}

test("whatever the polynomial, the bound and the rates, lanes and escapes are those of the recurrence", () => {
  const coefficient = fc.integer({ min: -64, max: 64 }).map((k) => k / 32);
  const lead = fc.constantFrom(-2, -1, -0.5, 0.25, 1, 4);
  const slope = fc
    .tuple(fc.array(coefficient, { minLength: 2, maxLength: 4 }), lead)
    .map(([lower, last]) => [...lower, last]);
  const rate = fc.double({ min: 0, max: 3, noNaN: true });
  fc.assert(
    fc.property(
      slope,
      fc.array(rate, { minLength: 1, maxLength: 6 }),
      fc.double({ min: 0.3, max: 40, noNaN: true }),
      fc.constantFrom("f64" as const, "f32" as const),
      (coefficients, rates, bound, precision) => {
        const map = optimizerMap(gradientDescent(), polynomialLandscape(coefficients));
        const step = descent(horner(coefficients));
        const { values, escapes } = bifurcation(map, {
          rates,
          starts: 0.25,
          burnIn: 130,
          keep: 2,
          bound,
          precision,
        });
        rates.forEach((each, i) => {
          const plain = runPlainly(step, false, [0.25], each, 130, 2, bound, precision);
          expect(escapes[i]).toBe(plain.escape);
          plain.points.forEach((x, k) => {
            if (Number.isNaN(x)) expect(values[2 * i + k]).toBeNaN();
            else expect(Math.abs(values[2 * i + k] - x)).toBeLessThanOrEqual(1e-25);
          });
        });
      },
    ),
    { numRuns: 400, seed: 21 },
  );
});

test("a lane that stands still makes its neighbours be watched in every step, and changes nothing", () => {
  for (const map of [
    optimizerMap(gradientDescent(), cubicValley),
    optimizerMap(gradientDescent(), doubleWell),
    slopeMap(cubicValley, { keep: 0.25 }),
  ]) {
    for (const precision of ["f64", "f32"] as const) {
      const options = { burnIn: 500, keep: 3, precision };
      const rates = between(0.1, 5, 300);
      const without = bifurcation(map, { ...options, rates });
      const beside = bifurcation(map, { ...options, rates: [...rates, 0] });
      expect([...beside.values.subarray(0, 3 * rates.length)]).toEqual([...without.values]);
      expect([...beside.escapes.subarray(0, rates.length)]).toEqual([...without.escapes]);
      expect(new Set(without.escapes).size).toBeGreaterThan(2);
    }
  }
});

test("a sweep that keeps more than its memory at a time goes on in parts", () => {
  const map = slopeMap(cubicValley);
  const rates = between(3.6, 3.9, 150);
  const { values } = bifurcation(map, { rates, burnIn: 0, keep: 40_000 });
  for (const i of [0, 63, 64, 149]) {
    for (const step of [0, 32_767, 32_768, 39_998]) {
      const alone = bifurcation(map, { rates: rates[i], burnIn: step, keep: 2 });
      const at = i * 40_000 + step;
      expect([...values.subarray(at, at + 2)]).toEqual([...alone.values]);
    }
  }
  const pair = optimizerMap(gradientDescent(), factorization());
  const long = bifurcation(pair, { rates: 0.9, starts: [1.3, 0.2], burnIn: 0, keep: 50_000 });
  const late = bifurcation(pair, { rates: 0.9, starts: [1.3, 0.2], burnIn: 49_999, keep: 1 });
  expect([...long.values.subarray(-2)]).toEqual([...late.values]);
});

describe("the slope of waves", () => {
  const waves = cosineLandscape({ amplitude: 0.5, frequency: 3, stiffness: 0.5, tilt: 0.25 });
  /** f′ by JavaScript's own sine: good to a few units in the last place, which twenty quiet steps leave small. */
  const slope = (x: number) => 1.5 * Math.sin(3 * x) + 0.5 * x - 0.25;

  test.each([
    ["f64", 1e-13],
    ["f32", 2e-5],
  ] as const)("is that of JavaScript's sine in %s", (precision, tolerance) => {
    const rates = between(0.05, 0.35, 100);
    for (const [map, beta] of [
      [optimizerMap(gradientDescent(), waves), 0],
      [optimizerMap(heavy, waves), 0.4],
    ] as const) {
      const { values } = bifurcation(map, { rates, starts: 2, burnIn: 0, keep: 20, precision });
      rates.forEach((rate, i) => {
        let [x, v] = [2, 0];
        for (let t = 0; t < 20; t++) {
          v = beta * v + slope(x);
          x -= rate * v;
          expect(Math.abs(values[20 * i + t] - x)).toBeLessThan(tolerance);
        }
      });
    }
  });

  test("stays bounded far out, where a turn is a few units in the last place", () => {
    const map = optimizerMap(gradientDescent(), cosineLandscape());
    for (const precision of ["f64", "f32"] as const) {
      const starts = [1e3, 3e5, -9e5];
      const { values } = bifurcation(map, { rates: 1, starts, burnIn: 0, keep: 50, precision });
      for (let i = 0; i < values.length; i++) {
        expect(Math.abs(values[i] - starts[Math.floor(i / 50)])).toBeLessThan(60);
      }
    }
  });
});

test("exponents are those of the product of Jacobians in long arithmetic, however large or small", () => {
  // x ← x − η·λx multiplies by 1 − ηλ in each step: 2⁻³⁰⁰⁰⁰ and 2³⁰⁰⁰⁰ are out of every range.
  const map = optimizerMap(gradientDescent(), polynomialLandscape([0, 1]));
  for (const precision of ["f64", "f32"] as const) {
    const { exponents } = lyapunov(map, { rates: [0.5, 3, 1, 0.75], starts: 0, steps: 30_000, precision });
    expect(exponents[0]).toBeCloseTo(-Math.LN2, 12);
    expect(exponents[1]).toBeCloseTo(Math.LN2, 12);
    expect(exponents[2]).toBe(-Infinity);
    expect(exponents[3]).toBeCloseTo(-2 * Math.LN2, 12);
  }
});

test("what an exponent loses below the range does not depend on lanes that escape beside it", () => {
  // x ← rx²: multipliers 2rx that fall like x itself, below every range within a few steps.
  const map = slopeMap(polynomialLandscape([0, 0, 1]));
  for (const [precision, steps] of [
    ["f64", 11],
    ["f32", 8],
  ] as const) {
    const starts = Array.from({ length: 40 }, (_, i) => 0.9 - 0.02 * i);
    const options = { rates: 1, burnIn: 0, steps, precision };
    const alone = starts.map((start) => lyapunov(map, { ...options, starts: start }).exponents[0]);
    const { exponents, escapes } = lyapunov(map, { ...options, starts: [...starts, 1.5, 3, 40] });
    expect([...exponents.subarray(0, 40)]).toEqual(alone);
    expect([...escapes.subarray(40)].every((step) => step > 0)).toBe(true);
    expect(alone.filter((exponent) => exponent === -Infinity).length).toBeGreaterThan(3);
    expect(alone.filter(Number.isFinite).length).toBeGreaterThan(3);
  }
});

test("landscapes that a sweep takes give the same gradient to everything else", () => {
  const landscapes: readonly Landscape[] = [cubicValley, doubleWell, quartic, high];
  for (const landscape of landscapes) {
    const map = optimizerMap(gradientDescent(), landscape);
    const { values } = bifurcation(map, { rates: 1, starts: 0.375, burnIn: 0, keep: 1 });
    const g = [0];
    landscape.gradient([0.375], g);
    expect(0.375 - g[0]).toBe(values[0]);
  }
});
