import { describe, expect, test } from "vitest";
import type { Precision } from "../../src/core/precision.ts";
import { Random } from "../../src/core/random.ts";
import { createOptimizer } from "../../src/descent/optimizer.ts";
import { adam, adamw, gradientDescent, momentum } from "../../src/rules/index.ts";
import type { Rule } from "../../src/rules/rule.ts";
import {
  accumulate,
  adaptiveClip,
  cautious,
  centralizeGradient,
  chain,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  ema,
  gradientNoise,
  lookahead,
  polyakAverage,
  projectBall,
  projectBox,
  projectSimplex,
  swa,
  type Wrapper,
  weightDecay,
} from "../../src/wrappers/index.ts";
import {
  copyOf,
  norm,
  type PlainBlocks,
  PlainDescent,
  type PlainWrapper,
  plainAccumulate,
  plainAdaptiveClip,
  plainAverage,
  plainBall,
  plainBox,
  plainCautious,
  plainCentralize,
  plainClipByGlobalNorm,
  plainClipByNorm,
  plainClipByValue,
  plainDecay,
  plainDecoupledDecay,
  plainLookahead,
  plainNoise,
  plainNormal,
  plainSimplex,
  plainSimplexPoint,
} from "./plain.ts";

const RATE = 0.1;
const STEPS = 12;
/** The parity of the rules' tests; a definition's branches are taken alike unless an input lies on their edge. */
const tolerance = { f64: 1e-13, f32: 1e-6 } as const;

const shapes = { w: [5, 3], bias: [7], one: [1], cube: [2, 3, 3], long: [33, 5] } as const;

/** Blocks of every oddness, filled with normal numbers that the precision holds. */
function blocksOf(random: Random, precision: Precision, scale = 1): PlainBlocks {
  const hold = precision === "f32" ? Math.fround : (value: number) => value;
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const length = (shape as readonly number[]).reduce((product, side) => product * side, 1);
      return [name, { shape, values: Array.from({ length }, () => hold(scale * random.normal())) }];
    }),
  );
}

/** The largest difference to the definition's blocks, over the largest entry of these. */
function errorOf(views: Readonly<Record<string, ArrayLike<number>>>, expected: PlainBlocks): number {
  let worst = 0;
  let size = 1;
  for (const [name, { values }] of Object.entries(expected)) {
    expect(views[name].length).toBe(values.length);
    values.forEach((value, i) => {
      const error = Math.abs(views[name][i] - value);
      worst = Math.max(worst, error >= 0 ? error : Infinity);
      size = Math.max(size, Math.abs(value));
    });
  }
  return worst / size;
}

/** Holds a chain against the definition of its parts, after each of some steps. */
function follows(rule: Rule, definition: readonly PlainWrapper[], precision: Precision): void {
  const random = new Random(11);
  const start = blocksOf(random, precision);
  const optimizer = createOptimizer(rule, start, { precision });
  const plain = new PlainDescent(start, RATE, definition);
  const views = optimizer.parameters as Record<string, Float64Array>;
  for (let t = 0; t < STEPS; t++) {
    const gradient = blocksOf(random, precision, 3);
    for (const [name, { values }] of Object.entries(gradient)) {
      (optimizer.gradient as Record<string, Float64Array>)[name].set(values);
    }
    const averaged = plain.averaged();
    if (averaged) {
      expect(errorOf(optimizer.averaged() as typeof views, averaged)).toBeLessThan(tolerance[precision]);
    }
    optimizer.step();
    plain.step(gradient);
    expect(errorOf(views, plain.x)).toBeLessThan(tolerance[precision]);
  }
  optimizer.dispose();
}

type Case = readonly [title: string, wrapper: Wrapper, definition: () => PlainWrapper];

const notBias = (name: string) => name !== "bias";
const mean = (from: number, every: number) => (t: number) => {
  const some = Array.from({ length: t + 1 }, (_, i) => i >= from && (i - from) % every === 0);
  const count = some.filter(Boolean).length;
  return count === 0 ? some.map((_, i) => (i === t ? 1 : 0)) : some.map((is) => (is ? 1 / count : 0));
};
const power = (base: number, times: number) =>
  Array.from({ length: times }).reduce<number>((p) => p * base, 1);

const before: readonly Case[] = [
  ["weightDecay adds λx", weightDecay({ weightDecay: 0.3 }), () => plainDecay(0.3)],
  [
    "weightDecay leaves masked blocks alone",
    weightDecay({ weightDecay: 0.3, except: "bias" }),
    () => plainDecay(0.3, notBias),
  ],
  [
    "weightDecay, decoupled, takes off ηλx",
    weightDecay({ weightDecay: 0.3, decoupled: true }),
    () => plainDecoupledDecay(0.3),
  ],
  [
    "weightDecay, decoupled, works on some blocks by pattern",
    weightDecay({ weightDecay: 0.3, decoupled: true, blocks: [/^[wlo]/, "cu*"] }),
    () => plainDecoupledDecay(0.3, notBias),
  ],
  ["[clipping] clipByValue", clipByValue({ value: 2 }), () => plainClipByValue(2)],
  [
    "[clipping] clipByValue leaves masked blocks alone",
    clipByValue({ value: 2, except: "bias" }),
    () => plainClipByValue(2, notBias),
  ],
  ["[clipping] clipByNorm", clipByNorm({ norm: 10 }), () => plainClipByNorm(10)],
  ["[clipping] clipByGlobalNorm", clipByGlobalNorm({ norm: 30 }), () => plainClipByGlobalNorm(30)],
  ["[clipping] adaptiveClip", adaptiveClip({ ratio: 2, epsilon: 0.5 }), () => plainAdaptiveClip(2, 0.5)],
  ["centralizeGradient", centralizeGradient(), plainCentralize],
  ["gradientNoise", gradientNoise({ eta: 0.3, seed: 2 ** 40 + 5 }), () => plainNoise(0.3, 0.55, 2 ** 40 + 5)],
  ["accumulate", accumulate({ steps: 3 }), () => plainAccumulate(3)],
];

const after: readonly Case[] = [
  ["lookahead", lookahead({ steps: 3, rate: 0.4 }), () => plainLookahead(3, 0.4)],
  ["projectBox", projectBox({ lower: 0.25, upper: 0.5 }), () => plainBox(0.25, 0.5)],
  ["projectBox below a bound only", projectBox({ upper: -0.25 }), () => plainBox(-Infinity, -0.25)],
  ["projectBall", projectBall({ radius: 2 }), () => plainBall(2)],
  [
    "projectBall of some blocks together",
    projectBall({ radius: 2, blocks: ["w", "bias", "one"] }),
    () => plainBall(2, (name) => ["w", "bias", "one"].includes(name)),
  ],
  ["projectSimplex", projectSimplex({ total: 2 }), () => plainSimplex(2)],
  [
    "ema",
    ema({ decay: 0.8 }),
    () =>
      plainAverage((t) =>
        Array.from({ length: t + 1 }, (_, i) => (i === 0 ? power(0.8, t) : 0.2 * power(0.8, t - i))),
      ),
  ],
  [
    "ema without the start",
    ema({ decay: 0.8, debias: true }),
    () =>
      plainAverage((t) =>
        t === 0
          ? [1]
          : Array.from({ length: t + 1 }, (_, i) =>
              i === 0 ? 0 : (0.2 * power(0.8, t - i)) / (1 - power(0.8, t)),
            ),
      ),
  ],
  ["swa", swa({ start: 4, every: 3 }), () => plainAverage(mean(4, 3))],
  ["polyakAverage", polyakAverage(), () => plainAverage(mean(1, 1))],
];

for (const precision of ["f64", "f32"] as const) {
  describe(precision, () => {
    const rule = gradientDescent({ learningRate: RATE });

    test.each(before)("%s follows its definition on blocks of any shape", (_, wrapper, definition) => {
      follows(chain(wrapper, rule), [definition()], precision);
    });

    test.each(after)("%s follows its definition on blocks of any shape", (_, wrapper, definition) => {
      follows(chain(rule, wrapper), [definition()], precision);
    });

    test("wrappers work in the order of the chain", () => {
      const decay = weightDecay({ weightDecay: 0.5 });
      const clip = clipByGlobalNorm({ norm: 5 });
      follows(chain(decay, clip, rule), [plainDecay(0.5), plainClipByGlobalNorm(5)], precision);
      follows(chain(clip, decay, rule), [plainClipByGlobalNorm(5), plainDecay(0.5)], precision);
      const [slow, box] = [lookahead({ steps: 2 }), projectBox({ lower: -0.5, upper: 0.5 })];
      follows(chain(rule, slow, box), [plainLookahead(2, 0.5), plainBox(-0.5, 0.5)], precision);
      follows(chain(rule, box, slow), [plainBox(-0.5, 0.5), plainLookahead(2, 0.5)], precision);
      const value = clipByValue({ value: 1 });
      follows(
        chain(value, accumulate({ steps: 2 }), rule),
        [plainClipByValue(1), plainAccumulate(2)],
        precision,
      );
      follows(
        chain(accumulate({ steps: 2 }), value, rule),
        [plainAccumulate(2), plainClipByValue(1)],
        precision,
      );
    });

    test("decoupled decay acts once a step of the rule, whatever accumulates behind it", () => {
      const decay = weightDecay({ weightDecay: 0.5, decoupled: true });
      follows(
        chain(decay, accumulate({ steps: 4 }), rule),
        [plainDecoupledDecay(0.5), plainAccumulate(4)],
        precision,
      );
    });

    test("cautious takes of momentum's step what goes against the gradient, block by block", () => {
      const random = new Random(5);
      const start = blocksOf(random, precision);
      const inner = momentum({ learningRate: RATE, beta: 0.9 });
      const careful = createOptimizer(chain(inner, cautious()), start, { precision });
      const bare = createOptimizer(inner, start, { precision });
      const views = careful.parameters as Record<string, Float64Array>;
      const bareViews = bare.parameters as Record<string, Float64Array>;
      let kept = 0;
      let entries = 0;
      for (let t = 0; t < STEPS; t++) {
        const gradient = blocksOf(random, precision);
        const from = copyOf(start);
        for (const [name, { values }] of Object.entries(gradient)) {
          from[name].values = [...views[name]];
          // The same point, so that both take the same step from it.
          bareViews[name].set(views[name]);
          (careful.gradient as typeof views)[name].set(values);
          (bare.gradient as typeof views)[name].set(values);
        }
        bare.step();
        careful.step();
        const definition = plainCautious();
        const expected = copyOf(from);
        definition.beforeStep?.(expected, RATE);
        for (const [name, block] of Object.entries(expected)) block.values = [...bareViews[name]];
        for (const [name, { values }] of Object.entries(gradient)) {
          entries += values.length;
          kept += values.filter((g, i) => (bareViews[name][i] - from[name].values[i]) * g < 0).length;
        }
        definition.after?.(expected, gradient);
        expect(errorOf(views, expected)).toBeLessThan(tolerance[precision]);
      }
      expect(kept / entries).toBeGreaterThan(0.3);
      expect(kept / entries).toBeLessThan(0.95);
      expect(careful.report()).toEqual({ "cautious.keptFraction": kept / entries });
    });

    test("projectSimplex finds the nearest point of rows of any size", () => {
      const random = new Random(3);
      for (const width of [1, 2, 5, 64, 301]) {
        for (const scale of [1e-6, 1, 1e6]) {
          const hold = precision === "f32" ? Math.fround : (value: number) => value;
          const row = Array.from({ length: width }, () => hold(scale * random.normal()));
          const optimizer = createOptimizer(chain(rule, projectSimplex()), row, { precision });
          optimizer.step();
          const expected = plainSimplexPoint(row, 1);
          // The definition itself loses to rounding what the size of the row takes of the precision of 1.
          const allowed = 2 * tolerance[precision] * Math.max(1, precision === "f32" ? 1 : scale);
          optimizer.parameters.forEach((x, i) => {
            expect(Math.abs(x - expected[i])).toBeLessThan(allowed);
            expect(x).toBeGreaterThanOrEqual(0);
          });
          expect([...optimizer.parameters].reduce((sum, x) => sum + x, 0)).toBeCloseTo(
            1,
            precision === "f32" ? 5 : 9,
          );
          optimizer.dispose();
        }
      }
    });
  });
}

test("decoupled decay around adam is adamw, to the last bit", () => {
  for (const precision of ["f64", "f32"] as const) {
    const random = new Random(8);
    const start = Array.from({ length: 13 }, () => random.normal());
    const decay = weightDecay({ weightDecay: 0.1, decoupled: true });
    const chained = createOptimizer(chain(decay, adam({ learningRate: 0.02 })), start, { precision });
    const whole = createOptimizer(adamw({ learningRate: 0.02, weightDecay: 0.1 }), start, { precision });
    for (let t = 0; t < 50; t++) {
      const gradient = start.map(() => random.normal());
      chained.gradient.set(gradient);
      whole.gradient.set(gradient);
      chained.step();
      whole.step();
    }
    expect([...chained.parameters]).toEqual([...whole.parameters]);
  }
});

test("[clipping] what was clipped is told as fractions of steps and of what was looked at", () => {
  const rule = chain(
    clipByValue({ value: 10 }),
    adaptiveClip({ ratio: 1 }),
    clipByNorm({ norm: 3 }),
    clipByNorm({ norm: 1e9 }),
    gradientDescent({ learningRate: 0 }),
  );
  const start = { w: { shape: [2, 2], values: [3, 4, 30, 40] }, b: [1] };
  const optimizer = createOptimizer(rule, start);
  expect(Object.values(optimizer.report())).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  optimizer.gradient.w.set([11, 0, 0, -12]);
  optimizer.gradient.b.set([0.5]);
  optimizer.step();
  optimizer.gradient.w.set([1, 0, 0, 1]);
  optimizer.step();
  expect(optimizer.report()).toEqual({
    "clipByValue.clippedFraction": 1 / 2,
    "clipByValue.clippedEntries": 2 / 10,
    "adaptiveClip.clippedFraction": 1 / 2,
    "adaptiveClip.clippedRows": 1 / 6,
    "clipByNorm.clippedFraction": 1 / 2,
    "clipByNorm.clippedBlocks": 1 / 4,
    "clipByNorm2.clippedFraction": 0,
    "clipByNorm2.clippedBlocks": 0,
  });
});

test("[clipping] a gradient whose norm overflows is scaled, one that is not finite stays so", () => {
  for (const clip of [clipByGlobalNorm({ norm: 5 }), clipByNorm({ norm: 5 })]) {
    const huge = createOptimizer(chain(clip, gradientDescent({ learningRate: 1 })), [0, 0]);
    huge.gradient.set([-1.2e308, -1.6e308]);
    huge.step();
    expect(huge.parameters[0]).toBeCloseTo(3, 12);
    expect(huge.parameters[1]).toBeCloseTo(4, 12);
  }
  // Squares of the parameters underflow, squares of the gradient overflow.
  for (const [small, large] of [
    [1e-170, 1e100],
    [1e-100, 1e170],
  ]) {
    const optimizer = createOptimizer(
      chain(adaptiveClip({ ratio: 1, epsilon: 1e-300 }), gradientDescent({ learningRate: 1 })),
      [3 * small, 4 * small],
    );
    optimizer.gradient.set([6 * large, -8 * large]);
    optimizer.step();
    expect(Math.abs(optimizer.parameters[0] / small)).toBeLessThan(1e-14);
    expect(optimizer.parameters[1] / small).toBeCloseTo(8, 13);
  }
  for (const clip of [clipByGlobalNorm(), clipByNorm(), clipByValue(), adaptiveClip()]) {
    for (const precision of ["f64", "f32"] as const) {
      const optimizer = createOptimizer(chain(clip, gradientDescent({ learningRate: 1 })), [0, 0, 0], {
        precision,
      });
      optimizer.gradient.set([1, Number.NaN, 1]);
      optimizer.step();
      expect(optimizer.parameters[1]).toBeNaN();
    }
  }
});

test("gradientNoise has the variance η/(1 + t)^γ, and independent numbers", () => {
  const length = 20_001;
  const rule = chain(gradientNoise({ eta: 4, gamma: 1, seed: 9 }), gradientDescent({ learningRate: 1 }));
  const optimizer = createOptimizer(rule, { a: new Float64Array(length), b: new Float64Array(length) });
  const { a, b } = optimizer.parameters;
  const earlier: number[][] = [];
  for (let t = 0; t < 3; t++) {
    a.fill(0);
    b.fill(0);
    optimizer.step();
    const variance = 4 / (1 + t);
    for (const values of [[...a], [...b]]) {
      const mean = values.reduce((sum, value) => sum + value, 0) / length;
      const spread = values.reduce((sum, value) => sum + value * value, 0) / length;
      // Five standard errors.
      expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(variance / length));
      expect(Math.abs(spread / variance - 1)).toBeLessThan(5 * Math.sqrt(2 / length));
      for (const other of earlier) {
        const product = other.reduce((sum, value, i) => sum + value * values[i], 0);
        expect(Math.abs(product) / norm(other) / norm(values)).toBeLessThan(5 / Math.sqrt(length));
      }
      earlier.push(values);
    }
  }
});

test("gradientNoise depends on seed, step, block and entry alone: not on groups, masks or precision", () => {
  const noise = { eta: 1, gamma: 0, seed: 7 };
  const start = { a: [0, 0, 0], b: [0, 0, 0, 0, 0] };
  const still = gradientDescent({ learningRate: 1 });
  const grouped = createOptimizer(chain(gradientNoise(noise), still), start, {
    groups: [{ blocks: "b" }, { blocks: "a", frozen: true }],
  });
  const masked = createOptimizer(chain(gradientNoise({ ...noise, blocks: "b" }), still), start, {
    precision: "f32",
  });
  grouped.step();
  masked.step();
  for (let i = 0; i < 5; i++) {
    expect(grouped.parameters.b[i]).toBeCloseTo(-plainNormal(7, 0, 1, i), 12);
    expect(masked.parameters.b[i]).toBeCloseTo(-plainNormal(7, 0, 1, i), 5);
  }
  expect([...grouped.parameters.a, ...masked.parameters.a]).toEqual([0, 0, 0, 0, 0, 0]);
});
