import { describe, expect, test } from "vitest";
import {
  basins,
  bifurcation,
  cosineLandscape,
  cubicValley,
  factorization,
  feigenbaum,
  gradientDescent,
  iteratedMap,
  lyapunov,
  optimizerMap,
  periodDoublings,
  periods,
  polynomialLandscape,
  rosenbrock,
  sgd,
  slopeMap,
} from "../../../src/index.ts";
import { badNumbers, expectRefusal, noNumbers } from "../../errors/bad-values.ts";

const map = slopeMap(cubicValley);
const descent = optimizerMap(gradientDescent(), cubicValley);
const heavy = optimizerMap(sgd({ momentum: 0.5 }), cubicValley);
const pair = optimizerMap(gradientDescent(), factorization());

type Call = (map: unknown, options?: unknown) => unknown;
const sweeps: Readonly<Record<string, Call>> = { bifurcation, lyapunov, periods } as never;
const cascades: Readonly<Record<string, Call>> = { periodDoublings, feigenbaum } as never;

describe.each(Object.entries(sweeps))("%s refuses by name", (name, call) => {
  test("what is no map", () => {
    for (const bad of [undefined, null, 3, "map", {}, cubicValley, gradientDescent(), (x: number) => x]) {
      expectRefusal(() => call(bad, { rates: 1 }), `${name}: map must be made by`);
    }
  });

  test("ranges that have no end, no count, or another key", () => {
    const rates = (range: unknown) => () => call(map, { rates: range });
    expectRefusal(rates({ from: 1 }), `${name}: rates.to must be a number in (−∞, ∞), got undefined`);
    expectRefusal(rates({ from: 1, to: 2 }), `${name}: rates.count is needed`);
    expectRefusal(
      rates({ from: 1, to: 2, count: 1 }),
      `${name}: rates.count must lie in the integers from 2, got 1`,
    );
    expectRefusal(rates({ from: 1, to: Infinity, count: 3 }), `${name}: rates.to must lie in`);
    const negative = { rates: { from: -1, to: 2, count: 3 } };
    expectRefusal(() => call(descent, negative), `${name}: rates[0] must lie in`);
    expectRefusal(rates({ from: 1, to: 2, steps: 3 }), `${name}: rates: unknown option "steps"`);
  });

  test("options that are none, or unknown, with the nearest name", () => {
    for (const bad of [null, 3, "x", [1], new Map()]) {
      expectRefusal(() => call(map, bad), `${name}: options must be an object`);
    }
    expectRefusal(() => call(map, { rate: 3 }), 'unknown option "rate"; did you mean rates?');
    expectRefusal(() => call(map, { rates: 3, burnin: 10 }), 'unknown option "burnin"; did you mean burnIn?');
  });

  test("rates, starts and momenta that are no finite numbers, by entry", () => {
    for (const bad of [Number.NaN, Infinity, -Infinity]) {
      expectRefusal(() => call(map, { rates: bad }), `${name}: rates must lie in`);
      expectRefusal(() => call(map, { rates: [3, bad] }), `${name}: rates[1] must be finite`);
      expectRefusal(() => call(map, { rates: 3, starts: bad }), `${name}: starts must lie in`);
      expectRefusal(
        () => call(map, { rates: 3, starts: [0.1, 0.2, bad] }),
        `${name}: starts[2] must be finite`,
      );
      expectRefusal(
        () => call(heavy, { rates: 3, momenta: [0.1, bad] }),
        `${name}: momenta[1] must be finite`,
      );
    }
    for (const bad of [
      [],
      new Float64Array(0),
      "3",
      {},
      [3, "4"],
      [3, undefined, 4],
      BigInt64Array.of(3n),
      [null],
      true,
    ]) {
      expectRefusal(() => call(map, { rates: bad }), `${name}: rates`);
      expectRefusal(() => call(map, { rates: 3, starts: bad }), `${name}: starts`);
    }
    expectRefusal(() => call(map, {}), `${name}: rates is needed`);
  });

  test("rates and momenta outside the rule's domain", () => {
    expectRefusal(() => call(descent, { rates: -0.1 }), `${name}: rates must lie in [0, ∞), got -0.1`);
    expectRefusal(() => call(descent, { rates: [1, -0.1] }), `${name}: rates[1] must lie in [0, ∞)`);
    expectRefusal(() => call(heavy, { rates: 1, momenta: 1 }), `${name}: momenta must lie in [0, 1), got 1`);
    expectRefusal(
      () => call(descent, { rates: 1, momenta: 0.5 }),
      `${name}: momenta is of maps with momentum`,
    );
  });

  test("arrays that do not go together", () => {
    expectRefusal(
      () => call(map, { rates: [1, 2, 3], starts: [0.1, 0.2] }),
      `${name}: starts must have one entry or 3, as rates has, got 2`,
    );
    expectRefusal(
      () => call(pair, { rates: 1, starts: 0.5 }),
      `${name}: starts must be points of 2 coordinates`,
    );
    expectRefusal(
      () => call(pair, { rates: 1, starts: [1, 2, 3] }),
      `${name}: starts must be points of 2 coordinates`,
    );
    expectRefusal(
      () =>
        call(pair, {
          rates: 1,
          starts: [
            [1, 2, 3],
            [4, 5, 6],
          ],
        }),
      "got the shape 2 × 3",
    );
  });

  test("counts of steps, bounds and precisions out of their domain", () => {
    for (const [shown, bad] of [
      ...noNumbers,
      ["-1", -1],
      ["0.5", 0.5],
      ["NaN", Number.NaN],
      ["Infinity", Infinity],
      ["2147483648", 2 ** 31],
    ] as const) {
      if (bad === undefined) continue;
      expectRefusal(() => call(map, { rates: 3, burnIn: bad }), `${name}: burnIn must`, shown);
    }
    for (const [shown, bad] of badNumbers((v) => v > 0 && v < Infinity)) {
      expectRefusal(() => call(map, { rates: 3, bound: bad }), `${name}: bound must`, shown);
    }
    for (const bad of ["f16", 64, null]) {
      expectRefusal(
        () => call(map, { rates: 3, precision: bad }),
        `${name}: precision must be "f64" or "f32"`,
      );
    }
    expectRefusal(
      () => call(map, { rates: [3, 1e39], precision: "f32" }),
      `${name}: rates[1] is 1e+39, beyond what f32 holds`,
    );
  });
});

test("bifurcation, lyapunov and periods refuse to look at nothing", () => {
  for (const bad of [0, -1, 0.5, Number.NaN]) {
    expectRefusal(() => bifurcation(map, { rates: 3, keep: bad }), "bifurcation: keep must lie in");
    expectRefusal(() => lyapunov(map, { rates: 3, steps: bad }), "lyapunov: steps must lie in");
    expectRefusal(() => periods(map, { rates: 3, maxPeriod: bad }), "periods: maxPeriod must lie in");
  }
  expectRefusal(() => periods(map, { rates: 3, maxPeriod: 2e6 }), "periods: maxPeriod must lie in [1, 10⁶]");
  expectRefusal(
    () => bifurcation(map, { rates: [3, 3.1], keep: 2 ** 30 }),
    "bifurcation: 2 lanes of 1073741824 points",
  );
  for (const bad of [-1, Number.NaN, Infinity]) {
    expectRefusal(() => periods(map, { rates: 3, tolerance: bad }), "periods: tolerance must lie in [0, ∞)");
  }
});

test("basins refuses what is no single map and no starts", () => {
  const call = basins as unknown as Call;
  expectRefusal(() => call(map, undefined), "basins: options must be an object, got undefined");
  expectRefusal(() => call(map, { rate: 3 }), "basins: starts is needed");
  expectRefusal(() => call(map, { starts: [0.1] }), "basins: rates is needed");
  expectRefusal(() => call(map, { rates: 3, starts: [0.1] }), 'unknown option "rates"; did you mean rate?');
  expectRefusal(() => call(map, { rate: [3], starts: [0.1] }), "basins: rate must be a number");
  expectRefusal(
    () => call(map, { rate: 3, momentum: 0.5, starts: [0.1] }),
    "basins: momentum is of maps with momentum",
  );
  expectRefusal(
    () => call(heavy, { rate: 3, momentum: 1.5, starts: [0.1] }),
    "basins: momentum must lie in [0, 1)",
  );
  expectRefusal(() => call(map, { rate: 3, starts: [] }), "basins: starts must not be empty");
  for (const [shown, bad] of badNumbers((v) => v > 0 && v < Infinity)) {
    expectRefusal(
      () => call(map, { rate: 3, starts: [0.1], separation: bad }),
      "basins: separation must",
      shown,
    );
  }
});

test.each(Object.entries(cascades))("%s refuses by name", (name, call) => {
  expectRefusal(() => call(cubicValley), `${name}: map must be made by`);
  expectRefusal(() => call(map, { counts: 3 }), 'unknown option "counts"; did you mean count?');
  for (const bad of [0, 15, -1, 2.5, Number.NaN])
    expectRefusal(() => call(map, { count: bad }), `${name}: count must lie in`);
  for (const bad of [0, 65, 1.5])
    expectRefusal(() => call(map, { period: bad }), `${name}: period must lie in`);
  for (const bad of [0, -1, Number.NaN, Infinity])
    expectRefusal(() => call(map, { from: bad }), `${name}: from must lie in`);
  for (const bad of [Number.NaN, [], [0.1, 0.2], "x"])
    expectRefusal(() => call(map, { start: bad }), `${name}: start`);
  expectRefusal(() => call(map, { momentum: 0.5 }), `${name}: momentum is of maps with momentum`);
  expectRefusal(() => call(heavy, { momentum: 1 }), `${name}: momentum must lie in [0, 1)`);
});

test("iteratedMap refuses what is no map", () => {
  const make = iteratedMap as unknown as (map: unknown, options?: unknown) => unknown;
  for (const bad of [undefined, null, 3, "x"]) expectRefusal(() => make(bad), "iteratedMap");
  expectRefusal(
    () => make({ dimension: 0, step() {} }),
    "iteratedMap: dimension must be an integer ≥ 1, got 0",
  );
  expectRefusal(() => make({ dimension: 2 }), "iteratedMap: step must be a function, got undefined");
  expectRefusal(
    () => make({ dimension: 2, step() {}, jacobian: 3 }),
    "iteratedMap: jacobian must be a function",
  );
  expectRefusal(
    () => make({ dimension: 2, step() {}, steps: 3 }),
    'unknown option "steps"; did you mean step?',
  );
  const half = (x: number) => x / 2;
  expectRefusal(() => make(half, { derivative: 0.5 }), "iteratedMap: derivative must be a function, got 0.5");
  expectRefusal(() => make({ dimension: 2, step() {} }, { derivative: half }), "of several give jacobian");
  expectRefusal(() => make(half, { start: [1, 2] }), "iteratedMap: start must have 1 entries, got 2");
  expectRefusal(() => make(half, { start: Number.NaN }), "iteratedMap: start[0] must be finite");
  expectRefusal(() => make(half, { name: 3 }), "iteratedMap: name must be a text");
  expectRefusal(() => make(half, { startt: 3 }), 'unknown option "startt"; did you mean start?');
});

test("maps that throw, return no number, or return what they should write are told; nothing is left behind", () => {
  const broken = (thrown: unknown) =>
    iteratedMap(() => {
      throw thrown;
    });
  for (const call of [...Object.values(sweeps), ...Object.values(cascades)]) {
    const options = Object.values(sweeps).includes(call) ? { rates: 1 } : {};
    expect(() => call(broken(new Error("off the map")), options)).toThrow("off the map");
    expectRefusal(
      () => call(iteratedMap((() => "x") as never), options),
      'iteratedMap: map must return a number, got "x"',
    );
    expectRefusal(() => call(iteratedMap((async () => 1) as never), options), "must be synchronous");
    const returning = iteratedMap({ dimension: 1, step: (x) => x as never });
    expectRefusal(() => call(returning, options), "step must write into its last argument");
  }
  expectRefusal(
    () =>
      lyapunov(
        iteratedMap((x) => x / 2, { derivative: (() => "x") as never }),
        { rates: 1 },
      ),
    "derivative must return a number",
  );
  // What a step does not write is not a number: the lane has escaped.
  const lazy = iteratedMap({ dimension: 2, step: (x, _, next) => void (next[0] = x[0]) });
  expect([...bifurcation(lazy, { rates: 1, keep: 1 }).escapes]).toEqual([1]);
});

test("slopeMap and the landscapes refuse by name", () => {
  const make = slopeMap as unknown as (landscape: unknown, options?: unknown) => unknown;
  for (const bad of [undefined, 3, rosenbrock, factorization(), (x: number) => x]) {
    expectRefusal(() => make(bad), "slopeMap: landscape must be one of a single variable");
  }
  expectRefusal(() => make(cubicValley, { keeps: 1 }), 'unknown option "keeps"; did you mean keep?');
  expectRefusal(() => make(cubicValley, { offset: Number.NaN }), "slopeMap: offset must lie in");
  expectRefusal(() => make(cubicValley, { keep: "1" }), "slopeMap: keep must be a number");

  const polynomial = polynomialLandscape as (slope: unknown) => unknown;
  for (const bad of [undefined, 3, [], ["1", 2], [1, Number.NaN], [[1, 2], [3, 4], [5]]])
    expectRefusal(() => polynomial(bad), "polynomialLandscape: slope");
  for (const bad of [[0], [3], [3, 0, 0]])
    expectRefusal(() => polynomial(bad), "other than the first must not be 0");
  expectRefusal(() => polynomial([1, 2, 3, 4, 5, 6, 7, 8, 9]), "at most 8 coefficients, got 9");
  const cosine = cosineLandscape as (options: unknown) => unknown;
  expectRefusal(
    () => cosine({ amplitude: 0 }),
    "cosineLandscape: amplitude must lie in the finite numbers but 0",
  );
  expectRefusal(() => cosine({ frequency: 0 }), "cosineLandscape: frequency must lie in (0, ∞)");
  expectRefusal(() => cosine({ tilt: Infinity }), "cosineLandscape: tilt must lie in");
  expectRefusal(() => cosine({ frequenzy: 1 }), 'unknown option "frequenzy"; did you mean frequency?');
  expectRefusal(
    () => (factorization as (t: unknown) => unknown)("1"),
    "factorization: target must be a number",
  );
});

test("arrays of all kinds are taken for rates and starts", () => {
  const expected = [...bifurcation(map, { rates: [3, 2], keep: 3, starts: [0.25, 0.5] }).values];
  const rates = [
    Float64Array.of(3, 2),
    Float32Array.of(3, 2),
    Int32Array.of(3, 2),
    Uint8Array.of(3, 2),
    { data: [3, 2], shape: [2] },
    { toArray: () => [3, 2] },
  ];
  const starts = [
    Float64Array.of(0.25, 0.5),
    Float32Array.of(0.25, 0.5),
    [[0.25], [0.5]],
    { data: Float64Array.of(0.5, 0.25), shape: [2], stride: [-1], offset: 1 },
  ];
  for (const rate of rates) {
    for (const start of starts) {
      expect([...bifurcation(map, { rates: rate, keep: 3, starts: start }).values]).toEqual(expected);
    }
  }
  const flat = bifurcation(pair, { rates: 0.2, starts: Float64Array.of(1, 0.5, 2, 0.1), keep: 2 });
  const rows = bifurcation(pair, {
    rates: 0.2,
    starts: [
      [1, 0.5],
      [2, 0.1],
    ],
    keep: 2,
  });
  expect([...flat.values]).toEqual([...rows.values]);
  // What came in is not written to, and what comes out is the caller's own.
  const given = Float64Array.of(3, 2);
  const { rates: told } = bifurcation(map, { rates: given, keep: 1 });
  told[0] = 7;
  expect([...given]).toEqual([3, 2]);
});

test("coefficients of any size keep their meaning, if need be without the core", () => {
  // The square counts for nothing: each step halves x.
  const tiny = optimizerMap(gradientDescent(), polynomialLandscape([0, 1, 1e-30]));
  for (const precision of ["f64", "f32"] as const) {
    expect(bifurcation(tiny, { rates: 0.5, starts: 8, burnIn: 0, keep: 3, precision }).values).toEqual(
      precision === "f64" ? Float64Array.of(4, 2, 1) : Float32Array.of(4, 2, 1),
    );
  }
  const waves = cosineLandscape({ amplitude: 1e-30, stiffness: 1 });
  expect(waves.slope).toBeUndefined();
  const plain = optimizerMap(gradientDescent(), waves);
  expect(plain.compiled).toBeUndefined();
  expect([...bifurcation(plain, { rates: 0.5, starts: 8, burnIn: 0, keep: 3 }).values]).toEqual([4, 2, 1]);
});
