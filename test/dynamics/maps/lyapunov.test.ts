import { describe, expect, test } from "vitest";
import {
  bifurcation,
  cubicValley,
  doubleWell,
  factorization,
  gradientDescent,
  iteratedMap,
  lyapunov,
  momentum,
  optimizerMap,
  polynomialLandscape,
  quadratic,
  sgd,
  slopeMap,
} from "../../../src/index.ts";

const cubic = optimizerMap(gradientDescent(), cubicValley);
const well = optimizerMap(gradientDescent(), doubleWell);
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;
/** Starts that have nothing to do with one another. */
const starts = Array.from({ length: 64 }, (_, i) => 0.05 + ((i * 0.6180339887498949) % 1) * 0.25);

describe("Lyapunov exponents", () => {
  test("[chaos] are ln 2 on x²/2 − x³/3 at η = 3 and ln 3 on the double well at η = 2 (truths 2 and 3)", () => {
    const options = { starts, steps: 50_000 };
    expect(mean(lyapunov(cubic, { ...options, rates: 3 }).exponents)).toBeCloseTo(Math.LN2, 5);
    expect(mean(lyapunov(well, { ...options, rates: 2 }).exponents)).toBeCloseTo(Math.log(3), 5);
    // In f32 an orbit at the very edge is thrown out sooner or later; a little below it stays.
    const single = { ...options, precision: "f32" } as const;
    expect(mean(lyapunov(cubic, { ...single, rates: 2.999 }).exponents)).toBeCloseTo(
      mean(lyapunov(cubic, { ...options, rates: 2.999 }).exponents),
      2,
    );
  });

  test("[chaos] on a cycle they are the logarithm of its multiplier, divided by its period", () => {
    // x²/2 − x³/3 at its minimum: 1 − η. Its 2-cycle, in the logistic map's r = 1 + η: 4 + 2r − r².
    const rates = [0.25, 1.5, 1.9, 2.1, 2.3, 2.44];
    const { exponents } = lyapunov(cubic, { rates, burnIn: 20_000 });
    rates.forEach((rate, i) => {
      const r = 1 + rate;
      const expected = rate < 2 ? Math.log(Math.abs(1 - rate)) : Math.log(Math.abs(4 + 2 * r - r * r)) / 2;
      expect(exponents[i]).toBeCloseTo(expected, 10);
    });
  });

  test("[chaos] are −∞ on a superstable cycle: at η = 1, where one step arrives", () => {
    for (const precision of ["f64", "f32"] as const) {
      expect(lyapunov(cubic, { rates: 1, precision }).exponents[0]).toBe(-Infinity);
    }
    expect(lyapunov({ ...cubic, compiled: undefined }, { rates: 1 }).exponents[0]).toBe(-Infinity);
  });

  test("[chaos] of momentum are those of its two-step recurrence on λx²/2", () => {
    // The eigenvalues of z² − (1 + β − ηλ)z + β: complex, of modulus √β, or two real ones.
    const beta = 0.5;
    const map = optimizerMap(sgd({ momentum: beta }), polynomialLandscape([0, 2]));
    const rates = [0.01, 0.3, 1, 1.45];
    const { exponents } = lyapunov(map, { rates, steps: 40_000 });
    rates.forEach((rate, i) => {
      const half = (1 + beta - 2 * rate) / 2;
      const square = half * half - beta;
      const modulus = square < 0 ? Math.sqrt(beta) : Math.abs(half) + Math.sqrt(square);
      expect(Math.abs(exponents[i] - Math.log(modulus))).toBeLessThan(2e-4);
    });
  });

  test("[chaos] of two variables are 0 on a line of minima, along which nothing shrinks or grows: ½(uv − 1)²", () => {
    // There the Hessian is (v, u)ᵀ(v, u): eigenvalues u² + v² and 0, the flat one along the minima.
    const map = optimizerMap(gradientDescent(), factorization());
    const { exponents } = lyapunov(map, { rates: [0.3, 0.6], starts: [2, 0.3], burnIn: 5000, steps: 20_000 });
    for (const exponent of exponents) expect(Math.abs(exponent)).toBeLessThan(1e-3);
    // Beyond η = 1 even the flattest minimum is unstable: at 1.1 the orbit is on a 2-cycle or in chaos, but bounded.
    const { values, escapes } = bifurcation(map, { rates: 1.1, starts: [1.05, 1], keep: 2 });
    expect(escapes[0]).toBe(-1);
    expect(Math.abs(values[0] - values[2])).toBeGreaterThan(0.1);
  });

  test.each([
    ["gradient descent", gradientDescent(), 2.7],
    ["heavy-ball momentum", sgd({ momentum: 0.3 }), 3.13],
    ["Nesterov's momentum", sgd({ momentum: 0.3, nesterov: true }), 2.2],
    ["averaging momentum", momentum({ beta: 0.3 }), 4.47],
  ])("[chaos] of %s are the same in the core and by the textbook", (_, rule, rate) => {
    const compiled = optimizerMap(rule, cubicValley);
    const plain = optimizerMap(rule, (x: number) => x - x * x);
    expect([compiled.compiled, plain.compiled].map(Boolean)).toEqual([true, false]);
    const options = { rates: [0.4 * rate, rate], starts: 0.1, burnIn: 500, steps: 20_000 };
    const [settled, chaotic] = lyapunov(compiled, options).exponents;
    const [plainSettled, plainChaotic] = lyapunov(plain, options).exponents;
    expect(settled).toBeLessThan(-0.05);
    expect(Math.abs(settled - plainSettled)).toBeLessThan(1e-3);
    expect(chaotic).toBeGreaterThan(0.05);
    // Two chaotic orbits that rounding has parted have the same exponent as nearly as so many steps tell.
    expect(Math.abs(chaotic - plainChaotic)).toBeLessThan(0.02);
  });

  test("[chaos] of a map of one's own take its derivative, or differences", () => {
    // The tent map stretches by r everywhere; the Lozi-like map of two variables has det J = −b.
    const tent = (x: number, r: number) => r * Math.min(x, 1 - x);
    const exact = iteratedMap(tent, { derivative: (x, r) => (x < 0.5 ? r : -r) });
    const options = { rates: [0.5, 1.2, 1.9], starts: 0.3, steps: 5000 };
    for (const [i, exponent] of lyapunov(exact, options).exponents.entries()) {
      expect(exponent).toBeCloseTo(Math.log(options.rates[i]), 12);
    }
    // Differences are off where they straddle the tip.
    for (const [i, exponent] of lyapunov(iteratedMap(tent), options).exponents.entries()) {
      expect(Math.abs(exponent - Math.log(options.rates[i]))).toBeLessThan(1e-3);
    }
    // Hénon's map at a = 1.4, b = 0.3: 0.41922 (Grassberger, Kantz, Moenig 1989).
    const henon = {
      dimension: 2,
      step(x: Float64Array, a: number, next: Float64Array) {
        next[0] = 1 - a * x[0] * x[0] + x[1];
        next[1] = 0.3 * x[0];
      },
    };
    const jacobian = (x: Float64Array, a: number, matrix: Float64Array) => {
      matrix.set([-2 * a * x[0], 1, 0.3, 0]);
    };
    for (const map of [iteratedMap(henon), iteratedMap({ ...henon, jacobian })]) {
      const { exponents } = lyapunov(map, { rates: 1.4, starts: [0, 0], steps: 200_000 });
      expect(Math.abs(exponents[0] - 0.41922)).toBeLessThan(2e-3);
    }
  });

  test("[chaos] of descent on several variables are those of its slowest mode", () => {
    const map = optimizerMap(gradientDescent(), quadratic({ diagonal: [1, 5, 9] }));
    const { exponents } = lyapunov(map, { rates: [0.1, 0.2], steps: 5000 });
    expect(exponents[0]).toBeCloseTo(Math.log(0.9), 3);
    expect(exponents[1]).toBeCloseTo(Math.log(0.8), 3);
  });

  test("are NaN where the lane escaped, before or while they are measured", () => {
    for (const map of [slopeMap(cubicValley), iteratedMap((x, r) => r * x * (1 - x))]) {
      const { exponents, escapes } = lyapunov(map, { rates: [4.5, 3.2], starts: 0.3, burnIn: 3 });
      expect(exponents[0]).toBeNaN();
      expect(escapes[0]).toBeGreaterThan(3);
      expect(exponents[1]).toBeLessThan(0);
    }
  });
});

test("[chaos] two starts 10⁻¹² apart move apart at the Lyapunov rate, until they are as far as can be", () => {
  const rate = 2.8;
  const steps = 90;
  const apart = 1e-12;
  const { exponents } = lyapunov(cubic, { rates: rate, starts, steps: 50_000 });
  const exponent = mean(exponents);
  const orbits = { rates: rate, burnIn: 0, keep: steps };
  // From points that are on the attractor already.
  const { values: on } = bifurcation(cubic, { rates: rate, starts, keep: 1 });
  const one = bifurcation(cubic, { ...orbits, starts: on }).values;
  const other = bifurcation(cubic, { ...orbits, starts: Array.from(on, (x) => x + apart) }).values;
  const distance = (step: number) =>
    Float64Array.from(starts, (_, i) => Math.abs(one[i * steps + step] - other[i * steps + step]));
  const logarithms = (step: number) => mean(distance(step).map(Math.log));
  const growth = (logarithms(35) - logarithms(5)) / 30;
  expect(exponent).toBeGreaterThan(0.3);
  expect(Math.abs(growth - exponent)).toBeLessThan(0.05);
  // After ln(1/10⁻¹²)/λ steps and some more nothing is left of having begun together.
  expect(Math.ceil(-Math.log(apart) / exponent)).toBeLessThan(steps);
  expect(mean(distance(steps - 1))).toBeGreaterThan(0.1);
  // And where the exponent is negative they come together.
  const calm = { ...orbits, rates: 1.5 };
  const together = bifurcation(cubic, { ...calm, starts: [0.3, 0.3 + 1e-3] }).values;
  expect(Math.abs(together[steps - 1] - together[2 * steps - 1])).toBeLessThan(1e-15);
});
